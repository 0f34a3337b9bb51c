"""The body drawn: rounded limbs, shirt, shorts, shoes; the working calf in its own colour, far limbs paler."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from soleus.exports.figures.body import BALL_SOLE, FOREARM, HAND, LUMBAR, SHANK, THIGH, UPPER_ARM, Body, Limb
from soleus.exports.figures.paint import OUTLINE, Canvas
from soleus.exports.figures.space import Turn, Vector, add, apply
from soleus.knowledge.figure_base import LegPose

Sphere = tuple[Vector, float]
KEPT = ("eye", "hair")
"""Colours that are never paler."""
FACING = 0.7
"""From here on (sine of the viewer's turn) feet are seen from the front or from behind."""
FAR_DEPTH = -5.0
"""A limb whose middle lies this far behind the trunk is drawn paler."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Things drawn one over the other, with one outline around them all."""

    depth: float
    shapes: tuple[tuple[str, str], ...]
    """(colour, path)."""
    inside: tuple[tuple[str, str], ...] = ()
    """Drawn on top of them, within the outline."""
    sole: str = ""
    """A line under the shoe."""
    sole_px: float = 0.0
    far: bool = False
    outline: str = ""
    """Drawn dark behind the shapes; by default the shapes themselves."""

    def paint(self, canvas: Canvas) -> None:
        prefix = "far-" if self.far else ""
        ink = f"{prefix}ink"
        if self.sole:
            canvas.line(ink, self.sole, self.sole_px + 2 * OUTLINE)
        canvas.shape(ink, self.outline or "".join(d for _, d in self.shapes), outline=ink, width=2 * OUTLINE)
        for colour, same in groupby((*self.shapes, *self.inside), key=lambda shape: shape[0]):
            canvas.shape(colour if colour in KEPT else f"{prefix}{colour}", "".join(d for _, d in same))
        if self.sole:
            canvas.line(f"{prefix}sole", self.sole, self.sole_px)


def spheres(origin: Vector, turn: Turn, *places: tuple[float, float, float, float]) -> list[Sphere]:
    """Local (x, y, z, radius) as spheres in space."""
    return [(add(origin, apply(turn, (x, y, z))), r) for x, y, z, r in places]


def body_parts(body: Body, canvas: Canvas, *, working: str, barefoot: bool) -> list[Part]:
    """Everything, the farthest first."""
    parts = [_trunk(body, canvas), _head(body, canvas)]
    for side, limb in body.legs():
        far = _behind(limb, body.hip, canvas)
        parts.append(_leg(limb, canvas, tinted=working in (side, "both"), barefoot=barefoot, far=far))
    parts.extend(_arm(limb, canvas, far=_behind(limb, body.shoulders, canvas)) for _, limb in body.arms())
    return sorted(parts, key=lambda part: part.depth)


def _behind(limb: Limb, middle: Vector, canvas: Canvas) -> bool:
    return canvas.view.depth(limb.joints[0]) - canvas.view.depth(middle) < FAR_DEPTH


def all_spheres(body: Body) -> list[Sphere]:
    """A coarse cover of the whole body, for the frame and for what must stay above the ground."""
    cover = [*_trunk_spheres(body), *_head_spheres(body)]
    for _, leg in body.legs():
        cover += [*_thigh(leg), *_shank(leg), *_shoe(leg)[0], *_shoe(leg)[1]]
    for _, arm in body.arms():
        cover += _arm_spheres(arm)
    return cover


def _trunk_spheres(body: Body) -> list[Sphere]:
    return [
        *spheres(body.hip, body.pelvis, *((-1.0, 0.0, z, 10.5) for z in (-6.0, 6.0))),
        *spheres(body.hip, body.pelvis, *((-3.5, 2.0, z, 9.5) for z in (-5.0, 5.0))),
        *spheres(body.hip, body.pelvis, *((0.5, LUMBAR - 4, z, 9.3) for z in (-5.0, 5.0))),
        *spheres(body.waist, body.thorax, *((0.5, 1.0, z, 9.2) for z in (-5.0, 5.0))),
        *spheres(body.waist, body.thorax, *((1.0, 17.0, z, 10.6) for z in (-6.5, 6.5))),
        *spheres(body.waist, body.thorax, *((-1.0, 25.5, z, 8.6) for z in (-8.0, 8.0))),
        *spheres(body.waist, body.thorax, *((-0.5, 29.0, z, 5.6) for z in (-14.5, 14.5))),
    ]  # fmt: skip


def _trunk(body: Body, canvas: Canvas) -> Part:
    every = _trunk_spheres(body)
    shirt = canvas.hull(every[4:10]) + canvas.hull(every[8:14])
    return Part(
        depth=canvas.view.order(body.waist),
        shapes=(("shirt", shirt), ("shorts", canvas.hull(every[0:6]))),
    )


def _head_spheres(body: Body) -> list[Sphere]:
    return spheres(body.skull, body.head, (-0.5, 2.0, 0.0, 9.6), (2.8, -5.5, 0.0, 6.0))


def _head(body: Body, canvas: Canvas) -> Part:
    """Neck, face with a nose that shows where it looks, hair."""
    view, head = canvas.view, body.head
    neck = canvas.hull(
        spheres(body.shoulders, body.thorax, (-0.5, -2.0, 0.0, 5.6)) + spheres(body.skull, head, (-2.0, -7.0, 0.0, 4.8))
    )
    face = canvas.hull(_head_spheres(body))
    nose = canvas.hull(spheres(body.skull, head, (8.0, 0.5, 0.0, 1.6), (9.3, -2.0, 0.0, 1.7)))
    behind = spheres(body.skull, head, (-2.2, 3.4, 0.0, 9.2), (-4.6, -2.5, 0.0, 6.2))
    above = spheres(
        body.skull, head, *((x, y, z, r) for x, y, r in ((-2.0, 6.4, 6.0), (4.6, 7.8, 3.4)) for z in (-4.0, 4.0))
    )
    back, top = canvas.hull(behind), canvas.hull(above)
    outline = neck + nose + canvas.hull([*_head_spheres(body), *behind, *above])
    facing = view.depth(apply(head, (1.0, 0.0, 0.0)))
    hair = ("hair", back)
    order = [hair, ("skin", face), ("hair", top)] if facing > 0.4 else [("skin", face), hair, ("hair", top)]
    eyes = tuple(
        ("eye", canvas.hull(spheres(body.skull, head, (8.2, 1.6, z, 0.95))))
        for z in (-3.6, 3.6)
        if view.depth(apply(head, (0.55, 0.0, z / 3.6))) > 0.35
    )
    depth = view.order(body.skull) + (0.5 if facing > 0 else -0.5)
    return Part(depth=depth, shapes=(("skin", neck + nose), *order), inside=eyes, outline=outline)


def _thigh(leg: Limb) -> list[Sphere]:
    return spheres(leg.joints[0], leg.turns[0], (0, 0, 0, 9.6), (0.8, -16, 0, 8.3), (0.3, -THIGH, 0, 6.0))


def _shank(leg: Limb) -> list[Sphere]:
    return spheres(
        leg.joints[1], leg.turns[1], (0, 0, 0, 5.9), (-1.9, -11, 0, 6.1), (-1.0, -23, 0, 4.8), (0, -SHANK + 1, 0, 3.7)
    )


def _shoe(leg: Limb) -> tuple[list[Sphere], list[Sphere]]:
    """(heel, instep, ball) and (ball, toes)."""
    ankle, foot, toes = leg.joints[2], leg.turns[2], leg.turns[3]
    ball = add(ankle, apply(foot, BALL_SOLE))
    rear = spheres(
        ankle, foot, (0, 0.5, 0, 4.5), (-4.2, -4.2, 0, 4.0), (5.5, -3.0, 0, 4.3),
        (11.5, -5.2, 1.8, 3.0), (11.5, -5.2, -1.8, 3.0),
    )  # fmt: skip
    return rear, [*rear[3:], *spheres(ball, toes, (7.5, 2.7, 0.0, 2.5))]


def _leg(leg: Limb, canvas: Canvas, *, tinted: bool, barefoot: bool, far: bool) -> Part:
    thigh, shank = _thigh(leg), _shank(leg)
    lower = canvas.hull(shank[:3]) + canvas.hull(shank[2:])
    hem = spheres(leg.joints[0], leg.turns[0], (0.7, -19.0, 0.0, 8.2))
    depth = sum(canvas.view.order(joint) for joint in leg.joints) / 3
    shapes = [("skin", canvas.hull(thigh)), ("work" if tinted else "skin", lower)]
    facing = abs(canvas.view.depth((1.0, 0.0, 0.0))) > FACING
    if barefoot:
        shapes += _bare(leg, canvas)
    else:
        shapes += [("sole", _plate(leg, canvas))] if facing else []
        shapes.append(("shoe", "".join(map(canvas.hull, _shoe(leg)))))
    inside = [("shorts", canvas.hull([(thigh[0][0], 9.9), *hem]))]
    inside += _calf(leg, canvas) if tinted else []
    return Part(
        depth=depth - 2.0,
        shapes=tuple(shapes),
        inside=tuple(inside),
        sole="" if barefoot or facing else _sole(leg, canvas),
        sole_px=2.4 * canvas.scale,
        far=far,
    )


def _sole(leg: Limb, canvas: Canvas) -> str:
    ankle, foot = leg.joints[2], leg.turns[2]
    ball = add(ankle, apply(foot, BALL_SOLE))
    middles = [
        *spheres(ankle, foot, (-5.6, -7.2, 0, 0), (12.0, -7.2, 0, 0)),
        *spheres(ball, leg.turns[3], (8.2, 1.2, 0, 0)),
    ]
    return canvas.through([p for p, _ in middles])


def _plate(leg: Limb, canvas: Canvas) -> str:
    """The sole as it shows from the front or from behind."""
    ankle, foot = leg.joints[2], leg.turns[2]
    ball = add(ankle, apply(foot, BALL_SOLE))
    edges = [(x, -7.2, z, 1.2) for x in (-5.6, 11.5) for z in (-3.4, 3.4)]
    tip = [(7.5, 1.2, z, 1.2) for z in (-2.4, 2.4)]
    return canvas.hull([*spheres(ankle, foot, *edges), *spheres(ball, leg.turns[3], *tip)])


def _calf(leg: Limb, canvas: Canvas) -> list[tuple[str, str]]:
    """The muscle on the back of the shank down to the tendon; from the front it is hidden and only the tint shows."""
    knee, turn = leg.joints[1], leg.turns[1]
    if canvas.view.depth(apply(turn, (-1.0, 0.0, 0.0))) < -0.5:
        return []
    muscle = spheres(knee, turn, (-2.4, -5, 0, 2.4), (-4.0, -12, 0, 3.9), (-3.2, -20, 0, 2.7), (-2.4, -27, 0, 1.3))
    tendon = [muscle[3], *spheres(leg.joints[2], leg.turns[2], (-4.4, 0.5, 0, 1.0))]
    return [("calf", canvas.hull(muscle) + canvas.hull(tendon))]


def _bare(leg: Limb, canvas: Canvas) -> list[tuple[str, str]]:
    """A bare foot: heel, arch that can be drawn up, ball, lesser toes and the big toe."""
    arch = leg.angles.arch_cm if isinstance(leg.angles, LegPose) else 0.0
    ankle, foot = leg.joints[2], leg.turns[2]
    heel = spheres(ankle, foot, (-3.6, -5.0, 0, 3.4))
    top = spheres(ankle, foot, (0.5, 0.0, 0, 4.0), (5.5, -2.6 + arch * 0.6, 0, 3.2))
    middle = spheres(ankle, foot, (5.0, -4.3 + arch, 0, 2.6))
    ball = spheres(ankle, foot, (12.5 - arch, -6.0, 0, 2.4))
    under = add(ankle, apply(foot, (12.5 - arch, -8.4, 0.0)))
    toes = [ball[0], *spheres(under, leg.turns[3], (6.6, 1.3, 0.0, 1.3))]
    big = [(ball[0][0], 2.2), *spheres(under, leg.big_toe, (4.2, 1.7, 0, 1.5), (7.4, 1.6, 0.0, 1.6))]
    whole = canvas.hull([*heel, *top, *middle]) + canvas.hull([*top[1:], *middle, *ball])
    return [("skin", whole + canvas.hull(toes)), ("skin", canvas.chain(big))]


def _arm_spheres(arm: Limb) -> list[Sphere]:
    upper = spheres(arm.joints[0], arm.turns[0], (0, 0, 0, 5.4), (0, -UPPER_ARM, 0, 3.9))
    fore = spheres(arm.joints[1], arm.turns[1], (0, -6.0, 0, 4.1), (0, -FOREARM, 0, 2.8))
    hand = spheres(arm.joints[2], arm.turns[2], (0, -3.5, 0, 3.1), (0, -HAND + 1.5, 0, 2.3))
    return [*upper, *fore, *hand]


def _arm(arm: Limb, canvas: Canvas, *, far: bool) -> Part:
    every = _arm_spheres(arm)
    depth = sum(canvas.view.order(joint) for joint in arm.joints) / 3
    cuff = spheres(arm.joints[0], arm.turns[0], (0, -14.0, 0, 4.9))
    skin = canvas.hull(every[:2]) + canvas.hull(every[1:4]) + canvas.hull(every[3:])
    return Part(
        depth=depth, shapes=(("skin", skin),), inside=(("shirt", canvas.hull([(every[0][0], 5.7), *cuff])),), far=far
    )
