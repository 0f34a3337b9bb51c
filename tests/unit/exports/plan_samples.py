"""Plans written by hand, so that the pages can be tested without the planner."""

from __future__ import annotations

from datetime import date, time, timedelta

from soleus.core.assessment import Advice, Disposition, Withheld
from soleus.core.expression import Truth
from soleus.core.goals import Goals
from soleus.core.ids import AdviceId, ConditionId, ExerciseId, FamilyId, MeasureId, ProgrammeId, SourceKey, TextId
from soleus.core.message import Message
from soleus.core.plan import (
    CareItem,
    Criterion,
    CriterionState,
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
    SessionKind,
    StopRule,
    Veto,
)

MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)
SOURCE = SourceKey("dupuy2018")


def state(measure: str, op: str, value: float | bool, known: float | bool | None, truth: Truth) -> CriterionState:
    criterion = Criterion(
        measure=MeasureId(measure), op=op, value=value, pain_max=2 if measure == "slhr_reps" else None
    )
    return CriterionState(criterion=criterion, target=value, known=known, truth=truth)


ADVANCE = (
    state("slhr_reps", ">=", 15, 8, Truth.FALSE),
    state("limp", "==", False, False, Truth.TRUE),
    state("hop10_pain_nrs", "<=", 2, None, Truth.UNKNOWN),
)
STOPS = (
    StopRule(id="new_swelling_or_constant_pain", disposition=Disposition.SAME_DAY),
    StopRule(id="sudden_pop_or_grab", disposition=Disposition.SAME_DAY),
)
BACK = (StopRule(id="pain_over_limit", disposition=None), StopRule(id="limp_returns", disposition=None))


def heel_raise(exercise: str = "bent_knee_sl_raise", **changes: object) -> Prescription:
    given: dict[str, object] = {
        "exercise": ExerciseId(exercise),
        "sets": 3,
        "reps": (8, 12),
        "tempo_s": (3, 1, 3),
        "rest_s": 90,
        "per_week": 3,
        "minutes": 8.0,
        "easier": (ExerciseId("bent_knee_dl_raise"),),
        "harder": (ExerciseId("seated_heel_raise_loaded"),),
        "sources": (SOURCE,),
    }
    return Prescription(**{**given, **changes})  # type: ignore[arg-type]


def workout(stage: int, run_s: int, walk_s: int, repeats: int = 8) -> RunWorkout:
    return RunWorkout(
        id=f"rtr_short.{stage}",
        name=Message(text=TextId("programme.rtr_short.name")),
        warm_up_s=300,
        blocks=(RunBlock(repeats=repeats, run_s=run_s, walk_s=walk_s),),
        cool_down_s=300,
        pain_max_nrs=2,
    )


RUNNING = RunningPlan(
    programme=ProgrammeId("rtr_short"),
    gate="run_gate",
    gate_state=ADVANCE,
    open=False,
    first_stage=1,
    stages=tuple(
        RunStage(number=n, workout=workout(n, 60 * n, 60 if n < 5 else 0, 10 - n), sessions=2) for n in range(1, 6)
    ),
    rules=(),
    allowed_now="none",
    sessions_per_week=3,
    min_rest_h=48,
    pain_max_nrs=2,
    weekly_cap_km=21.5,
    single_run_cap_km=8,
    sources=(SOURCE,),
)

PHASES = (
    PlanPhase(
        id="p1",
        text="foundation",
        number=1,
        entry=(),
        advance=ADVANCE,
        step_back=BACK,
        stop=STOPS,
        prescriptions=(
            heel_raise(),
            heel_raise("iso_pf_seated_soleus", reps=None, tempo_s=None, hold_s=(30, 45), sets=4, per_week=7),
            heel_raise("sl_heel_raise_loaded", start_when=(ADVANCE[0],)),
        ),
        care=("heat",),
        walk=None,
        run="none",
        cross=(ExerciseId("cycle_easy"), ExerciseId("aqua_jog")),
        expected_days=(2, 4, 10),
        reached=True,
        current=True,
    ),
    PlanPhase(
        id="p2",
        text="run",
        number=2,
        entry=ADVANCE,
        advance=(),
        step_back=BACK,
        stop=STOPS,
        prescriptions=(heel_raise("pogo_sl", tempo_s=None, contacts=(20, 60), reps=None, sets=None),),
        care=(),
        walk=None,
        run="programme",
        cross=(),
        expected_days=(105, 105, 180),
    ),
)


def week(number: int, phase: str, *, provisional: bool) -> PlanWeek:
    start = MONDAY + (number - 1) * 7 * DAY
    strength = (ExerciseId("bent_knee_sl_raise"), ExerciseId("iso_pf_seated_soleus"))
    sessions = [
        PlannedSession(
            id=f"w{number:02}.strength.{n}",
            kind=SessionKind.STRENGTH,
            on=start + day * DAY,
            order=0,
            minutes=25,
            exercises=strength,
            at=time(18, 30),
            provisional=provisional,
        )
        for n, day in enumerate((0, 2, 4))
    ]
    if provisional:
        sessions.append(
            PlannedSession(
                id=f"w{number:02}.run.1",
                kind=SessionKind.RUN,
                on=start + 5 * DAY,
                order=0,
                minutes=26,
                workout=workout(1, 60, 60),
                provisional=True,
            )
        )
    return PlanWeek(
        number=number,
        starts_on=start,
        phase=phase,
        sessions=tuple(sessions),
        run_min=8.0 if provisional else 0.0,
        cap_run_km=21.5 if provisional else None,
    )


def plan(**changes: object) -> Plan:
    """A draft in its first stage; any field can be replaced."""
    given: dict[str, object] = {
        "id": "plan-1a2b3c4d",
        "revision": 1,
        "status": PlanStatus.DRAFT,
        "made_on": MONDAY,
        "starts_on": MONDAY,
        "knowledge_version": "2026.11.4",
        "input_hash": "0" * 64,
        "disposition": Disposition.PHYSIO,
        "causes": (PlannedCause(condition=ConditionId("soleus_strain"), probability=0.62, grade="mild"),),
        "family": FamilyId("soleus_strain_g1"),
        "pathway": "self_physio",
        "phases": PHASES,
        "care": (
            CareItem(
                advice=Advice(
                    id=AdviceId("heat"), cautions=(TextId("advice.heat.caution"),), sources=(SourceKey("dupuy2018"),)
                ),
                phases=(),
                category="temperature",
            ),
        ),
        "care_withheld": (
            Withheld(id=AdviceId("massage"), because=("suspect:R31_dvt_unexplained",)),
            Withheld(id=AdviceId("ibuprofen"), because=("unknown_fact:kidney_disease",)),
        ),
        "vetoed": (Veto(item="wall_stretch_bent", codes=("acute_strain_lt_72h",)),),
        "running": RUNNING,
        "weeks": (week(1, "p1", provisional=False), week(2, "p2", provisional=True)),
        "forecasts": (
            Forecast(
                milestone="first_run",
                p10_days=10,
                median_days=20,
                p90_days=45,
                confidence="low",
                basis=(),
                caveats=(),
                sources=(SOURCE,),
            ),
        ),
        "recurrence": Recurrence(mean=0.16, low=0.1, high=0.24),
        "to_measure": (MeasureId("slhr_reps"), MeasureId("hop10_pain_nrs")),
        "goals": Goals(),
    }
    return Plan(**{**given, **changes})  # type: ignore[arg-type]


def refused(status: PlanStatus, disposition: Disposition) -> Plan:
    """A plan that is withheld or not for going alone: nothing to do, and who to see."""
    empty: dict[str, object] = dict.fromkeys(("phases", "weeks", "forecasts", "care", "vetoed", "to_measure"), ())
    return plan(status=status, disposition=disposition, running=None, recurrence=None, family=None, **empty)
