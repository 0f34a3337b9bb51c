"""Words for ids: how a report names a finding, an answer, a cause, a chance."""

from __future__ import annotations

from datetime import date

from soleus.core.expression import Answer
from soleus.core.ids import FindingId
from soleus.knowledge.base import KnowledgeBase

UNKNOWN = "I don't know"


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


def long_date(day: date) -> str:
    """22 November 2026."""
    return f"{day.day} {day:%B %Y}"
