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
BADGE = 60.0
MARGIN_CM = 7.0
LEAST_CM = 78.0
"""A figure is never drawn so large that less than this fits the width, unless a close-up asks for it."""
UNDER_FLOOR_CM = 9.0
LEAST_ARROW_CM = 13.0
LOWEST, HIGHEST = 0.62, 1.45
"""Height of a panel by its width: low for somebody lying, high for somebody standing."""
DIGITS = {1: "M-5-5L1-10V10", 2: "M-6-5C-6-12 6-12 6-4C6 0-6 6-6 10H6"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What is seen, in cm of the picture plane."""

    left: float
    bottom: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The inside of both panels, and their height (each is `PANEL` wide)."""

    start: str
    end: str
    height: float
    badge_right: bool
    """The number stands in the upper right corner, because the left one is taken."""


def draw(figure: ExerciseFigure) -> Drawing:
    """Both poses in the same frame. Raises `OutOfReach` when a hand or foot is planted too far away."""
    bodies = {"start": build_body(figure.start), "end": build_body(figure.end)}
    view = View(turn_deg=figure.turn_deg)
    frame = _frame(figure, view, bodies)
    panels, height = {}, round(PANEL * frame.height / frame.width)
    for name in bodies:
        canvas = Canvas(
            view=view,
            scale=PANEL / frame.width,
            left=frame.left,
            top=frame.bottom + frame.height,
            height=height,
        )
        _panel(canvas, figure, name, bodies, frame)
        panels[name] = "".join(canvas.parts)
    taken = _taken(frame, view, bodies)
    return Drawing(start=panels["start"], end=panels["end"], height=height, badge_right=taken)


def _panel(canvas: Canvas, figure: ExerciseFigure, pose: str, bodies: dict[str, Body], frame: Frame) -> None:
    body = bodies[pose]
    props = [prop for prop in figure.props if prop.pose in (pose, "both")]
    if not any(prop.kind in NO_FLOOR for prop in props):
        floor(canvas, frame.left - 5, frame.left + frame.width + 5)
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


def _frame(figure: ExerciseFigure, view: View, bodies: dict[str, Body]) -> Frame:
    """The smallest panel of an allowed shape that holds both poses, the props and the arrows."""
    if figure.frame_cm:
        x0, y0, x1, y1 = figure.frame_cm
        return Frame(left=x0, bottom=y0, width=x1 - x0, height=y1 - y0)
    spots = [(*view.flat(p), r) for body in bodies.values() for p, r in all_spheres(body)]
    boxes = [(x - r, y - r, x + r, y + r) for x, y, r in spots]
    for prop in figure.props:
        if box := extent(prop):
            flat = [view.flat((x, 0.0, 0.0))[0] for x in (box[0], box[2])]
            boxes.append((min(flat), box[1], max(flat), box[3]))
    for arrow in figure.arrows:
        boxes += [(x - 3.0, y - 3.0, x + 3.0, y + 3.0) for x, y in _way(arrow, view, bodies)]
    x0, y0 = min(box[0] for box in boxes) - MARGIN_CM, min(box[1] for box in boxes)
    x1, y1 = max(box[2] for box in boxes) + MARGIN_CM, max(box[3] for box in boxes) + MARGIN_CM
    grounded = not any(prop.kind in NO_FLOOR for prop in figure.props)
    y0 = min(y0, 0.0) - UNDER_FLOOR_CM if grounded else y0 - MARGIN_CM
    width = max(x1 - x0, (y1 - y0) / HIGHEST, LEAST_CM)
    height = max(y1 - y0, width * LOWEST)
    return Frame(left=(x0 + x1 - width) / 2, bottom=y0, width=width, height=height)


def _taken(frame: Frame, view: View, bodies: dict[str, Body]) -> bool:
    """Whether a body reaches into the upper left corner, where the number stands."""
    size = BADGE * frame.width / PANEL
    right, low = frame.left + size, frame.bottom + frame.height - size
    spots = [(*view.flat(p), r) for body in bodies.values() for p, r in all_spheres(body)]
    return any(x - r < right and y + r > low for x, y, r in spots)


def _way(arrow: FigureArrow, view: View, bodies: dict[str, Body]) -> list[tuple[float, float]]:
    """Start, control point and end of an arrow's curve; a way too short to be seen is made a little longer."""
    if arrow.from_cm and arrow.to_cm:
        a, b = arrow.from_cm, arrow.to_cm
    else:
        a, b = (view.flat(bodies[name].point(arrow.point)) for name in ("start", "end"))
        a, b = ((p[0] + arrow.offset_cm[0], p[1] + arrow.offset_cm[1]) for p in (a, b))
    way = hypot(b[0] - a[0], b[1] - a[1])
    if way < 0.1:
        return []
    if way < LEAST_ARROW_CM:
        more = (LEAST_ARROW_CM / way - 1) / 2
        dx, dy = (b[0] - a[0]) * more, (b[1] - a[1]) * more
        a, b = (a[0] - dx, a[1] - dy), (b[0] + dx, b[1] + dy)
        way = LEAST_ARROW_CM
    aside = 2 * arrow.bend_cm / way
    middle = ((a[0] + b[0]) / 2 - (b[1] - a[1]) * aside, (a[1] + b[1]) / 2 + (b[0] - a[0]) * aside)
    return [a, middle, b]


def _arrow(canvas: Canvas, arrow: FigureArrow, bodies: dict[str, Body]) -> None:
    """A curved arrow with a halo."""
    way = [canvas.plane(p) for p in _way(arrow, canvas.view, bodies)]
    if not way:
        return
    first, control, last = way
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


def badge(label: int, *, right: bool) -> str:
    """1 or 2 in a disc, drawn rather than set in type."""
    x = PANEL - 28 if right else 28.0
    return (
        f'<path class="fg-motion" fill="{FILL["motion"]}" d="{circle(x, 28, 20)}"/>'
        f'<path class="fg-l-paper" transform="translate({number(x)} 28)" fill="none" stroke="{FILL["paper"]}" '
        f'stroke-width="4.4" d="{DIGITS[label]}"/>'
    )


def single(inside: str, height: float, title: str, described: str) -> str:
    """One panel as a whole SVG."""
    return _svg(PANEL, height, _ground(height) + inside, title, described)


def pair(drawing: Drawing, title: str, described: str) -> str:
    """Start and end side by side, numbered."""
    size = f'width="{number(PANEL)}" height="{number(drawing.height)}"'
    box = f'viewBox="0 0 {number(PANEL)} {number(drawing.height)}"'
    panels = "".join(
        f'<svg x="{number(x)}" {size} {box}>{_ground(drawing.height)}{inside}'
        f"{badge(label, right=drawing.badge_right)}</svg>"
        for x, inside, label in ((0.0, drawing.start, 1), (PANEL + GAP, drawing.end, 2))
    )
    return _svg(2 * PANEL + GAP, drawing.height, panels, title, described)


def _ground(height: float) -> str:
    return f'<rect class="fg-paper" fill="{FILL["paper"]}" width="{number(PANEL)}" height="{number(height)}" rx="16"/>'


def _svg(width: float, height: float, body: str, title: str, described: str) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="figure" role="img" focusable="false" fill="none" '
        f'stroke-width="6" stroke-linecap="round" stroke-linejoin="round" width="{number(width / 2)}" '
        f'height="{number(height / 2)}" viewBox="0 0 {number(width)} {number(height)}">'
    )
    return f"{head}<title>{escape(title, quote=False)}</title><desc>{escape(described, quote=False)}</desc>{body}</svg>"
