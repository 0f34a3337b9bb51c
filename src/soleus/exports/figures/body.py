"""The body: segment lengths in cm, the range of each joint, and where every point lies for given angles.

Lengths are those of an adult 172 cm tall in round numbers; ranges are what a flexible adult can do, wide enough for any
exercise and tight enough to catch a joint bent the wrong way (our choice; they decide drawings only).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import acos, atan2, cos, degrees, hypot, radians, sin
from typing import TypeVar

from soleus.exports.figures.space import (
    Turn,
    Vector,
    about_x,
    about_y,
    about_z,
    add,
    apply,
    inverse,
    length,
    minus,
    then,
)
from soleus.knowledge.figure_base import ArmPose, FigurePose, LegPose

THIGH, SHANK, UPPER_ARM, FOREARM, HAND = 42.0, 42.0, 30.0, 25.5, 10.0
HIP_HALF, SHOULDER_HALF = 8.5, 17.0
LUMBAR, THORAX, NECK = 17.0, 33.0, 9.0
"""Hip to waist, waist to shoulder line, shoulder line to the base of the skull."""
HEEL_SOLE: Vector = (-6.0, -8.4, 0.0)
BALL_SOLE: Vector = (11.5, -8.4, 0.0)
TOE_SOLE: Vector = (20.0, -8.4, 0.0)
"""The underside of the shoe, from the ankle joint, with the foot flat."""

L = TypeVar("L", LegPose, ArmPose)

LEG_LIMITS = {
    "hip_deg": (-30.0, 130.0),
    "abduct_deg": (-30.0, 50.0),
    "rotate_deg": (-40.0, 60.0),
    "knee_deg": (0.0, 150.0),
    "ankle_deg": (-60.0, 42.0),
    "invert_deg": (-25.0, 35.0),
    "toes_deg": (-45.0, 80.0),
    "big_toe_deg": (-45.0, 80.0),
}
ARM_LIMITS = {
    "shoulder_deg": (-60.0, 185.0),
    "abduct_deg": (-45.0, 180.0),
    "rotate_deg": (-90.0, 90.0),
    "elbow_deg": (0.0, 150.0),
    "wrist_deg": (-80.0, 92.0),
}
TRUNK_LIMITS = {"spine_deg": (-60.0, 60.0), "bend_deg": (-35.0, 35.0), "neck_deg": (-60.0, 60.0)}
STRAIGHT_KNEE_DEG, STRAIGHT_KNEE_ANKLE_DEG = 10.0, 32.0
"""With the knee straight the calf stops the ankle earlier."""


class OutOfReach(ValueError):
    """A hand or foot was asked to be where the limb does not get to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limb:
    """One limb in space. Leg: hip, knee, ankle and the turns of thigh, shank, foot, toes; arm likewise."""

    joints: tuple[Vector, Vector, Vector]
    turns: tuple[Turn, Turn, Turn, Turn]
    big_toe: Turn
    angles: LegPose | ArmPose
    """With the angles that a planted foot or hand led to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A pose in space, all in cm."""

    pelvis: Turn
    thorax: Turn
    head: Turn
    hip: Vector
    waist: Vector
    shoulders: Vector
    skull: Vector
    pose: FigurePose
    near_leg: Limb
    far_leg: Limb
    near_arm: Limb
    far_arm: Limb

    def legs(self) -> tuple[tuple[str, Limb], tuple[str, Limb]]:
        return ("near", self.near_leg), ("far", self.far_leg)

    def arms(self) -> tuple[tuple[str, Limb], tuple[str, Limb]]:
        return ("near", self.near_arm), ("far", self.far_arm)

    def point(self, name: str) -> Vector:
        """Where a named point is: hip, chest, head, or near_/far_ with hip … toe, shoulder … hand."""
        side, _, joint = name.rpartition("_")
        if not side:
            return {
                "hip": self.hip,
                "chest": add(self.waist, apply(self.thorax, (0.0, 22.0, 0.0))),
                "head": self.skull,
            }[joint]
        leg, arm = (self.near_leg, self.near_arm) if side == "near" else (self.far_leg, self.far_arm)
        if joint in ("shoulder", "elbow", "wrist"):
            return arm.joints[("shoulder", "elbow", "wrist").index(joint)]
        if joint == "hand":
            return add(arm.joints[2], apply(arm.turns[2], (0.0, -HAND * 0.6, 0.0)))
        if joint in ("hip", "knee", "ankle"):
            return leg.joints[("hip", "knee", "ankle").index(joint)]
        if joint == "thigh":
            return add(leg.joints[0], apply(leg.turns[0], (0.0, -THIGH * 0.6, 0.0)))
        if joint == "bigtoe":
            return add(sole_point(leg, "ball"), apply(leg.big_toe, (5.0, 1.0, 0.0)))
        return sole_point(leg, joint)


def sole_point(leg: Limb, name: str) -> Vector:
    """heel | ball | toe on the underside of the shoe."""
    ankle, foot, toes = leg.joints[2], leg.turns[2], leg.turns[3]
    if name == "heel":
        return add(ankle, apply(foot, HEEL_SOLE))
    ball = add(ankle, apply(foot, BALL_SOLE))
    return ball if name == "ball" else add(ball, apply(toes, minus(TOE_SOLE, BALL_SOLE)))


def build_body(pose: FigurePose) -> Body:
    """Joint angles and contacts → points.

    1. pelvis and trunk from their angles; 2. the anchored limb from its angles, which places the whole; 3. the other
    limbs, from their angles or to where they are planted. Raises `OutOfReach`.
    """
    still = _placed(pose, (0.0, 0.0, 0.0))
    here = still.point(pose.anchor)
    return _placed(pose, (pose.anchor_cm[0] - here[0], pose.anchor_cm[1] - here[1], 0.0), planted=True)


def faults(body: Body) -> list[str]:
    """Every joint that is bent further than it goes, in words."""
    found = []
    for side, leg in body.legs():
        found += _outside(f"{side} leg", leg.angles, LEG_LIMITS)
        pose = leg.angles
        if isinstance(pose, LegPose) and pose.knee_deg < STRAIGHT_KNEE_DEG and pose.ankle_deg > STRAIGHT_KNEE_ANKLE_DEG:
            found.append(f"{side} leg: ankle bent {pose.ankle_deg:.0f} up with a straight knee")
    for side, arm in body.arms():
        found += _outside(f"{side} arm", arm.angles, ARM_LIMITS)
    return found + _outside("trunk", body.pose, TRUNK_LIMITS)


def _outside(part: str, angles: object, limits: dict[str, tuple[float, float]]) -> list[str]:
    found = []
    for name, (low, high) in limits.items():
        value = getattr(angles, name)
        if value is not None and not low - 0.5 <= value <= high + 0.5:
            found.append(f"{part}: {name} {value:.0f} is outside {low:.0f} to {high:.0f}")
    return found


def _placed(pose: FigurePose, hip: Vector, *, planted: bool = False) -> Body:
    pelvis = then(about_x(pose.roll_deg), about_z(-pose.lean_deg))
    thorax = then(pelvis, about_x(pose.bend_deg), about_z(-pose.spine_deg))
    head = then(thorax, about_z(-pose.neck_deg))
    waist = add(hip, apply(pelvis, (0.0, LUMBAR, 0.0)))
    shoulders = add(waist, apply(thorax, (0.0, THORAX, 0.0)))
    # The spine enters the skull a little in front of the shoulder line.
    skull = add(shoulders, apply(thorax, (0.5, 0.0, 0.0)))
    skull = add(skull, apply(head, (1.5, NECK + 8.5, 0.0)))
    stands = {side for side in ("near", "far") if pose.anchor in (f"{side}_ball", f"{side}_toe")}
    if pose.far_leg is None and stands:
        stands = {"near", "far"}
    legs = {
        side: _leg(angles, pelvis, add(hip, apply(pelvis, (0.0, 0.0, sign * HIP_HALF))), sign, side in stands, planted)
        for side, sign, angles in (
            ("near", 1.0, pose.near_leg),
            ("far", -1.0, pose.far_leg or _mirrored(pose.near_leg)),
        )
    }
    arms = {
        side: _arm(angles, thorax, add(shoulders, apply(thorax, (0.0, -2.5, sign * SHOULDER_HALF))), sign, planted)
        for side, sign, angles in (
            ("near", 1.0, pose.near_arm),
            ("far", -1.0, pose.far_arm or _mirrored(pose.near_arm)),
        )
    }
    return Body(
        pelvis=pelvis,
        thorax=thorax,
        head=head,
        hip=hip,
        waist=waist,
        shoulders=shoulders,
        skull=skull,
        pose=pose,
        near_leg=legs["near"],
        far_leg=legs["far"],
        near_arm=arms["near"],
        far_arm=arms["far"],
    )


def _mirrored(limb: L) -> L:
    """The other side's limb: the same angles, contacts on the other side of the middle."""
    if isinstance(limb, LegPose):
        return replace(limb, ball_cm=_across(limb.ball_cm), heel_cm=_across(limb.heel_cm))
    return replace(limb, hand_cm=_across(limb.hand_cm))


def _across(spot: tuple[float, ...] | None) -> tuple[float, ...] | None:
    return (spot[0], spot[1], -spot[2]) if spot and len(spot) == 3 else spot


def _leg(angles: LegPose, pelvis: Turn, hip: Vector, sign: float, grounded: bool, planted: bool) -> Limb:
    plant = angles.ball_cm or angles.heel_cm
    if plant and planted:
        angles = _reached_leg(angles, plant, pelvis, hip, sign)
    thigh = then(
        pelvis, about_x(-sign * angles.abduct_deg), about_z(angles.hip_deg), about_y(-sign * angles.rotate_deg)
    )
    shank = then(thigh, about_z(-angles.knee_deg))
    foot = then(shank, about_z(angles.ankle_deg), about_x(sign * angles.invert_deg))
    toes_deg = angles.toes_deg
    if toes_deg is None:
        toes_deg = max(-slope_deg(foot), 0.0) if grounded or angles.ball_cm else 0.0
        angles = replace(angles, toes_deg=toes_deg)
    knee = add(hip, apply(thigh, (0.0, -THIGH, 0.0)))
    return Limb(
        joints=(hip, knee, add(knee, apply(shank, (0.0, -SHANK, 0.0)))),
        turns=(thigh, shank, foot, then(foot, about_z(toes_deg))),
        big_toe=then(foot, about_z(toes_deg if angles.big_toe_deg is None else angles.big_toe_deg)),
        angles=angles,
    )


def slope_deg(foot: Turn) -> float:
    """How far a foot's front points up (negative: down)."""
    x, y, z = apply(foot, (1.0, 0.0, 0.0))
    return degrees(atan2(y, hypot(x, z)))


def _reached_leg(angles: LegPose, plant: tuple[float, ...], pelvis: Turn, hip: Vector, sign: float) -> LegPose:
    """Hip, knee and ankle that put the sole's point on `plant` with the foot at its slope."""
    z = plant[2] if len(plant) == 3 else hip[2]
    foot = about_z(-angles.foot_deg)
    sole = BALL_SOLE if angles.ball_cm else HEEL_SOLE
    ankle = minus((plant[0], plant[1], z), apply(foot, sole))
    local = apply(inverse(pelvis), minus(ankle, hip))
    hip_deg, abduct, knee = _two_bones(local, THIGH, SHANK, back=True)
    ahead = apply(then(pelvis, about_x(abduct), about_z(hip_deg), about_z(-knee)), (1.0, 0.0, 0.0))
    return replace(
        angles,
        hip_deg=hip_deg,
        abduct_deg=-sign * abduct,
        knee_deg=knee,
        ankle_deg=-angles.foot_deg - degrees(atan2(ahead[1], ahead[0])),
        rotate_deg=0.0,
    )


def _arm(angles: ArmPose, thorax: Turn, shoulder: Vector, sign: float, planted: bool) -> Limb:
    if angles.hand_cm and planted:
        angles = _reached_arm(angles, angles.hand_cm, thorax, shoulder, sign)
    upper = then(
        thorax, about_x(-sign * angles.abduct_deg), about_z(angles.shoulder_deg), about_y(sign * angles.rotate_deg)
    )
    fore = then(upper, about_z(angles.elbow_deg))
    hand = then(fore, about_z(angles.wrist_deg))
    elbow = add(shoulder, apply(upper, (0.0, -UPPER_ARM, 0.0)))
    wrist = add(elbow, apply(fore, (0.0, -FOREARM, 0.0)))
    return Limb(joints=(shoulder, elbow, wrist), turns=(upper, fore, hand, hand), big_toe=hand, angles=angles)


def _reached_arm(angles: ArmPose, hand: tuple[float, ...], thorax: Turn, shoulder: Vector, sign: float) -> ArmPose:
    """Shoulder and elbow that put the palm on `hand`; the wrist is as told, or so that the fingers lie along palm_deg.

    With the wrist told, forearm and hand are one bone that starts at the elbow, `more_deg` ahead of the forearm.
    """
    target = (hand[0], hand[1], hand[2] if len(hand) == 3 else shoulder[2])
    palm = HAND * 0.6
    lower, more_deg = FOREARM, 0.0
    if angles.palm_deg is not None:
        target = minus(target, apply(about_z(angles.palm_deg + 90.0), (0.0, -palm, 0.0)))
    else:
        ahead, along = palm * sin(radians(angles.wrist_deg)), FOREARM + palm * cos(radians(angles.wrist_deg))
        lower, more_deg = hypot(ahead, along), degrees(atan2(ahead, along))
    local = apply(inverse(thorax), minus(target, shoulder))
    shoulder_deg, abduct, bend = _two_bones(local, UPPER_ARM, lower, back=False)
    wrist_deg = angles.wrist_deg
    if angles.palm_deg is not None:
        x, y, _ = apply(then(thorax, about_x(abduct), about_z(shoulder_deg + bend)), (0.0, -1.0, 0.0))
        wrist_deg = (angles.palm_deg - degrees(atan2(y, x)) + 180.0) % 360.0 - 180.0
    return _told(angles, shoulder_deg, -sign * abduct, bend - more_deg, wrist_deg)


def _told(angles: ArmPose, shoulder_deg: float, abduct_deg: float, elbow_deg: float, wrist_deg: float) -> ArmPose:
    """The angles found; an arm overhead counts upwards from the front."""
    return replace(
        angles,
        shoulder_deg=shoulder_deg + 360.0 if shoulder_deg < -90.0 else shoulder_deg,
        abduct_deg=abduct_deg,
        elbow_deg=elbow_deg,
        wrist_deg=wrist_deg,
        rotate_deg=0.0,
    )


def _two_bones(target: Vector, first: float, second: float, *, back: bool) -> tuple[float, float, float]:
    """(turn about z, turn about x, bend of the middle joint) that bring the end of two bones to `target`.

    Straight down is zero; the middle joint bends backwards (knee) or forwards (elbow). Law of cosines.
    """
    far = length(target)
    if far > first + second + 0.05 or far < abs(first - second):
        raise OutOfReach(f"{far:.1f} cm away, the limb reaches {abs(first - second):.0f} to {first + second:.1f}")
    cosine = (far * far - first * first - second * second) / (2 * first * second)
    bend = degrees(acos(max(-1.0, min(1.0, cosine))))
    x = second * sin(radians(bend)) * (-1.0 if back else 1.0)
    y = -((max(far * far - x * x, 0.0)) ** 0.5)
    if cosine * second < -first:
        y = -y
    # Bend and turn in the plane of the body first, then tilt that plane sideways on to the target.
    drop = hypot(target[1], target[2]) * (1.0 if target[1] > 0 else -1.0)
    about = degrees(atan2(target[2] / drop, target[1] / drop)) if drop else 0.0
    turn = degrees(atan2(drop, target[0]) - atan2(y, x))
    return (turn + 180.0) % 360.0 - 180.0, about, bend
