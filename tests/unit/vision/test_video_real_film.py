"""The whole chain on a real film whose cadence is known, as it comes out of other phones: turned, 10-bit, uneven."""

from pathlib import Path

import av
import numpy as np
import pytest
from film_maker import write_film

from soleus.core.errors import PoseBackendError
from soleus.core.measurement import Measurement
from soleus.gait.engine import analyse_gait
from soleus.knowledge import load_knowledge
from soleus.vision.annotate import event_frames
from soleus.vision.pipeline import record_clip
from soleus.vision.pose.registry import open_pose_backend

FILM = Path(__file__).parents[4] / "shared" / "gait" / "clips" / "zzzhushi_male_side.mp4"
CADENCE_SPM = 168.9
FAST = {"preset": "ultrafast", "crf": "20"}

pytestmark = [pytest.mark.nightly, pytest.mark.skipif(not FILM.exists(), reason="the film is not here")]


@pytest.fixture(scope="module")
def images():
    try:
        open_pose_backend()
    except PoseBackendError as error:
        pytest.skip(str(error))
    with av.open(str(FILM)) as film:
        return [np.ascontiguousarray(frame.to_ndarray(format="rgb24")) for frame in film.decode(video=0)]


def turned(path, images):
    return write_film(path, (np.ascontiguousarray(np.rot90(i, -1)) for i in images), rotate_deg=90, options=FAST)


def uneven(path, images):
    keep = np.sort(np.random.default_rng(0).choice(len(images), 300, replace=False))
    return write_film(path, [images[i] for i in keep], times_s=(keep / 30).tolist(), options=FAST)


def ten_bit(path, images):
    options = {"preset": "ultrafast", "x265-params": "log-level=none:transfer=18"}
    return write_film(path, images, codec="libx265", pix_fmt="yuv420p10le", colour_trc=18, options=options)


def slowed(path, images):
    times = [4 * i / 30 for i in range(len(images))]
    return write_film(path, images, times_s=times, metadata={"com.android.capture.fps": "30.0"}, options=FAST)


def repeated(path, images):
    return write_film(path, [images[i - i % 2] for i in range(len(images))], options=FAST)


@pytest.mark.parametrize("made", [turned, uneven, ten_bit, slowed])
def test_cadence_survives_what_phones_do(tmp_path, images, made):
    recording = record_clip(made(tmp_path / "film.mp4", images))
    kb = load_knowledge()
    report = analyse_gait(recording, kb)
    assert report.refusals == ()
    cadence = report.metric("cadence")
    assert cadence is not None
    assert isinstance(cadence.measured, Measurement)
    assert cadence.measured.value == pytest.approx(CADENCE_SPM, abs=1.0)
    assert event_frames(tmp_path / "film.mp4", recording, report, kb, most=4)


def test_fifteen_pictures_a_second_blown_up_to_thirty_are_refused(tmp_path, images):
    recording = record_clip(repeated(tmp_path / "film.mp4", images))
    assert recording.facts.fps == pytest.approx(15, rel=0.01)
    codes = [refusal.code for refusal in analyse_gait(recording, load_knowledge()).refusals]
    assert {"frozen", "fps_too_low"} <= set(codes)
