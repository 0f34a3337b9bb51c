"""FIT bytes → columns, tolerant: whatever is damaged is noted as a repair, whatever is whole is given.

Two passes: `fit_walk` groups messages by definition, then each group is gathered as one matrix and every field of it
becomes one NumPy column. Records are decoded at once; other messages when asked for. Values are in the protocol's
own units (see `fit_profile`), dates in Unix seconds, NaN = not seen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from soleus.core.activity import Repair
from soleus.core.fit_protocol import SIGNATURE, checksum
from soleus.readers.fit_columns import NO_RECORDS, RecordDecoder, Records
from soleus.readers.fit_profile import DEVELOPER_DATA_ID, FIELD_DESCRIPTION
from soleus.readers.fit_rows import Message, build_messages
from soleus.readers.fit_walk import DEFAULT_LIMITS, FitLimits, Group, Walk, check_records, walk

_MOST_RETRIES = 2


class FitPart:
    """One file of a chain (nearly always the only one)."""

    __slots__ = ("_data", "_groups", "_limits", "_messages", "definitions", "records", "start", "total")

    def __init__(self, data: bytes, start: int, groups: tuple[Group, ...], limits: FitLimits, definitions: int) -> None:
        self._data = data
        self._groups = groups
        self._limits = limits
        self._messages: dict[int, tuple[Message, ...]] = {}
        self.start = start
        """Byte offset of the part's header."""
        self.definitions = definitions
        self.total = sum(len(group) for group in groups)
        """Messages of all kinds."""
        self.records = NO_RECORDS

    def decode_records(self) -> list[Repair]:
        """Fill `records`; gives what was wrong with them."""
        decoder = RecordDecoder(self._data, self._groups, self._limits)
        if decoder.count:
            self.records = decoder.decode(self.messages(FIELD_DESCRIPTION), self.messages(DEVELOPER_DATA_ID))
        return decoder.repairs

    def messages(self, number: int) -> tuple[Message, ...]:
        """All messages of that global number in file order, as dictionaries of the fields that hold a value."""
        if number not in self._messages:
            self._messages[number] = tuple(self._rows(number))
        return self._messages[number]

    def count(self, number: int) -> int:
        """How many messages of that global number there are."""
        return sum(len(group) for group in self._groups if group.message == number)

    def groups(self, number: int) -> list[Group]:
        return [group for group in self._groups if group.message == number and len(group)]

    def _rows(self, number: int) -> list[Message]:
        found: list[tuple[int, Message]] = []
        left = self._limits.rows
        for group in self.groups(number):
            rows, offsets = group.rows(self._data)[:left], group.offsets()[:left]
            left -= len(rows)
            found.extend(zip(offsets.tolist(), build_messages(rows, group.definition), strict=True))
        found.sort(key=lambda pair: pair[0])
        return [message for _, message in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class FitFile:
    """A decoded file: its parts in order and everything that was wrong with it."""

    parts: tuple[FitPart, ...] = ()
    repairs: tuple[Repair, ...] = ()

    def messages(self, number: int) -> tuple[Message, ...]:
        """Messages of that global number over all parts."""
        return tuple(message for part in self.parts for message in part.messages(number))

    @property
    def records(self) -> Records:
        """Records of all parts, one after the other; developer fields of later parts are not joined to earlier ones."""
        if len(self.parts) == 1:
            return self.parts[0].records
        names = dict.fromkeys(name for part in self.parts for name in part.records.columns)
        columns = {
            name: np.concatenate([part.records.columns.get(name, np.full(len(part.records), np.nan))
                                  for part in self.parts])
            for name in names
        }  # fmt: skip
        developer = []
        before, total = 0, sum(len(part.records) for part in self.parts)
        for part in self.parts:
            for item in part.records.developer:
                values = np.full(total, np.nan)
                values[before : before + len(part.records)] = item.values
                developer.append(replace(item, values=values))
            before += len(part.records)
        return Records(columns=columns, developer=tuple(developer), count=total)


def decode(data: bytes, *, limits: FitLimits = DEFAULT_LIMITS) -> FitFile:
    """Decode FIT bytes. Never raises on damage; what was wrong is in `repairs`, with byte offsets."""
    repairs: list[Repair] = []
    if len(data) > limits.file_bytes:
        detail = f"The file is larger than {limits.file_bytes} bytes; what lies beyond is left."
        repairs.append(Repair(code="file_too_large", offset=limits.file_bytes, detail=detail))
        data = data[: limits.file_bytes]
    parts: list[FitPart] = []
    budget = limits
    start = _next_header(data, 0)
    if start != 0:
        detail = "No FIT header at the start." + ("" if start < 0 else " The first one found is used.")
        repairs.append(Repair(code="bad_header", offset=0, detail=detail))
    while start >= 0 and len(parts) < limits.parts:
        part, stop, whole = _read_part(data, start, budget, repairs)
        parts.append(part)
        budget = replace(
            budget,
            messages=budget.messages - part.total,
            definitions=budget.definitions - part.definitions,
            damaged_stretches=limits.damaged_stretches - sum(item.code == "damaged_stretch" for item in repairs),
            values=budget.values - len(part.records) * len(part.records.columns),
        )
        start = _next_part(data, stop, whole, repairs)
    if start >= 0:
        detail = "More chained files than allowed; the rest is left."
        repairs.append(Repair(code="too_many_parts", offset=start, detail=detail))
    return FitFile(parts=tuple(parts), repairs=tuple(repairs))


def _next_header(data: bytes, start: int) -> int:
    """Where the next header begins at or after `start`; -1 = nowhere. A header has ".FIT" at its bytes 8-11."""
    if data[start + 8 : start + 12] == SIGNATURE:
        return start
    found = data.find(SIGNATURE, start + 8)
    return found - 8 if found >= 0 else -1


def _read_part(data: bytes, start: int, limits: FitLimits, repairs: list[Repair]) -> tuple[FitPart, int, bool]:
    """One file of the chain, the position after it, and whether the walk came to its end."""
    size = data[start]
    if size not in (12, 14):
        repairs.append(Repair(code="bad_header", offset=start, detail="The header's size is wrong; 14 is assumed."))
        size = 14
    elif size == 14 and int.from_bytes(data[start + 12 : start + 14], "little") not in (
        0,
        checksum(data[start : start + 12]),
    ):
        repairs.append(
            Repair(
                code="bad_header_crc",
                offset=start,
                detail="A check number at the start is wrong; it is read all the same.",
            )
        )
    first = min(start + size, len(data))
    declared = int.from_bytes(data[start + 4 : start + 8], "little")
    end = min(first + declared, len(data))
    if declared == 0 and first < len(data):
        # Once at most: a chain of such headers must not cost a checksum of the rest each.
        end = len(data) - 2 if start == 0 and not checksum(data) else len(data)
        repairs.append(Repair(code="no_size", offset=start, detail="The header states no size; read to the end."))
    sound = bool(declared) and end + 2 <= len(data) and not checksum(data[start : end + 2])
    walked = walk(data, first, end, limits) if sound else _walk_damaged(data, first, end, limits)
    repairs.extend(walked.skipped)
    if walked.problem is not None:
        repairs.append(walked.problem)
    elif end < first + declared:
        detail = "The header states more bytes than there are; every whole message is kept."
        repairs.append(Repair(code="truncated", offset=len(data), detail=detail))
    elif declared and end + 2 > len(data):
        repairs.append(Repair(code="truncated", offset=len(data), detail="The checksum at the end is missing."))
    elif declared and not sound:
        repairs.append(
            Repair(
                code="bad_crc",
                offset=end,
                detail="The check number at the end is wrong; it is read all the same.",
            )
        )
    part = FitPart(data, start, tuple(walked.groups.values()), limits, walked.definitions)
    repairs.extend(part.decode_records())
    whole = walked.problem is None
    return part, min(end + 2, len(data)) if whole else max(walked.stop, start + 12), whole


def _walk_damaged(data: bytes, first: int, end: int, limits: FitLimits) -> Walk:
    """Walk where the checksum is wrong; where the walk loses its step it is done again, with a search from there."""
    walked = walk(data, first, end, limits)
    lost, believable = check_records(data, walked.groups.values())
    distrusted: tuple[int, ...] = ()
    for _ in range(_MOST_RETRIES):
        if lost is None or lost in distrusted:
            break
        distrusted = tuple(sorted((*distrusted, lost)))
        again = walk(data, first, end, limits, distrusted)
        lost, found = check_records(data, again.groups.values())
        if found <= believable:
            break  # nothing believable follows: a clock was set
        walked, believable = again, found
    return walked


def _next_part(data: bytes, stop: int, whole: bool, repairs: list[Repair]) -> int:
    """Where the next chained file begins; -1 = nowhere."""
    if stop >= len(data):
        return -1
    start = _next_header(data, stop)
    if start < 0:
        if whole:
            repairs.append(Repair(code="trailing_bytes", offset=stop, detail="Bytes after the end; they are left."))
    elif start != stop:
        repairs.append(Repair(code="skipped_bytes", offset=stop, detail=f"{start - stop} bytes up to the next header."))
    return start
