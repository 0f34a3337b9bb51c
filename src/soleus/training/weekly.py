"""Weeks of running, counted backwards from the day before the onset."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from soleus.core.training import Estimate, RunSummary, Week
from soleus.knowledge.base import TrainingKnowledge
from soleus.training.fast import fast_speed_mps
from soleus.training.shoes import week_end


def build_weeks(
    runs: Sequence[RunSummary],
    *,
    onset_on: date,
    knowledge: TrainingKnowledge,
    loads: Mapping[date, Estimate] | None = None,
    limit: int | None = None,
) -> tuple[Week, ...]:
    """Seven-day rows, oldest first, the last one ending the day before the onset; weeks without a run are kept.

    `runs`: as from `daily.runs_before`. `loads`: calf load by last day of the week. `limit`: at most this many weeks.
    A week is complete unless the first run of the history falls into it after its first day. Metres are sums of known
    distances; ascent, fast and easy seconds are None as soon as a run of the week does not tell.
    """
    if not runs:
        return ()
    by_week: dict[date, list[RunSummary]] = {}
    for run in runs:
        by_week.setdefault(week_end(run.day, onset_on), []).append(run)
    first = week_end(runs[0].day, onset_on)
    last = onset_on - timedelta(days=1)
    count = (last - first).days // 7 + 1
    used = min(count, limit) if limit is not None else count
    fast = fast_speed_mps(runs, knowledge)
    hilly = knowledge.value("hill.hilly_ascent_m_per_km")
    rows = []
    for index in range(used - 1, -1, -1):
        end = last - timedelta(days=7 * index)
        week = _week(by_week.get(end, []), end, fast=fast, hilly=hilly, load=(loads or {}).get(end), since=runs[0].day)
        rows.append(week)
    return tuple(rows)


def _week(
    runs: Sequence[RunSummary], end: date, *, fast: float | None, hilly: float, load: Estimate | None, since: date
) -> Week:
    distances = [_metres(run) for run in runs]
    start = end - timedelta(days=6)
    fast_s = _sum_or_none([_fast_s(run, fast) for run in runs])
    moving_s = sum(run.moving_s for run in runs)
    return Week(
        first_day=start,
        last_day=end,
        runs=len(runs),
        distance_m=sum(distances),
        hilly_m=sum(metres for run, metres in zip(runs, distances, strict=True) if is_hilly(run, hilly)),
        longest_run_m=max(distances, default=0.0),
        ascent_m=_sum_or_none([run.ascent_m for run in runs]),
        moving_s=moving_s,
        calf_load=load,
        fast_s=fast_s,
        easy_s=None if fast_s is None else max(moving_s - fast_s, 0.0),
        complete=since <= start,
    )


def is_hilly(run: RunSummary, ascent_m_per_km: float) -> bool:
    """Whether the run climbs at least so many metres per kilometre; unknown ascent is not hilly."""
    metres = _metres(run)
    return run.ascent_m is not None and metres > 0 and run.ascent_m / metres * 1000 >= ascent_m_per_km


def _metres(run: RunSummary) -> float:
    return run.distance_m if run.distance_m is not None and 0 < run.distance_m < math.inf else 0.0


def _fast_s(run: RunSummary, fast: float | None) -> float | None:
    if fast is None or not run.speed_s:
        return None
    return float(sum(seconds for key, seconds in run.speed_s.items() if key >= fast * 10))


def _sum_or_none(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None and math.isfinite(value)]
    return sum(known) if len(known) == len(values) else None
