"""Geometry of regions of interest: cutting them out, mapping points back, and smoothing them over time.

Pixel coordinates are continuous: (0, 0) is the corner of the picture, as in MediaPipe's own cropping.
"""

from __future__ import annotations

import math

import numpy as np

from soleus.vision.pose.base import Floats, Image, Roi


def roi_from_anchor(anchor: Floats, *, scale: float) -> Roi:
    """Square around anchor[0]; its half side is `scale` times the distance to anchor[1], its top lies that way.

    Formula (MediaPipe AlignmentPointsRectsCalculator, target angle 90 degrees; RectTransformationCalculator):
    size = 2 · scale · |a1 - a0|; rotation = pi/2 - atan2(-(y1 - y0), x1 - x0), brought into [-pi, pi).
    """
    dx, dy = (float(v) for v in anchor[1] - anchor[0])
    rotation = math.pi / 2 - math.atan2(-dy, dx)
    rotation -= 2 * math.pi * math.floor((rotation + math.pi) / (2 * math.pi))
    return Roi(
        x_px=float(anchor[0, 0]),
        y_px=float(anchor[0, 1]),
        size_px=2 * scale * math.hypot(dx, dy),
        rotation_rad=rotation,
    )


def crop_to_image(roi: Roi, crop_px: int) -> Floats:
    """(2, 3) affine matrix from crop pixels (0 … crop_px) to picture pixels."""
    scale = roi.size_px / crop_px
    c, s = math.cos(roi.rotation_rad) * scale, math.sin(roi.rotation_rad) * scale
    half = crop_px / 2
    return np.array(
        [
            [c, -s, roi.x_px - half * (c - s)],
            [s, c, roi.y_px - half * (s + c)],
        ]
    )


def cut(image: Image, roi: Roi, crop_px: int, *, replicate: bool) -> Image:
    """(crop_px, crop_px, 3) bilinear cut of the region; outside the picture its edge is repeated, or black."""
    import cv2

    cut_out = cv2.warpAffine(
        image,
        crop_to_image(roi, crop_px),
        (crop_px, crop_px),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE if replicate else cv2.BORDER_CONSTANT,
    )
    return np.asarray(cut_out, np.uint8)


def to_image(points_px: Floats, matrix: Floats) -> Floats:
    """(…, 2) crop pixels to picture pixels."""
    return points_px @ matrix[:, :2].T + matrix[:, 2]


class AnchorFilter:
    """One-Euro filter on the two anchor points: still when the body is still, quick when it moves.

    Speeds are measured in body sizes per second, so the filter behaves alike for a near and a far runner.
    Constants are MediaPipe's for the auxiliary landmarks (pose_landmark_filtering). Source: Casiez, Roussel, Vogel,
    1€ filter, CHI 2012, doi 10.1145/2207676.2208639.
    """

    MIN_CUTOFF_HZ = 0.01
    BETA = 10.0
    DERIVATIVE_CUTOFF_HZ = 1.0
    FIRST_STEP_S = 1 / 30

    def __init__(self) -> None:
        self._raw: Floats | None = None
        self._smooth: Floats = np.zeros((2, 2))
        self._speed: Floats = np.zeros((2, 2))
        self._time_s = 0.0

    def reset(self) -> None:
        self._raw = None

    def update(self, anchor: Floats, time_s: float) -> Floats:
        """Smoothed (2, 2) anchor at `time_s`."""
        if self._raw is None:
            self._raw, self._smooth, self._speed, self._time_s = anchor, anchor, np.zeros((2, 2)), time_s
            return anchor
        step_s = time_s - self._time_s
        if step_s <= 0:
            step_s = self.FIRST_STEP_S
        body_px = max(2 * float(np.hypot(*(anchor[1] - anchor[0]))), 1e-6)
        speed = (anchor - self._raw) / (body_px * step_s)
        self._speed += _alpha(self.DERIVATIVE_CUTOFF_HZ, step_s) * (speed - self._speed)
        weight = _alpha(self.MIN_CUTOFF_HZ + self.BETA * np.abs(self._speed), step_s)
        self._smooth = self._smooth + weight * (anchor - self._smooth)
        self._raw, self._time_s = anchor, time_s
        return self._smooth


def _alpha(cutoff_hz: Floats | float, step_s: float) -> Floats:
    """Weight of a new sample in an exponential mean with this cut-off."""
    return np.asarray(1 / (1 + 1 / (2 * math.pi * cutoff_hz * step_s)))
