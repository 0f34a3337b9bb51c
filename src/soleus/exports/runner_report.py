"""The runner's report as plain data: one source for the PDF and the terminal.

At an emergency it says what to do and nothing that could hold anyone up: no causes, no advice, no further questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from soleus.clinic.film_evidence import Answers
from soleus.clinic.reasons import unsettled_findings
from soleus.clinic.soft_evidence import Effect
from soleus.clinic.summary import CareCard, CauseLine, Summary, summarise
from soleus.clinic.training_evidence import TrainingEffect
from soleus.core.assessment import Assessment, Contribution, Disposition, Withheld
from soleus.core.case import Case
from soleus.core.message import Message
from soleus.core.training import TrainingReport
from soleus.exports.film_wording import effect_sentences as film_sentences
from soleus.exports.film_wording import foot_check_sentences
from soleus.exports.training_wording import change_sentence, effect_sentences, headline, told, warnings
from soleus.exports.wording import (
    about_in_hundred,
    condition_name,
    contribution_statement,
    in_hundred,
    long_date,
    soft_statement,
    spoken,
    statement,
    text,
)
from soleus.knowledge.base import KnowledgeBase

DETAILED_CAUSES = 3
DANGERS_FROM = 0.002
"""A dangerous cause less likely than this is not worth a line of its own; the safety net names its signs."""
MANY_OPEN = 6
RUNNING_CHANGES = 5
"""How many changes before the pain, and how many moved causes, are named."""
_NOT_FOR_YOU = ("rule", "condition", "finding", "fact", "medicine_rule", "age", "disposition", "suspect", "one_nsaid")

EMERGENCY_NET = "safety_net.emergency_if.title"

Document = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What the watch files add to a result: the report, and what it moved."""

    report: TrainingReport
    effect: TrainingEffect


@dataclass(frozen=True, slots=True, kw_only=True)
class Filmed:
    """What films, the heel-raise test and foot checks add to a result: what they moved, and what the checks said."""

    effect: Effect
    foot_checks: Answers = field(default_factory=dict)


def runner_document(
    assessment: Assessment,
    case: Case,
    kb: KnowledgeBase,
    running: Running | None = None,
    filmed: Filmed | None = None,
) -> Document:
    """Everything the runner's report says; `running` adds the section on the watch files, `filmed` that on films and
    tests."""
    summary = summarise(assessment, case, kb)
    emergency = assessment.disposition >= Disposition.EMERGENCY_NOW
    return {
        **frame(assessment, kb, "Your calf check"),
        "urgency": _card(summary.card, kb),
        "reasons": [said(message, kb) for message in _reasons(summary.card, emergency=emergency)],
        "open": [] if emergency else _open_questions(assessment, kb),
        "causes": [] if emergency else _causes(summary, kb),
        "else": "" if emergency or not summary.causes else in_hundred(summary.something_else / 100),
        "sure": "" if emergency else _how_sure(summary, kb),
        "important": [] if emergency else _dangers(summary, assessment, kb),
        "contributors": [] if emergency else _contributors(assessment, kb),
        "running": [] if emergency or running is None else _running(running, kb),
        "films": [] if emergency or filmed is None else _films(filmed, kb),
        "change": [] if emergency else _changes(summary, kb),
        "advice": _advice(summary, kb),
        "not_for_you": [] if emergency else _held_back(summary.withheld, kb, unknown=False),
        "ask_first": [] if emergency else _held_back(summary.withheld, kb, unknown=True),
        "net": [
            {"title": text(kb, block.title), "items": [said(line, kb) for line in block.lines]}
            for block in summary.safety_net
            if not emergency or block.title == EMERGENCY_NET
        ],
        "answers": [
            {
                "question": text(kb, f"finding.{line.finding}.question", str(line.finding)),
                "answer": spoken(kb, line.finding, line.value) if line.soft is None else soft_statement(kb, line.soft),
            }
            for line in summary.answers
        ],
        "sources": [] if emergency else _sources(summary.causes, kb),
        "words": WORDS,
    }


WORDS = {
    "say": "You can say:",
    "dont": "Until then:",
    "bring": "Take with you:",
    "reasons": "Why",
    "open": "You have not told us about",
    "open_note": "Answer these to be more certain. Until then we stay careful.",
    "causes": "Most likely causes",
    "causes_note": "Of 100 runners with the same answers, about this many would have each cause. The numbers in "
    "brackets show how far this could be out.",
    "cause": "Cause",
    "picture": "Share",
    "in100": "In 100",
    "something_else": "Something else",
    "speaks_for": "Points to it:",
    "speaks_against": "Points away from it:",
    "important": "Less likely but important",
    "contributors": "What may have added to it",
    "running": "Your running",
    "films": "Your films and tests",
    "change": "What would change this",
    "advice": "For today",
    "not_for_you": "Not for you now",
    "ask_first": "Only after the medicine and health questions",
    "net": "Look out for",
    "answers": "What you told us",
    "question": "Question",
    "answer": "Your answer",
    "sources": "Sources behind these numbers",
}


def frame(assessment: Assessment, kb: KnowledgeBase, title: str) -> Document:
    """Title, date and footer of any document."""
    day = assessment.assessed_on
    return {
        "title": title,
        "year": day.year,
        "month": day.month,
        "day": day.day,
        "made": f"Made on {long_date(day)}. Not a substitute for a health professional.",
        "page_word": "page",
        "footer": f"Soleus · knowledge {kb.version} · check {assessment.input_hash[:12]} · for education and research, "
        "not clinically reviewed",
    }


def said(message: Message, kb: KnowledgeBase) -> str:
    """A message in words: parameters that are text ids are looked up, ISO dates are written out."""
    params = {}
    for name, value in message.params.items():
        shown = text(kb, str(value), str(value))
        try:
            shown = long_date(date.fromisoformat(shown))
        except ValueError:
            shown = shown[:1].lower() + shown[1:] if str(value) in kb.text else shown
        params[name] = shown
    return text(kb, message.text, "", **params)


def _card(card: CareCard, kb: KnowledgeBase) -> dict[str, str]:
    parts = {"title": card.title, "how_soon": card.how_soon, "body": card.body}
    parts |= {"say": card.say, "dont": card.dont, "bring": card.bring}
    return {"level": card.disposition.slug, **{name: text(kb, text_id) for name, text_id in parts.items()}}


def _reasons(card: CareCard, *, emergency: bool) -> tuple[Message, ...]:
    """All reasons; at an emergency the rules that fired, for they name the sign, else whatever there is."""
    rules = tuple(message for message in card.reasons if message.text.startswith("rule."))
    return rules if emergency and rules else card.reasons


def _open_questions(assessment: Assessment, kb: KnowledgeBase) -> list[str]:
    names = [text(kb, f"finding.{f}.short", str(f)) for f in unsettled_findings(assessment)]
    more = len(names) - MANY_OPEN
    return names[:MANY_OPEN] + ([f"and {more} more"] if more > 0 else [])


def _causes(summary: Summary, kb: KnowledgeBase) -> list[Document]:
    return [_cause(line, kb, detail=place < DETAILED_CAUSES) for place, line in enumerate(summary.causes)]


def _cause(line: CauseLine, kb: KnowledgeBase, *, detail: bool) -> Document:
    grade = max(line.severity, key=lambda part: part[1])[0] if line.severity else ""
    return {
        "name": condition_name(kb, line.condition),
        "grade": f"most likely {grade}" if grade else "",
        "probability": line.n / 100,
        "in100": in_hundred(line.n / 100),
        "range": f"{line.low} to {line.high}",
        "detail": detail,
        "summary": text(kb, f"condition.{line.condition}.summary"),
        "speaks_for": _sentences(line.speaks_for, kb),
        "speaks_against": _sentences(line.speaks_against, kb),
        "next": text(kb, f"condition.{line.condition}.next"),
    }


def _sentences(parts: Sequence[Contribution], kb: KnowledgeBase) -> list[str]:
    return [contribution_statement(kb, part).rstrip(".") for part in parts]


def _how_sure(summary: Summary, kb: KnowledgeBase) -> str:
    if not summary.causes and "differential" in summary.problems:
        return "The likely causes could not be worked out. Please see a health professional."
    return text(kb, summary.sure)


def _dangers(summary: Summary, assessment: Assessment, kb: KnowledgeBase) -> list[Document]:
    lines: list[Document] = []
    for line in summary.dangers:
        probability = assessment.differential.probability(line.condition) if assessment.differential else 0.0
        if probability < DANGERS_FROM:
            continue
        against = _sentences(line.speaks_against, kb)[:2]
        chance = f"{in_hundred(probability)} in 100."
        why = f"{chance} Points away from it: {'; '.join(against)}." if against else chance
        lines.append({"name": condition_name(kb, line.condition), "why": why})
    return lines


def _contributors(assessment: Assessment, kb: KnowledgeBase) -> list[str]:
    factors = assessment.differential.contributors if assessment.differential else ()
    return [
        f"{condition_name(kb, c.condition)}: {about_in_hundred(c.probability)}" for c in factors if c.probability >= 0.4
    ]


def _running(running: Running, kb: KnowledgeBase) -> list[str]:
    """The headline, each change, what they did to the result, and what they cannot say."""
    report = running.report
    lines = [headline(kb, report), *warnings(kb, report)]
    lines += [change_sentence(kb, change) for change in told(report)[:RUNNING_CHANGES]]
    lines += [line for line in effect_sentences(kb, running.effect, most=RUNNING_CHANGES) if line not in lines]
    return [*lines, text(kb, "training.report.limit.before")]


def _films(filmed: Filmed, kb: KnowledgeBase) -> list[str]:
    """What was seen and moved, then the foot checks with the advice on shoes."""
    checks = foot_check_sentences(filmed.foot_checks, kb)
    return [*film_sentences(filmed.effect, kb, most=RUNNING_CHANGES), *checks]


def _changes(summary: Summary, kb: KnowledgeBase) -> list[str]:
    lines = []
    for change in summary.changes:
        value = {"true": True, "false": False}.get(change.value, change.value)
        answer = statement(kb, change.finding, value).rstrip(".")
        name = condition_name(kb, change.condition)
        lines.append(
            f"“{answer}”: then {name[:1].lower()}{name[1:]} would be {about_in_hundred(change.n_then / 100)} "
            f"instead of {in_hundred(change.n_now / 100)}."
        )
    return lines


def _advice(summary: Summary, kb: KnowledgeBase) -> list[Document]:
    return [
        {
            "title": text(kb, f"advice.{item.id}.title", str(item.id)),
            "how": text(kb, f"advice.{item.id}.how"),
            "caution": text(kb, f"advice.{item.id}.caution"),
        }
        for item in summary.advice
    ]


def _held_back(withheld: Sequence[Withheld], kb: KnowledgeBase, *, unknown: bool) -> list[str]:
    """Items held back because of something known (`unknown` false) or only until questions are answered."""
    names = []
    for item in withheld:
        known = any(reason.split(":", 1)[0] in _NOT_FOR_YOU for reason in item.because)
        if known is not unknown:
            names.append(text(kb, f"advice.{item.id}.title", str(item.id)))
    return names


def _sources(causes: Sequence[CauseLine], kb: KnowledgeBase) -> list[str]:
    keys = {key for line in causes for key in line.sources}
    keys |= {key for line in causes for part in (*line.speaks_for, *line.speaks_against) for key in part.sources}
    return [
        f"{source.citation.rstrip('.')}. {source.locator} (read: {source.verified})"
        for key in sorted(keys)
        if (source := kb.sources.get(key)) and "elicited" not in source.verified
    ][:24]
