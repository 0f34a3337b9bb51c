"""The film report as a file in Chromium: axe, phone and wide, light, dark, forced colours and print; no scrolling."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_browser import AXE, RULES, chromium, pytestmark

from soleus.cli.main import main
from soleus.exports.film_drawings import FIGURE_STYLE, film_drawing
from soleus.exports.film_drawings.refusals import PICTURES
from soleus.knowledge import load_knowledge
from soleus.validation.synthetic_runner import Scene, synthesize
from soleus.vision.pose.replay import write_poses

__all__ = ["chromium", "pytestmark"]

CUT_OFF = """[...document.querySelectorAll('svg.chart text, svg.figure text')].filter(t => {
    const whole = t.closest('svg.chart, svg.figure').getBoundingClientRect(), own = t.getBoundingClientRect();
    return own.width && (own.left < whole.left - 3 || own.right > whole.right + 3);
}).map(t => t.textContent)"""
MODES: tuple[dict[str, str], ...] = ({"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"})


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A measured film, a refused one, and every drawing."""
    folder = tmp_path_factory.mktemp("films")
    found = {}
    for name, seconds in (("measured", 7.0), ("refused", 1.0)):
        points, page = folder / f"{name}.json", folder / f"{name}.html"
        write_poses(synthesize(Scene(duration_s=seconds, seed=3)).recording, points)
        assert main(["gait", "--keypoints", str(points), "--speed", "2.6", "--html", str(page)]) in (0, 15)
        found[name] = page
    kb = load_knowledge()
    names = ("guide_side", "guide_back", "guide_heel_raise", "foot_wet_print", "foot_navicular_drop", *PICTURES)
    drawn = "".join(drawing.svg for name in names if (drawing := film_drawing(name, kb)) is not None)
    page = folder / "drawings.html"
    page.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>All</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{FIGURE_STYLE}body{{margin:8px}}</style><main><h1>All</h1>{drawn}</main></html>",
        encoding="utf-8",
    )
    return found | {"drawings": page}


@pytest.mark.parametrize(
    ("name", "width", "mode"),
    [
        *(("measured", 320, mode) for mode in MODES),
        ("measured", 1280, MODES[0]),
        ("refused", 320, MODES[1]),
        ("drawings", 320, MODES[0]),
    ],
)
def test_the_page_is_accessible_and_fits(
    chromium: Any, pages: dict[str, Path], name: str, width: int, mode: dict[str, str]
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 800}, **mode)
    page = context.new_page()
    foreign: list[str] = []
    page.on("request", lambda request, seen=foreign: seen.append(request.url))
    page.goto(pages[name].as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CUT_OFF) == []
    page.evaluate(AXE.read_text(encoding="utf-8"))
    faults = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})"
        ".then(r => r.violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.target).join(' | ')))",
        RULES,
    )
    assert faults == []
    assert foreign == [pages[name].as_uri()]
    context.close()


def test_print_opens_what_is_folded(chromium: Any, pages: dict[str, Path]) -> None:
    context = chromium.new_context(viewport={"width": 800, "height": 1000})
    page = context.new_page()
    page.emulate_media(media="print")
    page.goto(pages["measured"].as_uri())
    assert page.get_by_text("Pose network").is_visible()
    context.close()
