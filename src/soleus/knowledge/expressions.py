"""Expressions as files write them → core expressions, checked against the vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from soleus.core.expression import Always, AtLeast, Count, Expression, OneOf, Present
from soleus.core.ids import FindingId
from soleus.knowledge.base import FindingDefinition, Kind
from soleus.knowledge.loader import Path_

Report = Callable[[Path_, str, str], None]
GRAMMAR = "Write a finding, {finding, in}, {finding, at_least}, {any}, {all}, {count, of} or always."


class ExpressionParser:
    """Parses under one vocabulary; what is wrong goes to `report(pointer, problem, hint)`."""

    def __init__(self, findings: Mapping[FindingId, FindingDefinition], report: Report) -> None:
        self._findings = findings
        self._report = report
        self._forms: dict[frozenset[str], Callable[[dict[str, Any], Path_], Expression | None]] = {
            frozenset({"finding", "in"}): self._one_of,
            frozenset({"finding", "at_least"}): self._at_least,
            frozenset({"any"}): lambda node, path: self._parts(node["any"], (*path, "any"), lambda _: 1),
            frozenset({"all"}): lambda node, path: self._parts(node["all"], (*path, "all"), len),
            frozenset({"count", "of"}): self._count,
        }

    def parse(self, node: object, path: Path_) -> Expression | None:
        """The expression; None stays None, and so does a faulty one (which is reported)."""
        if node is None:
            return None
        if node == "always":
            return Always()
        if isinstance(node, str):
            return self._present(node, path)
        form = self._forms.get(frozenset(node)) if isinstance(node, dict) else None
        if form is None:
            self._report(path, "not an expression", GRAMMAR)
            return None
        return form(node, path)  # type: ignore[arg-type]

    def _definition(self, name: object, *kinds: Kind) -> FindingDefinition | None:
        definition = self._findings.get(FindingId(name)) if isinstance(name, str) else None
        return definition if definition is not None and definition.kind in kinds else None

    def _present(self, name: str, path: Path_) -> Expression | None:
        definition = self._definition(name, Kind.BOOLEAN)
        if definition is None:
            hint = "Name options with {finding, in: […]} for a choice."
            self._report(path, f"no boolean finding {name!r}", hint)
            return None
        return Present(finding=definition.id)

    def _one_of(self, node: dict[str, Any], path: Path_) -> Expression | None:
        definition = self._definition(node["finding"], Kind.CHOICE)
        if definition is None:
            self._report((*path, "finding"), f"no choice finding {node['finding']!r}", "")
            return None
        options = node["in"] if isinstance(node["in"], list) else []
        if not options or any(option not in definition.options for option in options):
            known = ", ".join(definition.options)
            self._report((*path, "in"), f"must be options of {definition.id!r}: {known}", "")
            return None
        return OneOf(finding=definition.id, options=frozenset(options))

    def _at_least(self, node: dict[str, Any], path: Path_) -> Expression | None:
        definition = self._definition(node["finding"], Kind.INTEGER, Kind.NUMBER)
        if definition is None:
            self._report((*path, "finding"), f"no numeric finding {node['finding']!r}", "")
            return None
        threshold = node["at_least"]
        if isinstance(threshold, bool) or not isinstance(threshold, int | float) or threshold != threshold:
            self._report((*path, "at_least"), "must be a number", "")
            return None
        return AtLeast(finding=definition.id, threshold=threshold)

    def _count(self, node: dict[str, Any], path: Path_) -> Expression | None:
        minimum = node["count"]
        size = len(node["of"]) if isinstance(node["of"], list) else 0
        if isinstance(minimum, bool) or not isinstance(minimum, int) or not 1 <= minimum <= size:
            self._report((*path, "count"), "must be between 1 and the number of parts", "")
            return None
        return self._parts(node["of"], (*path, "of"), lambda _: minimum)

    def _parts(self, nodes: object, path: Path_, minimum: Callable[[list[Any]], int]) -> Expression | None:
        if not isinstance(nodes, list) or not nodes or None in nodes:
            self._report(path, "must list at least one expression", "")
            return None
        parts = [self.parse(node, (*path, i)) for i, node in enumerate(nodes)]
        whole = tuple(part for part in parts if part is not None)
        return Count(minimum=minimum(nodes), parts=whole) if len(whole) == len(nodes) else None
