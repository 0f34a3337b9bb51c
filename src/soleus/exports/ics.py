"""The plan as a calendar file (RFC 5545): one event a session, stable over revisions, with updates and cancellations.

* UID: a UUID made from plan id, calendar week, kind of session, and its place among its kind counted from the end of
  that week. A revision made in the middle of a plan numbers its weeks anew and holds the rest of the present week only,
  so neither its session ids nor a count from the front would name the same event; these do, and what is past stays.
* SEQUENCE: the revision in which the event last changed. Only the revision before is known here, so an unchanged event
  carries that one's number: never below what any older file gave it, and a change is always above. A calendar that
  goes by the number therefore never takes an old file for newer.
* DTSTAMP: when the event last changed (its meaning where there is no METHOD): now for new, changed and cancelled
  ones, the day the revision before was made for unchanged ones, so that two exports of the same change are the same.
* No METHOD: the file is a calendar to import, not an invitation, so nobody is asked to answer and no organiser is
  needed (PUBLISH would need one, RFC 5546 3.2.1).
* Dropped sessions of today and later come as CANCELLED with their old time; past ones happened or not, and stay.
* A calendar is often shared: the title names the kind of training, never the cause; every event is PRIVATE; nothing
  of a plan's causes is written anywhere in it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from soleus.core.errors import BackendError, InputError
from soleus.core.plan import Plan, PlannedSession, PlanPhase, PlanStatus, PlanWeek, Prescription, SessionKind
from soleus.exports.plan_wording import (
    around_words,
    dose_of_day,
    exercise_name,
    load_words,
    measure_name,
    number,
    say,
    sentence,
    stop_line,
    tempo,
    workout_words,
)
from soleus.exports.wording import text
from soleus.knowledge.base import KnowledgeBase

if TYPE_CHECKING:
    from icalendar import Alarm, Calendar, Event

NAMESPACE = uuid.UUID("6f0c5f4e-5f5b-5d0a-9c1e-2f4f0b1d7a55")
PRODUCT = "-//Soleus//Training plan//EN"
YEARS_OF_ZONE_RULES = 3
DAY_MIN = 1440
HOLDS_SESSIONS = (PlanStatus.DRAFT, PlanStatus.LOCKED)
"""A plan that was withheld puts nothing into a calendar, whatever it holds."""
ALARM_BEFORE = timedelta(minutes=30)
ALARM_ALL_DAY = timedelta(hours=8)
"""After midnight: at eight in the morning of a day without a time."""


def session_uids(plan: Plan) -> dict[str, str]:
    """The UID of each session's event by session id: the same in every revision of the plan."""
    groups: dict[str, list[PlannedSession]] = {}
    for session in sorted(plan.sessions, key=lambda item: (item.on, item.order, item.id), reverse=True):
        year, week, _ = session.on.isocalendar()
        groups.setdefault(f"{plan.id}/{year}-W{week:02d}/{session.kind.value}", []).append(session)
    return {
        session.id: str(uuid.uuid5(NAMESPACE, f"{place}/{from_end}"))
        for place, sessions in groups.items()
        for from_end, session in enumerate(sessions, start=1)
    }


def plan_calendar(
    plan: Plan, kb: KnowledgeBase, *, previous: Plan | None = None, stamped_at: datetime, discreet: bool = True
) -> bytes:
    """The calendar of a plan; with `previous`, also what became of the sessions of that revision.

    `stamped_at`: now, aware. `discreet` False puts the name of the plan before the kind of training in each title.
    InputError for an unknown time zone or a `previous` that is not older.
    """
    if stamped_at.tzinfo is None:
        raise ValueError("stamped_at must be aware")
    if previous is not None and previous.id == plan.id and previous.revision >= plan.revision:
        raise InputError(
            f"the plan before (revision {previous.revision}) is not older than this one (revision {plan.revision})",
            hint="Give the plan.json of the version you put into the calendar last",
        )
    calendar = _calendar(kb)
    now = stamped_at.astimezone(UTC).replace(microsecond=0)
    before = {} if previous is None else {str(event["uid"]): event for event in _events(previous, kb, discreet)}
    for event in _events(plan, kb, discreet):
        old = before.pop(str(event["uid"]), None)
        if old is not None and previous is not None and old.to_ical() == event.to_ical():
            _stamp(event, previous.revision, datetime.combine(previous.made_on, time(0), UTC))
        else:
            _stamp(event, plan.revision, now)
        calendar.add_component(event)
    if previous is not None:
        sequence = max(plan.revision, previous.revision + 1)
        for event in before.values():
            if _first_day(event) >= plan.made_on:
                calendar.add_component(_cancelled(event, kb, sequence, now))
    return _with_zone(calendar, plan, previous)


# --- the parts of a file ----------------------------------------------------------------------------------------
def _calendar(kb: KnowledgeBase) -> Calendar:
    try:
        from icalendar import Calendar
    except ImportError as error:
        raise BackendError("calendars need icalendar", hint="Install it with: pip install 'soleus[plan]'") from error
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    name = text(kb, "export.calendar.name")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    return calendar


def _with_zone(calendar: Calendar, plan: Plan, previous: Plan | None) -> bytes:
    """The file with the rules of each time zone it speaks of, for whole years around the days it covers: a calendar
    that keeps the first rules it saw for a zone must still be right about the next plan."""
    from icalendar import Timezone

    days = [_first_day(event) for event in calendar.events] or [plan.starts_on]
    first, last = date(min(days).year - 1, 1, 1), date(max(days).year + YEARS_OF_ZONE_RULES, 1, 1)
    zones = {plan.goals.time_zone, previous.goals.time_zone if previous else plan.goals.time_zone}
    for name in sorted(zones - {"UTC"}):
        calendar.subcomponents.insert(0, Timezone.from_tzid(name, first_date=first, last_date=last))
    content: bytes = calendar.to_ical()
    return content


def _stamp(event: Event, sequence: int, at: datetime) -> None:
    event.add("sequence", sequence)
    event.add("dtstamp", at)
    event.add("last-modified", at)


def _cancelled(event: Event, kb: KnowledgeBase, sequence: int, now: datetime) -> Event:
    """The event as it was, called off, with no alarm and nothing left to do."""
    event.subcomponents.clear()
    for name in ("status", "transp", "description"):
        event.pop(name, None)
    event.add("description", text(kb, "export.calendar.cancelled"))
    event.add("status", "CANCELLED")
    event.add("transp", "TRANSPARENT")
    _stamp(event, sequence, now)
    return event


# --- one session ------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class _Slot:
    """When a session takes place; `start` None = some time on the day."""

    session: PlannedSession
    week: PlanWeek
    start: datetime | None
    end: datetime | None
    alarm: bool


def _events(plan: Plan, kb: KnowledgeBase, discreet: bool) -> Iterator[Event]:
    phases = {phase.id: phase for phase in plan.phases}
    uids = session_uids(plan)
    for slot in _slots(plan):
        event = _event(plan, slot, phases.get(slot.week.phase), kb, discreet)
        event.add("uid", uids[slot.session.id])
        yield event


def _slots(plan: Plan) -> Iterator[_Slot]:
    """Sessions by day and order. A session without a time follows the one before it, where that has one.

    The first certain session of a day gets the alarm; the rest of the day follows on.
    """
    zone = _zone(plan.goals.time_zone)
    if plan.status not in HOLDS_SESSIONS:
        return
    pairs = [(session, week) for week in plan.weeks for session in week.sessions]
    pairs.sort(key=lambda pair: (pair[0].on, pair[0].order, pair[0].id))
    for _, day in groupby(pairs, key=lambda pair: pair[0].on):
        free: datetime | None = None
        rung = False
        for session, week in day:
            start = free if session.at is None else _instant(session.on, session.at, zone)
            end = None if start is None else _later(start, session.minutes)
            free = end if end is not None and end.date() == session.on else None
            alarm = not rung and not session.provisional
            rung = rung or alarm
            yield _Slot(session=session, week=week, start=start, end=end, alarm=alarm)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(f"the time zone {name!r} is not known", hint="Write it like Europe/London") from error


def _instant(on: date, at: time, zone: ZoneInfo) -> datetime:
    """The local time; one that the clocks jump over is read as if they had not, and moves on with them."""
    return datetime.combine(on, at.replace(tzinfo=None), zone).astimezone(UTC).astimezone(zone)


def _later(start: datetime, minutes: int) -> datetime:
    """So many real minutes later, also across a change of the clocks."""
    return (start.astimezone(UTC) + timedelta(minutes=min(max(minutes, 1), DAY_MIN))).astimezone(start.tzinfo)


def _event(plan: Plan, slot: _Slot, phase: PlanPhase | None, kb: KnowledgeBase, discreet: bool) -> Event:
    from icalendar import Event

    session = slot.session
    event = Event()
    if slot.start is None:
        event.add("dtstart", session.on)
        event.add("dtend", session.on + timedelta(days=1))
    else:
        event.add("dtstart", slot.start)
        event.add("dtend", slot.end)
    event.add("summary", _summary(plan, session, kb, discreet))
    event.add("description", _description(plan, session, phase, kb))
    event.add("status", "TENTATIVE" if session.provisional else "CONFIRMED")
    # Only what has a time and will happen makes the runner busy to others.
    event.add("transp", "TRANSPARENT" if session.provisional or slot.start is None else "OPAQUE")
    event.add("class", "PRIVATE")
    event.add("categories", [text(kb, "export.calendar.category")])
    if slot.alarm:
        event.add_component(_alarm(slot, str(event["summary"])))
    return event


def _alarm(slot: _Slot, summary: str) -> Alarm:
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", ALARM_ALL_DAY if slot.start is None else -ALARM_BEFORE)
    return alarm


def _first_day(event: Event) -> date:
    start = event.start
    return start.date() if isinstance(start, datetime) else start


# --- words ------------------------------------------------------------------------------------------------------
def _summary(plan: Plan, session: PlannedSession, kb: KnowledgeBase, discreet: bool) -> str:
    """ "Strength, 30 min": never a cause or a part of the body."""
    kind = session.kind.value
    if session.kind is SessionKind.RUN and session.workout is not None:
        if plan.goals.event is not None and plan.goals.event.on == session.on:
            kind = "race"
        elif all(block.walk_s == 0 for block in session.workout.blocks):
            kind = "run_only"
    words = text(
        kb,
        f"export.calendar.{'maybe' if session.provisional else 'title'}",
        what=text(kb, f"export.calendar.kind.{kind}", kind.replace("_", " ").capitalize()),
        minutes=str(session.minutes),
    )
    return words if discreet else text(kb, "export.calendar.open", title=words)


def _description(plan: Plan, session: PlannedSession, phase: PlanPhase | None, kb: KnowledgeBase) -> str:
    """What to do, how much pain is fine, and when to stop, in plain words."""
    blocks = [
        [text(kb, "export.calendar.provisional")] if session.provisional else [],
        [*_what(session, phase, kb), *_tests(plan, session, phase, kb)],
        _pain(plan, session, phase, kb),
        _stop(phase, kb),
        [text(kb, "export.calendar.footer")],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _what(session: PlannedSession, phase: PlanPhase | None, kb: KnowledgeBase) -> list[str]:
    lines = []
    if session.workout is not None:
        lines.append(sentence(workout_words(kb, session.workout)))
        lines.append(around_words(kb, session.workout))
        notes = [sentence(say(note, kb)) for note in session.workout.notes]
        lines += notes or [text(kb, "export.calendar.effort")]
    given = {item.exercise: item for item in phase.prescriptions} if phase else {}
    for exercise in session.exercises:
        name = exercise_name(kb, exercise)
        lines.append(f"- {name}: {_dose(given[exercise], kb)}" if exercise in given else f"- {name}")
    return [line for line in lines if line]


def _dose(item: Prescription, kb: KnowledgeBase) -> str:
    """How much on this day; how often a week is what the calendar itself shows."""
    parts = (dose_of_day(kb, item), tempo(kb, item), load_words(kb, item))
    return " ".join(sentence(part) for part in parts if part)


def _tests(plan: Plan, session: PlannedSession, phase: PlanPhase | None, kb: KnowledgeBase) -> list[str]:
    """How the tests of a test day are done; only those that the plan itself asks for now, as others may be unsafe."""
    if session.kind is not SessionKind.TEST:
        return []
    asked = {state.criterion.measure for state in phase.advance} if phase and phase.current else set()
    shown = [measure for measure in plan.to_measure if measure in asked]
    lines = [f"- {measure_name(kb, item)}. {text(kb, f'measure.{item}.how')}".strip() for item in shown]
    return [text(kb, "export.calendar.tests"), *lines]


def _pain(plan: Plan, session: PlannedSession, phase: PlanPhase | None, kb: KnowledgeBase) -> list[str]:
    """The strictest limit of what the session holds."""
    given = {item.exercise: item.pain_max_nrs for item in phase.prescriptions} if phase else {}
    limits = [given[exercise] for exercise in session.exercises if exercise in given]
    limits += [session.workout.pain_max_nrs] if session.workout is not None else []
    limit = min(limits, default=plan.pain_max_nrs)
    return [
        text(kb, "export.calendar.pain" if limit > 0 else "export.calendar.pain_zero", pain=number(limit)),
        text(kb, "export.calendar.next_day"),
    ]


def _stop(phase: PlanPhase | None, kb: KnowledgeBase) -> list[str]:
    signs = [stop_line(kb, rule)["sign"] for rule in (phase.stop if phase else ())]
    listed = [text(kb, "export.calendar.stop"), *(f"- {sign}" for sign in signs)] if signs else []
    return [*listed, text(kb, "export.calendar.emergency")]
