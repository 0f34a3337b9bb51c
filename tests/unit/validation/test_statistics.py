"""Intervals and calibration."""

import pytest

from soleus.validation.statistics import Share, calibration, expected_calibration_error, median


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    # Newcombe 1998, table I, method 3 (Wilson without continuity correction), and the rule of three's neighbourhood
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval_agrees_with_published_values(hits, n, low, high):
    assert Share(hits=hits, n=n).interval == pytest.approx((low, high), abs=5e-5)


def test_no_cases_is_said_not_computed():
    assert Share(hits=0, n=0).value is None
    assert str(Share(hits=0, n=0)) == "no cases"
    assert str(Share(hits=9, n=10)) == "9/10 = 90% (60-98)"


def test_calibration_bins_hold_their_edges():
    bins = calibration([(0.1, False), (0.2, True), (1.0, True), (0.95, False)], (0.0, 0.2, 1.0))
    assert [(b.n, round(b.right, 2)) for b in bins] == [(1, 0.0), (3, 0.67)]
    assert expected_calibration_error(bins) == pytest.approx((0.1 + 3 * abs(0.7166667 - 0.6666667)) / 4, abs=1e-3)
    assert expected_calibration_error(()) is None


def test_median():
    assert median([]) is None
    assert median([3, 1, 2]) == 2
    assert median([4, 1, 2, 3]) == 2.5
