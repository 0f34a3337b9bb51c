"""Names of loose files as the person's own terminal shows them, and nowhere else."""

import io
import zipfile

import pytest

from soleus.readers.containers import open_container
from soleus.readers.labels import clean_label, shown_name

GPX = b"<gpx><trk/></gpx>" + b" " * 300


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Morning loop (3).gpx", "Morning loop (3).gpx"),
        ("2024/05/Läufe am See.FIT", "Läufe am See.FIT"),
        ("jo.doe@mail.example_123.fit", "…_123.fit"),
        ("run jo+a@mail.co.uk.tcx.gz", "run ….tcx.gz"),
        ("jo%40mail.example.gpx", "….gpx"),
        ("jo\uff20mail.example.gpx", "….gpx"),
        ("a\x1b[2Jb\u202egnp.fit", "a…[2Jb…gnp.fit"),
        ("caf\udce9.gpx", "caf….gpx"),
    ],
)
def test_a_loose_file_keeps_its_own_name_but_no_address_and_no_control_characters(name, shown):
    assert shown_name(name) == shown


def test_loose_files_are_named_and_members_of_archives_are_not(tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("Jo Doe/home run.gpx", GPX)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "Home run.gpx").write_bytes(GPX)
    (tmp_path / "a.zip").write_bytes(packed.getvalue())
    (tmp_path / "c.zip").write_bytes(packed.getvalue()[:20])
    (tmp_path / "Out.gpx").symlink_to("/etc/hostname")
    refused = []
    members = list(open_container(tmp_path, on_refused=refused.append))
    assert {member.name: member.shown for member in members if member.name != "c.zip"} == {
        "b/Home run.gpx": "Home run.gpx",
        "Jo Doe/home run.gpx": "",
    }
    assert all(member.label == clean_label(member.name) for member in members)
    assert "Home" not in repr(members)
    assert "Out" not in repr(refused)
    assert [one.shown for one in refused if one.code == "link"] == ["Out.gpx"]
    assert [member.shown for member in open_container(tmp_path / "b" / "Home run.gpx")] == ["Home run.gpx"]


def test_a_folder_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    def closed(root, *, followlinks, onerror):
        onerror(PermissionError(13, "Permission denied", str(root / "private")))
        return iter(())

    monkeypatch.setattr("soleus.readers.containers.os.walk", closed)
    refused = []
    assert list(open_container(tmp_path, on_refused=refused.append)) == []
    assert [(one.code, one.shown) for one in refused] == [("unreadable", "private")]
