"""`soleus gait` from body points: no pose network is needed, and every way it can end has its exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from soleus.cli.gait import NOT_MEASURED, PictureBar
from soleus.cli.main import main
from soleus.core.errors import PoseBackendError
from soleus.core.recording import Recording
from soleus.exports.gait_json import gait_from_json
from soleus.validation.synthetic_runner import Scene, synthesize
from soleus.vision.pose.replay import read_poses, write_poses

TODAY = ["--today", "2026-11-22"]


@pytest.fixture(scope="module")
def recording() -> Recording:
    return synthesize(Scene(duration_s=7.0, seed=3)).recording


@pytest.fixture(scope="module")
def points(recording: Recording, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("points") / "points.json"
    write_poses(recording, path)
    return path


@pytest.fixture(scope="module")
def short(recording: Recording, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of running: too little to measure."""
    path = tmp_path_factory.mktemp("points") / "short.json"
    write_poses(synthesize(Scene(duration_s=1.0, seed=3)).recording, path)
    return path


def test_points_are_measured_and_told_in_words(points: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gait", "--keypoints", str(points), "--speed", "2.6", *TODAY]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith("YOUR RUNNING ON FILM\nYou took about ")
    assert "Steps per minute" in out
    assert "What we could not measure, and why" in out
    assert "999, 112 or 911" in out
    assert "gait." not in out
    assert "{" not in out


def test_json_is_clean_and_can_be_read_back(points: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gait", "--keypoints", str(points), "--json", *TODAY]) == 0
    data = json.loads(capsys.readouterr().out)
    report = gait_from_json(data)
    assert report.view.value == "side"
    assert report.metric("cadence") is not None
    assert data["schema"] == "gait/1"


def test_an_earlier_report_shows_what_changed(points: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["gait", "--keypoints", str(points), "--json", *TODAY])
    earlier = tmp_path / "last.json"
    earlier.write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["gait", "--keypoints", str(points), "--previous", str(earlier), *TODAY]) == 0
    assert "changed by more than chance" in capsys.readouterr().out


def test_the_page_and_the_points_are_written(points: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, again = tmp_path / "film.html", tmp_path / "again.json"
    asked = [
        "gait",
        "--keypoints",
        str(points),
        "--html",
        str(page),
        "--save-keypoints",
        str(again),
        "--clinical",
        *TODAY,
    ]
    assert main(asked) == 0
    told = page.read_text(encoding="utf-8")
    assert told.count("<figure") >= 2
    assert "<script" not in told
    assert "Cadence" in capsys.readouterr().out
    np.testing.assert_allclose(read_poses(again).poses.points, read_poses(points).poses.points, atol=0.01)


def test_a_film_that_cannot_be_measured_ends_with_its_own_code(
    short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "film.html"
    assert main(["gait", "--keypoints", str(short), "--html", str(page), *TODAY]) == NOT_MEASURED == 15
    out, err = capsys.readouterr()
    assert err == ""
    assert "We could not measure this film." in out
    assert "What we measured" not in out
    assert "Ticked, " in page.read_text(encoding="utf-8")
    assert main(["gait", "--keypoints", str(short), "--json", *TODAY]) == NOT_MEASURED
    assert gait_from_json(json.loads(capsys.readouterr().out)).refusals


@pytest.mark.parametrize(
    ("asked", "code", "says"),
    [
        ([], 11, "give either a film or a file of body points"),
        (["x.mp4", "--keypoints", "y.json"], 11, "give either a film or a file of body points"),
        (["--keypoints", "none.json"], 14, "none.json"),
        (["none.mp4"], 14, "there is no such file"),
        (["."], 14, "this is a folder"),
        (["x\0y.mp4"], 14, "not a path"),
        (["--keypoints", "y.json", "--slow-motion", "8"], 11, "--slow-motion"),
        (["x.mp4", "--speed", "40"], 11, "--speed: 40 cannot be"),
        (["x.mp4", "--speed", "nan"], 11, "--speed: nan cannot be"),
        (["x.mp4", "--height-cm", "1.8"], 11, "--height-cm: 1.8 cannot be"),
        (["x.mp4", "--previous", "none.json"], 14, "there is no such file"),
    ],
)
def test_what_cannot_work_is_said_at_once(
    asked: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["gait", *asked, *TODAY]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert "Traceback" not in err


@pytest.mark.parametrize("content", [b"\xff\xd8 no json", b"[1, 2]", b'{"schema": "gait/1"}', b"[" * 50_000])
def test_an_earlier_report_that_is_none_is_refused(
    content: bytes, points: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "last.json"
    wrong.write_bytes(content)
    assert main(["gait", "--keypoints", str(points), "--previous", str(wrong), *TODAY]) == 14
    assert "last.json" in capsys.readouterr().err


def test_a_page_that_cannot_be_written_is_told(
    points: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["gait", "--keypoints", str(points), "--html", str(tmp_path / "no" / "x.html"), *TODAY]) == 50
    assert "cannot write" in capsys.readouterr().err


def test_a_film_without_the_extra_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As on a machine with the bare package: no video library, no pose network."""
    film = tmp_path / "run.mp4"
    film.write_bytes(b"\0" * 100)
    for name in ("av", "onnxruntime", "cv2"):
        monkeypatch.setitem(sys.modules, name, None)
    assert main(["gait", str(film), *TODAY]) == PoseBackendError.exit_code
    out, err = capsys.readouterr()
    assert out == ""
    assert "soleus[gait]" in err


def test_a_drawn_film_without_the_extra_says_so(
    points: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("av", "cv2"):
        monkeypatch.setitem(sys.modules, name, None)
    asked = ["gait", "--keypoints", str(points), "--annotate", str(tmp_path / "out.mp4"), *TODAY]
    assert main(asked) == PoseBackendError.exit_code
    assert "soleus[gait]" in capsys.readouterr().err


def test_the_bare_package_names_what_points_need(points: Path) -> None:
    """In a process of its own: the engine of this one is loaded already."""
    code = (
        "import sys; sys.modules['scipy'] = None; from soleus.cli.main import main; "
        f"sys.exit(main(['gait', '--keypoints', {str(points)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == PoseBackendError.exit_code
    assert done.stdout == ""
    assert "scipy is not installed" in done.stderr


def test_points_need_no_pose_network(
    points: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("av", "onnxruntime", "cv2"):
        monkeypatch.setitem(sys.modules, name, None)
    assert main(["gait", "--keypoints", str(points), *TODAY]) == 0
    assert "steps a minute" in capsys.readouterr().out


def test_a_film_goes_through_the_pipeline_with_its_wishes(
    tmp_path: Path, recording: Recording, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    film, out = tmp_path / "run.mp4", tmp_path / "drawn.mp4"
    film.write_bytes(b"film")
    seen: dict[str, Any] = {}

    def record(path: Path, **wishes: Any) -> Recording:
        seen.update(wishes, path=path)
        wishes["progress"](1, 2)
        return recording

    def annotate(path: Path, _recording: Recording, _report: object, where: Path, **wishes: Any) -> None:
        seen.update(drawn_from=path, background=wishes["background"])
        where.write_bytes(b"drawn")

    monkeypatch.setattr("soleus.vision.pipeline.record_clip", record)
    monkeypatch.setattr("soleus.vision.annotate.annotate_clip", annotate)
    asked = ["gait", str(film), "--slow-motion", "8", "--pose", "some-net", "--annotate", str(out), *TODAY]
    assert main(asked) == 0
    assert (seen["path"], seen["slow_motion"], seen["backend"]) == (film, 8.0, "some-net")
    assert (seen["drawn_from"], seen["background"]) == (film, "film")
    assert out.read_bytes() == b"drawn"
    assert main([*asked, "--plain"]) == 0
    assert seen["background"] == "plain"
    assert capsys.readouterr().err == ""


def test_the_bar_counts_pictures_when_somebody_watches(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    clock = iter([10.0, 10.01, 11.0, 12.0])
    monkeypatch.setattr("soleus.cli.gait.time.monotonic", lambda: next(clock))
    bar = PictureBar()
    bar.show(5, 100)
    bar.show(6, 100)  # too soon
    bar.show(100, 100)
    bar.show(7, None)
    bar.clear()
    err = capsys.readouterr().err
    assert "  5 %  picture 5 of about 100" in err
    assert "picture 6 " not in err
    assert "100 %  picture 100" in err
    assert "picture 7" in err
    assert err.endswith("\r\x1b[K")
