"""Running form by day at matched speed, level ground and one device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from soleus.core.training import RunSummary
from soleus.knowledge.base import TrainingKnowledge

Array = npt.NDArray[np.float64]

FORM_FIELDS: Mapping[str, str] = {
    "cadence_spm": "cadence_spm",
    "contact_time_ms": "contact_time_ms",
    "contact_time_balance_pct": "contact_time_balance_pct",
}
"""Series → field of a `FormCell`."""


def form_by_day(
    runs: Sequence[RunSummary], day: npt.NDArray[np.int64], length: int, knowledge: TrainingKnowledge
) -> tuple[dict[str, Array], frozenset[str]]:
    """Form series by day, and the series whose device has no baseline.

    1. Only the device that recorded most of the last `changes.baseline_first_day` days with the channel counts: a new
       watch or strap shifts every value. 2. Each cell (0.25 m/s bin, grade within ±2 %) is divided by the runner's own
       mean in that bin (balance: subtracted); bins run only once cancel to 1 and say nothing. 3. A day's value is the
       mean over cells, weighted by seconds, times the runner's overall mean, so its unit stays that of the channel.
       NaN = no value.
    """
    recent = int(knowledge.value("changes.baseline_first_day"))
    series: dict[str, Array] = {}
    changed = set()
    for name, field in FORM_FIELDS.items():
        cells = [
            (day[i], run.device, cell.speed_mps, cell.seconds, value)
            for i, run in enumerate(runs)
            for cell in run.form
            if (value := getattr(cell, field)) is not None
            and 0 < value < float("inf")
            and 1 <= cell.seconds < float("inf")
        ]
        series[name], new = _matched(cells, length, recent, difference=name == "contact_time_balance_pct")
        if new:
            changed.add(name)
    strikes = [
        (day[i], run.device, 0.0, run.moving_s, run.foot_strike_class)
        for i, run in enumerate(runs)
        if run.foot_strike_class is not None
        and 0 < run.foot_strike_class < float("inf")
        and 1 <= run.moving_s < float("inf")
    ]
    series["foot_strike_class"], new = _matched(strikes, length, recent, difference=False)
    if new:
        changed.add("foot_strike_class")
    return series, frozenset(changed)


def _matched(
    cells: Sequence[tuple[int, str, float, float, float]], length: int, recent_days: int, *, difference: bool
) -> tuple[Array, bool]:
    """Seconds-weighted daily mean of one channel relative to its speed bin; True when the device has no baseline."""
    out = np.full(length, np.nan)
    if not cells:
        return out, False
    days = np.array([cell[0] for cell in cells], dtype=np.int64)
    devices = [cell[1] for cell in cells]
    _, device = np.unique(devices, return_inverse=True)
    speed, seconds, value = np.array([cell[2:] for cell in cells], dtype=np.float64).T
    late = days >= length - recent_days
    current = int(np.argmax(np.bincount(device[late], weights=seconds[late]))) if late.any() else int(device[-1])
    kept = device == current
    changed = bool(late.any() and not (kept & ~late).any() and (~kept & ~late).any())
    days, speed, seconds, value = days[kept], speed[kept], seconds[kept], value[kept]
    _, bins = np.unique(np.round(speed, 3), return_inverse=True)
    weight = np.bincount(bins, weights=seconds)
    own = np.bincount(bins, weights=seconds * value) / weight
    overall = float((seconds * value).sum() / seconds.sum())
    relative = value - own[bins] + overall if difference else value / own[bins] * overall
    total = np.bincount(days, weights=seconds, minlength=length)
    mean = np.bincount(days, weights=seconds * relative, minlength=length)
    np.divide(mean, total, out=out, where=total > 0)
    return out, changed
