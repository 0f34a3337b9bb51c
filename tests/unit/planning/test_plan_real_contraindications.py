"""The packaged contraindications: strict with what is unknown, and no dead end for a runner who does what is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_world import situate

from soleus.core.assessment import Disposition, RuleOutcome, RuleState
from soleus.knowledge import load_knowledge
from soleus.knowledge.plan_base import PlanFamily
from soleus.planning.contraindications import bars, vetoed_by
from soleus.planning.phases import steps
from soleus.planning.situation import Situation

KB = load_knowledge()
PLANS = KB.plans
STRAINS = ("gastrocnemius_strain_g1", "gastrocnemius_strain_g2", "soleus_strain_g1", "soleus_strain_g2")
ANSWERED = {
    "tingle_foot_rest": False,
    "foot_drop_rest": False,
    "bilateral_leg_neuro": False,
    "saddle_numbness": False,
    "bladder_bowel_change": False,
    "push_off_weak": False,
    "skin_break": False,
    "walk_ability": "normal",
    "pain_location": "mid_calf",
    "achilles_insertion_tender": False,
}
ALL_FACTS = dict.fromkeys(KB.medicine_facts, False)


def runner(family: PlanFamily, **parts: Any) -> Situation:
    """Red flags answered and calm, the family's causes likely, cleared where the family needs it."""
    share = 0.9 / len(family.conditions)
    return situate(
        {condition: share for condition, _ in family.conditions},
        **{
            "kb": KB,
            "answers": ANSWERED,
            "facts": ALL_FACTS,
            "days": 6,
            "cleared_by": "physiotherapist" if family.needs_clearance else "",
            "grades": {},
            **parts,
        },
    )


def outcome(rule: str, state: RuleState, says: Disposition) -> RuleOutcome:
    return RuleOutcome(
        id=rule,  # type: ignore[arg-type]
        state=state,
        contributes=says,
        because=("swelling_visible",),  # type: ignore[arg-type]
        support=("onset_type",),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("family", PLANS.families.values(), ids=list(PLANS.families))
def test_who_reaches_a_phase_can_do_what_is_in_it(family: PlanFamily) -> None:
    """Nothing but a measure still to be taken, or a gate, may stand against an exercise of the phase."""
    cleared = replace(family, needs_clearance=True)  # the gate of pressure pain at the shin asks a clinician, too
    for step in steps((family,), runner(cleared)):
        for item in step.phase.exercises:
            exercise = PLANS.exercises[item.exercise]
            standing = bars(exercise.contraindications, step.then, (family.id,))
            assert all(bar.until for bar in standing), (step.phase.id, item.exercise, standing)


@pytest.mark.parametrize("family", STRAINS)
def test_a_strain_starts_with_something_to_do(family: str) -> None:
    first, second, *_ = steps((PLANS.families[family],), runner(PLANS.families[family], days=2))  # type: ignore[index]
    for step, least in ((first, 2), (second, 6)):
        free = [
            item.exercise
            for item in step.phase.exercises
            if not vetoed_by(PLANS.exercises[item.exercise].contraindications, step.then, (PLANS.families[family].id,))  # type: ignore[index]
        ]
        assert len(free) >= least, (step.phase.id, free)


def test_nothing_is_free_for_a_runner_who_answered_nothing() -> None:
    for exercise in PLANS.exercises.values():
        if exercise.impact in ("moderate", "high") or exercise.kind == "plyometric":
            assert vetoed_by(exercise.contraindications, situate(None, kb=KB, days=None), ())


def test_without_causes_every_exercise_is_barred() -> None:
    """A differential that failed leaves the dangers open."""
    situation = situate(None, kb=KB, answers=ANSWERED, facts=ALL_FACTS)
    assert all(vetoed_by(exercise.contraindications, situation) for exercise in PLANS.exercises.values())


@pytest.mark.parametrize("state", [RuleState.FIRED, RuleState.UNDETERMINED])
def test_a_real_suspicion_of_a_clot_stops_everything(state: RuleState) -> None:
    rules = (outcome("R72_single_clot_sign", state, Disposition.GP_ROUTINE),)
    situation = runner(PLANS.families["soleus_strain_g1"], rules=rules)  # type: ignore[index]
    for exercise in PLANS.exercises.values():
        assert "suspected_dvt" in vetoed_by(exercise.contraindications, situation, ())


def test_an_open_question_about_a_clot_stops_only_pressing() -> None:
    rules = (outcome("R31_dvt_unexplained", RuleState.UNDETERMINED, Disposition.PHYSIO),)
    facts = {**ALL_FACTS, "suspected_dvt": True}
    situation = runner(PLANS.families["calf_overload"], rules=rules, facts=facts)  # type: ignore[index]
    assert vetoed_by(PLANS.exercises["foam_roll_calf"].contraindications, situation) == ("clot_question_open",)  # type: ignore[index]
    assert vetoed_by(PLANS.exercises["seated_heel_raise_bw"].contraindications, situation) == ()  # type: ignore[index]


@pytest.mark.parametrize("code", ["acute_compartment_signs", "cauda_equina_signs"])
def test_no_word_lifts_an_emergency(code: str) -> None:
    tag = next(iter(PLANS.contraindications[code].tags))
    rule = next(item for item in KB.rules if tag in item.tags and item.disposition >= Disposition.EMERGENCY_NOW)
    rules = (outcome(rule.id, RuleState.FIRED, rule.disposition),)
    situation = runner(PLANS.families["radicular"], rules=rules, cleared_by="doctor")  # type: ignore[index]
    assert vetoed_by([code], situation) == (code,)


def test_a_complete_tear_waits_for_a_clinician() -> None:
    family = PLANS.families["gastrocnemius_strain_g3"]  # type: ignore[index]
    loading = [e for e in PLANS.exercises.values() if e.kind in ("isometric", "strength", "eccentric", "plyometric")]
    alone = runner(family, cleared_by="", measured={"slhr_reps": 20, "slhr_pain_nrs": 0, "limp": False})
    free = {e.id for e in loading if not vetoed_by(e.contraindications, alone, (family.id,))}
    assert free <= {"band_inversion", "dorsiflexor_raise"}, "neither works the calf"


@pytest.mark.parametrize(
    ("days", "stretch", "rub"), [(0, False, False), (2, False, False), (3, False, True), (5, True, True)]
)
def test_a_fresh_tear_is_not_stretched_or_rubbed(days: int, stretch: bool, rub: bool) -> None:
    family = PLANS.families["gastrocnemius_strain_g1"]  # type: ignore[index]
    situation = runner(family, days=days)
    assert (vetoed_by(["strain_first_5_days"], situation, (family.id,)) == ()) is stretch
    assert (vetoed_by(["tear_first_72h"], situation, (family.id,)) == ()) is rub


def test_pain_near_the_heel_bone_keeps_the_heel_level_until_it_is_pressed() -> None:
    code = ["insertional_at_no_below_neutral"]
    family = PLANS.families["achilles_mid"]  # type: ignore[index]
    for pressed, barred in ((None, True), (True, True), (False, False)):
        answers = {**ANSWERED, "pain_location": "achilles_mid", "achilles_insertion_tender": pressed}
        known = {name: value for name, value in answers.items() if value is not None}
        assert bool(vetoed_by(code, runner(family, answers=known), (family.id,))) is barred
    assert vetoed_by(code, runner(family, answers={**ANSWERED, "pain_location": "heel_back"}), (family.id,))


def test_a_bone_that_may_be_stressed_bars_impact_whatever_the_plan() -> None:
    family = PLANS.families["mtss"]  # type: ignore[index]
    situation = replace(runner(family), posterior={"mtss": 0.8, "tibial_stress_fracture": 0.16})  # type: ignore[dict-item]
    for exercise in PLANS.exercises.values():
        if exercise.impact in ("moderate", "high"):
            assert "bsi_unhealed" in vetoed_by(exercise.contraindications, situation, (family.id,))


FACTS = sorted({fact for code in PLANS.contraindications.values() for fact in code.facts})
SIGNS = sorted(name for name, answer in ANSWERED.items() if answer is False)
WORSE: dict[bool | None, bool | None] = {False: None, None: True, True: True}


@given(
    facts=st.fixed_dictionaries({fact: st.sampled_from([False, None, True]) for fact in FACTS}),
    signs=st.fixed_dictionaries({sign: st.sampled_from([False, None, True]) for sign in SIGNS}),
    worse=st.sampled_from([*FACTS, *SIGNS]),
    family=st.sampled_from(sorted(PLANS.families)),
)
def test_worse_news_never_frees_an_exercise(
    facts: dict[str, bool | None], signs: dict[str, bool | None], worse: str, family: str
) -> None:
    """From no to unknown to yes: whatever was forbidden stays forbidden."""

    def vetoes(said: dict[str, bool | None], answered: dict[str, bool | None]) -> set[tuple[str, str]]:
        known = {**ANSWERED, **answered}
        answers = {name: answer for name, answer in known.items() if answer is not None}
        situation = runner(PLANS.families[family], facts=said, answers=answers)  # type: ignore[index]
        return {
            (item.id, code)
            for item in PLANS.exercises.values()
            for code in vetoed_by(item.contraindications, situation, (PLANS.families[family].id,))  # type: ignore[index]
        }

    def raised(known: dict[str, bool | None]) -> dict[str, bool | None]:
        return {name: WORSE[value] if name == worse else value for name, value in known.items()}

    assert vetoes(facts, signs) <= vetoes(raised(facts), raised(signs))
