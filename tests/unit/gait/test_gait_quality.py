"""What makes a film unfit, and what is only said beside the numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stick_runner import GAIT, LEFT_LEG, RIGHT_LEG, stick_body, stick_recording, with_points

from soleus.core.recording import KEYPOINT_INDEX, Floats, Recording, View
from soleus.gait.quality import (
    camera_movement,
    cautions,
    fps_of,
    in_order,
    is_person,
    person_changes,
    person_refusals,
    picture_refusals,
    refusal,
    several_share,
    shown_leg_px,
    view_refusals,
)
from soleus.gait.scale import stance_of


def person_codes(recording: Recording) -> list[str]:
    body = stick_body(recording)
    return [entry.code for entry in person_refusals(recording, body, stance_of(body, GAIT), GAIT)]


def picture_codes(recording: Recording, leg_px: float = 300.0) -> list[str]:
    return [entry.code for entry in picture_refusals(recording, leg_px, GAIT)]


def moved(recording: Recording, rows: slice, by: tuple[float, float] = (0.0, 0.0), times: float = 1.0) -> Recording:
    points: Floats = recording.poses.points.copy()
    hip = points[rows, LEFT_LEG[:1], :2]
    points[rows, :, :2] = hip + times * (points[rows, :, :2] - hip) + np.array(by)
    return with_points(recording, points)


def test_one_runner_all_the_time_is_fine() -> None:
    assert person_codes(stick_recording()) == []


def test_a_runner_who_is_seldom_seen_is_none() -> None:
    recording = stick_recording()
    points = recording.poses.points.copy()
    points[:120, :, :2] = np.nan
    assert person_codes(with_points(recording, points)) == ["no_runner"]
    assert person_codes(stick_recording(seconds=0)) == ["no_runner"]
    assert person_codes(with_points(recording, np.full_like(points, np.nan))) == ["no_runner"]


@pytest.mark.parametrize("how", ["upside down", "lying", "thigh", "trunk", "wobble"])
def test_points_without_the_build_of_a_person_are_none(how: str) -> None:
    recording = stick_recording()
    points = recording.poses.points.copy()
    hip = points[:, LEFT_LEG[:1], :2]
    if how == "upside down":
        points[..., 1] = 720 - points[..., 1]
    elif how == "lying":
        points[..., :2] = hip + (points[..., :2] - hip)[..., ::-1]
    elif how == "thigh":
        for leg in (LEFT_LEG, RIGHT_LEG):
            points[:, leg[1], :2] = hip[:, 0] + 0.15 * (points[:, leg[1], :2] - hip[:, 0])
    elif how == "trunk":
        points[:, [KEYPOINT_INDEX["left_shoulder"], KEYPOINT_INDEX["right_shoulder"]], 1] -= 800
    else:
        rng = np.random.default_rng(0)
        points[:, LEFT_LEG + RIGHT_LEG, :2] += rng.uniform(-400, 400, (len(points), 10, 2))
    body = stick_body(with_points(recording, points))
    assert not is_person(body, stance_of(body, GAIT), GAIT)


def test_legs_without_a_trunk_may_still_be_a_person() -> None:
    recording = stick_recording()
    points = recording.poses.points.copy()
    points[:, :9, :2] = np.nan
    assert person_codes(with_points(recording, points)) == []


def test_several_people_are_refused_unless_one_was_pointed_out() -> None:
    recording = stick_recording()
    people = np.full(recording.poses.frames, -1, dtype=np.int16)
    people[::15] = 1
    people[[0, 15, 30]] = 2
    crowd = replace(recording, poses=replace(recording.poses, people=people))
    assert several_share(crowd.poses) == pytest.approx(3 / 12)
    assert person_codes(crowd) == ["several_people"]
    assert person_codes(replace(crowd, facts=replace(crowd.facts, chosen=True))) == []
    nobody_looked = replace(recording.poses, people=np.full(recording.poses.frames, -1, dtype=np.int16))
    assert several_share(nobody_looked) == 0
    assert several_share(recording.poses) == 0


def test_a_jump_that_stays_is_another_person_and_one_that_comes_back_a_slip() -> None:
    recording = stick_recording()
    assert person_codes(moved(recording, slice(90, None), by=(450.0, 0.0))) == ["person_changes"]
    assert person_codes(moved(recording, slice(90, 91), by=(450.0, 0.0))) == []


def test_another_size_is_another_person() -> None:
    recording = stick_recording()
    assert person_codes(moved(recording, slice(90, None), times=0.55)) == ["person_changes"]
    assert not person_changes(stick_body(stick_recording(seconds=0.2)), 300.0, GAIT)


def test_size_is_not_asked_of_legs_never_seen_together() -> None:
    recording = stick_recording()
    points = recording.poses.points.copy()
    points[:, RIGHT_LEG[1], :2] = np.nan
    points[:90, LEFT_LEG[1], :2] = np.nan
    assert not person_changes(stick_body(with_points(recording, points)), 300.0, GAIT)
    points[:, LEFT_LEG[1], :2] = np.nan
    assert not person_changes(stick_body(with_points(recording, points)), 300.0, GAIT)


def test_good_pictures_and_unmeasured_ones_pass() -> None:
    assert picture_codes(stick_recording()) == []
    frames = stick_recording().poses.frames
    measured = stick_recording(
        cuts=0, frozen_share=0.0, brightness=120.0, sharpness=np.full(frames, 0.6), shift_px=np.zeros((frames, 2))
    )
    assert picture_codes(measured) == []


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"cuts": 1}, "cuts"),
        ({"frozen_share": 0.5}, "frozen"),
        ({"brightness": 5.0}, "dark"),
        ({"sharpness": np.full(180, 0.01)}, "blurred"),
        ({"fps": 15.0}, "fps_too_low"),
    ],
)
def test_each_fault_of_the_pictures_has_its_reason(facts: dict[str, object], code: str) -> None:
    assert picture_codes(stick_recording(**facts)) == [code]  # type: ignore[arg-type]


def test_a_small_runner_is_refused_also_when_the_film_was_enlarged() -> None:
    assert picture_codes(stick_recording(), leg_px=140.0) == ["too_small"]
    enlarged = stick_recording(width_px=320, height_px=180)
    assert shown_leg_px(enlarged, 300.0) == pytest.approx(75)
    assert picture_codes(enlarged) == ["too_small"]
    shrunk = stick_recording(width_px=3840, height_px=2160)
    assert shown_leg_px(shrunk, 300.0) == 300.0
    without_size = replace(shrunk, poses=replace(shrunk.poses, width_px=0, height_px=0))
    assert shown_leg_px(without_size, 300.0) == 300.0


def test_a_camera_that_turns_with_the_runner_is_refused_and_one_that_trembles_is_not() -> None:
    frames = 180
    pan = np.tile([4.0, 0.0], (frames, 1))
    assert picture_codes(stick_recording(shift_px=pan)) == ["camera_moves"]
    tremble = np.random.default_rng(0).normal(0, 0.5, (frames, 2))
    tremble -= np.roll(tremble, 1, axis=0)
    assert picture_codes(stick_recording(shift_px=tremble)) == []


def test_a_background_that_was_not_seen_moves_nowhere() -> None:
    frames = 180
    unseen = np.full((frames, 2), np.nan)
    unseen[:50] = 9.0
    assert camera_movement(stick_recording(shift_px=unseen), 300.0, GAIT) == 0
    assert camera_movement(stick_recording(), 300.0, GAIT) == 0
    assert camera_movement(stick_recording(shift_px=np.ones((3, 2))), 300.0, GAIT) == 0
    assert camera_movement(stick_recording(shift_px=np.ones((frames, 2))), float("nan"), GAIT) == 0
    short = stick_recording(seconds=0.3, shift_px=np.ones((9, 2)))
    assert camera_movement(short, 100.0, GAIT) == pytest.approx(np.hypot(9, 9) / 100)


def test_the_view_and_the_feet() -> None:
    stance = stance_of(stick_body(stick_recording()), GAIT)
    inside, mostly = np.zeros(100, dtype=bool), np.arange(100) < 40
    assert view_refusals(stance, inside, View.SIDE, GAIT) == []
    assert [r.code for r in view_refusals(stance, inside, View.BACK, GAIT)] == ["not_back_view"]
    turned = replace(stance, yaw_deg=40.0)
    found = view_refusals(turned, mostly, View.SIDE, GAIT)
    assert [r.code for r in found] == ["not_side_view", "feet_out_of_frame"]
    assert found[1].share == pytest.approx(0.4)
    assert view_refusals(stance, np.zeros(0, dtype=bool), View.SIDE, GAIT) == []


def test_what_to_mend_first_comes_first_and_each_reason_once() -> None:
    found = in_order([refusal("walking"), refusal("too_small"), refusal("walking", share=0.5)], GAIT)
    assert [entry.code for entry in found] == ["too_small", "walking"]
    assert found[0].reason.text == "gait.refusal.too_small"
    assert [entry.code for entry in in_order([refusal("zz"), refusal("cuts")], GAIT)] == ["cuts", "zz"]
    assert in_order([], replace(GAIT, refusals={})) == ()


def test_every_reason_given_here_is_known_to_the_knowledge_base() -> None:
    assert {"no_runner", "several_people", "person_changes", "cuts", "points_unsteady"} <= set(GAIT.refusals)


def test_a_good_film_comes_without_cautions_and_a_mediocre_one_with_all() -> None:
    good = stick_recording(fps=60.0)
    body = stick_body(good)
    stance = stance_of(body, GAIT)
    assert cautions(good, body, stance, 0.0, View.SIDE, GAIT) == ()
    frames = stick_recording().poses.frames
    poor = stick_recording(
        slow_motion=4.0, slow_motion_from="stated", repairs=("one",), shift_px=np.tile([1.0, 0.0], (frames, 1))
    )
    points = poor.poses.points.copy()
    points[:30, :, :2] = np.nan
    poor = with_points(poor, points)
    poor_stance = replace(stance, leg_length_px=200.0, yaw_deg=20.0)
    said = [m.text for m in cautions(poor, stick_body(poor), poor_stance, 0.2, View.SIDE, GAIT)]
    names = ("small", "few_pictures", "camera_shakes", "not_square", "parts_missing", "slow_motion_stated", "repaired")
    assert said == [f"gait.caution.{name}" for name in (*names, "far_leg")]


def test_the_frame_rate_is_as_stated_else_from_the_times() -> None:
    facts = stick_recording().facts
    times = np.arange(10) / 50
    assert fps_of(facts, times) == 30.0
    assert fps_of(replace(facts, fps=0.0), times) == pytest.approx(50)
    assert fps_of(replace(facts, fps=float("nan")), times) == pytest.approx(50)
    assert np.isnan(fps_of(replace(facts, fps=-1.0), times[:1]))
