"""Outlines of round shapes: the hull of a few circles as one short path. Picture coordinates: x right, y down."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, hypot, pi, sin

Circle = tuple[float, float, float]
"""x, y, radius."""
_STEPS = 72
_HALF = _STEPS // 2
_DIRECTIONS = tuple((cos(2 * pi * k / _STEPS), sin(2 * pi * k / _STEPS)) for k in range(_STEPS))
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
    """The convex outline around circles, in straight lines and arcs.

    For each of 72 directions the circle that reaches farthest is found; neighbours in direction that share a circle
    are one arc (exact but for its ends, which are right to 5 degrees), and lines lead from arc to arc.
    """
    kept = _merged(circles)
    if len(kept) == 1:
        return circle(*kept[0])
    runs: list[tuple[Circle, int, int]] = []
    for k, (u, v) in enumerate(_DIRECTIONS):
        best = max(kept, key=lambda c: c[0] * u + c[1] * v + c[2])
        if runs and runs[-1][0] is best:
            runs[-1] = (best, runs[-1][1], k)
        else:
            runs.append((best, k, k))
    if runs[0][0] is runs[-1][0]:
        best, first, _ = runs.pop()
        runs[0] = (best, first - _STEPS, runs[0][2])
    path: Path | None = None
    for (x, y, r), first, last in runs:
        spots = [(x + r * u, y + r * v) for u, v in (_DIRECTIONS[k] for k in _ends(first, last))]
        if path is None:
            path = Path(*spots[0])
        path.line(*spots[0])
        # Too small a radius is widened: exactly half a circle, whatever was rounded.
        for spot in spots[1:]:
            path.arc(1.0 if abs(last - first - _HALF) <= 2 else r, *spot)
    return f"{path.d}z" if path else ""


def _ends(first: int, last: int) -> tuple[int, ...]:
    """Where an arc begins and ends; one of clearly more than half a circle is made of two."""
    if first == last:
        return (first,)
    return (first, last) if last - first <= _HALF + 2 else (first, (first + last) // 2, last)


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
