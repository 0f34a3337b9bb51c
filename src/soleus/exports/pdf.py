"""PDF reports (PDF/UA-1 through Typst): the runner's report and a one-page SBAR letter.

Typst refuses to build a document that breaks the accessibility rules, so every report made is a tagged one. Content
goes in as data, never as markup, so no answer can change the layout or read a file.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from types import ModuleType

from soleus.clinic.evidence import ADDED, answers_alone
from soleus.core.assessment import Assessment, Cause, Disposition, RuleState
from soleus.core.case import Case, Sex
from soleus.core.errors import BackendError
from soleus.core.finding import Origin
from soleus.exports.runner_report import Filmed, Running, frame, runner_document
from soleus.exports.training_wording import change_sentence, headline, told
from soleus.exports.wording import (
    clinical_contribution,
    clinical_name,
    clinical_soft,
    clinical_statement,
    long_date,
    measured_lean,
    text,
)
from soleus.knowledge.base import KnowledgeBase

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""Control characters, which no font can print: a name from a file may hold any."""
FOREIGN = re.compile("[\u0530-\u1dff\u2c00-\uffff\U00010000-\U0010ffff]")
"""Scripts that the fonts of a report need not have; signs and arrows (U+2000-U+2BFF) are our own."""
UNPRINTABLE = "could not be displayed"
SHOWN_CAUSES = 5
LETTER_CHANGES, LETTER_WATCH = 3, 6
"""How many changes before the onset, and how many findings from watch files, a one-page letter has room for."""
LETTER_SIZES_PT = (9.0, 8.4, 7.8, 7.2)
"""Letter type sizes, tried in turn until it fits on one page."""


def runner_pdf(
    assessment: Assessment,
    case: Case,
    kb: KnowledgeBase,
    running: Running | None = None,
    filmed: Filmed | None = None,
) -> bytes:
    """The runner's report as a tagged PDF. Raises `BackendError` when the PDF part is not installed."""
    return render("runner.typ", runner_document(assessment, case, kb, running, filmed))


def letter_pdf(assessment: Assessment, case: Case, kb: KnowledgeBase, running: Running | None = None) -> bytes:
    """A one-page SBAR letter for the physiotherapist or doctor, in field terms."""
    document = letter_document(assessment, case, kb, running)
    for size in LETTER_SIZES_PT:
        sized = {**document, "size": size}
        if _page_count("letter.typ", sized) <= 1:
            return render("letter.typ", sized)
    causes = document["causes"][:3] if isinstance(document["causes"], list) else []
    return render("letter.typ", {**document, "causes": causes, "size": LETTER_SIZES_PT[-1]})


def letter_document(
    assessment: Assessment, case: Case, kb: KnowledgeBase, running: Running | None = None
) -> dict[str, object]:
    """Everything the letter says, as plain data, in field terms."""
    evidence = answers_alone(case).evidence()
    age = f"{case.runner.age_years:.0f}-year-old " if case.runner.age_years is not None else ""
    sex = case.runner.sex.value + " " if case.runner.sex is not Sex.UNKNOWN else ""
    causes = assessment.differential.causes[:SHOWN_CAUSES] if assessment.differential else ()
    fired = [
        rule for rule in assessment.triage.fired if rule.contributes and rule.contributes >= Disposition.GP_ROUTINE
    ]
    measured = sorted(
        (f for f in case.findings if f.note in ADDED), key=lambda f: -abs((measured_lean(f) or 0.5) - 0.5)
    )
    history = [f for f in evidence if f.origin is not Origin.CLINICIAN and f.value is not None]
    positive = [f for f in history if f.value is not False]
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
    if running:
        changes = told(running.report)[:LETTER_CHANGES]
        said = [headline(kb, running.report), *(change_sentence(kb, change, clinical=True) for change in changes)]
        lines.append("Training before onset (device data; association, not cause): " + " ".join(said))
    if measured:
        lines.append("As evidence: " + "; ".join(clinical_soft(kb, f) for f in measured[:LETTER_WATCH]) + ".")
    wells = assessment.triage.wells
    document = frame(assessment, kb, "Calf pain in a runner: summary for the clinician")
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
                    f"{clinical_contribution(kb, p)} {p.weight_db:+.0f} dB" for p in c.contributions[:4]
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


def render(template: str, data: object) -> bytes:
    """A template filled with data as a PDF/UA-1 document. Raises `BackendError` when it cannot be made."""
    try:
        built = _compile(template, data, format="pdf", pdf_standards=["ua-1"])
    except BackendError as error:
        if UNPRINTABLE not in error.problem:
            raise
        plain = _without(data, FOREIGN, "?")  # a name in a script that no font at hand has must not cost the page
        built = _compile(template, plain, format="pdf", pdf_standards=["ua-1"])
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
            return typst.compile(str(source), sys_inputs={"data": json.dumps(_without(data, CONTROL, ""))}, **options)
        except RuntimeError as error:
            raise BackendError(f"the report could not be laid out ({error})", where=template) from error


def _without(data: object, characters: re.Pattern[str], instead: str) -> object:
    """The data with these characters replaced in every text."""
    if isinstance(data, str):
        return characters.sub(instead, data)
    if isinstance(data, dict):
        return {key: _without(value, characters, instead) for key, value in data.items()}
    return [_without(value, characters, instead) for value in data] if isinstance(data, list | tuple) else data


@cache
def _typst() -> ModuleType:
    try:
        import typst
    except ModuleNotFoundError as error:
        raise BackendError("PDF reports need typst", hint="Install it with: pip install 'soleus[pdf]'") from error
    module: ModuleType = typst
    return module
