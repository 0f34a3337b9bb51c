"""Body points as files: what is written is read again, and faults are named."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from soleus.core.errors import VideoError
from soleus.core.recording import KEYPOINT_INDEX, KEYPOINTS, ClipFacts, PoseSequence, Recording
from soleus.vision.pose import replay
from soleus.vision.pose.replay import SCHEMA, parse_poses, poses_json, read_poses, write_poses


def recording(frames: int = 5, *, facts: bool = True) -> Recording:
    rng = np.random.default_rng(0)
    points = np.round(rng.uniform(0, 700, (frames, len(KEYPOINTS), 3)), 2)
    points[:, :, 2] = np.round(rng.uniform(0, 1, (frames, len(KEYPOINTS))), 3)
    points[1, 3, :2] = np.nan
    series = {
        "sharpness": np.array([0.5, np.nan, 0.25, 0.5, 0.75][:frames]),
        "shift_px": np.array([[0.0, 0.0], [1.5, -0.5], [np.nan, np.nan], [0, 1], [0, 0]][:frames]),
        "motion_energy": np.arange(frames, dtype=float),
        "brightness": 120.5,
        "cuts": 1,
        "frozen_share": 0.125,
        "repairs": ("two pictures were missing",),
        "slow_motion": 8.0,
        "slow_motion_from": "stated",
        "variable_frame_rate": True,
        "window_start_s": 2.5,
        "chosen": True,
    }
    assert set(series) | {"duration_s", "fps", "width_px", "height_px"} == {f.name for f in fields(ClipFacts)}
    return Recording(
        poses=PoseSequence(
            times_s=np.array([0.0, 0.033, 0.067, 0.1, 0.133][:frames]),
            points=points,
            width_px=720,
            height_px=1280,
            model="blazepose-heavy/59e42d71",
            people=np.array([1, -1, -1, 2, -1][:frames], np.int16),
        ),
        facts=ClipFacts(duration_s=0.167, fps=30.0, width_px=1080, height_px=1920, **(series if facts else {})),
    )


def test_a_recording_survives_the_file(tmp_path: Path) -> None:
    before = recording()
    write_poses(before, tmp_path / "points.json")
    after = read_poses(tmp_path / "points.json")
    for name in ("times_s", "points", "people"):
        assert np.array_equal(getattr(before.poses, name), getattr(after.poses, name), equal_nan=True)
    assert (after.poses.width_px, after.poses.height_px, after.poses.model) == (720, 1280, "blazepose-heavy/59e42d71")
    for name in ("sharpness", "shift_px", "motion_energy"):
        assert np.array_equal(getattr(before.facts, name), getattr(after.facts, name), equal_nan=True)
    for name in {field.name for field in fields(ClipFacts)} - {"sharpness", "shift_px", "motion_energy"}:
        assert getattr(before.facts, name) == getattr(after.facts, name)


def test_unmeasured_facts_stay_unmeasured(tmp_path: Path) -> None:
    before = recording(facts=False)
    content = poses_json(before)
    content["facts"]["fps"] = None
    after = parse_poses(json.dumps(content).encode())
    assert np.isnan(after.facts.fps)
    assert after.facts.sharpness is None
    assert after.facts.cuts is None


def plain(**changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "model": "by hand",
        "width_px": 640,
        "height_px": 480,
        "keypoints": ["left_hip", "left_knee"],
        "times_s": [10.0, 10.04, 10.08],
        "points": [[[1, 2, 0.9], [3.5, 4, 1]], [[1, 2, 0.9], [None, None, 0]], [[1, 2, 0.9], [3, 4, 0.5]]],
    }
    return content | changes


def test_a_small_file_by_hand_is_enough() -> None:
    after = parse_poses(json.dumps(plain()).encode())
    assert after.poses.times_s == pytest.approx([0, 0.04, 0.08])
    assert after.poses.points[0, KEYPOINT_INDEX["left_knee"]].tolist() == [3.5, 4, 1]
    assert np.isnan(after.poses.points[1, KEYPOINT_INDEX["left_knee"], :2]).all()
    assert np.isnan(after.poses.points[:, KEYPOINT_INDEX["right_toe"], :2]).all()
    assert (after.poses.points[:, KEYPOINT_INDEX["right_toe"], 2] == 0).all()
    assert after.poses.people is None
    assert after.facts.fps == pytest.approx(25)
    assert after.facts.duration_s == pytest.approx(0.12)
    assert not after.facts.variable_frame_rate


def test_one_picture_has_no_rate() -> None:
    after = parse_poses(json.dumps(plain(times_s=[0.0], points=plain()["points"][:1])).encode())
    assert np.isnan(after.facts.fps)
    assert after.facts.duration_s == 0


def test_uneven_times_are_noticed() -> None:
    assert parse_poses(json.dumps(plain(times_s=[0, 0.04, 0.1])).encode()).facts.variable_frame_rate


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"schema": "gaitlab.pose/v1"}, "soleus-pose/1"),
        ({"keypoints": ["left_hip", "l_knee"]}, "unknown keypoints l_knee; known are nose"),
        ({"keypoints": ["left_hip", "left_hip"]}, "named twice"),
        ({"times_s": [0, 0.1, 0.1]}, "times_s does not increase at 2"),
        ({"times_s": [0, 0.1]}, "2 times but 3 rows of points"),
        ({"times_s": []}, "times_s"),
        ({"points": [[[1, 2, 0.9]], [], []]}, "points/0 has 1 points, not 2"),
        ({"points": [[[1, 2, 0.9], [1, None, 0.5]]] * 3}, "points/0 has a point with one coordinate only"),
        ({"points": [[[1, 2, 1.5], [1, 2, 0.5]]] * 3}, "points/0/0/2"),
        ({"points": [[[1, 2], [1, 2, 0.5]]] * 3}, "points/0/0"),
        ({"points": [[["1", 2, 1], [1, 2, 0.5]]] * 3}, "points/0/0/0"),
        ({"points": [[[1e9, 2, 1], [1, 2, 0.5]]] * 3}, "points/0/0/0"),
        ({"people": [1]}, "people has 1 values for 3 times"),
        ({"width_px": 0}, "width_px"),
        ({"runner_name": "somebody"}, "runner_name"),
        ({"facts": {"duration_s": 1, "fps": 30, "width_px": 1, "height_px": 1, "sharpness": [1]}}, "facts/sharpness"),
        ({"facts": {"duration_s": 1, "fps": -30, "width_px": 1, "height_px": 1}}, "facts/fps"),
        ({"times_s": list(range(replay.MAX_FRAMES + 1))}, "times_s"),
    ],
)
def test_a_fault_is_named_with_its_place(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(VideoError) as caught:
        parse_poses(json.dumps(plain(**changes)).encode(), where="points.json")
    assert complaint in str(caught.value)
    assert str(caught.value).startswith("points.json: ")


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"[]", b"\xff\xfe\x00", b'{"schema": NaN}', b"[" * 5000])
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(VideoError, match="not a usable file of body points"):
        parse_poses(data)


def test_not_a_number_in_the_file_is_refused() -> None:
    text = json.dumps(plain()).replace("3.5", "NaN")
    with pytest.raises(VideoError):
        parse_poses(text.encode())


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(VideoError, match="cannot be read"):
        read_poses(tmp_path / "none.json")
    monkeypatch.setattr(replay, "MAX_BYTES", 10)
    write_poses(recording(), tmp_path / "points.json")
    with pytest.raises(VideoError, match="larger than"):
        read_poses(tmp_path / "points.json")
