import gzip
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from track_writers import SHARED_FILES, START, Point, iso, run_points, simple_tcx, tcx, tcx_activity, tcx_lap

from soleus.core.activity import Interval, Lap, Reading, Sport
from soleus.core.errors import ActivityFileError
from soleus.readers.fit import read_fit
from soleus.readers.tcx import read_tcx
from soleus.readers.trackpoints import points_read


def codes(reading: Reading) -> dict[str, int]:
    return {repair.code: repair.count for repair in reading.repairs}


def test_a_run_is_read_with_all_it_holds() -> None:
    points = run_points(20)
    lap = tcx_lap(
        [points],
        TotalTimeSeconds=19.5,
        DistanceMeters=57.0,
        Calories=5,
        AverageHeartRateBpm="<Value>129</Value>",
        MaximumHeartRateBpm="<Value>139</Value>",
        Intensity="Active",
    )
    reading = read_tcx(tcx([tcx_activity([lap], device="Garmin Forerunner 610")]))
    (activity,) = reading.activities
    assert codes(reading) == {}
    assert (activity.start_utc, activity.sport, activity.format) == (START, Sport.RUNNING, "tcx")
    assert (activity.device.manufacturer, activity.device.product) == ("garmin", "Garmin Forerunner 610")
    assert "3825396202" not in repr(activity)
    stream = activity.stream
    np.testing.assert_allclose(stream.time_s, np.arange(20.0))
    for key, channel in (
        ("heart_rate", "heart_rate_bpm"),
        ("altitude", "altitude_m"),
        ("distance", "distance_m"),
        ("speed", "speed_mps"),
        ("watts", "power_w"),
        ("lat", "latitude_deg"),
        ("lon", "longitude_deg"),
    ):
        np.testing.assert_allclose(stream.channel(channel), [p[key] for p in points])
    np.testing.assert_allclose(stream.channel("cadence_spm"), 168.0)
    assert activity.laps == (Lap(start_s=0.0, end_s=19.5, distance_m=57.0, timer_s=19.5, intensity="active"),)
    totals = activity.totals
    assert (totals.timer_s, totals.distance_m) == (19.5, 57.0)
    assert (totals.average_heart_rate_bpm, totals.maximum_heart_rate_bpm) == (129.0, 139.0)
    assert activity.pauses == ()


def test_cadence_of_a_chest_strap_or_polar_is_one_leg_too() -> None:
    points = [{**p, "run_cadence": None, "cadence": 80} for p in run_points(3)]
    np.testing.assert_allclose(read_tcx(simple_tcx(points)).activities[0].stream.channel("cadence_spm"), 160.0)
    assert not read_tcx(simple_tcx(points, sport="Biking")).activities[0].stream.has("cadence_spm")


def test_a_treadmill_file_with_both_feet_already_is_left_to_cleaning() -> None:
    points = [{**p, "run_cadence": 168.0} for p in run_points(3)]
    np.testing.assert_allclose(read_tcx(simple_tcx(points)).activities[0].stream.channel("cadence_spm"), 336.0)


def test_several_activities_and_sports() -> None:
    ride = tcx_activity([tcx_lap([run_points(5)])], sport="Biking")
    run = tcx_activity([tcx_lap([run_points(7, first_s=1000)])])
    other = tcx_activity([tcx_lap([run_points(3, first_s=9000)])], sport="Other")
    reading = read_tcx(tcx([ride, run, other]))
    assert [(a.sport, len(a.stream)) for a in reading.activities] == [
        (Sport.CYCLING, 5),
        (Sport.RUNNING, 7),
        (Sport.OTHER, 3),
    ]
    assert reading.activity is reading.activities[1]
    session = tcx([]).replace(
        b"<Activities>\n", f"<Activities><MultiSportSession><Id>{iso(0)}</Id><FirstSport>{run}</FirstSport>".encode()
    )
    session = session.replace(b"</Activities>", b"</MultiSportSession></Activities>")
    assert [len(a.stream) for a in read_tcx(session).activities] == [7]


def test_a_gap_between_tracks_of_a_lap_is_a_pause() -> None:
    lap = tcx_lap([run_points(10), run_points(10, first_s=100)], TotalTimeSeconds=19.0)
    activity = read_tcx(tcx([tcx_activity([lap])])).activities[0]
    assert activity.pauses == (Interval(start_s=9.0, end_s=100.0),)
    untimed = read_tcx(tcx([tcx_activity([tcx_lap([run_points(10), run_points(10, first_s=100)])])])).activities[0]
    assert untimed.pauses == activity.pauses


def test_a_pause_without_a_new_track_shows_in_the_timer_of_the_lap() -> None:
    points = run_points(10) + run_points(10, first_s=100)
    paused = tcx([tcx_activity([tcx_lap([points], TotalTimeSeconds=18.0)])])
    assert read_tcx(paused).activities[0].pauses == (Interval(start_s=9.0, end_s=100.0),)
    lost = tcx([tcx_activity([tcx_lap([points], TotalTimeSeconds=109.0)])])
    assert read_tcx(lost).activities[0].pauses == ()


def test_a_new_lap_is_no_pause_but_may_hide_one() -> None:
    first = tcx_lap([run_points(10)], TotalTimeSeconds=10.0)
    second = tcx_lap([run_points(10, first_s=10)], TotalTimeSeconds=10.0)
    later = tcx_lap([run_points(10, first_s=60)], TotalTimeSeconds=10.0)
    assert read_tcx(tcx([tcx_activity([first, second])])).activities[0].pauses == ()
    activity = read_tcx(tcx([tcx_activity([first, later])])).activities[0]
    assert activity.pauses == (Interval(start_s=9.0, end_s=60.0),)
    assert [(lap.start_s, lap.end_s) for lap in activity.laps] == [(0.0, 60.0), (60.0, 70.0)]


def test_a_pause_over_the_end_of_a_lap_is_cut_there() -> None:
    first = tcx_lap([run_points(10)], TotalTimeSeconds=12.0)
    second = tcx_lap([run_points(10, first_s=60)], start=iso(12), TotalTimeSeconds=11.0)
    activity = read_tcx(tcx([tcx_activity([first, second])])).activities[0]
    assert activity.pauses == (Interval(start_s=12.0, end_s=60.0),)


def test_laps_that_do_not_cover_the_points_give_no_totals() -> None:
    reading = read_tcx(tcx([tcx_activity([tcx_lap([run_points(100)], TotalTimeSeconds=50.0, DistanceMeters=100)])]))
    assert codes(reading) == {"laps_incomplete": 1}
    assert reading.activities[0].totals.timer_s is None


def test_rest_laps_are_named_unless_every_lap_is_one() -> None:
    easy = tcx_lap([run_points(10)], Intensity="Resting")
    hard = tcx_lap([run_points(10, first_s=10)], Intensity="Active")
    mixed = read_tcx(tcx([tcx_activity([easy, hard])])).activities[0]
    assert [lap.intensity for lap in mixed.laps] == ["rest", "active"]
    assert [lap.intensity for lap in read_tcx(tcx([tcx_activity([easy])])).activities[0].laps] == [""]


def test_points_may_lack_anything() -> None:
    points = run_points(6)
    points[1] = {"time": points[1]["time"]}
    points[2]["time"] = None
    points[3]["distance"] = None
    points[4]["lat"] = None
    points[5]["heart_rate"] = ""
    reading = read_tcx(simple_tcx(points))
    stream = reading.activities[0].stream
    assert codes(reading) == {"point_without_time": 1, "bad_position": 1}
    assert points_read(reading) == 6
    np.testing.assert_array_equal(np.isnan(stream.channel("distance_m")), [False, True, True, False, False])
    np.testing.assert_array_equal(np.isnan(stream.channel("latitude_deg")), [False, True, False, True, False])
    np.testing.assert_array_equal(np.isnan(stream.channel("heart_rate_bpm")), [False, True, False, False, True])


def test_an_activity_of_laps_alone_has_totals_and_no_stream() -> None:
    reading = read_tcx(tcx([tcx_activity([tcx_lap([], TotalTimeSeconds=1800, DistanceMeters=5000)])]))
    (activity,) = reading.activities
    assert activity.stream is None
    assert (activity.start_utc, activity.totals.distance_m, activity.elapsed_s) == (START, 5000.0, 1800.0)


def test_an_activity_without_any_time_is_left_out() -> None:
    reading = read_tcx(tcx([tcx_activity([tcx_lap([[{"lat": 1.0, "lon": 2.0}]], start="?")], id_text="?")]))
    assert reading.activities == ()
    assert points_read(reading) == 1


def test_the_start_is_the_laps_when_points_come_a_little_later() -> None:
    lap = tcx_lap([run_points(5, first_s=40)], start=iso(0))
    activity = read_tcx(tcx([tcx_activity([lap])])).activities[0]
    assert activity.start_utc == START
    assert activity.stream.time_s[0] == 40.0
    wrong_clock = tcx_lap([run_points(5, first_s=5000)], start=iso(0))
    assert read_tcx(tcx([tcx_activity([wrong_clock])])).activities[0].stream.time_s[0] == 0.0


def test_a_course_is_no_activity() -> None:
    points = simple_tcx(run_points(4)).decode()
    course = re.sub(r'<Activity Sport="Running">.*?<Lap[^>]*>', "<Course>", points, flags=re.DOTALL)
    course = course.replace("Activities", "Courses").replace("</Lap>\n</Activity>", "</Course>")
    reading = read_tcx(course.encode())
    assert reading.activities == ()
    assert codes(reading) == {"no_activity": 1, "course_points": 4}
    assert points_read(reading) == 4


def test_polar_times_are_marked_as_doubtful() -> None:
    device = simple_tcx(run_points(3), device="Polar M400")
    author = tcx([tcx_activity([tcx_lap([run_points(3)])])], author="Polar Flow Mobile Viewer")
    assert codes(read_tcx(device)) == codes(read_tcx(author)) == {"time_zone_doubt": 1}


@pytest.mark.parametrize(
    ("name", "product"),
    [("Anna's Apple Watch Series 4", "Apple Watch Series 4"), ("Anna Canary", ""), ("garmin me@canary.org", "garmin")],
)
def test_names_of_people_do_not_pass(name: str, product: str) -> None:
    reading = read_tcx(simple_tcx(run_points(3), device=name))
    assert reading.activities[0].device.product == product
    assert "anna" not in repr(reading).lower()
    assert "canary" not in repr(reading).lower()


def test_repeated_points_at_laps_are_merged_and_counted() -> None:
    first, second = run_points(10), run_points(10, first_s=9)
    reading = read_tcx(tcx([tcx_activity([tcx_lap([first]), tcx_lap([second])])]))
    assert codes(reading) == {"repeated_time": 1}
    assert points_read(reading) == 20


def test_damage_costs_one_point_and_truncation_only_the_rest() -> None:
    data = simple_tcx(run_points(60))
    at = data.index(b"</Time>", len(data) // 2)
    reading = read_tcx(data[:at] + b"<\x01<" + data[at + 3 :])
    assert codes(reading)["damaged_xml"] == 1
    assert len(reading.activities[0].stream) >= 59
    assert reading.activities[0].stream.time_s[-1] == 59.0
    cut = read_tcx(data[: at + 3])
    assert codes(cut) == {"truncated": 1}
    assert points_read(cut) == data[:at].count(b"</Trackpoint>")


def test_a_damaged_head_does_not_cost_the_points() -> None:
    data = simple_tcx(run_points(30))
    reading = read_tcx(data.replace(b"<Activities>", b"<Activities", 1))
    assert len(reading.activities[0].stream) >= 29
    beheaded = read_tcx(b"??" + data)
    assert len(beheaded.activities[0].stream) == 30
    assert beheaded.activities[0].sport is Sport.RUNNING


def test_damage_between_laps_keeps_the_next_lap_and_activity() -> None:
    laps = [tcx_lap([run_points(20, first_s=k * 20)], TotalTimeSeconds=20.0) for k in range(3)]
    data = tcx([tcx_activity(laps), tcx_activity([tcx_lap([run_points(9, first_s=4000)])], sport="Biking")])
    broken = data.replace(b"</Lap>", b"</Lip>", 1).replace(b"</Activity>", b"<//Activity>", 1)
    reading = read_tcx(broken)
    assert [(len(a.stream), len(a.laps), a.sport) for a in reading.activities] == [
        (60, 3, Sport.RUNNING),
        (9, 1, Sport.CYCLING),
    ]


def test_namespace_prefixes_do_not_matter() -> None:
    data = simple_tcx(run_points(5)).decode()
    prefixed = re.sub(r"<(/?)([A-Z])", r"<\1t:\2", data).replace("t:ns3:", "ns3:")
    stream = read_tcx(prefixed.encode()).activities[0].stream
    assert len(stream) == 5
    assert stream.has("heart_rate_bpm")


def test_other_documents_are_refused() -> None:
    for data in (b"", b"<gpx/>", b"not xml", b"\x00" * 100):
        with pytest.raises(ActivityFileError):
            read_tcx(data)


OPTIONAL = st.one_of(st.none(), st.integers(0, 250).map(float))


@settings(max_examples=60, deadline=None)
@given(st.data(), st.lists(st.integers(0, 15), min_size=1, max_size=5))
def test_what_was_written_is_read(data: st.DataObject, sizes: list[int]) -> None:
    clock = 0.0
    laps: list[list[Point]] = []
    for size in sizes:
        lap: list[Point] = []
        for _ in range(size):
            clock += data.draw(st.integers(1, 20_000)) / 1000.0
            keys = ("altitude", "heart_rate", "run_cadence", "speed", "distance", "watts")
            lap.append({"time": iso(clock), **{key: data.draw(OPTIONAL) for key in keys}})
        laps.append(lap)
    points = [point for lap in laps for point in lap]
    reading = read_tcx(tcx([tcx_activity([tcx_lap([lap]) for lap in laps])]))
    assert points_read(reading) == len(points)
    stream = reading.activities[0].stream
    if stream is None:
        assert points == []
        return
    assert len(stream) == len(points)
    names = {"altitude": "altitude_m", "heart_rate": "heart_rate_bpm", "speed": "speed_mps", "watts": "power_w"}
    for key, channel in names.items():
        expected = np.array([np.nan if p[key] is None else p[key] for p in points], dtype=float)
        np.testing.assert_allclose(stream.channel(channel), expected)


REAL = sorted(p for p in SHARED_FILES.rglob("*") if ".tcx" in p.name.lower()) if SHARED_FILES.exists() else []


def content(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


@pytest.mark.skipif(not REAL, reason="the real files are not here")
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_files_are_read_to_the_last_point(path: Path) -> None:
    data = content(path)
    reading = read_tcx(data)
    assert points_read(reading) == len(re.findall(rb"<Trackpoint[\s>]", data))
    assert len(reading.activities) == len(re.findall(rb"<Activity[\s>]", data))
    for activity in reading.activities:
        assert (np.diff(activity.stream.time_s) > 0).all()
        assert activity.stream.has("distance_m")


@pytest.mark.skipif(not REAL, reason="the real files are not here")
def test_pauses_of_a_real_month_explain_the_timer() -> None:
    month = [path for path in REAL if path.name.startswith("2013-06")]
    assert len(month) == 33
    for path in month:
        activity = read_tcx(content(path)).activities[0]
        paused = sum(pause.end_s - pause.start_s for pause in activity.pauses)
        running = activity.stream.time_s[-1] - activity.stream.time_s[0] - paused
        assert running == pytest.approx(activity.totals.timer_s, abs=7.0), path.name


@pytest.mark.skipif(not REAL, reason="the real files are not here")
def test_a_watch_is_the_same_watch_in_fit_and_tcx() -> None:
    (path,) = (path for path in REAL if path.name == "activity_234979239.tcx")
    digest = read_tcx(content(path)).activities[0].device.digest
    assert digest == read_fit(path.with_suffix(".fit").read_bytes()).activities[0].device.digest != ""


@pytest.mark.skipif(not REAL, reason="the real files are not here")
def test_pauses_are_those_of_the_timer_of_the_same_run_in_fit() -> None:
    """`connectstats/activity_234979239` is there as FIT too; the watch's ten timer stops are found in the TCX."""
    (path,) = (path for path in REAL if path.name == "activity_234979239.tcx")
    activity = read_tcx(content(path)).activities[0]
    paused = sum(pause.end_s - pause.start_s for pause in activity.pauses)
    assert 9 <= len(activity.pauses) <= 12
    assert activity.stream.time_s[-1] - paused == pytest.approx(2857.0, abs=6.0)
