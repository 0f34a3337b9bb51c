"""Plans built by hand, with every part of `soleus.core.plan` filled in, and random ones for properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

from soleus.core.assessment import Advice, Disposition, Withheld
from soleus.core.case import Case, Runner, Sex
from soleus.core.expression import Truth
from soleus.core.finding import Finding, FindingSet, Origin
from soleus.core.goals import DayWish, Goals, Measured, OtherSport, RunningHistory, TargetEvent
from soleus.core.message import Message
from soleus.core.plan import (
    CareItem,
    Criterion,
    CriterionState,
    EventOutlook,
    Forecast,
    Plan,
    PlannedCause,
    PlannedSession,
    PlanPhase,
    PlanStatus,
    PlanWeek,
    Prescription,
    Recurrence,
    RunBlock,
    RunningPlan,
    RunStage,
    RunWorkout,
    ScheduleConflict,
    SessionKind,
    StopRule,
    Veto,
)

MADE_ON = date(2026, 10, 12)
"""A Monday; the clocks of Europe go back on 25 October 2026 and those of New York on 1 November."""


def message(text, **params):
    return Message(text=text, params=params)


def criterion(measure="slhr_reps", op=">=", value=20, known=None, truth=Truth.UNKNOWN, **more):
    return CriterionState(
        criterion=Criterion(measure=measure, op=op, value=value, **more), target=value, known=known, truth=truth
    )


def workout(stage, repeats=6, run_s=60, walk_s=120, **more):
    return RunWorkout(
        id=f"walk_run.{stage}",
        name=message("programme.stage", number=stage),
        warm_up_s=more.pop("warm_up_s", 300),
        blocks=more.pop("blocks", (RunBlock(repeats=repeats, run_s=run_s, walk_s=walk_s),)),
        cool_down_s=more.pop("cool_down_s", 300),
        pain_max_nrs=2,
        **more,
    )


STAGES = (
    workout(1),
    workout(2, repeats=5, run_s=120, walk_s=60),
    workout(
        3,
        blocks=(
            RunBlock(repeats=2, run_s=300, walk_s=60),
            RunBlock(repeats=3, run_s=60, walk_s=0),
            RunBlock(repeats=1, run_s=600, walk_s=0),
        ),
        strides=4,
        notes=(message("programme.walk_run.rule.1"),),
    ),
)

RUNNING = RunningPlan(
    programme="walk_run",
    gate="run_gate",
    gate_state=(criterion("walk_30_min", "==", True, True, Truth.TRUE),),
    open=True,
    first_stage=1,
    stages=tuple(RunStage(number=i, workout=item, sessions=2) for i, item in enumerate(STAGES, start=1)),
    rules=(message("programme.walk_run.rule.1"),),
    allowed_now="programme",
    sessions_per_week=3,
    min_rest_h=48,
    pain_max_nrs=2,
    weekly_cap_km=18.5,
    single_run_cap_km=7.0,
    sources=("hebertlosier2017",),
)

PHASES = (
    PlanPhase(
        id="strain.1",
        text="settle",
        number=1,
        entry=(),
        advance=(criterion("walk_30_min", "==", True, True, Truth.TRUE),),
        step_back=(),
        stop=(StopRule(id="swelling_or_warmth", disposition=Disposition.SAME_DAY),),
        prescriptions=(),
        care=("elevation",),
        walk=message("walk.as_comfortable"),
        run="none",
        cross=(),
        expected_days=(3, 5, 10),
        reached=True,
    ),
    PlanPhase(
        id="strain.2",
        text="load",
        number=2,
        entry=(criterion("walk_30_min", "==", True, True, Truth.TRUE),),
        advance=(criterion(pain_max=2, norm="median_minus_6", known=12, truth=Truth.FALSE),),
        step_back=(StopRule(id="pain_next_morning", disposition=None),),
        stop=(StopRule(id="swelling_or_warmth", disposition=Disposition.SAME_DAY),),
        prescriptions=(
            Prescription(
                exercise="standing_heel_raise_double",
                sets=3,
                reps=(12, 15),
                tempo_s=(2, 0, 3),
                rest_s=60,
                load=message("load.bodyweight"),
                minutes=6,
                easier=("seated_heel_raise",),
                because=(message("plan.why.family", family="calf_strain"),),
                sources=("green2022",),
            ),
            Prescription(exercise="seated_calf_isometric", sets=5, hold_s=(30, 45), per_week=7, bouts_per_day=2),
        ),
        care=("compression_sock",),
        walk=None,
        run="programme",
        cross=("bike_easy",),
        expected_days=(7, 14, 28),
        reached=True,
        current=True,
    ),
)


def sessions(week, starts_on, *, provisional=False, at=time(18, 30)):
    """Run on Tuesday and Friday, strength on the same Tuesday and on Sunday, short exercises on Wednesday."""
    run = STAGES[(week - 1) % len(STAGES)]

    def make(name, kind, day, order=0, minutes=30, **more):
        return PlannedSession(
            id=f"w{week:02d}.{name}",
            kind=kind,
            on=starts_on + timedelta(days=day),
            order=order,
            minutes=minutes,
            provisional=provisional,
            **more,
        )

    raises = ("standing_heel_raise_double", "seated_calf_isometric")
    return (
        make("run.1", SessionKind.RUN, 1, minutes=-(-run.total_s // 60), workout=run, at=at),
        make("strength.1", SessionKind.STRENGTH, 1, order=1, exercises=raises),
        make("daily.1", SessionKind.DAILY, 2, minutes=10, exercises=("seated_calf_isometric",)),
        make("run.2", SessionKind.RUN, 4, minutes=-(-run.total_s // 60), workout=run, at=time(7, 0)),
        make("test.1", SessionKind.TEST, 6, minutes=20, at=time(10, 0)),
    )


def weeks(count=4, first_provisional=4, **more):
    found = []
    for number in range(1, count + 1):
        starts_on = MADE_ON + timedelta(days=7 * (number - 1))
        late = number >= first_provisional
        found.append(
            PlanWeek(
                number=number,
                starts_on=starts_on,
                phase="strain.2",
                sessions=sessions(number, starts_on, provisional=late, **more),
                run_min=24.0,
                longest_run_min=12.0,
                notes=(message("plan.week.note", number=number),),
            )
        )
    return tuple(found)


GOALS = Goals(
    starts_on=MADE_ON,
    days=(DayWish(weekday=1, minutes=60, at=time(18, 30)), DayWish(weekday=4, minutes=45)),
    event=TargetEvent(name="Spring half", on=date(2027, 4, 11), distance_km=21.1),
    kit=frozenset({"band", "dumbbell"}),
    other_sports=(OtherSport(sport="cycling", weekday=5, minutes=90),),
    history=RunningHistory(weekly_km=30.0, longest_run_km=12.5, from_watch=True),
    tried=frozenset({"ice"}),
    measures=(
        Measured(measure="slhr_reps", value=12, on=MADE_ON, pain_nrs=3),
        Measured(measure="walk_30_min", value=True),
    ),
    time_zone="Europe/London",
)

PLAN = Plan(
    id="p3f9a1c2",
    revision=1,
    status=PlanStatus.DRAFT,
    made_on=MADE_ON,
    starts_on=MADE_ON,
    knowledge_version="2026.11.4",
    input_hash="ab" * 32,
    disposition=Disposition.PHYSIO,
    causes=(
        PlannedCause(condition="gastrocnemius_strain", probability=0.61, grade="mild", family="calf_strain"),
        PlannedCause(condition="soleus_strain", probability=0.22, grade="mild", family="calf_strain"),
    ),
    family="calf_strain",
    also_safe_for=("calf_overload",),
    why=(message("plan.why.family", family="calf_strain"),),
    see=(message("plan.see.physio"),),
    pathway="self_physio",
    phases=PHASES,
    care=(
        CareItem(
            advice=Advice(id="elevation", because=("acute",), cautions=(), sources=("green2022",)),
            phases=("strain.1",),
            category="position",
            because=(message("plan.why.care"),),
        ),
    ),
    care_withheld=(Withheld(id="ibuprofen", because=("asthma",)),),
    vetoed=(Veto(item="hop_single", codes=("pain_on_hop",), unknown=True),),
    running=RUNNING,
    weeks=weeks(),
    conflicts=(
        ScheduleConflict(
            weeks=(3,),
            wishes=(message("plan.conflict.minutes", weekday=1, minutes=30),),
            least_change=(message("plan.conflict.change", minutes=45),),
            left_out=("w03.strength.2",),
        ),
    ),
    event=EventOutlook(
        name="Spring half",
        on=date(2027, 4, 11),
        verdict="cannot_tell",
        chance=0.61,
        distance_km=21.1,
        allowed_km=None,
        because=message("plan.event.no_distance", name="Spring half", percent=61, distance_km=21.1),
    ),
    forecasts=(
        Forecast(
            milestone="first_run",
            p10_days=7.5,
            median_days=15.25,
            p90_days=31.0,
            confidence="low",
            basis=(message("plan.forecast.basis"),),
            caveats=(message("plan.forecast.elite"),),
        ),
    ),
    recurrence=Recurrence(mean=0.19, low=0.1, high=0.3, raises=(message("recurrence.age"),)),
    to_measure=("hop_reps",),
    assumed=(message("plan.assumed.days"),),
    goals=GOALS,
)


CASE = Case(
    id="asha-1984",
    runner=Runner(age_years=42, sex=Sex.FEMALE, height_cm=168, weight_kg=61.5),
    findings=FindingSet(
        [
            Finding(id="onset_type", value="sudden_pop"),
            Finding(id="pain_location", value=frozenset({"upper_inner_calf", "mid_calf"})),
            Finding(id="pain_score_now", value=4),
            Finding(id="bruising", value=None),
            Finding(id="calf_warm", value=False),
            Finding(id="thompson_positive", value=False, origin=Origin.CLINICIAN, observed_on=date(2026, 10, 11)),
            Finding(
                id="watch_single_run_spike", value=None, origin=Origin.MEASURED, likelihood={"true": 0.9, "false": 0.3}
            ),
            Finding(id="lay_off_return", value=None, origin=Origin.MEASURED),
        ]
    ),
    facts=(("asthma", False), ("drug_anticoagulant", False)),
    onset_on=date(2026, 10, 4),
)
"""Answers of every kind, an examination and watch files."""


def withheld(plan=PLAN):
    """The same runner after a danger sign: nothing to do but be seen."""
    return replace(
        plan,
        revision=plan.revision + 1,
        status=PlanStatus.WITHHELD,
        disposition=Disposition.SAME_DAY,
        phases=(),
        weeks=(),
        running=None,
        forecasts=(),
        conflicts=(),
        event=None,
        see=(message("plan.see.same_day"),),
    )
