"""The time axis of FIT records: put in order, jumps of the clock closed, repeated seconds joined."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soleus.core.activity import Array, Repair

JUMP_S = 2 * 86_400.0
"""A longer step forward is a clock that was set, not a pause: no recording rests for two days."""
SET_BACK_S = 60.0
"""A longer step back is a clock that was set; a shorter one is records out of order."""
STRAY_RECORDS = 5
"""Up to this many records alone beyond a jump are damaged records, not a stretch of a run."""
_MOST_JUMPS = 50

Index = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAxis:
    """`times`: (m,) Unix seconds, strictly increasing. `order`: (k >= m,) records in time order, None = as they are.

    `first`: (m,) where in `order` each time begins; None = no time is repeated.
    """

    times: Array
    order: Index | None
    first: Index | None
    repairs: tuple[Repair, ...]

    def lay_out(self, values: Array) -> Array:
        """A column of the records on this axis; where a second is repeated the first value there is counts."""
        if self.order is None:
            return values
        ordered = values[self.order]
        if self.first is None:
            return ordered
        out = ordered[self.first]
        following = np.append(self.first[1:], len(ordered))
        for later in range(1, int((following - self.first).max())):
            open_ = np.flatnonzero(np.isnan(out) & (self.first + later < following))
            out[open_] = ordered[self.first[open_] + later]
        return out


def build_time_axis(stamps: Array) -> TimeAxis:
    """From the time stamps of the records, (n,) Unix seconds with NaN where one is missing."""
    steps = np.diff(stamps)
    if len(stamps) and (steps > 0).all() and (steps <= JUMP_S).all() and not np.isnan(stamps[0]):
        return TimeAxis(times=stamps, order=None, first=None, repairs=())
    repairs: list[Repair] = []
    order = np.flatnonzero(~np.isnan(stamps))
    if len(order) < len(stamps):
        detail = "Records without a time; they are left."
        repairs.append(Repair(code="missing_time", detail=detail, count=len(stamps) - len(order)))
    times, keep = _close_jumps(stamps[order], repairs)
    times, order = times[keep], order[keep]
    back = int(np.count_nonzero(np.diff(times) < 0))
    if back:
        sorting = np.argsort(times, kind="stable")
        times, order = times[sorting], order[sorting]
        repairs.append(Repair(code="unordered_time", detail="Records out of order; they are sorted.", count=back))
    new = np.append(True, np.diff(times) > 0)[: len(times)]
    first = None
    if not new.all():
        first = np.flatnonzero(new)
        detail = "Several records of one second; they are joined."
        repairs.append(Repair(code="repeated_time", detail=detail, count=len(times) - len(first)))
        times = times[first]
    return TimeAxis(times=times, order=order, first=first, repairs=tuple(repairs))


def _close_jumps(times: Array, repairs: list[Repair]) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Times without jumps of the clock, and which records to keep.

    Stretches between jumps are laid end to end, one second apart, so that the longest keeps its own times; a stray
    record or two between jumps is left out.
    """
    keep = np.ones(len(times), bool)
    steps = np.diff(times)
    jumps = np.flatnonzero((steps > JUMP_S) | (steps < -SET_BACK_S)) + 1
    if not len(jumps):
        return times, keep
    bounds = [0, *jumps.tolist(), len(times)]
    stretches = list(itertools.pairwise(bounds))
    if len(stretches) > _MOST_JUMPS or _only_out_of_order(times):
        return times, keep
    strays = [(a, b) for a, b in stretches if b - a <= STRAY_RECORDS and b - a < len(times) / 4]
    if strays:
        for a, b in strays:
            keep[a:b] = False
        lost = sum(b - a for a, b in strays)
        repairs.append(Repair(code="bad_time", detail="Records with an impossible time; they are left.", count=lost))
        inner, inner_keep = _close_jumps(times[keep], repairs)
        closed = times.copy()
        closed[keep] = inner
        keep[np.flatnonzero(keep)[~inner_keep]] = False
        return closed, keep
    closed = times.copy()
    longest = max(range(len(stretches)), key=lambda i: stretches[i][1] - stretches[i][0])
    for i in range(longest + 1, len(stretches)):
        a, b = stretches[i]
        closed[a:b] += closed[a - 1] + 1.0 - times[a]
    for i in range(longest - 1, -1, -1):
        a, b = stretches[i]
        closed[a:b] += closed[b] - 1.0 - times[b - 1]
    detail = "The clock was set during the recording; the stretches are joined."
    repairs.append(Repair(code="time_jump", detail=detail, count=len(jumps)))
    return closed, keep


def _only_out_of_order(times: Array) -> bool:
    """Whether sorting alone makes a plain recording of it: as many different seconds, hardly longer than those."""
    different = np.unique(times)
    return len(different) > 0.9 * len(times) and float(different[-1] - different[0]) < 1.5 * len(times)


def shift_of_clock(activity: Mapping[str, object]) -> float | None:
    """Seconds from a clock that counts from switching on to the wall clock, by the activity message; None = unknown."""
    stamp, local = activity.get("timestamp"), activity.get("local_timestamp")
    return float(local - stamp) if isinstance(stamp, int) and isinstance(local, int) else None
