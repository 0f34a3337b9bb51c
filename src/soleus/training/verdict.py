"""When a change stands out, and how it is written down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from soleus.core.training import Change, ChangeState, Estimate
from soleus.knowledge.base import ChangeDefinition, TrainingKnowledge
from soleus.training.daily import SERIES
from soleus.training.placebo import Standing, widened


def alarm_limit(definition: ChangeDefinition, knowledge: TrainingKnowledge) -> float:
    """The z a change must pass to stand out: the definition's own limit, else the common one."""
    own = knowledge.parameters.get(f"changes.alarm_z.{definition.id}")
    return knowledge.value("changes.alarm_z") if own is None else own.value


def exceeds(
    definition: ChangeDefinition,
    standing: Standing | None,
    value: float,
    knowledge: TrainingKnowledge,
    *,
    window_days: int | None = None,
) -> bool:
    """Whether the value passes the definition's threshold and is unusual for this runner.

    The threshold holds for the longest window; shorter ones vary more, so theirs lies further out, by (longest /
    days) to the power of `changes.short_window_power` in logarithms (in the unit for differences); 0.5 would be the
    spread of a mean of independent days. Form at matched speed varies little from run to run, so its threshold is the
    same for every window. Unusual = z at or above the alarm limit, the limit grown for few independent
    windows, and matched by no more than `changes.alarm_share` of the runner's own ordinary windows. Many definitions
    and windows are looked at: the limits are set so that an unchanged runner seldom gets even one
    (validation/training.md).
    """
    if standing is None:
        return False
    power = knowledge.value("changes.short_window_power")
    series = SERIES[definition.series]
    further = 1.0
    if window_days is not None and series.gather != "form":
        further = (max(definition.windows_days) / window_days) ** power
    if series.compare == "difference":
        passed = abs(value) >= definition.threshold * further
    elif definition.threshold < 1:
        passed = value <= definition.threshold**further
    else:
        passed = value >= definition.threshold**further
    limit = widened(alarm_limit(definition, knowledge), standing.freedom)
    return passed and standing.z >= limit and standing.share_at_least <= knowledge.value("changes.alarm_share")


def change(
    definition: ChangeDefinition,
    state: ChangeState,
    *,
    limit: float,
    window_days: int | None = None,
    recent: float | None = None,
    baseline: float | None = None,
    unit: str = "",
    effect: Estimate | None = None,
    standing: Standing | None = None,
    probability: float | None = None,
    on: date | None = None,
    run_key: str | None = None,
    reason: str = "",
    params: Mapping[str, str | int | float] | None = None,
) -> Change:
    """A `Change` with what every kind has in common. Score = prior weight · z relative to its alarm limit (at most
    3).
    """
    numbers: dict[str, str | int | float] = dict(params or {})
    if standing is not None:
        numbers |= {"k": standing.k, "n": standing.n}
    if on is not None:
        numbers["on"] = on.isoformat()
    unusual = min(max(standing.z / widened(limit, standing.freedom), 0.0), 3.0) if standing is not None else 1.0
    return Change(
        id=definition.id,
        state=state,
        window_days=window_days,
        recent=recent,
        baseline=baseline,
        unit=unit,
        effect=effect,
        robust_z=standing.z if standing is not None else None,
        larger_than=(standing.k, standing.n) if standing is not None and standing.n else None,
        probability=probability,
        weight=definition.weight,
        score=definition.weight * unusual,
        strength=definition.strength,
        on=on,
        run_key=run_key,
        reason=reason,
        params=numbers,
        findings=definition.findings,
        sources=definition.sources,
    )


def too_little(definition: ChangeDefinition, reason: str) -> Change:
    """Nothing can be said either way, and why."""
    return Change(
        id=definition.id,
        state=ChangeState.TOO_LITTLE,
        weight=definition.weight,
        strength=definition.strength,
        reason=reason,
        findings=definition.findings,
        sources=definition.sources,
    )
