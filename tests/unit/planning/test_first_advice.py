"""First advice: what is offered, and that every veto holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from soleus.core.assessment import Disposition, RuleOutcome, RuleState, TriageResult, WellsScore, Withheld
from soleus.core.finding import Finding, FindingSet
from soleus.core.ids import ConditionId, FindingId, RuleId
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import Kind
from soleus.planning.relief import PRESSING_ITEMS, first_advice, open_questions, urgent_medicine_rules
from soleus.triage import triage

KB = load_knowledge()
NO_TO_ALL = {f: False for f, d in KB.findings.items() if d.kind is Kind.BOOLEAN and "runner" in d.asked_of}
NO_FACTS: dict[str, bool] = dict.fromkeys(KB.medicine_facts, False)
STRAIN = {"gastrocnemius_strain": 0.7}
FRESH = {
    "onset_type": "sudden_sharp",
    "time_since_onset": "1_3d",
    "walk_ability": "limp",
    "age_band": "35_49",
    "sex_at_birth": "male",
    "pain_location": "upper_inner_calf",
    "improving_trend": "better",
    "pain_score_now": 4,
    "leg_colour_change": "none",
}
GELS = {"ibuprofen_gel", "diclofenac_gel", "ibuprofen"}


def advise(
    posterior: Mapping[str, float] | None = STRAIN,
    facts: Mapping[str, bool] = NO_FACTS,
    age: float | None = 40.0,
    disposition: Disposition | None = None,
    result: TriageResult | None = None,
    **given: object,
) -> tuple[set[str], dict[str, tuple[str, ...]]]:
    evidence = FindingSet(Finding(id=FindingId(f), value=v) for f, v in {**NO_TO_ALL, **FRESH, **given}.items())  # type: ignore[arg-type]
    causes = None if posterior is None else {ConditionId(c): p for c, p in posterior.items()}
    result = result or triage(evidence, KB)
    advice, withheld = first_advice(evidence, result, causes, facts, age, KB, disposition=disposition)
    return {item.id for item in advice}, {item.id: item.because for item in withheld}


def test_a_plain_fresh_strain_gets_the_whole_list() -> None:
    offered, withheld = advise()
    assert {
        "stop_running",
        "protect",
        "keep_moving",
        "elevation",
        "ice",
        "heel_lift",
        "sleep",
        "paracetamol",
    } <= offered
    assert "ibuprofen_gel" in offered
    assert "heat" not in offered
    assert "massage" not in offered
    assert withheld["diclofenac_gel"] == ("one_nsaid:ibuprofen_gel",)
    assert withheld["ibuprofen"] == ("one_nsaid:ibuprofen_gel",)


def test_unknown_facts_withhold_and_say_what_to_ask() -> None:
    offered, withheld = advise(facts={})
    assert not offered & (GELS | {"paracetamol", "ice", "crutches"})
    assert "unknown_fact:raynaud" in withheld["ice"]
    _, facts = open_questions(Withheld(id=k, because=v) for k, v in withheld.items())  # type: ignore[arg-type]
    assert "raynaud" in facts
    assert len(facts) == len(set(facts))


def test_unanswered_contraindications_withhold_and_name_the_question() -> None:
    _, withheld = advise(walk_ability=None)
    assert "unanswered:walk_ability" in withheld["keep_moving"]
    findings, _ = open_questions([Withheld(id="x", because=("unanswered:walk_ability", "rule:R01"))])  # type: ignore[arg-type]
    assert findings == ("walk_ability",)


def test_a_true_contraindication_names_the_answer() -> None:
    _, withheld = advise(walk_ability="few_steps")
    assert "finding:walk_ability" in withheld["keep_moving"]


@pytest.mark.parametrize("age", [None, 12.0, 17.9])
def test_no_dose_for_minors_or_unknown_age(age: float | None) -> None:
    band = None if age is None else "u18"
    offered, withheld = advise(age=age, age_band=band)
    assert not offered & (GELS | {"paracetamol"})
    assert any(reason.startswith("age:") for reason in withheld["paracetamol"])


@pytest.mark.parametrize("said", [True, None])
def test_no_dose_in_possible_pregnancy(said: bool | None) -> None:
    facts = {f: v for f, v in NO_FACTS.items() if f != "pregnant"} | ({} if said is None else {"pregnant": said})
    offered, withheld = advise(facts=facts, sex_at_birth="female", pregnant_postpartum=said)
    assert not offered & (GELS | {"paracetamol"})
    assert any(reason.endswith(":pregnant") for reason in withheld["paracetamol"])


@pytest.mark.parametrize("rule", [r for r in KB.medicine_rules if r.action != "warn"], ids=lambda r: r.id)
def test_every_medicine_rule_withholds_its_medicines(rule: object) -> None:
    for fact in rule.any_of:  # type: ignore[attr-defined]
        offered, _ = advise(facts=NO_FACTS | {fact: True})
        taken = {a.id for a in KB.adjuncts if a.medicine in rule.medicines}  # type: ignore[attr-defined]
        assert not offered & taken, fact


def test_a_warning_does_not_withhold_but_warns() -> None:
    gels_off = NO_FACTS | {"skin_broken_infected_eczema_at_site": True}
    evidence = FindingSet(Finding(id=FindingId(f), value=v) for f, v in {**NO_TO_ALL, **FRESH}.items())  # type: ignore[arg-type]
    advice, _ = first_advice(
        evidence, triage(evidence, KB), {ConditionId("gastrocnemius_strain"): 0.7}, gels_off, 40.0, KB
    )
    ibuprofen = next(item for item in advice if item.id == "ibuprofen")
    assert "medicine_rule.R-NSAID-15" in ibuprofen.cautions
    assert ibuprofen.because == ("condition:gastrocnemius_strain",)
    assert ibuprofen.sources


@pytest.mark.parametrize("disposition", [Disposition.EMERGENCY_NOW, Disposition.CALL_AMBULANCE])
def test_an_emergency_leaves_only_stop_running(disposition: Disposition) -> None:
    offered, withheld = advise(disposition=disposition)
    assert offered == {"stop_running"}
    assert f"disposition:{disposition.slug}" in withheld["paracetamol"]


def test_same_day_leaves_only_safe_items() -> None:
    offered, _ = advise(disposition=Disposition.SAME_DAY)
    assert offered <= {"stop_running", "protect", "crutches", "elevation", "sleep"}


def test_a_careless_data_file_cannot_give_painkillers_in_an_emergency() -> None:
    careless = [
        replace(a, max_disposition=Disposition.CALL_AMBULANCE, never_with_tags=frozenset()) for a in KB.adjuncts
    ]
    kb = replace(KB, adjuncts=tuple(careless))
    evidence = FindingSet(
        Finding(id=FindingId(f), value=v) for f, v in {**NO_TO_ALL, **FRESH, "foot_drop_rest": True}.items()
    )  # type: ignore[arg-type]
    advice, _ = first_advice(
        evidence, triage(evidence, kb), {ConditionId("gastrocnemius_strain"): 0.7}, NO_FACTS, 40.0, kb
    )
    allowed = {item.id for item in advice}
    assert not allowed & (GELS | {"paracetamol", "keep_moving", "cramp_relief"})


@pytest.mark.parametrize("item", sorted(PRESSING_ITEMS))
def test_nothing_presses_on_a_possible_clot(item: str) -> None:
    offered, withheld = advise(
        onset_type="rest_or_night", swelling_visible=True, calf_warm=True, posterior={"doms": 0.9}
    )
    assert item not in offered
    assert any(reason.startswith(("rule:", "suspect:")) for reason in withheld[item])


def test_a_likely_clot_vetoes_without_any_rule() -> None:
    offered, withheld = advise(posterior={"gastrocnemius_strain": 0.9, "dvt": 0.03})
    assert not offered & (set(PRESSING_ITEMS) | GELS | {"paracetamol", "keep_moving"})
    assert "condition:dvt" in withheld["keep_moving"]
    assert "condition:dvt" in withheld["massage"]


def test_failed_parts_withhold_what_depends_on_them() -> None:
    offered, withheld = advise(posterior=None)
    assert "problem:differential" in withheld["paracetamol"]
    assert "stop_running" in offered
    failed = TriageResult(
        disposition=Disposition.SAME_DAY, rules=(), unanswered=(), failed=True,
        wells=WellsScore(points=0, counted=(), unknown=()),
    )  # fmt: skip
    offered, withheld = advise(result=failed)
    assert "problem:triage" in withheld["massage"]
    assert "problem:triage" in withheld["keep_moving"]


def test_a_suspected_rule_is_told_apart_from_a_fired_one() -> None:
    suspected = RuleOutcome(
        id=RuleId("R31_dvt_unexplained"), state=RuleState.UNDETERMINED, contributes=Disposition.GP_ROUTINE, because=()
    )
    result = TriageResult(
        disposition=Disposition.GP_ROUTINE, rules=(suspected,), unanswered=(),
        wells=WellsScore(points=0, counted=(), unknown=()),
    )  # fmt: skip
    offered, withheld = advise(result=result)
    assert "suspect:R31_dvt_unexplained" in withheld["keep_moving"]
    assert "keep_moving" not in offered


def test_a_medicine_missing_from_the_knowledge_is_withheld() -> None:
    kb = replace(KB, medicines={})
    evidence = FindingSet(Finding(id=FindingId(f), value=v) for f, v in {**NO_TO_ALL, **FRESH}.items())  # type: ignore[arg-type]
    _, withheld = first_advice(
        evidence, triage(evidence, kb), {ConditionId("gastrocnemius_strain"): 0.7}, NO_FACTS, 40.0, kb
    )
    assert "problem:paracetamol_500" in next(w.because for w in withheld if w.id == "paracetamol")


def test_irrelevant_items_are_neither_offered_nor_listed() -> None:
    offered, withheld = advise(posterior={"mtss": 0.9})
    assert "massage" not in offered
    assert "massage" not in withheld


def test_urgent_medicine_rules() -> None:
    evidence = FindingSet()
    result = triage(evidence, KB)
    assert urgent_medicine_rules(evidence, result, {"staggered_overdose": True}, 40.0, KB) == ("R-PARA-06",)
    assert urgent_medicine_rules(evidence, result, {}, 40.0, KB) == ()


def test_all_37_medicine_rules_are_there() -> None:
    assert len(KB.medicine_rules) == 37
    assert {fact for rule in KB.medicine_rules for fact in rule.any_of} <= set(KB.medicine_facts)


@pytest.mark.parametrize("adjunct", KB.adjuncts, ids=lambda a: a.id)
def test_every_item_has_wording(adjunct: object) -> None:
    for part in ("title", "how", "why", "caution"):
        assert KB.text[f"advice.{adjunct.id}.{part}"]  # type: ignore[attr-defined]
    assert adjunct.sources  # type: ignore[attr-defined]


def test_every_fact_and_rule_has_wording() -> None:
    assert all(f"medicine_fact.{fact}.question" in KB.text for fact in KB.medicine_facts)
    assert all(f"medicine_rule.{rule.id}" in KB.text for rule in KB.medicine_rules)


@pytest.mark.parametrize("adjunct", [a for a in KB.adjuncts if a.medicine], ids=lambda a: a.id)
def test_doses_in_words_are_those_of_the_label_data(adjunct: object) -> None:
    data = KB.medicines[adjunct.medicine]  # type: ignore[attr-defined]
    said = {float(n.replace(",", "")) for n in re.findall(r"\d[\d,]*(?:\.\d+)?", KB.text[f"advice.{adjunct.id}.how"])}  # type: ignore[attr-defined]
    keys = (
        "dose_mg",
        "dose_cm",
        "dose_g",
        "min_gap_h",
        "max_doses_24h",
        "max_mg_24h",
        "max_gel_g_24h",
        "times_per_day",
    )
    keys += ("max_days_self", "review_days")
    values = [data[key] for key in keys if key in data]
    known = {float(v) for value in values for v in (value if isinstance(value, list) else [value])} | {24.0}
    assert said <= known
    assert {float(data[key]) for key in ("max_days_self", "max_mg_24h", "max_gel_g_24h") if key in data} <= said  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "unanswered"), [({"sex_at_birth": "male"}, False), ({"sex_at_birth": "female"}, True)]
)
def test_a_question_that_does_not_apply_vetoes_nothing(given: Mapping[str, str], unanswered: bool) -> None:
    answers = {**NO_TO_ALL, **FRESH, **given}
    del answers["pregnant_postpartum"]
    evidence = FindingSet(Finding(id=FindingId(f), value=v) for f, v in answers.items())
    offered, withheld = first_advice(
        evidence,
        triage(evidence, KB),
        {ConditionId(c): p for c, p in STRAIN.items()},
        NO_FACTS,
        40.0,
        KB,
        disposition=Disposition.PHYSIO,
    )
    assert bool(GELS & {item.id for item in offered}) is not unanswered
    assert any("unanswered:pregnant_postpartum" in item.because for item in withheld) is unanswered
