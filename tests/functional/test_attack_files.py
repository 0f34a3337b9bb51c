"""Hostile files: refused with a plain reason, in bounded time and memory, while the rest is read."""

import gzip
import io
import json
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from functools import cache
from pathlib import Path

import pytest

from soleus.core.errors import ActivityFileError
from soleus.exports.fit_encoder import FieldLayout, FitWriter
from soleus.readers.containers import open_container
from soleus.readers.limits import Limits, MemberRefused, Refused
from soleus.readers.registry import read_activity, read_bytes

MIB = 1 << 20
# Peak of a fresh process that reads one file; an ordinary import needs about 60 MiB of it.
MEMORY_LIMIT_MIB = 400
SECONDS_LIMIT = 20
GPX = b"""<?xml version="1.0"?>
<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
<trkpt lat="50.0" lon="8.0"><time>2024-05-01T06:00:00Z</time></trkpt>
<trkpt lat="50.001" lon="8.0"><time>2024-05-01T06:00:30Z</time></trkpt>
<trkpt lat="50.002" lon="8.0"><time>2024-05-01T06:01:00Z</time></trkpt>
</trkseg></trk></gpx>"""
PROGRAM = """
import json, sys, time
from pathlib import Path
from soleus.history import import_history
from soleus.knowledge import load_knowledge
kb = load_knowledge()
began = time.perf_counter()
history = import_history([sys.argv[1]], kb=kb, workers=1)
print(json.dumps({
    "seconds": time.perf_counter() - began,
    # Not ru_maxrss: a child starts with the peak of the process that made it.
    "peak_mib": int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024,
    "runs": len(history.runs),
    "files": [[f.state.value, f.code, f.label, f.reason] for f in history.report.files[:20]],
    "lines": len(history.report.files),
}))
"""


def imported(path: Path) -> dict:
    """Import in a fresh process and measure its time and memory."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["peak_mib"] < MEMORY_LIMIT_MIB, figures
    assert figures["seconds"] < SECONDS_LIMIT, figures
    return figures


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method, compresslevel=9) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def walked(path: Path, **limits: int) -> tuple[list, list[Refused]]:
    """Formats of the members and the refusals; every member is read to its end, as an import would."""
    refused: list[Refused] = []
    members = []
    for member in open_container(path, Limits(**limits), on_refused=refused.append):
        try:
            members.append((member.format.value, len(member.read())))
        except MemberRefused as refusal:
            refused.append(Refused(label=member.label, code=refusal.code, reason=refusal.reason))
    return members, refused


@cache
def deflated_zeros(mib: int) -> bytes:
    """Raw deflate of so many MiB of zeros behind the first bytes of a FIT file, made without holding them."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    pieces = [packer.compress(b"\x0e\x20\x00\x00\xff\xff\xff\x7f.FIT" + bytes(MIB - 12))]
    pieces += [packer.compress(bytes(MIB)) for _ in range(mib - 1)]
    return b"".join(pieces) + packer.flush()


def zip_of_raw(name: str, data: bytes, size: int, *, stated: int | None = None) -> bytes:
    """A zip with one member given as raw deflate; `stated`: the unpacked size it pretends to have."""
    said = size if stated is None else stated
    raw_name = name.encode()
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, len(data), said, len(raw_name), 0) + raw_name
    fields = (b"PK\x01\x02", 20, 20, 0, 8, 0, 0, 0, len(data), said, len(raw_name), 0, 0, 0, 0, 0, 0)
    central = struct.pack("<4s6H3I5H2I", *fields) + raw_name
    at = len(local) + len(data)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(central), at, 0)
    return local + data + central + end


def overlapping_zip(entries: int, mib: int) -> bytes:
    """Many directory entries that all point at one large member."""
    data = deflated_zeros(mib)
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, len(data), mib * MIB, 1, 0) + b"a"
    central = b"".join(
        struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, 0, len(data), mib * MIB, 1, *[0] * 6) + b"a"
        for _ in range(entries)
    )
    at = len(local) + len(data)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, entries, entries, len(central), at, 0)
    return local + data + central + end


# Bombs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stated", [None, 1000], ids=["honest size", "lies about its size"])
def test_a_zip_bomb_is_refused_and_the_rest_is_read(tmp_path, stated):
    bomb = zip_of_raw("activities/1.fit", deflated_zeros(600), 600 * MIB, stated=stated)
    path = tmp_path / "bomb.zip"
    path.write_bytes(zipped({"a.zip": bomb, "b.gpx": GPX}))
    figures = imported(path)
    states = {state: (code, reason) for state, code, _, reason in figures["files"]}
    assert states["refused"][0] in ("ratio", "too_large")
    assert "unpack" in states["refused"][1]
    assert figures["runs"] == 1


def test_a_gzip_bomb_is_refused(tmp_path):
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    data = b"".join(packer.compress(bytes(MIB)) for _ in range(600)) + packer.flush()
    path = tmp_path / "run.fit.gz"
    path.write_bytes(data)
    figures = imported(path)
    assert figures["runs"] == 0
    assert figures["files"][0][0] in ("refused", "not_an_activity")
    with pytest.raises(ActivityFileError, match="zip bomb"):
        read_bytes(data)


def test_nested_bombs_like_42_zip_end_at_the_third_archive(tmp_path):
    inner = zip_of_raw("0", deflated_zeros(64), 64 * MIB)
    for _ in range(5):
        inner = zipped({f"lib{i}.zip": inner for i in range(8)})
    path = tmp_path / "42.zip"
    path.write_bytes(inner)
    figures = imported(path)
    assert figures["runs"] == 0
    assert {code for _, code, _, _ in figures["files"]} <= {"too_deep", "ratio"}
    assert figures["lines"] <= 60, "one line tells of thousands alike"


def test_members_on_top_of_each_other_are_refused(tmp_path):
    path = tmp_path / "overlap.zip"
    path.write_bytes(overlapping_zip(2000, 64))
    figures = imported(path)
    assert [(state, code) for state, code, _, _ in figures["files"]] == [("refused", "overlapping")]
    assert "on top of each other" in figures["files"][0][3]


def test_a_member_that_states_four_gigabytes_is_refused_or_read_within_bounds(tmp_path):
    path = tmp_path / "four.zip"
    path.write_bytes(zip_of_raw("activities/1.fit", zlib.compress(b"x")[2:-4], 1, stated=0xFFFFFFFE))
    figures = imported(path)
    assert [(state, code) for state, code, _, _ in figures["files"]] == [("refused", "ratio")]


def test_a_fit_header_that_states_four_gigabytes_is_read_within_bounds(tmp_path):
    writer = FitWriter()
    writer.define(0, 20, [FieldLayout(253, "uint32"), FieldLayout(3, "uint8")])
    for second in range(60):
        writer.data(0, [1_000_000_000 + second, 120])
    path = tmp_path / "four.fit"
    path.write_bytes(writer.to_bytes(declared_size=0xFFFFFFFF))
    figures = imported(path)
    assert figures["files"][0][0] == "damaged-but-read"
    assert figures["runs"] == 1


def test_a_million_tiny_definitions_end_at_the_limit(tmp_path):
    definition = bytes([0x40, 0, 0, 20, 0, 1, 3, 1, 2])
    writer = FitWriter()
    writer.raw(definition * 1_000_000)
    path = tmp_path / "definitions.fit"
    path.write_bytes(writer.to_bytes())
    figures = imported(path)
    assert figures["runs"] == 0
    assert figures["files"][0][:2] == ["refused", "too_many_definitions"]
    assert figures["files"][0][3]


def test_a_million_members_are_refused_before_they_fill_the_memory(tmp_path):
    name = b"a"
    entry = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + name
    central = entry * 1_000_000
    path = tmp_path / "million.zip"
    path.write_bytes(b"PK\x03\x04" + central + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0, 0, len(central), 4, 0))
    figures = imported(path)
    assert [code for _, code, _, _ in figures["files"]] == ["too_many_members"]


def test_the_bytes_of_a_whole_walk_are_limited(tmp_path):
    path = tmp_path / "much.zip"
    path.write_bytes(zipped({f"{n}.gpx": GPX + os.urandom(MIB) for n in range(20)}, zipfile.ZIP_STORED))
    members, refused = walked(path, total_bytes=5 * MIB)
    assert len(members) <= 5
    assert {one.code for one in refused} == {"too_large_in_all"}


# Paths and links --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x", "/etc/passwd", "activities/../../x.gpx", "..\\..\\x.gpx", "C:\\x.gpx"]
)
def test_paths_that_lead_out_of_the_archive_are_refused_and_nothing_is_written(tmp_path, name):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("keep.gpx"), GPX)
        entry = zipfile.ZipInfo("placeholder")
        entry.filename = name
        archive.writestr(entry, GPX)
    folder = tmp_path / "in"
    folder.mkdir()
    path = folder / "x.zip"
    path.write_bytes(out.getvalue())
    before = sorted(tmp_path.rglob("*"))
    members, refused = walked(path)
    assert [kind for kind, _ in members] == ["gpx"]
    assert [one.code for one in refused] == ["traversal"]
    assert "etc" not in refused[0].label
    assert sorted(tmp_path.rglob("*")) == before


def test_links_in_archives_are_refused(tmp_path):
    entry = zipfile.ZipInfo("activities/1.gpx")
    entry.create_system = 3
    entry.external_attr = 0o120777 << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
        archive.writestr("2.gpx", GPX)
    path = tmp_path / "links.zip"
    path.write_bytes(out.getvalue())
    members, refused = walked(path)
    assert [kind for kind, _ in members] == ["gpx"]
    assert [(one.code, one.label) for one in refused] == [("link", "activities/1.gpx")]


def test_links_that_leave_a_folder_are_refused_and_inner_ones_read_once(tmp_path):
    secret = tmp_path / "secret.gpx"
    secret.write_bytes(GPX)
    folder = tmp_path / "runs"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "1.gpx").write_bytes(GPX)
    (folder / "again.gpx").symlink_to(folder / "sub" / "1.gpx")
    (folder / "out.gpx").symlink_to(secret)
    (folder / "up").symlink_to(tmp_path)
    (folder / "loop").symlink_to(folder)
    members, refused = walked(folder)
    assert len(members) == 1
    assert [one.code for one in refused] == ["link", "link"]


def test_pipes_and_devices_do_not_hang_the_walk(tmp_path):
    folder = tmp_path / "odd"
    folder.mkdir()
    os.mkfifo(folder / "pipe.fit")
    (folder / "1.gpx").write_bytes(GPX)
    members, refused = walked(folder)
    assert len(members) == 1
    assert [one.code for one in refused] == ["not_a_file"]
    assert walked(Path("/dev/zero"))[1][0].code == "not_a_file"


def test_encrypted_and_oddly_packed_members_are_named(tmp_path):
    data = bytearray(zipped({"1.gpx": GPX, "2.gpx": GPX}))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        data[at + place] |= 1
    path = tmp_path / "locked.zip"
    path.write_bytes(bytes(data))
    members, refused = walked(path)
    assert len(members) == 1
    assert [one.code for one in refused] == ["encrypted"]
    assert "password" in refused[0].reason
    path.write_bytes(zipped({"1.gpx": GPX}, zipfile.ZIP_LZMA))
    assert [one.code for one in walked(path)[1]] == ["method"]


# XML --------------------------------------------------------------------------------------------------------------

XXE = b"""<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY secret SYSTEM "file:///etc/passwd">]>
<gpx version="1.1" creator="&secret;"><trk><name>&secret;</name></trk></gpx>"""
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(12))
    + b']><gpx version="1.1"><trk><name>&m;</name></trk></gpx>'
)


@pytest.mark.parametrize("data", [XXE, LAUGHS], ids=["outside entity", "billion laughs"])
def test_xml_entities_are_refused(tmp_path, data):
    path = tmp_path / "x.zip"
    path.write_bytes(zipped({"1.gpx": data, "2.gpx": GPX}))
    figures = imported(path)
    assert figures["runs"] == 1
    assert "refused" in [state for state, _, _, _ in figures["files"]]
    assert "root:" not in json.dumps(figures)


def test_one_bad_file_never_hides_what_is_good(tmp_path):
    path = tmp_path / "mixed.zip"
    path.write_bytes(
        zipped({"1.gpx": XXE, "2.fit": b"\x0e\x20abcdefgh", "3.gpx": GPX, "4.gpx.gz": gzip.compress(GPX)[:40]})
    )
    assert len(read_activity(path).activities) >= 1
