"""Body points of a film, sorted into legs and trunk; unsure points left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from soleus.core.measurement import Side
from soleus.core.recording import KEYPOINT_INDEX, Floats, PoseSequence, leg_indices
from soleus.gait.motion import Bools
from soleus.knowledge.gait_base import GaitKnowledge

HIP, KNEE, ANKLE, HEEL, TOE = range(5)
"""Places in the last but one axis of `Body.legs`: the order of `core.recording.LEG_PARTS`."""

SIDES = (Side.LEFT, Side.RIGHT)
"""Order of the first axis of `Body.legs`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Body:
    """The points that count for gait, in pixels, y down; NaN = not seen or not trusted. Sides as the network named."""

    times_s: Floats
    """(T,)"""
    legs: Floats
    """(2, T, 5, 2): left and right; hip, knee, ankle, heel, toe."""
    confidence: Floats
    """(2, T, 5); 0 where the point is NaN."""
    shoulders: Floats
    """(2, T, 2)"""
    nose: Floats
    """(T, 2)"""
    outside: Bools
    """(2, T) the foot of the left and right leg lies at or beyond the edge of the picture (whatever its confidence)."""

    @property
    def frames(self) -> int:
        return len(self.times_s)

    @property
    def hip_centre(self) -> Floats:
        """(T, 2) middle of the hips, of one alone where the other is not seen."""
        return middle(self.legs[:, :, HIP])

    @property
    def shoulder_centre(self) -> Floats:
        """(T, 2)"""
        return middle(self.shoulders)

    @property
    def present(self) -> Bools:
        """(T,) there is a runner: a hip, a knee and an ankle at least."""
        return np.asarray(np.isfinite(self.legs[:, :, (HIP, KNEE, ANKLE)]).all(axis=-1).any(axis=0).all(axis=-1))


def middle(pair: Floats) -> Floats:
    """(2, …) → (…): mean of what is seen of the two, NaN where neither is."""
    seen = np.isfinite(pair)
    count = seen.sum(axis=0)
    total = np.where(seen, pair, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def body_of(poses: PoseSequence, kb: GaitKnowledge) -> Body:
    """Legs and trunk of a pose sequence; points below `skeleton.min_confidence` count as not seen."""
    points = np.array(poses.points[..., :2], dtype=np.float64)
    confidence = np.nan_to_num(np.array(poses.points[..., 2], dtype=np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    unseen = ~np.isfinite(points).all(axis=-1) | (confidence < kb.value("skeleton.min_confidence"))
    margin = kb.value("scale.edge_share") * max(poses.width_px, poses.height_px)
    high = np.array([poses.width_px, poses.height_px]) - margin
    beyond = np.asarray(((points < margin) | (points > high)).any(axis=-1))
    points[unseen] = np.nan
    confidence = np.where(unseen, 0.0, np.minimum(confidence, 1.0))
    rows = [list(leg_indices(side)) for side in SIDES]
    return Body(
        times_s=np.array(poses.times_s, dtype=np.float64),
        legs=np.stack([points[:, leg] for leg in rows]),
        confidence=np.stack([confidence[:, leg] for leg in rows]),
        shoulders=np.stack([points[:, KEYPOINT_INDEX[f"{side.value}_shoulder"]] for side in SIDES]),
        nose=points[:, KEYPOINT_INDEX["nose"]],
        outside=np.stack([beyond[:, leg[ANKLE:]].any(axis=-1) for leg in rows]),
    )


def nan_median(values: Floats) -> float:
    """Median of what is finite; NaN of nothing."""
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if finite.size else float("nan")


def nan_percentile(values: Floats, percent: float) -> float:
    """Percentile of what is finite; NaN of nothing."""
    finite = values[np.isfinite(values)]
    return float(np.percentile(finite, percent)) if finite.size else float("nan")


def lengths(start: Floats, end: Floats) -> Floats:
    """(…, 2) and (…, 2) → (…) distance."""
    return np.asarray(np.hypot(end[..., 0] - start[..., 0], end[..., 1] - start[..., 1]))
