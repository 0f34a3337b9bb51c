"""From run summaries to the training report of one onset. Pure: no clock, file or randomness without a fixed seed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from soleus.core.activity import Shoe
from soleus.core.case import Runner
from soleus.core.training import Change, Coverage, LoadBalance, RunSummary, TrainingReport
from soleus.knowledge.base import KnowledgeBase, TrainingKnowledge
from soleus.training.calf_windows import central_loads, recent_loads
from soleus.training.changes import find_changes
from soleus.training.daily import DailyTable, build_daily, runs_before, runs_on
from soleus.training.findings import of_onset_run, of_stops, soft_findings
from soleus.training.habits import usual_habits
from soleus.training.load_balance import (
    K_CONVENTIONS,
    acwr_coupled,
    acwr_ewma,
    acwr_uncoupled,
    ctl_atl_tsb,
    monotony,
    strain,
    week_on_week,
)
from soleus.training.one_at_a_time import one_at_a_time
from soleus.training.onset_run import describe_onset_run
from soleus.training.own_days import on_own_days
from soleus.training.shoes import shoe_days, shoe_uses
from soleus.training.spike import session_spikes
from soleus.training.weekly import build_weeks


def analyse_training(
    runs: Sequence[RunSummary],
    *,
    onset_on: date,
    kb: KnowledgeBase,
    shoes: Sequence[Shoe] = (),
    runner: Runner | None = None,
) -> TrainingReport:
    """What changed in the running before the pain began, against the runner's own history.

    1. Only runs count, each key once, whatever their order; data of the onset day and later is never used for a
    change: pain shortens runs. 2. Daily series (`daily`), weeks (`weekly`), spikes (`spike`). 3. Every
    `ChangeDefinition` is looked for (`changes`). 4. Changes become soft evidence (`findings`), weighted by how much
    history stands behind them. The onset day's run is described apart.
    """
    knowledge = kb.training
    runs = one_at_a_time(on_own_days(runs))
    before = runs_before(runs, onset_on)
    weight_kg = runner.weight_kg if runner is not None else None
    table, coverage, changes = look_for_changes(
        before,
        onset_on=onset_on,
        kb=kb,
        shoes=shoes,
        weight_kg=weight_kg,
        ran_on_onset=bool(runs_on(runs, onset_on)),
    )
    if coverage.enough and not recorded_lately(runs, onset_on, knowledge):
        coverage = replace(coverage, enough=False, reason="files_end")
        changes = find_changes(table, coverage, knowledge)
    loads = recent_loads(before, onset_on=onset_on, shoes=shoes, weight_kg=weight_kg, knowledge=knowledge)
    spikes = session_spikes(
        runs_before(runs, onset_on + timedelta(days=1)),
        first_day=onset_on - timedelta(days=int(knowledge.value("changes.baseline_last_day"))),
        last_day=onset_on,
        knowledge=knowledge,
    )
    onset_run = describe_onset_run(runs, onset_on=onset_on, spikes=spikes)
    weeks = build_weeks(before, onset_on=onset_on, knowledge=knowledge, loads=loads.weeks)
    return TrainingReport(
        onset_on=onset_on,
        coverage=coverage,
        changes=changes,
        findings=soft_findings(
            changes,
            coverage=confidence(table, coverage, knowledge),
            observed_on=onset_on - timedelta(days=1),
            definitions=kb.findings,
            knowledge=knowledge,
            more={
                **of_onset_run(onset_run, knowledge),
                **of_stops(runs, onset_on=onset_on, knowledge=knowledge),
                **(usual_habits(table, knowledge) if coverage.enough else {}),
            },
        ),
        weeks=weeks,
        spikes=spikes,
        calf_load=loads.windows,
        balance=_balance(table, coverage, knowledge),
        shoes=shoe_uses(before, shoes, onset_on=onset_on, week_ends=[week.last_day for week in weeks]),
        onset_run=onset_run,
        edits=dict(sorted(Counter(edit.fixer for run in before for edit in run.edits).items())),
        knowledge_version=kb.version,
    )


def look_for_changes(
    before: Sequence[RunSummary],
    *,
    onset_on: date,
    kb: KnowledgeBase,
    shoes: Sequence[Shoe] = (),
    weight_kg: float | None = None,
    ran_on_onset: bool = False,
) -> tuple[DailyTable, Coverage, tuple[Change, ...]]:
    """The daily series of `before` (as from `daily.runs_before`), how much they cover, and every change, ranked."""
    knowledge = kb.training
    impulse, damage = central_loads(before, onset_on=onset_on, shoes=shoes, weight_kg=weight_kg, knowledge=knowledge)
    table = build_daily(
        before,
        onset_on=onset_on,
        knowledge=knowledge,
        shoes=shoe_days(before, shoes, knowledge),
        impulse=impulse,
        damage=damage,
    )
    table = replace(table, ran_on_onset=ran_on_onset)
    coverage = _coverage(before, table, knowledge)
    return table, coverage, find_changes(table, coverage, knowledge)


def recorded_lately(runs: Sequence[RunSummary], onset_on: date, knowledge: TrainingKnowledge) -> bool:
    """Whether anything, of any sport, was recorded from `changes.gap_days` before the onset on, or after it.

    If not, the files may simply end there: then nothing can be said of the days that matter.
    """
    since = onset_on - timedelta(days=int(knowledge.value("changes.gap_days")))
    return any(run.day >= since for run in runs)


def _coverage(runs: Sequence[RunSummary], table: DailyTable, knowledge: TrainingKnowledge) -> Coverage:
    """How much history there is before the onset; gaps as [first, last] days."""
    first, last = (runs[0].day, runs[-1].day) if runs else (None, None)
    days = (table.onset_on - runs[0].day).days if runs else 0
    edges = np.flatnonzero(np.diff(np.concatenate(([0], table.gap.astype(np.int8), [0]))))
    gaps = tuple((table.day(int(a)), table.day(int(b) - 1)) for a, b in zip(edges[::2], edges[1::2], strict=True))
    enough = days >= knowledge.value("changes.min_history_days") and len(runs) >= knowledge.value("changes.min_runs")
    return Coverage(
        first_day=first,
        last_day=last,
        runs=len(runs),
        days=days,
        gaps=gaps,
        weeks_with_runs=len({(table.onset_on - run.day).days // 7 for run in runs}),
        enough=enough,
        reason="" if enough else "too_short",
    )


def confidence(table: DailyTable, coverage: Coverage, knowledge: TrainingKnowledge) -> float:
    """How far the files are trusted, 0-1: the share of baseline days that are there and outside long gaps."""
    if not coverage.enough:
        return 0.0
    near, far = (int(knowledge.value(f"changes.baseline_{end}_day")) for end in ("first", "last"))
    usable = int((~table.gap[max(0, table.days - far) : table.days - near + 1]).sum())
    return min(1.0, max(usable, 0) / (far - near + 1))


def _balance(table: DailyTable, coverage: Coverage, knowledge: TrainingKnowledge) -> LoadBalance | None:
    """Fitness-fatigue numbers of daily kilometres on the day before the onset; unknown days take the mean running
    day. CTL and TSB are left out while the history is shorter than their time constant: they start from nothing.
    """
    if not coverage.enough:
        return None
    km = table.values["distance_km"]
    known = km[~np.isnan(km) & (km > 0)]
    if not len(known):
        return None
    load = np.where(np.isnan(km), known.mean(), km)
    by_convention = {name: ctl_atl_tsb(load, knowledge, convention=name) for name in K_CONVENTIONS}
    settled = by_convention if len(load) >= knowledge.value("balance.ctl_days") else {}
    return LoadBalance(
        load="distance_km",
        ctl={name: float(b.ctl[-1]) for name, b in settled.items()},
        atl={name: float(b.atl[-1]) for name, b in by_convention.items()},
        tsb={name: float(b.tsb[-1]) for name, b in settled.items()},
        acwr_coupled=_last(acwr_coupled(load, knowledge)),
        acwr_uncoupled=_last(acwr_uncoupled(load, knowledge)),
        acwr_ewma=_last(acwr_ewma(load, knowledge)),
        monotony=_last(monotony(load, knowledge)),
        strain=_last(strain(load, knowledge)),
        week_on_week=_last(week_on_week(load, knowledge)),
    )


def _last(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float | None:
    value = float(values[-1])
    return value if math.isfinite(value) else None
