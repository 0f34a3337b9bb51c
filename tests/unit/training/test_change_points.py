"""Optimal partitioning against trying every segmentation."""

import itertools

import numpy as np
import pytest

from soleus.training.changepoints import change_points, noise_variance


def cost(values):
    return float(((values - values.mean()) ** 2).sum())


def brute_force(values, penalty, least):
    best, found = np.inf, ()
    n = len(values)
    for count in range(n // least):
        for points in itertools.combinations(range(least, n - least + 1), count):
            edges = (0, *points, n)
            if min(b - a for a, b in itertools.pairwise(edges)) < least:
                continue
            total = sum(cost(values[a:b]) for a, b in itertools.pairwise(edges)) + penalty * count
            if total < best - 1e-9:
                best, found = total, points
    return best, found


def total_of(values, points, penalty):
    edges = (0, *points, len(values))
    return sum(cost(values[a:b]) for a, b in itertools.pairwise(edges)) + penalty * len(points)


@pytest.mark.parametrize("seed", range(25))
def test_it_finds_the_optimum_of_every_segmentation(seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(0, 1, 22)
    values[rng.integers(4, 18) :] += rng.normal(0, 4)
    factor = float(rng.uniform(0.1, 3))
    (points,) = change_points(values[None], penalty_factor=factor, min_days=4)
    penalty = factor * np.log(22) * noise_variance(values[None])[0]
    best, expected = brute_force(values, penalty, 4)
    assert total_of(values, points, penalty) == pytest.approx(best)
    assert points == expected


def test_a_clear_step_is_found_to_the_day_and_a_flat_line_has_none():
    rng = np.random.default_rng(1)
    step = np.concatenate((rng.normal(5, 1, 60), rng.normal(15, 1, 30)))
    found = change_points(np.stack([step, np.full(90, 3.0)]), penalty_factor=3.0, min_days=7)
    assert found == ((60,), ())


def test_a_weekly_rhythm_alone_is_no_change():
    week = np.tile([0.0, 8, 0, 10, 0, 6, 20], 20)
    assert change_points(week[None] + np.random.default_rng(2).normal(0, 0.5, 140), penalty_factor=30, min_days=7) == (
        (),
    )


def test_too_short_a_series_has_no_change_points():
    assert change_points(np.zeros((2, 13)), penalty_factor=3.0, min_days=7) == ((), ())
    assert change_points(np.zeros((0, 50)), penalty_factor=3.0, min_days=7) == ()
    assert noise_variance(np.zeros((1, 1))).tolist() == [1e-12]
    assert noise_variance(np.array([[0.0, 2.0, 0.0]])).tolist() == [2.0]
