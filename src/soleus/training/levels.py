"""Level changes: the last 3, 7, 14 or 30 days of a series against the runner's own baseline."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from soleus.core.training import Change, ChangeState, Estimate
from soleus.knowledge.base import ChangeDefinition, TrainingKnowledge
from soleus.training.daily import SERIES, DailyTable, Series
from soleus.training.placebo import Standing, stand, widened
from soleus.training.verdict import alarm_limit, change, exceeds, too_little
from soleus.training.windows import Span, baselines, block_means, gathered, touches_gap

Array = npt.NDArray[np.float64]
ENOUGH_WINDOWS = 6
"""Independent settled windows from which on unsettled ones are left out of the comparison."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One window of one series at the onset, judged against ordinary windows of this runner."""

    days: int
    recent: float
    baseline: float
    baseline_values: Array
    """Daily values (or window statistics) of the baseline, for the bootstrap."""
    short_baseline: bool
    standing: Standing | None

    @property
    def rank(self) -> float:
        return self.standing.z / widened(1.0, self.standing.freedom) if self.standing else -np.inf


def level_change(definition: ChangeDefinition, table: DailyTable, knowledge: TrainingKnowledge) -> Change:
    """What became of one series before the onset.

    1. Each window that can be told is placed among the same statistic at earlier pseudo-onsets of this runner.
    2. The window that stands out most is reported with ratio, bootstrap interval and standing. 3. It changed when the
    amount, the ratio and the standing all pass their limits (`verdict.exceeds`).
    """
    if definition.series not in SERIES:
        return too_little(definition, "no_channel")
    if definition.series in table.device_changed:
        return too_little(definition, "device_changed")
    if np.all(np.isnan(table.values[definition.series])):
        return too_little(definition, "no_channel")
    windows = [w for days in definition.windows_days if (w := _window(definition, table, days, knowledge)) is not None]
    if not windows:
        return too_little(definition, _why_nothing(definition, table, knowledge))
    passing = [window for window in windows if _stands_out(definition, window, knowledge)]
    best = max(passing or windows, key=lambda w: (w.rank, w.days))
    return _judged(definition, best, bool(passing), knowledge)


def _stands_out(definition: ChangeDefinition, window: Window, knowledge: TrainingKnowledge) -> bool:
    series = SERIES[definition.series]
    amount = window.recent * (window.days if series.gather == "sum" else 1)
    return amount >= definition.minimum and exceeds(
        definition, window.standing, _size(window, series), knowledge, window_days=window.days
    )


def _size(window: Window, series: Series) -> float:
    """The change of a window: difference to the baseline, or ratio (of a baseline of nothing: very large)."""
    if series.compare == "difference":
        return window.recent - window.baseline
    return window.recent / max(window.baseline, 1e-9)


def _why_nothing(definition: ChangeDefinition, table: DailyTable, knowledge: TrainingKnowledge) -> str:
    longest = max(definition.windows_days)
    if table.pause[-longest:].any():
        return "gap"
    if table.days < longest + knowledge.value("changes.min_history_days"):
        return "too_short"
    return "gap" if table.gap.mean() > 0.5 else "no_channel"


def _window(definition: ChangeDefinition, table: DailyTable, days: int, knowledge: TrainingKnowledge) -> Window | None:
    series = SERIES[definition.series]
    values, gap = table.values[definition.series], table.gap
    ran = table.values["runs"] > 0
    if table.days <= days or gap[-days:].all():
        return None
    at = gathered(values, ran, window=days, gather=series.gather)
    if np.isnan(at[-1]):
        return None
    least = int(knowledge.value("changes.min_history_days"))
    near, far = (int(knowledge.value(f"changes.baseline_{end}_day")) for end in ("first", "last"))
    span = Span(near=near, far=far, least=least)
    before = baselines(values, table.pause, at, window=days, gather=series.gather, span=span)
    short = bool(np.isnan(before[-1]))
    if short:  # a young history: what there is before the window, at least half of what is usual
        span = Span(near=days + 1, far=far, least=least // 2)
        before = baselines(values, table.pause, at, window=days, gather=series.gather, span=span)
        if np.isnan(before[-1]):
            return None
    recent, baseline = float(at[-1]), float(before[-1])
    floor = definition.minimum / days / 4 if series.gather == "sum" else 0.0
    statistic = _statistic(at, before, definition, series, floor)
    place = partial(
        stand,
        float(statistic[-1]),
        window_days=days,
        count=int(knowledge.value("changes.placebo_onsets")),
        floor=_floor(series, knowledge),
    )
    settled = np.where(touches_gap(table.unsettled, days), np.nan, statistic)[: max(table.days + 1 - near, 0)]
    broken = touches_gap(gap, days)
    if np.count_nonzero(~np.isnan(settled)) < ENOUGH_WINDOWS * days:  # often away: no other days are ordinary
        settled = np.where(broken, np.nan, statistic)[: len(settled)]
    standing = place(settled)
    if standing is None:  # no earlier baselines: the baseline's own windows are all there is to compare with
        inside = np.where(broken, np.nan, at)[: table.days + 1 - days]
        standing = place(_statistic(inside, np.full(len(inside), baseline), definition, series, floor))
    source = at[1:] if series.gather in ("longest", "state") else values
    mask = ~np.isnan(source) & ~table.pause
    stop = table.days - span.near + 1
    chosen = source[max(0, table.days - far) : stop][mask[max(0, table.days - far) : stop]]
    return Window(
        days=days,
        recent=recent,
        baseline=baseline,
        baseline_values=chosen,
        short_baseline=short,
        standing=standing,
    )


def _floor(series: Series, knowledge: TrainingKnowledge) -> float:
    kind = "difference" if series.compare == "difference" else "form" if series.gather == "form" else "level"
    return knowledge.value(f"changes.spread_floor_{kind}")


def _statistic(at: Array, before: Array, definition: ChangeDefinition, series: Series, floor: float) -> Array:
    """Larger = more of what the definition looks for: a log ratio, or a difference in the series' unit."""
    if series.compare == "difference":
        return np.abs(at - before) if definition.series == "contact_time_balance_pct" else at - before
    small = np.maximum(floor, 0.1 * before) + 1e-9
    ratio = np.log((at + small) / (before + small))
    return -ratio if definition.threshold < 1 else ratio


def _judged(definition: ChangeDefinition, window: Window, stands_out: bool, knowledge: TrainingKnowledge) -> Change:
    series, value = SERIES[definition.series], _size(window, SERIES[definition.series])
    draws = block_means(
        window.baseline_values,
        draws=int(knowledge.value("changes.bootstrap")),
        block=max(int(knowledge.value("changes.block_days")), window.days if series.gather == "longest" else 1),
        seed=window.days,
    )
    if series.compare == "difference":
        effects = window.recent - draws
        size = np.abs(effects) if definition.series == "contact_time_balance_pct" else effects
        over = size >= definition.threshold
    else:
        effects = window.recent / np.maximum(draws, 1e-9)
        over = effects <= definition.threshold if definition.threshold < 1 else effects >= definition.threshold
    tail = (1 - knowledge.value("changes.interval")) / 2
    low, high = np.quantile(effects, (tail, 1 - tail))
    finite = window.baseline > 1e-9
    probability = float(np.mean(over))
    if window.standing is not None:
        probability *= 1 - window.standing.share_at_least
    effect = Estimate(value=value, low=float(min(low, value)), high=float(max(high, value))) if finite else None
    scale = window.days if series.gather == "sum" else 1
    params: dict[str, str | int | float] = {
        "window_days": window.days,
        "recent": window.recent * scale,
        "baseline": window.baseline * scale,
        "unit": series.unit,
    }
    if effect is not None:
        params |= {"ratio": value, "percent": 100 * (value - 1), "low": effect.low, "high": effect.high}
    if window.short_baseline:
        params["short_baseline"] = 1
    return change(
        definition,
        ChangeState.CHANGED if stands_out else ChangeState.UNCHANGED,
        window_days=window.days,
        recent=window.recent * scale,
        baseline=window.baseline * scale,
        unit=series.unit,
        effect=effect,
        standing=window.standing,
        probability=probability,
        limit=alarm_limit(definition, knowledge),
        params=params,
    )
