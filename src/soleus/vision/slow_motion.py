"""How many times slower than life a film plays: what the runner says, else what the phone wrote into the file."""

from __future__ import annotations

from collections.abc import Mapping

from soleus.core.errors import VideoError

MAX_FACTOR = 64.0
SNAP_RATIO = 0.03
"""Phones write 29.97 for 30 and 239.8 for 240: a ratio this near to a whole number is that number."""
REAL_TIME_RATIO = 0.15

_CAPTURE_FPS = "com.android.capture.fps"
_APPLE_INTENT = "com.apple.quicktime.full-frame-rate-playback-intent"


def check_stated(stated: float | None, *, where: str = "") -> None:
    """Raise `VideoError` for a slow-motion factor that no camera makes."""
    if stated is not None and not 1.0 <= stated <= MAX_FACTOR:
        hint = "Give how many times slower the film plays than in life: 8 for 240 pictures a second played at 30"
        raise VideoError(f"a slow-motion factor of {stated:g} cannot be", where=where, hint=hint)


def slow_motion_of(stated: float | None, metadata: Mapping[str, str], playback_fps: float) -> tuple[float, str]:
    """(factor, who says so: stated | metadata | none).

    1. What the runner states holds.
    2. Android: capture rate / playback rate, from `com.android.capture.fps`; below 1 for a time-lapse film.
    3. Apple: a film with its full frame rate plays in real time; the phone slows it down only on its screen.
    4. Nothing: real time. A container with 120 or 240 pictures a second is played in real time as well.
    """
    if stated is not None:
        return stated, "stated"
    capture = _number(metadata.get(_CAPTURE_FPS))
    if capture and playback_fps > 0:
        return _snap(capture / playback_fps), "metadata"
    if _APPLE_INTENT in metadata:
        return 1.0, "metadata"
    return 1.0, "none"


def _number(text: str | None) -> float:
    try:
        value = float(text or 0)
    except ValueError:
        return 0.0
    return value if 0.05 <= value <= 20_000 else 0.0


def _snap(ratio: float) -> float:
    if abs(ratio - 1) <= REAL_TIME_RATIO:
        return 1.0
    up = ratio if ratio > 1 else 1 / ratio
    whole = round(up)
    if abs(up - whole) <= SNAP_RATIO * whole:
        up = float(whole)
    return up if ratio > 1 else 1 / up
