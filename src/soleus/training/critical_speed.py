"""Best efforts of a run, and the critical speed they imply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from soleus.core.activity import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class CriticalSpeed:
    """d = D′ + CS · t. D′ is noisy: typical error 88 m, against 0.14 m/s for CS (galbraith2014,
    doi 10.1123/ijspp.2013-0507)."""

    speed_mps: float
    d_prime_m: float
    efforts: int


def best_efforts(clock_s: Array, way_m: Array, distances_m: Sequence[float]) -> dict[int, float]:
    """Shortest time in s for each distance, keyed by whole metres; distances longer than the run are left out.

    `clock_s`, `way_m`: (T,) active seconds and cumulative distance (grade-adjusted for critical speed), neither
    falling. Each effort ends at a sample and begins where the distance before it is reached (linear in between).
    """
    total = float(way_m[-1]) if len(way_m) else 0.0
    # A hair of slope keeps standing still from having two times for one place; it favours the later one.
    way = way_m + clock_s * 1e-9
    found: dict[int, float] = {}
    for distance in distances_m:
        if 0.0 < distance <= total:
            first = int(np.searchsorted(way_m, distance))
            begun = np.interp(way[first:] - distance, way, clock_s)
            found[int(distance)] = float(np.min(clock_s[first:] - begun))
    return found


def two_point(first: tuple[float, float], second: tuple[float, float]) -> CriticalSpeed | None:
    """CS = (d₂ − d₁) / (t₂ − t₁), D′ = d₁ − CS · t₁ from two (distance m, time s); None when the longer effort is not
    the longer-lasting one. As good as three points: kordi2019 (Int J Sports Physiol Perform 14:685, no DOI seen)."""
    (d1, t1), (d2, t2) = sorted((first, second))
    if not (d2 > d1 and t2 > t1):
        return None
    speed = (d2 - d1) / (t2 - t1)
    return CriticalSpeed(speed_mps=speed, d_prime_m=d1 - speed * t1, efforts=2)


def regression(efforts_s: Mapping[int, float]) -> CriticalSpeed | None:
    """Least squares of distance on time over best efforts {distance m: time s}; None with fewer than two, or when
    they do not get slower with distance.

    Source: smyth2020 (Med Sci Sports Exerc 52:2637, no DOI seen): grade-adjusted best 400, 800 and 5,000 m of raw
    training files; 7.67 % error for marathon speed. Training bests are seldom maximal, so CS is a lower bound.
    """
    if len(efforts_s) < 2:
        return None
    distance = np.array(sorted(efforts_s), dtype=np.float64)
    time = np.array([efforts_s[int(d)] for d in distance])
    spread = time - time.mean()
    scale = float(np.dot(spread, spread))
    if not scale > 0.0:
        return None
    speed = float(np.dot(spread, distance - distance.mean())) / scale
    if not speed > 0.0:
        return None
    intercept = float(distance.mean() - speed * time.mean())
    return CriticalSpeed(speed_mps=speed, d_prime_m=intercept, efforts=len(distance))


def best_of(runs: Sequence[Mapping[int, float]]) -> dict[int, float]:
    """The fastest time per distance over several runs' best efforts."""
    best: dict[int, float] = {}
    for run in runs:
        for distance, time in run.items():
            best[distance] = min(time, best.get(distance, time))
    return best
