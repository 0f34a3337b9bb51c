"""Cadence three ways."""

from __future__ import annotations

import math

import numpy as np
import pytest
from stick_runner import GAIT, LEFT_LEG, RIGHT_LEG, stick_body, stick_recording, with_points

from soleus.core.recording import View
from soleus.gait.cadence import (
    disagreement_pct,
    peak,
    rates,
    spectrum,
    spm_of_contacts,
    spm_of_pixels,
    step_rate_hz,
    thinned,
)


@pytest.mark.parametrize("fps", [25.0, 30.0, 59.94, 240.0])
@pytest.mark.parametrize("spm", [150.0, 168.9, 190.0])
def test_the_rhythm_of_the_body_is_the_cadence_at_any_frame_rate(fps: float, spm: float) -> None:
    body = stick_body(stick_recording(seconds=10, fps=fps, spm=spm, noise_leg=0.01))
    assert 60 * step_rate_hz(body, 300.0, View.SIDE, GAIT) == pytest.approx(spm, rel=0.002)


def test_uneven_times_and_exchanged_legs_do_not_change_it() -> None:
    rng = np.random.default_rng(3)
    times = np.sort(rng.choice(np.arange(600), 420, replace=False)) / 60 + rng.uniform(0, 0.004, 420)
    recording = stick_recording(times_s=times)
    points = recording.poses.points.copy()
    swapped = rng.random(420) < 0.4
    points[np.ix_(swapped, LEFT_LEG + RIGHT_LEG)] = points[np.ix_(swapped, RIGHT_LEG + LEFT_LEG)]
    body = stick_body(with_points(recording, points))
    assert 60 * step_rate_hz(body, 300.0, View.SIDE, GAIT) == pytest.approx(170, rel=0.003)


def test_one_swinging_more_than_the_other_still_gives_steps_not_strides() -> None:
    recording = stick_recording(seconds=10)
    points = recording.poses.points.copy()
    points[:, RIGHT_LEG, 0] += 40.0
    body = stick_body(with_points(recording, points))
    assert 60 * step_rate_hz(body, 300.0, View.SIDE, GAIT) == pytest.approx(170, rel=0.003)


def test_who_stands_has_no_rhythm() -> None:
    recording = stick_recording(seconds=5)
    still = np.repeat(recording.poses.points[:1], recording.poses.frames, axis=0)
    assert math.isnan(step_rate_hz(stick_body(with_points(recording, still)), 300.0, View.SIDE, GAIT))
    rng = np.random.default_rng(1)
    still[..., :2] += rng.normal(0, 2.0, still[..., :2].shape)
    assert math.isnan(step_rate_hz(stick_body(with_points(recording, still)), 300.0, View.SIDE, GAIT))


def test_slow_motion_that_nobody_told_shows_as_a_slow_rhythm() -> None:
    body = stick_body(stick_recording(seconds=24, spm=170 / 8))
    assert 60 * step_rate_hz(body, 300.0, View.SIDE, GAIT) == pytest.approx(170 / 8, rel=0.02)


def test_thinning_keeps_a_time_scale_whatever_the_frame_rate() -> None:
    for fps in (29.97, 30.0, 59.94, 120.0, 240.0):
        kept = thinned(np.arange(int(4 * fps)) / fps, 0.033)
        assert 100 <= len(kept) <= 125
    assert len(thinned(np.zeros(0), 0.033)) == 0


def test_spectrum_of_too_little_is_nothing() -> None:
    grid = rates(np.zeros(0), GAIT)
    assert not spectrum(np.arange(4.0), np.ones(4), grid).any()
    times = np.arange(100) / 20
    seen = np.where(np.arange(100) % 7 == 0, np.nan, 3 + times + 0.5 * np.cos(2 * np.pi * 2 * times))
    assert spectrum(times, seen, np.array([2.0]))[0] == pytest.approx(0.5, abs=0.02)


def test_a_peak_lies_between_the_points_of_the_grid_and_never_at_its_end() -> None:
    grid = np.arange(5.0)
    assert peak(grid, np.array([0.0, 1.0, 3.0, 2.0, 0.0])) == pytest.approx(2 + 1 / 6)
    assert math.isnan(peak(grid, np.array([3.0, 1.0, 1.0, 1.0, 1.0])))
    assert math.isnan(peak(grid, np.zeros(5)))
    assert math.isnan(peak(grid[:2], np.ones(2)))


def energy(times: np.ndarray, *parts: tuple[float, float]) -> np.ndarray:
    return np.asarray(5 + sum(size * np.cos(2 * np.pi * hz * times) for hz, size in parts))


@pytest.mark.parametrize("parts", [[(2.8, 1.0)], [(1.4, 1.0), (2.8, 0.6)], [(5.6, 1.0), (2.8, 0.2)]])
def test_pixels_tell_the_step_rate_from_step_stride_or_double(parts: list[tuple[float, float]]) -> None:
    times = np.arange(360) / 30
    noisy = energy(times, *parts) + np.random.default_rng(0).normal(0, 0.3, 360)
    noisy[50] = 1e6
    assert spm_of_pixels(times, noisy, 2.81, GAIT) == pytest.approx(168, abs=1)


def test_pixels_that_swing_to_another_tune_disagree_and_those_that_do_not_swing_say_nothing() -> None:
    times = np.arange(360) / 30
    assert spm_of_pixels(times, energy(times, (2.1, 1.0)), 2.8, GAIT) == pytest.approx(126, abs=1)
    assert math.isnan(spm_of_pixels(times, np.random.default_rng(0).normal(size=360), 2.8, GAIT))
    assert math.isnan(spm_of_pixels(times, None, 2.8, GAIT))
    assert math.isnan(spm_of_pixels(times, np.ones(3), 2.8, GAIT))
    assert math.isnan(spm_of_pixels(np.zeros(0), np.zeros(0), 2.8, GAIT))
    assert math.isnan(spm_of_pixels(times, np.full(360, np.nan), 2.8, GAIT))
    assert math.isnan(spm_of_pixels(times, energy(times, (2.8, 1.0)), float("nan"), GAIT))


def test_contacts_give_the_cadence_in_spite_of_a_missed_and_a_misplaced_one() -> None:
    near = [0.7 * i for i in range(15)]
    far = [0.35 + 0.7 * i for i in range(15)]
    del near[6]
    near[10] += 0.1
    assert spm_of_contacts([near, far]) == pytest.approx(60 / 0.35, rel=1e-6)


def test_a_far_leg_whose_contacts_all_come_late_does_not_disturb_the_cadence() -> None:
    near = [0.7 * i for i in range(15)]
    late = [0.55 + 0.7 * i for i in range(15)]
    assert spm_of_contacts([near, late]) == pytest.approx(60 / 0.35, rel=1e-6)
    assert spm_of_contacts([near, []]) == pytest.approx(60 / 0.35, rel=1e-6)


def test_too_few_contacts_give_none() -> None:
    assert math.isnan(spm_of_contacts([[0.0, 0.7], [0.35]]))
    assert math.isnan(spm_of_contacts([[1.0, 1.0, 1.0], []]))
    assert disagreement_pct(170.0, 166.6) == pytest.approx(2.02, abs=0.01)
    assert math.isnan(disagreement_pct(170.0, float("nan")))
