"""From a film to the report: what is measured, what is refused, and that nothing a film holds breaks it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from stick_runner import KB, LEFT_LEG, RIGHT_LEG, with_points

from soleus.core.gait import GaitReport
from soleus.core.measurement import Measurement, Side
from soleus.core.recording import KEYPOINTS, ClipFacts, Facing, PoseSequence, Recording, View
from soleus.gait.engine import analyse, analyse_gait
from soleus.gait.trim import cut
from soleus.validation.synthetic.camera import Camera
from soleus.validation.synthetic.pattern import STANDING, WALKING
from soleus.validation.synthetic.sensor import Sensor
from soleus.validation.synthetic_runner import Scene, SyntheticClip, synthesize

SHARED = Path(__file__).resolve().parents[4] / "shared" / "gait" / "truth" / "zzzhushi" / "male_side.pose.json"
THIRTY = Sensor(fps=30)
SCENES = {
    "side": Scene(sensor=THIRTY, duration_s=8),
    "swaps": Scene(sensor=Sensor(fps=30, swaps_per_s=0.3), duration_s=8),
    "walking": Scene(sensor=THIRTY, duration_s=8, gait=WALKING),
    "standing": Scene(sensor=THIRTY, duration_s=5, gait=STANDING),
    "oblique": Scene(sensor=THIRTY, duration_s=5, camera=Camera(orbit_deg=40)),
    "behind": Scene(sensor=THIRTY, duration_s=8, camera=Camera(orbit_deg=90)),
}


@lru_cache(maxsize=16)
def clip(name: str) -> SyntheticClip:
    return synthesize(SCENES[name])


def film(name: str) -> Recording:
    """A made-up film, or what becomes of the one from the side."""
    if name in SCENES:
        return clip(name).recording
    side = clip("side").recording
    points, rng = side.poses.points.copy(), np.random.default_rng(0)
    match name:
        case "in front":
            behind = clip("behind").recording
            points = behind.poses.points.copy()
            points[..., 0] = behind.poses.width_px - points[..., 0]
        case "small":
            points[..., :2] *= 0.37
        case "short":
            return cut(side, 0, 75)
        case "slow pictures":
            poses = replace(side.poses, times_s=side.poses.times_s[::2], points=points[::2], people=None)
            return Recording(poses=poses, facts=replace(side.facts, fps=15.0, motion_energy=None, shift_px=None))
        case "panning":
            shift = np.tile([5.0, 0.0], (side.poses.frames, 1))
            return replace(side, facts=replace(side.facts, shift_px=shift))
        case "feet cut off":
            points[..., 1] += 130
        case "cut":
            points[120:] = points[:1]
            spliced = replace(side, facts=replace(side.facts, cuts=1, motion_energy=None))
            return with_points(spliced, points)
        case "noise":
            points[..., :2] += rng.normal(0, 30, points[..., :2].shape)
    return with_points(side, points)


def report(name: str, **options: object) -> GaitReport:
    return analyse_gait(film(name), KB, **options)  # type: ignore[arg-type]


def codes(found: GaitReport) -> list[str]:
    return [entry.code for entry in found.refusals]


def test_a_runner_from_the_side_is_measured() -> None:
    found = report("side")
    truth = clip("side").truth
    assert found.refusals == ()
    assert found.facing is Facing.LEFT
    assert found.knowledge_version == KB.version
    cadence = found.metric("cadence")
    assert cadence is not None
    assert isinstance(cadence.measured, Measurement)
    assert cadence.measured.low <= truth.cadence_spm <= cadence.measured.high
    assert found.quality is not None
    assert found.quality.alternation == 1.0
    assert found.quality.swap_share == 0.0
    for spm in (
        found.quality.cadence_events_spm,
        found.quality.cadence_spectral_spm,
        found.quality.cadence_pixels_spm,
    ):
        assert spm == pytest.approx(truth.cadence_spm, abs=1.5)
    assert found.quality.steps_used[Side.LEFT] >= 10
    assert next(step.near for step in found.steps if step.side is Side.LEFT)
    assert found.steps[0].contact_s < found.steps[-1].contact_s
    assert [message.text for message in found.cautions] == ["gait.caution.few_pictures"]


def test_exchanged_legs_are_counted_and_the_numbers_stay() -> None:
    found, clean = analyse(clip("swaps").recording, KB.gait), analyse(clip("side").recording, KB.gait)
    assert found.legs is not None
    assert clean.counts is not None
    assert found.counts is not None
    truth = clip("swaps").truth.swapped_legs
    assert (found.legs.swapped == truth).mean() >= 0.99
    assert found.counts.alternation == 1.0
    assert found.counts.duty == pytest.approx(clean.counts.duty, abs=0.05)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("walking", "walking"),
        ("standing", "not_running"),
        ("small", "too_small"),
        ("oblique", "not_side_view"),
        ("behind", "not_side_view"),
        ("in front", "not_side_view"),
        ("short", "too_short"),
        ("slow pictures", "fps_too_low"),
        ("panning", "camera_moves"),
        ("feet cut off", "feet_out_of_frame"),
        ("noise", "points_unsteady"),
        ("cut", "cuts"),
    ],
)
def test_what_cannot_be_measured_is_refused_for_the_right_reason(name: str, first: str) -> None:
    found = report(name)
    assert codes(found)[0] == first
    assert found.metrics == ()
    assert found.steps == ()
    assert found.observations == ()
    assert found.findings == ()
    assert found.cautions == ()
    assert found.quality is not None


def test_where_nobody_is_found_dark_or_blurred_pictures_are_named_as_well() -> None:
    side = clip("side").recording
    unseen = with_points(side, np.full_like(side.poses.points, np.nan))
    dark = replace(unseen, facts=replace(side.facts, brightness=4.0, cuts=3))
    assert codes(analyse_gait(dark, KB)) == ["no_runner", "dark"]


def test_what_only_follows_from_a_cut_or_a_wrong_side_is_not_said_beside_it() -> None:
    assert codes(report("cut")) == ["cuts"]
    assert "not_running" not in codes(report("behind"))


def test_a_film_from_behind_gives_its_own_numbers_only() -> None:
    found = report("behind", view=View.BACK)
    assert found.refusals == ()
    assert found.facing is None
    assert found.metrics
    assert all(KB.gait.metrics[line.metric].view is View.BACK for line in found.metrics)
    assert codes(report("side", view=View.BACK)) == ["not_back_view"]


def test_slow_motion_that_nobody_told_is_found_out() -> None:
    side = clip("side").recording
    slowed = replace(side, poses=replace(side.poses, times_s=side.poses.times_s * 4))
    assert "slow_motion_unclear" in codes(analyse_gait(slowed, KB))
    hurried = replace(side, poses=replace(side.poses, times_s=side.poses.times_s / 2))
    facts = replace(side.facts, fps=60.0, slow_motion=2.0)
    assert "slow_motion_unclear" in codes(analyse_gait(replace(hurried, facts=facts), KB))


def test_a_stated_speed_that_cannot_be_is_held_against_the_film_on_a_treadmill_only() -> None:
    side = clip("side").recording
    assert codes(analyse_gait(side, KB, speed_mps=3.0, height_m=1.75)) == []
    assert codes(analyse_gait(side, KB, speed_mps=1.0, height_m=1.75)) == ["slow_motion_unclear"]
    assert codes(analyse_gait(side, KB, speed_mps=0.0, height_m=1.75)) == ["slow_motion_unclear"]
    assert codes(analyse_gait(side, KB, speed_mps=1.0, height_m=1.75, treadmill=False)) == []
    assert codes(analyse_gait(side, KB, speed_mps=1.0)) == []


def test_the_next_film_is_compared_with_the_last() -> None:
    first = report("side", speed_mps=3.0)
    second = report("side", speed_mps=3.0, previous=first)
    assert second.changes
    assert not any(change.real for change in second.changes)


def test_an_exchanged_stretch_with_pixels_that_disagree_is_refused() -> None:
    side = clip("side").recording
    times = side.poses.times_s
    other = 5 + np.cos(2 * np.pi * 2.2 * times)
    wrong = replace(side, facts=replace(side.facts, motion_energy=other))
    assert codes(analyse_gait(wrong, KB)) == ["cadence_disagrees"]


def test_who_comes_in_late_is_judged_by_the_rest() -> None:
    side = clip("side").recording
    points = side.poses.points.copy()
    points[:40, :, :2] = np.nan
    late = with_points(side, points)
    found = analyse_gait(late, KB)
    assert found.refusals == ()
    assert found.quality is not None
    assert found.quality.seen_share == 1.0
    assert found.steps[0].contact_s > 40 / 30
    gone = points.copy()
    gone[60:, :, :2] = np.nan
    assert codes(analyse_gait(with_points(side, gone), KB)) == ["no_runner"]


def film_of(points: np.ndarray, times: np.ndarray, **facts: object) -> Recording:
    known: dict[str, object] = {"duration_s": 1.0, "fps": 30.0, "width_px": 1280, "height_px": 720}
    return Recording(
        poses=PoseSequence(times_s=times, points=points, width_px=1280, height_px=720, model="any"),
        facts=ClipFacts(**(known | facts)),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("view", list(View))
@pytest.mark.parametrize("frames", [0, 1, 2, 3, 5, 8, 40])
@pytest.mark.parametrize("filling", ["nan", "zero", "noise", "same", "infinite"])
def test_no_film_breaks_it(filling: str, frames: int, view: View) -> None:
    rng = np.random.default_rng(frames)
    points = {
        "nan": np.full((frames, len(KEYPOINTS), 3), np.nan),
        "zero": np.zeros((frames, len(KEYPOINTS), 3)),
        "noise": rng.uniform(0, 700, (frames, len(KEYPOINTS), 3)),
        "same": np.ones((frames, len(KEYPOINTS), 3)),
        "infinite": np.full((frames, len(KEYPOINTS), 3), np.inf),
    }[filling]
    found = analyse_gait(film_of(points, np.arange(frames) / 30), KB, view=view, speed_mps=3.0, height_m=1.7)
    assert codes(found) == ["no_runner"]
    assert (found.quality is None) == (frames == 0)


@pytest.mark.parametrize("view", list(View))
@pytest.mark.parametrize(
    "damage", ["feet", "left", "doubled", "hips", "trunk", "gap", "holes", "still", "huge", "uneven", "clock"]
)
def test_damaged_films_give_a_report(damage: str, view: View) -> None:
    side = clip("side").recording
    points, times = side.poses.points.copy(), side.poses.times_s.copy()
    rng = np.random.default_rng(0)
    match damage:
        case "feet":
            points[:, LEFT_LEG[3:] + RIGHT_LEG[3:], :2] = np.nan
        case "left":
            points[:, LEFT_LEG, :2] = np.nan
        case "doubled":
            points[:, RIGHT_LEG] = points[:, LEFT_LEG]
        case "hips":
            points[:, [LEFT_LEG[0], RIGHT_LEG[0]], :2] = np.nan
        case "trunk":
            points[:, :9, :2] = np.nan
        case "gap":
            points[60:130] = np.nan
        case "holes":
            points[rng.random(points.shape[:2]) < 0.5] = np.nan
        case "still":
            points[:] = points[:1]
        case "huge":
            points[..., :2] *= 1e9
        case "uneven":
            times = np.sort(rng.uniform(0, 8, len(times)))
        case "clock":
            times = np.arange(len(times)) * 1e-9
    damaged = replace(side, poses=replace(side.poses, points=points, times_s=times))
    found = analyse_gait(damaged, KB, view=view)
    assert found.refusals or found.metrics
    if damage in ("left", "doubled", "hips", "holes", "still", "uneven", "clock"):
        assert found.refusals


def test_a_film_without_a_frame_rate_takes_it_from_the_times() -> None:
    side = clip("side").recording
    unstated = replace(side, facts=replace(side.facts, fps=float("nan")))
    found = analyse_gait(unstated, KB)
    assert found.refusals == ()
    assert found.fps == pytest.approx(30)


@pytest.mark.skipif(not SHARED.exists(), reason="other people's data, not part of Soleus")
def test_a_real_runner_gets_the_cadence_that_was_counted_in_the_pixels() -> None:
    data = json.loads(SHARED.read_text())
    names = data["keypoint_names"]
    frames = np.array(data["frames"], dtype=np.float64)
    points = np.full((len(frames), len(KEYPOINTS), 3), np.nan)
    for i, name in enumerate(KEYPOINTS):
        there = name.replace("left_", "l_").replace("right_", "r_").replace("_toe", "_big_toe")
        if there in names:
            points[:, i] = frames[:, names.index(there)]
    real = Recording(
        poses=PoseSequence(
            times_s=np.arange(len(frames)) / 30, points=points, width_px=720, height_px=1280, model="rtmpose"
        ),
        facts=ClipFacts(duration_s=12.0, fps=30.0, width_px=720, height_px=1280),
    )
    found = analyse_gait(real, KB)
    assert found.refusals == ()
    assert found.quality is not None
    assert found.quality.alternation >= 0.98
    assert found.quality.steps_used[Side.LEFT] >= 14
    cadence = found.metric("cadence")
    assert cadence is not None
    assert isinstance(cadence.measured, Measurement)
    assert cadence.measured.value == pytest.approx(168.9, abs=1.0)
    assert found.quality.cadence_events_spm == pytest.approx(168.9, abs=1.0)
    assert found.quality.cadence_spectral_spm == pytest.approx(168.9, abs=1.0)
    assert math.isnan(found.quality.cadence_pixels_spm)
