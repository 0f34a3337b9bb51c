"""The foot and shoe checks: prints, the heel from behind, shoes on a table, the drop of the arch.

Prints and heels are of a right foot. Shapes are drawn by hand to be told apart at a glance, not to scale.
"""

from __future__ import annotations

from collections.abc import Callable

from soleus.exports.figures.paint import FILL
from soleus.exports.figures.shapes import circle
from soleus.exports.film_drawings.stage import arrow, box, fill, stroke

WIDTH, HEIGHT = 240.0, 300.0
TOES = ((92, 54, 16), (121, 50, 11), (142, 57, 10), (159, 69, 9), (172, 84, 8))
WAIST = {"flat": (86, 84, 80), "usual": (100, 120, 98), "high": (112, 158, 112)}
"""How far the inner edge is drawn in: near the heel, in the middle, near the ball."""
LEAN_DEG = 13


def wet_print(kind: str) -> str:
    """A wet foot print: the inner edge is on the left."""
    heel, middle, ball = WAIST[kind]
    sole = (
        f"M72 122C68 92 98 80 122 80C152 80 174 98 172 124C170 152 166 172 164 200C163 222 162 232 156 248"
        f"C148 276 98 276 92 246C90 232 {heel - 4} 224 {heel} 214"
        f"C{middle} 200 {middle} 164 {ball} 152C86 144 74 136 72 122z"
    )
    drawn = fill("motion", sole + "".join(circle(x, y, r) for x, y, r in TOES))
    return f'<g transform="translate(12 -8) scale(.9)">{drawn}</g>'


def heel_photo(kind: str) -> str:
    """Lower leg and heel from behind; the other foot would be on the left."""
    lean = {"leans_in": -LEAN_DEG, "straight": 0, "leans_out": LEAN_DEG}[kind]
    ankle = 120 + round(lean * 1.1)
    leg = (
        f"M80 10C72 62 84 116 {ankle - 22} 168C{ankle - 25} 184 {ankle - 24} 196 {ankle - 20} 208H{ankle + 20}"
        f"C{ankle + 26} 196 {ankle + 27} 186 {ankle + 23} 168C{ankle + 34} 122 172 70 160 10z"
    )
    heel = "M-20-16C-31 2-37 26-34 42C-30 56 30 56 34 42C37 26 31 2 20-16z"
    place = f'<g transform="translate({ankle} 206) rotate({lean})">'
    toes = f"M{ankle + 10} 254C{ankle + 40} 226 {ankle + 76} 232 {ankle + 72} 254z"
    # the outlines first, then the skin of both without a line between them
    return (
        box(0, 254, WIDTH, HEIGHT - 254, "ground")
        + fill("skin", toes, edge="ink", width=5)
        + stroke("ink", leg, 8)
        + f"{place}{stroke('ink', heel, 8)}</g>"
        + fill("skin", leg)
        + f"{place}{fill('skin', heel)}{stroke('motion', 'M0 0V40', 6)}</g>"
        + stroke("motion", f"M120 34L{ankle} 188", 6)
    )


def shoe_tilt(kind: str) -> str:
    """A pair of shoes from behind; the soles stand on the table whatever the uppers do."""
    lean = {"leans_in": LEAN_DEG, "level": 0, "leans_out": -LEAN_DEG}[kind]
    shoes = "".join(
        f'<g transform="translate({x} 214)"><g transform="skewX({-turn})">{_upper()}</g>{_sole()}</g>'
        for x, turn in ((66, lean), (174, -lean))
    )
    return box(0, 222, WIDTH, HEIGHT - 222, "solid") + shoes


def _upper() -> str:
    shape = "M-32-10C-40-36-34-74-25-104C-14-96 14-96 25-104C34-74 40-36 32-10z"
    collar = "M-25-104C-14-114 14-114 25-104C14-96-14-96-25-104z"
    counter = "M-20-12C-24-40-20-58 0-60C20-58 24-40 20-12"
    return (
        fill("shoe", shape, edge="ink", width=4)
        + fill("ink", collar)
        + stroke("paper", counter, 4)
        + stroke("paper", "M0-92V-66", 5)
    )


def _sole() -> str:
    return (
        f'<rect class="fg-sole fg-l-ink" fill="{FILL["sole"]}" stroke="{FILL["ink"]}" stroke-width="4" '
        'x="-42" y="-16" width="84" height="25" rx="9"/>'
    )


def navicular_drop() -> str:
    """The inner side of a foot, the bump, a card with two marks."""
    foot = (
        "M58 232C34 232 30 196 44 172C54 144 54 96 50 40L128 40C128 106 142 132 190 152C244 170 306 186 330 208"
        "C346 226 334 236 312 236L262 236C240 236 206 204 168 206C138 208 118 234 92 234z"
    )
    card = fill("cloth", "M206 68h70v168h-70z", edge="edge", width=4)
    marks = stroke("calf", "M206 146h42", 6) + stroke("calf", "M206 186h42", 6)
    reach = stroke("calf", "M176 164H200", 4, dash="2 9")
    return (
        box(0, 236, 400, 64, "ground")
        + fill("skin", foot, edge="ink", width=4)
        + card
        + marks
        + reach
        + fill("calf", circle(166, 164, 9))
        + arrow(262, 140, 262, 192)
    )


CHECKS: dict[str, tuple[Callable[[str], str], tuple[str, ...]]] = {
    "wet_print": (wet_print, ("flat", "usual", "high")),
    "heel_photo": (heel_photo, ("leans_in", "straight", "leans_out")),
    "shoe_tilt": (shoe_tilt, ("leans_in", "level", "leans_out")),
}
"""Check → how it is drawn, and the answers that have a picture."""
