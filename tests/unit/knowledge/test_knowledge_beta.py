"""Beta distributions against exact sums and known values."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soleus.knowledge.beta import (
    MAX_SIZE,
    MIN_SIZE,
    beta_cdf,
    beta_from_interval,
    beta_interval,
    beta_quantile,
    trigamma,
)


def exact_cdf(a: int, b: int, x: Fraction) -> Fraction:
    """For whole a, b: the chance of at least a successes in a + b - 1 draws."""
    n = a + b - 1
    return sum(math.comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1))


@pytest.mark.parametrize(("a", "b"), [(1, 1), (2, 5), (5, 2), (30, 70), (1, 200), (150, 3), (200, 300)])
@pytest.mark.parametrize("x", [Fraction(1, 1000), Fraction(1, 10), Fraction(2, 5), Fraction(1, 2), Fraction(99, 100)])
def test_cdf_equals_the_exact_binomial_sum(a, b, x):
    assert beta_cdf(a, b, float(x)) == pytest.approx(float(exact_cdf(a, b, x)), rel=1e-10, abs=1e-14)


def test_cdf_at_and_beyond_the_ends():
    assert beta_cdf(2, 3, 0) == 0
    assert beta_cdf(2, 3, -1) == 0
    assert beta_cdf(2, 3, 1) == 1


@given(
    a=st.floats(0.05, 2000),
    b=st.floats(0.05, 2000),
    p=st.sampled_from([0.05, 0.5, 0.95]),
)
def test_quantile_inverts_the_cdf(a, b, p):
    x = beta_quantile(a, b, p)
    assert 0 < x < 1
    if 1e-9 < x < 1 - 1e-9:
        assert beta_cdf(a, b, x) == pytest.approx(p, abs=1e-6)


def test_quantiles_of_known_distributions():
    assert beta_interval(1, 1) == pytest.approx((0.05, 0.95), abs=1e-10)
    # Beta(1, n) has a closed form.
    assert beta_quantile(1, 9, 0.95) == pytest.approx(1 - 0.05 ** (1 / 9), abs=1e-11)
    # Jeffreys' Beta(1/2, 1/2) is the arcsine distribution.
    assert beta_quantile(0.5, 0.5, 0.05) == pytest.approx(math.sin(math.pi * 0.05 / 2) ** 2, abs=1e-10)


def test_trigamma_at_known_points():
    assert trigamma(1) == pytest.approx(math.pi**2 / 6, rel=1e-12)
    assert trigamma(0.5) == pytest.approx(math.pi**2 / 2, rel=1e-12)
    assert trigamma(20) == pytest.approx(math.pi**2 / 6 - sum(1 / k**2 for k in range(1, 20)), rel=1e-10)


@given(
    mean=st.floats(0.001, 0.999),
    below=st.floats(0.1, 3),
    above=st.floats(0.1, 3),
)
def test_fit_keeps_the_mean_and_the_spread_on_the_logit_scale(mean, below, above):
    def shifted(step):
        return 1 / (1 + math.exp(-(math.log(mean / (1 - mean)) + step)))

    alpha, beta = beta_from_interval(mean, shifted(-below), shifted(above))
    assert alpha / (alpha + beta) == pytest.approx(mean, rel=1e-9)
    spread = (below + above) / 2 / 1.6448536269514722
    if MIN_SIZE < alpha + beta < MAX_SIZE:
        assert math.sqrt(trigamma(alpha) + trigamma(beta)) == pytest.approx(spread, rel=1e-3)


def test_fit_reproduces_a_symmetric_interval():
    low, high = beta_interval(*beta_from_interval(0.5, 0.35, 0.65))
    assert (low, high) == pytest.approx((0.35, 0.65), abs=0.005)


def test_fit_at_the_edges():
    assert beta_from_interval(0.5, 0, 1) == (1, 1)
    assert sum(beta_from_interval(0.3, 0.3, 0.3)) == pytest.approx(MAX_SIZE)
    alpha, beta = beta_from_interval(0, 0, 0)
    assert 0 < alpha < beta
    alpha, beta = beta_from_interval(1, 0.98, 1)
    assert alpha > beta > 0
    one_sided = beta_from_interval(0.05, 0, 0.1)
    assert one_sided[0] / sum(one_sided) == pytest.approx(0.05)
    assert sum(beta_from_interval(0.5, 1e-9, 1 - 1e-9)) == pytest.approx(MIN_SIZE, rel=0.2)
