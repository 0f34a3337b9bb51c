"""What the FIT reader makes of sessions, laps, sports, devices and clocks."""

from datetime import UTC, datetime

import numpy as np
import pytest

from soleus.core.activity import Label, Sport, Surface
from soleus.exports.fit_encoder import FitWriter, Value, fit_time
from soleus.readers.fit import read_fit
from soleus.readers.fit_time import build_time_axis

START = datetime(2025, 3, 1, 7, tzinfo=UTC)
T0 = fit_time(START)


def time(at: int) -> Value:
    return Value("uint32", T0 + at)


def written(
    *,
    sport: tuple[int, int] | None = (1, 0),
    seconds: int = 60,
    maker: tuple[int, int] = (1, 9999),
    offset_s: int | None = 3600,
    record: dict[int, Value] | None = None,
    session: dict[int, Value] | None = None,
    laps: tuple[dict[int, Value], ...] = (),
    more: tuple[tuple[int, dict[int, Value]], ...] = (),
) -> bytes:
    writer = FitWriter()
    writer.message(0, {0: Value("enum", 4), 1: Value("uint16", maker[0]), 2: Value("uint16", maker[1])})
    for number, values in more:
        writer.message(number, values)
    for i in range(seconds):
        writer.message(20, {253: time(i), 3: Value("uint8", 140), **(record or {})})
    for lap in laps:
        writer.message(19, lap)
    if sport is not None:
        kind = {5: Value("enum", sport[0]), 6: Value("enum", sport[1])}
        default = {253: time(seconds), 2: time(0), 7: Value("uint32", seconds, 1000)}
        writer.message(18, {**(default if session is None else session), **kind})
    if offset_s is not None:
        writer.message(34, {253: time(seconds), 5: time(seconds + offset_s)})
    return writer.to_bytes()


@pytest.mark.parametrize(
    ("stated", "sport", "surface", "detail"),
    [
        ((1, 0), Sport.RUNNING, Surface.UNKNOWN, ""),
        ((1, 1), Sport.RUNNING, Surface.TREADMILL, "treadmill"),
        ((1, 2), Sport.RUNNING, Surface.ROAD, "street"),
        ((1, 3), Sport.RUNNING, Surface.TRAIL, "trail"),
        ((1, 4), Sport.RUNNING, Surface.TRACK, "track"),
        ((1, 45), Sport.RUNNING, Surface.UNKNOWN, "indoor_running"),
        ((1, 58), Sport.RUNNING, Surface.TREADMILL, "virtual_activity"),
        ((4, 1), Sport.RUNNING, Surface.TREADMILL, "treadmill"),
        ((10, 20), Sport.STRENGTH, Surface.UNKNOWN, "strength_training"),
        ((11, 0), Sport.WALKING, Surface.UNKNOWN, ""),
        ((17, 3), Sport.HIKING, Surface.TRAIL, "trail"),
        ((2, 58), Sport.CYCLING, Surface.UNKNOWN, "virtual_activity"),
        ((15, 0), Sport.OTHER, Surface.UNKNOWN, "rowing"),
        ((0, 0), Sport.UNKNOWN, Surface.UNKNOWN, ""),
        ((200, 250), Sport.OTHER, Surface.UNKNOWN, "sub_sport 250"),
    ],
)
def test_sport_and_ground(stated, sport, surface, detail):
    run = read_fit(written(sport=stated)).activity
    assert (run.sport, run.surface, run.sport_detail) == (sport, surface, detail)


def test_commuting_is_labelled():
    assert read_fit(written(sport=(1, 48))).activity.labels == {Label.COMMUTE}


@pytest.mark.parametrize(("kind", "sport"), [(1, Sport.RUNNING), (6, Sport.WALKING), (2, Sport.CYCLING),
                                             (77, Sport.UNKNOWN)])  # fmt: skip
def test_without_a_summary_the_records_may_tell_the_sport(kind, sport):
    assert read_fit(written(sport=None, record={42: Value("enum", kind)})).activity.sport is sport


def test_the_sport_message_counts_when_the_session_has_none():
    data = written(sport=None, more=((12, {0: Value("enum", 1), 1: Value("enum", 3)}),))
    run = read_fit(data).activity
    assert (run.sport, run.surface) == (Sport.RUNNING, Surface.TRAIL)


def test_a_session_without_start_is_laid_back_from_its_end():
    run = read_fit(written(session={253: time(60), 7: Value("uint32", 60, 1000)})).activity
    assert run.start_utc == START
    assert run.totals.elapsed_s == 60


def test_a_session_of_another_year_is_laid_over_the_records():
    reading = read_fit(written(session={2: time(-400 * 86_400), 9: Value("uint32", 180, 100)}))
    assert reading.activity.start_utc == START
    assert reading.activity.totals.distance_m == 180
    assert reading.activity.sport is Sport.RUNNING
    assert [repair.code for repair in reading.repairs] == ["bad_session_time"]


@pytest.mark.parametrize(("stated", "start_s"), [(-20, -20), (-7_200, 0), (15, 0)])
def test_a_start_hours_off_does_not_stretch_the_run(stated, start_s):
    run = read_fit(written(session={2: time(stated), 7: Value("uint32", 60, 1000)})).activity
    assert (run.start_utc - START).total_seconds() == start_s
    assert run.stream.time_s[-1] == 59 - start_s


def test_a_second_session_without_records_is_kept_with_its_totals():
    later = (18, {2: time(90), 7: Value("uint32", 30, 1000), 5: Value("enum", 11)})
    reading = read_fit(written(more=(later,)))
    assert [(a.sport, a.stream is None) for a in reading.activities] == [(Sport.RUNNING, False), (Sport.WALKING, True)]
    assert reading.repairs == ()


def test_a_session_without_records_keeps_its_totals():
    run = read_fit(written(seconds=0, session={2: time(0), 7: Value("uint32", 1800, 1000)})).activity
    assert run.stream is None
    assert run.elapsed_s == 1800


def test_laps_with_little_said():
    laps = (
        {253: time(20), 7: Value("uint32", 20, 1000), 23: Value("enum", 2)},
        {253: time(40), 2: time(20)},
        {0: Value("enum", 9)},
        {2: time(9_000), 7: Value("uint32", 5, 1000)},
    )
    run = read_fit(written(laps=laps)).activity
    assert [(lap.start_s, lap.end_s, lap.intensity) for lap in run.laps] == [(0, 20, "warmup"), (20, 40, "")]


@pytest.mark.parametrize(
    ("maker", "stated", "offset"),
    [((1, 1), 0, 0), ((294, 1), 0, None), ((294, 1), 3600, 3600), ((1, 1), 19_790, 19_800), ((1, 1), 90_000, None)],
)
def test_the_wall_clock(maker, stated, offset):
    assert read_fit(written(maker=maker, offset_s=stated)).activity.utc_offset_s == offset


def test_barometer_by_device_info_pressure_or_model():
    local = (23, {0: Value("uint8", 1), 1: Value("uint8", 4), 25: Value("enum", 5)})
    assert read_fit(written(more=(local,))).activity.barometer is True
    assert read_fit(written(record={91: Value("uint32", 101_000)})).activity.barometer is True
    assert read_fit(written(maker=(1, 1345))).activity.barometer is False
    assert read_fit(written(maker=(1, 1328))).activity.barometer is True
    assert read_fit(written()).activity.barometer is None


def test_the_product_name_goes_before_the_number():
    named = (23, {0: Value("uint8", 0), 27: Value("string", "Watch 9 Baro"), 3: Value("uint32z", 77)})
    run = read_fit(written(maker=(23, 34), more=(named,))).activity
    assert (run.device.manufacturer, run.device.product, run.barometer) == ("suunto", "Watch 9 Baro", True)
    assert run.device.digest
    assert read_fit(written(maker=(4_321, 5))).activity.device.manufacturer == "manufacturer 4321"


def test_a_heart_rate_of_nothing_but_zeros_is_no_channel():
    data = written(record={3: Value("uint8", 0), 5: Value("uint32", 100)})
    assert set(read_fit(data).activity.stream.channels) == {"distance_m"}


def test_positions_that_cannot_be_are_left():
    nowhere = {0: Value("sint32", 0), 1: Value("sint32", 0)}
    assert set(read_fit(written(record=nowhere)).activity.stream.channels) == {"heart_rate_bpm"}
    half = {0: Value("sint32", 500_000_000)}
    assert set(read_fit(written(record=half)).activity.stream.channels) == {"heart_rate_bpm"}


def test_cadence_of_the_finer_field():
    run = read_fit(written(record={52: Value("uint16", 85.5, 256)})).activity
    assert run.stream.channels["cadence_spm"][0] == 171.0
    ride = read_fit(written(sport=(2, 0), record={4: Value("uint8", 85)})).activity
    assert "cadence_spm" not in ride.stream.channels


def test_the_timer_stopped_twice_in_a_row_is_one_pause():
    def timer(at: int, kind: int) -> tuple[int, dict[int, Value]]:
        return 21, {253: time(at), 0: Value("enum", 0), 1: Value("enum", kind)}

    other = (21, {253: time(12), 0: Value("enum", 36), 1: Value("enum", 3)})
    run = read_fit(written(more=(timer(10, 1), other, timer(11, 4), timer(20, 0), timer(18, 4), timer(30, 0)))).activity
    assert [(p.start_s, p.end_s) for p in run.pauses] == [(10, 20)]


class TestTimeAxis:
    def test_a_clean_axis_is_left_alone(self):
        stamps = np.arange(5.0) + 1e9
        axis = build_time_axis(stamps)
        assert axis.lay_out(stamps) is stamps
        assert axis.repairs == ()

    def test_nothing_gives_nothing(self):
        assert len(build_time_axis(np.empty(0)).times) == 0
        axis = build_time_axis(np.full(3, np.nan))
        assert len(axis.times) == 0
        assert axis.repairs[0].count == 3

    def test_many_jumps_are_only_sorted(self):
        stamps = np.where(np.arange(300) % 2 == 0, 1e9, 2e9) + np.arange(300)
        axis = build_time_axis(stamps)
        assert (np.diff(axis.times) > 0).all()

    def test_records_stored_late_are_sorted_in(self):
        stamps = 1e9 + np.concatenate([np.arange(0, 200), np.arange(300, 400), np.arange(200, 300)])
        axis = build_time_axis(stamps)
        np.testing.assert_array_equal(axis.times, 1e9 + np.arange(400))
        assert [repair.code for repair in axis.repairs] == ["unordered_time"]

    def test_a_clock_set_back_an_hour_does_not_mix_two_hours(self):
        stamps = 1e9 + np.concatenate([np.arange(0, 5000), np.arange(1400, 9000)])
        axis = build_time_axis(stamps)
        assert (np.diff(axis.times) == 1).all()
        assert len(axis.times) == len(stamps)
        assert axis.times[-1] == 1e9 + 8999

    def test_three_records_of_one_second_fill_each_other(self):
        axis = build_time_axis(1e9 + np.array([0.0, 1.0, 1.0, 1.0, 2.0]))
        laid = axis.lay_out(np.array([1.0, np.nan, np.nan, 7.0, 3.0]))
        np.testing.assert_array_equal(laid, [1.0, 7.0, 3.0])
