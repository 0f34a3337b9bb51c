"""The plan as a tagged PDF (PDF/UA-1 through Typst): week view, exercise pictures, safety net on every page."""

from __future__ import annotations

from datetime import date
from typing import Any

from soleus.core.plan import Plan
from soleus.exports.pdf import render
from soleus.exports.plan_document import plan_document
from soleus.knowledge.base import KnowledgeBase


def plan_pdf(plan: Plan, kb: KnowledgeBase, *, today: date | None = None, onset_on: date | None = None) -> bytes:
    """The plan as a PDF. Raises `BackendError` when the PDF part is not installed."""
    return render("plan.typ", pdf_document(plan, kb, today=today, onset_on=onset_on))


def pdf_document(
    plan: Plan, kb: KnowledgeBase, *, today: date | None = None, onset_on: date | None = None
) -> dict[str, Any]:
    """The plan's document with its pictures; only the present and the next week with all their days."""
    document: dict[str, Any] = plan_document(plan, kb, today=today, onset_on=onset_on, pictures=True)
    weeks, here = document["weeks"], document["week"]
    number = 0 if here is None else here["number"]
    document["next_week"] = next((week for week in weeks if week["number"] == number + 1), None)
    document["weeks"] = [{**week, "days": []} for week in weeks]
    return document
