"""Mirrored, enlarged, slowed or thinned out: a film of a runner says the same."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soleus.core.recording import KEYPOINT_INDEX, LEG_PARTS, MIRRORED, Recording, View
from soleus.gait.engine import Analysis, analyse
from soleus.gait.motion import Motion
from soleus.knowledge import load_knowledge
from soleus.validation.synthetic.sensor import Sensor
from soleus.validation.synthetic_runner import Scene, SyntheticClip, synthesize

GAIT = load_knowledge().gait
EASY = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@lru_cache(maxsize=4)
def clip(fps: float = 30.0) -> SyntheticClip:
    return synthesize(Scene(sensor=Sensor(fps=fps), duration_s=6.0, seed=1))


@lru_cache(maxsize=2)
def plain() -> Analysis:
    return analyse(clip().recording, GAIT)


def motion_of(analysis: Analysis) -> Motion:
    assert analysis.motion is not None
    return analysis.motion


def with_points(recording: Recording, points: np.ndarray) -> Recording:
    return replace(recording, poses=replace(recording.poses, points=points))


def mirrored(recording: Recording) -> Recording:
    """The film flipped from left to right: a network names the sides of what it sees."""
    points = recording.poses.points[:, list(MIRRORED)].copy()
    points[..., 0] = recording.poses.width_px - points[..., 0]
    return with_points(recording, points)


def test_a_mirrored_film_swaps_the_sides_and_nothing_else() -> None:
    ours, theirs = plain(), analyse(mirrored(clip().recording), GAIT)
    mine, flipped = motion_of(ours), motion_of(theirs)
    assert mine.facing is not flipped.facing
    assert ours.counts is not None
    assert theirs.counts is not None
    assert asdict(theirs.counts) == pytest.approx(asdict(ours.counts), nan_ok=True)
    assert [r.code for r in theirs.refusals] == [r.code for r in ours.refusals]
    for key in ("near", "far"):
        assert mine.legs[key].side is flipped.legs[key].side.other
        for part in LEG_PARTS:
            np.testing.assert_allclose(getattr(mine.legs[key], part), getattr(flipped.legs[key], part), atol=1e-9)
    for one, other in zip(ours.steps, theirs.steps, strict=True):
        assert one.side is other.side.other
        assert one.near is other.near
        assert one.contact_s == pytest.approx(other.contact_s, abs=1e-9)
        assert set(one.values) == set(other.values)
        for name, value in one.values.items():
            assert value == pytest.approx(other.values[name], abs=1e-6), name


@EASY
@given(st.floats(0.6, 2.0), st.floats(-200, 200), st.floats(-30, 30))
def test_size_and_place_in_the_picture_change_nothing(scale: float, right: float, down: float) -> None:
    points = clip().recording.poses.points.copy()
    middle = points[:1, KEYPOINT_INDEX["left_hip"], :2]
    points[..., :2] = middle + scale * (points[..., :2] - middle) + (right, down)
    recording = clip().recording
    larger = replace(with_points(recording, points), poses=replace(recording.poses, points=points, height_px=5000))
    found, usual = motion_of(analyse(larger, GAIT)), motion_of(plain())
    assert found.near is not None
    assert usual.near is not None
    np.testing.assert_allclose(found.near.toe - found.near.heel, usual.near.toe - usual.near.heel, atol=1e-6)
    np.testing.assert_allclose(found.near.knee - found.near.hip, usual.near.knee - usual.near.hip, atol=1e-6)


@EASY
@given(st.floats(0.02, 0.4), st.integers(0, 2**20))
def test_any_exchange_of_whole_legs_is_undone(share: float, seed: int) -> None:
    recording = clip().recording
    rng = np.random.default_rng(seed)
    rows = np.zeros(recording.poses.frames, dtype=bool)
    while rows.mean() < share:
        start = int(rng.integers(0, len(rows)))
        rows[start : start + int(rng.integers(1, 12))] = True
    if rows.mean() > 0.45:
        rows[:] = False
    points = recording.poses.points.copy()
    points[rows] = points[rows][:, list(MIRRORED)]
    found = analyse(with_points(recording, points), GAIT)
    assert found.legs is not None
    assert (found.legs.swapped == rows).mean() >= 0.99
    usual = plain().legs
    assert usual is not None
    differs = np.nan_to_num(np.abs(found.legs.legs - usual.legs)).max(axis=(0, 2, 3)) > 30
    assert differs.mean() <= 0.01


@EASY
@given(st.floats(0, 1), st.integers(0, 2**20))
def test_frames_lost_at_random_leave_the_cadence(lost: float, seed: int) -> None:
    recording = clip(60.0).recording
    keep = np.random.default_rng(seed).random(recording.poses.frames) >= 0.3 * lost
    keep[0] = True
    poses = recording.poses
    thinner = Recording(
        poses=replace(poses, times_s=poses.times_s[keep], points=poses.points[keep], people=None),
        facts=replace(recording.facts, motion_energy=None, shift_px=None, sharpness=None),
    )
    found = analyse(thinner, GAIT)
    assert found.counts is not None
    assert found.counts.spectral_spm == pytest.approx(clip(60.0).truth.cadence_spm, rel=0.012)


@pytest.mark.parametrize("fps", [25.0, 60.0, 120.0])
def test_the_frame_rate_leaves_cadence_and_identity_alone(fps: float) -> None:
    made = clip(fps)
    found = analyse(made.recording, GAIT)
    assert found.counts is not None
    assert found.counts.alternation == 1.0
    assert found.counts.events_spm == pytest.approx(made.truth.cadence_spm, rel=0.012)
    assert found.legs is not None
    assert found.legs.swap_share == 0


@EASY
@given(
    st.integers(0, 80),
    st.sampled_from(["nan", "inf", "noise", "still", "swap", "lose"]),
    st.sampled_from(list(View)),
    st.integers(0, 2**20),
)
def test_nothing_in_a_film_raises(frames: int, damage: str, view: View, seed: int) -> None:
    rng = np.random.default_rng(seed)
    recording = clip().recording
    points = recording.poses.points[:frames].copy()
    hit = rng.random(points.shape[:2]) < rng.random()
    if damage == "nan":
        points[hit] = np.nan
    elif damage == "inf":
        points[hit] = np.inf
    elif damage == "noise":
        points[..., :2] += rng.normal(0, 300 * rng.random(), points[..., :2].shape)
    elif damage == "still":
        points[:] = points[:1]
    elif damage == "swap":
        points[hit.any(axis=1)] = points[hit.any(axis=1)][:, list(MIRRORED)]
    else:
        points[hit, :2] = np.nan
    poses = replace(recording.poses, points=points, times_s=recording.poses.times_s[:frames], people=None)
    facts = replace(recording.facts, motion_energy=None, shift_px=None)
    assert analyse(Recording(poses=poses, facts=facts), GAIT, view=view).refusals
