"""Fitness-fatigue curves, acute : chronic ratios, monotony and strain on daily loads.

Runners know these numbers, so they are described. None of them is a warning light: impellizzeri2020
(doi 10.4085/1062-6050-501-19) advises against using the ratio to change risk, and frandsen2025
(doi 10.1136/bjsports-2024-109380) found an inverse relation. Every array is (D,), one load per calendar day, rest
days 0, oldest first; NaN in a result = not shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from soleus.core.activity import Array
from soleus.knowledge.base import TrainingKnowledge

K_CONVENTIONS: Mapping[str, Callable[[float], float]] = {
    "one_over_tau": lambda days: 1.0 / days,
    "exponential": lambda days: 1.0 - math.exp(-1.0 / days),
    "two_over_n_plus_one": lambda days: 2.0 / (days + 1.0),
}
"""Weight of the newest day by convention: TrainingPeaks and intervals.icu (intervals_forum), the exact discretisation,
Runalyze (runalyze_dev). They give different answers for the same training: always say which."""

TSB_CONVENTIONS = ("same_day", "previous_day")
"""Form from the same day's values (intervals.icu) or the day before's (TrainingPeaks)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Balance:
    """(D,) each, in the unit of the daily load."""

    convention: str
    ctl: Array
    atl: Array
    tsb: Array


def exponential_average(load: Array, k: float, start: float) -> Array:
    """X_t = X_{t−1} + k (L_t − X_{t−1}), X_{−1} = `start`; shapes (D,) → (D,)."""
    out = np.empty(len(load))
    x = start
    for day, value in enumerate(load.tolist()):
        x += k * (value - x)
        out[day] = x
    return out


def ctl_atl_tsb(
    load: Array,
    knowledge: TrainingKnowledge,
    *,
    convention: str = "one_over_tau",
    tsb: str = "same_day",
    start: float = 0.0,
) -> Balance:
    """Chronic and acute training load and their difference.

    X_t = X_{t−1} + k (L_t − X_{t−1}) with τ = `balance.ctl_days` and `balance.atl_days`; TSB = CTL − ATL of the same
    day or of the day before (then `start` on the first day gives 0). Sources: intervals_forum, runalyze_dev (web
    pages, no DOI). `start` is the load before the first day: 0 makes the first weeks too low.
    """
    if tsb not in TSB_CONVENTIONS:
        raise ValueError(f"tsb must be one of {', '.join(TSB_CONVENTIONS)}, not {tsb!r}")
    weight = K_CONVENTIONS[convention]
    ctl = exponential_average(load, weight(knowledge.value("balance.ctl_days")), start)
    atl = exponential_average(load, weight(knowledge.value("balance.atl_days")), start)
    form = ctl - atl
    if tsb == "previous_day":
        form = np.concatenate(([0.0], form[:-1]))[: len(load)]
    return Balance(convention=convention, ctl=ctl, atl=atl, tsb=form)


def rolling_sum(load: Array, days: int) -> Array:
    """(D,) sum of the last `days` days including today; NaN while there are fewer."""
    out = np.full(len(load), np.nan)
    if len(load) >= days:
        # A window at a time and not a difference of running sums: a week of rest must be exactly 0.
        out[days - 1 :] = np.lib.stride_tricks.sliding_window_view(load, days).sum(axis=1)
    return out


def _ratio(above: Array, below: Array) -> Array:
    """above / below, NaN where below is 0 or either is not known."""
    ratio: Array = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0.0)
    return ratio


def acwr_coupled(load: Array, knowledge: TrainingKnowledge) -> Array:
    """mean(last 7 d) / mean(last 28 d), acute week included in both; at most 4.

    Source: windt2019 (doi 10.1136/bjsports-2017-098925). The coupling alone makes numerator and denominator correlate
    by about 0.5 (lolli2019, doi 10.1136/bjsports-2017-098110). NaN for the first 27 days and when all are rest.
    """
    acute, chronic = _days(knowledge)
    return _ratio(rolling_sum(load, acute) / acute, rolling_sum(load, chronic) / chronic)


def acwr_uncoupled(load: Array, knowledge: TrainingKnowledge) -> Array:
    """mean(last 7 d) / mean(the 21 d before them); the form frandsen2025 used (doi 10.1136/bjsports-2024-109380),
    defined in windt2019 (doi 10.1136/bjsports-2017-098925). Coupled = U / (0.25 U + 0.75)."""
    acute, chronic = _days(knowledge)
    week = rolling_sum(load, acute)
    rest = rolling_sum(load, chronic - acute)
    before = np.concatenate((np.full(min(acute, len(load)), np.nan), rest[:-acute]))
    return _ratio(week / acute, before / (chronic - acute))


def acwr_ewma(load: Array, knowledge: TrainingKnowledge, *, start: float | None = None) -> Array:
    """E(7) / E(28), E_t = λ L_t + (1 − λ) E_{t−1}, λ = 2 / (N + 1); the first 28 days are hidden.

    Source: williams2017 (doi 10.1136/bjsports-2016-096589). `start` None: seeded with the mean of the first 28 days
    (of all days, if fewer), our choice, so that the early ratio does not depend on an arbitrary zero.
    """
    acute, chronic = ewma_averages(load, knowledge, start=start)
    ratio = _ratio(acute, chronic)
    ratio[: round(knowledge.value("ewma.chronic_n"))] = np.nan
    return ratio


def ewma_averages(load: Array, knowledge: TrainingKnowledge, *, start: float | None = None) -> tuple[Array, Array]:
    """(acute, chronic) exponentially weighted averages behind `acwr_ewma` (williams2017,
    doi 10.1136/bjsports-2016-096589)."""
    weight = K_CONVENTIONS["two_over_n_plus_one"]
    long = knowledge.value("ewma.chronic_n")
    if start is None:
        start = float(load[: round(long)].mean()) if len(load) else 0.0
    acute = exponential_average(load, weight(knowledge.value("ewma.acute_n")), start)
    return acute, exponential_average(load, weight(long), start)


def _days(knowledge: TrainingKnowledge) -> tuple[int, int]:
    return round(knowledge.value("acwr.acute_days")), round(knowledge.value("acwr.chronic_days"))


def monotony(load: Array, knowledge: TrainingKnowledge) -> Array:
    """(D,) mean / SD of the last 7 daily loads, at most `monotony.cap`; equal days (SD 0) give the cap, a week of
    rest NaN.

    Source: foster1998 (Med Sci Sports Exerc 30:1164, no DOI seen). The kind of SD is not stated in what we read:
    population SD, our choice.
    """
    days = round(knowledge.value("acwr.acute_days"))
    cap = knowledge.value("monotony.cap")
    out = np.full(len(load), np.nan)
    if len(load) < days:
        return out
    windows = np.lib.stride_tricks.sliding_window_view(load, days)
    mean, spread = windows.mean(axis=1), windows.std(axis=1)
    capped = np.where(spread * cap > mean, mean / np.where(spread > 0.0, spread, 1.0), cap)
    out[days - 1 :] = np.where(mean > 0.0, capped, np.nan)
    return out


def strain(load: Array, knowledge: TrainingKnowledge) -> Array:
    """(D,) sum of the last 7 daily loads × monotony; 0 after a week of rest (foster1998, no DOI seen)."""
    week = rolling_sum(load, round(knowledge.value("acwr.acute_days")))
    return np.where(week > 0.0, week * monotony(load, knowledge), week)


def week_on_week(load: Array, knowledge: TrainingKnowledge) -> Array:
    """(D,) sum(last 7 d) / sum(the 7 d before); NaN without a week before or when it was all rest. No association
    with injury in frandsen2025 (doi 10.1136/bjsports-2024-109380)."""
    days = round(knowledge.value("acwr.acute_days"))
    week = rolling_sum(load, days)
    before = np.concatenate((np.full(min(days, len(load)), np.nan), week[:-days]))
    return _ratio(week, before)
