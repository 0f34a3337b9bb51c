"""The walk over folders and archives: order, nesting, streams, cut archives, zip64."""

import gzip
import io
import struct
import zipfile
import zlib

import pytest

from soleus.readers import zip_stream
from soleus.readers.containers import open_container
from soleus.readers.detect import FileFormat
from soleus.readers.gzip_stream import gunzip
from soleus.readers.limits import Limits, MemberRefused
from soleus.readers.zip_stream import StreamSource, list_entries

MIB = 1 << 20
GPX = b"<gpx><trk/></gpx>" + b" " * 300


def packed(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def walk(source, on_refused=None, **limits):
    return [
        (member.name, member.format, member.read(), member.depth)
        for member in open_container(source, Limits(**limits), on_refused=on_refused)
    ]


def test_tables_come_first_and_folders_are_sorted(tmp_path):
    folder = tmp_path / "runs"
    (folder / "b").mkdir(parents=True)
    (folder / "b" / "2.gpx").write_bytes(GPX)
    (folder / "1.gpx").write_bytes(GPX)
    (folder / "z.csv").write_bytes(b"hello")
    assert [name for name, *_ in walk(folder)] == ["z.csv", "1.gpx", "b/2.gpx"]
    data = packed({"a.gpx": GPX, "c/": b"", "t.json": b"{}", "__MACOSX/._a.gpx": b"junk", ".DS_Store": b"x"})
    assert [name for name, *_ in walk(io.BytesIO(data))] == ["t.json", "a.gpx"]


@pytest.mark.parametrize("inner", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("outer", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("nested_bytes", [64 * MIB, 0], ids=["in memory", "as a stream"])
def test_archives_in_archives(inner, outer, nested_bytes):
    runs = {f"{n}.gpx": GPX + str(n).encode() for n in range(5)}
    data = packed({"one.zip": packed(runs, inner), "two.zip": packed(runs, inner), "0.gpx": GPX}, outer)
    found = walk(io.BytesIO(data), nested_bytes=nested_bytes)
    assert sorted(name for name, *_ in found) == sorted(["0.gpx", *runs, *runs])
    assert all(body == GPX + name[0].encode() or name == "0.gpx" for name, _, body, _ in found if len(body) > len(GPX))
    assert {depth for *_, depth in found} == {0, 1}


def test_depth_and_gzip_around_archives():
    data = GPX
    for _ in range(5):
        data = packed({"x.zip": data})
    refused = []
    assert walk(io.BytesIO(data), refused.append) == []
    assert [one.code for one in refused] == ["too_deep"]
    found = walk(io.BytesIO(gzip.compress(packed({"1.gpx": GPX}))))
    assert [(name, body) for name, _, body, _ in found] == [("1.gpx", GPX)]


def test_gzip_members_stay_packed_and_their_stream_is_unpacked():
    source = io.BytesIO(packed({"1.gpx.gz": gzip.compress(GPX)}))
    for member in open_container(source):
        assert member.format is FileFormat.GZIP
        with member.open() as stream:
            assert stream.read() == GPX


def test_the_path_of_a_member_is_not_in_its_repr():
    for member in open_container(io.BytesIO(packed({"Jane Doe/jane@x.org_1.gpx": GPX}))):
        assert "ane" not in repr(member)


def test_a_member_can_be_read_more_than_once():
    for member in open_container(io.BytesIO(packed({"1.gpx": GPX}))):
        assert member.read() == member.read() == GPX


def test_tar_is_named():
    import tarfile

    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo("1.gpx")
        entry.size = len(GPX)
        archive.addfile(entry, io.BytesIO(GPX))
    refused = []
    assert walk(io.BytesIO(out.getvalue()), refused.append) == []
    assert walk(io.BytesIO(gzip.compress(out.getvalue())), refused.append) == []
    assert [one.code for one in refused] == ["tar", "tar"]


def test_limits_of_a_member_a_stream_and_a_name():
    big = bytes(range(256)) * 40
    data = packed({"a.bin": big, "n" * 600: GPX})
    refused = []
    members = list(open_container(io.BytesIO(data), Limits(), on_refused=refused.append))
    assert [one.code for one in refused] == ["long_name"]
    with pytest.raises(MemberRefused, match="unpacks to more than 100 bytes"):
        members[0].read(100)
    for member in open_container(io.BytesIO(data), Limits(stream_bytes=20_000, ratio_from_bytes=0, ratio=1)):
        with pytest.raises(MemberRefused), member.open() as stream:
            stream.read()


def test_the_number_of_members_is_limited():
    inner = packed({f"{n}.gpx": GPX for n in range(8)})
    refused = []
    found = walk(io.BytesIO(packed({"1.zip": inner, "2.zip": inner})), refused.append, members=10)
    assert len(found) <= 10
    assert {one.code for one in refused} == {"too_many_members"}


@pytest.mark.parametrize("keep", [0.5, 0.9])
@pytest.mark.parametrize("streamed", [False, True], ids=["sizes first", "sizes after the data"])
def test_members_of_a_cut_archive_are_found(keep, streamed):
    runs = {f"{n}.gpx": GPX + bytes(str(n), "ascii") * 3000 for n in range(40)}
    if streamed:

        class NoSeek(io.BytesIO):
            def seekable(self):
                return False

            def seek(self, *_):
                raise io.UnsupportedOperation

            def tell(self):
                raise io.UnsupportedOperation

        out = NoSeek()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, body in runs.items():
                archive.writestr(name, body)
        data = out.getvalue()
    else:
        data = packed(runs)
    refused = []
    found = walk(io.BytesIO(data[: int(len(data) * keep)]), refused.append)
    assert "cut_archive" in [one.code for one in refused]
    assert len(found) >= 40 * keep * 0.5
    assert all(runs[name] == body for name, _, body, _ in found[:-1])


def test_a_wrong_checksum_or_broken_data_gives_what_is_there():
    data = bytearray(packed({"1.gpx": GPX, "2.gpx": GPX}))
    at = data.find(b"PK\x03\x04") + 14
    data[at] ^= 0xFF
    assert len(walk(io.BytesIO(bytes(data)))) == 2
    broken = bytearray(packed({"1.gpx": bytes(range(256)) * 50}))
    broken[60:90] = b"\xff" * 30
    found = walk(io.BytesIO(bytes(broken)))
    assert len(found) == 1
    assert len(found[0][2]) < 256 * 50


def test_zip64_sizes_and_bytes_before_the_archive():
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("1.gpx", "w", force_zip64=True) as file,
    ):
        file.write(GPX)
    assert walk(io.BytesIO(out.getvalue()))[0][2] == GPX
    entries, whole = list_entries(StreamSource(io.BytesIO(b"junk" * 10 + packed({"1.gpx": GPX}))), max_entries=10)
    assert whole
    assert entries[0].offset == 40


def zip64_archive(body: bytes) -> bytes:
    """An archive whose directory is found only through the zip64 record, as those beyond 4 GiB have it."""
    raw = zlib.compress(body)[2:-4]
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 45, 0, 8, 0, 0, 0, len(raw), len(body), 1, 0) + b"a"
    extra = struct.pack("<2H3Q", 1, 24, len(body), len(raw), 0)
    large = 0xFFFFFFFF
    fields = (b"PK\x01\x02", 45, 45, 0, 8, 0, 0, 0, large, large, 1, len(extra), 0, 0, 0, 0, large)
    central = struct.pack("<4s6H3I5H2I", *fields) + b"a" + extra
    at = len(local) + len(raw)
    record = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(central), at)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, at + len(central), 1)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, large, large, 0)
    return local + raw + central + record + locator + end


def test_an_archive_with_a_zip64_directory():
    data = zip64_archive(GPX)
    assert walk(io.BytesIO(data))[0][2] == GPX
    refused = []
    walk(io.BytesIO(data.replace(b"PK\x06\x07", b"XXXX")), refused.append)
    walk(io.BytesIO(data.replace(b"PK\x06\x06", b"XXXX")), refused.append)
    assert [one.code for one in refused] == ["cut_archive", "cut_archive"]


def test_names_in_old_code_pages_are_decoded():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("Läufe/1.gpx", GPX)
    data = out.getvalue().replace("Läufe".encode(), b"L\x84ufe ")
    data = data.replace(b"\x00\x08", b"\x00\x00")
    assert zip_stream._decode_name(b"L\x84ufe", 0) == "Läufe"
    assert zip_stream._decode_name("Läufe".encode(), 0) == "Läufe"


def test_gunzip_tells_whole_from_cut():
    data = bytes(range(256)) * 100
    assert gunzip(gzip.compress(data)) == (data, True)
    cut, whole = gunzip(gzip.compress(data)[:-200])
    assert not whole
    assert data.startswith(cut)
    assert gunzip(gzip.compress(data) + gzip.compress(data)) == (data * 2, True)
    small = Limits(ratio_from_bytes=1000, ratio=10_000)
    assert gunzip(gzip.compress(data), small) == (data, True)
    with pytest.raises(MemberRefused, match="zip bomb"):
        gunzip(gzip.compress(bytes(10 * MIB)))
