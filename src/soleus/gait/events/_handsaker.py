"""Peaks of vertical acceleration and jerk of heel and toe (Handsaker 2016)."""

from __future__ import annotations

import numpy as np

from soleus.gait.events.base import FINE_HZ, Contact, find_windows, highest_peak, ordered, traces
from soleus.gait.motion import LegTrack, Motion
from soleus.knowledge.gait_base import GaitKnowledge


def detect(
    motion: Motion,
    leg: LegTrack,
    kb: GaitKnowledge,
    *,
    belt_speed: float | None = None,  # noqa: ARG001 - one signature for every method
) -> tuple[Contact, ...]:
    """Contact: the earlier of the highest peaks of vertical acceleration of heel and toe before mid-stance; toe-off:
    the highest peak of the toe's vertical jerk after it.

    handsaker2016 (PMID 27814970; rule and figures from the abstract, 250 Hz motion capture): +3.1 ms (−11.8 to 18.1)
    and +2.1 ms (−8.1 to 12.2), all strike types. Here the toe of the pose network stands for the first metatarsal and
    the hallux. Known failure: second and third derivatives of a film are mostly noise.
    """
    fine = traces(motion, leg)
    if not fine.has_foot:
        return ()
    jerk = np.gradient(fine.acceleration["toe"][:, 1], 1 / FINE_HZ) if len(fine.times_s) > 1 else np.zeros(0)
    found: list[tuple[float | None, float | None]] = []
    for window in find_windows(fine, kb):
        peaks = [highest_peak(fine.acceleration[part][:, 1], window.front, window.middle) for part in ("heel", "toe")]
        known = [peak for peak in peaks if peak is not None]
        toe_off = highest_peak(jerk, window.middle, window.rear)
        found.append((float(min(known)) if known else None, None if toe_off is None else float(toe_off)))
    return ordered(found, fine)
