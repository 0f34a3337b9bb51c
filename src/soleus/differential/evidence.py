"""From findings to evidence on the network: one likelihood per state of each answered finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from soleus.core.errors import AnswerError
from soleus.core.expression import Answer
from soleus.core.finding import Finding, FindingSet
from soleus.core.ids import FindingId
from soleus.differential.network import Array
from soleus.knowledge.base import FindingDefinition, Kind, KnowledgeBase


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """What is known of one finding: `state` for a plain answer (None when soft), and P(observed | answer state)."""

    finding: FindingId
    value: Answer
    state: int | None
    likelihood: Array
    soft: Finding | None = None
    """The finding itself when it came with a likelihood."""


def gather_evidence(findings: FindingSet, kb: KnowledgeBase) -> dict[FindingId, Evidence]:
    """Evidence by finding; "I don't know" and findings the differential does not use give none.

    A present finding that implies others absent ("no medical problems") answers those nobody was asked about;
    an answer of their own wins, and so does "I don't know", which is not an absence.
    """
    evidence: dict[FindingId, Evidence] = {}
    for finding in findings:
        definition = _definition(finding.id, kb)
        if definition.background is not None and (finding.value is not None or finding.likelihood is not None):
            evidence[finding.id] = _evidence(finding, definition)
    for implied in implied_absent(findings, kb):
        if kb.findings[implied].background is not None:
            evidence[implied] = _plain(implied, False, 0, 2)
    return evidence


def implied_absent(findings: FindingSet, kb: KnowledgeBase) -> frozenset[FindingId]:
    """Findings taken as absent because a present one says so and nobody asked about them."""
    return frozenset(
        implied
        for finding in findings
        if finding.value is True
        for implied in _definition(finding.id, kb).implies_absent
        if implied not in findings and _definition(implied, kb).kind is Kind.BOOLEAN
    )


def state_of(value: Answer, definition: FindingDefinition) -> int:
    """The index of the state a plain answer stands for."""
    if definition.kind is Kind.BOOLEAN:
        if isinstance(value, bool):
            return int(value)
    elif definition.kind is Kind.CHOICE:
        if value in definition.options:
            return definition.options.index(str(value))
    elif isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(value):
        return next(i for i, (_, limit) in enumerate(definition.bands) if value < limit)
    raise AnswerError(f"not an answer to a {definition.kind.value} question", where=definition.id)


def _definition(finding: FindingId, kb: KnowledgeBase) -> FindingDefinition:
    if finding not in kb.findings:
        raise AnswerError("no such finding", where=finding)
    return kb.findings[finding]


def _evidence(finding: Finding, definition: FindingDefinition) -> Evidence:
    states = definition.states
    if finding.likelihood is not None:
        return replace(_soft(finding, finding.likelihood, states), soft=finding)
    value = finding.value
    if isinstance(value, frozenset):
        # Several marks: any of them may be the one that matters, so each is fully compatible.
        return _soft(finding, dict.fromkeys(value, 1.0), states)
    return _plain(finding.id, value, state_of(value, definition), len(states))


def _plain(finding: FindingId, value: Answer, state: int, count: int) -> Evidence:
    return Evidence(finding=finding, value=value, state=state, likelihood=np.eye(count)[state])


def _soft(finding: Finding, likelihood: Mapping[str, float], states: tuple[str, ...]) -> Evidence:
    vector = np.array([likelihood.get(state, 0.0) for state in states])
    if not likelihood.keys() <= set(states) or not np.all(np.isfinite(vector)) or np.any(vector < 0):
        raise AnswerError("not a likelihood over the options", where=finding.id)
    top = float(vector.max())
    if top <= 0:
        raise AnswerError("no option is possible", where=finding.id)
    chosen = np.flatnonzero(vector)
    state = int(chosen[0]) if len(chosen) == 1 else None
    return Evidence(finding=finding.id, value=finding.value, state=state, likelihood=vector / top)
