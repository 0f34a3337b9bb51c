"""A made-up runner doing the heel-raise test before a camera, with everything that can go wrong, and the truth.

Lengths are metres, x forward, y up, until `_film` turns them into pixels. The body is a chain of straight segments with
rough adult proportions; curves and faults are our choice, so a study on it says how the method behaves on these
movements and this noise, not how it does on real people.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from soleus.core.measurement import Side
from soleus.core.recording import KEYPOINT_INDEX, KEYPOINTS, ClipFacts, Facing, PoseSequence, Recording

Floats = NDArray[np.float64]

BALL_FROM_TOE = 0.27
"""Ball of the foot behind the toe tip, shares of foot length."""
ANKLE_FROM_HEEL = 0.22
ANKLE_HEIGHT_M = 0.055
SHANK_M, THIGH_M, TRUNK_M, UPPER_ARM_M, FOREARM_M = 0.43, 0.42, 0.50, 0.30, 0.27
STAND_KNEE_DEG = 4.0
WALL_M = 0.45
"""Wall in front of the ankle."""
TOP_SHARE = 0.05
"""Share of a beat pair spent still at the top, and at the bottom."""
HALF = 0.38
"""Share of `height_cm` reached by a last repetition that fails."""
WIDE = 1.6
"""Picture height / height of the runner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What the runner does and how it is filmed. Keys of the mappings are repetitions, from 0."""

    movement: str = "heel_raise"
    """heel_raise | both_legs | stand | squat | toe_raise | walk | run | seated."""
    reps: int = 12
    height_cm: float = 8.5
    """Rise of the ankle in the first repetitions."""
    fade: float = 0.25
    """Share of height lost from the first to the last repetition."""
    tempo_per_min: float = 30.0
    scatter: float = 0.04
    """Standard deviation of period and height from one repetition to the next, as a share."""
    partial: Mapping[int, float] = field(default_factory=dict)
    """Share of `height_cm` that is reached."""
    knee_bend_deg: Mapping[int, float] = field(default_factory=dict)
    lean_deg: Mapping[int, float] = field(default_factory=dict)
    hip_shift_cm: Mapping[int, float] = field(default_factory=dict)
    short_return: Mapping[int, float] = field(default_factory=dict)
    """Share of the height at which the heel stays after this repetition."""
    pause_top_s: Mapping[int, float] = field(default_factory=dict)
    skipped_beats: Mapping[int, int] = field(default_factory=dict)
    """Beats rested before this repetition."""
    stand_knee_deg: float = STAND_KNEE_DEG
    hand: str = "wall"
    """wall | rail (low, the arm straightens on the way up) | none."""
    other_foot: str = "lifted"
    """lifted | floor (standing on it) ."""
    ending: str = "stand"
    """stand | half (last repetition far too low) | cut (film ends at the top) | step_away."""
    lead_in_s: float = 3.0
    lead_out_s: float = 2.5
    walk_in_s: float = 0.0
    side: Side = Side.LEFT
    facing: Facing = Facing.LEFT
    foot_m: float = 0.26
    px_per_m: float = 480.0
    fps: float = 60.0
    uneven_ms: float = 0.0
    noise_mm: float = 3.0
    noise_memory_s: float = 0.0
    """0 = white; else the time constant of the noise."""
    drift_cm: float = 0.0
    """Slow rise of the ankle's resting height over the film."""
    shake_mm: float = 0.0
    """The camera trembles (about 3 Hz)."""
    bump_at_s: float | None = None
    bump_px: float = 25.0
    pan_px_per_s: float = 0.0
    gaps_s: tuple[tuple[float, float], ...] = ()
    """(start, length) in which nothing is seen."""
    spikes: float = 0.0
    """Share of frames in which a point of the tested leg jumps elsewhere."""
    swaps: float = 0.0
    """Share of frames with left and right exchanged."""
    view_deg: float = 0.0
    """Camera away from the side view: 90 = from the front."""
    unseen: tuple[str, ...] = ()
    """Body parts ("wrist", "hip") that are never seen."""
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueRaise:
    start_s: float
    peak_s: float
    end_s: float
    rise_cm: float
    """Peak less the minimum before it."""
    fault: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    raises: tuple[TrueRaise, ...]
    foot_cm: float

    @property
    def attempted(self) -> int:
        return len(self.raises)

    @property
    def count(self) -> int:
        """Raises without fault before the first two faults in a row."""
        faults = [r.fault for r in self.raises]
        stop = next((i for i in range(1, len(faults)) if faults[i] and faults[i - 1]), len(faults) + 1)
        return sum(not fault for fault in faults[: stop - 1])


def film(script: Script) -> tuple[Recording, Truth]:
    """The recording of a script, and the truth behind it; the same script gives the same recording."""
    rng = np.random.default_rng(script.seed)
    plan, truth, end_s = _plan(script, rng)
    times = _times(script, end_s, rng)
    body = _body(script, plan, times, end_s)
    return _film(script, times, body, rng), truth


@dataclass(frozen=True, slots=True)
class _Plan:
    """Nodes of the curves: (time, value) pairs, joined by half cosines."""

    rise: list[tuple[float, float]]
    knee: list[tuple[float, float]]
    lean: list[tuple[float, float]]
    shift: list[tuple[float, float]]


def _plan(script: Script, rng: np.random.Generator) -> tuple[_Plan, Truth, float]:
    t = script.walk_in_s + script.lead_in_s
    plan = _Plan(rise=[(0.0, 0.0), (t, 0.0)], knee=[(0.0, 0.0)], lean=[(0.0, 0.0)], shift=[(0.0, 0.0)])
    raises: list[TrueRaise] = []
    low = 0.0
    beat = 60.0 / script.tempo_per_min
    for i in range(script.reps):
        skipped = script.skipped_beats.get(i, 0)
        if skipped:
            t += skipped * beat / 2
            plan.rise.append((t, low))
        period = beat * (1 + script.scatter * float(np.clip(rng.normal(), -2, 2)))
        faded = 1 - script.fade * i / max(script.reps - 1, 1)
        height = script.height_cm * faded * (1 + script.scatter * float(np.clip(rng.normal(), -2, 2)))
        low_share = script.partial.get(i, HALF if script.ending == "half" and i == script.reps - 1 else None)
        peak = height if low_share is None else low_share * script.height_cm
        up, still = period * (0.5 - TOP_SHARE), period * TOP_SHARE
        pause = script.pause_top_s.get(i, 0.0)
        top, back = t + up, t + up + still + pause + up
        bottom = script.short_return.get(i, 0.0) * height
        plan.rise.extend([(top, peak), (top + still + pause, peak), (back, bottom), (back + still, bottom)])
        for nodes, wanted in (
            (plan.knee, script.knee_bend_deg.get(i, 0.0)),
            (plan.lean, script.lean_deg.get(i, 0.0)),
            (plan.shift, script.hip_shift_cm.get(i, 0.0)),
        ):
            if wanted:
                nodes += [(t, 0.0), (top, wanted), (top + still, wanted), (back, 0.0)]
        late = (i > 0 and skipped >= 2) or pause >= 1.0
        fault = (
            low_share is not None
            or i in script.knee_bend_deg
            or i in script.lean_deg
            or i in script.hip_shift_cm
            or script.short_return.get(i, 0.0) > 0.3
            or late
            or (script.ending == "cut" and i == script.reps - 1)
            or script.hand == "rail"
        )
        raises.append(TrueRaise(start_s=t, peak_s=top, end_s=back, rise_cm=peak - low, fault=fault))
        low = bottom
        t = back + still
    if script.ending == "cut" and raises:
        t = raises[-1].peak_s + 0.05
    elif script.ending != "step_away":
        t += script.lead_out_s
    else:
        t += script.lead_out_s + 3.0
    if script.movement != "heel_raise":
        raises = []
    return plan, Truth(raises=tuple(raises), foot_cm=100 * script.foot_m), t


def _times(script: Script, end_s: float, rng: np.random.Generator) -> Floats:
    times = np.arange(0.0, end_s, 1.0 / script.fps)
    if script.uneven_ms:
        half = 0.4 / script.fps
        times = times + np.clip(rng.normal(0, script.uneven_ms / 1000, len(times)), -half, half)
        times = times - times[0]
    return times


def _curve(nodes: list[tuple[float, float]], times: Floats) -> Floats:
    """Half cosines between the nodes."""
    at = np.array([t for t, _ in nodes])
    value = np.array([v for _, v in nodes])
    place = np.clip(np.searchsorted(at, times, side="right") - 1, 0, len(at) - 1)
    after = np.minimum(place + 1, len(at) - 1)
    length = np.maximum(at[after] - at[place], 1e-9)
    share = np.clip((times - at[place]) / length, 0, 1)
    return np.asarray(value[place] + (value[after] - value[place]) * 0.5 * (1 - np.cos(np.pi * share)))


def _foot(script: Script, rise_m: Floats) -> dict[str, Floats]:
    """Heel, ankle and toe (T, 2) of a foot that turns about its ball until the ankle has risen by `rise_m`."""
    length = script.foot_m
    behind = length * (1 - BALL_FROM_TOE - ANKLE_FROM_HEEL)
    angles = np.linspace(-0.6, math.atan2(behind, ANKLE_HEIGHT_M), 800)
    rises = behind * np.sin(angles) - ANKLE_HEIGHT_M * (1 - np.cos(angles))
    turn = np.interp(rise_m, rises, angles)

    def turned(x: float, y: float) -> Floats:
        return np.column_stack([x * np.cos(turn) + y * np.sin(turn), -x * np.sin(turn) + y * np.cos(turn)])

    still = np.ones_like(turn)
    return {
        "heel": turned(-length * (1 - BALL_FROM_TOE), 0.015),
        "ankle": turned(-behind, ANKLE_HEIGHT_M),
        "toe": np.column_stack([still * length * BALL_FROM_TOE, 0.012 * still]),
    }


def _along(start: Floats, length: float, tilt: Floats) -> Floats:
    """A point `length` from `start`; tilt is from straight up, forward positive, radians."""
    return start + length * np.column_stack([np.sin(tilt), np.cos(tilt)])


def _body(script: Script, plan: _Plan, times: Floats, end_s: float) -> dict[str, Floats]:
    """(T, 2) metres of every point; keys "tested_<part>", "other_<part>", "nose", "ear"."""
    if script.movement in ("walk", "run"):
        return _gait(script, times)
    rise = _curve(plan.rise, times) / 100
    drift = script.drift_cm / 100 * times / max(end_s, 1e-9)
    foot_rise = {"heel_raise": rise, "both_legs": rise, "seated": rise}.get(script.movement, np.zeros_like(rise))
    if script.movement == "toe_raise":
        foot_rise = np.zeros_like(rise)
    foot = _foot(script, foot_rise + drift)
    if script.movement == "toe_raise":
        foot["toe"] = foot["toe"] + np.column_stack([-0.02 * np.ones_like(rise), rise])
    knee = np.radians(script.stand_knee_deg + _curve(plan.knee, times))
    if script.movement == "squat":
        knee = knee + np.radians(60) * rise / max(float(rise.max()), 1e-9)
    lean = np.radians(_curve(plan.lean, times))
    shank = knee / 2 + _curve(plan.shift, times) / 100 / (SHANK_M + THIGH_M)
    points = {f"tested_{part}": xy for part, xy in foot.items()}
    if script.movement == "seated":
        points["tested_knee"] = _along(foot["ankle"], SHANK_M, np.zeros_like(rise))
        points["tested_hip"] = np.tile([-THIGH_M, SHANK_M + ANKLE_HEIGHT_M], (len(times), 1)) + foot["ankle"][0] * [
            1,
            0,
        ]
    else:
        points["tested_knee"] = _along(foot["ankle"], SHANK_M, shank)
        points["tested_hip"] = _along(points["tested_knee"], THIGH_M, shank - knee)
    trunk = lean + 0.03
    points["tested_shoulder"] = _along(points["tested_hip"], TRUNK_M, trunk)
    points["nose"] = _along(points["tested_shoulder"], 0.22, trunk + 0.35)
    points["ear"] = _along(points["tested_shoulder"], 0.22, trunk)
    points["other_shoulder"], points["other_hip"] = points["tested_shoulder"], points["tested_hip"]
    _arms(script, points)
    _other_leg(script, points)
    _leave(script, points, times, end_s)
    return points


def _arms(script: Script, points: dict[str, Floats]) -> None:
    shoulder = points["tested_shoulder"]
    first = shoulder[0]
    hold = {"wall": (WALL_M, 0.0), "rail": (-0.05, -0.36), "none": (0.0, -0.56)}[script.hand]
    wrist = np.tile(first + np.array(hold), (len(shoulder), 1)) if script.hand != "none" else shoulder + np.array(hold)
    reach = wrist - shoulder
    distance = np.clip(np.linalg.norm(reach, axis=1), 0.05, UPPER_ARM_M + FOREARM_M - 1e-6)
    cosine = (UPPER_ARM_M**2 + distance**2 - FOREARM_M**2) / (2 * UPPER_ARM_M * distance)
    angle = np.arctan2(reach[:, 1], reach[:, 0]) - np.arccos(np.clip(cosine, -1, 1))
    elbow = shoulder + UPPER_ARM_M * np.column_stack([np.cos(angle), np.sin(angle)])
    for side in ("tested", "other"):
        points[f"{side}_wrist"], points[f"{side}_elbow"] = wrist, elbow


def _other_leg(script: Script, points: dict[str, Floats]) -> None:
    parts = ("knee", "ankle", "heel", "toe")
    if script.movement in ("both_legs", "squat", "toe_raise", "seated"):
        for part in parts:
            points[f"other_{part}"] = points[f"tested_{part}"] + np.array([0.04, 0.0])
        return
    hip = points["other_hip"]
    if script.other_foot == "floor":
        flat = _foot(script, np.zeros(len(hip)))
        for part in ("ankle", "heel", "toe"):
            points[f"other_{part}"] = flat[part] + np.array([0.05, 0.0])
        points["other_knee"] = (hip + points["other_ankle"]) / 2 + np.array([0.03, 0.0])
        return
    still = np.ones(len(hip))
    points["other_knee"] = _along(hip, -THIGH_M, -0.25 * still)
    points["other_ankle"] = _along(points["other_knee"], -SHANK_M, 1.2 * still)
    points["other_heel"] = points["other_ankle"] + np.array([-0.05, 0.03])
    points["other_toe"] = points["other_ankle"] + np.array([0.0, -0.17])


def _leave(script: Script, points: dict[str, Floats], times: Floats, end_s: float) -> None:
    """Walking in at the start and away at the end."""
    arriving = np.clip(script.walk_in_s - times, 0, None)
    leaving = np.clip(times - (end_s - 3.0), 0, None) if script.ending == "step_away" else np.zeros_like(times)
    away = arriving + leaving
    if not away.any():
        return
    walking = _gait(Script(movement="walk", foot_m=script.foot_m), times)
    blend = np.clip(away / 0.3, 0, 1)[:, None]
    shift = np.column_stack([0.9 * away, np.zeros_like(away)])
    for name in points:
        points[name] = points[name] * (1 - blend) + (walking[name] + shift) * blend


def _gait(script: Script, times: Floats) -> dict[str, Floats]:
    """Legs that swing: rough, only there to be refused."""
    running = script.movement == "run"
    stride_hz, lift, swing = (1.42, 0.30, 0.5) if running else (0.9, 0.10, 0.4)
    points: dict[str, Floats] = {}
    still = np.ones_like(times)
    bounce = 0.03 * np.cos(4 * np.pi * stride_hz * times)
    hip = np.column_stack([0.02 * still, 0.88 * still + bounce])
    for side, lag in (("tested", 0.0), ("other", math.pi)):
        phase = 2 * np.pi * stride_hz * times + lag
        toe = np.column_stack([swing * np.cos(phase) + 0.07, np.clip(lift * np.sin(-phase), 0.012, None)])
        pitch = 0.5 * np.clip(np.sin(-phase + 0.6), -0.2, 1)
        heel = toe + script.foot_m * np.column_stack([-np.cos(pitch), np.sin(pitch)])
        points[f"{side}_toe"], points[f"{side}_heel"] = toe, heel
        points[f"{side}_ankle"] = heel * 0.72 + toe * 0.28 + np.array([0, 0.07])
        points[f"{side}_hip"] = hip
        bend = 0.06 + 0.16 * np.clip(np.sin(-phase), 0, 1)
        points[f"{side}_knee"] = (hip + points[f"{side}_ankle"]) / 2 + np.column_stack([bend, np.zeros_like(bend)])
        points[f"{side}_shoulder"] = _along(hip, TRUNK_M, 0.05 * still)
        points[f"{side}_elbow"] = points[f"{side}_shoulder"] + np.array([-0.1, -0.28])
        points[f"{side}_wrist"] = points[f"{side}_elbow"] + np.array([0.22, 0.05])
    points["nose"] = _along(points["tested_shoulder"], 0.22, 0.4 * still)
    points["ear"] = _along(points["tested_shoulder"], 0.22, 0.05 * still)
    return points


def _film(script: Script, times: Floats, body: Mapping[str, Floats], rng: np.random.Generator) -> Recording:
    """Pixels, noise, and everything the camera does."""
    scale = script.px_per_m
    height_px = WIDE * 1.75 * scale
    width_px = 1.4 * height_px
    depth = {"tested": 0.0, "other": 0.2 if script.side is script.facing.near else -0.2}
    turn = math.radians(script.view_deg)
    direction = -1.0 if script.facing is Facing.LEFT else 1.0
    other = script.side.other
    points = np.full((len(times), len(KEYPOINTS), 3), np.nan)
    for name, row in KEYPOINT_INDEX.items():
        side, _, part = name.partition("_")
        key = name if name == "nose" else part if part == "ear" else f"{_who(side, other)}_{part}"
        across = depth[_who(side, other)] if side in ("left", "right") else 0.1
        xy = body[key]
        x = direction * (xy[:, 0] * math.cos(turn)) + across * math.sin(turn)
        points[:, row, 0] = width_px / 2 + scale * x
        points[:, row, 1] = 0.8 * height_px - scale * xy[:, 1]
        points[:, row, 2] = 0.95
    points[:, :, :2] += _noise(script, times, rng)
    _camera(script, times, points, rng)
    _losses(script, times, points, rng)
    poses = PoseSequence(
        times_s=times, points=points, width_px=round(width_px), height_px=round(height_px), model="synthetic/heel-raise"
    )
    facts = ClipFacts(
        duration_s=float(times[-1]),
        fps=script.fps,
        width_px=round(width_px),
        height_px=round(height_px),
        variable_frame_rate=script.uneven_ms > 0,
    )
    return Recording(poses=poses, facts=facts)


def _who(side: str, other: Side) -> str:
    return "other" if side == other.value else "tested"


def _noise(script: Script, times: Floats, rng: np.random.Generator) -> Floats:
    """(T, K, 2) px; with memory a first-order process of the same standard deviation."""
    size = script.noise_mm / 1000 * script.px_per_m
    white = rng.normal(0, 1, (len(times), len(KEYPOINTS), 2))
    if script.noise_memory_s:
        keep = math.exp(-1 / (script.fps * script.noise_memory_s))
        gain = math.sqrt(1 - keep**2)
        for i in range(1, len(times)):
            white[i] = keep * white[i - 1] + gain * white[i]
    return np.asarray(size * white)


def _camera(script: Script, times: Floats, points: Floats, rng: np.random.Generator) -> None:
    shift = np.zeros((len(times), 2))
    if script.shake_mm:
        for axis in (0, 1):
            for hz in (1.3, 2.9, 4.7):
                shift[:, axis] += rng.normal() * np.sin(2 * np.pi * (hz * times + rng.uniform()))
        shift *= script.shake_mm / 1000 * script.px_per_m
    if script.bump_at_s is not None:
        bump = 0.5 * (1 + np.tanh((times - script.bump_at_s) / 0.06))
        shift += script.bump_px * bump[:, None] * np.array([1.0, 0.7])
    shift[:, 0] += script.pan_px_per_s * times
    points[:, :, :2] += shift[:, None, :]


def _losses(script: Script, times: Floats, points: Floats, rng: np.random.Generator) -> None:
    for part in script.unseen:
        for side in ("left", "right"):
            points[:, KEYPOINT_INDEX[f"{side}_{part}"]] = [np.nan, np.nan, 0.0]
    tested = [KEYPOINT_INDEX[f"{script.side.value}_{part}"] for part in ("ankle", "heel", "toe", "knee")]
    hit = rng.random((len(times), len(tested))) < script.spikes
    size = 0.3 * script.px_per_m
    for column, row in enumerate(tested):
        points[hit[:, column], row, :2] += rng.normal(0, size, (int(hit[:, column].sum()), 2))
    swapped = np.nonzero(rng.random(len(times)) < script.swaps)[0]
    left = [i for name, i in KEYPOINT_INDEX.items() if name.startswith("left")]
    right = [KEYPOINT_INDEX[KEYPOINTS[i].replace("left", "right")] for i in left]
    for frame in swapped:
        points[frame, left], points[frame, right] = points[frame, right].copy(), points[frame, left].copy()
    for start, length in script.gaps_s:
        lost = (times >= start) & (times < start + length)
        points[lost, :, :2] = np.nan
        points[lost, :, 2] = 0.0
