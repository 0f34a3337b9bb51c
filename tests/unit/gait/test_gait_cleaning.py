"""Sorted legs → movement in leg lengths on an even grid."""

from __future__ import annotations

import numpy as np
import pytest
from stick_runner import GAIT, LEFT_LEG, leg_points, stick_body, stick_recording, true_phase, with_points

from soleus.core.measurement import Side
from soleus.core.recording import Facing, Recording, View
from soleus.gait.cleaning import motion_of, without_outliers
from soleus.gait.identity import named_legs, sort_legs
from soleus.gait.motion import Motion
from soleus.gait.smoothing import Smoother


def motion(recording: Recording, facing: Facing = Facing.LEFT, **options: object) -> Motion:
    body = stick_body(recording)
    legs = sort_legs(body, facing, 300.0, 170 / 60, GAIT)
    return motion_of(body, legs, recording.facts.fps, facing, GAIT, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("smoother", list(Smoother))
@pytest.mark.parametrize("facing_left", [True, False])
@pytest.mark.parametrize("fps", [30.0, 60.0, 240.0])
def test_the_movement_comes_out_in_leg_lengths_running_to_plus_x(
    fps: float, facing_left: bool, smoother: Smoother
) -> None:
    facing = Facing.LEFT if facing_left else Facing.RIGHT
    film = motion(stick_recording(fps=fps, facing_left=facing_left), facing, smoother=smoother, height_m=1.8)
    assert film.near is not None
    assert film.near.side is facing.near
    assert film.far is not None
    assert film.far.side is facing.near.other
    assert film.metres_per_leg == pytest.approx(1.8 * GAIT.value("scale.leg_of_height"))
    phase = true_phase(film.times_s)
    hip = np.stack([np.zeros_like(phase), 1.05 + 0.03 * np.cos(2 * phase)], axis=-1)
    truth = leg_points(phase, hip)[:, 3] - hip
    inside = (film.times_s > 0.5) & (film.times_s < 5)
    np.testing.assert_allclose((film.near.heel - film.near.hip)[inside], truth[inside], atol=0.03)
    assert (film.near.in_frame & film.near.seen).all()
    assert film.near.confidence.min() == pytest.approx(0.9)
    assert np.abs(film.for_angles("near").heel - film.near.heel).max() > 0


def test_angles_do_not_depend_on_the_size_of_the_runner() -> None:
    small, large = (motion(stick_recording(leg_px=px)) for px in (160.0, 320.0))
    assert small.near is not None
    assert large.near is not None
    np.testing.assert_allclose(small.near.toe - small.near.heel, large.near.toe - large.near.heel, atol=1e-9)


def test_a_wild_point_is_taken_out_and_mended() -> None:
    recording = stick_recording()
    points = recording.poses.points.copy()
    points[[40, 90], LEFT_LEG[4], 0] += 150.0
    wild = with_points(recording, points)
    body = stick_body(wild)
    legs = sort_legs(body, Facing.LEFT, 300.0, 170 / 60, GAIT)
    cleaned = without_outliers(body.times_s, legs, body.hip_centre, -1, 300.0, GAIT)
    assert np.isnan(cleaned.legs[0, [40, 90], 4]).all()
    assert cleaned.outlier_share == pytest.approx(2 / (180 * 10))
    mended, clean = motion(wild), motion(recording)
    assert mended.near is not None
    assert clean.near is not None
    assert np.abs(mended.near.toe - clean.near.toe).max() < 0.05
    assert (mended.near.confidence == 0).sum() > 0


def test_a_foot_cut_off_by_the_edge_is_out_of_frame() -> None:
    recording = stick_recording()
    points = recording.poses.points.copy()
    points[60:70, LEFT_LEG[4], 1] = 730.0
    film = motion(with_points(recording, points))
    assert film.near is not None
    gone = ~film.near.in_frame
    assert gone[(film.times_s >= 2.0) & (film.times_s <= 69 / 30)].all()
    assert gone.mean() < 0.08


def test_nothing_seen_gives_nothing_but_never_an_error() -> None:
    recording = stick_recording(seconds=1)
    body = stick_body(with_points(recording, np.full_like(recording.poses.points, np.nan)))
    legs = sort_legs(body, Facing.LEFT, 300.0, float("nan"), GAIT)
    film = motion_of(body, legs, 30.0, Facing.LEFT, GAIT)
    assert film.near is not None
    assert not film.near.seen.any()
    assert film.frame.origin_px == (0.0, 0.0)


def test_the_far_leg_gives_the_scale_when_the_near_one_was_never_seen() -> None:
    recording = stick_recording()
    points = recording.poses.points.copy()
    points[:, LEFT_LEG, :2] = np.nan
    film = motion(with_points(recording, points))
    assert film.leg_length_px == pytest.approx(300, abs=1)


def test_from_behind_legs_keep_their_names_and_nobody_faces_anywhere() -> None:
    recording = stick_recording()
    body = stick_body(recording)
    film = motion_of(body, named_legs(body), 30.0, Facing.LEFT, GAIT, view=View.BACK)
    assert set(film.legs) == {"left", "right"}
    assert film.facing is None
    assert all(leg.near for leg in film.legs.values())
    assert film.legs["right"].side is Side.RIGHT
