"""What watch files add to a case, and how much that moves the result; the rules are those of `soft_evidence`."""

from __future__ import annotations

from datetime import date

from soleus.clinic.assess import assess, assess_with
from soleus.clinic.evidence import FROM_WATCH
from soleus.clinic.soft_evidence import NO_LEAN as NO_LEAN
from soleus.clinic.soft_evidence import Effect, conflicts_of, moved_causes, usable_pieces, with_pieces
from soleus.clinic.soft_evidence import Moved as Moved
from soleus.clinic.soft_evidence import combined_likelihood as combined_likelihood
from soleus.clinic.soft_evidence import lean_of as lean_of
from soleus.core.case import Case
from soleus.core.errors import AnswerError
from soleus.core.finding import Finding
from soleus.core.training import TrainingReport
from soleus.knowledge.base import KnowledgeBase

WATCH = frozenset({FROM_WATCH})


TrainingEffect = Effect
"""The same case assessed without and with its watch files."""


def with_training(case: Case, report: TrainingReport, kb: KnowledgeBase) -> Case:
    """The case with the soft findings of the report; merging the same report twice equals once.

    A report replaces one merged earlier; what films and tests added stays. Raises `AnswerError` when the two are about
    different onset days: the analysis looks at the days before the onset, so another day would be evidence about
    something else.
    """
    if case.onset_on is not None and case.onset_on != report.onset_on:
        raise AnswerError(
            f"the training report is about {report.onset_on}, the case about {case.onset_on}",
            where="onset_on",
            hint="Analyse the watch files again for the day the pain began",
        )
    return with_pieces(case, watch_findings(report, kb), kb, replacing=WATCH)


def watch_findings(report: TrainingReport, kb: KnowledgeBase) -> tuple[Finding, ...]:
    """The report's findings as this knowledge base can use them: one per id, the strongest lean towards "true"."""
    return usable_pieces(report.findings, kb, measured_by="watch", note=FROM_WATCH)


def compare(case: Case, report: TrainingReport, kb: KnowledgeBase, today: date) -> TrainingEffect:
    """The assessment without and with the watch files, and what they moved; films and tests are in both."""
    merged = with_training(case, report, kb)
    original = with_pieces(merged, (), kb, replacing=WATCH)
    before = assess(original, kb, today)
    after = assess_with(merged, original, before, kb, today)
    return TrainingEffect(
        before=before,
        after=after,
        moved=moved_causes(before, after, WATCH),
        added=watch_findings(report, kb),
        conflicts=conflicts_of(merged, WATCH),
    )
