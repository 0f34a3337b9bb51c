"""From the numbers of a gait to hips and feet that fit together: what a leg of fixed length allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import PPoly

from soleus.core.recording import Floats
from soleus.validation.synthetic.body import Body, knee_flexion_deg, leg_angles, reach_m
from soleus.validation.synthetic.foot import FootPath, ankle_of, stance_foot
from soleus.validation.synthetic.hips import (
    GRAVITY,
    HipPath,
    build_stride,
    draw_drift,
    flight_speeds,
    join_pieces,
    spring_piece,
)
from soleus.validation.synthetic.pattern import Bounce, Gait, PlannedStep

ROUNDS = 4
SAMPLES = 33
STRAIGHT_DEG = 9.0
"""The heel comes up early enough to leave this much bend in the knee on the way to toe-off."""
LOCKED_DEG = 3.0
"""A knee straighter than this on the ground would have to overstretch: the hips come down until none does."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StepTable:
    """The planned steps as (S, 1) columns."""

    steps: tuple[PlannedStep, ...]

    def column(self, name: str) -> Floats:
        return np.array([getattr(step, name) for step in self.steps], dtype=np.float64)[:, None]


def solve_gait(
    body: Body, gait: Gait, steps: tuple[PlannedStep, ...], rng: np.random.Generator
) -> tuple[HipPath, tuple[FootPath, ...]]:
    """Hips and stances of all steps.

    1. Foot: put down `overstride` ahead of its hip. 2. Hip height at contact: from the knee angle wanted there; at
    toe-off a `landing_drop` above the next contact, or a plain wave (walking). 3. Heel rise at toe-off: what the wanted
    knee angle needs. 4. Depth of the stance: from the wanted peak of the knee; heel-off: from that of dorsiflexion.
    3 and 4 depend on each other, so they are gone through `ROUNDS` times.
    """
    hips = HipPath(body=body, gait=gait, stride=build_stride(steps), drift=draw_drift(gait, rng))
    if gait.bounce is Bounce.STILL:
        return replace(hips, level_m=body.ankle_m[1] + reach_m(body, 5.0)), ()
    table = StepTable(steps=steps)
    paths = _plant(body, gait, hips, table)
    heights = _contact_heights(body, hips, table, paths)
    if gait.bounce is Bounce.FLIGHT:
        deepen = np.zeros(len(steps))
        for _ in range(ROUNDS):
            hips = replace(hips, height=_spring_path(gait, table, heights, deepen))
            paths = _push_off(body, hips, table, paths)
            deepen = deepen + _deeper(body, hips, table, paths)
        hips = replace(hips, height=_spring_path(gait, table, heights, deepen))
    else:
        contacts = table.column("contact_s")[:, 0]
        hips = replace(hips, level_m=float(np.median(heights - hips.up(contacts))))
        for _ in range(ROUNDS):
            paths = _push_off(body, hips, table, paths)
            hips = replace(hips, level_m=hips.level_m - _overstretch(body, hips, table, paths))
    return hips, tuple(paths.one(i) for i in range(len(steps)))


def foot_side_m(gait: Gait, left: Floats | float) -> Floats | float:
    """Where the foot stands to the right of the middle."""
    return -left * gait.step_width_m / 2


def stance_gap(body: Body, gait: Gait, hip: Floats, left: Floats | float, path: FootPath, since_s: Floats) -> Floats:
    """(…, 3): ankle ahead of its hip, below it (in the plane of the leg), and the pitch of the foot (degrees)."""
    pose = stance_foot(body, path, since_s)
    ankle = ankle_of(body, pose)
    down = np.hypot(hip[..., 1] - ankle[..., 1], foot_side_m(gait, left) - hip[..., 2])
    return np.stack([ankle[..., 0] - hip[..., 0], down, np.broadcast_to(pose.pitch_deg, down.shape)], axis=-1)


def _plant(body: Body, gait: Gait, hips: HipPath, table: StepTable) -> FootPath:
    length, contact = table.column("toe_off_s") - table.column("contact_s"), table.column("contact_s")
    path = FootPath(
        anchor_m=0.0,
        speed_mps=gait.speed_mps,
        contact_s=length,
        strike_deg=table.column("strike_deg"),
        heel_off_s=0.5 * length,
        toe_off_deg=-45.0,
        forward_mps=gait.landing_forward_ratio * gait.speed_mps,
        down_mps=gait.landing_down_mps,
    )
    ankle = ankle_of(body, stance_foot(body, path, np.zeros((1, 1))))[..., 0]
    hip = hips.forward(contact) + hips.offset(table.column("left"), contact)[..., 0]
    return replace(path, anchor_m=hip + table.column("overstride_ratio") * body.leg_m - ankle)


def _contact_heights(body: Body, hips: HipPath, table: StepTable, paths: FootPath) -> Floats:
    """(S,) mid-hip height at each contact."""
    contact, left = table.column("contact_s"), table.column("left")
    ankle = ankle_of(body, stance_foot(body, paths, np.zeros((1, 1))))
    offset = hips.offset(left, contact)
    ahead = ankle[..., 0] - hips.forward(contact) - offset[..., 0]
    across = foot_side_m(hips.gait, left) - offset[..., 2]
    reach = np.array([reach_m(body, step.knee_contact_deg) for step in table.steps])[:, None]
    return np.asarray(ankle[..., 1] + np.sqrt(reach**2 - ahead**2 - across**2) - offset[..., 1])[:, 0]


def _spring_path(gait: Gait, table: StepTable, heights: Floats, deepen: Floats) -> PPoly:
    steps = table.steps
    breaks: list[float] = []
    pieces: list[Floats] = []
    landing = 0.0
    for i in range(len(steps) - 1):
        step, flight = steps[i], steps[i + 1].contact_s - steps[i].toe_off_s
        if flight <= 0:
            raise ValueError(f"no flight at {step.contact_s:.2f} s: contact longer than the step")
        toe_off = float(heights[i + 1]) + gait.landing_drop_m
        up, down = flight_speeds(toe_off, float(heights[i + 1]), flight)
        start = (float(heights[i]), landing if i else down)
        pieces.append(spring_piece(start, (toe_off, up), step.stance_s, float(deepen[i])))
        pieces.append(np.array([-GRAVITY / 2, up, toe_off]))
        breaks += [step.contact_s, step.toe_off_s]
        landing = down
    return join_pieces([*breaks, steps[-1].contact_s], pieces)


def _bisect(f: Callable[[Floats], Floats], low: float, high: float, shape: tuple[int, int], rounds: int = 16) -> Floats:
    """Where rising functions cross zero (one per row), or the nearer end."""
    bottom, top = np.full(shape, low), np.full(shape, high)
    for _ in range(rounds):
        middle = (bottom + top) / 2
        below = f(middle) < 0
        bottom, top = np.where(below, middle, bottom), np.where(below, top, middle)
    return np.asarray((bottom + top) / 2)


def _push_off(body: Body, hips: HipPath, table: StepTable, paths: FootPath) -> FootPath:
    """Heel rise at toe-off from the knee wanted there; heel-off from the dorsiflexion wanted, or earlier where the leg
    would be too short."""
    contact, left = table.column("contact_s"), table.column("left")
    length = table.column("toe_off_s") - contact
    shape = contact.shape
    hip = hips.hip(left, contact + length)

    def knee_spare(rise_deg: Floats) -> Floats:
        gap = stance_gap(body, hips.gait, hip, left, replace(paths, toe_off_deg=-rise_deg), length)
        return knee_flexion_deg(body, np.hypot(gap[..., 0], gap[..., 1])) - table.column("knee_toe_off_deg")

    paths = replace(paths, toe_off_deg=-_bisect(knee_spare, 5.0, 88.0, shape))
    since = np.linspace(0.1, 1.0, SAMPLES) * length
    rolling = hips.hip(left, contact + since)

    def ankle_spare(share: Floats) -> Floats:
        gap = stance_gap(body, hips.gait, rolling, left, replace(paths, heel_off_s=share * length), since)
        _, shank = leg_angles(body, gap[..., 0], gap[..., 1])
        return np.asarray(np.max(gap[..., 2] - shank, axis=1, keepdims=True) - table.column("dorsiflexion_peak_deg"))

    def stretch(share: Floats) -> Floats:
        gap = stance_gap(body, hips.gait, rolling, left, replace(paths, heel_off_s=share * length), since)
        knee = knee_flexion_deg(body, np.hypot(gap[..., 0], gap[..., 1]))[:, SAMPLES // 3 :]
        return np.asarray(STRAIGHT_DEG - np.min(knee, axis=1, keepdims=True))

    share = np.minimum(_bisect(ankle_spare, 0.15, 0.8, shape, 10), _bisect(stretch, 0.15, 0.8, shape, 10))
    return replace(paths, heel_off_s=length * share)


def _deeper(body: Body, hips: HipPath, table: StepTable, paths: FootPath) -> Floats:
    """(S,) how much lower the hips must go in mid-stance for the wanted peak of the knee."""
    contact, left = table.column("contact_s"), table.column("left")
    share = np.linspace(0.2, 0.65, SAMPLES)
    since = share * (table.column("toe_off_s") - contact)
    gap = stance_gap(body, hips.gait, hips.hip(left, contact + since), left, paths, since)
    bump = 64 * share**3 * (1 - share) ** 3

    def knee_spare(lower_m: Floats) -> Floats:
        knee = knee_flexion_deg(body, np.hypot(gap[..., 0], gap[..., 1] - lower_m * bump))
        return np.asarray(np.max(knee, axis=1, keepdims=True) - table.column("knee_peak_deg"))

    return _bisect(knee_spare, -0.08, 0.08, contact.shape)[:, 0]


def _overstretch(body: Body, hips: HipPath, table: StepTable, paths: FootPath) -> float:
    """Metres by which a leg on the ground would have to be longer than it is (walking: the hips ride too high)."""
    contact, left = table.column("contact_s"), table.column("left")
    since = np.linspace(0.0, 1.0, SAMPLES) * (table.column("toe_off_s") - contact)
    gap = stance_gap(body, hips.gait, hips.hip(left, contact + since), left, paths, since)
    distance = np.hypot(gap[..., 0], gap[..., 1])
    allowed = np.sqrt(np.maximum(reach_m(body, LOCKED_DEG) ** 2 - gap[..., 0] ** 2, 0.0))
    spare = np.where(distance > reach_m(body, LOCKED_DEG), gap[..., 1] - allowed, 0.0)
    return float(np.max(spare))
