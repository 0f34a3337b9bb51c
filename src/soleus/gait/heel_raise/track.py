"""Points of both legs on an even time grid: sides sorted out, outliers dropped, short gaps bridged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.signal import butter, sosfiltfilt

from soleus.core.measurement import Side
from soleus.core.recording import KEYPOINT_INDEX, Floats, Recording
from soleus.knowledge.gait_base import GaitKnowledge

Bools = NDArray[np.bool_]

FOOT = ("ankle", "heel", "toe")
LEG = ("hip", "knee", *FOOT)
PARTS = (*LEG, "shoulder", "elbow", "wrist")
COMPARED = ("knee", *FOOT)
"""Points by which the two legs are told apart."""
MOST = 0.5
HAMPEL_SAMPLES = 9
LEAST_NEIGHBOURS = np.arange(-3, 4)
"""Frames that always belong to the neighbourhood, so that two bad ones in it do not pass for good."""
MAD_TO_SD = 1.4826
BLOCK_S = 1.0
"""Length of the blocks over which the usual place of a foot is told."""
FILTER_ORDER = 2
"""Run forwards and backwards: fourth order, no lag."""
MIN_FRAMES = 30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tracks:
    """Both legs over time: pixels, x as in the picture, y UP; NaN = not seen and not bridged."""

    times_s: Floats
    """(N,) even."""
    rate_hz: float
    points: Mapping[tuple[Side, str], Floats]
    """(N, 2) by side and part."""
    exchanged_share: float
    """Share of frames in which left and right were exchanged and put right."""

    def of(self, side: Side, part: str) -> Floats:
        return self.points[side, part]


def capture_fps(recording: Recording) -> float:
    """Pictures per real second: the median over the clip; 0 for fewer than two frames."""
    times = recording.poses.times_s
    return float(1.0 / np.median(np.diff(times))) if len(times) > 1 else 0.0


def build_tracks(recording: Recording, gait: GaitKnowledge) -> Tracks:
    """Clean the points of both legs and put them on an even grid of the capture rate.

    1. Points below `heel_raise.gate.min_confidence` are taken as not seen; y is turned up.
    2. A frame in which both legs lie nearer to the other leg's usual place than to their own is exchanged.
    3. Hampel over `heel_raise.clean.hampel_s` to each side: beyond `hampel_sds` robust deviations = not seen.
    4. Gaps up to `heel_raise.gate.max_gap_s` are bridged by a monotone cubic; longer ones stay NaN.
    """
    poses = recording.poses
    raw: dict[tuple[Side, str], Floats] = {}
    for side in Side:
        for part in PARTS:
            point = poses.points[:, KEYPOINT_INDEX[f"{side.value}_{part}"]]
            sure = point[:, 2] >= gait.value("heel_raise.gate.min_confidence")
            raw[side, part] = np.where(sure[:, None], point[:, :2] * [1.0, -1.0], np.nan)
    times = poses.times_s
    exchanged = _put_sides_right(times, raw)
    rate = capture_fps(recording)
    grid = np.arange(times[0], times[-1], 1.0 / rate)
    window = gait.value("heel_raise.clean.hampel_s")
    sds = gait.value("heel_raise.clean.hampel_sds")
    longest = gait.value("heel_raise.gate.max_gap_s")
    return Tracks(
        times_s=grid,
        rate_hz=rate,
        points={
            key: _on_grid(times, _without_outliers(times, xy, window, sds), grid, longest) for key, xy in raw.items()
        },
        exchanged_share=exchanged,
    )


def _put_sides_right(times: Floats, raw: dict[tuple[Side, str], Floats]) -> float:
    """Exchange the legs (in place) where both lie nearer to the other's usual place; the share of such frames.

    Usual place: the median of each block of one second. Blocks are put right first, each against the one before, then
    frames against their block. The names that most frames had are kept: the runner says which leg it was.
    """
    place = np.floor((times - times[0]) / BLOCK_S).astype(int)
    turned = _turned_blocks(raw, place)
    _exchange(raw, turned)
    cost = np.zeros(len(times))
    for part in COMPARED:
        left, right = raw[Side.LEFT, part], raw[Side.RIGHT, part]
        usual = {side: _block_median(raw[side, part], place) for side in Side}
        kept = _distance(left, usual[Side.LEFT]) + _distance(right, usual[Side.RIGHT])
        crossed = _distance(left, usual[Side.RIGHT]) + _distance(right, usual[Side.LEFT])
        cost += np.nan_to_num(kept - crossed)
    odd = cost > _apart(raw)
    _exchange(raw, odd)
    exchanged = turned ^ odd
    if exchanged.mean() > MOST:
        _exchange(raw, np.ones_like(exchanged))
        exchanged = ~exchanged
    return float(exchanged.mean())


def _exchange(raw: dict[tuple[Side, str], Floats], frames: Bools) -> None:
    swap = frames[:, None]
    for part in PARTS:
        left, right = raw[Side.LEFT, part], raw[Side.RIGHT, part]
        raw[Side.LEFT, part], raw[Side.RIGHT, part] = np.where(swap, right, left), np.where(swap, left, right)


def _turned_blocks(raw: Mapping[tuple[Side, str], Floats], place: NDArray[np.int_]) -> Bools:
    """(T,) whether the block of a frame carries the names the other way round than the first one."""
    blocks = np.unique(place)
    usual = {
        (side, part): np.array([_median(raw[side, part][place == block]) for block in blocks])
        for side in Side
        for part in COMPARED
    }
    turned = np.zeros(len(blocks), dtype=bool)
    before = {key: values[0] for key, values in usual.items()}
    for i in range(1, len(blocks)):
        now = {key: values[i] for key, values in usual.items()}
        gain = [
            _far(before[side, part], now[side, part]) - _far(before[side, part], now[side.other, part])
            for side in Side
            for part in COMPARED
        ]
        turned[i] = np.nansum(gain) > 0  # a point that is missing on one side says nothing
        for side, part in now:
            point = now[side.other if turned[i] else side, part]
            before[side, part] = np.where(np.isfinite(point), point, before[side, part])
    return np.asarray(turned[np.searchsorted(blocks, place)])


def _far(a: Floats, b: Floats) -> float:
    return float(np.linalg.norm(a - b))


def _median(xy: Floats) -> Floats:
    seen = xy[np.isfinite(xy).all(axis=1)]
    return np.asarray(np.median(seen, axis=0)) if len(seen) else np.full(2, np.nan)


def _apart(raw: Mapping[tuple[Side, str], Floats]) -> float:
    """How far the two ankles usually are from each other, px: less than this is no exchange but noise."""
    distance = _distance(raw[Side.LEFT, "ankle"], raw[Side.RIGHT, "ankle"])
    seen = distance[np.isfinite(distance)]
    return float(np.median(seen)) if len(seen) else np.inf


def _distance(a: Floats, b: Floats) -> Floats:
    return np.asarray(np.linalg.norm(a - b, axis=-1))


def _block_median(xy: Floats, place: NDArray[np.int_]) -> Floats:
    usual = np.full_like(xy, np.nan)
    for block in np.unique(place):
        inside = place == block
        usual[inside] = _median(xy[inside])
    return usual


def _without_outliers(times: Floats, xy: Floats, window_s: float, sds: float) -> Floats:
    """Hampel: NaN where a coordinate leaves the median of its neighbourhood by more than `sds` robust deviations.

    The neighbourhood is `HAMPEL_SAMPLES` frames spread over ±`window_s`, so that it means the same at every rate.
    """
    frames = len(times)
    spacing = float(np.median(np.diff(times)))
    steps = np.round(np.linspace(-window_s, window_s, HAMPEL_SAMPLES) / spacing).astype(int)
    steps = np.unique(np.concatenate([steps, LEAST_NEIGHBOURS]))
    near = np.clip(np.arange(frames)[:, None] + steps, 0, frames - 1)
    around = xy[near]
    centre = _nanmedian(around)
    spread = MAD_TO_SD * _nanmedian(np.abs(around - centre[:, None, :]))
    usual = np.nanmedian(spread, axis=0) if np.isfinite(spread).any() else np.zeros(2)
    odd = np.any(np.abs(xy - centre) > sds * np.maximum(spread, usual), axis=1, keepdims=True)
    return np.where(odd, np.nan, xy)


def _nanmedian(values: Floats) -> Floats:
    """Median along axis 1, NaN where nothing is finite, without a warning."""
    order = np.sort(values, axis=1)  # NaN goes last
    count = np.isfinite(values).sum(axis=1)
    low = np.take_along_axis(order, np.maximum((count - 1) // 2, 0)[:, None, :], axis=1)[:, 0]
    high = np.take_along_axis(order, np.minimum(count // 2, values.shape[1] - 1)[:, None, :], axis=1)[:, 0]
    return np.where(count > 0, (low + high) / 2, np.nan)


def _on_grid(times: Floats, xy: Floats, grid: Floats, longest_gap_s: float) -> Floats:
    """The point on the even grid; NaN outside what was seen and in gaps longer than `longest_gap_s`."""
    seen = np.isfinite(xy).all(axis=1)
    out = np.full((len(grid), 2), np.nan)
    if seen.sum() < MIN_FRAMES:
        return out
    known = times[seen]
    after = np.clip(np.searchsorted(known, grid, side="left"), 0, len(known) - 1)
    before = np.clip(np.searchsorted(known, grid, side="right") - 1, 0, len(known) - 1)
    near = (grid >= known[0]) & (grid <= known[-1]) & (known[after] - known[before] <= longest_gap_s)
    out[near] = PchipInterpolator(known, xy[seen], axis=0)(grid[near])
    return out


def low_pass(values: Floats, rate_hz: float, cut_off_hz: float) -> Floats:
    """Zero-lag Butterworth (fourth order in all) of (N,) or (N, 2); NaN is bridged for the filter and put back."""
    seen = np.isfinite(values) if values.ndim == 1 else np.isfinite(values).all(axis=1)
    if seen.sum() < MIN_FRAMES:
        return np.full_like(values, np.nan)
    index = np.arange(len(values))
    columns = values[:, None] if values.ndim == 1 else values
    whole = np.column_stack([np.interp(index, index[seen], column[seen]) for column in columns.T])
    filtered = sosfiltfilt(butter(FILTER_ORDER, cut_off_hz, fs=rate_hz, output="sos"), whole, axis=0)
    filtered[~seen] = np.nan
    return np.asarray(filtered[:, 0] if values.ndim == 1 else filtered)
