"""How measured evidence (watch files, films, tests) joins what people say, and how much it moves a result.

The rules, in the order of their weight:

1. Nothing the runner or a clinician said is lost: their value stays in force, triage reads theirs, and the pieces
   stay apart in `Finding.parts`, so `answers_alone` gives the case back as it was.
2. Nothing measured lowers an urgency. Triage reads exactly what people said: a measured piece has no `value`, only a
   likelihood, and unknown is never less urgent than absent. `assess` keeps the urgency of the answers alone, and of the
   answers with each kind of measured evidence alone.
3. Where several speak, the differential gets the product of their likelihoods (see `combined_likelihood`). Where one
   clearly disagrees with an answer, both are kept in a `FindingConflict` and shown.
4. A clinician's finding wins outright.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from soleus.clinic.evidence import ADDED, added_pieces, answers_alone
from soleus.core.assessment import Assessment, Cause
from soleus.core.case import Case
from soleus.core.finding import Finding, FindingConflict, FindingSet, Origin
from soleus.core.ids import ConditionId, FindingId
from soleus.differential.build import noise_matrix
from soleus.knowledge.base import FindingDefinition, Kind, KnowledgeBase

Likelihood = Mapping[str, float]
NO_LEAN = 0.5
"""A likelihood that speaks for neither state: it is left out, so that the question can still be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One cause or contributing factor whose count in 100 the measured evidence changed."""

    condition: ConditionId
    before: float
    after: float
    contributor: bool
    because: tuple[FindingId, ...]
    """The measured findings that weigh on it, heaviest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The same case assessed without and with one kind of measured evidence."""

    before: Assessment
    after: Assessment
    moved: tuple[Moved, ...]
    """Largest move first; empty when no count in 100 changed."""
    added: tuple[Finding, ...]
    """What was measured, as evidence; `note` tells by what."""
    conflicts: tuple[FindingConflict, ...]
    """Where it and an answer disagree."""


def with_pieces(case: Case, pieces: Iterable[Finding], kb: KnowledgeBase, *, replacing: Collection[str]) -> Case:
    """The case with these pieces in place of all earlier ones whose note is in `replacing`; others stay.

    The order in which kinds of evidence were added makes no difference, and adding the same again changes nothing.
    """
    told = answers_alone(case)
    kept = [piece for piece in added_pieces(case) if piece.note not in replacing and piece.id in kb.findings]
    by_id: dict[FindingId, dict[str, Finding]] = {}
    for piece in (*kept, *pieces):
        by_id.setdefault(piece.id, {})[piece.note] = piece
    if not by_id:
        return told
    findings = {finding.id: finding for finding in told.findings}
    conflicts = list(told.findings.conflicts)
    for name, notes in by_id.items():
        seen = tuple(notes[note] for note in ADDED if note in notes)
        said = findings.get(name)
        findings[name] = _joined(seen) if said is None else _combined(said, seen, kb.findings[name])
        conflicts += [
            FindingConflict(kept=said, overruled=replace(piece, value=not said.value))
            for piece in seen
            if said is not None and _disagree(said, piece, kb)
        ]
    return replace(told, findings=FindingSet(findings.values(), conflicts=conflicts))


def usable_pieces(
    findings: Iterable[Finding], kb: KnowledgeBase, *, measured_by: str, note: str
) -> tuple[Finding, ...]:
    """Findings of a report as this knowledge base can use them: one per id, the strongest lean towards "true".

    What is no likelihood over a yes/no finding that is asked of `measured_by` (watch | video) says nothing and is left
    out.
    """
    best: dict[FindingId, Finding] = {}
    leans: dict[FindingId, float] = {}
    for finding in findings:
        definition = kb.findings.get(finding.id)
        if definition is None or definition.kind is not Kind.BOOLEAN or measured_by not in definition.asked_of:
            continue
        lean = lean_of(finding.likelihood or {})
        if lean is None or lean == NO_LEAN or lean <= leans.get(finding.id, -1.0):
            continue
        leans[finding.id] = lean
        best[finding.id] = Finding(
            id=finding.id,
            value=None,
            origin=Origin.MEASURED,
            observed_on=finding.observed_on,
            likelihood=dict(finding.likelihood or {}),
            note=note,
        )
    return tuple(best[name] for name in sorted(best))


def lean_of(likelihood: Likelihood) -> float | None:
    """The share of "true" in a yes/no likelihood (0.5 = says nothing), None when it is none."""
    yes, no = likelihood.get("true", 0.0), likelihood.get("false", 0.0)
    usable = likelihood.keys() <= {"true", "false"} and min(yes, no) >= 0 and math.isfinite(yes + no) and yes + no > 0
    return yes / (yes + no) if usable else None


def combined_likelihood(answer: bool, seen: Likelihood, definition: FindingDefinition) -> dict[str, float]:
    """P(answer and measurements | state) as a likelihood over the answer states of the network, largest = 1.

    1. Over the truth t: L(t) = P(answer | t) · P(measured | t), with the answer noise of the definition (house choice:
       memory and device err independently given the truth).
    2. The network's finding node already holds the answer noise N (truth → answer), so the vector v it takes must
       solve N v = L. A measurement that says nothing gives back exactly the plain answer.
    3. A negative part of v means that both together are surer than an answer can be; it is set to 0, which is the
       plain answer again: never more.
    """
    noise = noise_matrix(definition)
    measured = np.array([seen.get("false", 0.0), seen.get("true", 0.0)])
    if np.linalg.det(noise) <= 0:  # the answer says nothing, or the opposite: only the measurements are left
        vector = measured
    else:
        vector = np.clip(np.linalg.solve(noise, noise[:, int(answer)] * measured), 0.0, None)
    top = float(vector.max())
    return {"false": float(vector[0]) / top, "true": float(vector[1]) / top}


def moved_causes(before: Assessment, after: Assessment, notes: Collection[str]) -> tuple[Moved, ...]:
    """Causes and contributing factors whose count in 100 changed, the largest move first."""
    if before.differential is None or after.differential is None:
        return ()
    moves: list[Moved] = []
    for causes, contributor in ((after.differential.causes, False), (after.differential.contributors, True)):
        for cause in causes:
            was = before.differential.probability(cause.condition)
            if round(100 * was) != round(100 * cause.probability):
                moves.append(
                    Moved(
                        condition=cause.condition,
                        before=was,
                        after=cause.probability,
                        contributor=contributor,
                        because=_weights(cause, notes),
                    )
                )
    return tuple(sorted(moves, key=lambda move: (-abs(move.after - move.before), move.condition)))


def conflicts_of(case: Case, notes: Collection[str]) -> tuple[FindingConflict, ...]:
    """Where an answer and evidence of these kinds disagree."""
    return tuple(c for c in case.findings.conflicts if c.overruled.note in notes)


def _joined(seen: tuple[Finding, ...]) -> Finding:
    """One finding from pieces that nobody's answer stands beside."""
    first = seen[0]
    if len(seen) == 1:
        return first
    return replace(first, likelihood=_product(seen), parts=seen)


def _product(seen: Iterable[Finding]) -> dict[str, float]:
    """The product of the pieces; one that the others rule out entirely is left out."""
    product: dict[str, float] = {"false": 1.0, "true": 1.0}
    for piece in seen:
        likelihood = piece.likelihood or {}
        longer = {state: share * likelihood.get(state, 0.0) for state, share in product.items()}
        product = longer if lean_of(longer) is not None else product
    return product


def _combined(said: Finding, seen: tuple[Finding, ...], definition: FindingDefinition) -> Finding:
    """One finding from what was said and what was measured; the value stays the person's."""
    if said.origin is Origin.CLINICIAN and (said.value is not None or said.likelihood is not None):
        return said
    first, parts = seen[0], (said, *seen)
    measured = dict(first.likelihood or {}) if len(seen) == 1 else _product(seen)
    if said.value is None and said.likelihood is None:
        return replace(first, likelihood=measured, parts=parts)  # "I don't know" leaves the measurements to speak
    if said.likelihood is not None:
        product = {state: said.likelihood.get(state, 0.0) * measured.get(state, 0.0) for state in ("false", "true")}
        likelihood = product if lean_of(product) is not None else dict(said.likelihood)
    elif not isinstance(said.value, bool):
        return said  # no answer to this question: triage and differential deal with damaged answers
    elif said.origin is Origin.MEASURED:
        likelihood = measured  # a figure from the same device is not a second witness
    else:
        likelihood = combined_likelihood(said.value, measured, definition)
    return replace(said, likelihood=likelihood, note=first.note, parts=parts)


def _disagree(said: Finding, seen: Finding, kb: KnowledgeBase) -> bool:
    """Whether a measurement clearly shows the opposite of a plain answer."""
    lean = lean_of(seen.likelihood or {}) or 0.0
    if said.value is True:
        return lean <= kb.training.value("evidence.value_false")
    return said.value is False and lean >= kb.training.value("evidence.value_true")


def _weights(cause: Cause, notes: Collection[str]) -> tuple[FindingId, ...]:
    """Contributions come heaviest first."""
    return tuple(
        c.finding
        for c in cause.contributions
        if c.soft is not None and any(part.note in notes for part in (c.soft, *c.soft.parts))
    )
