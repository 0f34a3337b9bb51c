"""R9 as plain parts for the template: nothing is decided here, only put into words and numbers of 100."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from soleus.core.assessment import Advice, Assessment, Cause, Disposition, Withheld
from soleus.core.ids import ConditionId, SourceKey
from soleus.web.journey import wording
from soleus.web.journey.adapter import kb
from soleus.web.journey.help import Help, help_for, localise
from soleus.web.journey.state import Check

SHOWN_CAUSES = 5
SHOWN_FROM = 0.02
DANGER_FROM = 0.002
SHOWN_EVIDENCE = 6
OTHER = ConditionId("other_nonspecific")
STRENGTHS = ((10.0, "strongly"), (5.0, "clearly"), (1.0, "a little"))
"""Decibans → words: 10 dB is a likelihood ratio of 10, 5 dB of about 3 (expert choice of words)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One source, with a link where there is a DOI."""

    citation: str
    url: str


def in_100(probability: float) -> str:
    """A probability as a natural frequency."""
    if probability < 0.01:
        return "fewer than 1 in 100"
    if probability > 0.99:
        return "more than 99 in 100"
    return f"about {round(probability * 100)} in 100"


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
    card = help_for(check, assessment.triage, numbers, assessment.disposition)
    emergency = assessment.disposition >= Disposition.EMERGENCY_NOW
    causes = _causes(assessment)
    return {
        "card": card,
        "floors": [_floor(floor.conditions, floor.probability) for floor in assessment.floors],
        "unanswered": [wording.short(f) for f, _ in assessment.triage.unanswered],
        "failed": assessment.triage.failed or bool(assessment.problems),
        "no_causes": assessment.differential is None,
        "causes": causes,
        "contributors": _contributors(assessment),
        "important": _important(assessment, {c["id"] for c in causes}),
        "changes": _changes(assessment),
        "sure": _how_sure(assessment),
        "dots": _dots(assessment),
        "advice": [] if emergency else [_advice(item) for item in assessment.advice],
        "withheld": _withheld(assessment.withheld),
        "open_facts": open_facts(assessment.withheld),
        "urgent_medicine": _urgent_medicine(assessment.withheld),
        "net": _safety_net(assessment, numbers, today),
        "conflicts": [wording.short(c.kept.id) for c in assessment.conflicts],
        "version": assessment.knowledge_version,
        "hash": assessment.input_hash[:12],
        "on": assessment.assessed_on,
        "emergency": emergency,
    }


def _floor(conditions: Sequence[ConditionId], probability: float) -> str:
    names = wording.listed([wording.condition(c) for c in conditions])
    return f"{wording.sentence(names)}: {in_100(probability)}. That is too likely to leave unchecked."


# --- causes ------------------------------------------------------------------------------------------------------
def _causes(assessment: Assessment) -> list[dict[str, Any]]:
    if assessment.differential is None:
        return []
    shown = [c for c in assessment.differential.causes if c.condition != OTHER and c.probability >= SHOWN_FROM]
    causes = [_cause(cause) for cause in shown[:SHOWN_CAUSES]]
    rest = 1.0 - sum(c["probability"] for c in causes)
    if rest > 0.005:
        causes.append(_rest(rest))
    return causes


def _rest(probability: float) -> dict[str, Any]:
    return {
        "id": "rest",
        "name": "Something else",
        "probability": probability,
        "chance": wording.sentence(in_100(probability)),
        "percent": round(probability * 100, 1),
        "rest": True,
    }


def _cause(cause: Cause) -> dict[str, Any]:
    entry = kb().conditions.get(cause.condition)
    pro = [_evidence(c.finding, c.value, c.weight_db) for c in cause.contributions if c.weight_db >= 1.0]
    con = [_evidence(c.finding, c.value, c.weight_db) for c in cause.contributions if c.weight_db <= -1.0]
    keys = [key for c in cause.contributions for key in c.sources]
    keys += list(entry.prior.sources) + list(entry.sources) if entry is not None else []
    return {
        "id": cause.condition,
        "name": wording.sentence(wording.condition(cause.condition)),
        "clinical": wording.clinical_name(cause.condition),
        "summary": wording.text(f"condition.{cause.condition}.summary"),
        "course": wording.text(f"condition.{cause.condition}.course"),
        "next": wording.text(f"condition.{cause.condition}.next"),
        "see": wording.text(f"condition.{cause.condition}.see"),
        "dangerous": entry.dangerous if entry is not None else False,
        "probability": cause.probability,
        "chance": wording.sentence(in_100(cause.probability)),
        "range": f"{max(0, round(cause.low * 100))} to {round(cause.high * 100)}",
        "percent": round(cause.probability * 100, 1),
        "low": round(cause.low * 100, 1),
        "high": round(cause.high * 100, 1),
        "pro": pro[:SHOWN_EVIDENCE],
        "con": con[:SHOWN_EVIDENCE],
        "sources": references(keys)[:8],
        "severity": _severity(cause),
    }


def _severity(cause: Cause) -> str:
    if not cause.severity:
        return ""
    grade, chance = max(cause.severity, key=lambda part: part[1])
    return f"If it is this, it is most likely {grade} ({in_100(chance)})."


def _evidence(finding: str, value: Any, weight_db: float) -> dict[str, str]:
    entry = kb().findings.get(finding)  # type: ignore[call-overload]
    words = wording.said(entry, value) if entry is not None else wording.short(finding)
    return {"said": words, "strength": strength(weight_db)}


def _contributors(assessment: Assessment) -> list[dict[str, str]]:
    if assessment.differential is None:
        return []
    return [
        {
            "name": wording.sentence(wording.condition(c.condition)),
            "chance": in_100(c.probability),
            "summary": wording.text(f"condition.{c.condition}.summary"),
        }
        for c in assessment.differential.contributors
        if c.probability >= 0.3
    ]


def _important(assessment: Assessment, shown: set[str]) -> list[dict[str, Any]]:
    """Dangerous causes that are not on the list above, and what speaks against them."""
    if assessment.differential is None:
        return []
    rows = []
    for cause in assessment.differential.causes:
        entry = kb().conditions.get(cause.condition)
        if entry is None or not entry.dangerous or cause.condition in shown or cause.probability < DANGER_FROM:
            continue
        against = [_evidence(c.finding, c.value, c.weight_db) for c in cause.contributions if c.weight_db <= -1.0]
        favours = [_evidence(c.finding, c.value, c.weight_db) for c in cause.contributions if c.weight_db >= 1.0]
        rows.append(
            {
                "name": wording.sentence(wording.condition(cause.condition)),
                "clinical": wording.clinical_name(cause.condition),
                "chance": wording.sentence(in_100(cause.probability)),
                "against": against[:3],
                "favours": favours[:2],
                "summary": wording.text(f"condition.{cause.condition}.summary"),
            }
        )
    return rows[:5]


def _changes(assessment: Assessment) -> list[str]:
    """Answers not given yet that would move the picture most, as sentences."""
    if assessment.differential is None:
        return []
    flips = []
    for cause in assessment.differential.causes[:3]:
        for flip in cause.would_change:
            entry = kb().findings.get(flip.finding)
            if entry is None:
                continue
            value: Any = {"true": True, "false": False}.get(flip.value, flip.value)
            shift = abs(flip.probability - cause.probability)
            ask = "an examination finds" if "runner" not in entry.asked_of else "it turned out"
            words = wording.short(flip.finding)
            answer = wording.answer(entry, value).lower()
            flips.append(
                (
                    shift * flip.chance**0.5,
                    f"If {ask} “{words}: {answer}”, {wording.condition(cause.condition)} would go from "
                    f"{round(cause.probability * 100)} to {round(flip.probability * 100)} in 100.",
                )
            )
    ordered = [line for _, line in sorted(flips, key=lambda pair: -pair[0])]
    return list(dict.fromkeys(ordered))[:5]


def _how_sure(assessment: Assessment) -> dict[str, str]:
    if assessment.differential is None or not assessment.differential.causes:
        return {}
    top = assessment.differential.causes[0]
    if top.probability >= 0.75:
        words = "Fairly sure. One cause fits your answers much better than the others."
    elif top.probability >= 0.5:
        words = "More likely than not. One cause fits best, but others are well possible."
    elif top.probability >= 0.3:
        words = "Not very sure. More than one cause fits your answers."
    else:
        words = "Unsure. Your answers fit several causes about equally well. An examination will tell more."
    wide = top.high - top.low > 0.4
    note = (
        "The numbers behind this are themselves uncertain, so the true chances may differ a good deal." if wide else ""
    )
    return {"words": words, "note": note, "low": "yes" if top.probability < 0.3 else ""}


def _dots(assessment: Assessment) -> dict[str, Any]:
    """100 dots, shared out among the first three causes and the rest (largest remainder)."""
    if assessment.differential is None:
        return {}
    top = [c for c in assessment.differential.causes if c.condition != OTHER][:3]
    names = [wording.sentence(wording.condition(c.condition)) for c in top] + ["All other causes together"]
    shares = [c.probability * 100 for c in top]
    shares.append(100 - sum(shares))
    counts = [int(share) for share in shares]
    order = sorted(range(len(shares)), key=lambda i: counts[i] - shares[i])
    for i in order[: 100 - sum(counts)]:
        counts[i] += 1
    kinds = [kind for kind, count in enumerate(counts) for _ in range(count)]
    marks = [kind + 1 if kind < len(top) else 0 for kind in kinds]
    return {
        "dots": [{"x": 9 + 18 * (i % 10), "y": 9 + 18 * (i // 10), "kind": mark} for i, mark in enumerate(marks)],
        "rows": [
            {"name": name, "count": count, "kind": i + 1 if i < len(top) else 0}
            for i, (name, count) in enumerate(zip(names, counts, strict=True))
        ],
        "label": "; ".join(f"{name}: {count} of 100" for name, count in zip(names, counts, strict=True)),
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


def _withheld(items: Iterable[Withheld]) -> list[dict[str, Any]]:
    """What is held back, with the reasons in words; the same reasons are told once."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for item in items:
        reasons = tuple(dict.fromkeys(r for r in (_reason(reason) for reason in item.because) if r))[:4]
        title = wording.text(f"advice.{item.id}.title", wording.sentence(wording.plain(item.id)))
        rows.setdefault(reasons, []).append(title)
    return [{"titles": titles, "reasons": list(reasons)} for reasons, titles in rows.items()]


def _reason(reason: str) -> str:
    """One "<kind>:<id>" as a sentence."""
    kind, _, name = reason.partition(":")
    lead = wording.text(f"withheld.{kind}")
    if kind in {"rule", "suspect"}:
        return wording.text(f"rule.{name}.reason", lead)
    if kind == "condition":
        return f"{wording.sentence(wording.condition(name))} is still possible."
    if kind == "finding":
        return f"You told us about {wording.short(name)}."
    if kind == "unanswered":
        return f"We would need to know about {wording.short(name)}."
    if kind == "medicine_rule":
        return wording.text(f"medicine_rule.{name}", lead)
    if kind == "unknown_fact":
        return "We need to know more about your health and medicines first."
    if kind == "fact":
        return lead or "Something in your health or medicines speaks against it."
    return lead


def open_facts(items: Iterable[Withheld]) -> list[str]:
    """Medicine facts whose answer could unlock an item."""
    facts = [r.partition(":")[2] for item in items for r in item.because if r.startswith("unknown_fact:")]
    return [fact for fact in dict.fromkeys(facts) if fact in kb().medicine_facts]


def _urgent_medicine(items: Iterable[Withheld]) -> list[str]:
    urgent = {rule.id for rule in kb().medicine_rules if rule.action.startswith("urgent")}
    ids = [r.partition(":")[2] for item in items for r in item.because if r.startswith("medicine_rule:")]
    return [wording.text(f"medicine_rule.{i}") for i in dict.fromkeys(ids) if i in urgent]


# --- safety net --------------------------------------------------------------------------------------------------
def _items(prefix: str) -> list[str]:
    return [wording.sentence(words) for key, words in kb().text.items() if key.startswith(f"{prefix}.item.")]


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"


def _safety_net(assessment: Assessment, numbers: Mapping[str, str], today: date) -> list[dict[str, Any]]:
    """The five fixed blocks (ux: uncertain, call now, get seen today, what to expect, we ask again)."""
    causes = assessment.differential.causes if assessment.differential is not None else ()
    top = causes[0].condition if causes else None
    course = wording.text(f"condition.{top}.course") if top else ""
    dates = {
        "date": _day(today + timedelta(days=14)),
        "date_48h": _day(today + timedelta(days=2)),
        "date_7d": _day(today + timedelta(days=7)),
        "date_2w": _day(today + timedelta(days=14)),
        "cause": wording.condition(top) if top else "",
        "course": course,
    }

    def words(part: str) -> str:
        return localise(wording.fill(wording.text(f"safety_net.{part}"), dates), numbers)

    known = bool(top) and top != OTHER
    uncertain = [words("uncertain.body_cause" if known else "uncertain.body")]
    if assessment.triage.unanswered:
        uncertain.append(words("uncertain.body_unknown"))
    calm = assessment.disposition <= Disposition.PHYSIO
    expect = [course if known and course else words("expect.body")]
    if calm:
        expect += [words("expect.check_24h"), words("expect.check_7d"), words("expect.check_2w")]
    return [
        {"id": "uncertain", "title": words("uncertain.title"), "lines": uncertain, "items": [], "tone": ""},
        {
            "id": "emergency-if",
            "title": words("emergency_if.title"),
            "lines": [words("emergency_if.intro")],
            "items": _items("safety_net.emergency_if"),
            "tone": "red",
        },
        {
            "id": "today-if",
            "title": words("today_if.title"),
            "lines": [words("today_if.intro")],
            "items": _items("safety_net.today_if"),
            "tone": "amber",
        },
        {"id": "expect", "title": words("expect.title"), "lines": [e for e in expect if e], "items": [], "tone": ""},
        {
            "id": "ask-again",
            "title": words("ask_again.title"),
            "lines": [words("ask_again.body")],
            "items": [],
            "tone": "blue",
        },
    ]


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
