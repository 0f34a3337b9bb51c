"""Repetitions in a height curve: a state machine with two levels, split where the heel came down in between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import find_peaks

from soleus.core.recording import Floats
from soleus.knowledge.gait_base import GaitKnowledge

PEAK_HALF_S = 0.08
"""A peak's height is the mean over ± this, a resting height the median over ± `REST_HALF_S`: less of the noise."""
REST_HALF_S = 0.15
BEFORE_FIRST_S = 2.0
EDGE = 0.1
"""A raise begins and ends at this share of its height, or at the *down* level where that is higher."""
START_PERCENTILE = 98.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rep:
    """One rise and fall of the curve; heights in the curve's unit."""

    start: int
    peak: int
    end: int
    """Samples; `end` is the last one of the fall."""
    half_up_s: float
    """When half of the height was reached on the way up, seconds from the first sample: the sharpest moment."""
    height: float
    """P_i: peak less the minimum before it."""
    start_level: float
    """That minimum."""
    end_level: float
    """The minimum after the peak."""
    finished: bool
    """The heel came down again."""


def reference_height(curve: Floats, slow: Floats, rate_hz: float, gait: GaitKnowledge) -> float:
    """H_ref: median rise of the first three raises; NaN without any.

    A first look at the slow curve takes every peak that stands out by `count.first_look_share` of its 98th percentile.
    """
    if not np.isfinite(slow).any():
        return float("nan")
    top = float(np.nanpercentile(slow, START_PERCENTILE))
    if top <= 0:
        return float("nan")
    filled, fine = _filled(slow), _filled(curve)
    peaks, _ = find_peaks(filled, prominence=gait.value("heel_raise.count.first_look_share") * top)
    first = peaks[: int(gait.value("heel_raise.count.reference_raises"))].tolist()
    before = [max(peak - round(BEFORE_FIRST_S * rate_hz), 0) for peak in first[:1]] + first
    rises = [
        _peak_level(fine, peak, rate_hz) - _rest_level(fine, _lowest(filled, start, peak), rate_hz)
        for start, peak in zip(before, first, strict=False)
    ]
    return float(np.median(rises)) if rises else float("nan")


def count_raises(curve: Floats, slow: Floats, rate_hz: float, reference: float, gait: GaitKnowledge) -> tuple[Rep, ...]:
    """Every attempt, in order: found in the slow curve, measured in the other.

    1. *Up* when the curve crosses `count.up_share` · H_ref rising, *down* when it crosses `count.down_share` · H_ref
       falling; the peak is the highest point between.
    2. Inside one *up*, two peaks are two raises when the valley between is deeper than `count.split_share` · H_ref
       below the lower of them: the heel came down, though not to the floor.
    3. P_i = peak − the minimum before it, so that a heel that stays up earns nothing.
    """
    if not np.isfinite(reference) or reference <= 0:
        return ()
    filled, fine = _filled(slow), _filled(curve)
    up, down = (gait.value(f"heel_raise.count.{name}_share") * reference for name in ("up", "down"))
    split = gait.value("heel_raise.count.split_share") * reference
    peaks: list[int] = []
    for start, stop in _ups(filled, up, down):
        found, _ = find_peaks(np.concatenate([[-np.inf], filled[start:stop], [-np.inf]]), prominence=split)
        inside = [start + int(p) - 1 for p in found]
        peaks += inside or [start + int(np.argmax(filled[start:stop]))]
    return tuple(_rep(fine, filled, peaks, i, rate_hz, down) for i in range(len(peaks)))


def _filled(curve: Floats) -> Floats:
    """Gaps bridged by straight lines: only so that the search can go on; gaps are judged elsewhere."""
    seen = np.isfinite(curve)
    index = np.arange(len(curve))
    return np.asarray(np.interp(index, index[seen], curve[seen]))


def _ups(curve: Floats, up: float, down: float) -> list[tuple[int, int]]:
    """[start, stop) of each *up* of the state machine."""
    found: list[tuple[int, int]] = []
    start: int | None = None
    for i, value in enumerate(curve.tolist()):
        if start is None and value >= up:
            start = i
        elif start is not None and value <= down:
            found.append((start, i))
            start = None
    if start is not None:
        found.append((start, len(curve)))
    return found


def _lowest(curve: Floats, start: int, stop: int) -> int:
    return start + int(np.argmin(curve[start : max(stop, start + 1)]))


def _peak_level(curve: Floats, at: int, rate_hz: float) -> float:
    half = max(round(PEAK_HALF_S * rate_hz), 1)
    return float(np.mean(curve[max(at - half, 0) : at + half + 1]))


def _rest_level(curve: Floats, at: int, rate_hz: float) -> float:
    half = max(round(REST_HALF_S * rate_hz), 1)
    return float(np.median(curve[max(at - half, 0) : at + half + 1]))


def _rep(curve: Floats, slow: Floats, peaks: list[int], i: int, rate_hz: float, down: float) -> Rep:
    peak = peaks[i]
    first = max(peak - round(BEFORE_FIRST_S * rate_hz), 0) if i == 0 else peaks[i - 1]
    last = peaks[i + 1] if i + 1 < len(peaks) else len(curve) - 1
    lowest = _lowest(slow, first, peak)
    after = _lowest(slow, peak, last + 1)
    start_level = _rest_level(curve, lowest, rate_hz)
    end_level = _rest_level(curve, after, rate_hz)
    top = _peak_level(curve, peak, rate_hz)
    start = _last_below(slow, lowest, peak, max(down, start_level + EDGE * (top - start_level)))
    end = _first_below(slow, peak, after, max(down, end_level + EDGE * (top - end_level)))
    return Rep(
        half_up_s=_crossing(slow, start, peak, (top + start_level) / 2) / rate_hz,
        start=start,
        peak=peak,
        end=end,
        height=top - start_level,
        start_level=start_level,
        end_level=end_level,
        finished=i + 1 < len(peaks) or bool(slow[after] <= max(down, slow[peak] / 2)),
    )


def _crossing(curve: Floats, start: int, stop: int, level: float) -> float:
    """Where the curve last crosses the level on its way up, between samples."""
    below = _last_below(curve, start, stop, level)
    after = min(below + 1, stop)
    step = float(curve[after] - curve[below])
    return below + (min(max((level - float(curve[below])) / step, 0.0), 1.0) if step > 0 else 0.0)


def _last_below(curve: Floats, start: int, stop: int, level: float) -> int:
    below = np.flatnonzero(curve[start : stop + 1] <= level)
    return start + int(below[-1]) if len(below) else start


def _first_below(curve: Floats, start: int, stop: int, level: float) -> int:
    below = np.flatnonzero(curve[start : stop + 1] <= level)
    return start + int(below[0]) if len(below) else stop
