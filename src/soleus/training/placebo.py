"""Ordinary days of the runner's own earlier history, used as pseudo-onsets to tell a change from everyday variation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one value stands among the same statistic at ordinary times. `k` of `n` pseudo-onsets are smaller."""

    z: float
    """Robust distance from the ordinary median, in ordinary spreads."""
    freedom: float
    """Independent ordinary windows known, less one."""
    share_at_least: float
    """Share of all ordinary windows at least this large."""
    k: int
    n: int


def pseudo_onsets(valid: npt.NDArray[np.bool_], count: int) -> npt.NDArray[np.int64]:
    """Up to `count` indices of valid days, evenly spread: the same history always gives the same days."""
    days = np.flatnonzero(valid)
    if len(days) <= count:
        return days
    return days[np.round(np.linspace(0, len(days) - 1, count)).astype(np.int64)]


def stand(value: float, ordinary: Array, *, window_days: int, count: int, floor: float) -> Standing | None:
    """Compare a value with the same statistic on ordinary days, (n,) one per day with NaN where it cannot be told.

    z = (value − median) / spread; spread = the largest of 1.4826·MAD, the upper decile's distance/1.2816 (ordinary
    windows are skewed upwards) and `floor`. Neighbouring days share most of their window, so only n / `window_days`
    of them count as independent. None with fewer than two independent windows. Case-crossover logic, training
    evidence section 9.
    """
    valid = ~np.isnan(ordinary)
    known = ordinary[valid]
    independent = len(known) / window_days
    if independent < 2:
        return None
    middle, upper = np.quantile(known, (0.5, 0.9))
    spread = max(1.4826 * float(np.median(np.abs(known - middle))), float(upper - middle) / 1.2816, floor)
    chosen = ordinary[pseudo_onsets(valid, min(count, int(independent)))]
    return Standing(
        z=(value - float(middle)) / spread,
        freedom=independent - 1,
        share_at_least=float(np.mean(known >= value)),
        k=int(np.sum(chosen < value)),
        n=len(chosen),
    )


def widened(z: float, freedom: float) -> float:
    """The limit `z` of the normal as a limit of Student's t, for few windows: two terms of its expansion.

    t ≈ z + (z³+z)/(4ν) + (5z⁵+16z³+3z)/(96ν²) (Abramowitz and Stegun 26.7.5).
    """
    freedom = max(freedom, 1.0)
    first = (z**3 + z) / (4 * freedom)
    second = (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return z + first + second
