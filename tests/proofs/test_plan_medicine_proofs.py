"""No ibuprofen while any of its contraindications is true or unknown: proved with z3 over the real rule data.

A model is one complete set of medicine facts (each true, false or unknown) and of age bands. The formula "offered" is
made from the same rules that the code reads, by the code's own rule: any fact of a rule that does more than warn
vetoes unless it is known to be false. A differential test holds the formula to the code; the claims are checked
against a list of contraindications written down here, so a rule that loses a fact, a medicine or its action is caught.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random

import pytest

z3 = pytest.importorskip("z3")

from soleus.core.assessment import Disposition, TriageResult, WellsScore  # noqa: E402
from soleus.core.finding import Finding, FindingSet  # noqa: E402
from soleus.core.goals import Goals  # noqa: E402
from soleus.core.ids import ConditionId, FindingId  # noqa: E402
from soleus.knowledge import load_knowledge  # noqa: E402
from soleus.knowledge.base import Adjunct, Kind, KnowledgeBase  # noqa: E402
from soleus.planning.care import Course, plan_care  # noqa: E402
from soleus.planning.relief import item_vetoes  # noqa: E402
from soleus.planning.situation import Situation  # noqa: E402

KB = load_knowledge()


def ids(words: str) -> frozenset[str]:
    return frozenset(words.split())


CONTRAINDICATIONS = ids(
    """
    red_flag_unresolved would_take_to_run age_lt_16 duplicate_active_ingredient analgesic_days_gt_3
    nsaid_or_aspirin_reaction asthma gi_ulcer_bleed_perforation_ever drug_anticoagulant bleeding_disorder
    drug_antiplatelet drug_ssri_snri drug_systemic_steroid drug_lithium drug_methotrexate drug_ciclosporin_tacrolimus
    drug_digoxin drug_quinolone drug_acei_arb drug_diuretic drug_other_antihypertensive kidney_disease
    severe_heart_failure severe_liver_failure heart_failure ischaemic_heart_disease stroke_ever
    hypertension_uncontrolled pad pregnant trying_to_conceive breastfeeding age_ge_65 dehydrated vomiting_or_diarrhoea
    heat_illness endurance_event_within_24h_before endurance_event_now endurance_event_recovering
    bsi_suspected_or_confirmed rhabdo_suspected ibd lupus chickenpox_or_shingles nsaid_alarm_symptom
    ibuprofen_mg_24h_ge_1200 ibuprofen_gap_h_lt_6 asthma_nsaid_sensitive nasal_polyps_with_asthma age_16_17
    """
)
"""Of ibuprofen tablets, from the rules R-GEN and R-NSAID of the evidence; all but the warning R-NSAID-15."""
GEL_CONTRAINDICATIONS = ids(
    """
    red_flag_unresolved would_take_to_run age_lt_16 duplicate_active_ingredient nsaid_or_aspirin_reaction asthma
    allergic_disease kidney_disease gi_ulcer_bleed_perforation_ever drug_anticoagulant pregnant breastfeeding
    skin_broken_infected_eczema_at_site occlusion_or_heat_at_site taking_oral_nsaid
    """
)
PARACETAMOL_CONTRAINDICATIONS = ids(
    """
    red_flag_unresolved would_take_to_run age_lt_16 duplicate_active_ingredient analgesic_days_gt_3 allergy_paracetamol
    liver_disease alcohol_units_week_gt_14 malnourished_or_fasting weight_kg_lt_50 kidney_disease drug_warfarin
    drug_antiepileptic_inducer drug_tb drug_cholestyramine drug_metoclopramide drug_flucloxacillin drug_imatinib
    drug_lixisenatide paracetamol_mg_24h_gt_4000 staggered_overdose pregnant
    """
)
MEDICINES = {
    "ibuprofen_200": CONTRAINDICATIONS,
    "ibuprofen_gel": GEL_CONTRAINDICATIONS,
    "diclofenac_gel": GEL_CONTRAINDICATIONS,
    "paracetamol_500": PARACETAMOL_CONTRAINDICATIONS,
}
BANDS = ("u18", "18_34", "35_49", "50_64", "65plus")
NO_TO_ALL = {f: False for f, d in KB.findings.items() if d.kind is Kind.BOOLEAN}
CALM = TriageResult(
    disposition=Disposition.SELF_CARE, rules=(), unanswered=(), wells=WellsScore(points=0, counted=(), unknown=())
)


class Facts:
    """One complete set of facts: for each, `yes` and `open` (unknown), never both; neither = no."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self.yes = {fact: z3.Bool(fact) for fact in kb.medicine_facts}
        self.open = {fact: z3.Bool(f"{fact}?") for fact in kb.medicine_facts}
        self.bands = {band: z3.Bool(f"age {band}") for band in BANDS}
        self.axioms = [z3.Not(z3.And(self.yes[fact], self.open[fact])) for fact in kb.medicine_facts]

    def not_false(self, fact: str) -> z3.BoolRef:
        return z3.Or(self.yes[fact], self.open[fact])


def offered(kb: KnowledgeBase, medicine: str, facts: Facts) -> z3.BoolRef:
    """No rule speaks against the medicine: the code path of `relief._medicine_vetoes` as a formula."""
    against = [z3.Not(z3.Or(*facts.bands.values())), facts.bands["u18"], facts.not_false("pregnant")]
    if medicine not in kb.medicines:
        against.append(z3.BoolVal(True))
    for rule in kb.medicine_rules:
        if medicine in rule.medicines:
            against += [
                facts.not_false(fact) for fact in rule.any_of if rule.overrides.get(fact, rule.action) != "warn"
            ]
    return z3.Not(z3.Or(*against))


def loopholes(kb: KnowledgeBase, medicine: str, contraindications: frozenset[str]) -> dict[str, str]:
    """Contraindications under which the medicine can be offered, with how the fact stands in the counterexample."""
    facts = Facts(kb)
    found = {}
    for fact in sorted(contraindications):
        solver = z3.SolverFor("QF_FD")
        solver.add(*facts.axioms, offered(kb, medicine, facts), facts.not_false(fact))
        if solver.check() == z3.sat:
            found[fact] = "true" if z3.is_true(solver.model().eval(facts.yes[fact])) else "unknown"
    return found


def test_ibuprofen_is_never_offered_with_a_contraindication_true_or_unknown() -> None:
    assert loopholes(KB, "ibuprofen_200", CONTRAINDICATIONS) == {}


@pytest.mark.parametrize("medicine", sorted(MEDICINES))
def test_no_medicine_is_offered_with_a_contraindication_true_or_unknown(medicine: str) -> None:
    assert set(KB.medicines) == set(MEDICINES)
    assert loopholes(KB, medicine, MEDICINES[medicine]) == {}


@pytest.mark.parametrize("medicine", sorted(MEDICINES))
def test_the_list_is_what_the_rules_say_and_the_medicine_can_be_offered(medicine: str) -> None:
    of_rules = {
        fact
        for rule in KB.medicine_rules
        if medicine in rule.medicines
        for fact in rule.any_of
        if rule.overrides.get(fact, rule.action) != "warn"
    }
    assert of_rules | {"pregnant"} == MEDICINES[medicine]
    facts = Facts(KB)
    solver = z3.Solver()
    solver.add(*facts.axioms, offered(KB, medicine, facts))
    assert solver.check() == z3.sat


def broken_rule_sets() -> Iterator[tuple[str, KnowledgeBase, set[str]]]:
    """Ways to break the rules of ibuprofen, each with the contraindications that must be found open."""

    def changed(rule_id: str, **parts: object) -> KnowledgeBase:
        rules = tuple(replace(r, **parts) if r.id == rule_id else r for r in KB.medicine_rules)
        return replace(KB, medicine_rules=rules)

    bleeding = {"drug_anticoagulant", "bleeding_disorder"}
    without = replace(KB, medicine_rules=tuple(r for r in KB.medicine_rules if r.id != "R-NSAID-04"))
    yield "rule removed", without, bleeding
    yield "only a warning", changed("R-NSAID-05", action="warn"), {"drug_antiplatelet"}
    yield "fact lost", changed("R-NSAID-20", any_of=("nasal_polyps_with_asthma",)), {"asthma_nsaid_sensitive"}
    yield "medicine lost", changed("R-NSAID-03", medicines=("ibuprofen_gel",)), {"gi_ulcer_bleed_perforation_ever"}
    yield "overridden", changed("R-NSAID-10", overrides={"breastfeeding": "warn"}), {"breastfeeding"}


@pytest.mark.parametrize(
    ("name", "kb", "open_facts"), list(broken_rule_sets()), ids=lambda v: v if isinstance(v, str) else ""
)
def test_a_broken_rule_set_is_caught(name: str, kb: KnowledgeBase, open_facts: set[str]) -> None:
    assert set(loopholes(kb, "ibuprofen_200", CONTRAINDICATIONS)) == open_facts, name


# --- the formula is the code ------------------------------------------------------------------------------------


def situation(kb: KnowledgeBase, facts: Mapping[str, bool | None], ages: frozenset[str]) -> Situation:
    """A calm calf strain in which only facts and age can speak against a painkiller."""
    answers = {**NO_TO_ALL, "onset_type": "sudden_sharp", "time_since_onset": "4_14d", "walk_ability": "normal"}
    return Situation(
        evidence=FindingSet(Finding(id=FindingId(f), value=v) for f, v in answers.items()),
        triage=CALM,
        posterior={ConditionId("gastrocnemius_strain"): 0.9},
        facts=facts,
        ages=ages,
        disposition=Disposition.SELF_CARE,
        kb=kb,
        goals=Goals(),
    )


def holds(formula: z3.BoolRef, facts: Facts, known: Mapping[str, bool | None], ages: frozenset[str]) -> bool:
    values = [(facts.yes[f], z3.BoolVal(known[f] is True)) for f in facts.yes]
    values += [(facts.open[f], z3.BoolVal(known[f] is None)) for f in facts.open]
    values += [(facts.bands[b], z3.BoolVal(b in ages)) for b in BANDS]
    return z3.is_true(z3.simplify(z3.substitute(formula, *values)))


def models(kb: KnowledgeBase) -> Iterator[tuple[dict[str, bool | None], frozenset[str]]]:
    """Every fact alone true and alone unknown, every band, and a few hundred mixtures."""
    calm: dict[str, bool | None] = dict.fromkeys(kb.medicine_facts, False)
    adult = frozenset({"35_49"})
    for fact in kb.medicine_facts:
        yield calm | {fact: True}, adult
        yield calm | {fact: None}, adult
    for ages in (frozenset(), *(frozenset({band}) for band in BANDS), frozenset({"u18", "18_34"})):
        yield calm, ages
    random = Random(20261123)
    for _ in range(200):
        some = random.sample(list(kb.medicine_facts), random.randint(0, 4))
        yield calm | {fact: random.choice([True, None]) for fact in some}, frozenset({random.choice(BANDS)})


def painkiller(kb: KnowledgeBase, medicine: str) -> Adjunct:
    return next(a for a in kb.adjuncts if a.medicine == medicine)


@pytest.mark.parametrize("medicine", sorted(MEDICINES))
def test_the_formula_is_the_code(medicine: str) -> None:
    facts = Facts(KB)
    formula = offered(KB, medicine, facts)
    item = painkiller(KB, medicine)
    seen = set()
    for known, ages in models(KB):
        said = not item_vetoes(item, situation(KB, known, ages))
        assert said is holds(formula, facts, known, ages), (known, ages)
        seen.add(said)
    assert seen == {True, False}


@pytest.mark.parametrize(
    ("name", "kb", "open_facts"), list(broken_rule_sets()), ids=lambda v: v if isinstance(v, str) else ""
)
def test_what_the_proof_finds_open_is_really_offered(name: str, kb: KnowledgeBase, open_facts: set[str]) -> None:
    """The counterexample of a broken rule set is no artefact: the planner does offer ibuprofen there."""
    calm: dict[str, bool | None] = dict.fromkeys(kb.medicine_facts, False)
    for fact in open_facts:
        for value in (True, None):
            assert not item_vetoes(
                painkiller(kb, "ibuprofen_200"), situation(kb, calm | {fact: value}, frozenset({"35_49"}))
            )
            assert item_vetoes(
                painkiller(KB, "ibuprofen_200"), situation(KB, calm | {fact: value}, frozenset({"35_49"}))
            )


def test_the_plan_itself_leaves_ibuprofen_out_for_every_contraindication() -> None:
    gels_off = dict.fromkeys(KB.medicine_facts, False) | {"skin_broken_infected_eczema_at_site": True}
    course = Course(families=(), phases=())
    kept, _ = plan_care(situation(KB, gels_off, frozenset({"35_49"})), course)
    assert "ibuprofen" in {item.advice.id for item in kept}
    for fact in CONTRAINDICATIONS:
        for value in (True, None):
            kept, held = plan_care(situation(KB, gels_off | {fact: value}, frozenset({"35_49"})), course)
            assert "ibuprofen" not in {item.advice.id for item in kept}, (fact, value)
            assert "ibuprofen" in {item.id for item in held}, (fact, value)
