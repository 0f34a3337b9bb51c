"""What the knowledge of gait must hold before a release: the part of `lint` that looks at films and foot checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from soleus.core.ids import FindingId
from soleus.core.measurement import Grade
from soleus.knowledge.base import Kind, KnowledgeBase
from soleus.knowledge.files import GAIT, Fault, Tree
from soleus.knowledge.gait import FOOT_CHECKS, METRICS, NORMS, OBSERVATIONS, REFUSALS
from soleus.knowledge.lint_plans import Finding
from soleus.knowledge.loader import Path_

if TYPE_CHECKING:
    from soleus.knowledge import schema

GAIT_RULES: dict[str, str] = {
    "KB039": "a metric of a film has an error at every capture rate at which it is shown, and a plausible value "
    "reaches its bands",
    "KB040": "what a film or foot check says as evidence is about a yes/no finding that a film is asked for, never "
    "from an experimental metric, and always with a lean",
    "KB041": "a reason not to measure has its own place in the order",
}
OBSERVED_PARTS = ("", ".clinical")
CHECK_PARTS = ("", ".how", ".reliability")
PLAIN_GAIT = ("metric", "metric_what", "refusal", "refusal_title", "remedy", "observation", "who")
"""Sections of `gait.` that runners read."""


def iter_gait(tree: Tree) -> Iterator[tuple[str, Path_, schema.Origin]]:
    """Every number of a film's evaluation that states its origin, with its place."""
    files = tree.gait
    for name, parameter in files.parameters.items():
        yield files.parameter_files[name], ("parameters", name), parameter
    for name, metric in (files.metrics.metrics if files.metrics else {}).items():
        for i, row in enumerate(metric.error):
            yield METRICS, ("metrics", name, "error", i), row
    for i, norm in enumerate(files.norms.norms if files.norms else []):
        yield NORMS, ("norms", i), norm
    for name, observation in (files.observations.observations if files.observations else {}).items():
        yield OBSERVATIONS, ("observations", name), observation
    for name, check in (files.foot_checks.foot_checks if files.foot_checks else {}).items():
        yield FOOT_CHECKS, ("foot_checks", name), check


def iter_gait_files(tree: Tree) -> Iterator[tuple[str, object]]:
    """Every file below gait/ as plain data, for the sources it names; the parameter files as one."""
    for name in GAIT:
        single = getattr(tree.gait, name)
        if single is not None:
            yield f"gait/{name}.yaml", single.model_dump()
    for name, entry in tree.gait.parameters.items():
        yield tree.gait.parameter_files[name], {"parameters": {name: entry.model_dump()}}


def wanted_gait_text(kb: KnowledgeBase) -> Iterator[tuple[str, str, Path_]]:
    """Text id, file and place of all wording that films and foot checks need."""
    for name in kb.gait.metrics:
        for section in ("metric", "metric_clinical", "metric_what"):
            yield f"gait.{section}.{name}", METRICS, ("metrics", name)
    for i, norm in enumerate(kb.gait.norms):
        yield norm.who, NORMS, ("norms", i)
    for name in kb.gait.refusals:
        for section in ("refusal_title", "refusal", "remedy"):
            yield f"gait.{section}.{name}", REFUSALS, ("refusals", name)
    for name in kb.gait.observations:
        for part in OBSERVED_PARTS:
            yield f"gait.observation.{name}{part}", OBSERVATIONS, ("observations", name)
    for name, check in kb.gait.foot_checks.items():
        for part in (*CHECK_PARTS, *(f".{option.id}" for option in check.options)):
            yield f"foot_check.{name}{part}", FOOT_CHECKS, ("foot_checks", name)


def owned_gait_text(kb: KnowledgeBase) -> dict[str, set[str]]:
    """Sections of `gait.` whose wording belongs to an entry, with the entries."""
    metrics = set(kb.gait.metrics)
    refusals = set(kb.gait.refusals)
    return {
        "metric": metrics,
        "metric_clinical": metrics,
        "metric_what": metrics,
        "refusal": refusals,
        "refusal_title": refusals,
        "remedy": refusals,
        "observation": set(kb.gait.observations),
        "who": {norm.who.rsplit(".", 1)[-1] for norm in kb.gait.norms},
    }


def is_plain_gait(text_id: str) -> bool:
    """Whether runners read this wording of films and foot checks."""
    kind, _, rest = text_id.partition(".")
    return kind == "foot_check" or (
        kind == "gait" and rest.split(".")[0] in PLAIN_GAIT and not text_id.endswith(".clinical")
    )


def gait_findings(_tree: Tree, kb: KnowledgeBase) -> Iterator[Finding]:
    """Every check of films and foot checks."""
    for check in CHECKS:
        yield from check(kb)


def _errors(kb: KnowledgeBase) -> Iterator[Finding]:
    for name, metric in kb.gait.metrics.items():
        if not metric.error or metric.error[0].from_fps > metric.min_fps:
            problem = f"no error at {metric.min_fps:g} pictures a second"
            yield _found("KB039", METRICS, ("metrics", name, "error"), problem)
    for i, norm in enumerate(kb.gait.norms):
        plausible = kb.gait.metrics[norm.metric].plausible
        if plausible is not None and not plausible[0] <= norm.mean <= plausible[1]:
            yield _found("KB039", NORMS, ("norms", i, "mean"), "outside the plausible range of its metric")


def _evidence(kb: KnowledgeBase) -> Iterator[Finding]:
    for name, observation in kb.gait.observations.items():
        here: Path_ = ("observations", name)
        for clause in observation.when:
            metric = kb.gait.metrics.get(clause.metric)
            if observation.finding and metric is not None and metric.grade is Grade.EXPERIMENTAL:
                yield _found("KB040", OBSERVATIONS, here, f"rests on {clause.metric!r}, which is experimental")
        yield from _spoken(kb, observation.finding, observation.lean, OBSERVATIONS, here)
    for name, check in kb.gait.foot_checks.items():
        for option in check.options:
            here = ("foot_checks", name, "options", option.id)
            yield from _spoken(kb, option.finding, option.lean, FOOT_CHECKS, here)


def _spoken(kb: KnowledgeBase, finding: FindingId | None, lean: float, file: str, here: Path_) -> Iterator[Finding]:
    if (finding is None) == (lean > 0):
        yield _found("KB040", file, here, "a finding and a lean go together")
    definition = None if finding is None else kb.findings[finding]
    if definition is not None and (definition.kind is not Kind.BOOLEAN or "video" not in definition.asked_of):
        yield _found("KB040", file, here, f"{finding!r} is no yes/no finding that a film is asked for")


def _orders(kb: KnowledgeBase) -> Iterator[Finding]:
    seen: dict[int, str] = {}
    for name, refusal in kb.gait.refusals.items():
        other = seen.setdefault(refusal.order, name)
        if other != name:
            yield _found("KB041", REFUSALS, ("refusals", name, "order"), f"the same place as {other!r}")


def _found(rule: str, file: str, pointer: Path_, problem: str) -> Finding:
    return Finding(fault=Fault(file=file, pointer=pointer, problem=problem, rule=rule))


CHECKS: tuple[Callable[[KnowledgeBase], Iterator[Finding]], ...] = (_errors, _evidence, _orders)
