"""RTMPose Halpe26 through rtmlib: a second opinion from another family of networks, with big toe and heel.

rtmlib (extra `rtm`) fetches its weights from its own servers on first use; nothing of them is part of Soleus.
Source: Jiang et al., RTMPose, arXiv 2303.07399. Not run in Soleus's own tests: those replay its recorded points.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from soleus.core.errors import PoseBackendError
from soleus.core.recording import KEYPOINTS
from soleus.vision.pose.base import Detection, Floats, Image, Pose, Roi
from soleus.vision.pose.regions import crop_to_image, cut, roi_from_anchor, to_image

HALPE26: dict[str, int] = {
    "nose": 0,
    "left_ear": 3,
    "right_ear": 4,
    "left_shoulder": 5,
    "right_shoulder": 6,
    "left_elbow": 7,
    "right_elbow": 8,
    "left_wrist": 9,
    "right_wrist": 10,
    "left_hip": 11,
    "right_hip": 12,
    "left_knee": 13,
    "right_knee": 14,
    "left_ankle": 15,
    "right_ankle": 16,
    "left_toe": 20,
    "right_toe": 21,
    "left_heel": 24,
    "right_heel": 25,
}
"""Canonical point -> row of Halpe26; `toe` is its big toe."""

CANONICAL: tuple[int, ...] = tuple(HALPE26[name] for name in KEYPOINTS)
CROP_PX = 512
MARGIN = 1.25
"""Region over the height of the person, and also what rtmlib itself adds around a box."""
ASPECT = 0.75
"""Width over height of the network's input."""
_SURE = 0.3


class RtmPose:
    """A `PoseBackend` over rtmlib's BodyWithFeet ("balanced" by default)."""

    def __init__(self, mode: str = "balanced", *, device: str = "cpu") -> None:
        try:
            import rtmlib
        except ImportError as error:
            raise PoseBackendError("rtmlib is not installed", hint="pip install 'soleus[rtm]'") from error
        try:
            self._solution: Any = rtmlib.BodyWithFeet(mode=mode, backend="onnxruntime", device=device)
        except (OSError, RuntimeError) as error:
            raise PoseBackendError(
                "rtmlib could not load its weights", hint="It fetches them on first use and needs the internet for it"
            ) from error
        self._version = hashlib.sha256(Path(self._solution.pose_model.onnx_model).read_bytes()).hexdigest()[:8]
        # rtmlib keeps state in its tools while it computes.
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return "rtmpose-halpe26"

    @property
    def version(self) -> str:
        return self._version

    @property
    def batch(self) -> int:
        return 1

    def detect(self, image: Image) -> tuple[Detection, ...]:
        """People as rtmlib's detector gives them; it tells no score, the largest come first."""
        with self._lock:
            boxes = np.asarray(self._solution.det_model(_bgr(image)), float).reshape(-1, 4)
        rois = [
            Roi(x_px=(x0 + x1) / 2, y_px=(y0 + y1) / 2, size_px=MARGIN * max(y1 - y0, x1 - x0))
            for x0, y0, x1, y1 in boxes
        ]
        return tuple(Detection(roi=roi, score=1.0) for roi in sorted(rois, key=lambda roi: -roi.size_px))

    def crop(self, image: Image, roi: Roi) -> Image:
        return cut(image, roi, CROP_PX, replicate=True)

    def place(self, anchor: Floats) -> Roi:
        return roi_from_anchor(anchor, scale=MARGIN)

    def infer(self, crops: Sequence[Image], rois: Sequence[Roi]) -> list[Pose]:
        """Body points of each region; the box inside the crop has the shape of the network's input."""
        high = CROP_PX / MARGIN
        wide = ASPECT * high
        box = [(CROP_PX - wide) / 2, (CROP_PX - high) / 2, (CROP_PX + wide) / 2, (CROP_PX + high) / 2]
        poses: list[Pose] = []
        for crop, roi in zip(crops, rois, strict=True):
            with self._lock:
                xy, scores = self._solution.pose_model(_bgr(crop), bboxes=[box])
            confidence = np.clip(np.asarray(scores[0], float), 0, 1)
            points = to_image(np.asarray(xy[0], float), crop_to_image(roi, CROP_PX))
            raw = np.column_stack((points, confidence))
            poses.append(
                Pose(
                    points=raw[list(CANONICAL)],
                    presence=float(confidence[list(CANONICAL)].mean()),
                    anchor=_anchor(points[confidence >= _SURE], roi),
                    raw=raw,
                )
            )
        return poses


def _anchor(points: Floats, roi: Roi) -> Floats:
    """Middle of the sure points' box, and the point half its longer side above; the old region when there are none."""
    if len(points) < 2:
        middle, half = np.array([roi.x_px, roi.y_px]), roi.size_px / MARGIN / 2
    else:
        low, high = points.min(axis=0), points.max(axis=0)
        middle, half = (low + high) / 2, float((high - low).max()) / 2
    return np.array([middle, middle - (0, half)])


def _bgr(image: Image) -> Image:
    return np.ascontiguousarray(image[:, :, ::-1])
