"""Drawing on pictures: the stick figure, marks, and the panel of numbers under the film. Colours are red-green-blue.

Orange for the leg that was measured and blue for the other: told apart by every kind of colour vision, and the
measured leg is also the thicker one.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soleus.core.measurement import Side
from soleus.core.recording import Floats
from soleus.vision.figure import ANKLE, HEEL, HIP, KNEE, TOE, Figure
from soleus.vision.story import LANDS, Cell, Moment, Story

Canvas = NDArray[np.uint8]
Colour = tuple[int, int, int]

MAIN: Colour = (240, 120, 0)
OTHER: Colour = (20, 130, 230)
BODY: Colour = (235, 235, 235)
BODY_ON_PAPER: Colour = (90, 90, 90)
OUTLINE: Colour = (15, 15, 15)
PAPER: Colour = (250, 248, 243)
PANEL: Colour = (24, 26, 30)
INK: Colour = (245, 245, 245)
SOFT: Colour = (165, 170, 178)

BONES = ((HIP, KNEE), (KNEE, ANKLE), (ANKLE, HEEL), (HEEL, TOE), (ANKLE, TOE))
_SHIFT = 4
"""Places are drawn to 1/16 of a pixel, so that a slow movement does not jump."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The part of the picture that is shown, and sizes in pixels of the annotated film."""

    left_px: float
    top_px: float
    """Corner of the part shown, in pixels of the body points."""
    scale: float
    """Canvas pixels per pixel of the body points."""
    width: int
    height: int
    """Of the picture; the panel comes below it."""
    panel: int
    unit: float
    """1 on a picture 540 wide: all lines and letters grow with it."""

    def place(self, points_px: Floats) -> Floats:
        """(…, 2) pixels of the body points → canvas."""
        return (points_px - (self.left_px, self.top_px)) * self.scale


def layout_for(figure: Figure, width_px: int, height_px: int, long_side_px: int, *, panel: bool = True) -> Layout:
    """The runner with room around, where the film is larger than that; even sizes, as encoders want.

    The part shown is between 3:4 and 16:9, inside the picture, and never less than half of it along its long side.
    """
    x0, y0, x1, y1 = part_shown(figure, width_px, height_px)
    scale = min(long_side_px / max(x1 - x0, y1 - y0), 540 / min(x1 - x0, y1 - y0), 2.0)
    width, height = (2 * max(90, round(side * scale / 2)) for side in (x1 - x0, y1 - y0))
    unit = min(width, 1.2 * height) / 540
    return Layout(
        left_px=x0,
        top_px=y0,
        scale=scale,
        width=width,
        height=height,
        panel=2 * round(66 * unit) if panel else 0,
        unit=unit,
    )


def part_shown(figure: Figure, width_px: int, height_px: int) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the runner's part of the picture, pixels of the body points."""
    points = np.concatenate([figure.main.reshape(-1, 2), figure.other.reshape(-1, 2), figure.head])
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return 0.0, 0.0, float(width_px), float(height_px)
    (x0, y0), (x1, y1) = np.percentile(points, 1, axis=0), np.percentile(points, 99, axis=0)
    tall = y1 - y0
    x0, x1, y0, y1 = x0 - 0.2 * tall, x1 + 0.2 * tall, y0 - 0.15 * tall, y1 + 0.15 * tall
    x0, x1 = _widened(x0, x1, max(0.75 * (y1 - y0), 0.3 * width_px), width_px)
    y0, y1 = _widened(y0, y1, max((x1 - x0) * 9 / 16, 0.3 * height_px), height_px)
    return x0, y0, x1, y1


def _widened(low: float, high: float, least: float, limit: float) -> tuple[float, float]:
    """An interval of at least that length, pushed back inside [0, limit]."""
    length = min(max(high - low, least), limit)
    start = min(max(0.0, (low + high - length) / 2), limit - length)
    return start, start + length


def colour_of(side: Side, figure: Figure) -> Colour:
    return MAIN if side is figure.main_side else OTHER


def draw_figure(canvas: Canvas, figure: Figure, at: int, layout: Layout, *, on_paper: bool) -> None:
    """The whole stick figure of one picture; the leg that was measured last, on top."""
    unit = layout.unit
    body = BODY_ON_PAPER if on_paper else BODY
    for arm in figure.arms[at]:
        _chain(canvas, layout.place(arm), body, 2 * unit, outline=not on_paper)
    hips = np.stack([figure.main[at, HIP], figure.trunk[at, 0], figure.other[at, HIP]])
    _chain(canvas, layout.place(hips), body, 4 * unit, outline=not on_paper)
    _chain(canvas, layout.place(figure.trunk[at]), body, 4 * unit, outline=not on_paper)
    head = layout.place(figure.head[at])
    if np.isfinite(head).all():
        radius = max(4.0, 0.055 * figure.height_px * layout.scale)
        _circle(canvas, head, radius, body, 3 * unit)
    _leg(canvas, layout.place(figure.other[at]), OTHER, 3.5 * unit)
    _leg(canvas, layout.place(figure.main[at]), MAIN, 7 * unit)


def _leg(canvas: Canvas, points: Floats, colour: Colour, thick: float) -> None:
    for outline in (True, False):
        for a, b in BONES:
            foot = a in (ANKLE, HEEL) and b in (HEEL, TOE)
            width = thick * (0.7 if foot else 1.0)
            _line(canvas, points[a], points[b], OUTLINE if outline else colour, width + (3 if outline else 0))
    for part in (KNEE, ANKLE):
        _circle(canvas, points[part], 0.75 * thick, (255, 255, 255), -1)


def _chain(canvas: Canvas, points: Floats, colour: Colour, thick: float, *, outline: bool) -> None:
    for extra in (3, 0) if outline else (0,):
        for a, b in itertools.pairwise(points):
            _line(canvas, a, b, OUTLINE if extra else colour, thick + extra)


def _fixed(point: Floats) -> tuple[int, int]:
    return round(float(point[0]) * 2**_SHIFT), round(float(point[1]) * 2**_SHIFT)


def _line(canvas: Canvas, a: Floats, b: Floats, colour: Colour, thick: float) -> None:
    import cv2

    if np.isfinite(a).all() and np.isfinite(b).all():
        cv2.line(canvas, _fixed(a), _fixed(b), colour, max(1, round(thick)), cv2.LINE_AA, _SHIFT)


def _circle(canvas: Canvas, centre: Floats, radius: float, colour: Colour, thick: float) -> None:
    import cv2

    if np.isfinite(centre).all():
        size = max(1, round(radius * 2**_SHIFT))
        cv2.circle(canvas, _fixed(centre), size, colour, round(thick) if thick < 0 else max(1, round(thick)),
                   cv2.LINE_AA, _SHIFT)  # fmt: skip


def draw_ground(canvas: Canvas, leg: Floats, colour: Colour, layout: Layout) -> None:
    """A bar under the foot while it is on the ground. `leg` (5, 2) in pixels of the body points."""
    foot = (
        leg[[HEEL, TOE]] * layout.scale if np.isfinite(leg[[HEEL, TOE]]).all() else leg[[ANKLE, ANKLE]] * layout.scale
    )
    if not np.isfinite(foot).all():
        return
    y = float(foot[:, 1].max()) + 12 * layout.unit
    reach = 14 * layout.unit
    left, right = float(foot[:, 0].min()) - reach, float(foot[:, 0].max()) + reach
    for extra, shade in ((3, OUTLINE), (0, colour)):
        _line(canvas, np.array([left, y]), np.array([right, y]), shade, 7 * layout.unit + extra)


def draw_moment(canvas: Canvas, moment: Moment, leg: Floats, word: str, colour: Colour, layout: Layout) -> None:
    """An arrow at the foot, down for landing and up for leaving, with its word beside it."""
    import cv2

    foot = layout.place(leg[[ANKLE, HEEL, TOE]])
    foot = foot[np.isfinite(foot).all(axis=1)]
    if not len(foot):
        return
    unit = layout.unit
    x, y = float(foot[:, 0].mean()), float(foot[:, 1].max()) + 24 * unit
    down = 1 if moment.kind == LANDS else -1
    y = min(y, layout.height - 34 * unit)
    middle = y + 9 * unit
    tip, base = middle + down * 9 * unit, middle - down * 9 * unit
    arrow = np.array([[x, tip], [x - 11 * unit, base], [x + 11 * unit, base]]) * 2**_SHIFT
    corners = [np.round(arrow).astype(np.int32)]
    cv2.polylines(canvas, corners, True, OUTLINE, max(2, round(4 * unit)), cv2.LINE_AA, _SHIFT)
    cv2.fillPoly(canvas, corners, colour, cv2.LINE_AA, _SHIFT)
    size = 24 * unit
    wide = text_width(word, size)
    left = x + 18 * unit
    if left + wide + 12 * unit > layout.width:
        left = x - 18 * unit - wide - 12 * unit
    pill(canvas, word, (left, middle), size, colour)


def pill(canvas: Canvas, word: str, left_middle: tuple[float, float], size: float, colour: Colour) -> None:
    """A word on a dark plate with a coloured edge, so that it is read on any picture."""
    import cv2

    left, middle = left_middle
    wide, pad = text_width(word, size), 0.35 * size
    a = (round(left), round(middle - 0.72 * size))
    b = (round(left + wide + 2 * pad), round(middle + 0.72 * size))
    cv2.rectangle(canvas, a, b, PANEL, -1)
    cv2.rectangle(canvas, a, b, colour, max(1, round(size / 10)), cv2.LINE_AA)
    write(canvas, word, (left + pad, middle + 0.36 * size), size, INK, bold=True)


def draw_panel(canvas: Canvas, story: Story, time_s: float, figure: Figure, layout: Layout, pace: str) -> None:
    """Under the picture: how many steps so far, the steady numbers, and which foot is on the ground when."""
    unit, top = layout.unit, layout.height
    canvas[top:] = PANEL
    counted: Sequence[Cell] = [(str(story.count_at(time_s)), story.counter)] if story.moments else []
    cells = [*counted, *story.steady]
    across = layout.width / max(1, len(cells))
    for i, (large, small) in enumerate(cells):
        x = i * across + 12 * unit
        write(canvas, large, (x, top + 34 * unit), 32 * unit, INK, bold=True)
        size = fitting(small, across - 14 * unit, 17 * unit)
        write(canvas, small, (x, top + 56 * unit), size, SOFT)
    _lanes(canvas, story, time_s, figure, layout)
    size = 17 * unit
    x = layout.width - text_width(pace, size) - 2 * 0.35 * size - 8 * unit
    pill(canvas, pace, (x, 22 * unit), size, SOFT)


def _lanes(canvas: Canvas, story: Story, time_s: float, figure: Figure, layout: Layout) -> None:
    import cv2

    unit, width = layout.unit, layout.width
    sides = [
        side for side in (figure.main_side, figure.main_side.other) if any(s.side is side for s in story.stretches)
    ]
    if not sides:
        return
    left, right = 62 * unit, width - 12 * unit
    top, high = layout.height + 68 * unit, (layout.panel - 76 * unit) / len(sides)
    middle = (left + right) / 2
    per_s = (right - left) / (2 * story.around_s)
    for row, side in enumerate(sides):
        y0, y1 = top + row * high + 2 * unit, top + (row + 1) * high - 2 * unit
        colour = colour_of(side, figure)
        cv2.rectangle(canvas, (round(left), round(y0)), (round(right), round(y1)), (44, 48, 54), -1)
        write(canvas, story.words[side.value], (12 * unit, (y0 + y1) / 2 + 6 * unit), 17 * unit, colour, bold=True)
        for stretch in story.stretches:
            a = middle + (stretch.start_s - time_s) * per_s
            b = a + 6 * unit if stretch.end_s is None else middle + (stretch.end_s - time_s) * per_s
            if stretch.side is side and b > left and a < right:
                box = (round(max(a, left)), round(y0)), (round(min(b, right)), round(y1))
                cv2.rectangle(canvas, *box, colour, -1 if stretch.counts else max(1, round(2 * unit)))
    for thick, shade in ((5, PANEL), (2, INK)):
        cv2.line(canvas, (round(middle), round(top - 3 * unit)), (round(middle), round(top + high * len(sides))), shade,
                 max(1, round(thick * unit)))  # fmt: skip


@lru_cache(maxsize=1)
def _font() -> Any:
    """The font that OpenCV 5 brings along; None with OpenCV 4, which has line letters only."""
    import cv2

    return cv2.FontFace("sans") if hasattr(cv2, "FontFace") else None


def write(
    canvas: Canvas, words: str, at: tuple[float, float], size: float, colour: Colour, *, bold: bool = False
) -> None:
    """Words with their lower left corner at `at`; `size` is the height of a line in pixels."""
    import cv2

    place = round(at[0]), round(at[1])
    font = _font()
    if font is not None:
        cv2.putText(canvas, words, place, colour, font, round(size), 600 if bold else 400)
        return
    plain = words.replace("×", "x").replace("·", "-").replace("°", " deg")
    cv2.putText(canvas, plain, place, cv2.FONT_HERSHEY_DUPLEX, size / 34, colour, max(1, round(size / 18)), cv2.LINE_AA)


def text_width(words: str, size: float) -> float:
    """Pixels that `words` will take."""
    import cv2

    font = _font()
    if font is not None:
        _, _, width, _ = cv2.getTextSize((1, 1), words, (0, 0), font, round(size), 600)
        return float(width)
    return float(cv2.getTextSize(words, cv2.FONT_HERSHEY_DUPLEX, size / 34, max(1, round(size / 18)))[0][0])


def fitting(words: str, width: float, size: float) -> float:
    """`size`, or a smaller one with which the words fit."""
    wide = text_width(words, size)
    return size if wide <= width else max(9.0, size * width / wide)
