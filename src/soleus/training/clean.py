"""Named fixers: each repairs one kind of damage in a recording and says how many samples it touched.

A fixer never invents what was not measured: what cannot be right becomes NaN ("not seen"), what can be derived from
another channel of the same recording is derived. All limits come from the knowledge base (`clean.*`, `cadence.*`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from soleus.core.activity import Activity, Array, Sport, Stream, Surface
from soleus.core.training import Edit
from soleus.knowledge.base import TrainingKnowledge
from soleus.training import elevation
from soleus.training.clock import Mask, paused_before
from soleus.training.geodesy import hops_m, longest_hops_m
from soleus.training.rides import fix_rides
from soleus.training.sport import fix_unknown_sport

ON_FOOT = frozenset({Sport.RUNNING, Sport.WALKING, Sport.HIKING, Sport.UNKNOWN})
"""Sports measured as steps. Many GPX files do not say the sport: those count until the speed says otherwise."""
SPEED_LIMITED = ON_FOOT - {Sport.UNKNOWN}

Fix = tuple[Activity, int, str]
"""The activity, the number of samples touched (0 = nothing), and a slug of what was done."""
Fixer = Callable[[Activity, Stream, TrainingKnowledge], Fix]


def clean_activity(activity: Activity, knowledge: TrainingKnowledge) -> tuple[Activity, tuple[Edit, ...]]:
    """The activity after every fixer of `FIXERS`, in order, and what each of them changed."""
    edits: list[Edit] = []
    for name, fixer in FIXERS.items():
        if activity.stream is None or not len(activity.stream):
            break
        activity, samples, detail = fixer(activity, activity.stream, knowledge)
        if samples:
            edits.append(Edit(fixer=name, samples=samples, detail=detail))
    return activity, tuple(edits)


def _with(activity: Activity, stream: Stream, **channels: Array) -> Activity:
    """The activity with some channels replaced; a channel without a single value is left out."""
    merged = {**stream.channels, **channels}
    for name, values in channels.items():
        if not np.isfinite(values).any():
            del merged[name]
    return replace(activity, stream=replace(stream, channels=merged))


def _count(mask: Mask) -> int:
    return int(np.count_nonzero(mask))


def fix_infinities(activity: Activity, stream: Stream, _knowledge: TrainingKnowledge) -> Fix:
    """Infinite readings become "not seen"."""
    broken = {name: wrong for name, v in stream.channels.items() if (wrong := np.isinf(v)).any()}
    if not broken:
        return activity, 0, ""
    blank = {name: np.where(wrong, np.nan, stream.channels[name]) for name, wrong in broken.items()}
    return _with(activity, stream, **blank), sum(_count(wrong) for wrong in broken.values()), "blanked"


# --- time -----------------------------------------------------------------------------------------------------------


def fix_time_jumps(activity: Activity, stream: Stream, _knowledge: TrainingKnowledge) -> Fix:
    """Drop samples whose time is not a number, repeats or runs backwards (the later of two is dropped).

    A clock set forward by mistake cannot be told from a pause: long gaps are kept here and clipped where time is
    summed up (`training.track`).
    """
    time = stream.time_s
    finite = np.isfinite(time)
    latest = np.maximum.accumulate(np.where(finite, time, -np.inf))
    keep = finite.copy()
    keep[1:] &= time[1:] > latest[:-1]
    dropped = len(time) - _count(keep)
    if not dropped:
        return activity, 0, ""
    kept = Stream(
        time_s=time[keep],
        channels={name: v[keep] for name, v in stream.channels.items() if np.isfinite(v[keep]).any()},
        extra={name: v[keep] for name, v in stream.extra.items()},
    )
    return replace(activity, stream=kept), dropped, "not_increasing"


# --- position, distance, speed --------------------------------------------------------------------------------------


def fix_gps_spikes(activity: Activity, stream: Stream, knowledge: TrainingKnowledge) -> Fix:
    """Blank positions that cannot be: outside the globe, at 0°/0°, or left and come back to faster than
    `clean.gps_jump_mps` while the way from the position before to the one after is an ordinary one."""
    if not (stream.has("latitude_deg") and stream.has("longitude_deg")):
        return activity, 0, ""
    lat, lon = stream.channels["latitude_deg"], stream.channels["longitude_deg"]
    seen = np.isfinite(lat) & np.isfinite(lon)
    bad = seen & ((np.abs(lat) > 90.0) | (np.abs(lon) > 180.0) | ((lat == 0.0) & (lon == 0.0)))
    good = np.flatnonzero(seen & ~bad)
    bad[good[_excursions(stream.time_s[good], lat[good], lon[good], knowledge)]] = True
    count = _count(bad)
    if not count:
        return activity, 0, ""
    blank = np.where(bad, np.nan, lat), np.where(bad, np.nan, lon)
    return _with(activity, stream, latitude_deg=blank[0], longitude_deg=blank[1]), count, "blanked"


def _excursions(time_s: Array, lat: Array, lon: Array, knowledge: TrainingKnowledge) -> Mask:
    """(T,) True where a position lies between two impossible hops that cancel each other."""
    limit = knowledge.value("clean.gps_jump_mps")
    out = np.zeros(len(time_s), dtype=np.bool_)
    reach = limit * np.diff(time_s)
    if not (longest_hops_m(lat, lon) > reach).any():
        return out
    jumps = np.flatnonzero(hops_m(lat, lon) > reach)
    if not len(jumps):
        return out
    if jumps[0] == 0:
        out[0] = True
    if jumps[-1] == len(time_s) - 2:
        out[-1] = True
    leave, back = jumps[:-1], jumps[1:] + 1
    around = time_s[back] - time_s[leave]
    ends = np.stack((leave, back), axis=1)
    direct = hops_m(lat[ends].ravel(), lon[ends].ravel())[::2]
    off = (direct <= limit * around) & (around <= knowledge.value("clean.max_gap_s"))
    change = np.zeros(len(time_s) + 1)
    np.add.at(change, leave[off] + 1, 1.0)
    np.add.at(change, back[off], -1.0)
    return out | (np.cumsum(change)[:-1] > 0.5)


def fix_distance(activity: Activity, stream: Stream, knowledge: TrainingKnowledge) -> Fix:
    """Make cumulative distance complete and never falling.

    1. Absent: sum the hops between positions (not across pauses, not on a treadmill), else integrate speed.
    2. Falls (counter reset): the fall adds nothing and counting goes on.
    3. Jumps no runner makes (`clean.max_speed_mps`): if the counter had stood still long enough to explain them they
       are spread over that time, else they add nothing.
    4. Holes are bridged in a straight line over time.
    """
    values, touched, details = stream.channel("distance_m"), 0, []
    if _count(np.isfinite(values)) < 2:
        derived, origin = _derive_distance(activity, stream)
        if derived is None:
            left = {name: v for name, v in stream.channels.items() if name != "distance_m"}
            return replace(activity, stream=replace(stream, channels=left)), 0, ""
        values, touched, details = derived, len(derived), [origin]
    seen = np.isfinite(values)
    time, counted = stream.time_s[seen], values[seen]
    steps = np.diff(counted)
    falls = steps < 0.0
    steps[falls] = 0.0
    jumps = np.zeros_like(falls)
    if activity.sport in SPEED_LIMITED:
        jumps = steps > knowledge.value("clean.max_speed_mps") * np.diff(time)
    if falls.any() or jumps.any():
        counted, late = _spread_jumps(time, steps, jumps, knowledge)
        touched += _count(falls | jumps)
        details += ["reset"] * bool(falls.any()) + ["caught_up"] * bool(late.any())
        details += ["jump"] * bool((jumps & ~late).any())
    holes = len(values) - len(time)
    if not holes and not touched:
        return activity, 0, ""
    details += ["bridged"] * bool(holes)
    filled = np.interp(stream.time_s, time, counted)
    return _with(activity, stream, distance_m=filled), min(touched + holes, len(values)), "+".join(details)


def _spread_jumps(time_s: Array, steps: Array, jumps: Mask, knowledge: TrainingKnowledge) -> tuple[Array, Mask]:
    """((T,) distance with the jumps spread or left out, (T-1,) which of them the counter was only late with)."""
    moved = np.concatenate(([True], steps > 0.0))
    last = np.maximum.accumulate(np.where(moved, np.arange(len(time_s)), 0))[:-1]
    late = jumps & (steps <= knowledge.value("clean.max_speed_mps") * (time_s[1:] - time_s[last]))
    steps = np.where(jumps & ~late, 0.0, steps)
    distance = np.concatenate(([0.0], np.cumsum(steps)))
    change = np.zeros(len(time_s) + 1)
    ends = np.flatnonzero(late)
    np.add.at(change, last[ends] + 1, 1.0)
    np.add.at(change, ends + 1, -1.0)
    sure = np.cumsum(change)[:-1] < 0.5
    return np.interp(time_s, time_s[sure], distance[sure]), late


def _derive_distance(activity: Activity, stream: Stream) -> tuple[Array | None, str]:
    """((T,) distance from positions, else from speed, else None; which)."""
    time = stream.time_s
    clock = time - paused_before(time, activity.pauses)
    lat, lon = stream.channel("latitude_deg"), stream.channel("longitude_deg")
    seen = np.isfinite(lat) & np.isfinite(lon)
    if _count(seen) >= 2 and activity.surface is not Surface.TREADMILL:
        ran = np.diff(clock[seen]) >= np.diff(time[seen]) / 2  # what is walked or driven in a pause does not count
        hops = np.where(ran, hops_m(lat[seen], lon[seen]), 0.0)
        return np.interp(time, time[seen], np.concatenate(([0.0], np.cumsum(hops)))), "from_positions"
    speed = stream.channel("speed_mps")
    seen = np.isfinite(speed)
    if _count(seen) < 2:
        return None, ""
    filled = np.interp(time, time[seen], np.maximum(speed[seen], 0.0))
    steps = (filled[1:] + filled[:-1]) / 2 * np.diff(clock)
    return np.concatenate(([0.0], np.cumsum(steps))), "from_speed"


def fix_speed(activity: Activity, stream: Stream, knowledge: TrainingKnowledge) -> Fix:
    """Speed from distance where speed is absent, impossible, or disagrees with distance over the whole activity.

    v(t) = (D(t + w/2) − D(t − w/2)) / w on the active clock, w = `clean.speed_window_s`; the window shrinks at the
    ends. "Disagrees": ∫ v dt differs from the distance by more than `clean.speed_mismatch_ratio` of it.
    """
    speed = stream.channel("speed_mps")
    bad = ~((speed >= 0.0) & (speed < np.inf))
    limited = activity.sport in SPEED_LIMITED
    if limited:
        bad |= speed > knowledge.value("clean.max_speed_mps")
    if not stream.has("distance_m"):
        impossible = bad & np.isfinite(speed)
        if not impossible.any():
            return activity, 0, ""
        return _with(activity, stream, speed_mps=np.where(bad, np.nan, speed)), _count(impossible), "blanked"
    clock = stream.time_s - paused_before(stream.time_s, activity.pauses)
    way = stream.channels["distance_m"]
    detail = "absent"
    if not bad.all():
        dt = np.minimum(np.diff(clock), knowledge.value("clean.max_gap_s"))
        known = ~(bad[1:] | bad[:-1])
        run = float(np.dot(dt[known], (speed[1:] + speed[:-1])[known])) / 2
        counted = float(np.sum(np.diff(way)[known]))
        if abs(run - counted) > knowledge.value("clean.speed_mismatch_ratio") * counted:
            bad, detail = np.ones_like(bad), "disagrees"
        elif not bad.any():
            return activity, 0, ""
        else:
            detail = "filled"
    derived = _speed_over_window(clock, way, knowledge.value("clean.speed_window_s"))
    if limited and (derived > knowledge.value("clean.max_speed_mps")).any():
        # Counted on through what looked like a pause: the wall clock tells the speed.
        fastest = knowledge.value("clean.max_speed_mps")
        wall = _speed_over_window(stream.time_s, way, knowledge.value("clean.speed_window_s"))
        derived = np.minimum(np.where(derived > fastest, wall, derived), fastest)
    return _with(activity, stream, speed_mps=np.where(bad, derived, speed)), _count(bad), detail


def _speed_over_window(clock_s: Array, way_m: Array, window_s: float) -> Array:
    """(T,) change of distance over a centred window of at least the sampling interval; 0 where no time passes."""
    step = np.diff(clock_s)
    near = np.maximum(np.concatenate((step, [0.0])), np.concatenate(([0.0], step)))
    reach = np.maximum(near, window_s / 2)
    late = np.minimum(clock_s + reach, clock_s[-1])
    early = np.maximum(clock_s - reach, clock_s[0])
    rise = np.interp(late, clock_s, way_m) - np.interp(early, clock_s, way_m)
    span = late - early
    speed: Array = np.divide(rise, span, out=np.zeros_like(rise), where=span > 0.0)
    return speed


def fix_treadmill(activity: Activity, stream: Stream, knowledge: TrainingKnowledge) -> Fix:
    """Scale distance and speed of a treadmill run to the stated total, which the runner can correct on the watch
    after reading the belt; differences up to `duplicates.distance_ratio` are left alone."""
    stated = activity.totals.distance_m
    if activity.surface is not Surface.TREADMILL or stated is None or not stream.has("distance_m"):
        return activity, 0, ""
    way = stream.channels["distance_m"]
    run = float(way[-1] - way[0])
    if not (run > 0.0 and 0.0 < stated < np.inf):
        return activity, 0, ""
    if abs(stated - run) <= knowledge.value("duplicates.distance_ratio") * run:
        return activity, 0, ""
    scaled = {name: stream.channels[name] * (stated / run) for name in ("distance_m", "speed_mps")}
    if activity.sport in SPEED_LIMITED:
        scaled["speed_mps"] = np.minimum(scaled["speed_mps"], knowledge.value("clean.max_speed_mps"))
    return _with(activity, stream, **scaled), len(way), "stated"


# --- height ---------------------------------------------------------------------------------------------------------


def fix_elevation_outliers(activity: Activity, stream: Stream, knowledge: TrainingKnowledge) -> Fix:
    """Blank heights more than `clean.altitude_outlier_m` from the median of the two samples on either side, and
    take out steps of that size (a barometer set anew, a height before the first fix) by shifting what follows.

    The rejection rule is the one tereza publishes (no DOI), with four neighbours; a sample that agrees with either of
    the two middle ones stays, so that the rims of a step are not lost.
    """
    if not stream.has("altitude_m"):
        return activity, 0, ""
    limit = knowledge.value("clean.altitude_outlier_m")
    seen = np.flatnonzero(np.isfinite(stream.channels["altitude_m"]))
    z = stream.channels["altitude_m"][seen]
    if not (np.abs(np.diff(z)) > limit / 2).any():  # no sample can then lie further than the limit from its neighbours
        return activity, 0, ""
    padded = np.pad(z, 2, mode="edge")
    near = np.sort(np.stack((padded[:-4], padded[1:-3], padded[3:-1], padded[4:])), axis=0)
    off = np.minimum(np.abs(z - near[1]), np.abs(z - near[2])) > limit
    z, kept = z[~off], seen[~off]
    steps = np.diff(z)
    # Only from one sample to the next: over a pause or a hole one may well have climbed.
    level = (np.abs(steps) > limit) & (np.diff(stream.time_s[kept]) <= knowledge.value("clean.max_gap_s"))
    count = _count(off) + _count(level)
    if not count:
        return activity, 0, ""
    height = np.full(len(stream), np.nan)
    height[kept] = z - np.concatenate(([0.0], np.cumsum(np.where(level, steps, 0.0))))
    detail = "+".join(["blanked"] * bool(off.any()) + ["step"] * bool(level.any()))
    return _with(activity, stream, altitude_m=height), count, detail


def fix_elevation_noise(activity: Activity, stream: Stream, knowledge: TrainingKnowledge) -> Fix:
    """Smooth height by distance (`elevation.smooth_m_barometer` or `_gps`), and level out stretches on which it
    changes faster than `clean.max_climb_mps` or `clean.max_drop_mps` (on foot): GPS height swings by a hundred metres
    while the runner keeps the pace.

    Only samples that this moves by more than the hysteresis count as edits: below it no ascent is counted anyway.
    """
    if not (stream.has("altitude_m") and stream.has("distance_m")) or activity.surface is Surface.TREADMILL:
        return activity, 0, ""
    height, way = stream.channels["altitude_m"], stream.channels["distance_m"]
    way = way - way[0]
    length = elevation.smoothing_length_m(activity.barometer, knowledge)
    profile = elevation.build_profile(way, height, smooth_m=length, knowledge=knowledge)
    if profile is None:
        return activity, 0, ""
    detail = "barometer" if activity.barometer else "gps"
    smooth = profile.at(way)
    touched = np.abs(smooth - height) > elevation.hysteresis_m(activity.barometer, knowledge)
    if activity.sport in ON_FOOT:
        clock = stream.time_s - paused_before(stream.time_s, activity.pauses)
        levelled = elevation.level_impossible(
            profile,
            way,
            clock,
            barometer=activity.barometer,
            knowledge=knowledge,
        )
        if levelled is not profile:
            lowered = smooth - levelled.at(way)
            touched[1:] |= np.abs(np.diff(lowered)) > 0.0
            smooth, detail = smooth - lowered, f"{detail}+levelled"
    return _with(activity, stream, altitude_m=smooth), _count(touched), detail


# --- body -----------------------------------------------------------------------------------------------------------


def fix_cadence_unit(activity: Activity, stream: Stream, knowledge: TrainingKnowledge) -> Fix:
    """Bring cadence to steps of both feet per minute, and blank what no leg does.

    Already doubled before the reader doubled it: the median is above twice `cadence.doubled_above_spm`. Never
    doubled: the median is nearer (as a ratio) to half than to the whole of the cadence expected at the median speed,
    `cadence.fallback_base + cadence.fallback_slope · v`, and below `cadence.doubled_above_spm`. Single readings are
    lost ones when they are above `clean.cadence_max_spm`, nearer to half of the expected or less at running speed, or
    less than half at brisk walking speed: the steps they imply would be longer than any leg takes, and a load model
    that raises step length to a power would be ruled by them.
    """
    if activity.sport not in ON_FOOT or not stream.has("cadence_spm"):
        return activity, 0, ""
    cadence = stream.channels["cadence_spm"]
    one_leg = knowledge.value("cadence.doubled_above_spm")
    base, slope = knowledge.value("cadence.fallback_base"), knowledge.value("cadence.fallback_slope")
    speed = stream.channel("speed_mps")
    turning = cadence > 0.0
    details: list[str] = []
    touched = 0
    if turning.any():
        middle = float(np.median(cadence[turning]))
        moving = speed[turning & (speed > knowledge.value("clean.stop_speed_mps"))]
        expected = base + slope * float(np.median(moving)) if len(moving) else one_leg * np.sqrt(2.0)
        factor = 1.0
        if middle > 2 * one_leg:
            factor, details = 0.5, ["halved"]
        elif activity.sport is Sport.RUNNING and middle < min(one_leg, expected / np.sqrt(2.0)):
            factor, details = 2.0, ["doubled"]
        if factor != 1.0:
            cadence = cadence * factor
            touched = _count(turning)
    wrong = (
        (cadence < 0.0) | (cadence > knowledge.value("clean.cadence_max_spm")) | _too_slow(cadence, speed, knowledge)
    )
    if wrong.any():
        cadence = np.where(wrong, np.nan, cadence)
        touched += _count(wrong)
        details.append("blanked")
    if not touched:
        return activity, 0, ""
    return _with(activity, stream, cadence_spm=cadence), touched, "+".join(details)


def _too_slow(cadence_spm: Array, speed_mps: Array, knowledge: TrainingKnowledge) -> Mask:
    """(T,) True where so few steps cannot carry a runner this fast; running begins where the expected cadence reaches
    `cadence.fallback_min`."""
    base, slope = knowledge.value("cadence.fallback_base"), knowledge.value("cadence.fallback_slope")
    running = (knowledge.value("cadence.fallback_min") - base) / slope
    expected = np.minimum(base + slope * speed_mps, knowledge.value("cadence.fallback_max"))
    at_a_run = (speed_mps > running) & (cadence_spm < expected / np.sqrt(2.0))
    lost: Mask = at_a_run | ((speed_mps > running / 2) & (cadence_spm < expected / 2))
    return lost


def fix_heart_rate(activity: Activity, stream: Stream, knowledge: TrainingKnowledge) -> Fix:
    """Blank heart rates outside `clean.hr_min_bpm`-`clean.hr_max_bpm` and values that stay exactly the same for
    `clean.hr_flat_s` or longer (a strap that lost contact, or an average written into every sample)."""
    if not stream.has("heart_rate_bpm"):
        return activity, 0, ""
    rate = stream.channels["heart_rate_bpm"]
    low, high = knowledge.value("clean.hr_min_bpm"), knowledge.value("clean.hr_max_bpm")
    outside = (rate < low) | (rate > high)
    changes = np.flatnonzero(rate[1:] != rate[:-1]) + 1
    starts = np.concatenate(([0], changes))
    ends = np.concatenate((changes, [len(rate)])) - 1
    clock = stream.time_s - paused_before(stream.time_s, activity.pauses)
    long = clock[ends] - clock[starts] >= knowledge.value("clean.hr_flat_s")
    flat = np.repeat(long & (ends > starts), ends - starts + 1) & ~outside
    wrong = outside | flat
    count = _count(wrong)
    if not count:
        return activity, 0, ""
    detail = "+".join(["implausible"] * bool(outside.any()) + ["flat"] * bool(flat.any()))
    return _with(activity, stream, heart_rate_bpm=np.where(wrong, np.nan, rate)), count, detail


FIXERS: Mapping[str, Fixer] = {
    "infinite_values": fix_infinities,
    "time_jumps": fix_time_jumps,
    "gps_spikes": fix_gps_spikes,
    "distance": fix_distance,
    "speed_from_distance": fix_speed,
    "treadmill_distance": fix_treadmill,
    "rides": fix_rides,
    "elevation_outliers": fix_elevation_outliers,
    "elevation_noise": fix_elevation_noise,
    "cadence_unit": fix_cadence_unit,
    "unknown_sport": fix_unknown_sport,
    "heart_rate_dropouts": fix_heart_rate,
}
"""Every fixer by name, in the order in which they run: later ones rely on earlier ones."""
