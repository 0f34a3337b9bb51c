"""`soleus heel-raise`: body points and counts in, words, JSON and files out."""

import json
from pathlib import Path

import pytest

from soleus.cli.main import main
from soleus.exports.gait_json import heel_raise_from_json
from soleus.validation.synthetic_heel_raise import Script, film
from soleus.vision.pose.replay import poses_json
from soleus.vision.video import HEEL_RAISE_LIMITS


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> Path:
    recording, _ = film(Script(reps=7, fps=30.0, noise_mm=2.0, knee_bend_deg={3: 32.0}, seed=1))
    path = tmp_path_factory.mktemp("heel") / "left.json"
    path.write_text(json.dumps(poses_json(recording), allow_nan=False), encoding="utf-8")
    return path


def say(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["heel-raise", *arguments])
    out = capsys.readouterr()
    return code, " ".join(out.out.split()), out.err


def test_body_points_of_one_leg_and_a_count_of_the_other(points: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = ("--side", "left", "--sore", "left", "--other-count", "12", "--age", "40", "--sex", "female", "--pain", "2")
    code, out, _ = say(capsys, "--keypoints", str(points), *told, "--foot-length-cm", "26", "--mass-kg", "60")
    assert code == 0
    assert "6 heel raises on the left leg and 12 on the right" in out
    assert "the knee bent" in out
    assert "One was counted by hand and one on film" in out
    assert "50%" not in out
    assert "Do not do this test" in out


def test_the_whole_test_is_read_not_only_its_middle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, seen = tmp_path / "left.mp4", {}
    one.write_bytes(b"film")

    def record(_path: Path, **wishes: object) -> object:
        seen.update(wishes)
        return film(Script(reps=7, fps=30.0, noise_mm=2.0, seed=1))[0]

    monkeypatch.setattr("soleus.vision.pipeline.record_clip", record)
    assert main(["heel-raise", str(one), "--side", "left"]) == 0
    assert seen["limits"] is HEEL_RAISE_LIMITS


def test_json_is_read_back_exactly(points: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = say(capsys, "--keypoints", str(points), "--json", "--today", "2026-11-23")
    report = heel_raise_from_json(json.loads(out))
    assert code == 0
    assert report.sets[0].attempted == 7
    assert report.model == "synthetic/heel-raise"


def test_a_page_and_the_points_are_written(points: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, kept = tmp_path / "page.html", tmp_path / "kept.json"
    code, out, _ = say(
        capsys, "--keypoints", str(points), "--html", str(page), "--save-keypoints", str(kept), "--clinical"
    )
    assert code == 0
    assert "95 % interval" in page.read_text(encoding="utf-8") or page.stat().st_size > 5000
    assert json.loads(kept.read_text(encoding="utf-8"))["schema"] == "soleus-pose/1"
    assert "Pose network" in out


def test_both_legs_counted_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = say(capsys, "--count", "18", "--side", "right", "--other-count", "25", "--sore", "right")
    assert code == 0
    assert "72%" in out
    assert out.count("A count by hand does not tell this.") == 2


def test_what_cannot_be_counted_ends_with_its_own_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording, _ = film(Script(movement="squat", fps=30.0, seed=1))
    path = tmp_path / "squat.json"
    path.write_text(json.dumps(poses_json(recording), allow_nan=False), encoding="utf-8")
    code, out, _ = say(capsys, "--keypoints", str(path))
    assert code == 15
    assert "We could not count this film." in out


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "a film, body points or a count"),
        (("film.mp4", "--count", "3"), "a film, body points or a count"),
        (("--count", "3"), "which leg"),
        (("--count", "3", "--side", "left", "--other-count", "1", "--other", "b.mp4"), "once"),
        (("--count", "300", "--side", "left"), "cannot be"),
        (("--count", "3", "--side", "left", "--pain", "11"), "cannot be"),
        (("--count", "3", "--side", "left", "--slow-motion", "4"), "real time"),
        (("--count", "3", "--side", "left", "--annotate", "x.mp4"), "no picture"),
        (("no-such-film.mp4",), "no such file"),
    ],
)
def test_what_was_typed_wrong_is_told(
    arguments: tuple[str, ...], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, error = say(capsys, *arguments)
    assert 10 <= code < 20
    assert problem in error
