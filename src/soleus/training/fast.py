"""Minutes of fast running per run, against the runner's own critical speed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from soleus.core.training import RunSummary
from soleus.knowledge.base import TrainingKnowledge
from soleus.training.critical_speed import regression

SMYTH_DISTANCES_M = (400, 800, 5000)
Array = npt.NDArray[np.float64]


def fast_speed_mps(runs: Sequence[RunSummary], knowledge: TrainingKnowledge) -> float | None:
    """The speed from which running counts as fast for this runner; None when no effort tells.

    Critical speed d = D' + CS t by least squares through the runner's best grade-adjusted efforts (smyth2020: 400, 800
    and 5000 m; at least two distances whose times differ), else `fast.best_30s_share` of the best 30 s (training
    evidence, section 7). The best effort is the `fast.effort_rank`-th best of the history, so one bad file does not
    set it.
    """
    efforts: dict[int, list[float]] = {}
    for run in runs:
        for distance, seconds in run.best_efforts_s.items():
            if 0 < seconds < float("inf"):
                efforts.setdefault(distance, []).append(seconds)
    rank = int(knowledge.value("fast.effort_rank"))
    best = {d: sorted(times)[min(rank, len(times)) - 1] for d, times in efforts.items() if d in SMYTH_DISTANCES_M}
    critical = regression(best)
    if critical is not None:
        return critical.speed_mps
    bests = sorted(
        (run.fastest_30s_mps for run in runs if run.fastest_30s_mps and run.fastest_30s_mps < float("inf")),
        reverse=True,
    )
    return bests[min(rank, len(bests)) - 1] * knowledge.value("fast.best_30s_share") if bests else None


def fast_minutes(runs: Sequence[RunSummary], knowledge: TrainingKnowledge) -> Array:
    """(R,) minutes at or above the fast speed; NaN where the file has no speeds or no fast speed is known."""
    limit = fast_speed_mps(runs, knowledge)
    minutes = np.full(len(runs), np.nan)
    if limit is None:
        return minutes
    for index, run in enumerate(runs):
        if run.speed_s:
            minutes[index] = sum(seconds for key, seconds in run.speed_s.items() if key >= limit * 10) / 60
    return minutes
