"""The snapshot gives back the very same knowledge base, or is not used at all."""

import sys

import pytest

from soleus.knowledge import compile as compile_module
from soleus.knowledge import load_knowledge
from soleus.knowledge.compile import DATA
from soleus.knowledge.snapshot import decode, encode, fingerprint, load_or_build


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path / "cache"


@pytest.fixture
def build(mini):
    """Builds the small knowledge base and counts how often."""

    def builder():
        builder.count += 1
        return load_knowledge(mini.root)

    builder.count = 0
    return builder


def test_the_same_knowledge_base_comes_back(mini):
    kb = load_knowledge(mini.root)
    assert decode(encode(kb)) == kb
    mini.write("medicines.yaml", "medicines: {x: {dose: [1, 2.5], more: {a: [true, null]}}}").remove(
        "adjuncts/rest.yaml", "adjuncts/tablet.yaml", "interview.yaml"
    )
    medicine = decode(encode(load_knowledge(mini.root))).medicines["x"]
    assert medicine == {"dose": [1, 2.5], "more": {"a": [True, None]}}


def test_the_packaged_knowledge_survives():
    kb = compile_module._load(DATA, "en")
    assert decode(encode(kb)) == kb


def test_it_is_built_once_and_then_read(mini, folder, build):
    first = load_or_build(mini.root, "en", build, folder)
    assert load_or_build(mini.root, "en", build, folder) == first
    assert build.count == 1
    assert [path.name for path in folder.iterdir()] == ["knowledge.en.json"]


def test_a_changed_file_or_locale_is_built_anew(mini, folder, build):
    load_or_build(mini.root, "en", build, folder)
    load_or_build(mini.root, "de", build, folder)
    mini.change("manifest.yaml", "2026.11.1", "2026.11.2")
    assert load_or_build(mini.root, "en", build, folder).version == "2026.11.2"
    assert build.count == 3
    assert fingerprint(mini.root, "en") != fingerprint(mini.root, "de")


@pytest.mark.parametrize(
    "spoil", [lambda b: b.replace(b"0.75", b"0.15"), lambda b: b[:-10], lambda b: b"\xff", lambda b: b""]
)
def test_a_damaged_snapshot_is_never_believed(mini, folder, build, spoil):
    first = load_or_build(mini.root, "en", build, folder)
    path = folder / "knowledge.en.json"
    path.write_bytes(spoil(path.read_bytes()))
    assert load_or_build(mini.root, "en", build, folder) == first
    assert build.count == 2


def test_nothing_is_written_where_python_writes_no_byte_code(mini, folder, build, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    load_or_build(mini.root, "en", build, folder)
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_is_no_fault(mini, folder, build):
    folder.write_text("a file in the way")
    assert load_or_build(mini.root, "en", build, folder).version == "2026.11.1"
