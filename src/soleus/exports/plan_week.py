"""The week of a plan as plain data: today's card, the strip of seven days, and all the weeks ahead."""

from __future__ import annotations

from datetime import date, timedelta

from soleus.core.plan import Plan, PlannedSession, PlanStatus, PlanWeek, Prescription, SessionKind
from soleus.exports.plan_wording import (
    around_words,
    dose_of_day,
    exercise_name,
    number,
    say,
    whole_minutes,
    workout_words,
)
from soleus.exports.wording import text
from soleus.knowledge.base import KnowledgeBase

Document = dict[str, object]
WEEK = timedelta(days=7)
RACE = "race"
"""Id of the workout that is the race itself."""


def today_card(plan: Plan, kb: KnowledgeBase, today: date) -> Document:
    """What to do today: sessions, a rest day, or when it starts; `next` names the next session."""
    week = _week_of(plan, today)
    sessions = [] if week is None else _on(week, today)
    upcoming = next((s for s in sorted(plan.sessions, key=_when) if s.on > today), None)
    following = ""
    if upcoming is not None:
        following = text(kb, "plan.today.next", what=session_name(kb, upcoming), date=day_name(upcoming.on))
    if plan.weeks and today < plan.weeks[0].starts_on:
        kind, title, body = "before", text(kb, "plan.today.starts", date=day_name(plan.weeks[0].starts_on)), ""
    elif sessions:
        kind, title = "training", day_name(today)
        body = text(kb, "plan.today.total", minutes=str(sum(s.minutes for s in sessions)))
    elif plan.status is not PlanStatus.DRAFT or not plan.weeks:
        kind, title, body = "none", text(kb, "plan.today.none"), ""
    elif week is None:
        kind, title, body = "over", text(kb, "plan.today.over"), ""
    else:
        kind, title, body = "rest", text(kb, "plan.today.rest"), text(kb, "plan.today.rest_body")
    return {
        "kind": kind,
        "date": today.isoformat(),
        "title": title,
        "body": body,
        "check": text(kb, "plan.today.check"),
        "sessions": [session(kb, s, prescriptions(plan, week)) for s in sessions],
        "next": following,
    }


def this_week(plan: Plan, kb: KnowledgeBase, today: date) -> Document | None:
    """The week that holds today, else the first to come, else the last."""
    week = _week_of(plan, today)
    if week is None and plan.weeks:
        week = next((w for w in plan.weeks if w.starts_on > today), plan.weeks[-1])
    return None if week is None else _week(plan, kb, week, today)


def weeks(plan: Plan, kb: KnowledgeBase, today: date) -> list[Document]:
    """Every week with its seven days."""
    return [_week(plan, kb, week, today) for week in plan.weeks]


def _week(plan: Plan, kb: KnowledgeBase, week: PlanWeek, today: date) -> Document:
    given = prescriptions(plan, week)
    phase = next((phase for phase in plan.phases if phase.id == week.phase), None)
    runs = [s for s in week.sessions if s.kind is SessionKind.RUN]
    lifting = {s.on for s in week.sessions if s.kind in (SessionKind.STRENGTH, SessionKind.PLYOMETRIC)}
    return {
        "number": week.number,
        "starts_on": week.starts_on.isoformat(),
        "label": text(
            kb, "plan.week.label", number=str(week.number), date=short_date(week.starts_on, plan.made_on.year)
        ),
        "from": short_date(week.starts_on, plan.made_on.year),
        "phase": "" if phase is None else text(kb, f"phase.{phase.text}.name", phase.id.replace("_", " ")),
        "phase_number": None if phase is None else 1 + sum(other.number < phase.number for other in plan.phases),
        "provisional": bool(week.sessions) and all(s.provisional for s in week.sessions),
        "current": week.starts_on <= today < week.starts_on + WEEK,
        "days": [_day(kb, week, week.starts_on + timedelta(days=n), given, today) for n in range(7)],
        "runs": len(runs),
        "run_min": round(week.run_min),
        "run_km": None if week.run_km is None else number(round(week.run_km, 1)),
        "strength_days": len(lifting),
        "cap": "" if week.cap_run_km is None else text(kb, "plan.week.km", km=number(round(week.cap_run_km, 1))),
        "notes": [said for message in week.notes if (said := say(message, kb))],
    }


def _day(kb: KnowledgeBase, week: PlanWeek, on: date, given: dict[str, Prescription], today: date) -> Document:
    sessions = [session(kb, s, given) for s in _on(week, on)]
    return {
        "date": on.isoformat(),
        "name": f"{on:%A}",
        "short": f"{on:%a}",
        "day": f"{on.day} {on:%b}",
        "today": on == today,
        "rest": "" if sessions else text(kb, "plan.day.rest"),
        "sessions": sessions,
    }


def session(kb: KnowledgeBase, item: PlannedSession, given: dict[str, Prescription]) -> Document:
    """One session: name, minutes, time of day, and what it holds."""
    exercises = [
        {
            "id": str(exercise),
            "name": exercise_name(kb, exercise),
            "dose": dose_of_day(kb, given[exercise]) if exercise in given else "",
        }
        for exercise in item.exercises
    ]
    workout = item.workout
    return {
        "id": item.id,
        "kind": item.kind.value,
        "name": session_name(kb, item),
        "minutes": item.minutes,
        "minutes_words": text(kb, "plan.session.minutes", minutes=str(item.minutes)),
        "at": "" if item.at is None else f"{item.at:%H:%M}",
        "provisional": text(kb, "plan.session.maybe") if item.provisional else "",
        "exercises": exercises,
        "run": "" if workout is None else workout_words(kb, workout),
        "around": "" if workout is None else around_words(kb, workout),
        "run_minutes": None if workout is None else whole_minutes(workout.run_s),
        "note": text(kb, "plan.session.tests") if item.kind is SessionKind.TEST else "",
        "km": None if item.distance_km is None else number(round(item.distance_km, 1)),
    }


def session_name(kb: KnowledgeBase, item: PlannedSession) -> str:
    """Run and walk; Strength; Test day."""
    if item.workout is not None and item.workout.id == RACE:
        return say(item.workout.name, kb)
    name: str = item.kind.value
    if item.workout is not None and all(block.walk_s == 0 for block in item.workout.blocks):
        name = "run_only"
    return text(kb, f"plan.session.{name}", name.replace("_", " ").capitalize())


def prescriptions(plan: Plan, week: PlanWeek | None) -> dict[str, Prescription]:
    """The doses that hold in a week, by exercise."""
    phase = None if week is None else next((p for p in plan.phases if p.id == week.phase), None)
    return {} if phase is None else {str(p.exercise): p for p in phase.prescriptions}


def _week_of(plan: Plan, day: date) -> PlanWeek | None:
    return next((w for w in plan.weeks if w.starts_on <= day < w.starts_on + WEEK), None)


def _on(week: PlanWeek, day: date) -> list[PlannedSession]:
    return sorted((s for s in week.sessions if s.on == day), key=_when)


def _when(item: PlannedSession) -> tuple[date, int, str]:
    return item.on, item.order, item.id


def day_name(day: date) -> str:
    """Monday 23 November."""
    return f"{day:%A} {day.day} {day:%B}"


def short_date(day: date, year: int) -> str:
    """23 Nov; with the year when it is another one than `year`."""
    return f"{day.day} {day:%b}" if day.year == year else f"{day.day} {day:%b} {day.year}"
