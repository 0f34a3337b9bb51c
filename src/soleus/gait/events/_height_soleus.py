"""Low foot, for a film from behind, where forward and backward cannot be seen."""

from __future__ import annotations

import numpy as np
from scipy.signal import find_peaks

from soleus.gait.events.base import FINE_HZ, Contact, ordered, runs, traces
from soleus.gait.motion import LegTrack, Motion
from soleus.knowledge.gait_base import GaitKnowledge


def detect(
    motion: Motion,
    leg: LegTrack,
    kb: GaitKnowledge,
    *,
    belt_speed: float | None = None,  # noqa: ARG001 - one signature for every method
) -> tuple[Contact, ...]:
    """Contact and toe-off: the ankle falls below, and rises above, `events.height.share` of its range of height.

    Range: 5th to 95th percentile. Coarse: the heel leaves the ground long before the toe, so the stance is cut short
    at its end, and heights over the floor grow with nearness. Good enough to count steps and to find mid-stance.
    """
    fine = traces(motion, leg)
    height = fine.at["ankle"][:, 1]
    seen = np.isfinite(height)
    if not seen.any():
        return ()
    low, high = np.percentile(height[seen], [5, 95])
    if high - low < kb.value("events.height.least"):
        return ()
    level = low + kb.value("events.height.share") * (high - low)
    tops, _ = find_peaks(
        np.where(seen, height, low),
        prominence=kb.value("events.window_prominence") * (high - low),
        distance=max(1, int(kb.value("events.window_min_s") * FINE_HZ)),
    )
    found: list[tuple[float | None, float | None]] = []
    for start, end in runs(seen & (height < level)):
        between = bool((tops < start).any() and (tops >= end).any())
        if between and seen[start - 1] and seen[min(end, len(seen) - 1)]:
            found.append((float(start), float(end)))
    return ordered(found, fine)
