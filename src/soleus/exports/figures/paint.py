"""Colours and the canvas. Attributes carry the light colours, classes let a page recolour them (`figures.css`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import cos, radians, sin

from soleus.exports.figures.shapes import Circle, hull, polyline
from soleus.exports.figures.space import Vector

PANEL = 400.0
"""Side of the square that one pose is drawn in."""
FILL = {
    "ink": "#1d2b30",
    "skin": "#efc9a8",
    "shirt": "#2d7f7a",
    "shorts": "#2b3f52",
    "shoe": "#5d7fa8",
    "sole": "#f4f4f0",
    "eye": "#1d2b30",
    "hair": "#4b372c",
    "calf": "#c93a06",
    "work": "#f6b48c",
    "far-ink": "#8b999d",
    "far-skin": "#f7e6d8",
    "far-shirt": "#a9cfcb",
    "far-shorts": "#a3afba",
    "far-shoe": "#bfcddd",
    "far-sole": "#fafaf8",
    "far-calf": "#eaa382",
    "far-work": "#fadcca",
    "paper": "#ffffff",
    "solid": "#dfe5e3",
    "edge": "#5e6e72",
    "ground": "#cdd5d2",
    "band": "#8a4b00",
    "cloth": "#f1ead6",
    "iron": "#3c474b",
    "water": "#cfe3f2",
    "motion": "#174f86",
    "pad": "#7b8b90",
}
OUTLINE = 3.0


def decimal(value: float) -> str:
    """One decimal at most."""
    return f"{value:.1f}".removesuffix(".0")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Where the viewer stands: 0 = at the figure's right, 90 = in front of it, -90 = behind it."""

    turn_deg: float

    def flat(self, p: Vector) -> tuple[float, float]:
        """x to the right and y up in the picture plane, cm."""
        a = radians(self.turn_deg)
        return (p[0] * cos(a) - p[2] * sin(a), p[1])

    def depth(self, p: Vector) -> float:
        """Towards the viewer, cm."""
        a = radians(self.turn_deg)
        return p[0] * sin(a) + p[2] * cos(a)

    def order(self, p: Vector) -> float:
        """Depth for what covers what: as from straight aside, in front or behind."""
        return View(turn_deg=round(self.turn_deg / 90.0) * 90.0).depth(p)


@dataclass(slots=True, kw_only=True)
class Canvas:
    """Collects elements in panel units (400 by 400, y down) of things measured in cm."""

    view: View
    scale: float
    left: float
    """cm at the left edge."""
    top: float
    """cm at the upper edge."""
    height: float
    """Of the panel, in its units."""
    parts: list[str] = field(default_factory=list)

    def at(self, p: Vector) -> tuple[float, float]:
        """A point in space, in panel units."""
        return self.plane(self.view.flat(p))

    def plane(self, p: Sequence[float]) -> tuple[float, float]:
        """A point of the picture plane, in panel units."""
        return ((p[0] - self.left) * self.scale, (self.top - p[1]) * self.scale)

    def ball(self, p: Vector, r: float) -> Circle:
        x, y = self.at(p)
        return (x, y, r * self.scale)

    def balls(self, spheres: Iterable[tuple[Vector, float]]) -> list[Circle]:
        return [self.ball(p, r) for p, r in spheres]

    def shape(self, colour: str, d: str, *, outline: str = "", width: float = OUTLINE) -> None:
        """A filled path, with a line around it when `outline` names a colour."""
        if not d:
            return
        line = f'" stroke="{FILL[outline]}' if outline else ""
        if outline and width != 2 * OUTLINE:
            line += f'" stroke-width="{decimal(width)}'
        name = f"fg-{colour} fg-l-{outline}" if outline and outline != colour else f"fg-{colour}"
        self.parts.append(f'<path class="{name}" fill="{FILL[colour]}{line}" d="{d}"/>')

    def line(self, colour: str, d: str, width: float, *, halo: bool = False) -> None:
        """A line without fill; the halo keeps it apart from what it crosses."""
        if not d:
            return
        if halo:
            self.line("paper", d, width + 6)
        self.parts.append(
            f'<path class="fg-l-{colour}" stroke="{FILL[colour]}" stroke-width="{decimal(width)}" d="{d}"/>'
        )

    def trace(self, points: Sequence[Sequence[float]], *, close: bool = False) -> str:
        """Straight lines through points of the picture plane (cm)."""
        return polyline([self.plane(p) for p in points], close=close)

    def through(self, points: Sequence[Vector]) -> str:
        """Straight lines through points in space."""
        return polyline([self.at(p) for p in points])

    def hull(self, spheres: Iterable[tuple[Vector, float]]) -> str:
        """The outline around spheres; nothing when it lies outside the panel (close-ups)."""
        circles = self.balls(spheres)
        x0, x1 = min(x - r for x, _, r in circles), max(x + r for x, _, r in circles)
        y0, y1 = min(y - r for _, y, r in circles), max(y + r for _, y, r in circles)
        seen = x1 > 0 and x0 < PANEL and y1 > 0 and y0 < self.height
        return hull(circles) if seen else ""

    def chain(self, spheres: Iterable[tuple[Vector, float]]) -> str:
        return "".join(map(self.hull, pairwise(spheres)))
