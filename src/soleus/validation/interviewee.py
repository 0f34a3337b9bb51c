"""A simulated runner who answers the adaptive interview from a published case, "I don't know" otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from soleus.clinic.interview import Ask, Emergency, InterviewState, answer, next_step, note_emergency
from soleus.core.case import Case
from soleus.core.errors import StateError
from soleus.core.finding import Finding, FindingSet
from soleus.core.ids import FindingId
from soleus.knowledge.base import KnowledgeBase
from soleus.validation.cases import PublishedCase

MAX_STEPS = 200
"""A guard against an interview that never ends; reaching it is a defect."""


def simulate_interview(
    published: PublishedCase, kb: KnowledgeBase, today: date, *, history_only: bool
) -> tuple[Case, int]:
    """Answer until the interview stops; returns the case as known then, and the number of pages asked.

    A page is one question or one screen of tick boxes. An emergency stops the count (the runner is sent away);
    the rest of the story is then told to whoever sees them, so the differential is judged on what was asked.
    """
    knows = replace(Case(runner=published.runner), findings=published.history).evidence()
    state = InterviewState()
    asked = 0
    for _ in range(MAX_STEPS):
        step = next_step(state, kb, today)
        if isinstance(step, Emergency):
            state = note_emergency(state, step.disposition)
            continue
        if not isinstance(step, Ask):
            return _case(published, state.findings, history_only=history_only), asked
        asked += 1
        state = answer(state, [answer_for(knows, name, kb) for name in step.findings], kb, page=step.findings)
    raise StateError(f"the interview did not end within {MAX_STEPS} pages", where=published.id)


def answer_for(knows: FindingSet, finding_id: FindingId, kb: KnowledgeBase) -> Finding:
    """What this runner says: what the case states; "no" to a critical sign it does not mention; else "don't know"."""
    said = knows.get(finding_id)
    if said is not None:
        return said
    return Finding(id=finding_id, value=False if kb.findings[finding_id].critical_screen else None)


def _case(published: PublishedCase, answers: FindingSet, *, history_only: bool) -> Case:
    found = answers if history_only else answers.merged(published.examination)
    return Case(id=published.id, runner=published.runner, findings=found)
