"""What the runner usually does, as far as findings ask for it: a lot of running, regular hills."""

from __future__ import annotations

import math

import numpy as np

from soleus.core.ids import FindingId
from soleus.knowledge.base import TrainingKnowledge
from soleus.training.daily import DailyTable
from soleus.training.windows import block_means

HIGH_VOLUME = FindingId("high_volume")
REGULAR_HILLS = FindingId("regular_hills")
LEAST_KNOWN = 0.8
"""Share of the runs that must tell distance and climb, as for shares of ground and shoes (`events`)."""


def usual_habits(table: DailyTable, knowledge: TrainingKnowledge) -> dict[FindingId, float]:
    """P(habit | files) over the last `changes.baseline_last_day` days outside long gaps; empty where the files do not
    tell.

    high_volume: the mean week has at least `habit.high_volume_km` km. regular_hills: at least
    `habit.hilly_runs_per_week` runs a week climb `hill.hilly_ascent_m_per_km` or more. Each is the share of
    moving-block bootstrap samples of the days in which it holds. Needs `changes.min_history_days` known days.
    """
    days = int(knowledge.value("changes.baseline_last_day"))
    kilometres, ascent = (table.values[name][-days:] for name in ("distance_km", "ascent_m"))
    there = ~table.gap[-days:]
    ran = there & (table.values["runs"][-days:] > 0)
    told: dict[FindingId, float] = {}
    hilly = _hilly_days(kilometres, ascent, knowledge)
    for name, daily, least in (
        (HIGH_VOLUME, kilometres, "habit.high_volume_km"),
        (REGULAR_HILLS, hilly, "habit.hilly_runs_per_week"),
    ):
        known = there & ~np.isnan(daily)
        # Rest days are always known: without this, files that hold no height would "show" that there were no hills.
        if not ran.any() or (known & ran).sum() < LEAST_KNOWN * ran.sum():
            continue
        values = daily[known]
        if len(values) >= knowledge.value("changes.min_history_days"):
            draws = block_means(
                values,
                draws=int(knowledge.value("changes.bootstrap")),
                block=int(knowledge.value("changes.block_days")),
                seed=days,
            )
            told[name] = float(np.mean(7 * draws >= knowledge.value(least)))
    return told


def _hilly_days(
    kilometres: np.ndarray[tuple[int], np.dtype[np.float64]],
    ascent: np.ndarray[tuple[int], np.dtype[np.float64]],
    knowledge: TrainingKnowledge,
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """(n,) 1 on days of hilly running, 0 on others, NaN where climb or distance is unknown."""
    unknown = np.isnan(kilometres) | np.isnan(ascent)
    steep = (kilometres > 0) & (ascent >= knowledge.value("hill.hilly_ascent_m_per_km") * kilometres)
    return np.where(unknown, math.nan, steep.astype(np.float64))
