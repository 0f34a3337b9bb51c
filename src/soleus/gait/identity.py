"""Which leg is which: undoes exchanged, half exchanged and doubled legs of a pose network.

Frame-to-frame tracking fails on running: at 30 pictures a second a swinging foot jumps further than the other foot is
away. What holds is the structure of gait. The legs open and close once a step, and consecutive openings alternate; so
the rhythm of the openings tells at any moment which leg must be in front and, a quarter of a stride later, which foot
must be up. That is the prior of a hidden Markov model over what the network may have exchanged: knees, ankles, feet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soleus.core.measurement import Side
from soleus.core.recording import Facing, Floats
from soleus.gait.cadence import thinned
from soleus.gait.motion import Bools
from soleus.gait.paths import Paths, learn_paths, to_hip
from soleus.gait.skeleton import ANKLE, HEEL, HIP, KNEE, TOE, Body, lengths
from soleus.knowledge.gait_base import GaitKnowledge

Ints = NDArray[np.intp]

PARTS: tuple[tuple[int, ...], ...] = ((HIP, KNEE), (ANKLE,), (HEEL, TOE))
"""What is exchanged together: thigh, ankle, foot."""

_TELLING: tuple[tuple[int, ...], ...] = ((KNEE,), (ANKLE,), (HEEL, TOE))
"""The points of each part that tell the legs apart: the hips lie too close together."""

STATES = np.array([[thigh, ankle, foot] for thigh in (0, 1) for ankle in (0, 1) for foot in (0, 1)], dtype=bool)
"""(8, 3) which parts are exchanged."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SortedLegs:
    """Near and far leg over time, in pixels."""

    legs: Floats
    """(2, T, 5, 2): near, far; NaN = not seen, or drawn on the other leg."""
    confidence: Floats
    """(2, T, 5)"""
    near: Side
    swapped: Bools
    """(T,) the network had at least one part of the legs exchanged."""
    doubled: Bools
    """(T,) a part of both legs was drawn on one of them."""
    outside: Bools
    """(2, T) the foot is cut off by the edge of the picture."""
    phase: Floats
    """(T,) stride phase, radians: 0 = near leg foremost, π = far leg foremost; NaN = no rhythm."""
    unsteady: float = 0.0
    """Scatter of ankle, heel and toe of the near leg around their usual path, leg lengths."""

    @property
    def swap_share(self) -> float:
        return float(self.swapped.mean()) if len(self.swapped) else float("nan")

    @property
    def doubled_share(self) -> float:
        return float(self.doubled.mean()) if len(self.doubled) else float("nan")


def sort_legs(body: Body, facing: Facing, leg_px: float, step_hz: float, kb: GaitKnowledge) -> SortedLegs:
    """Near and far leg, with exchanges undone.

    1. Phase of the stride from the distance between the ankles (`stride_phase`).
    2. Whole-leg exchanges on a time scale of `identity.time_scale_s`, against sine-shaped ankle paths (`rough_bits`).
    3. Part by part against the paths learned from step 2: the median of each leg by phase (`fine_bits`).
    4. A part drawn twice on one leg is taken from the leg it fits worse (`doubled_parts`).
    """
    order = [0, 1] if facing.near is Side.LEFT else [1, 0]
    legs, confidence, outside = body.legs[order].copy(), body.confidence[order].copy(), body.outside[order].copy()
    frames = body.frames
    bits, drop = np.zeros((frames, 3), dtype=bool), np.zeros((2, frames, 3), dtype=bool)
    phase, unsteady = np.full(frames, np.nan), 0.0
    if np.isfinite(step_hz):
        unit = to_hip(legs, body.hip_centre, 1 if facing is Facing.RIGHT else -1, leg_px)
        anchors = thinned(body.times_s, kb.value("identity.time_scale_s"))
        phase = stride_phase(body.times_s, unit[0, :, ANKLE, 0] - unit[1, :, ANKLE, 0], step_hz, kb)
        whole, turned = rough_bits(unit[:, anchors], phase[anchors], kb)
        phase = phase + np.pi * np.interp(body.times_s, body.times_s[anchors], turned).round()
        rough = np.repeat(whole[:, None], 3, axis=1)
        paths = learn_paths(exchange(unit[:, anchors], rough), phase[anchors], kb)
        bits = fine_bits(unit, body.times_s, phase, anchors, paths, kb)
        unit = exchange(unit, bits)
        paths = learn_paths(unit, phase, kb)
        drop, unsteady = doubled_parts(unit, phase, paths, kb), float(paths.sd[0, ANKLE:].max())
        legs, confidence = exchange(legs, bits), exchange(confidence[..., None], bits)[..., 0]
        outside[:, bits[:, 2]] = outside[::-1, bits[:, 2]]
        for part, points in enumerate(PARTS):
            for point in points:
                legs[:, :, point][drop[:, :, part]] = np.nan
                confidence[:, :, point][drop[:, :, part]] = 0.0
    return SortedLegs(
        legs=legs,
        confidence=confidence,
        near=facing.near,
        swapped=np.asarray((bits & ~drop.any(axis=0)).any(axis=1)),
        doubled=np.asarray(drop.any(axis=(0, 2))),
        outside=outside,
        phase=phase,
        unsteady=unsteady,
    )


def named_legs(body: Body) -> SortedLegs:
    """Left and right as the network named them: from behind nothing tells them apart but their place, which it sees."""
    none = np.zeros(body.frames, dtype=bool)
    return SortedLegs(
        legs=body.legs,
        confidence=body.confidence,
        near=Side.LEFT,
        swapped=none,
        doubled=none,
        outside=body.outside,
        phase=np.full(body.frames, np.nan),
    )


def exchange(legs: Floats, bits: Bools) -> Floats:
    """(2, T, 5, …) with the parts named by `bits` (T, 3) handed to the other leg."""
    out = legs.copy()
    for part, points in enumerate(PARTS):
        rows = np.flatnonzero(bits[:, part])
        for point in points:
            out[:, rows, point] = legs[::-1, rows, point]
    return out


def stride_phase(times_s: Floats, apart: Floats, step_hz: float, kb: GaitKnowledge) -> Floats:
    """(T,) phase of the stride in radians from the fore-aft distance of the ankles, whichever leg is in front.

    The distance |apart| peaks once a step. Its complex demodulation at the step frequency, with a Gaussian of one step
    (`identity.phase_steps`), gives a phase that rides through missed frames and through legs drawn on one another;
    half of it is the stride phase, up to a half turn that the naming of the legs has to settle.
    """
    spacing = kb.value("identity.time_scale_s")
    grid = np.arange(times_s[0], times_s[-1] + spacing, spacing)
    seen = np.isfinite(apart)
    if seen.sum() < 2:
        return np.asarray(np.pi * step_hz * (times_s - times_s[0]))
    value = np.interp(grid, times_s[seen], np.abs(apart[seen]))
    gap = np.abs(grid[:, None] - times_s[seen][_nearest(times_s[seen], grid)][:, None])[:, 0]
    weight = (gap <= spacing).astype(np.float64)
    centred = weight * (value - (weight * value).sum() / max(float(weight.sum()), 1.0))
    width = kb.value("identity.phase_steps") / step_hz
    lags = np.arange(-int(4 * width / spacing) - 1, int(4 * width / spacing) + 2) * spacing
    bell = np.exp(-0.5 * (lags / width) ** 2)
    turning = centred * np.exp(-2j * np.pi * step_hz * grid)
    slow = np.convolve(turning, bell, mode="full")[len(lags) // 2 :][: len(grid)]
    angle = np.unwrap(np.angle(slow)) + 2 * np.pi * step_hz * grid
    return np.asarray(np.interp(times_s, grid, angle) / 2)


def _nearest(sorted_times: Floats, at: Floats) -> Ints:
    """Index of the nearest of the sorted times."""
    right = np.clip(np.searchsorted(sorted_times, at), 1, len(sorted_times) - 1)
    return np.asarray(right - (at - sorted_times[right - 1] < sorted_times[right] - at))


def rough_bits(unit: Floats, phase: Floats, kb: GaitKnowledge) -> tuple[Bools, Floats]:
    """Whole-leg exchange (N,) and half turns of the phase (N,) at the anchors.

    Emission: the ankles must lie apart as A·cos(phase) fore-aft and −B·sin(phase) in height; nothing is asked where
    the legs cross and both are at one height. Transition: displacement of the leg points in leg lengths.
    Turning the phase costs `identity.turn_cost`, an exchange against the network's naming `identity.name_cost`.
    """
    apart = unit[0, :, ANKLE] - unit[1, :, ANKLE]
    size = np.nan_to_num(np.array([np.nanmean(np.abs(apart), axis=0)] if np.isfinite(apart).any() else [[0.0, 0.0]]))
    expected = (np.pi / 2) * size * np.stack([np.cos(phase), -np.sin(phase)], axis=1)
    sd = kb.value("identity.separation_sd")
    emission = np.zeros((len(phase), 4))
    moves = _moves(unit, (KNEE, ANKLE, HEEL, TOE), kb)
    change = np.zeros((max(len(phase) - 1, 0), 4, 4))
    for a in range(4):
        swap, turn = a % 2, a // 2
        sign = (1 - 2 * swap) * (1 - 2 * turn)
        miss = np.nan_to_num(((sign * apart - expected) / sd) ** 2).sum(axis=1)
        emission[:, a] = np.minimum(miss, kb.value("identity.cost_cap")) + swap * kb.value("identity.name_cost")
        for b in range(4):
            change[:, a, b] = moves[:, int(swap != b % 2)] + (turn != b // 2) * kb.value("identity.turn_cost")
    best = viterbi(emission, change)
    return best % 2 == 1, (best // 2).astype(np.float64)


def fine_bits(unit: Floats, times_s: Floats, phase: Floats, anchors: Ints, paths: Paths, kb: GaitKnowledge) -> Bools:
    """(T, 3) exchanged parts: Viterbi over the anchors, then every frame between two anchors for itself.

    Emission: squared distance of each part to the learned path of its leg at this phase, over the path's own scatter,
    capped so that a wild point does not outvote the rest; a leg of parts of two legs costs `identity.mixed_cost`.
    """
    emission = _path_cost(unit, phase, paths, kb)
    moves = [_moves(unit[:, anchors], points, kb) for points in _TELLING]
    differs = STATES[:, None, :] != STATES[None, :, :]
    change = sum(
        np.where(differs[None, :, :, part], move[:, 1, None, None], move[:, 0, None, None])
        for part, move in enumerate(moves)
    )
    best = viterbi(emission[anchors], np.asarray(change))
    bits = np.zeros((len(times_s), 3), dtype=bool)
    bits[anchors] = STATES[best]
    rest = np.setdiff1d(np.arange(len(times_s)), anchors)
    if len(rest):
        fixed = exchange(unit[:, anchors], bits[anchors])
        between = _between(fixed, times_s[anchors], times_s[rest])
        jump = kb.value("identity.jump_sd")
        cost = emission[rest]
        for part, points in enumerate(_TELLING):
            own = lengths(unit[:, rest][:, :, points], between[:, :, points])
            other = lengths(unit[::-1, rest][:, :, points], between[:, :, points])
            both = np.nan_to_num(np.stack([own, other])).sum(axis=1).mean(axis=-1) / jump
            cost = cost + np.where(STATES[None, :, part], both[1][:, None], both[0][:, None])
        bits[rest] = STATES[np.argmin(cost, axis=1)]
    return bits


def _between(values: Floats, times_s: Floats, at: Floats) -> Floats:
    """(2, N, 5, 2) at other times, linearly; NaN beside NaN."""
    right = np.clip(np.searchsorted(times_s, at), 1, max(len(times_s) - 1, 1))
    left = right - 1
    right = np.minimum(right, len(times_s) - 1)
    span = np.maximum(times_s[right] - times_s[left], 1e-9)
    part = np.clip((at - times_s[left]) / span, 0.0, 1.0)[None, :, None, None]
    return np.asarray((1 - part) * values[:, left] + part * values[:, right])


def _moves(unit: Floats, points: tuple[int, ...], kb: GaitKnowledge) -> Floats:
    """(N−1, 2) displacement cost from frame to frame of both legs: named alike, named the other way round."""
    out = np.zeros((max(unit.shape[1] - 1, 0), 2))
    for column, other in enumerate((unit, unit[::-1])):
        step = lengths(unit[:, :-1][:, :, points], other[:, 1:][:, :, points])
        out[:, column] = np.nan_to_num(step).sum(axis=0).mean(axis=-1) / kb.value("identity.jump_sd")
    return out


def _path_cost(unit: Floats, phase: Floats, paths: Paths, kb: GaitKnowledge) -> Floats:
    """(T, 8) cost of every state against the learned paths."""
    cap = kb.value("identity.cost_cap")
    cost = np.zeros((unit.shape[1], len(STATES)))
    for part, points in enumerate(_TELLING):
        for swapped in (0, 1):
            legs = unit[::-1] if swapped else unit
            miss = paths.miss(legs, phase)[:, :, points].mean(axis=-1)
            value = np.minimum(np.nan_to_num(miss), cap).sum(axis=0) + swapped * kb.value("identity.name_cost")
            cost[:, STATES[:, part] == bool(swapped)] += value[:, None]
    mixed = STATES.any(axis=1) & ~STATES.all(axis=1)
    cost[:, mixed] += kb.value("identity.mixed_cost")
    return cost


def viterbi(emission: Floats, change: Floats) -> Ints:
    """(N, S) and (N−1, S, S) costs → (N,) states of the cheapest way."""
    frames, states = emission.shape
    best = np.zeros(frames, dtype=np.intp)
    if frames == 0:
        return best
    total = emission[0].copy()
    came = np.zeros((frames, states), dtype=np.intp)
    for i in range(1, frames):
        ways = total[:, None] + change[i - 1]
        came[i] = ways.argmin(axis=0)
        total = ways[came[i], np.arange(states)] + emission[i]
    best[-1] = int(total.argmin())
    for i in range(frames - 1, 0, -1):
        best[i - 1] = came[i, best[i]]
    return best


def doubled_parts(unit: Floats, phase: Floats, paths: Paths, kb: GaitKnowledge) -> Bools:
    """(2, T, 3) parts that lie on the other leg's part while they should be apart: those of the worse fitting leg.

    With two parts doubled the whole leg is: then all three go, also where the legs cross and cannot be told apart. So
    are legs that lie on one another from the knee down, whatever was learned: while running legs pass, one foot is up.
    """
    near_by = kb.value("identity.doubled_leg")
    should = paths.at(phase)
    apart = lengths(unit[0], unit[1])
    expected = lengths(should[0], should[1])
    miss = np.minimum(np.nan_to_num(paths.miss(unit, phase), nan=_WILD), _WILD)
    together = np.zeros((unit.shape[1], 3), dtype=bool)
    worse = np.zeros((2, unit.shape[1], 3))
    for part, points in enumerate(_TELLING):
        close = apart[:, points].mean(axis=-1) < near_by
        together[:, part] = close & (expected[:, points].mean(axis=-1) > 2 * near_by)
        worse[:, :, part] = miss[:, :, points].mean(axis=-1)
    whole = (together.sum(axis=1) >= _MOST_PARTS) | (apart[:, KNEE:].mean(axis=-1) < near_by)
    together[whole] = True
    worse[:, whole] = worse[:, whole].sum(axis=-1, keepdims=True)
    far = worse[1] >= worse[0]
    return np.stack([together & ~far, together & far])


_WILD = 1e6
_MOST_PARTS = 2
