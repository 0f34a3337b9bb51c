"""Drawings around filming: how to set up the camera, what went wrong with a film, and the foot checks."""

from __future__ import annotations

from dataclasses import dataclass

from soleus.knowledge.base import KnowledgeBase


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmDrawing:
    """One picture and what it shows in words. `svg` needs `FIGURE_STYLE` for dark mode and forced colours."""

    id: str
    svg: str
    alt: str


def refusal_drawing(code: str, kb: KnowledgeBase) -> FilmDrawing | None:
    """The picture of what went wrong; None where there is none."""
    return None
