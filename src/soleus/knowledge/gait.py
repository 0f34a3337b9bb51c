"""Entries of gait/*.yaml → what the gait and heel-raise engines read; every reference is checked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from soleus.core.ids import FindingId, SourceKey
from soleus.core.measurement import Grade
from soleus.core.view import View
from soleus.knowledge.gait_base import (
    CheckOption,
    Clause,
    ErrorRow,
    FootCheck,
    GaitKnowledge,
    MetricDefinition,
    Norm,
    ObservationDefinition,
    RefusalDefinition,
)
from soleus.knowledge.loader import Path_
from soleus.knowledge.numbers import sources_of
from soleus.knowledge.origin import Basis
from soleus.knowledge.training import parameter

if TYPE_CHECKING:
    from soleus.knowledge import schema_gait as g
    from soleus.knowledge.files import Tree

METRICS = "gait/metrics.yaml"
NORMS = "gait/norms.yaml"
REFUSALS = "gait/refusals.yaml"
OBSERVATIONS = "gait/observations.yaml"
FOOT_CHECKS = "gait/foot_checks.yaml"

T = TypeVar("T", MetricDefinition, RefusalDefinition, ObservationDefinition, FootCheck)
Report = Callable[[str, Path_, str], None]


def build_gait(tree: Tree, findings: Collection[str], report: Report) -> GaitKnowledge:
    """Everything below gait/; what names a metric, finding or advice that does not exist is left out and reported."""
    files = tree.gait
    metrics = files.metrics.metrics if files.metrics else {}
    norms = files.norms.norms if files.norms else []
    for i, entry in enumerate(norms):
        if entry.metric not in metrics:
            report(NORMS, ("norms", i, "metric"), f"no metric {entry.metric!r}")
    refusals = files.refusals.refusals if files.refusals else {}
    observations = files.observations.observations if files.observations else {}
    checks = files.foot_checks.foot_checks if files.foot_checks else {}
    return GaitKnowledge(
        metrics=_by_order({name: _metric(name, entry) for name, entry in metrics.items()}),
        norms=tuple(sorted((_norm(e) for e in norms if e.metric in metrics), key=lambda n: (n.metric, n.order))),
        refusals=_by_order({name: _refusal(name, entry) for name, entry in refusals.items()}),
        observations=_by_order(
            {name: _observation(name, e, metrics, findings, report) for name, e in observations.items()}
        ),
        foot_checks=_by_order(
            {name: _foot_check(name, e, tree.adjuncts, findings, report) for name, e in checks.items()}
        ),
        parameters=MappingProxyType({name: parameter(name, entry) for name, entry in files.parameters.items()}),
    )


def _by_order(entries: dict[str, T]) -> Mapping[str, T]:
    return MappingProxyType(dict(sorted(entries.items(), key=lambda item: (item[1].order, item[0]))))


def _pair(limits: list[float] | None) -> tuple[float, float] | None:
    return None if limits is None else (float(limits[0]), float(limits[1]))


def _metric(name: str, entry: g.GaitMetricEntry) -> MetricDefinition:
    return MetricDefinition(
        id=name,
        unit=entry.unit,
        view=View(entry.view),
        grade=Grade(entry.grade),
        order=entry.order,
        per_leg=entry.per_leg,
        near_only=entry.near_only,
        min_fps=float(entry.min_fps),
        min_steps=entry.min_steps,
        decimals=entry.decimals,
        error=tuple(
            ErrorRow(
                from_fps=float(row.from_fps),
                half_width=float(row.half_width),
                basis=Basis(row.basis),
                status=row.status,
                sources=sources_of(row.sources),
                note=row.note,
            )
            for row in entry.error
        ),
        smallest_detectable=None if entry.smallest_detectable is None else float(entry.smallest_detectable),
        plausible=_pair(entry.plausible),
        sources=sources_of(entry.sources),
    )


def _norm(entry: g.NormEntry) -> Norm:
    return Norm(
        metric=entry.metric,
        mean=float(entry.mean),
        sd=float(entry.sd),
        source=SourceKey(entry.sources[0]),
        status=entry.status,
        sex=entry.sex,
        from_mps=None if entry.from_mps is None else float(entry.from_mps),
        to_mps=None if entry.to_mps is None else float(entry.to_mps),
        who=f"gait.who.{entry.who}",
        order=entry.order,
    )


def _refusal(name: str, entry: g.RefusalEntry) -> RefusalDefinition:
    return RefusalDefinition(id=name, order=entry.order, scope=entry.scope, picture=entry.picture or "")


def _observation(
    name: str, entry: g.GaitObservationEntry, metrics: Collection[str], findings: Collection[str], report: Report
) -> ObservationDefinition:
    here = ("observations", name)
    for i, clause in enumerate(entry.when):
        if clause.metric not in metrics:
            report(OBSERVATIONS, (*here, "when", i, "metric"), f"no metric {clause.metric!r}")
    return ObservationDefinition(
        id=name,
        when=tuple(
            Clause(metric=c.metric, op=c.op, value=c.value if isinstance(c.value, str) else float(c.value))
            for c in entry.when
        ),
        order=entry.order,
        strength=entry.strength,
        finding=_finding(entry.finding, findings, OBSERVATIONS, (*here, "finding"), report),
        lean=float(entry.lean),
        speaks_against=entry.speaks_against,
        from_mps=None if entry.from_mps is None else float(entry.from_mps),
        sources=sources_of(entry.sources),
        basis=Basis(entry.basis),
        status=entry.status,
        note=entry.note,
    )


def _foot_check(
    name: str, entry: g.FootCheckEntry, advice: Collection[str], findings: Collection[str], report: Report
) -> FootCheck:
    here = ("foot_checks", name)
    for i, (_, option) in enumerate(entry.cuts):
        if option not in entry.options:
            report(FOOT_CHECKS, (*here, "cuts", i), f"no option {option!r}")
    low, high = _pair(entry.range) or (None, None)
    return FootCheck(
        id=name,
        order=entry.order,
        kind=entry.kind,
        options=tuple(
            _option(option, e, advice, findings, (*here, "options", option), report)
            for option, e in entry.options.items()
        ),
        unit=entry.unit,
        low=low,
        high=high,
        cuts=tuple((float(limit), option) for limit, option in entry.cuts),
        sources=sources_of(entry.sources),
        basis=Basis(entry.basis),
        status=entry.status,
        note=entry.note,
    )


def _option(
    name: str,
    entry: g.CheckOptionEntry,
    advice: Collection[str],
    findings: Collection[str],
    here: Path_,
    report: Report,
) -> CheckOption:
    for i, care in enumerate(entry.care):
        if care not in advice:
            report(FOOT_CHECKS, (*here, "care", i), f"no advice {care!r}")
    return CheckOption(
        id=name,
        arch=entry.arch,
        finding=_finding(entry.finding, findings, FOOT_CHECKS, (*here, "finding"), report),
        lean=float(entry.lean),
        care=tuple(care for care in entry.care if care in advice),
    )


def _finding(
    name: str | None, findings: Collection[str], file: str, pointer: Path_, report: Report
) -> FindingId | None:
    if name is None:
        return None
    if name not in findings:
        report(file, pointer, f"no finding {name!r}")
        return None
    return FindingId(name)
