"""Drawings around filming: how to set up the camera, what went wrong with a film, and the foot checks.

>>> from soleus.exports.film_drawings import film_drawing, film_guide, foot_drawing, refusal_drawing

They use the colours and classes of the exercise pictures: `FIGURE_STYLE` recolours them for dark mode and forced
colours. The same input gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from soleus.exports.figures import FIGURE_STYLE
from soleus.exports.figures.picture import badge
from soleus.exports.film_drawings import foot
from soleus.exports.film_drawings.guides import GUIDES
from soleus.exports.film_drawings.refusals import HEIGHT, NO_FAULT, PICTURES
from soleus.exports.film_drawings.stage import label, pair, right, row, single, stacked, wrong
from soleus.exports.wording import text
from soleus.knowledge.base import KnowledgeBase

__all__ = ["FIGURE_STYLE", "FilmDrawing", "film_drawing", "film_guide", "foot_drawing", "refusal_drawing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmDrawing:
    """One picture and what it shows in words."""

    id: str
    svg: str
    alt: str


def refusal_drawing(code: str, kb: KnowledgeBase) -> FilmDrawing | None:
    """What went wrong with a film, and beside it how it should look; None where there is no picture."""
    known = kb.gait.refusals.get(code)
    name = code if known is None else known.picture
    if name not in PICTURES:
        return None
    alt = text(kb, f"gait.drawing.refusal.{name}", name.replace("_", " "))
    title = text(kb, f"gait.refusal_title.{code}", name.replace("_", " "))
    return FilmDrawing(id=name, svg=_refusal(name, title, alt), alt=alt)


@lru_cache(maxsize=64)
def _refusal(name: str, title: str, alt: str) -> str:
    bad, good = PICTURES[name]()
    marks = (badge(1, right=True), badge(2, right=True)) if name in NO_FAULT else (wrong(), right())
    return pair(bad + marks[0], good + marks[1], HEIGHT, title, alt)


def film_drawing(name: str, kb: KnowledgeBase) -> FilmDrawing | None:
    """A drawing by name: guide_<side | back | heel_raise>, foot_<check>, or the picture of a refusal; None without."""
    kind, _, rest = name.partition("_")
    if kind == "guide" and rest in GUIDES:
        alt = " ".join(panel.alt for panel in film_guide(rest, kb))
        drawn = [(draw(dict(_labels(kb)).__getitem__), height) for _, draw, height in GUIDES[rest]]
        return FilmDrawing(id=name, svg=stacked(drawn, text(kb, f"gait.drawing.guide.{rest}", rest), alt), alt=alt)
    if kind == "foot":
        return foot_drawing(rest, kb)
    return refusal_drawing(name, kb)


def film_guide(name: str, kb: KnowledgeBase) -> tuple[FilmDrawing, ...]:
    """side | back | heel_raise: where the phone stands, then what it shows. KeyError for any other name."""
    drawn = []
    for place, (panel, _, _) in enumerate(GUIDES[name]):
        alt = text(kb, f"gait.drawing.guide.{panel}", panel.replace("_", " "))
        drawn.append(FilmDrawing(id=panel, svg=_guide(name, place, alt, _labels(kb)), alt=alt))
    return tuple(drawn)


def _labels(kb: KnowledgeBase) -> tuple[tuple[str, str], ...]:
    return tuple((key, text(kb, f"gait.drawing.label.{key}", key.replace("_", " "))) for key in LABELS)


LABELS = ("at_hip", "at_ankle", "distance_side", "distance_back", "distance_heel_raise")


@lru_cache(maxsize=16)
def _guide(name: str, place: int, alt: str, labels: tuple[tuple[str, str], ...]) -> str:
    _, draw, height = GUIDES[name][place]
    return single(draw(dict(labels).__getitem__), height, alt.split(". ")[0], alt)


def foot_drawing(check: str, kb: KnowledgeBase, option: str = "") -> FilmDrawing | None:
    """The picture of a foot check, or of one answer to it; None where there is none."""
    title = text(kb, f"foot_check.{check}", check.replace("_", " "))
    if check == "navicular_drop" and not option:
        alt = text(kb, "gait.drawing.foot.navicular_drop", title)
        return FilmDrawing(id=check, svg=single(foot.navicular_drop(), foot.HEIGHT, title, alt), alt=alt)
    draw, options = foot.CHECKS.get(check, (None, ()))
    if draw is None or option not in (*options, ""):
        return None
    if option:
        said = text(kb, f"foot_check.{check}.{option}", option.replace("_", " "))
        svg = single(draw(option), foot.HEIGHT, title, said, width=foot.WIDTH)
        return FilmDrawing(id=f"{check}.{option}", svg=svg, alt=said)
    short = [text(kb, f"gait.drawing.foot.{check}.{name}", name.replace("_", " ")) for name in options]
    whole = [text(kb, f"foot_check.{check}.{name}", name.replace("_", " ")) for name in options]
    panels = [
        draw(name) + label(foot.WIDTH / 2, foot.HEIGHT - 8, said, size=30)
        for name, said in zip(options, short, strict=True)
    ]
    alt = " ".join(f"{said}: {meaning}." for said, meaning in zip(short, whole, strict=True))
    return FilmDrawing(id=check, svg=row(panels, foot.WIDTH, foot.HEIGHT, title, alt), alt=alt)
