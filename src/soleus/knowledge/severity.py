"""severity.yaml → SeverityModel: how severe a strain is, from functional signs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from soleus.core.ids import ConditionId, FindingId
from soleus.knowledge.base import Condition, Distribution, FindingDefinition, Number, SeverityModel
from soleus.knowledge.loader import Path_

if TYPE_CHECKING:
    from soleus.knowledge import schema


def build_severity(
    entry: schema.SeverityFile,
    findings: Mapping[FindingId, FindingDefinition],
    conditions: Mapping[ConditionId, Condition],
    *,
    read_number: Callable[[str, schema.NumberEntry | schema.TableEntry], Number | Distribution | None],
    read_table: Callable[[schema.TableEntry, tuple[str, ...]], Distribution],
    report: Callable[[Path_, str], None],
) -> SeverityModel:
    """The model with every reference resolved; what does not resolve is reported and left out."""
    grades = tuple(entry.grades)
    priors: dict[ConditionId, Distribution] = {}
    for name, own in {"prior": entry.prior, **entry.priors}.items():
        here: Path_ = ("prior",) if own is entry.prior else ("priors", name)
        if set(own.options) != set(grades):
            report(here, "must give every grade and nothing else")
        if own is not entry.prior:
            condition = conditions.get(ConditionId(name))
            if condition is None or not condition.grading:
                report(here, f"no graded condition {name!r}")
            priors[ConditionId(name)] = read_table(own, grades)
    tables: dict[FindingId, Mapping[str, Number | Distribution]] = {}
    for name, by_grade in entry.findings.items():
        definition = findings.get(FindingId(name))
        if definition is None or set(by_grade) != set(grades):
            report(("findings", name), f"needs a known finding and every grade: {', '.join(grades)}")
            continue
        read = {g: read_number(name, by_grade[g]) for g in grades}
        whole = {g: number for g, number in read.items() if number is not None}
        if len(whole) == len(grades):
            tables[definition.id] = MappingProxyType(whole)
    return SeverityModel(
        grades=grades,
        prior=read_table(entry.prior, grades),
        priors=MappingProxyType(priors),
        discount=entry.discount.value,
        findings=MappingProxyType(tables),
    )
