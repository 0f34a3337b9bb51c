"""Reasons against an exercise: unknown applies, only certainty lifts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from plan_world import CONTRAINDICATIONS, KB, at_least, fired, situate, with_plans

from soleus.core.assessment import Disposition, RuleOutcome, RuleState
from soleus.core.plan import Veto
from soleus.knowledge.plan_base import Contraindication
from soleus.planning.contraindications import bars, gate_criteria, gate_ids, gate_open, veto, vetoed_by

MILD = ("strain_mild",)


def codes(code: str, families: tuple[str, ...] = MILD, **parts: Any) -> tuple[str, ...]:
    return vetoed_by([code], situate(**parts), families)  # type: ignore[arg-type]


def test_an_unheard_of_code_stands_for_good() -> None:
    (bar,) = bars(["unheard_of"], situate(), ())
    assert (bar.unknown, bar.until) == (True, ())


def test_an_open_rule_stands_and_a_clear_one_does_not() -> None:
    assert codes("danger") == ()
    assert codes("danger", rules=fired("clot")) == ("danger",)
    assert codes("danger", failed=True) == ("danger",)


def test_a_mere_question_counts_only_where_it_should() -> None:
    merely = RuleOutcome(
        id="clot",
        state=RuleState.UNDETERMINED,
        contributes=None,
        because=("x",),
        support=("y",),  # type: ignore[arg-type]
    )
    suspected = replace(merely, contributes=Disposition.GP_ROUTINE)
    strict = replace(CONTRAINDICATIONS["danger"], suspected_only=True)
    lenient = with_plans(contraindications={"danger": strict})
    assert codes("danger", rules=(merely,)) == ("danger",)
    assert codes("danger", rules=(merely,), kb=lenient) == ()
    assert codes("danger", rules=(suspected,), kb=lenient) == ("danger",)


@pytest.mark.parametrize(
    ("value", "stands", "unknown"), [(True, True, False), (None, True, True), (False, False, False)]
)
def test_facts(value: bool | None, stands: bool, unknown: bool) -> None:
    standing = bars(["thin_blood"], situate(facts={"drug_anticoagulant": value}), ())
    assert bool(standing) is stands
    assert [bar.unknown for bar in standing] == ([unknown] if stands else [])


@pytest.mark.parametrize(("answer", "stands"), [("limp", True), ("normal", False), (None, True)])
def test_expressions(answer: str | None, stands: bool) -> None:
    assert bool(codes("limps", answers={"walk_ability": answer})) is stands


def test_causes() -> None:
    assert codes("bone_open") == ()
    assert codes("bone_open", posterior={"tibial_stress_fracture": 0.1}) == ("bone_open",)
    assert codes("bone_open", posterior=None) == ("bone_open",)


def test_a_contraindication_without_parts_always_applies() -> None:
    assert codes("not_cleared") == ("not_cleared",)
    assert codes("not_cleared", cleared_by="physio") == ()


def test_families_and_until() -> None:
    assert codes("fresh_strain", ("overload",)) == ()
    assert codes("fresh_strain", ("overload", "strain_mild")) == ("fresh_strain",)
    assert codes("fresh_strain", measured={"slhr_reps": 10}) == ()
    (bar,) = bars(["fresh_strain"], situate(), ("strain_mild",))  # type: ignore[arg-type]
    assert bar.until == (at_least("slhr_reps", 10),)


def test_the_running_gate_is_that_of_every_family() -> None:
    enough = {"slhr_reps": 20, "pain_walk_nrs": 0}
    assert codes("no_hops_yet", measured={**enough, "slhr_reps": 19}) == ("no_hops_yet",)
    assert codes("no_hops_yet", measured=enough) == ()
    assert codes("no_hops_yet", ("strain_moderate",), measured=enough) == ("no_hops_yet",)
    assert codes("no_hops_yet", ("overload",), measured={"slhr_reps": 15}) == ()
    assert codes("no_hops_yet", ()) == ("no_hops_yet",)
    (bar,) = bars(["no_hops_yet"], situate(), ("overload", "strain_mild"))  # type: ignore[arg-type]
    assert bar.gates == ("easy_gate", "strain_gate")
    assert at_least("slhr_reps", 15) in bar.until


def test_a_gate_that_waits_for_a_clinician_is_no_matter_of_criteria() -> None:
    (bar,) = bars(["bone_gate_closed"], situate(), ())
    assert bar.until == ()
    (bar,) = bars(["bone_gate_closed"], situate(cleared_by="gp"), ())
    assert bar.until != ()
    assert codes("bone_gate_closed", cleared_by="gp", measured={"bone_tender": False}) == ()


def test_a_gate_that_nobody_defined_is_never_open() -> None:
    (bar,) = bars(["lost_gate"], situate(cleared_by="gp"), ())
    assert bar.until == ()
    assert gate_criteria("nowhere", situate(), ()) is None
    assert not gate_open("nowhere", situate(), ())


def test_gates_by_name() -> None:
    assert gate_ids("speed", situate(), ()) == ("speed_gate",)
    assert gate_ids("full", situate(), ()) == ("full_return_gate",)
    assert gate_ids("easy_gate", situate(), ()) == ("easy_gate",)
    assert gate_ids("run", situate(), ("strain_mild", "strain_moderate")) == ("strain_gate",)  # type: ignore[arg-type]
    assert not gate_open("bone_gate", situate(measured={"bone_tender": False}), ())
    assert gate_open("bone_gate", situate(measured={"bone_tender": False}, cleared_by="gp"), ())


def test_a_veto_names_its_codes() -> None:
    assert veto("raise_one", situate(), ("strain_mild",)) == Veto(item="raise_one", codes=("fresh_strain",))  # type: ignore[arg-type]
    assert veto("raise_one", situate(), ("overload",)) is None  # type: ignore[arg-type]
    assert veto("unheard_of", situate(), ()) == Veto(item="unheard_of", codes=(), unknown=True)  # type: ignore[arg-type]


def test_an_until_without_a_reason_still_needs_certainty() -> None:
    item = Contraindication(id="odd", until=(at_least("slhr_reps", 5),))
    world = with_plans(contraindications={"odd": item})
    assert codes("odd", kb=world) == ("odd",)
    assert codes("odd", kb=world, measured={"slhr_reps": 5}) == ()
    assert KB.plans.contraindications.get("odd") is None
