"""Which plan, if any: dangers first, then the likely cause, then what competes with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from plan_world import CONDITIONS, KB, OVERLOAD, STRAIN, fired, situate, with_plans

from soleus.core.assessment import Disposition, RuleOutcome, RuleState
from soleus.core.plan import PlanStatus
from soleus.planning.select import Choice, choose, message

BONE = {"fibular_stress_fracture": 0.9, "calf_overload": 0.1}
SEVERE = {"soleus_strain": (("mild", 0.3), ("moderate", 0.45), ("severe", 0.25))}


def texts(choice: Choice) -> list[str]:
    return [item.text for item in choice.why]


def sees(choice: Choice) -> list[str]:
    return [item.text for item in choice.see]


def test_a_plain_strain_gets_the_plan_of_its_grade() -> None:
    choice = choose(situate())
    assert (choice.status, choice.ids) == (PlanStatus.DRAFT, ("strain_mild",))
    assert texts(choice) == ["plan.why.cause", "plan.why.family", "plan.why.grade.mild", "plan.why.physio"]
    assert choice.why[0].params == {"cause": "condition.soleus_strain.name", "percent": 90}
    assert choice.see == ()
    assert [(cause.condition, cause.grade, cause.family) for cause in choice.causes] == [
        ("soleus_strain", "mild", "strain_mild"),
        ("calf_overload", "", "overload"),
    ]


def test_a_self_pathway_does_not_mention_a_physio() -> None:
    assert "plan.why.physio" not in texts(choose(situate(OVERLOAD)))


@pytest.mark.parametrize(
    ("parts", "reason", "see"),
    [
        ({"failed": True}, "triage_failed", "same_day"),
        ({"posterior": None}, "differential_failed", "same_day"),
        ({"disposition": Disposition.SAME_DAY}, "urgent", "same_day"),
        ({"disposition": Disposition.CALL_AMBULANCE}, "urgent", "call_ambulance"),
        ({"rules": fired("clot_amber")}, "danger", "gp_routine"),
        ({"unanswered": (("swelling", Disposition.GP_ROUTINE),)}, "unanswered", "gp_routine"),
        ({"rules": fired("long")}, "doctor_first", "gp_routine"),
        ({"rules": fired("bone")}, "doctor_first", "gp_routine"),
        ({"disposition": Disposition.GP_ROUTINE}, "doctor_first", "gp_routine"),
        ({"posterior": {**STRAIN, "dvt": 0.03}}, "doctor_first", "gp_routine"),
        ({"posterior": {}}, "unexplained", "gp_routine"),
    ],
)
def test_dangers_and_doubts_withhold_every_plan(parts: dict[str, Any], reason: str, see: str) -> None:
    choice = choose(situate(**parts))
    assert choice.status is PlanStatus.WITHHELD
    assert choice.families == ()
    assert f"plan.why.withheld.{reason}" in texts(choice)
    assert sees(choice) == [f"plan.see.{see}"]


def test_the_rules_that_ask_for_a_doctor_are_told() -> None:
    choice = choose(situate(rules=fired("clot_amber", "limp")))
    assert "rule.clot_amber.reason" in texts(choice)
    assert "rule.limp.reason" not in texts(choice)


@pytest.mark.parametrize(
    ("contributes", "status"),
    [(None, PlanStatus.DRAFT), (Disposition.PHYSIO, PlanStatus.DRAFT), (Disposition.SAME_DAY, PlanStatus.WITHHELD)],
)
def test_only_a_real_suspicion_counts(contributes: Disposition | None, status: PlanStatus) -> None:
    outcome = RuleOutcome(id="clot", state=RuleState.UNDETERMINED, contributes=contributes, because=())  # type: ignore[arg-type]
    assert choose(situate(rules=(outcome,))).status is status


def test_seeing_a_physio_is_repeated_with_an_open_plan() -> None:
    choice = choose(situate(rules=fired("limp")))
    assert (choice.status, sees(choice)) == (PlanStatus.DRAFT, ["plan.see.physio"])


def test_a_clinician_who_cleared_it_answers_the_harmless_reasons_only() -> None:
    assert choose(situate(rules=fired("long"), cleared_by="gp")).status is PlanStatus.DRAFT
    assert choose(situate(disposition=Disposition.GP_ROUTINE, cleared_by="gp")).status is PlanStatus.DRAFT
    assert choose(situate(rules=fired("bone"), cleared_by="gp")).status is PlanStatus.WITHHELD
    assert choose(situate(rules=fired("clot_amber"), cleared_by="gp")).status is PlanStatus.WITHHELD


def test_the_suspicion_that_the_plan_is_made_for_locks_it_instead() -> None:
    waiting = choose(situate(BONE, rules=fired("bone", "long")))
    assert (waiting.status, waiting.ids) == (PlanStatus.LOCKED, ("bone",))
    assert "plan.why.locked.family" in texts(waiting)
    assert sees(waiting) == ["plan.see.clear.clinician_led", "plan.see.gp_routine"]
    cleared = choose(situate(BONE, rules=fired("bone"), cleared_by="sports physician"))
    assert cleared.status is PlanStatus.DRAFT
    assert sees(cleared) == ["plan.see.gp_routine"]


def test_an_undetermined_suspicion_of_bone_withholds_other_plans() -> None:
    outcome = RuleOutcome(id="bone", state=RuleState.UNDETERMINED, contributes=Disposition.GP_ROUTINE, because=())  # type: ignore[arg-type]
    assert choose(situate(rules=(outcome,), disposition=Disposition.GP_ROUTINE)).status is PlanStatus.WITHHELD


def test_a_cause_without_a_self_plan_says_whom_to_see() -> None:
    choice = choose(situate({"paes": 0.6, "calf_overload": 0.4}))
    assert (choice.status, choice.lead) == (PlanStatus.NO_SELF_PLAN, None)
    assert choice.no_plan is not None
    assert choice.no_plan.see == "vascular"
    assert texts(choice) == ["plan.why.no_self_plan"]
    assert sees(choice) == ["no_plan.paes.see", "plan.see.gp_routine"]


def test_several_causes_without_a_plan_add_up() -> None:
    choice = choose(situate({"calf_overload": 0.4, "paes": 0.35, "unlisted": 0.25}))
    assert choice.status is PlanStatus.NO_SELF_PLAN
    assert texts(choice) == ["plan.why.several"]
    mixed = choose(
        situate({"other_nonspecific": 0.1, "calf_overload": 0.3, "dvt": 0.3, "paes": 0.3}, kb=replace(KB, floors=()))
    )
    assert sees(mixed) == ["no_plan.dvt.see", "plan.see.same_day", "no_plan.paes.see", "no_plan.other_nonspecific.see"]


def test_a_cause_that_the_knowledge_base_says_nothing_of_has_no_plan() -> None:
    choice = choose(situate({"unlisted": 0.85, "paes": 0.15}))
    assert choice.status is PlanStatus.NO_SELF_PLAN
    assert sees(choice) == ["plan.see.gp_routine", "no_plan.paes.see"]


def test_a_competing_cause_without_a_plan_adds_whom_to_see() -> None:
    choice = choose(situate({"calf_overload": 0.8, "paes": 0.2}))
    assert choice.status is PlanStatus.DRAFT
    assert sees(choice) == ["no_plan.paes.see"]
    assert sees(choose(situate({"calf_overload": 0.95, "paes": 0.05}))) == []


def test_something_else_falls_back_on_another_plan() -> None:
    choice = choose(situate({"other_nonspecific": 0.9, "calf_overload": 0.1}))
    assert (choice.status, choice.ids) == (PlanStatus.DRAFT, ("overload",))
    assert sees(choice) == ["no_plan.other_nonspecific.see"]


def test_the_most_cautious_of_competing_families_leads() -> None:
    choice = choose(situate({"calf_overload": 0.7, "soleus_strain": 0.3}))
    assert choice.ids == ("strain_mild", "overload")
    assert "plan.why.leads" in texts(choice)
    assert "plan.why.also" in texts(choice)
    assert choose(situate({"calf_overload": 0.81, "soleus_strain": 0.19})).ids == ("overload",)


def test_families_that_need_clearance_compete_sooner() -> None:
    choice = choose(situate({"calf_overload": 0.88, "fibular_stress_fracture": 0.12}))
    assert (choice.status, choice.ids) == (PlanStatus.LOCKED, ("bone", "overload"))
    assert choose(situate({"calf_overload": 0.92, "fibular_stress_fracture": 0.08})).ids == ("overload",)


@pytest.mark.parametrize(
    ("grades", "families"),
    [
        (SEVERE, ("strain_severe",)),
        ({}, ("strain_severe",)),
        ({"soleus_strain": (("mild", 0.5), ("moderate", 0.4), ("severe", 0.1))}, ("strain_moderate",)),
        ({"soleus_strain": (("mild", 0.19), ("severe", 0.19))}, ("strain_severe",)),
    ],
)
def test_of_likely_grades_the_more_cautious(grades: dict[str, Any], families: tuple[str, ...]) -> None:
    assert choose(situate(grades=grades)).ids == families


def test_a_pathway_with_a_physio_says_so() -> None:
    led = replace(KB.plans.families["overload"], pathway="physio")  # type: ignore[index]
    choice = choose(situate(OVERLOAD, kb=with_plans(families={"overload": led})))
    assert (choice.status, sees(choice)) == (PlanStatus.DRAFT, ["plan.see.physio"])
    assert "plan.why.physio" not in texts(choice)


def test_who_cleared_it_is_told() -> None:
    choice = choose(situate(cleared_by="gp"))
    assert message("plan.why.cleared", by="plan.clearer.gp") in choice.why
    assert "plan.why.physio" not in texts(choice)


def test_conditional_plans_open_only_after_a_clinician() -> None:
    rest = {"bakers_cyst_ruptured": 0.9, "calf_overload": 0.1}
    waiting = choose(situate(rest))
    assert (waiting.status, waiting.ids) == (PlanStatus.LOCKED, ("clot",))
    assert "plan.why.locked.cause" in texts(waiting)
    assert choose(situate(rest, cleared_by="gp")).status is PlanStatus.DRAFT


def test_a_cause_with_both_has_no_plan_until_it_is_treated() -> None:
    safe = replace(KB, floors=())
    only = {"dvt": 1.0}
    assert choose(situate(only, kb=safe)).status is PlanStatus.NO_SELF_PLAN
    assert choose(situate(only, kb=safe, cleared_by="clinic")).ids == ("clot",)


@pytest.mark.parametrize(("age", "lock"), [(15, "minor"), (None, "age_unknown"), (40, "")])
def test_who_is_not_certainly_an_adult_waits_for_a_clinician(age: float | None, lock: str) -> None:
    choice = choose(situate(age=age))
    assert choice.status is (PlanStatus.LOCKED if lock else PlanStatus.DRAFT)
    assert not lock or f"plan.why.locked.{lock}" in texts(choice)
    assert choose(situate(age=age, cleared_by="physio")).status is PlanStatus.DRAFT


def test_contributing_factors_are_no_causes() -> None:
    choice = choose(situate({**STRAIN, "calf_weakness": 1.0}))
    assert choice.ids == ("strain_mild",)
    assert "calf_weakness" in {item.id for item in CONDITIONS}


def test_with_no_families_nothing_is_planned() -> None:
    assert choose(situate(kb=with_plans(families={}))).status is PlanStatus.NO_SELF_PLAN


def test_a_long_course_alone_does_not_stop_a_plan_made_for_slow_causes() -> None:
    slow = replace(KB.plans.families["overload"], long_course=True)  # type: ignore[index]
    kb = with_plans(families={"overload": slow})
    choice = choose(situate(OVERLOAD, rules=fired("long"), kb=kb))
    assert choice.status is PlanStatus.DRAFT
    assert sees(choice)[-1] == "plan.see.gp_routine"  # beside the plan, not instead of it
    assert choose(situate(OVERLOAD, rules=fired("long", "bone"), kb=kb)).status is PlanStatus.WITHHELD
    assert choose(situate(OVERLOAD, rules=fired("long"))).status is PlanStatus.WITHHELD
