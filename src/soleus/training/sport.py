"""The sport of a file that does not say it: many GPX files hold only positions and times."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from soleus.core.activity import Activity, Array, Sport, Stream
from soleus.knowledge.base import TrainingKnowledge
from soleus.training.clock import paused_before


def fix_unknown_sport(activity: Activity, stream: Stream, knowledge: TrainingKnowledge) -> tuple[Activity, int, str]:
    """Call an activity of unknown sport a run when it moves like one; the edit says so, so that it can be shown.

    1. Median speed in motion, weighted by time, in [`sport.run_speed_low_mps`, `sport.run_speed_high_mps`].
    2. Nine tenths of the time in motion slower than `sport.run_speed_peak_mps` (a bicycle is faster downhill).
    3. Where steps were counted, their median at least `sport.run_cadence_low_spm` (walkers take fewer).
    Limits are ours (basis expert). Known failure: a slow, level bicycle ride without a cadence sensor.
    """
    if activity.sport is not Sport.UNKNOWN or not stream.has("speed_mps") or len(stream) < 2:
        return activity, 0, ""
    seconds = np.diff(stream.time_s - paused_before(stream.time_s, activity.pauses))
    speed = stream.channels["speed_mps"][1:]
    moving = np.nan_to_num(speed) >= knowledge.value("clean.stop_speed_mps")
    if not moving.any():
        return activity, 0, ""
    middle, fast = _weighted_quantiles(speed[moving], seconds[moving], (0.5, 0.9))
    low, high = knowledge.value("sport.run_speed_low_mps"), knowledge.value("sport.run_speed_high_mps")
    if not low <= middle <= high or fast > knowledge.value("sport.run_speed_peak_mps"):
        return activity, 0, ""
    cadence = stream.channel("cadence_spm")[1:][moving]
    steps = cadence[np.nan_to_num(cadence) > 0.0]
    if len(steps) and float(np.median(steps)) < knowledge.value("sport.run_cadence_low_spm"):
        return activity, 0, ""
    return replace(activity, sport=Sport.RUNNING), len(stream), "moves_like_a_run"


def _weighted_quantiles(values: Array, weights: Array, shares: tuple[float, ...]) -> list[float]:
    order = np.argsort(values)
    upto = np.cumsum(np.maximum(weights[order], 0.0))
    places = np.searchsorted(upto, np.array(shares) * upto[-1])
    return [float(values[order[min(place, len(order) - 1)]]) for place in places]
