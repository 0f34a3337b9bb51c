"""Base types and the checksum of the FIT container."""

import numpy as np
import pytest

from soleus.core.fit_protocol import BASE_TYPES, base_type, checksum


def slowly(data: bytes) -> int:
    """CRC-16/ARC bit by bit, as the oracle."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0xA001 if crc & 1 else 0)
    return crc


def test_the_published_check_value():
    assert checksum(b"123456789") == 0xBB3D


@pytest.mark.parametrize("size", [0, 1, 1_023, 1_024, 1_025, 1_026, 2_047, 2_049, 5_000, 30_001])
def test_the_folded_checksum_equals_the_bitwise_one(size):
    data = np.random.default_rng(size).integers(0, 256, size, dtype=np.uint8).tobytes()
    assert checksum(data) == slowly(data)
    assert checksum(memoryview(data)) == slowly(data)


@pytest.mark.parametrize("size", [1_500, 20_000])
def test_any_single_bit_changes_the_checksum(size):
    data = bytes(size)
    for at in range(0, size, 97):
        flipped = bytearray(data)
        flipped[at] ^= 1 << (at % 8)
        assert checksum(bytes(flipped)) not in (0, checksum(data))


def test_a_whole_with_its_checksum_gives_zero():
    data = bytes(range(256)) * 9
    assert checksum(data + checksum(data).to_bytes(2, "little")) == 0


def test_base_types_are_found_with_and_without_their_endian_bit():
    assert base_type(0x84) is BASE_TYPES["uint16"]
    assert base_type(0x04) is BASE_TYPES["uint16"]
    assert base_type(0x1E) is None
    assert {item.size for item in BASE_TYPES.values()} == {1, 2, 4, 8}
    for item in BASE_TYPES.values():
        if item.invalid is not None:
            assert item.invalid == 0 or item.invalid == np.iinfo(item.letter).max
