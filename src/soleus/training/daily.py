"""Daily series of a runner's history up to the day before the onset: one row of numbers per calendar day.

A day without a run is 0 km; a run whose file lacks a channel makes that day unknown (NaN) in that series, never 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from soleus.core.activity import Sport, Surface
from soleus.core.training import RunSummary
from soleus.knowledge.base import TrainingKnowledge
from soleus.training.fast import fast_minutes
from soleus.training.form_series import form_by_day
from soleus.training.load_balance import acwr_uncoupled, monotony
from soleus.training.shoes import ShoeDays

Array = npt.NDArray[np.float64]
Days = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """How one daily series is made and read.

    `gather`: sum | longest | form | state | share: how a window of days becomes one number (mean per day, largest day,
    mean of the days with a value, value of the last day, share of all kilometres). `compare`: ratio | difference to the
    baseline.
    """

    unit: str
    gather: str = "sum"
    compare: str = "ratio"


SERIES: Mapping[str, Series] = {
    "distance_km": Series(unit="km"),
    "moving_min": Series(unit="min"),
    "runs": Series(unit="runs"),
    "longest_run_km": Series(unit="km", gather="longest"),
    "ascent_m": Series(unit="m"),
    "descent_m": Series(unit="m"),
    "hill_min": Series(unit="min"),
    "steep_uphill_min": Series(unit="min"),
    "fast_min": Series(unit="min"),
    "fastest_30s_mps": Series(unit="m/s", gather="longest"),
    "cadence_spm": Series(unit="spm", gather="form"),
    "contact_time_ms": Series(unit="ms", gather="form"),
    "contact_time_balance_pct": Series(unit="pct", gather="form", compare="difference"),
    "foot_strike_class": Series(unit="class", gather="form"),
    "new_shoe_share": Series(unit="km", gather="share"),
    "low_drop_share": Series(unit="km", gather="share"),
    "treadmill_share": Series(unit="km", gather="share"),
    "trail_share": Series(unit="km", gather="share"),
    "track_share": Series(unit="km", gather="share"),
    "consecutive_days": Series(unit="days", gather="longest"),
    "gap_days": Series(unit="days", gather="longest"),
    "calf_load_impulse": Series(unit="steps"),
    "calf_load_damage": Series(unit="steps"),
    "acwr": Series(unit="ratio", gather="state"),
    "monotony": Series(unit="ratio", gather="state"),
}
"""Every daily series by name. The unit is that of a day's value."""

SURFACE_SERIES: Mapping[Surface, str] = {
    Surface.TREADMILL: "treadmill_share",
    Surface.TRAIL: "trail_share",
    Surface.TRACK: "track_share",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyTable:
    """Series by day; index 0 is `first_day`, the last index the day before the onset.

    `values`: name → (n,) with NaN = unknown. `gap`: (n,) True on days of a stretch without runs that is too long to be
    ordinary rest; `pause`: the same for shorter absences that are long for this runner (a cold, a week away), gaps
    included; `unsettled`: pauses and the days after them in which running is built up again. `runs`: the runs behind
    it, oldest first; `run_day`: (R,) their day index. `device_changed`: form series whose device is new, so there is
    no baseline to compare with.
    """

    first_day: date
    onset_on: date
    values: Mapping[str, Array]
    gap: npt.NDArray[np.bool_]
    pause: npt.NDArray[np.bool_]
    unsettled: npt.NDArray[np.bool_]
    runs: tuple[RunSummary, ...]
    run_day: Days
    device_changed: frozenset[str] = frozenset()
    ran_on_onset: bool = False
    """Whether there is a run on the onset day: it ends a break, and is used for nothing else."""

    @property
    def days(self) -> int:
        return len(self.gap)

    def day(self, index: int) -> date:
        return self.first_day + timedelta(days=index)


def runs_before(runs: Sequence[RunSummary], onset_on: date) -> tuple[RunSummary, ...]:
    """Running activities before the onset day, oldest first, each key once, whatever the order given."""
    return _ordered(run for run in runs if run.sport is Sport.RUNNING and run.day < onset_on)


def runs_on(runs: Sequence[RunSummary], day: date) -> tuple[RunSummary, ...]:
    """Running activities of one day, oldest first."""
    return _ordered(run for run in runs if run.sport is Sport.RUNNING and run.day == day)


def _ordered(runs: Iterable[RunSummary]) -> tuple[RunSummary, ...]:
    by_key: dict[str, RunSummary] = {}
    for run in sorted(runs, key=lambda r: (r.day, r.start_utc, r.key, -(r.distance_m or 0.0))):
        by_key.setdefault(run.key, run)
    return tuple(map(_possible, by_key.values()))


def _possible(run: RunSummary) -> RunSummary:
    """The run with an impossible distance (negative, endless, not a number) made unknown."""
    impossible = run.distance_m is not None and math.isnan(amount(run.distance_m))
    return replace(run, distance_m=None) if impossible else run


def amount(value: float | None, scale: float = 1.0) -> float:
    """A non-negative finite number times `scale`; NaN for anything else."""
    if value is None or not 0 <= value < float("inf"):
        return float("nan")
    return value * scale


def build_daily(
    runs: Sequence[RunSummary],
    *,
    onset_on: date,
    knowledge: TrainingKnowledge,
    shoes: ShoeDays,
    impulse: Array | None = None,
    damage: Array | None = None,
) -> DailyTable:
    """Series by day from the first run, or `changes.history_days` before the onset if later, to the day before it.

    `runs`: as from `runs_before`. `shoes`: which pairs count as new or as lower. `impulse`, `damage`: (R,) calf load
    of each of them (m = 1 and the default exponent), NaN = unknown; None = all unknown. An empty history gives a
    table without days.
    """
    horizon = onset_on - timedelta(days=int(knowledge.value("changes.history_days")))
    kept = [index for index, run in enumerate(runs) if run.day >= horizon]
    used = tuple(runs[index] for index in kept)
    first_day = used[0].day if used else onset_on
    length = (onset_on - first_day).days
    day = np.array([(run.day - first_day).days for run in used], dtype=np.int64)
    columns = _columns(used)
    columns["fast_min"] = fast_minutes(used, knowledge)
    columns["new_shoe_share"] = _shoe_km(used, columns["distance_km"], shoes.is_new)
    columns["low_drop_share"] = _shoe_km(used, columns["distance_km"], shoes.is_lower)
    for name, loads in (("calf_load_impulse", impulse), ("calf_load_damage", damage)):
        columns[name] = np.full(len(used), np.nan) if loads is None else loads[kept]
    values = {name: _per_day(column, day, length) for name, column in columns.items()}
    distance = columns["distance_km"]
    values["longest_run_km"] = _largest_per_day(distance, day, length)
    values["fastest_30s_mps"] = _largest_per_day(_column(used, "fastest_30s_mps"), day, length, rest=np.nan)
    count = np.bincount(day, minlength=length).astype(float)
    values["runs"] = count
    values["consecutive_days"], values["gap_days"] = _streaks(count > 0), _streaks(count == 0)
    form, device_changed = form_by_day(used, day, length, knowledge)
    values.update(form)
    gap = long_gaps(count > 0, int(knowledge.value("changes.gap_days")))
    pause = long_gaps(count > 0, _pause_days(day, knowledge)) | gap
    chronic = int(knowledge.value("acwr.chronic_days"))
    away = _dilated(pause, chronic)  # back from a pause, the ratio is high for that reason alone
    values["acwr"] = np.where(away, np.nan, acwr_uncoupled(values["distance_km"], knowledge))
    values["monotony"] = monotony(values["distance_km"], knowledge)
    return DailyTable(
        first_day=first_day,
        onset_on=onset_on,
        values=values,
        gap=gap,
        pause=pause,
        unsettled=_dilated(pause, int(knowledge.value("changes.settle_days"))),
        runs=used,
        run_day=day,
        device_changed=device_changed,
    )


def _column(runs: Sequence[RunSummary], name: str, scale: float = 1.0) -> Array:
    return np.array([amount(getattr(run, name), scale) for run in runs], dtype=np.float64)


def _columns(runs: Sequence[RunSummary]) -> dict[str, Array]:
    """One number per run and summed series; surfaces share the run's distance."""
    distance = _column(runs, "distance_m", 0.001)
    columns = {
        "distance_km": distance,
        "moving_min": _column(runs, "moving_s", 1 / 60),
        "ascent_m": _column(runs, "ascent_m"),
        "descent_m": _column(runs, "descent_m"),
        "hill_min": _column(runs, "uphill_s", 1 / 60),
        "steep_uphill_min": _column(runs, "steep_uphill_s", 1 / 60),
    }
    known = any(run.surface is not Surface.UNKNOWN for run in runs)
    for surface, name in SURFACE_SERIES.items():
        on_it = np.array([run.surface is surface for run in runs], dtype=bool)
        columns[name] = np.where(on_it, distance, 0.0) if known else np.full(len(runs), np.nan)
    return columns


def _shoe_km(runs: Sequence[RunSummary], distance_km: Array, counts: Callable[[RunSummary], bool]) -> Array:
    """Kilometres of runs in such a pair; NaN where no pair was noted."""
    share = [math.nan if run.shoe is None else float(counts(run)) for run in runs]
    return distance_km * np.array(share, dtype=np.float64)


def _per_day(column: Array, day: Days, length: int) -> Array:
    """Sum by day: 0 without a run, NaN when any run of the day is unknown."""
    total = np.bincount(day, weights=np.nan_to_num(column), minlength=length).astype(float)
    unknown = np.bincount(day, weights=np.isnan(column), minlength=length) > 0
    total[unknown] = np.nan
    return total


def _largest_per_day(column: Array, day: Days, length: int, rest: float = 0.0) -> Array:
    """Largest single run of the day; days without a run are `rest`, days with only unknown runs NaN."""
    largest = np.full(length, rest)
    largest[day] = np.nan
    known = ~np.isnan(column)
    order = np.argsort(column[known], kind="stable")  # the largest is written last and stays
    largest[day[known][order]] = column[known][order]
    return largest


def _streaks(active: npt.NDArray[np.bool_]) -> Array:
    """How many days in a row, up to and including each day, are True."""
    index = np.arange(1, len(active) + 1)
    last_break = np.maximum.accumulate(np.where(active, 0, index)) if len(active) else index
    return (index - last_break).astype(float)


def _pause_days(day: Days, knowledge: TrainingKnowledge) -> int:
    """From how many days without a run on this runner is away: `changes.pause_over_usual` times the 90th percentile of
    the usual pauses, at least `changes.pause_days`, never more than a long gap."""
    pauses = np.diff(np.unique(day)) - 1
    usual = float(np.quantile(pauses, 0.9)) if len(pauses) else 0.0
    own = max(int(knowledge.value("changes.pause_days")), round(knowledge.value("changes.pause_over_usual") * usual))
    return min(own, int(knowledge.value("changes.gap_days")))


def _dilated(days: npt.NDArray[np.bool_], after: int) -> npt.NDArray[np.bool_]:
    """These days and the `after` days following each of them."""
    running: Array = np.concatenate((np.zeros(after + 1), np.cumsum(days.astype(np.float64))))
    return np.asarray(running[after + 1 :] - running[: -after - 1] > 0)


def long_gaps(ran: npt.NDArray[np.bool_], gap_days: int) -> npt.NDArray[np.bool_]:
    """Days inside a stretch of at least `gap_days` days without a run."""
    gap = np.zeros(len(ran), dtype=bool)
    edges = np.flatnonzero(np.diff(np.concatenate(([True], ran, [True])).astype(np.int8)))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start >= gap_days:
            gap[start:end] = True
    return gap
