"""Damaged archives and tables never raise, hang or give more than they hold."""

import gzip
import io
import json
import random
import zipfile

import pytest

from soleus.readers.containers import open_container
from soleus.readers.detect import detect_format
from soleus.readers.garmin_export import read_gear, read_summaries
from soleus.readers.labels import clean_label
from soleus.readers.limits import Limits, MemberRefused
from soleus.readers.local_dates import parse_utc
from soleus.readers.strava_export import read_table

LIMITS = Limits(total_bytes=1 << 24, member_bytes=1 << 22, members=500)
TABLE = (
    b"Activity ID,Activity Date,Activity Name,Activity Type,Activity Description,Elapsed Time,Distance,Max Heart Rate,"
    b'Relative Effort,Commute,Activity Gear,Filename,Elapsed Time,Moving Time,Distance\n1,"May 15, 2017, 5:52:52 PM",'
    b'x,Run,"two\nlines",3600,12.3,,,,Road,activities/1.fit.gz,3600,3500,12300\n'
)
SUMMARIES = json.dumps(
    [{"summarizedActivitiesExport": [{"activityId": n, "beginTimestamp": 1.7e12, "distance": 1e6} for n in range(9)]}]
).encode()
GEAR = json.dumps(
    [{"gearDTOS": [{"gearPk": 1, "displayName": "A"}], "gearActivityDTOs": {"1": [{"activityId": 1}]}}]
).encode()


def archive() -> bytes:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as there:
        for n in range(6):
            there.writestr(f"{n}.gpx", b"<gpx>" + bytes(str(n), "ascii") * 2000)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as there:
        there.writestr("activities.csv", TABLE)
        there.writestr("inner.zip", inner.getvalue())
        there.writestr("activities/1.fit.gz", gzip.compress(b"\x0e\x20" + bytes(6) + b".FIT" + bytes(4000), mtime=0))
        there.writestr(zipfile.ZipInfo("stored.bin"), bytes(range(256)) * 4)
    return out.getvalue()


def mutated(data: bytes, chance: random.Random) -> bytes:
    body = bytearray(data)
    for _ in range(chance.randint(1, 12)):
        kind = chance.random()
        at = chance.randrange(max(1, len(body)))
        if not body:
            break
        if kind < 0.5:
            body[at] = chance.choice((0, 0xFF, 0x7F, chance.randrange(256)))
        elif kind < 0.7:
            body[at : at + chance.randint(1, 8)] = bytes(chance.randrange(256) for _ in range(chance.randint(0, 8)))
        elif kind < 0.85:
            del body[at : at + chance.randint(1, 200)]
        else:
            body = body[: max(1, at)]
    return bytes(body)


def walk_all(data: bytes) -> int:
    total = 0
    for member in open_container(io.BytesIO(data), LIMITS):
        clean_label(member.name)
        try:
            total += len(member.read())
            with member.open() as stream:
                detect_format(stream.read(4096))
        except MemberRefused:
            continue
    return total


def fuzz(seeds: range) -> None:
    zipped = archive()
    for seed in seeds:
        chance = random.Random(seed)
        assert walk_all(mutated(zipped, chance)) < 1 << 24
        read_table(io.BytesIO(mutated(TABLE, chance)))
        list(read_summaries(io.BytesIO(mutated(SUMMARIES, chance))))
        read_gear(io.BytesIO(mutated(GEAR, chance)))
        parse_utc(mutated(b"May 15, 2017, 5:52:52 PM", chance).decode("utf-8", "replace"))


def test_damaged_archives_and_tables_never_raise() -> None:
    fuzz(range(400))


@pytest.mark.nightly
def test_many_damaged_archives_and_tables_never_raise() -> None:
    fuzz(range(1_000, 21_000))
