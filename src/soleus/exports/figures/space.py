"""Points and turns in three dimensions, small enough to need no library. x forward, y up, z to the figure's right."""

from __future__ import annotations

from math import cos, radians, sin

Vector = tuple[float, float, float]
Turn = tuple[Vector, Vector, Vector]
"""A rotation as three rows."""

STILL: Turn = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def about_x(angle_deg: float) -> Turn:
    c, s = cos(radians(angle_deg)), sin(radians(angle_deg))
    return ((1.0, 0.0, 0.0), (0.0, c, -s), (0.0, s, c))


def about_y(angle_deg: float) -> Turn:
    c, s = cos(radians(angle_deg)), sin(radians(angle_deg))
    return ((c, 0.0, s), (0.0, 1.0, 0.0), (-s, 0.0, c))


def about_z(angle_deg: float) -> Turn:
    c, s = cos(radians(angle_deg)), sin(radians(angle_deg))
    return ((c, -s, 0.0), (s, c, 0.0), (0.0, 0.0, 1.0))


def apply(turn: Turn, v: Vector) -> Vector:
    (a, b, c), (d, e, f), (g, h, i) = turn
    x, y, z = v
    return (a * x + b * y + c * z, d * x + e * y + f * z, g * x + h * y + i * z)


def then(*turns: Turn) -> Turn:
    """The product of turns, outermost first."""
    result = STILL
    for turn in turns:
        columns = [apply(result, (turn[0][k], turn[1][k], turn[2][k])) for k in range(3)]
        (a, b, c), (d, e, f), (g, h, i) = columns
        result = ((a, d, g), (b, e, h), (c, f, i))
    return result


def inverse(turn: Turn) -> Turn:
    (a, b, c), (d, e, f), (g, h, i) = turn
    return ((a, d, g), (b, e, h), (c, f, i))


def add(p: Vector, q: Vector) -> Vector:
    return (p[0] + q[0], p[1] + q[1], p[2] + q[2])


def minus(p: Vector, q: Vector) -> Vector:
    return (p[0] - q[0], p[1] - q[1], p[2] - q[2])


def length(v: Vector) -> float:
    return float((v[0] ** 2 + v[1] ** 2 + v[2] ** 2) ** 0.5)
