"""The made-up runner is anatomically right, and its film is what a camera would show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from soleus.core.measurement import Side
from soleus.core.recording import KEYPOINT_INDEX, Facing, Floats
from soleus.validation.synthetic.body import Body
from soleus.validation.synthetic.camera import Camera
from soleus.validation.synthetic.hips import GRAVITY
from soleus.validation.synthetic.pattern import (
    GROUCHO,
    RACE_WALKING,
    SHUFFLING,
    STANDING,
    WALKING,
    Gait,
    LegGait,
)
from soleus.validation.synthetic.runner import HEEL_UP_M, SyntheticRunner, build_runner
from soleus.validation.synthetic.sensor import PERFECT, Sensor, SwapKind
from soleus.validation.synthetic_runner import Scene, synthesize

FAST_LEG = LegGait(contact_s=0.182, overstride_ratio=0.30, swing_knee_deg=120.0)
RUNS = {
    "heel striker": Gait(),
    "forefoot striker": Gait(
        left=LegGait(strike_deg=-8.0, dorsiflexion_peak_deg=24.0),
        right=LegGait(strike_deg=-8.0, dorsiflexion_peak_deg=24.0),
    ),
    "slow": Gait(speed_mps=2.3, cadence_spm=158.0, left=LegGait(contact_s=0.29), right=LegGait(contact_s=0.29)),
    "fast": Gait(speed_mps=4.5, cadence_spm=182.0, left=FAST_LEG, right=FAST_LEG, thigh_swing_deg=45.0),
    "overstriding": Gait(cadence_spm=154.0, left=LegGait(overstride_ratio=0.33, knee_contact_deg=11.0)),
}
ALL = RUNS | {"walking": WALKING, "race walking": RACE_WALKING, "groucho": GROUCHO, "shuffling": SHUFFLING}


def runner_of(gait: Gait, seconds: float = 4.0) -> SyntheticRunner:
    return build_runner(gait, seconds, np.random.default_rng(5))


def at(points: Floats, name: str) -> Floats:
    return points[:, KEYPOINT_INDEX[name]]


@pytest.mark.parametrize("name", ALL)
def test_bones_keep_their_length(name: str) -> None:
    body = Body()
    points = runner_of(ALL[name]).points(np.arange(0, 4, 1 / 200))
    for side in Side:
        thigh = np.linalg.norm(at(points, f"{side.value}_knee") - at(points, f"{side.value}_hip"), axis=1)
        shank = np.linalg.norm(at(points, f"{side.value}_ankle") - at(points, f"{side.value}_knee"), axis=1)
        assert np.allclose(thigh, body.thigh_m, atol=1e-9)
        assert np.allclose(shank, body.shank_m, atol=1e-9)
        heel = at(points, f"{side.value}_heel") - at(points, f"{side.value}_ankle")
        assert np.ptp(np.linalg.norm(heel, axis=1)) < 1e-9


@pytest.mark.parametrize("name", ALL)
def test_the_foot_stands_still_on_the_belt(name: str) -> None:
    """While the sole lies flat, heel and toe move back with the belt, to a millimetre (once the foot has settled)."""
    runner = runner_of(ALL[name])
    for step, path in list(zip(runner.steps, runner.feet, strict=True))[4:8]:
        times = step.contact_s + np.linspace(0.06, max(0.07, path.heel_off_s), 20)
        points = runner.points(times)
        toe = at(points, f"{step.side.value}_toe")
        assert np.allclose(
            toe[:, 0] + runner.gait.speed_mps * times, toe[0, 0] + runner.gait.speed_mps * times[0], atol=2e-3
        )


@pytest.mark.parametrize("name", RUNS)
def test_the_flight_is_free_fall(name: str) -> None:
    runner = runner_of(RUNS[name])
    step, following = runner.steps[6], runner.steps[7]
    times = np.linspace(step.toe_off_s + 1e-4, following.contact_s - 1e-4, 9)
    up = runner.hips.up(times)
    assert np.allclose(np.polyfit(times - times[0], up, 2)[0], -GRAVITY / 2, rtol=1e-6)


@pytest.mark.parametrize("name", RUNS)
def test_running_angles_lie_in_published_ranges(name: str) -> None:
    runner = runner_of(RUNS[name], 6.0)
    times = np.arange(0.2, 5.8, 1 / 240)
    for side in Side:
        angles = runner.leg_angles(side, times)
        knee = angles.thigh_deg - angles.shank_deg
        ankle = angles.pitch_deg - angles.shank_deg
        assert knee.min() > 1, "the knee never bends backwards"
        assert 85 < knee.max() < 130, "swing"
        assert 17 < ankle.max() < 32, "dorsiflexion"
        assert -50 < ankle.min() < -15, "push-off"
        stance = np.zeros(len(times), bool)
        for step in runner.steps:
            if step.side is side:
                stance |= (times >= step.contact_s) & (times <= step.toe_off_s)
        assert 34 < knee[stance].max() < 50
    middle = runner.hips.up(times)
    assert 0.04 < np.ptp(middle) < 0.13, "vertical oscillation"


@pytest.mark.parametrize("name", RUNS)
def test_feet_are_on_the_ground_in_stance_and_above_it_in_the_air(name: str) -> None:
    runner = runner_of(RUNS[name], 6.0)
    times = np.arange(0.2, 5.8, 1 / 240)
    points = runner.points(times)
    for side in Side:
        heel, toe = at(points, f"{side.value}_heel")[:, 1], at(points, f"{side.value}_toe")[:, 1]
        lowest = np.minimum(heel, toe)
        assert lowest.min() > -0.004
        air = np.ones(len(times), bool)
        for step in runner.steps:
            if step.side is side:
                air &= (times < step.contact_s - 0.02) | (times > step.toe_off_s + 0.03)
        assert lowest[air].min() > HEEL_UP_M - 0.01


@pytest.mark.parametrize("name", ALL)
def test_points_move_without_jumps(name: str) -> None:
    """No point moves faster than 16 m/s, nor jumps where stance and swing meet."""
    times = np.arange(0, 4, 1 / 500)
    points = runner_of(ALL[name]).points(times)
    assert np.linalg.norm(np.diff(points, axis=0), axis=-1).max() * 500 < 16.0


def test_a_run_without_flight_is_refused_by_the_generator() -> None:
    with pytest.raises(ValueError, match="no flight"):
        runner_of(Gait(left=LegGait(contact_s=0.40)))


def test_the_same_seed_gives_the_same_film() -> None:
    first, second = synthesize(Scene(seed=3, duration_s=3.0)), synthesize(Scene(seed=3, duration_s=3.0))
    assert np.array_equal(first.recording.poses.points, second.recording.poses.points, equal_nan=True)
    other = synthesize(Scene(seed=4, duration_s=3.0))
    assert not np.array_equal(first.recording.poses.points, other.recording.poses.points, equal_nan=True)


@pytest.mark.parametrize(("facing", "sign"), [(Facing.LEFT, -1.0), (Facing.RIGHT, 1.0)])
def test_the_runner_looks_where_the_camera_says(facing: Facing, sign: float) -> None:
    clip = synthesize(Scene(camera=Camera(facing=facing), sensor=PERFECT, duration_s=2.0))
    points = clip.recording.poses
    ahead = points.point("nose")[:, 0] - points.point("left_ear")[:, 0]
    assert (ahead * sign > 0).all()
    near, far = clip.truth.near, clip.truth.near.other
    size = [np.ptp(points.point(f"{side.value}_ankle")[:, 0]) for side in (near, far)]
    assert size[0] > size[1], "the near leg is the larger one in the picture"


def test_from_behind_left_is_left() -> None:
    points = synthesize(Scene(camera=Camera(orbit_deg=90.0), sensor=PERFECT, duration_s=2.0)).recording.poses
    assert (points.point("left_hip")[:, 0] < points.point("right_hip")[:, 0]).all()
    front = synthesize(Scene(camera=Camera(orbit_deg=-90.0), sensor=PERFECT, duration_s=2.0)).recording.poses
    assert (front.point("left_hip")[:, 0] > front.point("right_hip")[:, 0]).all()


def test_leg_size_and_level() -> None:
    clip = synthesize(Scene(camera=Camera(leg_px=400.0), sensor=PERFECT, duration_s=3.0))
    points = clip.recording.poses
    near = clip.truth.near.value
    thigh = np.linalg.norm(points.point(f"{near}_hip") - points.point(f"{near}_knee"), axis=1)
    assert np.median(thigh) == pytest.approx(0.5 * 400, rel=0.05)
    rolled = synthesize(Scene(camera=Camera(roll_deg=5.0), sensor=PERFECT, duration_s=3.0)).truth
    level = synthesize(Scene(sensor=PERFECT, duration_s=3.0)).truth
    # facing left, a clockwise roll leans the picture of the trunk backwards: the runner looks left
    change = rolled.values["trunk_lean", Side.LEFT] - level.values["trunk_lean", Side.LEFT]
    assert change == pytest.approx(-5.0, abs=0.3)


def test_true_values_are_the_ones_asked_for() -> None:
    leg = LegGait(contact_s=0.24, strike_deg=14.0, overstride_ratio=0.25, knee_contact_deg=17.0)
    clip = synthesize(Scene(gait=Gait(cadence_spm=172.0, left=leg, right=leg), sensor=PERFECT, duration_s=15.0))
    truth = clip.truth
    assert truth.cadence_spm == pytest.approx(172.0, abs=1.0)
    space = {name: float(np.median(truth.space(name, Side.LEFT))) for name in truth.steps[0].space}
    assert space["contact_time"] == pytest.approx(240, abs=4)
    assert space["foot_strike_angle"] == pytest.approx(14.0, abs=1.0)
    assert space["overstride"] == pytest.approx(0.25, abs=0.006)
    assert space["knee_flexion_contact"] == pytest.approx(17.0, abs=1.0)
    assert space["knee_flexion_peak"] == pytest.approx(42.0, abs=1.5)
    assert space["ankle_dorsiflexion_peak"] == pytest.approx(21.0, abs=2.5)
    for name in ("knee_flexion_contact", "tibia_angle", "foot_strike_angle"):
        film = float(np.median(truth.film(name, truth.near)))
        assert film == pytest.approx(float(np.median(truth.space(name, truth.near))), abs=1.5), name


def test_asymmetry_belongs_to_the_leg_it_was_given_to() -> None:
    limp = Gait(left=LegGait(contact_s=0.23, strike_deg=4.0), step_time_asymmetry=0.06)
    truth = synthesize(Scene(gait=limp, sensor=PERFECT)).truth
    for name, sign in (("contact_time", -1), ("foot_strike_angle", -1)):
        gap = float(np.median(truth.space(name, Side.LEFT)) - np.median(truth.space(name, Side.RIGHT)))
        assert gap * sign > 5, name
    assert np.mean(truth.space("step_time", Side.RIGHT)) > np.mean(truth.space("step_time", Side.LEFT)) + 10


def test_exchanged_sides_are_marked() -> None:
    for kind in SwapKind:
        sensor = Sensor(white=0.0, slow=0.0, bias=0.0, lag_s=0.0, swaps_per_s=0.6, swap_kind=kind)
        clip = synthesize(Scene(sensor=sensor, seed=2))
        truth, poses = clip.truth, clip.recording.poses
        wrong = np.abs(poses.point("left_knee") - truth.clean_px[:, KEYPOINT_INDEX["left_knee"]]).max(axis=1) > 1e-6
        apart = np.abs(np.diff(truth.clean_px[:, [KEYPOINT_INDEX["left_knee"], KEYPOINT_INDEX["right_knee"]]], axis=1))
        visible = apart.max(axis=(1, 2)) > 1e-3
        assert np.array_equal(wrong[visible], truth.swapped_legs[visible])
        arms = np.abs(poses.point("left_wrist") - truth.clean_px[:, KEYPOINT_INDEX["left_wrist"]]).max(axis=1) > 1e-6
        assert np.array_equal(arms, truth.swapped_body)
        assert truth.swapped_legs.any()


def test_troubles_of_a_network() -> None:
    sensor = Sensor(
        collapse_share=1.0, lost_person_per_s=0.5, lost_point_share=0.01, lost_frames_share=0.05, time_jitter=0.5
    )
    clip = synthesize(Scene(sensor=sensor, seed=1))
    poses, truth = clip.recording.poses, clip.truth
    assert truth.lost.any()
    assert np.isnan(poses.points[truth.lost, :, 0]).all()
    assert truth.collapsed.any()
    gap = np.abs(poses.point("left_ankle") - poses.point("right_ankle")).max(axis=1)
    assert np.nanmedian(gap[truth.collapsed]) < 0.05 * truth.leg_px
    assert np.ptp(np.diff(poses.times_s)) > 0.003
    assert clip.recording.facts.variable_frame_rate
    near, far = truth.near.value, truth.near.other.value
    confidence = poses.points[..., 2]
    assert (
        np.mean(confidence[:, KEYPOINT_INDEX[f"{far}_ankle"]])
        < np.mean(confidence[:, KEYPOINT_INDEX[f"{near}_ankle"]]) - 0.05
    )


def test_feet_out_of_the_picture() -> None:
    clip = synthesize(Scene(camera=Camera(feet_up_px=60.0, leg_px=330.0), sensor=PERFECT))
    share = {side: float(np.mean(clip.truth.in_picture[side])) for side in Side}
    assert max(share.values()) < 0.9
    hidden = ~clip.truth.in_picture[Side.LEFT]
    assert clip.recording.poses.points[hidden][:, KEYPOINT_INDEX["left_toe"], 2].min() < 0.4


def test_two_people_and_a_jump_between_them() -> None:
    clip = synthesize(Scene(other=Gait(cadence_spm=175.0), other_share=0.3, sensor=PERFECT))
    people = clip.recording.poses.people
    assert people is not None
    assert set(people.tolist()) == {-1, 2}
    assert np.mean(clip.truth.other_person) == pytest.approx(0.3, abs=0.02)
    wrong = np.abs(clip.recording.poses.point("nose") - clip.truth.clean_px[:, 0]).max(axis=1) > 1
    assert np.array_equal(wrong, clip.truth.other_person)


def test_overground_passes_by_and_a_panning_camera_follows() -> None:
    passing = Camera(overground=True, distance_m=6.0, leg_px=180.0)
    still = synthesize(Scene(camera=passing, sensor=PERFECT, duration_s=2.0))
    hip = still.recording.poses.point("left_hip")[:, 0]
    assert hip[0] - hip[-1] > 800, "facing left, the runner goes left through the picture"
    pan = synthesize(Scene(camera=replace(passing, pan=True), sensor=PERFECT, duration_s=2.0))
    held = pan.recording.poses.point("left_hip")[:, 0]
    assert np.ptp(held) < 60
    shift = pan.recording.facts.shift_px
    assert shift is not None
    assert np.median(shift[1:, 0]) > 3, "the room goes right past a runner who looks left"
    assert still.recording.facts.shift_px is not None
    assert np.abs(np.median(still.recording.facts.shift_px[1:], axis=0)).max() < 0.05


def test_motion_energy_beats_with_the_steps() -> None:
    clip = synthesize(Scene(duration_s=12.0))
    energy = clip.recording.facts.motion_energy
    assert energy is not None
    signal = np.nan_to_num(energy - np.nanmean(energy))
    spectrum = np.abs(np.fft.rfft(signal))
    frequency = np.fft.rfftfreq(len(signal), 1 / 60)
    band = (frequency > 2.0) & (frequency < 3.7)
    assert 60 * frequency[band][np.argmax(spectrum[band])] == pytest.approx(clip.truth.cadence_spm, abs=4)


def test_standing_still_has_no_steps() -> None:
    clip = synthesize(Scene(gait=STANDING, sensor=PERFECT))
    assert clip.truth.steps == ()
    assert np.isnan(clip.truth.cadence_spm)
    assert np.ptp(clip.truth.clean_px[:, KEYPOINT_INDEX["left_ankle"]], axis=0).max() < 2


@pytest.mark.parametrize("name", ["walking", "race walking", "shuffling"])
def test_walkers_always_have_a_foot_down(name: str) -> None:
    truth = synthesize(Scene(gait=ALL[name], sensor=PERFECT)).truth
    assert (truth.film("flight_time", Side.LEFT) < 5).all()
    assert (truth.film("duty_factor", Side.LEFT) > 0.5).all()
