"""The type between cleaning and events: shapes, the way from pixels to leg lengths and back, values between frames."""

from __future__ import annotations

import numpy as np
import pytest

from soleus.core.measurement import Side
from soleus.core.recording import Facing, Floats
from soleus.gait.motion import LegTrack, Motion, PictureFrame


def leg(frames: int, *, near: bool = True, foot: bool = True) -> LegTrack:
    points = np.zeros((frames, 2))
    foot_points = points if foot else np.full((frames, 2), np.nan)
    return LegTrack(
        side=Side.LEFT,
        near=near,
        hip=points,
        knee=points,
        ankle=points,
        heel=foot_points,
        toe=foot_points,
        confidence=np.ones(frames),
        in_frame=np.ones(frames, dtype=bool),
    )


def motion(frames: int, **changes: object) -> Motion:
    known: dict[str, object] = {
        "times_s": np.arange(frames) / 10,
        "rate_hz": 10.0,
        "capture_fps": 10.0,
        "legs": {"near": leg(frames)},
        "hip_centre": np.zeros((frames, 2)),
        "shoulders": np.zeros((frames, 2)),
        "frame": PictureFrame(origin_px=(0.0, 0.0), leg_length_px=100.0, forward=1),
        "facing": Facing.RIGHT,
    }
    return Motion(**(known | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("forward", [1, -1])
@pytest.mark.parametrize("level_deg", [0.0, 2.5])
def test_pixels_and_leg_lengths_are_one_the_way_back_of_the_other(forward: int, level_deg: float) -> None:
    frame = PictureFrame(origin_px=(320.0, 700.0), leg_length_px=250.0, forward=forward, level_deg=level_deg)
    points = np.array([[10.0, 20.0], [400.0, 720.0], [np.nan, 3.0]])
    back = frame.to_pixels(frame.to_lengths(points))
    np.testing.assert_allclose(back[:2], points[:2], atol=1e-9)
    assert np.isnan(back[2]).any()


def test_a_runner_facing_left_runs_towards_plus_x_and_up_is_up() -> None:
    frame = PictureFrame(origin_px=(300.0, 500.0), leg_length_px=100.0, forward=-1)
    np.testing.assert_allclose(frame.to_lengths(np.array([200.0, 400.0])), [1.0, 1.0])


def test_ground_that_rises_in_running_direction_is_turned_level() -> None:
    rise = np.radians(3.0)
    along: Floats = np.array([[0.0, 0.0], [-100.0 * np.cos(rise), -100.0 * np.sin(rise)]])  # facing left, y down
    frame = PictureFrame(origin_px=(0.0, 0.0), leg_length_px=100.0, forward=-1, level_deg=3.0)
    np.testing.assert_allclose(frame.to_lengths(along), [[0.0, 0.0], [1.0, 0.0]], atol=1e-12)


def test_a_value_between_two_frames_lies_between_them_and_never_across_a_gap() -> None:
    track = np.array([[0.0, 0.0], [1.0, 2.0], [np.nan, np.nan]])
    film = motion(3)
    np.testing.assert_allclose(film.at(track, 0.05), [0.5, 1.0])
    np.testing.assert_allclose(film.at(track, 0.1), [1.0, 2.0])
    assert np.isnan(film.at(track, 0.15)).all()
    assert np.isnan(film.at(track[:, 0], 0.2))
    assert np.isnan(film.at(track, 0.21)).all()
    assert np.isnan(film.at(track, -0.01)).all()
    assert np.isnan(motion(0).at(np.zeros((0, 2)), 0.0)).all()


def test_what_a_motion_says_of_itself() -> None:
    film = motion(11)
    assert film.duration_s == pytest.approx(1.0)
    assert motion(0).duration_s == 0.0
    assert film.near is film.legs["near"]
    assert film.far is None
    assert film.leg_length_px == 100.0
    assert film.for_angles("near") is film.near
    smooth = leg(11)
    assert motion(11, joints={"near": smooth}).for_angles("near") is smooth
    assert leg(3).has_foot
    assert not leg(3, foot=False).has_foot
    assert leg(3).seen.all()


def test_arrays_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="left leg do not fit 3 frames"):
        LegTrack(**{name: getattr(leg(3), name) for name in LegTrack.__slots__} | {"hip": np.zeros((2, 2))})
    with pytest.raises(ValueError, match="a leg does not fit 3 frames"):
        motion(3, legs={"near": leg(2)})
    with pytest.raises(ValueError, match="do not fit 3"):
        motion(3, shoulders=np.zeros((3, 3)))
