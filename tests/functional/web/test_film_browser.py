"""Films and tests in Chromium at 320 and 1280 px, script or not: guide, a real film, recording, metronome, axe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from film_files import drawn_run
from journey_walker import TENNIS_LEG
from test_browser import ARGUMENTS, CHROMIUM, Visitor, pytestmark, server

from soleus.web.journey import adapter_film

__all__ = ["pytestmark", "server"]

EXAMPLE = Path(__file__).parents[3] / "examples" / "overload_after_hills.yaml"
OVERLOAD = {
    name: str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    for name, value in yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))["answers"].items()
}
LONG_WAIT_MS = 90_000
needs_network = pytest.mark.skipif(
    not adapter_film.is_ready(), reason="the weights of the pose network are not installed"
)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "run.mp4"
    path.write_bytes(drawn_run())
    return path


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser whose camera shows a test picture."""
    from playwright.sync_api import sync_playwright

    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM or None, args=[*ARGUMENTS, *flags])
        yield browser
        browser.close()


def send_film(visitor: Visitor, path: Path) -> None:
    visitor.open("/film/send/side/")
    visitor.page.set_input_files("#film", str(path))
    visitor.page.locator("#consent").check()
    visitor.page.fill("#speed", "10.8")
    visitor.page.get_by_role("button", name="Read my film").click()
    visitor.page.wait_for_selector("#job, .metrics, .refusal", timeout=LONG_WAIT_MS)


@needs_network
@pytest.mark.parametrize(("width", "script"), [(320, True), (1280, False)], ids=["phone", "desk-no-script"])
def test_a_film_from_guide_to_numbers(chromium: Any, server: str, film: Path, width: int, script: bool) -> None:
    visitor = Visitor(chromium, server, width=width, script=script)
    visitor.to_result(TENNIS_LEG)
    visitor.open("/film/")
    send_film(visitor, film)
    visitor.look("reading")
    visitor.page.wait_for_selector(".metrics, .refusal", timeout=LONG_WAIT_MS)
    assert visitor.path == "/film/shows/side/"
    visitor.look("shown")
    assert visitor.page.locator(".metrics li").count() >= 5, visitor.page.locator("main").inner_text()[:2000]
    assert visitor.page.get_by_text("steps a minute").first.is_visible()
    if script:
        clip = visitor.page.locator("video")
        visitor.page.wait_for_function("document.querySelector('video').readyState >= 1")
        assert clip.evaluate("v => v.duration") > 5
        visitor.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        visitor.look("all open")
        for path in ("/film/", "/film/send/back/", "/film/delete/", "/result/"):
            visitor.open(path)
    visitor.done()


def test_mistakes_on_the_film_page_take_the_focus(chromium: Any, server: str) -> None:
    if not adapter_film.is_ready():
        pytest.skip("the page has no form without the weights of the pose network")
    visitor = Visitor(chromium, server, width=320, script=True)
    visitor.begin()
    visitor.open("/film/send/side/")
    visitor.page.fill("#speed", "fast")
    visitor.page.get_by_role("button", name="Read my film").click()
    visitor.page.wait_for_selector("#error-summary")
    visitor.look("wrong")
    assert visitor.page.evaluate("document.activeElement.id") == "error-summary"
    assert visitor.page.locator("[data-record-open]").is_visible(), "recording is offered again"
    visitor.done()


@needs_network
@pytest.mark.nightly  # encoding a camera picture in software starves a shared machine: run it alone
def test_recording_in_the_browser_fills_the_form(chromium: Any, server: str) -> None:
    visitor = Visitor(chromium, server, width=390, script=True, permissions=["camera"])
    visitor.begin()
    visitor.open("/film/send/side/")
    visitor.page.locator("[data-record-open]").click()
    visitor.page.locator("[data-record-start]").click()
    visitor.look("counting down")
    visitor.page.locator("[data-record-stop]").wait_for(state="visible", timeout=LONG_WAIT_MS)
    visitor.page.wait_for_timeout(2500)
    visitor.page.locator("[data-record-stop]").click()
    visitor.page.get_by_text("Recorded. Look at it").wait_for(timeout=LONG_WAIT_MS)
    visitor.look("recorded")
    assert visitor.page.locator("#film").evaluate("input => input.files[0].size") > 1000
    visitor.page.locator("#consent").check()
    visitor.page.get_by_role("button", name="Read my film").click()
    visitor.page.wait_for_selector(".refusal, .note.stop", timeout=LONG_WAIT_MS)  # a test picture: nobody runs in it
    visitor.look("refused")
    visitor.faults = [fault for fault in visitor.faults if "blob:" not in fault]  # the recorded film, in this page only
    visitor.done()


@pytest.mark.parametrize(("width", "script"), [(320, True), (1280, False)], ids=["phone", "desk-no-script"])
def test_heel_raises_by_hand_with_the_metronome(chromium: Any, server: str, width: int, script: bool) -> None:
    visitor = Visitor(chromium, server, width=width, script=script)
    visitor.to_result(OVERLOAD)
    assert visitor.path == "/result/"
    visitor.open("/heel-raise/")
    assert visitor.page.get_by_role("heading", name="The heel-raise test", exact=True).is_visible()
    for side, reps in (("right", 20), ("left", 9)):
        visitor.open(f"/heel-raise/count/{side}/")
        if script:
            visitor.page.locator("[data-metronome-start]").click()
            visitor.page.get_by_text("Down", exact=True).wait_for(timeout=LONG_WAIT_MS)
            visitor.look("beating")
            for _ in range(reps + 1):
                visitor.page.locator("[data-tap]").click()
            visitor.page.locator("[data-untap]").click()
            visitor.page.locator("[data-metronome-stop]").click()
            assert visitor.page.locator("#reps").input_value() == str(reps)
        else:
            visitor.page.fill("#reps", str(reps))
        visitor.page.locator("#stopped-tired").check()
        visitor.page.fill("#pain", "1")
        visitor.submit("Save this leg")
    assert visitor.path == "/heel-raise/result/"
    visitor.look("both")
    assert visitor.page.get_by_text("20", exact=False).first.is_visible()
    visitor.done()


@pytest.mark.parametrize(("scheme", "forced"), [("dark", "none"), ("dark", "active")])
def test_guide_and_feet_in_dark_and_forced_colours(chromium: Any, server: str, scheme: str, forced: str) -> None:
    visitor = Visitor(chromium, server, width=390, script=True, color_scheme=scheme, forced_colors=forced)
    visitor.begin()
    for path in ("/film/", "/feet/"):
        visitor.open(path)
    visitor.page.locator("#wet_print-flat").check()
    visitor.submit("Save")
    visitor.done()
