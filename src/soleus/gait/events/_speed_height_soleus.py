"""Contact when the foot has nearly caught up with the ground, toe-off when the toe leaves its lowest level."""

from __future__ import annotations

import numpy as np

from soleus.gait.events.base import (
    FINE_HZ,
    Contact,
    Traces,
    Window,
    backward_speed,
    find_windows,
    ground_speed,
    last_rise,
    ordered,
    traces,
)
from soleus.gait.motion import LegTrack, Motion
from soleus.knowledge.gait_base import GaitKnowledge


def detect(motion: Motion, leg: LegTrack, kb: GaitKnowledge, *, belt_speed: float | None = None) -> tuple[Contact, ...]:
    """Contacts of one leg, first derivatives only.

    1. Windows of one stance each from the path of the ankle under the hips (`find_windows`).
    2. Contact: the backward speed of the middle of the foot last rises through `events.soleus.speed_share` of the
       speed of the ground, before mid-stance. The braking foot does so whichever part of it lands first.
    3. Toe-off: the toe last rises through `events.soleus.toe_rise` of its usual range of height above its lowest level
       of this stance, after mid-stance and before it is half-way up. Without foot points there is none.

    Both shares were set on force-plate strides and scored on others (`validation/gait.md`). The camera may go along or
    stand: see `backward_speed`. Known failures: a hip guessed badly for a second shifts the speed; a level line
    off by more than about 3° tilts the height.
    """
    fine = traces(motion, leg)
    windows = find_windows(fine, kb)
    ground = belt_speed or ground_speed(fine, windows, kb)
    if ground is None:
        return ()
    speed = backward_speed(fine, "foot", kb) / ground
    share = kb.value("events.soleus.speed_share")
    rises = _toe_offs(fine, windows, kb.value("events.soleus.toe_rise")) if fine.has_foot else [None] * len(windows)
    found = [(last_rise(speed, share, w.front, w.middle), rise) for w, rise in zip(windows, rises, strict=True)]
    return ordered(found, fine)


def _toe_offs(fine: Traces, windows: tuple[Window, ...], share: float) -> list[float | None]:
    """Row of toe-off in each window."""
    height = fine.at["toe"][:, 1]
    floors = [_least(height[w.front : w.rear + 1]) for w in windows]
    # The toe is highest in early swing, within the time from mid-stance to the rearmost point after that point.
    tops = [_most(height[w.rear : w.rear + (w.rear - w.middle) + int(0.1 * FINE_HZ)]) for w in windows]
    climbs = np.array(tops) - np.array(floors)
    usual = float(np.nanmedian(climbs)) if np.isfinite(climbs).any() else np.nan
    rises: list[float | None] = []
    for window, floor, top in zip(windows, floors, tops, strict=True):
        if not np.isfinite(floor + top + usual):
            rises.append(None)
            continue
        end = min(len(height) - 1, 2 * window.rear - window.middle + int(0.1 * FINE_HZ))
        above = np.flatnonzero(height[window.middle : end + 1] >= floor + usual / 2)
        halfway = window.middle + int(above[0]) if len(above) else window.rear
        rises.append(last_rise(height, floor + share * usual, window.middle, halfway))
    return rises


def _least(values: np.ndarray) -> float:
    return float(np.min(values)) if len(values) else float("nan")


def _most(values: np.ndarray) -> float:
    return float(np.max(values)) if len(values) else float("nan")
