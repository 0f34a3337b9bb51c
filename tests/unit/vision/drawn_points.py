"""Points of a simple running figure for tests of the pose network: smooth, periodic, and nobody real."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soleus.core.measurement import Side
from soleus.core.recording import KEYPOINT_INDEX, KEYPOINTS, Facing

Floats = NDArray[np.float64]


def running_points(phase: float, *, facing: Facing, x_px: float, y_px: float, leg_px: float) -> Floats:
    """(K, 2) canonical points at a phase (radians) of the stride; the hips are at x_px, y_px."""
    unit = leg_px / 187
    forward = -1.0 if facing is Facing.LEFT else 1.0
    points = np.zeros((len(KEYPOINTS), 2))

    def put(name: str, ahead: float, down: float) -> None:
        points[KEYPOINT_INDEX[name]] = ahead, down

    def swing(length: float, angle: float) -> Floats:
        return length * np.array([np.sin(angle), np.cos(angle)])

    bounce = 6 * np.sin(2 * phase)
    hips, shoulders = np.array([0.0, bounce]), np.array([12.0, bounce - 125])
    put("nose", 48, bounce - 182)
    for side in Side:
        own = phase if side is facing.near else phase + np.pi
        thigh = 0.55 * np.sin(own)
        shank = thigh - max(0.15, 0.9 * np.cos(own - 0.3) + 0.45)
        knee = hips + swing(95, thigh)
        ankle = knee + swing(92, shank)
        toe, heel = ankle + swing(38, shank + 1.45), ankle - swing(8, shank + 1.45) + (0, 8)
        upper = -0.7 * np.sin(own)
        elbow = shoulders + swing(62, upper)
        wrist = elbow + swing(55, upper + 1.5)
        name = side.value
        put(f"{name}_ear", 16, bounce - 188)
        for part, at in (("hip", hips), ("knee", knee), ("ankle", ankle), ("heel", heel), ("toe", toe)):
            put(f"{name}_{part}", *at)
        for part, at in (("shoulder", shoulders), ("elbow", elbow), ("wrist", wrist)):
            put(f"{name}_{part}", *at)
    return points * (forward * unit, unit) + (x_px, y_px)
