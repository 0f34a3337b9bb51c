"""The hand-filled table of the last weeks as a training report, with the wide uncertainty memory deserves."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from soleus.core.training import (
    Change,
    ChangeState,
    Coverage,
    Estimate,
    ManualWeek,
    TrainingReport,
    Week,
)
from soleus.knowledge.base import ChangeDefinition, KnowledgeBase, TrainingKnowledge
from soleus.training.changes import ranked
from soleus.training.findings import soft_findings
from soleus.training.spike import categorise
from soleus.training.verdict import change, too_little

Table = Mapping[int, ManualWeek]
RECENT = (1, 2)
"""Weeks that count as just before the onset; the rest of the table is what they are compared with."""


def analyse_weeks(weeks: Sequence[ManualWeek], *, onset_on: date, kb: KnowledgeBase) -> TrainingReport:
    """A report from the table alone.

    What the table cannot tell (ascent, form, ground, breaks shorter than two empty weeks) is "too little". Remembered
    numbers carry `manual.recall_error` (log scale); a level stands out when P(ratio > threshold) reaches
    `manual.alarm_probability`. Evidence from it counts `evidence.table_coverage` of what files would.
    """
    knowledge = kb.training
    table: dict[int, ManualWeek] = {}
    for week in weeks:
        if week.weeks_before >= 1 and _told(week):
            table.setdefault(week.weeks_before, week)
    coverage = _coverage(table, onset_on, knowledge)
    changes = []
    for definition in knowledge.changes:
        look = _LOOKS.get(definition.id)
        found = look(definition, table, knowledge) if look is not None and coverage.enough else None
        changes.append(found or too_little(definition, "no_channel" if coverage.enough else coverage.reason))
    order = ranked(changes, knowledge)
    return TrainingReport(
        onset_on=onset_on,
        coverage=coverage,
        changes=order,
        findings=soft_findings(
            order,
            coverage=knowledge.value("evidence.table_coverage"),
            observed_on=onset_on - timedelta(days=1),
            definitions=kb.findings,
            knowledge=knowledge,
        ),
        weeks=_weeks(table, onset_on),
        knowledge_version=kb.version,
    )


def _told(week: ManualWeek) -> bool:
    answers = (week.distance_km, week.runs, week.longest_run_km, week.hilly, week.fast, week.new_shoes)
    return any(answer is not None for answer in answers)


def _coverage(table: Table, onset_on: date, knowledge: TrainingKnowledge) -> Coverage:
    told = [
        n for n, week in table.items() if _positive(week.distance_km) or _positive(week.longest_run_km) or week.runs
    ]
    days = 7 * max(table, default=0)
    enough = (
        days >= knowledge.value("changes.min_history_days") and len(told) >= 2 and any(n not in RECENT for n in told)
    )
    return Coverage(
        first_day=onset_on - timedelta(days=days) if table else None,
        last_day=onset_on - timedelta(days=1) if table else None,
        runs=sum(max(week.runs or 0, 0) for week in table.values()),
        days=days,
        weeks_with_runs=len(told),
        from_table=True,
        enough=enough,
        reason="" if enough else "too_short",
    )


def _positive(value: float | None) -> bool:
    return value is not None and 0 < value < math.inf


def _numbers(table: Table, name: str) -> tuple[dict[int, float], dict[int, float]]:
    """Recent and earlier weeks that state a usable number."""
    stated = {n: float(v) for n, week in table.items() if (v := getattr(week, name)) is not None and 0 <= v < math.inf}
    return {n: v for n, v in stated.items() if n in RECENT}, {n: v for n, v in stated.items() if n not in RECENT}


def _level(name: str, unit: str) -> Callable[[ChangeDefinition, Table, TrainingKnowledge], Change | None]:
    def look(definition: ChangeDefinition, table: Table, knowledge: TrainingKnowledge) -> Change | None:
        recent, earlier = _numbers(table, name)
        ordinary = [v for v in earlier.values() if v > 0]
        if not recent or len(ordinary) < 2:
            return None
        week = max(recent, key=lambda n: (recent[n], n))
        return _remembered(
            definition, recent[week], sum(ordinary) / len(ordinary), len(ordinary), unit, 7 * week, knowledge
        )

    return look


def _spike(definition: ChangeDefinition, table: Table, knowledge: TrainingKnowledge) -> Change | None:
    recent, earlier = _numbers(table, "longest_run_km")
    longest = max(recent.values(), default=0.0)
    week = min((n for n in recent if recent[n] == longest), default=1)
    before = [v for n, v in {**recent, **earlier}.items() if week < n <= week + 4]
    if longest <= 0 or not before or max(before) <= 0:
        return None
    return _remembered(definition, longest, max(before), 1, "km", 7 * week, knowledge)


def _remembered(
    definition: ChangeDefinition,
    recent: float,
    baseline: float,
    weeks: int,
    unit: str,
    days: int,
    knowledge: TrainingKnowledge,
) -> Change:
    """A ratio of remembered numbers: its log has the standard error recall · √(1 + 1/weeks)."""
    error = knowledge.value("manual.recall_error") * math.sqrt(1 + 1 / weeks)
    ratio = recent / baseline
    log_ratio = math.log(max(ratio, 1e-9))
    z = (log_ratio - math.log(definition.threshold)) / error
    probability = 0.5 * (1 + math.erf(z / math.sqrt(2)))
    stands_out = probability >= knowledge.value("manual.alarm_probability") and recent >= definition.minimum
    effect = Estimate(value=ratio, low=math.exp(log_ratio - 1.645 * error), high=math.exp(log_ratio + 1.645 * error))
    params: dict[str, str | int | float] = {
        "window_days": days,
        "recent": recent,
        "baseline": baseline,
        "unit": unit,
        "ratio": ratio,
        "percent": 100 * (ratio - 1),
        "low": effect.low,
        "high": effect.high,
    }
    if definition.kind == "session_spike":
        params |= {"distance_km": recent, "reference_km": baseline, "category": categorise(ratio, knowledge)[0]}
    return change(
        definition,
        ChangeState.CHANGED if stands_out else ChangeState.UNCHANGED,
        window_days=days,
        recent=recent,
        baseline=baseline,
        unit=unit,
        effect=effect,
        probability=probability,
        limit=1.0,
        params=params,
    )


def _first(name: str) -> Callable[[ChangeDefinition, Table, TrainingKnowledge], Change | None]:
    """A tick in the last two weeks and in none before; probability by how sure a tick is (table coverage does the
    rest).
    """

    def look(definition: ChangeDefinition, table: Table, knowledge: TrainingKnowledge) -> Change | None:
        ticks = {n: t for n, week in table.items() if (t := getattr(week, name)) is not None}
        recent = [n for n in RECENT if n in ticks]
        earlier = [n for n in ticks if n not in RECENT]
        if not recent or len(earlier) < 2:
            return None
        begun = any(ticks[n] for n in recent) and not any(ticks[n] for n in earlier)
        return change(
            definition,
            ChangeState.CHANGED if begun else ChangeState.UNCHANGED,
            window_days=14,
            probability=knowledge.value("manual.alarm_probability")
            if begun
            else 1 - knowledge.value("manual.alarm_probability"),
            limit=1.0,
            params={"window_days": 14, "days": 7 * max(earlier)},
        )

    return look


def _break(definition: ChangeDefinition, table: Table, knowledge: TrainingKnowledge) -> Change | None:
    """Two or more empty weeks in a row, running again after them within the last 30 days."""
    empty = {n for n, week in table.items() if week.runs == 0 or (week.distance_km == 0 and not week.runs)}
    ran = {n for n in table if n not in empty}
    best = 0
    for end in sorted(n for n in empty if n - 1 in ran and 7 * (n - 1) <= max(definition.windows_days)):
        length = 0
        while end + length in empty:
            length += 1
        best = max(best, length)
    if not empty and len(table) < 3:
        return None
    happened = 7 * best >= definition.threshold
    return change(
        definition,
        ChangeState.CHANGED if happened else ChangeState.UNCHANGED,
        window_days=max(definition.windows_days),
        recent=7.0 * best,
        unit="days",
        probability=knowledge.value("manual.alarm_probability")
        if happened
        else 1 - knowledge.value("manual.alarm_probability"),
        limit=1.0,
        params={"days": 7 * best, "unit": "days", "window_days": max(definition.windows_days)},
    )


_LOOKS: Mapping[str, Callable[[ChangeDefinition, Table, TrainingKnowledge], Change | None]] = {
    "session_spike": _spike,
    "weekly_distance": _level("distance_km", "km"),
    "longest_run": _level("longest_run_km", "km"),
    "run_days": _level("runs", "runs"),
    "first_hills": _first("hilly"),
    "first_fast": _first("fast"),
    "shoe_new": _first("new_shoes"),
    "return_after_break": _break,
}
"""What six remembered weeks can tell, by change."""


def _weeks(table: Table, onset_on: date) -> tuple[Week, ...]:
    """Rows of the stated weeks, oldest first; an empty distance is shown as 0 and the week as incomplete."""
    rows = []
    for n in sorted(table, reverse=True):
        week, last = table[n], onset_on - timedelta(days=7 * (n - 1) + 1)
        distance = 1000 * week.distance_km if _positive(week.distance_km) and week.distance_km else 0.0
        longest = 1000 * week.longest_run_km if _positive(week.longest_run_km) and week.longest_run_km else 0.0
        rows.append(
            Week(
                first_day=last - timedelta(days=6),
                last_day=last,
                runs=max(week.runs or 0, 0),
                distance_m=distance,
                hilly_m=distance if week.hilly else 0.0,
                longest_run_m=longest,
                ascent_m=None,
                moving_s=0.0,
                calf_load=None,
                fast_s=None,
                easy_s=None,
                complete=week.distance_km is not None,
            )
        )
    return tuple(rows)
