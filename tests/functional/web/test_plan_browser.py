"""The plan in Chromium: goals, plan and files, phone and desk, script or not, keyboard alone, axe on every page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_browser import NEW_PAGE, Visitor, chromium, pytestmark, server

__all__ = ["chromium", "pytestmark", "server"]

EXAMPLES = Path(__file__).parents[3] / "examples"
MILD = EXAMPLES / "overload_after_hills.yaml"
OPEN_ALL = "document.querySelectorAll('details').forEach(d => d.open = true)"


def to_the_result(visitor: Visitor, case: Path = MILD) -> None:
    """A case file, the emergency check, the agreement; what is left to ask is answered "no"."""
    visitor.open("/case-file/open/")
    visitor.page.set_input_files("#file", str(case))
    visitor.submit("Open")
    visitor.submit("No, none of these")
    for tick in ("#who", "#use", "#adult"):
        visitor.page.locator(tick).check()
    visitor.submit("Agree and continue")
    for _ in range(30):
        if visitor.path == "/result/":
            return
        if visitor.path == "/about-you/body/":
            visitor.submit("Leave it out")
        elif visitor.path == "/where/":
            visitor.page.locator("#leg").check()
            visitor.submit("Continue")
        else:
            visitor.answer({})
    raise AssertionError(f"stuck at {visitor.path}")


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_goals_to_plan_to_downloads(chromium: Any, server: str, width: int, script: bool) -> None:
    visitor = Visitor(chromium, server, width=width, script=script)
    to_the_result(visitor)
    visitor.open("/plan/goals/")
    visitor.open("/plan/goals/days/")
    for day in range(7):
        visitor.page.select_option(f"#day-{day}", "45" if day in (0, 2, 4, 6) else "0")
    visitor.page.fill("#at", "18:30")
    visitor.submit("Continue")
    assert visitor.path == "/plan/goals/event/"
    visitor.page.fill("#name", "Race")
    visitor.submit("Continue")
    assert visitor.page.title().startswith("Error: ")
    visitor.page.fill("#name", "")
    visitor.submit("Continue")
    for _ in range(5):
        visitor.submit("Continue")
    assert visitor.path == "/plan/goals/"
    visitor.open("/plan/tests/")
    visitor.open("/plan/")
    assert visitor.page.locator(".exercise").count() >= 2
    assert visitor.page.locator(".strip-week li").count() == 7
    if script:
        visitor.page.evaluate(OPEN_ALL)
        visitor.look("all open")
    for name in ("soleus-plan.pdf", "soleus-plan.ics", "soleus-plan-fhir.json", "soleus-plan.json"):
        with visitor.page.expect_download() as download:
            visitor.page.locator(f'a[href$="{name}"]').click()
        assert download.value.suggested_filename == name
    visitor.done()


def test_with_the_keyboard_alone(chromium: Any, server: str) -> None:
    visitor = Visitor(chromium, server, width=360, script=True)
    to_the_result(visitor)
    visitor.open("/plan/goals/kit/")
    page = visitor.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("#kit-band").focus()
    page.keyboard.press("Space")
    assert page.locator("#kit-band").is_checked()
    page.evaluate("document.getElementById('main').dataset.old = '1'")
    page.keyboard.press("Enter")
    page.wait_for_function(NEW_PAGE)
    assert visitor.path == "/plan/goals/sports/"
    visitor.open("/plan/")
    reached = page.evaluate(
        """() => [...document.querySelectorAll('main a, main button, main summary')]
        .filter(e => e.getClientRects().length && e.tabIndex < 0).length"""
    )
    assert reached == 0
    summary = page.locator(".exercise summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator(".exercise details").first.evaluate("d => d.open")
    visitor.done()


def test_dark_and_forced_colours_show_the_pictures(chromium: Any, server: str) -> None:
    for options in ({"color_scheme": "dark"}, {"forced_colors": "active"}):
        visitor = Visitor(chromium, server, width=360, script=True, **options)
        to_the_result(visitor)
        visitor.open("/plan/")
        assert visitor.page.locator(".exercise-picture svg").count() >= 1
        visitor.done()
