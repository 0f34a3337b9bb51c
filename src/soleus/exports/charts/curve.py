"""A curve over time that fills any width while its line keeps its thickness."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from math import isfinite

from soleus.exports.charts.svg import FILL, el, number, pct

STEPS = 1000
"""Units across the curve's own width."""


def curve(
    xs: Sequence[float],
    ys: Sequence[float],
    *,
    left: float,
    right: float,
    top: float,
    height: float,
    top_value: float,
    colour: str,
    dash: str = "",
    width: float = 2.5,
) -> str:
    """Points with x in [0, 1] from `left` to `right` percent and y from 0 to `top_value`; NaN breaks the line."""
    parts = []
    for seen, run in groupby(zip(xs, ys, strict=True), key=lambda p: isfinite(p[1])):
        if seen:
            spots = [(STEPS * x, height * (1 - y / top_value)) for x, y in run]
            parts.append("M" + "L".join(f"{number(x)} {number(y)}" for x, y in spots))
    path = el(
        "path", class_=f"ch-l-{colour}", d="".join(parts), stroke=FILL[colour], stroke_width=width, fill="none",
        stroke_linejoin="round", stroke_dasharray=dash or None, vector_effect="non-scaling-stroke",
    )  # fmt: skip
    return el(
        "svg", path, x=pct(left), y=top, width=pct(right - left), height=height,
        viewBox=f"0 0 {STEPS} {number(height)}", preserveAspectRatio="none", overflow="visible",
    )  # fmt: skip
