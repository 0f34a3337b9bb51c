"""Windows of days and the runner's own baseline before them, for every possible end day at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
MOST_KNOWN = 0.8
"""A window speaks only when at least this share of its running days has the channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The baseline: days −`far` … −`near` before the end day, with at least `least` usable days."""

    near: int
    far: int
    least: int


def gathered(values: Array, ran: Mask, *, window: int, gather: str) -> Array:
    """(n+1,) one number per end day t for the days [t − window, t); NaN where it cannot be told.

    sum: mean per known day; longest: largest known day; form: mean of the days with a value, at least two of them
    (one in windows of three days); state: the value of day t − 1. `values`, `ran`: (n,), ran = any run that day.
    """
    length = len(values)
    out = np.full(length + 1, np.nan)
    if length < window:
        return out
    known = ~np.isnan(values)
    if gather == "state":
        out[window:] = values[window - 1 :]
        return out
    if gather == "longest":
        filled = np.where(known, values, -np.inf)
        largest = np.lib.stride_tricks.sliding_window_view(filled, window).max(axis=1)
        out[window:] = np.where(np.isinf(largest), np.nan, largest)
        return out
    total = _moving(np.nan_to_num(values), window)
    count = _moving(known.astype(float), window)
    if gather == "form":
        enough = count >= (1 if window <= 3 else 2)
    else:
        unknown = window - count
        enough = unknown <= (1 - MOST_KNOWN) * _moving(ran.astype(float), window)
        enough &= count > 0
    np.divide(total, count, out=out[window:], where=enough)
    return out


def baselines(values: Array, gap: Mask, at_windows: Array, *, window: int, gather: str, span: Span) -> Array:
    """(n+1,) the runner's own level before each end day t: mean over days [t − far, t − near + 1) outside long gaps.

    Largest-day and state series compare like with like: the mean of the same window statistic over that time.
    """
    length = len(values)
    if gather in ("sum", "form"):
        usable = ~np.isnan(values) & ~gap
        level, lead = np.where(usable, values, 0.0), 0
    else:
        usable = (~np.isnan(at_windows) & ~touches_gap(gap, window))[1:]
        level, lead = np.where(usable, at_windows[1:], 0.0), window - 1
    ends = np.arange(length + 1)
    start = np.clip(ends - span.far + lead, 0, length)
    stop = np.clip(ends - span.near + 1, 0, length)
    stop = np.maximum(stop, start)
    sums, counts = _running(level), _running(usable.astype(float))
    days = counts[stop] - counts[start]
    least = span.least if gather != "form" else min(span.least, 4)
    out = np.full(length + 1, np.nan)
    np.divide(sums[stop] - sums[start], days, out=out, where=days >= max(least - lead, 1))
    return out


def touches_gap(gap: Mask, window: int) -> Mask:
    """(n+1,) whether any of the days [t − window, t) lies in a long gap, or before the history began."""
    running = _running(gap.astype(float))
    ends = np.arange(len(gap) + 1)
    return np.asarray((running[ends] - running[np.maximum(ends - window, 0)] > 0) | (ends < window))


def _running(values: Array) -> Array:
    return np.concatenate((np.zeros(1), np.cumsum(values)))


def _moving(values: Array, window: int) -> Array:
    running = _running(values)
    return running[window:] - running[:-window]


def block_means(values: Array, *, draws: int, block: int, seed: int) -> Array:
    """(draws,) means of moving-block bootstrap samples of (n,) `values` without NaN; the same input gives the same
    draws.

    Blocks of `block` neighbouring days keep the weekly rhythm (Künsch 1989); each sample has as many whole blocks as
    fit in n, rounded up.
    """
    length = len(values)
    block = min(block, length)
    sums = _moving(values, block)
    blocks = -(-length // block)
    starts = np.random.default_rng(seed).integers(0, len(sums), size=(draws, blocks))
    return np.asarray(sums[starts].sum(axis=1) / (blocks * block))
