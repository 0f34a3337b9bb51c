"""What in a film is worth saying to a runner with calf pain: only what is surely there."""

from __future__ import annotations

from collections.abc import Sequence

from soleus.core.gait import MetricResult, Observation
from soleus.core.ids import TextId
from soleus.core.measurement import Measurement
from soleus.core.message import Message
from soleus.knowledge.gait_base import Clause, GaitKnowledge, ObservationDefinition


def line_for(metric: str, results: Sequence[MetricResult]) -> MetricResult | None:
    """The measured line of a metric: of the near leg, or of both; None when it was withheld."""
    for result in results:
        if result.metric == metric and result.near is not False and isinstance(result.measured, Measurement):
            return result
    return None


def applies(definition: ObservationDefinition, speed_mps: float | None) -> bool:
    """Whether the stated speed allows it to be said: from `from_mps` on; without a stated speed not at all."""
    return definition.from_mps is None or (speed_mps is not None and speed_mps >= definition.from_mps)


def surely(clause: Clause, results: Sequence[MetricResult]) -> bool:
    """The whole 95 % interval lies on the clause's side; for a verdict: it is that and nothing beside it."""
    line = line_for(clause.metric, results)
    if line is None or not isinstance(line.measured, Measurement):
        return False
    if isinstance(clause.value, str):
        return line.verdict == clause.value
    return line.measured.low >= clause.value if clause.op == ">=" else line.measured.high <= clause.value


def observe(
    results: Sequence[MetricResult], kb: GaitKnowledge, *, speed_mps: float | None = None
) -> tuple[Observation, ...]:
    """Every observation whose clauses all surely hold, in the order of the knowledge base."""
    return tuple(
        Observation(
            id=name,
            says=Message(text=TextId(f"gait.observation.{name}"), params=_params(definition, results)),
            strength=definition.strength,
            sources=definition.sources,
        )
        for name, definition in kb.observations.items()
        if applies(definition, speed_mps) and all(surely(clause, results) for clause in definition.when)
    )


def _params(definition: ObservationDefinition, results: Sequence[MetricResult]) -> dict[str, str | int | float]:
    """The measured values it rests on, by metric."""
    lines = {clause.metric: line_for(clause.metric, results) for clause in definition.when}
    measured = {metric: line.measured for metric, line in lines.items() if line is not None}
    return {metric: value.value for metric, value in measured.items() if isinstance(value, Measurement)}
