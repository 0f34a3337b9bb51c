"""What watch files add to a case, and how much that moves the result.

The rules, in the order of their weight:

1. Nothing the runner or a clinician said is lost: their value stays in force, triage reads theirs, and the pieces
   stay apart in `Finding.parts`, so `answers_alone` gives the case back as it was.
2. Watch files never lower an urgency. Triage reads exactly what people said: a finding of the watch has no `value`,
   only a likelihood, and unknown is never less urgent than absent. `assess` keeps the urgency of the answers alone.
3. Where both speak, the differential gets the product of both likelihoods (see `combined_likelihood`). Where they
   clearly disagree, both are kept in a `FindingConflict` and shown.
4. A clinician's finding wins outright.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from soleus.clinic.assess import assess, assess_beside
from soleus.clinic.evidence import FROM_WATCH, answers_alone
from soleus.core.assessment import Assessment, Cause
from soleus.core.case import Case
from soleus.core.errors import AnswerError
from soleus.core.finding import Finding, FindingConflict, FindingSet, Origin
from soleus.core.ids import ConditionId, FindingId
from soleus.core.training import TrainingReport
from soleus.differential.build import noise_matrix
from soleus.knowledge.base import FindingDefinition, Kind, KnowledgeBase

Likelihood = Mapping[str, float]
NO_LEAN = 0.5
"""A likelihood that speaks for neither state: it is left out, so that the question can still be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One cause or contributing factor whose count in 100 the watch files changed."""

    condition: ConditionId
    before: float
    after: float
    contributor: bool
    because: tuple[FindingId, ...]
    """The watch findings that weigh on it, heaviest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingEffect:
    """The same case assessed without and with its watch files."""

    before: Assessment
    after: Assessment
    moved: tuple[Moved, ...]
    """Largest move first; empty when no count in 100 changed."""
    added: tuple[Finding, ...]
    """What the watch files say, as evidence."""
    conflicts: tuple[FindingConflict, ...]
    """Where they and an answer disagree."""


def with_training(case: Case, report: TrainingReport, kb: KnowledgeBase) -> Case:
    """The case with the soft findings of the report; merging the same report twice equals once.

    A report replaces one merged earlier. Raises `AnswerError` when the two are about different onset days: the
    analysis looks at the days before the onset, so another day would be evidence about something else.
    """
    if case.onset_on is not None and case.onset_on != report.onset_on:
        raise AnswerError(
            f"the training report is about {report.onset_on}, the case about {case.onset_on}",
            where="onset_on",
            hint="Analyse the watch files again for the day the pain began",
        )
    original = answers_alone(case)
    watch = watch_findings(report, kb)
    if not watch:
        return original
    findings = {finding.id: finding for finding in original.findings}
    conflicts = list(original.findings.conflicts)
    for seen in watch:
        said = findings.get(seen.id)
        findings[seen.id] = seen if said is None else _combined(said, seen, kb.findings[seen.id])
        if said is not None and _disagree(said, seen, kb):
            conflicts.append(FindingConflict(kept=said, overruled=replace(seen, value=not said.value)))
    return replace(original, findings=FindingSet(findings.values(), conflicts=conflicts))


def watch_findings(report: TrainingReport, kb: KnowledgeBase) -> tuple[Finding, ...]:
    """The report's findings as this knowledge base can use them: one per id, the strongest lean towards "true".

    What is no likelihood over a yes/no finding that is asked of a watch says nothing and is left out.
    """
    best: dict[FindingId, Finding] = {}
    leans: dict[FindingId, float] = {}
    for finding in report.findings:
        definition = kb.findings.get(finding.id)
        if definition is None or definition.kind is not Kind.BOOLEAN or "watch" not in definition.asked_of:
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
            note=FROM_WATCH,
        )
    return tuple(best[name] for name in sorted(best))


def lean_of(likelihood: Likelihood) -> float | None:
    """The share of "true" in a yes/no likelihood (0.5 = says nothing), None when it is none."""
    yes, no = likelihood.get("true", 0.0), likelihood.get("false", 0.0)
    usable = likelihood.keys() <= {"true", "false"} and min(yes, no) >= 0 and math.isfinite(yes + no) and yes + no > 0
    return yes / (yes + no) if usable else None


def combined_likelihood(answer: bool, watch: Likelihood, definition: FindingDefinition) -> dict[str, float]:
    """P(answer and files | state) as a likelihood over the answer states of the network, largest = 1.

    1. Over the truth t: L(t) = P(answer | t) · P(files | t), with the answer noise of the definition (house choice:
       memory and watch err independently given the truth).
    2. The network's finding node already holds the answer noise N (truth → answer), so the vector v it takes must
       solve N v = L. A watch that says nothing gives back exactly the plain answer.
    3. A negative part of v means that both together are surer than an answer can be; it is set to 0, which is the
       plain answer again: never more.
    """
    noise = noise_matrix(definition)
    files = np.array([watch.get("false", 0.0), watch.get("true", 0.0)])
    if np.linalg.det(noise) <= 0:  # the answer says nothing, or the opposite: only the files are left
        vector = files
    else:
        vector = np.clip(np.linalg.solve(noise, noise[:, int(answer)] * files), 0.0, None)
    top = float(vector.max())
    return {"false": float(vector[0]) / top, "true": float(vector[1]) / top}


def compare(case: Case, report: TrainingReport, kb: KnowledgeBase, today: date) -> TrainingEffect:
    """The assessment without and with the watch files, and what they moved."""
    merged = with_training(case, report, kb)
    original = answers_alone(merged)
    before = assess(original, kb, today)
    after = before if original is merged else assess_beside(merged, kb, today, before)
    return TrainingEffect(
        before=before,
        after=after,
        moved=_moved(before, after),
        added=watch_findings(report, kb),
        conflicts=tuple(c for c in merged.findings.conflicts if c.overruled.note == FROM_WATCH),
    )


def _combined(said: Finding, seen: Finding, definition: FindingDefinition) -> Finding:
    """One finding from what was said and what the files show; the value stays the person's."""
    if said.origin is Origin.CLINICIAN and (said.value is not None or said.likelihood is not None):
        return said
    parts = (said, seen)
    if said.value is None and said.likelihood is None:
        return replace(seen, parts=parts)  # "I don't know" leaves the files alone to speak
    watch = seen.likelihood or {}
    if said.likelihood is not None:
        product = {state: said.likelihood.get(state, 0.0) * watch.get(state, 0.0) for state in ("false", "true")}
        likelihood = product if lean_of(product) is not None else dict(said.likelihood)
    elif not isinstance(said.value, bool):
        return said  # no answer to this question: triage and differential deal with damaged answers
    elif said.origin is Origin.MEASURED:
        likelihood = dict(watch)  # a figure from the same watch is not a second witness
    else:
        likelihood = combined_likelihood(said.value, watch, definition)
    return replace(said, likelihood=likelihood, note=FROM_WATCH, parts=parts)


def _disagree(said: Finding, seen: Finding, kb: KnowledgeBase) -> bool:
    """Whether the files clearly show the opposite of a plain answer."""
    lean = lean_of(seen.likelihood or {}) or 0.0
    if said.value is True:
        return lean <= kb.training.value("evidence.value_false")
    return said.value is False and lean >= kb.training.value("evidence.value_true")


def _moved(before: Assessment, after: Assessment) -> tuple[Moved, ...]:
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
                        because=_watch_weights(cause),
                    )
                )
    return tuple(sorted(moves, key=lambda move: (-abs(move.after - move.before), move.condition)))


def _watch_weights(cause: Cause) -> tuple[FindingId, ...]:
    """Contributions come heaviest first."""
    return tuple(c.finding for c in cause.contributions if c.soft is not None and c.soft.note == FROM_WATCH)
