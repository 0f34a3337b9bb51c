"""Body points sorted into legs; unsure points left out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from stick_runner import GAIT, LEFT_LEG, RIGHT_LEG, stick_body, stick_recording, with_points

from soleus.gait.skeleton import ANKLE, HIP, body_of, lengths, middle, nan_median, nan_percentile


def test_legs_come_by_side_and_part() -> None:
    recording = stick_recording(seconds=1)
    body = stick_body(recording)
    np.testing.assert_array_equal(body.legs[0], recording.poses.points[:, LEFT_LEG, :2])
    np.testing.assert_array_equal(body.legs[1], recording.poses.points[:, RIGHT_LEG, :2])
    assert body.frames == 30
    assert body.present.all()
    np.testing.assert_allclose(body.shoulder_centre[:, 0], body.shoulders[0, :, 0])


def test_a_point_of_low_confidence_counts_as_not_seen() -> None:
    recording = stick_recording(seconds=1)
    points = recording.poses.points.copy()
    points[3, LEFT_LEG[ANKLE], 2] = GAIT.value("skeleton.min_confidence") - 0.01
    points[4, LEFT_LEG[HIP], 2] = np.nan
    points[5, RIGHT_LEG[HIP], 0] = np.inf
    body = stick_body(with_points(recording, points))
    assert np.isnan(body.legs[0, 3, ANKLE]).all()
    assert body.confidence[0, 3, ANKLE] == 0
    assert np.isnan(body.legs[0, 4, HIP]).all()
    assert np.isnan(body.legs[1, 5, HIP]).all()
    np.testing.assert_allclose(body.hip_centre[5], body.legs[0, 5, HIP])
    assert body.present.all()


def test_nobody_is_there_when_neither_leg_was_seen_down_to_the_ankle() -> None:
    recording = stick_recording(seconds=1)
    points = recording.poses.points.copy()
    points[7, [LEFT_LEG[ANKLE], RIGHT_LEG[ANKLE]], :2] = np.nan
    body = stick_body(with_points(recording, points))
    assert not body.present[7]
    assert body.present.sum() == 29


def test_a_foot_beyond_the_edge_is_outside_whatever_its_confidence() -> None:
    recording = stick_recording(seconds=1)
    points = recording.poses.points.copy()
    points[2, RIGHT_LEG[4]] = (640.0, 725.0, 0.01)
    body = stick_body(with_points(recording, points))
    assert body.outside[1, 2]
    assert body.outside.sum() == 1


def test_an_empty_film_has_an_empty_body() -> None:
    recording = stick_recording(seconds=0)
    body = body_of(recording.poses, GAIT)
    assert body.frames == 0
    assert body.present.shape == (0,)


def test_medians_and_percentiles_of_what_is_known() -> None:
    assert nan_median(np.array([1.0, np.nan, 3.0])) == 2.0
    assert math.isnan(nan_median(np.array([np.nan])))
    assert nan_percentile(np.array([0.0, np.nan, 10.0]), 95) == pytest.approx(9.5)
    assert math.isnan(nan_percentile(np.zeros(0), 50))
    np.testing.assert_allclose(middle(np.array([[1.0, np.nan, np.nan], [3.0, 5.0, np.nan]])), [2.0, 5.0, np.nan])
    np.testing.assert_allclose(lengths(np.array([0.0, 0.0]), np.array([3.0, 4.0])), 5.0)
