"""Changes that are events: one long run, first hills or speed in months, other shoes or ground, a return after a
break.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soleus.core.training import Change, ChangeState, Estimate
from soleus.knowledge.base import ChangeDefinition, TrainingKnowledge
from soleus.training.daily import DailyTable
from soleus.training.placebo import Standing, stand
from soleus.training.spike import categorise, known, running_ratio
from soleus.training.verdict import alarm_limit, change, exceeds, too_little
from soleus.training.windows import gathered, touches_gap

Array = npt.NDArray[np.float64]


def spike_change(definition: ChangeDefinition, table: DailyTable, knowledge: TrainingKnowledge) -> Change:
    """The largest single-session spike of the last 14 days, when it is also unusual for this runner.

    Ordinary training is full of runs a little longer than any of the month before, so a ratio above 1.10 (frandsen2025)
    is listed (`TrainingReport.spikes`) but stands out only beyond this runner's own fortnights. The reference reaches
    over a pause (`spike.running_ratio`); the ratio told is the literal one. A run that is long only against the days
    of being away is neither a spike nor none: the return after the break tells it.
    """
    span, lookback = int(knowledge.value("spike.reference_days")), int(knowledge.value("spike.lookback_days"))
    longest = table.values["longest_run_km"]
    if not np.nan_to_num(longest).any():
        return too_little(definition, "no_channel")
    literal = running_ratio(longest, np.zeros_like(table.pause), span)
    ratio = np.where(np.isnan(literal), np.nan, running_ratio(longest, table.pause, span))
    recent = ratio[-lookback:]
    seen = longest[-lookback:]
    if not (np.nan_to_num(seen) > 0).any():
        return too_little(definition, "gap" if table.gap[-lookback:].any() else "no_channel")
    if table.days < span:
        return too_little(definition, "too_short")
    if np.isnan(recent).all():
        return too_little(definition, "no_reference")
    at = int(len(longest) - len(recent) + np.nanargmax(recent))
    value, told = float(ratio[at]), float(literal[at])
    if value < knowledge.value("spike.alarm_ratio") <= told:  # long only against the days of being away
        return too_little(definition, "gap")
    standing = _spike_standing(ratio, table, lookback, value, knowledge)
    run = max(
        (run for run, day in zip(table.runs, table.run_day, strict=True) if day == at and known(run)),
        key=lambda run: run.distance_m or 0.0,
    )
    error = knowledge.value("spike.distance_error")
    category, _ = categorise(told, knowledge)
    distance_km = float(longest[at])
    probability = _normal((value - definition.threshold) / (error * value))
    if standing is not None:
        probability *= 1 - standing.share_at_least
    stands_out = distance_km >= definition.minimum and _spike_stands_out(definition, standing, value, knowledge)
    params: dict[str, str | int | float] = {
        "distance_km": distance_km,
        "reference_km": distance_km / told,
        "ratio": told,
        "percent": 100 * (told - 1),
        "category": category,
        "unit": "km",
        "days": len(longest) - at,
    }
    return change(
        definition,
        ChangeState.CHANGED if stands_out else ChangeState.UNCHANGED,
        window_days=next((days for days in definition.windows_days if len(longest) - at <= days), lookback),
        recent=distance_km,
        baseline=distance_km / told,
        unit="km",
        effect=Estimate(value=told, low=told * (1 - 1.645 * error), high=told * (1 + 1.645 * error)),
        standing=standing,
        probability=probability,
        limit=alarm_limit(definition, knowledge),
        on=table.day(at),
        run_key=run.key,
        params=params,
    )


def _spike_standing(
    ratio: Array, table: DailyTable, lookback: int, value: float, knowledge: TrainingKnowledge
) -> Standing | None:
    """Where the log ratio stands among the largest of every earlier stretch of `lookback` days."""
    largest = gathered(ratio, table.values["runs"] > 0, window=lookback, gather="longest")
    near, span = int(knowledge.value("changes.baseline_first_day")), int(knowledge.value("spike.reference_days"))
    ordinary = np.log(largest[: max(table.days + 1 - lookback, 0)])
    ordinary = ordinary[: max(table.days + 1 - near, 0)] if table.days > 2 * near + span else ordinary
    ordinary[: span + lookback] = np.nan  # the first month has hardly a reference
    ordinary[touches_gap(table.pause, lookback)[: len(ordinary)]] = np.nan
    return stand(
        float(np.log(value)),
        ordinary,
        window_days=lookback,
        count=int(knowledge.value("changes.placebo_onsets")),
        floor=knowledge.value("changes.spread_floor_level"),
    )


def _spike_stands_out(
    definition: ChangeDefinition, standing: Standing | None, value: float, knowledge: TrainingKnowledge
) -> bool:
    if standing is None:  # nothing to compare with: only a clear spike is told
        return value >= knowledge.value("spike.alarm_ratio_unknown")
    return value >= knowledge.value("spike.alarm_ratio") and exceeds(definition, standing, value, knowledge)


def first_change(definition: ChangeDefinition, table: DailyTable, knowledge: TrainingKnowledge) -> Change:
    """First day with at least `minimum` of a series after `threshold` days without, within the window before the
    onset.
    """
    values = table.values.get(definition.series)
    if values is None or np.isnan(values).all():
        return too_little(definition, "no_channel")
    quiet, window = int(definition.threshold), max(definition.windows_days)
    if table.days < quiet + window:
        return too_little(definition, "too_short")
    ran = table.values["runs"] > 0
    event = np.nan_to_num(values) >= definition.minimum
    blank = np.isnan(values)
    first = event & (_trailing(event, quiet) == 0)
    first &= _trailing(ran & ~blank, quiet) >= knowledge.value("changes.min_runs")
    first &= _trailing(blank, quiet) <= 0.2 * np.maximum(_trailing(ran, quiet), 1)
    first[:quiet] = False
    happened = np.concatenate((np.zeros(1), np.cumsum(first)))
    ends = np.arange(table.days + 1)
    windows = (happened[ends] - happened[np.maximum(ends - window, 0)]) > 0
    if blank[-window:].sum() > 0.2 * max(ran[-window:].sum(), 1):
        return too_little(definition, "no_channel")
    ordinary = windows[quiet + window : max(table.days + 1 - window, 0)]
    usual = float(ordinary.mean()) if len(ordinary) >= quiet else 0.0
    occurred = bool(windows[-1])
    stands_out = occurred and usual <= knowledge.value("changes.alarm_share_first")
    day = int(len(first) - window + np.argmax(first[-window:])) if occurred else None
    amount = float(np.nan_to_num(values[-window:]).sum())
    return change(
        definition,
        ChangeState.CHANGED if stands_out else ChangeState.UNCHANGED,
        window_days=window,
        recent=amount,
        unit="min",
        probability=(1 - usual) if occurred else 0.0,
        limit=1.0,
        on=table.day(day) if day is not None else None,
        params={"window_days": window, "recent": amount, "days": quiet, "unit": "min"},
    )


def _trailing(flags: npt.NDArray[np.bool_], days: int) -> Array:
    """(n,) how many of the `days` days before each day (itself excluded) are True."""
    running: Array = np.concatenate((np.zeros(1), np.cumsum(flags.astype(np.float64))))
    ends = np.arange(len(flags))
    return running[ends] - running[np.maximum(ends - days, 0)]


def switch_change(definition: ChangeDefinition, table: DailyTable, knowledge: TrainingKnowledge) -> Change:
    """More of the distance on another ground or in other shoes than the runner's own share before."""
    part, whole = table.values[definition.series], table.values["distance_km"]
    if np.isnan(part).all():
        return too_little(definition, "no_channel")
    least = int(knowledge.value("changes.min_history_days"))
    near, far = (int(knowledge.value(f"changes.baseline_{end}_day")) for end in ("first", "last"))
    usual = np.concatenate((np.full(near - 1, np.nan), _shares(part, whole, far - near + 1)[0]))[: table.days + 1]
    best: tuple[float, int, float, float, float, Standing | None] | None = None
    for window in definition.windows_days:
        share, part_km = _shares(part, whole, window)
        if table.days < window + least or np.isnan(share[-1]):
            continue
        baseline = float(usual[-1])
        if np.isnan(baseline):  # a young history or log: what there is before the window
            baseline = float(_shares(part[:-window], whole[:-window], far)[0][-1])
        if np.isnan(baseline):
            continue
        rise = np.where(touches_gap(table.pause, window), np.nan, share - usual)[: max(table.days + 1 - near, 0)]
        value = float(share[-1]) - baseline
        standing = stand(
            value,
            rise,
            window_days=window,
            count=int(knowledge.value("changes.placebo_onsets")),
            floor=knowledge.value("changes.spread_floor_share"),
        )
        candidate = (value, window, float(share[-1]), baseline, float(part_km[-1]), standing)
        if best is None or candidate[:2] > best[:2]:
            best = candidate
    if best is None:
        return too_little(
            definition, "too_short" if table.days < min(definition.windows_days) + least else "no_channel"
        )
    return _switch(definition, table, best, knowledge)


def _switch(
    definition: ChangeDefinition,
    table: DailyTable,
    best: tuple[float, int, float, float, float, Standing | None],
    knowledge: TrainingKnowledge,
) -> Change:
    value, window, share, baseline, kilometres, standing = best
    usual = standing.share_at_least if standing is not None else 0.0
    passes = value >= definition.threshold and kilometres >= definition.minimum
    rare = standing is None or (
        usual <= knowledge.value("changes.alarm_share") and standing.z >= alarm_limit(definition, knowledge)
    )
    part = np.nan_to_num(table.values[definition.series][-window:])
    first = int(np.argmax(part > 0)) if part.any() else None
    day = table.day(table.days - len(part) + first) if first is not None else None
    params: dict[str, str | int | float] = {
        "window_days": window,
        "recent": share,
        "baseline": baseline,
        "percent": 100 * share,
        "distance_km": kilometres,
        "unit": "share",
    }
    return change(
        definition,
        ChangeState.CHANGED if passes and rare else ChangeState.UNCHANGED,
        window_days=window,
        recent=share,
        baseline=baseline,
        unit="share",
        effect=Estimate(value=share, low=share, high=share),
        standing=standing,
        probability=(1 - usual) if passes else max(0.0, min(0.5, 0.5 * value / definition.threshold)),
        limit=alarm_limit(definition, knowledge),
        on=day,
        params=params,
    )


def _shares(part: Array, whole: Array, window: int) -> tuple[Array, Array]:
    """(n+1,) share of the known distance per window end, and the km of that part."""
    known_day = ~np.isnan(part) & ~np.isnan(whole)
    running = [np.concatenate((np.zeros(1), np.cumsum(np.where(known_day, v, 0.0)))) for v in (part, whole)]
    ends = np.arange(len(part) + 1)
    start = np.maximum(ends - window, 0)
    part_km, known_km = (total[ends] - total[start] for total in running)
    run_km = np.concatenate((np.zeros(1), np.cumsum(np.nan_to_num(whole))))
    all_km = run_km[ends] - run_km[start]
    enough = (known_km > 0) & (known_km >= 0.8 * all_km)
    share = np.full(len(ends), np.nan)
    np.divide(part_km, known_km, out=share, where=enough)
    return np.clip(share, 0.0, 1.0), part_km


def break_change(definition: ChangeDefinition, table: DailyTable, knowledge: TrainingKnowledge) -> Change:
    """Running again, within the window before the onset, after at least `threshold` days without a run.

    Breaks that are usual for this runner (someone who runs twice a month) are not told: the break must be longer than
    `changes.gap_over_usual` times the runner's own long pauses (95th percentile of the others).
    """
    window = max(definition.windows_days)
    ran = np.flatnonzero(table.values["runs"] > 0)
    if table.ran_on_onset:  # the first run back is often the one that hurts
        ran = np.append(ran, table.days)
    pauses = np.diff(ran) - 1
    back = ran[1:]
    recent = back >= table.days - window
    longest = int(np.argmax(np.where(recent, pauses, -1))) if recent.any() else None
    days = int(pauses[longest]) if longest is not None else 0
    others = np.delete(pauses, longest) if longest is not None else pauses
    usual = float(np.quantile(others, 0.95)) if len(others) else 0.0
    happened = days >= definition.threshold and days > knowledge.value("changes.gap_over_usual") * usual
    params: dict[str, str | int | float] = {"days": days, "unit": "days", "window_days": window}
    on = None
    if happened and longest is not None:
        on = table.day(int(back[longest]))
        after = table.values["distance_km"][back[longest] :]
        params |= {"distance_km": float(np.nansum(after)), "since_days": int(table.days - back[longest])}
    return change(
        definition,
        ChangeState.CHANGED if happened else ChangeState.UNCHANGED,
        window_days=window,
        recent=float(days),
        baseline=usual,
        unit="days",
        effect=Estimate(value=float(days), low=float(days), high=float(days)),
        probability=1.0 if happened else 0.0,
        limit=1.0,
        on=on,
        params=params,
    )


def _normal(z: float) -> float:
    """Standard normal distribution function."""
    from math import erf, sqrt

    return 0.5 * (1 + erf(z / sqrt(2)))
