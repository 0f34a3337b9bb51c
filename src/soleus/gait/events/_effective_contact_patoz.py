"""From the hips alone: the time the ground carries more than body weight, stretched by a sine (Patoz 2021)."""

from __future__ import annotations

import math

import numpy as np

from soleus.gait.events.base import FINE_HZ, Contact, Window, find_windows, ordered, traces
from soleus.gait.motion import LegTrack, Motion
from soleus.knowledge.gait_base import GaitKnowledge

_ROUNDS = 50


def lead_s(contact_s: float, flight_s: float) -> float:
    """Time from contact until the force reaches body weight, for a half-sine force:
    t1 = (tc/π)·asin((2/π)·tc/(tc+tf)) (derived from patoz_cf2021, doi 10.3389/fbioe.2021.687951)."""
    share = min(1.0, (2 / math.pi) * contact_s / (contact_s + flight_s))
    return contact_s / math.pi * math.asin(share)


def detect(
    motion: Motion,
    leg: LegTrack,
    kb: GaitKnowledge,
    *,
    belt_speed: float | None = None,  # noqa: ARG001 - one signature for every method
) -> tuple[Contact, ...]:
    """Contact and toe-off from the middle of the hips: for networks without foot points.

    1. Force above body weight between the fastest fall (before mid-stance) and the fastest rise (after it).
    2. Contact time solved so that tc − 2·t1(tc, step − tc) is that duration, step = half of the usual time between two
       windows; contact and toe-off lie half of the difference outside.
    """
    fine = traces(motion, leg)
    windows = find_windows(fine, kb)
    step = _step_s(windows)
    if step is None:
        return ()
    rise = fine.velocity["centre"][:, 1]
    found: list[tuple[float | None, float | None]] = []
    for window in windows:
        first = window.front + int(np.argmin(rise[window.front : window.middle + 1]))
        last = window.middle + int(np.argmax(rise[window.middle : window.rear + 1]))
        lead = (_contact_s((last - first) / FINE_HZ, step) * FINE_HZ - (last - first)) / 2
        found.append((first - lead, last + lead))
    return ordered(found, fine)


def _step_s(windows: tuple[Window, ...]) -> float | None:
    middles = np.array([window.middle for window in windows], dtype=np.float64)
    return float(np.median(np.diff(middles))) / FINE_HZ / 2 if len(middles) > 1 else None


def _contact_s(effective_s: float, step_s: float) -> float:
    """tc with tc − 2·t1(tc, step − tc) = effective, by fixed point; at most one step."""
    contact = effective_s
    for _ in range(_ROUNDS):
        contact = min(step_s, effective_s + 2 * lead_s(contact, step_s - contact))
    return contact
