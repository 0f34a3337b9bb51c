"""The training page in Chromium: no accessibility fault, no request, no sideways scrolling, light and dark.

Skipped only where there is no Chromium and no CI.
"""

import os
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from soleus.core.activity import Shoe, Sport, Surface
from soleus.core.training import LoadCell, RunSummary
from soleus.exports.training_document import FileLine, Imported
from soleus.exports.training_html import training_html
from soleus.knowledge import load_knowledge
from soleus.training.analysis import analyse_training

AXE = Path(__file__).parents[1] / "web" / "vendor" / "axe.min.js"
CHROMIUM = os.environ.get("SOLEUS_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
ONSET = date(2026, 11, 3)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM and not os.environ.get("CI"), reason="no Chromium here"),
]


def one_run(days_before: int, km: float) -> RunSummary:
    day = ONSET - timedelta(days=days_before)
    speed = 2.9 + (days_before % 5) / 20
    seconds = 1000 * km / speed
    return RunSummary(
        key=day.isoformat(), start_utc=datetime(day.year, day.month, day.day, 6, tzinfo=UTC), day=day,
        sport=Sport.RUNNING, surface=Surface.ROAD, shoe="new" if days_before < 20 else "old", elapsed_s=seconds,
        moving_s=seconds, distance_m=1000 * km, steps=seconds * 2.8, speed_mps=speed, ascent_m=8 * km, descent_m=8 * km,
        speed_s={round(10 * speed): seconds},
        load_cells=(
            LoadCell(speed_mps=speed, grade_ratio=0.0, steps=seconds * 1.4, step_length_m=1.05, contact_time_ms=None),
        ),
    )  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    runs = [one_run(back, 5 + back % 4) for back in range(2, 180, 2)] + [one_run(5, 17.3)]
    shoes = (Shoe(id="old", name="Trusty", drop_mm=10.0), Shoe(id="new", name="Flat & <Fast>", drop_mm=0.0))
    kb = load_knowledge()
    report = analyse_training(runs, onset_on=ONSET, kb=kb, shoes=shoes)
    assert report.changed
    files = (FileLine(label="x" * 90 + ".fit", state="refused", reason="is not an activity file"),)
    written = tmp_path_factory.mktemp("page") / "report.html"
    written.write_text(training_html(report, kb, imported=Imported(files=files, activities=90)), encoding="utf-8")
    return written.as_uri()


@pytest.mark.parametrize("width_px", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_and_asks_for_nothing(page: str, width_px: int, scheme: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM or None, args=["--no-sandbox", "--disable-gpu"])
        window = browser.new_page(viewport={"width": width_px, "height": 900}, color_scheme=scheme)
        asked: list[str] = []
        window.on("request", lambda request: asked.append(request.url))
        window.goto(page)
        window.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        window.evaluate(AXE.read_text(encoding="utf-8"))
        faults = window.evaluate("axe.run().then(found => found.violations.map(v => [v.id, v.nodes.length]))")
        scrolls = window.evaluate("document.documentElement.scrollWidth")
        browser.close()
    assert faults == []
    assert asked == [page]
    assert scrolls <= width_px
