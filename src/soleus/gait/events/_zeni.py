"""Farthest reach of the foot before and behind the hips (Zeni 2008, for walking)."""

from __future__ import annotations

import numpy as np

from soleus.gait.events.base import Contact, find_windows, ordered, traces
from soleus.gait.motion import LegTrack, Motion
from soleus.knowledge.gait_base import GaitKnowledge


def detect(
    motion: Motion,
    leg: LegTrack,
    kb: GaitKnowledge,
    *,
    belt_speed: float | None = None,  # noqa: ARG001 - one signature for every method
) -> tuple[Contact, ...]:
    """Contact: the heel farthest before the hips; toe-off: the toe farthest behind them.

    Made for walking (zeni_eval2025: the best kinematic rule there). A runner's foot is drawn back before it lands, so
    contact comes far too early: kept as the coarse rule everybody knows.
    """
    fine = traces(motion, leg)
    hips = fine.at["centre"][:, 0]
    heel = fine.at["heel" if fine.has_foot else "ankle"][:, 0] - hips
    toe = fine.at["toe" if fine.has_foot else "ankle"][:, 0] - hips
    found: list[tuple[float | None, float | None]] = []
    for window in find_windows(fine, kb):
        contact = window.front + int(np.argmax(heel[window.front : window.middle + 1]))
        toe_off = window.middle + int(np.argmin(toe[window.middle : window.rear + 1]))
        found.append((float(contact), float(toe_off)))
    return ordered(found, fine)
