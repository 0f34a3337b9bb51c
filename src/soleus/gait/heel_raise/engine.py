"""The heel-raise test of one leg from a recording: counted, measured and judged, or refused with the reason."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soleus.core.case import Runner, Sex
from soleus.core.gait import HeelRaise, HeelRaiseSet, Refusal
from soleus.core.ids import TextId
from soleus.core.measurement import Grade, Measurement, Side, Unavailable
from soleus.core.message import Message
from soleus.core.recording import Floats, Recording
from soleus.gait.heel_raise import cautions, gates, judge
from soleus.gait.heel_raise.count import Rep, count_raises, reference_height
from soleus.gait.heel_raise.figures import METHOD, NORMAL_95, Heights, missing, rate_of
from soleus.gait.heel_raise.norms import NORM_SOURCE, band_of, norm_reps, on_pace
from soleus.gait.heel_raise.parts import Seen, Told
from soleus.gait.heel_raise.signal import Curve, NotMeasurable, build_curve
from soleus.gait.heel_raise.track import build_tracks, capture_fps
from soleus.knowledge.base import KnowledgeBase
from soleus.knowledge.gait_base import GaitKnowledge

MANUAL = "manual"
AFTER_STOP = "after_stop"
"""Fault of every raise once the test was over."""
TRACE_HZ = 20.0


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
    base = Told(
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


def _measure(recording: Recording, base: Told) -> Seen:
    gait = base.gait
    gates.need_pictures(recording, base)
    curve = build_curve(build_tracks(recording, gait), gait)
    reference = reference_height(curve.ankle, curve.ankle_slow, curve.rate_hz, gait)
    hip_share = gates.need_heel_raise(curve, reference, base)
    reps = gates.own_raises(curve, count_raises(curve.ankle, curve.ankle_slow, curve.rate_hz, reference, gait), gait)
    if not reps:
        raise NotMeasurable("no_raises")
    gates.need_whole_view(curve, reps)
    noise, snr = gates.need_quiet(curve, reps, reference, gait)
    gates.need_human_pace(reps, gait)
    beat, on_metronome = judge.beat_of(reps, base.metronome, gait)
    values = judge.values_of(curve, reps, gait)
    late = judge.lateness_s(reps, curve.rate_hz, beat)
    errors = judge.Errors(height=NORMAL_95 * noise, angle_deg=gait.value("heel_raise.error.angle_deg"))

    def faults(slack: int) -> tuple[tuple[str, ...], ...]:
        limits = judge.limits_of(reference, base.foot_for_limits_cm, beat, errors, gait, slack=slack)
        return judge.faults_of(reps, values, late, limits)

    found = faults(0)
    if gates.hand_helps(found, gait):
        raise NotMeasurable("hand_helps")
    until, stopped_by = judge.stop_of(found, gait)
    over = until + int(gait.value("heel_raise.stop.faults"))
    found = tuple((*fault, AFTER_STOP) if i >= over else fault for i, fault in enumerate(found))
    rough = snr < gait.value("heel_raise.gate.exact_snr")
    doubt = int(gait.value("heel_raise.gate.rough_raises")) if rough else 0
    counted = tuple(rep for rep, fault in zip(reps[:until], found, strict=False) if not fault)
    return Seen(
        curve=curve,
        reps=reps,
        values=values,
        faults=found,
        counted=counted,
        low=max(min(_count(faults(-1), gait), len(counted)) - doubt, 0),
        high=max(_count(faults(1), gait), len(counted)) + doubt,
        rough=rough,
        stopped_by=stopped_by,
        until=until,
        beat_s=beat,
        on_metronome=on_metronome,
        snr=snr,
        cautions=tuple(cautions.of_film(recording, curve, base.side, gait)),
        hip_share=hip_share,
        height_error=NORMAL_95 * noise,
    )


def _count(faults: Sequence[tuple[str, ...]], gait: GaitKnowledge) -> int:
    until, _ = judge.stop_of(faults, gait)
    return sum(not found for found in faults[:until])


def _refused(base: Told, why: NotMeasurable) -> HeelRaiseSet:
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


def _result(found: Seen, base: Told) -> HeelRaiseSet:
    curve, foot_cm = found.curve, base.foot_cm
    count = Measurement(
        value=len(found.counted),
        unit="raises",
        low=found.low,
        high=found.high,
        grade=Grade.BANDED if found.rough else Grade.RELIABLE,
        count=len(found.reps),
        method=METHOD,
    )
    comparable = found.on_metronome and on_pace(base.metronome, base.gait)
    norm = norm_reps(base.runner, base.kb) if comparable else None
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
        rate_per_min=rate_of(found),
        trace_s=_rounded(curve.times_s[::step][seen]),
        trace_ratio=_rounded(curve.ankle[::step][seen]),
        norm_reps=norm,
        norm_low=norm_low,
        norm_source=None if norm is None else NORM_SOURCE,
        norm_reps_any_age=base.gait.value("heel_raise.norm.any_age") if comparable else None,
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


def _of_result(found: Seen, count: Measurement, base: Told) -> list[Message]:
    """What limits the count."""
    said = {"side": (base.side or found.curve.side).value}
    rate = found.curve.rate_hz
    messages = []
    if not found.on_metronome:
        pace = 60 / found.beat_s
        messages.append(cautions.caution("off_pace", pace=round(pace), asked=round(base.metronome), **said))
    left_s = (len(found.curve.times_s) - 1 - found.reps[-1].end) / rate
    if found.stopped_by == judge.END_OF_CLIP and not found.curve.stepped_away and left_s < found.beat_s:
        messages.append(cautions.caution(cautions.FILM_ENDED, **said))
    if count.low < count.high:
        name = "rough" if found.rough else "near_limit"
        messages.append(cautions.caution(name, low=int(count.low), high=int(count.high), **said))
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
    nothing = missing("manual")
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
