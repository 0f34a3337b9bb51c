"""The runner as a stick figure at the times of the film's pictures: exactly the points that were measured.

Legs are those of the engine (sides sorted out, smoothed); where it could not sort them, the network's own points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from soleus.core.gait import GaitReport, HeelRaiseSet
from soleus.core.measurement import Side
from soleus.core.recording import KEYPOINT_INDEX, Floats, PoseSequence, Recording, leg_indices
from soleus.gait.engine import analyse
from soleus.gait.motion import LegTrack, Motion
from soleus.knowledge.base import KnowledgeBase

MIN_CONFIDENCE = 0.4

HIP, KNEE, ANKLE, HEEL, TOE = range(5)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figure:
    """All in pixels of the poses, NaN = not seen; T pictures."""

    main: Floats
    """(T, 5, 2) hip, knee, ankle, heel, toe of the leg that is drawn bold: near the camera, or under test."""
    other: Floats
    """(T, 5, 2) the other leg."""
    trunk: Floats
    """(T, 2, 2) middle of the hips and of the shoulders."""
    head: Floats
    """(T, 2)"""
    arms: Floats
    """(T, 2, 3, 2) shoulder, elbow, wrist of each side."""
    main_side: Side

    @property
    def height_px(self) -> float:
        """From head to foot, median; 0 when nobody is seen."""
        tall = np.fmax(self.main[:, TOE, 1], self.main[:, ANKLE, 1]) - self.head[:, 1]
        tall = tall[np.isfinite(tall)]
        return float(np.median(tall)) if len(tall) else 0.0


def figure_of(recording: Recording, report: GaitReport | HeelRaiseSet, kb: KnowledgeBase) -> Figure:
    """The figure of a run, or of a heel-raise test."""
    poses = recording.poses
    points = trusted(poses)
    if isinstance(report, HeelRaiseSet):
        return _raw(points, report.side)
    motion = analyse(recording, kb.gait, view=report.view).motion
    near = report.facing.near if report.facing is not None else Side.LEFT
    if motion is None:
        return _raw(points, near)
    return _measured(points, motion, poses.times_s, near)


def trusted(poses: PoseSequence) -> Floats:
    """(T, K, 2) points of a confidence that is worth drawing."""
    return np.where(poses.points[:, :, 2:] >= MIN_CONFIDENCE, poses.points[:, :, :2], np.nan)


def _raw(points: Floats, main: Side) -> Figure:
    return Figure(
        main=points[:, leg_indices(main)],
        other=points[:, leg_indices(main.other)],
        trunk=np.stack([_middle(points, "hip"), _middle(points, "shoulder")], axis=1),
        head=_head(points),
        arms=_arms(points),
        main_side=main,
    )


def _measured(points: Floats, motion: Motion, times_s: Floats, near: Side) -> Figure:
    tracks = {track.side: track for track in motion.legs.values()}
    raw = _raw(points, near)
    trunk = np.stack([_at(motion, motion.hip_centre, times_s), _at(motion, motion.shoulders, times_s)], axis=1)
    return Figure(
        main=_leg(motion, tracks.get(near), times_s, raw.main),
        other=_leg(motion, tracks.get(near.other), times_s, raw.other),
        trunk=np.where(np.isfinite(trunk), trunk, raw.trunk),
        head=raw.head,
        arms=raw.arms,
        main_side=near,
    )


def _leg(motion: Motion, track: LegTrack | None, times_s: Floats, otherwise: Floats) -> Floats:
    if track is None:
        return np.full_like(otherwise, np.nan)
    parts = (track.hip, track.knee, track.ankle, track.heel, track.toe)
    return np.stack([_at(motion, part, times_s) for part in parts], axis=1)


def _at(motion: Motion, track: Floats, times_s: Floats) -> Floats:
    """(T, 2) pixels of an (N, 2) track of the even grid."""
    return motion.frame.to_pixels(np.stack([motion.at(track, float(time)) for time in times_s]))


def _middle(points: Floats, part: str) -> Floats:
    left, right = (points[:, KEYPOINT_INDEX[f"{side}_{part}"]] for side in ("left", "right"))
    return np.where(
        np.isfinite(left) & np.isfinite(right), (left + right) / 2, np.where(np.isfinite(left), left, right)
    )


def _head(points: Floats) -> Floats:
    """Middle of nose and ears, of those that are seen."""
    parts = points[:, [KEYPOINT_INDEX[name] for name in ("nose", "left_ear", "right_ear")]]
    seen = np.isfinite(parts[..., 0]).sum(axis=1)
    total = np.nansum(parts, axis=1)
    return np.where(seen[:, None] > 0, total / np.maximum(seen, 1)[:, None], np.nan)


def _arms(points: Floats) -> Floats:
    return np.stack(
        [
            points[:, [KEYPOINT_INDEX[f"{side}_{part}"] for part in ("shoulder", "elbow", "wrist")]]
            for side in ("left", "right")
        ],
        axis=1,
    )
