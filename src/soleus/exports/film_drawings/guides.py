"""How to film: where the phone stands, and what it should show."""

from __future__ import annotations

from collections.abc import Callable

from soleus.exports.figures.body import build_body
from soleus.exports.figures.paint import FILL, PANEL, Canvas
from soleus.exports.figures.picture import Frame
from soleus.exports.figures.shapes import circle, number
from soleus.exports.film_drawings.poses import (
    MID_STANCE,
    PUSH_OFF,
    TIPTOE_AT_WALL,
    WALL_CM,
)
from soleus.exports.film_drawings.stage import (
    FROM_BEHIND,
    PHONE,
    SCREEN,
    UPRIGHT,
    WHOLE,
    arrow,
    box,
    canvas_of,
    fill,
    floor,
    label,
    person,
    phone,
    scene,
    stroke,
    thing,
    tripod,
    upright_phone,
)

Words = Callable[[str], str]
"""The wording of a label by its name."""
HIP_CM, ANKLE_CM = 92.0, 9.0
PLACE = Frame(left=-92.0, bottom=-58.0, width=392.0, height=294.0)
PLACE_PX = PANEL * PLACE.height / PLACE.width
HEEL_PLACE = Frame(left=-98.0, bottom=-56.0, width=336.0, height=252.0)
HEEL_SEEN = Frame(left=-84.0, bottom=-28.0, width=160.0, height=160.0 * UPRIGHT[3] / UPRIGHT[2])
STICKER = (-0.5, -1.6)
"""Below the outer ankle bone of `TIPTOE_AT_WALL`'s standing foot, from the ankle joint, cm along and up."""


def side_place(say: Words) -> str:
    """The runner from behind, the phone aside at hip height."""
    runner = scene(PLACE, floor(), person(MID_STANCE), turn_deg=FROM_BEHIND)
    return runner + _phone_at(PLACE, (246.0, HIP_CM), 22.0, say, ("at_hip", "distance_side"))


def back_place(say: Words) -> str:
    """The runner from the side, the phone behind at hip height."""
    frame = Frame(left=-264.0, bottom=-58.0, width=392.0, height=294.0)
    runner = scene(frame, floor(), person(PUSH_OFF), turn_deg=0.0)
    return runner + _phone_at(frame, (-226.0, HIP_CM), -24.0, say, ("at_hip", "distance_back"))


def heel_place(say: Words) -> str:
    """Somebody from behind on one leg, the phone low at the side."""
    runner = scene(HEEL_PLACE, floor(), person(TIPTOE_AT_WALL, working="near"), turn_deg=FROM_BEHIND)
    return runner + _phone_at(HEEL_PLACE, (180.0, ANKLE_CM), 22.0, say, ("at_ankle", "distance_heel_raise"))


def _phone_at(frame: Frame, at_cm: tuple[float, float], body_cm: float, say: Words, labels: tuple[str, str]) -> str:
    """The phone on its stand, the line at its height, and how far it is from the runner."""
    canvas = canvas_of(frame, 0.0)
    x, y = canvas.plane(at_cm)
    base, body, middle = canvas.plane((0.0, 0.0))[1], canvas.plane((body_cm, 0.0))[0], canvas.plane((0.0, 0.0))[0]
    parts = stroke("motion", f"M{number(x)} {number(y)}H{number(body)}", 4, dash="3 11")
    if base - y > 40:
        parts += tripod(x, base, y - 17)
    else:
        edge = f' stroke="{FILL["edge"]}" stroke-width="3"'
        parts += fill("solid", circle(x + 9, base - 9, 9), edge="edge") + box(
            x - 6, base - 36, 12, 36, "iron", r=4, more=edge
        )
    parts += label((x + body) / 2, y - 16, say(labels[0]))
    parts += arrow(middle, base + 22, x, base + 22)
    return parts + label((x + middle) / 2, base + 50, say(labels[1]))


def side_seen(_say: Words) -> str:
    """Whole body from the side, feet well inside."""
    return phone(scene(WHOLE, floor(), person(PUSH_OFF))) + _room(SCREEN)


def back_seen(_say: Words) -> str:
    """Whole body from behind."""
    return phone(scene(WHOLE, floor(), person(MID_STANCE), turn_deg=FROM_BEHIND)) + _room(SCREEN)


def heel_seen(_say: Words) -> str:
    """From the side on one leg: fingertips on the wall, sticker below the ankle bone; the phone stands upright."""
    standing = person(TIPTOE_AT_WALL, thing("wall", (WALL_CM,)), working="near")
    return upright_phone(scene(HEEL_SEEN, floor(), standing, _sticker)) + _room(UPRIGHT)


def _sticker(canvas: Canvas) -> None:
    ankle = build_body(TIPTOE_AT_WALL).near_leg.joints[2]
    x, y = canvas.at((ankle[0] + STICKER[0], ankle[1] + STICKER[1], ankle[2]))
    canvas.shape("band", circle(x, y, 7.0), outline="ink", width=2.4)


def _room(screen: tuple[float, float, float, float]) -> str:
    """The lines between which the body stays."""
    x, y, width, height = screen
    left, top, end, low = x + 18, y + 18, x + width - 18, y + height - 18
    inner = f"M{number(left)} {number(top)}H{number(end)}V{number(low)}H{number(left)}z"
    return stroke("motion", inner, 4, dash="3 11")


GUIDES: dict[str, tuple[tuple[str, Callable[[Words], str], float], ...]] = {
    "side": (("side_place", side_place, PLACE_PX), ("side_seen", side_seen, PHONE)),
    "back": (("back_place", back_place, PLACE_PX), ("back_seen", back_seen, PHONE)),
    "heel_raise": (("heel_raise_place", heel_place, PLACE_PX), ("heel_raise_seen", heel_seen, PHONE)),
}
