"""The runner's own calendar day of each run: what a file does not say of its time zone, its neighbours may."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np

from soleus.core.activity import Array
from soleus.core.training import RunSummary

FIRST_DAY = date(2000, 1, 1)
"""No watch or telephone recorded runs before: an earlier date is a clock that was never set."""
ZONE_S = 3_600.0
DEGREES_A_ZONE = 15.0
FARTHEST_FROM_PLACE_S = 3 * 3_600
"""Clocks of a place differ by up to this from the sun's (western China and summer time in Galicia are the worst)."""


def zone_of_place(longitude_deg: Array) -> int | None:
    """Seconds by which the nautical zone of the first position is ahead of UTC: round(longitude / 15°) hours.

    `longitude_deg`: (T,) with NaN = not seen; None without one. Borders and summer time are not known here: the
    civil clock may differ by an hour or two, so a run near midnight may still land on the neighbouring day.
    """
    seen = longitude_deg[np.abs(longitude_deg) <= 180.0]  # NaN and what lies outside the globe are no place
    return None if not len(seen) else round(float(seen[0]) / DEGREES_A_ZONE) * round(ZONE_S)


def local_day(start_utc: datetime, offset_s: int | None) -> date:
    """The day on a clock so far ahead of UTC; UTC's own when that is not known or leads out of the calendar."""
    try:
        return (start_utc + timedelta(seconds=offset_s or 0)).date()
    except OverflowError:
        return start_utc.date()


def on_own_days(runs: Sequence[RunSummary]) -> tuple[RunSummary, ...]:
    """Runs in the order given, each on the runner's own day as far as all of them together can tell.

    1. Runs dated before `FIRST_DAY` are left out. 2. A run whose file states its zone stays. 3. Any other takes the
    zone of the run nearest in time that states one, unless that is too far from the zone of its own position (a
    journey); then, or when no run states one, that of its position; else UTC. 4. A day that another source has
    already put right (a table of the platform) stays.
    """
    kept = [run for run in runs if run.day >= FIRST_DAY]
    stated = sorted((run.start_utc, run.utc_offset_s) for run in kept if run.utc_offset_s is not None)
    starts = [start for start, _ in stated]
    out = []
    for run in kept:
        default = local_day(run.start_utc, run.zone_of_place_s)
        if run.utc_offset_s is None and run.day == default and stated:
            out.append(replace(run, day=local_day(run.start_utc, _borrowed(run, starts, stated))))
        else:
            out.append(run)
    return tuple(out)


def _borrowed(run: RunSummary, starts: Sequence[datetime], stated: Sequence[tuple[datetime, int]]) -> int | None:
    """The zone of the nearest run that states one, when the run's own position does not contradict it."""
    at = bisect_left(starts, run.start_utc)
    near = min(stated[max(0, at - 1) : at + 1], key=lambda one: abs(one[0] - run.start_utc))[1]
    place = run.zone_of_place_s
    return near if place is None or abs(near - place) <= FARTHEST_FROM_PLACE_S else place
