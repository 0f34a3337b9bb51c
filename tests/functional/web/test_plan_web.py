"""R14 to R16 through the test client: goals, tests, the plan, its files, a change, and deletion."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from journey_walker import CLOT, Walker

from soleus.core.plan import Plan, PlanStatus
from soleus.exports import figures
from soleus.web import journey
from soleus.web.journey import adapter_plan
from soleus.web.journey.models import PlanRecord
from soleus.web.journey.planning.sections import SECTIONS

EXAMPLES = Path(__file__).parents[3] / "examples"
MILD = EXAMPLES / "overload_after_hills.yaml"
DAYS = {"day-0": "45", "day-1": "0", "day-2": "45", "day-3": "0", "day-4": "45", "day-5": "60", "day-6": "0"}


def open_case(walker: Walker, path: Path) -> Walker:
    """From a case file to its result."""
    walker.begin()
    walker.post("/case-file/open/", {"file": SimpleUploadedFile(path.name, path.read_bytes())})
    walker.post("/emergency-check/", {"emergency": "no"})
    walker.post("/agreement/", {"who": "self", "use": "yes", "adult": "yes"})
    walker.go_on({})
    if walker.path.startswith("/about-you/body"):
        walker.post("/about-you/body/", {"action": "skip"})
    if walker.path.startswith("/where"):
        walker.post("/where/", {"leg": "right", "spot": "mid_calf"})
        walker.go_on({})
    assert walker.path == "/result/", walker.path
    return walker


@pytest.fixture
def mild(walker: Walker) -> Walker:
    return open_case(walker, MILD)


def section(walker: Walker, name: str, data: dict[str, Any]) -> Walker:
    return walker.post(f"/plan/goals/{name}/", {"check": walker.client.session["check"]["id"], **data})


def test_the_pictures_have_the_same_style_as_in_reports() -> None:
    drawn = Path(figures.__file__).with_name("figures.css")
    served = Path(journey.__file__).with_name("static") / "soleus" / "figures.css"
    assert served.read_text(encoding="utf-8") == drawn.read_text(encoding="utf-8")


# --- goals -------------------------------------------------------------------------------------------------------
def test_the_result_leads_to_goals_and_they_can_be_skipped(mild: Walker) -> None:
    assert "Make my plan" in mild.text
    mild.get("/plan/goals/")
    assert "Skip, show me a plan" in mild.text
    mild.get("/plan/")
    assert mild.response.status_code == 200
    assert "Automatic draft" in mild.text


def test_seven_pages_lead_one_to_the_next_and_are_told_back(mild: Walker) -> None:
    section(mild, "days", {**DAYS, "at": "18.30", "zone": "Europe/Paris"})
    assert mild.path == "/plan/goals/event/"
    section(
        mild, "event", {"name": "Spring 10", "event-day": "3", "event-month": "5", "event-year": "2099", "km": "10"}
    )
    assert mild.response.status_code == 422  # not within three years
    section(mild, "event", {})
    section(mild, "kit", {"kit": ["band", "dumbbell"]})
    section(mild, "sports", {"sport-0": "football", "sport-day-0": "3", "sport-min-0": "90"})
    section(mild, "usual", {"km": "30", "runs": "3", "longest": "12,5"})
    section(mild, "shoes", {"wants": ["minimal_shoes"], "arch": "flat"})
    section(mild, "tried", {"none": "yes"})
    assert mild.path == "/plan/goals/"
    for said in (
        "Monday 45 min",
        "from 18:30",
        "Resistance band",
        "Football",
        "30 km a week",
        "longest 12.5 km",
        "flat",
    ):
        assert said in mild.text
    assert set(mild.client.session["check"]["goals"]) == set(SECTIONS)
    for name in SECTIONS:  # what was typed is shown again
        assert mild.get(f"/plan/goals/{name}/").response.status_code == 200
    assert mild.get("/plan/").response.status_code == 200


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("days", {"day-0": "0"}, "at least one day"),
        ("days", {"day-0": "45", "at": "25:99"}, "such as 18:30"),
        ("days", {"day-0": "45", "zone": "Mars/Olympus"}, "time zone"),
        ("event", {"name": "Race"}, "Write the day of the event"),
        ("event", {"event-day": "31", "event-month": "2", "event-year": "2027"}, "no such day"),
        ("event", {"event-day": "1", "event-month": "1", "event-year": "2020"}, "in the future"),
        ("event", {"event-day": "1", "event-month": "1", "event-year": "2027", "km": "-3"}, "between"),
        ("kit", {"kit": ["band"], "none": "yes"}, "Take away"),
        ("sports", {"sport-0": "cycling"}, "day of the week"),
        ("sports", {"sport-0": "cycling", "sport-day-0": "1"}, "how many minutes"),
        ("usual", {"km": "ten"}, "as a number"),
        ("usual", {"km": "3", "longest": "40"}, "does not fit"),
        ("tried", {"tried": ["ice"], "none": "yes"}, "Take away"),
    ],
)
def test_a_mistake_is_named_and_what_was_typed_stays(mild: Walker, name: str, data: dict[str, Any], said: str) -> None:
    section(mild, name, data)
    assert mild.response.status_code == 422
    assert mild.title.startswith("Error: ")
    assert said in mild.text
    assert 'role="alert"' in mild.text
    assert name not in mild.client.session["check"]["goals"]


def test_unknown_values_are_left_out(mild: Walker) -> None:
    section(mild, "kit", {"kit": ["band", "<script>"]})
    assert mild.client.session["check"]["goals"]["kit"] == ["band"]
    assert mild.get("/plan/goals/nonsense/").response.status_code == 404


@pytest.mark.parametrize("typed", ["9" * 5000, "\u0664\u0665", "\u00b2", "-45", "44", "45.0", "<b>"])
def test_minutes_that_are_not_in_the_list_are_left_out(mild: Walker, typed: str) -> None:
    section(mild, "days", {"day-0": typed, "day-2": "45"})
    assert mild.client.session["check"]["goals"]["days"]["minutes"] == {"2": 45}


@pytest.mark.parametrize(
    "name",
    [
        "A\r\nATTACH:x\r\nBEGIN:VALARM",
        "\x00\x07\x1b[31m",
        "\u202eRTL \u0645\u0631\u062d\u0628\u0627",
        '#panic("x") $a$ <img src=x>',
    ],
)
def test_no_name_of_a_race_breaks_a_page_or_a_file(mild: Walker, name: str) -> None:
    section(mild, "event", {"name": name, "event-day": "3", "event-month": "5", "event-year": "2027", "km": "10"})
    assert mild.client.session["check"]["goals"]["event"]["name"].isprintable()
    for path in ("", "soleus-plan.pdf", "soleus-plan.ics", "soleus-workouts.zip", "soleus-plan-fhir.json"):
        mild.get(f"/plan/{path}")
        assert mild.response.status_code == 200, path
        assert b"\r\nATTACH" not in mild.response.content
        assert b"<img src=x" not in mild.response.content or path


# --- plan --------------------------------------------------------------------------------------------------------
def test_the_plan_says_what_when_why_and_when_to_stop(mild: Walker) -> None:
    text = mild.get("/plan/").text
    for part in ('id="today"', 'id="week"', 'id="rule"', 'id="stop"', 'id="stages"', 'id="exercises"', 'id="care"'):
        assert part in text, part
    assert "<svg" in text
    assert 'href="#ref-1"' in text
    assert 'id="ref-1"' in text


def test_a_change_of_goals_makes_a_new_revision_and_tells_it(mild: Walker) -> None:
    mild.get("/plan/")
    mild.get("/plan/")
    first = json.loads(mild.client.get("/plan/soleus-plan.json").content)
    section(mild, "days", {"day-1": "60", "day-3": "60", "day-6": "60"})
    text = mild.get("/plan/").text
    second = json.loads(mild.client.get("/plan/soleus-plan.json").content)
    assert second["revision"] == first["revision"] + 1
    assert second["id"] == first["id"]
    assert "Changed since the plan before" in text
    calendar = mild.client.get("/plan/soleus-plan.ics").content.decode()
    assert "SEQUENCE:" in calendar


def test_tests_move_the_plan(mild: Walker) -> None:
    mild.get("/plan/tests/")
    assert "Small tests" in mild.text
    check = mild.client.session["check"]["id"]
    mild.post("/plan/tests/", {"check": check, "slhr_reps": "many"})
    if 'name="slhr_reps"' in mild.text:
        assert mild.response.status_code == 422
    mild.post("/plan/tests/", {"check": check, "slhr_reps": "22", "slhr_reps-pain": "1", "pain_walk_nrs": "0"})
    assert mild.path == "/plan/"
    assert "measures" in mild.client.session["check"]["goals"]


def test_results_of_another_day_keep_their_day(mild: Walker) -> None:
    session = mild.client.session
    row = {"value": 24, "pain": 1, "on": "2026-01-02"}
    session["check"] = {**session["check"], "goals": {"measures": {"slhr_reps": row}}}
    session.save()
    text = mild.get("/plan/tests/").text
    assert 'value="24"' not in text
    assert "Last time: 24 on 2 January" in text
    mild.post("/plan/tests/", {"check": session["check"]["id"], "walk_min": "30"})
    kept = mild.client.session["check"]["goals"]["measures"]
    assert kept["slhr_reps"] == row
    mild.post("/plan/tests/", {"check": session["check"]["id"], "slhr_reps": "25", "slhr_reps-pain": "0"})
    assert mild.client.session["check"]["goals"]["measures"]["slhr_reps"]["value"] == 25


def test_legs_are_compared_for_the_runner(mild: Walker) -> None:
    mild.get("/plan/tests/")
    assert 'name="slhr_lsi_pct-sore"' in mild.text
    check = mild.client.session["check"]["id"]
    mild.post("/plan/tests/", {"check": check, "slhr_lsi_pct-sore": "18", "slhr_lsi_pct-other": "0"})
    assert mild.response.status_code == 422
    mild.post("/plan/tests/", {"check": check, "slhr_lsi_pct-sore": "18", "slhr_lsi_pct-other": "24"})
    measures = mild.client.session["check"]["goals"]["measures"]
    assert measures["slhr_lsi_pct"]["value"] == 75
    assert measures["slhr_reps"]["value"] == 18
    assert 'value="24"' in mild.get("/plan/tests/").text


def test_start_anew_keeps_the_plan_and_counts_up(mild: Walker) -> None:
    mild.get("/plan/")
    mild.post("/plan/again/", {"check": mild.client.session["check"]["id"]})
    assert mild.path == "/plan/"
    assert json.loads(mild.client.get("/plan/soleus-plan.json").content)["revision"] == 2


# --- files -------------------------------------------------------------------------------------------------------
def test_every_file_can_be_had(mild: Walker) -> None:
    mild.get("/plan/")
    client = mild.client
    assert client.get("/plan/soleus-plan.pdf").content.startswith(b"%PDF")
    assert b"BEGIN:VCALENDAR" in client.get("/plan/soleus-plan.ics").content
    bundle = json.loads(client.get("/plan/soleus-plan-fhir.json").content)
    assert bundle["resourceType"] == "Bundle"
    with zipfile.ZipFile(io.BytesIO(client.get("/plan/soleus-workouts.zip").content)) as archive:
        assert all(name.endswith(".fit") for name in archive.namelist())
        assert archive.testzip() is None


def test_no_file_is_given_before_the_result(walker: Walker) -> None:
    walker.about()
    for name in ("soleus-plan.pdf", "soleus-plan.ics", "soleus-workouts.zip", "soleus-plan-fhir.json"):
        walker.get(f"/plan/{name}")
        assert not walker.path.startswith("/plan/")
    assert not PlanRecord.objects.exists()


def test_a_plan_taken_back_takes_its_sessions_out_of_the_calendar(
    mild: Walker, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Take the earlier sessions out" not in mild.get("/plan/").text

    def taken_back(check: Any, today: Any, assessment: Any, previous: Plan) -> Plan:
        bare = replace(previous, status=PlanStatus.WITHHELD, phases=(), weeks=(), running=None)
        return replace(bare, revision=previous.revision + 1)

    monkeypatch.setattr(adapter_plan, "make_plan", taken_back)
    for times in (1, 2):
        mild.post("/plan/again/", {"check": mild.client.session["check"]["id"]})
        assert "Take the earlier sessions out" in mild.text, times
        calendar = mild.client.get("/plan/soleus-plan.ics").content
        assert calendar.count(b"STATUS:CANCELLED") == calendar.count(b"BEGIN:VEVENT") > 0
        with zipfile.ZipFile(io.BytesIO(mild.client.get("/plan/soleus-workouts.zip").content)) as archive:
            assert archive.namelist() == []


# --- when there is no plan -----------------------------------------------------------------------------------------
def test_an_emergency_shows_no_plan_and_where_to_go(walker: Walker) -> None:
    walker.to_result(CLOT)
    walker.post("/get-help/", {"noted": "yes"})
    walker.get("/plan/")
    if walker.path == "/plan/":
        assert 'id="exercises"' not in walker.text
        assert 'id="today"' not in walker.text
        assert "999" in walker.text


def test_a_possible_clot_withholds_the_plan_and_says_who_to_see(walker: Walker) -> None:
    open_case(walker, EXAMPLES / "dvt_after_flight.yaml")
    text = walker.get("/plan/").text
    assert 'id="exercises"' not in text
    assert "soleus-plan.ics" not in text
    assert "today" in text.lower()
    assert "There is no test to do now" in walker.get("/plan/tests/").text


def test_deleting_the_check_deletes_the_plan(mild: Walker) -> None:
    mild.get("/plan/")
    assert PlanRecord.objects.count() == 1
    sealed = PlanRecord.objects.get()
    assert b"exercise" not in bytes(sealed.sealed_plan)
    mild.post("/delete/", {})
    assert not PlanRecord.objects.exists()
