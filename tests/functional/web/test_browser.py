"""The app in Chromium: real server, axe on every page met, with and without JavaScript, at 320 and 1280 px.

Skipped only where there is no Chromium and no CI.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from journey_walker import CLOT, TENNIS_LEG, TESTED, Answers

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
CHROMIUM = os.environ.get("SOLEUS_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb"]
START_SECONDS = 60
NEW_PAGE = (
    "() => document.readyState === 'complete' && document.getElementById('main')"
    " && !document.querySelector('#main[data-old], .htmx-request, .htmx-swapping, .htmx-settling')"
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM and not os.environ.get("CI"), reason="no Chromium here"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`python -m soleus.web` on a free port with its own data folder: migrations, waitress and static files too."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {**os.environ, "SOLEUS_DATA_DIR": str(tmp_path_factory.mktemp("data"))}
    env.pop("SOLEUS_SECRET_KEY", None)
    command = [sys.executable, "-m", "soleus.web", "--port", str(port)]
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(START_SECONDS * 10):
            try:
                urllib.request.urlopen(f"{address}/about/", timeout=2).read()  # noqa: S310 - our own server
                break
            except (urllib.error.URLError, ConnectionError):
                assert process.poll() is None, "the server stopped"
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM or None, args=ARGUMENTS)
        yield browser
        browser.close()


class Visitor:
    """One browser window that notes foreign requests, console errors and accessibility faults on the way."""

    def __init__(self, browser: Any, server: str, *, width: int, script: bool, **options: Any) -> None:
        self.server, self.width, self.script = server, width, script
        self.context = browser.new_context(
            viewport={"width": width, "height": 800}, java_script_enabled=script, bypass_csp=False, **options
        )
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.seen: set[str] = set()
        self.page.on("request", self._request)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))

    def _request(self, request: Any) -> None:
        if not request.url.startswith(self.server):
            self.faults.append(f"foreign request: {request.url}")

    def _console(self, message: Any) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            self.faults.append(f"console: {message.text}")

    @property
    def path(self) -> str:
        return str(self.page.url).removeprefix(self.server).split("?")[0].split("#")[0]

    def open(self, path: str) -> None:
        self.page.goto(self.server + path)
        self.look()

    def submit(self, name: str) -> None:
        """Press a button and wait for the page that follows."""
        button = self.page.get_by_role("button", name=name).first
        if self.script:  # htmx swaps the page in place: wait until the old one is gone
            self.page.evaluate("document.getElementById('main').dataset.old = '1'")
        button.click()
        if self.script:
            self.page.wait_for_function(NEW_PAGE)
        else:
            self.page.wait_for_load_state("load")
        self.look()

    def look(self, state: str = "") -> None:
        """Check the page we are on: once a path and state."""
        key = f"{self.path}{state}{self.page.title()[:7]}"
        if key in self.seen:
            return
        self.seen.add(key)
        if not self.script:
            return
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > self.width:
            self.faults.append(f"{key}: {wide} px wide")
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})"
            ".then(r => r.violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.target).join(' | ')))",
            RULES,
        )
        self.faults += [f"{key}: {fault}" for fault in found]

    def answer(self, answers: Answers) -> None:
        page = self.page
        if self.path == "/tests/":
            self.submit("Yes, show me the tests")
            return
        if self.path.startswith("/questions/"):
            items = [item.get_attribute("value") for item in page.locator("input[name=item]").all()]
            ticked = [item for item in items if answers.get(item) is True]
            for name in ticked or ["none"]:
                page.locator(f"#{name}").check()
        else:
            finding = page.locator("input[name=question]").get_attribute("value")
            wanted = {True: "yes", False: "no"}.get(answers.get(finding, "no"), answers.get(finding, "no"))
            choice = page.locator(f'input[name=value][value="{wanted}"]')
            (choice if choice.count() else page.locator("input[name=value]").first).check()
        self.submit("Continue")

    def begin(self) -> None:
        self.open("/")
        self.submit("Start a new check")
        self.submit("No, none of these")
        self.submit("Agree and continue")  # wrong on purpose: the error state is looked at too
        self.page.locator("#who").check()
        self.page.locator("#use").check()
        self.page.locator("#adult").check()
        self.submit("Agree and continue")
        self.submit("Continue")
        self.page.locator("#age").fill("46")
        self.submit("Continue")
        self.submit("Continue")
        self.page.locator("#sex-m").check()
        self.submit("Continue")
        self.submit("Leave it out")
        self.submit("Continue")
        self.page.locator("#leg").check()
        if self.script:
            self.page.locator("label.hot.h2").click()
        else:
            self.page.locator("#z2").check()
        assert self.page.locator("#z2").is_checked()
        self.submit("Continue")
        self.submit("Continue")

    def to_result(self, answers: Answers) -> None:
        self.begin()
        for _ in range(60):
            if not self.path.startswith(("/question/", "/questions/", "/tests/")):
                return
            self.answer(answers)
        raise AssertionError("no result")

    def done(self) -> None:
        self.context.close()
        assert not self.faults, "\n".join(dict.fromkeys(self.faults))


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_tennis_leg_from_start_to_result(chromium: Any, server: str, width: int, script: bool) -> None:
    visitor = Visitor(chromium, server, width=width, script=script)
    visitor.to_result(TENNIS_LEG)
    assert visitor.path == "/result/"
    assert visitor.page.get_by_role("heading", name="Most likely causes").is_visible()
    if script:
        visitor.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        visitor.look("all open")
        for path in ("/answers/", "/save/", "/result/medicines/", "/physio/case/", "/delete/", "/question/onset_type/"):
            visitor.open(path)
        visitor.open("/save/")
        visitor.submit("Make a code")
        assert len(visitor.page.locator(".code").inner_text()) == 14
    visitor.done()


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_emergency_reaches_the_help_page(chromium: Any, server: str, width: int, script: bool) -> None:
    visitor = Visitor(chromium, server, width=width, script=script)
    visitor.to_result(CLOT)
    assert visitor.path == "/get-help/"
    assert visitor.page.locator('a.button[href="tel:999"]').is_visible()
    visitor.submit("I’ve already been checked")
    assert visitor.path.startswith("/question")
    visitor.done()


def test_pages_without_a_check(chromium: Any, server: str) -> None:
    for width in (320, 1280):
        visitor = Visitor(chromium, server, width=width, script=True)
        pages = ["/", "/get-help/", "/under-18/", "/code/", "/case-file/open/", "/your-data/", "/about/"]
        for path in [*pages, "/accessibility/", "/emergency-numbers/", "/offline/", "/no-such-page/"]:
            visitor.open(path)
        visitor.open("/code/")
        visitor.page.locator("#code").fill("AAAA-BBBB-CCCC")
        visitor.submit("Open my check")
        assert visitor.page.title().startswith("Error: ")
        visitor.done()


def test_simple_tests_with_their_drawings(chromium: Any, server: str) -> None:
    visitor = Visitor(chromium, server, width=320, script=True)
    for answers in TESTED:
        visitor.to_result(answers)
        assert visitor.path == "/result/"
        if any(key.startswith("/tests/") for key in visitor.seen):
            break
    else:
        raise AssertionError("no runner was offered a simple test")
    visitor.done()


@pytest.mark.parametrize(("scheme", "forced"), [("dark", "none"), ("dark", "active"), ("light", "active")])
def test_dark_mode_and_forced_colours(chromium: Any, server: str, scheme: str, forced: str) -> None:
    visitor = Visitor(
        chromium, server, width=390, script=True, color_scheme=scheme, forced_colors=forced, reduced_motion="reduce"
    )
    visitor.to_result(TENNIS_LEG)
    assert visitor.path == "/result/"
    visitor.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    visitor.look("all open")
    visitor.open("/get-help/")
    visitor.done()


def test_keyboard_alone_reaches_the_first_questions(chromium: Any, server: str) -> None:
    """Tab, arrows, space and enter only, from the start page to the second safety page."""
    visitor = Visitor(chromium, server, width=390, script=True)
    page = visitor.page
    visitor.open("/")

    def tab_to(selector: str, most: int = 60) -> None:
        for _ in range(most):
            page.keyboard.press("Tab")
            if page.evaluate("s => document.activeElement && document.activeElement.matches(s)", selector):
                outline = page.evaluate(
                    "() => { const e = document.activeElement; const s = e.matches('.choice > input')"
                    " ? getComputedStyle(e.nextElementSibling, '::before') : getComputedStyle(e);"
                    " return s.outlineStyle; }"
                )
                assert outline != "none", f"{selector}: focus cannot be seen"
                return
        raise AssertionError(f"{selector} cannot be reached with Tab")

    def press(selector: str, key: str, path: str) -> None:
        tab_to(selector)
        page.keyboard.press(key)
        page.wait_for_url(f"**{path}")
        page.wait_for_load_state("networkidle")

    press("form.door button", "Enter", "/emergency-check/")
    press("button[value=no]", "Enter", "/agreement/")
    for box in ("#who", "#use", "#adult"):
        tab_to(box)
        page.keyboard.press("Space")
    press("form > .button", "Enter", "/about-you/age/")
    tab_to("#age")
    page.keyboard.type("46")
    page.keyboard.press("Enter")
    page.wait_for_url("**/about-you/sex/")
    page.wait_for_load_state("networkidle")
    tab_to("#sex")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    press("form > .button", "Enter", "/about-you/body/")
    press("button[value=skip]", "Enter", "/where/")
    tab_to("#leg")
    page.keyboard.press("Space")
    tab_to("#z1")
    page.keyboard.press("ArrowDown")
    assert page.locator("#z2").is_checked()
    press("form > .button", "Enter", "/questions/chest/")
    tab_to("#none")
    page.keyboard.press("Space")
    press("form .button", "Enter", "/questions/foot/")
    visitor.done()


def test_error_summary_takes_the_focus_and_leads_to_the_field(chromium: Any, server: str) -> None:
    for script in (True, False):
        visitor = Visitor(chromium, server, width=390, script=script)
        visitor.open("/code/")
        visitor.submit("Open my check")
        assert visitor.page.locator("#error-summary").is_visible()
        if script:
            assert visitor.page.evaluate("document.activeElement.id") == "error-summary"
            visitor.page.locator("#error-summary a").click()
            assert visitor.page.evaluate("document.activeElement.id") == "code"
        visitor.done()


def test_none_of_these_takes_away_the_other_ticks(chromium: Any, server: str) -> None:
    visitor = Visitor(chromium, server, width=390, script=True)
    visitor.begin()
    visitor.page.locator("#breathless_sudden").check()
    visitor.page.locator("#none").check()
    assert not visitor.page.locator("#breathless_sudden").is_checked()
    visitor.page.locator("#breathless_sudden-unsure").check()
    assert not visitor.page.locator("#none").is_checked()
    visitor.done()


def test_back_button_shows_the_earlier_question_with_its_answer(chromium: Any, server: str) -> None:
    visitor = Visitor(chromium, server, width=390, script=True)
    visitor.begin()
    while visitor.path != "/question/onset_type/":
        visitor.answer(TENNIS_LEG)
    visitor.answer(TENNIS_LEG)
    after = visitor.path
    visitor.page.go_back(wait_until="networkidle")
    assert visitor.path == "/question/onset_type/"
    assert visitor.page.locator('input[value="sudden_sharp"]').is_checked()
    visitor.page.go_forward(wait_until="networkidle")
    assert visitor.path == after
    visitor.done()


def test_without_a_connection_the_emergency_page_is_there(chromium: Any, server: str) -> None:
    visitor = Visitor(chromium, server, width=390, script=True)
    visitor.open("/")
    visitor.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    visitor.page.reload(wait_until="networkidle")
    visitor.context.set_offline(True)
    visitor.page.goto(f"{server}/about/")
    assert visitor.page.get_by_role("heading", name="You are offline").is_visible()
    assert visitor.page.locator('a.button[href="tel:112"]').is_visible()
    visitor.context.close()


def test_result_prints_without_controls(chromium: Any, server: str) -> None:
    visitor = Visitor(chromium, server, width=1280, script=True)
    visitor.to_result(TENNIS_LEG)
    visitor.page.emulate_media(media="print")
    for selector in (".strip", "#teach-back", "#keep", ".foot-links"):
        assert not visitor.page.locator(selector).first.is_visible(), selector
    assert visitor.page.locator("#card-title").is_visible()
    visitor.done()
