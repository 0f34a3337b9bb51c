"""What the FIT container itself fixes, needed to read and to write it: base types, record headers, time zero, checksum.

Protocol facts only (Garmin FIT protocol, "Flexible and Interoperable Data Transfer"); no message profile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

EPOCH_S = 631_065_600
"""Unix time of FIT's second 0 (1989-12-31T00:00:00Z)."""
FIRST_ABSOLUTE_S = 0x1000_0000
"""Smaller time stamps count from switching the device on."""
SIGNATURE = b".FIT"
DEFINITION, DEVELOPER, COMPRESSED = 0x40, 0x20, 0x80
"""Bits of a record's header byte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseType:
    """One base type: its number in a definition, NumPy letter without byte order, size and the "no value" mark."""

    number: int
    name: str
    letter: str
    size: int
    invalid: int | None
    """None: floats mark it by all bits set (a NaN), strings by an empty text."""


def _types() -> tuple[BaseType, ...]:
    plain = (
        (0x00, "enum", "u1", 0xFF), (0x01, "sint8", "i1", 0x7F), (0x02, "uint8", "u1", 0xFF),
        (0x83, "sint16", "i2", 0x7FFF), (0x84, "uint16", "u2", 0xFFFF), (0x85, "sint32", "i4", 0x7FFFFFFF),
        (0x86, "uint32", "u4", 0xFFFFFFFF), (0x07, "string", "S", None), (0x88, "float32", "f4", None),
        (0x89, "float64", "f8", None), (0x0A, "uint8z", "u1", 0), (0x8B, "uint16z", "u2", 0),
        (0x8C, "uint32z", "u4", 0), (0x0D, "byte", "u1", 0xFF), (0x8E, "sint64", "i8", 0x7FFFFFFFFFFFFFFF),
        (0x8F, "uint64", "u8", 0xFFFFFFFFFFFFFFFF), (0x90, "uint64z", "u8", 0),
    )  # fmt: skip
    return tuple(
        BaseType(number=number, name=name, letter=letter, size=int(letter[1:] or 1), invalid=invalid)
        for number, name, letter, invalid in plain
    )


BASE_TYPES: Mapping[str, BaseType] = {item.name: item for item in _types()}
_BY_NUMBER = {item.number & 0x1F: item for item in BASE_TYPES.values()}


def base_type(number: int) -> BaseType | None:
    """The base type of a definition's byte; the endian bit (0x80) and the reserved bits are not looked at."""
    return _BY_NUMBER.get(number & 0x1F)


_CRC_TABLE: list[int] = []
for _value in range(256):
    for _ in range(8):
        _value = (_value >> 1) ^ (0xA001 if _value & 1 else 0)
    _CRC_TABLE.append(_value)

_SMALLEST_FOLD = 8
_FOLD_ABOVE = 1_024
_FACTOR = 0xC001
"""x^15 + x + 1 in the reflected writing of the checksum (bit 15 is x^0)."""


def checksum(data: bytes | memoryview) -> int:
    """FIT's CRC-16 (polynomial x^16 + x^15 + x^2 + 1, reflected, start 0) of `data`.

    The polynomial is (x + 1)(x^15 + x + 1), and in GF(2) squaring is linear, so with K = 2^m bits
    x^(15 K) = x^K + 1 modulo the second factor: a whole block of 15 K bits above moves down as two exclusive-ors of
    byte-aligned arrays. 1. Fold with shrinking K until little is left. 2. Ordinary table look-up of the rest.
    3. Folding keeps the remainder of the second factor only; the one of (x + 1) is the parity of all bits, and
    where it differs the second factor is added. About a hundredth of the time of the table over all bytes.
    """
    if len(data) <= _FOLD_ABOVE:
        return _table_checksum(data, 0)
    rest = np.frombuffer(data, np.uint8)
    parity = _parity(rest)
    block = _SMALLEST_FOLD
    while 16 * block < len(rest):
        block *= 2
    while block >= _SMALLEST_FOLD:
        rest = _fold(rest, block)
        block //= 2
    found = _table_checksum(rest.tobytes(), 0)
    return found if _parity(rest) == parity else found ^ _FACTOR


def _fold(data: npt.NDArray[np.uint8], block: int) -> npt.NDArray[np.uint8]:
    """Bytes of the same remainder modulo x^15 + x + 1, at most 16 blocks of `block` bytes long."""
    while len(data) > 16 * block:
        # At most 15 blocks of the head at a time would still overlap their own target; the tail takes any length.
        head, tail = data[: len(data) - 15 * block], data[len(data) - 15 * block :]
        width = max(len(tail), len(head) + block)
        folded = np.zeros(width, np.uint8)
        folded[width - len(tail) :] = tail
        folded[width - len(head) :] ^= head
        folded[width - block - len(head) : width - block] ^= head
        data = folded
    return data


def _parity(data: npt.NDArray[np.uint8]) -> int:
    return int(np.bitwise_xor.reduce(data)).bit_count() & 1


def _table_checksum(data: bytes | memoryview, start: int) -> int:
    crc = start
    for byte in data:
        crc = (crc >> 8) ^ _CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc
