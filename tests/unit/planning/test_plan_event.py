"""What becomes of the race: likely, unlikely, or cannot tell."""

from __future__ import annotations

from datetime import timedelta

import pytest
from plan_schedule_samples import HISTORY, LIMITS, MONDAY, days, forecast, phase, request, running

from soleus.core.goals import Goals, RunningHistory, TargetEvent
from soleus.core.plan import SessionKind
from soleus.planning.event import chance_by, outlook, race_workout
from soleus.planning.run_weeks import Usual
from soleus.planning.schedule import make_schedule

SOON = (forecast(10.0, 20.0),)
USUAL = Usual.of(HISTORY, LIMITS.runs)


def race(days_ahead, distance=5.0):
    return TargetEvent(name="Park run", on=MONDAY + timedelta(days=days_ahead), distance_km=distance)


def schedule(event, *, forecasts=SOON, history=HISTORY, onset=MONDAY - timedelta(days=30), mode="full", **more):
    goals = Goals(history=history, event=event, **more)
    run = running(goals=goals, stage=8)
    first = phase(run="programme" if mode == "full" else mode, days=(7, 7, 14))
    then = phase(1, run=mode, current=False)
    return make_schedule(request(first, then, goals=goals, run=run, forecasts=forecasts, onset_on=onset))


@pytest.mark.parametrize(
    ("ahead", "expected"), [(-31, 0.0), (-20, 0.5), (-10, 0.9), (0, 0.979)], ids=["before", "median", "p90", "late"]
)
def test_chance_of_full_training_by_a_day(ahead, expected):
    onset = MONDAY - timedelta(days=30)
    assert chance_by(SOON, onset, MONDAY + timedelta(days=ahead)) == pytest.approx(expected, abs=0.001)


def test_no_forecast_no_chance():
    assert chance_by((), MONDAY, MONDAY) is None
    assert chance_by(SOON, None, MONDAY) is None


def test_a_forecast_without_spread_is_a_step():
    sure = (forecast(10.0, 10.0),)
    assert chance_by(sure, MONDAY, MONDAY + timedelta(days=9)) == 0.0
    assert chance_by(sure, MONDAY, MONDAY + timedelta(days=10)) == 1.0


def test_a_likely_race_has_its_day_and_lighter_days_around_it():
    made = schedule(race(60))
    assert made.event.verdict == "likely"
    (day,) = [session for week in made.weeks for session in week.sessions if session.id.endswith("race.1")]
    assert day.on == race(60).on
    assert day.distance_km == pytest.approx(5, abs=0.05)
    around = [
        session
        for week in made.weeks
        for session in week.sessions
        if session.kind is not SessionKind.DAILY and -2 <= (session.on - day.on).days <= 1
    ]
    assert around == [day]
    notes = [note.text for week in made.weeks for note in week.notes]
    assert "plan.schedule.taper" in notes
    assert "plan.schedule.after_race" in notes


@pytest.mark.parametrize(
    ("event", "more", "verdict", "reason"),
    [
        (race(60), {"forecasts": (forecast(400.0, 500.0),)}, "unlikely", "too_soon"),
        (race(60, 42.2), {}, "unlikely", "too_far"),
        (race(3), {}, "unlikely", "not_rebuilt"),
        (race(60), {"forecasts": ()}, "cannot_tell", "no_forecast"),
        (race(60, None), {}, "cannot_tell", "no_distance"),
        (race(60), {"history": RunningHistory(weekly_km=30)}, "cannot_tell", "no_distance"),
        (race(400), {}, "cannot_tell", "far_off"),
        (race(60), {"forecasts": (forecast(70.0, 200.0),)}, "cannot_tell", "open"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_verdict_has_its_reason(event, more, verdict, reason):
    made = schedule(event, **more)
    assert (made.event.verdict, made.event.because.text) == (verdict, f"plan.event.{reason}")
    assert not [session for week in made.weeks for session in week.sessions if session.id.endswith("race.1")]


def test_a_race_that_is_over_is_not_judged():
    assert schedule(race(-1)).event is None


def test_a_race_that_its_own_lighter_days_make_too_far_gets_no_day():
    """Just within reach without a race: the taper takes the longest run out of reach."""
    reach = schedule(race(74, 1.0)).event.allowed_km
    far = [schedule(race(74, reach - step / 10)) for step in range(1, 12)]
    assert any(item.event.verdict == "likely" for item in far)
    for item in far:
        has = any(session.id.endswith("race.1") for week in item.weeks for session in week.sessions)
        assert has == (item.event.verdict == "likely")


def test_no_runs_before_the_race_allow_nothing():
    made = schedule(race(20), mode="none", days=days(mon=30))
    assert made.event.allowed_km == 0
    assert made.event.verdict == "unlikely"


def test_the_race_as_a_workout():
    verdict = outlook(race(60), None, schedule(race(60)).weeks, USUAL, LIMITS)
    assert race_workout(verdict, USUAL, 2).run_s == round(5000 / 2.8)
