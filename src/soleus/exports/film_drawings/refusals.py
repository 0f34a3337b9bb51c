"""What went wrong with a film, and beside it how it should look: one function for each picture."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, exp, pi, sin

from soleus.exports.figures.paint import PANEL
from soleus.exports.figures.picture import Frame
from soleus.exports.figures.shapes import circle, number
from soleus.exports.film_drawings.poses import (
    FLAT_AT_WALL,
    FLIGHT,
    LANDING,
    MID_STANCE,
    PUSH_OFF,
    STANDING,
    TIPTOE_AT_WALL,
    WALKING,
    WALL_CM,
    moved,
)
from soleus.exports.film_drawings.stage import (
    FROM_BEHIND,
    PHONE,
    SCREEN_PX,
    SIDE_ON,
    WHOLE,
    Paint,
    alone,
    arrow,
    box,
    faded,
    fill,
    floor,
    label,
    person,
    phone,
    scene,
    strip,
    strip_cell,
    stroke,
    thing,
    tripod,
)
from soleus.knowledge.figure_base import FigurePose

Pair = tuple[str, str]
NIGHT = "#0b1316"
OBLIQUE = -52.0
SMALL = Frame(left=-330.0, bottom=-150.0, width=660.0, height=660.0 * SCREEN_PX / PANEL)
LOW_CUT = Frame(left=-122.0, bottom=26.0, width=244.0, height=244.0 * SCREEN_PX / PANEL)
HEEL_VIEW = Frame(left=-112.0, bottom=-18.0, width=270.0, height=270.0 * SCREEN_PX / PANEL)
HEEL_CUT = Frame(left=-98.0, bottom=14.0, width=240.0, height=240.0 * SCREEN_PX / PANEL)


def _shown(*paints: Paint, frame: Frame = WHOLE, turn_deg: float = SIDE_ON, over: str = "") -> str:
    return phone(scene(frame, floor(), *paints, turn_deg=turn_deg) + over)


def _good() -> str:
    return _shown(person(PUSH_OFF))


def no_runner() -> Pair:
    treadmill = thing("treadmill", (-70.0, 9.0), (150.0,))
    return _shown(alone(treadmill)), _shown(person(moved(PUSH_OFF, -12.0, 9.0), treadmill))


def several_people() -> Pair:
    return _shown(person(moved(LANDING, -52.0)), person(moved(PUSH_OFF, 44.0))), _good()


def cuts() -> Pair:
    zigzag = f"M210 -6L186 {number(SCREEN_PX / 3)}L222 {number(SCREEN_PX / 2)}L188 {number(SCREEN_PX + 6)}"
    other = Frame(left=-150.0, bottom=70.0, width=150.0, height=150.0 * SCREEN_PX / PANEL)
    first = scene(WHOLE, floor(), person(moved(PUSH_OFF, -66.0)))
    second = scene(other, person(moved(STANDING, -40.0), turn_deg=60.0))
    half = f'<svg x="204" y="0" width="196" height="{SCREEN_PX}" viewBox="204 0 196 {SCREEN_PX}">'
    cut = f"{half}{box(204, 0, 196, SCREEN_PX, 'water')}{second}</svg>"
    return phone(first + cut + stroke("paper", zigzag, 16) + stroke("calf", zigzag, 7)), _good()


def _film(*poses: FigurePose) -> str:
    """A strip of film with one picture for each pose."""
    wide, high = strip_cell(len(poses))
    frame = Frame(left=-96.0 * wide / high, bottom=-14.0, width=192.0 * wide / high, height=192.0)
    return strip([scene(frame, floor(), person(pose)) for pose in poses], view=(PANEL, PANEL * high / wide))


def frozen() -> Pair:
    return _film(PUSH_OFF, PUSH_OFF, PUSH_OFF), _film(LANDING, MID_STANCE, PUSH_OFF)


def camera_moves() -> Pair:
    def held(turn: float, opacity: float) -> str:
        return (
            f'<g transform="translate(200 132) rotate({turn:.0f})" opacity="{opacity:.2f}">'
            f"{box(-104, -58, 208, 116, 'iron', r=14)}{box(-88, -48, 176, 96, 'water', r=4)}</g>"
        )

    palm = "M92 262C70 226 78 184 104 164C122 152 134 168 124 186L138 250z"
    other = "M308 262C330 226 322 184 296 164C278 152 266 168 276 186L262 250z"
    shake = "M60 62Q30 100 48 140M84 50Q44 96 64 152M340 62Q370 100 352 140M316 50Q356 96 336 152"
    bad = (
        held(-13, 0.3)
        + held(11, 0.45)
        + held(-2, 1.0)
        + fill("skin", palm + other, edge="ink")
        + stroke("motion", shake)
    )
    good = box(0, 262, PANEL, 38, "ground") + tripod(200, 264, 84, size=(150, 84))
    return bad, good


def too_small() -> Pair:
    return _shown(person(PUSH_OFF), frame=SMALL), _good()


def fps_too_low() -> Pair:
    return _film(LANDING, PUSH_OFF), _film(LANDING, MID_STANCE, PUSH_OFF, FLIGHT)


def dark() -> Pair:
    night = f'<rect class="fg-night" fill="{NIGHT}" fill-opacity=".84" width="{PANEL:.0f}" height="{SCREEN_PX}"/>'
    moon = fill("cloth", "M336 30A30 30 0 1 0 366 72A24 24 0 0 1 336 30z")
    straight = ((58, 8, 0, 12), (58, 92, 0, 12), (10, 56, 12, 0), (94, 56, 12, 0))
    slanted = ((24, 22, 9, 9), (92, 22, -9, 9), (24, 90, 9, -9), (92, 90, -9, -9))
    rays = "".join(f"M{x} {y}l{dx} {dy}" for x, y, dx, dy in straight + slanted)
    sun = fill("band", circle(58, 56, 24)) + stroke("band", rays, 6)
    return _shown(person(PUSH_OFF), over=night + moon), _shown(person(moved(PUSH_OFF, 16.0)), over=sun)


def blurred() -> Pair:
    ghosts = [
        faded(0.34, person(moved(PUSH_OFF, dx, dy))) for dx, dy in ((-16.0, 2.0), (-8.0, 0.0), (0.0, 1.0), (9.0, -1.0))
    ]
    return _shown(*ghosts), _good()


def not_side_view() -> Pair:
    return _shown(person(PUSH_OFF), turn_deg=OBLIQUE), _good()


def not_back_view() -> Pair:
    return _shown(person(PUSH_OFF), turn_deg=OBLIQUE), _shown(person(MID_STANCE), turn_deg=FROM_BEHIND)


def feet_out_of_frame() -> Pair:
    return _shown(person(PUSH_OFF), frame=LOW_CUT), _good()


def walking() -> Pair:
    return _shown(person(WALKING)), _shown(person(FLIGHT))


def not_running() -> Pair:
    return _shown(
        person(
            STANDING,
        )
    ), _shown(person(FLIGHT))


def too_short() -> Pair:
    return _watch(0.14) + _prints(2), _watch(0.86) + _prints(8)


def _watch(share: float) -> str:
    """A stopwatch with a share of the round filled."""
    x, y, r = 200.0, 128.0, 84.0
    turn = 2 * pi * share
    tip = f"{number(x + r * sin(turn))} {number(y - r * cos(turn))}"
    wedge = f"M{number(x)} {number(y)}V{number(y - r)}A{number(r)} {number(r)} 0 {int(share > 0.5)} 1 {tip}z"
    return (
        box(x - 13, y - r - 34, 26, 24, "iron", r=5)
        + fill("paper", circle(x, y, r + 10), edge="edge", width=8)
        + fill("motion", wedge)
        + fill("ink", circle(x, y, 6))
    )


def _prints(count: int) -> str:
    """Footprints in a row."""
    return "".join(
        fill(
            "shoe",
            circle(36 + 44 * k, 262 + (8 if k % 2 else -8), 9) + circle(52 + 44 * k, 262 + (8 if k % 2 else -8), 7),
        )
        for k in range(count)
    )


def sides_uncertain() -> Pair:
    legs = Frame(left=-92.0, bottom=-16.0, width=184.0, height=184.0 * SCREEN_PX / PANEL)
    clear = Frame(left=-84.0, bottom=-16.0, width=184.0, height=184.0 * SCREEN_PX / PANEL)
    night = f'<rect class="fg-night" fill="{NIGHT}" fill-opacity=".5" width="{PANEL:.0f}" height="{SCREEN_PX}"/>'
    asked = label(310, 110, "?", size=90)
    return _shown(person(MID_STANCE), frame=legs, over=night + asked), _shown(person(PUSH_OFF), frame=clear)


def slow_motion_unclear() -> Pair:
    return _dial("?"), _dial("8×")


def _dial(said: str) -> str:
    ticks = "".join(
        f"M{number(200 + 92 * sin(k * pi / 18))} {number(140 - 92 * cos(k * pi / 18))}"
        f"L{number(200 + 108 * sin(k * pi / 18))} {number(140 - 108 * cos(k * pi / 18))}"
        for k in range(36)
    )
    return (
        stroke("motion", ticks, 5) + fill("solid", circle(200, 140, 78), edge="edge") + label(200, 166, said, size=74)
    )


def far_leg() -> Pair:
    """No fault: one film from each side."""
    runner = scene(WHOLE, floor(), person(PUSH_OFF))
    return phone(runner), phone(f'<g transform="translate({PANEL:.0f} 0) scale(-1 1)">{runner}</g>')


def heel_not_seen() -> Pair:
    wall = thing("wall", (WALL_CM,))
    good = person(TIPTOE_AT_WALL, wall, working="near")
    return _shown(good, frame=HEEL_CUT), _shown(good, frame=HEEL_VIEW)


def noise_too_high() -> Pair:
    def trace(shake: float) -> str:
        points = []
        for k in range(101):
            t = k / 100
            wave = max(0.0, sin(t * 6.2832 * 3 - 0.6)) ** 0.8
            jitter = shake * (sin(k * 7.3) + sin(k * 3.9 + 1) + sin(k * 11.1 + 2)) / 3
            points.append((30 + 340 * t, 226 - 130 * wave - 62 * jitter * (0.5 + 0.5 * exp(-t))))
        return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)

    axis = stroke("edge", "M24 40V240H380", 5)
    return axis + stroke("calf", trace(1.0), 5), axis + stroke("motion", trace(0.0), 6)


def not_a_heel_raise() -> Pair:
    wall = thing("wall", (WALL_CM,))
    return (
        _shown(person(FLAT_AT_WALL, wall), frame=HEEL_VIEW),
        _shown(person(TIPTOE_AT_WALL, wall, working="near"), frame=HEEL_VIEW,
               over=arrow(96, 262, 96, 196, both=False)),
    )  # fmt: skip


PICTURES: dict[str, Callable[[], Pair]] = {
    "blurred": blurred,
    "camera_moves": camera_moves,
    "cuts": cuts,
    "dark": dark,
    "far_leg": far_leg,
    "feet_out_of_frame": feet_out_of_frame,
    "fps_too_low": fps_too_low,
    "frozen": frozen,
    "heel_not_seen": heel_not_seen,
    "no_runner": no_runner,
    "noise_too_high": noise_too_high,
    "not_a_heel_raise": not_a_heel_raise,
    "not_back_view": not_back_view,
    "not_running": not_running,
    "not_side_view": not_side_view,
    "several_people": several_people,
    "sides_uncertain": sides_uncertain,
    "slow_motion_unclear": slow_motion_unclear,
    "too_short": too_short,
    "too_small": too_small,
    "walking": walking,
}
HEIGHT = PHONE
NO_FAULT = frozenset({"far_leg"})
"""Nothing went wrong: the panels are numbered instead of crossed out and ticked."""
