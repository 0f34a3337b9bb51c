"""What several commands share: loading, the date, wording, and the JSON shape of an assessment."""

from __future__ import annotations

import argparse
import textwrap
from datetime import date
from typing import TYPE_CHECKING

from soleus.core.errors import AnswerError

if TYPE_CHECKING:
    from soleus.core.assessment import Assessment, Cause
    from soleus.core.expression import Answer
    from soleus.core.finding import Finding
    from soleus.knowledge.base import KnowledgeBase


def knowledge_of(arguments: argparse.Namespace) -> KnowledgeBase:
    """The knowledge base the user chose."""
    from soleus.knowledge import load_knowledge

    return load_knowledge(arguments.knowledge) if arguments.knowledge else load_knowledge()


def today_of(arguments: argparse.Namespace) -> date:
    """`--today`, else the clock (an entry point is the only place that reads it)."""
    given = getattr(arguments, "today", None)
    if not given:
        return date.today()  # noqa: DTZ011 - the runner's own calendar day is meant
    return day_of(given, "--today")


def day_of(given: str, where: str) -> date:
    """A date typed at the command line."""
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise AnswerError(f"{given!r} is no date", where=where, hint="Write it as YYYY-MM-DD") from error


def wording(kb: KnowledgeBase, text_id: str, fallback: str = "") -> str:
    """A text by id; the fallback, or the last part of the id in words, when it is missing."""
    return kb.text.get(text_id) or fallback or text_id.rsplit(".", 1)[-1].replace("_", " ")


def wrap(text: str, indent: str = "  ", width: int = 96) -> str:
    """Text folded for the terminal."""
    return "\n".join(
        textwrap.fill(line, width=width, initial_indent=indent, subsequent_indent=indent)
        for line in text.strip().splitlines()
    )


def percent(value: float) -> str:
    """A probability as whole per cent, never a false 0 or 100."""
    if value < 0.005:
        return "<1%"
    if value > 0.995:
        return ">99%"
    return f"{100 * value:.0f}%"


def plain(value: Answer) -> object:
    """An answer as JSON."""
    return sorted(value) if isinstance(value, frozenset) else value


def soft_json(finding: Finding) -> dict[str, object]:
    """Soft evidence as JSON: the likelihood in force, and the pieces it was made of."""
    return {
        "value": plain(finding.value),
        "origin": finding.origin.name.lower(),
        "likelihood": {state: round(share, 6) for state, share in (finding.likelihood or {}).items()},
        **({"from": finding.note} if finding.note else {}),
        **({"parts": [soft_json(part) for part in finding.parts]} if finding.parts else {}),
    }


def cause_json(cause: Cause) -> dict[str, object]:
    """One cause in the public JSON shape."""
    return {
        "condition": cause.condition,
        "probability": round(cause.probability, 6),
        "low": round(cause.low, 6),
        "high": round(cause.high, 6),
        **({"severity": dict(cause.severity)} if cause.severity else {}),
        **(
            {
                "contributions": [
                    {
                        "finding": part.finding,
                        "value": plain(part.value),
                        **({} if part.soft is None else {"soft": soft_json(part.soft)}),
                        "weight_db": round(part.weight_db, 3),
                        "sources": list(part.sources),
                    }
                    for part in cause.contributions
                ]
            }
            if cause.contributions
            else {}
        ),
    }


def assessment_json(assessment: Assessment) -> dict[str, object]:
    """The public JSON of `soleus assess --json`."""
    differential = assessment.differential
    return {
        "disposition": assessment.disposition.slug,
        "rules": [
            {
                "id": rule.id,
                "state": rule.state.value,
                "because": list(rule.because),
                "contributes": rule.contributes.slug if rule.contributes is not None else None,
            }
            for rule in assessment.triage.rules
        ],
        "unanswered": [{"finding": finding, "floor": floor.slug} for finding, floor in assessment.triage.unanswered],
        "wells": {
            "points": assessment.triage.wells.points,
            "counted": list(assessment.triage.wells.counted),
            "unknown": list(assessment.triage.wells.unknown),
        },
        "floors": [
            {
                "conditions": list(floor.conditions),
                "probability": round(floor.probability, 6),
                "threshold": floor.threshold,
                "disposition": floor.disposition.slug,
            }
            for floor in assessment.floors
        ],
        "differential": [cause_json(c) for c in differential.causes] if differential else [],
        "contributors": [cause_json(c) for c in differential.contributors] if differential else [],
        "next_questions": [
            {
                "finding": question.finding,
                "information_bits": round(question.information_bits, 6),
                "separates": list(question.separates),
            }
            for question in assessment.next_questions
        ],
        "advice": [
            {
                "id": item.id,
                "because": list(item.because),
                "cautions": list(item.cautions),
                "sources": list(item.sources),
            }
            for item in assessment.advice
        ],
        "withheld": [{"id": item.id, "because": list(item.because)} for item in assessment.withheld],
        "conflicts": [
            {"finding": c.kept.id, "kept": plain(c.kept.value), "overruled": plain(c.overruled.value)}
            for c in assessment.conflicts
        ],
        "kept_up": assessment.kept_up,
        "problems": list(assessment.problems),
        "knowledge_version": assessment.knowledge_version,
        "input_hash": assessment.input_hash,
        "assessed_on": assessment.assessed_on.isoformat(),
    }
