"""Single-session spikes: each run against the longest run of the 30 days before it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from soleus.core.training import Estimate, RunSummary, SessionSpike
from soleus.knowledge.base import TrainingKnowledge

Array = npt.NDArray[np.float64]
NO_REFERENCE = "no_reference"


def session_spikes(
    runs: Sequence[RunSummary], *, first_day: date, last_day: date, knowledge: TrainingKnowledge
) -> tuple[SessionSpike, ...]:
    """Every run of [first_day, last_day] with a distance, oldest first, against the longest of the days before it.

    R = distance / longest single session of the `spike.reference_days` days before, today excluded, treadmill included.
    Several runs on one day are separate sessions with the same reference. Without a run in that time there is no
    reference, never an infinite ratio. Source: frandsen2025, doi 10.1136/bjsports-2024-109380. Runs whose distance is
    unknown are left out, on both sides.
    """
    span = int(knowledge.value("spike.reference_days"))
    longest: dict[date, float] = {}
    for run in runs:
        if known(run):
            longest[run.day] = max(longest.get(run.day, 0.0), run.distance_m or 0.0)
    spikes = []
    for run in runs:
        if first_day <= run.day <= last_day and known(run):
            before = [longest[day] for back in range(1, span + 1) if (day := run.day - timedelta(days=back)) in longest]
            spikes.append(_spike(run, max(before, default=0.0), knowledge))
    return tuple(spikes)


def known(run: RunSummary) -> bool:
    """Whether the run has a positive finite distance."""
    return run.distance_m is not None and 0 < run.distance_m < math.inf


def _spike(run: RunSummary, reference_m: float, knowledge: TrainingKnowledge) -> SessionSpike:
    distance_m = run.distance_m or 0.0
    ratio = distance_m / reference_m if reference_m > 0 else None
    category, hazard = categorise(ratio, knowledge)
    return SessionSpike(
        run_key=run.key,
        day=run.day,
        distance_m=distance_m,
        reference_m=reference_m if ratio is not None else None,
        ratio=ratio,
        category=category,
        hazard_ratio=hazard,
    )


def categorise(ratio: float | None, knowledge: TrainingKnowledge) -> tuple[str, Estimate | None]:
    """Category and hazard-rate ratio (95 % interval) of a ratio; bounds are open below and closed above.

    The categories are not monotone in the source (moderate < small), so nothing is interpolated between them.
    """
    if ratio is None or not math.isfinite(ratio):
        return NO_REFERENCE, None
    table = knowledge.tables["spike.categories"]
    ratio = round(ratio, 9)  # 11.0 / 10.0 must be 1.1, not a hair above it
    for low, high, label, *numbers in zip(
        table.numbers("low"),
        table.numbers("high"),
        table.words("label"),
        table.columns["hazard_ratio"],
        table.columns["ci_low"],
        table.columns["ci_high"],
        strict=True,
    ):
        if low < ratio <= high:
            value, below, above = (float(number) if number is not None else 1.0 for number in numbers)
            return label, Estimate(value=value, low=below, high=above)
    return NO_REFERENCE, None


def running_ratio(longest_km: Array, gap: npt.NDArray[np.bool_], span: int) -> Array:
    """(n,) largest run of each day against the longest of the `span` days before it that are not part of a long gap.

    The reference reaches over a long gap to the running before it, so that going back to the usual long run after a
    holiday is a return after a break and not also a spike. NaN without a run or without any reference.
    """
    ratio = np.full(len(longest_km), np.nan)
    active = np.flatnonzero(~gap)
    values = np.nan_to_num(longest_km[active])
    if len(values) < 2:
        return ratio
    padded = np.concatenate((np.zeros(span), values))[:-1]
    reference = np.lib.stride_tricks.sliding_window_view(padded, span).max(axis=1)
    good = (reference > 0) & (values > 0)
    ratio[active[good]] = values[good] / reference[good]
    return ratio
