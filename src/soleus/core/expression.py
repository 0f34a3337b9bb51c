"""Negation-free three-valued logic over findings (Kleene), shared by red-flag rules and interview guards.

An expression is true, false or unknown. There is no `not`, so turning a finding from absent to unknown to
present can never turn an expression from true towards false: monotone by construction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from soleus.core.ids import FindingId


class Truth(Enum):
    """Kleene truth; ordered false < unknown < true."""

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2

    @classmethod
    def of(cls, value: bool) -> Truth:
        return cls.TRUE if value else cls.FALSE


Answer = bool | str | int | float | frozenset[str] | None
"""A boolean, an option, several options (any of them may hold), a number, or None for unknown."""

Lookup = Callable[[FindingId], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """The boolean finding is present."""

    finding: FindingId


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """The choice finding has one of these options."""

    finding: FindingId
    options: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLeast:
    """The numeric finding is at or above the threshold."""

    finding: FindingId
    threshold: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """At least `minimum` of the parts are true; `all` is minimum = len, `any` is minimum = 1."""

    minimum: int
    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Always:
    """Always true."""


Atom = Present | OneOf | AtLeast
Expression = Atom | Count | Always


def all_of(*parts: Expression) -> Count:
    """True when every part is true."""
    return Count(minimum=len(parts), parts=parts)


def any_of(*parts: Expression) -> Count:
    """True when at least one part is true."""
    return Count(minimum=1, parts=parts)


def evaluate_atom(atom: Atom, lookup: Lookup) -> Truth:
    """Truth of one atom; of several chosen options any qualifying one counts."""
    value = lookup(atom.finding)
    if value is None:
        return Truth.UNKNOWN
    if isinstance(atom, Present):
        return Truth.of(value is True)
    if isinstance(atom, AtLeast):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return Truth.UNKNOWN
        return Truth.of(value >= atom.threshold)
    chosen = value if isinstance(value, frozenset) else frozenset([str(value)])
    # Several marks ("aching and throbbing"): any qualifying mark counts, for a rule must not miss it.
    return Truth.of(bool(chosen & atom.options))


def evaluate(expression: Expression, lookup: Lookup) -> Truth:
    """Kleene value of an expression under the answers of `lookup`."""
    if isinstance(expression, Always):
        return Truth.TRUE
    if not isinstance(expression, Count):
        return evaluate_atom(expression, lookup)
    values = [evaluate(part, lookup) for part in expression.parts]
    certain = values.count(Truth.TRUE)
    if certain >= expression.minimum:
        return Truth.TRUE
    if certain + values.count(Truth.UNKNOWN) >= expression.minimum:
        return Truth.UNKNOWN
    return Truth.FALSE


def iter_atoms(expression: Expression) -> Iterator[Atom]:
    """Every atom, in reading order."""
    if isinstance(expression, Count):
        for part in expression.parts:
            yield from iter_atoms(part)
    elif not isinstance(expression, Always):
        yield expression
