"""Our own generated files: each kind of damage is survived, told of, and costs little."""

import time
import tracemalloc
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from fit_corpus import CORPUS, LARGE, START, T0, UNIX_T0, interleaved, run_columns, run_file, truncated_at

from soleus.core.activity import Interval, Label, Sport, Surface
from soleus.readers.fit import read_fit
from soleus.readers.fit_decode import decode
from soleus.readers.fit_profile import HRV, LAP, RECORD
from soleus.readers.fit_walk import FitLimits


def codes(reading) -> list[str]:
    return [repair.code for repair in reading.repairs]


@pytest.fixture(scope="module")
def corpus() -> dict[str, bytes]:
    return {name: build() for name, build in CORPUS.items()}


def test_a_plain_run_is_read_as_written(corpus):
    reading = read_fit(corpus["plain"])
    assert reading.repairs == ()
    run = reading.activity
    assert run.start_utc == START
    assert (run.sport, run.surface, run.format) == (Sport.RUNNING, Surface.UNKNOWN, "fit")
    assert run.utc_offset_s == 7200
    assert run.barometer is True
    assert (run.device.manufacturer, run.device.product) == ("garmin", "fr945")
    assert run.device.digest
    assert "3900000001" not in repr(run)
    channels, columns = run.stream.channels, run_columns(600)
    np.testing.assert_array_equal(run.stream.time_s, np.arange(600.0))
    np.testing.assert_allclose(channels["distance_m"], columns[3], atol=0.0051)
    np.testing.assert_allclose(channels["speed_mps"], columns[4], atol=0.00051)
    np.testing.assert_allclose(channels["altitude_m"], columns[5], atol=0.11)
    np.testing.assert_allclose(channels["heart_rate_bpm"], columns[6])
    assert channels["cadence_spm"][5] == 169.0
    assert channels["contact_time_ms"][5] == 243.5
    assert channels["vertical_oscillation_m"][5] == pytest.approx(0.0881)
    assert channels["contact_time_balance_pct"][5] == pytest.approx(49.6)
    assert channels["step_length_m"][5] == pytest.approx(1.04)
    assert channels["latitude_deg"][0] == pytest.approx(48.0, abs=1e-6)
    assert run.totals.steps == 1800
    assert run.totals.average_cadence_spm == 169.0
    assert run.totals.session_rpe == 6.0
    assert run.laps[0].end_s == 600
    assert run.laps[0].intensity == "active"


@pytest.mark.parametrize("name", ["big_endian", "short_header", "bad_crc", "no_declared_size",
                                  "four_gigabytes_declared"])  # fmt: skip
def test_the_same_run_comes_out_of_every_other_wrapping(corpus, name):
    plain, other = decode(corpus["plain"]).records, decode(corpus[name]).records
    assert list(other.columns) == list(plain.columns)
    for channel, values in plain.columns.items():
        np.testing.assert_array_equal(other.columns[channel], values)


def test_repairs_name_the_damage_and_its_place(corpus):
    size = len(corpus["plain"])
    found = {name: [(r.code, r.offset) for r in decode(data).repairs] for name, data in corpus.items()}
    assert found["bad_crc"] == [("bad_crc", size - 2)]
    assert ("no_size", 0) in found["no_declared_size"]
    assert found["four_gigabytes_declared"][-1][0] == "truncated"
    assert found["truncated"][0][0] == "truncated"
    first = len(run_file(60))
    assert found["garbage_between"] == [("skipped_bytes", first)]
    assert found["garbage_after"] == [("trailing_bytes", first)]
    assert found["undefined_in_the_middle"][0][0] == "undefined_message"
    assert found["empty"] == [("bad_header", 0)]
    assert found["plain"] == found["chained"] == found["multisport"] == []


def test_interleaved_messages_are_all_found():
    file = decode(interleaved(600))
    assert len(file.records) == 600
    assert file.parts[0].count(233) == 600
    assert file.parts[0].count(HRV) == sum(1 for i in range(600) if i % 7)
    assert len(file.messages(LAP)) == 1 + 6
    assert file.messages(HRV)[3]["time"] == (0.4, 0.41)
    np.testing.assert_array_equal(file.records.columns["timestamp"], UNIX_T0 + np.arange(600))


def test_compressed_time_stamps_roll_over(corpus):
    file = decode(corpus["compressed_timestamps"])
    times = file.records.columns["timestamp"]
    np.testing.assert_array_equal(times, UNIX_T0 + np.array([1, *(4 * i for i in range(2, 301))]))
    distance = file.records.columns["distance"]
    assert np.isnan(distance[0])
    assert distance[-1] - distance[1] == pytest.approx(298 * 3.0)
    assert file.records.columns["enhanced_speed"][1] == 3.0


def test_a_record_before_any_whole_time_stamp_has_no_time():
    from soleus.exports.fit_encoder import FieldLayout, FitWriter

    writer = FitWriter()
    writer.define(0, RECORD, [FieldLayout(3, "uint8")])
    writer.compressed(0, 5, [140])
    reading = read_fit(writer.to_bytes())
    assert "no_time_reference" in codes(reading)
    assert reading.activities == ()


def test_a_foot_pod_fills_the_canonical_channels(corpus):
    reading = read_fit(corpus["developer_fields"])
    stream = reading.activity.stream
    assert stream.channels["power_w"][0] == 250
    assert np.isnan(stream.channels["contact_time_ms"][:3]).all()
    assert stream.channels["contact_time_ms"][3] == 240
    assert stream.channels["vertical_oscillation_m"][0] == pytest.approx(0.0825)
    assert stream.channels["leg_stiffness_kn_per_m"][0] == 9.5
    assert set(stream.extra) == {"app 6f746865 Power [W]", "app Mood"}
    assert stream.extra["app 6f746865 Power [W]"][0] == 200
    assert codes(reading) == ["undescribed_developer_field"]


def test_two_feet_are_averaged_and_one_alone_counts(corpus):
    channels = read_fit(corpus["runscribe"]).activity.stream.channels
    assert channels["contact_time_ms"][0] == 245
    assert channels["foot_strike_class"][0] == 4
    assert channels["pronation_excursion_deg"][0] == -10
    assert channels["impact_g"][0] == 9
    assert channels["braking_g"][0] == 6


def test_each_session_of_a_triathlon_is_an_activity_of_its_own(corpus):
    reading = read_fit(corpus["multisport"])
    assert [a.sport for a in reading.activities] == [Sport.SWIMMING, Sport.OTHER, Sport.CYCLING, Sport.RUNNING]
    assert [len(a.stream) for a in reading.activities] == [100] * 4
    assert [len(a.laps) for a in reading.activities] == [1] * 4
    assert reading.activities[1].sport_detail == "transition"
    assert reading.activity.surface is Surface.TRAIL
    assert reading.activity.start_utc == START + timedelta(seconds=300)
    assert "cadence_spm" not in reading.activities[2].stream.channels


def test_pauses_come_from_the_timer_and_from_lost_stretches(corpus):
    assert read_fit(corpus["paused"]).activity.pauses == (
        Interval(start_s=99.0, end_s=190.0),
        Interval(start_s=299.0, end_s=500.0),
    )


def test_an_untidy_clock_gives_one_straight_axis(corpus):
    reading = read_fit(corpus["untidy_clock"])
    run = reading.activity
    np.testing.assert_array_equal(run.stream.time_s, np.arange(240.0))
    assert run.start_utc == START
    counts = {repair.code: repair.count for repair in reading.repairs}
    assert counts == {"missing_time": 1, "bad_time": 1, "time_jump": 1, "unordered_time": 1, "repeated_time": 2}
    assert run.stream.channels["cadence_spm"][90] == 170.0
    assert np.nanmax(run.stream.channels["heart_rate_bpm"]) == 130


def test_odd_fields_do_not_disturb_their_neighbours(corpus):
    file = decode(corpus["odd_fields"])
    assert len(file.records) == 30
    assert file.records.columns["heart_rate"][0] == 140
    assert file.records.columns["distance"][-1] == 29.0
    assert file.records.columns["power"][0] == 250.5
    assert "enhanced_speed" not in file.records.columns
    assert file.messages(12)[0]["name"] == b"no closing zero"


def test_a_clock_that_was_never_set_takes_the_stated_local_time(corpus):
    reading = read_fit(corpus["clock_never_set"])
    assert reading.activity.start_utc == START
    assert reading.activity.utc_offset_s == 0  # the day is that of the clock on the wall
    assert "clock_from_local_time" in codes(reading)


def test_chained_files_give_each_activity(corpus):
    reading = read_fit(corpus["chained"])
    assert [len(a.stream) for a in reading.activities] == [60, 90]
    assert codes(reading) == ["not_an_activity"]
    assert len(decode(corpus["chained"]).records) == 150


def test_what_is_no_activity_says_so(corpus):
    for name in ("settings", "header_only", "empty"):
        reading = read_fit(corpus[name])
        assert reading.activities == ()
        assert "not_an_activity" in codes(reading), name


def test_a_recording_that_broke_off_keeps_its_sport_when_that_can_be_known():
    reading = read_fit(truncated_at(0.5))
    assert reading.activity.sport is Sport.RUNNING
    assert {"no_session", "guessed_sport"} <= set(codes(reading))


def with_bytes_lost(lost: int) -> bytes:
    """`lost` bytes cut out of the 301st record."""
    whole = run_file(600)
    at = int(decode(whole).parts[0].groups(RECORD)[0].offsets()[300]) + 9
    return whole[:at] + whole[at + lost :]


# Not 7 and 9: there the columns of this made-up run, nearly all constant, happen to look like other messages.
@pytest.mark.parametrize("lost", [1, 2, 3, 4, 5, 30, 36, 200])
def test_bytes_lost_in_the_middle_cost_only_the_records_they_touch(lost):
    file = decode(with_bytes_lost(lost))
    times = file.records.columns["timestamp"] - UNIX_T0
    np.testing.assert_array_equal(times[:300], np.arange(300))
    assert len(set(range(600)) - set(times.tolist())) <= 8 + lost // 30
    assert file.repairs
    run = read_fit(with_bytes_lost(lost)).activity
    assert (run.sport, len(run.laps)) == (Sport.RUNNING, 1)
    assert run.totals.distance_m is not None
    assert len(run.stream) >= 590 - lost // 30
    assert (np.diff(run.stream.time_s) > 0).all()


def test_a_clock_set_in_a_damaged_file_is_no_damage():
    data = CORPUS["untidy_clock"]()
    whole, cut = decode(data), decode(data[:-40])
    assert "damaged_stretch" not in codes(cut)
    assert len(cut.records) == len(whole.records)


@pytest.mark.parametrize("cut", range(0, 420, 7))
def test_cutting_anywhere_keeps_every_whole_record(cut):
    data = run_file(12)
    groups = decode(data).parts[0].groups(RECORD)
    ends = np.concatenate([group.offsets() + group.stride for group in groups])
    assert len(decode(data[:cut]).records) == int((ends <= cut).sum())


def test_a_structured_session_is_labelled():
    from soleus.exports.fit_encoder import FitWriter, Value

    writer = FitWriter()
    writer.raw(run_file(30)[14:-2])
    for i in range(2):
        writer.message(27, {254: Value("uint16", i), 1: Value("enum", 0)})
    assert read_fit(writer.to_bytes()).activity.labels == {Label.WORKOUT}


def test_the_device_digest_depends_on_the_salt(corpus):
    one, two = (read_fit(corpus["plain"], salt=salt).activity.device.digest for salt in (b"a", b"b"))
    assert one != two


@pytest.mark.parametrize("name", LARGE)
def test_attacks_are_bounded_in_time_and_memory(name):
    data = LARGE[name]()
    started = time.process_time()
    reading = read_fit(data)
    assert time.process_time() - started < 2.0
    assert reading.repairs
    assert reading.activities == () or name == "damage_everywhere"
    tracemalloc.start()
    read_fit(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200e6


def test_limits_are_kept(corpus):
    assert codes(decode(corpus["plain"], limits=FitLimits(messages=100)))[0] == "too_many_messages"
    assert len(decode(corpus["plain"], limits=FitLimits(messages=100)).records) <= 100
    assert codes(decode(corpus["plain"], limits=FitLimits(file_bytes=5_000)))[0] == "file_too_large"
    assert codes(decode(corpus["chained"], limits=FitLimits(parts=2)))[-1] == "too_many_parts"
    few = decode(corpus["developer_fields"], limits=FitLimits(developer_fields=2))
    assert len(few.records.developer) == 2
    assert "too_many_developer_fields" in codes(few)


def test_dates_are_plain_utc(corpus):
    assert decode(corpus["plain"]).messages(0)[0]["time_created"] == T0 + 631_065_600
    assert datetime.fromtimestamp(UNIX_T0, UTC) == START
