"""What a question is worth: expected information about the cause, what it separates, what would change a cause."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from soleus.core.assessment import Flip
from soleus.core.ids import ConditionId, FindingId
from soleus.differential.network import Array
from soleus.differential.tree import Belief, Outlook, Tree

LEAST_BITS = 1e-12
"""Below this a gain is rounding, not information."""

LEAST_CHANCE = 0.01
"""An answer less likely than this is not offered as one that would change the picture."""

LEAST_CHANGE = 0.01
"""Nor is an answer that moves the probability by less than this."""


class Gain(NamedTuple):
    """One question: expected information in bits, and the two or three causes its answer moves apart most."""

    finding: FindingId
    bits: float
    separates: tuple[ConditionId, ...]


def rank_gains(
    tree: Tree, belief: Belief, candidates: Sequence[FindingId], answered: frozenset[FindingId]
) -> tuple[Gain, ...]:
    """Candidates by falling gain (ties in the order given); answered and unused findings gain nothing."""
    outlook = tree.outlook(belief)
    separated = _separated(tree, belief, outlook)
    causes = tree.model.causes
    gains: list[Gain] = []
    for finding in candidates:
        index = tree.index(finding)
        if index is None or finding in answered or outlook.bits[index] < LEAST_BITS:
            gains.append(Gain(finding, 0.0, ()))
        else:
            names = tuple(causes[i] for i in separated[index] if i >= 0)
            gains.append(Gain(finding, float(outlook.bits[index]), names))
    return tuple(sorted(gains, key=lambda gain: -gain.bits))


def _separated(tree: Tree, belief: Belief, outlook: Outlook) -> NDArray[np.intp]:
    """Per finding the causes its answer moves apart most: (moved most, moved most against it, next or -1).

    The swing of a cause is Σ_s P(s)·|P(cause|s) − P(cause)|; two causes are moved apart when their changes go
    in opposite directions over the answers, weighted by the chance of each answer.
    """
    starts = tree.starts[:-1]
    moved = outlook.joint - outlook.chance[:, None] * belief.cause
    swing = np.add.reduceat(np.abs(moved), starts) if len(starts) else np.empty((0, len(belief.cause)))
    most = swing.argmax(axis=1) if len(starts) else np.empty(0, dtype=np.intp)
    sizes = np.diff(tree.starts)
    leading = moved[np.arange(len(moved)), np.repeat(most, sizes)] / outlook.chance
    together = np.add.reduceat(moved * leading[:, None], starts) if len(starts) else swing
    rows = np.arange(len(most))
    against = np.where(together < 0, swing, -1.0).argmax(axis=1) if len(starts) else most
    rest = swing.copy()
    rest[rows, most] = rest[rows, against] = -1.0
    third = rest.argmax(axis=1) if len(starts) else most
    worth = rest[rows, third] >= swing[rows, against] / 2
    return np.stack([most, against, np.where(worth, third, -1)], axis=1)


def flips(
    tree: Tree, belief: Belief, outlook: Outlook, cause: int, wanted: int, askable: Callable[[FindingId], bool]
) -> tuple[Flip, ...]:
    """The answers not yet given that would change this cause's probability most, one per finding.

    `askable` says whether a finding may be named at all (unanswered, of a person, safe); it is only asked about
    findings that qualify otherwise.
    """
    after: Array = outlook.joint[:, cause] / outlook.chance
    change = np.where(outlook.chance >= LEAST_CHANCE, np.abs(after - belief.cause[cause]), 0.0)
    owner = np.repeat(np.arange(len(tree.model.findings)), np.diff(tree.starts))
    found: list[Flip] = []
    seen: set[int] = set()
    for row in np.argsort(-change, kind="stable"):
        index = int(owner[row])
        if change[row] < LEAST_CHANGE or len(found) == wanted:
            break
        item = tree.model.findings[index]
        if index not in seen and askable(item.id):
            state = item.states[int(row) - int(tree.starts[index])]
            found.append(
                Flip(finding=item.id, value=state, probability=float(after[row]), chance=float(outlook.chance[row]))
            )
        seen.add(index)
    return tuple(found)
