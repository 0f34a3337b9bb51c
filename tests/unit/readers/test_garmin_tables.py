"""Garmin's account archive: units, streaming, shoes, and what is checked before a number is believed."""

import io
import json
from datetime import UTC, date, datetime

import pytest

from soleus.core.activity import Label, Sport, Surface
from soleus.readers import garmin_export
from soleus.readers.garmin_export import as_activity, read_gear, read_summaries, scale_is_right, stream_objects

START_MS = 1_714_543_200_000
ENTRY = {
    "activityId": 501, "name": "Title", "locationName": "Town", "activityType": "trail_running", "eventTypeId": 1,
    "beginTimestamp": START_MS, "startTimeGmt": START_MS, "startTimeLocal": START_MS + 7_200_000,
    "duration": 3_600_000.0,
    "elapsedDuration": 3_700_000.0, "movingDuration": 3_500_000.0, "distance": 1_000_000.0, "elevationGain": 12_300.0,
    "elevationLoss": 11_000.0, "avgSpeed": 0.277, "avgHr": 150.0, "maxHr": 180.0,
    "avgRunCadence": 85.0, "steps": 10_200,
    "splits": [
        {"type": 17, "measurements": [{"fieldEnum": "SUM_DISTANCE", "value": 500_000.0, "unitEnum": "CENTIMETER"}]},
        {"type": 17, "measurements": [{"fieldEnum": "SUM_DISTANCE", "value": 5.0, "unitEnum": "KILOMETER"}]},
        {"type": 3, "measurements": [{"fieldEnum": "SUM_DISTANCE", "value": 9_000.0, "unitEnum": "METER"}]},
        {"type": 3, "measurements": [{"fieldEnum": "OTHER", "value": 1.0}, "junk"]},
        "junk",
    ],
}  # fmt: skip


def summaries(entries, wrap=True):
    data = [{"summarizedActivitiesExport": entries}] if wrap else entries
    return list(read_summaries(io.BytesIO(json.dumps(data).encode())))


@pytest.mark.parametrize("wrap", [True, False])
def test_units(wrap):
    (one,) = summaries([ENTRY], wrap)
    totals = one.totals
    assert one.start_utc == datetime.fromtimestamp(START_MS / 1000, UTC)
    assert one.utc_offset_s == 7200
    assert (totals.elapsed_s, totals.timer_s, totals.moving_s) == (3700, 3600, 3500)
    assert (totals.distance_m, totals.ascent_m, totals.descent_m) == pytest.approx((10_000, 123, 110))
    assert (totals.average_heart_rate_bpm, totals.average_cadence_spm, totals.steps) == (150, 170, 10_200)
    assert (one.sport, one.surface, one.labels) == (Sport.RUNNING, Surface.TRAIL, {Label.RACE})
    assert one.split_ratio == pytest.approx(1.0)
    assert "Title" not in repr(one)
    assert "501" not in repr(one)


def test_other_shapes_of_the_same_thing():
    (one,) = summaries([{**ENTRY, "activityType": {"typeKey": "treadmill_running"}, "avgDoubleCadence": 172.0}])
    assert (one.surface, one.totals.average_cadence_spm) == (Surface.TREADMILL, 172)
    (bare,) = summaries([{"beginTimestamp": START_MS}])
    assert (bare.sport, bare.utc_offset_s, bare.split_ratio) == (Sport.UNKNOWN, None, None)
    assert as_activity(bare) is None
    (yoga,) = summaries([{"beginTimestamp": START_MS, "activityType": "yoga", "distance": True, "splits": []}])
    assert (yoga.sport, yoga.totals.distance_m) == (Sport.OTHER, None)
    assert summaries([{}, {"beginTimestamp": 1e14}, {"beginTimestamp": "x"}, {"beginTimestamp": 9e18}]) == []


def test_summaries_become_activities_of_totals():
    (one,) = summaries([ENTRY])
    activity = as_activity(one, shoe="shoe-1")
    assert activity is not None
    assert (activity.format, activity.shoe, activity.stream, activity.utc_offset_s) == (
        "garmin_json",
        "shoe-1",
        None,
        7200,
    )
    (frame,) = summaries([{**ENTRY, "parent": True}])
    assert as_activity(frame) is None


def test_a_scale_that_does_not_fit_is_seen():
    assert scale_is_right([])
    assert scale_is_right([0.99, 1.0, 1.02, 100.0])
    assert not scale_is_right([0.01, 0.01, 1.0])
    (one,) = summaries([{**ENTRY, "distance": 10_000.0}])
    assert one.split_ratio == pytest.approx(0.01)


class Drip(io.RawIOBase):
    """Hands out a few bytes at a time, as a slow stream may."""

    def __init__(self, data, step):
        self.data, self.step, self.at = data, step, 0

    def readable(self):
        return True

    def read(self, _size=-1):
        piece = self.data[self.at : self.at + self.step]
        self.at += self.step
        return piece


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_objects_are_streamed_whatever_the_pieces(step):
    entries = [{"a": n, "text": 'quote " brace } ünï'} for n in range(30)]
    data = json.dumps([{"wrap": entries}, {"wrap": []}], ensure_ascii=False).encode()
    assert list(stream_objects(Drip(b"\xef\xbb\xbf" + data, step), "wrap")) == entries


def test_a_damaged_stream_ends_quietly(monkeypatch):
    good = json.dumps([{"a": 1}, {"a": 2}]).encode()
    assert list(stream_objects(io.BytesIO(good[:-5]), "wrap")) == [{"a": 1}]
    assert list(stream_objects(io.BytesIO(b'[{"a":1}, oops'), "wrap")) == [{"a": 1}]
    assert list(stream_objects(io.BytesIO(b'[{"a":' + b"[" * 100_000), "wrap")) == []
    assert list(stream_objects(io.BytesIO(b'[{"a":' + b"9" * 6000 + b"}]"), "wrap")) == []
    monkeypatch.setattr(garmin_export, "MAX_OBJECT_CHARS", 1000)
    assert list(stream_objects(io.BytesIO(b'[{"a":"' + b"x" * 600_000 + b'"}]'), "wrap")) == []


def test_a_large_file_takes_little_memory():
    import tracemalloc

    class Endless(io.RawIOBase):
        left = 12

        def read(self, _size=-1):
            self.left -= 1
            return json.dumps([ENTRY] * 250).encode()[1:-1] + b"," if self.left >= 0 else b""

    tracemalloc.start()
    count = sum(1 for _ in read_summaries(Endless()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 3_000
    assert peak < 6 << 20


def test_shoes_and_the_runs_they_were_worn_on():
    gear = [{
        "gearDTOS": [
            {"gearPk": 7, "displayName": "Road A", "gearTypeName": "Shoes", "dateBegin": "2024-01-02T00:00:00.0"},
            {"gearPk": 8, "customMakeModel": "Trail B", "gearTypeName": "Shoes", "dateEnd": START_MS},
            {"gearPk": 9, "displayName": "Bike", "gearTypeName": "Bike"},
            {"gearPk": 10, "gearTypeName": "Shoes"},
            "junk",
        ],
        "gearActivityDTOs": {"7": [{"activityId": 1}, {"activityId": 2}, "junk"], "9": [{"activityId": 3}], "8": None},
    }, "junk"]  # fmt: skip
    read = read_gear(io.BytesIO(json.dumps(gear).encode()))
    names = {shoe.name: shoe for shoe in read.shoes}
    assert {"Road A", "Trail B"} < set(names)
    assert len(names) == 3
    assert names["Road A"].first_used_on == date(2024, 1, 2)
    assert names["Trail B"].retired_on == datetime.fromtimestamp(START_MS / 1000, UTC).date()
    assert dict(read.worn) == {"1": names["Road A"].id, "2": names["Road A"].id}


def test_a_damaged_shoe_list_is_noted():
    assert [note.code for note in read_gear(io.BytesIO(b'[{"gearDTOS":')).notes] == ["bad_json"]
    assert read_gear(io.BytesIO(b'{"gearDTOS": null}')).shoes == ()
