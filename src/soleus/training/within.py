"""What happened inside one run: stops, and a pace that fell away."""

from __future__ import annotations

import numpy as np

from soleus.core.activity import Activity, Array
from soleus.core.training import WithinRun
from soleus.knowledge.base import TrainingKnowledge
from soleus.training.track import Track

COOL_DOWN = "cooldown"


def within_run(activity: Activity, track: Track, knowledge: TrainingKnowledge) -> WithinRun:
    """Stops and the steepest lasting loss of grade-adjusted pace of a cleaned activity.

    1. A stop is a stretch between two stretches in motion, stood still or with the timer stopped, of at least
       `stop.min_seconds`; what comes before the first step or after the last is none.
    2. The pace is cut in two where the means differ most for the length of the parts (least squares), each part at
       least `pace_collapse.min_part_minutes` in motion; the drop is 1 − median after / median before, of the minute
       means. None below `pace_collapse.min_minutes` in motion. A final lap marked as cool-down is left out.
    All limits are ours (basis expert). Known failure: an unmarked cool-down or a steep trail looks like a drop.
    """
    stops = _stop_lengths(track)
    long = stops[stops >= knowledge.value("stop.min_seconds")]
    ratio, at = _pace_drop(activity, track, knowledge)
    return WithinRun(stops=len(long), stopped_s=float(long.sum()), pace_drop_ratio=ratio, pace_drop_at_s=at)


def _stop_lengths(track: Track) -> Array:
    """Seconds of every stretch stood still or paused between motion."""
    idle = np.where(track.moving, track.paused_s, np.diff(track.stream.time_s))
    moving = np.flatnonzero(track.moving)
    if not len(moving):
        return np.zeros(0)
    first, last = int(moving[0]), int(moving[-1])
    inner = idle[first : last + 1].copy()
    inner[0] = 0.0 if last > first else inner[0]
    halted = np.concatenate(([False], inner > 0.0, [False]))
    edges = np.flatnonzero(halted[1:] != halted[:-1])
    total = np.concatenate(([0.0], np.cumsum(inner)))
    return total[edges[1::2]] - total[edges[::2]]


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
