"""The heel-raise test of one leg from a recording: counted, measured and judged, or refused with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from soleus.core.case import Runner, Sex
from soleus.core.gait import HeelRaise, HeelRaiseSet, Refusal
from soleus.core.ids import TextId
from soleus.core.measurement import Grade, Measured, Measurement, Side, Unavailable
from soleus.core.message import Message
from soleus.core.recording import Floats, Recording
from soleus.gait.heel_raise import cautions, judge, score
from soleus.gait.heel_raise.count import Rep, count_raises, reference_height
from soleus.gait.heel_raise.norms import NORM_SOURCE, band_of, norm_reps
from soleus.gait.heel_raise.signal import (
    Curve,
    NotMeasurable,
    build_curve,
    other_foot_shares,
    robust_sd,
    what_moves,
)
from soleus.gait.heel_raise.track import build_tracks, capture_fps
from soleus.knowledge.base import KnowledgeBase
from soleus.knowledge.gait_base import GaitKnowledge

METHOD = "ankle over toe, state machine"
MANUAL = "manual"
AFTER_STOP = "after_stop"
"""Fault of every raise once the test was over."""
TRACE_HZ = 20.0
NORMAL_95 = 1.96
MIN_FRAMES = 2
MIN_FOR_SCATTER = 5
QUIET_S, SETTLED_S = 2.0, 0.3
"""The quiet time before the first raise, and how long before it to stop looking."""
SQUAT_FOOT_LENGTHS = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Set:
    """What the numbers are made of."""

    curve: Curve
    reps: tuple[Rep, ...]
    values: tuple[dict[str, float], ...]
    faults: tuple[tuple[str, ...], ...]
    counted: tuple[Rep, ...]
    """Without fault, up to the stop."""
    low: int
    high: int
    """Counts with the limits one error stricter and more lenient."""
    stopped_by: str
    until: int
    """Repetitions up to the stop."""
    beat_s: float
    on_metronome: bool
    snr: float
    cautions: tuple[Message, ...]
    height_error: float
    """Half 95 % interval of one height from the noise, foot lengths."""


def analyse_heel_raise(
    recording: Recording,
    kb: KnowledgeBase,
    *,
    side: Side | None = None,
    foot_length_cm: float | None = None,
    body_mass_kg: float | None = None,
    metronome_per_min: float | None = None,
    incline: bool = False,
    sex: Sex | None = None,
    age_years: float | None = None,
) -> HeelRaiseSet:
    """Count and measure the raises of the leg that rises; never raises on what a film shows, it refuses.

    1. Refuse what cannot be counted: too few pictures a second, feet not seen, too small, not from the side, not a
       heel raise, both legs, too noisy (`gate.*`).
    2. Height of the ankle over the toe in foot lengths (`signal.build_curve`), repetitions (`count.count_raises`).
    3. Faults by heel-raise.md §5.4, over at two faulty ones in a row; count = those without fault before that.
    4. Numbers with intervals: noise of the curve ⊕ error of the method (byrne2017) ⊕ error of the length scale.

    `side` names the leg; without it the network's own name is taken. Lengths in cm need `foot_length_cm`, the work
    index `body_mass_kg` as well. `metronome_per_min`: raises a minute, None = as the test asks.
    """
    asked = metronome_per_min or kb.gait.value("heel_raise.test.metronome_per_min")
    base = _Base(
        kb=kb,
        side=side,
        foot_cm=foot_length_cm,
        mass_kg=body_mass_kg,
        metronome=asked,
        incline=incline,
        runner=Runner(age_years=age_years, sex=sex or Sex.UNKNOWN),
        fps=capture_fps(recording),
    )
    try:
        found = _measure(recording, base)
    except NotMeasurable as why:
        return _refused(base, why)
    return _result(found, base)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Base:
    """What the caller said."""

    kb: KnowledgeBase
    side: Side | None
    foot_cm: float | None
    mass_kg: float | None
    metronome: float
    incline: bool
    runner: Runner
    fps: float

    @property
    def gait(self) -> GaitKnowledge:
        return self.kb.gait

    @property
    def foot_for_limits_cm(self) -> float:
        return self.foot_cm or self.gait.value("heel_raise.test.usual_foot_cm")


def _measure(recording: Recording, base: _Base) -> _Set:
    gait = base.gait
    _gate_of_clip(recording, base)
    curve = build_curve(build_tracks(recording, gait), gait)
    reference = reference_height(curve.ankle, curve.ankle_slow, curve.rate_hz, gait)
    _gate_of_movement(curve, reference, base)
    reps = _own_raises(curve, count_raises(curve.ankle, curve.ankle_slow, curve.rate_hz, reference, gait), gait)
    _gate_of_gaps(curve, reps)
    up = gait.value("heel_raise.count.up_share") * reference
    noise = max(curve.noise, _scatter_at_rest(reps, up), _scatter_before(curve, reps))
    snr = reference / noise if noise > 0 else np.inf
    if snr < gait.value("heel_raise.gate.min_snr") or not _agree(curve, reps, gait):
        raise NotMeasurable("noise_too_high", snr=round(float(snr), 1))
    if len(reps) < gait.value("heel_raise.gate.min_raises"):
        raise NotMeasurable("no_raises")
    _gate_of_pace(reps, gait)
    beat, on_metronome = judge.beat_of(reps, base.metronome, gait)
    values = judge.values_of(curve, reps, gait)
    late = judge.lateness_s(reps, curve.rate_hz, beat)
    errors = judge.Errors(height=NORMAL_95 * noise, angle_deg=gait.value("heel_raise.error.angle_deg"))

    def faults(slack: int) -> tuple[tuple[str, ...], ...]:
        limits = judge.limits_of(reference, base.foot_for_limits_cm, beat, errors, gait, slack=slack)
        return judge.faults_of(reps, values, late, limits)

    found = faults(0)
    if _hand_helps(found, gait):
        raise NotMeasurable("hand_helps")
    until, stopped_by = judge.stop_of(found, gait)
    over = until + int(gait.value("heel_raise.stop.faults"))
    found = tuple((*fault, AFTER_STOP) if i >= over else fault for i, fault in enumerate(found))
    return _Set(
        curve=curve,
        reps=reps,
        values=values,
        faults=found,
        counted=tuple(rep for rep, fault in zip(reps[:until], found, strict=False) if not fault),
        low=_count(faults(-1), gait),
        high=_count(faults(1), gait),
        stopped_by=stopped_by,
        until=until,
        beat_s=beat,
        on_metronome=on_metronome,
        snr=float(snr),
        cautions=tuple(cautions.of_film(recording, curve, base.side, gait)),
        height_error=NORMAL_95 * noise,
    )


def _hand_helps(faults: Sequence[tuple[str, ...]], gait: GaitKnowledge) -> bool:
    helped = sum("hand_push" in found for found in faults)
    return helped >= max(gait.value("heel_raise.gate.max_hand_share") * len(faults), 1)


def _count(faults: Sequence[tuple[str, ...]], gait: GaitKnowledge) -> int:
    until, _ = judge.stop_of(faults, gait)
    return sum(not found for found in faults[:until])


def _gate_of_clip(recording: Recording, base: _Base) -> None:
    if recording.poses.frames < MIN_FRAMES or not np.isfinite(recording.poses.points[:, :, 0]).any():
        raise NotMeasurable("no_runner", share=1.0)
    if base.fps < base.gait.value("heel_raise.gate.min_fps"):
        raise NotMeasurable("fps_too_low", fps=round(base.fps, 1))
    if recording.facts.cuts:
        raise NotMeasurable("cuts")
    frozen = recording.facts.frozen_share
    if frozen is not None and frozen > base.gait.value("heel_raise.gate.max_frozen_share"):
        raise NotMeasurable("frozen", share=frozen)


def _gate_of_movement(curve: Curve, reference: float, base: _Base) -> None:
    """Whether the curve is a heel raise of one leg at all."""
    gait = base.gait
    least = gait.value("heel_raise.valid.min_rise_cm") / base.foot_for_limits_cm
    hip = curve.toe[:, 1] + curve.points["hip"][:, 1]
    if not reference >= least:  # also NaN
        moved = np.isfinite(hip).any() and np.nanpercentile(hip, 95) - np.nanpercentile(hip, 5) > SQUAT_FOOT_LENGTHS
        raise NotMeasurable("not_a_heel_raise" if moved else "no_raises")
    ankle_share, _, hip_share = what_moves(curve)
    if ankle_share < gait.value("heel_raise.gate.min_ankle_share"):
        raise NotMeasurable("not_a_heel_raise")
    if hip_share < gait.value("heel_raise.gate.min_hip_share"):  # NaN: the hip was not seen
        raise NotMeasurable("not_a_heel_raise")
    other_heel, other_toe = other_foot_shares(curve)  # NaN: the other foot was not seen
    together = other_heel >= gait.value("heel_raise.gate.both_legs_share")
    if together or other_toe < gait.value("heel_raise.gate.min_other_foot_share"):
        raise NotMeasurable("both_legs")


def _gate_of_gaps(curve: Curve, reps: Sequence[Rep]) -> None:
    """No stretch between the first and the last raise in which the foot was not seen."""
    if reps:
        during = slice(reps[0].start, reps[-1].end + 1)
        unseen = ~np.isfinite(curve.ankle[during] + curve.heel[during])
        if unseen.any():
            raise NotMeasurable("heel_not_seen", share=float(unseen.mean()))


def _gate_of_pace(reps: Sequence[Rep], gait: GaitKnowledge) -> None:
    """A pace that nobody keeps on one leg is a film that plays slower or faster than it was taken."""
    periods = judge.periods_s(reps)
    if len(periods):
        pace = 60 / float(np.median(periods))
        if not gait.value("heel_raise.gate.slowest_per_min") <= pace <= gait.value("heel_raise.gate.fastest_per_min"):
            raise NotMeasurable("slow_motion_unclear", per_min=round(pace, 1))


def _own_raises(curve: Curve, reps: tuple[Rep, ...], gait: GaitKnowledge) -> tuple[Rep, ...]:
    """Without the rises of the heel in the steps that brought the foot here, or took it away, within the film.

    In a step the rise or the fall is not seen, or the hip moves over the ankle by `heel_raise.gate.step_hip_share`
    foot lengths.
    """
    hip = curve.points["hip"][:, 0] - curve.points["ankle"][:, 0]
    usual = float(np.median(hip[np.isfinite(hip)])) if np.isfinite(hip).any() else np.nan
    least = gait.value("heel_raise.gate.step_hip_share")
    kept = list(reps)

    def moves(rep: Rep) -> bool:
        around = hip[max(rep.start - 1, 0) : rep.end + 2]
        return bool((np.abs(around - usual) >= least).any())

    while kept and curve.stepped_away and (not kept[-1].finished or moves(kept[-1])):
        kept.pop()
    while kept and (kept[0].start <= 1 or (curve.stepped_in and moves(kept[0]))):
        kept.pop(0)
    return tuple(kept)


def _scatter_at_rest(reps: Sequence[Rep], up: float) -> float:
    """Noise as the floor shows it: the heel comes down to the same place each time, so what its resting height
    scatters by (against its neighbours, for a slow drift) is noise, slow noise too. A heel that stayed above `up` was
    not at rest."""
    levels = np.array([rep.start_level for rep in reps if rep.start_level < up])
    if len(levels) < MIN_FOR_SCATTER:
        return 0.0
    return robust_sd(levels[1:-1] - (levels[:-2] + levels[2:]) / 2) / float(np.sqrt(1.5))


def _scatter_before(curve: Curve, reps: Sequence[Rep]) -> float:
    """Noise as the quiet seconds before the first raise show it; 0 where there is no such second."""
    if not reps:
        return 0.0
    until = reps[0].start - round(SETTLED_S * curve.rate_hz)
    quiet = curve.ankle[max(until - round(QUIET_S * curve.rate_hz), 0) : max(until, 0)]
    quiet = quiet[np.isfinite(quiet)]
    return robust_sd(quiet) if len(quiet) >= curve.rate_hz else 0.0


def _agree(curve: Curve, reps: Sequence[Rep], gait: GaitKnowledge) -> bool:
    """Whether the heel's own curve holds as many raises as the ankle's: two witnesses."""
    reference = reference_height(curve.heel, curve.heel_slow, curve.rate_hz, gait)
    found = count_raises(curve.heel, curve.heel_slow, curve.rate_hz, reference, gait)
    return len(_own_raises(curve, found, gait)) == len(reps)


def _refused(base: _Base, why: NotMeasurable) -> HeelRaiseSet:
    reason = Message(text=TextId(f"gait.refusal.{why.code}"), params=why.params)
    nothing = Unavailable(reason=reason)
    return HeelRaiseSet(
        side=base.side or Side.LEFT,
        raises=(),
        count=nothing,
        attempted=0,
        stopped_by=judge.END_OF_CLIP,
        peak_height_cm=nothing,
        peak_height_ratio=nothing,
        total_displacement_cm=nothing,
        total_displacement_ratio=nothing,
        work_index_j=nothing,
        fatigue_index_pct=nothing,
        rate_per_min=nothing,
        refusals=(Refusal(code=why.code, reason=reason, share=why.share),),
        metronome_per_min=base.metronome,
        incline=base.incline,
        foot_length_cm=base.foot_cm,
        body_mass_kg=base.mass_kg,
        fps=base.fps,
    )


def _result(found: _Set, base: _Base) -> HeelRaiseSet:
    curve, foot_cm = found.curve, base.foot_cm
    count = Measurement(
        value=len(found.counted),
        unit="raises",
        low=min(found.low, len(found.counted)),
        high=max(found.high, len(found.counted)),
        grade=Grade.RELIABLE,
        count=len(found.reps),
        method=METHOD,
    )
    norm = norm_reps(base.runner, base.kb) if found.on_metronome else None
    band, norm_low = band_of(count, norm, base.kb)
    heights = Heights(found, base)
    step = max(round(curve.rate_hz / TRACE_HZ), 1)
    seen = np.isfinite(curve.ankle[::step])
    return HeelRaiseSet(
        side=base.side or curve.side,
        raises=tuple(
            _raise(curve, rep, values, faults, foot_cm)
            for rep, values, faults in zip(found.reps, found.values, found.faults, strict=True)
        ),
        count=count,
        attempted=len(found.reps),
        stopped_by=found.stopped_by,
        peak_height_cm=heights.in_cm(heights.peak()),
        peak_height_ratio=heights.peak(),
        total_displacement_cm=heights.in_cm(heights.displacement()),
        total_displacement_ratio=heights.displacement(),
        work_index_j=heights.work(),
        fatigue_index_pct=heights.fatigue(),
        rate_per_min=_rate(found),
        trace_s=_rounded(curve.times_s[::step][seen]),
        trace_ratio=_rounded(curve.ankle[::step][seen]),
        norm_reps=norm,
        norm_low=norm_low,
        norm_source=None if norm is None else NORM_SOURCE,
        norm_reps_any_age=base.gait.value("heel_raise.norm.any_age") if found.on_metronome else None,
        band=band,
        cautions=(*_of_result(found, count, base), *found.cautions),
        mean_height_cm=heights.in_cm(heights.mean()),
        height_slope_pct=heights.slope(),
        mean_power_w=heights.power(),
        peak_velocity_ratio_s=heights.velocity(),
        metronome_per_min=base.metronome,
        incline=base.incline,
        foot_length_cm=foot_cm,
        body_mass_kg=base.mass_kg,
        fps=base.fps,
        snr=found.snr if np.isfinite(found.snr) else None,
        stopped_at_s=float(curve.times_s[found.counted[-1].end]) if found.counted else None,
    )


def _of_result(found: _Set, count: Measurement, base: _Base) -> list[Message]:
    """What limits the count."""
    said = {"side": (base.side or found.curve.side).value}
    rate = found.curve.rate_hz
    messages = []
    if not found.on_metronome:
        pace = 60 / found.beat_s
        messages.append(cautions.caution("off_pace", pace=round(pace), asked=round(base.metronome), **said))
    left_s = (len(found.curve.times_s) - 1 - found.reps[-1].end) / rate
    if found.stopped_by == judge.END_OF_CLIP and not found.curve.stepped_away and left_s < found.beat_s:
        messages.append(cautions.caution("film_ended", **said))
    if count.low < count.high:
        messages.append(cautions.caution("near_limit", low=int(count.low), high=int(count.high), **said))
    return messages


def _rounded(values: Floats) -> tuple[float, ...]:
    return tuple(round(float(v), 4) for v in values)


def _raise(
    curve: Curve, rep: Rep, values: dict[str, float], faults: tuple[str, ...], foot_cm: float | None
) -> HeelRaise:
    at = curve.times_s
    return HeelRaise(
        start_s=float(at[rep.start]),
        peak_s=float(at[rep.peak]),
        end_s=float(at[rep.end]),
        height_ratio=rep.height,
        height_cm=None if foot_cm is None else rep.height * foot_cm,
        faults=faults,
        values={name: round(value, 4) for name, value in values.items()},
    )


def _rate(found: _Set) -> Measured:
    """60 / median time between starts; the interval is that of the median's standard error."""
    reps = found.reps[: found.until] or found.reps
    periods = judge.periods_s(reps)
    if not len(periods):
        return _missing("one_raise")
    middle = float(np.median(periods))
    error = 1.2533 * float(np.std(periods)) / np.sqrt(len(periods)) + 1 / found.curve.rate_hz
    half = min(NORMAL_95 * error, middle / 2)
    return Measurement(
        value=60 / middle,
        unit="raises/min",
        low=60 / (middle + half),
        high=60 / (middle - half),
        grade=Grade.RELIABLE,
        count=len(periods),
        spread=float(np.std(60 / periods)) if len(periods) > 1 else None,
        method=METHOD,
    )


def _missing(why: str) -> Unavailable:
    return Unavailable(reason=Message(text=TextId(f"heel_raise.no_value.{why}")))


class Heights:
    """Figures of the repetitions that count. Half intervals: noise of one curve ⊕ error of method and scale."""

    def __init__(self, found: _Set, base: _Base) -> None:
        self._found, self._base = found, base
        self._heights = [rep.height for rep in found.counted]
        value = base.gait.value
        self._foot_cm = base.foot_for_limits_cm
        self._sem = NORMAL_95 * value("heel_raise.error.height_sem_cm") / self._foot_cm
        self._cv = NORMAL_95 * value("heel_raise.error.height_cv_pct") / 100
        oblique = found.curve.foot_per_shank < value("heel_raise.error.oblique_foot_per_shank")
        self._scale = value(f"heel_raise.error.{'oblique_' if oblique else ''}scale_pct") / 100

    def _measurement(self, value: float, half: float, unit: str, *, spread: float | None = None) -> Measurement:
        return Measurement(
            value=value,
            unit=unit,
            low=value - half,
            high=value + half,
            grade=Grade.BANDED,
            count=len(self._heights),
            spread=spread,
            method=METHOD,
        )

    def peak(self) -> Measured:
        if not self._heights:
            return _missing("none_count")
        half = float(np.hypot(self._found.height_error, self._sem))
        return self._measurement(max(self._heights), half, "foot lengths", spread=_spread(self._heights))

    def mean(self) -> Measured:
        if not self._heights:
            return _missing("none_count")
        half = float(np.hypot(self._found.height_error / np.sqrt(len(self._heights)), self._sem))
        return self._measurement(float(np.mean(self._heights)), half, "foot lengths", spread=_spread(self._heights))

    def displacement(self) -> Measured:
        """Σ P_i; a count that is itself unsure widens the interval by the mean rise of the doubtful ones."""
        if not self._heights:
            return _missing("none_count")
        total = score.total_displacement(self._heights)
        mean = total / len(self._heights)
        relative = self._cv * total
        below = float(np.hypot(relative, (len(self._heights) - self._found.low) * mean))
        above = float(np.hypot(relative, (self._found.high - len(self._heights)) * mean))
        return replace(
            self._measurement(total, relative, "foot lengths"), low=max(total - below, 0.0), high=total + above
        )

    def in_cm(self, ratio: Measured) -> Measured:
        """The same in cm, the error of the scale added; needs the foot length."""
        foot = self._base.foot_cm
        if isinstance(ratio, Unavailable):
            return ratio
        if foot is None:
            return _missing("no_foot_length")
        value = ratio.value * foot
        scale = self._scale * value
        return replace(
            ratio,
            value=value,
            unit="cm",
            low=max(value - float(np.hypot((ratio.value - ratio.low) * foot, scale)), 0.0),
            high=value + float(np.hypot((ratio.high - ratio.value) * foot, scale)),
            spread=None if ratio.spread is None else ratio.spread * foot,
        )

    def work(self) -> Measured:
        displacement = self.in_cm(self.displacement())
        if isinstance(displacement, Unavailable):
            return displacement
        if self._base.mass_kg is None:
            return _missing("no_body_mass")
        work = score.work_index_j(self._base.mass_kg, displacement.value)
        extra = self._base.gait.value("heel_raise.error.mass_pct") / 100
        share = work / displacement.value
        return replace(
            displacement,
            value=work,
            unit="J",
            low=max(work - float(np.hypot((displacement.value - displacement.low) * share, extra * work)), 0.0),
            high=work + float(np.hypot((displacement.high - displacement.value) * share, extra * work)),
        )

    def fatigue(self) -> Measured:
        if len(self._heights) < self._base.gait.value("heel_raise.fatigue.min_raises"):
            return _missing("too_few_for_fatigue")
        value = score.fatigue_index_pct(self._heights)
        best = float(np.mean(sorted(self._heights)[-score.BEST :]))
        half = 100 * float(np.sqrt(2 / score.BEST)) * self._found.height_error / best
        return self._measurement(value, half, "%")

    def slope(self) -> Measured:
        if len(self._heights) < self._base.gait.value("heel_raise.fatigue.min_raises"):
            return _missing("too_few_for_fatigue")
        first = self._heights[0]
        index = np.arange(len(self._heights))
        error = self._found.height_error / float(np.sqrt(((index - index.mean()) ** 2).sum()))
        return self._measurement(100 * score.height_slope(self._heights) / first, 100 * error / first, "%/raise")

    def power(self) -> Measured:
        """Mean of m · g · P_i / time of the rise."""
        mean = self.in_cm(self.mean())
        if isinstance(mean, Unavailable):
            return mean
        if self._base.mass_kg is None:
            return _missing("no_body_mass")
        rate = self._found.curve.rate_hz
        times = [max((rep.peak - rep.start) / rate, 1 / rate) for rep in self._found.counted]
        each = [
            score.work_index_j(self._base.mass_kg, rep.height * self._foot_cm) / t
            for rep, t in zip(self._found.counted, times, strict=True)
        ]
        value = float(np.mean(each))
        return self._measurement(value, value * (mean.high - mean.value) / mean.value, "W", spread=_spread(each))

    def velocity(self) -> Measured:
        """Fastest rise of a repetition that counts, foot lengths per second."""
        if not self._heights:
            return _missing("none_count")
        curve = self._found.curve
        speed = np.gradient(curve.ankle) * curve.rate_hz
        value = float(max(np.nanmax(speed[rep.start : rep.peak + 1]) for rep in self._found.counted))
        return self._measurement(value, value * self._cv, "foot lengths/s")


def _spread(values: Sequence[float]) -> float | None:
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


def manual_set(
    side: Side,
    reps: int,
    kb: KnowledgeBase,
    *,
    metronome_per_min: float | None = None,
    incline: bool = False,
    sex: Sex | None = None,
    age_years: float | None = None,
) -> HeelRaiseSet:
    """A set that somebody counted with the metronome: the count and nothing else."""
    nothing = _missing("manual")
    count = Measurement(value=reps, unit="raises", low=reps, high=reps, grade=Grade.RELIABLE, count=reps, method=MANUAL)
    norm = norm_reps(Runner(age_years=age_years, sex=sex or Sex.UNKNOWN), kb)
    band, low = band_of(count, norm, kb)
    return HeelRaiseSet(
        side=side,
        raises=(),
        count=count,
        attempted=reps,
        stopped_by=MANUAL,
        peak_height_cm=nothing,
        peak_height_ratio=nothing,
        total_displacement_cm=nothing,
        total_displacement_ratio=nothing,
        work_index_j=nothing,
        fatigue_index_pct=nothing,
        rate_per_min=nothing,
        norm_reps=norm,
        norm_low=low,
        norm_source=None if norm is None else NORM_SOURCE,
        norm_reps_any_age=kb.gait.value("heel_raise.norm.any_age"),
        band=band,
        metronome_per_min=metronome_per_min or kb.gait.value("heel_raise.test.metronome_per_min"),
        incline=incline,
    )
