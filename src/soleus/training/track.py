"""One recording as segments on its active clock: what every metric integrates over, whatever the sampling rate."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from soleus.core.activity import Activity, Array, Stream, Surface
from soleus.knowledge.base import TrainingKnowledge
from soleus.training import elevation
from soleus.training.clean import SPEED_LIMITED
from soleus.training.clock import Mask, paused_before, recorded
from soleus.training.grade import DEFAULT_MODEL, GRADE_MODELS

ANY_SPEED_MPS = 1e9
"""No limit: rides and swims keep what the device counted."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """(S,) segments between successive samples; pauses taken out, lost recording clipped.

    Nothing here is NaN except `speed_mps` where neither speed nor distance is known.
    """

    stream: Stream
    """The samples outside pauses, (S+1,)."""
    active_s: Array
    """Seconds the timer ran, lost recording clipped."""
    weight_s: Array
    """Seconds for which a sensor reading at the ends may speak: `active_s` up to `clean.max_gap_s`."""
    paused_s: Array
    """Seconds paused within the segment."""
    length_m: Array
    """Distance; 0 when unknown (`has_distance` False)."""
    has_distance: bool
    speed_mps: Array
    moving: Mask
    moving_s: Array
    """Active seconds of the segments in motion, else 0."""
    clock_s: Array
    """(S+1,) active seconds since the first sample."""
    grade_ratio: Array
    """0 where height is unknown."""
    factor: Array
    """Grade-adjustment factor (default model); 1 where height is unknown."""
    profile: elevation.Profile | None
    profile_grade: Array
    """(G,) grade along the profile; empty without one."""
    _means: dict[tuple[str, bool], Array | None] = field(default_factory=dict)
    """What `mean` has worked out so far."""

    def mean(self, channel: str, *, positive: bool = False) -> Array | None:
        """(S,) mean of a channel's readings at the two ends, the one reading if the other is missing, else NaN;
        None without the channel. `positive`: zero is not a reading (a foot pod that was not running)."""
        key = (channel, positive)
        if key not in self._means:
            self._means[key] = self._mean(channel, positive)
        return self._means[key]

    def _mean(self, channel: str, positive: bool) -> Array | None:
        values = self.stream.channels.get(channel)
        if values is None:
            return None
        if positive and not (values > 0.0).all():
            values = np.where(values > 0.0, values, np.nan)
        left, right = values[:-1], values[1:]
        middle = (left + right) * 0.5
        gone = ~np.isfinite(middle)
        if gone.any():
            middle = np.where(gone, np.where(np.isfinite(left), left, right), middle)
            middle[~np.isfinite(middle)] = np.nan
        return middle


def build_track(activity: Activity, knowledge: TrainingKnowledge) -> Track | None:
    """Segments of a cleaned activity (`clean.clean_activity`); None when fewer than two samples are left.

    1. Samples inside pauses are dropped; the clock is time minus pauses.
    2. A segment whose distance cannot have been run in its active time, but in its whole time, is lost recording that
       was taken for a pause: it counts the time its distance takes at the median speed.
    3. Segments longer than `clean.max_gap_s` count that much, or the time their distance takes at the median speed if
       that is longer.
    4. In motion: speed of at least `clean.stop_speed_mps`; without speed, turning cadence; without either, always.
    5. Grade at the middle of each segment from the height profile; none on a treadmill, where height says nothing.
    """
    if activity.stream is None or len(activity.stream) < 2:
        return None
    stream, paused = _outside_pauses(activity, activity.stream)
    if len(stream) < 2:
        return None
    whole = np.diff(stream.time_s)
    paused_s = np.diff(paused)
    active = np.maximum(whole - paused_s, 0.0)
    has_distance = stream.has("distance_m")
    length = np.diff(stream.channels["distance_m"]) if has_distance else np.zeros(len(whole))
    ends = stream.channel("speed_mps")
    speed = (ends[1:] + ends[:-1]) * 0.5
    limit = knowledge.value("clean.max_gap_s")
    odd = (active > limit) | (paused_s > 0.0)
    if odd.any():
        active, length, speed = _clip_gaps(activity, knowledge, odd, whole, active, length, speed, has_distance)
    return _finish(activity, stream, knowledge, active, paused_s, length, speed)


def _outside_pauses(activity: Activity, stream: Stream) -> tuple[Stream, Array]:
    """The samples outside pauses and the (T,) seconds paused before each."""
    paused = paused_before(stream.time_s, activity.pauses)
    if not activity.pauses:
        return stream, paused
    keep = recorded(stream.time_s, activity.pauses)
    if keep.all():
        return stream, paused
    channels = {name: values[keep] for name, values in stream.channels.items()}
    return Stream(time_s=stream.time_s[keep], channels=channels), paused[keep]


def _clip_gaps(
    activity: Activity,
    knowledge: TrainingKnowledge,
    odd: Mask,
    whole: Array,
    active: Array,
    length: Array,
    speed: Array,
    has_distance: bool,
) -> tuple[Array, Array, Array]:
    """(active seconds, length, speed) with pauses and lost recording put right; steps 2 and 3 of `build_track`."""
    limit = knowledge.value("clean.max_gap_s")
    stop = knowledge.value("clean.stop_speed_mps")
    if not has_distance:
        return np.minimum(active, limit), length, speed
    usual = speed[~odd & (speed >= stop)]
    pace = float(np.median(usual)) if len(usual) else stop
    fastest = knowledge.value("clean.max_speed_mps") if activity.sport in SPEED_LIMITED else ANY_SPEED_MPS
    needed = length / pace
    unlikely = odd & (length > fastest * active)
    lost = unlikely & (length <= fastest * whole)
    length = np.where(unlikely & ~lost, 0.0, length)
    active = np.where(lost, np.minimum(whole, needed), active)
    long = active > limit
    active = np.where(long, np.minimum(active, np.maximum(needed, limit)), active)
    own = np.divide(length, active, out=np.zeros_like(length), where=active > 0.0)
    return active, length, np.where(odd, own, speed)


def _finish(
    activity: Activity,
    stream: Stream,
    knowledge: TrainingKnowledge,
    active: Array,
    paused_s: Array,
    length: Array,
    speed: Array,
) -> Track:
    has_distance = stream.has("distance_m")
    profile = _profile(activity, stream, length, knowledge) if has_distance else None
    grade, factor = np.zeros(len(active)), np.ones(len(active))
    profile_grade = np.zeros(0)
    if profile is not None:
        profile_grade = elevation.grades(profile, elevation.grade_length_m(activity.barometer, knowledge), knowledge)
        cost = GRADE_MODELS[DEFAULT_MODEL](profile_grade, knowledge)
        index = profile.indices(np.cumsum(length) - length / 2)[0].astype(np.intp)
        grade, factor = profile_grade[index], cost[index]
    moving = _moving(stream, speed, knowledge)
    return Track(
        stream=stream,
        active_s=active,
        weight_s=np.minimum(active, knowledge.value("clean.max_gap_s")),
        paused_s=paused_s,
        length_m=length,
        has_distance=has_distance,
        speed_mps=speed,
        moving=moving,
        moving_s=np.where(moving, active, 0.0),
        clock_s=np.concatenate(([0.0], np.cumsum(active))),
        grade_ratio=grade,
        factor=factor,
        profile=profile,
        profile_grade=profile_grade,
    )


def _moving(stream: Stream, speed: Array, knowledge: TrainingKnowledge) -> Mask:
    if stream.has("speed_mps"):
        return speed >= knowledge.value("clean.stop_speed_mps")
    if stream.has("cadence_spm"):
        cadence = stream.channels["cadence_spm"]
        return (cadence[1:] > 0.0) | (cadence[:-1] > 0.0)
    return np.ones(len(speed), dtype=np.bool_)


def _profile(
    activity: Activity, stream: Stream, length: Array, knowledge: TrainingKnowledge
) -> elevation.Profile | None:
    """Height along the counted way; already smoothed by the fixer, so not again. None when fewer than half of the
    samples tell the height."""
    height = stream.channels.get("altitude_m")
    if (
        height is None
        or activity.surface is Surface.TREADMILL
        or 2 * np.count_nonzero(np.isfinite(height)) < len(height)
    ):
        return None
    way = np.concatenate(([0.0], np.cumsum(length)))
    return elevation.build_profile(way, height, smooth_m=0.0, knowledge=knowledge)
