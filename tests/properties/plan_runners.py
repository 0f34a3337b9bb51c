"""Generated runners for the weeks of a plan: real families and programmes; made-up days, sports, past and race."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import strategies as st

from soleus.core.expression import Truth
from soleus.core.goals import DayWish, Goals, OtherSport, RunningHistory, TargetEvent
from soleus.core.plan import Criterion, CriterionState, Forecast, PlanPhase, Prescription
from soleus.planning.running import plan_running
from soleus.planning.schedule import ScheduleRequest

START = date(2026, 11, 23)


def minutes_of(exercise):
    """A rough length per exercise, different from one to the next but always the same."""
    return 3 + sum(map(ord, exercise)) % 7


def criterion_state(criterion, truth):
    return CriterionState(criterion=criterion, target=criterion.value, known=None, truth=truth)


def prescriptions(phase, plans, met):
    found = []
    for item in phase.exercises:
        exercise = plans.exercises[item.exercise]
        dose = exercise.dose.per_week
        found.append(
            Prescription(
                exercise=item.exercise,
                per_week=item.per_week or (3 if dose is None else round(dose[0])) or 1,
                bouts_per_day=item.bouts_per_day or 1,
                minutes=minutes_of(item.exercise),
                start_day=item.start_day,
                start_when=tuple(criterion_state(c, Truth.TRUE if met else Truth.UNKNOWN) for c in item.start_when),
                optional=item.optional,
            )
        )
    return tuple(found)


def phases_of(family, plans, current, met=True):
    return tuple(
        PlanPhase(
            id=phase.id,
            text=phase.text,
            number=number,
            entry=(),
            advance=tuple(criterion_state(c, Truth.UNKNOWN) for c in phase.exit),
            step_back=(),
            stop=(),
            prescriptions=prescriptions(phase, plans, met),
            care=(),
            walk=None,
            run=phase.run,
            cross=phase.cross,
            expected_days=phase.expected_days,
            reached=number <= current,
            current=number == current,
        )
        for number, phase in enumerate(family.phases)
    )


def running_of(family, plans, goals, phases, *, gate_open=True, stage=None):
    met = CriterionState(
        criterion=Criterion(measure="slhr_reps", op=">=", value=1),
        target=1,
        known=1 if gate_open else None,
        truth=Truth.TRUE if gate_open else Truth.UNKNOWN,
    )
    return plan_running(
        plans.programmes[family.programme],
        plans,
        goals,
        gate_state=(met,),
        cleared=gate_open,
        current=next(phase for phase in phases if phase.current),
        measured={} if stage is None else {"rtr_stage": stage},
    )


def day_wishes():
    wish = st.builds(DayWish, weekday=st.integers(0, 6), minutes=st.integers(10, 120))
    return st.just(()) | st.lists(wish, min_size=1, max_size=7, unique_by=lambda item: item.weekday).map(tuple)


def histories():
    number = st.none() | st.floats(1, 120)
    return st.none() | st.builds(
        RunningHistory,
        weekly_km=number,
        runs_per_week=st.none() | st.floats(0.4, 7),
        longest_run_km=st.none() | st.floats(1, 42),
        easy_speed_mps=st.none() | st.floats(1.6, 4.5),
    )


def events():
    distance = st.none() | st.sampled_from([5.0, 10.0, 21.1, 42.2])
    days = st.integers(-5, 200).map(lambda n: START + timedelta(days=n))
    return st.none() | st.builds(TargetEvent, name=st.just("Race"), on=days, distance_km=distance)


def forecasts(median_days):
    if median_days is None:
        return ()
    return (
        Forecast(
            milestone="full_training",
            p10_days=median_days / 2,
            median_days=float(median_days),
            p90_days=median_days * 2.0,
            confidence="low",
            basis=(),
            caveats=(),
        ),
    )


@dataclass(frozen=True, kw_only=True)
class GeneratedRunner:
    """Small enough to be printed when a property fails; `request_of` makes the request."""

    family: str
    phase: int
    goals: Goals
    met: bool
    gate_open: bool
    speed_gate_open: bool
    stage: int | None
    runs: bool
    starts_in: int
    onset_ago: int | None
    forecast_days: int | None
    most_weeks: int


def sports():
    return st.builds(
        OtherSport,
        sport=st.sampled_from(["football", "swimming", "gym"]),
        weekday=st.integers(0, 6),
        minutes=st.integers(10, 120),
        impact=st.sampled_from(["none", "low", "high"]),
    )


def runners(plans, most_weeks=26):
    """Any family in any phase, with any days, sports, history and race."""
    goals = st.builds(
        Goals,
        days=day_wishes(),
        other_sports=st.just(()) | st.lists(sports(), max_size=4).map(tuple),
        history=histories(),
        wants=st.sampled_from([frozenset(), frozenset({"keep_running"})]),
        event=events(),
    )
    return st.builds(
        GeneratedRunner,
        family=st.sampled_from(sorted(plans.families)),
        phase=st.integers(0, 5),
        goals=goals,
        met=st.booleans(),
        gate_open=st.booleans(),
        speed_gate_open=st.booleans(),
        stage=st.none() | st.integers(0, 15),
        runs=st.sampled_from([True, True, True, False]),
        starts_in=st.integers(0, 6),
        onset_ago=st.none() | st.integers(0, 60),
        forecast_days=st.none() | st.integers(5, 120),
        most_weeks=st.integers(1, most_weeks),
    )


def request_of(runner, plans):
    family = plans.families[runner.family]
    phases = phases_of(family, plans, min(runner.phase, len(family.phases) - 1), met=runner.met)
    running = running_of(family, plans, runner.goals, phases, gate_open=runner.gate_open, stage=runner.stage)
    return ScheduleRequest(
        starts_on=START + timedelta(days=runner.starts_in),
        goals=runner.goals,
        phases=phases,
        running=running if runner.runs else None,
        knowledge=plans,
        onset_on=None if runner.onset_ago is None else START - timedelta(days=runner.onset_ago),
        speed_gate_open=runner.speed_gate_open,
        forecasts=forecasts(runner.forecast_days),
        most_weeks=runner.most_weeks,
    )
