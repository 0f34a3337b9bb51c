"""Dates that a wrong clock gave are said, and the recording is still read."""

from datetime import UTC, datetime

import pytest

from soleus.readers.registry import read_bytes

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def gpx(day: str) -> bytes:
    points = "".join(f'<trkpt lat="50.{k:03}" lon="8.0"><time>{day}T07:{k:02}:00Z</time></trkpt>' for k in range(10))
    return f'<gpx version="1.1" creator="t"><trk><type>running</type><trkseg>{points}</trkseg></trk></gpx>'.encode()


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("1989-12-31", "clock_not_set"),
        ("2000-01-02", None),
        ("2026-11-24", None),
        ("2026-11-26", "future_date"),
        ("2089-01-01", "future_date"),
    ],
)
def test_a_wrong_clock_is_said_once_and_the_recording_read(day, code):
    reading = read_bytes(gpx(day), now=NOW)
    assert len(reading.activities) == 1
    said = [repair for repair in reading.repairs if repair.code in ("clock_not_set", "future_date")]
    assert [repair.code for repair in said] == ([code] if code else [])
    assert all(day[:4] in repair.detail for repair in said)
