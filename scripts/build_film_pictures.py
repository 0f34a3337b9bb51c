"""Write the drawings that the docs show: docs/how-to/pictures/guide_*.svg. A test keeps them fresh."""

from __future__ import annotations

from pathlib import Path

from soleus.exports.film_drawings import film_drawing
from soleus.knowledge import load_knowledge

FOLDER = Path(__file__).parents[1] / "docs" / "how-to" / "pictures"
NAMES = ("guide_side", "guide_back", "guide_heel_raise")


def pictures() -> dict[str, str]:
    """File name → SVG."""
    kb = load_knowledge()
    drawings = {name: film_drawing(name, kb) for name in NAMES}
    return {f"{name}.svg": drawing.svg + "\n" for name, drawing in drawings.items() if drawing is not None}


if __name__ == "__main__":
    for name, svg in pictures().items():
        (FOLDER / name).write_text(svg, encoding="utf-8")
