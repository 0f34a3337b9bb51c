"""One window statistic at the onset against the same statistic at ordinary times of the runner's history."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soleus.knowledge.base import TrainingKnowledge
from soleus.training.daily import DailyTable
from soleus.training.placebo import Standing, stand
from soleus.training.windows import touches_gap

Array = npt.NDArray[np.float64]
ENOUGH_WINDOWS = 6
"""Independent settled windows from which on unsettled ones are left out of the comparison."""


def among_ordinary(
    statistic: Array, table: DailyTable, *, days: int, floor: float, knowledge: TrainingKnowledge
) -> Standing | None:
    """Where the last of (n+1,) values, one per end day of a window of `days`, stands among those that ended before
    `changes.baseline_first_day`. Windows that touch an absence or the days after it are left out; of runners who are
    often away only long gaps are, as no other days are ordinary for them.
    """
    end = max(table.days + 1 - int(knowledge.value("changes.baseline_first_day")), 0)
    ordinary = np.where(touches_gap(table.unsettled, days), np.nan, statistic)[:end]
    if np.count_nonzero(~np.isnan(ordinary)) < ENOUGH_WINDOWS * days:
        ordinary = np.where(touches_gap(table.gap, days), np.nan, statistic)[:end]
    return stand(
        float(statistic[-1]),
        ordinary,
        window_days=days,
        count=int(knowledge.value("changes.placebo_onsets")),
        floor=floor,
    )
