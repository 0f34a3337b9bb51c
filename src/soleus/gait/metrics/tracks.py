"""The points of both legs between the pictures, and reading them at a moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from soleus.core.recording import LEG_PARTS, Floats
from soleus.gait.events.base import FINE_HZ, spline
from soleus.gait.motion import Motion


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fine:
    """Positions (M, 2) on a grid of `FINE_HZ`, in leg lengths."""

    start_s: float
    rows: int
    foot: dict[str, Floats]
    """Lightly smoothed, for the moment of contact."""
    joint: dict[str, Floats]
    """Smoothed for joint angles."""
    centre: Floats
    shoulders: Floats

    def row(self, time_s: float) -> int | None:
        """Nearest row; None outside the film."""
        at = round((time_s - self.start_s) * FINE_HZ)
        return at if 0 <= at < self.rows else None

    def between(self, start_s: float, end_s: float) -> slice:
        """Rows of [start, end)."""
        first, past = ((time - self.start_s) * FINE_HZ for time in (start_s, end_s))
        return slice(max(0, round(first)), max(0, round(past)))


def fine_legs(motion: Motion) -> dict[str, Fine]:
    """Key of the leg → its points on the fine grid."""
    duration = motion.duration_s
    grid = float(motion.times_s[0]) + np.arange(int(duration * FINE_HZ) + 1) / FINE_HZ if duration else np.zeros(0)
    centre = spline(motion.times_s, motion.hip_centre, grid)[0]
    shoulders = spline(motion.times_s, motion.shoulders, grid)[0]
    return {
        key: Fine(
            start_s=float(grid[0]) if len(grid) else 0.0,
            rows=len(grid),
            foot={part: spline(motion.times_s, getattr(leg, part), grid)[0] for part in LEG_PARTS},
            joint={part: spline(motion.times_s, getattr(motion.for_angles(key), part), grid)[0] for part in LEG_PARTS},
            centre=centre,
            shoulders=shoulders,
        )
        for key, leg in motion.legs.items()
    }


def highest(values: Floats) -> float:
    """Largest value; NaN when any is missing or there is none."""
    return float(np.max(values)) if len(values) else float("nan")


def travel(values: Floats) -> float:
    """Largest minus smallest; NaN when any is missing or there is none."""
    return float(np.max(values) - np.min(values)) if len(values) else float("nan")
