"""Steps per minute three ways: from the contacts, from the body's rhythm, from the pictures alone.

They must agree: a count of contacts can miss or double steps, a spectrum can take a stride for a step.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soleus.core.recording import Floats, View
from soleus.gait.skeleton import ANKLE, KNEE, Body
from soleus.knowledge.gait_base import GaitKnowledge


def thinned(times_s: Floats, spacing_s: float) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    """Indices of frames at least about `spacing_s` apart: a time scale that does not depend on the frame rate."""
    if not len(times_s):
        return np.empty(0, dtype=np.intp)
    slot = np.floor((times_s - times_s[0]) / spacing_s + _EDGE).astype(np.int64)
    return np.flatnonzero(np.concatenate([[True], np.diff(slot) > 0]))


_EDGE = 0.05
"""Frames a hair early still open their slot: 29.97 pictures a second are not thinned to 15."""


def spectrum(times_s: Floats, values: Floats, rates_hz: Floats) -> Floats:
    """Amplitude of signals on uneven times at given frequencies.

    (T,), (…, T), (F,) → (…, F). Discrete-time Fourier sum with a Hann window over the time span, mean and trend taken
    out; frames that were not seen weigh nothing. Zeros for a signal of fewer than eight frames.
    """
    seen = np.isfinite(values)
    if len(times_s) < _FEWEST:
        return np.zeros((*values.shape[:-1], len(rates_hz)))
    span = max(float(times_s[-1] - times_s[0]), 1e-9)
    window = np.where(seen, 0.5 - 0.5 * np.cos(2 * np.pi * (times_s - times_s[0]) / span), 0.0)
    window = window / np.maximum(window.sum(axis=-1, keepdims=True), 1e-12)
    signal = np.where(seen, values, 0.0)
    centred = times_s - (window * times_s).sum(axis=-1, keepdims=True)
    signal = signal - (window * signal).sum(axis=-1, keepdims=True)
    spread = np.maximum((window * centred**2).sum(axis=-1, keepdims=True), 1e-12)
    slope = (window * centred * signal).sum(axis=-1, keepdims=True) / spread
    signal = np.where(seen.sum(axis=-1, keepdims=True) >= _FEWEST, (signal - slope * centred) * window, 0.0)
    turns = np.exp(-2j * np.pi * np.outer(times_s, rates_hz))
    return np.asarray(2 * np.abs(signal @ turns))


_FEWEST = 8


def peak(rates_hz: Floats, power: Floats) -> float:
    """Frequency of the largest value, between the grid points by a parabola; NaN when there is none inside."""
    if len(power) < 3 or not power.any():
        return float("nan")
    top = int(np.argmax(power))
    if top in (0, len(power) - 1):
        return float("nan")
    left, mid, right = power[top - 1 : top + 2]
    shift = 0.5 * (left - right) / (left - 2 * mid + right)
    return float(rates_hz[top] + shift * (rates_hz[1] - rates_hz[0]))


def rates(times_s: Floats, kb: GaitKnowledge) -> Floats:
    """Step frequencies looked at, in hertz, finely enough for the length of the film."""
    span = max(float(times_s[-1] - times_s[0]), 1.0) if len(times_s) else 1.0
    low, high = (
        max(kb.value("cadence.search_low_hz"), kb.value("cadence.cycles_min") / span),
        kb.value("cadence.search_high_hz"),
    )
    count = min(int((high - low) * span * _PER_BIN) + 2, _MOST)
    return np.linspace(low, high, count)


_PER_BIN, _MOST = 5, 1600


def apart_of(body: Body, leg_px: float, view: View) -> Floats:
    """(T,) distance of the ankles in leg lengths, whichever is which: fore-aft from the side, in height from behind.

    Largest once a step: with the legs open in the one, with the swinging foot up beside the standing leg in the other.
    """
    axis = 0 if view is View.SIDE else 1
    return np.abs(body.legs[0, :, ANKLE, axis] - body.legs[1, :, ANKLE, axis]) / leg_px


def step_rate_hz(body: Body, leg_px: float, view: View, kb: GaitKnowledge) -> float:
    """Step frequency from what no exchange of left and right can alter. NaN when there is no rhythm.

    Adds up the power of: distance of the ankles, distance of the knees, mean height of the ankles, mean height of the
    knees, height of the hips. All of them swing once a step; each alone can show the stride (half) or the double, their
    sum does not. With less than `cadence.rhythm_min_leg` of swing in the distance of the ankles nobody runs.
    """
    keep = thinned(body.times_s, kb.value("identity.time_scale_s"))
    times = body.times_s[keep]
    legs = body.legs[:, keep] / leg_px
    grid = rates(times, kb)
    axis = 0 if view is View.SIDE else 1
    apart = apart_of(body, leg_px, view)[keep]
    signals = np.stack(
        [
            apart,
            np.abs(legs[0, :, KNEE, axis] - legs[1, :, KNEE, axis]),
            legs[:, :, ANKLE, 1].sum(axis=0),
            legs[:, :, KNEE, 1].sum(axis=0),
            body.hip_centre[keep, 1] / leg_px,
        ]
    )
    power = spectrum(times, signals, grid) ** 2
    total = (power / np.maximum(power.sum(axis=1, keepdims=True), 1e-12)).sum(axis=0)
    found = peak(grid, total)
    if not np.isfinite(found):
        return float("nan")
    swing = float(spectrum(times, apart, np.array([found]))[0])
    return found if swing >= kb.value("cadence.rhythm_min_leg") else float("nan")


def spm_of_pixels(times_s: Floats, energy: Floats | None, near_hz: float, kb: GaitKnowledge) -> float:
    """Cadence from the change of brightness around the legs, without any body point. NaN = says nothing clear.

    The energy swings with the step, with the stride (when the near leg outshines the far one) or with the double; the
    strongest of these near `near_hz` is meant. Where a rhythm that is none of them is far stronger
    (`cadence.pixel_other` times the power), it is given as it is: then the two disagree, which is why we ask.
    """
    if energy is None or len(energy) != len(times_s) or not np.isfinite(near_hz):
        return float("nan")
    times, calm = _slots(times_s, _clipped(energy), kb.value("identity.time_scale_s"))
    usual = rates(times, kb)
    grid = np.linspace(usual[0] / 2, usual[-1] * 2, 2 * len(usual))
    power = spectrum(times, calm, grid) ** 2
    best = peak(grid, power)
    if not np.isfinite(best) or power.max() < kb.value("cadence.pixel_clear") * float(np.median(power)):
        return float("nan")
    same = kb.value("cadence.pixel_same_pct") / 100
    found, strength = 60 * best, float(power.max()) / kb.value("cadence.pixel_other")
    for factor in (1.0, 2.0, 0.5):
        around = np.abs(grid * factor / near_hz - 1) <= same
        rhythm = peak(grid[around], power[around])
        if np.isfinite(rhythm) and power[around].max() > strength:
            found, strength = 60 * rhythm * factor, float(power[around].max())
    return found


def _slots(times_s: Floats, values: Floats, spacing_s: float) -> tuple[Floats, Floats]:
    """Means over slots of time: the same rhythm whatever the frame rate, and never more frames than it needs."""
    starts = thinned(times_s, spacing_s)
    if not len(starts):
        return times_s, values
    seen = np.isfinite(values)
    count = np.add.reduceat(seen.astype(np.float64), starts)
    total = np.add.reduceat(np.where(seen, values, 0.0), starts)
    when = np.add.reduceat(times_s, starts) / np.diff(np.append(starts, len(times_s)))
    return when, np.divide(total, count, out=np.full(len(starts), np.nan), where=count > 0)


def _clipped(energy: Floats) -> Floats:
    """Flashes and cuts cut down to the ordinary largest value."""
    finite = energy[np.isfinite(energy)]
    return np.minimum(energy, np.percentile(finite, 98)) if finite.size else energy


def spm_of_contacts(legs_s: Sequence[Sequence[float]]) -> float:
    """Cadence from the times of contact of each leg: 120 / stride time. NaN without three contacts of one leg.

    Stride time of a leg: median over pairs of its contacts half the film apart of (time between / strides between), as
    Theil and Sen do, so that one misplaced contact moves nothing; a missed contact counts as two strides by its length.
    Each leg for itself, since the far leg's contacts may all come early or late; mean of the legs by their contacts.
    """
    strides, weights = [], []
    for contacts in legs_s:
        times = np.sort(np.asarray(contacts, dtype=np.float64))
        gaps = np.diff(times)
        typical = float(np.median(gaps)) if len(gaps) > 1 else 0.0
        if typical > 0:
            number = np.concatenate([[0], np.cumsum(np.maximum(np.round(gaps / typical), 1))])
            apart = len(times) // 2
            strides.append(float(np.median((times[apart:] - times[:-apart]) / (number[apart:] - number[:-apart]))))
            weights.append(len(times))
    return 120 / float(np.average(strides, weights=weights)) if strides else float("nan")


def disagreement_pct(first_spm: float, second_spm: float) -> float:
    """Difference in percent of their mean; NaN when one is unknown."""
    return abs(first_spm - second_spm) / ((first_spm + second_spm) / 2) * 100
