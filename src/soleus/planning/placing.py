"""From the solved days of a week to its sessions: exercises, lengths, order within the day, times, ids."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from soleus.core.ids import ExerciseId, TextId
from soleus.core.message import Message
from soleus.core.plan import PlannedSession, PlanPhase, PlanWeek, Prescription, RunWorkout, SessionKind
from soleus.planning.limits import METRES_PER_KM, SECONDS_PER_MIN, Limits
from soleus.planning.run_weeks import Usual, WantedRuns, evened, run_minutes
from soleus.planning.session_demand import Group, bout_min, total_min, trimmed
from soleus.planning.solver import LOADING, WeekAnswer, WeekProblem

ORDER = (
    SessionKind.RUN,
    SessionKind.TEST,
    SessionKind.PLYOMETRIC,
    SessionKind.STRENGTH,
    SessionKind.WHOLE_BODY,
    SessionKind.CROSS,
    SessionKind.DAILY,
)
"""Within a day: the run first, then what needs fresh legs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    on: date
    minutes: int
    """0 = nothing on this day."""
    at: time | None = None
    closed: bool = False
    """No loading: close to a race."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekShape:
    """Everything a week is made of before its sessions have their days."""

    number: int
    phase: PlanPhase
    provisional: bool
    runs_provisional: bool
    """The phase is not reached, or the running gate is not open."""
    days: tuple[Day, ...]
    onset: date
    groups: dict[SessionKind, Group]
    cross: tuple[ExerciseId, ...]
    """What may be done instead of running; empty = none is planned this week."""
    runs: WantedRuns
    usual: Usual
    limits: Limits
    problem: WeekProblem
    race: tuple[date, RunWorkout] | None = None
    notes: tuple[Message, ...] = ()

    @property
    def starts_on(self) -> date:
        return self.days[0].on


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeWeek:
    week: PlanWeek
    runs: tuple[tuple[date, RunWorkout], ...]
    left_out: tuple[str, ...]
    """Ids of sessions dropped or shortened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    kind: SessionKind
    day: int
    minutes: int
    exercises: tuple[ExerciseId, ...] = ()
    workout: RunWorkout | None = None
    shortened: bool = False


def sessions_of(shape: WeekShape, answer: WeekAnswer) -> MadeWeek:
    """The week. Daily sessions take the room that is left, as they treat; cross training what is left after them."""
    room = _room(shape, answer)
    drafts = [*_runs(shape, answer, room), *_exercise_sessions(shape, answer, room)]
    left = [day.minutes for day in shape.days]
    for draft in drafts:
        left[draft.day] -= draft.minutes
    daily, fewer = _daily(shape, left)
    for draft in daily:
        left[draft.day] -= draft.minutes
    cross = _cross(shape, drafts, left)
    sessions = _numbered(shape, [*drafts, *cross, *daily])
    runs = tuple((shape.days[draft.day].on, draft.workout) for draft in drafts if draft.workout is not None)
    notes = (*shape.notes, *((fewer,) if fewer else ()))
    return MadeWeek(week=_week(shape, sessions, notes), runs=runs, left_out=_left_out(shape, answer, sessions, drafts))


def _room(shape: WeekShape, answer: WeekAnswer) -> dict[tuple[SessionKind, int], int]:
    """Minutes of each placed session: full, or at least the shortest and what room the day has beyond."""
    length = {}
    for kind, day in answer.placed:
        demand = shape.problem.demand(kind)
        length[kind, day] = demand.shortest if (kind, day) in answer.shortened else demand.minutes
    for kind, day in sorted(answer.shortened, key=lambda pair: (pair[1], ORDER.index(pair[0]))):
        spare = shape.problem.minutes[day] - sum(minutes for (_, on), minutes in length.items() if on == day)
        length[kind, day] += min(spare, shape.problem.demand(kind).minutes - length[kind, day])
    return length


def _runs(shape: WeekShape, answer: WeekAnswer, room: dict[tuple[SessionKind, int], int]) -> list[_Draft]:
    """Runs in their order on the days found, shortened where the day is short, and even again afterwards."""
    days = sorted(day for kind, day in answer.placed if kind is SessionKind.RUN)
    if not days:
        return []
    drills = shape.groups.get(SessionKind.RUN)
    workouts = list(shape.runs.workouts[: len(days)])
    if shape.runs.shortest_min is not None:
        lengths = []
        for day, workout in zip(days, workouts, strict=True):
            around = workout.total_s - workout.run_s
            spare = room[SessionKind.RUN, day] - (0 if drills is None else drills.minutes)
            lengths.append(min(workout.run_s, spare * SECONDS_PER_MIN - around) // SECONDS_PER_MIN)
        if shape.runs.building:
            lengths = evened(lengths, shape.limits.runs.long_share)
        workouts = [run_minutes(workout, length) for workout, length in zip(workouts, lengths, strict=True)]
    drafts = []
    for place, (day, workout) in enumerate(zip(days, workouts, strict=True)):
        items = () if drills is None else drills.of_session(place, len(days), shape.days[day].on, shape.onset)
        drafts.append(
            _Draft(
                kind=SessionKind.RUN,
                day=day,
                minutes=math.ceil(workout.total_s / SECONDS_PER_MIN) + total_min(items),
                exercises=tuple(item.exercise for item in items),
                workout=workout,
                shortened=workout.run_s < shape.runs.workouts[place].run_s,
            )
        )
    return drafts


def _exercise_sessions(shape: WeekShape, answer: WeekAnswer, room: dict[tuple[SessionKind, int], int]) -> list[_Draft]:
    drafts = []
    for kind in ORDER[1:]:
        days = sorted(day for placed, day in answer.placed if placed is kind)
        for place, day in enumerate(days):
            minutes = room[kind, day]
            if kind is SessionKind.TEST:
                drafts.append(_Draft(kind=kind, day=day, minutes=minutes))
                continue
            group = shape.groups[kind]
            wanted = group.of_session(place, len(days), shape.days[day].on, shape.onset)
            extras = [item for item in group.extras if item.has_begun((shape.days[day].on - shape.onset).days)]
            items = _filled(trimmed(wanted, minutes), extras, minutes, wanted)
            if items and total_min(items) <= minutes:
                drafts.append(
                    _Draft(
                        kind=kind,
                        day=day,
                        minutes=total_min(items),
                        exercises=tuple(item.exercise for item in items),
                        shortened=len(items) < len(wanted),
                    )
                )
    return drafts


def _filled(
    items: tuple[Prescription, ...], extras: Iterable[Prescription], minutes: int, wanted: tuple[Prescription, ...]
) -> tuple[Prescription, ...]:
    """With optional exercises while there is room and nothing wanted had to go."""
    if items != wanted:
        return items
    for extra in extras:
        if total_min((*items, extra)) <= minutes:
            items = (*items, extra)
    return items


def _cross(shape: WeekShape, drafts: Iterable[_Draft], left: Sequence[int]) -> list[_Draft]:
    """Cross training where a day has room, quiet days first, never on the last rest day."""
    loaded = {draft.day for draft in drafts if draft.kind in LOADING} | {s.day for s in shape.problem.sports}
    group = shape.groups.get(SessionKind.CROSS)
    if group is not None:
        count, minutes = group.count, group.minutes
    else:
        count, minutes = shape.limits.cross_per_week, shape.limits.cross_min
    names = [_cross_on(shape, group, day.on) for day in shape.days]
    days: list[int] = []
    for day in sorted(range(7), key=lambda day: (day in loaded, day)):
        apart = all(abs(day - other) > 1 for other in days)
        resting = len(loaded | {day}) <= 7 - shape.problem.rest_days
        fits = left[day] >= minutes and not shape.days[day].closed
        if names[day] and len(days) < count and fits and resting and apart:
            loaded.add(day)
            days.append(day)
    return [
        _Draft(
            kind=SessionKind.CROSS,
            day=day,
            minutes=minutes,
            exercises=names[day] if group is not None else (names[day][place % len(names[day])],),
        )
        for place, day in enumerate(sorted(days))
    ]


def _cross_on(shape: WeekShape, group: Group | None, on: date) -> tuple[ExerciseId, ...]:
    """Cross training that may be done on a day: what the phase prescribes waits for its first day and its criteria,
    also where it is named as cross training beside."""
    days = (on - shape.onset).days
    if group is not None:
        return tuple(item.exercise for item in group.items if item.has_begun(days))
    waiting = {item.exercise for item in shape.phase.prescriptions if not item.is_ready(days)}
    return tuple(name for name in shape.cross if name not in waiting)


def _daily(shape: WeekShape, left: Sequence[int]) -> tuple[list[_Draft], Message | None]:
    """Light daily sessions on every open day, or evenly over the days when fewer are asked for."""
    group = shape.groups.get(SessionKind.DAILY)
    if group is None:
        return [], None
    least = min(math.ceil(bout_min(item)) for item in group.items)
    days = [day for day in range(7) if left[day] >= least]
    count = min(group.count, len(days))
    chosen = [days[place * len(days) // count] for place in range(count)]
    drafts = []
    for place, day in enumerate(chosen):
        wanted = group.of_session(place, len(chosen), shape.days[day].on, shape.onset)
        items = _fitting(wanted, left[day])
        if items:
            names = tuple(item.exercise for item in items)
            drafts.append(_Draft(kind=SessionKind.DAILY, day=day, minutes=total_min(items), exercises=names))
    if len(drafts) == group.count:
        return drafts, None
    params = {"days": len(drafts), "wanted": group.count}
    return drafts, Message(text=TextId("plan.schedule.daily_fewer"), params=params)


def _fitting(items: Iterable[Prescription], minutes: int) -> tuple[Prescription, ...]:
    """Exercises in their order, each that still fits."""
    kept: tuple[Prescription, ...] = ()
    for item in items:
        if total_min((*kept, item)) <= minutes:
            kept = (*kept, item)
    return kept


def _numbered(shape: WeekShape, drafts: Sequence[_Draft]) -> tuple[PlannedSession, ...]:
    """Sessions in the order of the days, with ids that count each kind within the week, and start times."""
    ordered = sorted(drafts, key=lambda draft: (draft.day, ORDER.index(draft.kind)))
    counts: dict[SessionKind, int] = {}
    sessions: list[PlannedSession] = []
    for draft in ordered:
        counts[draft.kind] = counts.get(draft.kind, 0) + 1
        day = shape.days[draft.day]
        before = [session for session in sessions if session.on == day.on]
        sessions.append(
            PlannedSession(
                id=f"w{shape.number:02d}.{draft.kind.value}.{counts[draft.kind]}",
                kind=draft.kind,
                on=day.on,
                order=len(before),
                minutes=draft.minutes,
                exercises=draft.exercises,
                workout=draft.workout,
                at=_later(day.at, sum(session.minutes for session in before)),
                provisional=shape.runs_provisional if draft.kind is SessionKind.RUN else shape.provisional,
                distance_km=_km(draft.workout, shape),
            )
        )
    if shape.race is None:
        return tuple(sessions)
    on, workout = shape.race
    race = PlannedSession(
        id=f"w{shape.number:02d}.race.1",
        kind=SessionKind.RUN,
        on=on,
        order=0,
        minutes=math.ceil(workout.total_s / SECONDS_PER_MIN),
        workout=workout,
        provisional=shape.runs_provisional,
        distance_km=_km(workout, shape),
    )
    return tuple(sorted([*sessions, race], key=lambda session: (session.on, session.order)))


def _later(at: time | None, minutes: int) -> time | None:
    """A time of day so many minutes later; None once the day is over."""
    if at is None:
        return None
    start = datetime.combine(date.min, at)
    end = start + timedelta(minutes=minutes)
    return end.time() if end.date() == start.date() else None


def _km(workout: RunWorkout | None, shape: WeekShape) -> float | None:
    """Distance of the running, shown only when the easy speed is known."""
    if workout is None or not shape.usual.speed_known:
        return None
    return round(workout.run_s * shape.usual.speed_mps / METRES_PER_KM, 2)


def _week(shape: WeekShape, sessions: tuple[PlannedSession, ...], notes: tuple[Message, ...]) -> PlanWeek:
    runs = [session.workout.run_s / SECONDS_PER_MIN for session in sessions if session.workout is not None]
    km = [session.distance_km for session in sessions if session.distance_km is not None]
    known = shape.usual.speed_known
    cap = shape.runs.cap_min
    return PlanWeek(
        number=shape.number,
        starts_on=shape.starts_on,
        phase=shape.phase.id,
        sessions=sessions,
        run_min=sum(runs),
        run_km=round(sum(km), 2) if runs and known else None,
        longest_run_min=max(runs, default=0.0),
        cap_run_km=None
        if cap is None or not known
        else round(cap * SECONDS_PER_MIN * shape.usual.speed_mps / METRES_PER_KM, 2),
        notes=notes,
    )


def _left_out(
    shape: WeekShape, answer: WeekAnswer, sessions: Sequence[PlannedSession], drafts: Sequence[_Draft]
) -> tuple[str, ...]:
    """Ids of the sessions that were shortened, and the ids that the dropped ones would have had; another sport
    that must rest is "sport.<its place in the goals>"."""
    days = {day.on: place for place, day in enumerate(shape.days)}
    short = {(draft.kind, draft.day) for draft in drafts if draft.shortened}
    gone = [session.id for session in sessions if (session.kind, days[session.on]) in short]
    for kind, missing in answer.missing.items():
        wanted = shape.problem.demand(kind).count
        first = wanted - missing + 1
        gone += [f"w{shape.number:02d}.{kind.value}.{n}" for n in range(first, wanted + 1)]
    gone += [f"w{shape.number:02d}.sport.{index}" for index in answer.sports_off]
    return tuple(sorted(gone))
