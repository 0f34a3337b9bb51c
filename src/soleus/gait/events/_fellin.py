"""Lowest heel and straightest knee (Fellin 2010)."""

from __future__ import annotations

import numpy as np

from soleus.gait.events.base import FINE_HZ, Contact, find_windows, ordered, traces
from soleus.gait.geometry import knee_flexion_deg
from soleus.gait.motion import LegTrack, Motion
from soleus.knowledge.gait_base import GaitKnowledge


def detect(
    motion: Motion,
    leg: LegTrack,
    kb: GaitKnowledge,
    *,
    belt_speed: float | None = None,  # noqa: ARG001 - one signature for every method
) -> tuple[Contact, ...]:
    """Contact: the heel's first lowest point (its vertical velocity turns from − to +) less
    `events.fellin.contact_lag_s`; toe-off: the knee's straightest point after mid-stance.

    fellin2010 (doi 10.1016/j.jsams.2010.03.006): 22-25 ms absolute error of contact at 3.35 m/s, 4.9-5.2 ms of
    toe-off. Known failure: a forefoot striker's heel is lowest at mid-stance.
    """
    fine = traces(motion, leg)
    lag = kb.value("events.fellin.contact_lag_s") * FINE_HZ
    heel = fine.velocity["heel" if fine.has_foot else "ankle"][:, 1]
    knee = knee_flexion_deg(fine.at["hip"], fine.at["knee"], fine.at["ankle"])
    found: list[tuple[float | None, float | None]] = []
    for window in find_windows(fine, kb):
        turns = _turn(heel, window.front, window.rear)
        straight = window.middle + int(np.argmin(knee[window.middle : window.rear + 1]))
        found.append((None if turns is None else turns - lag, float(straight)))
    return ordered(found, fine)


def _turn(velocity: np.ndarray, start: int, end: int) -> float | None:
    """Row at which the vertical velocity first turns from − to +."""
    piece = velocity[start : end + 1]
    turning = np.flatnonzero((piece[:-1] < 0) & (piece[1:] >= 0))
    return float(start + turning[0]) if len(turning) else None
