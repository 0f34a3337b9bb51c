"""Daily exercises come before cross training, each that still fits in the day."""

from __future__ import annotations

from datetime import date
from typing import Any

from soleus.core.goals import DayWish, Goals
from soleus.core.plan import PlanPhase, Prescription, SessionKind
from soleus.knowledge import load_knowledge
from soleus.planning.schedule import ScheduleRequest, make_schedule

PLANS = load_knowledge().plans
DAILY = {"ankle_pumps": 10.0, "seated_heel_raise_bw": 25.0, "toe_yoga": 5.0}


def week_of(minutes: int) -> list[tuple[SessionKind, tuple[str, ...]]]:
    given: dict[str, Any] = {name: Prescription(exercise=name, per_week=7, minutes=m) for name, m in DAILY.items()}  # type: ignore[arg-type]
    phase = PlanPhase(
        id="p", text="p", number=0, entry=(), advance=(), step_back=(), stop=(), care=(), walk=None, run="none",
        cross=("cycle_easy",), expected_days=(7, 7, 7), current=True, prescriptions=tuple(given.values()),
    )  # type: ignore[arg-type]  # fmt: skip
    goals = Goals(days=tuple(DayWish(weekday=day, minutes=minutes) for day in range(7)))
    request = ScheduleRequest(starts_on=date(2026, 11, 23), goals=goals, phases=(phase,), running=None, knowledge=PLANS)
    return [(item.kind, tuple(map(str, item.exercises))) for item in make_schedule(request).weeks[0].sessions]


def test_an_exercise_that_does_not_fit_lets_the_next_one_in() -> None:
    assert week_of(20) == [(SessionKind.DAILY, ("ankle_pumps", "toe_yoga"))] * 7


def test_cross_training_takes_what_the_daily_exercises_leave() -> None:
    assert {kind for kind, _ in week_of(60)} == {SessionKind.DAILY}
    long_days = week_of(75)
    assert [exercises for kind, exercises in long_days if kind is SessionKind.DAILY] == [tuple(DAILY)] * 7
    assert [exercises for kind, exercises in long_days if kind is SessionKind.CROSS] == [("cycle_easy",)] * 2
