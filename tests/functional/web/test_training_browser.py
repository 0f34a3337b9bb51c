"""Adding running in Chromium: upload to "what changed" at 320 and 1280 px, script or not, axe on every page."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from journey_walker import TENNIS_LEG
from running_files import spiked_history, zipped
from test_browser import Visitor, chromium, pytestmark, server

__all__ = ["chromium", "pytestmark", "server"]

ONSET = datetime.now(tz=UTC).date() - timedelta(days=2)
LONG_WAIT_MS = 30_000


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "export.zip"
    path.write_bytes(zipped(spiked_history(ONSET) | {"broken.fit": b"\x0e\x10\x00\x00\xff\xff\xff\x7f.FIT garbage"}))
    return path


def to_the_form(visitor: Visitor) -> None:
    """Past the emergency check and the agreement, to the page that takes files."""
    visitor.begin()
    visitor.open("/running/")
    visitor.submit("Continue")  # wrong on purpose: the error state is looked at too
    assert visitor.page.title().startswith("Error: ")
    for part, value in (("day", ONSET.day), ("month", ONSET.month), ("year", ONSET.year)):
        visitor.page.fill(f"#onset-{part}", str(value))
    visitor.submit("Continue")
    assert visitor.path == "/running/"


def send(visitor: Visitor, *paths: Path) -> None:
    visitor.page.set_input_files("#files", [str(path) for path in paths])
    visitor.page.get_by_role("button", name="Read my files").click()
    visitor.page.wait_for_selector("#job, .chart-box, #error-summary", timeout=LONG_WAIT_MS)


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_upload_to_what_changed(chromium: Any, server: str, archive: Path, width: int, script: bool) -> None:
    visitor = Visitor(chromium, server, width=width, script=script)
    to_the_form(visitor)
    send(visitor, archive)
    visitor.look("reading")
    visitor.page.wait_for_selector(".chart-box", timeout=LONG_WAIT_MS)  # by the poll, or by the page's own refresh
    assert visitor.path == "/running/changes/"
    visitor.look("report")
    assert visitor.page.locator("svg.chart").count() >= 4
    assert visitor.page.get_by_text("14.0 km in one go").is_visible()
    if script:
        visitor.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        visitor.look("all open")
        for path in ("/running/", "/running/reading/?files=1", "/running/table/", "/running/delete/", "/answers/"):
            visitor.open(path)
        visitor.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        visitor.look("all open")
    visitor.done()


def test_charts_fill_the_width_and_keep_their_letters(chromium: Any, server: str, archive: Path) -> None:
    for width in (320, 1280):
        visitor = Visitor(chromium, server, width=width, script=True)
        to_the_form(visitor)
        send(visitor, archive)
        visitor.page.wait_for_selector("svg.chart", timeout=LONG_WAIT_MS)
        sizes = visitor.page.evaluate(
            "[...document.querySelectorAll('svg.chart text')].filter(t => t.getBoundingClientRect().width)"
            ".map(t => [parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a,"
            " t.getBoundingClientRect().right, t.getBoundingClientRect().left, t.textContent])"
        )
        assert len(sizes) > 30
        assert min(size for size, *_ in sizes) >= 12
        for _, right, left, said in sizes:
            assert left >= 0, said
            assert right <= width, said
        visitor.done()


@pytest.mark.parametrize(("scheme", "forced"), [("dark", "none"), ("dark", "active"), ("light", "active")])
def test_report_in_dark_and_forced_colours(chromium: Any, server: str, archive: Path, scheme: str, forced: str) -> None:
    visitor = Visitor(chromium, server, width=390, script=True, color_scheme=scheme, forced_colors=forced)
    to_the_form(visitor)
    send(visitor, archive)
    visitor.page.wait_for_selector("svg.chart", timeout=LONG_WAIT_MS)
    visitor.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    visitor.look("all open")
    assert visitor.page.evaluate("getComputedStyle(document.querySelector('.chart .ch-a')).fill") not in (
        "rgb(45, 127, 122)",
        "none",
    ), "the light colour must not stay"
    visitor.done()


def test_table_by_hand_and_its_error(chromium: Any, server: str) -> None:
    for width, script in ((320, True), (1280, False)):
        visitor = Visitor(chromium, server, width=width, script=script)
        to_the_form(visitor)
        visitor.open("/running/table/")
        visitor.submit("See what changed")
        assert visitor.page.title().startswith("Error: ")
        if script:
            assert visitor.page.evaluate("document.activeElement.id") == "error-summary"
        for number in range(1, 7):
            visitor.page.fill(f"#km-{number}", "38" if number == 1 else "20")
            visitor.page.fill(f"#longest-{number}", "16" if number == 1 else "8")
        visitor.submit("See what changed")
        assert visitor.path == "/running/changes/"
        visitor.look("table")
        visitor.done()


def test_too_much_is_said_before_it_is_sent(chromium: Any, server: str, archive: Path) -> None:
    visitor = Visitor(chromium, server, width=390, script=True)
    to_the_form(visitor)
    visitor.page.evaluate("document.querySelector('[data-upload]').dataset.maxBytes = '1000'")
    visitor.page.set_input_files("#files", str(archive))
    visitor.page.get_by_role("button", name="Read my files").click()
    problem = visitor.page.locator("#files-problem")
    assert problem.is_visible()
    assert "Choose less at once" in problem.inner_text()
    assert visitor.page.evaluate("document.activeElement.id") == "files"
    assert visitor.path == "/running/"
    visitor.done()


def test_nothing_chosen_is_an_error_with_the_focus(chromium: Any, server: str) -> None:
    visitor = Visitor(chromium, server, width=390, script=True)
    to_the_form(visitor)
    visitor.page.get_by_role("button", name="Read my files").click()
    visitor.page.wait_for_selector("#error-summary")
    assert visitor.page.title().startswith("Error: ")
    assert visitor.page.evaluate("document.activeElement.id") == "error-summary"
    visitor.look("nothing chosen")
    visitor.done()


def test_result_with_running_in_all_widths(chromium: Any, server: str, archive: Path) -> None:
    visitor = Visitor(chromium, server, width=320, script=True)
    visitor.to_result(TENNIS_LEG)
    visitor.page.get_by_role("link", name="Add your running").click()
    visitor.page.wait_for_url("**/running/day/")
    for part, value in (("day", ONSET.day), ("month", ONSET.month), ("year", ONSET.year)):
        visitor.page.fill(f"#onset-{part}", str(value))
    visitor.submit("Continue")
    send(visitor, archive)
    visitor.page.wait_for_selector("#effect", timeout=LONG_WAIT_MS)
    assert re.search(r"from .+ to .+ in 100", visitor.page.locator("#effect").inner_text())
    visitor.open("/result/")
    assert visitor.page.get_by_text("This is counted in the result above").is_visible()
    visitor.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    visitor.look("with running")
    visitor.open("/physio/case/")
    visitor.done()
