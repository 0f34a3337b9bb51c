"""`soleus plan`: the files it writes, what it never writes over, and what it tells at the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from soleus.cli import plan as command
from soleus.cli.main import main
from soleus.core.errors import BackendError

EXAMPLES = Path(__file__).parents[3] / "examples"
STRAIN, EMERGENCY = EXAMPLES / "slow_soleus_strain.yaml", EXAMPLES / "emergency_compartment.yaml"
GOALS = EXAMPLES / "plans" / "goals.yaml"
DAY = "2026-11-23"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    def call(*arguments: object) -> tuple[int, str, str]:
        code = main(["plan", *(str(a) for a in arguments)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


def test_a_plan_is_written_with_everything_beside_it(run, tmp_path: Path) -> None:
    out = tmp_path / "new" / "plan"
    code, told, _ = run(STRAIN, "--goals", GOALS, "--out", out, "--today", DAY)
    assert code == 0
    assert {"plan.pdf", "plan.json", "plan.ics", "plan-fhir.json"} <= {path.name for path in out.iterdir()}
    assert (out / "plan.pdf").read_bytes().startswith(b"%PDF")
    assert json.loads((out / "plan.json").read_text())["status"] == "draft"
    assert json.loads((out / "plan-fhir.json").read_text())["resourceType"] == "Bundle"
    assert b"BEGIN:VEVENT" in (out / "plan.ics").read_bytes()
    assert told.index("Is it safe to start?") < told.index("Today") < told.index("This week")
    assert "Automatic draft, not yet checked by a physiotherapist" in told
    assert "999" in told
    assert "{" not in told


def test_a_danger_leaves_no_training_but_says_where_to_go(run, tmp_path: Path) -> None:
    code, told, _ = run(EMERGENCY, "--goals", GOALS, "--out", tmp_path, "--today", DAY)
    assert code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"plan.pdf", "plan.json", "plan-fhir.json"}
    assert told.index("Go to A&E now") < told.index("Is it safe to start? No.")
    assert "Your exercises" not in told


def test_the_same_day_and_goals_give_the_same_bytes(run, tmp_path: Path) -> None:
    for name in ("a", "b"):
        run(STRAIN, "--goals", GOALS, "--out", tmp_path / name, "--today", DAY)
    for path in (tmp_path / "a").rglob("*.*"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes(), path.name


def test_a_second_run_with_nothing_new_leaves_the_files_alone(run, tmp_path: Path) -> None:
    run(STRAIN, "--goals", GOALS, "--out", tmp_path, "--today", DAY)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    code, told, _ = run(STRAIN, "--goals", GOALS, "--out", tmp_path, "--today", DAY)
    assert code == 0
    assert "Nothing has changed since version 1" in told
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*")} == before


def test_new_wishes_make_the_next_version(run, tmp_path: Path) -> None:
    run(STRAIN, "--goals", GOALS, "--out", tmp_path, "--today", DAY)
    code, _, _ = run(STRAIN, "--out", tmp_path, "--today", DAY)
    assert code == 0
    assert json.loads((tmp_path / "plan.json").read_text())["revision"] == 2


def test_a_danger_that_comes_later_takes_the_sessions_out_of_the_calendar(run, tmp_path: Path) -> None:
    run(STRAIN, "--goals", GOALS, "--out", tmp_path, "--today", DAY)
    worse = tmp_path / "worse.yaml"
    worse.write_text(EMERGENCY.read_text().replace("id: emergency_compartment", "id: slow_soleus_strain"))
    code, _, _ = run(worse, "--goals", GOALS, "--out", tmp_path, "--today", DAY)
    assert code == 0
    calendar = (tmp_path / "plan.ics").read_bytes()
    assert b"STATUS:CANCELLED" in calendar
    assert calendar.count(b"STATUS:CANCELLED") == calendar.count(b"BEGIN:VEVENT")
    assert json.loads((tmp_path / "plan.json").read_text())["status"] == "withheld"


def test_another_runners_plan_is_never_written_over(run, tmp_path: Path) -> None:
    run(STRAIN, "--out", tmp_path, "--today", DAY)
    before = (tmp_path / "plan.json").read_bytes()
    code, _, told = run(EMERGENCY, "--out", tmp_path, "--today", DAY)
    assert code == 40
    assert "another case" in told
    assert (tmp_path / "plan.json").read_bytes() == before
    assert run(EMERGENCY, "--out", tmp_path, "--today", DAY, "--force")[0] == 0


def test_a_newer_plan_is_never_written_over(run, tmp_path: Path) -> None:
    run(STRAIN, "--out", tmp_path, "--today", "2026-11-30")
    code, _, told = run(STRAIN, "--out", tmp_path, "--today", DAY)
    assert code == 40
    assert "newer" in told


def test_an_older_version_cannot_take_the_place_of_the_one_in_the_folder(run, tmp_path: Path) -> None:
    run(STRAIN, "--goals", GOALS, "--out", tmp_path, "--today", DAY)
    old = tmp_path / "old.json"
    old.write_bytes((tmp_path / "plan.json").read_bytes())
    run(STRAIN, "--out", tmp_path, "--today", DAY)
    code, _, told = run(STRAIN, "--out", tmp_path, "--today", DAY, "--previous", old)
    assert code == 40
    assert "version 2" in told


def test_a_plan_of_another_case_is_no_previous_version(run, tmp_path: Path) -> None:
    run(EMERGENCY, "--out", tmp_path / "a", "--today", DAY)
    code, _, told = run(STRAIN, "--out", tmp_path / "b", "--today", DAY, "--previous", tmp_path / "a" / "plan.json")
    assert code == 40
    assert "another case" in told


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": "soleus_plan/9"}', "[" * 5000])
def test_a_broken_plan_file_is_refused(run, tmp_path: Path, content: str) -> None:
    broken = tmp_path / "plan.json"
    broken.write_text(content)
    code, _, _ = run(STRAIN, "--out", tmp_path, "--today", DAY)
    assert code == 12
    assert broken.read_text() == content


def test_goals_that_cannot_be_are_refused(run, tmp_path: Path) -> None:
    goals = tmp_path / "goals.yaml"
    goals.write_text("event: {name: Race, on: 2026-11-01}\nmeasures: {slhr_reps: {value: 12, on: 2026-12-01}}\n")
    code, _, told = run(STRAIN, "--goals", goals, "--out", tmp_path / "plan", "--today", DAY)
    assert code == 11
    assert "event.on" in told
    assert "lies in the future" in told
    assert not (tmp_path / "plan").exists()


def test_a_part_that_is_missing_leaves_the_others(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> bytes:
        raise BackendError("PDF reports need typst")

    monkeypatch.setattr("soleus.exports.plan_pdf.plan_pdf", broken)
    code, told, _ = run(STRAIN, "--out", tmp_path, "--today", DAY)
    assert code == 50
    assert "Not written: plan.pdf: PDF reports need typst" in told
    assert (tmp_path / "plan.json").exists()


def test_a_folder_that_cannot_be_written_is_told(run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    code, _, told = run(STRAIN, "--out", tmp_path / "file" / "plan", "--today", DAY)
    assert code == 50
    assert "cannot write" in told


def test_the_plan_as_json(run, tmp_path: Path) -> None:
    code, told, _ = run(STRAIN, "--out", tmp_path, "--today", DAY, "--json")
    assert code == 0
    assert json.loads(told) == json.loads((tmp_path / "plan.json").read_text())


def test_workouts_that_no_longer_hold_are_removed(tmp_path: Path) -> None:
    old = tmp_path / "workouts" / "soleus-01-walk_run-1.fit"
    old.parent.mkdir()
    old.write_bytes(b"x")
    kept = tmp_path / "workouts" / "mine.fit"
    kept.write_bytes(b"y")
    command._write(tmp_path, command._Files(stale=["workouts/soleus-01-walk_run-1.fit"]))
    assert not old.exists()
    assert kept.exists()


def test_the_guide_runs_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = (EXAMPLES.parent / "docs" / "how-to" / "make-a-plan.md").read_text()
    code = guide.split("```python\n")[1].split("```")[0]
    (tmp_path / "examples").symlink_to(EXAMPLES)
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "make-a-plan.md", "exec"), {})  # noqa: S102 - our own guide
    assert (tmp_path / "plan.pdf").read_bytes().startswith(b"%PDF")


def test_the_guide_names_every_entry_of_a_goals_file() -> None:
    from soleus.readers.goals_file import CLEARERS, TOP_LEVEL, WANTS

    guide = (EXAMPLES.parent / "docs" / "how-to" / "make-a-plan.md").read_text()
    assert not [entry for entry in (*TOP_LEVEL, *CLEARERS, *WANTS) if entry not in guide]
