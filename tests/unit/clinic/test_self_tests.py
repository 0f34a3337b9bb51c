"""A self-test is offered only where an open plan and every contraindication allow it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import soleus
from soleus.clinic.assess import assess
from soleus.clinic.plan import build_plan
from soleus.clinic.self_tests import self_test_barred
from soleus.core.goals import Goals, Measured
from soleus.core.ids import MeasureId
from soleus.core.message import Message

KB = soleus.load_knowledge()
TODAY = date(2026, 11, 23)
EXAMPLES = Path(__file__).parents[3] / "examples"
HEEL_RAISE = MeasureId("slhr_reps")


def barred(name: str, goals: Goals) -> tuple[Message, ...]:
    case = soleus.read_case(EXAMPLES / f"{name}.yaml", KB)
    assessment = assess(case, KB, TODAY)
    plan = build_plan(case, goals, KB, TODAY, assessment=assessment)
    return self_test_barred(HEEL_RAISE, case, goals, KB, TODAY, assessment=assessment, plan=plan)


@pytest.mark.parametrize("name", ["dvt_after_flight", "emergency_compartment", "fibular_stress_fracture"])
def test_no_heel_raise_before_a_danger_is_settled(name: str) -> None:
    reasons = barred(name, Goals())
    assert reasons
    assert all(not reason.text.startswith("contraindication.") for reason in reasons)


def test_a_limp_or_an_unknown_one_bars_the_test() -> None:
    limp = Goals(measures=(Measured(measure=MeasureId("limp"), value=True, on=TODAY),))
    reasons = [reason.text for reason in barred("overload_after_hills", limp)]
    assert "contraindication.limping" in reasons
    assert reasons == sorted(reasons, key=lambda text: text.endswith(".unknown"))


def test_a_runner_without_any_bar_may_do_it() -> None:
    well = Goals(
        measures=(
            Measured(measure=MeasureId("limp"), value=False, on=TODAY),
            Measured(measure=MeasureId("pain_walk_nrs"), value=0, on=TODAY),
            Measured(measure=MeasureId("pain_rest_nrs"), value=0, on=TODAY),
        )
    )
    assert barred("overload_after_hills", well) == ()
