"""Which runs a week wants: stages of the programme, easy runs kept within pain, then the build-up under its caps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations

from soleus.core.goals import RunningHistory
from soleus.core.ids import ProgrammeId, TextId
from soleus.core.message import Message
from soleus.core.plan import RunBlock, RunningPlan, RunStage, RunWorkout
from soleus.planning.limits import METRES_PER_KM, SECONDS_PER_MIN, RunLimits, days_of

ACHILLES = ProgrammeId("rtr_at")
"""The programme whose source also caps the rise from one week to the next."""
STRIDE_S = 75
"""A stride with the walk after it, as `RunWorkout.total_s` counts it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The running planned so far. Minutes are minutes of running; walking is not counted."""

    runs: tuple[tuple[date, float], ...] = ()
    """(day, minutes), oldest first."""
    weeks: tuple[float, ...] = ()
    """Minutes of each plan week so far, races left out."""
    done: tuple[tuple[int, int], ...] = ()
    """(stage number, sessions done)."""
    built: int = 0
    """Weeks of build-up so far."""
    strides: int = 0
    """Strides a week reached so far."""
    held: int = 0
    """Weeks since the distance last rose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """The runner's own running before the pain, in minutes of easy running."""

    week_min: float | None
    longest_min: float | None
    runs: int | None
    speed_mps: float
    speed_known: bool

    @classmethod
    def of(cls, history: RunningHistory | None, limits: RunLimits) -> Usual:
        known = history or RunningHistory()
        speed = known.easy_speed_mps or limits.easy_speed_mps
        per_km = METRES_PER_KM / speed / SECONDS_PER_MIN
        return cls(
            week_min=None if known.weekly_km is None else known.weekly_km * per_km,
            longest_min=None if known.longest_run_km is None else known.longest_run_km * per_km,
            runs=None if known.runs_per_week is None else max(1, round(known.runs_per_week)),
            speed_mps=speed,
            speed_known=known.easy_speed_mps is not None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRuns:
    """The runs of one week, in the order in which they are to be done."""

    workouts: tuple[RunWorkout, ...] = ()
    shortest_min: int | None = None
    """Least minutes of running that still make a run; None = a stage is done whole or not at all."""
    cap_min: float | None = None
    """Most minutes of running this week; None = the staged programme decides."""
    stages: tuple[int, ...] = ()
    """Stage numbers of the workouts, for the staged programme."""
    building: bool = False
    limited: bool = False
    """The minutes of the days, not the caps, hold the runs down."""
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWeek:
    """What the runs of a week depend on."""

    running: RunningPlan
    usual: Usual
    limits: RunLimits
    mode: str
    """What the phase allows: none | within_pain | half | programme | full."""
    continuing: bool
    """The runner never stopped running, so the walk-run stages are not needed."""
    keep_running: bool
    """The runner wants to run on."""
    last_day: date
    room_min: tuple[int, ...]
    """Minutes that as many runs as their place (from 1) can each have, with the rest days between them."""
    speed_gate_open: bool = False
    share: float = 1.0
    """Of the last full week: less before and after a race."""

    @property
    def most_runs(self) -> int:
        return max(1, min(self.running.sessions_per_week, 7 // days_of(self.running.min_rest_h)))


def wanted_runs(ledger: Ledger, week: RunWeek) -> WantedRuns:
    """The runs of a week. Same input, same runs."""
    if week.mode == "none":
        return WantedRuns()
    if week.mode in ("within_pain", "half"):
        return _kept(ledger, week) if week.continuing else WantedRuns(notes=_unasked(week))
    if not week.continuing:
        staged = _staged(ledger, week)
        if staged is not None:
            return staged
    return _build(ledger, week)


def after_week(ledger: Ledger, wanted: WantedRuns, placed: tuple[tuple[date, RunWorkout], ...]) -> Ledger:
    """The ledger once the runs that found a day are done."""
    minutes = [(on, workout.run_s / SECONDS_PER_MIN) for on, workout in placed]
    done = dict(ledger.done)
    for number in wanted.stages[: len(placed)]:
        done[number] = done.get(number, 0) + 1
    total = sum(length for _, length in minutes)
    rose = total > max(ledger.weeks[-2:], default=0.0)
    return replace(
        ledger,
        runs=(*ledger.runs, *minutes),
        weeks=(*ledger.weeks, total),
        done=tuple(sorted(done.items())),
        built=ledger.built + wanted.building,
        strides=max([ledger.strides, *(workout.strides for _, workout in placed)]),
        held=0 if rose else ledger.held + 1,
    )


def seeded(usual: Usual, limits: RunLimits, starts_on: date) -> Ledger:
    """The ledger of somebody who never stopped: the weeks before the plan at the share kept within pain."""
    share = limits.within_pain_share
    week = share * (usual.week_min or 0.0)
    longest = share * (usual.longest_min or (usual.week_min or 0.0) / (usual.runs or 1))
    return Ledger(runs=((starts_on - timedelta(days=1), longest),), weeks=(week, week, week))


def best_room(free_min: Sequence[int], min_rest_h: int) -> tuple[int, ...]:
    """For 1, 2, 3 … runs a week: minutes that the best days, far enough apart, leave for each of them.

    `free_min`: (7,) minutes of the days less warm-up, cool-down and drills. Days repeat every week, so the last of one
    week keeps its distance to the first of the next.
    """
    gap = days_of(min_rest_h)
    room = []
    for count in range(1, 7 // gap + 1):
        sets = (
            days
            for days in combinations(range(7), count)
            if all(later - earlier >= gap for earlier, later in zip(days, (*days[1:], days[0] + 7), strict=True))
        )
        room.append(max(min(free_min[day] for day in days) for days in sets))
    return tuple(room)


def longest_min(ledger: Ledger, last_day: date, window_days: int) -> float:
    """Longest run of the `window_days` days before `last_day`; 0 = none."""
    since = last_day - timedelta(days=window_days)
    return max((minutes for on, minutes in ledger.runs if since <= on <= last_day), default=0.0)


def run_minutes(workout: RunWorkout, minutes: int) -> RunWorkout:
    """The same continuous run with another length."""
    (block,) = workout.blocks
    name = replace(workout.name, params={"minutes": minutes})
    return replace(workout, name=name, blocks=(replace(block, run_s=minutes * SECONDS_PER_MIN),))


def evened(lengths: Sequence[int], share: float) -> list[int]:
    """Lengths with the longest shortened until it is at most `share` of the sum (an equal share of few runs)."""
    result = list(lengths)
    most = max(share, 1 / len(result))
    while max(result) > most * sum(result) + 1e-9:
        longest = result.index(max(result))
        result[longest] -= 1
    return result


def _kept(ledger: Ledger, week: RunWeek) -> WantedRuns:
    """Easy runs at a share of the usual week, each at most the same share of the longest run (of the usual run, when
    the longest is not known)."""
    usual, limits = week.usual, week.limits
    share = limits.half_share if week.mode == "half" else limits.within_pain_share
    usual_week = usual.week_min or 0.0
    cap = share * usual_week
    before = ledger.weeks[-1]
    if week.running.programme == ACHILLES and before:
        cap = min(cap, max(limits.achilles_week_ratio * before, before + limits.single_floor_min))
    longest = usual.longest_min or usual_week / (usual.runs or week.most_runs)
    return _easy_runs(week, cap, share * longest, "keep.1", cap)


def _unasked(week: RunWeek) -> tuple[Message, ...]:
    """Running is allowed and wanted, but nobody said how much is usual."""
    unknown = week.keep_running and week.usual.week_min is None
    return (Message(text=TextId("plan.schedule.usual_unknown")),) if unknown else ()


def _staged(ledger: Ledger, week: RunWeek) -> WantedRuns | None:
    """The next sessions of the programme; None when every stage is done.

    In the Achilles programme stages are repeated, or one run goes back a stage, while the week would rise too much.
    """
    done = dict(ledger.done)
    stages = [stage for stage in week.running.stages if stage.number >= week.running.first_stage]
    left = [stage for stage in stages for _ in range(stage.sessions - done.get(stage.number, 0))]
    if not left:
        return None
    chosen = (left + [stages[-1]] * week.most_runs)[: week.most_runs]
    notes: tuple[Message, ...] = ()
    before = ledger.weeks[-1] if ledger.weeks else 0.0
    # One fifth of a few minutes is less than any step: without a floor two runs a week would never leave the first.
    cap = max(week.limits.achilles_week_ratio * before, before + week.limits.single_floor_min)
    if week.running.programme == ACHILLES and before:
        slower = _rising(chosen, stages, cap)
        notes = (Message(text=TextId("plan.schedule.slower_rise")),) if slower != chosen else ()
        chosen = slower
    return WantedRuns(
        workouts=tuple(stage.workout for stage in chosen), stages=tuple(stage.number for stage in chosen), notes=notes
    )


def _rising(chosen: list[RunStage], stages: list[RunStage], cap_min: float) -> list[RunStage]:
    """As many runs as keep to the cap and still hold the next stage to do; all of them slowed when none do."""
    for count in range(len(chosen), 0, -1):
        slower = _slowed(chosen[:count], stages, cap_min)
        minutes = sum(stage.workout.run_s for stage in slower) / SECONDS_PER_MIN
        if minutes <= cap_min and slower[-1].number >= chosen[0].number:
            return slower
    return _slowed(chosen, stages, cap_min)


def _slowed(chosen: list[RunStage], stages: list[RunStage], cap_min: float) -> list[RunStage]:
    """The first of the longest stages goes back by one until the week's minutes keep to the cap."""
    order = {stage.number: place for place, stage in enumerate(stages)}
    result = list(chosen)
    while sum(stage.workout.run_s for stage in result) > cap_min * SECONDS_PER_MIN:
        highest = max(order[stage.number] for stage in result)
        if highest == 0:
            break
        first = next(place for place, stage in enumerate(result) if order[stage.number] == highest)
        result[first] = stages[highest - 1]
    return sorted(result, key=lambda stage: stage.number)


def _build(ledger: Ledger, week: RunWeek) -> WantedRuns:
    """The next week towards the usual distance: distance in one week, at most one fast element in the next."""
    limits, usual = week.limits, week.usual
    longest = longest_min(ledger, week.last_day, limits.window_days)
    before = ledger.weeks[-1] if ledger.weeks else 0.0
    cap = limits.week_cap_min(ledger.weeks, achilles=week.running.programme == ACHILLES)
    rises = ledger.held + 1 >= limits.rise_every_weeks
    wanted = cap if rises and week.share == 1.0 else week.share * before
    if usual.week_min is not None:
        cap = min(cap, usual.week_min)
        wanted = min(wanted, usual.week_min)
    elif ledger.built >= limits.unknown_weeks:
        wanted = min(wanted, before)
    single = limits.single_cap_min(longest, usual.speed_mps)
    if usual.longest_min is not None:
        single = min(single, max(usual.longest_min, _programme_run_min(week.running)))
    runs = _easy_runs(week, wanted, single, f"build.{ledger.built + 1}", cap)
    runs = replace(runs, building=True)
    return runs if rises or week.share < 1.0 or not ledger.built else _with_strides(runs, ledger, week)


def _programme_run_min(running: RunningPlan) -> float:
    """Minutes of running in the last stage: reached before the build-up begins."""
    return running.stages[-1].workout.run_s / SECONDS_PER_MIN


def _with_strides(runs: WantedRuns, ledger: Ledger, week: RunWeek) -> WantedRuns:
    """Short fast runs at the end of the first run, in a week in which the distance stays; only past the speed gate.

    The first run gives up what time they take where its day is full.
    """
    if not runs.workouts:
        return runs
    if not week.speed_gate_open:
        return replace(runs, notes=(*runs.notes, Message(text=TextId("plan.schedule.strides_later"))))
    first, step, most = week.limits.strides
    count = min(most, ledger.strides + step) if ledger.strides else first
    lengths = [workout.run_s // SECONDS_PER_MIN for workout in runs.workouts]
    room = week.room_min[len(lengths) - 1] - math.ceil(count * STRIDE_S / SECONDS_PER_MIN)
    if room < week.limits.least_run_min:
        return runs
    lengths = evened([min(lengths[0], room), *lengths[1:]], week.limits.long_share)
    workouts = [run_minutes(workout, length) for workout, length in zip(runs.workouts, lengths, strict=True)]
    return replace(runs, workouts=(replace(workouts[0], strides=count), *workouts[1:]))


def _easy_runs(week: RunWeek, wanted_min: float, single_min: float, name: str, cap_min: float) -> WantedRuns:
    """Whole-minute continuous runs: together at most `wanted_min`, each at most `single_min` and what a day holds.

    The longest is at most 35 % of the week (or an equal share when there are fewer than three runs).
    """
    limits = week.limits
    most_runs = min(week.most_runs, week.usual.runs or week.most_runs)
    worthwhile = max(1, min(most_runs, math.floor(wanted_min / limits.least_run_min)))
    options = []
    for count in range(1, worthwhile + 1):
        # Days too short for a worthwhile run hold no run back here: the week then says what clashes.
        room = max(week.room_min[count - 1], limits.least_run_min)
        options.append((count * math.floor(min(wanted_min / count, single_min, room)), count, room))
    _, count, room = max(options)
    most = min(single_min, room)
    each = math.floor(min(wanted_min / count, most))
    if each < 1:
        return WantedRuns(cap_min=cap_min)
    share = max(limits.long_share, 1 / count)
    others = (count - 1) * each
    spare = wanted_min - others
    longest = math.floor(min(spare, most, others * share / (1 - share))) if count > 1 and share > 1 / count else each
    lengths = [*([each] * (count - 1)), max(each, longest)]
    return WantedRuns(
        workouts=tuple(_easy_run(week, f"{name}.{i}", length) for i, length in enumerate(lengths, 1)),
        shortest_min=min(each, limits.least_run_min),
        cap_min=cap_min,
        limited=room < min(single_min, wanted_min / count),
    )


def _easy_run(week: RunWeek, name: str, minutes: int) -> RunWorkout:
    last = week.running.stages[-1].workout
    return RunWorkout(
        id=name,
        name=Message(text=TextId("plan.run.easy"), params={"minutes": minutes}),
        warm_up_s=last.warm_up_s,
        blocks=(RunBlock(repeats=1, run_s=minutes * SECONDS_PER_MIN, walk_s=0),),
        cool_down_s=last.cool_down_s,
        pain_max_nrs=week.running.pain_max_nrs,
        notes=last.notes,
    )
