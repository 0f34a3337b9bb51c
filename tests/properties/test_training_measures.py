"""What must hold for every recording: no exception, no NaN, the same figures whatever the sampling or the pauses."""

import math
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soleus.core.activity import Activity, Device, Interval, Lap, Sport, Stream, Surface, Totals
from soleus.knowledge.compile import load_knowledge
from soleus.training.clean import clean_activity
from soleus.training.summary import summarise_activity

KNOWLEDGE = load_knowledge().training
START = datetime(2026, 5, 3, 7, 30, tzinfo=UTC)

WILD = {
    "distance_m": (-1e6, 1e7),
    "speed_mps": (-10.0, 1e4),
    "altitude_m": (-1e5, 1e5),
    "latitude_deg": (-200.0, 200.0),
    "longitude_deg": (-400.0, 400.0),
    "heart_rate_bpm": (-10.0, 400.0),
    "cadence_spm": (-10.0, 600.0),
    "contact_time_ms": (-5.0, 1e4),
    "contact_time_balance_pct": (0.0, 100.0),
    "vertical_oscillation_m": (-1.0, 5.0),
    "step_length_m": (0.0, 10.0),
    "foot_strike_class": (0.0, 20.0),
}


@st.composite
def wild_streams(draw):
    """Any stream whatever: few or many samples, holes, infinities, clocks that jump."""
    count = draw(st.sampled_from([0, 1, 2, 3, 5, 40, 300]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    steps = random.choice(draw(st.sampled_from([(1.0,), (1.0, 3.0, 8.0), (0.5, 40.0, 9e4), (0.0, -3.0, 2.0)])), count)
    time = np.cumsum(steps)
    channels = {}
    for name, (low, high) in WILD.items():
        kind = draw(st.sampled_from(["absent", "steady", "noise", "walk", "holes", "zero", "odd"]))
        if kind == "absent" or count == 0:
            continue
        middle = (low + high) / 2
        values = {
            "steady": np.full(count, middle),
            "noise": random.uniform(low, high, count),
            "walk": middle + np.cumsum(random.normal(0, 1, count)),
            "holes": np.where(random.random(count) < 0.7, np.nan, random.uniform(low, high, count)),
            "zero": np.zeros(count),
            "odd": random.choice(np.array([np.nan, np.inf, -np.inf, 0.0, 1.0, high]), count),
        }[kind]
        if draw(st.booleans()) and name == "distance_m":
            values = np.sort(values)
        channels[name] = values
    return Stream(time_s=time, channels=channels)


numbers = st.one_of(st.none(), st.floats(0, 1e5), st.sampled_from([math.nan, math.inf, -1.0]))


@st.composite
def wild_activities(draw):
    ends = st.floats(-100, 1000, allow_nan=False)
    pauses = tuple(Interval(start_s=a, end_s=b) for a, b in draw(st.lists(st.tuples(ends, ends), max_size=4)))
    return Activity(
        start_utc=START,
        sport=draw(st.sampled_from(list(Sport))),
        format="fit",
        surface=draw(st.sampled_from(list(Surface))),
        barometer=draw(st.sampled_from([None, True, False])),
        stream=draw(st.one_of(st.none(), wild_streams())),
        pauses=pauses,
        laps=draw(st.sampled_from([(), (Lap(start_s=5.0, end_s=900.0, intensity="cooldown"),)])),
        totals=Totals(
            elapsed_s=draw(st.one_of(st.none(), st.floats(0, 1e5))),
            moving_s=draw(numbers),
            distance_m=draw(numbers),
            ascent_m=draw(numbers),
            average_cadence_spm=draw(numbers),
            steps=draw(numbers),
        ),
        device=Device(manufacturer="maker", product="watch"),
    )


def numbers_in(value, path=""):
    """Every number in a nest of dataclasses, tuples and mappings, with where it is."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        yield path, float(value)
    elif is_dataclass(value):
        for field in fields(value):
            yield from numbers_in(getattr(value, field.name), f"{path}.{field.name}")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from numbers_in(item, f"{path}[{key}]")
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from numbers_in(item, f"{path}[{index}]")


SIGNED = {".within.pace_drop_ratio", ".grade_ratio", ".utc_offset_s", ".zone_of_place_s"}


@settings(max_examples=400, deadline=None)
@given(wild_activities())
def test_any_recording_gives_finite_figures(activity):
    summary = summarise_activity(activity, KNOWLEDGE)
    for path, number in numbers_in(summary):
        assert math.isfinite(number), path
        assert number >= 0.0 or any(path.endswith(name) for name in SIGNED), path
    if summary.distance_m is not None and summary.load_cells and activity.stream is not None:
        assert all(0.0 < cell.speed_mps <= KNOWLEDGE.value("clean.max_speed_mps") + 1e-9 for cell in summary.load_cells)
    assert sum(summary.heart_rate_s.values()) <= 1e9


@settings(max_examples=200, deadline=None)
@given(wild_activities())
def test_cleaning_twice_changes_nothing_the_second_time_in_distance_and_time(activity):
    once, _ = clean_activity(activity, KNOWLEDGE)
    twice, _ = clean_activity(once, KNOWLEDGE)
    if once.stream is None:
        assert twice.stream is None
        return
    np.testing.assert_array_equal(twice.stream.time_s, once.stream.time_s)
    if once.stream.has("distance_m") and activity.surface is not Surface.TREADMILL:
        np.testing.assert_allclose(twice.stream.channels["distance_m"], once.stream.channels["distance_m"], atol=1e-6)


# --- ordinary runs ---------------------------------------------------------------------------------------------------


@st.composite
def ordinary_runs(draw):
    """1 Hz runs of 20-60 minutes over rolling ground, as a watch with a barometer records them."""
    seconds = draw(st.integers(1200, 3600))
    base = draw(st.floats(2.3, 4.5))
    swing = draw(st.floats(0.05, 0.6))
    hill_m, hill_every_m = draw(st.floats(0.0, 15.0)), draw(st.floats(1000.0, 2500.0))
    time = np.arange(seconds, dtype=np.float64)
    speed = base + swing * np.sin(time / draw(st.floats(60.0, 400.0)))
    way = np.concatenate(([0.0], np.cumsum((speed[1:] + speed[:-1]) / 2)))
    channels = {
        "distance_m": way,
        "speed_mps": speed,
        "altitude_m": 200 + hill_m * np.sin(2 * np.pi * way / hill_every_m),
        "heart_rate_bpm": np.rint(130 + 8 * speed + np.random.default_rng(seconds).normal(0, 2, seconds)),
        "cadence_spm": 110 + 18 * speed,
        "contact_time_ms": 330 - 25 * speed,
    }
    return Activity(
        start_utc=START,
        sport=Sport.RUNNING,
        format="fit",
        barometer=True,
        stream=Stream(time_s=time, channels=channels),
    )


def thinned(activity, draw_seed):
    """Smart recording: a sample every 1 to 7 seconds."""
    random = np.random.default_rng(draw_seed)
    stream = activity.stream
    keep = np.unique(np.concatenate(([0], np.cumsum(random.integers(1, 8, len(stream))), [len(stream) - 1])))
    keep = keep[keep < len(stream)]
    channels = {name: values[keep] for name, values in stream.channels.items()}
    return replace(activity, stream=Stream(time_s=stream.time_s[keep], channels=channels))


MEASURES = {
    "moving_s": 0.002, "distance_m": 0.001, "steps": 0.003, "speed_mps": 0.003, "gap_speed_mps": 0.005,
    "ngp_speed_mps": 0.01, "cadence_spm": 0.003, "contact_time_ms": 0.003, "average_heart_rate_bpm": 0.005,
    "fastest_30s_mps": 0.02,
}  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(ordinary_runs(), st.integers(0, 1000))
def test_the_sampling_rate_hardly_matters(activity, seed):
    full, thin = summarise_activity(activity, KNOWLEDGE), summarise_activity(thinned(activity, seed), KNOWLEDGE)
    for name, tolerance in MEASURES.items():
        assert getattr(thin, name) == pytest.approx(getattr(full, name), rel=tolerance), name
    assert thin.ascent_m == pytest.approx(full.ascent_m, abs=2.0, rel=0.03)
    # A hill whose steepest part just reaches the limit counts with one sampling and not with the other.
    assert thin.steep_uphill_s == pytest.approx(full.steep_uphill_s, abs=0.05 * full.moving_s)
    for distance, seconds in full.best_efforts_s.items():
        assert thin.best_efforts_s[distance] == pytest.approx(seconds, rel=0.01)
    assert sum(c.steps for c in thin.load_cells) == pytest.approx(sum(c.steps for c in full.load_cells), rel=0.003)

    def damage(summary):
        return sum(cell.steps * cell.speed_mps**2.8 for cell in summary.load_cells)

    assert damage(thin) == pytest.approx(damage(full), rel=0.01)


ON_ITS_OWN = {"key", "elapsed_s", "within", "start_utc", "day"}


def assert_same(one, other, leave_out=frozenset(), rel=1e-6):
    for field in fields(one):
        if field.name in leave_out:
            continue
        mine = dict(numbers_in(getattr(one, field.name), field.name))
        yours = dict(numbers_in(getattr(other, field.name), field.name))
        assert mine.keys() == yours.keys(), field.name
        for path, value in mine.items():
            assert yours[path] == pytest.approx(value, rel=rel, abs=1e-5), path


@settings(max_examples=40, deadline=None)
@given(ordinary_runs(), st.floats(0.05, 0.95), st.integers(16, 40_000))
def test_a_pause_changes_nothing_but_the_time_that_passed(activity, share, length):
    stream = activity.stream
    at = int(share * len(stream))
    later = stream.time_s + np.where(np.arange(len(stream)) > at, float(length), 0.0)
    pause = Interval(start_s=stream.time_s[at], end_s=stream.time_s[at] + length)
    paused = replace(activity, stream=Stream(time_s=later, channels=stream.channels), pauses=(pause,))
    before, after = summarise_activity(activity, KNOWLEDGE), summarise_activity(paused, KNOWLEDGE)
    assert_same(before, after, ON_ITS_OWN)
    assert after.elapsed_s == before.elapsed_s + length
    assert after.within.stops == before.within.stops + 1
    assert after.within.stopped_s == pytest.approx(before.within.stopped_s + length)
    assert after.within.pace_drop_ratio == pytest.approx(before.within.pace_drop_ratio)


@settings(max_examples=30, deadline=None)
@given(ordinary_runs(), st.integers(-10_000, 10_000))
def test_the_hour_of_the_run_does_not_matter(activity, hours):
    moved = replace(activity, start_utc=activity.start_utc + timedelta(hours=hours))
    assert_same(summarise_activity(activity, KNOWLEDGE), summarise_activity(moved, KNOWLEDGE), {"key", "day"})


@settings(max_examples=30, deadline=None)
@given(ordinary_runs(), st.floats(1.0, 5000.0))
def test_where_the_counters_begin_does_not_matter(activity, offset):
    channels = dict(activity.stream.channels)
    channels["distance_m"] = channels["distance_m"] + offset
    channels["altitude_m"] = channels["altitude_m"] + offset
    moved = replace(activity, stream=Stream(time_s=activity.stream.time_s, channels=channels))
    assert_same(summarise_activity(activity, KNOWLEDGE), summarise_activity(moved, KNOWLEDGE), {"key"}, rel=1e-5)


@settings(max_examples=30, deadline=None)
@given(ordinary_runs(), st.floats(1.05, 1.4))
def test_running_faster_by_a_ratio_scales_every_speed_by_it(activity, ratio):
    """Level ground: grade-adjustment does not depend on speed."""
    channels = {name: activity.stream.channels[name] for name in ("distance_m", "speed_mps", "cadence_spm")}
    flat = replace(activity, stream=Stream(time_s=activity.stream.time_s, channels=channels))
    scaled = dict(channels, distance_m=channels["distance_m"] * ratio, speed_mps=channels["speed_mps"] * ratio)
    fast = replace(activity, stream=Stream(time_s=activity.stream.time_s, channels=scaled))
    slow_run, fast_run = summarise_activity(flat, KNOWLEDGE), summarise_activity(fast, KNOWLEDGE)
    for name in ("distance_m", "speed_mps", "gap_speed_mps", "ngp_speed_mps", "fastest_30s_mps", "step_length_m"):
        assert getattr(fast_run, name) == pytest.approx(getattr(slow_run, name) * ratio, rel=1e-6), name
    assert fast_run.steps == pytest.approx(slow_run.steps)
