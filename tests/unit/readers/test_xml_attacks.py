"""Hostile and damaged documents: refused or read in part, in bounded time and memory."""

import io
import random
import time
import tracemalloc
from collections.abc import Callable

import pytest
from track_writers import (
    apple,
    apple_run,
    apple_workout,
    damaged,
    gpx,
    gpx_track,
    run_points,
    tcx,
    tcx_activity,
    tcx_lap,
)

from soleus.core.activity import Reading
from soleus.core.errors import ActivityFileError
from soleus.readers.apple_health import read_apple_health
from soleus.readers.gpx import read_gpx
from soleus.readers.tcx import read_tcx
from soleus.readers.xml_stream import XmlLimits, sanitise

Reader = Callable[[bytes], Reading]


def read_apple(data: bytes) -> Reading:
    return read_apple_health(io.BytesIO(data))


READERS: dict[bytes, Reader] = {b"gpx": read_gpx, b"TrainingCenterDatabase": read_tcx, b"HealthData": read_apple}
IN_POINT = {
    b"gpx": b'<trk><trkseg><trkpt lat="1" lon="2"><ele>',
    b"TrainingCenterDatabase": b"<Activities><Activity Sport='Running'><Lap><Track><Trackpoint><Time>",
    b"HealthData": b"<Workout>",
}
BIG = 5_000_000
each_reader = pytest.mark.parametrize("root", list(READERS), ids=lambda root: root.decode())


def bounded(reader: Reader, data: bytes, *, seconds: float = 8.0) -> Reading | None:
    """The reading, or None when refused; fails when it takes too long."""
    begin = time.process_time()
    try:
        return reader(data)
    except ActivityFileError:
        return None
    finally:
        assert time.process_time() - begin < seconds


LAUGHS = b"<!ENTITY l0 'lol'>" + b"".join(b"<!ENTITY l%d '%s'>" % (k, b"&l%d;" % (k - 1) * 10) for k in range(1, 10))
ENTITIES = {
    "external": b"<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
    "laughs": b"<!DOCTYPE r [" + LAUGHS + b"]>",
    "quadratic": b"<!DOCTYPE r [<!ENTITY x '" + b"a" * 100_000 + b"'>]>",
    "parameter": b"<!DOCTYPE r [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]>",
    "no end": b"<!DOCTYPE r [<!ENTITY x 'boo' <!ELEMENT r",
}


@each_reader
@pytest.mark.parametrize("kind", list(ENTITIES))
def test_entities_are_refused(root: bytes, kind: str) -> None:
    body = b"<%s>%s</%s>" % (root, b"&x;&l9;" * 10_000, root)
    with pytest.raises(ActivityFileError) as caught:
        READERS[root](b"<?xml version='1.0'?>" + ENTITIES[kind] + body)
    assert "root:" not in str(caught.value)


@each_reader
def test_a_document_type_from_outside_is_never_fetched(root: bytes) -> None:
    reading = bounded(READERS[root], b"<!DOCTYPE r SYSTEM 'http://127.0.0.1:9/x.dtd'><%s></%s>" % (root, root))
    assert (reading is None) == (root != b"HealthData")


def test_entities_smuggled_behind_an_early_end_are_not_declared() -> None:
    head = b"<!DOCTYPE HealthData [<!-- ]> --> <!ENTITY x 'boo'> ]>"
    assert bounded(read_apple, head + b"<HealthData><Workout sourceName='&x;'/></HealthData>") is None


@each_reader
def test_nesting_without_end_is_refused(root: bytes) -> None:
    deep = b"<a>" * (BIG // 3)
    assert bounded(READERS[root], b"<%s>" % root + deep) is None
    assert bounded(READERS[root], b"<%s>" % root + IN_POINT[root] + deep) is None


HUGE = {
    "attribute": (b"<x a='", b"a", b"'/>"),
    "text": (b"<x>", b"a b\n", b"</x>"),
    "comment": (b"<!--", b"a ", b"-->"),
    "instruction": (b"<?x ", b"a ", b"?>"),
    "cdata": (b"<![CDATA[", b"a ", b"]]>"),
    "name": (b"<", b"a", b"/>"),
    "open tags": (b"", b"<", b""),
    "ampersands": (b"", b"&", b""),
    "bad bytes": (b"", b"\xff", b""),
    "zeros": (b"", b"\x00", b""),
    "points": (b"", b"<trkpt", b""),
    "doctype": (b"<!DOCTYPE x [", b"a", b""),
}


@each_reader
@pytest.mark.parametrize("kind", list(HUGE))
def test_huge_pieces_cost_little(root: bytes, kind: str) -> None:
    before, piece, after = HUGE[kind]
    filling = piece * (BIG // len(piece))
    data = b"<%s>%s%s%s</%s>" % (root, before, filling, after, root)
    bounded(READERS[root], data)
    bounded(READERS[root], b"<%s>%s%s%s%s" % (root, IN_POINT[root], before, filling, after))
    bounded(READERS[root], filling)


@each_reader
@pytest.mark.parametrize("kind", ["attribute", "text", "comment", "open tags"])
def test_huge_pieces_take_little_memory(root: bytes, kind: str) -> None:
    before, piece, after = HUGE[kind]
    data = b"<%s>%s%s%s%s" % (root, IN_POINT[root], before, piece * (BIG // len(piece)), after)
    tracemalloc.start()
    bounded(READERS[root], data, seconds=30.0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * BIG


def test_many_attributes_and_many_names_are_bounded() -> None:
    many = b" ".join(b'a%d="1"' % k for k in range(60_000))
    for root, reader in READERS.items():
        bounded(reader, b"<%s %s></%s>" % (root, many, root))
        bounded(reader, b"<%s>%s</%s>" % (root, b"".join(b"<a%d/>" % k for k in range(200_000)), root))


def test_a_number_of_a_hundred_thousand_digits_is_read_at_once() -> None:
    digits = b"9" * 100_000
    data = gpx([gpx_track([run_points(3)])]).replace(b"<ele>100.0</ele>", b"<ele>" + digits + b"</ele>")
    reading = bounded(read_gpx, data)
    assert reading is not None
    assert [repair.code for repair in reading.repairs] == ["bad_number"]


def test_files_beyond_the_size_limit_are_refused() -> None:
    with pytest.raises(ActivityFileError, match="larger"):
        read_gpx(b"<gpx></gpx>", limits=XmlLimits(file_bytes=5))
    with pytest.raises(ActivityFileError, match="larger"):
        read_tcx(io.BytesIO(b"<gpx></gpx>"), limits=XmlLimits(file_bytes=5))


def test_sanitising_keeps_length_and_counts() -> None:
    cases = {
        b"plain": (b"plain", 0, None),
        b"caf\xc3\xa9": (b"caf\xc3\xa9", 0, None),
        b"caf\xe9 &amp; & \x00": (b"caf? &amp; +  ", 3, 3),
        b"&#12; &#xfF; &lt; &nbsp;": (b"&#12; &#xfF; &lt; +nbsp;", 1, 18),
    }
    for data, expected in cases.items():
        assert sanitise(data) == expected


SAMPLES = {
    b"gpx": gpx([gpx_track([run_points(8), run_points(6, first_s=60)]), gpx_track([run_points(5, first_s=4000)])]),
    b"TrainingCenterDatabase": tcx(
        [
            tcx_activity(
                [
                    tcx_lap([run_points(6), run_points(4, first_s=30)], TotalTimeSeconds=40, DistanceMeters=99),
                    tcx_lap([run_points(5, first_s=60)], TotalTimeSeconds=5),
                ],
                device="Garmin Forerunner 610",
            ),
            tcx_activity([tcx_lap([run_points(4, first_s=900)])], sport="Biking"),
        ]
    ),
    b"HealthData": apple(
        [
            *apple_run(30),
            apple_workout(
                0,
                30,
                inside='<MetadataEntry key="HKTimeZone" value="Europe/Berlin"/><WorkoutEvent '
                'type="HKWorkoutEventTypePause" date="2024-05-01 07:00:10 +0100"/><WorkoutRoute><Location '
                'date="2024-05-01 07:00:05 +0100" latitude="50" longitude="8"/></WorkoutRoute>',
            ),
        ]
    ),
}


def survive(root: bytes, rounds: int, seed: int) -> None:
    generator = random.Random(seed)
    reader, sample = READERS[root], SAMPLES[root]
    read = 0
    for _ in range(rounds):
        data = damaged(sample, generator)
        reading = bounded(reader, data, seconds=2.0)
        read += reading is not None and bool(reading.activities)
    # Most faults cost a part only; Apple's workouts stand at the end, where a cut takes them first.
    assert read > rounds * (0.4 if root == b"HealthData" else 0.75)


@each_reader
def test_a_thousand_damaged_files(root: bytes) -> None:
    survive(root, 1000, seed=20240501)


@pytest.mark.nightly
@each_reader
def test_twenty_thousand_damaged_files(root: bytes) -> None:
    survive(root, 20_000, seed=7)
