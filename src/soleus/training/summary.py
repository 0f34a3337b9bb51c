"""One activity reduced to the numbers the analysis reads."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from soleus.core.activity import Activity, Array, Device, Sport, Surface
from soleus.core.training import Edit, LoadCell, RunSummary
from soleus.knowledge.base import TrainingKnowledge
from soleus.training import elevation
from soleus.training.cells import fallback_cadence, load_cells, step_rate
from soleus.training.clean import ON_FOOT, clean_activity
from soleus.training.clock import Mask
from soleus.training.critical_speed import best_efforts
from soleus.training.dynamics import form_cells, weighted_mean
from soleus.training.intensity import fourth_power_mean, heart_rate_histogram, speed_histogram
from soleus.training.own_days import local_day, zone_of_place
from soleus.training.track import Track, build_track
from soleus.training.within import within_run

Fields = dict[str, Any]
"""Some fields of a `RunSummary`, by name."""

FASTEST_WINDOW_S = 30.0
"""Fixed by the name of `RunSummary.fastest_30s_mps`."""


_DAY_S = 86_400.0


def summarise_activity(activity: Activity, knowledge: TrainingKnowledge) -> RunSummary:
    """Clean one activity and measure it.

    Every mean and sum is weighted by seconds (pauses taken out, lost recording clipped), never by rows. What the
    samples do not tell is taken from the stated totals where there are some, else None. Never NaN.

    1. `clean.clean_activity`, `track.build_track`.
    2. Distance, time, speed; grade-adjusted speed Σ(length · factor) / moving time; elevation; heart-rate and speed
       histograms; best efforts; form; load cells (on foot only); what happened within the run.
    3. Gaps filled from `Activity.totals`.
    """
    cleaned, edits = clean_activity(activity, knowledge)
    track = build_track(cleaned, knowledge)
    measures = {} if track is None else _measured(cleaned, track, knowledge)
    summary = RunSummary(**_identity(cleaned, edits), **measures)
    summary = _stated(summary, activity, knowledge, measured=track is not None)
    return replace(summary, key=activity_key(activity, summary.distance_m))


def activity_key(activity: Activity, distance_m: float | None) -> str:
    """Start (UTC, to the minute), elapsed minutes and hectometres: equal for copies of one recording.

    Two devices' recordings of one run differ by more than rounding: those are found by `history`, with tolerances.
    """
    start = f"{activity.start_utc:%Y%m%dT%H%MZ}"
    stated = activity.totals.distance_m if distance_m is None else distance_m
    minutes = _round(activity.elapsed_s / 60.0)
    return f"{start}-{minutes}min-{_round((stated or 0.0) / 100.0)}hm"


def _round(value: float) -> int:
    return round(value) if math.isfinite(value) else 0


def _identity(activity: Activity, edits: tuple[Edit, ...]) -> Fields:
    offset, stream = activity.utc_offset_s, activity.stream
    place = None
    if offset is None and stream is not None and stream.has("longitude_deg"):
        place = zone_of_place(stream.channels["longitude_deg"])
    return Fields(
        key="",
        start_utc=activity.start_utc,
        day=local_day(activity.start_utc, place if offset is None else offset),
        utc_offset_s=offset,
        zone_of_place_s=place,
        sport=activity.sport,
        surface=activity.surface,
        labels=activity.labels,
        shoe=activity.shoe,
        format=activity.format,
        device=_device_word(activity.device),
        elapsed_s=_known(activity.elapsed_s) or 0.0,
        session_rpe=_known(activity.totals.session_rpe),
        edits=edits,
    )


def _device_word(device: Device) -> str:
    return f"{device.manufacturer}/{device.product}/{device.digest}".strip("/")


def _known(value: float | None) -> float | None:
    """The value, or None when it is absent, not a number or negative."""
    return float(value) if value is not None and math.isfinite(value) and value >= 0.0 else None


# --- from the samples -----------------------------------------------------------------------------------------------


def _measured(activity: Activity, track: Track, knowledge: TrainingKnowledge) -> Fields:
    seconds = track.moving_s
    moving_s = float(seconds.sum())
    heart_rate = track.mean("heart_rate_bpm")
    histogram = {} if heart_rate is None else heart_rate_histogram(heart_rate, track.weight_s)
    fields = Fields(
        moving_s=moving_s,
        heart_rate_s=histogram,
        average_heart_rate_bpm=_mean_of(histogram),
        within=within_run(activity, track, knowledge),
    )
    speed = None
    if track.has_distance:
        run = float(track.length_m[track.moving].sum())
        speed = _known(run / moving_s) if moving_s > 0.0 else None
        fields |= Fields(distance_m=float(track.length_m.sum()), speed_mps=speed)
    if track.profile is not None:
        fields |= _elevation(activity, track, track.profile, knowledge)
    if _is_on_foot(activity.sport, speed, knowledge):
        fields |= _steps(track, speed, knowledge)
        if track.has_distance and float(track.clock_s[-1]) > 0.0:
            fields |= _pace(track, moving_s, barometer=bool(activity.barometer), knowledge=knowledge)
    return fields


def _mean_of(histogram: dict[int, float]) -> float | None:
    total = sum(histogram.values())
    return sum(k * s for k, s in histogram.items()) / total if total > 0.0 else None


def _is_on_foot(sport: Sport, speed_mps: float | None, knowledge: TrainingKnowledge) -> bool:
    """Sports measured as steps; an unknown sport counts while its mean speed is one a runner could hold."""
    if sport is not Sport.UNKNOWN:
        return sport in ON_FOOT
    return (speed_mps or 0.0) <= knowledge.value("calf.speed_clamp_mps")


def _elevation(activity: Activity, track: Track, profile: elevation.Profile, knowledge: TrainingKnowledge) -> Fields:
    grade, seconds = track.grade_ratio, track.moving_s
    gain, loss = elevation.gain_and_loss(profile.altitude_m, elevation.hysteresis_m(activity.barometer, knowledge))
    hills = elevation.find_hills(profile, track.profile_grade, knowledge)
    steep = knowledge.value("hill.steep_grade")
    return Fields(
        ascent_m=gain,
        descent_m=loss,
        elevation_from="barometer" if activity.barometer else "gps",
        uphill_s=float(seconds[grade >= knowledge.value("hill.min_grade")].sum()),
        steep_uphill_s=float(seconds[grade > steep].sum()),
        steep_downhill_s=float(seconds[grade < -steep].sum()),
        hills=len(hills),
        longest_climb_m=max((hill.length_m for hill in hills), default=0.0),
    )


def _steps(track: Track, speed_mps: float | None, knowledge: TrainingKnowledge) -> Fields:
    rate, measured = step_rate(track, knowledge)
    has_cadence = bool(measured.any())
    weight = np.where(track.moving, track.weight_s, 0.0)
    cadence = weighted_mean(rate, np.where(measured, weight, 0.0))
    step_length = weighted_mean(track.mean("step_length_m", positive=True), weight)
    if step_length is None and cadence is not None and speed_mps is not None:
        step_length = speed_mps * 60.0 / cadence
    return Fields(
        steps=float(np.dot(rate, track.moving_s)) / 60.0 if has_cadence else None,
        cadence_spm=cadence,
        step_length_m=step_length,
        contact_time_ms=weighted_mean(track.mean("contact_time_ms", positive=True), weight),
        vertical_oscillation_m=weighted_mean(track.mean("vertical_oscillation_m", positive=True), weight),
        contact_time_balance_pct=weighted_mean(track.mean("contact_time_balance_pct", positive=True), weight),
        foot_strike_class=weighted_mean(track.mean("foot_strike_class", positive=True), weight),
        form=form_cells(track, knowledge),
        load_cells=load_cells(track, rate, knowledge),
    )


def _pace(track: Track, moving_s: float, *, barometer: bool, knowledge: TrainingKnowledge) -> Fields:
    """Grade-adjusted speed, normalised graded pace (see `intensity.ngp`), best efforts, speed histogram.

    Best efforts are grade-adjusted only by a barometer: over 400 m one drift of GPS height makes a record.
    """
    clock = track.clock_s
    adjusted = track.length_m * track.factor
    # From speed, like the load cells it is compared with: cumulative distance shows more of the jumps of a position.
    speed = np.minimum(track.speed_mps, knowledge.value("clean.max_speed_mps"))
    run = np.concatenate(([0.0], np.cumsum(speed * track.active_s)))
    gap_way = np.concatenate(([0.0], np.cumsum(adjusted)))
    normal, _ = _window_speeds(clock, gap_way, knowledge.value("ngp.window_s"))
    fastest, full = _window_speeds(clock, run, FASTEST_WINDOW_S)
    gap = float(adjusted[track.moving].sum()) / moving_s if moving_s > 0.0 else None
    effort_way = gap_way if barometer else np.concatenate(([0.0], np.cumsum(track.length_m)))
    distances = knowledge.tables["critical_speed.efforts"].numbers("distance_m")
    return Fields(
        gap_speed_mps=gap,
        ngp_speed_mps=fourth_power_mean(normal, track.active_s) if moving_s > 0.0 else None,
        speed_s=speed_histogram(speed * track.factor, track.moving_s),
        best_efforts_s=best_efforts(clock, effort_way, distances),
        fastest_30s_mps=float(fastest[full].max()) if full.any() else None,
    )


def _window_speeds(clock_s: Array, way_m: Array, window_s: float) -> tuple[Array, Mask]:
    """((S,) mean speed over the last `window_s` seconds to the end of each segment, whether the window was full)."""
    since = np.maximum(clock_s[1:] - window_s, 0.0)
    rise = way_m[1:] - np.interp(since, clock_s, way_m)
    span = clock_s[1:] - since
    return np.divide(rise, span, out=np.zeros_like(rise), where=span > 0.0), clock_s[1:] >= window_s


# --- from the stated totals -----------------------------------------------------------------------------------------


def _stated(summary: RunSummary, activity: Activity, knowledge: TrainingKnowledge, *, measured: bool) -> RunSummary:
    """Fill what the samples did not tell from the stated totals."""
    totals = activity.totals
    moving, distance, speed = summary.moving_s, summary.distance_m, summary.speed_mps
    if not measured:
        moving = _known(totals.moving_s) or _known(totals.timer_s) or summary.elapsed_s
    if distance is None:
        distance = _possible_way(_known(totals.distance_m), moving, summary.sport, knowledge)
        # Less than a second cannot be the time of a run: no speed rather than an absurd one.
        speed = distance / moving if distance and moving >= 1.0 else None
    summary = replace(
        summary,
        from_totals=not measured,
        moving_s=moving,
        distance_m=distance,
        speed_mps=speed,
        average_heart_rate_bpm=_first(summary.average_heart_rate_bpm, totals.average_heart_rate_bpm),
    )
    ascent = _known(totals.ascent_m)
    if summary.ascent_m is None and ascent is not None and activity.surface is not Surface.TREADMILL:
        summary = replace(summary, ascent_m=ascent, descent_m=_known(totals.descent_m), elevation_from="stated")
    on_foot = _is_on_foot(summary.sport, summary.speed_mps, knowledge)
    return _stated_steps(summary, activity, knowledge) if on_foot else summary


def _possible_way(
    distance_m: float | None, moving_s: float, sport: Sport, knowledge: TrainingKnowledge
) -> float | None:
    """A stated distance, or None when nobody on foot covers it in that time (a day when the time is not stated)."""
    seconds = moving_s if moving_s >= 1.0 else _DAY_S
    too_far = distance_m is not None and distance_m > knowledge.value("clean.max_speed_mps") * seconds
    return None if too_far and sport in ON_FOOT else distance_m


def _first(measured: float | None, stated: float | None) -> float | None:
    """What was measured, else what is stated; a stated rate or count below one is none."""
    if measured is not None:
        return measured
    known = _known(stated)
    return known if known and known >= 1.0 else None


def _stated_steps(summary: RunSummary, activity: Activity, knowledge: TrainingKnowledge) -> RunSummary:
    cadence = _first(summary.cadence_spm, activity.totals.average_cadence_spm)
    steps = _first(summary.steps, activity.totals.steps)
    if steps is None and cadence is not None and summary.moving_s >= 1.0:
        steps = cadence * summary.moving_s / 60.0
    length = summary.step_length_m
    if length is None and steps and summary.distance_m:
        length = summary.distance_m / steps
    summary = replace(summary, steps=steps, cadence_spm=cadence, step_length_m=length)
    if summary.load_cells or summary.speed_mps is None or not summary.moving_s > 0.0:
        return summary
    speed = min(summary.speed_mps, knowledge.value("clean.max_speed_mps"))
    rate = cadence or float(fallback_cadence(np.array([speed]), knowledge)[0])
    cell = LoadCell(
        speed_mps=speed,
        grade_ratio=0.0,
        steps=rate * summary.moving_s / 120.0,
        step_length_m=speed * 60.0 / rate,
        contact_time_ms=None,
    )
    return replace(summary, load_cells=(cell,) if speed > 0.0 else ())
