"""The foot on the ground: it lands, rolls over heel, sole, ball and toe tip, and never slides on the belt."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from soleus.core.recording import Floats
from soleus.validation.synthetic.body import Body

Number = float | Floats

TOE_BEND_DEG = 40.0
"""Most that the toes bend at the ball while the heel rises; beyond it the foot rolls over the toe tip."""
TOE_OFF_BEND_DEG = 34.0
RECOIL_FROM = 0.75
"""From this share of the stance on the toes straighten again, to `TOE_OFF_BEND_DEG`: the ball leaves the ground some
30 ms before the tip, as in the FootNet strides."""
SOFT_DEG = 4.0
SETTLE_S = 0.009
"""Time constant in which the foot comes to the belt's speed after contact (sole and soft tissue give way): the foot
markers of the FootNet strides take 20-25 ms."""
SLAP_S = 0.014
"""Time constant in which the front (or the heel) comes down after contact."""
ROLL_POWER = 2.2
"""Heel rise grows with this power of the time since heel-off (FootNet strides: 2.1-2.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FootPath:
    """One stance, or (S, 1) of them. Times are seconds since contact, angles degrees with the toe up positive."""

    anchor_m: Number
    """Where the back corner of the sole stands (or would) when flat, at contact; it moves back with the belt."""
    speed_mps: Number
    """Belt, or the runner over the ground."""
    contact_s: Number
    """Length of the stance."""
    strike_deg: Number
    heel_off_s: Number
    toe_off_deg: Number
    """Pitch of the rear foot at toe-off, negative."""
    forward_mps: Number
    """Foot's speed over the belt just before contact."""
    down_mps: Number
    """Foot's downward speed just before contact."""

    def one(self, index: int) -> FootPath:
        """One of many."""
        return FootPath(
            **{f.name: float(np.broadcast_to(getattr(self, f.name), self.shape)[index, 0]) for f in fields(self)}
        )

    @property
    def shape(self) -> tuple[int, ...]:
        return np.broadcast_shapes(*(np.shape(getattr(self, f.name)) for f in fields(self)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FootPose:
    """(…, N) pitch and toe bend in degrees, and (…, N, 2) forward, up of the back corner of the sole."""

    pitch_deg: Floats
    bend_deg: Floats
    corner_m: Floats


def foot_pitch_deg(path: FootPath, times_s: Floats) -> Floats:
    """Landing angle dying away (critically damped, no turning at contact) plus the heel rise."""
    landing = path.strike_deg * (1 + times_s / SLAP_S) * np.exp(-times_s / SLAP_S)
    share = np.clip((times_s - path.heel_off_s) / (path.contact_s - path.heel_off_s), 0.0, None)
    return np.asarray(landing + path.toe_off_deg * share**ROLL_POWER)


def stance_foot(body: Body, path: FootPath, times_s: Floats) -> FootPose:
    """The foot during stance, at (…, N) seconds since contact.

    1. pitch > 0: it turns about the back corner; pitch < 0: the toes lie flat and it turns about the ball, and once
       the toes are bent fully, about the tip. All three points stand still on the belt: one anchor.
    2. After contact the foot settles: d = −r·τ·exp(−t/τ), where r is the speed over the belt before contact.
    """
    pitch = foot_pitch_deg(path, times_s)
    late = np.clip((times_s / path.contact_s - RECOIL_FROM) / (1 - RECOIL_FROM), 0.0, 1.0)
    most = TOE_BEND_DEG - (TOE_BEND_DEG - TOE_OFF_BEND_DEG) * (1 - np.cos(np.pi * late)) / 2
    rise = np.maximum(-pitch, 0.0)
    bend = rise - _soft_over(rise - most)
    tip = -np.radians(rise - bend)
    toes = body.foot_m - body.ball_m
    # tip of the toes -> ball -> back corner when the foot is on its front; back corner itself when it is on the heel
    ball_x = body.foot_m - toes * np.cos(tip)
    ball_y = -toes * np.sin(tip)
    front = np.radians(np.minimum(pitch, 0.0))
    corner_x = np.where(pitch < 0, ball_x - body.ball_m * np.cos(front), 0.0)
    corner_y = np.where(pitch < 0, ball_y - body.ball_m * np.sin(front), 0.0)
    settle = SETTLE_S * np.exp(-times_s / SETTLE_S)
    x = path.anchor_m - path.speed_mps * times_s + corner_x - path.forward_mps * settle
    y = corner_y + path.down_mps * settle
    return FootPose(pitch_deg=pitch, bend_deg=bend, corner_m=np.stack([x, y], axis=-1))


def _soft_over(angle_deg: Floats) -> Floats:
    """The positive part of an angle, its corner rounded over some `SOFT_DEG`, and 0 for a flat foot."""
    rounded = SOFT_DEG * np.logaddexp(0.0, angle_deg / SOFT_DEG)
    return np.asarray(np.minimum(rounded, np.maximum(angle_deg + TOE_BEND_DEG, 0.0)))


def in_foot(pose: FootPose, forward_m: float, up_m: float) -> Floats:
    """(…, N, 2) of a point of the rear foot, given from the back corner of the sole."""
    angle = np.radians(pose.pitch_deg)
    x = forward_m * np.cos(angle) - up_m * np.sin(angle)
    y = forward_m * np.sin(angle) + up_m * np.cos(angle)
    return pose.corner_m + np.stack([x, y], axis=-1)


def toe_point(body: Body, pose: FootPose, up_m: float, share: float = 1.0) -> Floats:
    """(…, N, 2) of a point of the toes, `share` of the way from ball to tip, `up_m` above the sole."""
    ball = in_foot(pose, body.ball_m, 0.0)
    angle = np.radians(pose.pitch_deg + pose.bend_deg)
    ahead = share * (body.foot_m - body.ball_m)
    x = ahead * np.cos(angle) - up_m * np.sin(angle)
    y = ahead * np.sin(angle) + up_m * np.cos(angle)
    return ball + np.stack([x, y], axis=-1)


def ankle_of(body: Body, pose: FootPose) -> Floats:
    """(…, N, 2) of the ankle joint."""
    return in_foot(pose, *body.ankle_m)


def foot_from_ankle(body: Body, ankle_m: Floats, pitch_deg: Floats, bend_deg: Floats) -> FootPose:
    """The foot in the air, hanging on the ankle."""
    angle = np.radians(pitch_deg)
    forward, up = body.ankle_m
    x = forward * np.cos(angle) - up * np.sin(angle)
    y = forward * np.sin(angle) + up * np.cos(angle)
    return FootPose(pitch_deg=pitch_deg, bend_deg=bend_deg, corner_m=ankle_m - np.stack([x, y], axis=-1))
