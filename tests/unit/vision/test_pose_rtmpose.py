"""RTMPose through rtmlib, with rtmlib replaced: its weights are not part of Soleus."""

import hashlib
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from soleus.core.errors import PoseBackendError
from soleus.core.recording import KEYPOINTS
from soleus.vision.pose.base import Roi
from soleus.vision.pose.rtmpose import CROP_PX, RtmPose

pytest.importorskip("cv2")


class Model:
    """Stands in for rtmlib.RTMPose."""

    def __init__(self, solution: "Solution") -> None:
        self.solution = solution
        self.onnx_model = str(solution.weights)

    def __call__(self, image: np.ndarray, bboxes: list[list[float]]) -> tuple[np.ndarray, np.ndarray]:
        return self.solution.points(image, bboxes)


class Solution:
    """Stands in for rtmlib.BodyWithFeet: finds the reddest pixel, in pictures with blue first as rtmlib wants them."""

    weights: Path

    def __init__(self, *, mode: str, backend: str, device: str) -> None:
        self.boxes: list[tuple[float, ...]] = [(10, 20, 50, 140), (300, 20, 420, 320)]
        self.score = 0.8
        self.pose_model = Model(self)

    def det_model(self, image: np.ndarray) -> np.ndarray:
        return np.array(self.boxes)

    def points(self, image: np.ndarray, bboxes: list[list[float]]) -> tuple[np.ndarray, np.ndarray]:
        (x0, y0, x1, y1), *_ = bboxes
        assert (x1 - x0) / (y1 - y0) == pytest.approx(0.75)
        row, column = np.unravel_index(np.argmax(image[:, :, 2].astype(int) - image[:, :, 0]), image.shape[:2])
        xy = np.tile((column, row), (26, 1)).astype(float)
        xy[20:] += (0, 40)
        return xy[None], np.full((1, 26), self.score)


@pytest.fixture
def rtm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RtmPose:
    Solution.weights = tmp_path / "rtmpose.onnx"
    Solution.weights.write_bytes(b"weights")
    module = ModuleType("rtmlib")
    module.BodyWithFeet = Solution  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "rtmlib", module)
    return RtmPose()


def test_people_become_regions_the_largest_first(rtm: RtmPose) -> None:
    first, second = rtm.detect(np.zeros((400, 500, 3), np.uint8))
    assert first.roi == Roi(x_px=360, y_px=170, size_px=375)
    assert second.roi == Roi(x_px=30, y_px=80, size_px=150)


def test_nobody_gives_no_region(rtm: RtmPose) -> None:
    rtm._solution.boxes = []
    assert rtm.detect(np.zeros((400, 500, 3), np.uint8)) == ()


def test_points_come_back_in_the_picture_and_in_canonical_order(rtm: RtmPose) -> None:
    image = np.zeros((400, 500, 3), np.uint8)
    image[150:153, 210:213, 0] = 255
    roi = Roi(x_px=200, y_px=160, size_px=256)
    (pose,) = rtm.infer([rtm.crop(image, roi)], [roi])
    knee, toe = pose.points[KEYPOINTS.index("left_knee")], pose.points[KEYPOINTS.index("left_toe")]
    assert knee[:2] == pytest.approx((211, 151), abs=1.5)
    assert toe[:2] == pytest.approx(knee[:2] + np.array([0, 40 * 256 / CROP_PX]), abs=0.1)
    assert (knee[2], pose.presence) == pytest.approx((0.8, 0.8))
    assert rtm.place(pose.anchor).y_px == pytest.approx((knee[1] + toe[1]) / 2)


def test_an_unsure_network_keeps_the_region_and_says_nobody(rtm: RtmPose) -> None:
    rtm._solution.score = 0.1
    roi = Roi(x_px=200, y_px=160, size_px=256)
    (pose,) = rtm.infer([np.zeros((CROP_PX, CROP_PX, 3), np.uint8)], [roi])
    assert pose.presence < 0.5
    assert rtm.place(pose.anchor) == roi


def test_it_names_its_weights(rtm: RtmPose) -> None:
    assert (rtm.name, rtm.version, rtm.batch) == ("rtmpose-halpe26", hashlib.sha256(b"weights").hexdigest()[:8], 1)


def test_without_rtmlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rtmlib", None)
    with pytest.raises(PoseBackendError, match=r"soleus\[rtm\]"):
        RtmPose()


def test_weights_that_cannot_be_fetched_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(**_: object) -> None:
        raise OSError("no route")

    module = ModuleType("rtmlib")
    module.BodyWithFeet = offline  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "rtmlib", module)
    with pytest.raises(PoseBackendError, match="fetches them on first use"):
        RtmPose()
