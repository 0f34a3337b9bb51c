"""Every real FIT file at hand against what Garmin's own SDK reads; each difference is named and explained here."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from soleus.core.activity import Sport
from soleus.readers.fit import read_fit
from soleus.readers.fit_decode import decode
from soleus.readers.fit_profile import EVENT, FIELD_DESCRIPTION, LAP, SESSION, SPORTS, SUB_SPORTS
from soleus.readers.tcx import read_tcx

FOLDER = Path(__file__).parents[2].parent / "shared" / "activity"
EXPECTED = json.loads(p.read_text()) if (p := FOLDER / "expected_fit.json").exists() else {}

pytestmark = pytest.mark.skipif(not EXPECTED, reason="the real files are not here")

# Where we read more than the SDK, and why. Everything else must be equal.
DIFFERENT = {
    # The SDK stops at compressed-timestamp headers ("not currently supported") and gives no record.
    "antfs-dump.63.fit": {"records": 686, "events": 2, "t0": 647506842.0, "t1": 647510267.0},
    "compressed-speed-distance.fit": {"records": 755, "events": 4, "t0": 648283464.0, "t1": 648287344.0},
    # See RECOVERED: the timer's stop event comes after the damage.
    "strava-android-app-201.10-b1218918.fit": {"events": 2},
    # Broken off: the header still states 0 bytes of data. The SDK takes that at its word; the records are whole.
    "broken.fit": {"records": 2319, "events": 1, "t0": 1452954831.0, "t1": 1452957149.0},
}
# The SDK (and every decoder measured) stops at the first lost byte, five minutes into an hour; we find the next
# believable record each time. What comes before is the same, and the last distance is the session's to the centimetre.
RECOVERED = {"strava-android-app-201.10-b1218918.fit": 5_331}
# Two triathlons with `hr` messages: heart rate a chest strap stored under water. The SDK can merge it into the records
# (1,773 instead of 1,430 values in the first), the expected values are without that merge, and neither do we merge:
# nobody runs under water.
STORED_HEART_RATE = {"sample_mulitple_header.fit": 1_430, "track_cs_1451.fit": 3_680}
# Session fields the SDK derives under another name; the value we hold is under the plain one.
RENAMED = {"enhanced_avg_speed": "avg_speed", "avg_running_cadence": "avg_cadence"}


def content(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def same(found: object, wanted: object) -> bool:
    if isinstance(wanted, list):
        return isinstance(found, tuple) and all(same(a, b) for a, b in zip(found, wanted, strict=True))
    return isinstance(found, int | float) and found == pytest.approx(wanted, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", EXPECTED)
def test_equals_the_sdk(name):
    wanted, data = EXPECTED[name], content(name)
    wanted = wanted | DIFFERENT.get(Path(name).name, {})
    assert hashlib.sha256(data).hexdigest() == wanted["sha256"]
    file = decode(data)
    records = file.records
    count = wanted["records"]
    assert len(records) == RECOVERED.get(Path(name).name, count)
    times = records.columns.get("timestamp")
    if wanted["t0"] is None:
        assert times is None
    else:
        assert (times[0], times[count - 1]) == (wanted["t0"], wanted["t1"])
    for channel, numbers in wanted["channels"].items():
        values = records.columns[channel][:count]
        values = values[~np.isnan(values)]
        assert len(values) == numbers["n"], channel
        assert values.sum() == pytest.approx(numbers["sum"], rel=1e-9), channel
        assert (values.min(), values.max()) == pytest.approx((numbers["min"], numbers["max"]), rel=1e-12), channel
    assert len(file.messages(LAP)) == wanted["laps"]
    assert len(file.messages(EVENT)) == wanted["events"]
    described = {str(message.get("field_name")) for message in file.messages(FIELD_DESCRIPTION)}
    assert sorted(described) == sorted(wanted["dev_fields"])


@pytest.mark.parametrize("name", EXPECTED)
def test_sessions_equal_the_sdk(name):
    found, wanted = decode(content(name)).messages(SESSION), EXPECTED[name]["sessions"]
    assert len(found) == len(wanted)
    for message, numbers in zip(found, wanted, strict=True):
        for key, value in numbers.items():
            if key in ("sport", "sub_sport"):
                words = SPORTS if key == "sport" else SUB_SPORTS
                known = words.get(message.get(key))
                assert value is None or known is None or known == value or str(value).isdigit(), key
            elif value is not None:
                held = message.get(key, message.get(RENAMED.get(key, key)))
                assert same(held, value), (key, held, value)


@pytest.mark.parametrize("name", EXPECTED)
def test_is_read_into_sound_activities(name):
    reading = read_fit(content(name))
    for activity in reading.activities:
        assert all(pause.start_s < pause.end_s for pause in activity.pauses)
        if activity.stream is None:
            continue
        assert (np.diff(activity.stream.time_s) > 0).all()
        assert activity.stream.time_s[0] >= 0
        for channel, values in {**activity.stream.channels, **activity.stream.extra}.items():
            assert not np.isnan(values).all(), channel
    stretches = sum(len(activity.stream) for activity in reading.activities if activity.stream is not None)
    lost = {"missing_time", "repeated_time", "bad_time"}
    left = sum(repair.count for repair in reading.repairs if repair.code in lost)
    if "not_an_activity" not in {repair.code for repair in reading.repairs}:
        assert stretches + left == len(decode(content(name)).records)


DAMAGED = {
    "activity-activity-filecrc.fit": 28,
    "activity-filecrc.fit": 14,
    "activity-settings-corruptheader.fit": 14,
    "activity-settings-nodata.fit": 14,
    "activity-unexpected-eof.fit": 14,
    "nick.fit": 14_391,
    "strava-android-app-201.10-b1218918.fit": 5_331,
    "broken.fit": 2_319,
}


@pytest.mark.parametrize(("name", "kept"), DAMAGED.items())
def test_damaged_files_keep_every_record_and_say_what_was_wrong(name, kept):
    path = next(key for key in EXPECTED if Path(key).name == name)
    reading = decode(content(path))
    assert len(reading.records) == kept
    assert reading.repairs
    assert all(repair.offset is not None for repair in reading.repairs if repair.code != "undescribed_developer_field")


@pytest.mark.parametrize(("name", "values"), STORED_HEART_RATE.items())
def test_heart_rate_stored_under_water_is_not_merged_into_records(name, values):
    file = decode(content(next(key for key in EXPECTED if Path(key).name == name)))
    assert sum(part.count(132) for part in file.parts) > 500
    assert np.count_nonzero(~np.isnan(file.records.columns["heart_rate"])) == values


def test_the_four_watches_with_an_empty_header_checksum_are_read_without_complaint():
    for name in ("2013-02-06-12-11-14.fit", "activity_234979239.fit", "garmin.fit", "antfs-dump.63.fit"):
        path = next(key for key in EXPECTED if Path(key).name == name)
        assert decode(content(path)).repairs == ()


@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_cut_files_keep_every_whole_record(share):
    for name, wanted in EXPECTED.items():
        if wanted["records"] < 300 or wanted["errors"]:
            continue
        data = content(name)
        whole = decode(data)
        cut = int(len(data) * share)
        kept = decode(data[:cut])
        offsets = np.sort(np.concatenate([g.offsets() + g.stride for p in whole.parts for g in p.groups(20)]))
        assert len(kept.records) == int((offsets <= cut).sum()), name
        if len(kept.records) and len(whole.parts) == 1:
            for channel, values in kept.records.columns.items():
                np.testing.assert_array_equal(values, whole.records.columns[channel][: len(values)])


def test_a_run_with_a_foot_pod_is_read_with_its_dynamics():
    path = next(key for key in EXPECTED if key.endswith("mornindew-broken.fit"))
    activity = read_fit(content(path)).activity
    assert activity.sport is Sport.RUNNING
    assert activity.device.product == "fr920xt"
    assert activity.barometer is True
    channels = activity.stream.channels
    assert np.nanmedian(channels["contact_time_ms"]) == 288.0
    assert np.nanmedian(channels["vertical_oscillation_m"]) == pytest.approx(0.06375)
    assert np.nanmedian(channels["leg_stiffness_kn_per_m"]) == 10.0
    assert np.nanmedian(channels["cadence_spm"]) == pytest.approx(170.0, abs=1.5)
    assert np.nanmedian(channels["power_w"]) == pytest.approx(187.0, abs=2)


def test_a_run_with_lost_bytes_is_recovered_to_its_end():
    path = next(key for key in EXPECTED if Path(key).name in RECOVERED)
    reading = read_fit(content(path))
    run = reading.activity
    assert run.stream.time_s[-1] == run.totals.elapsed_s == 3558.0
    assert np.nanmax(run.stream.channels["distance_m"]) == run.totals.distance_m == 11274.04
    assert sum(repair.code == "damaged_stretch" for repair in reading.repairs) == 17
    assert np.diff(run.stream.time_s).max() <= 5.0


def test_packed_distance_adds_up_to_what_the_watch_says():
    path = next(key for key in EXPECTED if key.endswith("compressed-speed-distance.fit"))
    reading = read_fit(content(path))
    distance = reading.activity.stream.channels["distance_m"]
    distance = distance[~np.isnan(distance)]
    assert distance[-1] - distance[0] == pytest.approx(reading.activity.totals.distance_m, rel=0.02)
    assert reading.activity.start_utc.year == 2012


def test_the_same_run_as_tcx_is_the_same():
    path = next(key for key in EXPECTED if key.endswith("activity_234979239.fit"))
    ours = read_fit(content(path)).activity
    other = read_tcx(content(path.replace(".fit", ".tcx"))).activity
    assert (ours.start_utc, ours.totals.distance_m) == (other.start_utc, other.totals.distance_m)
    np.testing.assert_array_equal(ours.stream.time_s, other.stream.time_s)
    # Not the altitude: this watch has no barometer, and the web site replaced its altitude in the TCX by a map's.
    for channel in ("distance_m", "speed_mps", "latitude_deg", "longitude_deg", "heart_rate_bpm", "cadence_spm"):
        np.testing.assert_allclose(ours.stream.channels[channel], other.stream.channels[channel], atol=5e-4)
    assert set(ours.pauses) <= set(other.pauses)
