"""Pictures of the exercises: a posable figure drawn as SVG from joint angles.

>>> from soleus.exports.figures import figure
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from soleus.core.ids import ExerciseId
from soleus.exports.figures.picture import Drawing, draw, pair, single
from soleus.knowledge.base import KnowledgeBase
from soleus.knowledge.figure_base import ExerciseFigure

__all__ = ["FIGURE_STYLE", "Figure", "figure", "picture_of"]

FIGURE_STYLE = files("soleus.exports.figures").joinpath("figures.css").read_text(encoding="utf-8")
"""Dark mode, forced colours, print; only `.figure` and `.fg-*`, so it can be put into any page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Two pictures, both together, and what they show in words."""

    svg_start: str
    svg_end: str
    svg_pair: str
    alt: str


def figure(exercise_id: ExerciseId, kb: KnowledgeBase) -> Figure:
    """The pictures of one exercise. KeyError when the knowledge base has none for it."""
    text = kb.text
    name = text.get(f"exercise.{exercise_id}.name", exercise_id.replace("_", " ").capitalize())
    start, end = (text.get(f"exercise.{exercise_id}.{pose}", name) for pose in ("start", "end"))
    return picture_of(kb.plans.figures[exercise_id], name, start, end)


def picture_of(data: ExerciseFigure, name: str, start: str, end: str) -> Figure:
    """The pictures for figure data and wording; the same input gives the same bytes."""
    drawing = _drawn(data)
    alt = start if start == end else f"1: {start} 2: {end}"
    return Figure(
        svg_start=single(drawing.start, drawing.height, name, start),
        svg_end=single(drawing.end, drawing.height, name, end),
        svg_pair=pair(drawing, name, alt),
        alt=alt,
    )


@lru_cache(maxsize=256)
def _drawn(data: ExerciseFigure) -> Drawing:
    return draw(data)
