import io
import tracemalloc
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from track_writers import (
    APPLE_HEAD,
    PHONE,
    START,
    WATCH,
    apple,
    apple_record,
    apple_run,
    apple_time,
    apple_workout,
    gpx,
    gpx_track,
    run_points,
)

from soleus.core.activity import Activity, Interval, Lap, Reading, Sport, Surface
from soleus.core.errors import ActivityFileError
from soleus.readers import apple_health
from soleus.readers.apple_health import read_apple_health


class ForwardOnly(io.RawIOBase):
    """A stream as it comes out of an archive: no winding back, short reads."""

    def __init__(self, data: bytes) -> None:
        self._inner = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._inner.read(min(size, 1000) if size >= 0 else size)


def codes(reading: Reading) -> dict[str, int]:
    return {repair.code: repair.count for repair in reading.repairs}


def read(parts: list[str], routes: Callable[[str], bytes | None] = lambda _: None) -> Reading:
    return read_apple_health(io.BytesIO(apple(parts)), routes)


def only(reading: Reading) -> Activity:
    (activity,) = reading.activities
    return activity


def test_a_run_with_its_samples() -> None:
    reading = read([*apple_run(600), apple_workout(0, 600)])
    activity = only(reading)
    assert codes(reading) == {}
    assert (activity.start_utc, activity.sport, activity.format) == (START, Sport.RUNNING, "apple_health")
    assert activity.utc_offset_s == 3600
    assert (activity.device.manufacturer, activity.device.product) == ("apple", "Watch6,1")
    assert activity.totals.timer_s == activity.totals.elapsed_s == 600.0
    stream = activity.stream
    np.testing.assert_array_equal(stream.time_s, np.arange(601.0))
    np.testing.assert_allclose(stream.channel("heart_rate_bpm")[:590], 140 + np.arange(590) / 100, atol=1e-4)
    np.testing.assert_allclose(stream.channel("cadence_spm")[:600], 168.0)
    np.testing.assert_allclose(stream.channel("distance_m"), np.arange(601) * 3.0, atol=1e-3)


def test_names_of_people_do_not_pass() -> None:
    assert "omebody" not in repr(read([*apple_run(60), apple_workout(0, 60)]))


def test_workouts_before_the_records_and_streams_that_go_forward_only_give_the_same() -> None:
    usual = apple([*apple_run(300), apple_workout(0, 300)])
    turned = apple([apple_workout(0, 300), *apple_run(300)])
    streams = [
        only(read_apple_health(source)).stream
        for source in (io.BytesIO(usual), io.BytesIO(turned), ForwardOnly(usual), ForwardOnly(turned))
    ]
    streams.append(only(read_apple_health(ForwardOnly(usual), again=lambda: ForwardOnly(usual))).stream)
    for stream in streams[1:]:
        for name, values in streams[0].channels.items():
            np.testing.assert_array_equal(stream.channel(name), values)


def test_one_source_is_taken_the_watch_before_the_phone() -> None:
    phone_first = [
        apple_record("StepCount", 0, 60, 500, "count", PHONE),
        apple_record("StepCount", 0, 60, 168, "count"),
    ]
    by_an_app = apple_workout(0, 60, source="Some App")
    np.testing.assert_allclose(only(read([*phone_first, by_an_app])).stream.channel("cadence_spm")[:60], 168.0)
    by_phone = apple_workout(0, 60, source=PHONE)
    np.testing.assert_allclose(only(read([*phone_first, by_phone])).stream.channel("cadence_spm")[:60], 500.0)


def test_units_are_those_of_each_record() -> None:
    records = [
        apple_record("DistanceWalkingRunning", 0, 600, 1, "mi"),
        apple_record("RunningSpeed", 0, 0, 12, "km/hr"),
        apple_record("RunningSpeed", 10, 10, 6, "mi/hr"),
        apple_record("RunningStrideLength", 0, 0, 1.1, "m"),
        apple_record("RunningGroundContactTime", 0, 0, 250, "ms"),
        apple_record("RunningVerticalOscillation", 0, 0, 9, "cm"),
        apple_record("RunningPower", 0, 0, 240, "W"),
        apple_record("HeartRate", 0, 0, 2.5, "count/s"),
        apple_record("RunningPower", 3, 3, 240, "horses"),
    ]
    reading = read([*records, apple_workout(0, 600)])
    stream = only(reading).stream
    assert codes(reading) == {"unknown_unit": 1}
    assert stream.channel("distance_m")[-1] == pytest.approx(1609.344, abs=1e-3)
    assert stream.channel("speed_mps")[0] == pytest.approx(12 / 3.6)
    assert stream.channel("speed_mps")[10] == pytest.approx(6 * 0.44704)
    first = {name: values[0] for name, values in stream.channels.items()}
    assert first["step_length_m"] == pytest.approx(1.1)
    assert first["contact_time_ms"] == pytest.approx(250)
    assert first["vertical_oscillation_m"] == pytest.approx(0.09)
    assert first["power_w"] == pytest.approx(240)
    assert first["heart_rate_bpm"] == pytest.approx(150)


def test_gaps_stay_gaps() -> None:
    records = [apple_record("HeartRate", t, t, 150, "count/min") for t in (0, 5, 60, 65)]
    heart = only(read([*records, apple_workout(0, 120)])).stream.channel("heart_rate_bpm")
    np.testing.assert_array_equal(np.flatnonzero(np.isfinite(heart)), [*range(6), *range(60, 66)])


def test_old_exports_state_totals_as_attributes_and_the_route_in_place() -> None:
    locations = "".join(
        f'<Location date="2024-05-01 07:00:{k:02d} +0100" latitude="{50 + k * 3 / 111195}" longitude="8" '
        f'altitude="{100 + k}" horizontalAccuracy="3" speed="-1"/>'
        for k in range(30)
    )
    workout = apple_workout(
        0,
        30,
        attributes='totalDistance="0.056" totalDistanceUnit="mi" totalEnergyBurned="5" totalEnergyBurnedUnit="kcal"',
        inside=f"<WorkoutRoute>{locations}</WorkoutRoute>",
    )
    reading = read([workout])
    activity = only(reading)
    assert activity.totals.distance_m == pytest.approx(0.056 * 1609.344)
    stream = activity.stream
    assert codes(reading) == {"distance_computed": 1}
    assert stream.channel("altitude_m")[5] == 105
    assert np.nanmax(stream.channel("distance_m")) == pytest.approx(87, rel=1e-3)
    assert not stream.has("speed_mps")


NEW = (
    '<MetadataEntry key="HKTimeZone" value="America/New_York"/>'
    '<MetadataEntry key="HKElevationAscended" value="1234 cm"/>'
    '<WorkoutStatistics type="HKQuantityTypeIdentifierDistanceWalkingRunning" sum="5.4" unit="km"/>'
    '<WorkoutStatistics type="HKQuantityTypeIdentifierHeartRate" average="151" minimum="90" maximum="181" '
    'unit="count/min"/><WorkoutStatistics type="HKQuantityTypeIdentifierStepCount" sum="5000" unit="count"/>'
    '<WorkoutStatistics type="HKQuantityTypeIdentifierRunningPower" average="240" unit="W"/>'
    '<WorkoutStatistics type="HKQuantityTypeIdentifierActiveEnergyBurned" sum="300" unit="kcal"/>'
)
ROUTE = '<WorkoutRoute><FileReference path="/workout-routes/route_2024-05-01_7.00am.gpx"/></WorkoutRoute>'


def test_new_exports_state_statistics_and_name_the_route() -> None:
    points = run_points(30, first_s=2.4)
    for point in points:
        for key in ("heart_rate", "run_cadence", "watts", "distance"):
            point[key] = None
    asked: list[str] = []

    def routes(path: str) -> bytes:
        asked.append(path)
        return gpx([gpx_track([points], kind="")], creator="Apple Health Export")

    reading = read([*apple_run(60), apple_workout(0, 60, inside=NEW + ROUTE)], routes)
    activity = only(reading)
    assert asked == ["/workout-routes/route_2024-05-01_7.00am.gpx"]
    totals = activity.totals
    assert (totals.distance_m, totals.ascent_m, totals.steps) == (5400.0, 12.34, 5000.0)
    assert (totals.average_heart_rate_bpm, totals.maximum_heart_rate_bpm, totals.average_power_w) == (151, 181, 240)
    assert activity.utc_offset_s == -4 * 3600
    stream = activity.stream
    assert (np.diff(stream.time_s) > 0).all()
    placed = np.isfinite(stream.channel("latitude_deg"))
    np.testing.assert_allclose(stream.time_s[placed], 2.4 + np.arange(30), atol=1e-5)
    np.testing.assert_allclose(stream.channel("speed_mps")[placed], 3.0)
    assert np.isfinite(stream.channel("heart_rate_bpm")[stream.time_s <= 55]).all()
    assert codes(reading) == {}


def test_routes_that_are_missing_or_broken_are_told() -> None:
    workout = apple_workout(0, 60, inside=ROUTE)
    assert codes(read([*apple_run(60), workout])) == {"route_missing": 1}
    reading = read([*apple_run(60), workout], lambda _: b"no gpx")
    assert codes(reading) == {"bad_route": 1}
    assert only(reading).stream.has("heart_rate_bpm")


def test_indoor_runs_are_on_the_treadmill() -> None:
    indoor = '<MetadataEntry key="HKIndoorWorkout" value="1"/>'
    assert only(read([apple_workout(inside=indoor)])).surface is Surface.TREADMILL
    assert only(read([apple_workout(inside=indoor.replace("1", "0"))])).surface is Surface.UNKNOWN
    assert only(read([apple_workout(inside=indoor, kind="Cycling")])).surface is Surface.UNKNOWN


@pytest.mark.parametrize(
    ("kind", "sport"),
    [
        ("Running", Sport.RUNNING),
        ("Walking", Sport.WALKING),
        ("Hiking", Sport.HIKING),
        ("Cycling", Sport.CYCLING),
        ("WheelchairRunPace", Sport.OTHER),
        ("SwimBikeRun", Sport.MULTISPORT),
        ("TraditionalStrengthTraining", Sport.STRENGTH),
        ("Yoga", Sport.OTHER),
    ],
)
def test_other_sports_have_totals_alone(kind: str, sport: Sport) -> None:
    activity = only(read([*apple_run(60), apple_workout(0, 60, kind=kind)]))
    assert activity.sport is sport
    assert (activity.stream is not None) == (sport is Sport.RUNNING)


def test_pauses_and_laps_come_from_events() -> None:
    def event(kind: str, at: int, more: str = "") -> str:
        return f'<WorkoutEvent type="HKWorkoutEventType{kind}" date="{apple_time(at)}" {more}/>'

    events = [
        event("Lap", 0, 'duration="5" durationUnit="min"'),
        event("Pause", 60),
        event("Resume", 90),
        event("MotionPaused", 100),
        event("MotionResumed", 120),
        event("Resume", 130),
        event("Segment", 0, 'duration="5" durationUnit="min"'),
        event("Pause", 590),
        '<WorkoutEvent type="HKWorkoutEventTypePause" date="never"/>',
    ]
    activity = only(read([apple_workout(0, 600, inside="".join(events))]))
    assert activity.pauses == (
        Interval(start_s=60, end_s=90),
        Interval(start_s=100, end_s=120),
        Interval(start_s=590, end_s=600),
    )
    assert activity.laps == (Lap(start_s=0, end_s=300),)


def test_the_zone_of_a_workout_may_be_nonsense() -> None:
    for value in ("Mars/Olympus", "../../etc/passwd", ""):
        inside = f'<MetadataEntry key="HKTimeZone" value="{value}"/>'
        assert only(read([apple_workout(inside=inside)])).utc_offset_s == 3600


def test_broken_workouts_and_samples_are_counted() -> None:
    bad = apple_workout().replace("2024-05-01 07:00:00 +0100", "soon")
    records = [
        apple_record("HeartRate", 0, 0, "fast", "count/min"),
        apple_record("HeartRate", 10, 5, 100, "count/min"),
        *apple_run(60),
    ]
    reading = read([*records, bad, apple_workout(0, 60)])
    assert codes(reading) == {"bad_number": 2, "bad_workout": 1}
    assert len(reading.activities) == 1


def test_a_watch_left_on_for_days_gets_no_samples() -> None:
    reading = read([*apple_run(60), apple_workout(0, 5 * 86_400)])
    assert codes(reading) == {"workout_too_long": 1}
    assert only(reading).stream is None


def test_control_characters_and_cut_ends_cost_only_themselves() -> None:
    parts = [*apple_run(600), apple_workout(0, 600)]
    parts[3] = parts[3].replace("Apple Watch", "Apple\x0bWatch")
    reading = read(parts)
    assert codes(reading) == {"bad_text": 1}
    data = apple([apple_workout(0, 600), *apple_run(600)])
    cut = read_apple_health(io.BytesIO(data[: len(data) * 2 // 3]))
    assert codes(cut) == {"truncated": 1}
    assert np.isfinite(only(cut).stream.channel("heart_rate_bpm")).sum() > 300


def test_damage_among_the_records_does_not_cost_the_workouts() -> None:
    data = apple([*apple_run(600), apple_workout(0, 600)])
    at = data.index(b"startDate", len(data) // 2)
    reading = read_apple_health(io.BytesIO(data[:at] + b"<" + data[at + 1 :]))
    assert codes(reading) == {"damaged_xml": 1}
    assert abs(reading.repairs[0].offset - at) <= 1
    assert np.isfinite(only(reading).stream.channel("heart_rate_bpm")).sum() > 580


def test_a_document_type_without_end_is_passed_over() -> None:
    data = apple([*apple_run(60), apple_workout(0, 60)]).replace(b"]>\n<HealthData", b"\n<HealthData")
    assert len(only(read_apple_health(io.BytesIO(data))).stream) == 61
    with pytest.raises(ActivityFileError, match="no end"):
        read_apple_health(io.BytesIO(b"<!DOCTYPE HealthData [ <!ELEMENT a"))


def test_more_samples_than_memory_allows_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apple_health, "SAMPLES_KEPT", 40)
    reading = read_apple_health(ForwardOnly(apple([*apple_run(60), apple_workout(0, 60)])))
    assert codes(reading) == {"too_many_samples": 8}


def test_other_documents_are_refused() -> None:
    for data in (b"", b"<gpx/>", b"no xml", b"\x00" * 100):
        with pytest.raises(ActivityFileError):
            read_apple_health(io.BytesIO(data))


class Years(io.RawIOBase):
    """An export made on the fly: `days` days of heart rate, one run in between, and the workout at the end."""

    def __init__(self, days: int, *, seekable: bool) -> None:
        self.days = days
        self._seekable = seekable
        self._rewind()

    def _rewind(self) -> None:
        self._parts = self._make()
        self._held = b""

    def _make(self) -> Iterator[bytes]:
        yield APPLE_HEAD.encode()
        yield "".join(apple_run(600)).encode()
        for day in range(1, self.days):
            at = day * 86_400
            yield apple_record("HeartRate", at, at, 60, "count/min").encode() * 1000
            yield apple_record("BodyMass", at, at, 60, "kg").encode() * 300
        yield apple_workout(0, 600).encode()
        yield b"</HealthData>"

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._seekable

    def tell(self) -> int:
        return 0

    def seek(self, offset: int, whence: int = 0) -> int:
        assert (offset, whence) == (0, 0)
        self._rewind()
        return 0

    def read(self, size: int = -1) -> bytes:
        while len(self._held) < size:
            part = next(self._parts, None)
            if part is None:
                break
            self._held += part
        out, self._held = self._held[:size], self._held[size:]
        return out


@pytest.mark.parametrize(("seekable", "bytes_per_sample"), [(True, 0), (False, 17)])
def test_memory_does_not_grow_with_the_file(seekable: bool, bytes_per_sample: int) -> None:
    peaks = []
    for days in (15, 45):
        source = Years(days, seekable=seekable)
        tracemalloc.start()
        reading = read_apple_health(source)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert np.isfinite(only(reading).stream.channel("heart_rate_bpm")).sum() > 590
    # 30 days more are 12 MB of text and 30,000 samples of heart rate; arrays grow with some room to spare.
    assert peaks[1] - peaks[0] < 400_000 + 30_000 * bytes_per_sample * 2


def test_days_are_found_across_the_edges_of_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    data = apple([*apple_run(60), apple_workout(0, 60)])
    expected = {"2024-04-30", "2024-05-01", "2024-05-02"}
    for size in (7, 100, 999, 5000, 1 << 20):
        monkeypatch.setattr(apple_health, "_SCAN_BYTES", size)
        assert apple_health._workout_days(io.BytesIO(data)) == expected
    assert (
        apple_health._workout_days(io.BytesIO(b'<Workout startDate="2024-99-01" endDate="0001-01-01">')) == frozenset()
    )


def test_a_source_of_the_watch_is_known_by_its_device_too() -> None:
    collector = apple_health._HealthCollector(apple_health.DEFAULT_LIMITS, None)
    watch = collector.source("Anna", "name:Apple Watch")
    assert collector.ranks[watch] == 0
    for k in range(5000):
        collector.source(f"{k}", "")
    assert collector.source("another", "") == 255
    assert len(collector.ranks) == 256
    assert collector.source(WATCH, "") <= 255
