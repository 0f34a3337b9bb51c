"""Outliers, gaps, even times, zero-lag filters."""

from __future__ import annotations

import numpy as np
import pytest
from stick_runner import GAIT

from soleus.gait.paths import learn_paths
from soleus.gait.smoothing import Smoother, cutoff_hz, even_grid, outliers, smooth, unbroken

BOTH = list(Smoother)


def wave(times: np.ndarray, hz: float) -> np.ndarray:
    return np.stack([np.cos(2 * np.pi * hz * times), np.sin(2 * np.pi * hz * times)], axis=1)


@pytest.mark.parametrize("smoother", BOTH)
def test_a_slow_wave_passes_without_delay(smoother: Smoother) -> None:
    times = np.arange(120) / 60
    grid, _ = even_grid(times, 60.0, GAIT)
    out = smooth(times, wave(times, 1.4), np.ones(120), grid, 12.0, GAIT, smoother)
    inside = (grid > 0.3) & (grid < 1.7)
    np.testing.assert_allclose(out[inside], wave(grid[inside], 1.4), atol=0.004)


@pytest.mark.parametrize("smoother", BOTH)
@pytest.mark.parametrize(("hz", "gain"), [(4.0, 1 / (1 + 0.5**4)), (8.0, 0.5), (16.0, 1 / 17)])
def test_both_smoothers_have_the_same_response(smoother: Smoother, hz: float, gain: float) -> None:
    times = np.arange(960) / 240
    grid, _ = even_grid(times, 240.0, GAIT)
    out = smooth(times, wave(times, hz), np.ones(960), grid, 8.0, GAIT, smoother)
    inside = (grid > 1) & (grid < 3)
    assert np.abs(out[inside]).max() == pytest.approx(gain, abs=0.012)


@pytest.mark.parametrize("smoother", BOTH)
def test_uneven_times_become_even_between_the_pictures(smoother: Smoother) -> None:
    rng = np.random.default_rng(0)
    times = np.arange(90) / 30 + rng.uniform(0, 0.012, 90)
    grid, rate = even_grid(times, 30.0, GAIT)
    assert rate == 120.0
    np.testing.assert_allclose(np.diff(grid), 1 / 120)
    out = smooth(times, wave(times, 1.4), np.ones(90), grid, 12.0, GAIT, smoother)
    inside = (grid > 0.3) & (grid < 2.7)
    np.testing.assert_allclose(out[inside], wave(grid[inside], 1.4), atol=0.02)


@pytest.mark.parametrize("smoother", BOTH)
def test_short_gaps_are_filled_and_long_ones_stay(smoother: Smoother) -> None:
    times = np.arange(120) / 60
    values = wave(times, 1.4)
    values[30:34] = np.nan
    values[70:90] = np.nan
    grid, _ = even_grid(times, 60.0, GAIT)
    out = smooth(times, values, np.ones(120), grid, 12.0, GAIT, smoother)
    gap = (grid > times[69] + 1e-6) & (grid < times[90] - 1e-6)
    assert np.isnan(out[gap]).all()
    assert np.isfinite(out[~gap]).all()
    filled = (grid >= times[30]) & (grid <= times[33])
    np.testing.assert_allclose(out[filled], wave(grid[filled], 1.4), atol=0.06)


def test_confidence_weighs_in_the_spline_only() -> None:
    times = np.arange(120) / 60
    values, weights = wave(times, 1.4), np.ones(120)
    values[60], weights[60] = values[60] + 0.5, 0.05
    grid, _ = even_grid(times, 60.0, GAIT)
    errors = {
        smoother: np.abs(smooth(times, values, weights, grid, 12.0, GAIT, smoother) - wave(grid, 1.4))[100:140].max()
        for smoother in Smoother
    }
    assert errors[Smoother.SPLINE] < 0.5 * errors[Smoother.BUTTERWORTH]


@pytest.mark.parametrize("fps", [24.97, 29.97, 30.0, 50.0, 59.94, 100.0, 119.88, 120.0, 240.0])
def test_the_grid_is_at_least_as_fine_as_the_film(fps: float) -> None:
    times = np.arange(50) / fps
    grid, rate = even_grid(times, fps, GAIT)
    assert rate >= 0.98 * GAIT.value("smoothing.grid_hz")
    assert rate / fps == pytest.approx(round(rate / fps))
    assert grid[0] == 0
    assert grid[-1] == pytest.approx(times[-1])


def test_a_film_of_one_frame_has_a_grid_of_one() -> None:
    grid, _ = even_grid(np.array([0.5]), 30.0, GAIT)
    np.testing.assert_array_equal(grid, [0.5])


def test_cut_offs_depend_on_the_use_and_are_capped_by_the_frame_rate() -> None:
    assert cutoff_hz("feet", 240.0, GAIT) == GAIT.value("smoothing.feet_hz")
    assert cutoff_hz("joints", 240.0, GAIT) < cutoff_hz("feet", 240.0, GAIT)
    assert cutoff_hz("trunk", 240.0, GAIT) < cutoff_hz("joints", 240.0, GAIT)
    assert cutoff_hz("feet", 15.0, GAIT) == pytest.approx(15 * GAIT.value("smoothing.cap_of_fps"))


@pytest.mark.parametrize("fps", [30.0, 120.0])
def test_jumps_are_outliers_and_noise_is_not(fps: float) -> None:
    rng = np.random.default_rng(5)
    count = int(4 * fps)
    values = rng.normal(0, 0.01, (count, 2))
    wild = rng.choice(count, 8, replace=False)
    values[wild, rng.integers(0, 2, 8)] += 0.3
    values[rng.choice(count, 5, replace=False)] = np.nan
    found = outliers(np.arange(count) / fps, values, 0.06, GAIT)
    expected = np.zeros(count, dtype=bool)
    expected[wild] = np.isfinite(values[wild]).all(axis=1)
    np.testing.assert_array_equal(found, expected)


def test_too_few_frames_hold_no_outlier_and_no_run() -> None:
    assert not outliers(np.arange(4.0), np.ones((4, 2)), 0.1, GAIT).any()
    assert unbroken(np.arange(5) / 30, np.ones(5, dtype=bool), GAIT) == []
    assert unbroken(np.arange(5) / 30, np.zeros(5, dtype=bool), GAIT) == []
    assert np.isnan(smooth(np.arange(5) / 30, np.ones((5, 2)), np.ones(5), np.arange(5) / 30, 8.0, GAIT)).all()


def test_a_run_between_two_points_of_the_grid_gives_nothing() -> None:
    times = np.linspace(0.001, 0.008, 8)
    out = smooth(times, np.ones((8, 2)), np.ones(8), np.arange(3) / 30 + 0.01, 8.0, GAIT)
    assert np.isnan(out).all()
    one = smooth(times, np.ones((8, 2)), np.ones(8), np.array([0.005]), 8.0, GAIT)
    np.testing.assert_allclose(one, 1.0)


def test_learned_paths_close_their_gaps_around_the_circle() -> None:
    phase = np.linspace(0, 20 * np.pi, 2000)
    unit = np.zeros((2, 2000, 5, 2))
    unit[..., 0] = np.cos(phase)[None, :, None]
    unit[..., 1] = np.sin(phase)[None, :, None]
    turn = np.mod(phase, 2 * np.pi)
    unit[:, (turn > 1) & (turn < 1.5)] = np.nan
    unit[1, :, 4] = np.nan
    paths = learn_paths(unit, phase, GAIT)
    known = ~np.isnan(unit[0, :, 0, 0])
    np.testing.assert_allclose(paths.at(phase)[0, known, :, 0], unit[0, known, :, 0], atol=0.08)
    assert np.isfinite(paths.at(phase)[0]).all()
    assert np.isnan(paths.at(phase)[1, :, 4]).all()
    assert (paths.sd >= GAIT.value("identity.path_sd_min")).all()
    few = learn_paths(unit[:, :3], phase[:3], GAIT)
    assert np.isfinite(few.at(phase)[0]).all()
