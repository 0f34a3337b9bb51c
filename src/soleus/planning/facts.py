"""Medicine-safety facts: what the runner said, joined with what their other answers and the triage imply.

A fact is True, False or None (not known). Bad news wins: whichever source says True is believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from soleus.core.assessment import Disposition, RuleOutcome, RuleState, TriageResult
from soleus.core.case import Runner, age_band
from soleus.core.expression import Expression, OneOf, Present, Truth, all_of, any_of, evaluate
from soleus.core.finding import FindingSet
from soleus.core.ids import ConditionId, FindingId, RuleId
from soleus.knowledge.base import KnowledgeBase

ADULT_AGE_YEARS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Implied:
    """A fact that an answer settles: its value when the expression is true, and when it is false."""

    when: Expression
    if_true: bool | None
    if_false: bool | None


def _present(finding: str) -> Present:
    return Present(finding=FindingId(finding))


def _one_of(finding: str, *options: str) -> OneOf:
    return OneOf(finding=FindingId(finding), options=frozenset(options))


_SUDDEN = _one_of("onset_type", "sudden_pop", "sudden_sharp", "sudden_everyday", "direct_blow")


def _torn_within(*times: str) -> Implied:
    # A time band that straddles the limit counts as inside it: the careful side.
    return Implied(when=all_of(_SUDDEN, _one_of("time_since_onset", *times)), if_true=True, if_false=False)


_MALE = _one_of("sex_at_birth", "male")

IMPLIED: tuple[tuple[str, Implied], ...] = (
    ("drug_anticoagulant", Implied(when=_present("anticoagulant"), if_true=True, if_false=False)),
    ("drug_warfarin", Implied(when=_present("anticoagulant"), if_true=None, if_false=False)),
    ("drug_quinolone", Implied(when=_present("fluoroquinolone_60d"), if_true=True, if_false=False)),
    ("drug_systemic_steroid", Implied(when=_present("oral_steroid"), if_true=True, if_false=False)),
    ("kidney_disease", Implied(when=_present("kidney_disease"), if_true=True, if_false=False)),
    ("pregnant", Implied(when=_present("pregnant_postpartum"), if_true=True, if_false=False)),
    ("pregnant", Implied(when=_MALE, if_true=False, if_false=None)),
    ("breastfeeding", Implied(when=_MALE, if_true=False, if_false=None)),
    ("trying_to_conceive", Implied(when=_MALE, if_true=False, if_false=None)),
    ("pad", Implied(when=_present("diabetes_cvd"), if_true=None, if_false=False)),
    ("ischaemic_heart_disease", Implied(when=_present("diabetes_cvd"), if_true=None, if_false=False)),
    ("stroke_ever", Implied(when=_present("diabetes_cvd"), if_true=None, if_false=False)),
    ("diabetes_with_foot_numbness", Implied(when=_present("diabetes_cvd"), if_true=None, if_false=False)),
    ("hypertension_uncontrolled", Implied(when=_present("high_bp_cholesterol"), if_true=None, if_false=False)),
    ("haematoma", Implied(when=_present("bruising"), if_true=None, if_false=False)),
    (
        "unexplained_one_sided_swelling",
        Implied(
            when=any_of(_present("swelling_visible"), _present("swelling_whole_leg")), if_true=None, if_false=False
        ),
    ),
    ("reduced_sensation", Implied(when=_present("tingle_foot_rest"), if_true=True, if_false=False)),
    ("skin_broken_infected_eczema_at_site", Implied(when=_present("skin_break"), if_true=True, if_false=None)),
    ("rest_pain_foot", Implied(when=_present("rest_pain"), if_true=None, if_false=False)),
    ("rhabdo_suspected", Implied(when=_present("dark_urine"), if_true=True, if_false=None)),
    ("muscle_tear_hours_lt_48", _torn_within("lt_24h", "1_3d")),
    ("muscle_tear_hours_lt_72", _torn_within("lt_24h", "1_3d")),
    ("muscle_tear_days_lt_5", _torn_within("lt_24h", "1_3d", "4_14d")),
    ("gastrocnemius_tear_days_lt_14", _torn_within("lt_24h", "1_3d", "4_14d")),
)
"""What the interview's answers say about facts; a fact may appear more than once."""

SUSPICIONS: Mapping[str, frozenset[str]] = {
    "suspected_dvt": frozenset({"dvt", "svt", "pe"}),
    "acute_compartment_signs": frozenset({"compartment"}),
    "pad_suspected": frozenset({"arterial", "ischaemia"}),
    "rhabdo_suspected": frozenset({"rhabdo"}),
    "suspected_achilles_rupture": frozenset({"rupture"}),
    "bsi_suspected_or_confirmed": frozenset({"bone"}),
}
"""Facts the triage decides: True while a rule with one of these tags is open, else False."""

LIGHT, LIGHT_KG = "weight_kg_lt_50", 50.0
"""The fact that a weight in kg settles, and the limit that its name gives."""

UNRESOLVED_TAGS = frozenset(
    {"dvt", "svt", "pe", "ischaemia", "compartment", "rupture", "bone", "infection", "sepsis", "rhabdo", "cauda"}
    | {"bleed", "neoplasm"}
)
"""Tags that make a red flag "unresolved" for painkillers (rule R-GEN-01)."""


def is_open(outcome: RuleOutcome, kb: KnowledgeBase) -> bool:
    """Whether a rule still stands in the way: fired, suspected, or supported and still askable.

    An undetermined rule whose missing parts only a clinician could supply is not open by itself: the runner has
    answered all they can, and `contributes` already holds what the rule's author makes of that.
    """
    if outcome.state is not RuleState.UNDETERMINED or is_suspected(outcome):
        return outcome.state is not RuleState.CLEAR
    return bool(outcome.support) and any(_askable(finding, kb) for finding in outcome.because)


def is_suspected(outcome: RuleOutcome) -> bool:
    """Whether a rule counts as a real suspicion: fired, or undetermined with a say of GP level or more.

    The lower PHYSIO say of a merely supported rule ("it started gradually") blocks only what its tags name.
    """
    if outcome.state is RuleState.FIRED:
        return True
    return outcome.contributes is not None and outcome.contributes >= Disposition.GP_ROUTINE


def _askable(finding: FindingId, kb: KnowledgeBase) -> bool:
    definition = kb.findings.get(finding)
    return definition is None or "runner" in definition.asked_of


def open_rules(triage: TriageResult, tags: frozenset[str], kb: KnowledgeBase) -> tuple[RuleOutcome, ...]:
    """The open rules that carry one of `tags`."""
    tagged = {rule.id for rule in kb.rules if rule.tags & tags}
    return tuple(outcome for outcome in triage.rules if outcome.id in tagged and is_open(outcome, kb))


def stated_facts(given: Mapping[str, bool], runner: Runner) -> dict[str, bool]:
    """The facts that were told, and what the runner's weight says of them; a worse answer that was given stands."""
    if runner.weight_kg is None:
        return dict(given)
    light = runner.weight_kg < LIGHT_KG
    return {**given, LIGHT: light or given.get(LIGHT, False)}


def known_facts(
    evidence: FindingSet,
    triage: TriageResult,
    given: Mapping[str, bool],
    runner_age: float | None,
    kb: KnowledgeBase,
) -> dict[str, bool | None]:
    """Every medicine-safety fact of the knowledge base: True, False or None (ask)."""
    said: dict[str, list[bool | None]] = {fact: [given.get(fact)] for fact in kb.medicine_facts}
    for fact, implied in IMPLIED:
        if fact in said:
            truth = evaluate(implied.when, evidence.answer)
            said[fact].append({Truth.TRUE: implied.if_true, Truth.FALSE: implied.if_false}.get(truth))
    for fact, value in (*_age_facts(evidence, runner_age), *_triage_facts(triage, kb)):
        if fact in said:
            said[fact].append(value)
    return {fact: _worst(values) for fact, values in said.items()}


def _worst(values: list[bool | None]) -> bool | None:
    if True in values:
        return True
    return False if False in values else None


def _triage_facts(triage: TriageResult, kb: KnowledgeBase) -> list[tuple[str, bool]]:
    facts = [(fact, bool(open_rules(triage, tags, kb))) for fact, tags in SUSPICIONS.items()]
    urgent: set[RuleId] = {rule.id for rule in kb.rules if rule.tags & UNRESOLVED_TAGS}
    unresolved = triage.failed or any(is_suspected(o) for o in triage.rules if o.id in urgent)
    unresolved |= any(floor >= Disposition.GP_ROUTINE for _, floor in triage.unanswered)
    return [*facts, ("red_flag_unresolved", unresolved)]


def _age_facts(evidence: FindingSet, runner_age: float | None) -> list[tuple[str, bool | None]]:
    bands = age_bands(evidence, runner_age)
    if not bands:
        return []
    young = "u18" in bands
    exact = runner_age if young and runner_age is not None and runner_age < ADULT_AGE_YEARS else None
    return [
        ("age_lt_16", (exact is None or exact < 16) if young else False),
        ("age_16_17", (exact is None or exact >= 16) if young else False),
        ("age_ge_65", "65plus" in bands),
    ]


def age_bands(evidence: FindingSet, runner_age: float | None) -> frozenset[str]:
    """Every age band that the runner's age or answer points to; empty = age unknown."""
    answer = evidence.answer(FindingId("age_band"))
    bands = answer if isinstance(answer, frozenset) else frozenset([answer] if isinstance(answer, str) else [])
    return bands if runner_age is None else bands | {age_band(runner_age)}


def lowest_threshold(condition: ConditionId, kb: KnowledgeBase) -> float | None:
    """The smallest probability at which a floor names this cause; None when no floor does."""
    return min((floor.threshold for floor in kb.floors if condition in floor.conditions), default=None)
