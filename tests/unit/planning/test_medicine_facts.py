"""Medicine-safety facts: what is said, implied and suspected."""

from __future__ import annotations

from dataclasses import replace

import pytest

from soleus.core.assessment import Disposition, RuleOutcome, RuleState, TriageResult, WellsScore
from soleus.core.case import Runner
from soleus.core.finding import Finding, FindingSet
from soleus.core.ids import ConditionId, FindingId, RuleId
from soleus.knowledge import load_knowledge
from soleus.planning.facts import age_bands, is_open, known_facts, lowest_threshold, open_rules, stated_facts
from soleus.triage import triage

KB = load_knowledge()
NO_RULES = TriageResult(
    disposition=Disposition.SELF_CARE, rules=(), unanswered=(), wells=WellsScore(points=0, counted=(), unknown=())
)


def answers(**given: bool | str | None) -> FindingSet:
    return FindingSet(Finding(id=FindingId(name), value=value) for name, value in given.items())


def facts_of(
    age: float | None = None, said: dict[str, bool] | None = None, **given: bool | str | None
) -> dict[str, bool | None]:
    return known_facts(answers(**given), NO_RULES, said or {}, age, KB)


def outcome(state: RuleState, contributes: Disposition | None = None, **other: tuple[str, ...]) -> RuleOutcome:
    because = tuple(FindingId(f) for f in other.get("because", ()))
    support = tuple(FindingId(f) for f in other.get("support", ()))
    return RuleOutcome(
        id=RuleId("R31_dvt_unexplained"), state=state, contributes=contributes, because=because, support=support
    )


def test_nothing_said_is_unknown() -> None:
    facts = facts_of()
    assert facts["asthma"] is None
    assert facts["pregnant"] is None
    assert set(facts) == set(KB.medicine_facts)


def test_what_is_said_counts() -> None:
    assert facts_of(said={"asthma": False})["asthma"] is False
    assert facts_of(said={"asthma": True})["asthma"] is True


def test_bad_news_wins_over_a_denial() -> None:
    assert facts_of(said={"drug_anticoagulant": False}, anticoagulant=True)["drug_anticoagulant"] is True
    assert facts_of(said={"drug_anticoagulant": True}, anticoagulant=False)["drug_anticoagulant"] is True


@pytest.mark.parametrize(
    ("fact", "given", "value"),
    [
        ("drug_warfarin", {"anticoagulant": True}, None),
        ("drug_warfarin", {"anticoagulant": False}, False),
        ("pregnant", {"pregnant_postpartum": True}, True),
        ("pregnant", {"sex_at_birth": "male"}, False),
        ("pregnant", {"sex_at_birth": "female"}, None),
        ("pregnant", {"sex_at_birth": "male", "pregnant_postpartum": True}, True),
        ("pad", {"diabetes_cvd": False}, False),
        ("pad", {"diabetes_cvd": True}, None),
        ("muscle_tear_hours_lt_48", {"onset_type": "sudden_pop", "time_since_onset": "1_3d"}, True),
        ("muscle_tear_hours_lt_48", {"onset_type": "sudden_pop", "time_since_onset": "2_6w"}, False),
        ("muscle_tear_hours_lt_48", {"onset_type": "sudden_pop"}, None),
        ("unexplained_one_sided_swelling", {"swelling_visible": False, "swelling_whole_leg": False}, False),
        ("unexplained_one_sided_swelling", {"swelling_visible": True}, None),
        ("rhabdo_suspected", {"dark_urine": True}, True),
    ],
)
def test_other_answers_imply_facts(fact: str, given: dict[str, bool | str], value: bool | None) -> None:
    assert facts_of(**given)[fact] is value


@pytest.mark.parametrize(
    ("age", "band", "expected"),
    [
        (None, None, (None, None, None)),
        (15.0, None, (True, False, False)),
        (17.0, None, (False, True, False)),
        (None, "u18", (True, True, False)),
        (40.0, None, (False, False, False)),
        (70.0, None, (False, False, True)),
        (40.0, "u18", (True, True, False)),
    ],
)
def test_age_facts_take_the_careful_side(
    age: float | None, band: str | None, expected: tuple[bool | None, bool | None, bool | None]
) -> None:
    facts = facts_of(age=age, age_band=band)
    assert (facts["age_lt_16"], facts["age_16_17"], facts["age_ge_65"]) == expected


def test_several_age_bands_all_count() -> None:
    marked = FindingSet([Finding(id=FindingId("age_band"), value=frozenset({"u18", "65plus"}))])
    assert age_bands(marked, None) == {"u18", "65plus"}
    assert age_bands(FindingSet(), None) == frozenset()


def test_an_open_clot_rule_makes_a_suspicion() -> None:
    evidence = answers(onset_type="rest_or_night", swelling_visible=True, calf_warm=True)
    facts = known_facts(evidence, triage(evidence, KB), {"suspected_dvt": False}, 40.0, KB)
    assert facts["suspected_dvt"] is True
    assert facts["red_flag_unresolved"] is True


def test_a_fact_the_knowledge_does_not_ask_is_left_out() -> None:
    facts = known_facts(
        answers(anticoagulant=True), NO_RULES, {"invented": True}, 40.0, replace(KB, medicine_facts=("asthma",))
    )
    assert facts == {"asthma": None}


def test_which_rules_stand_open() -> None:
    assert is_open(outcome(RuleState.FIRED, Disposition.SAME_DAY), KB)
    assert not is_open(outcome(RuleState.CLEAR), KB)
    assert is_open(outcome(RuleState.UNDETERMINED, Disposition.SAME_DAY), KB)
    assert not is_open(outcome(RuleState.UNDETERMINED, because=("calf_warm",)), KB)
    assert is_open(outcome(RuleState.UNDETERMINED, because=("calf_warm",), support=("rest_pain",)), KB)
    assert is_open(outcome(RuleState.UNDETERMINED, because=("not_in_vocabulary",), support=("rest_pain",)), KB)
    assert not is_open(
        outcome(RuleState.UNDETERMINED, Disposition.PHYSIO, because=("thompson_positive",), support=("pop_or_snap",)),
        KB,
    )


def test_open_rules_are_found_by_tag() -> None:
    result = replace(NO_RULES, rules=(outcome(RuleState.FIRED, Disposition.SAME_DAY),))
    assert [rule.id for rule in open_rules(result, frozenset({"dvt"}), KB)] == ["R31_dvt_unexplained"]
    assert open_rules(result, frozenset({"bone"}), KB) == ()


def test_lowest_threshold_of_a_cause() -> None:
    assert lowest_threshold(ConditionId("dvt"), KB) == min(f.threshold for f in KB.floors if "dvt" in f.conditions)
    assert lowest_threshold(ConditionId("calf_overload"), KB) is None


@pytest.mark.parametrize(
    ("weight_kg", "said", "light"),
    [(None, {}, None), (None, {"weight_kg_lt_50": True}, True), (49.9, {}, True), (50.0, {}, False), (70.0, {}, False),
     (70.0, {"weight_kg_lt_50": True}, True), (49.0, {"weight_kg_lt_50": False}, True)],
)  # fmt: skip
def test_a_weight_in_kg_answers_the_question_about_light_runners(
    weight_kg: float | None, said: dict[str, bool], light: bool | None
) -> None:
    told = stated_facts({**said, "asthma": False}, Runner(weight_kg=weight_kg))
    assert (told.get("weight_kg_lt_50"), told["asthma"]) == (light, False)
