"""Plans that the planner itself makes for the examples, through every export and back."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path

import pytest

from soleus.clinic import assess
from soleus.clinic.plan import build_plan
from soleus.core.finding import Finding
from soleus.core.goals import DayWish, Goals, Measured, RunningHistory, TargetEvent
from soleus.core.plan import PlanStatus
from soleus.exports.fhir import check_bundle, plan_bundle
from soleus.exports.fit_workout import fit_workouts
from soleus.exports.ics import plan_calendar, session_uids
from soleus.exports.plan_json import plan_from_json, plan_json
from soleus.knowledge import load_knowledge
from soleus.readers.case_file import read_case
from soleus.readers.goals_file import read_goals

pytestmark = pytest.mark.filterwarnings("ignore")
ROOT = Path(__file__).resolve().parents[3]
CASES = sorted(
    path for path in (*(ROOT / "examples").glob("*.yaml"), *(ROOT / "examples" / "plans").glob("*.yaml"))
    if "goals" not in path.stem and re.search(r"^(answers|findings):", path.read_text(encoding="utf-8"), re.MULTILINE)
)  # fmt: skip
KB = load_knowledge()
TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
GOALS = Goals(
    days=(
        DayWish(weekday=0, minutes=45, at=time(18)),
        DayWish(weekday=2, minutes=60, at=time(7)),
        DayWish(weekday=4, minutes=45),
        DayWish(weekday=5, minutes=90, at=time(9, 30)),
    ),
    event=TargetEvent(name="Half", on=date(2027, 4, 11), distance_km=21.1),
    kit=frozenset({"band", "dumbbell"}),
    history=RunningHistory(weekly_km=30, longest_run_km=14, easy_speed_mps=2.9, runs_per_week=3),
    measures=(Measured(measure="slhr_reps", value=24, on=TODAY, pain_nrs=1),),
)
each_case = pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)


@cache
def made(path, today=TODAY):
    case = read_case(path, KB)
    own = path.with_name(f"{path.stem}.goals.yaml")
    goals = read_goals(own, KB) if own.exists() else GOALS
    assessment = assess(case, KB, today)
    return case, assessment, build_plan(case, goals, KB, today, assessment=assessment)


@each_case
def test_the_plan_comes_back_from_its_file(path):
    plan = made(path)[2]
    assert plan_from_json(json.loads(json.dumps(plan_json(plan), allow_nan=False))) == plan


@each_case
def test_the_bundle_holds_what_the_plan_holds(path):
    case, assessment, plan = made(path)
    found = plan_bundle(plan, case, assessment, KB, stamped_at=NOW)
    assert check_bundle(found) == []
    models = pytest.importorskip("fhir.resources.R4B.bundle")
    assert json.loads(models.Bundle.model_validate(json.loads(json.dumps(found))).model_dump_json()) == found
    (care_plan,) = [e["resource"] for e in found["entry"] if e["resource"]["resourceType"] == "CarePlan"]
    details = [item["detail"] for item in care_plan.get("activity", [])]
    now = 0 if plan.current is None else plan.current.number
    prescribed = [item for phase in plan.phases if phase.number >= now for item in phase.prescriptions]
    timed = [item for item in details if "repeat" in item.get("scheduledTiming", {})]
    assert len(timed) == len(prescribed)
    assert len([item for item in details if item.get("doNotPerform")]) == len(plan.vetoed) + len(plan.care_withheld)
    days = [on for item in details for on in item.get("scheduledTiming", {}).get("event", ())]
    assert sorted(days) == sorted(s.on.isoformat() for s in plan.sessions if s.workout is not None)
    if plan.see:
        assert [e for e in found["entry"] if e["resource"]["resourceType"] == "ServiceRequest"]


@each_case
def test_the_calendar_holds_each_session_once(path):
    vobject = pytest.importorskip("vobject")
    plan = made(path)[2]
    content = plan_calendar(plan, KB, stamped_at=NOW).decode()
    events = vobject.readOne(content).contents.get("vevent", [])
    assert sorted(event.uid.value for event in events) == sorted(session_uids(plan).values())
    assert len(set(session_uids(plan).values())) == len(plan.sessions)
    for event in events:
        assert not re.search(r"calf|strain|tendon|achilles|bone|clot", event.summary.value, re.IGNORECASE)
        assert not re.search(r"[{}]|\b[a-z]+_[a-z]+\b|\.\.", event.description.value), event.description.value
        assert "999" in event.description.value


@each_case
def test_watch_files_are_exactly_the_runs_for_now(path):
    sdk = pytest.importorskip("garmin_fit_sdk")
    plan = made(path)[2]
    files = fit_workouts(plan, KB)
    running = plan.running
    allowed = plan.status is PlanStatus.DRAFT and running is not None and running.allowed_now != "none"
    now = {s.workout.id for s in plan.sessions if s.workout is not None and not s.provisional} if allowed else set()
    runs = now if running is None or running.open else now - {stage.workout.id for stage in running.stages}
    assert {name for item in files for name in item.workouts} == runs
    for item in files:
        messages, errors = sdk.Decoder(sdk.Stream.from_byte_array(bytearray(item.content))).read()
        assert errors == []
        assert not re.search(r"[{}_]", messages["workout_mesgs"][0]["wkt_name"])


def test_a_plan_made_anew_after_two_weeks_updates_the_calendar():
    vobject = pytest.importorskip("vobject")
    path = next(path for path in CASES if path.stem == "slow_soleus_strain")
    case, _, first = made(path)
    later = TODAY + timedelta(days=16)
    second = build_plan(case, GOALS, KB, later, previous=first)
    assert (second.id, second.revision) == (first.id, 2)
    events = vobject.readOne(
        plan_calendar(second, KB, previous=first, stamped_at=NOW + timedelta(days=16)).decode()
    ).contents.get("vevent", [])
    live = {event.uid.value for event in events if event.status.value != "CANCELLED"}
    gone = {event.uid.value for event in events if event.status.value == "CANCELLED"}
    assert live == set(session_uids(second).values())
    ahead = {session_uids(first)[session.id] for session in first.sessions if session.on >= later}
    assert ahead <= live | gone


def test_a_danger_found_later_calls_everything_off():
    path = next(path for path in CASES if path.stem == "slow_soleus_strain")
    case, _, first = made(path)
    worse = replace(case, findings=case.findings.replaced(Finding(id="breathless_sudden", value=True)))
    second = build_plan(worse, GOALS, KB, TODAY, previous=first)
    assert second.status is PlanStatus.WITHHELD
    content = plan_calendar(second, KB, previous=first, stamped_at=NOW).decode()
    assert content.count("BEGIN:VEVENT") == content.count("STATUS:CANCELLED") == len(first.sessions) > 0
    assert fit_workouts(second, KB, provisional=True) == ()
