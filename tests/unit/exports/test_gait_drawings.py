"""The drawings around filming: every refusal that names one has it, and each says in words what it shows."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from soleus.exports.figures.body import build_body, faults
from soleus.exports.film_drawings import FIGURE_STYLE, film_drawing, film_guide, foot_drawing, poses, refusal_drawing
from soleus.exports.film_drawings.foot import CHECKS
from soleus.exports.film_drawings.guides import GUIDES
from soleus.exports.film_drawings.refusals import NO_FAULT, PICTURES
from soleus.knowledge import load_knowledge
from soleus.knowledge.figure_base import FigurePose

KB = load_knowledge()
NAMES = (*(f"guide_{name}" for name in GUIDES), *(f"foot_{name}" for name in CHECKS), "foot_navicular_drop", *PICTURES)
MAX_BYTES = 40_000


@pytest.mark.parametrize("name", NAMES)
def test_a_drawing_is_whole_small_and_named(name: str) -> None:
    drawing = film_drawing(name, KB)
    assert drawing is not None
    root = ET.fromstring(drawing.svg)  # noqa: S314 - our own
    assert root.get("role") == "img"
    assert root[0].tag.endswith("title")
    assert root[1].text == drawing.alt
    assert len(drawing.alt.split()) >= 6
    assert len(drawing.svg) < MAX_BYTES
    assert 'id="' not in drawing.svg  # two of them may stand on one page
    assert "style=" not in drawing.svg  # a strict page lets none through
    assert not re.search(r"nan|inf\b", drawing.svg.split("</desc>")[1])


def test_the_same_name_gives_the_same_bytes() -> None:
    assert all(film_drawing(name, KB) == film_drawing(name, KB) for name in NAMES)


def test_every_refusal_that_names_a_picture_has_it() -> None:
    for code, definition in KB.gait.refusals.items():
        drawing = refusal_drawing(code, KB)
        assert (drawing is not None) == bool(definition.picture), code
        if drawing is not None:
            ticked = drawing.alt.startswith("Crossed out, ") and " Ticked, " in drawing.alt
            assert ticked or definition.picture in NO_FAULT, code
    assert set(PICTURES) <= {definition.picture for definition in KB.gait.refusals.values()}
    assert refusal_drawing("brand_new", KB) is None
    assert film_drawing("foot_none", KB) is None


def test_guides_show_the_place_then_the_picture() -> None:
    for name in GUIDES:
        place, seen = film_guide(name, KB)
        assert place.alt.startswith("Where the phone stands.")
        assert seen.alt.startswith("What the phone shows.")
    with pytest.raises(KeyError):
        film_guide("above", KB)


def test_foot_checks_draw_each_answer() -> None:
    for check, (_, options) in CHECKS.items():
        known = {option.id for option in KB.gait.foot_checks[check].options}
        assert set(options) <= known
        for option in options:
            drawing = foot_drawing(check, KB, option)
            assert drawing is not None
            assert drawing.alt == KB.text[f"foot_check.{check}.{option}"]
        assert foot_drawing(check, KB, "unsure") is None
    assert foot_drawing("navicular_drop", KB, "small") is None


def test_nobody_is_bent_the_wrong_way() -> None:
    people = {name: pose for name, pose in vars(poses).items() if isinstance(pose, FigurePose)}
    assert len(people) >= 8
    assert not {name: found for name, pose in people.items() if (found := faults(build_body(pose)))}


def test_every_colour_is_known_to_the_style_sheet() -> None:
    """A class that dark mode forgets would be invisible there."""
    drawn = "".join(drawing.svg for name in NAMES if (drawing := film_drawing(name, KB)) is not None)
    missing = {
        name
        for name in re.findall(r"fg-(?:l-)?([a-z-]+)", drawn)
        if f".fg-{name}" not in FIGURE_STYLE and f".fg-l-{name}" not in FIGURE_STYLE
    }
    assert missing <= {"sole", "eye"}  # the same in the dark


def test_the_pictures_of_the_docs_are_fresh() -> None:
    folder = Path(__file__).parents[3] / "docs" / "how-to" / "pictures"
    for name in ("guide_side", "guide_back", "guide_heel_raise"):
        drawing = film_drawing(name, KB)
        assert drawing is not None
        written = (folder / f"{name}.svg").read_text(encoding="utf-8")
        assert written == drawing.svg + "\n", "run scripts/build_film_pictures.py"
