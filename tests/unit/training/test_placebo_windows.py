"""Windows, baselines, bootstrap blocks and the placebo comparison."""

import math

import numpy as np
import pytest

from soleus.training.placebo import pseudo_onsets, stand, widened
from soleus.training.windows import Span, baselines, block_means, gathered, touches_gap

RAN = np.ones(6, dtype=bool)


def test_a_sum_window_is_the_mean_of_its_days():
    at = gathered(np.array([1.0, 2, 3, 4]), np.ones(4, bool), window=2, gather="sum")
    np.testing.assert_allclose(at, [math.nan, math.nan, 1.5, 2.5, 3.5])


def test_a_window_with_too_many_unknown_runs_is_unknown():
    values = np.array([1.0, math.nan, 3, 0, 0, 6])
    ran = np.array([True, True, True, False, False, True])
    at = gathered(values, ran, window=3, gather="sum")
    assert math.isnan(at[3])
    assert at[-1] == 2


def test_largest_mean_and_last_values():
    values = np.array([1.0, math.nan, 3, 2])
    np.testing.assert_allclose(gathered(values, RAN[:4], window=2, gather="longest")[2:], [1, 3, 3])
    np.testing.assert_allclose(gathered(values, RAN[:4], window=2, gather="state")[2:], [math.nan, 3, 2])
    np.testing.assert_allclose(gathered(values, RAN[:4], window=3, gather="form")[3:], [2, 2.5])
    unknown = np.full(4, math.nan)
    assert np.isnan(gathered(unknown, RAN[:4], window=2, gather="longest")).all()
    assert np.isnan(gathered(values, RAN[:4], window=4, gather="form")[-1]) == False  # noqa: E712
    assert np.isnan(gathered(unknown, RAN[:4], window=4, gather="form")[-1])


def test_a_history_shorter_than_the_window_says_nothing():
    assert np.isnan(gathered(np.ones(3), RAN[:3], window=4, gather="sum")).all()


def test_the_baseline_is_the_stated_days_outside_gaps():
    values = np.arange(20.0)
    gap = np.zeros(20, bool)
    gap[8] = True
    at = gathered(values, np.ones(20, bool), window=2, gather="sum")
    before = baselines(values, gap, at, window=2, gather="sum", span=Span(near=5, far=14, least=3))
    assert before[20] == pytest.approx(np.mean([6, 7, 9, 10, 11, 12, 13, 14, 15]))
    assert math.isnan(before[6])


def test_the_baseline_of_a_largest_day_is_a_mean_of_largest_days():
    values = np.tile([1.0, 5.0], 10)
    at = gathered(values, np.ones(20, bool), window=2, gather="longest")
    before = baselines(values, np.zeros(20, bool), at, window=2, gather="longest", span=Span(near=3, far=16, least=5))
    assert before[-1] == 5


def test_a_window_that_touches_a_gap_or_the_beginning_is_told():
    gap = np.array([False, True, False, False])
    assert touches_gap(gap, 2).tolist() == [True, True, True, True, False]


def test_block_means_are_fixed_centred_and_keep_the_rhythm():
    week = np.tile([0.0, 8, 0, 10, 0, 6, 20], 12)
    draws = block_means(week, draws=500, block=7, seed=3)
    np.testing.assert_allclose(draws, week.mean())
    noise = np.random.default_rng(1).normal(5, 2, 84)
    first = block_means(noise, draws=2000, block=7, seed=3)
    assert np.array_equal(first, block_means(noise, draws=2000, block=7, seed=3))
    assert first.mean() == pytest.approx(noise.mean(), abs=0.15)
    assert block_means(np.array([2.0, 2.0]), draws=3, block=7, seed=0).tolist() == [2, 2, 2]


def test_pseudo_onsets_are_spread_evenly_and_always_the_same():
    valid = np.zeros(100, bool)
    valid[10:61] = True
    days = pseudo_onsets(valid, 6)
    assert days.tolist() == [10, 20, 30, 40, 50, 60]
    assert pseudo_onsets(valid, 100).tolist() == list(range(10, 61))


def test_an_ordinary_value_stands_in_the_middle_and_a_great_one_beyond_all():
    ordinary = np.random.default_rng(5).normal(0, 1, 400)
    few = stand(0.0, ordinary[:40], window_days=7, count=20, floor=0.01)
    assert few.n == 5
    ordinary[::7] = np.nan
    middle = stand(0.0, ordinary, window_days=7, count=20, floor=0.01)
    assert abs(middle.z) < 0.3
    assert middle.n == 20
    great = stand(6.0, ordinary, window_days=7, count=20, floor=0.01)
    assert great.z == pytest.approx(6, abs=1)
    assert (great.k, great.n, great.share_at_least) == (20, 20, 0.0)


def test_the_spread_is_never_below_its_floor():
    assert stand(1.0, np.zeros(100), window_days=5, count=20, floor=0.5).z == 2


def test_too_few_ordinary_windows_are_no_comparison():
    assert stand(1.0, np.zeros(13), window_days=7, count=20, floor=0.1) is None


@pytest.mark.parametrize(("freedom", "t"), [(10, 3.957), (20, 3.389), (100, 3.065)])
def test_few_windows_widen_the_limit_as_students_t_does(freedom, t):
    """Two-sided level of 3 SD (0.27 %): t quantiles from the usual tables."""
    assert widened(3.0, freedom) == pytest.approx(t, rel=0.02)


def test_the_limit_never_shrinks():
    assert widened(3.0, 1e9) == pytest.approx(3)
    assert widened(3.0, 0.2) == widened(3.0, 1)
