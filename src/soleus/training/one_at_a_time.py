"""Nobody runs twice at once: recordings of one run by two watches count once, however much they disagree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from soleus.core.activity import Sport
from soleus.core.training import RunSummary

SHARED = 0.8
"""Share of the shorter recording that must lie within the longer one."""
RESTING = 2.0
"""A recording this many times longer than its running was left on: what else was run meanwhile is another run."""
FARTHEST_ZONE_S = 14 * 3_600.0
QUARTER_S = 900.0
SAME_S, SAME_RATIO = 5.0, 0.005
"""How far two files of one recording may differ in length when one of them has its clock in another zone."""


def one_at_a_time(runs: Sequence[RunSummary]) -> tuple[RunSummary, ...]:
    """Runs oldest first, those left out that another one already holds; other sports pass through.

    A recorded run is left out when 1. `SHARED` of it lies within a longer one (a second watch, a foot pod beside the
    treadmill), or 2. another kind of file holds a run of the same length and distance that starts whole quarters of
    an hour apart: one of the two wrote local time as UTC. What only the one left out knows of the shoe stays. Limits
    are ours (basis expert). Known failure: two watches that share less than that count twice.
    """
    ordered = sorted(runs, key=lambda run: (run.start_utc, run.key))
    gone: set[int] = set()
    out = list(ordered)
    for i, run in enumerate(ordered):
        for j in range(i + 1, len(ordered)):
            other = ordered[j]
            apart_s = (other.start_utc - run.start_utc).total_seconds()
            if apart_s > max(run.elapsed_s, FARTHEST_ZONE_S) or i in gone:
                break
            if j in gone or not (_recorded(run) and _recorded(other)):
                continue
            if _overlap(run, other, apart_s) or _other_clock(run, other, apart_s):
                stays, goes = (i, j) if _rank(run) >= _rank(other) else (j, i)
                gone.add(goes)
                out[stays] = replace(out[stays], shoe=out[stays].shoe or out[goes].shoe)
    return tuple(run for i, run in enumerate(out) if i not in gone)


def _recorded(run: RunSummary) -> bool:
    return run.sport is Sport.RUNNING and not run.from_totals


def _rank(run: RunSummary) -> tuple[float, bool, float]:
    """The longer one first (to ten minutes), then the richer file, then the one that went farther."""
    return round(run.moving_s / 600.0), run.format == "fit", run.distance_m or 0.0


def _overlap(run: RunSummary, other: RunSummary, apart_s: float) -> bool:
    """`other` starts `apart_s` >= 0 after `run`."""
    shared = min(run.elapsed_s, apart_s + other.elapsed_s) - apart_s
    shorter, longer = sorted((run, other), key=lambda one: one.elapsed_s)
    return shared > 0.0 and shared >= SHARED * shorter.elapsed_s and longer.elapsed_s <= RESTING * longer.moving_s


def _other_clock(run: RunSummary, other: RunSummary, apart_s: float) -> bool:
    if run.format == other.format or not run.distance_m or not other.distance_m or apart_s > FARTHEST_ZONE_S:
        return False
    quarters = round(apart_s / QUARTER_S)
    return (
        quarters > 0
        and abs(apart_s - quarters * QUARTER_S) <= SAME_S
        and abs(run.elapsed_s - other.elapsed_s) <= SAME_S
        and abs(run.distance_m - other.distance_m) <= SAME_RATIO * run.distance_m
    )
