"""Which sessions of which exercises a phase asks for in a week."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from soleus.core.ids import ExerciseId
from soleus.core.plan import PlanPhase, Prescription, SessionKind
from soleus.knowledge.plan_base import Exercise
from soleus.planning.limits import Limits
from soleus.planning.solver import LOADING, Demand

_KINDS = {
    "mobility": SessionKind.DAILY,
    "isometric": SessionKind.DAILY,
    "flexibility": SessionKind.DAILY,
    "neural": SessionKind.DAILY,
    "strength": SessionKind.STRENGTH,
    "eccentric": SessionKind.STRENGTH,
    "plyometric": SessionKind.PLYOMETRIC,
    "hip": SessionKind.WHOLE_BODY,
    "balance": SessionKind.WHOLE_BODY,
    "foot_core": SessionKind.WHOLE_BODY,
    "cross_training": SessionKind.CROSS,
    "running_drill": SessionKind.RUN,
}
_QUIET = ("none", "low")
GAIT = "running_gait"
"""Target of drills that change how one runs: done in the run's own minutes, so they add neither time nor running."""
THE_RUN = (ExerciseId("run_walk"), ExerciseId("run_throughs"))
"""Drills that are the run itself (a stage of the programme, or its alternative), so they add no minutes to it."""
FAST_TIER = 4
"""Achilles load tier of drills that wait for the speed gate (strides, hills): the run itself says when."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Exercises done together in one kind of session; the first are the most important."""

    kind: SessionKind
    count: int
    items: tuple[Prescription, ...]
    extras: tuple[Prescription, ...] = ()
    """Optional ones, added while there is room."""

    def of_session(self, number: int, sessions: int, on: date, onset: date) -> tuple[Prescription, ...]:
        """Exercises of session `number` (from 0) of `sessions` in the week: each spread evenly over them, and none
        before its first day after the onset."""
        return tuple(
            item
            for item in self.items
            if item.has_begun((on - onset).days) and _falls_on(number, item.per_week, sessions)
        )

    @property
    def minutes(self) -> int:
        """Minutes of the fullest session, rounded up."""
        return max(
            (total_min(tuple(item for item in self.items if _falls_on(number, item.per_week, self.count))))
            for number in range(self.count)
        )

    def shortest(self, share: float) -> int:
        """Minutes of the part of the exercises that still makes a session."""
        return min(self.minutes, total_min(self.items[: max(1, math.ceil(share * len(self.items)))]))


def _falls_on(number: int, per_week: int, sessions: int) -> bool:
    wanted = min(per_week, sessions)
    return (number + 1) * wanted // sessions > number * wanted // sessions


def bout_min(item: Prescription) -> float:
    """Minutes of one day with this exercise."""
    return item.minutes * item.bouts_per_day


def total_min(items: Sequence[Prescription]) -> int:
    return math.ceil(sum(bout_min(item) for item in items))


def trimmed(items: tuple[Prescription, ...], minutes: int) -> tuple[Prescription, ...]:
    """The first exercises that fit in the minutes; at least one."""
    kept = list(items)
    while len(kept) > 1 and total_min(kept) > minutes:
        kept.pop()
    return tuple(kept)


def groups(phase: PlanPhase, exercises: Mapping[ExerciseId, Exercise], limits: Limits) -> dict[SessionKind, Group]:
    """Exercises of the phase by kind of session. Those whose own condition does not yet hold are left out."""
    most = 7 // limits.heavy_gap_days
    found: dict[SessionKind, tuple[list[Prescription], list[Prescription]]] = {}
    for item in phase.prescriptions:
        exercise = exercises[item.exercise]
        if item.waits_for:
            continue
        kind = session_kind(item, exercise, most)
        if kind is SessionKind.RUN and exercise.load_tier >= FAST_TIER:
            continue
        within = item.exercise in THE_RUN or GAIT in exercise.targets
        found.setdefault(kind, ([], []))[item.optional].append(replace(item, minutes=0.0) if within else item)
    result = {}
    for kind, (items, extras) in found.items():
        if items:
            count = max(item.per_week for item in items)
            if kind in (SessionKind.STRENGTH, SessionKind.PLYOMETRIC):
                count = min(count, most)
            elif kind in LOADING:
                count = min(count, 7 - limits.rest_days)
            result[kind] = Group(kind=kind, count=count, items=tuple(items), extras=tuple(extras))
    return result


def session_kind(item: Prescription, exercise: Exercise, most_heavy: int) -> SessionKind:
    """Kind of session that holds this exercise.

    What the source prescribes more often than 48 h of rest allow (daily heel raises, quiet rebounds) is light by
    prescription and belongs to the daily session; hopping and jumping never do.
    """
    kind = _KINDS[exercise.kind]
    often = item.per_week > most_heavy
    if kind is SessionKind.STRENGTH and often:
        return SessionKind.DAILY
    if kind is SessionKind.PLYOMETRIC and often and exercise.impact in _QUIET:
        return SessionKind.DAILY
    if kind is SessionKind.WHOLE_BODY and item.per_week == 7:
        return SessionKind.DAILY
    return kind


def demand_of(group: Group, limits: Limits) -> Demand:
    return Demand(
        kind=group.kind,
        count=group.count,
        minutes=group.minutes,
        shortest=group.shortest(limits.shortest_share),
        importance=limits.importance[group.kind],
    )


def measuring_sessions(week_of_phase: int, weeks: int, least_days: int, limits: Limits) -> int:
    """Sessions of measuring: two in the week in which a phase is expected to end (criteria hold on two days), one in
    every other week before, from its least days on, and after."""
    last = weeks - 1
    if week_of_phase == last:
        return 2
    due = (last - week_of_phase) % limits.test_every_weeks == 0
    return int(due and 7 * (week_of_phase + 1) >= least_days)
