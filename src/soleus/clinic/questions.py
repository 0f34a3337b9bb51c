"""Which questions may be asked, what page each is on, and what a page is worth."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from soleus.core.assessment import Disposition, NextQuestion, RuleOutcome, RuleState, TriageResult
from soleus.core.expression import Truth, evaluate, iter_atoms
from soleus.core.finding import FindingSet
from soleus.core.ids import ConditionId, FindingId
from soleus.differential import engine_for
from soleus.knowledge.base import FindingDefinition, Flag, KnowledgeBase
from soleus.planning.facts import UNRESOLVED_TAGS, is_suspected

ITEM_BURDEN = 0.15
"""Each further tick box on a page costs this share of a question of its own (expert choice)."""

OVERLAP = 0.7
"""Items of one page tell partly the same story; each weaker item counts this much less than the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Findings asked together: a single question (`screen` empty) or the open items of a screen."""

    screen: str
    findings: tuple[FindingId, ...]


def applies(definition: FindingDefinition, findings: FindingSet) -> bool:
    """False when the answers so far make the question pointless (`ask_if` certainly false)."""
    return definition.ask_if is None or evaluate(definition.ask_if, findings.answer) is not Truth.FALSE


def is_due(definition: FindingDefinition, findings: FindingSet, skipped: frozenset[FindingId]) -> bool:
    """Whether a dependent question's turn has come: its parents were asked, and leave it open.

    After "I don't know" to a parent only questions about danger are still asked.
    """
    if definition.ask_if is None:
        return True
    truth = evaluate(definition.ask_if, findings.answer)
    if truth is not Truth.UNKNOWN:
        return truth is Truth.TRUE
    asked = all(findings.asked(atom.finding) or atom.finding in skipped for atom in iter_atoms(definition.ask_if))
    return asked and definition.flag is not Flag.NONE


def self_tests_allowed(triage: TriageResult, kb: KnowledgeBase) -> bool:
    """No physical test while anything urgent or a dangerous rule stands open (invariant I12)."""
    if triage.failed or triage.disposition >= Disposition.SAME_DAY:
        return False
    dangerous = {rule.id for rule in kb.rules if rule.tags & UNRESOLVED_TAGS}
    return not any(outcome.id in dangerous and is_suspected(outcome) for outcome in triage.rules)


def is_safe(definition: FindingDefinition, findings: FindingSet, *, tests_allowed: bool) -> bool:
    """A self-test is safe only when `unsafe_if` is certainly false and no dangerous rule is open."""
    if definition.unsafe_if is not None and evaluate(definition.unsafe_if, findings.answer) is not Truth.FALSE:
        return False
    return tests_allowed or not definition.self_test


def open_questions(
    findings: FindingSet, skipped: frozenset[FindingId], triage: TriageResult, kb: KnowledgeBase
) -> tuple[FindingId, ...]:
    """Every finding that the runner could still be asked, safely and to the point."""
    allowed = self_tests_allowed(triage, kb)
    implied = {
        absent
        for finding in findings
        if finding.value is True and finding.id in kb.findings
        for absent in kb.findings[finding.id].implies_absent
    }
    return tuple(
        name
        for name, definition in kb.findings.items()
        if "runner" in definition.asked_of
        and not findings.asked(name)
        and name not in skipped
        and name not in implied
        and is_due(definition, findings, skipped)
        and is_safe(definition, findings, tests_allowed=allowed)
    )


def pages(questions: Sequence[FindingId], kb: KnowledgeBase) -> tuple[Page, ...]:
    """The open questions as pages: screens in the plan's order, then single questions by `order`."""
    wanted = set(questions)
    grouped: list[Page] = []
    for screen in kb.interview.screens:
        items = tuple(FindingId(item) for item in screen.items if item in wanted)
        if items:
            grouped.append(Page(screen=screen.id if len(items) > 1 else "", findings=items))
            wanted -= set(items)
    rest = sorted((name for name in questions if name in wanted), key=lambda name: kb.findings[name].order)
    return (*grouped, *(Page(screen="", findings=(name,)) for name in rest))


def supported_rules(triage: TriageResult, kb: KnowledgeBase) -> tuple[RuleOutcome, ...]:
    """Undetermined rules with support that would raise the urgency to GP level or more; most urgent first."""
    urgency = {rule.id: rule.disposition for rule in kb.rules}
    level = max(triage.disposition, Disposition.PHYSIO)
    found = [
        outcome
        for outcome in triage.rules
        if outcome.state is RuleState.UNDETERMINED and outcome.support and urgency[outcome.id] > level
    ]
    return tuple(sorted(found, key=lambda outcome: -urgency[outcome.id]))


def reassuring(triage: TriageResult) -> tuple[FindingId, ...]:
    """Red questions whose missing "no" is all that keeps the urgency where it is."""
    raised = max((o.contributes for o in triage.rules if o.contributes is not None), default=Disposition.SELF_CARE)
    level = triage.disposition
    if raised >= level:
        return ()
    return tuple(name for name, floor in triage.unanswered if floor is level)


def harm_weight(separates: Iterable[ConditionId], posterior: Mapping[ConditionId, float], kb: KnowledgeBase) -> float:
    """What a bit about these causes is worth: the root of their mean harm, weighted by how likely they are."""
    causes = list(separates)
    mass = sum(posterior.get(cause, 0.0) for cause in causes)
    if mass <= 0:
        return 1.0
    mean = sum(posterior.get(cause, 0.0) * kb.harm.get(cause, 1.0) for cause in causes) / mass
    return math.sqrt(max(mean, 1.0))


def rank_questions(
    findings: FindingSet, candidates: Sequence[FindingId], kb: KnowledgeBase
) -> tuple[NextQuestion, ...]:
    """Questions by information weighted with harm, per unit of burden; best first."""
    engine = engine_for(kb)
    posterior = engine.posterior(findings)
    ranked = [
        NextQuestion(
            finding=gain.finding,
            information_bits=gain.bits,
            score=gain.bits * harm_weight(gain.separates, posterior, kb) / max(kb.findings[gain.finding].burden, 1),
            separates=gain.separates,
        )
        for gain in engine.information(findings, candidates)
    ]
    return tuple(sorted(ranked, key=lambda question: (-question.score, question.finding)))


def page_score(page: Page, worth: Mapping[FindingId, NextQuestion]) -> float:
    """The page's items together, each next best one discounted, per burden of the page."""
    scores = sorted((worth[name].score for name in page.findings), reverse=True)
    total = sum(score * OVERLAP**index for index, score in enumerate(scores))
    return total / (1 + ITEM_BURDEN * (len(scores) - 1))
