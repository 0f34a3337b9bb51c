"""PDF reports (PDF/UA-1 through Typst): the runner's report and a one-page SBAR letter.

Typst refuses to build a document that breaks the accessibility rules, so every report made is a tagged one. Content
goes in as data, never as markup, so no answer can change the layout or read a file.
"""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from importlib import resources
from types import ModuleType

from soleus.clinic.reasons import deciding_rules, unsettled_findings
from soleus.core.assessment import Assessment, Cause, Disposition, RuleState
from soleus.core.case import Case, Sex
from soleus.core.errors import BackendError
from soleus.core.finding import Origin
from soleus.exports.wording import (
    clinical_name,
    clinical_statement,
    condition_name,
    in_hundred,
    long_date,
    spoken,
    statement,
    text,
)
from soleus.knowledge.base import KnowledgeBase

SHOWN_CAUSES = 5
LETTER_SIZES_PT = (9.0, 8.4, 7.8, 7.2)
"""Letter type sizes, tried in turn until it fits on one page."""


def runner_pdf(assessment: Assessment, case: Case, kb: KnowledgeBase) -> bytes:
    """The runner's report as a tagged PDF. Raises `BackendError` when the PDF part is not installed."""
    return _render("runner.typ", runner_document(assessment, case, kb))


def letter_pdf(assessment: Assessment, case: Case, kb: KnowledgeBase) -> bytes:
    """A one-page SBAR letter for the physiotherapist or doctor, in field terms."""
    document = letter_document(assessment, case, kb)
    for size in LETTER_SIZES_PT:
        sized = {**document, "size": size}
        if _page_count("letter.typ", sized) <= 1:
            return _render("letter.typ", sized)
    causes = document["causes"][:3] if isinstance(document["causes"], list) else []
    return _render("letter.typ", {**document, "causes": causes, "size": LETTER_SIZES_PT[-1]})


def runner_document(assessment: Assessment, case: Case, kb: KnowledgeBase) -> dict[str, object]:
    """Everything the runner's report says, as plain data."""
    slug = assessment.disposition.slug
    emergency = assessment.disposition >= Disposition.EMERGENCY_NOW
    causes = assessment.differential.causes if assessment.differential else ()
    shown = causes[:SHOWN_CAUSES]
    return {
        **_frame(assessment, kb, "Your calf check"),
        "urgency": {
            "level": slug,
            **{part: text(kb, f"disposition.{slug}.{part}") for part in ("title", "how_soon", "body", "say", "dont")},
        },
        "reasons": _reasons(assessment, kb),
        "causes": [_cause(cause, kb, detail=place < 3) for place, cause in enumerate(shown)],
        "sure": _how_sure(shown),
        "important": [
            {"name": condition_name(kb, c.condition), "why": _why_less_likely(c, kb)}
            for c in causes[SHOWN_CAUSES:]
            if kb.conditions[c.condition].dangerous and c.probability >= 0.002
        ][:5],
        "contributors": [
            f"{condition_name(kb, c.condition)}: about {in_hundred(c.probability)} in 100"
            for c in (assessment.differential.contributors if assessment.differential else ())
            if c.probability >= 0.4
        ],
        "change": _changes(shown, kb),
        "advice": [
            {
                "title": text(kb, f"advice.{item.id}.title", item.id),
                "how": text(kb, f"advice.{item.id}.how"),
                "caution": text(kb, f"advice.{item.id}.caution"),
            }
            for item in assessment.advice
        ],
        "withheld": [] if emergency else [text(kb, f"advice.{w.id}.title", w.id) for w in assessment.withheld],
        "net": _safety_net(assessment, kb),
        "answers": [
            {
                "question": text(kb, f"finding.{f.id}.question", str(f.id)),
                "answer": spoken(kb, f.id, f.value),
            }
            for f in case.evidence()
            if f.likelihood is None
        ],
        "sources": _sources(shown, kb),
        "words": _RUNNER_WORDS,
    }


_RUNNER_WORDS = {
    "say": "You can say:",
    "dont": "Until then:",
    "reasons": "Why",
    "causes": "Most likely causes",
    "causes_note": "Of 100 runners with the same answers, about this many would have each cause. The numbers in "
    "brackets show how far this could be out.",
    "cause": "Cause",
    "picture": "Share",
    "in100": "In 100",
    "speaks_for": "Points to it:",
    "speaks_against": "Points away from it:",
    "important": "Less likely but important",
    "contributors": "What may have added to it",
    "change": "What would change this",
    "advice": "For today",
    "withheld": "Held back for now, until it is known to be safe for you",
    "net": "Look out for",
    "answers": "What you told us",
    "question": "Question",
    "answer": "Your answer",
    "sources": "Sources behind these numbers",
}


def _frame(assessment: Assessment, kb: KnowledgeBase, title: str) -> dict[str, object]:
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


def _reasons(assessment: Assessment, kb: KnowledgeBase) -> list[str]:
    reasons = [text(kb, f"rule.{rule.id}.reason", str(rule.id)) for rule in deciding_rules(assessment)[:4]]
    for floor in assessment.floors[:2]:
        names = " or ".join(condition_name(kb, c) for c in floor.conditions[:2])
        reasons.append(f"{names}: about {in_hundred(floor.probability)} in 100. That is too many to leave unseen.")
    unsettled = unsettled_findings(assessment)
    if unsettled:
        names = ", ".join(text(kb, f"finding.{f}.short", str(f)) for f in unsettled[:6])
        reasons.append(f"{text(kb, 'safety_net.uncertain.body_unknown')} Not known yet: {names}.")
    return reasons or ["None of the warning signs that were asked about is there."]


def _cause(cause: Cause, kb: KnowledgeBase, *, detail: bool) -> dict[str, object]:
    grade = max(cause.severity, key=lambda part: part[1])[0] if cause.severity else ""
    speaks_for = [p for p in cause.contributions if p.weight_db >= 1][:4]
    speaks_against = [p for p in cause.contributions if p.weight_db <= -1][:3]
    return {
        "name": condition_name(kb, cause.condition),
        "grade": f"most likely {grade}" if grade else "",
        "probability": cause.probability,
        "in100": in_hundred(cause.probability),
        "range": f"{in_hundred(cause.low)} to {in_hundred(cause.high)}",
        "detail": detail,
        "summary": text(kb, f"condition.{cause.condition}.summary"),
        "speaks_for": [statement(kb, p.finding, p.value).rstrip(".") for p in speaks_for],
        "speaks_against": [statement(kb, p.finding, p.value).rstrip(".") for p in speaks_against],
        "next": text(kb, f"condition.{cause.condition}.next"),
    }


def _how_sure(shown: tuple[Cause, ...]) -> str:
    if not shown:
        return "The likely causes could not be worked out. Please see a health professional."
    top = shown[0].probability
    if top >= 0.75:
        return "This is fairly clear from your answers, but only an examination can confirm it."
    if top >= 0.45:
        return "One cause stands out, but others fit too. An examination would help to tell them apart."
    return "Several causes fit about as well. We cannot tell them apart without an examination."


def _why_less_likely(cause: Cause, kb: KnowledgeBase) -> str:
    against = [statement(kb, p.finding, p.value).rstrip(".") for p in cause.contributions if p.weight_db <= -1][:2]
    chance = f"about {in_hundred(cause.probability)} in 100."
    return f"{chance} Points away from it: {'; '.join(against)}." if against else chance


def _changes(shown: tuple[Cause, ...], kb: KnowledgeBase) -> list[str]:
    lines = []
    for cause in shown[:2]:
        for flip in cause.would_change[:2]:
            value = {"true": True, "false": False}.get(flip.value, flip.value)
            said = statement(kb, flip.finding, value).rstrip(".")
            name = condition_name(kb, cause.condition)
            lines.append(
                f"{said}: then {name} would be about {in_hundred(flip.probability)} in 100 "
                f"instead of {in_hundred(cause.probability)}."
            )
    return lines


def _safety_net(assessment: Assessment, kb: KnowledgeBase) -> list[dict[str, object]]:
    day = assessment.assessed_on
    dates = {
        "date_48h": long_date(day + timedelta(days=2)),
        "date_7d": long_date(day + timedelta(days=7)),
        "date_2w": long_date(day + timedelta(days=14)),
        "date": long_date(day + timedelta(days=14)),
    }
    blocks: list[dict[str, object]] = []
    for part in ("uncertain", "emergency_if", "today_if", "expect", "ask_again"):
        items = [text(kb, key) for key in kb.text if key.startswith(f"safety_net.{part}.item.")]
        if not items:
            keys = [f"safety_net.{part}.{name}" for name in ("body", "check_24h", "check_7d", "check_2w")]
            items = [line for key in keys if (line := text(kb, key, **dates))]
        blocks.append({"title": text(kb, f"safety_net.{part}.title", part), "items": items})
    return blocks


def _sources(shown: tuple[Cause, ...], kb: KnowledgeBase) -> list[str]:
    keys = {key for cause in shown for part in cause.contributions for key in part.sources}
    keys |= {key for cause in shown for key in kb.conditions[cause.condition].sources}
    return [
        f"{source.citation.rstrip('.')}. {source.locator} (read: {source.verified})"
        for key in sorted(keys)
        if (source := kb.sources.get(key)) and "elicited" not in source.verified
    ][:24]


def letter_document(assessment: Assessment, case: Case, kb: KnowledgeBase) -> dict[str, object]:
    """Everything the letter says, as plain data, in field terms."""
    evidence = case.evidence()
    age = f"{case.runner.age_years:.0f}-year-old " if case.runner.age_years is not None else ""
    sex = case.runner.sex.value + " " if case.runner.sex is not Sex.UNKNOWN else ""
    causes = assessment.differential.causes[:SHOWN_CAUSES] if assessment.differential else ()
    fired = [
        rule for rule in assessment.triage.fired if rule.contributes and rule.contributes >= Disposition.GP_ROUTINE
    ]
    history = [f for f in evidence if f.origin is not Origin.CLINICIAN and f.value is not None]
    positive = [f for f in history if f.value is not False and f.likelihood is None]
    negative = [f for f in history if f.value is False]
    exam = [f for f in evidence if f.origin is Origin.CLINICIAN and f.value is not None]
    unknown = [f for f in evidence if f.value is None and f.likelihood is None]
    lines = ["Reported: " + "; ".join(clinical_statement(kb, f.id, f.value) for f in positive) + "."]
    if negative:
        lines.append("Denied: " + "; ".join(text(kb, f"finding.{f.id}.clinical", f.id) for f in negative) + ".")
    if exam:
        lines.append("Examination: " + "; ".join(clinical_statement(kb, f.id, f.value) for f in exam) + ".")
    if unknown:
        lines.append(
            "Not known to the runner: " + "; ".join(text(kb, f"finding.{f.id}.clinical", f.id) for f in unknown)
        )
    wells = assessment.triage.wells
    document = _frame(assessment, kb, "Calf pain in a runner: summary for the clinician")
    document |= {
        "words": _LETTER_WORDS,
        "situation": f"{age}{sex}runner with calf pain, self-reported answers"
        f"{' and examination' if exam else ''} assessed on {long_date(assessment.assessed_on)}.",
        "urgency": text(kb, f"disposition.{assessment.disposition.slug}.title"),
        "background": lines,
        "red_flags": [f"{text(kb, f'rule.{r.id}.clinical', str(r.id))} [{r.id}]" for r in fired[:6]],
        "open": [text(kb, f"finding.{finding}.clinical", finding) for finding, _ in assessment.triage.unanswered[:10]],
        "causes": [
            {
                "name": clinical_name(kb, c.condition),
                "probability": f"{_percent(c.probability)} ({_percent(c.low)} to {_percent(c.high)})",
                "evidence": "; ".join(
                    f"{text(kb, f'finding.{p.finding}.clinical', p.finding)} ({spoken(kb, p.finding, p.value, True)}) "
                    f"{p.weight_db:+.0f} dB"
                    for p in c.contributions[:4]
                ),
            }
            for c in causes
        ],
        "wells": f"Two-level Wells items counted: {wells.points} (without the -2 item, which software never "
        f"subtracts; {len(wells.unknown)} items unknown). The score misses clots in athletes: it does not reassure.",
        "recommendation": _recommendation(assessment, causes, kb),
    }
    return document


_LETTER_WORDS = {
    "situation": "Situation",
    "urgency": "Advised urgency:",
    "background": "Background",
    "assessment": "Assessment",
    "red_flags": "Red flags:",
    "no_red_flags": "No red-flag rule at GP level or above has fired.",
    "open": "Safety questions without an answer:",
    "cause": "Differential",
    "probability": "Probability (90% interval)",
    "evidence": "Strongest evidence (10 dB = tenfold)",
    "recommendation": "Recommendation",
}


def _recommendation(assessment: Assessment, causes: tuple[Cause, ...], kb: KnowledgeBase) -> list[str]:
    slug = assessment.disposition.slug
    urgency = f"{text(kb, f'disposition.{slug}.title')}. {text(kb, f'disposition.{slug}.how_soon')}"
    lines = [urgency]
    lines += [line for c in causes[:2] if (line := text(kb, f"condition.{c.condition}.next"))]
    ask = [text(kb, f"finding.{q.finding}.clinical", q.finding) for q in assessment.next_questions[:4]]
    if ask:
        lines.append("Most informative next: " + "; ".join(ask) + ".")
    undetermined = sum(rule.state is RuleState.UNDETERMINED for rule in assessment.triage.rules)
    lines.append(
        f"{undetermined} of {len(assessment.triage.rules)} red-flag rules are undetermined; unknown answers are not "
        "reassuring. Probabilities rest partly on expert judgement; sources in the knowledge base."
    )
    return lines


def _percent(probability: float) -> str:
    if probability < 0.005:
        return "<1%"
    return ">99%" if probability > 0.995 else f"{100 * probability:.0f}%"


def _render(template: str, data: object) -> bytes:
    built = _compile(template, data, format="pdf", pdf_standards=["ua-1"])
    if not isinstance(built, bytes):
        raise BackendError("the report could not be laid out", where=template)
    return built


def _page_count(template: str, data: object) -> int:
    built = _compile(template, data, format="svg")
    return len(built) if isinstance(built, list) else 1


def _compile(template: str, data: object, **options: object) -> object:
    typst = _typst()
    with resources.as_file(resources.files("soleus.exports") / "templates" / template) as source:
        try:
            return typst.compile(str(source), sys_inputs={"data": json.dumps(data)}, **options)
        except RuntimeError as error:
            raise BackendError(f"the report could not be laid out ({error})", where=template) from error


@cache
def _typst() -> ModuleType:
    try:
        import typst
    except ModuleNotFoundError as error:
        raise BackendError("PDF reports need typst", hint="Install it with: pip install 'soleus[pdf]'") from error
    module: ModuleType = typst
    return module
