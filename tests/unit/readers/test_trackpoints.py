from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soleus.core.activity import Interval, Reading, Repair
from soleus.readers import trackpoints as tp


def epoch(*parts: int, offset_h: float = 0) -> float:
    return datetime(*parts, tzinfo=timezone(timedelta(hours=offset_h))).timestamp()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-02-29T10:11:12Z", epoch(2024, 2, 29, 10, 11, 12)),
        ("2024-02-29t10:11:12z", epoch(2024, 2, 29, 10, 11, 12)),
        ("2024-02-29T10:11:12.250Z", epoch(2024, 2, 29, 10, 11, 12) + 0.25),
        ("2024-02-29T10:11:12,5Z", epoch(2024, 2, 29, 10, 11, 12) + 0.5),
        ("2024-02-29T10:11:12.123456789Z", epoch(2024, 2, 29, 10, 11, 12) + 0.123456789),
        ("2024-02-29T10:11:12+02:00", epoch(2024, 2, 29, 10, 11, 12, offset_h=2)),
        ("2024-02-29T10:11:12.994-03:30", epoch(2024, 2, 29, 10, 11, 12, offset_h=-3.5) + 0.994),
        ("2024-02-29T10:11:12+0545", epoch(2024, 2, 29, 10, 11, 12, offset_h=5.75)),
        ("2024-02-29 10:11:12 +0100", epoch(2024, 2, 29, 10, 11, 12, offset_h=1)),
        ("  2024-02-29T10:11:12Z\n", epoch(2024, 2, 29, 10, 11, 12)),
        ("2024-02-29T10:11:12", epoch(2024, 2, 29, 10, 11, 12)),
        ("2023-02-29T10:11:12Z", None),
        ("2024-13-01T10:11:12Z", None),
        ("2024-01-00T10:11:12Z", None),
        ("2024-01-01T24:11:12Z", None),
        ("2024-01-01T10:61:12Z", None),
        ("2024-01-01T10:11:12.Z", None),
        ("2024-01-01T10:11:12.1x3Z", None),
        ("2024-01-01T10:11:12+99:00", None),
        ("1970-01-01T00:00:00Z", None),
        ("2150-01-01T00:00:00Z", None),
        ("2024-01-01T10:11:1Z", None),
        ("2024-01-01T10:11:2+01:00", None),
        ("2024/01/01 10:11:12Z", None),
        ("yesterday", None),
        ("２０２４-01-01T10:11:12Z", None),
        ("x" * 100, None),
        ("", None),
    ],
)
def test_times_are_read_one_way(text: str, expected: float | None) -> None:
    times = tp.parse_times([text])
    if expected is None:
        assert np.isnan(times.epoch_s[0])
        assert times.bad == bool(text.strip())
    else:
        assert times.epoch_s[0] == pytest.approx(expected, abs=1e-6)


def test_mixed_times_keep_their_places_and_name_the_first_zone() -> None:
    texts = [
        "2024-05-01T10:00:00Z",
        "bad",
        "2024-05-01T12:00:00+02:00",
        "2024-05-01T10:00:00.5Z",
        "2024-05-01T10:00:01",
    ]
    times = tp.parse_times(texts)
    start = epoch(2024, 5, 1, 10, 0, 0)
    np.testing.assert_allclose(times.epoch_s, [start, np.nan, start, start + 0.5, start + 1])
    assert (times.bad, times.naive, times.offset_s) == (1, 1, 7200)


NAIVE = st.datetimes(min_value=datetime(1981, 1, 1), max_value=datetime(2099, 12, 31))  # noqa: DTZ001


@given(NAIVE, st.integers(-14 * 60, 14 * 60))
def test_any_instant_is_read_as_the_standard_library_reads_it(when: datetime, minutes: int) -> None:
    aware = when.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    times = tp.parse_times([aware.isoformat()])
    assert times.epoch_s[0] == pytest.approx(aware.timestamp(), abs=2e-6)


def test_numbers_tell_bad_from_absent() -> None:
    values, bad = tp.parse_numbers(["1.5", " 2 ", "", "x", "12,5", "inf", "nan", "1e3", "-1e10"])
    np.testing.assert_allclose(values, [1.5, 2, np.nan, np.nan, 12.5, np.nan, np.nan, 1000, np.nan])
    assert bad == 4


def ordered(
    times: list[float], segment: list[int] | None = None, **columns: list[float]
) -> tuple[tp.Track, dict[str, int]]:
    track, repairs = tp.order(
        np.array(times, dtype=float),
        np.array(segment or [0] * len(times)),
        {name: np.array(values, dtype=float) for name, values in columns.items()},
    )
    counts = {repair.code: repair.count for repair in repairs}
    assert len(track) + sum(counts.values()) == len(times)
    assert (np.diff(track.epoch_s) > 0).all()
    return track, counts


def test_points_without_time_are_told() -> None:
    track, counts = ordered([1, np.nan, 3], a=[1, 2, 3])
    assert counts == {"point_without_time": 1}
    np.testing.assert_array_equal(track.columns["a"], [1, 3])


def test_a_clock_not_yet_set_does_not_move_the_run() -> None:
    track, counts = ordered([1e8, 1e8 + 1, 1.7e9, 1.7e9 + 1, 1.7e9 + 2])
    assert counts == {"time_far_off": 2}
    assert track.epoch_s[0] == 1.7e9


def test_segments_are_put_in_order_of_time() -> None:
    track, counts = ordered([10, 11, 1, 2], segment=[0, 0, 1, 1], a=[10, 11, 1, 2])
    assert counts == {}
    np.testing.assert_array_equal(track.columns["a"], [1, 2, 10, 11])
    np.testing.assert_array_equal(track.segment, [1, 1, 0, 0])


@pytest.mark.parametrize(
    ("times", "left"),
    [([1, 2, 3, 100, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 7]), ([1, 2, 3, 4, 5, 2, 3, 6], [1, 2, 3, 4, 5, 6])],
)
def test_where_the_clock_jumps_the_smaller_part_is_left_out(times: list[float], left: list[float]) -> None:
    track, counts = ordered(times)
    np.testing.assert_array_equal(track.epoch_s, left)
    assert set(counts) == {"time_went_back"}


def test_repeated_times_are_merged_without_losing_values() -> None:
    track, counts = ordered(
        [1, 2, 2, 2, 3], a=[1, np.nan, 7, 8, 3], b=[1, 2, 9, 9, 3], c=[np.nan, np.nan, np.nan, 4, 5]
    )
    assert counts == {"repeated_time": 2}
    np.testing.assert_array_equal(track.columns["a"], [1, 7, 3])
    np.testing.assert_array_equal(track.columns["b"], [1, 2, 3])
    np.testing.assert_array_equal(track.columns["c"], [np.nan, 4, 5])


def test_nothing_stays_nothing() -> None:
    track, counts = ordered([])
    assert len(track) == 0
    assert counts == {}


@given(st.lists(st.one_of(st.just(float("nan")), st.integers(0, 40).map(float)), max_size=30), st.data())
def test_no_point_is_lost_silently(times: list[float], data: st.DataObject) -> None:
    segment = sorted(data.draw(st.lists(st.integers(0, 4), min_size=len(times), max_size=len(times))))
    ordered(times, segment, a=list(range(len(times))))


def test_haversine_knows_a_degree() -> None:
    one_degree_m = np.pi * tp.EARTH_RADIUS_M / 180
    north = tp.haversine_m(np.array([0.0, 1.0]), np.array([5.0, 5.0]))
    east_at_60 = tp.haversine_m(np.array([60.0, 60.0]), np.array([0.0, 0.001]))
    np.testing.assert_allclose(north, [one_degree_m], rtol=1e-12)
    np.testing.assert_allclose(east_at_60, [one_degree_m * 0.001 * 0.5], rtol=1e-6)
    np.testing.assert_allclose(
        tp.haversine_m(np.array([90.0, -90.0]), np.array([0.0, 0.0])), [np.pi * tp.EARTH_RADIUS_M]
    )


def test_distance_leaves_out_lost_fixes_and_pauses() -> None:
    time = np.arange(5.0)
    latitude = np.array([0.0, 0.001, np.nan, 0.003, 0.004])
    step = np.pi * tp.EARTH_RADIUS_M / 180 * 0.001
    plain = tp.distance_from_positions(time, latitude, np.zeros(5))
    np.testing.assert_allclose(plain, [0, step, np.nan, 3 * step, 4 * step])
    paused = tp.distance_from_positions(time, latitude, np.zeros(5), [Interval(start_s=1, end_s=3)])
    np.testing.assert_allclose(paused, [0, step, np.nan, step, 2 * step])
    assert np.isnan(tp.distance_from_positions(time[:1], latitude[:1], np.zeros(1))).all()


def test_positions_that_cannot_be_are_absent() -> None:
    columns = {"lat": np.array([1, 91, 0, np.nan, 2.0]), "lon": np.array([1, 1, 0, 5, 181.0])}
    place = tp.positions(columns, "lat", "lon")
    assert place is not None
    np.testing.assert_array_equal(place[0], [1, np.nan, np.nan, np.nan, np.nan])
    assert place[2] == 4
    assert tp.positions({}, "lat", "lon") is None


def test_columns_are_converted_in_blocks_without_mixing_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tp, "BLOCK_POINTS", 4)
    columns = tp.Columns("time")
    row, text = columns.adders("a")
    for k in range(11):
        if k != 5:
            row(k)
            text(str(k))
        columns.points += 1
        columns.flush()
    row(11)
    text("99")  # a half-read point that was never finished
    table = columns.take()
    np.testing.assert_array_equal(table["a"], [0, 1, 2, 3, 4, np.nan, 6, 7, 8, 9, 10])


def test_points_read_adds_what_was_left_out() -> None:
    repairs = (Repair(code="repeated_time", detail="", count=3), Repair(code="bad_number", detail="", count=5))
    assert tp.points_read(Reading(repairs=repairs)) == 3


def test_utc_is_aware() -> None:
    assert tp.utc(0.5) == datetime(1970, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "offset"),
    [("Z", None), ("+00:00", None), ("+0000", None), ("", 0), ("+05:30", 19_800), ("-03:30", -12_600)],
)
def test_the_zone_of_the_points_says_where_the_runner_was_unless_it_only_says_utc(zone, offset):
    columns = tp.Columns("time")
    rows, texts = columns.adders("time")
    for second in range(3):
        columns.points += 1
        rows(second)
        texts(f"2026-05-10T23:30:0{second}{zone}")
    columns.flush(force=True)
    assert columns.first_offset_s == offset
