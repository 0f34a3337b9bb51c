"""Gzip unpacked within limits, as far as it is whole."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from soleus.readers.detect import HEAD_BYTES
from soleus.readers.limits import DEFAULT_LIMITS, Limits, capped, judge_ratio
from soleus.readers.zip_stream import CHUNK


def gunzip_head(head: bytes) -> bytes:
    """First bytes of what a gzip file holds."""
    try:
        return zlib.decompressobj(31).decompress(head, HEAD_BYTES)
    except zlib.error:
        return b""


def gunzip_chunks(chunks: Iterator[bytes], limits: Limits = DEFAULT_LIMITS) -> Iterator[bytes]:
    """What gzip pieces hold (several gzip members in a row too); ends early, without an error, at damage."""
    inflater = zlib.decompressobj(31)
    taken = given = 0
    for chunk in chunks:
        taken += len(chunk)
        data = chunk
        while data:
            try:
                piece = inflater.decompress(data, CHUNK)
            except zlib.error:
                return
            given += len(piece)
            judge_ratio(given, taken, limits)
            if piece:
                yield piece
            data = inflater.unconsumed_tail
            if inflater.eof:
                data = inflater.unused_data.lstrip(b"\x00")
                if data[:2] != b"\x1f\x8b":
                    return
                inflater = zlib.decompressobj(31)


def gunzip(data: bytes, limits: Limits = DEFAULT_LIMITS) -> tuple[bytes, bool]:
    """What a gzip file in memory holds, and whether it was whole. Raises `MemberRefused` past the limits."""
    inflater = zlib.decompressobj(31)
    whole = True
    try:
        out = inflater.decompress(data, limits.ratio_from_bytes)
    except zlib.error:
        out, whole = b"", False
    else:
        if inflater.eof and not inflater.unused_data:
            return out, True
    # Large, damaged or made of several members: piece by piece.
    out = b"".join(capped(gunzip_chunks(iter(_sliced(data)), limits), limits.member_bytes))
    return out, whole and (inflater.eof or bool(inflater.unconsumed_tail))


def _sliced(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), CHUNK):
        yield data[at : at + CHUNK]
