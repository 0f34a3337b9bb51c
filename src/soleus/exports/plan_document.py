"""A plan as plain data in the runner's words: one source for the PDF, the terminal and the web.

Order: is it safe to start, today, this week, the pain rule, moving on and stepping back, when to stop and get help,
when running comes back, every exercise with its reason and source. At an emergency it says what to do and nothing
that could hold anyone up.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from soleus.core.assessment import Disposition
from soleus.core.message import Message
from soleus.core.plan import Plan, PlanStatus
from soleus.exports.plan_outlook import event, forecasts, recurrence, rests_on, running, still_running
from soleus.exports.plan_parts import (
    Sources,
    alternatives,
    cards,
    care,
    held_back,
    held_groups,
    ladder,
    measures,
    pain_rule,
    safety_net,
    said,
)
from soleus.exports.plan_week import this_week, today_card, weeks
from soleus.exports.plan_wording import family_name, lower, runs_of
from soleus.exports.wording import condition_name, in_hundred, long_date, text
from soleus.knowledge.base import KnowledgeBase

SECTIONS = (
    "safe",
    "see",
    "today",
    "week",
    "weeks",
    "rule",
    "move_on",
    "stop",
    "again",
    "rests_on",
    "race",
    "stages",
    "running",
    "programme",
    "exercises",
    "care",
    "technique",
    "withheld",
    "measure",
    "why",
    "assumed",
    "conflicts",
    "meanwhile",
    "recurrence",
    "sources",
)
NEAR_WEEKS = 4
"""Clashes that begin within so many weeks are told one by one."""
URGENT_REASONS = 3
CARD_PARTS = ("title", "how_soon", "body", "say", "dont", "bring")
SAY_WORDS = {"say": "You can say:", "dont": "Until then:", "bring": "Take with you:"}

Document = dict[str, object]


def plan_document(
    plan: Plan,
    kb: KnowledgeBase,
    *,
    today: date | None = None,
    onset_on: date | None = None,
    pictures: bool = False,
) -> Document:
    """Everything a page shows of a plan, JSON-able.

    `today` (default: the day the plan starts) chooses the today card and the week; `onset_on` turns forecasts into
    dates; `pictures` adds the drawings as SVG text.
    """
    today = today or plan.starts_on
    urgent = plan.status is PlanStatus.WITHHELD and plan.disposition >= Disposition.EMERGENCY_NOW
    sources = Sources(kb)
    frame = _frame(plan, kb)
    held = [] if urgent else held_back(plan, kb)
    if urgent:
        frame["title"] = text(kb, f"disposition.{plan.disposition.slug}.title")
        frame["why"] = said(kb, _gravest(plan))
        return {**frame, **_EMPTY, "urgent": True, "net": safety_net(plan, kb, emergency_only=True)}
    week = this_week(plan, kb, today)
    document: Document = {
        **frame,
        **_EMPTY,
        "urgent": False,
        "today": today_card(plan, kb, today),
        "week": week,
        "weeks": weeks(plan, kb, today),
        "weeks_note": text(kb, "plan.week.maybe"),
        "pain_rule": pain_rule(plan, kb),
        "phases": ladder(plan, kb),
        "net": safety_net(plan, kb),
        "forecast_intro": text(kb, "plan.forecast.intro"),
        "forecasts": forecasts(plan, kb, sources, today=today, onset_on=onset_on),
        "rests_on": rests_on(plan, kb),
        "event": event(plan, kb),
        "running": running(plan, kb, sources),
        "exercises": cards(plan, kb, sources, pictures=pictures),
        "care": care(plan, plan.care, kb, sources),
        "technique": care(plan, plan.technique, kb, sources),
        "recurrence": recurrence(plan, kb, sources),
        "withheld": held,
        "withheld_groups": held_groups(held),
        "alternatives": alternatives(plan, kb),
        "to_measure": measures(plan, kb),
        "assumed": said(kb, plan.assumed),
        "conflicts": _conflicts(plan, kb, week),
        "conflicts_later": _conflicts_later(plan, kb, week),
        "causes": _causes(plan, kb),
    }
    family = kb.plans.families.get(plan.family) if plan.family else None
    sources.number(family.sources if family else ())
    return {**document, "sources": sources.listed()}


_EMPTY: Document = {
    "today": None,
    "week": None,
    "weeks": [],
    "weeks_note": "",
    "pain_rule": None,
    "phases": [],
    "forecast_intro": "",
    "forecasts": [],
    "rests_on": [],
    "event": None,
    "running": None,
    "exercises": [],
    "care": [],
    "technique": [],
    "recurrence": None,
    "withheld": [],
    "withheld_groups": [],
    "alternatives": [],
    "to_measure": [],
    "assumed": [],
    "conflicts": [],
    "conflicts_later": "",
    "causes": [],
    "sources": [],
}


def _frame(plan: Plan, kb: KnowledgeBase) -> Document:
    """Title, status, whether it is safe to start, who to see, why."""
    status = plan.status.value
    made = text(kb, "plan.made", date=long_date(plan.made_on), revision=str(plan.revision))
    cleared = plan.status is PlanStatus.DRAFT and plan.goals.cleared_by
    return {
        "id": plan.id,
        "revision": plan.revision,
        "title": text(kb, f"plan.title.{status}"),
        "plan_name": family_name(kb, plan.family) if plan.family else "",
        "plan_for": text(kb, "plan.plan_for", family=family_name(kb, plan.family)) if plan.family else "",
        "plan_plain": text(kb, f"family.{plan.family}.plain") if plan.family else "",
        "plan_note": text(kb, f"family.{plan.family}.note") if plan.family else "",
        "status": {
            "id": status,
            "label": text(kb, "plan.status.cleared", by=_clearer(plan, kb))
            if cleared
            else text(kb, f"plan.status.{status}"),
        },
        "made": made,
        "day": [plan.made_on.year, plan.made_on.month, plan.made_on.day],
        "safe": _safe(plan, kb),
        "see": _see(plan, kb),
        "why": said(kb, plan.why),
        "net_foot": text(kb, "plan.net.foot"),
        "words": _words(plan, kb),
        "footer": f"Soleus · {plan.id} · knowledge {plan.knowledge_version or kb.version} · {text(kb, 'plan.footer')}",
    }


def _gravest(plan: Plan) -> tuple[Message, ...]:
    """At an emergency only the signs themselves, and few of them: nothing may hold anyone up."""
    signs = tuple(message for message in plan.why if message.text.startswith("rule."))
    return (signs or plan.why)[:URGENT_REASONS]


def _words(plan: Plan, kb: KnowledgeBase) -> dict[str, str]:
    """Headings; some depend on the kind of answer and on whether the runner still runs."""
    words = {name: text(kb, f"plan.section.{name}") for name in SECTIONS} | SAY_WORDS | _labels(kb)
    if plan.status is not PlanStatus.DRAFT:
        words["why"] = text(kb, f"plan.section.why_{plan.status.value}")
    if plan.running is not None and still_running(plan.running):
        words["again"] = text(kb, "plan.section.again_running")
    return words


def _labels(kb: KnowledgeBase) -> dict[str, str]:
    """Short words that a page needs between the parts."""
    wanted = {
        "card": ("card", ("feel", "easier", "harder", "why", "how", "start", "end")),
        "phase": ("phase", ("advance", "step_back", "stop", "goals")),
        "column": ("week.column", ("week", "from", "stage", "runs", "run_min", "strength", "cap", "day", "what")),
        "running": ("running", ("step", "what", "total", "times", "from")),
        "recurrence": ("recurrence", ("raises", "lowers")),
        "forecast": ("forecast.column", ("milestone", "median", "range", "dates")),
        "rule": ("rule.column", ("colour", "pain", "do")),
        "clash": ("clash", ("wishes", "change")),
    }
    return {
        f"{prefix}_{name}": text(kb, f"plan.{group}.{name}")
        for prefix, (group, names) in wanted.items()
        for name in names
    }


def _clearer(plan: Plan, kb: KnowledgeBase) -> str:
    """Who cleared the runner, in words."""
    return text(kb, f"plan.clearer.{plan.goals.cleared_by}", plan.goals.cleared_by)


def _safe(plan: Plan, kb: KnowledgeBase) -> dict[str, str]:
    """The answer to the first question: may I start?"""
    name: str = plan.status.value
    if plan.status is PlanStatus.DRAFT and plan.goals.cleared_by:
        name = "draft_cleared"
    elif plan.status is PlanStatus.DRAFT and plan.disposition >= Disposition.PHYSIO:
        name = "draft_see"
    body = text(kb, f"plan.safe.{name}.body")
    if plan.problems:
        body = f"{text(kb, 'plan.first_problem')} {body}"
    level = "go" if plan.status is PlanStatus.DRAFT else "stop" if plan.status is PlanStatus.WITHHELD else "wait"
    return {"title": text(kb, f"plan.safe.{name}.title"), "body": body, "level": level}


def _see(plan: Plan, kb: KnowledgeBase) -> Document:
    """Who to see and how soon: the care card of the disposition, and what the plan adds to it."""
    slug = plan.disposition.slug
    lines = said(kb, (message for message in plan.see if message.text != f"plan.see.{slug}"))  # the card says it
    card = {name: text(kb, f"disposition.{slug}.{name}") for name in CARD_PARTS}
    if plan.status is PlanStatus.DRAFT:  # "do not run" would contradict the plan; the stage says what running is fine
        card["dont"] = ""
        if plan.goals.cleared_by and plan.disposition >= Disposition.PHYSIO:
            lines.append(text(kb, "plan.see_cleared", by=_clearer(plan, kb)))
    shown = plan.status is not PlanStatus.DRAFT or plan.disposition >= Disposition.PHYSIO or bool(lines)
    return {"show": shown, "level": slug, **card, "lines": lines}


def _causes(plan: Plan, kb: KnowledgeBase) -> list[Document]:
    return [
        {
            "name": condition_name(kb, cause.condition),
            "in100": in_hundred(cause.probability),
            "grade": cause.grade,
        }
        for cause in plan.causes
    ]


def _near(week: Document | None) -> int:
    """The last week near enough for its clashes to matter now; later ones change with every new plan."""
    number = 1 if week is None else week["number"]
    assert isinstance(number, int)  # noqa: S101  the week's own number
    return number + NEAR_WEEKS


def _conflicts(plan: Plan, kb: KnowledgeBase, week: Document | None) -> list[Document]:
    """Wishes that do not fit together in the coming weeks, and the least change that makes them fit."""
    lines: list[Document] = []
    for conflict in plan.conflicts:
        if min(conflict.weeks, default=0) > _near(week):
            continue
        dropped = len(conflict.left_out)
        name = "left_out_one" if dropped == 1 else "left_out"
        lines.append(
            {
                "weeks": list(conflict.weeks),
                "when": _when(kb, conflict.weeks),
                "wishes": said(kb, conflict.wishes),
                "least_change": said(kb, conflict.least_change),
                "left_out": text(kb, f"plan.clash.{name}", n=str(dropped)) if dropped else "",
            }
        )
    return lines


def _conflicts_later(plan: Plan, kb: KnowledgeBase, week: Document | None) -> str:
    """That later weeks clash too, and which."""
    far = [n for conflict in plan.conflicts if min(conflict.weeks, default=0) > _near(week) for n in conflict.weeks]
    return text(kb, "plan.clash.later", when=lower(_when(kb, far))) if far else ""


def _when(kb: KnowledgeBase, weeks: Sequence[int]) -> str:
    """Week 12; Weeks 4 to 11, 14."""
    return text(kb, "plan.clash.week" if len(set(weeks)) == 1 else "plan.clash.weeks", weeks=runs_of(weeks))
