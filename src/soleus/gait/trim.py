"""The part of a film in which the runner is wholly in the picture: who runs past comes in late and leaves early."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from soleus.core.recording import Recording
from soleus.gait.motion import Bools


def inner(present: Bools, outside: Bools) -> tuple[int, int]:
    """[start, end) from the first to the last frame with a runner whose feet are inside; (0, 0) when there is none.

    `present` (T,), `outside` (2, T) foot of each leg cut off. Frames between them stay, whatever they show.
    """
    whole = np.flatnonzero(present & ~outside.any(axis=0))
    return (int(whole[0]), int(whole[-1]) + 1) if len(whole) else (0, 0)


def cut(recording: Recording, start: int, end: int) -> Recording:
    """The frames [start, end) with everything that goes with them; their times stay as they are."""
    poses, facts, rows = recording.poses, recording.facts, slice(start, end)
    if (start, end) == (0, poses.frames):
        return recording
    return Recording(
        poses=replace(
            poses,
            times_s=poses.times_s[rows],
            points=poses.points[rows],
            people=None if poses.people is None else poses.people[rows],
        ),
        facts=replace(
            facts,
            sharpness=None if facts.sharpness is None else facts.sharpness[rows],
            shift_px=None if facts.shift_px is None else facts.shift_px[rows],
            motion_energy=None if facts.motion_energy is None else facts.motion_energy[rows],
        ),
    )
