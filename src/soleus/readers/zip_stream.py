"""Zip archives read forward, in memory bounds, without trusting a single size they state.

Written here instead of using `zipfile` because that one loads a million entries into objects before the first can be
refused, throws away a member whose checksum is wrong, and cannot read an archive cut off while downloading.
Format: PKWARE APPNOTE 6.3.10 (public); stored and deflated members, zip64, no encryption, one volume.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO, Protocol

CHUNK = 1 << 18
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_LOCATOR = struct.Struct("<4sIQI")
_END64 = struct.Struct("<4sQ2H2I4Q")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _DESCRIPTOR, _UTF8 = 0x1, 0x8, 0x800
_LARGE = 0xFFFFFFFF
_LINK_MODE, _FORMAT_MASK = 0o120000, 0o170000


class ZipRefused(Exception):
    """The archive as a whole cannot be read, or must not be."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class ByteSource(Protocol):
    """Bytes at an offset; fewer than asked only at the end."""

    size: int

    def read_at(self, offset: int, length: int) -> bytes: ...


class StreamSource:
    """A seekable binary file (or `BytesIO`)."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.size = stream.seek(0, 2)

    def read_at(self, offset: int, length: int) -> bytes:
        self._stream.seek(offset)
        return self._stream.read(length)


class SliceSource:
    """A stored (not deflated) member of another archive, read in place."""

    def __init__(self, parent: ByteSource, offset: int, size: int) -> None:
        self._parent = parent
        self._offset = offset
        self.size = max(0, min(size, parent.size - offset))

    def read_at(self, offset: int, length: int) -> bytes:
        return self._parent.read_at(self._offset + offset, max(0, min(length, self.size - offset)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipEntry:
    """One entry as the archive states it; nothing here is to be trusted. `size` −1: not stated."""

    name: str
    method: int
    flags: int
    crc: int
    compressed: int
    size: int
    offset: int
    link: bool = False

    @property
    def folder(self) -> bool:
        return self.name.endswith(("/", "\\"))

    @property
    def encrypted(self) -> bool:
        return bool(self.flags & _ENCRYPTED)

    @property
    def readable_method(self) -> bool:
        return self.method in (_STORED, _DEFLATED)

    @property
    def stored(self) -> bool:
        return self.method == _STORED


def list_entries(source: ByteSource, *, max_entries: int) -> tuple[list[ZipEntry], bool]:
    """Entries in the order of the bytes, and whether the archive is whole.

    An archive without its directory (cut off while downloading) is searched from the front for members that are
    there. Raises `ZipRefused` when there are too many entries or when members lie on top of each other.
    """
    directory = _find_directory(source)
    if directory is None:
        return list(_scan_local_headers(source, max_entries)), False
    start, length, base = directory
    entries = _read_directory(source, start, length, base, max_entries)
    entries.sort(key=lambda entry: entry.offset)
    for before, after in pairwise(entries):
        if before.offset + _LOCAL.size + before.compressed > after.offset:
            raise ZipRefused("overlapping", "members of the archive lie on top of each other, as in a zip bomb")
    if entries and entries[-1].offset + _LOCAL.size + entries[-1].compressed > start:
        raise ZipRefused("overlapping", "a member of the archive runs into its directory, as in a zip bomb")
    return entries, True


def _find_directory(source: ByteSource) -> tuple[int, int, int] | None:
    """Start and length of the central directory, and how many bytes stand before the archive; None = not there."""
    window = min(source.size, _END.size + 0xFFFF)
    tail = source.read_at(source.size - window, window)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        return None
    _, _, _, _, _, length, offset, _ = _END.unpack_from(tail, at)
    end = source.size - window + at
    if _LARGE in (length, offset):
        found = _find_zip64(source, end)
        if found is None:
            return None
        length, offset, end = found
    start = end - length
    base = start - offset
    return (start, length, base) if start >= 0 and base >= 0 else None


def _find_zip64(source: ByteSource, end: int) -> tuple[int, int, int] | None:
    raw = source.read_at(max(0, end - _LOCATOR.size), _LOCATOR.size)
    if len(raw) < _LOCATOR.size or raw[:4] != b"PK\x06\x07":
        return None
    at = _LOCATOR.unpack(raw)[2]
    record = source.read_at(at, _END64.size) if at < source.size else b""
    if len(record) < _END64.size or record[:4] != b"PK\x06\x06":
        return None
    fields = _END64.unpack(record)
    return fields[8], fields[9], at


def _read_directory(source: ByteSource, start: int, length: int, base: int, max_entries: int) -> list[ZipEntry]:
    """The directory in pieces, so that a huge one is refused before it fills the memory."""
    entries: list[ZipEntry] = []
    buffer, at, position, end = b"", 0, start, start + length
    while True:
        if len(buffer) - at < _CENTRAL.size + 3 * 0xFFFF and position < end:
            more = source.read_at(position, min(CHUNK, end - position))
            position += len(more)
            buffer, at = buffer[at:] + more, 0
            if not more:
                end = position
        if len(buffer) - at < _CENTRAL.size or buffer[at : at + 4] != b"PK\x01\x02":
            return entries
        if len(entries) >= max_entries:
            raise ZipRefused("too_many_members", f"the archive holds more than {max_entries:,} members")
        fields = _CENTRAL.unpack_from(buffer, at)
        name_at = at + _CENTRAL.size
        extra_at = name_at + fields[10]
        after = extra_at + fields[11] + fields[12]
        sizes = _zip64_sizes(buffer[extra_at : extra_at + fields[11]], fields[9], fields[8], fields[16])
        entries.append(
            ZipEntry(
                name=_decode_name(buffer[name_at:extra_at], fields[3]),
                method=fields[4],
                flags=fields[3],
                crc=fields[7],
                compressed=sizes[1],
                size=sizes[0],
                offset=base + sizes[2],
                # The upper half of the external attributes holds Unix' mode when made on Unix (3) or a Mac (19).
                link=(fields[1] >> 8) in (3, 19) and (fields[15] >> 16) & _FORMAT_MASK == _LINK_MODE,
            )
        )
        at = after


def _decode_name(raw: bytes, flags: int) -> str:
    if flags & _UTF8:
        return raw.decode("utf-8", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp437")


def _zip64_sizes(extra: bytes, size: int, compressed: int, offset: int) -> tuple[int, int, int]:
    """Real size, compressed size and offset when the 32-bit fields say "see the zip64 extra field"."""
    values = [size, compressed, offset]
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            data, used = extra[at + 4 : at + 4 + length], 0
            for index, value in enumerate(values):
                if value == _LARGE and used + 8 <= len(data):
                    values[index] = int.from_bytes(data[used : used + 8], "little")
                    used += 8
        at += 4 + length
    return values[0], values[1], values[2]


def _scan_local_headers(source: ByteSource, max_entries: int) -> Iterator[ZipEntry]:
    """Members found from the front, for an archive whose directory is missing. The last one may be cut."""
    at = 0
    for _ in range(max_entries):
        raw = source.read_at(at, _LOCAL.size)
        if len(raw) < _LOCAL.size or raw[:4] != b"PK\x03\x04":
            return
        _, _, flags, method, _, _, crc, compressed, size, name_length, extra_length = _LOCAL.unpack(raw)
        rest = source.read_at(at + _LOCAL.size, name_length + extra_length)
        size, compressed, _ = _zip64_sizes(rest[name_length:], size, compressed, 0)
        data_at = at + _LOCAL.size + name_length + extra_length
        entry = ZipEntry(
            name=_decode_name(rest[:name_length], flags), method=method, flags=flags, crc=crc, compressed=compressed,
            size=size, offset=at,
        )  # fmt: skip
        if flags & _DESCRIPTOR and not compressed:
            measured = _measure(source, data_at, method)
            if measured is None:
                return
            compressed, after = measured
            entry = ZipEntry(
                name=entry.name, method=method, flags=flags, crc=0, compressed=compressed, size=-1, offset=at
            )
            yield entry
            at = after
            continue
        yield entry
        at = data_at + compressed


def _measure(source: ByteSource, at: int, method: int) -> tuple[int, int] | None:
    """Length of a deflated member that states none, and where the next header is; None = cannot be told."""
    if method != _DEFLATED:
        return None
    inflater = zlib.decompressobj(-15)
    position = at
    try:
        while not inflater.eof:
            chunk = source.read_at(position, CHUNK)
            if not chunk:
                return position - at, position
            position += len(chunk)
            inflater.decompress(chunk, CHUNK)
            while inflater.unconsumed_tail and not inflater.eof:
                inflater.decompress(inflater.unconsumed_tail, CHUNK)
    except zlib.error:
        return None
    end = position - len(inflater.unused_data)
    after = source.read_at(end, 24)
    skip = 4 if after[:4] == b"PK\x07\x08" else 0
    for length in (12, 20):
        if after[skip + length : skip + length + 2] == b"PK":
            return end - at, end + skip + length
    return end - at, end + skip + 12


def data_offset(source: ByteSource, entry: ZipEntry) -> int | None:
    """Where the bytes of a member begin; None = its local header is not there."""
    raw = source.read_at(entry.offset, _LOCAL.size)
    if len(raw) < _LOCAL.size or raw[:4] != b"PK\x03\x04":
        return None
    fields = _LOCAL.unpack(raw)
    return entry.offset + _LOCAL.size + int(fields[9]) + int(fields[10])


def inflate(source: ByteSource, entry: ZipEntry) -> Iterator[bytes]:
    """Bytes of a member in pieces of at most `CHUNK`. Ends early, without an error, where the data are damaged."""
    at = data_offset(source, entry)
    if at is None:
        return
    end = min(at + entry.compressed, source.size)
    if entry.stored:
        while at < end:
            chunk = source.read_at(at, min(CHUNK, end - at))
            if not chunk:
                return
            at += len(chunk)
            yield chunk
        return
    inflater = zlib.decompressobj(-15)
    tail = b""
    while not inflater.eof:
        if not tail:
            tail = source.read_at(at, min(CHUNK, end - at)) if at < end else b""
            at += len(tail)
            if not tail:
                rest = inflater.flush()
                if rest:
                    yield rest
                return
        try:
            piece = inflater.decompress(tail, CHUNK)
        except zlib.error:
            return
        tail = inflater.unconsumed_tail
        if piece:
            yield piece
