"""Fastest fall of the pelvis (Milner & Paquette 2015)."""

from __future__ import annotations

import numpy as np

from soleus.gait.events.base import FINE_HZ, Contact, find_windows, ground_speed, ordered, traces
from soleus.gait.motion import LegTrack, Motion
from soleus.knowledge.gait_base import GaitKnowledge

_KMH = 3.6


def lag_s(speed_kmh: float, kb: GaitKnowledge) -> float:
    """How late the peak comes after contact: `lag_ms` − `slope` · (v − 11 km/h), within its range, as seconds.

    The line goes through the two seen points (27.2 ms at 11 km/h, 21.7 ms at 15 km/h; pdvp2021, doi
    10.1016/j.jbiomech.2021.110419). That the peak comes AFTER contact is derived: the pelvis gathers downward
    speed until the force under the foot equals body weight.
    """
    late = kb.value("events.pelvis.lag_ms") - kb.value("events.pelvis.lag_slope_ms") * (
        speed_kmh - kb.value("events.pelvis.lag_at_kmh")
    )
    return float(np.clip(late, kb.value("events.pelvis.lag_low_ms"), kb.value("events.pelvis.lag_high_ms"))) / 1000


def detect(motion: Motion, leg: LegTrack, kb: GaitKnowledge, *, belt_speed: float | None = None) -> tuple[Contact, ...]:
    """Contact: fastest fall of the middle of the hips before mid-stance, less `lag_s`; it cannot tell toe-off.

    milner2015 (PMID 26283411): the same for fore- and rearfoot strikes, random error 7 pictures at 200 Hz. The speed
    the lag hangs on is known only with the runner's height; else the middle of its range counts.
    """
    fine = traces(motion, leg)
    windows = find_windows(fine, kb)
    ground = belt_speed or ground_speed(fine, windows, kb)
    if ground is None or motion.metres_per_leg is None:
        late = (kb.value("events.pelvis.lag_low_ms") + kb.value("events.pelvis.lag_high_ms")) / 2000
    else:
        late = lag_s(ground * motion.metres_per_leg * _KMH, kb)
    fall = fine.velocity["centre"][:, 1]
    rows = [w.front + int(np.argmin(fall[w.front : w.middle + 1])) for w in windows]
    return ordered([(row - late * FINE_HZ, None) for row in rows], fine)
