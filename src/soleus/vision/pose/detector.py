"""BlazePose's person detector: anchors, decoding and weighted non-maximum suppression; finds several people.

The network looks for faces and torsos; each detection carries the middle of the hips and a point on the circle around
the whole body, which give the region of interest. Constants: MediaPipe pose_detection (Apache-2.0); source: Bazarevsky
et al., BlazePose, arXiv 2006.10204.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soleus.vision.pose.base import Detection, Floats, Image, Roi
from soleus.vision.pose.regions import cut, roi_from_anchor
from soleus.vision.pose.runtime import Network

STRIDES_AND_ANCHORS = ((8, 2), (16, 2), (32, 6))
"""Step of the grid in pixels of the network's input, and anchors at each of its cells."""
MIN_SCORE = 0.5
MIN_OVERLAP = 0.3
ROI_SCALE = 1.25
_SCORE_CLIP = 100.0
_HIPS, _BODY = 2, 3
"""Rows of a decoded detection: two corners of the box, then its key points."""


class PersonDetector:
    """People in a picture, by BlazePose's detector."""

    def __init__(self, *, device: str = "auto", threads: int = 1) -> None:
        self._network = Network("detector", device=device, threads=threads)
        self._anchors = anchor_centres(self._network.input_px)

    def detect(self, image: Image) -> tuple[Detection, ...]:
        """Every person, the surest first; the picture is fitted into the network's square with black borders."""
        height, width = image.shape[:2]
        side = max(height, width)
        whole = Roi(x_px=width / 2, y_px=height / 2, size_px=side)
        size = self._network.input_px
        outputs = self._network.run(cut(image, whole, size, replicate=False)[None])
        shapes, scores = decode(outputs["boxes"][0], outputs["scores"][0, :, 0], self._anchors, size)
        found: list[Detection] = []
        for shape, score in suppress(shapes, scores):
            points_px = (shape - 0.5) * side + (width / 2, height / 2)
            anchor = points_px[[_HIPS, _BODY]]
            found.append(Detection(roi=roi_from_anchor(anchor, scale=ROI_SCALE), score=score))
        return tuple(found)


def anchor_centres(input_px: int) -> Floats:
    """(A, 2) x, y of the anchors as shares of the input, in the order of the network's output rows."""
    centres: list[Floats] = []
    for stride, count in STRIDES_AND_ANCHORS:
        cells = input_px // stride
        y, x = np.divmod(np.arange(cells * cells), cells)
        grid = (np.stack((x, y), axis=1) + 0.5) / cells
        centres.append(np.repeat(grid, count, axis=0))
    return np.concatenate(centres)


def decode(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], anchors: Floats, input_px: int
) -> tuple[Floats, Floats]:
    """Detections above the least score: (D, 6, 2) box corners and four key points as shares of the input; (D,) scores.

    `boxes` (A, 12) holds centre, size and four points in input pixels, relative to the anchor.
    """
    sure = 1 / (1 + np.exp(-np.clip(scores.astype(float), -_SCORE_CLIP, _SCORE_CLIP)))
    kept = sure >= MIN_SCORE
    values = boxes[kept].astype(float).reshape(-1, 6, 2) / input_px
    anchors = anchors[kept]
    centre, size, points = values[:, 0] + anchors, values[:, 1], values[:, 2:] + anchors[:, None]
    return np.concatenate(((centre - size / 2)[:, None], (centre + size / 2)[:, None], points), axis=1), sure[kept]


def suppress(shapes: Floats, scores: Floats) -> list[tuple[Floats, float]]:
    """Merge detections of one person: the mean, weighted by score, of all that overlap the best one enough."""
    order = np.argsort(-scores, kind="stable")
    merged: list[tuple[Floats, float]] = []
    while order.size:
        overlapping = overlap(shapes[order], shapes[order[0]]) > MIN_OVERLAP
        overlapping[0] = True
        group = order[overlapping]
        mean = np.average(shapes[group], axis=0, weights=scores[group])
        merged.append((mean, float(scores[order[0]])))
        order = order[~overlapping]
    return merged


def overlap(shapes: Floats, shape: Floats) -> Floats:
    """(D,) intersection over union of each box with one box; rows 0 and 1 of a shape are its corners."""
    low = np.maximum(shapes[:, 0], shape[0])
    high = np.minimum(shapes[:, 1], shape[1])
    shared = np.prod(np.clip(high - low, 0, None), axis=1)
    union = np.prod(shapes[:, 1] - shapes[:, 0], axis=1) + np.prod(shape[1] - shape[0]) - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))
