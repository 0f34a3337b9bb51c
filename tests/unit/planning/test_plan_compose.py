"""The whole plan: what each status holds, in which order it is made, and that it stays the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from plan_world import FAMILIES, KB, STRAIN, TODAY, at_least, fired, phase, situate, with_plans

from soleus.core.assessment import Disposition
from soleus.core.expression import Always, Truth
from soleus.core.goals import DEFAULT_DAY_MINUTES, DayWish, Measured, RunningHistory
from soleus.core.plan import Plan, PlanStatus, StopRule
from soleus.knowledge.base import Adjunct
from soleus.planning.compose import PlanRequest, compose_plan, plan_id
from soleus.planning.select import message

BONE = {"fibular_stress_fracture": 0.9, "calf_overload": 0.1}
WALKS = {"limp": False, "pain_walk_nrs": 1}


def compose(posterior: Any = STRAIN, *, previous: Plan | None = None, **parts: Any) -> Plan:
    request = PlanRequest(
        situation=situate(posterior, **parts), case_id="case", input_hash="abc", made_on=TODAY, previous=previous
    )
    return compose_plan(request)


def adjunct(name: str, **parts: Any) -> Adjunct:
    base: dict[str, Any] = {
        "id": name,
        "category": "comfort",
        "order": 1,
        "loads_calf": False,
        "for_conditions": frozenset(),
        "only_if": Always(),
        "never_if": None,
        "never_with_tags": frozenset(),
        "never_with_conditions": {},
        "max_disposition": Disposition.CALL_AMBULANCE,
        "needs_facts": (),
        "medicine": None,
        "evidence": "",
        "sources": (),
    }
    return Adjunct(**{**base, **parts})


def test_a_draft_has_everything() -> None:
    plan = compose(measured=WALKS)
    assert (plan.status, plan.family, plan.also_safe_for) == (PlanStatus.DRAFT, "strain_mild", ())
    assert [part.id for part in plan.phases] == ["s0", "s1", "s2", "s3", "s4"]
    assert plan.current is not None
    assert plan.current.id == "s1"
    assert plan.current.walk is not None
    assert plan.current.walk.text == "phase.s1.walk"
    assert plan.running is not None
    assert not plan.running.open
    assert plan.running.gate == "strain_gate"
    assert plan.weeks
    assert (plan.made_on, plan.starts_on, plan.knowledge_version) == (TODAY, TODAY, "test")
    assert plan.pathway == "self_physio"
    assert plan.pain_max_nrs == 2


def test_the_same_request_gives_the_same_plan() -> None:
    assert compose(measured=WALKS) == compose(measured=WALKS)


def test_criteria_stand_beside_what_is_known_today() -> None:
    plan = compose(measured=WALKS)
    assert [state.truth for state in plan.phases[1].entry] == [Truth.TRUE, Truth.TRUE]
    assert [state.truth for state in plan.phases[2].entry] == [Truth.UNKNOWN]
    assert plan.phases[2].entry[0].known is None


def test_stop_signs_are_told_apart() -> None:
    plan = compose()
    assert plan.phases[0].step_back == (StopRule(id="pain_up", disposition=None),)
    assert plan.phases[0].stop == (StopRule(id="swelling", disposition=Disposition.SAME_DAY),)
    odd = replace(FAMILIES["strain_mild"], phases=(phase("x", stop_signs=("unheard_of",)),))  # type: ignore[index]
    lone = compose(kb=with_plans(families={**FAMILIES, "strain_mild": odd}))  # type: ignore[dict-item]
    assert lone.phases[0].stop == ()


def test_the_id_stays_and_the_revision_counts() -> None:
    first = compose()
    second = compose(previous=first)
    assert (first.revision, second.revision) == (1, 2)
    assert first.id == second.id == plan_id("case", "other answers")
    assert plan_id("", "a") != plan_id("", "b")


def test_it_starts_when_the_runner_wishes_but_never_before_today() -> None:
    assert compose(starts_on=TODAY + timedelta(days=3)).starts_on == TODAY + timedelta(days=3)
    assert compose(starts_on=TODAY - timedelta(days=3)).starts_on == TODAY


def test_withheld_holds_nothing_to_do() -> None:
    plan = compose(rules=fired("clot"))
    assert plan.status is PlanStatus.WITHHELD
    assert (plan.phases, plan.weeks, plan.running, plan.family, plan.forecasts) == ((), (), None, None, ())
    assert plan.assumed == ()
    assert plan.see


def test_locked_holds_the_first_phase_without_load() -> None:
    plan = compose(BONE, rules=fired("bone"))
    assert (plan.status, plan.running, plan.weeks) == (PlanStatus.LOCKED, None, ())
    (only,) = plan.phases
    assert (only.id, only.current, only.run) == ("b0", True, "none")
    assert [item.exercise for item in only.prescriptions] == ["pumps", "bridge"]
    assert only.cross == ("bike",)


def test_cleared_it_opens() -> None:
    plan = compose(BONE, rules=fired("bone"), cleared_by="gp", measured={"bone_tender": False, "walk_min": 40})
    assert plan.status is PlanStatus.DRAFT
    assert [part.id for part in plan.phases if part.current] == ["b2"]
    assert plan.running is not None
    assert plan.running.open
    assert plan.pain_max_nrs == 0


def test_care_goes_to_its_phases() -> None:
    kb = replace(KB, adjuncts=(adjunct("sleep"), adjunct("stop", only_if=None, plan_only=True)))
    plan = compose({"soleus_strain": 0.9, "calf_weakness": 0.6}, kb=kb, measured=WALKS)
    assert "sleep" in {item.advice.id for item in plan.care}
    assert plan.current is not None
    assert "sleep" in plan.current.care
    alone = compose({"paes": 1.0}, kb=kb)
    assert alone.status is PlanStatus.NO_SELF_PLAN
    assert "stop" in {item.advice.id for item in alone.care}


def test_the_strictest_of_competing_families() -> None:
    plan = compose(
        {"soleus_strain": 0.3, "calf_overload": 0.7},
        kb=with_plans(
            families={**FAMILIES, "overload": replace(FAMILIES["overload"], pain_limit_nrs=1.0)}  # type: ignore[dict-item, index]
        ),
    )
    assert (plan.family, plan.also_safe_for, plan.pain_max_nrs) == ("strain_mild", ("overload",), 1.0)
    assert all(item.pain_max_nrs <= 1 for part in plan.phases for item in part.prescriptions)
    assert "plan.why.item.limit" in {
        why.text for part in plan.phases for item in part.prescriptions for why in item.because
    }


def test_the_running_gate_joins_every_family() -> None:
    strict = replace(FAMILIES["overload"], gate="bone_gate")  # type: ignore[index]
    world = with_plans(families={**FAMILIES, "overload": strict})  # type: ignore[dict-item]
    fit = {"slhr_reps": 40, "pain_walk_nrs": 0}
    mixed = {"soleus_strain": 0.3, "calf_overload": 0.7}
    plan = compose(mixed, kb=world, measured=fit)
    assert plan.running is not None
    assert {state.criterion.measure for state in plan.running.gate_state} >= {"slhr_reps", "bone_tender"}
    assert not plan.running.open
    tender = compose(mixed, kb=world, measured={**fit, "bone_tender": False})
    assert tender.running is not None
    assert not tender.running.open, "the bone gate waits for a clinician"
    assert compose(measured=fit).running.open  # type: ignore[union-attr]


def test_what_to_measure_next() -> None:
    assert compose().to_measure == ("pain_walk_nrs", "limp")
    assert compose(days=1, measured=WALKS).to_measure == ()
    assert compose(measured=WALKS).to_measure == ("slhr_reps",)
    strong = {**WALKS, "slhr_reps": 12, "slhr_pain_nrs": 1}
    assert compose(measured=strong).to_measure == ()
    old = tuple(Measured(measure=name, value=value, on=TODAY - timedelta(days=20)) for name, value in strong.items())  # type: ignore[arg-type]
    assert "slhr_reps" in compose(days=50, measures=old).to_measure


def test_nothing_left_to_measure_in_the_last_phase() -> None:
    last = {**WALKS, "slhr_reps": 30, "slhr_pain_nrs": 1, "run_cont_min": 40}
    plan = compose(measured=last)
    assert plan.current is not None
    assert plan.current.id == "s4"
    assert plan.to_measure == ()


def test_who_takes_longer_than_most_is_told_whom_to_see() -> None:
    slow = message("plan.see.slow")
    assert slow in compose(days=11).see
    assert slow not in compose(days=10).see
    assert slow not in compose(days=11, measured=WALKS).see
    assert slow not in compose(days=None).see
    last = {**WALKS, "slhr_reps": 30, "slhr_pain_nrs": 1, "run_cont_min": 40}
    assert slow not in compose(days=400, measured=last).see


def test_what_was_taken_for_granted() -> None:
    told = {item.text for item in compose(days=None).assumed}
    assert told == {
        "plan.assumed.days",
        "plan.assumed.home_kit",
        "plan.assumed.history",
        "plan.assumed.onset",
        "plan.assumed.measures",
        "plan.assumed.kit",
        "plan.assumed.kit_covered",
    }
    full = compose(
        measured=WALKS,
        days=9,
        kit=frozenset({"gym"}),
        history=RunningHistory(weekly_km=20),
    )
    assert full.assumed == (message("plan.assumed.days", minutes=DEFAULT_DAY_MINUTES),)
    week = situate(days=9)
    given = replace(week, goals=replace(week.goals, days=(DayWish(weekday=0, minutes=30),)))
    plan = compose_plan(PlanRequest(situation=given, case_id="", input_hash="", made_on=TODAY))
    assert "plan.assumed.days" not in {item.text for item in plan.assumed}


def test_the_weeks_know_the_latest_onset_that_fits() -> None:
    assert compose(days=None, answers={"time_since_onset": "4_14d"}).weeks
    assert at_least("slhr_reps", 10) in KB.plans.contraindications["fresh_strain"].until
