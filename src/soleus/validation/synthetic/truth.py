"""The true values of a made-up film: in space, and as the plane of the film would show them without any error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from soleus.core.measurement import Side
from soleus.core.recording import KEYPOINT_INDEX, KEYPOINTS, Facing, Floats
from soleus.validation.synthetic.camera import Camera
from soleus.validation.synthetic.pattern import PlannedStep
from soleus.validation.synthetic.runner import HEEL_UP_M, TOE_UP_M, SyntheticRunner
from soleus.validation.synthetic.sensor import Mask

STANCE_SAMPLES = 101
ZEROED = ("foot_strike_angle", "ankle_dorsiflexion_contact", "ankle_dorsiflexion_peak")
"""Measured from the foot lying flat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueStep:
    """One contact that lies wholly in the film, up to the next contact of the same leg."""

    side: Side
    contact_s: float
    toe_off_s: float
    next_contact_s: float
    opposite_contact_s: float
    space: Mapping[str, float]
    """Values in the runner's own sagittal (frontal) plane."""
    film: Mapping[str, float]
    """Values of the projected points: what a perfect network and perfect events would give."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """Everything that is known of a made-up film."""

    near: Side
    facing: Facing
    speed_mps: float
    leg_m: float
    leg_px: float
    clean_px: Floats
    """(T, K, 2) the projected points, right sides."""
    swapped_legs: Mask
    """(T,) left and right of the legs exchanged in the recording (alone or with the body)."""
    swapped_body: Mask
    collapsed: Mask
    lost: Mask
    other_person: Mask
    """(T,) the points are another person's."""
    in_picture: Mapping[Side, Mask]
    """(T,) heel and toe of that leg lie inside the picture."""
    contacts: tuple[tuple[Side, float], ...] = ()
    """Every contact within the film, in order."""
    toe_offs: tuple[tuple[Side, float], ...] = ()
    steps: tuple[TrueStep, ...] = ()
    cadence_spm: float = float("nan")
    values: Mapping[tuple[str, Side | None], float] = field(default_factory=dict)
    """Median over the steps of each film value by (name, side)."""

    def film(self, name: str, side: Side) -> Floats:
        """Film values of one leg's steps."""
        return np.array([step.film[name] for step in self.steps if step.side is side])

    def space(self, name: str, side: Side) -> Floats:
        """Values in space of one leg's steps."""
        return np.array([step.space[name] for step in self.steps if step.side is side])


def true_steps(runner: SyntheticRunner, camera: Camera, duration_s: float) -> tuple[TrueStep, ...]:
    """All steps whose whole stride lies in the film."""
    steps = runner.steps
    strides = [
        steps[i : i + 3]
        for i in range(len(steps) - 2)
        if steps[i].contact_s >= 0 and steps[i + 2].contact_s <= duration_s
    ]
    if not strides:
        return ()
    times = np.array([_span(step, other) for step, other, _ in strides])
    # the ends of the film tell an overground camera where its middle is
    whole = np.concatenate([[0.0], times.ravel(), [duration_s]])
    space = runner.points(whole)
    pixels = camera.project(runner.body, space, whole, runner.gait.speed_mps)
    shape = (*times.shape, len(KEYPOINTS))
    space, pixels = space[1:-1].reshape(*shape, 3), pixels[1:-1].reshape(*shape, 2)
    return tuple(
        TrueStep(
            side=step.side,
            contact_s=step.contact_s,
            toe_off_s=step.toe_off_s,
            next_contact_s=following.contact_s,
            opposite_contact_s=other.contact_s,
            space=_space_values(runner, space[i], times[i], step) | _timing(step, other, following),
            film=_film_values(camera, pixels[i], step) | _timing(step, other, following),
        )
        for i, (step, other, following) in enumerate(strides)
    )


def _timing(step: PlannedStep, other: PlannedStep, following: PlannedStep) -> dict[str, float]:
    contact, stride = step.stance_s, following.contact_s - step.contact_s
    return {
        "contact_time": 1000 * contact,
        "flight_time": 1000 * (other.contact_s - step.toe_off_s),
        "step_time": 1000 * (other.contact_s - step.contact_s),
        "duty_factor": contact / stride,
    }


def _span(step: PlannedStep, other: PlannedStep) -> Floats:
    """Stance, then the rest of the step."""
    stance = np.linspace(step.contact_s, step.toe_off_s, STANCE_SAMPLES)
    rest = np.linspace(step.toe_off_s, max(other.contact_s, step.toe_off_s + 1e-6), 21)[1:]
    return np.concatenate([stance, rest])


def _space_values(runner: SyntheticRunner, points: Floats, times_s: Floats, step: PlannedStep) -> dict[str, float]:
    values = _sagittal(points[..., :2], step.side, runner.body.leg_m)
    for name in ZEROED:
        values[name] -= _flat_foot_deg(runner)
    middle = times_s[STANCE_SAMPLES // 2 : STANCE_SAMPLES // 2 + 1]
    values["pelvic_drop"] = float(np.degrees(np.abs(runner.hips.tilt(middle)))[0])
    values["step_width"] = runner.gait.step_width_m / runner.body.leg_m
    values["vertical_oscillation"] = float(np.ptp(runner.hips.up(times_s))) / runner.body.leg_m
    return values


def _film_values(camera: Camera, pixels: Floats, step: PlannedStep) -> dict[str, float]:
    """As `_space_values`, of the projected points; forward is where the runner looks, up is up in the picture."""
    flip = -1.0 if camera.facing is Facing.LEFT else 1.0
    flat = pixels * np.array([flip, -1.0])
    values = _sagittal(flat, step.side, camera.leg_px)
    zero = _flat_foot_film_deg(flat, step.side)
    for name in ZEROED:
        values[name] -= zero
    hips = (flat[:, KEYPOINT_INDEX["left_hip"]] + flat[:, KEYPOINT_INDEX["right_hip"]]) / 2
    values["vertical_oscillation"] = float(np.ptp(hips[:, 1])) / camera.leg_px
    middle = STANCE_SAMPLES // 2
    stance, swing = (pixels[middle, KEYPOINT_INDEX[f"{s.value}_hip"]] for s in (step.side, step.side.other))
    drop = swing[1] - stance[1]
    values["pelvic_drop"] = float(np.degrees(np.arctan2(drop, abs(swing[0] - stance[0]) + 1e-9)))
    return values


def _angle(vector: Floats) -> Floats:
    """Degrees above forward."""
    return np.asarray(np.degrees(np.arctan2(vector[..., 1], vector[..., 0])))


def _sagittal(flat: Floats, side: Side, leg: float) -> dict[str, float]:
    """Angles (definitions of evidence/gait.yaml, not zeroed) from (N, K, 2) x forward, y up: stance samples first."""
    hip, knee, ankle, heel, toe = (
        flat[:, KEYPOINT_INDEX[f"{side.value}_{part}"]] for part in ("hip", "knee", "ankle", "heel", "toe")
    )
    shoulders = (flat[:, KEYPOINT_INDEX["left_shoulder"]] + flat[:, KEYPOINT_INDEX["right_shoulder"]]) / 2
    hips = (flat[:, KEYPOINT_INDEX["left_hip"]] + flat[:, KEYPOINT_INDEX["right_hip"]]) / 2
    stance = slice(0, STANCE_SAMPLES)
    bend = 180 - _between(hip - knee, ankle - knee)
    flexion = 90 - _between(knee - ankle, toe - heel)
    lean = 90 - _angle(shoulders - hips)
    return {
        "foot_strike_angle": float(_angle(toe - heel)[0]),
        "tibia_angle": float(np.degrees(np.arctan2(ankle[0, 0] - knee[0, 0], knee[0, 1] - ankle[0, 1]))),
        "overstride": float(ankle[0, 0] - hip[0, 0]) / leg,
        "knee_flexion_contact": float(bend[0]),
        "knee_flexion_peak": float(np.max(bend[stance])),
        "ankle_dorsiflexion_contact": float(flexion[0]),
        "ankle_dorsiflexion_peak": float(np.max(flexion[stance])),
        "trunk_lean": float(lean[STANCE_SAMPLES // 2]),
    }


def _between(a: Floats, b: Floats) -> Floats:
    cosine = np.sum(a * b, axis=-1) / (np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1))
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def _flat_foot_deg(runner: SyntheticRunner) -> float:
    """Slope of heel to toe point when the sole lies flat."""
    return float(
        np.degrees(
            np.arctan2(
                TOE_UP_M - HEEL_UP_M, runner.body.ball_m + runner.toe_share * (runner.body.foot_m - runner.body.ball_m)
            )
        )
    )


def _flat_foot_film_deg(flat: Floats, side: Side) -> float:
    """The same in the picture: median over the middle of the stance, where the sole lies flat."""
    foot = flat[:, KEYPOINT_INDEX[f"{side.value}_toe"]] - flat[:, KEYPOINT_INDEX[f"{side.value}_heel"]]
    return float(np.median(_angle(foot)[25:36]))
