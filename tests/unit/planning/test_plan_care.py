"""Care, shoes, stretching and technique in a plan: what is there, when, and what keeps it out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from care_runners import GRADUAL, KB, course, runner

from soleus.core.assessment import Disposition
from soleus.core.expression import Truth, evaluate
from soleus.core.goals import Goals
from soleus.core.plan import CareItem
from soleus.knowledge.plan_base import Contraindication
from soleus.planning.care import SAFETY, TECHNIQUE, Course, plan_care, wishes
from soleus.planning.relief import PRESSING_ITEMS, item_vetoes
from soleus.planning.situation import Situation
from soleus.planning.technique import technique_advice

ITEMS = {item.id: item for item in KB.adjuncts}
OVERLOAD = {"calf_overload": 0.8}


def chosen(situation: Situation, way: Course) -> tuple[dict[str, CareItem], dict[str, tuple[str, ...]]]:
    care, held = plan_care(situation, way)
    technique, also_held = technique_advice(situation, way)
    kept = {item.advice.id: item for item in (*care, *technique)}
    return kept, {item.id: item.because for item in (*held, *also_held)}


def fresh(**parts: object) -> tuple[Situation, Course]:
    situation = runner(**parts)  # type: ignore[arg-type]
    return situation, course("gastrocnemius_strain_g2", situation)


def why(item: CareItem) -> list[str]:
    return [message.text.removeprefix("care.because.") for message in item.because]


# --- what the issue asks for ------------------------------------------------------------------------------------


def test_a_fresh_tear_gets_rest_ice_elevation_and_painkillers_but_no_heat_rub_or_stretch() -> None:
    kept, held = chosen(*fresh())
    first = {
        "protect",
        "crutches",
        "elevation",
        "ice",
        "compression_early",
        "heel_lift",
        "paracetamol",
        "ibuprofen_gel",
    }
    assert first <= kept.keys()
    for name in first:
        assert kept[name].phases[0] == "gas_g2_p0", name
    assert {"clot_watch", "sleep", "rest_when", "see_physio", "pain_monitoring", "technique_keep"} <= kept.keys()
    assert kept["clot_watch"].phases == ()
    assert not kept.keys() & {"heat", "massage", "massage_late", "flex_before", "flex_after", "technique_forefoot"}
    for name, fact in (
        ("heat", "muscle_tear_hours_lt_72"),
        ("massage_late", "muscle_tear_hours_lt_72"),
        ("flex_after", "muscle_tear_days_lt_5"),
    ):
        assert held[name] == ("later:time_since_onset",)
        assert f"fact:{fact}" in item_vetoes(ITEMS[name], runner())
    assert held["ibuprofen"] == ("one_nsaid:ibuprofen_gel",)


def test_ordinary_overload_gets_heat_massage_socks_stretches_and_shoes() -> None:
    situation = runner(OVERLOAD, days=20, **GRADUAL)
    kept, _ = chosen(situation, course("calf_overload", situation))
    assert {"heat", "massage", "compression_sock", "hydration", "flex_before", "flex_after"} <= kept.keys()
    assert {"footwear_review", "shoe_drop", "surface_start", "taping_calf", "sleep"} <= kept.keys()
    assert why(kept["heat"]) == ["phase", "cause"]
    assert why(kept["taping_calf"]) == ["cause"]
    assert why(kept["sleep"]) == ["phase"]
    assert why(kept["rest_when"]) == []


@pytest.mark.parametrize(
    ("posterior", "family", "answers", "expected"),
    [
        (
            {"exercise_muscle_cramp": 0.8},
            "cramp",
            {**GRADUAL, "time_since_onset": "lt_24h"},
            {"cramp_relief", "hydration"},
        ),
        (
            {"doms": 0.8},
            "doms",
            {"onset_type": "after_run_1_3d", "walk_ability": "normal"},
            {"cold_water", "heat", "massage", "paracetamol"},
        ),
        ({"fibular_stress_fracture": 0.8}, "bsi_fibula", GRADUAL, {"walking_boot", "nutrition_energy"}),
        ({"tibialis_posterior_tendinopathy": 0.8}, "tib_post_fhl", GRADUAL, {"orthoses", "footwear_review"}),
        ({"mtss": 0.8}, "mtss", {**GRADUAL, "low_energy_menstrual": True}, {"nutrition_energy", "energy_check"}),
        ({"cecs_anterolateral": 0.8}, "cecs", {**GRADUAL, "pain_location": "front_outer_shin"}, {"technique_forefoot"}),
        ({"dvt": 0.8}, "dvt_return", {**GRADUAL, "anticoagulant": True}, {"no_nsaid", "no_massage_heat"}),
        ({"dvt": 0.8}, "dvt_return", {**GRADUAL, "anticoagulant": True}, {"compression_if_prescribed"}),
    ],
)  # fmt: skip
def test_each_family_gets_its_own_care(
    posterior: dict[str, float], family: str, answers: dict[str, object], expected: set[str]
) -> None:
    situation = runner(posterior, **answers)  # type: ignore[arg-type]
    kept, _ = chosen(situation, course(family, situation))
    assert expected <= kept.keys()


def test_every_item_of_the_evidence_is_there() -> None:
    evidence = {
        "protect", "ice", "cold_water", "heat", "elevation", "compression_early", "compression_sock",
        "compression_if_prescribed", "heel_lift", "taping_calf", "massage", "massage_late", "footwear_review",
        "shoe_min_transition", "shoe_carbon", "orthoses", "hydration", "cramp_relief", "sleep", "nutrition_energy",
        "crutches", "walking_boot", "pain_monitoring", "no_nsaid", "no_massage_heat", "ibuprofen_gel",
        "diclofenac_gel", "paracetamol", "ibuprofen",
    }  # fmt: skip
    assert evidence <= ITEMS.keys()


# --- technique and shoes ----------------------------------------------------------------------------------------


def test_carbon_shoes_are_for_those_who_wish_them_and_pass_the_gates() -> None:
    situation = runner(OVERLOAD, days=20, goals=Goals(wants=frozenset({"carbon_shoes"})), **GRADUAL)
    kept, held = chosen(situation, course("calf_overload", situation))
    assert "shoe_carbon" not in kept
    assert "contraindication:run_gate_not_passed" in held["shoe_carbon"]
    plain = runner(OVERLOAD, days=20, **GRADUAL)
    kept, held = chosen(plain, course("calf_overload", plain))
    assert not {"shoe_carbon", "shoe_min_transition"} & {*kept, *held}


def test_a_factor_that_asks_for_minimal_shoes_does_not_put_them_on_a_runner_who_does_not_want_them() -> None:
    situation = runner(OVERLOAD, days=20, **GRADUAL)
    kept, held = chosen(situation, course("calf_overload", situation, also=("shoe_min_transition", "heel_lift")))
    assert "shoe_min_transition" not in {*kept, *held}
    assert why(kept["heel_lift"]) == ["factor"]


@pytest.mark.parametrize(("arch", "item"), [("flat", "arch_flat"), ("high", "arch_high"), ("usual", None)])
def test_the_arch_brings_its_own_advice(arch: str, item: str | None) -> None:
    situation, way = fresh(goals=Goals(arch=arch))
    kept, _ = chosen(situation, way)
    assert kept.keys() & {"arch_flat", "arch_high"} == ({item} if item else set())
    assert wishes(situation) == (frozenset({item}) if item else frozenset())
    if item:
        assert why(kept[item]) == ["wish"]


def test_gait_is_changed_on_film_and_after_the_gate_only() -> None:
    film = {**GRADUAL, "video_forefoot_strike": True, "video_low_cadence_overstride": True}
    situation = runner(OVERLOAD, days=20, **film)
    kept, held = chosen(situation, course("calf_overload", situation))
    assert not kept.keys() & {"technique_flatter", "technique_cadence"}
    assert "contraindication:run_gate_not_passed" in held["technique_flatter"]
    unfilmed = runner(OVERLOAD, days=20, **GRADUAL)
    _, held = chosen(unfilmed, course("calf_overload", unfilmed))
    assert not held.keys() & {"technique_flatter", "technique_cadence"}


@pytest.mark.parametrize(
    "trouble", ["gastrocnemius_strain", "soleus_strain", "calf_overload", "achilles_tendinopathy_mid", "cecs_posterior"]
)
def test_landing_forward_is_never_for_the_back_of_the_leg(trouble: str) -> None:
    situation = runner({"cecs_anterolateral": 0.6, trouble: 0.3}, days=90, **GRADUAL)
    kept, held = chosen(situation, course("cecs", situation))
    assert "technique_forefoot" not in kept
    assert f"condition:{trouble}" in held["technique_forefoot"]


def test_technique_goes_with_running_only() -> None:
    kept, _ = chosen(*fresh())
    running = {phase.id for phase in course("gastrocnemius_strain_g2", runner()).phases if phase.run != "none"}
    assert set(kept["surface_start"].phases) <= running
    situation = runner({"soleus_strain": 0.8})
    way = course("soleus_strain_g1", situation)
    locked = replace(way, phases=way.phases[:1])
    kept, held = chosen(situation, locked)
    assert "surface_start" not in {*kept, *held}


# --- phases -----------------------------------------------------------------------------------------------------


def test_what_a_phase_names_belongs_to_it_and_to_no_phase_passed() -> None:
    situation = runner(days=30, time_since_onset="2_6w", walk_ability="normal")
    kept, held = chosen(situation, course("gastrocnemius_strain_g2", situation, current="gas_g2_p2"))
    assert kept["massage_late"].phases == ("gas_g2_p2",)
    assert "heel_lift" not in {*kept, *held}
    assert "paracetamol" not in kept
    assert "ice" not in {*kept, *held}


def test_a_painkiller_is_not_for_running_on() -> None:
    situation = runner(OVERLOAD, days=20, **GRADUAL)
    way = course("calf_overload", situation)
    kept, held = chosen(situation, way)
    assert way.phases[0].run != "none"
    assert "paracetamol" not in kept
    assert held["paracetamol"] == ("phase:ovl_p0",)


def test_waiting_can_make_an_item_right_or_never() -> None:
    situation, way = fresh(onset_type="gradual_one_run", time_since_onset="1_3d")
    _, held = chosen(situation, way)
    assert held["heat"] == ("later:time_since_onset",)
    old = runner(days=30, time_since_onset="2_6w", walk_ability="normal")
    kept, held = chosen(old, course("gastrocnemius_strain_g2", old, current="gas_g2_p0"))
    assert not {"ice", "elevation", "crutches"} & {*kept, *held}
    unsure = runner(days=None, onset_type="gradual_one_run", time_since_onset=frozenset({"1_3d", "lt_24h"}))
    kept, held = chosen(unsure, course("gastrocnemius_strain_g2", unsure))
    assert "heat" not in {*kept, *held}


def test_what_was_tried_in_vain_is_left_out_but_not_what_the_plan_rests_on() -> None:
    situation, way = fresh(goals=Goals(tried=frozenset({"ice", "protect", "clot_watch", "heat"})))
    kept, held = chosen(situation, way)
    assert held["ice"] == ("tried:ice",)
    assert {"protect", "clot_watch"} <= kept.keys()
    assert "tried:heat" not in held["heat"]


def test_a_danger_is_told_of_what_people_do_unasked_and_of_nothing_else() -> None:
    situation = runner({"doms": 0.5, "dvt": 0.1}, onset_type="after_run_1_3d")
    _, held = chosen(situation, course("doms", situation))
    told = {name for name, reasons in held.items() if "condition:dvt" in reasons}
    assert told >= PRESSING_ITEMS
    assert {"ibuprofen", "ibuprofen_gel", "diclofenac_gel"} <= told
    assert "taping_calf" not in held
    assert "heel_lift" not in held


def test_codes_are_asked_phase_by_phase() -> None:
    situation = runner(OVERLOAD, days=20, goals=Goals(wants=frozenset({"minimal_shoes"})), **GRADUAL)
    way = course("calf_overload", situation)
    codes = ITEMS["shoe_min_transition"].contraindications
    free = {name: code for name, code in KB.plans.contraindications.items() if name not in codes}
    lifted = {code: Contraindication(id=code, facts=("suspected_dvt",)) for code in codes}
    kb = replace(KB, plans=replace(KB.plans, contraindications={**free, **lifted}))
    open_now = replace(situation, kb=kb)
    danger = replace(open_now, facts={**open_now.facts, "suspected_dvt": True})
    kept, _ = chosen(open_now, replace(way, then={}))
    assert kept["shoe_min_transition"].phases == ()
    assert why(kept["shoe_min_transition"]) == ["wish"]
    later = {way.phases[1].id: danger}
    kept, _ = chosen(open_now, replace(way, then=later))
    assert kept["shoe_min_transition"].phases == (way.phases[0].id, way.phases[2].id)
    kept, held = chosen(danger, replace(way, then={}))
    assert "shoe_min_transition" not in kept
    assert set(held["shoe_min_transition"]) == {f"contraindication:{code}" for code in codes}


def test_an_undefined_code_is_unknown_and_forbids() -> None:
    situation, way = fresh()
    broken = replace(ITEMS["sleep"], contraindications=("no_such_code",))
    others = tuple(item for item in KB.adjuncts if item.id != "sleep")
    kb = replace(KB, adjuncts=(*others, broken))
    kept, held = chosen(replace(situation, kb=kb), way)
    assert "sleep" not in kept
    assert held["sleep"] == ("unknown_contraindication:no_such_code",)


@pytest.mark.parametrize("item", [item for item in KB.adjuncts if item.contraindications], ids=lambda item: item.id)
def test_every_code_is_defined(item: object) -> None:
    assert set(item.contraindications) <= set(KB.plans.contraindications)  # type: ignore[attr-defined]


# --- without a plan ---------------------------------------------------------------------------------------------


def test_without_a_plan_there_is_first_advice_what_is_named_and_the_rules() -> None:
    situation = runner(OVERLOAD, days=20, **GRADUAL)
    kept, held = chosen(situation, Course(also=("hydration",)))
    assert {"stop_running", "keep_moving", "keep_footwear", "hydration"} <= kept.keys()
    assert why(kept["hydration"]) == ["meanwhile"]
    assert not {item for item in (*kept, *held) if ITEMS[item].plan_only and ITEMS[item].category != SAFETY}
    assert all(item.phases == () for item in kept.values())


def test_a_likely_clot_brings_the_rule_against_rubbing_and_heat() -> None:
    situation = runner({"dvt": 0.6})
    kept, held = chosen(situation, Course())
    assert "no_massage_heat" in kept
    assert not kept.keys() & PRESSING_ITEMS
    assert "condition:dvt" in held["massage"]


@pytest.mark.parametrize("disposition", [Disposition.EMERGENCY_NOW, Disposition.CALL_AMBULANCE])
def test_an_emergency_leaves_only_stopping_and_the_rules(disposition: Disposition) -> None:
    situation, way = fresh()
    kept, _ = chosen(replace(situation, disposition=disposition), way)
    assert {name for name in kept if ITEMS[name].category != SAFETY} == set()
    kept, _ = chosen(replace(situation, disposition=disposition), Course())
    assert {name for name in kept if ITEMS[name].category != SAFETY} == {"stop_running"}


def test_an_unlikely_cause_is_not_given_as_the_reason() -> None:
    situation = runner({"plantaris_rupture": 0.9})
    kept, _ = chosen(situation, course("plantaris_contusion", situation))
    assert kept["heel_lift"].advice.because == ()
    assert why(kept["heel_lift"]) == ["phase"]


# --- the rules of the evidence ----------------------------------------------------------------------------------

SAFETY_RULES = {
    "S-HEAT-01": ({"heat", "massage", "massage_late"}, {"suspected_dvt", "muscle_tear_hours_lt_72", "haematoma"}),
    "S-COMP-01": (
        {"compression_early", "compression_sock"},
        {"pad", "pad_suspected", "rest_pain_foot", "diabetes_with_foot_numbness", "acute_compartment_signs"},
    ),
    "S-COMP-02": ({"compression_early", "compression_sock"}, {"suspected_dvt", "unexplained_one_sided_swelling"}),
    "S-ICE-01": ({"ice", "cold_water"}, {"raynaud", "cold_urticaria", "reduced_sensation", "pad"}),
    "S-MASS-01": ({"massage", "massage_late"}, {"drug_anticoagulant", "bleeding_disorder"}),
    "S-STRETCH-01": ({"flex_after"}, {"muscle_tear_days_lt_5", "suspected_achilles_rupture"}),
}
"""The other safety rules of the evidence: (items, facts that forbid them)."""


@pytest.mark.parametrize("rule", sorted(SAFETY_RULES))
@pytest.mark.parametrize("value", [True, None])
def test_the_other_safety_rules_hold_when_true_and_when_unknown(rule: str, value: bool | None) -> None:
    items, facts = SAFETY_RULES[rule]
    for fact in facts:
        situation = runner(facts={fact: value}, days=30, **GRADUAL)
        for name in items:
            assert any(reason.endswith(f"fact:{fact}") for reason in item_vetoes(ITEMS[name], situation)), (name, fact)


def test_the_clot_prompt_stays_for_two_weeks_after_a_tear() -> None:
    """Rule S-CALF-01."""
    rule = ITEMS["clot_watch"].only_if
    assert rule is not None
    for band in ("lt_24h", "1_3d", "4_14d"):
        assert evaluate(rule, lambda _, said=band: said) is Truth.TRUE
    assert evaluate(rule, lambda _: "2_6w") is Truth.FALSE
    assert ITEMS["clot_watch"].max_disposition is Disposition.CALL_AMBULANCE


def test_no_item_belongs_to_first_advice_and_plans_alone() -> None:
    assert not [item.id for item in KB.adjuncts if item.plan_only and item.first_only]
    named = {item for family in KB.plans.families.values() for phase in family.phases for item in phase.care}
    assert not [name for name in named if ITEMS[name].first_only]
    assert {item.category for item in KB.adjuncts} >= TECHNIQUE


@pytest.mark.parametrize("item", [item for item in KB.adjuncts if item.plan_only], ids=lambda item: item.id)
def test_plan_items_are_worded(item: object) -> None:
    for part in ("title", "how", "why", "caution"):
        assert KB.text[f"advice.{item.id}.{part}"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("reason", ["phase", "cause", "wish", "answer", "factor", "meanwhile"])
def test_every_reason_is_worded(reason: str) -> None:
    assert KB.text[f"care.because.{reason}"]
