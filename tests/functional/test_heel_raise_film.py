"""From pictures to the count: a made-up heel-raise test drawn as a person, encoded, and read by the pose network."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from soleus.core.errors import PoseBackendError
from soleus.core.measurement import Measurement, Side
from soleus.core.recording import Facing
from soleus.gait.heel_raise import analyse_heel_raise
from soleus.knowledge import load_knowledge
from soleus.validation.drawn_runner import draw_runner, empty_room
from soleus.validation.synthetic_heel_raise import Script, film

SCRIPT = Script(
    reps=9,
    height_cm=9.0,
    fade=0.2,
    fps=30.0,
    px_per_m=420,
    partial={6: 0.4},
    lean_deg={4: 28},
    side=Side.RIGHT,
    facing=Facing.RIGHT,
    lead_in_s=2.0,
    lead_out_s=2.0,
    seed=8,
)
MARGIN_PX = 120


def draw(script: Script, path: Path) -> None:
    """The film as an MP4; a little grain, as every camera has."""
    av = pytest.importorskip("av")
    recording, _ = film(replace(script, noise_mm=0.0))
    points = recording.poses.points[:, :, :2]
    corner = np.nanmin(points, axis=(0, 1)) - MARGIN_PX
    width, height = (int(size) // 2 * 2 for size in np.nanmax(points, axis=(0, 1)) + MARGIN_PX - corner)
    rng = np.random.default_rng(1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=int(script.fps))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for frame in points:
            image = empty_room(width, height).astype(np.int16)
            image += rng.integers(-4, 5, image.shape[:2], dtype=np.int16)[..., None]
            picture = np.ascontiguousarray(np.clip(image, 0, 255).astype(np.uint8))
            draw_runner(picture, frame - corner, facing=script.facing)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


@pytest.mark.nightly
def test_a_drawn_test_is_counted_right_or_refused(tmp_path: Path) -> None:
    from soleus.vision.pipeline import record_clip

    path = tmp_path / "drawn.mp4"
    draw(SCRIPT, path)
    _, truth = film(SCRIPT)
    try:
        recording = record_clip(path)
    except PoseBackendError as error:
        pytest.skip(str(error))
    found = analyse_heel_raise(recording, load_knowledge(), side=Side.RIGHT, foot_length_cm=100 * SCRIPT.foot_m)
    if not isinstance(found.count, Measurement):  # a drawn foot is hard to follow: refusing is right, guessing is not
        assert found.refusals[0].code == "noise_too_high"
        return
    assert found.count.low <= truth.count <= found.count.high
    assert found.attempted == truth.attempted
    peak = found.peak_height_cm
    assert isinstance(peak, Measurement)
    assert peak.low < max(real.rise_cm for real in truth.raises) < peak.high
