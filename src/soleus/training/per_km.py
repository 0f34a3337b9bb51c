"""A sum per kilometre: climb against the climb this runner's kilometres usually bring.

A week's climb varies with two things, how far someone runs and how hilly the way is. Held against the distance, the
first drops out, and a shift of the second is seen from fewer days.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soleus.knowledge.base import ChangeDefinition, TrainingKnowledge
from soleus.training.daily import DailyTable
from soleus.training.ordinary import among_ordinary
from soleus.training.placebo import Standing, widened
from soleus.training.windows import Span, baselines, block_means, gathered

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PerKm:
    """One window of a series per kilometre. `ratio`: to the runner's own level; `over`: share of bootstrap samples of
    that level against which the ratio reaches its threshold."""

    ratio: float
    over: float
    standing: Standing


def per_km(
    definition: ChangeDefinition, table: DailyTable, days: int, span: Span, knowledge: TrainingKnowledge
) -> PerKm | None:
    """The last `days` days of the definition's series per km against the baseline days; None where it is not looked
    at or cannot be told.

    Ratio of sums, window and baseline alike, over days that know both channels; compared with earlier windows as
    ln((recent + f) / (usual + f)), f = `changes.per_km_floor` (flat ways vary a lot in ratio). Bootstrap: the same
    blocks of days for both sums.
    """
    if f"changes.per_km_ratio.{definition.id}" not in knowledge.parameters:
        return None
    amount, distance = table.values[definition.series], table.values["distance_km"]
    known = ~np.isnan(amount) & ~np.isnan(distance)
    parts = [np.where(known, part, np.nan) for part in (amount, distance)]
    ran = table.values["runs"] > 0
    recent = _ratio(*(gathered(part, ran, window=days, gather="sum") for part in parts))
    usual = _ratio(*(baselines(p, table.pause, p, window=days, gather="sum", span=span) for p in parts))
    if np.isnan(recent[-1]) or np.isnan(usual[-1]):
        return None
    floor = knowledge.value("changes.per_km_floor")
    statistic = np.log((recent + floor) / (usual + floor))
    spread = knowledge.value("changes.spread_floor_level")
    standing = among_ordinary(statistic, table, days=days, floor=spread, knowledge=knowledge)
    if standing is None:
        return None
    chosen = slice(max(0, table.days - span.far), table.days - span.near + 1)
    usable = (known & ~table.pause)[chosen]
    draws, block = int(knowledge.value("changes.bootstrap")), int(knowledge.value("changes.block_days"))
    samples = _ratio(*(block_means(part[chosen][usable], draws=draws, block=block, seed=days) for part in parts))
    threshold = knowledge.value(f"changes.per_km_ratio.{definition.id}")
    return PerKm(
        ratio=float(recent[-1] / max(usual[-1], 1e-9)),
        over=float(np.mean(recent[-1] >= threshold * samples)),
        standing=standing,
    )


def stands_out_per_km(
    definition: ChangeDefinition, found: PerKm, amount_ratio: float, days: int, knowledge: TrainingKnowledge
) -> bool:
    """Whether the series per km passes its threshold and is unusual for this runner, and the amount rose with it.

    The threshold lies further out for shorter windows by (longest / days) ** `changes.per_km_power`, in logarithms.
    """
    threshold = knowledge.value(f"changes.per_km_ratio.{definition.id}")
    further = (max(definition.windows_days) / days) ** knowledge.value("changes.per_km_power")
    return (
        found.ratio >= threshold**further
        and amount_ratio >= knowledge.value("changes.per_km_amount_ratio")
        and found.standing.z >= widened(knowledge.value("changes.per_km_alarm_z"), found.standing.freedom)
        and found.standing.share_at_least <= knowledge.value("changes.per_km_alarm_share")
    )


def _ratio(above: Array, below: Array) -> Array:
    out = np.full(len(above), np.nan)
    np.divide(above, below, out=out, where=below > 0)
    return out
