"""One decoded picture made upright, small and red-green-blue."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from soleus.core.errors import VideoError

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

Image = NDArray[np.uint8]
"""(H, W, 3) red, green, blue; contiguous."""


def scaled(width: int, height: int, long_side_px: int) -> tuple[int, int]:
    """Width and height with the longer side at most `long_side_px`; never enlarged."""
    share = min(1.0, long_side_px / max(width, height))
    return max(2, round(width * share)), max(2, round(height * share))


TRANSFERS = {16: "pq", 18: "hlg"}
"""ITU-T H.273 transfer characteristics."""
_DISPLAY_MATRIX = "DISPLAYMATRIX"


@lru_cache(maxsize=1)
def read_failures() -> tuple[type[Exception], ...]:
    """What PyAV raises on damaged files: errors of FFmpeg, and its own look-ups and conversions going wrong."""
    import av

    return av.error.FFmpegError, OSError, ValueError, LookupError, ArithmeticError, RuntimeError, MemoryError


def square_width(width: int, stream: VideoStream) -> int:
    """Width with square pixels: angles are wrong in a squeezed picture."""
    aspect = stream.sample_aspect_ratio
    return width if not aspect or not 0.2 < aspect < 5 else max(2, round(width * aspect))


Turn = tuple[bool, bool, bool]
"""Rows and columns change places (a quarter turn); then mirrored left to right; then top to bottom."""


def turn_of(picture: VideoFrame) -> Turn:
    """How a picture is turned to stand upright, from the film's display matrix.

    The matrix maps (x, y) to (a·x + c·y, b·x + d·y), 16.16 fixed point, rows (a b u) (c d v) (x y w).
    """
    side_data: Any = picture.side_data
    for data in side_data:
        if data.type.name == _DISPLAY_MATRIX:
            a, b, _, c, d = (int(v) for v in np.frombuffer(bytes(data), "<i4")[:5])
            if max(abs(b), abs(c)) > max(abs(a), abs(d)):
                return True, c < 0, b < 0
            return False, a < 0, d < 0
    return False, False, False


def upright(picture: VideoFrame, turn: Turn, transfer: str, size: tuple[int, int], where: str) -> Image:
    """The picture in `size` (width, height), upright and contiguous; scaled first, then converted and turned."""
    width, height = (size[1], size[0]) if turn[0] else size
    try:
        small = picture.reformat(width=width, height=height, format="rgb24", interpolation="AREA")
        image: Image = small.to_ndarray()  # type: ignore[assignment]
    except read_failures() as error:
        hint = "Convert it to MP4 (H.264)"
        raise VideoError("its kind of pictures cannot be converted", where=where, hint=hint) from error
    if turn[0]:
        image = image.transpose(1, 0, 2)
    if turn[1]:
        image = image[:, ::-1]
    if turn[2]:
        image = image[::-1]
    if transfer == "pq":
        image = _pq_to_screen()[image]
    return np.ascontiguousarray(image)


def _pq_to_screen() -> Image:
    """(256,) from PQ code to screen code: white at 203 cd/m² (ITU-R BT.2408), gamma 2.4; brighter parts are clipped.

    PQ (SMPTE ST 2084): L = 10000 · (max(E^(1/m2) − c1, 0) / (c2 − c3 · E^(1/m2)))^(1/m1).
    """
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    code = (np.arange(256) / 255) ** (1 / m2)
    nits = 10_000 * (np.maximum(code - c1, 0) / (c2 - c3 * code)) ** (1 / m1)
    screen: Image = np.round(255 * np.clip(nits / 203, 0, 1) ** (1 / 2.4)).astype(np.uint8)
    return screen
