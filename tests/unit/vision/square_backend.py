"""A pose network for tests: the "runner" is the bright square of `film_maker`, its legs the lower half of it."""

import numpy as np

from soleus.core.recording import KEYPOINT_INDEX, KEYPOINTS
from soleus.vision.pose.base import Detection, Pose, Roi
from soleus.vision.pose.regions import cut

CROP_PX = 64
BRIGHT = 235


def middle(image):
    rows, columns = np.nonzero(image.min(axis=2) >= BRIGHT)
    return (float(columns.mean()) + 0.5, float(rows.mean()) + 0.5) if len(rows) else None


class SquareBackend:
    """Finds the square; `size_px` is its side."""

    name = "square"
    version = "1"
    batch = 1

    def __init__(self, size_px=30):
        self.size_px = size_px

    def detect(self, image):
        found = middle(image)
        if found is None:
            return ()
        return (Detection(roi=Roi(x_px=found[0], y_px=found[1], size_px=4 * self.size_px), score=0.9),)

    def crop(self, image, roi):
        return cut(image, Roi(x_px=roi.x_px, y_px=roi.y_px, size_px=roi.size_px), CROP_PX, replicate=False)

    def infer(self, crops, rois):
        return [self._pose(crop, roi) for crop, roi in zip(crops, rois, strict=True)]

    def _pose(self, crop, roi):
        found = middle(crop)
        points = np.full((len(KEYPOINTS), 3), np.nan)
        points[:, 2] = 0
        if found is None:
            return Pose(points=points, presence=0.0, anchor=np.zeros((2, 2)))
        x, y = (c + (v / CROP_PX - 0.5) * roi.size_px for c, v in zip((roi.x_px, roi.y_px), found, strict=True))
        half = self.size_px / 2
        for name, (dx, dy) in {
            "nose": (0, -1), "left_shoulder": (0, -0.8), "right_shoulder": (0, -0.8), "left_hip": (0, -0.2),
            "right_hip": (0, -0.2), "left_knee": (-0.4, 0.3), "right_knee": (0.4, 0.3), "left_ankle": (-0.5, 0.8),
            "right_ankle": (0.5, 0.8), "left_heel": (-0.4, 1), "right_heel": (0.6, 1), "left_toe": (-0.8, 1),
            "right_toe": (0.2, 1),
        }.items():  # fmt: skip
            points[KEYPOINT_INDEX[name]] = (x + dx * half, y + dy * half, 0.9)
        return Pose(points=points, presence=0.9, anchor=np.array([[x, y], [x, y - half]]))

    def place(self, anchor):
        return Roi(x_px=float(anchor[0, 0]), y_px=float(anchor[0, 1]), size_px=4 * self.size_px)
