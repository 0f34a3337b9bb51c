"""Outlines of round shapes: the hull of a few circles as one short path. Picture coordinates: x right, y down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import cos, hypot, pi, sin

Circle = tuple[float, float, float]
"""x, y, radius."""
_STEPS = 72
_HALF = _STEPS // 2
_NEAR = 5.0
_FLAT = 5.0
"""An arc shorter than this is drawn as a line."""


def number(value: float) -> str:
    """To the whole unit: the squares are large enough (400 units) that nobody sees the difference."""
    return str(round(value))


class Path:
    """An SVG path written as short as it can be: steps from the last point, rounded without drift."""

    def __init__(self, x: float, y: float) -> None:
        self.x, self.y = round(x), round(y)
        self.d = "M" + _joined(self.x, self.y)

    def _step(self, x: float, y: float) -> str:
        dx, dy = round(x) - self.x, round(y) - self.y
        self.x, self.y = round(x), round(y)
        return _joined(dx, dy)

    def line(self, x: float, y: float) -> None:
        step = self._step(x, y)
        if step != "0 0":
            self.d += "l" + step

    def arc(self, r: float, x: float, y: float) -> None:
        if hypot(x - self.x, y - self.y) < _FLAT:
            self.line(x, y)
        else:
            self.d += f"a{_joined(r, r)} 0 01{self._step(x, y)}"


def _joined(*values: float) -> str:
    """Numbers with as few separators as SVG allows."""
    text = ""
    for value in map(number, values):
        text += value if not text or value.startswith("-") else f" {value}"
    return text


def circle(x: float, y: float, r: float) -> str:
    """A circle as a path of two arcs."""
    a = number(r)
    wide, back = 2 * round(r), -2 * round(r)
    return f"M{_joined(x - r, y)}a{a} {a} 0 11{wide} 0a{a} {a} 0 11{back} 0z"


def polyline(points: Sequence[tuple[float, float]], *, close: bool = False) -> str:
    """Straight lines through points."""
    path = Path(*points[0])
    for point in points[1:]:
        path.line(*point)
    return path.d + ("z" if close else "")


def hull(circles: Sequence[Circle]) -> str:
    """The convex outline around circles, in straight lines and arcs (arcs are exact, ends to 5 degrees)."""
    circles = _merged(circles)
    points = []
    for i, (x, y, r) in enumerate(circles):
        for k in range(_STEPS):
            angle = 2 * pi * k / _STEPS
            points.append((x + r * cos(angle), y + r * sin(angle), i))
    runs: list[list[tuple[float, float, int]]] = []
    for point in _convex(points):
        if runs and runs[-1][-1][2] == point[2]:
            runs[-1].append(point)
        else:
            runs.append([point])
    if len(runs) > 1 and runs[0][0][2] == runs[-1][-1][2]:
        runs[0] = runs.pop() + runs[0]
    if len(runs) == 1:
        return circle(*circles[runs[0][0][2]])
    path = Path(*runs[0][0][:2])
    for run in runs:
        path.line(*run[0][:2])
        last = len(run) - 1
        if abs(last - _HALF) <= 2:
            path.arc(1.0, *run[-1][:2])  # too small a radius is widened: exactly half a circle, whatever was rounded
            continue
        pieces = 1 if last < _HALF else 2
        for k in range(1, pieces + 1 if last else 1):
            x, y, i = run[k * last // pieces]
            path.arc(circles[i][2], x, y)
    return path.d + "z"


def _merged(circles: Sequence[Circle]) -> list[Circle]:
    """Without circles that lie within others; two of a size side by side become one a little larger."""
    kept: list[Circle] = []
    for x, y, r in sorted(circles, key=lambda c: -c[2]):
        for k, (u, v, s) in enumerate(kept):
            gap = hypot(x - u, y - v)
            if gap + r <= s + 0.5:
                break
            if gap <= _NEAR and abs(r - s) < 1.0:
                more = (gap + r - s) / 2
                kept[k] = (u + (x - u) * more / gap, v + (y - v) * more / gap, s + more)
                break
        else:
            kept.append((x, y, r))
    return kept


def _convex(points: Iterable[tuple[float, float, int]]) -> list[tuple[float, float, int]]:
    """Andrew's monotone chain; the order that arcs with sweep 1 follow in a picture with y down."""
    ordered = sorted(points)
    halves = []
    for sequence in (ordered, ordered[::-1]):
        half: list[tuple[float, float, int]] = []
        for p in sequence:
            while len(half) >= 2 and _cross(half[-2], half[-1], p) <= 1e-9:
                half.pop()
            half.append(p)
        halves.append(half[:-1])
    return halves[0] + halves[1]


def _cross(o: tuple[float, float, int], a: tuple[float, float, int], b: tuple[float, float, int]) -> float:
    return (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])
