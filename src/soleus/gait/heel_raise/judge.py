"""Which repetitions count: faults of each, and where the test was over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from soleus.core.recording import Floats
from soleus.gait.heel_raise.count import Rep
from soleus.gait.heel_raise.signal import Curve, elbow_deg, knee_flexion_deg, trunk_deg
from soleus.knowledge.gait_base import GaitKnowledge

NEAR_PEAK_S = 0.15
MIN_SEEN = 0.5
"""Share of a repetition in which a joint must be seen to be judged."""
QUIET_S = 2.0
KNEE_PERCENTILES = (10, 90)
"""Instead of the least and the most: a single bad frame bends no knee."""
REFERENCE = 3
HELD_SHARE = 0.25
"""A raise that takes this much of a beat longer than usual was held; less is how people vary."""
END_OF_CLIP, TWO_FAULTS, HEIGHT_LOST, PACE_LOST = "end_of_clip", "two_faults", "height_lost", "pace_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bars a repetition must clear, moved by `slack` errors: 0 as they are, −1 strict, +1 lenient."""

    min_height: float
    """Foot lengths."""
    short_return: float
    knee_deg: float
    knee_change_deg: float
    lean_deg: float
    hip_drift: float
    """Foot lengths."""
    elbow_deg: float
    beat_s: float
    late_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """Half 95 % intervals of what the limits are compared with."""

    height: float
    angle_deg: float


def limits_of(
    reference: float, foot_cm: float, beat_s: float, errors: Errors, gait: GaitKnowledge, *, slack: int = 0
) -> Limits:
    """The limits of heel-raise.md §5 for a reference height `reference` (foot lengths)."""
    value = gait.value
    low = max(value("heel_raise.valid.min_share") * reference, value("heel_raise.valid.min_rise_cm") / foot_cm)
    return Limits(
        min_height=low - slack * errors.height,
        short_return=value("heel_raise.valid.short_return_share") * reference + slack * errors.height,
        knee_deg=value("heel_raise.valid.knee_deg") + slack * errors.angle_deg,
        knee_change_deg=value("heel_raise.valid.knee_change_deg") + slack * errors.angle_deg,
        lean_deg=value("heel_raise.valid.lean_deg") + slack * errors.angle_deg,
        hip_drift=value("heel_raise.valid.hip_drift_cm") / foot_cm + slack * errors.height,
        elbow_deg=value("heel_raise.valid.elbow_change_deg"),
        beat_s=beat_s,
        late_s=value("heel_raise.valid.period_tolerance") * beat_s,
    )


def values_of(curve: Curve, reps: Sequence[Rep], gait: GaitKnowledge) -> tuple[dict[str, float], ...]:
    """What each repetition is judged by; a joint that was not seen is missing.

    Knee flexion is over the reading in standing, up to `valid.knee_offset_deg` of it; its change is within the raise or
    against standing, whichever is more.
    `hip_drift_ratio` (hip ahead of the ankle) and `lean_change_deg` compare the top of this repetition with the median
    top of the first three; over the ankle, because the whole body moves forward over the ball of the foot.
    """
    knee, trunk, elbow = knee_flexion_deg(curve), trunk_deg(curve), elbow_deg(curve)
    standing = _standing_knee_deg(knee, reps, curve.rate_hz)
    offset = min(max(standing, 0.0), gait.value("heel_raise.valid.knee_offset_deg"))
    hip_x = curve.points["hip"][:, 0] - curve.points["ankle"][:, 0]
    rate = curve.rate_hz
    tops = [slice(max(r.peak - round(NEAR_PEAK_S * rate), 0), r.peak + round(NEAR_PEAK_S * rate) + 1) for r in reps]
    hip_first = _usual(hip_x, tops)
    lean_first = _usual(trunk, tops)
    low_hand = hand_low(curve, gait)
    found = []
    for rep, top in zip(reps, tops, strict=True):
        whole = slice(rep.start, rep.end + 1)
        values: dict[str, float] = {
            "rise_s": (rep.peak - rep.start) / rate,
            "duration_s": (rep.end - rep.start) / rate,
            "start_ratio": rep.start_level,
            "end_ratio": rep.end_level,
            "heel_ratio": float(curve.heel[rep.peak]),
        }
        if _seen(knee[whole]):
            low, high = np.nanpercentile(knee[whole], KNEE_PERCENTILES)
            values["knee_flexion_deg"] = float(high) - offset
            values["knee_change_deg"] = float(max(high - low, abs(high - standing)))
        if _seen(trunk[top]):
            values["lean_change_deg"] = float(np.nanmean(trunk[top]) - lean_first)
        if _seen(hip_x[top]):
            values["hip_drift_ratio"] = float(np.nanmean(hip_x[top]) - hip_first)
        if low_hand and _seen(elbow[whole]):
            rising = slice(rep.start, rep.peak + 1)
            values["elbow_change_deg"] = float(np.nanmean(elbow[top]) - np.nanmin(elbow[rising]))
        found.append({name: value for name, value in values.items() if np.isfinite(value)})
    return tuple(found)


def _standing_knee_deg(knee: Floats, reps: Sequence[Rep], rate_hz: float) -> float:
    """Knee flexion as read in the quiet seconds before the first raise; without them, the least of the raises.

    A straight knee is read as some degrees by every network, so the reading in standing is the zero (gait.md §6:
    offsets from a standing trial).
    """
    first = reps[0].start
    quiet = knee[max(first - round(QUIET_S * rate_hz), 0) : first]
    quiet = quiet[np.isfinite(quiet)]
    if len(quiet) >= rate_hz / 2:
        return float(np.median(quiet))
    during = knee[np.isfinite(knee)]
    return float(np.percentile(during, KNEE_PERCENTILES[0])) if len(during) else 0.0


def _seen(values: Floats) -> bool:
    return bool(len(values)) and float(np.isfinite(values).mean()) >= MIN_SEEN


def _usual(values: Floats, tops: Sequence[slice]) -> float:
    """Median over the first three tops; NaN when none was seen."""
    means = [float(np.nanmean(values[top])) for top in tops[:REFERENCE] if _seen(values[top])]
    return float(np.median(means)) if means else float("nan")


def hand_low(curve: Curve, gait: GaitKnowledge) -> bool:
    """The wrist keeps its place below the shoulder: leaning on something there could lift the body."""
    wrist, shoulder = curve.points["wrist"], curve.points["shoulder"]
    below = shoulder[:, 1] - wrist[:, 1]
    if not _seen(below) or not np.isfinite(curve.points["hip"]).any():
        return False
    place = wrist + curve.toe
    moves = float(np.nanpercentile(place[:, 1], 90) - np.nanpercentile(place[:, 1], 10))
    rises = float(np.nanpercentile(curve.ankle, 90) - np.nanpercentile(curve.ankle, 10))
    trunk = float(np.nanmedian(np.linalg.norm(shoulder - curve.points["hip"], axis=1)))
    return float(np.nanmedian(below)) >= gait.value("heel_raise.valid.hand_low_share") * trunk and moves <= 0.5 * rises


def periods_s(reps: Sequence[Rep]) -> Floats:
    """(n − 1,) seconds from one raise to the next, from half height to half height."""
    return np.asarray(np.diff([rep.half_up_s for rep in reps]))


def beat_of(reps: Sequence[Rep], metronome_per_min: float, gait: GaitKnowledge) -> tuple[float, bool]:
    """(seconds from one raise to the next, whether that is the metronome's).

    Only the time between raises can be compared: a film does not tell when the metronome ticked. When the median is
    off the metronome by more than the tolerance, the runner kept another beat, and that one is the measure.
    """
    asked = 60.0 / metronome_per_min
    periods = periods_s(reps)
    if not len(periods):
        return asked, True
    own = float(np.median(periods))
    kept = abs(own - asked) <= gait.value("heel_raise.valid.period_tolerance") * asked
    return (asked, True) if kept else (own, False)


def lateness_s(reps: Sequence[Rep], rate_hz: float, beat_s: float) -> tuple[float, ...]:
    """Seconds by which each raise came after (+) or before (−) its beat, counted from the one before; the first: 0.

    What the one before took longer than the runner's raises usually do (a stop at the top) is that one's own fault and
    is taken off.
    """
    lengths = np.array([rep.end - rep.start for rep in reps]) / rate_hz
    held = np.maximum(lengths[:-1] - np.median(lengths), 0.0) if len(reps) else lengths
    late = periods_s(reps) - beat_s
    held = np.where(held > HELD_SHARE * beat_s, held, 0.0)
    return (0.0, *(late - held).tolist())[: len(reps)]


def faults_of(
    reps: Sequence[Rep], values: Sequence[Mapping[str, float]], late_s: Sequence[float], limits: Limits
) -> tuple[tuple[str, ...], ...]:
    """The faults of each repetition, by the limits; what was not seen is no fault.

    After a heel that did not come down the next rise is short as well: that is one fault and not two, so that rise is
    judged by its top over the floor (its height still earns only what it rose).
    """
    found: list[tuple[str, ...]] = []
    stayed_up = False
    for i, rep in enumerate(reps):
        seen = values[i]
        rise = rep.height + rep.start_level if stayed_up else rep.height
        long = seen["duration_s"] > limits.beat_s + limits.late_s
        stayed_up = rep.end_level > limits.short_return or not rep.finished
        checks = {
            "low": rise < limits.min_height,
            "knee_bend": seen.get("knee_flexion_deg", 0.0) >= limits.knee_deg
            or seen.get("knee_change_deg", 0.0) >= limits.knee_change_deg,
            "lean": seen.get("lean_change_deg", 0.0) >= limits.lean_deg
            or abs(seen.get("hip_drift_ratio", 0.0)) >= limits.hip_drift,
            "hand_push": seen.get("elbow_change_deg", 0.0) >= limits.elbow_deg,
            "short_return": stayed_up,
            "off_beat": long or abs(late_s[i]) > limits.late_s,
        }
        found.append(tuple(name for name, wrong in checks.items() if wrong))
    return tuple(found)


def stop_of(faults: Sequence[tuple[str, ...]], gait: GaitKnowledge) -> tuple[int, str]:
    """(repetitions up to the stop, why it ended): over at the first of so many faulty ones in a row."""
    needed = int(gait.value("heel_raise.stop.faults"))
    run = 0
    for i, found in enumerate(faults):
        run = run + 1 if found else 0
        if run == needed:
            both = [set(f) for f in faults[i - needed + 1 : i + 1]]
            common = set.intersection(*both)
            why = HEIGHT_LOST if common & {"low"} else PACE_LOST if common == {"off_beat"} else TWO_FAULTS
            return i - needed + 1, why
    return len(faults), END_OF_CLIP
