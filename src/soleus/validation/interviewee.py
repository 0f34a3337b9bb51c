"""A simulated runner who answers the adaptive interview from a published case, and "I don't know" otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from soleus.core.case import Case
from soleus.core.finding import Finding, FindingSet
from soleus.core.ids import FindingId
from soleus.knowledge.base import KnowledgeBase
from soleus.validation.cases import PublishedCase

MAX_STEPS = 200
"""A guard against an interview that never ends; reaching it is a defect."""


def simulate_interview(
    published: PublishedCase, kb: KnowledgeBase, today: date, *, history_only: bool
) -> tuple[Case, int]:
    """Answer until the interview stops; returns the case as known then, and the number of questions asked.

    Critical-screen items that the case does not mention are answered "no" (a published case would mention them).
    """
    raise NotImplementedError("the interview is being joined")


def answer_for(published: PublishedCase, finding_id: FindingId, kb: KnowledgeBase) -> Finding:
    """What this runner says to one question."""
    said = replace(Case(runner=published.runner), findings=FindingSet(published.history)).evidence().get(finding_id)
    if said is not None:
        return said
    return Finding(id=finding_id, value=False if kb.findings[finding_id].critical_screen else None)
