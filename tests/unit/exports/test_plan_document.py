"""What a plan's page says, and what it must not say."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import plan_samples as samples
import pytest

from soleus.core.assessment import Disposition
from soleus.core.expression import Truth
from soleus.core.ids import TextId
from soleus.core.message import Message
from soleus.core.plan import EventOutlook, PlanStatus, ScheduleConflict
from soleus.exports.plan_document import plan_document
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import KnowledgeBase


@pytest.fixture(scope="module")
def kb() -> KnowledgeBase:
    return load_knowledge()


def page(kb: KnowledgeBase, **changes: object) -> dict[str, Any]:
    return plan_document(samples.plan(**changes), kb, today=samples.MONDAY)


def test_the_document_is_plain_json(kb: KnowledgeBase) -> None:
    document = page(kb)
    assert json.loads(json.dumps(document)) == document


def test_every_heading_has_words(kb: KnowledgeBase) -> None:
    assert all(page(kb)["words"].values())


def test_a_draft_says_that_nobody_has_checked_it(kb: KnowledgeBase) -> None:
    assert page(kb)["status"]["label"] == "Automatic draft, not yet checked by a physiotherapist"


def test_today_card_shows_todays_session_and_the_next_one(kb: KnowledgeBase) -> None:
    today = page(kb)["today"]
    assert today["kind"] == "training"
    assert [s["name"] for s in today["sessions"]] == ["Strength"]
    assert today["next"] == "Next: Strength on Wednesday 25 November."


def test_a_day_without_sessions_is_a_rest_day(kb: KnowledgeBase) -> None:
    document: dict[str, Any] = plan_document(samples.plan(), kb, today=samples.MONDAY + samples.DAY)
    assert document["today"]["kind"] == "rest"


def test_before_and_after_the_plan(kb: KnowledgeBase) -> None:
    before: dict[str, Any] = plan_document(samples.plan(), kb, today=samples.MONDAY - samples.DAY)
    after: dict[str, Any] = plan_document(samples.plan(), kb, today=samples.MONDAY + 60 * samples.DAY)
    assert before["today"]["title"] == "Your plan starts on Monday 23 November."
    assert after["today"]["kind"] == "over"


def test_the_week_has_seven_days_and_marks_today(kb: KnowledgeBase) -> None:
    week = page(kb)["week"]
    assert [day["short"] for day in week["days"]] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    assert [day["today"] for day in week["days"]].count(True) == 1


def test_an_unknown_goal_is_never_shown_as_met(kb: KnowledgeBase) -> None:
    advance = page(kb)["phases"][0]["advance"]
    assert [line["state"] for line in advance] == ["not_met", "met", "unknown"]
    assert advance[2]["word"] == "not tested yet"


def test_exercises_that_come_later_are_last_and_say_when(kb: KnowledgeBase) -> None:
    cards = page(kb)["exercises"]
    assert [bool(card["later"]) for card in cards] == [False, False, True]
    assert cards[2]["later"].startswith("Later, when:")


def test_every_reason_has_a_numbered_source(kb: KnowledgeBase) -> None:
    document = page(kb)
    numbers = {source["n"] for source in document["sources"]}
    for card in document["exercises"]:
        assert card["sources"]
        assert set(card["sources"]) <= numbers


@pytest.mark.parametrize(
    ("limit", "ranges"),
    [
        (0, ["0", "above 0"]),
        (2, ["0 to 2", "3 to 5", "6 to 10"]),
        (3, ["0 to 3", "4 to 5", "6 to 10"]),
        (5, ["0 to 2", "3 to 5", "6 to 10"]),
    ],
)
def test_the_traffic_light_covers_every_pain_once(kb: KnowledgeBase, limit: float, ranges: list[str]) -> None:
    rows = page(kb, pain_max_nrs=limit)["pain_rule"]["rows"]
    assert [row["range"] for row in rows] == ranges
    assert rows[-1]["word"] == "Red"


def test_what_was_left_out_says_why(kb: KnowledgeBase) -> None:
    held = {item["id"]: item for item in page(kb)["withheld"]}
    assert held["massage"]["line"].startswith("No massage for now: a warning sign is not settled yet (a blood clot).")
    assert held["ibuprofen"]["open"] is True
    assert held["wall_stretch_bent"]["reason"]


def test_a_forecast_gives_half_and_eight_in_ten(kb: KnowledgeBase) -> None:
    line = page(kb)["forecasts"][0]
    assert line["line"] == (
        "Half of runners get there within 3 weeks of the start of the pain. "
        "For 8 in 10 it takes from 10 days to 6 weeks."
    )
    assert line["dates"] == ""


def test_a_forecast_becomes_dates_when_the_day_is_known(kb: KnowledgeBase) -> None:
    onset = samples.MONDAY - 5 * samples.DAY
    document: dict[str, Any] = plan_document(samples.plan(), kb, today=samples.MONDAY, onset_on=onset)
    assert "8 December 2026" in document["forecasts"][0]["dates"]


def test_a_runner_past_the_range_is_told_to_get_seen(kb: KnowledgeBase) -> None:
    onset = samples.MONDAY - 90 * samples.DAY
    document: dict[str, Any] = plan_document(samples.plan(), kb, today=samples.MONDAY, onset_on=onset)
    assert "physiotherapist" in document["forecasts"][0]["passed"]


def test_an_emergency_says_nothing_that_could_hold_anyone_up(kb: KnowledgeBase) -> None:
    plan = samples.refused(PlanStatus.WITHHELD, Disposition.CALL_AMBULANCE)
    document: dict[str, Any] = plan_document(plan, kb)
    assert document["urgent"]
    assert document["title"] == document["see"]["title"] == "Call 999 now"
    assert len(document["net"]["blocks"]) == 1
    for part in ("exercises", "weeks", "forecasts", "care", "withheld", "to_measure", "sources"):
        assert not document[part]


@pytest.mark.parametrize("status", [PlanStatus.WITHHELD, PlanStatus.NO_SELF_PLAN, PlanStatus.LOCKED])
def test_no_plan_never_reads_as_a_go(kb: KnowledgeBase, status: PlanStatus) -> None:
    document: dict[str, Any] = plan_document(samples.refused(status, Disposition.SAME_DAY), kb)
    assert document["safe"]["level"] != "go"
    assert document["see"]["show"]
    assert document["see"]["how_soon"]
    assert document["net"]["blocks"]


def test_a_plan_after_clearance_says_who_cleared_it(kb: KnowledgeBase) -> None:
    from soleus.core.goals import Goals

    label = page(kb, goals=Goals(cleared_by="physiotherapist"))["status"]["label"]
    assert "not yet checked" in label
    assert label.endswith("cleared by: physiotherapist.")


def running(kb: KnowledgeBase, **changes: object) -> dict[str, Any]:
    return page(kb, running=replace(samples.RUNNING, **changes))  # type: ignore[arg-type]


def test_a_closed_gate_never_reads_as_go(kb: KnowledgeBase) -> None:
    document = running(kb, allowed_now="full")
    assert document["running"]["now"].startswith("Not yet")
    assert document["words"]["again"] == "When you will run again"


def test_a_runner_who_may_run_on_is_not_sent_back_to_the_first_step(kb: KnowledgeBase) -> None:
    document = running(kb, allowed_now="within_pain")
    assert document["running"]["now"].startswith("You may run")
    assert not any(stage["here"] for stage in document["running"]["stages"])
    assert document["running"]["if_stopped"]
    assert document["words"]["again"] == "When you will be back to normal"


def test_an_open_gate_marks_the_step_to_start_at(kb: KnowledgeBase) -> None:
    document = running(kb, allowed_now="programme", open=True)
    assert [stage["here"] for stage in document["running"]["stages"]] == [True, False, False, False, False]


def test_a_step_that_rounds_is_told_on_the_safe_side(kb: KnowledgeBase) -> None:
    load = Message(text=TextId("plan.load.rpe_0_10"), params={"low": 3.7, "high": 4.9})
    phase = replace(samples.PHASES[0], prescriptions=(samples.heel_raise(load=load, rest_s=108),))
    card = page(kb, phases=(phase,))["exercises"][0]
    assert "3 to 4 out of 10" in card["sentence"]
    assert "Rest 2 minutes between sets." in card["sentence"]


def test_nothing_to_lift_is_not_told(kb: KnowledgeBase) -> None:
    load = Message(text=TextId("plan.load.bodyweight_pct"), params={"low": 0.0, "high": 0.0})
    phase = replace(samples.PHASES[0], prescriptions=(samples.heel_raise(load=load),))
    assert "percent" not in page(kb, phases=(phase,))["exercises"][0]["sentence"]


@pytest.mark.parametrize(("percent", "told"), [(100, "95 or more"), (62, "62"), (0.2, "fewer than 1")])
def test_a_chance_is_never_none_or_all(kb: KnowledgeBase, percent: float, told: str) -> None:
    why = Message(text=TextId("plan.why.cause"), params={"cause": "condition.soleus_strain.name", "percent": percent})
    assert f"about {told} of 100" in page(kb, why=(why,))["why"][0]


def test_near_clashes_are_told_and_later_ones_summed_up(kb: KnowledgeBase) -> None:
    wish = Message(text=TextId("plan.conflict.wish.days"), params={"days": 3, "count": 3})
    near = ScheduleConflict(weeks=(2, 3, 5), wishes=(wish,), least_change=(wish,), left_out=("w02.run.1",))
    late = ScheduleConflict(weeks=(12,), wishes=(wish,), least_change=())
    document = page(kb, conflicts=(near, late))
    assert [clash["when"] for clash in document["conflicts"]] == ["Weeks 2 to 3, 5"]
    assert document["conflicts"][0]["left_out"] == "One session is left out until then."
    assert "week 12" in document["conflicts_later"]


def test_the_race_gets_an_honest_word(kb: KnowledgeBase) -> None:
    race = EventOutlook(
        name="Spring 10 km",
        on=samples.MONDAY + 60 * samples.DAY,
        verdict="unlikely",
        chance=0.05,
        distance_km=10,
        allowed_km=None,
        because=Message(text=TextId("plan.event.too_soon"), params={"name": "Spring 10 km", "percent": 5}),
    )
    told = page(kb, event=race)["event"]
    assert told["word"] == "Not likely"
    assert "5 in 100" in told["line"]


def test_a_test_without_its_pain_is_not_met(kb: KnowledgeBase) -> None:
    unsure = samples.state("slhr_reps", ">=", 15, 20, Truth.UNKNOWN)
    phase = replace(samples.PHASES[0], advance=(unsure,))
    line = page(kb, phases=(phase,))["phases"][0]["advance"][0]
    assert line["state"] == "unknown"
    assert line["word"] == "tell us how much it hurt"


def test_a_day_that_has_passed_is_no_longer_waited_for(kb: KnowledgeBase) -> None:
    since = samples.state("days_since_onset", ">=", 0, 4, Truth.TRUE)
    soon, later = samples.heel_raise(start_day=2), samples.heel_raise("sl_heel_raise_loaded", start_day=6)
    phase = replace(samples.PHASES[0], entry=(since,), prescriptions=(later, soon))
    assert [card["later"] for card in page(kb, phases=(phase,))["exercises"]] == ["", "From day 6 after it began."]
