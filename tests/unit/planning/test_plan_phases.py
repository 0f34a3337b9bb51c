"""Phases under the rules of several families: which is current, what joins, what later phases may take for granted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from plan_world import FAMILIES, TODAY, at_least, at_most, equal, situate

from soleus.core.assessment import Disposition
from soleus.core.goals import Measured
from soleus.core.ids import FamilyId
from soleus.core.plan import Plan, PlanPhase, PlanStatus
from soleus.knowledge import load_knowledge
from soleus.planning.phases import RUNNING, as_met, current_number, steps, stricter

KB = load_knowledge()
MILD, OVERLOAD, BONE = FAMILIES["strain_mild"], FAMILIES["overload"], FAMILIES["bone"]  # type: ignore[index]
WALKS = {"limp": False, "pain_walk_nrs": 1}
STRONG = {**WALKS, "slhr_reps": 26, "slhr_pain_nrs": 1}


def current(measured: dict[str, Any], *families: Any, **parts: Any) -> str:
    taken = steps(families or (MILD,), situate(measured=measured, **parts))
    return next(step.phase.id for step in taken if step.current)


@pytest.mark.parametrize(
    ("measured", "phase"),
    [
        ({}, "s0"),
        ({"limp": True, "slhr_reps": 40, "slhr_pain_nrs": 0, "run_cont_min": 60}, "s0"),
        (WALKS, "s1"),
        ({**WALKS, "slhr_reps": 12}, "s1"),
        ({**WALKS, "slhr_reps": 12, "slhr_pain_nrs": 2}, "s2"),
        (STRONG, "s3"),
        ({**STRONG, "run_cont_min": 30}, "s4"),
        ({**STRONG, "pain_walk_nrs": 3}, "s0"),
    ],
)
def test_the_highest_phase_whose_criteria_certainly_hold(measured: dict[str, Any], phase: str) -> None:
    assert current(measured) == phase


def test_the_first_phase_needs_nothing() -> None:
    assert current_number([(at_least("slhr_reps", 100),)], situate()) == 0
    assert current({}, days=None) == "s0"


def test_phases_are_in_order_and_reached_up_to_the_current_one() -> None:
    taken = steps((MILD,), situate(measured=WALKS))
    assert [step.number for step in taken] == [0, 1, 2, 3, 4]
    assert [step.reached for step in taken] == [True, True, False, False, False]
    assert [step.run for step in taken] == ["none", "none", "none", "programme", "full"]


def test_running_waits_for_the_criteria_of_every_family() -> None:
    strict = replace(OVERLOAD, caution=10)
    taken = steps((MILD, strict), situate())
    assert [at_most("pain_walk_nrs", 1) in step.entry for step in taken] == [False, False, False, True, True]
    assert at_most("pain_walk_nrs", 1) in taken[2].exit
    assert taken[0].stop_signs == ("pain_up", "swelling", "bone")
    assert current({**STRONG, "pain_walk_nrs": 2}) == "s3"
    assert current({**STRONG, "pain_walk_nrs": 2}, MILD, strict) == "s2"


def test_no_more_running_than_any_family_ever_allows() -> None:
    taken = steps((MILD, BONE), situate())
    assert [step.run for step in taken] == ["none", "none", "none", "programme", "programme"]
    short = replace(OVERLOAD, phases=OVERLOAD.phases[:1])
    assert [step.run for step in steps((MILD, short), situate())] == [
        "none",
        "none",
        "none",
        "within_pain",
        "within_pain",
    ]
    assert sorted(RUNNING, key=RUNNING.__getitem__) == ["none", "within_pain", "half", "programme", "full"]


CALM = {"pain_walk_nrs": 1}


def test_the_first_phase_allows_no_more_running_than_another_family_does_today() -> None:
    lead = replace(OVERLOAD, caution=100)
    assert steps((lead,), situate(measured=CALM))[0].run == "within_pain"
    assert steps((lead, MILD), situate(measured=CALM))[0].run == "none"
    assert steps((lead, MILD), situate(measured=WALKS))[0].run == "none"
    assert steps((lead, MILD), situate(measured=STRONG))[0].run == "within_pain"


@pytest.mark.parametrize("other", ["gastrocnemius_strain_g1", "soleus_strain_g2", "mtss", "plantaris_contusion"])
def test_a_sore_compartment_does_not_let_a_strain_run(other: str) -> None:
    families = (KB.plans.families[FamilyId("cecs")], KB.plans.families[FamilyId(other)])
    assert steps(families[:1], situate(measured=CALM))[0].run == "within_pain"
    assert steps(families, situate(measured=CALM))[0].run == "none"


@pytest.mark.parametrize(
    ("measured", "allowed"),
    [
        ({"pain_walk_nrs": 3}, "half"),
        ({"pain_walk_nrs": 3, "limp": False}, "half"),
        ({"pain_walk_nrs": 3, "limp": True}, "none"),
        ({"pain_walk_nrs": 4}, "none"),
        ({"pain_walk_nrs": 0, "slhr_pain_nrs": 9}, "none"),
        ({}, "none"),
    ],
)
def test_easy_running_rests_with_pain_above_the_limit_or_untold_and_with_a_limp(
    measured: dict[str, Any], allowed: str
) -> None:
    family = KB.plans.families[FamilyId("calf_overload")]
    assert family.pain_limit_nrs == 3
    taken = steps((family,), situate(measured=measured))
    assert [step.run for step in taken] == [allowed, "programme", "full"]


def test_the_stricter_of_two_criteria_stays() -> None:
    assert stricter((at_least("slhr_reps", 10), at_least("slhr_reps", 12))) == (at_least("slhr_reps", 12),)
    assert stricter((at_most("pain_walk_nrs", 1), at_most("pain_walk_nrs", 2))) == (at_most("pain_walk_nrs", 1),)
    assert stricter((equal("limp", False), equal("limp", False))) == (equal("limp", False),)
    assert len(stricter((equal("limp", False), equal("limp", True)))) == 2
    kept = (at_least("slhr_reps", 25, norm="median"), at_least("slhr_reps", 10))
    assert stricter(kept) == kept
    painful, painless = at_least("slhr_reps", 12), at_least("slhr_reps", 10, pain_max=2)
    assert stricter((painful, painless)) == (painful, painless)
    assert stricter((painless, at_least("slhr_reps", 9, pain_max=3))) == (painless,)


def test_later_phases_take_their_entry_for_granted_and_no_more() -> None:
    later = as_met(situate(measured={"slhr_reps": 30}), (at_least("slhr_reps", 10, pain_max=2), equal("limp", False)))
    assert later.value("slhr_reps") == 30
    assert later.measures["slhr_reps"].pain_nrs == 2
    assert later.value("limp") is False
    assert later.measures["limp"].source == "expected"
    assert later.value("pain_walk_nrs") is None
    assert as_met(situate(), (at_least("slhr_reps", 10),)).value("slhr_reps") == 10
    hurt = as_met(situate(measured={"slhr_reps": 5, "slhr_pain_nrs": 6}), (at_least("slhr_reps", 10, pain_max=2),))
    assert (hurt.value("slhr_reps"), hurt.value("slhr_pain_nrs")) == (10, 2)


def test_the_current_phase_is_judged_as_things_are() -> None:
    situation = situate(measured=WALKS)
    taken = steps((MILD,), situation)
    assert taken[0].then is situation
    assert taken[1].then is situation
    assert taken[2].then.value("slhr_reps") == 10


def plan_in(phase: str, family: str = "strain_mild") -> Plan:
    at = PlanPhase(
        id=phase,
        text="",
        number=0,
        entry=(),
        advance=(),
        step_back=(),
        stop=(),
        prescriptions=(),
        care=(),
        walk=None,
        run="none",
        cross=(),
        expected_days=(1, 2, 3),
        current=True,
    )
    return Plan(
        id="p",
        revision=1,
        status=PlanStatus.DRAFT,
        made_on=TODAY,
        starts_on=TODAY,
        knowledge_version="",
        input_hash="",
        disposition=Disposition.SELF_CARE,
        family=family,  # type: ignore[arg-type]
        phases=(at,),
    )


def revised(previous: Plan, *days_ago: int) -> str:
    tests = tuple(
        Measured(measure=name, value=value, on=TODAY - timedelta(days=ago))  # type: ignore[arg-type]
        for name, value in STRONG.items()
        for ago in days_ago
    )
    taken = steps((MILD,), situate(measures=tests), previous)
    return next(step.phase.id for step in taken if step.current)


def test_a_revision_moves_one_phase_after_two_good_days() -> None:
    assert revised(plan_in("s0"), 0, 2) == "s1"
    assert revised(plan_in("s1"), 0, 2) == "s2"
    assert revised(plan_in("s1"), 0) == "s1"
    assert revised(plan_in("s3"), 0, 2) == "s3"


def test_a_revision_under_another_family_or_phase_starts_afresh() -> None:
    assert revised(plan_in("s0", "overload"), 0) == "s3"
    assert revised(plan_in("gone"), 0) == "s3"
    assert revised(replace(plan_in("s0"), phases=()), 0) == "s3"
