"""Small films made by PyAV for the tests: a bright square that walks over a patterned ground."""

import itertools
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

av.logging.set_level(av.logging.PANIC)

TICKS = 90_000


def ground(width: int, height: int) -> np.ndarray:
    """A still pattern with corners everywhere."""
    rng = np.random.default_rng(7)
    small = rng.integers(40, 150, (height // 16 + 1, width // 16 + 1, 3), np.uint8)
    return np.kron(small, np.ones((16, 16, 1), np.uint8))[:height, :width]


def pictures(count: int, width: int = 320, height: int = 240, *, step_px: int = 3) -> Iterable[np.ndarray]:
    """The square starts at the left, a quarter down; the corner at the top left is red."""
    still = ground(width, height)
    still[: height // 6, : width // 6] = (255, 0, 0)
    side = height // 8
    for i in range(count):
        picture = still.copy()
        x = (i * step_px) % (width - side)
        picture[height // 2 : height // 2 + side, x : x + side] = 250
        yield picture


def write_film(
    path: Path,
    images: Iterable[np.ndarray],
    *,
    times_s: Iterable[float] | None = None,
    fps: float = 30.0,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    rotate_deg: float | None = None,
    flip: bool = False,
    metadata: dict[str, str] | None = None,
    options: dict[str, str] | None = None,
    mux: dict[str, str] | None = None,
    aspect: Fraction | None = None,
    gop: int = 12,
    container: str | None = None,
    colour_trc: int | None = None,
) -> Path:
    """Encode pictures at even or given times."""
    images = iter(images)
    first = next(images)
    with av.open(str(path), "w", format=container, options={"movflags": "use_metadata_tags", **(mux or {})}) as film:
        film.metadata.update(metadata or {})
        stream = film.add_stream(codec, rate=round(fps) or 1, options=options or {})
        stream.height, stream.width = first.shape[:2]
        stream.pix_fmt = pix_fmt
        stream.codec_context.gop_size = gop
        if codec not in {"gif", "mpeg4"}:
            stream.codec_context.time_base = Fraction(1, TICKS)
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        if colour_trc is not None:
            stream.codec_context.color_trc = colour_trc
        if rotate_deg is not None or flip:
            stream.set_display_rotation(rotate_deg or 0, hflip=flip)
        base = stream.codec_context.time_base or Fraction(1, round(fps))
        times = iter(times_s) if times_s is not None else None
        for i, image in enumerate(itertools.chain([first], images)):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.time_base = base
            frame.pts = round((next(times) if times is not None else i / fps) / base)
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    return path


def write_sound(path: Path, *, seconds: float = 1.0, codec: str = "aac") -> Path:
    """A tone without pictures."""
    with av.open(str(path), "w") as film:
        stream = film.add_stream(codec, rate=44_100)
        tone = np.sin(np.arange(round(44_100 * seconds)) * 0.06).astype(np.float32)[None]
        for at in range(0, tone.shape[1] - 1024, 1024):
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(tone[:, at : at + 1024]), "fltp", "mono")
            frame.sample_rate, frame.pts = 44_100, at
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    return path
