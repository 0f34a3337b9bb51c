"""The stage of the drawings: a scene in cm, a phone that shows one, a strip of film, marks for wrong and right.

Panels are `PANEL` (400) units wide as those of the exercises; colours and classes are the same, so one style sheet
serves both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from math import cos, pi, sin

from soleus.exports.figures.body import build_body
from soleus.exports.figures.paint import FILL, PANEL, Canvas, View
from soleus.exports.figures.people import body_parts
from soleus.exports.figures.picture import GAP, Frame
from soleus.exports.figures.props import PROPS
from soleus.exports.figures.props import floor as ground
from soleus.exports.figures.shapes import circle, number
from soleus.knowledge.figure_base import FigurePose, FigureProp

SIDE_ON, FROM_BEHIND = -12.0, -90.0
PHONE = 300.0
"""Height of a phone lying on its side, `PANEL` wide."""
SCREEN = (26.0, 18.0, 348.0, 264.0)
"""x, y, width, height of what it shows."""
SCREEN_PX = round(PANEL * SCREEN[3] / SCREEN[2])
WHOLE = Frame(left=-136.0, bottom=-30.0, width=274.0, height=274.0 * SCREEN_PX / PANEL)
"""A view that holds a whole runner with some room above and below."""

Paint = Callable[[Canvas], None]


def canvas_of(frame: Frame, turn_deg: float = SIDE_ON) -> Canvas:
    """A canvas that shows `frame` across the whole panel."""
    scale = PANEL / frame.width
    return Canvas(
        view=View(turn_deg=turn_deg),
        scale=scale,
        left=frame.left,
        top=frame.bottom + frame.height,
        height=frame.height * scale,
    )


def scene(frame: Frame, *paints: Paint, turn_deg: float = SIDE_ON) -> str:
    """Everything painted in turn on the same canvas."""
    canvas = canvas_of(frame, turn_deg)
    for paint in paints:
        paint(canvas)
    return "".join(canvas.parts)


def floor() -> Paint:
    return lambda canvas: ground(canvas, canvas.left - 5, canvas.left + PANEL / canvas.scale + 5)


def person(
    pose: FigurePose, *props: FigureProp, barefoot: bool = False, working: str = "none", turn_deg: float | None = None
) -> Paint:
    """Somebody with things behind and before; `turn_deg` where they are seen from elsewhere than the rest."""

    def paint(canvas: Canvas) -> None:
        view = canvas.view
        if turn_deg is not None:
            canvas.view = View(turn_deg=turn_deg)
        body = build_body(pose)
        parts = body_parts(body, canvas, working=working, barefoot=barefoot)
        for layer in (0, 1, 2):
            for prop in props:
                if PROPS[prop.kind][0] == layer:
                    PROPS[prop.kind][1](canvas, prop, body)
            for part in parts:
                if (part.far and layer == 0) or (not part.far and layer == 1):
                    part.paint(canvas)
        canvas.view = view

    return paint


def alone(prop: FigureProp) -> Paint:
    """A thing with nobody at it."""
    return lambda canvas: PROPS[prop.kind][1](canvas, prop, build_body(FigurePose(anchor="hip", anchor_cm=(0.0, 0.0))))


def thing(kind: str, at: tuple[float, ...], size: tuple[float, ...] = ()) -> FigureProp:
    return FigureProp(kind=kind, at_cm=at, size_cm=size)


def faded(opacity: float, *paints: Paint) -> Paint:
    """Painted see-through."""

    def paint(canvas: Canvas) -> None:
        start = len(canvas.parts)
        for one in paints:
            one(canvas)
        inside = "".join(canvas.parts[start:])
        canvas.parts[start:] = [f'<g opacity="{opacity:.2f}">{inside}</g>']

    return paint


def inset(inside: str, x: float, y: float, width: float, height: float, view: tuple[float, float]) -> str:
    """A picture in the picture; what reaches over its edge is cut off."""
    return (
        f'<svg x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" '
        f'viewBox="0 0 {number(view[0])} {number(view[1])}" preserveAspectRatio="xMidYMid slice">{inside}</svg>'
    )


def box(x: float, y: float, width: float, height: float, colour: str, *, r: float = 0.0, more: str = "") -> str:
    round_ = f' rx="{number(r)}"' if r else ""
    return (
        f'<rect class="fg-{colour}" fill="{FILL[colour]}" x="{number(x)}" y="{number(y)}" width="{number(width)}" '
        f'height="{number(height)}"{round_}{more}/>'
    )


def phone(inside: str) -> str:
    """A phone lying on its side that shows a scene."""
    x, y, width, height = SCREEN
    edge = f' stroke="{FILL["edge"]}" stroke-width="4"'
    return (
        box(3, 3, PANEL - 6, PHONE - 6, "iron", r=34, more=edge)
        + box(x, y, width, height, "paper")
        + inset(inside, x, y, width, height, (PANEL, SCREEN_PX))
        + f'<path class="fg-l-edge" stroke="{FILL["edge"]}" d="M13 130v40"/>'
        + f'<path class="fg-edge" fill="{FILL["edge"]}" d="{circle(387, 150, 6)}"/>'
    )


UPRIGHT = (109.0, 20.0, 182.0, 252.0)
"""The screen of a phone that stands on its end."""


def upright_phone(inside: str) -> str:
    """A phone on its end that shows a scene."""
    x, y, width, height = UPRIGHT
    edge = f' stroke="{FILL["edge"]}" stroke-width="4"'
    return (
        box(x - 14, 3, width + 28, PHONE - 6, "iron", r=26, more=edge)
        + box(x, y, width, height, "paper")
        + inset(inside, x, y, width, height, (PANEL, PANEL * height / width))
        + stroke("edge", f"M{number(x + width / 2 - 16)} 285h32", 5)
    )


def strip_cell(count: int) -> tuple[float, float]:
    """Width and height of one picture of a strip."""
    return (PANEL - 12) / count - 8, 148.0


def strip(scenes: Sequence[str], *, view: tuple[float, float]) -> str:
    """A strip of film with one scene in each picture."""
    width = (PANEL - 12) / len(scenes)
    holes = "".join(box(10 + 24 * k, y, 12, 14, "paper", r=3) for k in range(int((PANEL - 20) / 24)) for y in (52, 234))
    pictures = "".join(
        box(6 + k * width + 4, 76, width - 8, 148, "paper") + inset(inside, 6 + k * width + 4, 76, width - 8, 148, view)
        for k, inside in enumerate(scenes)
    )
    return box(2, 40, PANEL - 4, 220, "iron", r=8) + holes + pictures


def wrong() -> str:
    """A cross in a disc."""
    return _mark("calf", "M-9-9L9 9M9-9L-9 9", PHONE)


def right() -> str:
    """A tick in a disc."""
    return _mark("motion", "M-11 1L-3 9L11-8", PHONE)


def _mark(colour: str, d: str, height: float) -> str:
    x, y = PANEL - 40.0, height - 40.0
    return (
        f'<path class="fg-paper" fill="{FILL["paper"]}" d="{circle(x, y, 31)}"/>'
        f'<path class="fg-{colour}" fill="{FILL[colour]}" d="{circle(x, y, 26)}"/>'
        f'<path class="fg-l-paper" transform="translate({number(x)} {number(y)})" stroke="{FILL["paper"]}" '
        f'stroke-width="7" d="{d}"/>'
    )


def label(x: float, y: float, said: str, *, anchor: str = "middle", size: float = 22.0) -> str:
    """Words with a halo."""
    return (
        f'<text class="fg-t" x="{number(x)}" y="{number(y)}" text-anchor="{anchor}" font-size="{number(size)}" '
        f'font-weight="600" font-family="system-ui, \'Liberation Sans\', sans-serif" fill="{FILL["ink"]}" '
        f'stroke="{FILL["paper"]}" stroke-width="5" paint-order="stroke">{escape(said, quote=False)}</text>'
    )


def stroke(colour: str, d: str, width: float = 5.0, *, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path class="fg-l-{colour}" stroke="{FILL[colour]}" stroke-width="{number(width)}"{dashed} d="{d}"/>'


def fill(colour: str, d: str, *, edge: str = "", width: float = 3.0) -> str:
    line = f' stroke="{FILL[edge]}" stroke-width="{number(width)}"' if edge else ""
    name = f"fg-{colour} fg-l-{edge}" if edge else f"fg-{colour}"
    return f'<path class="{name}" fill="{FILL[colour]}"{line} d="{d}"/>'


def arrow(x0: float, y0: float, x1: float, y1: float, *, both: bool = True, colour: str = "motion") -> str:
    """A straight arrow, with heads at both ends unless told."""
    d = f"M{number(x0)} {number(y0)}L{number(x1)} {number(y1)}"
    d += _head(x0, y0, x1, y1) + (_head(x1, y1, x0, y0) if both else "")
    return stroke("paper", d, 11) + stroke(colour, d, 5)


def _head(x0: float, y0: float, x1: float, y1: float) -> str:
    long = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    u, v = (x1 - x0) / long, (y1 - y0) / long
    ends = [(x1 - 14 * (u * cos(a) - v * sin(a)), y1 - 14 * (v * cos(a) + u * sin(a))) for a in (pi / 6, -pi / 6)]
    (ax, ay), (bx, by) = ends
    return f"M{number(ax)} {number(ay)}L{number(x1)} {number(y1)}L{number(bx)} {number(by)}"


def tripod(x: float, base: float, top: float, *, size: tuple[float, float] = (11.0, 34.0)) -> str:
    """A phone on a stand, from its edge; a wide one is seen from behind, with its lens."""
    width, height = size
    low = (base + top + height) / 2
    legs = f"M{number(x)} {number(top + height)}V{number(low)}"
    legs += "".join(f"M{number(x)} {number(low)}L{number(x + dx)} {number(base)}" for dx in (-28, 0, 28))
    edge = f' stroke="{FILL["edge"]}" stroke-width="3"'
    body = box(x - width / 2, top, width, height, "iron", r=min(width, height) / 8 + 2, more=edge)
    lens = fill("water", circle(x - width / 2 + 22, top + 22, 11), edge="edge") if width > height else ""
    return stroke("edge", legs, 6) + body + lens


def single(inside: str, height: float, title: str, described: str, *, width: float = PANEL) -> str:
    """One panel as a whole SVG; nothing in it reaches over its edge."""
    return _svg(width, height, box(0, 0, width, height, "paper", r=16) + inside, title, described)


def pair(first: str, second: str, height: float, title: str, described: str) -> str:
    """Two panels side by side."""
    return row((first, second), PANEL, height, title, described)


def row(panels: Sequence[str], width: float, height: float, title: str, described: str) -> str:
    """Panels of one size side by side."""
    body = "".join(_panel(inside, k * (width + GAP), 0.0, width, height) for k, inside in enumerate(panels))
    return _svg(len(panels) * (width + GAP) - GAP, height, body, title, described)


def stacked(panels: Sequence[tuple[str, float]], title: str, described: str) -> str:
    """Panels (inside, height) one under the other: with words in them, too small to stand side by side on a phone."""
    body, top = "", 0.0
    for inside, height in panels:
        body += _panel(inside, 0.0, top, PANEL, height)
        top += height + GAP
    return _svg(PANEL, top - GAP, body, title, described, more=" fg-tall")


def _panel(inside: str, x: float, y: float, width: float, height: float) -> str:
    size = f'width="{number(width)}" height="{number(height)}"'
    return (
        f'<svg x="{number(x)}" y="{number(y)}" {size} viewBox="0 0 {number(width)} {number(height)}">'
        f"{box(0, 0, width, height, 'paper', r=16)}{inside}</svg>"
    )


def _svg(width: float, height: float, body: str, title: str, described: str, *, more: str = "") -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="figure{more}" role="img" focusable="false" fill="none" '
        f'stroke-width="6" stroke-linecap="round" stroke-linejoin="round" width="{number(width / 2)}" '
        f'height="{number(height / 2)}" viewBox="0 0 {number(width)} {number(height)}">'
        f"<title>{escape(title, quote=False)}</title><desc>{escape(described, quote=False)}</desc>{body}</svg>"
    )
