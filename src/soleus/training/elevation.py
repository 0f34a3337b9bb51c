"""Height along the way: smoothing by distance, gain with hysteresis, grade over a minimum length, hills."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from soleus.core.activity import Array
from soleus.knowledge.base import TrainingKnowledge

STEPS_PER_GRADE_LENGTH = 10
"""Resolution of the height profile: numerical, small against every smoothing length."""
LARGEST_PROFILE = 200_000
"""Points of a profile at most; longer ways get a coarser step."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profile:
    """Height (G,) at equal steps of distance from the start of the activity."""

    step_m: float
    altitude_m: Array

    def indices(self, distance_m: Array) -> tuple[Array, Array]:
        """Index below and fraction above it for distances (T,) from the start."""
        position = np.clip(distance_m * (1.0 / self.step_m), 0.0, len(self.altitude_m) - 1)
        below = np.floor(position)
        return below, position - below

    def at(self, distance_m: Array) -> Array:
        """(T,) height at distances from the start, linear in between."""
        below, fraction = self.indices(distance_m)
        index = below.astype(np.intp)
        above = np.minimum(index + 1, len(self.altitude_m) - 1)
        low = self.altitude_m[index]
        return low + fraction * (self.altitude_m[above] - low)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hill:
    """One climb: where it begins, its length along the ground and its height."""

    start_m: float
    length_m: float
    gain_m: float


def smoothing_length_m(barometer: bool | None, knowledge: TrainingKnowledge) -> float:
    """Length of the moving mean: short for a barometer, long for GPS height and when the source is not known."""
    return knowledge.value("elevation.smooth_m_barometer" if barometer else "elevation.smooth_m_gps")


def hysteresis_m(barometer: bool | None, knowledge: TrainingKnowledge) -> float:
    """Smallest rise or fall that counts as one."""
    return knowledge.value("elevation.hysteresis_m_barometer" if barometer else "elevation.hysteresis_m_gps")


def grade_length_m(barometer: bool | None, knowledge: TrainingKnowledge) -> float:
    """Length over which a grade is taken: `elevation.min_grade_length_m`, or the smoothing length where that is
    longer: height that is only known as a mean over 150 m says nothing about 50 m."""
    return max(knowledge.value("elevation.min_grade_length_m"), smoothing_length_m(barometer, knowledge))


def build_profile(
    distance_m: Array, altitude_m: Array, *, smooth_m: float, knowledge: TrainingKnowledge
) -> Profile | None:
    """Height at equal steps of distance, smoothed over `smooth_m` metres; None without height or without way.

    `distance_m` (T,) never falls, without NaN; `altitude_m` (T,) may have NaN, which is bridged in a straight line.
    Smoothing by distance, not by time, so that standing still neither adds nor hides height, and so that the
    sampling rate does not matter; towards both ends the window shrinks symmetrically, which keeps a steady slope.
    """
    seen = np.isfinite(altitude_m)
    if int(np.count_nonzero(seen)) < 2:
        return None
    way = distance_m - distance_m[0]
    length = float(way[-1])
    if not length > 0.0:
        return None
    step = max(knowledge.value("elevation.min_grade_length_m") / STEPS_PER_GRADE_LENGTH, length / LARGEST_PROFILE)
    grid = np.arange(int(np.ceil(length / step)) + 1) * step
    raw = np.interp(grid, way[seen], altitude_m[seen])
    return Profile(step_m=step, altitude_m=_moving_mean(raw, round(smooth_m / step / 2)))


def _moving_mean(values: Array, half: int) -> Array:
    """Centred mean over 2·half + 1 points, shrinking symmetrically at the ends."""
    if half < 1:
        return values
    count = len(values)
    index = np.arange(count)
    reach = np.minimum(half, np.minimum(index, count - 1 - index))
    offset = values[0]
    total = np.concatenate(([0.0], np.cumsum(values - offset)))
    mean: Array = (total[index + reach + 1] - total[index - reach]) / (2 * reach + 1) + offset
    return mean


def level_impossible(
    profile: Profile, way_m: Array, clock_s: Array, *, barometer: bool | None, knowledge: TrainingKnowledge
) -> Profile:
    """The profile without stretches that rise faster than `clean.max_climb_mps` or fall faster than
    `clean.max_drop_mps` over `grade_length_m` (lower limits for GPS, `..._gps_mps`); the same object without any.

    `way_m`, `clock_s`: (T,) distance from the start and active seconds. Such a stretch is made level, together with
    half of the smoothing length on either side, over which smoothing has spread it, and what follows is shifted: a
    false rise and the false fall after it both vanish. Limits are ours (basis expert).
    """
    z, last = profile.altitude_m, len(profile.altitude_m) - 1
    span = round(grade_length_m(barometer, knowledge) / profile.step_m)
    if not 0 < span <= last:
        return profile
    clock = np.interp(np.arange(len(z)) * profile.step_m, way_m, clock_s)
    rise, time = z[span:] - z[:-span], clock[span:] - clock[:-span]
    climb = knowledge.value("clean.max_climb_mps" if barometer else "clean.max_climb_gps_mps")
    drop = knowledge.value("clean.max_drop_mps" if barometer else "clean.max_drop_gps_mps")
    bad = (rise > climb * time) | (-rise > drop * time)
    windows = np.flatnonzero(bad & (np.abs(rise) > 0.0))
    if not len(windows):
        return profile
    reach = round(smoothing_length_m(barometer, knowledge) / profile.step_m / 2)
    change = np.zeros(last + 1)
    np.add.at(change, np.maximum(windows - reach, 0), 1.0)
    np.add.at(change, np.minimum(windows + span + reach, last), -1.0)
    level = np.cumsum(change)[:-1] > 0.5
    steps = np.where(level, 0.0, np.diff(z))
    return Profile(step_m=profile.step_m, altitude_m=z[0] + np.concatenate(([0.0], np.cumsum(steps))))


def gain_and_loss(altitude_m: Array, hysteresis: float) -> tuple[float, float]:
    """(gain, loss) in m, both positive: a rise or fall counts from turning point to turning point once it exceeds
    `hysteresis` metres, so that noise smaller than that adds nothing.

    Summing raw differences overstates climb by a factor (training.md §6). The thresholds are ours (basis expert);
    Strava describes the same procedure (strava_elev, no DOI).
    """
    points = _turning_points(altitude_m)
    gain = loss = 0.0
    low = high = pivot = extreme = points[0]
    rising: bool | None = None
    for z in points[1:]:
        if rising is None:
            low, high = min(low, z), max(high, z)
            if z - low >= hysteresis:
                rising, pivot, extreme = True, low, z
            elif high - z >= hysteresis:
                rising, pivot, extreme = False, high, z
        elif rising:
            if z >= extreme:
                extreme = z
            elif extreme - z >= hysteresis:
                gain += extreme - pivot
                rising, pivot, extreme = False, extreme, z
        elif z <= extreme:
            extreme = z
        elif z - extreme >= hysteresis:
            loss += pivot - extreme
            rising, pivot, extreme = True, extreme, z
    if rising is None:
        return 0.0, 0.0
    last = abs(extreme - pivot)
    return (gain + last, loss) if rising else (gain, loss + last)


def _turning_points(values: Array) -> list[float]:
    """First, last and every local extreme of a series (plateaus once)."""
    moves = np.flatnonzero(np.diff(values))
    ends = values[moves + 1]
    rises = ends > values[moves]
    turns = ends[:-1][rises[:-1] != rises[1:]]
    last: list[float] = ends[-1:].tolist()
    return [float(values[0]), *turns.tolist(), *last]


def grades(profile: Profile, length_m: float, knowledge: TrainingKnowledge) -> Array:
    """(G,) rise / run over `length_m` (see `grade_length_m`), centred where possible, clamped to
    `elevation.grade_clip`; all zero when the whole way is shorter than that length (no grade can be told)."""
    z = profile.altitude_m
    last = len(z) - 1
    span = max(round(length_m / profile.step_m), 1)
    if last < span:
        return np.zeros(len(z))
    low = np.clip(np.arange(len(z)) - span // 2, 0, last - span)
    clip = knowledge.value("elevation.grade_clip")
    return np.clip((z[low + span] - z[low]) / (span * profile.step_m), -clip, clip)


def find_hills(profile: Profile, grade: Array, knowledge: TrainingKnowledge) -> tuple[Hill, ...]:
    """Stretches at or above `hill.min_grade`, joined over gaps shorter than `hill.merge_gap_m`, that gain at least
    `hill.min_gain_m` over at least `hill.min_length_m`. `grade`: (G,) of `grades`. Limits are ours (basis expert)."""
    steep = np.concatenate(([False], grade >= knowledge.value("hill.min_grade"), [False]))
    edges = np.flatnonzero(steep[1:] != steep[:-1])
    starts, ends = edges[::2], edges[1::2] - 1
    if not len(starts):
        return ()
    apart = (starts[1:] - ends[:-1]) * profile.step_m >= knowledge.value("hill.merge_gap_m")
    starts = starts[np.concatenate(([True], apart))]
    ends = ends[np.concatenate((apart, [True]))]
    length = (ends - starts) * profile.step_m
    gain = profile.altitude_m[ends] - profile.altitude_m[starts]
    good = (length >= knowledge.value("hill.min_length_m")) & (gain >= knowledge.value("hill.min_gain_m"))
    return tuple(
        Hill(start_m=s * profile.step_m, length_m=m, gain_m=g)
        for s, m, g in zip(starts[good].tolist(), length[good].tolist(), gain[good].tolist(), strict=True)
    )
