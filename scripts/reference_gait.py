"""The generated page of what a film can tell: metrics and their error, bands, refusals, observations, foot checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reference_parts import MET, cell, cited, page, text
from soleus.core.ids import SourceKey
from soleus.knowledge.base import Basis, KnowledgeBase
from soleus.knowledge.gait_base import Clause, MetricDefinition, Norm

GENERATED_GAIT = ("gait.md",)
START = """What a film of a run and the foot checks know. The error of a metric is half of the 95% interval that more
steps do not remove; the scatter between steps comes on top of it. A figure of our own choice is expert, whatever is
cited beside it for its direction."""


def gait_pages(kb: KnowledgeBase) -> dict[str, str]:
    """Path below docs/reference → content; none without metrics."""
    if not kb.gait.metrics:
        return {}
    parts = (_metrics, _norms, _observations, _refusals, _foot_checks, _parameters)
    return {"gait.md": page("Films of a run", [START, *(line for part in parts for line in part(kb))])}


def _metrics(kb: KnowledgeBase) -> Iterator[str]:
    columns = ("Metric", "View", "Trust", "Unit", "From", "Least steps", "Error", "Change beyond chance", "Plausible")
    yield from _head("Metrics", (*columns, "Sources"))
    for name, metric in kb.gait.metrics.items():
        yield _row(
            f"{_anchor(name)}{text(kb, f'gait.metric_clinical.{name}', name)} ({name})",
            metric.view.value,
            f"{metric.grade.value}{', near leg only' if metric.near_only else ''}",
            metric.unit,
            f"{metric.min_fps:g} Hz",
            str(metric.min_steps),
            _error(kb, metric),
            "" if metric.smallest_detectable is None else f"{metric.smallest_detectable:g}",
            "" if metric.plausible is None else f"{metric.plausible[0]:g} to {metric.plausible[1]:g}",
            cited(metric.sources, kb, ""),
        )


def _error(kb: KnowledgeBase, metric: MetricDefinition) -> str:
    rows = (
        f"±{row.half_width:g} from {row.from_fps:g} Hz ({_origin(kb, row.basis, row.status, row.sources, row.note)})"
        for row in metric.error
    )
    return "; ".join(rows)


def _norms(kb: KnowledgeBase) -> Iterator[str]:
    if not kb.gait.norms:
        return
    yield from _head("Reference bands", ("Metric", "Mean", "SD", "Sex", "Speed, m/s", "Who", "Source"))
    for norm in kb.gait.norms:
        who, met = text(kb, norm.who, norm.who), MET.get(norm.status, norm.status)
        source = f"{met}; {cited([norm.source], kb, '')}"
        yield _row(norm.metric, f"{norm.mean:g}", f"{norm.sd:g}", norm.sex or "both", _speeds(norm), who, source)


def _speeds(norm: Norm) -> str:
    ends = ("" if end is None else f"{end:g}" for end in (norm.from_mps, norm.to_mps))
    return "any" if norm.from_mps is None and norm.to_mps is None else " to ".join(ends)


def _observations(kb: KnowledgeBase) -> Iterator[str]:
    yield from _head(
        "Observations", ("Observation", "When, for the whole interval", "Evidence", "Speaks for", "Origin")
    )
    for name, entry in kb.gait.observations.items():
        when = " and ".join(_clause(clause) for clause in entry.when)
        when += "" if entry.from_mps is None else f", at {entry.from_mps:g} m/s or faster"
        spoken = "nothing" if entry.finding is None else f"{entry.finding}, leaning by {entry.lean:g}"
        spoken += "; its certain absence against it" if entry.finding and entry.speaks_against else ""
        said = f"{_anchor(name)}{text(kb, f'gait.observation.{name}.clinical', name)} ({name})"
        yield _row(
            said, when, entry.strength, spoken, _origin(kb, entry.basis, entry.status, entry.sources, entry.note)
        )


def _clause(clause: Clause) -> str:
    value = clause.value if isinstance(clause.value, str) else f"{clause.value:g}"
    return f"{clause.metric} {clause.op} {value}"


def _refusals(kb: KnowledgeBase) -> Iterator[str]:
    yield from _head("Reasons to measure nothing, or not this", ("Reason", "About", "What it means", "What helps"))
    for name, entry in kb.gait.refusals.items():
        said, helps = (text(kb, f"gait.{section}.{name}") for section in ("refusal", "remedy"))
        yield _row(f"{_anchor(name)}{name}", entry.scope.replace("_", " "), said, helps)


def _foot_checks(kb: KnowledgeBase) -> Iterator[str]:
    yield from _head(
        "Foot and shoe checks", ("Check", "Answer", "Arch", "Speaks for", "Advice", "Reliability", "Origin")
    )
    for name, check in kb.gait.foot_checks.items():
        for i, option in enumerate(check.options):
            first = i == 0
            yield _row(
                f"{_anchor(name)}{text(kb, f'foot_check.{name}', name)} ({name})" if first else "",
                text(kb, f"foot_check.{name}.{option.id}", option.id),
                option.arch,
                "" if option.finding is None else f"{option.finding}, leaning by {option.lean:g}",
                ", ".join(option.care),
                text(kb, f"foot_check.{name}.reliability") if first else "",
                _origin(kb, check.basis, check.status, check.sources, check.note) if first else "",
            )


def _parameters(kb: KnowledgeBase) -> Iterator[str]:
    area = ""
    for name, entry in sorted(kb.gait.parameters.items(), key=lambda item: item[0].split(".")[0]):
        if name.split(".")[0] != area:
            area = name.split(".")[0]
            yield from _head(f"Numbers: {area.replace('_', ' ')}", ("Number", "Value", "Range", "Unit", "Origin"))
        between = "fixed" if entry.low is None else f"{entry.low:g} to {entry.high:g}"
        unit = "" if entry.unit == "1" else entry.unit
        origin = _origin(kb, entry.basis, entry.status, entry.sources, entry.note)
        yield _row(name, f"{entry.value:g}", between, unit, origin)


def _anchor(name: str) -> str:
    return f'<a id="{name}"></a>'


def _head(title: str, columns: Iterable[str]) -> Iterator[str]:
    listed = list(columns)
    yield from ("", f"## {title}", "", f"| {' | '.join(listed)} |", f"|{'---|' * len(listed)}")


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell(part) for part in cells)} |"


def _origin(kb: KnowledgeBase, basis: Basis, status: str, sources: Iterable[SourceKey], note: str) -> str:
    parts = [f"{basis.value}, {MET.get(status, status)}", cited(sources, kb, ""), note]
    return "; ".join(part for part in parts if part)
