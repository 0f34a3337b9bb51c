"""Wording by text id, with a readable fallback: a missing text must never break a page."""

from __future__ import annotations

from collections.abc import Mapping

from soleus.core.expression import Answer
from soleus.knowledge.base import FindingDefinition, Kind
from soleus.web.journey.adapter import kb


def text(text_id: str, default: str = "") -> str:
    return kb().text.get(text_id) or default


def plain(identifier: str) -> str:
    """An id as words, when there is no wording for it."""
    return identifier.replace("_", " ")


def sentence(words: str) -> str:
    """With a capital letter at the start."""
    return words[:1].upper() + words[1:]


def question(finding: str) -> str:
    return text(f"finding.{finding}.question", sentence(plain(finding)) + "?")


def short(finding: str) -> str:
    return text(f"finding.{finding}.short", plain(finding))


def statement(finding: str) -> str:
    """The finding as something one can tick."""
    return text(f"finding.{finding}.yes", sentence(short(finding)))


def option(finding: str, value: str) -> str:
    return text(f"finding.{finding}.option.{value}", plain(value))


def condition(condition_id: str) -> str:
    return text(f"condition.{condition_id}.name", plain(condition_id))


def clinical_name(condition_id: str) -> str:
    return text(f"condition.{condition_id}.clinical")


def answer(definition: FindingDefinition, value: Answer) -> str:
    """An answer in words, for the list of answers."""
    if value is None:
        return "I don’t know"
    if definition.kind is Kind.BOOLEAN:
        return "Yes" if value else "No"
    if isinstance(value, frozenset):
        return sentence(", ".join(option(definition.id, v) for v in sorted(value)))
    if definition.kind is Kind.CHOICE:
        return sentence(option(definition.id, str(value)))
    return f"{value:g}" if isinstance(value, float) else str(value)


def bare(definition: FindingDefinition, value: Answer) -> str:
    """An answer as a part of a sentence."""
    if definition.kind is Kind.CHOICE and isinstance(value, str):
        return option(definition.id, value)
    return answer(definition, value).lower()


def said(definition: FindingDefinition, value: Answer) -> str:
    """An answer as a sentence to the runner: what was said, present or absent."""
    if definition.kind is Kind.BOOLEAN and isinstance(value, bool):
        known = text(f"finding.{definition.id}.{'yes' if value else 'no'}")
        return known or f"{sentence(short(definition.id))}: {'yes' if value else 'no'}"
    if definition.kind is Kind.CHOICE and isinstance(value, str):
        known = text(f"finding.{definition.id}.stmt.{value}")
        if known:
            return known
    return f"{sentence(short(definition.id))}: {answer(definition, value)}"


def listed(names: list[str]) -> str:
    """a, b and c."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put {name} parts in; an unknown name is left out rather than shown in braces."""

    class _Known(dict[str, str]):
        def __missing__(self, key: str) -> str:
            return ""

    return template.format_map(_Known(values))
