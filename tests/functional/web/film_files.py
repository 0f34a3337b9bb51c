"""Made-up recordings for the pages: what a pose network would have seen of a runner, or of a heel-raise test."""

from __future__ import annotations

import io

from soleus.core.measurement import Side
from soleus.core.recording import Recording
from soleus.validation.synthetic_heel_raise import Script
from soleus.validation.synthetic_heel_raise import film as film_heel_raise
from soleus.validation.synthetic_runner import Scene, synthesize


def run_recording(duration_s: float = 12.0) -> Recording:
    """A runner on a treadmill from the side, 60 pictures a second."""
    return synthesize(Scene(duration_s=duration_s, seed=3)).recording


def heel_recording(side: Side, reps: int) -> Recording:
    return film_heel_raise(Script(side=side, reps=reps, fade=0.1))[0]


def film_of(pictures: int = 40, *, width: int = 320, height: int = 240, rate: int = 30) -> bytes:
    """A real MP4 of a grey square that wanders: nobody is in it."""
    import av
    import numpy as np

    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(pictures):
            image = np.full((height, width, 3), 90, np.uint8)
            image[80:140, 20 + 3 * number : 60 + 3 * number] = 200
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return out.getvalue()


def drawn_run(duration_s: float = 7.0, *, fps: int = 30) -> bytes:
    """A real MP4 of a drawn figure that runs, as `synthesize` moves it: a pose network takes it for a person."""
    import av
    import numpy as np

    from soleus.core.view import Facing
    from soleus.validation.drawn_runner import draw_runner, empty_room
    from soleus.validation.synthetic.camera import Camera
    from soleus.validation.synthetic.sensor import Sensor

    quiet = Sensor(fps=fps, white=0.0, slow=0.0, bias=0.0, lag_s=0.0)
    camera = Camera(width_px=480, height_px=640, leg_px=260.0)
    clip = synthesize(Scene(duration_s=duration_s, seed=3, camera=camera, sensor=quiet)).recording
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=fps)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 480, 640, "yuv420p", 4_000_000
        for points in np.nan_to_num(clip.poses.points):
            image = empty_room(480, 640)
            draw_runner(image, points, facing=Facing.LEFT)
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return out.getvalue()
