"""The clock of an activity with its pauses taken out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from soleus.core.activity import Array, Interval

Mask = npt.NDArray[np.bool_]
Index = npt.NDArray[np.intp]


def merge_pauses(pauses: Sequence[Interval]) -> tuple[Array, Array]:
    """(starts, ends) of the pauses in s, sorted, overlaps joined, empty and unreadable ones left out."""
    spans = sorted((p.start_s, p.end_s) for p in pauses if p.end_s > p.start_s)
    starts: list[float] = []
    ends: list[float] = []
    for start, end in spans:
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return np.array(starts, dtype=np.float64), np.array(ends, dtype=np.float64)


def paused_before(time_s: Array, pauses: Sequence[Interval]) -> Array:
    """(T,) seconds paused before each time; `time_s` − this is the active clock."""
    starts, ends = merge_pauses(pauses)
    if not len(starts):
        return np.zeros(len(time_s))
    total = np.cumsum(ends - starts)
    knots = np.stack((starts, ends), axis=1).ravel()
    values = np.stack((total - (ends - starts), total), axis=1).ravel()
    return np.interp(time_s, knots, values)


def recorded(time_s: Array, pauses: Sequence[Interval]) -> Mask:
    """(T,) False for samples strictly inside a pause: some devices go on recording while the timer is stopped."""
    starts, ends = merge_pauses(pauses)
    if not len(starts):
        return np.ones(len(time_s), dtype=np.bool_)
    last = np.searchsorted(starts, time_s, side="left") - 1
    inside = (last >= 0) & (time_s < ends[np.maximum(last, 0)])
    return ~inside
