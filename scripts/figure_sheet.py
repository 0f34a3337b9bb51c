"""All pictures of the exercises on one page, to be looked at: python scripts/figure_sheet.py OUT.html [--png OUT.png].

`--width` is that of one pair in pixels (300 = a phone), `--dark`, `--forced` and `--grey` show the other ways a page
may be seen; `--only` names exercises; `--from DIR` reads drafts (figures/*.yaml) instead of the knowledge base.
"""

from __future__ import annotations

import argparse
import html
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from soleus.exports.figures import FIGURE_STYLE, picture_of
from soleus.knowledge import load_knowledge
from soleus.knowledge.figure_base import ExerciseFigure
from soleus.knowledge.figures import build_figure
from soleus.knowledge.loader import load_yaml_file
from soleus.knowledge.schema_figure import FigureFile

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<title>Pictures of the exercises</title>
<style>body{{margin:8px;font:13px system-ui,sans-serif}}
figure{{display:inline-block;vertical-align:bottom;width:{width}px;margin:6px}}figcaption{{margin-top:2px}}small{{opacity:.7}}{style}{extra}</style>
{body}</html>
"""


def drafts(folder: Path) -> dict[str, ExerciseFigure]:
    """Figure data of files that may not be in the knowledge base yet."""
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        entry = FigureFile.model_validate(load_yaml_file(path, where=path.name))
        found[path.stem] = build_figure(path.stem, entry)
    return found


def sheet(figures: Mapping[str, ExerciseFigure], text: Mapping[str, str], *, width: int, grey: bool) -> str:
    """The page."""
    cells = []
    for name, data in sorted(figures.items()):
        said = [text.get(f"exercise.{name}.{part}", name) for part in ("name", "start", "end")]
        drawn = picture_of(data, *said)
        caption = f"<b>{html.escape(said[0])}</b> {name}<br><small>{html.escape(drawn.alt)}</small>"
        cells.append(f"<figure>{drawn.svg_pair}<figcaption>{caption}</figcaption></figure>")
    extra = "svg{filter:grayscale(1)}" if grey else ""
    return PAGE.format(width=width, style=FIGURE_STYLE, extra=extra, body="\n".join(cells))


def photograph(page: Path, png: Path, *, dark: bool, forced: bool, chromium: str | None) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        view = browser.new_page(
            viewport={"width": 1300, "height": 800},
            color_scheme="dark" if dark else "light",
            forced_colors="active" if forced else "none",
        )
        view.goto(page.resolve().as_uri())
        view.screenshot(path=png, full_page=True)
        browser.close()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="All pictures of the exercises on one page.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--png", type=Path)
    parser.add_argument("--width", type=int, default=300)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--from", dest="folder", type=Path)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--forced", action="store_true")
    parser.add_argument("--grey", action="store_true")
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    args = parser.parse_args(arguments)
    kb = load_knowledge()
    figures = drafts(args.folder) if args.folder else {str(k): v for k, v in kb.plans.figures.items()}
    figures = {name: data for name, data in figures.items() if not args.only or name in args.only}
    args.out.write_text(sheet(figures, kb.text, width=args.width, grey=args.grey), encoding="utf-8")
    if args.png:
        photograph(args.out, args.png, dark=args.dark, forced=args.forced, chromium=args.chromium)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
