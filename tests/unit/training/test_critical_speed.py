import numpy as np
import pytest
from recordings import KNOWLEDGE

from soleus.training.critical_speed import best_efforts, best_of, regression, two_point

DISTANCES = KNOWLEDGE.tables["critical_speed.efforts"].numbers("distance_m")


def test_two_points_of_the_published_runners():
    found = two_point((3600.0, 703.785), (1200.0, 217.955))
    assert found.speed_mps == pytest.approx(4.94, abs=0.05)
    assert found.d_prime_m == pytest.approx(123.3, abs=0.05)
    assert found.efforts == 2


def test_two_points_that_cannot_be():
    assert two_point((400.0, 80.0), (800.0, 70.0)) is None
    assert two_point((400.0, 80.0), (400.0, 90.0)) is None


def test_regression_on_a_perfect_runner():
    efforts = {d: (d - 150.0) / 4.2 for d in (400, 800, 5000)}
    found = regression(efforts)
    assert (found.speed_mps, found.d_prime_m, found.efforts) == (pytest.approx(4.2), pytest.approx(150.0), 3)
    assert regression({400: 80.0}) is None
    assert regression({400: 80.0, 800: 80.0}) is None
    assert regression({400: 80.0, 800: 70.0}) is None


def test_best_efforts_of_a_run_with_one_fast_kilometre():
    clock = np.arange(0.0, 1801.0)
    speed = np.where((clock[1:] > 600) & (clock[1:] <= 850), 4.0, 2.5)
    way = np.concatenate(([0.0], np.cumsum(speed)))
    found = best_efforts(clock, way, DISTANCES)
    assert found[400] == pytest.approx(100.0)
    assert found[1000] == pytest.approx(250.0)
    assert found[800] == pytest.approx(200.0)
    assert set(found) == {400, 800, 1000}
    assert best_efforts(np.zeros(0), np.zeros(0), DISTANCES) == {}


def test_standing_still_does_not_lengthen_an_effort_that_follows():
    clock = np.arange(0.0, 401.0)
    speed = np.where((clock[1:] > 100) & (clock[1:] <= 300), 0.0, 4.0)
    way = np.concatenate(([0.0], np.cumsum(speed)))
    assert best_efforts(clock, way, [400.0])[400] == pytest.approx(100.0, abs=1e-3)


def test_the_best_of_several_runs():
    assert best_of([{400: 90.0, 800: 200.0}, {400: 85.0}]) == {400: 85.0, 800: 200.0}
