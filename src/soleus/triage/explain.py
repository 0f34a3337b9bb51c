"""Why a rule is fired, clear or undetermined: the fewest findings that settle it."""

from __future__ import annotations

from collections.abc import Iterable

from soleus.core.expression import Always, Count, Expression, Lookup, Truth, evaluate, evaluate_atom
from soleus.core.ids import FindingId


def deciding(expression: Expression, lookup: Lookup) -> tuple[FindingId, ...]:
    """A smallest set of findings whose answers alone give the expression its value, in reading order.

    True: enough true parts. False: enough false parts that the rest cannot save it. Unknown: every finding
    still unknown in a part that is not false (any of them may settle it). Parts are settled one by one, so
    the set is smallest part by part; a finding shared by two parts is counted in both when choosing.
    """
    value = evaluate(expression, lookup)
    if value is Truth.UNKNOWN:
        return _unique(_open(expression, lookup))
    return _unique(_settling(expression, value, lookup))


def support(expression: Expression, lookup: Lookup) -> tuple[FindingId, ...]:
    """The findings already known true that could still help to make the expression true."""
    if evaluate(expression, lookup) is Truth.FALSE:
        return ()
    return _unique(_true_atoms(expression, lookup))


def _settling(expression: Expression, value: Truth, lookup: Lookup) -> tuple[FindingId, ...]:
    if isinstance(expression, Always):
        return ()
    if not isinstance(expression, Count):
        return (expression.finding,)
    needed = expression.minimum if value is Truth.TRUE else len(expression.parts) - expression.minimum + 1
    settled = [part for part in expression.parts if evaluate(part, lookup) is value]
    reasons = sorted((_settling(part, value, lookup) for part in settled), key=len)[:needed]
    return tuple(finding for reason in reasons for finding in reason)


def _open(expression: Expression, lookup: Lookup) -> Iterable[FindingId]:
    if isinstance(expression, Count):
        for part in expression.parts:
            if evaluate(part, lookup) is Truth.UNKNOWN:
                yield from _open(part, lookup)
    elif not isinstance(expression, Always):  # pragma: no branch - it is never unknown
        yield expression.finding


def _true_atoms(expression: Expression, lookup: Lookup) -> Iterable[FindingId]:
    if isinstance(expression, Count):
        for part in expression.parts:
            if evaluate(part, lookup) is not Truth.FALSE:  # a true atom in a dead branch helps nothing
                yield from _true_atoms(part, lookup)
    elif not isinstance(expression, Always) and evaluate_atom(expression, lookup) is Truth.TRUE:
        yield expression.finding


def _unique(findings: Iterable[FindingId]) -> tuple[FindingId, ...]:
    return tuple(dict.fromkeys(findings))
