"""The plan's pages under attack: foreign and stale posts, replays, forged requests, crashes; and what the log keeps."""

from __future__ import annotations

import logging
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from journey_walker import Walker
from test_plan_web import DAYS, MILD, open_case

from soleus.core.errors import BackendError
from soleus.web.journey.models import PlanRecord
from soleus.web.journey.planning.sections import SECTIONS
from soleus.web.security import NoHealthData

CANARY = "canary-5518-limping"
FILES = ("soleus-plan.pdf", "soleus-plan.ics", "soleus-workouts.zip", "soleus-plan-fhir.json", "soleus-plan.json")
POSTS = [*(f"/plan/goals/{name}/" for name in SECTIONS), "/plan/tests/", "/plan/again/"]


@pytest.fixture
def mild(walker: Walker) -> Walker:
    return open_case(walker, MILD)


def check_of(walker: Walker) -> dict[str, Any]:
    return dict(walker.client.session["check"])


@pytest.mark.parametrize("path", POSTS)
def test_a_post_for_another_check_changes_nothing(mild: Walker, path: str) -> None:
    mild.get("/plan/")
    before = check_of(mild)
    mild.post(path, {"check": "0" * 32, **DAYS, "walk_min": "30"})
    assert mild.response.status_code == 409
    assert check_of(mild) == before


@pytest.mark.parametrize("path", POSTS)
def test_a_forged_post_is_refused(mild: Walker, path: str) -> None:
    before = check_of(mild)
    forger = Client(enforce_csrf_checks=True)
    forger.cookies = mild.client.cookies
    assert forger.post(path, {"check": before["id"], **DAYS}).status_code == 403
    assert check_of(mild) == before


@pytest.mark.parametrize("path", [*POSTS, "/plan/", *(f"/plan/{name}" for name in FILES)])
def test_nothing_comes_back_after_the_check_was_deleted(mild: Walker, path: str) -> None:
    mild.get("/plan/")
    replayed = check_of(mild)["id"]
    mild.post("/delete/", {})
    mild.post(path, {"check": replayed, **DAYS}) if path in POSTS else mild.get(path)
    assert not PlanRecord.objects.exists()
    assert not (mild.client.session.get("check") or {}).get("goals")
    assert b"BEGIN:VEVENT" not in mild.response.content
    assert 'id="exercises"' not in mild.response.content.decode(errors="replace")


def test_a_plan_past_its_time_or_damaged_is_made_anew(mild: Walker) -> None:
    mild.get("/plan/")
    PlanRecord.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert mild.get("/plan/").response.status_code == 200
    PlanRecord.objects.update(sealed_plan=b"\x00damaged", sealed_before=b"\x00damaged")
    assert mild.get("/plan/").response.status_code == 200
    PlanRecord.objects.update(sealed_before=b"\x00damaged")
    assert b"BEGIN:VCALENDAR" in mild.get("/plan/soleus-plan.ics").response.content


def test_two_tabs_end_with_what_was_sent_last(mild: Walker) -> None:
    ident = check_of(mild)["id"]
    for km in ("30", "10"):
        mild.post("/plan/goals/usual/", {"check": ident, "km": km})
    mild.post("/plan/again/", {"check": ident})
    mild.post("/plan/again/", {"check": ident})
    assert check_of(mild)["goals"]["usual"]["km"] == 10
    assert PlanRecord.objects.count() == 1


def test_no_part_of_a_plan_reaches_the_log(mild: Walker, monkeypatch: pytest.MonkeyPatch) -> None:
    text = StringIO()
    loggers = [logging.getLogger(), logging.getLogger("django"), logging.getLogger("soleus")]
    handlers = {h for log in loggers for h in log.handlers if any(isinstance(f, NoHealthData) for f in h.filters)}
    before = {handler: handler.setStream(text) for handler in handlers}
    mild.client.raise_request_exception = False
    ident = check_of(mild)["id"]
    try:
        for name in SECTIONS:
            fields = ("day-0", "at", "zone", "name", "km", "kit", "sport-0", "runs", "wants", "tried", "event-day")
            mild.post(f"/plan/goals/{name}/", {"check": ident, **dict.fromkeys(fields, CANARY)})
        mild.post("/plan/tests/", {"check": ident, "walk_min": CANARY, CANARY: CANARY})
        day = {"event-day": "3", "event-month": "5", "event-year": str(timezone.localdate().year + 1)}
        mild.post("/plan/goals/event/", {"check": ident, "name": CANARY, **day})
        assert check_of(mild)["goals"]["event"]["name"] == CANARY
        for name in FILES:
            mild.get(f"/plan/{name}")

        def crash(*_: object, **__: object) -> None:
            raise RuntimeError(CANARY)

        def refuse(*_: object, **__: object) -> None:
            raise BackendError(CANARY, where=CANARY)

        for fault, status in ((crash, 500), (refuse, 503)):
            monkeypatch.setattr("soleus.exports.plan_pdf.plan_pdf", fault)
            assert mild.get("/plan/soleus-plan.pdf").response.status_code == status
        monkeypatch.setattr("soleus.clinic.plan.compose_plan", crash)
        monkeypatch.setattr("soleus.exports.plan_document.plan_document", crash)
        mild.post("/plan/again/", {"check": ident})
        assert mild.response.status_code == 500
    finally:
        for handler, stream in before.items():
            handler.setStream(stream)
    assert handlers
    assert "RuntimeError" in text.getvalue()
    assert CANARY not in text.getvalue()
