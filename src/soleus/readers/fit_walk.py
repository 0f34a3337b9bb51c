"""First pass over a FIT file: where every message lies, grouped by the definition it follows. No value is looked at.

A FIT file is a chain of messages whose length only their definition tells, so headers must be walked one by one.
Watches repeat themselves, though: one record a second, or record and HRV in turn, or three messages in turn. Once a
header is met for the second time, the stretch since the first is taken as a cycle, and strided slices of the bytes
tell in C how often it repeats. That is exact by induction: if the bytes at all header positions of a repetition are
those headers, then each message has the same definition and length as before, and the next repetition starts where
assumed.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from soleus.core.activity import Repair
from soleus.core.fit_protocol import COMPRESSED, DEFINITION, DEVELOPER, SIGNATURE, BaseType, base_type
from soleus.readers.fit_profile import RECORD, TIMESTAMP

Offsets = npt.NDArray[np.int64]

_LONGEST_CYCLE = 64
_FIRST_WINDOW = 32
_REST = 8
_HITS, _FOLLOWING = 64, 3
_SEARCHED_BYTES = 1 << 18
_LONGEST_RECORDING_S = 2 * 86_400
_ONE_BYTE = tuple(bytes((value,)) for value in range(256))


@dataclass(frozen=True, slots=True, kw_only=True)
class FitLimits:
    """Bounds on what one file may cost. What lies beyond is left unread, with a repair note."""

    file_bytes: int = 64 * 1024 * 1024
    messages: int = 1_000_000
    """Eleven days at one record a second."""
    definitions: int = 50_000
    layouts: int = 512
    """Different definitions; each costs a merge."""
    parts: int = 64
    """Files chained into one."""
    damaged_stretches: int = 64
    """How often to look for the next believable record after damage; each costs a search."""
    developer_fields: int = 128
    values: int = 40_000_000
    """Numbers decoded from records."""
    rows: int = 100_000
    """Messages of one kind other than records given as dictionaries."""


DEFAULT_LIMITS = FitLimits()


@dataclass(frozen=True, slots=True)
class LayoutField:
    """One field of a definition: number, bytes, base type (None: unknown or not a multiple) and place in the rows."""

    number: int
    size: int
    base: BaseType | None
    label: str
    developer_index: int = -1


@dataclass(frozen=True, slots=True)
class Layout:
    """A definition message, parsed. `dtype` spans the header byte and the whole message."""

    message: int
    fields: tuple[LayoutField, ...]
    developer: tuple[LayoutField, ...]
    order: str
    dtype: np.dtype[np.void]


@lru_cache(maxsize=1024)
def parse_layout(definition: bytes) -> Layout:
    """The layout of a definition (its bytes after the header). Watches of one model repeat theirs in every file."""
    order = ">" if definition[1] & 1 else "<"
    message = int.from_bytes(definition[2:4], "big" if order == ">" else "little")
    count = definition[4]
    native, rest = definition[5 : 5 + 3 * count], definition[5 + 3 * count :]
    names: list[str] = []
    formats: list[object] = []
    offsets: list[int] = []
    at = 1
    seen: set[int] = set()

    def place(size: int, base: BaseType | None, label: str) -> None:
        nonlocal at
        if size:
            names.append(label)
            offsets.append(at)
            if base is None or base.letter == "S":
                formats.append(f"V{size}")
            else:
                letter = f"{order}{base.letter}"
                formats.append(letter if size == base.size else (letter, (size // base.size,)))
        at += size

    fields: list[LayoutField] = []
    for i in range(0, 3 * count, 3):
        number, size, base = native[i], native[i + 1], base_type(native[i + 2])
        if base is not None and size % base.size:
            base = None
        label = f"{i}"
        place(size, base, label)
        if size and number not in seen:
            seen.add(number)
            fields.append(LayoutField(number, size, base, label))
    developer: list[LayoutField] = []
    for i in range(1, len(rest) - 2, 3):
        number, size, index = rest[i : i + 3]
        label = f"d{i}"
        place(size, None, label)
        if size:
            developer.append(LayoutField(number, size, None, label, index))
    columns = {"names": names, "formats": formats, "offsets": offsets, "itemsize": at}
    dtype = np.dtype(columns, metadata={"order": order})  # type: ignore[call-overload]
    return Layout(message, tuple(fields), tuple(developer), order, dtype)


@dataclass(slots=True)
class Group:
    """All messages of one definition within one part; positions are those of the header bytes."""

    definition: bytes
    message: int
    stride: int
    """Bytes from one header to the next, the header byte included."""
    single: array[int] = field(default_factory=lambda: array("q"))
    runs: list[tuple[int, int, int]] = field(default_factory=list)
    """(first position, count, period)."""
    _offsets: Offsets | None = None

    def __len__(self) -> int:
        return len(self.single) + sum(count for _, count, _ in self.runs)

    @property
    def layout(self) -> Layout:
        return parse_layout(self.definition)

    def offsets(self) -> Offsets:
        """(n,) positions in file order."""
        if self._offsets is None:
            joined = np.frombuffer(self.single, np.int64)
            if self.runs:
                joined = np.concatenate((joined, _spread(np.array(self.runs, np.int64))))
            self._offsets = np.sort(joined)
        return self._offsets

    def rows(self, data: bytes) -> npt.NDArray[np.void]:
        """(n,) structured rows of the layout's dtype, in file order."""
        layout = self.layout
        if len(self.single) == 1 == len(self.runs):
            first, count, period = self.runs[0]
            if self.single[0] == first - period:  # evenly spaced from first to last: no copy is needed
                return np.ndarray((count + 1,), layout.dtype, data, self.single[0], (period,))
        raw: npt.NDArray[np.void] = np.ndarray((len(data) - self.stride + 1,), f"V{self.stride}", data, 0, (1,))
        # Plain bytes are gathered thirty times faster than a structured type is.
        return raw[self.offsets()].view(layout.dtype)


def _spread(runs: Offsets) -> Offsets:
    """(n,) positions of (k, 3) runs of first position, count, period."""
    first, count, period = runs.T
    ends = np.cumsum(count)
    within = np.arange(ends[-1]) - np.repeat(ends - count, count)
    spread: Offsets = np.repeat(first, count) + np.repeat(period, count) * within
    return spread


@dataclass(frozen=True, slots=True)
class Walk:
    """The groups of one part, by definition, and where and why the walk ended."""

    groups: dict[bytes, Group]
    stop: int
    problem: Repair | None
    """Why it ended early; None = it came to the end."""
    definitions: int
    skipped: tuple[Repair, ...] = ()
    """Damaged stretches it got over."""


def walk(data: bytes, start: int, end: int, limits: FitLimits, distrusted: tuple[int, ...] = ()) -> Walk:
    """Group the messages in [start, end). Ends early, with what it has, at anything it cannot follow.

    `distrusted`: positions, ascending, at which an earlier walk lost its step; they count as damage.
    """
    table = _Table(limits)
    step, put, last = table.step, table.put, [-1] * 256
    floor = pos = start
    problem: Repair | None = None
    skipped_over: list[Repair] = []
    left = limits.messages
    stops = iter((*distrusted, end))
    stop = next(stops)
    while pos < end:
        left -= 1
        if left < 0:
            detail = "More messages than allowed; the rest is left."
            problem = Repair(code="too_many_messages", offset=pos, detail=detail)
            break
        head = data[pos]
        stride = step[head] if pos < stop else 0
        if not stride:
            if pos >= stop or head & COMPRESSED or not head & DEFINITION:
                stop = next(stops) if pos >= stop else stop
                ahead = table.resume(data, pos, end) if len(skipped_over) < limits.damaged_stretches else -1
                if ahead < 0:
                    problem = Repair(code="undefined_message", offset=pos, detail=_UNDEFINED)
                    break
                detail = f"Damaged: {ahead - pos} bytes up to the next believable record are left."
                skipped_over.append(Repair(code="damaged_stretch", offset=pos, detail=detail))
                floor = pos = ahead
                continue
            ahead, problem = table.define(data, pos, end)
            if problem is not None:
                break
            floor = pos = ahead
            continue
        ahead = pos + stride
        if ahead > end:
            problem = Repair(code="truncated", offset=pos, detail=_TRUNCATED)
            break
        before = last[head]
        last[head] = pos
        if before >= floor:
            period = pos - before
            third = pos + 2 * period
            if third < end and data[third] == head == data[pos + period]:
                floor = pos + _REST * period  # where it does not repeat, do not look again at once
                skipped, messages = table.skip(data, before, pos, stop, left)
                if messages:
                    floor = pos = pos + skipped
                    left -= messages - 1
                    continue
        put[head](pos)
        pos = ahead
    return Walk(table.groups, pos, problem, table.definitions, tuple(skipped_over))


def check_records(data: bytes, groups: Iterable[Group]) -> tuple[int | None, int]:
    """(where the walk lost its step or None, how many records bear a believable time).

    After lost bytes a walk can go on between the true headers, as long as the bytes it takes for headers happen to be
    defined; what it reads there is nonsense, and several records in a row bear impossible times. The place is the
    end of the last record before them. (That no record comes any more is no sign: watches end with other messages.)
    """
    places, stamps, ends = [], [], []
    for group in groups:
        stamp = _stamp_of(group)
        if stamp is not None and len(group):
            at = group.offsets()
            every: npt.NDArray[np.uint32] = np.ndarray((len(data) - 3,), stamp[1], data, 0, (1,))
            places.append(at)
            ends.append(at + group.stride)
            stamps.append(every[at + stamp[0]].astype(np.int64))
    if not places:
        return None, 0
    order = np.argsort(np.concatenate(places))
    end, time = np.concatenate(ends)[order], np.concatenate(stamps)[order]
    bad = (time < time[0]) | (time > time[0] + _LONGEST_RECORDING_S)
    several = bad[:-2] & bad[1:-1] & bad[2:] if len(bad) > 2 else np.zeros(0, bool)
    return int(end[np.argmax(several) - 1]) if several.any() else None, int(np.count_nonzero(~bad))


_UNDEFINED = "A message without a definition; what came before is kept."
_TRUNCATED = "The file ends inside a message; every whole message is kept."


class _Table:
    """Which definition each header byte stands for at the moment, and the groups found so far."""

    def __init__(self, limits: FitLimits) -> None:
        self.limits = limits
        self.groups: dict[bytes, Group] = {}
        self.definitions = 0
        self.step = [0] * 256
        self.put: list[Callable[[int], None]] = [_nowhere] * 256
        self.owner: list[Group | None] = [None] * 256

    def define(self, data: bytes, pos: int, end: int) -> tuple[int, Repair | None]:
        """Take the definition at `pos`; gives the position after it, or what is wrong with it."""
        stop = pos + 6
        if stop <= end:
            native_end = stop + 3 * data[pos + 5]
            stop, payload = native_end, sum(data[pos + 7 : native_end : 3])
            if data[pos] & DEVELOPER and native_end < end:
                stop += 1 + 3 * data[native_end]
                payload += sum(data[native_end + 2 : stop : 3])
        if stop > end:
            return pos, Repair(code="truncated", offset=pos, detail=_TRUNCATED)
        content = data[pos + 1 : stop]
        group = self.groups.get(content)
        self.definitions += 1
        if group is None:
            if len(self.groups) >= self.limits.layouts:
                self.definitions = self.limits.definitions + 1
            order: Literal["big", "little"] = "big" if data[pos + 2] & 1 else "little"
            group = Group(content, int.from_bytes(data[pos + 3 : pos + 5], order), 1 + payload)
            self.groups[content] = group
        if self.definitions > self.limits.definitions:
            detail = "More definitions than any watch writes; the rest is left."
            return pos, Repair(code="too_many_definitions", offset=pos, detail=detail)
        self._assign(data[pos] & 0x0F, group)
        return stop, None

    def _assign(self, local: int, group: Group) -> None:
        put = group.single.append
        for head in (local, local | 0x10, local | 0x20, local | 0x30):
            self.step[head], self.put[head], self.owner[head] = group.stride, put, group
        if local < 4:
            first = COMPRESSED | local << 5
            heads = slice(first, first + 32)
            self.step[heads], self.put[heads], self.owner[heads] = [group.stride] * 32, [put] * 32, [group] * 32

    def resume(self, data: bytes, pos: int, end: int) -> int:
        """Where after damage at `pos` the next record with a believable time begins; -1 = nowhere near.

        Believable: the header of a record as defined now, a time stamp within two days after the first record's, and
        known headers where the next messages should begin. Of random bytes less than one in six million passes.
        """
        first = self._first_time(data)
        following = data.find(SIGNATURE, pos, end)
        stop = min(end, pos + _SEARCHED_BYTES, following - 8 if following >= 0 else end)
        best = -1
        for head in range(16):
            group = self.owner[head]
            stamp = _stamp_of(group) if group is not None else None
            count = stop - pos - group.stride + 1 if group is not None else 0
            if first is None or stamp is None or count <= 0:
                continue
            times: npt.NDArray[np.uint32] = np.ndarray((count,), stamp[1], data, pos + stamp[0], (1,))
            heads = np.frombuffer(data, np.uint8, count, pos)
            hits = np.flatnonzero((heads == head) & (times >= first) & (times <= first + _LONGEST_RECORDING_S))
            found = next((pos + hit for hit in hits[:_HITS].tolist() if self._goes_on(data, pos + hit, end)), -1)
            if found >= 0 and (best < 0 or found < best):
                best = found
        return best

    def _goes_on(self, data: bytes, pos: int, end: int) -> bool:
        """Whether known headers stand where the next messages after the one at `pos` should begin."""
        for _ in range(_FOLLOWING):
            pos += self.step[data[pos]]
            if pos >= end or DEFINITION <= data[pos] < COMPRESSED:
                return True
            if not self.step[data[pos]]:
                return False
        return True

    def _first_time(self, data: bytes) -> int | None:
        """Raw time stamp of the first record so far."""
        starts = [
            (min([*group.single[:1], *(run[0] for run in group.runs[:1])]), stamp)
            for group in self.groups.values()
            if (stamp := _stamp_of(group)) is not None and len(group)
        ]
        if not starts:
            return None
        position, (at, kind) = min(starts)
        return int(np.frombuffer(data, kind, 1, position + at)[0])

    def skip(self, data: bytes, before: int, pos: int, end: int, most: int) -> tuple[int, int]:
        """Note as runs how often the cycle [before, pos) repeats from `pos` on: (bytes, messages), 0 if hardly ever."""
        period = pos - before
        cycle: list[tuple[int, int]] = []
        at = before
        while at < pos:
            cycle.append((at - before, data[at]))
            at += self.step[data[at]]
        room = min((end - pos) // period, most // len(cycle))
        if len(cycle) > _LONGEST_CYCLE:
            return 0, 0
        count, window = 0, _FIRST_WINDOW
        while count < room:
            matched = wanted = min(window, room - count)
            for offset, head in cycle:
                first = pos + count * period + offset
                heads = data[first : first + (matched - 1) * period + 1 : period]
                matched -= len(heads.lstrip(_ONE_BYTE[head]))
                if not matched:
                    break
            count += matched
            if matched < wanted:
                break
            window *= 8
        if count < 2:
            return 0, 0
        for offset, head in cycle:
            group = self.owner[head]
            if group is not None:
                group.runs.append((pos + offset, count, period))
        return count * period, count * len(cycle)


def _stamp_of(group: Group) -> tuple[int, str] | None:
    """(place in the message, type) of the time stamp of a record group; None for other messages."""
    if group.message != RECORD:
        return None
    layout = group.layout
    for item in layout.fields:
        if item.number == TIMESTAMP and item.size == 4 and item.base is not None and item.base.letter == "u4":
            place: int = layout.dtype.fields[item.label][1]  # type: ignore[index]
            return place, f"{layout.order}u4"
    return None


def _nowhere(_position: int) -> None:
    """Stands for headers without a definition; never called, as their step is 0."""
