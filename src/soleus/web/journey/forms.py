"""Reading what was posted. Each reader gives the value, or a list of errors that say what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict

from soleus.core.expression import Answer
from soleus.knowledge.base import FindingDefinition, Kind
from soleus.web.journey import wording

MANY_MARKS = frozenset({"pain_quality"})
"""Choices where several marks make sense ("aching and throbbing")."""
SCALES = frozenset({"pain_score_now"})
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FormError:
    """One mistake: the field it belongs to, what to do, and the id to jump to when it is not the field's name."""

    field: str
    text: str
    anchor: str = ""

    @property
    def target(self) -> str:
        return self.anchor or self.field


class Mistakes(Exception):
    """What was posted cannot be used."""

    def __init__(self, *errors: FormError) -> None:
        super().__init__("form errors")
        self.errors = list(errors)

    def by_field(self) -> dict[str, str]:
        return {error.field: error.text for error in self.errors}


def read_number(post: QueryDict, name: str, *, low: float, high: float, what: str) -> float | None:
    """A number in range, or None when left empty."""
    typed = post.get(name, "").strip().replace(",", ".")
    if not typed:
        return None
    try:
        value = float(typed)
    except ValueError:
        raise Mistakes(FormError(name, f"Write {what} as a number, such as {low + (high - low) / 2:.0f}")) from None
    if not low <= value <= high:
        raise Mistakes(FormError(name, f"{wording.sentence(what)} must be between {low:g} and {high:g}"))
    return value


def read_answer(definition: FindingDefinition, post: QueryDict) -> Answer:
    """The answer to one question; None is "I don't know". Raises Mistakes."""
    marks = [mark for mark in post.getlist("value") if mark]
    if definition.kind in (Kind.INTEGER, Kind.NUMBER):
        return _read_numeric(definition, post, marks)
    if not marks:
        raise Mistakes(FormError("value", f"Choose an answer: {_ask(definition)}"))
    if UNKNOWN in marks and UNKNOWN not in definition.options:
        if len(marks) > 1:
            raise Mistakes(FormError("value", "Choose either an answer or “I don’t know”, not both"))
        return None
    allowed: Sequence[str] = ("yes", "no") if definition.kind is Kind.BOOLEAN else definition.options
    if any(mark not in allowed for mark in marks):
        raise Mistakes(FormError("value", "Choose one of the answers on this page"))
    if definition.kind is Kind.BOOLEAN:
        return marks[-1] == "yes"
    if definition.id in MANY_MARKS and len(marks) > 1:
        return frozenset(marks)
    return marks[0]


def _ask(definition: FindingDefinition) -> str:
    question = wording.question(definition.id)
    return question[:1].lower() + question[1:]


def _read_numeric(definition: FindingDefinition, post: QueryDict, marks: list[str]) -> Answer:
    if post.get("unknown") == "yes" or marks == [UNKNOWN]:
        return None
    low = definition.low if definition.low is not None else 0.0
    high = definition.high if definition.high is not None else 1000.0
    value = read_number(post, "value", low=low, high=high, what="your answer")
    if value is None:
        raise Mistakes(FormError("value", "Choose a number, or “I don’t know”"))
    if definition.kind is Kind.INTEGER:
        if value != int(value):
            raise Mistakes(FormError("value", "Write a whole number"))
        return int(value)
    return value


def read_ticks(items: Sequence[str], post: QueryDict) -> Mapping[str, bool | None]:
    """A page of ticks: ticked = yes, "not sure" = None, the rest = no. Raises Mistakes when nothing is ticked.

    Where "yes" and "not sure" are both ticked the careful reading, yes, counts.
    """
    values: dict[str, bool | None] = {}
    for item in items:
        marks = set(post.getlist(item))
        values[item] = True if "yes" in marks else (None if "unsure" in marks else False)
    any_yes = True in values.values()
    marked = any_yes or None in values.values()
    none = post.get("none") == "yes"
    if none and any_yes:
        raise Mistakes(
            FormError("none", "Take away the tick at “None of these”, or the other ticks: they cannot both be true")
        )
    if not marked and not none:
        raise Mistakes(FormError("none", "Tick what is true for you, or tick “None of these”"))
    return values
