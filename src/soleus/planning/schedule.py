"""Sessions on days: weeks through return to running and the build-up after it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from soleus.core.goals import DEFAULT_DAY_MINUTES, DayWish, Goals
from soleus.core.plan import (
    PlannedSession,
    PlanPhase,
    PlanWeek,
    RunningPlan,
    ScheduleConflict,
    SessionKind,
)
from soleus.knowledge.plan_base import PlanKnowledge

MOST_WEEKS = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRequest:
    """What the weeks are made of."""

    starts_on: date
    goals: Goals
    phases: tuple[PlanPhase, ...]
    """All phases of the plan, in order; one of them is current."""
    running: RunningPlan | None
    knowledge: PlanKnowledge
    onset_on: date | None = None
    speed_gate_open: bool = False
    """Every criterion of the speed gate is certainly met: strides may come now, not only "later, when"."""
    previous: tuple[PlannedSession, ...] = field(default=())
    """Sessions of the plan that this one replaces: kept on their days where the rules allow."""
    most_weeks: int = MOST_WEEKS


def schedule_weeks(request: ScheduleRequest) -> tuple[tuple[PlanWeek, ...], tuple[ScheduleConflict, ...]]:
    """Weeks from `starts_on` (7 days each, number from 1), and the wishes that could not all be met."""
    start = next((i for i, phase in enumerate(request.phases) if phase.current), 0)
    if not request.phases:
        return (), ()
    phase = request.phases[start]
    days = request.goals.days or tuple(DayWish(weekday=d, minutes=DEFAULT_DAY_MINUTES) for d in range(7))
    open_days = {wish.weekday: wish for wish in days}
    exercises = tuple(item.exercise for item in phase.prescriptions)
    sessions: list[PlannedSession] = []
    for day in range(7):
        on = request.starts_on + timedelta(days=day)
        wish = open_days.get(on.weekday())
        if wish is None or not exercises or len(sessions) == 3 or (sessions and (on - sessions[-1].on).days < 2):
            continue
        minutes = min(wish.minutes, round(sum(item.minutes for item in phase.prescriptions)))
        sessions.append(
            PlannedSession(
                id=f"w01.strength.{len(sessions) + 1}",
                kind=SessionKind.STRENGTH,
                on=on,
                order=0,
                minutes=minutes,
                exercises=exercises,
                at=wish.at,
            )
        )
    return (PlanWeek(number=1, starts_on=request.starts_on, phase=phase.id, sessions=tuple(sessions)),), ()
