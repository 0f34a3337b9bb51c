"""Poses, props and arrows put together: one square per pose, two side by side."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from math import atan2, cos, hypot, pi, sin

from soleus.exports.figures.body import Body, build_body
from soleus.exports.figures.paint import FILL, PANEL, Canvas, View
from soleus.exports.figures.people import all_spheres, body_parts
from soleus.exports.figures.props import BACK, FRONT, MIDDLE, NO_FLOOR, PROPS, extent, floor
from soleus.exports.figures.shapes import circle, number
from soleus.knowledge.figure_base import ExerciseFigure, FigureArrow

GAP = 16.0
MARGIN_CM = 7.0
LEAST_CM = 120.0
"""A figure is never drawn so large that less than this fits the square, unless a close-up asks for it."""
UNDER_FLOOR_CM = 9.0
LEAST_ARROW_CM = 13.0
DIGITS = {1: "M-5-5L1-10V10", 2: "M-6-5C-6-12 6-12 6-4C6 0-6 6-6 10H6"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The inside of both squares."""

    start: str
    end: str


def draw(figure: ExerciseFigure) -> Drawing:
    """Both poses in the same frame. Raises `OutOfReach` when a hand or foot is planted too far away."""
    bodies = {"start": build_body(figure.start), "end": build_body(figure.end)}
    view = View(turn_deg=figure.turn_deg)
    left, bottom, side = _frame(figure, view, bodies)
    panels = {}
    for name, body in bodies.items():
        canvas = Canvas(view=view, scale=PANEL / side, left=left, top=bottom + side)
        _panel(canvas, figure, name, body, bodies, left, side)
        panels[name] = "".join(canvas.parts)
    return Drawing(start=panels["start"], end=panels["end"])


def _panel(
    canvas: Canvas, figure: ExerciseFigure, pose: str, body: Body, bodies: dict[str, Body], left: float, side: float
) -> None:
    props = [prop for prop in figure.props if prop.pose in (pose, "both")]
    if not any(prop.kind in NO_FLOOR for prop in props):
        floor(canvas, left - 5, left + side + 5)
    parts = body_parts(body, canvas, working=figure.working, barefoot=figure.barefoot)
    for layer in (BACK, MIDDLE, FRONT):
        for prop in props:
            if PROPS[prop.kind][0] == layer:
                PROPS[prop.kind][1](canvas, prop, body)
        for part in parts:
            if (part.far and layer == BACK) or (not part.far and layer == MIDDLE):
                part.paint(canvas)
    for arrow in figure.arrows:
        if arrow.pose in (pose, "both"):
            _arrow(canvas, arrow, bodies)


def _frame(figure: ExerciseFigure, view: View, bodies: dict[str, Body]) -> tuple[float, float, float]:
    """left, bottom and side of the square, cm of the picture plane."""
    if figure.frame_cm:
        x0, y0, x1, y1 = figure.frame_cm
        side = max(x1 - x0, y1 - y0)
        return ((x0 + x1 - side) / 2, y0, side)
    spots = [(*view.flat(p), r) for body in bodies.values() for p, r in all_spheres(body)]
    x0, x1 = min(x - r for x, _, r in spots), max(x + r for x, _, r in spots)
    y0, y1 = min(y - r for _, y, r in spots), max(y + r for _, y, r in spots)
    grounded = not any(prop.kind in NO_FLOOR for prop in figure.props)
    for prop in figure.props:
        box = extent(prop)
        if box:
            flat = [view.flat((x, 0.0, 0.0))[0] for x in (box[0], box[2])]
            x0, x1 = min(x0, *flat), max(x1, *flat)
            y0, y1 = min(y0, box[1]), max(y1, box[3])
    for arrow in figure.arrows:
        for end in (arrow.from_cm, arrow.to_cm):
            if end:
                x0, x1, y0, y1 = min(x0, end[0]), max(x1, end[0]), min(y0, end[1]), max(y1, end[1])
    y0 = min(y0, 0.0) - UNDER_FLOOR_CM if grounded else y0 - MARGIN_CM
    side = max(x1 - x0 + 2 * MARGIN_CM, y1 + MARGIN_CM - y0, LEAST_CM)
    return ((x0 + x1 - side) / 2, y0, side)


def _arrow(canvas: Canvas, arrow: FigureArrow, bodies: dict[str, Body]) -> None:
    """A curved arrow with a halo; a way shorter than can be seen is drawn a little longer."""
    if arrow.from_cm and arrow.to_cm:
        a, b = arrow.from_cm, arrow.to_cm
    else:
        a, b = (canvas.view.flat(bodies[name].point(arrow.point)) for name in ("start", "end"))
        a, b = ((p[0] + arrow.offset_cm[0], p[1] + arrow.offset_cm[1]) for p in (a, b))
    way = hypot(b[0] - a[0], b[1] - a[1])
    if 0.1 < way < LEAST_ARROW_CM:
        more = (LEAST_ARROW_CM / way - 1) / 2
        dx, dy = (b[0] - a[0]) * more, (b[1] - a[1]) * more
        a, b = (a[0] - dx, a[1] - dy), (b[0] + dx, b[1] + dy)
        way = LEAST_ARROW_CM
    if way <= 0.1:
        return
    normal = (-(b[1] - a[1]) / way, (b[0] - a[0]) / way)
    middle = ((a[0] + b[0]) / 2 + 2 * normal[0] * arrow.bend_cm, (a[1] + b[1]) / 2 + 2 * normal[1] * arrow.bend_cm)
    first, control, last = canvas.plane(a), canvas.plane(middle), canvas.plane(b)
    heads = [_head(control, last)] + ([_head(control, first)] if arrow.both_ways else [])
    stem = (
        f"M{number(first[0])} {number(first[1])}"
        f"Q{number(control[0])} {number(control[1])} {number(last[0])} {number(last[1])}"
    )
    canvas.line("motion", stem + "".join(heads), 6.4, halo=True)


def _head(origin: tuple[float, float], tip: tuple[float, float]) -> str:
    angle = atan2(tip[1] - origin[1], tip[0] - origin[0])
    ends = [(tip[0] - 17 * cos(angle + s), tip[1] - 17 * sin(angle + s)) for s in (pi / 6, -pi / 6)]
    (ax, ay), (bx, by) = ends
    return f"M{number(ax)} {number(ay)}L{number(tip[0])} {number(tip[1])}L{number(bx)} {number(by)}"


def badge(label: int) -> str:
    """1 or 2 in a disc, drawn rather than set in type."""
    return (
        f'<path class="fg-motion" fill="{FILL["motion"]}" d="{circle(28, 28, 20)}"/>'
        f'<path class="fg-l-paper" transform="translate(28 28)" fill="none" stroke="{FILL["paper"]}" '
        f'stroke-width="4.4" d="{DIGITS[label]}"/>'
    )


def single(inside: str, title: str, described: str) -> str:
    """One square as a whole SVG."""
    return _svg(PANEL, _ground(PANEL) + inside, title, described)


def pair(drawing: Drawing, title: str, described: str) -> str:
    """Start and end side by side, numbered."""
    width = 2 * PANEL + GAP
    squares = "".join(
        f'<svg x="{number(x)}" width="{number(PANEL)}" height="{number(PANEL)}" '
        f'viewBox="0 0 {number(PANEL)} {number(PANEL)}">{_ground(PANEL)}{inside}{badge(label)}</svg>'
        for x, inside, label in ((0.0, drawing.start, 1), (PANEL + GAP, drawing.end, 2))
    )
    return _svg(width, squares, title, described)


def _ground(width: float) -> str:
    return f'<rect class="fg-paper" fill="{FILL["paper"]}" width="{number(width)}" height="{number(PANEL)}" rx="16"/>'


def _svg(width: float, body: str, title: str, described: str) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="figure" role="img" focusable="false" '
        f'stroke-linecap="round" stroke-linejoin="round" '
        f'width="{number(width / 2)}" height="{number(PANEL / 2)}" viewBox="0 0 {number(width)} {number(PANEL)}">'
    )
    return f"{head}<title>{escape(title, quote=False)}</title><desc>{escape(described, quote=False)}</desc>{body}</svg>"
