"""Words for ids: how a report names a finding, an answer, a cause, a chance."""

from __future__ import annotations

from datetime import date

from soleus.clinic.evidence import ADDED, FROM_FILM, FROM_WATCH
from soleus.clinic.soft_evidence import NO_LEAN, lean_of
from soleus.core.assessment import Contribution
from soleus.core.expression import Answer
from soleus.core.finding import Finding
from soleus.core.ids import FindingId
from soleus.knowledge.base import KnowledgeBase

UNKNOWN = "I don't know"
HINT = 0.55
"""A lean of watch files and films beyond this is worded as a hint, nearer to the middle as unsettled."""


def text(kb: KnowledgeBase, text_id: str, fallback: str = "", /, **params: str) -> str:
    """The wording of an id with its parameters filled in; the fallback when there is none."""
    wording = kb.text.get(text_id)
    if wording is None:
        return fallback
    for name, value in params.items():
        wording = wording.replace(f"{{{name}}}", value)
    return " ".join(wording.split())


def condition_name(kb: KnowledgeBase, condition: str) -> str:
    """The plain name of a cause."""
    return text(kb, f"condition.{condition}.name", condition.replace("_", " "))


def clinical_name(kb: KnowledgeBase, condition: str) -> str:
    """The field name of a cause."""
    return text(kb, f"condition.{condition}.clinical", condition_name(kb, condition))


def statement(kb: KnowledgeBase, finding: FindingId, value: Answer) -> str:
    """What was said, as a sentence in the second person."""
    if value is True or value is False:
        return text(kb, f"finding.{finding}.{'yes' if value else 'no'}", _named(kb, finding, value))
    if value is None:
        return f"{text(kb, f'finding.{finding}.short', finding)}: {UNKNOWN}"
    if isinstance(value, frozenset):
        return " ".join(statement(kb, finding, option) for option in sorted(value))
    return text(kb, f"finding.{finding}.stmt.{value}", _named(kb, finding, value))


def soft_statement(kb: KnowledgeBase, finding: Finding) -> str:
    """Soft evidence as sentences: what was said first, then what was measured about it."""
    return " ".join(_piece(kb, part) for part in finding.parts or (finding,) if _says(part))


def contribution_statement(kb: KnowledgeBase, part: Contribution) -> str:
    """The evidence behind a weight, in the second person."""
    return statement(kb, part.finding, part.value) if part.soft is None else soft_statement(kb, part.soft)


def clinical_contribution(kb: KnowledgeBase, part: Contribution) -> str:
    """The evidence behind a weight, in field terms."""
    if part.soft is None:
        return clinical_statement(kb, part.finding, part.value)
    return clinical_soft(kb, part.soft)


def clinical_soft(kb: KnowledgeBase, finding: Finding) -> str:
    """Soft evidence in field terms: `Surface change: stated absent; watch files 92% towards present`."""
    name = text(kb, f"finding.{finding.id}.clinical", finding.id.replace("_", " "))
    return f"{name}: {clinical_value(kb, finding)}"


def clinical_value(kb: KnowledgeBase, finding: Finding) -> str:
    """What is known of a finding, in field terms and without its name: `stated absent; watch files 92% towards …`."""
    measured = [part for part in finding.parts or (finding,) if part.note in ADDED]
    if not measured:
        plain = spoken(kb, finding.id, finding.value, True)
        return plain if finding.likelihood is None else f"{plain} (uncertain)"
    said = next((part for part in finding.parts if part.note not in ADDED and part.value is not None), None)
    lines = [] if said is None else [text(kb, "film.evidence.stated", answer=spoken(kb, finding.id, said.value, True))]
    for part in measured:
        by = text(kb, f"film.evidence.by.{part.note}", part.note.replace("_", " "))
        lean = f"{100 * (_lean(part) or 0.0):.0f}%"
        lines.append(text(kb, f"film.evidence.clinical{'_after' if lines else ''}", by=by, percent=lean))
    return "; ".join(lines)


def measured_lean(finding: Finding) -> float | None:
    """How far watch files, films and tests lean towards "present", the one furthest from the middle; None without."""
    leans = [lean for part in finding.parts or (finding,) if part.note in ADDED and (lean := _lean(part)) is not None]
    return max(leans, key=lambda lean: abs(lean - NO_LEAN), default=None)


def measured_statement(kb: KnowledgeBase, finding: Finding) -> str:
    """What watch files, a film or a test show about one finding, graded by how sure they are."""
    lean = _lean(finding) or 0.0
    teller = "watch" if finding.note == FROM_WATCH else "video"
    own = kb.findings[finding.id].asked_of == {teller} if finding.id in kb.findings else False
    shown = lean >= kb.training.value("evidence.value_true")
    if shown or lean <= kb.training.value("evidence.value_false"):
        if own and finding.note in (FROM_WATCH, FROM_FILM):  # worded from watch or film already
            return statement(kb, finding.id, shown)
        word = "show" if shown else "deny"
    else:
        word = "hint" if lean > HINT else "doubt" if lean < 1 - HINT else "unclear"
    start = "training.evidence" if finding.note == FROM_WATCH else f"film.evidence.{finding.note}"
    short = text(kb, f"finding.{finding.id}.short", finding.id.replace("_", " "))
    thing = text(kb, f"film.evidence.thing.{finding.note}.{finding.id}", short)
    return text(kb, f"{start}.{word}", thing=thing)


def _piece(kb: KnowledgeBase, part: Finding) -> str:
    if part.note in ADDED:
        return measured_statement(kb, part)
    if part.likelihood is None:
        return statement(kb, part.id, part.value)
    short = text(kb, f"finding.{part.id}.short", part.id.replace("_", " "))
    return text(kb, "training.evidence.other", thing=short)


def _says(part: Finding) -> bool:
    return part.value is not None or part.likelihood is not None


def _lean(finding: Finding) -> float | None:
    return None if finding.likelihood is None else lean_of(finding.likelihood)


def clinical_statement(kb: KnowledgeBase, finding: FindingId, value: Answer) -> str:
    """What was said, in field terms: `Pitting oedema: present`."""
    return f"{text(kb, f'finding.{finding}.clinical', finding.replace('_', ' '))}: {spoken(kb, finding, value, True)}"


def spoken(kb: KnowledgeBase, finding: FindingId, value: Answer, clinical: bool = False) -> str:
    """An answer in a word or two."""
    if value is None:
        return "unknown" if clinical else UNKNOWN
    if isinstance(value, bool):
        return ("present" if value else "absent") if clinical else ("Yes" if value else "No")
    if isinstance(value, frozenset):
        return ", ".join(spoken(kb, finding, option, clinical) for option in sorted(value))
    label = text(kb, f"finding.{finding}.option.{value}", str(value).replace("_", " "))
    return text(kb, f"finding.{finding}.option_clinical.{value}", label) if clinical else label


def _named(kb: KnowledgeBase, finding: FindingId, value: Answer) -> str:
    return f"{text(kb, f'finding.{finding}.short', finding.replace('_', ' '))}: {spoken(kb, finding, value)}"


def in_hundred(probability: float) -> str:
    """A chance as a count of 100 people; never a false none or all."""
    if probability < 0.01:
        return "fewer than 1"
    if probability > 0.95:
        return "more than 95"
    return str(round(100 * probability))


def about_in_hundred(probability: float) -> str:
    """about 31 in 100; more than 95 in 100."""
    count = in_hundred(probability)
    return f"about {count} in 100" if count.isdigit() else f"{count} in 100"


def long_date(day: date) -> str:
    """22 November 2026."""
    return f"{day.day} {day:%B %Y}"
