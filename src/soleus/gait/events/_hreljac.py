"""Extremes of the turning of foot and shank (Hreljac & Stergiou 2000)."""

from __future__ import annotations

import numpy as np

from soleus.core.recording import Floats
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
    """Contact: highest peak of the foot's angular acceleration (its slapping down is braked or begins) before
    mid-stance; toe-off: highest peak of the shank's after it.

    hreljac2000 (doi 10.1007/BF02345744): RMS error 4.5, 6.9 and 7.5 ms (contact, toe-off, contact time) with one
    180 Hz camera: seen. The rule itself is from memory of the title's approach, not read: what is scored here is our
    reading of it. Known failure: as every second derivative.
    """
    fine = traces(motion, leg)
    if not fine.has_foot:
        return ()
    foot = _angular_acceleration(fine.at["toe"] - fine.at["heel"])
    shank = _angular_acceleration(fine.at["knee"] - fine.at["ankle"])
    found: list[tuple[float | None, float | None]] = []
    for window in find_windows(fine, kb):
        contact = highest_peak(np.abs(foot), window.front, window.middle)
        toe_off = highest_peak(np.abs(shank), window.middle, window.rear)
        found.append((_row(contact), _row(toe_off)))
    return ordered(found, fine)


def _angular_acceleration(segment: Floats) -> Floats:
    """(M, 2) → (M,) rad/s²; the angle is unwrapped over the seen rows only."""
    angle = np.arctan2(segment[:, 1], segment[:, 0])
    seen = np.isfinite(angle)
    angle[seen] = np.unwrap(angle[seen])
    if len(angle) < 2:
        return np.zeros(len(angle))
    return np.asarray(np.gradient(np.gradient(angle, 1 / FINE_HZ), 1 / FINE_HZ))


def _row(at: int | None) -> float | None:
    return None if at is None else float(at)
