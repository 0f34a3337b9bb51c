"""A small world of plans for the planner's tests: three families, two running programmes, a dozen exercises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from soleus.core.assessment import Disposition, RuleOutcome, RuleState, TriageResult, WellsScore
from soleus.core.case import Runner, Sex
from soleus.core.expression import Always, OneOf, Present
from soleus.core.finding import Finding, FindingSet
from soleus.core.goals import Goals, Measured
from soleus.core.plan import Criterion, RunBlock
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import (
    Basis,
    Condition,
    KnowledgeBase,
    Number,
    Parameter,
    ProbabilityFloor,
    RedFlagRule,
)
from soleus.knowledge.plan_base import (
    Contraindication,
    Derived,
    Dose,
    Exercise,
    FactorModule,
    FamilyPhase,
    Gate,
    HeelRaiseNorm,
    LoadRange,
    MeasureDefinition,
    NoSelfPlan,
    PhaseExercise,
    PlanFamily,
    PlanKnowledge,
    Programme,
    ProgrammeStage,
    StopSign,
)
from soleus.planning.facts import age_bands
from soleus.planning.measures import known_measures
from soleus.planning.situation import Situation

TODAY = date(2026, 11, 23)
PARAMETERS = {  # those that the tests count on; all others are the packaged ones
    "measure.fresh_days": 14,
    "norm.minus_reps": 6,
    "advance.hours": 48,
    "select.grade_share": 0.2,
    "select.told_share": 0.05,
    "select.competing_share": 0.2,
    "select.competing_share_clearance": 0.1,
    "select.no_self_plan_together": 0.5,
    "select.no_self_plan_told": 0.1,
    "dosage.unloaded_place": 0.5,
    "dosage.usual_weekly_km": 40,
}


def exercise(name: str, **parts: Any) -> Exercise:
    base: dict[str, Any] = {
        "id": name,
        "kind": "strength",
        "targets": ("soleus",),
        "kit": (),
        "unilateral": False,
        "load_tier": 1,
        "impact": "none",
        "dose": Dose(sets=(2, 4), reps=(8, 20)),
        "progresses_to": (),
        "regresses_to": (),
        "contraindications": ("danger",),
        "stop_signs": ("pain_up",),
        "evidence": "",
        "sources": ("green2022",),
    }
    return Exercise(**{**base, **parts})


EXERCISES = {
    item.id: item
    for item in (
        exercise(
            "pumps", kind="mobility", loads_calf=False, dose=Dose(sets=(1, 3), reps=(10, 30), bouts_per_day=(1, 6))
        ),
        exercise(
            "towel_hold",
            kind="isometric",
            kit=(frozenset({"towel"}),),
            dose=Dose(sets=(3, 5), hold_s=(10, 45), rest_s=(30, 60), load=LoadRange(basis="rpe_0_10", low=3, high=7)),
            progresses_to=("raise_two",),
            contraindications=("danger", "first_days"),
        ),
        exercise(
            "raise_two",
            load_tier=2,
            dose=Dose(sets=(2, 4), reps=(8, 20), tempo_s=(2, 0, 3), rest_s=(60, 120), per_week=(3, 7)),
            progresses_to=("raise_one",),
            regresses_to=("towel_hold",),
        ),
        exercise(
            "raise_one",
            unilateral=True,
            load_tier=3,
            dose=Dose(sets=(2, 4), reps=(6, 15), load=LoadRange(basis="rm", low=6, high=12)),
            progresses_to=("machine",),
            regresses_to=("raise_two",),
            contraindications=("danger", "fresh_strain"),
        ),
        exercise(
            "machine",
            kit=(frozenset({"gym"}), frozenset({"dumbbell", "step"})),
            load_tier=3,
            regresses_to=("raise_one",),
            progresses_to=("raise_seated",),
        ),
        exercise("raise_seated", load_tier=1, kit=(frozenset({"chair"}),)),
        exercise("bridge", kind="hip", targets=("gluteus",), loads_calf=False, core_strength=True),
        exercise("cable", kind="hip", targets=("hip_flexor",), loads_calf=False, kit=(frozenset({"gym"}),)),
        exercise(
            "hops",
            kind="plyometric",
            unilateral=True,
            load_tier=4,
            impact="high",
            dose=Dose(sets=(1, 3), contacts=(10, 60)),
            contraindications=("danger", "no_hops_yet"),
        ),
        exercise(
            "strides",
            kind="running_drill",
            impact="high",
            dose=Dose(distance_m=(60.0, 100.5)),
            contraindications=("danger", "gate_closed"),
        ),
        exercise(
            "bike", kind="cross_training", targets=("quadriceps",), dose=Dose(duration_min=(10, 40)), loads_calf=False
        ),
        exercise(
            "walk", kind="cross_training", dose=Dose(duration_min=(10, 40)), contraindications=("danger", "limps")
        ),
        exercise("lunges", dose=Dose(sets=(2, 3), work_s=(20, 60)), contraindications=("danger", "bone_open")),
        exercise("nothing", dose=Dose(load=LoadRange(basis="none"))),
        exercise("clinic_only", contraindications=("danger", "not_cleared")),
    )
}


def at_least(measure: str, value: float | bool, **parts: Any) -> Criterion:
    return Criterion(measure=measure, op=">=", value=value, **parts)  # type: ignore[arg-type]


def at_most(measure: str, value: float | bool, **parts: Any) -> Criterion:
    return Criterion(measure=measure, op="<=", value=value, **parts)  # type: ignore[arg-type]


def equal(measure: str, value: bool) -> Criterion:
    return Criterion(measure=measure, op="==", value=value)  # type: ignore[arg-type]


def does(name: str, **parts: Any) -> PhaseExercise:
    return PhaseExercise(exercise=name, **parts)  # type: ignore[arg-type]


def phase(name: str, **parts: Any) -> FamilyPhase:
    base: dict[str, Any] = {
        "id": name,
        "text": name,
        "entry": (),
        "exit": (),
        "exercises": (),
        "care": (),
        "run": "none",
        "cross": (),
        "cross_from_day": 0,
        "stop_signs": ("pain_up", "swelling"),
        "expected_days": (2, 5, 10),
    }
    return FamilyPhase(**{**base, **parts})


STRAIN_PHASES = (
    phase(
        "s0",
        entry=(at_least("days_since_onset", 0),),
        exit=(equal("limp", False), at_most("pain_walk_nrs", 2)),
        exercises=(does("pumps", bouts_per_day=4), does("towel_hold", start_day=2, optional=True), does("bridge")),
        cross=("bike", "walk"),
        cross_from_day=3,
    ),
    phase(
        "s1",
        entry=(equal("limp", False), at_most("pain_walk_nrs", 2)),
        exit=(at_least("slhr_reps", 10, pain_max=2),),
        exercises=(does("raise_two", sets=(3, 3), reps=(10, 15)), does("bridge"), does("bridge"), does("cable")),
        cross=("bike", "walk", "unheard_of"),
        walk="phase.s1.walk",
    ),
    phase(
        "s2",
        entry=(at_least("slhr_reps", 10, pain_max=2),),
        exit=(at_least("slhr_reps", 25, norm="median_minus_6"),),
        exercises=(
            does("raise_one", reps=(8, 12), load="load.heavier"),
            does("machine"),
            does("hops", start_when=(at_least("slhr_reps", 15),)),
        ),
    ),
    phase(
        "s3",
        entry=(at_least("slhr_reps", 20, norm="median_minus_6"), at_most("slhr_pain_nrs", 2)),
        exit=(at_least("run_cont_min", 30),),
        exercises=(
            does("raise_one", per_week=2),
            does("strides", start_gate="speed_gate", start_weeks_after_gate=1, start_stage=4, note="note.speed"),
        ),
        run="programme",
    ),
    phase("s4", entry=(at_least("run_cont_min", 30),), exercises=(does("raise_one", per_week=2),), run="full"),
)
SEVERE_PHASES = (replace(STRAIN_PHASES[0], id="g0"), *STRAIN_PHASES[1:])
OVERLOAD_PHASES = (
    phase("o0", exit=(at_most("pain_walk_nrs", 1),), exercises=(does("raise_two"), does("lunges")), run="within_pain"),
    phase(
        "o1",
        entry=(at_most("pain_walk_nrs", 1),),
        exit=(at_least("run_cont_min", 30),),
        exercises=(does("raise_one"), does("heel_drop")),
        run="programme",
        stop_signs=("pain_up", "bone"),
    ),
    phase("o2", entry=(at_least("run_cont_min", 30),), run="full"),
)
BONE_PHASES = (
    phase("b0", exercises=(does("pumps"), does("bridge"), does("raise_two")), cross=("bike", "walk")),
    phase("b1", entry=(equal("clinician_clear", True), equal("bone_tender", False)), exercises=(does("raise_two"),)),
    phase("b2", entry=(at_least("walk_min", 30),), run="programme"),
)


def family(name: str, conditions: Mapping[str, str], phases: tuple[FamilyPhase, ...], **parts: Any) -> PlanFamily:
    base: dict[str, Any] = {
        "id": name,
        "conditions": tuple(conditions.items()),
        "pathway": "self_physio",
        "needs_clearance": False,
        "caution": 50,
        "pain_limit_nrs": 2.0,
        "programme": "short",
        "gate": "strain_gate",
        "priors": (),
        "phases": phases,
        "evidence": "",
        "sources": (),
    }
    return PlanFamily(**{**base, **parts})


FAMILIES = {
    item.id: item
    for item in (
        family("strain_mild", {"soleus_strain": "mild"}, STRAIN_PHASES, caution=40),
        family("strain_moderate", {"soleus_strain": "moderate"}, STRAIN_PHASES),
        family(
            "strain_severe",
            {"soleus_strain": "severe"},
            SEVERE_PHASES,
            caution=70,
            needs_clearance=True,
            pathway="clinician_led",
        ),
        family(
            "overload",
            {"calf_overload": ""},
            OVERLOAD_PHASES,
            caution=20,
            pathway="self",
            pain_limit_nrs=3.0,
            gate="easy_gate",
        ),
        family(
            "bone",
            {"fibular_stress_fracture": "", "tibial_stress_fracture": ""},
            BONE_PHASES,
            caution=90,
            needs_clearance=True,
            pathway="clinician_led",
            pain_limit_nrs=0.0,
            programme="bone_run",
            gate="bone_gate",
        ),
        family(
            "clot", {"dvt": "post_treatment", "bakers_cyst_ruptured": "after_dvt_excluded"}, OVERLOAD_PHASES, caution=60
        ),
    )
}


def measure(name: str, **parts: Any) -> MeasureDefinition:
    base: dict[str, Any] = {
        "id": name,
        "kind": "number",
        "unit": "",
        "low": 0,
        "high": 100,
        "better": "higher",
        "self_test": True,
        "clinician_only": False,
        "derived": (),
        "unsafe_codes": (),
        "order": 5,
        "sources": (),
    }
    return MeasureDefinition(**{**base, **parts})


MEASURES = {
    item.id: item
    for item in (
        measure(
            "days_since_onset",
            high=4000,
            derived=(Derived(when=OneOf(finding="time_since_onset", options=frozenset({"4_14d"})), value=4),),  # type: ignore[arg-type]
        ),
        measure("pain_walk_nrs", high=10, order=1),
        measure("pain_rest_nrs", high=10),
        measure(
            "limp",
            kind="boolean",
            order=2,
            derived=(
                Derived(when=OneOf(finding="walk_ability", options=frozenset({"limp"})), value=True),  # type: ignore[arg-type]
                Derived(when=OneOf(finding="walk_ability", options=frozenset({"normal"})), value=False),  # type: ignore[arg-type]
            ),
        ),
        measure("slhr_reps", order=3, unsafe_codes=("first_days",), needs_pain=True),
        measure("slhr_pain_nrs", high=10, order=4, unsafe_codes=("first_days",)),
        measure("run_cont_min", order=9),
        measure("walk_min", order=8),
        measure("rtr_stage", order=20),
        measure("bone_tender", kind="boolean", clinician_only=True),
        measure("clinician_clear", kind="boolean", clinician_only=True),
    )
}
CONTRAINDICATIONS = {
    item.id: item
    for item in (
        Contraindication(id="danger", tags=frozenset({"dvt", "rupture"})),
        Contraindication(id="first_days", when=Always(), until=(at_least("days_since_onset", 3),)),
        Contraindication(
            id="fresh_strain",
            families=frozenset(["strain_mild", "strain_moderate", "strain_severe"]),
            until=(at_least("slhr_reps", 10),),
        ),  # type: ignore[list-item]
        Contraindication(id="no_hops_yet", until_gate="run"),
        Contraindication(id="gate_closed", until_gate="speed"),
        Contraindication(id="limps", when=OneOf(finding="walk_ability", options=frozenset({"limp"}))),  # type: ignore[arg-type]
        Contraindication(id="bone_open", conditions={"fibular_stress_fracture": 0.1, "tibial_stress_fracture": 0.1}),  # type: ignore[dict-item]
        Contraindication(id="not_cleared", until_cleared=True),
        Contraindication(id="thin_blood", facts=("drug_anticoagulant",)),
        Contraindication(id="lost_gate", until_gate="nowhere"),
        Contraindication(id="bone_gate_closed", until_gate="bone_gate"),
    )
}
GATES = {
    item.id: item
    for item in (
        Gate(
            id="strain_gate",
            criteria=(at_least("slhr_reps", 20, norm="median"), at_most("pain_walk_nrs", 1), at_least("walk_min", 30)),
            needs_clearance=False,
            sources=(),
            only_for={"walk_min": frozenset(["strain_moderate"])},
        ),  # type: ignore[dict-item, list-item]
        Gate(id="easy_gate", criteria=(at_least("slhr_reps", 15),), needs_clearance=False, sources=()),
        Gate(id="bone_gate", criteria=(equal("bone_tender", False),), needs_clearance=True, sources=()),
        Gate(id="speed_gate", criteria=(at_least("run_cont_min", 30),), needs_clearance=False, sources=()),
    )
}


def programme(name: str, gate: str, **parts: Any) -> Programme:
    stages = tuple(
        ProgrammeStage(number=n, blocks=(RunBlock(repeats=8, run_s=60 * n, walk_s=60),), pace="pace.easy")
        for n in (1, 2, 3, 4)
    )
    base: dict[str, Any] = {
        "id": name,
        "sessions_per_week": 3,
        "min_rest_h": 48,
        "warm_up_s": 300,
        "cool_down_s": 300,
        "min_sessions_per_stage": 2,
        "stages": stages,
        "gate": gate,
        "pain_limit_nrs": 2.0,
        "needs_clearance": False,
        "rules": 2,
        "sources": (),
    }
    return Programme(**{**base, **parts})


def condition(name: str, kind: str = "diagnosis", *, dangerous: bool = False) -> Condition:
    return Condition(
        id=name,  # type: ignore[arg-type]
        kind=kind,
        prior=Number(value=0.1, low=0.05, high=0.2, alpha=1, beta=9, basis=Basis.EXPERT),
        urgency=Disposition.SELF_CARE,
        category="",
        members=(),
        findings={},
        factors={},
        codes={},
        dangerous=dangerous,
        subtypes=(),
        grading=name == "soleus_strain",
        sources=(),
    )


CONDITIONS = [
    condition(name)
    for name in (
        "soleus_strain",
        "calf_overload",
        "fibular_stress_fracture",
        "tibial_stress_fracture",
        "dvt",
        "bakers_cyst_ruptured",
        "paes",
        "other_nonspecific",
        "unlisted",
    )
] + [condition("calf_weakness", "contributing_factor")]


def rule(name: str, disposition: Disposition, *tags: str) -> RedFlagRule:
    return RedFlagRule(
        id=name,  # type: ignore[arg-type]
        disposition=disposition,
        when=Present(finding="x"),  # type: ignore[arg-type]
        suspect_when=None,
        suspect_disposition=None,
        go_to="gp",
        tags=frozenset(tags),
        sources=(),
    )


RULES = (
    rule("clot", Disposition.SAME_DAY, "dvt"),
    rule("clot_amber", Disposition.GP_ROUTINE, "dvt"),
    rule("bone", Disposition.GP_ROUTINE, "bone"),
    rule("long", Disposition.GP_ROUTINE, "course"),
    rule("limp", Disposition.PHYSIO, "function"),
)
PLANS = PlanKnowledge(
    exercises=EXERCISES,
    families=FAMILIES,
    programmes={
        "short": programme("short", "strain_gate"),  # type: ignore[dict-item]
        "bone_run": programme("bone_run", "bone_gate", pain_limit_nrs=0.0, min_rest_h=72),  # type: ignore[dict-item]
    },
    gates=GATES,
    measures=MEASURES,
    norm=HeelRaiseNorm(
        ages=((20, 29), (30, 39), (40, 49)),
        male=(37, 32, 28),
        female=(30, 27, 24),
        basis=Basis.MEASURED,
        sources=(),
    ),
    stop_signs={
        "pain_up": StopSign(id="pain_up", disposition=None, back="stage"),
        "swelling": StopSign(id="swelling", disposition=Disposition.SAME_DAY, back=""),
        "bone": StopSign(id="bone", disposition=Disposition.GP_ROUTINE, back=""),
    },
    contraindications=CONTRAINDICATIONS,
    modules=(
        FactorModule(
            factor="calf_weakness",  # type: ignore[arg-type]
            min_probability=0.4,
            exercises=(does("raise_seated"), does("raise_one"), does("not_there")),
            from_phase=1,
            care=("sleep",),  # type: ignore[arg-type]
            sources=(),
        ),
    ),
    no_self_plan={
        "dvt": NoSelfPlan(condition="dvt", disposition=Disposition.SAME_DAY, see="same_day_service"),  # type: ignore[arg-type, dict-item]
        "paes": NoSelfPlan(condition="paes", disposition=Disposition.GP_ROUTINE, see="vascular", meanwhile=("stop",)),  # type: ignore[arg-type, dict-item]
        "other_nonspecific": NoSelfPlan(  # type: ignore[dict-item]
            condition="other_nonspecific",  # type: ignore[arg-type]
            disposition=Disposition.PHYSIO,
            see="physio",
            fallback="overload",  # type: ignore[arg-type]
        ),
    },
    parameters=dict(load_knowledge().plans.parameters)
    | {
        name: Parameter(id=name, value=value, low=None, high=None, unit="", basis=Basis.EXPERT)
        for name, value in PARAMETERS.items()
    },
)
KB = KnowledgeBase(
    version="test",
    content_hash="",
    findings={},
    conditions={item.id: item for item in CONDITIONS},
    groups=(),
    rules=RULES,
    floors=(
        ProbabilityFloor(conditions=("dvt",), threshold=0.02, disposition=Disposition.GP_ROUTINE),  # type: ignore[arg-type]
        ProbabilityFloor(
            conditions=("fibular_stress_fracture", "tibial_stress_fracture"),  # type: ignore[arg-type]
            threshold=0.15,
            disposition=Disposition.GP_ROUTINE,
        ),
    ),
    wells=(),
    adjuncts=(),
    medicines={},
    medicine_rules=(),
    medicine_facts=(),
    sources={},
    text={},
    plans=PLANS,
)
STRAIN = {"soleus_strain": 0.9, "calf_overload": 0.1}
OVERLOAD = {"calf_overload": 0.95, "soleus_strain": 0.05}
MILD = {"soleus_strain": (("mild", 0.85), ("moderate", 0.1), ("severe", 0.05))}


def fired(*names: str) -> tuple[RuleOutcome, ...]:
    known = {item.id: item.disposition for item in RULES}
    return tuple(
        RuleOutcome(id=name, state=RuleState.FIRED, contributes=known[name], because=())  # type: ignore[arg-type, index]
        for name in names
    )


def situate(
    posterior: Mapping[str, float] | None = STRAIN,
    *,
    rules: tuple[RuleOutcome, ...] = (),
    answers: Mapping[str, Any] | None = None,
    measured: Mapping[str, float | bool] | None = None,
    days: int | None = 4,
    disposition: Disposition = Disposition.SELF_CARE,
    unanswered: tuple[tuple[Any, Disposition], ...] = (),
    failed: bool = False,
    age: float | None = 32.0,
    sex: Sex = Sex.MALE,
    grades: Mapping[str, Any] = MILD,
    facts: Mapping[str, bool | None] | None = None,
    kb: KnowledgeBase = KB,
    **goals: Any,
) -> Situation:
    """A runner: likely strain, four days ago, 32 years old, unless said otherwise."""
    evidence = FindingSet(Finding(id=name, value=value) for name, value in (answers or {}).items())  # type: ignore[arg-type]
    tests = tuple(Measured(measure=name, value=value, on=TODAY) for name, value in (measured or {}).items())  # type: ignore[arg-type]
    wishes = Goals(**{**goals, "measures": (*goals.get("measures", ()), *tests)})
    onset = None if days is None else TODAY - timedelta(days=days)
    found = max([disposition, *(item.contributes or Disposition.SELF_CARE for item in rules)])
    return Situation(
        evidence=evidence,
        triage=TriageResult(
            disposition=found,
            rules=rules,
            unanswered=unanswered,
            wells=WellsScore(points=0, counted=(), unknown=()),
            failed=failed,
        ),
        posterior=posterior,  # type: ignore[arg-type]
        facts=facts or {},
        ages=age_bands(evidence, age),
        disposition=found,
        kb=kb,
        goals=wishes,
        runner=Runner(age_years=age, sex=sex),
        onset_on=onset,
        today=TODAY,
        measures=known_measures(evidence, wishes, onset, TODAY, kb),
        grades=grades,  # type: ignore[arg-type]
    )


def with_plans(**parts: Any) -> KnowledgeBase:
    """The world with other plan knowledge."""
    return replace(KB, plans=replace(PLANS, **parts))
