"""BlazePose in ONNX Runtime: 33 body points with heel and toe of each foot.

Steps for one region: cut and turn it to 256 × 256; run the network; pull each point to the centre of mass of its
heat map around the first estimate; map back to the picture. Follows MediaPipe's pose_landmark graph (Apache-2.0).
Source: Bazarevsky et al., BlazePose: on-device real-time body pose tracking, arXiv 2006.10204.
Known failure: the far leg while the near one hides it, and left and right when both legs overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from soleus.core.errors import PoseBackendError
from soleus.core.recording import KEYPOINTS
from soleus.vision.pose.base import Detection, Floats, Image, Pose, Roi
from soleus.vision.pose.detector import ROI_SCALE, PersonDetector
from soleus.vision.pose.regions import crop_to_image, cut, roi_from_anchor, to_image
from soleus.vision.pose.runtime import GPU_BATCH, Network

BLAZEPOSE_POINTS: tuple[str, ...] = (
    "nose",
    "left_eye_inner",
    "left_eye",
    "left_eye_outer",
    "right_eye_inner",
    "right_eye",
    "right_eye_outer",
    "left_ear",
    "right_ear",
    "mouth_left",
    "mouth_right",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_pinky",
    "right_pinky",
    "left_index",
    "right_index",
    "left_thumb",
    "right_thumb",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "left_heel",
    "right_heel",
    "left_toe",
    "right_toe",
)
"""The network's points in its order; `toe` is its "foot index"."""

CANONICAL: tuple[int, ...] = tuple(BLAZEPOSE_POINTS.index(name) for name in KEYPOINTS)
VARIANTS = ("heavy", "full")
KERNEL = 9
"""Cells; MediaPipe 0.10 computes with 9 (its output fits 9 to 0.1 px, 7 to 1 px), whatever its graph text says."""
MIN_HEAT = 0.5
_AUXILIARY = slice(33, 35)
"""Points behind the 33: middle of the hips, and one on the circle around the body."""


class BlazePose:
    """A `PoseBackend`. `heavy` is the one for running; `full` is four times quicker and mixes up legs more often."""

    def __init__(self, variant: str = "heavy", *, device: str = "auto", threads: int = 1) -> None:
        if variant not in VARIANTS:
            raise PoseBackendError(f"no BlazePose {variant!r}", hint=f"There are: {', '.join(VARIANTS)}")
        if find_spec("cv2") is None:
            raise PoseBackendError("OpenCV is not installed", hint="pip install 'soleus[gait]'")
        self._variant = variant
        self._network = Network(variant, device=device, threads=threads)
        self._detector = PersonDetector(device=device, threads=threads)

    @property
    def name(self) -> str:
        return f"blazepose-{self._variant}"

    @property
    def version(self) -> str:
        return self._network.version

    @property
    def device(self) -> str:
        """What computes: cuda, coreml, directml or cpu."""
        return self._network.device

    @property
    def batch(self) -> int:
        return 1 if self.device == "cpu" else GPU_BATCH

    def detect(self, image: Image) -> tuple[Detection, ...]:
        return self._detector.detect(image)

    def crop(self, image: Image, roi: Roi) -> Image:
        return cut(image, roi, self._network.input_px, replicate=True)

    def place(self, anchor: Floats) -> Roi:
        return roi_from_anchor(anchor, scale=ROI_SCALE)

    def infer(self, crops: Sequence[Image], rois: Sequence[Roi]) -> list[Pose]:
        """Body points of each region; their confidence is the lesser of "in the picture" and "not hidden"."""
        size = self._network.input_px
        outputs = self._network.run(crops[0][None] if len(crops) == 1 else np.stack(crops))
        poses: list[Pose] = []
        for index, roi in enumerate(rois):
            values = outputs["landmarks"][index].astype(float).reshape(-1, 5)
            share = refine(values[:, :2] / size, outputs["heatmap"][index])
            xy = to_image(share * size, crop_to_image(roi, size))
            confidence = _sigmoid(values[:, 3:]).min(axis=1)
            raw = np.column_stack((xy, confidence))[: len(BLAZEPOSE_POINTS)]
            poses.append(
                Pose(
                    points=raw[list(CANONICAL)],
                    presence=float(outputs["presence"][index, 0]),
                    anchor=xy[_AUXILIARY],
                    raw=raw,
                )
            )
        return poses


def refine(share: Floats, heat: NDArray[np.float32]) -> Floats:
    """Move points to the centre of mass of their heat map.

    `share` (P, 2) x, y as shares of the crop; `heat` (P, H, W) logits. Within 9 × 9 cells around the point:
    x = Σ column · s / (W · Σ s), s = sigmoid(heat); kept as it was where no cell reaches 0.5 or the point lies
    outside the crop. Follows MediaPipe RefineLandmarksFromHeatmapCalculator, whose cells are not centred (no +0.5).
    """
    points, height, width = heat.shape
    cells = np.trunc(share[:points] * (width, height)).astype(int)
    reach = np.arange(KERNEL) - KERNEL // 2
    columns, rows = cells[:, :1] + reach, cells[:, 1:] + reach
    inside = ((columns >= 0) & (columns < width))[:, None, :] & ((rows >= 0) & (rows < height))[:, :, None]
    window = heat[
        np.arange(points)[:, None, None],
        np.clip(rows, 0, height - 1)[:, :, None],
        np.clip(columns, 0, width - 1)[:, None, :],
    ]
    sure = np.where(inside, _sigmoid(window.astype(float)), 0.0)
    total = sure.sum(axis=(1, 2))
    in_crop = np.all((cells >= 0) & (cells < (width, height)), axis=1)
    moved = in_crop & (sure.max(axis=(1, 2)) >= MIN_HEAT)
    refined = share.copy()
    safe = np.where(moved, total, 1.0)
    centre = np.column_stack(
        ((sure.sum(axis=1) * columns).sum(axis=1) / safe / width, (sure.sum(axis=2) * rows).sum(axis=1) / safe / height)
    )
    refined[:points][moved] = centre[moved]
    return refined


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-values)))
