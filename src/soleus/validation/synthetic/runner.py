"""The made-up runner in space: every body point at any moment, and the true events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from soleus.core.measurement import Side
from soleus.core.recording import KEYPOINT_INDEX, KEYPOINTS, Floats
from soleus.validation.synthetic.body import Body, ankle_from_angles, leg_angles
from soleus.validation.synthetic.foot import (
    FootPath,
    FootPose,
    foot_from_ankle,
    in_foot,
    stance_foot,
    toe_point,
)
from soleus.validation.synthetic.gait_solver import foot_side_m, solve_gait, stance_gap
from soleus.validation.synthetic.hips import HipPath
from soleus.validation.synthetic.pattern import Bounce, Gait, PlannedStep, plan_steps

HEEL_UP_M = 0.022
TOE_UP_M = 0.016
"""Where a pose network puts heel and toe: above the sole, on the shoe."""
EDGE_S = 0.0004
TOES_BACK_SHARE = 0.3
"""Share of the swing in which the toes come straight again."""


def _left(side: Side) -> float:
    return 1.0 if side is Side.LEFT else -1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LegAngles:
    """(N,) degrees from straight down (lower end ahead positive), the foot's pitch and toe bend, and the plane of the
    leg (radians, foot to the right positive)."""

    thigh_deg: Floats
    shank_deg: Floats
    pitch_deg: Floats
    bend_deg: Floats
    plane_rad: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SyntheticRunner:
    """A runner whose every point is a function of time. Space: x forward, y up, z to the runner's right, metres; the
    runner stays in place and the ground moves back."""

    body: Body
    gait: Gait
    steps: tuple[PlannedStep, ...]
    hips: HipPath
    feet: tuple[FootPath, ...]
    toe_share: float = 1.0
    """Where on the toes the network sees "toe": 0 = ball of the foot, 1 = tip."""

    def points(self, times_s: Floats) -> Floats:
        """(T, K, 3) of the canonical keypoints."""
        out = np.zeros((len(times_s), len(KEYPOINTS), 3))
        for side in Side:
            self._leg(out, side, times_s)
        self._upper(out, times_s)
        return out

    def leg_angles(self, side: Side, times_s: Floats) -> LegAngles:
        """Angles of one leg, stance and swing."""
        out = LegAngles(**{name: np.zeros(len(times_s)) for name in LegAngles.__dataclass_fields__})
        own = [(s, p) for s, p in zip(self.steps, self.feet, strict=True) if s.side is side]
        if not own:
            _fill(out, np.ones(len(times_s), bool), self._standing(side, times_s))
            return out
        for i, (step, path) in enumerate(own):
            inside = (times_s >= step.contact_s) & (times_s <= step.toe_off_s)
            if inside.any():
                _fill(out, inside, self._stance(step, path, times_s[inside] - step.contact_s))
            if i + 1 < len(own):
                air = (times_s > step.toe_off_s) & (times_s < own[i + 1][0].contact_s)
                if air.any():
                    _fill(out, air, self._swing(own[i], own[i + 1], times_s[air]))
        return out

    def foot(self, side: Side, times_s: Floats) -> tuple[FootPose, Floats, Floats]:
        """Foot, knee (T, 3) and ankle (T, 3) of one leg."""
        angles = self.leg_angles(side, times_s)
        hip = self.hips.hip(_left(side), times_s)
        forward, down = ankle_from_angles(self.body, angles.thigh_deg, angles.shank_deg)
        thigh = np.radians(angles.thigh_deg)
        lateral, upright = np.sin(angles.plane_rad), np.cos(angles.plane_rad)
        knee_down = self.body.thigh_m * np.cos(thigh)
        knee = hip + np.stack([self.body.thigh_m * np.sin(thigh), -knee_down * upright, knee_down * lateral], axis=1)
        ankle = hip + np.stack([forward, -down * upright, down * lateral], axis=1)
        return foot_from_ankle(self.body, ankle[:, :2], angles.pitch_deg, angles.bend_deg), knee, ankle

    def _leg(self, out: Floats, side: Side, times_s: Floats) -> None:
        pose, knee, ankle = self.foot(side, times_s)
        name = side.value
        out[:, KEYPOINT_INDEX[f"{name}_hip"]] = self.hips.hip(_left(side), times_s)
        out[:, KEYPOINT_INDEX[f"{name}_knee"]] = knee
        out[:, KEYPOINT_INDEX[f"{name}_ankle"]] = ankle
        for part, flat in (
            ("heel", in_foot(pose, 0.0, HEEL_UP_M)),
            ("toe", toe_point(self.body, pose, TOE_UP_M, self.toe_share)),
        ):
            out[:, KEYPOINT_INDEX[f"{name}_{part}"], :2] = flat
            out[:, KEYPOINT_INDEX[f"{name}_{part}"], 2] = ankle[:, 2]

    def _standing(self, side: Side, times_s: Floats) -> LegAngles:
        hip = self.hips.hip(_left(side), times_s)
        across = foot_side_m(self.gait, _left(side)) - hip[:, 2]
        down = np.hypot(hip[:, 1] - self.body.ankle_m[1], across)
        thigh, shank = leg_angles(self.body, -hip[:, 0], down)
        zero = np.zeros_like(times_s)
        return LegAngles(
            thigh_deg=thigh, shank_deg=shank, pitch_deg=zero, bend_deg=zero, plane_rad=np.arcsin(across / down)
        )

    def _stance(self, step: PlannedStep, path: FootPath, since_s: Floats) -> LegAngles:
        hip = self.hips.hip(step.left, step.contact_s + since_s)
        ahead, down, pitch = stance_gap(self.body, self.gait, hip, step.left, path, since_s).T
        thigh, shank = leg_angles(self.body, ahead, down)
        across = foot_side_m(self.gait, step.left) - hip[:, 2]
        bend = stance_foot(self.body, path, since_s).bend_deg
        return LegAngles(
            thigh_deg=thigh, shank_deg=shank, pitch_deg=pitch, bend_deg=bend, plane_rad=np.arcsin(across / down)
        )

    def _swing(
        self, before: tuple[PlannedStep, FootPath], after: tuple[PlannedStep, FootPath], times_s: Floats
    ) -> LegAngles:
        """Splines through the joint angles of a swing (knots: rounded shape of the FootNet strides), tied to the
        angles and angular speeds of the stances before and after."""
        leave = self._stance(*before, before[0].stance_s - np.array([EDGE_S, 0.0]))
        land = self._stance(*after, np.array([0.0, EDGE_S]))
        start_s, end_s = before[0].toe_off_s, after[0].contact_s
        length = end_s - start_s
        u = (times_s - start_s) / length

        def tie(knots: list[tuple[float, float]], first: Floats, last: Floats) -> Floats:
            at = [0.0, *(k for k, _ in knots), 1.0]
            values = [float(first[1]), *(v for _, v in knots), float(last[0])]
            ends = (
                (1, float(first[1] - first[0]) / EDGE_S * length),
                (1, float(last[1] - last[0]) / EDGE_S * length),
            )
            return np.asarray(CubicSpline(at, values, bc_type=ends)(u))

        knots = swing_knots(self.gait, before[0], leave, land)
        thigh = tie(knots["thigh"], leave.thigh_deg, land.thigh_deg)
        knee = tie(knots["knee"], leave.thigh_deg - leave.shank_deg, land.thigh_deg - land.shank_deg)
        shank = thigh - np.maximum(knee, 0.0)
        ankle = tie(knots["ankle"], leave.pitch_deg - leave.shank_deg, land.pitch_deg - land.shank_deg)
        ease = (1 - np.cos(np.pi * u)) / 2
        plane = leave.plane_rad[1] + (land.plane_rad[0] - leave.plane_rad[1]) * ease
        bend = leave.bend_deg[1] * (1 + np.cos(np.pi * np.clip(u / TOES_BACK_SHARE, 0.0, 1.0))) / 2
        return LegAngles(thigh_deg=thigh, shank_deg=shank, pitch_deg=shank + ankle, bend_deg=bend, plane_rad=plane)

    def _upper(self, out: Floats, times_s: Floats) -> None:
        """Trunk, head and arms: the trunk leans and nods once a step, the shoulders turn against the pelvis, each arm
        swings with the other side's leg."""
        body, gait = self.body, self.gait
        phase = self.hips.phase(times_s)
        moving = gait.bounce is not Bounce.STILL
        lean = np.radians(gait.trunk_lean_deg + moving * gait.trunk_swing_deg * np.cos(2 * phase - 1.0))
        along = np.stack([np.sin(lean), np.cos(lean), np.zeros_like(lean)], axis=1)
        neck = self.hips.middle(times_s) + body.trunk_m * along
        turn = -1.5 * self.hips.turn(times_s)
        half = body.shoulder_width_m / 2
        for side, sign in ((Side.LEFT, 1.0), (Side.RIGHT, -1.0)):
            name = side.value
            shoulder = neck + half * sign * np.stack([np.sin(turn), 0 * turn, -np.cos(turn)], axis=1)
            swing = -np.radians(12.0 + gait.arm_swing_deg * sign * np.cos(phase) * (1.0 if moving else 0.05))
            bent = swing + np.radians(gait.elbow_deg)
            elbow = shoulder + body.upper_arm_m * np.stack([np.sin(swing), -np.cos(swing), 0 * swing], axis=1)
            wrist = elbow + body.forearm_m * np.stack([np.sin(bent), -np.cos(bent), sign * 0.25 * np.sin(bent)], axis=1)
            out[:, KEYPOINT_INDEX[f"{name}_shoulder"]] = shoulder
            out[:, KEYPOINT_INDEX[f"{name}_elbow"]] = elbow
            out[:, KEYPOINT_INDEX[f"{name}_wrist"]] = wrist
            ear = neck + 0.10 * body.height_m * along + np.array([0.02, 0.0, -sign * 0.045]) * body.height_m / 1.75
            out[:, KEYPOINT_INDEX[f"{name}_ear"]] = ear
        out[:, KEYPOINT_INDEX["nose"]] = (
            neck + 0.095 * body.height_m * along + np.array([0.07, 0.0, 0.0]) * body.height_m
        )


def swing_knots(
    gait: Gait, before: PlannedStep, leave: LegAngles, land: LegAngles
) -> dict[str, list[tuple[float, float]]]:
    """Knots (share of the swing, degrees) of thigh, knee and ankle."""
    thigh, knee, ankle = (
        float(leave.thigh_deg[1]),
        float(leave.thigh_deg[1] - leave.shank_deg[1]),
        float(leave.pitch_deg[1] - leave.shank_deg[1]),
    )
    knee_land = float(land.thigh_deg[0] - land.shank_deg[0])
    thigh_land = float(land.thigh_deg[0])
    forward = max(gait.thigh_swing_deg, thigh_land + 3.0) - thigh
    bend = before.swing_knee_deg
    if gait.bounce in (Bounce.FLIGHT, Bounce.SINK):
        return {
            "thigh": [(0.25, thigh + 0.04 * forward), (0.48, thigh + 0.55 * forward), (0.72, thigh + forward)],
            "knee": [(0.20, knee + 0.33 * (bend - knee)), (0.46, bend), (0.74, knee_land + 0.52 * (bend - knee_land))],
            "ankle": [(0.10, ankle - 5.0), (0.35, 0.45 * ankle), (0.65, 3.0)],
        }
    return {
        "thigh": [(0.30, thigh + 0.45 * forward), (0.70, thigh + forward)],
        "knee": [(0.28, bend), (0.65, knee_land + 0.35 * (bend - knee_land))],
        "ankle": [(0.10, ankle), (0.35, 0.15 * ankle + 2.0), (0.65, 3.0)],
    }


def _fill(out: LegAngles, where: np.ndarray[tuple[int], np.dtype[np.bool_]], part: LegAngles) -> None:
    for name in LegAngles.__dataclass_fields__:
        getattr(out, name)[where] = getattr(part, name)


def build_runner(
    gait: Gait, duration_s: float, rng: np.random.Generator, *, body: Body | None = None, toe_share: float = 1.0
) -> SyntheticRunner:
    """A runner for `duration_s` seconds."""
    body = body or Body()
    steps = plan_steps(gait, duration_s, rng)
    hips, feet = solve_gait(body, gait, steps, rng)
    return SyntheticRunner(body=body, gait=gait, steps=steps, hips=hips, feet=feet, toe_share=toe_share)
