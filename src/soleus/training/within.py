"""What happened inside one run: stops, and a pace that fell away."""

from __future__ import annotations

import numpy as np

from soleus.core.activity import Activity, Array
from soleus.core.training import WithinRun
from soleus.knowledge.base import TrainingKnowledge
from soleus.training.track import Track

COOL_DOWN = "cooldown"
STEP_S = 10.0
"""Steps in which the speed is looked at for a collapse."""


def within_run(activity: Activity, track: Track, knowledge: TrainingKnowledge) -> WithinRun:
    """Stops and the steepest lasting loss of grade-adjusted pace of a cleaned activity.

    1. A stop is a stretch between two stretches in motion, stood still or with the timer stopped, of at least
       `stop.min_seconds`; what comes before the first step or after the last is none.
    2. The pace is cut in two where the means differ most for the length of the parts (least squares), each part at
       least `pace_collapse.min_part_minutes` in motion; the drop is 1 − median after / median before, of the minute
       means. None below `pace_collapse.min_minutes` in motion. A final lap marked as cool-down is left out.
    3. The first stop of at least `stop.pattern_min_seconds`, and a collapse to walking (`_collapse`).
    All limits are ours (basis expert). Known failure: an unmarked cool-down or a steep trail looks like a drop.
    """
    stops, starts = _stops(track)
    long = stops[stops >= knowledge.value("stop.min_seconds")]
    lasting = starts[stops >= knowledge.value("stop.pattern_min_seconds")]
    ratio, at = _pace_drop(activity, track, knowledge)
    return WithinRun(
        stops=len(long),
        stopped_s=float(long.sum()),
        pace_drop_ratio=ratio,
        pace_drop_at_s=at,
        first_stop_s=float(lasting[0]) if len(lasting) else None,
        collapse_at_s=_collapse(activity, track, knowledge),
    )


def _collapse(activity: Activity, track: Track, knowledge: TrainingKnowledge) -> float | None:
    """When running gave way to walking within a minute for the rest of the recording; seconds since the start.

    1. Mean speed by steps of 10 s of wall time (a pause counts as standing), outside a final cool-down lap.
    2. The last step run at the usual pace: at least `pace_collapse.kept_ratio` of the median running speed.
    3. From a minute after it to the end nothing is as fast as `pace_collapse.walk_speed_mps`, for at least
       `pace_collapse.tail_s`; before it lie at least `pace_collapse.min_part_minutes` of running.
    None also when the watch was stopped at once: a file that ends says nothing. A walk home looks the same.
    """
    if not track.has_distance:
        return None
    time = track.stream.time_s
    end = float(time[-1])
    if activity.laps and activity.laps[-1].intensity == COOL_DOWN:
        end = min(end, activity.laps[-1].start_s)
    grid = np.arange(float(time[0]), end + 1e-9, STEP_S)
    way = np.concatenate(([0.0], np.cumsum(track.length_m)))
    speed = np.diff(np.interp(grid, time, way)) / STEP_S
    running = speed >= knowledge.value("pace_collapse.walk_speed_mps")
    if float(running.sum()) * STEP_S < 60.0 * knowledge.value("pace_collapse.min_part_minutes"):
        return None
    usual = float(np.median(speed[running]))
    last = int(np.flatnonzero(speed >= knowledge.value("pace_collapse.kept_ratio") * usual)[-1])
    minute = round(60.0 / STEP_S)
    tail = running[last + 1 + minute :]
    if len(tail) * STEP_S < knowledge.value("pace_collapse.tail_s") or tail.any():
        return None
    return float(grid[last + 1])


def _stops(track: Track) -> tuple[Array, Array]:
    """(seconds, start since the activity's start) of every stretch stood still or paused between motion."""
    idle = np.where(track.moving, track.paused_s, np.diff(track.stream.time_s))
    moving = np.flatnonzero(track.moving)
    if not len(moving):
        return np.zeros(0), np.zeros(0)
    first, last = int(moving[0]), int(moving[-1])
    inner = idle[first : last + 1].copy()
    inner[0] = 0.0 if last > first else inner[0]
    halted = np.concatenate(([False], inner > 0.0, [False]))
    edges = np.flatnonzero(halted[1:] != halted[:-1])
    total = np.concatenate(([0.0], np.cumsum(inner)))
    return total[edges[1::2]] - total[edges[::2]], track.stream.time_s[first + edges[::2]]


def _pace_drop(activity: Activity, track: Track, knowledge: TrainingKnowledge) -> tuple[float | None, float | None]:
    """(drop as a ratio, seconds since the start at which it begins, when it reaches `pace_collapse.drop_ratio`)."""
    moving = track.moving & np.isfinite(track.speed_mps)
    if activity.laps and activity.laps[-1].intensity == COOL_DOWN:
        moving &= track.stream.time_s[1:] <= activity.laps[-1].start_s
    seconds = np.where(moving, track.active_s, 0.0)
    clock = np.concatenate(([0.0], np.cumsum(seconds)))
    minutes = int(clock[-1] / 60.0)
    part = max(round(knowledge.value("pace_collapse.min_part_minutes")), 1)
    if not track.has_distance or minutes < max(knowledge.value("pace_collapse.min_minutes"), 2 * part):
        return None, None
    way = np.concatenate(([0.0], np.cumsum(np.where(moving, track.length_m * track.factor, 0.0))))
    pace = np.diff(np.interp(np.arange(minutes + 1) * 60.0, clock, way))
    split = _split(pace, part)
    before = float(np.median(pace[:split]))
    if not before > 0.0:
        return None, None
    drop = 1.0 - float(np.median(pace[split:])) / before
    if drop < knowledge.value("pace_collapse.drop_ratio"):
        return drop, None
    index = min(int(np.searchsorted(clock, split * 60.0)), len(clock) - 1)
    return drop, float(track.stream.time_s[index])


def _split(pace: Array, part: int) -> int:
    """Index at which a fall in the mean explains most of the variance; both sides at least `part` long."""
    cut = np.arange(part, len(pace) - part + 1)
    total = np.cumsum(pace)
    before = total[cut - 1] / cut
    after = (total[-1] - total[cut - 1]) / (len(pace) - cut)
    explained = (before - after) * np.sqrt(cut * (len(pace) - cut))
    return int(cut[np.argmax(explained)])
