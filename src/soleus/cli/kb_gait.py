"""`soleus kb show` for what a film can tell: metrics, refusals, observations and foot checks."""

from __future__ import annotations

from collections.abc import Iterator

from soleus.cli.common import wrap
from soleus.knowledge.base import KnowledgeBase


def gait_parts(kb: KnowledgeBase) -> list[str]:
    """Every id that `show_gait_part` knows."""
    gait = kb.gait
    return [*gait.metrics, *gait.refusals, *gait.observations, *gait.foot_checks, *gait.parameters]


def show_gait_part(name: str, kb: KnowledgeBase) -> str:
    """The part of that name in words; empty when there is none."""
    for show in (_metric, _refusal, _observation, _foot_check):
        lines = list(show(name, kb))
        if lines:
            return "\n".join(lines)
    return ""


def _metric(name: str, kb: KnowledgeBase) -> Iterator[str]:
    entry = kb.gait.metrics.get(name)
    if entry is None:
        return
    called = kb.text.get(f"gait.metric.{name}", "")
    yield f"{name} ({entry.unit}, {entry.view.value} view, {entry.grade.value}): {called}"
    for row in entry.error:
        yield f"  ±{row.half_width:g} from {row.from_fps:g} Hz [{row.basis.value}, {row.status}]"
    for norm in kb.gait.norms:
        if norm.metric == name:
            yield f"  {norm.mean:g} ± {norm.sd:g}: {kb.text.get(norm.who, norm.who)} [{norm.source}]"
    yield wrap(f"sources: {', '.join(entry.sources) or 'none'}")


def _refusal(name: str, kb: KnowledgeBase) -> Iterator[str]:
    entry = kb.gait.refusals.get(name)
    if entry is None:
        return
    yield f"{name} (about the {entry.scope.replace('_', ' ')})"
    yield wrap(kb.text.get(f"gait.refusal.{name}", ""))
    yield wrap(kb.text.get(f"gait.remedy.{name}", ""))


def _observation(name: str, kb: KnowledgeBase) -> Iterator[str]:
    entry = kb.gait.observations.get(name)
    if entry is None:
        return
    yield f"{name}: {' and '.join(f'{c.metric} {c.op} {c.value}' for c in entry.when)}"
    yield wrap(kb.text.get(f"gait.observation.{name}", ""))
    yield f"  evidence {entry.strength} · speaks for {entry.finding or 'nothing'}"
    yield wrap(f"sources: {', '.join(entry.sources) or 'none'}")


def _foot_check(name: str, kb: KnowledgeBase) -> Iterator[str]:
    entry = kb.gait.foot_checks.get(name)
    if entry is None:
        return
    yield f"{name}: {kb.text.get(f'foot_check.{name}', '')}"
    yield wrap(kb.text.get(f"foot_check.{name}.reliability", ""))
    for option in entry.options:
        said = kb.text.get(f"foot_check.{name}.{option.id}", option.id)
        spoken = f" → {option.finding}, leaning by {option.lean:g}" if option.finding else ""
        yield wrap(f"{option.id}: {said}{spoken}")
