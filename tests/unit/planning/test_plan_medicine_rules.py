"""The medicine rules one by one, as the evidence states them, and the doses of the labels."""

from __future__ import annotations

import pytest
from care_runners import KB, runner

from soleus.knowledge.base import MedicineRule
from soleus.planning.facts import known_facts
from soleus.planning.relief import item_vetoes, urgent_medicine_rules

BLOCK, ASK, WARN, URGENT = "block", "ask_pharmacist_or_GP", "warn", "urgent_111_or_999"
PARACETAMOL = ("paracetamol_500",)
IBUPROFEN = ("ibuprofen_200",)
TABLETS = (*PARACETAMOL, *IBUPROFEN)
GELS = ("ibuprofen_gel", "diclofenac_gel")
ALL = (*TABLETS, *GELS)
RULES = (
    ("R-GEN-01", BLOCK, ALL, "red_flag_unresolved"),
    ("R-GEN-02", BLOCK, ALL, "would_take_to_run"),
    ("R-GEN-03", ASK, ALL, "age_lt_16"),
    ("R-GEN-04", BLOCK, ALL, "duplicate_active_ingredient"),
    ("R-GEN-05", ASK, TABLETS, "analgesic_days_gt_3"),
    ("R-PARA-01", BLOCK, PARACETAMOL, "allergy_paracetamol"),
    ("R-PARA-02", ASK, PARACETAMOL, "liver_disease alcohol_units_week_gt_14 malnourished_or_fasting weight_kg_lt_50"),
    ("R-PARA-03", ASK, PARACETAMOL, "kidney_disease"),
    ("R-PARA-04", ASK, PARACETAMOL, "drug_warfarin"),
    (
        "R-PARA-05",
        ASK,
        PARACETAMOL,
        "drug_antiepileptic_inducer drug_tb drug_cholestyramine drug_metoclopramide "
        "drug_flucloxacillin drug_imatinib drug_lixisenatide",
    ),
    ("R-PARA-06", URGENT, PARACETAMOL, "paracetamol_mg_24h_gt_4000 staggered_overdose"),
    ("R-NSAID-01", BLOCK, IBUPROFEN, "nsaid_or_aspirin_reaction"),
    ("R-NSAID-02", ASK, IBUPROFEN, "asthma"),
    ("R-NSAID-03", BLOCK, IBUPROFEN, "gi_ulcer_bleed_perforation_ever"),
    ("R-NSAID-04", BLOCK, IBUPROFEN, "drug_anticoagulant bleeding_disorder"),
    ("R-NSAID-05", BLOCK, IBUPROFEN, "drug_antiplatelet"),
    (
        "R-NSAID-06",
        ASK,
        IBUPROFEN,
        "drug_ssri_snri drug_systemic_steroid drug_lithium drug_methotrexate drug_ciclosporin_tacrolimus "
        "drug_digoxin drug_quinolone",
    ),
    ("R-NSAID-07", ASK, IBUPROFEN, "drug_acei_arb drug_diuretic drug_other_antihypertensive"),
    ("R-NSAID-08", BLOCK, IBUPROFEN, "kidney_disease severe_heart_failure severe_liver_failure"),
    ("R-NSAID-09", BLOCK, IBUPROFEN, "heart_failure ischaemic_heart_disease stroke_ever hypertension_uncontrolled pad"),
    ("R-NSAID-10", BLOCK, IBUPROFEN, "pregnant trying_to_conceive breastfeeding"),
    ("R-NSAID-11", ASK, IBUPROFEN, "age_ge_65"),
    ("R-NSAID-12", BLOCK, IBUPROFEN, "dehydrated vomiting_or_diarrhoea heat_illness"),
    (
        "R-NSAID-13",
        BLOCK,
        IBUPROFEN,
        "endurance_event_within_24h_before endurance_event_now endurance_event_recovering",
    ),
    ("R-NSAID-14", BLOCK, IBUPROFEN, "bsi_suspected_or_confirmed"),
    ("R-NSAID-15", WARN, IBUPROFEN, "muscle_tear_hours_lt_48"),
    ("R-NSAID-16", BLOCK, IBUPROFEN, "rhabdo_suspected"),
    ("R-NSAID-17", ASK, IBUPROFEN, "ibd lupus chickenpox_or_shingles"),
    ("R-NSAID-18", URGENT, IBUPROFEN, "nsaid_alarm_symptom"),
    ("R-NSAID-19", BLOCK, IBUPROFEN, "ibuprofen_mg_24h_ge_1200 ibuprofen_gap_h_lt_6"),
    ("R-TOPNSAID-01", BLOCK, GELS, "nsaid_or_aspirin_reaction"),
    (
        "R-TOPNSAID-02",
        ASK,
        GELS,
        "asthma allergic_disease kidney_disease gi_ulcer_bleed_perforation_ever drug_anticoagulant",
    ),
    ("R-TOPNSAID-05", BLOCK, GELS, "pregnant breastfeeding"),
    ("R-TOPNSAID-03", BLOCK, GELS, "skin_broken_infected_eczema_at_site occlusion_or_heat_at_site"),
    ("R-TOPNSAID-04", ASK, GELS, "taking_oral_nsaid"),
    ("R-NSAID-20", BLOCK, IBUPROFEN, "asthma_nsaid_sensitive nasal_polyps_with_asthma"),
    ("R-NSAID-21", ASK, IBUPROFEN, "age_16_17"),
)
"""(rule, action, medicines, facts). Two departures from the evidence, both stricter or the same: R-NSAID-18 asks for
"999 or A&E" there, our one urgent action is worded "get help now"; breastfeeding is added to R-TOPNSAID-05, because the
leaflet of the 5% gel says not to use it then."""
BY_ID = {rule.id: rule for rule in KB.medicine_rules}
ITEMS = {item.medicine: item for item in KB.adjuncts if item.medicine}


def test_there_are_these_37_rules_and_no_others() -> None:
    assert len(RULES) == 37
    assert [rule.id for rule in KB.medicine_rules] == [name for name, *_ in RULES]


@pytest.mark.parametrize(
    ("name", "action", "medicines", "facts"), RULES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_each_rule_is_as_the_evidence_states_it(name: str, action: str, medicines: tuple[str, ...], facts: str) -> None:
    rule = BY_ID[name]
    assert rule.action == action
    assert rule.medicines == medicines
    assert rule.any_of == tuple(facts.split())
    assert rule.sources
    assert all(source in KB.sources for source in rule.sources)
    assert KB.text[f"medicine_rule.{name}"]


def test_only_two_rules_soften_a_fact_and_none_to_a_warning() -> None:
    softened = {rule.id: dict(rule.overrides) for rule in KB.medicine_rules if rule.overrides}
    assert softened == {
        "R-NSAID-10": {"trying_to_conceive": ASK, "breastfeeding": ASK},
        "R-TOPNSAID-05": {"breastfeeding": ASK},
    }


@pytest.mark.parametrize("rule", KB.medicine_rules, ids=lambda rule: rule.id)
@pytest.mark.parametrize("value", [True, None])
def test_each_fact_of_each_rule_keeps_its_medicines_out(rule: MedicineRule, value: bool | None) -> None:
    for fact in rule.any_of:
        situation = runner(facts={fact: value})
        for medicine in rule.medicines:
            reasons = item_vetoes(ITEMS[medicine], situation)
            if rule.action == WARN:
                assert f"unknown_fact:{fact}" not in reasons
                assert f"medicine_rule:{rule.id}" not in reasons
            elif value:
                assert {f"medicine_rule:{rule.id}", f"fact:{fact}"} & set(reasons), (fact, medicine)
            else:
                assert f"unknown_fact:{fact}" in reasons, (fact, medicine)


def test_an_overdose_and_a_bleed_call_for_help_now() -> None:
    urgent = [fact for name, action, _, facts in RULES if action == URGENT for fact in facts.split()]
    assert len(urgent) == 3
    for fact in urgent:
        calm = runner()
        found = urgent_medicine_rules(calm.evidence, calm.triage, {fact: True}, 40.0, KB)
        assert found == tuple(rule.id for rule in KB.medicine_rules if fact in rule.any_of)


def test_bad_news_from_any_side_is_believed() -> None:
    blood_thinner = runner(anticoagulant=True)
    facts = known_facts(blood_thinner.evidence, blood_thinner.triage, {"drug_anticoagulant": False}, 40.0, KB)
    assert facts["drug_anticoagulant"] is True


DOSES: dict[str, dict[str, object]] = {
    "paracetamol_500": {
        "dose_mg": [500, 1000],
        "min_gap_h": 4,
        "max_doses_24h": 4,
        "max_mg_24h": 4000,
        "max_days_self": 3,
    },
    "ibuprofen_200": {
        "dose_mg": [200, 400],
        "min_gap_h": 6,
        "max_doses_24h": 3,
        "max_mg_24h": 1200,
        "max_days_self": 3,
        "max_days_label": 10,
    },
    "ibuprofen_gel": {
        "dose_cm": [2, 5],
        "min_gap_h": 4,
        "max_gel_g_24h": 5,
        "times_per_day": [1, 4],
        "max_days_self": 14,
    },
    "diclofenac_gel": {
        "dose_g": [2, 4],
        "times_per_day": [3, 4],
        "max_gel_g_24h": 16,
        "max_days_self": 14,
        "review_days": 7,
    },
}


@pytest.mark.parametrize("medicine", sorted(DOSES))
def test_doses_are_those_of_the_labels_for_adults_and_still_to_be_checked_by_a_pharmacist(medicine: str) -> None:
    data = KB.medicines[medicine]
    assert {key: data[key] for key in DOSES[medicine]} == DOSES[medicine]
    assert data["age_min"] == 18
    assert data["label_checked"] is False


def test_what_is_never_offered_is_not_there() -> None:
    words = " ".join(KB.text[f"advice.{item.id}.{part}"].lower() for item in KB.adjuncts for part in ("title", "how"))
    for medicine in ("codeine", "co-codamol", "tramadol", "quinine", "diazepam"):
        assert medicine not in words
    assert set(KB.medicines) == set(DOSES)
