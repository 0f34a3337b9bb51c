"""What a film says about itself, how much of it is read, and which part of a long one."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, replace

from soleus.vision.picture import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipLimits:
    """How much film is read. Bytes and pixels are refused above the limit; of a longer film the middle is used."""

    max_bytes: int = 4_000_000_000
    """Five minutes of 4K from a phone; the file is read in pieces, so this bounds time on disk, not memory."""
    max_pixels: int = 16_000_000
    """Of one picture as stored: 4K has 8.3 million, 8K has 33 million."""
    max_seconds: float = 120.0
    """Real time analysed: about 160 strides."""
    max_frames: int = 3600
    """Pictures analysed: 120 s at 30, 60 s at 60 or 15 s at 240 pictures a second; two minutes of work on two cores."""
    max_fps: float = 240.0
    """Above it pictures are left out evenly: more a second makes no timing better."""
    long_side_px: int = 1280
    """Pictures are scaled down to this: the pose network sees the runner at 256 pixels."""


HEEL_RAISE_LIMITS = ClipLimits(max_seconds=240.0, max_frames=7200, max_fps=30.0)
"""A heel-raise test is counted from its first to its last repetition: long, slow, and never only its middle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipInfo:
    """What a film says about itself, and which part of it is read."""

    container: str
    codec: str
    width_px: int
    height_px: int
    """Upright, as decoded (square pixels)."""
    playback_fps: float
    """Median of the first pictures; 0 = cannot be told."""
    playback_s: float
    """Length as the header has it; NaN = it has none."""
    frames: int | None
    """Pictures in the whole file, where it says so."""
    bits: int = 8
    """Of one colour."""
    transfer: str = "sdr"
    """sdr | hlg | pq: how brightness is coded."""
    stored_px: tuple[int, int] = (0, 0)
    """Width and height as stored, before it is turned upright."""
    turn: Turn = (False, False, False)
    """How the phone was held: what is done to a picture to show it upright."""
    slow_motion: float = 1.0
    slow_motion_from: str = "none"
    origin_s: float = 0.0
    """Presentation time of the file's first picture."""
    start_s: float = -math.inf
    """Presentation times that are used."""
    end_s: float = math.inf
    every: int = 1
    """Each n-th picture is used."""
    most: int = sys.maxsize
    """Pictures used at most, whatever the header says."""
    expected: int | None = None
    """Pictures that will be read, about."""
    repairs: tuple[str, ...] = ()

    @property
    def fps(self) -> float:
        """Pictures used per real second."""
        return self.playback_fps * self.slow_motion / self.every


def choose_window(info: ClipInfo, limits: ClipLimits, start_s: float | None) -> ClipInfo:
    """The part of the film that is used: all of it, or its middle, where people run steadily."""
    real_fps = info.playback_fps * info.slow_motion
    every = max(1, math.ceil(real_fps / limits.max_fps - 0.05))
    repairs = list(info.repairs)
    if every > 1:
        repairs.append(f"One picture in {every} was used: the film has {real_fps:.0f} a second.")
    allowed_s = limits.max_seconds
    if real_fps > 0:
        allowed_s = min(allowed_s, limits.max_frames * every / real_fps)
    window_s = allowed_s * info.slow_motion
    most = sys.maxsize if start_s is not None else round(1.05 * limits.max_frames)
    begin, end, used_s = -math.inf, math.inf, info.playback_s
    if start_s is not None:
        begin, used_s = start_s, info.origin_s + info.playback_s - start_s
    elif info.playback_s > 1.02 * window_s:
        begin = info.origin_s + (info.playback_s - window_s) / 2
        end, used_s = begin + window_s, window_s
        whole_s = info.playback_s / info.slow_motion
        repairs.append(f"The film is {whole_s:.0f} s long; the {allowed_s:.0f} s in its middle were used.")
    elif math.isnan(info.playback_s):
        end = info.origin_s + window_s
    expected = round(used_s * info.playback_fps / every) if used_s * info.playback_fps > 0 else None
    if info.frames and math.isinf(begin) and math.isinf(end):
        expected = math.ceil(info.frames / every)
    return replace(info, start_s=begin, end_s=end, every=every, most=most, expected=expected, repairs=tuple(repairs))
