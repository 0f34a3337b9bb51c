"""Regions of interest: their geometry and how they are smoothed over time."""

import math

import numpy as np
import pytest

from soleus.vision.pose.base import Roi
from soleus.vision.pose.regions import AnchorFilter, crop_to_image, cut, roi_from_anchor, to_image


@pytest.mark.parametrize(
    ("direction", "rotation_rad"),
    [((0, -1), 0.0), ((1, 0), math.pi / 2), ((0, 1), -math.pi), ((-1, 0), -math.pi / 2)],
)
def test_a_region_turns_with_the_body(direction: tuple[float, float], rotation_rad: float) -> None:
    anchor = np.array([[100.0, 200.0], [100.0 + 40 * direction[0], 200.0 + 40 * direction[1]]])
    roi = roi_from_anchor(anchor, scale=1.25)
    assert (roi.x_px, roi.y_px, roi.size_px) == pytest.approx((100, 200, 100))
    assert math.remainder(roi.rotation_rad - rotation_rad, 2 * math.pi) == pytest.approx(0, abs=1e-9)
    assert -math.pi <= roi.rotation_rad < math.pi


def test_the_upper_edge_of_the_crop_lies_towards_the_second_anchor_point() -> None:
    anchor = np.array([[100.0, 200.0], [130.0, 160.0]])
    roi = roi_from_anchor(anchor, scale=1.0)
    top_middle = to_image(np.array([[128.0, 0.0]]), crop_to_image(roi, 256))
    assert top_middle[0] == pytest.approx(anchor[1])


def test_the_crop_matrix_keeps_the_middle_and_the_size() -> None:
    roi = Roi(x_px=300, y_px=150, size_px=512, rotation_rad=0.3)
    matrix = crop_to_image(roi, 256)
    corners = to_image(np.array([[128.0, 128.0], [0.0, 0.0], [256.0, 0.0]]), matrix)
    assert corners[0] == pytest.approx((300, 150))
    assert math.dist(corners[1], corners[2]) == pytest.approx(512)


def test_cutting_at_full_scale_is_slicing() -> None:
    pytest.importorskip("cv2")
    image = np.random.default_rng(1).integers(0, 255, (40, 60, 3), np.uint8)
    roi = Roi(x_px=20, y_px=15, size_px=16)
    assert np.array_equal(cut(image, roi, 16, replicate=True), image[7:23, 12:28])


@pytest.mark.parametrize(("replicate", "outside"), [(True, 200), (False, 0)])
def test_outside_the_picture_the_edge_is_repeated_or_black(replicate: bool, outside: int) -> None:
    pytest.importorskip("cv2")
    image = np.full((20, 20, 3), 200, np.uint8)
    crop = cut(image, Roi(x_px=0, y_px=0, size_px=16), 16, replicate=replicate)
    assert (crop[0, 0] == outside).all()
    assert (crop[12, 12] == 200).all()


ANCHOR = np.array([[100.0, 200.0], [100.0, 100.0]])


def test_the_first_anchor_passes_unchanged_and_a_still_one_stays() -> None:
    smooth = AnchorFilter()
    for step in range(5):
        assert smooth.update(ANCHOR, step / 30) == pytest.approx(ANCHOR)


def test_jitter_is_smoothed_and_a_fast_move_is_followed() -> None:
    rng = np.random.default_rng(2)
    smooth = AnchorFilter()
    jitter = [smooth.update(ANCHOR + rng.normal(0, 1, (2, 2)), t / 30) for t in range(90)]
    assert np.std(np.array(jitter)[30:], axis=0).max() < 0.6
    moved = ANCHOR + np.array([80.0, 0.0])
    for t in range(90, 105):
        last = smooth.update(moved, t / 30)
    assert last[0, 0] == pytest.approx(180, abs=4)


def test_smoothing_knows_time_not_frames() -> None:
    """Half a second of the same movement at 30 and at 120 pictures a second ends near the same place."""
    ends = []
    for fps in (30, 120):
        smooth = AnchorFilter()
        for step in range(fps // 2 + 1):
            end = smooth.update(ANCHOR + np.array([step / fps * 200, 0]), step / fps)
        ends.append(end[0, 0])
    assert ends[0] == pytest.approx(ends[1], abs=6)


def test_smoothing_is_the_same_for_a_near_and_a_far_runner() -> None:
    near, far = AnchorFilter(), AnchorFilter()
    for step in range(20):
        anchor = ANCHOR + np.array([5 * math.sin(step), 3 * math.cos(step)])
        assert near.update(anchor * 3, step / 30) == pytest.approx(far.update(anchor, step / 30) * 3)


def test_a_reset_forgets_and_a_repeated_time_does_no_harm() -> None:
    smooth = AnchorFilter()
    smooth.update(ANCHOR, 1.0)
    assert np.isfinite(smooth.update(ANCHOR + 5, 1.0)).all()
    smooth.reset()
    assert smooth.update(ANCHOR + 50, 1.1) == pytest.approx(ANCHOR + 50)
