"""Factors: non-negative tables over named variables, with product and summing out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from soleus.core.errors import AnswerError
from soleus.differential.network import Array, Node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Factor:
    """A table with one axis per variable, in the order of `variables`."""

    variables: tuple[str, ...]
    table: Array

    def aligned(self, variables: Sequence[str]) -> Array:
        """The table with axes in the order of `variables`; absent ones get length 1."""
        present = [v for v in variables if v in self.variables]
        table = np.transpose(self.table, [self.variables.index(v) for v in present])
        shape = iter(table.shape)
        return table.reshape([next(shape) if v in self.variables else 1 for v in variables])

    def summed_out(self, variables: Iterable[str]) -> Factor:
        """The factor with these variables marginalised."""
        gone = set(variables) & set(self.variables)
        axes = tuple(i for i, v in enumerate(self.variables) if v in gone)
        return Factor(variables=tuple(v for v in self.variables if v not in gone), table=self.table.sum(axis=axes))

    def normalised(self) -> Factor:
        """Scaled to sum to 1; evidence that cannot happen is the caller's error to mend."""
        total = float(self.table.sum())
        if total <= 0:
            raise AnswerError("these answers contradict each other", hint="Check them and change one")
        return Factor(variables=self.variables, table=self.table / total)


def from_node(node: Node) -> Factor:
    """The conditional table of a node as a factor."""
    return Factor(variables=(*node.parents, node.name), table=node.table)


def product(factors: Sequence[Factor]) -> Factor:
    """The product of factors; of none, the number 1."""
    variables = tuple(dict.fromkeys(v for factor in factors for v in factor.variables))
    table = np.ones([1] * len(variables))
    for factor in factors:
        table = table * factor.aligned(variables)
    return Factor(variables=variables, table=table)
