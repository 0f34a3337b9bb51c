"""A Bayesian network of discrete nodes: directed, acyclic, with one conditional table per node."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soleus.core.errors import KnowledgeError

Array = NDArray[np.float64]

TOLERANCE = 1e-9
"""How far a row of a table may be from summing to 1."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Node:
    """One variable: `table` has one axis per parent, in order, and the node's own states on the last axis."""

    name: str
    states: tuple[str, ...]
    parents: tuple[str, ...]
    table: Array


class Network:
    """Nodes in topological order, validated once; immutable afterwards."""

    __slots__ = ("_nodes",)

    def __init__(self, nodes: Iterable[Node]) -> None:
        by_name: dict[str, Node] = {}
        for node in nodes:
            if node.name in by_name:
                raise KnowledgeError("two nodes have the same name", where=node.name)
            by_name[node.name] = node
        self._nodes: Mapping[str, Node] = {name: by_name[name] for name in _topological(by_name)}
        for node in self._nodes.values():
            _check_table(node, self._nodes)

    @property
    def nodes(self) -> Mapping[str, Node]:
        """By name, parents before children."""
        return self._nodes

    def ancestors(self, names: Iterable[str]) -> frozenset[str]:
        """The named nodes with everything above them."""
        seen: set[str] = set()
        stack = list(names)
        while stack:
            name = stack.pop()
            if name not in seen:
                seen.add(name)
                stack.extend(self._nodes[name].parents)
        return frozenset(seen)


def _topological(nodes: Mapping[str, Node]) -> list[str]:
    waiting = {name: set(node.parents) for name, node in nodes.items()}
    for name, parents in waiting.items():
        missing = parents - nodes.keys()
        if missing:
            raise KnowledgeError(f"unknown parent {min(missing)!r}", where=name)
    order: list[str] = []
    while waiting:
        ready = [name for name, parents in waiting.items() if not parents]
        if not ready:
            raise KnowledgeError("the network has a cycle", where=min(waiting))
        order.extend(ready)
        for name in ready:
            del waiting[name]
        for parents in waiting.values():
            parents.difference_update(ready)
    return order


def _check_table(node: Node, nodes: Mapping[str, Node]) -> None:
    if not node.states or len(set(node.states)) != len(node.states):
        raise KnowledgeError("states are missing or repeated", where=node.name)
    shape = (*(len(nodes[parent].states) for parent in node.parents), len(node.states))
    if node.table.shape != shape:
        raise KnowledgeError(f"table has shape {node.table.shape}, not {shape}", where=node.name)
    if not np.all(node.table >= 0) or np.any(np.abs(node.table.sum(axis=-1) - 1) > TOLERANCE):
        raise KnowledgeError("a row of the table is not a probability distribution", where=node.name)
