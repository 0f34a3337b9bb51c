"""Stance is where a part of the foot goes with the ground and is near it."""

from __future__ import annotations

import numpy as np

from soleus.gait.events.base import Contact, Window, backward_speed, find_windows, ground_speed, ordered, traces
from soleus.gait.motion import Bools, LegTrack, Motion
from soleus.knowledge.gait_base import GaitKnowledge


def detect(motion: Motion, leg: LegTrack, kb: GaitKnowledge, *, belt_speed: float | None = None) -> tuple[Contact, ...]:
    """First and last moment at which heel or toe goes with the ground near its lowest level.

    A part is on the ground while |v_x + v_ground| < `events.belt.speed_share` · v_ground and it is less than
    `events.belt.height_legs` leg lengths above its lowest level of the stance. Contact: first such moment of heel or
    toe; toe-off: last of the toe. A rule of thumb of ours before any test (status assumption), on the fine grid without
    interpolation; the foot is braked gradually, so it finds contact late.
    """
    fine = traces(motion, leg)
    windows = find_windows(fine, kb)
    ground = belt_speed or ground_speed(fine, windows, kb)
    if ground is None or not fine.has_foot:
        return ()
    slack, near = kb.value("events.belt.speed_share") * ground, kb.value("events.belt.height_legs")
    with_ground = {part: np.abs(backward_speed(fine, part, kb) - ground) < slack for part in ("heel", "toe")}
    found: list[tuple[float | None, float | None]] = []
    for window in windows:
        on = {part: _on(window, fine.at[part][:, 1], moves, near) for part, moves in with_ground.items()}
        either, toe = np.flatnonzero(on["heel"] | on["toe"]), np.flatnonzero(on["toe"])
        found.append(
            (
                float(window.front + either[0]) if len(either) else None,
                float(window.front + toe[-1]) if len(toe) else None,
            )
        )
    return ordered(found, fine)


def _on(window: Window, height: np.ndarray, moves: Bools, near: float) -> Bools:
    rows = slice(window.front, window.rear + 1)
    piece = height[rows]
    return np.asarray(moves[rows] & (piece < np.min(piece) + near))
