"""Sorted legs in pixels → `Motion`: outliers out, even times, smoothed by use, leg lengths, x forward, y up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from soleus.core.measurement import Side
from soleus.core.recording import LEG_PARTS, Facing, Floats, View
from soleus.gait.identity import SortedLegs
from soleus.gait.motion import FAR, NEAR, Bools, LegTrack, Motion, PictureFrame
from soleus.gait.paths import learn_paths, to_hip
from soleus.gait.scale import leg_length_px
from soleus.gait.skeleton import HEEL, HIP, SIDES, TOE, Body, nan_median, nan_percentile
from soleus.gait.smoothing import Smoother, cutoff_hz, even_grid, outliers, smooth
from soleus.knowledge.gait_base import GaitKnowledge


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cleaned:
    """Legs without outliers, still in pixels on the times of the film, and how many points went."""

    legs: Floats
    """(2, T, 5, 2)"""
    confidence: Floats
    """(2, T, 5)"""
    outlier_share: float


def without_outliers(
    times_s: Floats, sorted_legs: SortedLegs, hip: Floats, forward: int, leg_px: float, kb: GaitKnowledge
) -> Cleaned:
    """Points that jump away from the usual path of their leg for a moment become NaN (Hampel on the distance)."""
    legs, confidence = sorted_legs.legs.copy(), sorted_legs.confidence.copy()
    unit = to_hip(legs, hip, forward, leg_px)
    if np.isfinite(sorted_legs.phase).all() and len(times_s):
        unit = unit - learn_paths(unit, sorted_legs.phase, kb).at(sorted_legs.phase)
    gone, seen = 0, 0
    for leg in range(2):
        for point in range(legs.shape[2]):
            there = np.isfinite(unit[leg, :, point]).all(axis=-1)
            wild = outliers(times_s, unit[leg, :, point], kb.value("smoothing.hampel_leg"), kb) & there
            legs[leg, wild, point] = np.nan
            confidence[leg, wild, point] = 0.0
            gone, seen = gone + int(wild.sum()), seen + int(there.sum())
    return Cleaned(legs=legs, confidence=confidence, outlier_share=gone / seen if seen else 0.0)


def motion_of(
    body: Body,
    sorted_legs: SortedLegs,
    fps: float,
    facing: Facing | None,
    kb: GaitKnowledge,
    *,
    view: View = View.SIDE,
    height_m: float | None = None,
    smoother: Smoother = Smoother.BUTTERWORTH,
) -> Motion:
    """The runner's movement in leg lengths on an even grid.

    Origin of x: where the hips are on the whole; of y: the lowest place of the near foot, so that y is about the
    height above the ground. Scale: thigh + shank of the near leg.
    """
    forward = -1 if facing is Facing.LEFT else 1
    near_px = leg_length_px(sorted_legs.legs[0] if view is View.SIDE else sorted_legs.legs)
    leg_px = near_px if near_px > 0 else leg_length_px(sorted_legs.legs)
    hip, shoulders = body.hip_centre, body.shoulder_centre
    cleaned = without_outliers(body.times_s, sorted_legs, hip, forward, leg_px, kb)
    foot = cleaned.legs[0, :, (HEEL, TOE), 1] if view is View.SIDE else cleaned.legs[:, :, HEEL, 1]
    ground = nan_percentile(foot, 97)
    frame = PictureFrame(
        origin_px=(_or_zero(nan_median(hip[:, 0])), _or_zero(ground)),
        leg_length_px=leg_px,
        forward=forward,
    )
    grid, rate = even_grid(body.times_s, fps, kb)
    keys, sides = ((NEAR, FAR), (sorted_legs.near, sorted_legs.near.other)) if view is View.SIDE else (_BACK, SIDES)
    legs: dict[str, LegTrack] = {}
    joints: dict[str, LegTrack] = {}
    for i, (key, side) in enumerate(zip(keys, sides, strict=True)):
        points = frame.to_lengths(cleaned.legs[i])
        for use, tracks in (("feet", legs), ("joints", joints)):
            smoothed = [
                smooth(
                    body.times_s,
                    points[:, p],
                    cleaned.confidence[i, :, p],
                    grid,
                    cutoff_hz("trunk" if p == HIP and use == "joints" else use, fps, kb),
                    kb,
                    smoother,
                )
                for p in range(len(LEG_PARTS))
            ]
            tracks[key] = LegTrack(
                side=side,
                near=view is View.BACK or i == 0,
                **dict(zip(LEG_PARTS, smoothed, strict=True)),
                confidence=_confidence(body.times_s, cleaned.confidence[i], grid, smoothed[HIP]),
                in_frame=_in_frame(body.times_s, sorted_legs.outside[i], grid),
            )
    trunk_hz = cutoff_hz("trunk", fps, kb)
    even = np.ones(body.frames)
    return Motion(
        times_s=grid,
        rate_hz=rate,
        capture_fps=fps,
        legs=legs,
        joints=joints,
        hip_centre=smooth(body.times_s, frame.to_lengths(hip), even, grid, trunk_hz, kb, smoother),
        shoulders=smooth(body.times_s, frame.to_lengths(shoulders), even, grid, trunk_hz, kb, smoother),
        frame=frame,
        facing=facing if view is View.SIDE else None,
        view=view,
        metres_per_leg=None if height_m is None else height_m * kb.value("scale.leg_of_height"),
    )


_BACK = (Side.LEFT.value, Side.RIGHT.value)


def _or_zero(value: float) -> float:
    return value if np.isfinite(value) else 0.0


def _confidence(times_s: Floats, confidence: Floats, grid: Floats, hip: Floats) -> Floats:
    """(T, 5) → (G,) of the worst point, between frames linearly; 0 in gaps."""
    worst = np.interp(grid, times_s, confidence.min(axis=-1))
    return np.where(np.isfinite(hip).all(axis=-1), worst, 0.0)


def _in_frame(times_s: Floats, outside: Bools, grid: Floats) -> Bools:
    """A grid point is inside when both frames beside it are."""
    return np.asarray(np.interp(grid, times_s, outside.astype(np.float64)) == 0)
