"""Parts of a run that were ridden: the watch was still on in the car, or a ride was saved as a run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from soleus.core.activity import Activity, Array, Sport, Stream
from soleus.knowledge.base import TrainingKnowledge
from soleus.training.clock import Mask, paused_before

RIDABLE = frozenset({Sport.RUNNING, Sport.WALKING, Sport.HIKING})


def fix_rides(activity: Activity, stream: Stream, knowledge: TrainingKnowledge) -> tuple[Activity, int, str]:
    """Take out stretches that average more than `ride.speed_mps` over `ride.window_s`: no one runs that.

    Their distance, speed and change of height become 0, so they count as standing; heart rate stays. When they make
    up more than half of the time in motion the whole activity is not one on foot: its sport becomes `other`. Limits
    are ours (basis expert). Known failure: a slow bicycle saved as a run is not recognised.
    """
    if activity.sport not in RIDABLE or not (stream.has("distance_m") and stream.has("speed_mps")):
        return activity, 0, ""
    speed, fastest = stream.channels["speed_mps"], knowledge.value("ride.speed_mps")
    if not (speed > fastest).any():
        return activity, 0, ""
    # On the wall clock: a pause that was lost recording must not make a runner look fast.
    ridden = _ridden(stream.time_s, stream.channels["distance_m"], fastest, knowledge.value("ride.window_s"))
    count = int(np.count_nonzero(ridden))
    if not count:
        return activity, 0, ""
    seconds = np.diff(stream.time_s - paused_before(stream.time_s, activity.pauses))
    moving = (speed[1:] + speed[:-1]) / 2 >= knowledge.value("clean.stop_speed_mps")
    if float(seconds[ridden].sum()) > float(seconds[moving].sum()) / 2:
        return replace(activity, sport=Sport.OTHER), len(stream), "whole"
    channels = dict(stream.channels)
    channels["distance_m"] = _level(channels["distance_m"], ridden)
    channels["speed_mps"] = np.where(np.concatenate(([False], ridden)), 0.0, speed)
    height = stream.channel("altitude_m")
    seen = np.isfinite(height)
    if seen.any():
        channels["altitude_m"] = _level(np.interp(stream.time_s, stream.time_s[seen], height[seen]), ridden)
    return replace(activity, stream=replace(stream, channels=channels)), count, "part"


def _ridden(time_s: Array, way_m: Array, fastest_mps: float, window_s: float) -> Mask:
    """(T-1,) True for segments inside some window of `window_s` seconds, ending at a sample, that is too fast."""
    since = time_s - window_s
    full = since >= time_s[0]
    fast = full & (way_m - np.interp(since, time_s, way_m) > fastest_mps * window_s)
    ends = np.flatnonzero(fast)
    change = np.zeros(len(time_s) + 1)
    np.add.at(change, np.searchsorted(time_s, since[ends], side="right") - 1, 1.0)
    np.add.at(change, ends, -1.0)
    return np.cumsum(change)[: len(time_s) - 1] > 0.5


def _level(values: Array, where: Mask) -> Array:
    """`values` (T,) without its changes over the segments (T-1,) marked."""
    steps = np.where(where, 0.0, np.diff(values))
    level: Array = values[0] + np.concatenate(([0.0], np.cumsum(steps)))
    return level
