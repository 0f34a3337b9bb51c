"""The same activity from several sources recognised, and the richest kept with the others' words on it. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from soleus.core.activity import Sport, Surface
from soleus.core.training import RunSummary
from soleus.knowledge.base import TrainingKnowledge

_FORMAT_RANK = {"fit": 40, "tcx": 30, "gpx": 20, "apple_health": 25}
_TOTALS_RANK = 0
_DYNAMICS_BONUS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerances:
    """How far two records of one activity may differ."""

    start_s: float
    duration_ratio: float
    distance_ratio: float

    @classmethod
    def of(cls, knowledge: TrainingKnowledge) -> Tolerances:
        return cls(
            start_s=knowledge.value("duplicates.start_s"),
            duration_ratio=knowledge.value("duplicates.duration_ratio"),
            distance_ratio=knowledge.value("duplicates.distance_ratio"),
        )


def richness(run: RunSummary) -> tuple[int, float, float]:
    """Order of preference: FIT with running dynamics > FIT > TCX > Apple > GPX > totals only; then the longer."""
    rank = _TOTALS_RANK if run.from_totals else _FORMAT_RANK.get(run.format, 10)
    if not run.from_totals and run.contact_time_ms is not None:
        rank += _DYNAMICS_BONUS - 1
    return rank, run.moving_s, run.distance_m or 0.0


def same_activity(a: RunSummary, b: RunSummary, tolerances: Tolerances) -> bool:
    """Start, duration and distance agree; nobody does two things at once, so the sport need not."""
    if abs((a.start_utc - b.start_utc).total_seconds()) > tolerances.start_s:
        return False
    # A platform may state the elapsed or the moving time where the file has the other.
    times_a, times_b = (a.elapsed_s, a.moving_s), (b.elapsed_s, b.moving_s)
    pairs = (zip(times_a, times_b, strict=True)) if not (a.from_totals or b.from_totals) else (
        (x, y) for x in times_a for y in times_b
    )  # fmt: skip
    if not any(_close(x, y, tolerances.duration_ratio) for x, y in pairs if x and y):
        return False
    if not a.distance_m or not b.distance_m:
        return True
    return _close(a.distance_m, b.distance_m, tolerances.distance_ratio)


def _close(a: float, b: float, ratio: float) -> bool:
    return abs(a - b) <= ratio * max(a, b)


def group_duplicates(runs: Sequence[RunSummary], tolerances: Tolerances) -> tuple[tuple[int, ...], ...]:
    """Indices of `runs` by activity, richest first in each group; groups by start.

    1. Sort by start. 2. From the richest run on, each run takes all that agree with *it*: agreement is never passed
    on along a chain, so a row of short laps cannot grow into one activity.
    """
    order = sorted(range(len(runs)), key=lambda i: runs[i].start_utc)
    place = {index: at for at, index in enumerate(order)}
    taken: set[int] = set()
    groups: list[tuple[int, ...]] = []
    for index in sorted(order, key=lambda i: richness(runs[i]), reverse=True):
        if index in taken:
            continue
        group = [index]
        taken.add(index)
        for step in (-1, 1):
            at = place[index] + step
            while 0 <= at < len(order):
                other = order[at]
                if abs((runs[other].start_utc - runs[index].start_utc).total_seconds()) > tolerances.start_s:
                    break
                if other not in taken and same_activity(runs[index], runs[other], tolerances):
                    taken.add(other)
                    group.append(other)
                at += step
        head, *rest = group
        groups.append((head, *sorted(rest, key=lambda i: richness(runs[i]), reverse=True)))
    return tuple(sorted(groups, key=lambda group: runs[group[0]].start_utc))


def merge_group(group: Sequence[RunSummary]) -> RunSummary:
    """The first (richest) run with what only the others know: shoe, labels, exertion, sport, surface, heart rate."""
    best, *others = group
    if not others:
        return best
    labels = frozenset().union(*(run.labels for run in group))
    sport, surface, heart = best.sport, best.surface, best.heart_rate_s
    for run in others:
        sport = run.sport if sport in (Sport.UNKNOWN, Sport.OTHER) and run.sport is not Sport.UNKNOWN else sport
        surface = run.surface if surface is Surface.UNKNOWN else surface
        heart = heart or run.heart_rate_s
    return replace(
        best,
        labels=labels,
        sport=sport,
        surface=surface,
        heart_rate_s=heart,
        shoe=next((run.shoe for run in group if run.shoe), None),
        session_rpe=next((run.session_rpe for run in group if run.session_rpe is not None), None),
        average_heart_rate_bpm=next(
            (run.average_heart_rate_bpm for run in group if run.average_heart_rate_bpm is not None), None
        ),
        distance_m=next((run.distance_m for run in group if run.distance_m is not None), None),
    )


def unify_shoes(
    groups: Sequence[Sequence[RunSummary]], pairs: Sequence[tuple[str, str]] = (), *, minimum: int = 2
) -> Mapping[str, str]:
    """Ids of pairs that two platforms name differently → the id used for both.

    Two names are one pair when, among the activities known from both platforms, the first name meets the second in
    at least four of five cases and the other way round, `minimum` times or more. Without this a runner who wrote
    down shoes in two places would seem to change them all the time. Expert choice, no source.
    """
    together: Counter[tuple[str, str]] = Counter()
    alone: Counter[str] = Counter()
    said = [{run.shoe for run in group if run.shoe} for group in groups]
    for shoes in (*said, *(set(pair) for pair in pairs)):
        names = sorted(shoes)
        if len(names) < 2:
            continue
        alone.update(names)
        together.update((a, b) for i, a in enumerate(names) for b in names[i + 1 :])
    used: dict[str, str] = {}
    share = defaultdict(float, {pair: count / max(alone[pair[0]], alone[pair[1]]) for pair, count in together.items()})
    for (a, b), count in together.most_common():
        if count >= minimum and share[a, b] >= 0.8 and a not in used and b not in used:
            used[b] = a
    return used
