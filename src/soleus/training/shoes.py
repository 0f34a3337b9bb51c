"""Pairs of shoes: first use, distance in each, and which are new or lower than the runner's usual pair."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from soleus.core.activity import Shoe
from soleus.core.training import RunSummary, ShoeUse
from soleus.knowledge.base import TrainingKnowledge

LOW_KINDS = frozenset({"minimalist", "spikes"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShoeDays:
    """Which pairs count as new, and until when; and which are lower than the usual one. By shoe id."""

    new: Mapping[str, tuple[date, date]] = field(default_factory=dict)
    """[first, last) day on which running in the pair counts as running in a new shoe."""
    lower: frozenset[str] = frozenset()
    first: Mapping[str, date] = field(default_factory=dict)

    def is_new(self, run: RunSummary) -> bool:
        span = self.new.get(run.shoe or "")
        return span is not None and span[0] <= run.day < span[1]

    def is_lower(self, run: RunSummary) -> bool:
        return run.shoe in self.lower


def shoe_days(runs: Sequence[RunSummary], shoes: Sequence[Shoe], knowledge: TrainingKnowledge) -> ShoeDays:
    """New and lower pairs among the runs before the onset (as from `daily.runs_before`).

    New: for `shoe.new_days` days from the first run in a pair of another model than any pair used before. The next pair
    of the same model (same name but for numbers, no other drop or kind stated) replaces a worn one and is not new.
    The pairs of the first `shoe.settle_days` days in which the runner noted shoes at all are not new: nobody knows
    what came before. Lower: drop at least `shoe.lower_drop_mm` below the runner's usual one (distance-weighted
    median), or minimal shoes or spikes when the usual pair is neither (footwear evidence, sections 1 and 5).
    """
    named = {shoe.id: shoe for shoe in shoes}
    first: dict[str, date] = {}
    for run in runs:
        if run.shoe is not None and run.shoe not in first:
            stated = named[run.shoe].first_used_on if run.shoe in named else None
            first[run.shoe] = min(run.day, stated) if stated is not None else run.day
    noted_from = min((run.day for run in runs if run.shoe is not None), default=date.min)
    span = timedelta(days=knowledge.value("shoe.new_days"))
    settled = noted_from + timedelta(days=knowledge.value("shoe.settle_days")) if first else date.max
    seen: list[Shoe] = []
    new = {}
    for shoe_id, day in sorted(first.items(), key=lambda item: (item[1], item[0])):
        shoe = named.get(shoe_id, Shoe(id=shoe_id, name=""))
        if day >= settled and not any(_same_model(shoe, other) for other in seen):
            new[shoe_id] = (day, day + span)
        seen.append(shoe)
    return ShoeDays(new=new, lower=_lower(runs, named, knowledge.value("shoe.lower_drop_mm")), first=first)


def _same_model(one: Shoe, other: Shoe) -> bool:
    name = _model(one.name)
    if not name or name != _model(other.name):
        return False
    drops = one.drop_mm is None or other.drop_mm is None or one.drop_mm == other.drop_mm
    return drops and (not one.kind or not other.kind or one.kind == other.kind)


def _model(name: str) -> str:
    """The letters of a shoe's name: version numbers and pair counts are left out."""
    return re.sub(r"[\W\d_]+", " ", name.casefold()).strip()


def _lower(runs: Sequence[RunSummary], named: Mapping[str, Shoe], by_mm: float) -> frozenset[str]:
    used = [(named[run.shoe], run.distance_m) for run in runs if run.shoe and run.shoe in named and run.distance_m]
    drops = [
        (shoe.drop_mm, distance) for shoe, distance in used if shoe.drop_mm is not None and 0 < distance < math.inf
    ]
    usual = _weighted_median(drops)
    kinds = [(shoe.kind, distance) for shoe, distance in used if shoe.kind and 0 < distance < math.inf]
    low_km = sum(distance for kind, distance in kinds if kind in LOW_KINDS)
    usually_low = bool(kinds) and low_km * 2 >= sum(distance for _, distance in kinds)
    lower = set()
    for shoe in {shoe.id: shoe for shoe, _ in used}.values():
        by_drop = usual is not None and shoe.drop_mm is not None and shoe.drop_mm <= usual - by_mm
        if by_drop or (shoe.kind in LOW_KINDS and not usually_low):
            lower.add(shoe.id)
    return frozenset(lower)


def _weighted_median(pairs: Sequence[tuple[float, float]]) -> float | None:
    total, running = sum(weight for _, weight in pairs), 0.0
    for value, weight in sorted(pairs):
        running += weight
        if running * 2 >= total:
            return value
    return None


def shoe_uses(
    runs: Sequence[RunSummary], shoes: Sequence[Shoe], *, onset_on: date, week_ends: Sequence[date]
) -> tuple[ShoeUse, ...]:
    """Each pair run in before the onset, by first use: first and last day, metres in all and by week of `week_ends`."""
    named = {shoe.id: shoe for shoe in shoes}
    ends = frozenset(week_ends)
    by_pair: dict[str, list[RunSummary]] = {}
    for run in runs:
        if run.shoe is not None:
            by_pair.setdefault(run.shoe, []).append(run)
    uses = []
    for shoe_id, used in by_pair.items():
        weekly: dict[date, float] = {}
        total = 0.0
        for run in used:
            metres = run.distance_m if run.distance_m is not None and 0 < run.distance_m < math.inf else 0.0
            total += metres
            end = week_end(run.day, onset_on)
            if end in ends:
                weekly[end] = weekly.get(end, 0.0) + metres
        uses.append(
            ShoeUse(
                shoe=named.get(shoe_id, Shoe(id=shoe_id, name="")),
                first_day=used[0].day,
                last_day=used[-1].day,
                distance_m=total,
                weekly_distance_m=weekly,
            )
        )
    return tuple(sorted(uses, key=lambda use: (use.first_day, use.shoe.id)))


def week_end(day: date, onset_on: date) -> date:
    """Last day of the seven-day week that `day` lies in, weeks ending the day before the onset."""
    back = (onset_on - day).days - 1
    return onset_on - timedelta(days=1 + 7 * (back // 7))
