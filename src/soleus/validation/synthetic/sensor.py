"""What a pose network makes of a runner: noise, far-leg trouble, sides exchanged, legs drawn on one, points lost."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from soleus.core.measurement import Side
from soleus.core.recording import KEYPOINT_INDEX, KEYPOINTS, LEG_PARTS, MIRRORED, Floats, leg_indices

Mask = NDArray[np.bool_]


class SwapKind(Enum):
    """Which points change sides."""

    LEGS = "legs"
    BODY = "body"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """Sizes are shares of the leg length in pixels, standard deviations.

    White and lasting noise are set so that fourth differences of BlazePose-heavy on two films of runners come out
    alike: 0.4 % of the leg at 240 pictures a second (leg 101 px), 0.8-1.0 % at 30 (leg 291 px), feet 1.2-1.5 and the
    far leg 1.5-1.8 times as much. RTMPose on the second film: 0.6-1.0 %. The rest is judgement.
    """

    fps: float = 60.0
    time_jitter: float = 0.0
    """Of the frame interval: uneven presentation times."""
    lost_frames_share: float = 0.0
    """Frames missing in the file."""
    white: float = 0.004
    slow: float = 0.007
    """Noise that lasts (`slow_s`): the network is wrong in the same way for some frames."""
    slow_s: float = 0.08
    foot_factor: float = 1.3
    far_factor: float = 1.6
    hidden_factor: float = 2.0
    """More noise while the near leg hides the point."""
    bias: float = 1.0
    """Scales `POINT_BIAS`: where the network habitually puts a point."""
    toe_share: float = 0.8
    """Where on the toes it sees "toe": 0 = ball of the foot, 1 = tip. Not known of any network."""
    lag_s: float = 0.003
    """Fast points trail behind (motion blur)."""
    swaps_per_s: float = 0.0
    swap_s: float = 0.25
    """Median length of an exchange; lognormal with a spread of ×2."""
    swap_kind: SwapKind = SwapKind.MIXED
    collapse_share: float = 0.0
    """Share of crossings at which the far leg is drawn on the near one."""
    lost_person_per_s: float = 0.0
    lost_person_s: float = 0.1
    lost_point_share: float = 0.0


PERFECT = Sensor(white=0.0, slow=0.0, bias=0.0, lag_s=0.0)

POINT_BIAS = {"hip": 0.025, "knee": 0.018, "ankle": 0.012, "heel": 0.012, "toe": 0.015}
"""Habitual misplacement, standard deviation over films, share of leg length: judged from the differences between
two networks on one film (knee 8°, dorsiflexion 6°, foot 1-4°, overstride 1.5 % of the leg)."""
BODY_BIAS = 0.02
CROSSING_SHARE = 0.16
"""Ankles closer than this share of the leg: crossing."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sensed:
    """What the network says, and what was done to it."""

    points: Floats
    swapped_legs: Mask
    swapped_body: Mask
    collapsed: Mask
    lost: Mask


def frame_times(sensor: Sensor, duration_s: float, rng: np.random.Generator) -> Floats:
    """(T,) presentation times from 0."""
    count = int(duration_s * sensor.fps) + 1
    times = (np.arange(count) + sensor.time_jitter * rng.uniform(-0.45, 0.45, count)) / sensor.fps
    keep = rng.random(count) >= sensor.lost_frames_share
    keep[0] = True
    times = times[keep]
    return np.asarray(times - times[0])


def sense(
    clean_px: Floats, times_s: Floats, near: Side, leg_px: float, sensor: Sensor, rng: np.random.Generator
) -> Sensed:
    """(T, K, 2) true pixels → (T, K, 3) as a network would give them.

    1. Habitual bias per point, half of it turning with the stride; 2. lag behind fast movement; 3. white and lasting
    noise, more at feet, far leg and hidden points; 4. far leg drawn on the near one at some crossings; 5. left and
    right exchanged in bursts; 6. points and whole frames lost; 7. confidence lower for all that.
    """
    far = leg_indices(near.other)
    hidden = hidden_share(clean_px, leg_px)
    points = clean_px + _bias(clean_px, near, leg_px, sensor, rng)
    if len(times_s) > 2 and sensor.lag_s:
        points = points - sensor.lag_s * np.gradient(clean_px, times_s, axis=0)
    factor = _factors(near, sensor)[None, :, None] * np.ones((len(times_s), 1, 1))
    factor[:, list(far)] *= (1 + (sensor.hidden_factor - 1) * hidden)[:, None, None]
    points = points + leg_px * factor * _noise(points.shape, times_s, sensor, rng)
    collapsed = _collapse(points, hidden, near, sensor, leg_px, rng)
    confidence = _confidence(near, hidden, collapsed, rng)
    out = np.concatenate([points, confidence[..., None]], axis=-1)
    swapped_legs, swapped_body = _swaps(times_s, hidden, sensor, rng)
    legs = np.array([i for i, name in enumerate(KEYPOINTS) if name.split("_")[-1] in LEG_PARTS])
    mirrored = np.array(MIRRORED)
    out[swapped_body] = out[swapped_body][:, mirrored]
    exchanged = np.flatnonzero(swapped_legs)[:, None]
    out[exchanged, legs] = out[exchanged, mirrored[legs]]
    lost = _bursts(times_s, sensor.lost_person_per_s, sensor.lost_person_s, rng)
    out[lost] = (np.nan, np.nan, 0.0)
    out[rng.random(out.shape[:2]) < sensor.lost_point_share] = (np.nan, np.nan, 0.0)
    return Sensed(
        points=out, swapped_legs=swapped_legs | swapped_body, swapped_body=swapped_body, collapsed=collapsed, lost=lost
    )


def hidden_share(clean_px: Floats, leg_px: float) -> Floats:
    """(T,) 0-1: how far the near leg hides the far one (1 = ankles on each other)."""
    apart = clean_px[:, KEYPOINT_INDEX["left_ankle"]] - clean_px[:, KEYPOINT_INDEX["right_ankle"]]
    knees = clean_px[:, KEYPOINT_INDEX["left_knee"]] - clean_px[:, KEYPOINT_INDEX["right_knee"]]
    gap = np.minimum(np.abs(apart[:, 0]), 2 * np.abs(knees[:, 0])) / leg_px
    return np.asarray(np.clip(1 - gap / (2 * CROSSING_SHARE), 0.0, 1.0))


def _factors(near: Side, sensor: Sensor) -> Floats:
    factor = np.ones(len(KEYPOINTS))
    for i, name in enumerate(KEYPOINTS):
        if name.endswith(("heel", "toe")):
            factor[i] *= sensor.foot_factor
        if name.startswith(near.other.value):
            factor[i] *= sensor.far_factor
    return factor


def _bias(clean_px: Floats, near: Side, leg_px: float, sensor: Sensor, rng: np.random.Generator) -> Floats:
    """(T, K, 2): of heel and toe it turns with the foot, of the others it stands in the picture and half of it follows
    the leg to and fro."""
    out = np.zeros_like(clean_px)
    for i, name in enumerate(KEYPOINTS):
        side, _, part = name.rpartition("_")
        size = POINT_BIAS.get(part, BODY_BIAS) * sensor.bias * leg_px
        if side == near.other.value:
            size *= sensor.far_factor
        vector = size / np.sqrt(2) * rng.normal(size=2) * (1.0, 1.0)
        sway = 0.5 * size / np.sqrt(2) * rng.normal(size=2)
        if part in ("heel", "toe"):
            foot = clean_px[:, KEYPOINT_INDEX[f"{side}_toe"]] - clean_px[:, KEYPOINT_INDEX[f"{side}_heel"]]
            axis = foot / np.maximum(np.linalg.norm(foot, axis=1, keepdims=True), 1e-9)
            out[:, i] = vector[0] * axis + vector[1] * np.stack([-axis[:, 1], axis[:, 0]], axis=1)
            continue
        out[:, i] = vector
        if side in ("left", "right"):
            swing = clean_px[:, KEYPOINT_INDEX[f"{side}_ankle"], 0] - clean_px[:, KEYPOINT_INDEX[f"{side}_hip"], 0]
            out[:, i] += np.clip(swing / (0.5 * leg_px), -1, 1)[:, None] * sway
    return out


def _noise(shape: tuple[int, ...], times_s: Floats, sensor: Sensor, rng: np.random.Generator) -> Floats:
    """White noise plus an AR(1) of time constant `slow_s`, in shares of the leg."""
    white = sensor.white * rng.normal(size=shape)
    if not sensor.slow:
        return white
    shocks = rng.normal(size=shape)
    out = np.empty(shape)
    state = shocks[0]
    out[0] = state
    for i, keep in enumerate(np.exp(-np.diff(times_s) / sensor.slow_s), start=1):
        state = keep * state + np.sqrt(1 - keep * keep) * shocks[i]
        out[i] = state
    return white + sensor.slow * out


def _collapse(
    points: Floats,
    hidden: Floats,
    near: Side,
    sensor: Sensor,
    leg_px: float,
    rng: np.random.Generator,
) -> Mask:
    """Draws knee, ankle, heel and toe of the far leg on the near leg through some crossings."""
    out = np.zeros(len(hidden), bool)
    if sensor.collapse_share <= 0:
        return out
    near_rows, far_rows = list(leg_indices(near)[1:]), list(leg_indices(near.other)[1:])
    for start, end in runs(hidden > 0.4):
        if rng.random() < sensor.collapse_share:
            out[start:end] = True
            jitter = 0.01 * leg_px * rng.normal(size=(end - start, len(far_rows), 2))
            points[start:end, far_rows] = points[start:end, near_rows] + jitter
    return out


def runs(mask: Mask) -> list[tuple[int, int]]:
    """[start, end) of each stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _confidence(near: Side, hidden: Floats, collapsed: Mask, rng: np.random.Generator) -> Floats:
    level = np.full((len(hidden), len(KEYPOINTS)), 0.95)
    far = [i for i, name in enumerate(KEYPOINTS) if name.startswith(near.other.value)]
    level[:, far] = 0.75
    rows = list(leg_indices(near.other))
    level[:, rows] -= (0.4 * hidden + 0.1 * collapsed)[:, None]
    return np.clip(level + 0.05 * rng.normal(size=level.shape), 0.05, 1.0)


def _bursts(times_s: Floats, per_s: float, median_s: float, rng: np.random.Generator) -> Mask:
    out = np.zeros(len(times_s), bool)
    if per_s <= 0:
        return out
    for start in rng.uniform(times_s[0], times_s[-1], rng.poisson(per_s * (times_s[-1] - times_s[0]))):
        length = median_s * float(np.exp(np.log(2.0) * rng.normal()))
        out |= (times_s >= start) & (times_s < start + length)
    return out


def _swaps(times_s: Floats, hidden: Floats, sensor: Sensor, rng: np.random.Generator) -> tuple[Mask, Mask]:
    """Bursts of exchanged sides: legs only, and the whole body. Most begin and end where the legs cross."""
    crossings = np.array([times_s[(a + b) // 2] for a, b in runs(hidden > 0.5)])
    legs, body = np.zeros(len(times_s), bool), np.zeros(len(times_s), bool)
    duration = times_s[-1] - times_s[0]
    for _ in range(rng.poisson(sensor.swaps_per_s * duration) if sensor.swaps_per_s > 0 else 0):
        start = float(rng.uniform(times_s[0], times_s[-1]))
        end = start + sensor.swap_s * float(np.exp(np.log(2.0) * rng.normal()))
        if len(crossings) and rng.random() < 0.7:
            start = float(crossings[np.argmin(np.abs(crossings - start))])
            later = crossings[crossings > start + 0.02]
            end = float(later[np.argmin(np.abs(later - end))]) if len(later) else end
        whole = sensor.swap_kind is SwapKind.BODY or (sensor.swap_kind is SwapKind.MIXED and rng.random() < 0.5)
        span = (times_s >= start) & (times_s < end)
        if whole:
            body |= span
        else:
            legs |= span
    return legs & ~body, body
