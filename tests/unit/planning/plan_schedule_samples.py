"""Small requests for weeks, made by hand over the packaged knowledge."""

from __future__ import annotations

from datetime import date

import soleus
from soleus.core.expression import Truth
from soleus.core.goals import DayWish, Goals, RunningHistory
from soleus.core.plan import Criterion, CriterionState, Forecast, PlanPhase, Prescription, SessionKind
from soleus.planning.limits import read_limits
from soleus.planning.running import plan_running
from soleus.planning.schedule import ScheduleRequest
from soleus.planning.solver import Costs, Demand, WeekProblem

PLANS = soleus.load_knowledge().plans
LIMITS = read_limits(PLANS)
MONDAY = date(2026, 11, 23)
HISTORY = RunningHistory(weekly_km=30, runs_per_week=3, longest_run_km=12, easy_speed_mps=2.8)
COSTS = Costs(five_minutes=2, day=12, sport=30, comfortable_per_day=2)
STRENGTH = Prescription(exercise="sl_heel_raise_loaded", per_week=3, minutes=12)
HOPS = Prescription(exercise="pogo_dl", per_week=2, minutes=6)
HIPS = Prescription(exercise="glute_bridge", per_week=2, minutes=8)
DAILY = Prescription(exercise="ankle_pumps", per_week=7, minutes=4)


def state(truth=Truth.UNKNOWN, measure="slhr_reps"):
    return CriterionState(criterion=Criterion(measure=measure, op=">=", value=20), target=20, known=None, truth=truth)


def phase(number=0, *, run="none", items=(STRENGTH, HIPS, DAILY), days=(7, 14, 28), current=True, **more):
    return PlanPhase(
        id=f"p{number}",
        text="foundation",
        number=number,
        entry=(),
        advance=more.pop("advance", (state(),)),
        step_back=(),
        stop=(),
        prescriptions=tuple(items),
        care=(),
        walk=None,
        run=run,
        cross=more.pop("cross", ()),
        expected_days=days,
        current=current,
        **more,
    )


def running(programme="rtr_short", *, goals=None, opened=True, stage=None, **more):
    truth = Truth.TRUE if opened else Truth.UNKNOWN
    return plan_running(
        PLANS.programmes[programme],
        PLANS,
        goals or Goals(),
        gate_state=(state(truth),),
        cleared=more.pop("cleared", True),
        current=more.pop("current", None),
        measured={} if stage is None else {"rtr_stage": stage},
        **more,
    )


def request(*phases, goals=None, run=None, **more):
    return ScheduleRequest(
        starts_on=more.pop("starts_on", MONDAY),
        goals=goals or Goals(history=HISTORY),
        phases=phases or (phase(),),
        running=run,
        knowledge=PLANS,
        **more,
    )


def days(**minutes):
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return tuple(DayWish(weekday=names.index(name), minutes=value) for name, value in minutes.items())


def demand(kind, count, minutes, shortest=None, importance=5):
    return Demand(
        kind=SessionKind(kind), count=count, minutes=minutes, shortest=shortest or minutes, importance=importance
    )


def problem(*demands, minutes=(60,) * 7, **more):
    return WeekProblem(minutes=tuple(minutes), demands=tuple(demands), costs=COSTS, **more)


def forecast(median, p90):
    return Forecast(
        milestone="full_training",
        p10_days=median / 2,
        median_days=median,
        p90_days=p90,
        confidence="low",
        basis=(),
        caveats=(),
    )
