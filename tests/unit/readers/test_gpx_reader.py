import gzip
import io
import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from track_writers import SHARED_FILES, START, Point, gpx, gpx_point, gpx_track, iso, run_points, simple_gpx

from soleus.core.activity import Interval, Reading, Sport, Surface
from soleus.core.errors import ActivityFileError
from soleus.readers.gpx import read_gpx
from soleus.readers.trackpoints import points_read


def codes(reading: Reading) -> dict[str, int]:
    return {repair.code: repair.count for repair in reading.repairs}


def test_a_run_is_read_with_all_it_holds() -> None:
    points = run_points(20)
    for k, point in enumerate(points):
        point["temperature"] = 12.0 + k
    reading = read_gpx(simple_gpx(points))
    activity = reading.activity
    assert activity is not None
    assert (activity.start_utc, activity.sport, activity.format) == (START, Sport.RUNNING, "gpx")
    assert activity.utc_offset_s is None
    assert (activity.device.manufacturer, activity.device.product) == ("garmin", "Garmin Connect")
    stream = activity.stream
    assert stream is not None
    np.testing.assert_allclose(stream.time_s, np.arange(20.0))
    np.testing.assert_allclose(stream.channel("heart_rate_bpm"), [p["heart_rate"] for p in points])
    np.testing.assert_allclose(stream.channel("altitude_m"), [p["altitude"] for p in points])
    np.testing.assert_allclose(stream.channel("temperature_degc"), [p["temperature"] for p in points])
    np.testing.assert_allclose(stream.channel("cadence_spm"), 168.0)
    np.testing.assert_allclose(stream.channel("power_w"), 250.0)
    np.testing.assert_allclose(stream.channel("distance_m"), np.arange(20) * 3.0)
    assert codes(reading) == {}
    assert activity.laps == activity.pauses == ()


def test_a_stream_is_as_good_as_bytes() -> None:
    data = simple_gpx(run_points(5))
    assert points_read(read_gpx(io.BytesIO(data))) == points_read(read_gpx(data)) == 5


def test_distance_is_summed_from_positions_when_absent() -> None:
    points = run_points(10)
    for point in points:
        point["distance"] = None
    reading = read_gpx(simple_gpx(points))
    assert codes(reading) == {"distance_computed": 1}
    np.testing.assert_allclose(reading.activities[0].stream.channel("distance_m"), np.arange(10) * 3.0, rtol=1e-3)


def test_a_new_segment_is_a_pause_and_its_way_does_not_count() -> None:
    first, second = run_points(10), run_points(10, first_s=100)
    for point in first + second:
        point["distance"] = None
    reading = read_gpx(gpx([gpx_track([first, [], second])]))
    activity = reading.activities[0]
    assert activity.pauses == (Interval(start_s=9.0, end_s=100.0),)
    assert activity.stream.channel("distance_m")[-1] == pytest.approx(18 * 3.0, rel=1e-3)


def test_tracks_close_in_time_are_one_run_and_others_are_not() -> None:
    parts = [run_points(10), run_points(10, first_s=60), run_points(10, first_s=9000)]
    tracks = [gpx_track([part]) for part in parts]
    together = read_gpx(gpx(tracks))
    assert [len(a.stream) for a in together.activities] == [20, 10]
    other_sport = read_gpx(gpx([tracks[0], gpx_track([parts[1]], kind="cycling")]))
    assert [a.sport for a in other_sport.activities] == [Sport.RUNNING, Sport.CYCLING]
    assert not other_sport.activities[1].stream.has("cadence_spm")
    hours_apart = read_gpx(gpx([gpx_track([run_points(5), run_points(5, first_s=5 * 3600)])]))
    assert len(hours_apart.activities) == 2


@pytest.mark.parametrize(
    ("kind", "sport", "surface"),
    [
        ("running", Sport.RUNNING, Surface.UNKNOWN),
        ("RUN", Sport.RUNNING, Surface.UNKNOWN),
        ("9", Sport.RUNNING, Surface.UNKNOWN),
        ("1", Sport.CYCLING, Surface.UNKNOWN),
        ("trail_running", Sport.RUNNING, Surface.TRAIL),
        ("treadmill_running", Sport.RUNNING, Surface.TREADMILL),
        ("track_running", Sport.RUNNING, Surface.TRACK),
        ("street_running", Sport.RUNNING, Surface.ROAD),
        ("hiking", Sport.HIKING, Surface.UNKNOWN),
        ("walking", Sport.WALKING, Surface.UNKNOWN),
        ("open_water_swimming", Sport.SWIMMING, Surface.UNKNOWN),
        ("kitesurfing", Sport.OTHER, Surface.UNKNOWN),
        ("", Sport.UNKNOWN, Surface.UNKNOWN),
    ],
)
def test_sport_and_ground_come_from_the_type(kind: str, sport: Sport, surface: Surface) -> None:
    activity = read_gpx(simple_gpx(run_points(3), kind=kind)).activities[0]
    assert (activity.sport, activity.surface) == (sport, surface)


@pytest.mark.parametrize(
    ("title", "sport"),
    [
        ("Afternoon Run", Sport.RUNNING),
        ("Lauf am Morgen", Sport.RUNNING),
        ("Evening Ride", Sport.CYCLING),
        ("Lunch walk/run", Sport.UNKNOWN),
        ("Brunch with Anna", Sport.UNKNOWN),
        ("", Sport.UNKNOWN),
    ],
)
def test_without_a_type_the_title_may_name_the_sport(title: str, sport: Sport) -> None:
    reading = read_gpx(gpx([gpx_track([run_points(3)], kind="", name=title)]))
    assert reading.activities[0].sport is sport
    assert ("unknown_sport" in codes(reading)) == (sport is Sport.UNKNOWN)
    assert read_gpx(gpx([gpx_track([run_points(3)], name=title)])).activities[0].sport is Sport.RUNNING


def test_extensions_of_other_makers_are_understood() -> None:
    cluetrust = (
        '<gpx version="1.1" creator="Movescount - http://www.movescount.com"><trk><trkseg>'
        f'<trkpt lat="50" lon="8"><ele>1</ele><time>{iso(0)}</time><extensions><gpxtpx:TrackPointExtension '
        'xmlns:gpxtpx="x"><gpxtpx:hr>98</gpxtpx:hr></gpxtpx:TrackPointExtension><gpxdata:cadence>87</gpxdata:cadence>'
        "<gpxdata:temp>20.5</gpxdata:temp><gpxdata:distance>17</gpxdata:distance><gpxdata:speed>2.6</gpxdata:speed>"
        f'</extensions></trkpt><trkpt lat="50" lon="8"><time>{iso(1)}</time><extensions><heartrate>99</heartrate>'
        "<PowerInWatts>200</PowerInWatts></extensions></trkpt></trkseg></trk></gpx>"
    )
    activity = read_gpx(cluetrust.encode()).activities[0]
    stream = activity.stream
    np.testing.assert_array_equal(stream.channel("heart_rate_bpm"), [98, 99])
    np.testing.assert_array_equal(stream.channel("cadence_spm"), [174, np.nan])
    np.testing.assert_array_equal(stream.channel("temperature_degc"), [20.5, np.nan])
    np.testing.assert_array_equal(stream.channel("distance_m"), [17, np.nan])
    np.testing.assert_array_equal(stream.channel("speed_mps"), [2.6, np.nan])
    np.testing.assert_array_equal(stream.channel("power_w"), [np.nan, 200])
    assert (activity.device.manufacturer, activity.device.product) == ("suunto", "Movescount")


def test_a_barometer_is_known_from_the_name_platforms_ask_for() -> None:
    assert read_gpx(gpx([gpx_track([run_points(3)])], creator="Garmin Edge with Barometer")).activities[0].barometer
    assert read_gpx(simple_gpx(run_points(3))).activities[0].barometer is None


def test_names_of_people_do_not_pass() -> None:
    data = gpx([gpx_track([run_points(3)], name="Anna Canary with Ben")], creator="Anna Canary's phone")
    assert "Canary" not in repr(read_gpx(data))


def test_a_route_without_times_is_counted_and_told() -> None:
    points = [{**point, "time": None} for point in run_points(7)]
    reading = read_gpx(simple_gpx(points))
    assert reading.activities == ()
    assert codes(reading) == {"no_times": 7}
    assert points_read(reading) == 7


def test_some_points_without_time_are_counted_and_told() -> None:
    points = run_points(7)
    points[3]["time"] = None
    untimed = [{**point, "time": None} for point in run_points(4)]
    reading = read_gpx(gpx([gpx_track([points]), gpx_track([untimed])]))
    assert codes(reading) == {"point_without_time": 5}
    assert points_read(reading) == 11


def test_a_file_of_waypoints_holds_no_activity() -> None:
    reading = read_gpx(b'\xef\xbb\xbf\n<?xml version="1.0"?><gpx><wpt lat="1" lon="2"><time>x</time></wpt></gpx>')
    assert reading.activities == ()
    assert codes(reading) == {"no_track": 1}


def test_a_zone_in_the_times_is_kept() -> None:
    points = run_points(2)
    points[0]["time"], points[1]["time"] = "2015-12-11T15:43:13.000+01:00", "2015-12-11T15:43:13.994+01:00"
    activity = read_gpx(simple_gpx(points)).activities[0]
    assert activity.utc_offset_s == 3600
    assert activity.start_utc == datetime(2015, 12, 11, 14, 43, 13, tzinfo=UTC)
    np.testing.assert_allclose(activity.stream.time_s, [0, 0.994], atol=1e-6)


def test_leading_space_bom_and_other_encodings() -> None:
    data = simple_gpx(run_points(4))
    for variant in (
        b"\xef\xbb\xbf" + data,
        b"\n\n  " + data,
        data.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        data.replace(b"UTF-8", b"ISO-8859-1").replace(b"Morning", b"Caf\xe9"),
    ):
        reading = read_gpx(variant)
        assert len(reading.activities[0].stream) == 4
        assert reading.repairs == ()


@pytest.mark.parametrize(
    "fault", [b"Caf\xe9 run", b"Run & fun", b"Run\x00\x0b", b"&nbsp;night", b"\xc3", b"\xed\xa0\x80"]
)
def test_broken_text_in_a_name_costs_no_point(fault: bytes) -> None:
    data = simple_gpx(run_points(5)).replace(b"Morning", fault)
    reading = read_gpx(data)
    assert len(reading.activities[0].stream) == 5
    (repair,) = reading.repairs
    assert repair.code == "bad_text"
    assert repair.offset is not None
    assert data[repair.offset : repair.offset + 1] in fault


@pytest.mark.parametrize("name", ["utf-16", "no-such-encoding", "idna", "hex"])
def test_a_wrongly_declared_encoding_costs_no_point(name: str) -> None:
    reading = read_gpx(simple_gpx(run_points(5)).replace(b"UTF-8", name.encode()))
    assert len(reading.activities[0].stream) == 5


def test_a_file_cut_short_keeps_all_before_the_end() -> None:
    data = simple_gpx(run_points(50))
    cut = data.index(b"<trkpt", len(data) // 2) + 10
    reading = read_gpx(data[:cut])
    assert points_read(reading) == data[:cut].count(b"</trkpt>")
    (repair,) = reading.repairs
    assert repair.code == "truncated"
    assert data[: repair.offset].count(b"</trkpt>") == points_read(reading)


def test_reading_goes_on_behind_damage() -> None:
    data = simple_gpx(run_points(50))
    at = data.index(b"</time>", len(data) // 2)
    broken = data[:at] + b"<<<" + data[at + 3 :]
    reading = read_gpx(broken)
    assert codes(reading)["damaged_xml"] == 1
    damage = next(repair for repair in reading.repairs if repair.code == "damaged_xml")
    assert abs(damage.offset - at) <= 3
    assert len(reading.activities[0].stream) >= 49
    assert reading.activities[0].stream.time_s[-1] == 49.0
    assert reading.activities[0].pauses == ()


def test_a_damaged_head_does_not_cost_the_points() -> None:
    data = simple_gpx(run_points(30))
    reading = read_gpx(data.replace(b"<gpx ", b"<g<px ", 1))
    assert len(reading.activities[0].stream) == 30
    assert codes(reading)["damaged_xml"] == 1
    with pytest.raises(ActivityFileError):
        read_gpx(b"an article about <trkpt lat='1'> and <trkpt lat='2'>")


def test_bad_values_are_absent_and_counted() -> None:
    points = run_points(4)
    points[1]["heart_rate"] = "--"
    points[2]["lat"] = 95.0
    points[3]["lon"] = None
    reading = read_gpx(simple_gpx(points))
    stream = reading.activities[0].stream
    assert codes(reading) == {"bad_number": 1, "bad_position": 2}
    np.testing.assert_array_equal(np.isnan(stream.channel("heart_rate_bpm")), [False, True, False, False])
    np.testing.assert_array_equal(np.isnan(stream.channel("latitude_deg")), [False, False, True, True])


def test_repeated_and_backward_times_are_counted() -> None:
    points = run_points(10)
    points[4]["time"] = points[3]["time"]
    points[7]["time"] = iso(2.5)
    reading = read_gpx(simple_gpx(points))
    assert codes(reading) == {"repeated_time": 1, "time_went_back": 1}
    assert points_read(reading) == 10


def test_other_documents_are_refused() -> None:
    for data in (b"", b"   ", b"not xml", b"<html></html>", b"\x00" * 100, b"PK\x03\x04rest", b"<kml><Track/></kml>"):
        with pytest.raises(ActivityFileError):
            read_gpx(data)


OPTIONAL = st.one_of(st.none(), st.integers(0, 250).map(float))


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 40))
def test_what_was_written_is_read(data: st.DataObject, n: int) -> None:
    steps = data.draw(st.lists(st.integers(1, 20_000), min_size=n, max_size=n))
    times = np.cumsum(steps) / 1000.0
    points: list[Point] = [
        {
            "time": iso(float(t)),
            "lat": data.draw(st.floats(-89, 89).map(lambda v: round(v, 7))) or 0.5,
            "lon": data.draw(st.floats(-179, 179).map(lambda v: round(v, 7))),
            "altitude": data.draw(OPTIONAL),
            "heart_rate": data.draw(OPTIONAL),
            "run_cadence": data.draw(OPTIONAL),
            "speed": data.draw(OPTIONAL),
            "distance": data.draw(OPTIONAL),
        }
        for t in times
    ]
    reading = read_gpx(simple_gpx(points))
    stream = reading.activities[0].stream
    assert len(stream) == n == points_read(reading)
    np.testing.assert_allclose(stream.time_s, times - times[0], atol=1e-5)
    names = {"altitude": "altitude_m", "heart_rate": "heart_rate_bpm", "speed": "speed_mps", "lat": "latitude_deg"}
    for key, channel in names.items():
        expected = np.array([np.nan if p[key] is None else p[key] for p in points], dtype=float)
        np.testing.assert_allclose(stream.channel(channel), expected)
    cadence = np.array([np.nan if p["run_cadence"] is None else p["run_cadence"] for p in points], dtype=float)
    np.testing.assert_allclose(stream.channel("cadence_spm"), cadence * 2)


REAL = sorted(SHARED_FILES.rglob("*.gpx*")) if SHARED_FILES.exists() else []


def content(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


@pytest.mark.skipif(not REAL, reason="the real files are not here")
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_files_are_read_to_the_last_point(path: Path) -> None:
    data = content(path)
    reading = read_gpx(data)
    assert points_read(reading) == len(re.findall(rb"<trkpt[\s>]", data))
    for activity in reading.activities:
        assert activity.stream is not None
        assert (np.diff(activity.stream.time_s) > 0).all()
        assert activity.stream.has("distance_m")


@pytest.mark.skipif(not REAL, reason="the real files are not here")
def test_the_suunto_file_has_all_its_channels() -> None:
    (path,) = (path for path in REAL if path.name == "movescount.gpx")
    stream = read_gpx(content(path)).activities[0].stream
    data = content(path)
    assert np.count_nonzero(np.isfinite(stream.channel("heart_rate_bpm"))) == data.count(b"<gpxtpx:hr>")
    assert np.count_nonzero(np.isfinite(stream.channel("cadence_spm"))) == data.count(b"<gpxdata:cadence>")
    assert np.count_nonzero(np.isfinite(stream.channel("temperature_degc"))) == data.count(b"<gpxdata:temp>")


def test_points_outside_segments_and_empty_fields() -> None:
    bare = "<gpx><trk>" + "".join(gpx_point(p) for p in run_points(3)) + "</trk></gpx>"
    assert len(read_gpx(bare.encode()).activities[0].stream) == 3
    empty = simple_gpx(run_points(3)).replace(b"<ele>100.5</ele>", b"<ele/>")
    reading = read_gpx(empty)
    assert reading.repairs == ()
    assert np.isnan(reading.activities[0].stream.channel("altitude_m")[1])
