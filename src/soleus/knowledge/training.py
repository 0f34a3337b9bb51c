"""Entries of training/*.yaml → the numbers, tables and changes that the training analysis reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import MappingProxyType
from typing import TYPE_CHECKING

from soleus.core.ids import FindingId
from soleus.knowledge.base import Basis, ChangeDefinition, Parameter, ParameterTable, TrainingKnowledge
from soleus.knowledge.loader import Path_
from soleus.knowledge.numbers import sources_of

if TYPE_CHECKING:
    from soleus.knowledge import schema
    from soleus.knowledge.files import Tree

PARAMETERS = "training/parameters.yaml"
TABLES = "training/tables.yaml"
CHANGES = "training/changes.yaml"


def build_training(tree: Tree, findings: Iterable[str], report: Callable[[str, Path_, str], None]) -> TrainingKnowledge:
    """Everything below training/; a change may name only findings that exist, others are left out and reported."""
    known = set(findings)
    for name, entry in tree.changes.items():
        for i, finding in enumerate(entry.findings):
            if finding not in known:
                report(CHANGES, ("changes", name, "findings", i), f"no finding {finding!r}")
    changes = (_change(name, entry, known) for name, entry in tree.changes.items())
    return TrainingKnowledge(
        parameters=MappingProxyType({name: parameter(name, entry) for name, entry in tree.parameters.items()}),
        tables=MappingProxyType({name: _table(name, entry) for name, entry in tree.tables.items()}),
        changes=tuple(sorted(changes, key=lambda change: (change.order, change.id))),
    )


def parameter(name: str, entry: schema.ParameterEntry) -> Parameter:
    low, high = entry.interval or (None, None)
    return Parameter(
        id=name,
        value=float(entry.value),
        low=None if low is None else float(low),
        high=None if high is None else float(high),
        unit=entry.unit,
        basis=Basis(entry.basis),
        sources=sources_of(entry.sources),
        note=entry.note,
        status=entry.status,
    )


def _table(name: str, entry: schema.ParameterTableEntry) -> ParameterTable:
    return ParameterTable(
        id=name,
        columns=MappingProxyType({column: tuple(cells) for column, cells in entry.columns.items()}),
        basis=Basis(entry.basis),
        sources=sources_of(entry.sources),
        note=entry.note,
        status=entry.status,
    )


def _change(name: str, entry: schema.ChangeEntry, known: set[str]) -> ChangeDefinition:
    return ChangeDefinition(
        id=name,
        series=entry.series,
        kind=entry.kind,
        windows_days=tuple(sorted(entry.windows_days)),
        threshold=float(entry.threshold),
        minimum=float(entry.minimum),
        weight=float(entry.weight),
        strength=entry.strength,
        findings=tuple(FindingId(finding) for finding in entry.findings if finding in known),
        basis=Basis(entry.basis),
        sources=sources_of(entry.sources),
        order=entry.order,
        note=entry.note,
        status=entry.status,
    )
