"""The plan as a PDF: tagged (Typst refuses otherwise), complete, safety net on every page, hostile text kept out."""

from __future__ import annotations

import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from soleus.core.assessment import Disposition
from soleus.core.goals import Goals
from soleus.core.ids import TextId
from soleus.core.message import Message
from soleus.core.plan import EventOutlook, Plan, PlanStatus
from soleus.exports.plan_pdf import plan_pdf
from soleus.knowledge import load_knowledge

sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "exports"))
import plan_samples as samples

KB = load_knowledge()


def pages(plan: Plan) -> list[str]:
    made = plan_pdf(plan, KB, today=samples.MONDAY, onset_on=samples.MONDAY - 5 * samples.DAY)
    document = PdfReader(BytesIO(made))
    assert document.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert document.trailer["/Root"]["/Lang"] == "en"
    urgent = plan.status is PlanStatus.WITHHELD and plan.disposition >= Disposition.EMERGENCY_NOW
    title = f"disposition.{plan.disposition.slug}.title" if urgent else f"plan.title.{plan.status.value}"
    assert str(document.metadata.title).startswith(KB.text[title])
    return [" ".join(page.extract_text().split()) for page in document.pages]


def test_a_plan_answers_the_questions_in_order() -> None:
    told = " ".join(pages(samples.plan()))
    parts = ("safe", "today", "week", "rule", "move_on", "stop", "again", "running", "exercises", "care", "sources")
    places = [told.index(KB.text[f"plan.section.{part}"]) for part in parts]
    assert places == sorted(places)
    assert "Automatic draft, not yet checked by a physiotherapist" in told
    assert "{" not in told, "a placeholder was left unfilled"


def test_the_safety_net_stands_on_every_page() -> None:
    for page in pages(samples.plan()):
        assert "Stop and call 999 (112, 911)" in page


def test_the_week_shows_its_seven_days() -> None:
    told = " ".join(pages(samples.plan()))
    assert all(day in told for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
    assert "18:30" in told


@pytest.mark.parametrize("status", [PlanStatus.WITHHELD, PlanStatus.NO_SELF_PLAN, PlanStatus.LOCKED])
@pytest.mark.parametrize("disposition", list(Disposition))
def test_every_answer_without_a_plan_is_one_clear_page(status: PlanStatus, disposition: Disposition) -> None:
    told = pages(samples.refused(status, disposition))
    assert len(told) == 1
    assert KB.text[f"plan.safe.{status.value}.title"] in told[0]
    assert KB.text[f"disposition.{disposition.slug}.title"] in told[0]


def test_an_emergency_says_what_to_do_first() -> None:
    told = pages(samples.refused(PlanStatus.WITHHELD, Disposition.CALL_AMBULANCE))[0]
    assert told.index("Call 999 now") < told.index("Is it safe to start?")


def test_nothing_typed_can_change_the_layout() -> None:
    hostile = '#read("/etc/passwd") *bold* $x$ <a> \\'
    told = " ".join(pages(samples.plan(goals=Goals(cleared_by=hostile))))
    assert "#read(" in told
    assert "root:" not in told


@pytest.mark.parametrize("name", ["スキー大会", "سباق", "\x00\x07", "🏃‍♀️ 10 km"])
def test_a_name_in_any_script_leaves_the_page_printable(name: str) -> None:
    made = samples.plan()
    event = EventOutlook(
        name=name, on=samples.MONDAY + 60 * samples.DAY, verdict="cannot_tell", chance=None, distance_km=None,
        allowed_km=None, because=Message(text=TextId("plan.race.cannot_tell"), params={"name": name}),
    )  # fmt: skip
    told = " ".join(pages(replace(made, event=event)))
    assert KB.text["plan.section.stop"] in told
