"""From a film to a recording: one pass, the same for every number of workers, stoppable."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from film_maker import pictures, write_film
from square_backend import SquareBackend

from soleus.core.errors import PoseBackendError, VideoError
from soleus.core.recording import KEYPOINT_INDEX
from soleus.vision.pipeline import record_clip
from soleus.vision.video import ClipLimits, Stopped


@pytest.fixture
def film(tmp_path):
    return write_film(tmp_path / "run.mp4", pictures(60), fps=30)


def test_a_recording_follows_the_runner(film):
    told = []
    recording = record_clip(film, backend=SquareBackend(), progress=lambda done, whole: told.append((done, whole)))
    poses, facts = recording.poses, recording.facts
    assert (poses.frames, poses.width_px, poses.height_px, poses.model) == (60, 320, 240, "square/1")
    assert told == [(i, 60) for i in range(1, 61)]
    x = poses.points[:, KEYPOINT_INDEX["left_hip"], 0]
    assert np.diff(x) == pytest.approx(np.full(59, 3.0), abs=1.5)
    assert facts.fps == pytest.approx(30)
    assert facts.duration_s == pytest.approx(2)
    assert (facts.width_px, facts.height_px, facts.slow_motion, facts.cuts) == (320, 240, 1.0, 0)
    assert not facts.variable_frame_rate
    for array, shape in ((facts.sharpness, (60,)), (facts.motion_energy, (60,)), (facts.shift_px, (60, 2))):
        assert array is not None
        assert array.shape == shape


@pytest.mark.parametrize("workers", [2, 3])
def test_the_number_of_workers_changes_nothing(film, workers):
    one, more = (record_clip(film, backend=SquareBackend(), workers=n) for n in (1, workers))
    np.testing.assert_array_equal(one.poses.points, more.poses.points)
    np.testing.assert_array_equal(one.facts.sharpness, more.facts.sharpness)
    np.testing.assert_array_equal(one.facts.motion_energy, more.facts.motion_energy)
    np.testing.assert_array_equal(one.facts.shift_px, more.facts.shift_px)


def test_slow_motion_stretches_rate_and_length_only(film):
    slow = record_clip(film, backend=SquareBackend(), slow_motion=8)
    real = record_clip(film, backend=SquareBackend())
    assert slow.facts.fps == pytest.approx(240)
    assert slow.poses.times_s * 8 == pytest.approx(real.poses.times_s)
    assert (slow.facts.slow_motion, slow.facts.slow_motion_from) == (8, "stated")


def test_uneven_times_are_told(tmp_path):
    at = np.cumsum(np.where(np.arange(40) % 4, 0.03, 0.06))
    film = write_film(tmp_path / "v.mp4", pictures(40), times_s=at.tolist())
    assert record_clip(film, backend=SquareBackend()).facts.variable_frame_rate


def test_repeated_pictures_are_left_out_of_the_times(tmp_path):
    """24 pictures a second blown up to 30: each fifth picture repeats the fourth."""
    moving = list(pictures(48, step_px=4))
    shown = [moved for i, moved in enumerate(moving) for _ in range(2 if i % 4 == 3 else 1)]
    film = write_film(tmp_path / "pulldown.mp4", shown, fps=30, options={"crf": "28"})
    recording = record_clip(film, backend=SquareBackend())
    assert recording.poses.frames == pytest.approx(49, abs=2)
    assert recording.facts.frozen_share == pytest.approx(0.2, abs=0.05)
    assert recording.facts.variable_frame_rate
    assert recording.facts.motion_energy is not None
    assert len(recording.facts.motion_energy) == recording.poses.frames
    assert recording.facts.duration_s == pytest.approx(2)
    assert any("repeat" in words for words in recording.facts.repairs)


def test_it_is_kept_whether_somebody_chose_whom_to_follow(film):
    assert not record_clip(film, backend=SquareBackend()).facts.chosen
    assert record_clip(film, backend=SquareBackend(), choose=(0.2, 0.5)).facts.chosen


def test_the_middle_of_a_long_film_is_placed(film):
    facts = record_clip(film, backend=SquareBackend(), limits=ClipLimits(max_seconds=1)).facts
    assert facts.window_start_s == pytest.approx(0.5, abs=0.05)
    assert facts.repairs


def test_a_film_without_a_runner_is_recorded_as_such(tmp_path):
    film = write_film(tmp_path / "empty.mp4", [np.full((240, 320, 3), 90, np.uint8)] * 20)
    recording = record_clip(film, backend=SquareBackend())
    assert np.isnan(recording.poses.points[:, :, :2]).all()
    assert recording.poses.people is not None
    assert set(recording.poses.people) <= {0, -1}
    assert recording.facts.frozen_share == pytest.approx(1)


def test_it_stops_when_told_and_leaves_no_thread(film):
    before = set(threading.enumerate())
    seen = []
    with pytest.raises(Stopped):
        record_clip(
            film,
            backend=SquareBackend(),
            progress=lambda done, _: seen.append(done),
            cancelled=lambda: len(seen) >= 5,
        )
    assert len(seen) < 40
    assert not {t for t in threading.enumerate() if t.is_alive()} - before


def test_an_error_in_the_callers_progress_ends_the_work(film):
    before = set(threading.enumerate())

    def fail(done, whole):
        raise RuntimeError("no more room")

    with pytest.raises(RuntimeError, match="no more room"):
        record_clip(film, backend=SquareBackend(), progress=fail)
    assert not {t for t in threading.enumerate() if t.is_alive()} - before


def test_errors_reach_the_caller(tmp_path, film):
    with pytest.raises(VideoError, match="no such file"):
        record_clip(tmp_path / "none.mp4", backend=SquareBackend())
    with pytest.raises(PoseBackendError):
        record_clip(film, backend="no-such-network")


MEASURE = """
import resource, sys
import numpy as np
from soleus.vision.pipeline import record_clip
sys.path.insert(0, sys.argv[2])
from square_backend import SquareBackend
backend = sys.argv[3] if sys.argv[3] != "square" else SquareBackend(160)
recording = record_clip(sys.argv[1], backend=backend)
print(recording.poses.frames, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


@pytest.mark.nightly
@pytest.mark.parametrize(("codec", "pix_fmt", "count"), [("libx264", "yuv420p", 900), ("libx265", "yuv420p10le", 150)])
def test_half_a_minute_of_4k_needs_less_than_a_gigabyte(tmp_path, codec, pix_fmt, count):
    """Ten-bit films are slow to make: five seconds fill every buffer as well."""
    options = (
        {"preset": "ultrafast", "x265-params": "log-level=none"} if codec == "libx265" else {"preset": "ultrafast"}
    )
    film = write_film(
        tmp_path / "4k.mp4",
        pictures(count, 2160, 3840, step_px=20),
        codec=codec,
        pix_fmt=pix_fmt,
        options=options,
        gop=60,
    )
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(film), str(Path(__file__).parent), os.environ.get("SOLEUS_POSE", "square")],
        capture_output=True,
        text=True,
        check=True,
        timeout=900,
    )
    frames, peak_mb = (float(word) for word in done.stdout.split())
    assert frames == count
    assert peak_mb < 1000
