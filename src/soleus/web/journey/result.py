"""R9 as plain parts for the template: nothing is decided here, only put into words and numbers of 100."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from soleus.clinic.reasons import unsettled_findings
from soleus.clinic.summary import CauseLine, Change, Summary, reasons, summarise
from soleus.core.assessment import Advice, Assessment, Cause, Contribution, Disposition, Withheld
from soleus.core.ids import ConditionId, SourceKey
from soleus.core.message import Message
from soleus.exports.wording import contribution_statement
from soleus.web.journey import wording
from soleus.web.journey.adapter import case_of, kb
from soleus.web.journey.help import Help, help_for, localise
from soleus.web.journey.state import Check

DOT_CAUSES = 3
NEXT_SHOWN = 3
CONTRIBUTOR_FROM = 0.3
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
STRENGTHS = ((10.0, "strongly"), (5.0, "clearly"), (1.0, "a little"))
"""Decibans → words: 10 dB is a likelihood ratio of 10, 5 dB of about 3 (expert choice of words)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One source, with a link where there is a DOI."""

    citation: str
    url: str


def in_100(n: int) -> str:
    """A count of 100 as a natural frequency; never a false none or all."""
    if n < 1:
        return "Fewer than 1 in 100"
    if n > 99:
        return "More than 99 in 100"
    return f"About {n} in 100"


def strength(weight_db: float) -> str:
    return next((word for limit, word in STRENGTHS if abs(weight_db) >= limit), "")


def references(keys: Iterable[SourceKey]) -> list[Reference]:
    """The sources behind something, without repeats."""
    found = []
    for key in dict.fromkeys(keys):
        source = kb().sources.get(key)
        if source is not None:
            url = f"https://doi.org/{source.doi}" if source.doi else ""
            found.append(Reference(citation=source.citation, url=url))
    return found


def build_result(check: Check, assessment: Assessment, numbers: Mapping[str, str], today: date) -> dict[str, Any]:
    """Everything the result page shows, in its order."""
    summary = summarise(assessment, case_of(check), kb())
    emergency = assessment.disposition >= Disposition.EMERGENCY_NOW
    return {
        "card": card_for(check, assessment, numbers),
        "unsettled": [wording.short(f) for f in unsettled_findings(assessment)],
        "failed": assessment.triage.failed or bool(assessment.problems),
        "no_causes": assessment.differential is None,
        "causes": _causes(summary, assessment),
        "contributors": _contributors(assessment),
        "important": [_danger(line, assessment) for line in summary.dangers],
        "next": _next(assessment),
        "changes": [_change(change) for change in summary.changes],
        "sure": wording.text(summary.sure),
        "dots": _dots(summary),
        "advice": [] if emergency else [_advice(item) for item in summary.advice],
        "withheld": _withheld(summary.withheld, assessment),
        "open_facts": open_facts(summary.withheld),
        "urgent_medicine": _urgent_medicine(summary.withheld),
        "net": _safety_net(summary, numbers),
        "version": assessment.knowledge_version,
        "hash": assessment.input_hash[:12],
        "on": today,
        "emergency": emergency,
    }


# --- causes ------------------------------------------------------------------------------------------------------
def _causes(summary: Summary, assessment: Assessment) -> list[dict[str, Any]]:
    causes = [_cause(line, assessment) for line in summary.causes]
    if causes and summary.something_else:
        n = summary.something_else
        causes.append({"name": wording.text("summary.something_else"), "n": n, "chance": in_100(n), "rest": True})
    return causes


def _cause(line: CauseLine, assessment: Assessment) -> dict[str, Any]:
    key = f"condition.{line.condition}"
    cause = _found(assessment, line.condition)
    keys = [*line.sources, *(k for c in cause.contributions for k in c.sources)] if cause else list(line.sources)
    return {
        "name": wording.sentence(wording.condition(line.condition)),
        "clinical": wording.clinical_name(line.condition),
        "summary": wording.text(f"{key}.summary"),
        "course": wording.text(f"{key}.course"),
        "next": wording.text(f"{key}.next"),
        "n": line.n,
        "chance": in_100(line.n),
        "low": line.low,
        "high": line.high,
        "width": line.high - line.low,
        "pro": [_evidence(c) for c in line.speaks_for],
        "con": [_evidence(c) for c in line.speaks_against],
        "sources": references(keys)[:8],
        "severity": _severity(line),
    }


def _found(assessment: Assessment, condition: ConditionId) -> Cause | None:
    causes = assessment.differential.causes if assessment.differential is not None else ()
    return next((cause for cause in causes if cause.condition == condition), None)


def _severity(line: CauseLine) -> str:
    if not line.severity:
        return ""
    grade, n = max(line.severity, key=lambda part: part[1])
    return f"If it is this, it is most likely {grade} ({in_100(n).lower()})."


def _evidence(part: Contribution) -> dict[str, str]:
    entry = kb().findings.get(part.finding)
    if part.soft is not None:
        words = contribution_statement(kb(), part)
    else:
        words = wording.said(entry, part.value) if entry is not None else wording.short(part.finding)
    return {"said": words, "strength": strength(part.weight_db)}


def _contributors(assessment: Assessment) -> list[dict[str, str]]:
    if assessment.differential is None:
        return []
    return [
        {
            "name": wording.sentence(wording.condition(c.condition)),
            "chance": in_100(round(c.probability * 100)).lower(),
        }
        for c in assessment.differential.contributors
        if c.probability >= CONTRIBUTOR_FROM
    ]


def _danger(line: CauseLine, assessment: Assessment) -> dict[str, Any]:
    """A dangerous cause that is not on the list of likely ones, and what speaks against it."""
    cause = _found(assessment, line.condition)
    rare = cause is not None and cause.probability < 0.005
    return {
        "name": wording.sentence(wording.condition(line.condition)),
        "chance": "Fewer than 1 in 100" if rare or line.n == 0 else in_100(line.n),
        "against": [_evidence(c)["said"] for c in line.speaks_against[:3]],
        "favours": [_evidence(c)["said"] for c in line.speaks_for[:2]],
    }


def _change(change: Change) -> dict[str, Any]:
    entry = kb().findings.get(change.finding)
    value: Any = {"true": True, "false": False}.get(change.value, change.value)
    examined = entry is not None and "runner" not in entry.asked_of
    return {
        "if": wording.sentence(wording.short(change.finding)),
        "value": wording.bare(entry, value) if entry is not None else change.value,
        "examined": examined,
        "cause": wording.sentence(wording.condition(change.condition)),
        "now": change.n_now,
        "then": change.n_then,
    }


def _next(assessment: Assessment) -> list[str]:
    """The questions and simple tests that would help most."""
    lines = []
    for item in assessment.next_questions[:NEXT_SHOWN]:
        entry = kb().findings.get(item.finding)
        if entry is not None and not entry.critical_screen:
            kind = " (a simple test)" if entry.self_test else ""
            lines.append(f"{wording.question(item.finding)}{kind}")
    return lines


def _dots(summary: Summary) -> dict[str, Any]:
    """100 dots, shared out among the first three causes and all the others."""
    if not summary.causes:
        return {}
    top = summary.causes[:DOT_CAUSES]
    rows = [(wording.sentence(wording.condition(line.condition)), line.n, kind) for kind, line in enumerate(top, 1)]
    rows.append(("All other causes together", 100 - sum(n for _, n, _ in rows), 0))
    kinds = [kind for _, n, kind in rows for _ in range(n)]
    return {
        "dots": [{"x": 9 + 18 * (i % 10), "y": 9 + 18 * (i // 10), "kind": kind} for i, kind in enumerate(kinds)],
        "rows": [{"name": name, "count": n, "kind": kind} for name, n, kind in rows],
        "label": "; ".join(f"{name}: {n} of 100" for name, n, _ in rows),
    }


# --- advice ------------------------------------------------------------------------------------------------------
def _advice(item: Advice) -> dict[str, Any]:
    key = f"advice.{item.id}"
    entry = next((a for a in kb().adjuncts if a.id == item.id), None)
    return {
        "title": wording.text(f"{key}.title", wording.sentence(wording.plain(item.id))),
        "how": wording.text(f"{key}.how"),
        "why": wording.text(f"{key}.why"),
        "caution": wording.text(f"{key}.caution"),
        "cautions": [c for c in (_reason(reason) for reason in item.cautions) if c],
        "evidence": entry.evidence if entry is not None else "",
        "sources": references(item.sources),
    }


REASON_ORDER = ("rule", "suspect", "condition", "finding", "fact", "medicine_rule", "age", "disposition", "one_nsaid")
"""The reason told when there are several: the gravest; "we need to know more" only when nothing else is left."""


def _withheld(items: Iterable[Withheld], assessment: Assessment) -> list[dict[str, Any]]:
    """What is held back, grouped by its main reason; an unsettled safety sign names what is still open."""
    open_parts = {str(rule.id): rule.because for rule in assessment.triage.rules}
    groups: dict[str, list[str]] = {}
    unsettled: dict[str, dict[str, None]] = {}
    for item in items:
        title = wording.text(f"advice.{item.id}.title", wording.sentence(wording.plain(item.id)))
        gravest = _main_reason(item)
        told = _reason(gravest) or "It may not be safe for you."
        groups.setdefault(told, []).append(title)
        if gravest.startswith("suspect:"):
            names = {wording.short(f): None for f in open_parts.get(gravest.partition(":")[2], ())}
            unsettled.setdefault(told, {}).update(names)
    return [
        {"reason": told, "titles": titles, "open": ", ".join(unsettled.get(told, {}))}
        for told, titles in groups.items()
    ]


def _main_reason(item: Withheld) -> str:
    def rank(reason: str) -> int:
        kind = reason.partition(":")[0]
        return REASON_ORDER.index(kind) if kind in REASON_ORDER else len(REASON_ORDER)

    return min(item.because, key=rank, default="")


def _reason(reason: str) -> str:
    """One "<kind>:<id>" as a sentence."""
    kind, _, name = reason.partition(":")
    lead = wording.text(f"withheld.{kind}")
    named = {
        "rule": lambda: wording.text(f"rule.{name}.reason", lead),
        "condition": lambda: (
            f"{wording.sentence(wording.condition(name))} is still possible. Then it would not be safe."
        ),
        "finding": lambda: f"One of your answers speaks against it: {wording.short(name)}.",
        "unanswered": lambda: f"We need one more answer first: {wording.short(name)}.",
        "medicine_rule": lambda: wording.text(f"medicine_rule.{name}", lead),
    }
    return named[kind]() if kind in named else lead


def open_facts(items: Iterable[Withheld]) -> list[str]:
    """Medicine facts whose answer could unlock an item."""
    facts = [r.partition(":")[2] for item in items for r in item.because if r.startswith("unknown_fact:")]
    return [fact for fact in dict.fromkeys(facts) if fact in kb().medicine_facts]


def _urgent_medicine(items: Iterable[Withheld]) -> list[str]:
    urgent = {rule.id for rule in kb().medicine_rules if rule.action.startswith("urgent")}
    ids = [r.partition(":")[2] for item in items for r in item.because if r.startswith("medicine_rule:")]
    return [wording.text(f"medicine_rule.{i}") for i in dict.fromkeys(ids) if i in urgent]


# --- safety net --------------------------------------------------------------------------------------------------
NET_TONES = (("uncertain", ""), ("emergency-if", "red"), ("today-if", "amber"), ("expect", ""), ("ask-again", "blue"))


def _safety_net(summary: Summary, numbers: Mapping[str, str]) -> list[dict[str, Any]]:
    """The five fixed blocks, in the order of the summary."""
    blocks = []
    for block, (name, tone) in zip(summary.safety_net, NET_TONES, strict=True):
        lines = [line for line in block.lines if ".item." not in line.text]
        items = [line for line in block.lines if ".item." in line.text]
        blocks.append(
            {
                "id": name,
                "tone": tone,
                "title": localise(wording.text(block.title), numbers),
                "lines": [said for line in lines if (said := localise(_message(line), numbers))],
                "items": [wording.sentence(_message(line)) for line in items],
            }
        )
    return blocks


def _message(message: Message) -> str:
    """A message in words; dates as a person writes them, names of causes fitted into the sentence."""

    def shown(value: str | float) -> str:
        if isinstance(value, str) and ISO_DATE.fullmatch(value):
            day = date.fromisoformat(value)
            return f"{day.day} {day:%B}"
        if isinstance(value, str) and value in kb().text:
            name = kb().text[value]
            return name[:1].lower() + name[1:]
        return str(value)

    return wording.fill(wording.text(message.text), {key: shown(value) for key, value in message.params.items()})


def card_for(check: Check, assessment: Assessment, numbers: Mapping[str, str]) -> Help:
    """The care card of the assessment: its reasons are rules that are true, never merely possible."""
    card = help_for(check, assessment.triage, numbers, assessment.disposition)
    if card.reasons:
        return card
    told = [_message(m) for m in reasons(assessment, kb()) if not m.text.startswith("rule.")]
    return replace(card, reasons=tuple(line for line in told if line))


TEACH_BACK = (
    ("swell", "My calf swells up and feels warm", True),
    ("ache", "A mild ache the day after a walk, gone by evening", False),
    ("bruise", "A bruise that slowly turns yellow", False),
)


def teach_back(chosen: str) -> dict[str, Any]:
    """The question that checks understanding, and the right answer once one was chosen."""
    options = [{"id": key, "label": label, "checked": key == chosen} for key, label, _ in TEACH_BACK]
    right = next((ok for key, _, ok in TEACH_BACK if key == chosen), None)
    return {
        "question": wording.text("safety_net.ask_again.teach_back", "Which of these would make you call today?"),
        "options": options,
        "answered": right is not None,
        "right": bool(right),
    }


def fallback_card(numbers: Mapping[str, str]) -> Help:
    """When even the rules could not be worked out: get seen."""
    from soleus.web.journey.help import LOOK, dials

    colour, icon = LOOK[Disposition.SAME_DAY]
    return Help(
        disposition=Disposition.SAME_DAY,
        colour=colour,
        icon=icon,
        title="Get seen by a professional",
        how_soon="Today, to be on the safe side.",
        body="Part of this check failed on our side, so we cannot tell you that your leg is fine.",
        numbers=dials(Disposition.SAME_DAY, numbers),
        say="I have calf pain when I run, and I would like someone to look at it today.",
        dont=("Do not run.", "Do not massage the calf."),
        bring=("A list of your medicines.",),
    )
