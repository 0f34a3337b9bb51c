"""Calf load of the history as daily numbers, weeks and windows, from the per-run model in `load`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from soleus.core.activity import Shoe
from soleus.core.training import CalfLoad, Estimate, RunSummary
from soleus.knowledge.base import TrainingKnowledge
from soleus.training.daily import long_gaps
from soleus.training.load import RunLoads, estimate_loads
from soleus.training.load_model import IMPULSE
from soleus.training.shoes import week_end

Array = npt.NDArray[np.float64]
WINDOWS_DAYS = (3, 7, 14, 30)
MOST_KNOWN = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentLoads:
    """Calf load of the last months with its bands: by last day of the week, and of windows against the baseline."""

    weeks: Mapping[date, Estimate]
    windows: tuple[CalfLoad, ...]


def central_loads(
    runs: Sequence[RunSummary],
    *,
    onset_on: date,
    shoes: Sequence[Shoe],
    weight_kg: float | None,
    knowledge: TrainingKnowledge,
) -> tuple[Array, Array]:
    """(R,) impulse (m = 1) and damage (default exponent) of each run (as from `daily.runs_before`), for daily series.

    Every parameter at its value; NaN where the file tells too little or the run is older than `changes.history_days`.
    """
    horizon = onset_on - timedelta(days=int(knowledge.value("changes.history_days")))
    old = next((i for i, run in enumerate(runs) if run.day >= horizon), len(runs))
    named = {shoe.id: shoe for shoe in shoes}
    loads = estimate_loads(runs[old:], knowledge=knowledge, shoes=named, weight_kg=weight_kg, draws=1)
    return _per_run(loads, IMPULSE, old), _per_run(loads, loads.default, old)


def recent_loads(
    runs: Sequence[RunSummary],
    *,
    onset_on: date,
    shoes: Sequence[Shoe],
    weight_kg: float | None,
    knowledge: TrainingKnowledge,
) -> RecentLoads:
    """Loads of the last `calf.band_days` days relative to this runner only, with the full draws of the parameters.

    Weeks, and windows of 3 to 30 days against days −31 … −112 per day outside long gaps. A week or window of which less
    than 80 % of the runs tell their load is left out.
    """
    near = onset_on - timedelta(days=int(knowledge.value("calf.band_days")))
    late = [run for run in runs if run.day >= near]
    named = {shoe.id: shoe for shoe in shoes}
    banded = estimate_loads(late, knowledge=knowledge, shoes=named, weight_kg=weight_kg)
    return RecentLoads(
        weeks=_weeks(banded, late, onset_on, near),
        windows=tuple(
            window for days in WINDOWS_DAYS if (window := _window(banded, late, days, onset_on, knowledge)) is not None
        ),
    )


def _per_run(loads: RunLoads, exponent: int, old: int) -> Array:
    column = loads.central[:, loads.exponents.index(exponent)]
    return np.concatenate((np.full(old, np.nan), np.where(loads.known, column, np.nan)))


def _known(loads: RunLoads, runs: Sequence[RunSummary]) -> list[str] | None:
    """Keys of the runs whose load is known, or None when too few of them are."""
    keys = [run.key for run in runs if loads.is_known(run.key)]
    return keys if len(keys) >= MOST_KNOWN * len(runs) else None


def _weeks(loads: RunLoads, runs: Sequence[RunSummary], onset_on: date, near: date) -> dict[date, Estimate]:
    by_week: dict[date, list[RunSummary]] = {}
    for run in runs:
        by_week.setdefault(week_end(run.day, onset_on), []).append(run)
    weeks = {}
    for end, ran in sorted(by_week.items()):
        keys = _known(loads, ran)
        if keys is not None and end - timedelta(days=6) >= near:
            weeks[end] = loads.total(keys)
    return weeks


def _window(
    loads: RunLoads,
    runs: Sequence[RunSummary],
    days: int,
    onset_on: date,
    knowledge: TrainingKnowledge,
) -> CalfLoad | None:
    if not runs:
        return None
    first, last = (
        onset_on - timedelta(days=int(knowledge.value(f"changes.baseline_{end}_day"))) for end in ("last", "first")
    )
    first = max(first, runs[0].day)
    usable = _days_of_running(runs, first, last, int(knowledge.value("changes.gap_days")))
    if usable < knowledge.value("changes.min_history_days"):
        return None
    recent = _known(loads, [run for run in runs if run.day >= onset_on - timedelta(days=days)])
    before = _known(loads, [run for run in runs if first <= run.day <= last])
    if recent is None or not before:
        return None
    return loads.ratio(recent, days, before, usable)


def _days_of_running(runs: Sequence[RunSummary], first: date, last: date, gap_days: int) -> int:
    """Days of [first, last] outside stretches of at least `gap_days` days without a run."""
    length = (last - first).days + 1
    if length <= 0:
        return 0
    ran = np.zeros(length, dtype=bool)
    ran[[(run.day - first).days for run in runs if first <= run.day <= last]] = True
    return int((~long_gaps(ran, gap_days)).sum())
