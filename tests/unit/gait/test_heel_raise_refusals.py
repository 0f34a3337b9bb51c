"""What is not counted, and why."""

from dataclasses import replace

import numpy as np
import pytest
from heel_raise_films import LEFT, analyse, caution_names, counted, refusal, script, with_facts

from soleus.core.measurement import Grade, Measurement, Unavailable
from soleus.core.recording import KEYPOINTS, ClipFacts, PoseSequence, Recording
from soleus.validation.synthetic_heel_raise import Script, film

REFUSED = {
    "both legs": (script(movement="both_legs"), "both_legs"),
    "standing on the other foot": (script(other_foot="floor"), "both_legs"),
    "standing still": (script(movement="stand"), "no_raises"),
    "squats": (script(movement="squat"), "not_a_heel_raise"),
    "toes lifted": (script(movement="toe_raise"), "not_a_heel_raise"),
    "seated": (script(movement="seated"), "not_a_heel_raise"),
    "walking": (script(movement="walk"), "not_a_heel_raise"),
    "running": (script(movement="run"), "not_a_heel_raise"),
    "hand on a rail": (script(hand="rail"), "hand_helps"),
    "too far away": (script(px_per_m=120.0), "heel_too_small"),
    "from the front": (script(view_deg=70.0), "heel_not_side"),
    "heel never seen": (script(unseen=("heel",)), "heel_not_seen"),
    "lost from sight": (script(gaps_s=((8.0, 0.8),)), "heel_not_seen"),
    "hidden most of the time": (script(gaps_s=((1.0, 15.0),)), "heel_not_seen"),
    "8 pictures a second": (script(fps=8.0), "fps_too_low"),
    "much noise": (script(noise_mm=18.0), "noise_too_high"),
    "slow noise": (script(noise_mm=12.0, noise_memory_s=0.2, fps=60.0), "noise_too_high"),
    "eight times slowed": (script(tempo_per_min=5.0, reps=5), "slow_motion_unclear"),
    "very small raises": (script(height_cm=1.2, noise_mm=0.5), "no_raises"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_refuses(name: str) -> None:
    given, code = REFUSED[name]
    found, _ = counted(given)
    assert refusal(found) == code
    assert isinstance(found.count, Unavailable)
    assert found.count.reason.text == f"gait.refusal.{code}"
    assert isinstance(found.total_displacement_cm, Unavailable)
    assert (found.attempted, found.raises) == (0, ())


def test_what_the_file_says() -> None:
    recording, _ = film(script())
    assert refusal(analyse(with_facts(recording, cuts=2))) == "cuts"
    assert refusal(analyse(with_facts(recording, frozen_share=0.5))) == "frozen"
    assert not analyse(with_facts(recording, frozen_share=0.05)).refusals
    assert refusal(analyse(with_facts(recording, window_start_s=5.0))) == "part_of_test"
    assert not analyse(with_facts(recording, window_start_s=0.4)).refusals


def still(frames: int, points: np.ndarray | None = None) -> Recording:
    seen = np.full((frames, len(KEYPOINTS), 3), np.nan) if points is None else points
    times = np.arange(frames) / 30
    poses = PoseSequence(times_s=times, points=seen, width_px=640, height_px=480, model="none")
    return Recording(poses=poses, facts=ClipFacts(duration_s=1, fps=30, width_px=640, height_px=480))


def test_nobody_there() -> None:
    assert refusal(analyse(still(1))) == "no_runner"
    assert refusal(analyse(still(90))) == "no_runner"
    assert analyse(still(90)).side is LEFT
    doubtful = np.zeros((90, len(KEYPOINTS), 3))
    doubtful[:, :, 2] = 0.1
    assert refusal(analyse(still(90, doubtful))) == "no_runner"


def test_only_the_other_foot_is_lost() -> None:
    """Without the lifted foot nobody can say that it was on the floor: counted all the same."""
    recording, truth = film(script())
    points = recording.poses.points.copy()
    for part in ("ankle", "heel", "toe", "knee"):
        points[:, KEYPOINTS.index(f"right_{part}")] = [np.nan, np.nan, 0.0]
    found = analyse(replace(recording, poses=replace(recording.poses, points=points)))
    assert not found.refusals
    assert (found.side, found.attempted) == (LEFT, truth.attempted)


def test_a_gap_of_the_ankle_alone() -> None:
    recording, _ = film(script())
    points = recording.poses.points.copy()
    gap = (recording.poses.times_s > 8) & (recording.poses.times_s < 8.9)
    points[gap, KEYPOINTS.index("left_ankle")] = [np.nan, np.nan, 0.0]
    found = analyse(replace(recording, poses=replace(recording.poses, points=points)))
    assert refusal(found) == "heel_not_seen"
    assert found.refusals[0].share == pytest.approx(0.9 / 16, abs=0.03)


def test_bent_double_without_raises_is_another_exercise() -> None:
    found, _ = counted(Script(movement="squat", fps=30.0, noise_mm=1.0, seed=2))
    assert refusal(found) == "not_a_heel_raise"


def test_a_heel_that_only_rises_in_a_step_is_no_raise() -> None:
    found, _ = counted(script(reps=1, walk_in_s=2.0, hip_shift_cm={0: 25.0}))
    assert refusal(found) == "no_raises"


def test_a_rough_film_is_counted_with_a_range() -> None:
    found, truth = counted(script(noise_mm=6.0, reps=10, seed=4))
    assert isinstance(found.count, Measurement)
    assert found.count.grade is Grade.BANDED
    assert found.count.low < truth.count <= found.count.high
    assert "rough" in caution_names(found.cautions)


def test_a_knee_bent_in_standing_is_bent() -> None:
    """Only the first ten degrees of a standing knee can be the network's own."""
    bent = dict.fromkeys(range(8), 0.0)
    found, _ = counted(script(knee_bend_deg=bent, stand_knee_deg=34.0))
    assert all("knee_bend" in one.faults for one in found.raises)


def test_points_of_the_foot_that_rise_too_much_widen_the_heights() -> None:
    recording, truth = film(script())
    true, _ = counted(script())
    points = recording.poses.points.copy()
    rows = [KEYPOINTS.index(name) for name in ("left_ankle", "left_heel")]
    floor = np.percentile(points[:, rows, 1], 95, axis=0)
    points[:, rows, 1] = floor + 1.3 * (points[:, rows, 1] - floor)
    found = analyse(replace(recording, poses=replace(recording.poses, points=points)))
    assert isinstance(found.peak_height_cm, Measurement)
    assert isinstance(true.peak_height_cm, Measurement)
    assert found.peak_height_cm.value > 1.2 * true.peak_height_cm.value
    assert found.peak_height_cm.low < max(real.rise_cm for real in truth.raises)


def test_the_heel_of_the_step_that_leaves_is_no_raise() -> None:
    found, _ = counted(script(reps=4, ending="step_away", hip_shift_cm={3: 25.0}))
    assert found.attempted == 3
