"""The generated reference pages: written, fresh, stale, removed."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def build():
    spec = importlib.util.spec_from_file_location("build_reference", ROOT / "scripts" / "build_reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(build, mini, out, *more):
    return build.main(["--knowledge", str(mini.root), "--out", str(out), *more])


def test_pages_are_written_then_fresh(build, mini, tmp_path, capsys):
    out = tmp_path / "reference"
    assert run(build, mini, out, "--check") == 1
    assert "stale: index.md" in capsys.readouterr().out
    assert run(build, mini, out) == 0
    assert run(build, mini, out, "--check") == 0
    assert {p.name for p in (out / "conditions").iterdir()} == {
        "dvt.md",
        "other_nonspecific.md",
        "strain.md",
        "weakness.md",
    }


def test_a_changed_number_makes_its_page_stale_and_a_dropped_condition_removes_it(build, mini, tmp_path, capsys):
    out = tmp_path / "reference"
    run(build, mini, out)
    (out / "handwritten.md").write_text("kept")
    mini.change("conditions/dvt.yaml", "value: 0.75", "value: 0.74")
    capsys.readouterr()
    assert run(build, mini, out, "--check") == 1
    assert capsys.readouterr().out.split() == ["stale:", "conditions/dvt.md"]
    (out / "conditions" / "gone.md").write_text("old")
    run(build, mini, out)
    assert not (out / "conditions" / "gone.md").exists()
    assert (out / "handwritten.md").exists()


def test_the_training_page_shows_every_number_table_and_change(build, mini, tmp_path):
    out = tmp_path / "reference"
    run(build, mini, out)
    page = (out / "training.md").read_text()
    assert "| calf.power | 0.4 | 0.2 to 0.5 |  | derived, read in a summary; [study](sources.md#study) |" in page
    assert "| spike.days | 30 | fixed | days | measured, read where it stands; [study](sources.md#study) |" in page
    assert "| clean.gap_s | 30 | 10 to 60 | s | expert, from memory, not checked |" in page
    assert "One (first) | session spike of distance_km | 7 | 1.1 | 3 | 1 | cohort" in page
    assert "## Table spike.bands" in page
    assert "|  | 1.1 | small |" in page
    mini.remove("training/parameters.yaml", "training/tables.yaml", "training/changes.yaml")
    run(build, mini, out)
    assert not (out / "training.md").exists()
    assert "training.md" not in (out / "index.md").read_text()


def test_every_number_shows_its_interval_basis_citation_and_counts(build, mini, tmp_path):
    out = tmp_path / "reference"
    run(build, mini, out)
    page = (out / "conditions" / "dvt.md").read_text()
    assert "measured; [study](../sources.md#study); elicited 0.75 (0.55-0.88), moved by 26/74 at weight 0.35" in page
    assert "sudden 6/10 at weight 0.5" in page
    rules = (out / "red-flags.md").read_text()
    assert "- all of\n  - [swelling](findings/pain.md#swelling)\n  - any of" in rules
    assert "[dvt](conditions/dvt.md) | 0.05 | 0.030-0.10 | same_day | expert" in rules
    assert "https://doi.org/10.1000/calf" in (out / "sources.md").read_text()
    assert "Not used by the differential" in (out / "findings" / "pain.md").read_text()
    assert "strain" in (out / "severity.md").read_text()


def test_an_empty_knowledge_base_has_an_index(build, tmp_path):
    (tmp_path / "data").mkdir()
    assert "0 main causes" in build.pages(tmp_path / "data")["index.md"]
