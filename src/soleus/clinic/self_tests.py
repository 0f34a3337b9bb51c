"""Whether the runner may do a self-test today, alone: asked before a test is offered, whoever measures it."""

from __future__ import annotations

from datetime import date

from soleus.clinic.plan import plan_situation
from soleus.core.assessment import Assessment
from soleus.core.case import Case
from soleus.core.goals import Goals
from soleus.core.ids import MeasureId, TextId
from soleus.core.message import Message
from soleus.core.plan import Plan, PlanStatus
from soleus.knowledge.base import KnowledgeBase
from soleus.planning.contraindications import Bar, bars


def self_test_barred(
    measure: MeasureId, case: Case, goals: Goals, kb: KnowledgeBase, today: date, *, assessment: Assessment, plan: Plan
) -> tuple[Message, ...]:
    """Why this test waits, most certain first; empty = it may be done.

    Only a plan that is open lets anybody test a leg: where the plan is withheld, locked or left to a clinician, its own
    reasons are the answer. What is unknown bars as well.
    """
    if plan.status is not PlanStatus.DRAFT:
        return plan.why or plan.see
    situation = plan_situation(case, goals, kb, today, assessment)
    families = tuple(family for family in (plan.family, *plan.also_safe_for) if family is not None)
    standing = bars(kb.plans.measures[measure].unsafe_codes, situation, families)
    return tuple(_reason(bar) for bar in sorted(standing, key=lambda bar: bar.unknown))


def _reason(bar: Bar) -> Message:
    return Message(text=TextId(f"contraindication.{bar.code}{'.unknown' if bar.unknown else ''}"))
