"""Level changes: the last 3, 7, 14 or 30 days of a series against the runner's own baseline."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from soleus.core.training import Change, ChangeState, Estimate
from soleus.knowledge.base import ChangeDefinition, TrainingKnowledge
from soleus.training.daily import SERIES, DailyTable, Series
from soleus.training.ordinary import among_ordinary
from soleus.training.per_km import PerKm, per_km, stands_out_per_km
from soleus.training.placebo import Standing, stand, widened
from soleus.training.verdict import alarm_limit, change, exceeds, too_little
from soleus.training.windows import Span, baselines, block_means, gathered, touches_gap

Array = npt.NDArray[np.float64]


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
    per_km: PerKm | None = None

    @property
    def rank(self) -> float:
        return self.standing.z / widened(1.0, self.standing.freedom) if self.standing else -np.inf


def level_change(definition: ChangeDefinition, table: DailyTable, knowledge: TrainingKnowledge) -> Change:
    """What became of one series before the onset.

    1. Each window that can be told is placed among the same statistic at earlier pseudo-onsets of this runner.
    2. The window that stands out most is reported with ratio, bootstrap interval and standing. 3. It changed when the
    amount, the ratio and the standing all pass their limits (`verdict.exceeds`), or, where a definition is also looked
    at per kilometre, when that does (`per_km`).
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
    by_amount = [window for window in windows if _stands_out(definition, window, knowledge)]
    if by_amount:
        return _judged(definition, max(by_amount, key=_order), True, knowledge)
    by_km = [(w, found) for w in windows if (found := _stands_out_per_km(definition, w, knowledge)) is not None]
    if by_km:
        return _judged_per_km(definition, *max(by_km, key=lambda pair: _order(pair[0])), knowledge)
    return _judged(definition, max(windows, key=_order), False, knowledge)


def _order(window: Window) -> tuple[float, int]:
    return window.rank, window.days


def _stands_out(definition: ChangeDefinition, window: Window, knowledge: TrainingKnowledge) -> bool:
    return _is_enough(definition, window) and exceeds(
        definition, window.standing, _size(window, SERIES[definition.series]), knowledge, window_days=window.days
    )


def _stands_out_per_km(definition: ChangeDefinition, window: Window, knowledge: TrainingKnowledge) -> PerKm | None:
    found = window.per_km
    if found is None or not _is_enough(definition, window):
        return None
    ratio = _size(window, SERIES[definition.series])
    return found if stands_out_per_km(definition, found, ratio, window.days, knowledge) else None


def _is_enough(definition: ChangeDefinition, window: Window) -> bool:
    scale = window.days if SERIES[definition.series].gather == "sum" else 1
    return window.recent * scale >= definition.minimum


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
    spread = _floor(series, knowledge)
    standing = among_ordinary(statistic, table, days=days, floor=spread, knowledge=knowledge)
    if standing is None:  # no earlier baselines: the baseline's own windows are all there is to compare with
        inside = np.where(touches_gap(gap, days), np.nan, at)[: table.days + 1 - days]
        standing = stand(
            float(statistic[-1]),
            _statistic(inside, np.full(len(inside), baseline), definition, series, floor),
            window_days=days,
            count=int(knowledge.value("changes.placebo_onsets")),
            floor=spread,
        )
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
        per_km=per_km(definition, table, days, span, knowledge),
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


def _judged_per_km(definition: ChangeDefinition, window: Window, found: PerKm, knowledge: TrainingKnowledge) -> Change:
    """As `_judged`, with the standing and the probability of the amount per kilometre, which is what stood out."""
    limit = knowledge.value("changes.per_km_alarm_z")
    judged = _judged(definition, replace(window, standing=found.standing), True, knowledge, limit=limit)
    return replace(
        judged,
        probability=found.over * (1 - found.standing.share_at_least),
        params={**judged.params, "per_km_ratio": found.ratio},
    )


def _judged(
    definition: ChangeDefinition,
    window: Window,
    stands_out: bool,
    knowledge: TrainingKnowledge,
    *,
    limit: float | None = None,
) -> Change:
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
        limit=alarm_limit(definition, knowledge) if limit is None else limit,
        params=params,
    )
