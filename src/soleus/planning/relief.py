"""First advice for today: what helps, minus everything that could harm.

Every item of the knowledge base is looked at by every veto, and the vetoes come last. A contraindication that is
merely unknown vetoes too: the item is withheld with the question that would settle it. Nothing here loads the calf
while a dangerous cause is open, and no dose is given to anyone under 18, of unknown age, possibly pregnant, or
with a listed condition (safety invariants I11, I12, I13 and I14).

Each reason is "<kind>:<id>": `rule` (fired), `suspect` (undetermined), `condition` (too likely), `finding`,
`unanswered` (a finding), `fact`, `unknown_fact`, `medicine_rule`, `age`, `disposition`, `one_nsaid`, `problem`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from soleus.core.assessment import Advice, Disposition, RuleState, TriageResult, Withheld
from soleus.core.expression import Truth, evaluate, evaluate_atom, iter_atoms
from soleus.core.finding import FindingSet
from soleus.core.ids import ConditionId, FindingId, TextId
from soleus.knowledge.base import Adjunct, KnowledgeBase
from soleus.planning.facts import UNRESOLVED_TAGS, is_suspected, known_facts, lowest_threshold, open_rules
from soleus.planning.situation import Situation, first_situation

RELEVANT = 0.3
"""An item for certain causes is offered when these together are at least this likely (expert choice)."""

URGENT_ACTION = "urgent_111_or_999"

NSAID_TAGS = frozenset({"bleed", "rhabdo", "compartment"})
"""Invariant I13, whatever the item's own list says."""

CLOT_AND_LIMB_TAGS = frozenset({"dvt", "svt", "ischaemia", "compartment"})
PRESSING_ITEMS = frozenset({"heat", "compression_early", "compression_sock", "massage", "massage_late"})
"""Invariant I14, whatever the item's own list says."""

WAY_OF_RUNNING = "technique"
"""Category of advice that may rest on what a film shows."""

DANGERS = ("rule", "suspect", "condition", "disposition", "problem")
"""Kinds of reason worth telling ("do not massage") even when the item would not have been offered."""


def first_advice(
    evidence: FindingSet,
    triage: TriageResult,
    posterior: Mapping[ConditionId, float] | None,
    facts: Mapping[str, bool],
    runner_age: float | None,
    kb: KnowledgeBase,
    *,
    disposition: Disposition | None = None,
) -> tuple[tuple[Advice, ...], tuple[Withheld, ...]]:
    """The items allowed by every veto, and those held back with their reasons.

    `posterior` None = the differential failed; `disposition` = the final one when it is above the triage's.
    """
    situation = first_situation(evidence, triage, posterior, facts, runner_age, kb, disposition=disposition)
    advice: list[Advice] = []
    withheld: list[Withheld] = []
    nsaid_offered = ""
    for adjunct in sorted(kb.adjuncts, key=lambda item: (item.order, item.id)):
        if adjunct.plan_only:
            continue
        reasons = item_vetoes(adjunct, situation)
        offered = is_offered(adjunct, situation)
        if offered and not reasons and nsaid_offered and is_nsaid(adjunct, kb):
            reasons = (f"one_nsaid:{nsaid_offered}",)
        if offered and not reasons:
            advice.append(as_advice(adjunct, situation))
            nsaid_offered = adjunct.id if is_nsaid(adjunct, kb) else nsaid_offered
        elif reasons and (offered or any(reason.startswith(DANGERS) for reason in reasons)):
            withheld.append(Withheld(id=adjunct.id, because=reasons))
    return tuple(advice), tuple(withheld)


def urgent_medicine_rules(
    evidence: FindingSet,
    triage: TriageResult,
    facts: Mapping[str, bool],
    runner_age: float | None,
    kb: KnowledgeBase,
) -> tuple[str, ...]:
    """Medicine rules that call for urgent help now (an overdose, a bleed), by id."""
    known = known_facts(evidence, triage, facts, runner_age, kb)
    return tuple(
        rule.id
        for rule in kb.medicine_rules
        if any(known.get(fact) and rule.overrides.get(fact, rule.action) == URGENT_ACTION for fact in rule.any_of)
    )


def is_offered(adjunct: Adjunct, situation: Situation) -> bool:
    """Whether the item suits this runner today by its own rule; says nothing about safety."""
    if adjunct.for_conditions and situation.probability(adjunct.for_conditions) < RELEVANT:
        return False
    if adjunct.only_if is None:
        return True
    lookup = situation.shown if adjunct.category == WAY_OF_RUNNING else situation.evidence.answer
    return evaluate(adjunct.only_if, lookup) is Truth.TRUE


def as_advice(adjunct: Adjunct, situation: Situation) -> Advice:
    """The item with the cause it is for and the warnings that go with it."""
    causes = sorted(adjunct.for_conditions, key=lambda cause: (-situation.probability([cause]), cause))
    cautions = [TextId(f"advice.{adjunct.id}.caution")]
    cautions += [
        TextId(f"medicine_rule.{rule.id}")
        for rule in situation.kb.medicine_rules
        if adjunct.medicine in rule.medicines
        and any(situation.facts.get(f) and rule.overrides.get(f, rule.action) == "warn" for f in rule.any_of)
    ]
    return Advice(
        id=adjunct.id,
        because=tuple(f"condition:{cause}" for cause in causes[:1]),
        cautions=tuple(cautions),
        sources=adjunct.sources,
    )


def item_vetoes(adjunct: Adjunct, situation: Situation) -> tuple[str, ...]:
    """Every reason against an item; empty = allowed. Order: most serious first."""
    reasons = [
        *_urgency_vetoes(adjunct, situation),
        *_rule_vetoes(adjunct, situation),
        *_condition_vetoes(adjunct, situation),
        *_answer_vetoes(adjunct, situation),
        *_fact_vetoes(adjunct.needs_facts, situation),
    ]
    if adjunct.medicine is not None:
        reasons += _medicine_vetoes(adjunct.medicine, situation)
    return tuple(dict.fromkeys(reasons))


def _urgency_vetoes(adjunct: Adjunct, situation: Situation) -> list[str]:
    limit = adjunct.max_disposition
    if adjunct.loads_calf or adjunct.medicine is not None:  # I11, even if the data forgot it
        limit = min(limit, Disposition.GP_ROUTINE)
    reasons = [f"disposition:{situation.disposition.slug}"] if situation.disposition > limit else []
    guarded = adjunct.loads_calf or adjunct.medicine is not None
    if situation.triage.failed and (guarded or adjunct.never_with_tags):
        reasons.append("problem:triage")
    if situation.posterior is None and (guarded or adjunct.never_with_conditions):
        reasons.append("problem:differential")
    return reasons


def _rule_vetoes(adjunct: Adjunct, situation: Situation) -> list[str]:
    tags = adjunct.never_with_tags
    if is_nsaid(adjunct, situation.kb):
        tags |= NSAID_TAGS
    if adjunct.id in PRESSING_ITEMS:
        tags |= CLOT_AND_LIMB_TAGS
    standing = list(open_rules(situation.triage, tags, situation.kb))
    if adjunct.loads_calf:
        dangers = open_rules(situation.triage, UNRESOLVED_TAGS, situation.kb)
        standing += [outcome for outcome in dangers if is_suspected(outcome)]
    return [
        f"{'rule' if outcome.state is RuleState.FIRED else 'suspect'}:{outcome.id}"
        for outcome in sorted(standing, key=lambda o: o.state is not RuleState.FIRED)
    ]


def _condition_vetoes(adjunct: Adjunct, situation: Situation) -> list[str]:
    limits = dict(adjunct.never_with_conditions)
    if adjunct.loads_calf:
        for condition in situation.kb.conditions.values():
            threshold = lowest_threshold(condition.id, situation.kb)
            if condition.dangerous and threshold is not None:
                limits[condition.id] = min(threshold, limits.get(condition.id, 1.0))
    return [
        f"condition:{condition}"
        for condition, limit in sorted(limits.items())
        if situation.probability([condition]) >= limit
    ]


def _answer_vetoes(adjunct: Adjunct, situation: Situation) -> list[str]:
    """`never_if` true names the answers behind it; unknown names the questions that would settle it."""
    if adjunct.never_if is None:
        return []
    truth = evaluate(adjunct.never_if, situation.answer)
    if truth is Truth.FALSE:
        return []
    kind = "finding" if truth is Truth.TRUE else "unanswered"
    atoms = iter_atoms(adjunct.never_if)
    return [f"{kind}:{a.finding}" for a in atoms if evaluate_atom(a, situation.answer) is truth]


def _fact_vetoes(facts: Iterable[str], situation: Situation) -> list[str]:
    known = situation.facts
    return [
        f"fact:{fact}" if known.get(fact) else f"unknown_fact:{fact}" for fact in facts if known.get(fact) is not False
    ]


def _medicine_vetoes(medicine: str, situation: Situation) -> list[str]:
    reasons: list[str] = []
    if not situation.ages:
        reasons.append("age:unknown")
    elif "u18" in situation.ages:
        reasons.append("age:u18")
    if medicine not in situation.kb.medicines:
        reasons.append(f"problem:{medicine}")
    reasons += _fact_vetoes(["pregnant"], situation)
    for rule in situation.kb.medicine_rules:
        if medicine in rule.medicines:
            for fact in rule.any_of:
                if rule.overrides.get(fact, rule.action) == "warn":
                    continue
                if situation.facts.get(fact):
                    reasons.append(f"medicine_rule:{rule.id}")
                elif situation.facts.get(fact) is None:
                    reasons.append(f"unknown_fact:{fact}")
    return reasons


def is_nsaid(adjunct: Adjunct, kb: KnowledgeBase) -> bool:
    """Whether the item is an anti-inflammatory, as tablet or gel."""
    return adjunct.medicine is not None and kb.medicines.get(adjunct.medicine, {}).get("nsaid") is True


def open_questions(withheld: Iterable[Withheld]) -> tuple[tuple[FindingId, ...], tuple[str, ...]]:
    """The findings and the facts which, once answered, could release a withheld item."""
    reasons = dict.fromkeys(reason.partition(":") for item in withheld for reason in item.because)
    findings = tuple(FindingId(name) for kind, _, name in reasons if kind == "unanswered")
    return findings, tuple(name for kind, _, name in reasons if kind == "unknown_fact")
