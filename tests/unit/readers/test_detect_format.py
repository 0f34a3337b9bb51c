"""Formats are told by content, never by name."""

import gzip
import io
import zipfile

import pytest

from soleus.core.errors import ActivityFileError
from soleus.exports.fit_encoder import FitWriter, Value
from soleus.readers.detect import FileFormat, detect_format
from soleus.readers.labels import clean_label
from soleus.readers.registry import READERS, NotAnActivity, is_activity, read_activity, read_bytes

GPX = (
    '<gpx version="1.1"><trk><trkseg><trkpt lat="50" lon="8"><time>2024-05-01T06:00:00Z</time></trkpt>'
    '<trkpt lat="50.001" lon="8"><time>2024-05-01T06:00:30Z</time></trkpt></trkseg></trk></gpx>'
)


def fit_file() -> bytes:
    writer = FitWriter()
    writer.message(0, {0: Value("enum", 4)})
    return writer.to_bytes()


def zip_file(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (fit_file(), FileFormat.FIT),
        (b"", FileFormat.EMPTY),
        (b" \r\n\t ", FileFormat.EMPTY),
        (bytes(200), FileFormat.EMPTY),
        (GPX.encode(), FileFormat.GPX),
        (b'\xef\xbb\xbf  <?xml version="1.0"?>\n<!-- <fake/> -->\n<x:gpx xmlns:x="u">', FileFormat.GPX),
        ('<?xml version="1.0" encoding="UTF-16"?><gpx>'.encode("utf-16"), FileFormat.GPX),
        ("<gpx>".encode("utf-16-le"), FileFormat.GPX),
        ("<gpx>".encode("utf-16-be"), FileFormat.GPX),
        (b"   <?xml version='1.0'?><TrainingCenterDatabase>", FileFormat.TCX),
        (b'<?xml version="1.0"?><!DOCTYPE HealthData [<!ELEMENT HealthData (Me)><!-- cut', FileFormat.APPLE_HEALTH),
        (b'<?xml version="1.0"?><!DOCTYPE HealthData []><HealthData locale="de">', FileFormat.APPLE_HEALTH),
        (b"<html><body>", FileFormat.XML),
        (b"<?xml", FileFormat.XML),
        (zip_file({"a": b"b"}), FileFormat.ZIP),
        (zip_file({}), FileFormat.ZIP),
        (gzip.compress(b"x"), FileFormat.GZIP),
        (b'[{"summarizedActivitiesExport":[{', FileFormat.GARMIN_JSON),
        (b'[{"activityId": 1, "name": "x", "beginTimestamp": 2}]', FileFormat.GARMIN_JSON),
        (b'[{"gearDTOS":[]}]', FileFormat.GARMIN_GEAR),
        (b'{"exercises": []}', FileFormat.POLAR_JSON),
        (b'{"a": []}', FileFormat.JSON),
        (b"Activity ID,Activity Date,c,d,e,f,g,h,i,j\n", FileFormat.STRAVA_CSV),
        (b"ID,Datum,c,d,e,f,g,h,i,j\n1,2,3,4,5,6,7,8,9,activities/1.fit.gz\n", FileFormat.STRAVA_CSV),
        (",".join([*(f"c{n}" for n in range(60)), "c1", "c2", "c3"]).encode(), FileFormat.STRAVA_CSV),
        (b"a,b\n1,2\n", FileFormat.TEXT),
        (b"hello", FileFormat.TEXT),
        (b"%PDF-1.7 1 0 obj", FileFormat.UNKNOWN),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", FileFormat.UNKNOWN),
        (bytes(range(128, 256)) * 4, FileFormat.UNKNOWN),
    ],
)
def test_formats_by_content(head, expected):
    assert detect_format(head) is expected


def test_the_registry_names_the_activity_formats():
    assert set(READERS) == {found.value for found in FileFormat if is_activity(found)}


def test_a_file_is_read_whatever_its_name(tmp_path):
    path = tmp_path / "run.fit"
    path.write_bytes(gzip.compress(GPX.encode()))
    reading = read_activity(path)
    assert reading.activity is not None
    assert reading.activity.format == "gpx"


def test_a_cut_gzip_is_read_as_far_as_it_goes():
    points = "".join(
        f'<trkpt lat="50.{n:04d}" lon="8"><time>2024-05-01T06:{n:02d}:00Z</time></trkpt>' for n in range(60)
    )
    packed = gzip.compress(f'<gpx version="1.1"><trk><trkseg>{points}</trkseg></trk></gpx>'.encode())
    reading = read_bytes(packed[: len(packed) * 2 // 3])
    assert reading.activity is not None
    assert reading.repairs[0].code == "cut_gzip"
    with pytest.raises(NotAnActivity):
        read_bytes(b"\x1f\x8b not gzip at all")


def test_several_gzip_members_in_a_row_are_one_file():
    data = GPX.encode()
    assert read_bytes(gzip.compress(data[:100]) + gzip.compress(data[100:])).activity is not None


@pytest.mark.parametrize(
    "data", [b"", b"hello", zip_file({"a": b"b"}), b"<html>", b"{}", b"\x89PNG\x00", b'[{"gearDTOS":1}]']
)
def test_what_is_no_activity_says_so_and_what_would_be(data):
    with pytest.raises(NotAnActivity, match="FIT, TCX and GPX"):
        read_bytes(data, name="upload")


def test_an_archive_is_read_into_one_reading_and_refusals_become_repairs(tmp_path):
    path = tmp_path / "x.zip"
    path.write_bytes(zip_file({"1.gpx": GPX.encode(), "note.txt": b"hi", "../2.gpx": GPX.encode()}))
    reading = read_activity(path)
    assert len(reading.activities) == 1
    assert "traversal" in [repair.code for repair in reading.repairs]


def test_nothing_in_it_is_an_error_that_names_the_reason(tmp_path):
    path = tmp_path / "x.zip"
    path.write_bytes(zip_file({"../2.gpx": GPX.encode()}))
    with pytest.raises(ActivityFileError, match="leads out of the archive"):
        read_activity(path)
    path.write_bytes(zip_file({"note.txt": b"hi"}))
    with pytest.raises(ActivityFileError, match="text file"):
        read_activity(path)
    path.write_bytes(zip_file({}))
    with pytest.raises(ActivityFileError, match="no activity was found"):
        read_activity(path)
    with pytest.raises(ActivityFileError, match="not there"):
        read_activity(tmp_path / "gone.fit")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("activities/1115181649.fit.gz", "activities/1115181649.fit.gz"),
        ("jane.doe85@mail.co.uk_12345678901.fit", "…12345678901.fit"),
        ("DI_CONNECT/DI-Connect-Fitness/jane@x.org_0_summarizedActivities.json", None),
        ("Jane Doe 2024-05-01.gpx", "…2024-05-01.gpx"),
        ("export_7654321.zip", "export.zip"),
        ("../../etc/passwd", "…/…"),
        ("C:\\Users\\jane\\run.fit", None),
        ("", "…"),
    ],
)
def test_labels_show_numbers_and_layout_words_only(name, label):
    shown = clean_label(name)
    if label is not None:
        assert shown == label
    assert not any(word in shown.lower() for word in ("jane", "doe", "mail", "x.org", "passwd"))
    assert len(clean_label(name * 50)) <= 81
