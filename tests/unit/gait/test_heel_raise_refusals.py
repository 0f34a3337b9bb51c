"""What is not counted, and why."""

from dataclasses import replace

import numpy as np
import pytest
from heel_raise_films import LEFT, analyse, counted, refusal, script, with_facts

from soleus.core.measurement import Unavailable
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
    assert found.attempted == truth.attempted


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
