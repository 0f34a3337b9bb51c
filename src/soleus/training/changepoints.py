"""Change-points of many daily series at once: exact optimal partitioning with squared error, as PELT solves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def change_points(series: Array, *, penalty_factor: float, min_days: int) -> tuple[tuple[int, ...], ...]:
    """First day index of every segment but the first, for each row of (S, n) `series` without NaN.

    Minimises Σ squared error + penalty · (segments − 1) exactly: F(t) = min over s ≤ t − min_days of F(s) + C(s, t) +
    penalty, penalty = `penalty_factor`·ln(n)·σ², σ² the row's own variance around a straight week: the robust spread
    of differences between days a week apart, halved, which a step hardly touches. Every start is tried (jump 1; the
    ruptures default of 5 would miss days) and no segment is shorter than `min_days`. Same optimum as PELT (ruptures,
    doi 10.1016/j.sigpro.2019.107299) without its pruning: the rows share one loop over days instead.
    """
    rows, length = series.shape
    if length < 2 * min_days or rows == 0:
        return tuple(() for _ in range(rows))
    penalty = penalty_factor * np.log(length) * noise_variance(series)
    sums = np.concatenate((np.zeros((rows, 1)), np.cumsum(series, axis=1)), axis=1)
    squares = np.concatenate((np.zeros((rows, 1)), np.cumsum(series**2, axis=1)), axis=1)
    best = np.full((rows, length + 1), np.inf)
    best[:, 0] = -penalty
    previous = np.zeros((rows, length + 1), dtype=np.int64)
    for end in range(min_days, length + 1):
        starts = np.arange(0, end - min_days + 1)
        inside = sums[:, end, None] - sums[:, starts]
        cost = squares[:, end, None] - squares[:, starts] - inside**2 / (end - starts)
        total = best[:, starts] + cost + penalty[:, None]
        previous[:, end] = np.argmin(total, axis=1)
        best[:, end] = np.take_along_axis(total, previous[:, end, None], axis=1)[:, 0]
    return tuple(_walk_back(previous[row], length) for row in range(rows))


def _walk_back(previous: npt.NDArray[np.int64], length: int) -> tuple[int, ...]:
    points = []
    end = int(previous[length])
    while end > 0:
        points.append(end)
        end = int(previous[end])
    return tuple(reversed(points))


def noise_variance(series: Array) -> Array:
    """(S,) variance of one day around its own weekly rhythm; never exactly 0, so a constant row has no change-point."""
    week = 7
    steps = series[:, week:] - series[:, :-week] if series.shape[1] > week else np.diff(series, axis=1)
    variance = np.mean(steps**2, axis=1) / 2 if steps.shape[1] else np.zeros(len(series))
    return np.asarray(np.maximum(variance, 1e-12))
