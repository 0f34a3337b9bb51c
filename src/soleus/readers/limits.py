"""What reading an archive may cost, and what is said when it would cost more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

GIB = 1 << 30
MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one walk may cost. Defaults leave room for ten years of a heavy user and end bombs early."""

    total_bytes: int = 24 * GIB
    """Unpacked bytes over the whole walk."""
    member_bytes: int = 128 * MIB
    """Unpacked bytes of one member held in memory; a TCX of 24 hours at 1 Hz is about 60 MiB."""
    stream_bytes: int = 8 * GIB
    """Unpacked bytes of one member that is read as a stream (Apple's export.xml)."""
    ratio: int = 200
    """Unpacked / packed size. Deflate reaches 1,032; watch files 3-20, repetitive XML 60."""
    ratio_from_bytes: int = 8 * MIB
    """The ratio is judged only past this many unpacked bytes."""
    members: int = 200_000
    name_length: int = 512
    depth: int = 3
    """Archives inside archives."""
    nested_bytes: int = 64 * MIB
    """A deflated archive inside an archive up to this size is unpacked in memory; a larger one is read as a stream."""


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """One thing that was not read, and why, in a plain sentence."""

    label: str
    code: str
    reason: str
    depth: int = 0
    shown: str = field(default="", repr=False)
    """As `Member.shown`."""


class MemberRefused(Exception):
    """A member turned out too large while it was unpacked."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(slots=True)
class Budget:
    """What is left of the limits of one walk."""

    limits: Limits
    bytes_left: int
    members_left: int
    ended: bool = False

    @classmethod
    def of(cls, limits: Limits) -> Budget:
        return cls(limits, limits.total_bytes, limits.members)

    def spend(self, count: int) -> None:
        self.bytes_left -= count
        if self.bytes_left < 0:
            self.ended = True
            raise MemberRefused(
                "too_large_in_all", f"all files together unpack to more than {size_text(self.limits.total_bytes)}"
            )


def capped(chunks: Iterator[bytes], limit: int) -> Iterator[bytes]:
    got = 0
    for piece in chunks:
        got += len(piece)
        if got > limit:
            raise MemberRefused("too_large", f"unpacks to more than {size_text(limit)}")
        yield piece


def guarded(chunks: Iterator[bytes], packed: int, budget: Budget) -> Iterator[bytes]:
    """Pieces of one member, counted against the ratio and the budget of the walk."""
    given = 0
    for piece in chunks:
        given += len(piece)
        judge_ratio(given, packed, budget.limits)
        budget.spend(len(piece))
        yield piece


def judge_ratio(given: int, taken: int, limits: Limits) -> None:
    if given > limits.ratio_from_bytes and given > limits.ratio * max(1, taken):
        raise MemberRefused("ratio", f"unpacks to more than {limits.ratio} times its size, as in a zip bomb")


def size_text(count: int) -> str:
    return f"{count // GIB} GiB" if count >= GIB else f"{count // MIB} MiB" if count >= MIB else f"{count} bytes"
