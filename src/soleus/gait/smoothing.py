"""Outliers out, short gaps filled, uneven times made even, noise taken off without delay: all on a time scale."""

from __future__ import annotations

from enum import Enum

import numpy as np
from scipy.interpolate import make_interp_spline, make_smoothing_spline
from scipy.signal import butter, sosfiltfilt

from soleus.core.recording import Floats
from soleus.gait.motion import Bools
from soleus.knowledge.gait_base import GaitKnowledge


class Smoother(Enum):
    """Two ways that were measured against each other; see `smooth`."""

    BUTTERWORTH = "butterworth"
    SPLINE = "spline"


def even_grid(times_s: Floats, fps: float, kb: GaitKnowledge) -> tuple[Floats, float]:
    """Evenly spaced times over the film and their rate: a whole multiple of the capture rate, at least
    `smoothing.grid_hz`, so that frames of an even film stay on the grid."""
    rate = fps * max(1, int(np.ceil(kb.value("smoothing.grid_hz") / fps - _NEARLY)))
    count = int(np.floor((times_s[-1] - times_s[0]) * rate + _NEARLY)) + 1
    return times_s[0] + np.arange(count) / rate, rate


_NEARLY = 0.02


def cutoff_hz(use: str, fps: float, kb: GaitKnowledge) -> float:
    """Cut-off for a use (feet | joints | trunk), no higher than `smoothing.cap_of_fps` of the capture rate."""
    return min(kb.value(f"smoothing.{use}_hz"), kb.value("smoothing.cap_of_fps") * fps)


def outliers(times_s: Floats, values: Floats, smallest: float, kb: GaitKnowledge) -> Bools:
    """(T, D) → (T,) frames whose value stands out from its neighbours in any coordinate (Hampel).

    |x − median| > `smoothing.hampel_mads` · 1.4826 · MAD of the frames within ± `smoothing.hampel_s`, and more than
    `smallest`. The values should have the regular movement taken out (distance from the usual path), or every fast
    foot would be an outlier.
    """
    frames = len(times_s)
    wild = np.zeros(frames, dtype=bool)
    if frames < _WINDOW_LEAST:
        return wild
    spacing = float(np.median(np.diff(times_s)))
    half = int(np.clip(round(kb.value("smoothing.hampel_s") / spacing), 2, max((frames - 1) // 2, 2)))
    padded = np.pad(values, ((half, half), (0, 0)), mode="constant", constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1, axis=0)
    middle = _median_last(windows)
    spread = 1.4826 * _median_last(np.abs(windows - middle[..., None]))
    limit = np.maximum(kb.value("smoothing.hampel_mads") * spread, smallest)
    away = np.abs(values - middle)
    return np.asarray((away > limit).any(axis=1))


_WINDOW_LEAST = 5


def _median_last(values: Floats) -> Floats:
    """Median over the last axis of what is finite; NaN where nothing is."""
    ranked = np.sort(values, axis=-1)
    count = np.isfinite(values).sum(axis=-1, keepdims=True)
    low = np.take_along_axis(ranked, np.maximum(count - 1, 0) // 2, axis=-1)
    high = np.take_along_axis(ranked, np.minimum(count // 2, values.shape[-1] - 1), axis=-1)
    return np.asarray(np.where(count > 0, 0.5 * (low + high), np.nan)[..., 0])


def unbroken(times_s: Floats, seen: Bools, kb: GaitKnowledge) -> list[np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """Indices of the seen frames, run by run; a gap longer than `smoothing.gap_s` ends a run."""
    rows = np.flatnonzero(seen)
    if not len(rows):
        return []
    ends = np.flatnonzero(np.diff(times_s[rows]) > kb.value("smoothing.gap_s") + _TIME_EPS) + 1
    return [run for run in np.split(rows, ends) if len(run) >= _LEAST]


_LEAST = 6
"""Frames a cubic smoothing spline needs, and a filter's run-in."""
_TIME_EPS = 1e-6


def smooth(
    times_s: Floats,
    values: Floats,
    weights: Floats,
    grid_s: Floats,
    cutoff: float,
    kb: GaitKnowledge,
    smoother: Smoother = Smoother.BUTTERWORTH,
) -> Floats:
    """(T, D) on uneven times → (G, D) on an even grid, low-passed at `cutoff` hertz without delay; NaN in gaps.

    Butterworth: cubic interpolation to the grid, then a second-order filter forward and backward (fourth order, no
    lag; −6 dB at the cut-off). Spline: the smoothing spline min Σ w·(y − f)² + λ·∫f″², the steady state of a
    Kalman (RTS) smoother with white acceleration; λ = fps / (2π·cutoff)⁴ gives it the same response
    1 / (1 + (f / cutoff)⁴), and it weighs every frame by its confidence and needs no filling of gaps.

    Measured on force-plate strides with noise at 30 to 240 pictures a second the two differ by at most 0.5 ms in the
    times of contact and 0.2 degrees in joint angles; Butterworth takes a third of the time, so it is the default.
    """
    out = np.full((len(grid_s), values.shape[1]), np.nan)
    for run in unbroken(times_s, np.asarray(np.isfinite(values).all(axis=1)), kb):
        inside = (grid_s >= times_s[run[0]] - _TIME_EPS) & (grid_s <= times_s[run[-1]] + _TIME_EPS)
        if not inside.any():
            continue
        if smoother is Smoother.BUTTERWORTH:
            out[inside] = _butterworth(times_s[run], values[run], grid_s[inside], cutoff)
        else:
            out[inside] = _spline(times_s[run], values[run], weights[run], grid_s[inside], cutoff)
    return out


def _butterworth(times_s: Floats, values: Floats, grid_s: Floats, cutoff: float) -> Floats:
    even = make_interp_spline(times_s, values, k=3)(grid_s)
    if len(grid_s) < 2:
        return np.asarray(even)
    rate = 1 / float(grid_s[1] - grid_s[0])
    pad = min(len(grid_s) - 1, round(rate / cutoff))
    return np.asarray(sosfiltfilt(butter(2, cutoff, fs=rate, output="sos"), even, axis=0, padlen=pad))


def _spline(times_s: Floats, values: Floats, weights: Floats, grid_s: Floats, cutoff: float) -> Floats:
    even_weights = np.maximum(weights, _LIGHTEST)
    even_weights = even_weights / even_weights.mean()
    fps = (len(times_s) - 1) / float(times_s[-1] - times_s[0])
    stiffness = fps / (2 * np.pi * cutoff) ** 4
    return np.stack(
        [make_smoothing_spline(times_s, column, w=even_weights, lam=stiffness)(grid_s) for column in values.T], axis=1
    )


_LIGHTEST = 0.05
