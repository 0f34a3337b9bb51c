"""Where the camera stands, which way the runner faces, how long a leg is in the picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stick_runner import GAIT, LEFT_LEG, RIGHT_LEG, stick_body, stick_recording, with_points

from soleus.core.recording import KEYPOINT_INDEX, Facing, View
from soleus.gait.scale import fits_view, forward_sign, leg_length_px, stance_of


@pytest.mark.parametrize("facing_left", [True, False])
def test_the_runner_faces_where_toes_knees_and_nose_point(facing_left: bool) -> None:
    stance = stance_of(stick_body(stick_recording(facing_left=facing_left)), GAIT)
    assert stance.facing is (Facing.LEFT if facing_left else Facing.RIGHT)
    assert stance.leg_length_px == pytest.approx(300, abs=1)
    assert stance.yaw_deg < 5
    assert fits_view(stance, View.SIDE, GAIT)
    assert not fits_view(stance, View.BACK, GAIT)


def test_knees_tell_the_direction_without_foot_points_and_face() -> None:
    recording = stick_recording(facing_left=False)
    points = recording.poses.points.copy()
    points[:, LEFT_LEG[3:] + RIGHT_LEG[3:], :2] = np.nan
    points[:, KEYPOINT_INDEX["nose"], :2] = np.nan
    body = stick_body(with_points(recording, points))
    assert forward_sign(body, 300.0) > 0.3


def test_nothing_seen_faces_nowhere() -> None:
    recording = stick_recording(seconds=1)
    stance = stance_of(stick_body(with_points(recording, np.full_like(recording.poses.points, np.nan))), GAIT)
    assert stance.facing is None
    assert np.isnan(stance.leg_length_px)
    assert not fits_view(stance, View.SIDE, GAIT)
    assert not fits_view(stance, View.BACK, GAIT)
    lost = replace(stick_body(recording), legs=np.full((2, 30, 5, 2), np.nan), nose=np.full((30, 2), np.nan))
    assert np.isnan(forward_sign(lost, 300.0))
    assert replace(stance, forward=0.0).facing is None


def test_wide_shoulders_tell_a_film_from_behind_or_in_front() -> None:
    recording = stick_recording()
    points = recording.poses.points.copy()
    middle = points[:, [LEFT_LEG[0]], 0]
    points[..., 0] = middle + 0.05 * (points[..., 0] - middle)
    for side, sign in (("left", -1), ("right", 1)):
        points[:, KEYPOINT_INDEX[f"{side}_shoulder"], 0] = middle[:, 0] + sign * 70.0
    behind = stance_of(stick_body(with_points(recording, points)), GAIT)
    assert behind.yaw_deg > 60
    assert fits_view(behind, View.BACK, GAIT)
    assert not fits_view(behind, View.SIDE, GAIT)
    in_front = points.copy()
    in_front[..., 0] = 2 * middle - points[..., 0]
    assert not fits_view(stance_of(stick_body(with_points(recording, in_front)), GAIT), View.BACK, GAIT)


def test_somebody_who_stands_sideways_is_seen_from_the_side() -> None:
    recording = stick_recording()
    still = np.repeat(recording.poses.points[10:11], recording.poses.frames, axis=0)
    assert stance_of(stick_body(with_points(recording, still)), GAIT).yaw_deg < 10


def test_a_leg_is_thigh_and_shank() -> None:
    legs = np.zeros((3, 5, 2))
    legs[:, 1, 1], legs[:, 2, 1] = 100.0, 190.0
    assert leg_length_px(legs) == pytest.approx(190.0)
