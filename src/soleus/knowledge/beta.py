"""Beta distributions behind the probabilities: from a value with its 90% interval, moved by counted data.

Standard library only, so that loading stays quick.
"""

from __future__ import annotations

import math
from functools import lru_cache

Z90 = 1.6448536269514722
"""Standard normal 95% point: half the width of a 90% interval in standard deviations."""
MAX_SIZE = 10_000.0
MIN_SIZE = 0.2
_TINY = 1e-300


@lru_cache(maxsize=8192)
def beta_from_interval(value: float, low: float, high: float) -> tuple[float, float]:
    """Beta (alpha, beta) with mean `value` whose spread on the logit scale is that of the 90% interval.

    1. s = (logit high - logit low) / (2 * 1.645), the standard deviation a logit-normal with that interval has;
       a limit at 0 or 1 carries no information and the other side alone is used.
    2. The variance of logit(X), X ~ Beta(a, b), is trigamma(a) + trigamma(b) (Johnson, Kotz & Balakrishnan 1995,
       ch. 25); the size n = a + b with a = n * value is found where it equals s squared.

    The mean is kept exactly, the interval only in width: an interval that is lopsided on the logit scale is
    matched in its length, not in both ends. A size outside 0.2 … 10 000 is clipped, a mean to 1e-6 … 1 - 1e-6.
    """
    mean = min(max(value, 1e-6), 1 - 1e-6)
    size = _size(mean, _logit_spread(mean, low, high))
    return mean * size, (1 - mean) * size


def _logit_spread(mean: float, low: float, high: float) -> float | None:
    """Standard deviation on the logit scale; None when the interval says nothing."""
    below = (_logit(mean) - _logit(low)) / Z90 if low > 0 else None
    above = (_logit(high) - _logit(mean)) / Z90 if high < 1 else None
    sides = [side for side in (below, above) if side is not None]
    return max(sum(sides) / len(sides), 0.0) if sides else None


def _size(mean: float, spread: float | None) -> float:
    if spread is None:
        return 2.0
    if spread <= 0:
        return MAX_SIZE
    # trigamma(x) = 1/x + 1/(2x^2) + …: a quadratic in 1/n gives the start, and its slope steers the fixed point.
    target = spread * spread
    first = 1 / (mean * (1 - mean))
    second = 0.5 * (1 / mean**2 + 1 / (1 - mean) ** 2)
    inverse = (math.sqrt(first * first + 4 * second * target) - first) / (2 * second)
    slope = (first + 2 * second * inverse) / (first + second * inverse)
    size = 1 / inverse
    for _ in range(6):
        ratio = (trigamma(mean * size) + trigamma((1 - mean) * size)) / target
        size *= ratio ** (1 / slope)
        if abs(ratio - 1) < 1e-9:
            break
    return min(max(size, MIN_SIZE), MAX_SIZE)


def beta_interval(alpha: float, beta: float) -> tuple[float, float]:
    """Equal-tailed 90% interval."""
    return beta_quantile(alpha, beta, 0.05), beta_quantile(alpha, beta, 0.95)


def beta_quantile(alpha: float, beta: float, probability: float) -> float:
    """The x with I_x(alpha, beta) = probability, to 1e-12 in x: Newton, kept inside a bracket that only shrinks."""
    low, high = 0.0, 1.0
    x, moved, rounds = alpha / (alpha + beta), 1.0, 0
    log_norm = math.lgamma(alpha + beta) - math.lgamma(alpha) - math.lgamma(beta)
    while moved > 1e-12 and high - low > 1e-15 and rounds < 200:
        error = beta_cdf(alpha, beta, x) - probability
        low, high = (low, x) if error > 0 else (x, high)
        density = math.exp(log_norm + (alpha - 1) * math.log(x) + (beta - 1) * math.log1p(-x))
        new = x - error / max(density, _TINY)
        if not low < new < high:
            new = (low + high) / 2
        x, moved, rounds = new, abs(new - x), rounds + 1
    return x


def beta_cdf(alpha: float, beta: float, x: float) -> float:
    """Regularised incomplete beta function I_x(alpha, beta), by the continued fraction of Lentz.

    Formula 8.17.22 of the NIST Digital Library of Mathematical Functions. The tests check it against exact binomial
    sums, from which it differs by less than 1e-10.
    """
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    front = math.exp(
        math.lgamma(alpha + beta) - math.lgamma(alpha) - math.lgamma(beta) + alpha * math.log(x) + beta * math.log1p(-x)
    )
    if x < (alpha + 1) / (alpha + beta + 2):
        return front * _continued_fraction(alpha, beta, x) / alpha
    return 1 - front * _continued_fraction(beta, alpha, 1 - x) / beta


def _continued_fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value, factor, m = d, 0.0, 0
    while abs(factor - 1) > 1e-15 and m < 1000:
        m += 1
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _away_from_zero(1 + term * d)
            c = _away_from_zero(1 + term / c)
            factor = d * c
            value *= factor
    return value


def trigamma(x: float) -> float:
    """Second derivative of ln gamma, x > 0: recurrence to 10, then the asymptotic series."""
    total = 0.0
    while x < 10:
        total += 1 / (x * x)
        x += 1
    y = 1 / (x * x)
    return total + 1 / x + y / 2 + y / x * (1 / 6 - y * (1 / 30 - y * (1 / 42 - y / 30)))


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _logit(p: float) -> float:
    p = min(max(p, 1e-9), 1 - 1e-9)
    return math.log(p / (1 - p))
