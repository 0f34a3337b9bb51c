"""What changed since the runner's last film, filmed the same way."""

from __future__ import annotations

import math
from collections.abc import Sequence

from soleus.core.gait import GaitReport, MetricChange, MetricResult
from soleus.core.measurement import Measurement
from soleus.core.view import Facing, View
from soleus.gait.uncertainty import NORMAL_95
from soleus.knowledge.gait_base import GaitKnowledge

_MEDIAN_PER_MEAN = 1.2533


def comparable(
    previous: GaitReport,
    kb: GaitKnowledge,
    *,
    view: View,
    facing: Facing | None,
    model: str,
    speed_mps: float | None,
) -> bool:
    """Same view, same side, same pose network; at stated speeds at most `compare.max_speed_difference_mps` apart.

    Two films with no speed told are compared; one told and one not are not.
    """
    if previous.refusals or previous.view is not view or previous.facing is not facing:
        return False
    if previous.model.split("/")[0] != model.split("/")[0]:
        return False
    if previous.speed_mps is None or speed_mps is None:
        return previous.speed_mps is speed_mps
    return abs(previous.speed_mps - speed_mps) <= kb.value("compare.max_speed_difference_mps")


def changes(
    previous: GaitReport | None,
    results: Sequence[MetricResult],
    kb: GaitKnowledge,
    *,
    view: View,
    facing: Facing | None,
    model: str,
    speed_mps: float | None = None,
) -> tuple[MetricChange, ...]:
    """Each metric measured in both films and on the same leg, against its smallest detectable difference.

    Real when the difference exceeds both `smallest_detectable` of the knowledge base (day to day, the camera set up
    anew) and the scatter between steps, 1.96 · √(SE₁² + SE₂²), SE = 1.2533 · SD/√n; the larger one is stated. The
    systematic error of the method is left out: it is the same in both films.
    """
    if previous is None or not comparable(previous, kb, view=view, facing=facing, model=model, speed_mps=speed_mps):
        return ()
    before = {(line.metric, line.side): line.measured for line in previous.metrics}
    found = []
    for line in results:
        definition, old, new = kb.metrics.get(line.metric), before.get((line.metric, line.side)), line.measured
        if definition is None or definition.smallest_detectable is None:
            continue
        if not isinstance(old, Measurement) or not isinstance(new, Measurement):
            continue
        smallest = max(
            definition.smallest_detectable, NORMAL_95 * math.hypot(_standard_error(old), _standard_error(new))
        )
        found.append(
            MetricChange(
                metric=line.metric,
                side=line.side,
                before=old.value,
                after=new.value,
                smallest_detectable=smallest,
                real=abs(new.value - old.value) > smallest,
            )
        )
    return tuple(found)


def _standard_error(measurement: Measurement) -> float:
    if not measurement.spread or measurement.count < 2:
        return 0.0
    return _MEDIAN_PER_MEAN * measurement.spread / math.sqrt(measurement.count)
