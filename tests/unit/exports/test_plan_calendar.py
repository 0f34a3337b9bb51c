"""The calendar of a plan, read by two other libraries: times, alarms, titles, moves and cancellations."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from exported_plans import GOALS, MADE_ON, PLAN, weeks, withheld
from hypothesis import given, settings
from hypothesis import strategies as st

from soleus.core.errors import InputError
from soleus.core.plan import PlannedSession, PlanStatus, PlanWeek, SessionKind
from soleus.exports.ics import plan_calendar, session_uids
from soleus.knowledge import load_knowledge

pytestmark = pytest.mark.filterwarnings("ignore")
NOW = datetime(2026, 10, 12, 9, 0, 30, 5, tzinfo=UTC)
LATER = datetime(2026, 10, 19, 20, 0, tzinfo=UTC)
KB = load_knowledge()


def calendar(plan, previous=None, at=NOW, **more):
    return plan_calendar(plan, KB, previous=previous, stamped_at=at, **more)


# --- two readers that share no code with the writer -----------------------------------------------------------------
def read_with_vobject(content):
    vobject = pytest.importorskip("vobject")
    vars(vobject.icalendar)["__tzidMap"].clear()  # it would keep the zone rules of the first file it ever saw
    found = vobject.readOne(content.decode())
    return {
        event.uid.value: {
            "start": _utc(event.dtstart.value),
            "end": _utc(event.dtend.value),
            "sequence": int(event.sequence.value),
            "stamp": event.dtstamp.value,
            "status": event.status.value,
            "summary": event.summary.value,
            "description": event.description.value,
            "alarms": [alarm.trigger.value for alarm in event.contents.get("valarm", [])],
        }
        for event in found.contents.get("vevent", [])
    }


def read_with_ical(content):
    stream = pytest.importorskip("ical.calendar_stream")
    found = stream.IcsCalendarStream.calendar_from_ics(content.decode())
    return {
        event.uid: {
            "start": _utc(event.dtstart),
            "end": _utc(event.dtend),
            "sequence": event.sequence,
            "stamp": event.dtstamp,
            "status": event.status.value,
            "summary": event.summary,
            "description": event.description,
            "alarms": [alarm.trigger for alarm in event.alarm],
        }
        for event in found.events
    }


def _utc(value):
    return value.astimezone(UTC) if isinstance(value, datetime) else value


READERS = [read_with_vobject, read_with_ical]
both = pytest.mark.parametrize("read", READERS, ids=["vobject", "ical"])


def events(content):
    return read_with_vobject(content)


def of(found, plan, name):
    return found[session_uids(plan)[name]]


def uids(plan, sessions):
    known = session_uids(plan)
    return {known[session.id] for session in sessions}


# --- one plan -------------------------------------------------------------------------------------------------------
@both
def test_every_session_is_an_event_at_its_local_time(read):
    found = read(calendar(PLAN))
    assert len(found) == len(PLAN.sessions)
    run = of(found, PLAN, "w01.run.1")
    assert run["start"] == datetime(2026, 10, 13, 17, 30, tzinfo=UTC)
    assert run["end"] - run["start"] == timedelta(minutes=28)
    assert run["summary"] == "Run and walk, 28 min"
    assert of(found, PLAN, "w01.daily.1")["start"] == date(2026, 10, 14)
    assert of(found, PLAN, "w01.daily.1")["end"] == date(2026, 10, 15)


@both
@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        ("Europe/London", (2026, 10, 20, 17, 30), (2026, 10, 27, 18, 30)),
        ("America/New_York", (2026, 10, 27, 22, 30), (2026, 11, 3, 23, 30)),
        ("Australia/Lord_Howe", (2026, 10, 13, 7, 30), (2026, 10, 20, 7, 30)),
        ("Asia/Kathmandu", (2026, 10, 13, 12, 45), (2026, 10, 20, 12, 45)),
        ("UTC", (2026, 10, 13, 18, 30), (2026, 10, 27, 18, 30)),
    ],
)
def test_half_past_six_stays_half_past_six_when_the_clocks_change(read, zone, before, after):
    plan = replace(PLAN, goals=replace(GOALS, time_zone=zone))
    content = calendar(plan)
    starts = {item["start"] for item in read(content).values()}
    assert {datetime(*before, tzinfo=UTC), datetime(*after, tzinfo=UTC)} <= starts
    assert (b"BEGIN:VTIMEZONE" in content) == (zone != "UTC")


@both
def test_a_time_that_the_clocks_jump_over_moves_on(read):
    session = PlannedSession(
        id="w01.run.1", kind=SessionKind.RUN, on=date(2027, 3, 28), order=0, minutes=45, at=time(1, 30)
    )
    week = PlanWeek(number=1, starts_on=date(2027, 3, 22), phase="strain.2", sessions=(session,))
    found = of(read(calendar(replace(PLAN, weeks=(week,)))), replace(PLAN, weeks=(week,)), "w01.run.1")
    assert found["start"] == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert found["end"] - found["start"] == timedelta(minutes=45)


@both
def test_an_hour_that_happens_twice_is_the_first_one(read):
    """A session from 01:30 summer time lasts 45 real minutes, into the repeated hour."""
    session = PlannedSession(
        id="w01.run.1", kind=SessionKind.RUN, on=date(2026, 10, 25), order=0, minutes=25, at=time(1, 30)
    )
    week = PlanWeek(number=1, starts_on=date(2026, 10, 19), phase="strain.2", sessions=(session,))
    plan = replace(PLAN, weeks=(week,))
    found = of(read(calendar(plan)), plan, "w01.run.1")
    assert found["start"] in (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC))


def test_strength_follows_the_run_of_that_day():
    found = events(calendar(PLAN))
    assert of(found, PLAN, "w01.strength.1")["start"] == of(found, PLAN, "w01.run.1")["end"]


def test_without_a_time_the_whole_day_is_taken():
    found = events(calendar(replace(PLAN, weeks=weeks(at=None))))
    assert of(found, PLAN, "w01.run.1")["start"] == date(2026, 10, 13)
    assert of(found, PLAN, "w01.strength.1")["start"] == date(2026, 10, 13)


@both
def test_one_alarm_a_day_and_none_for_what_may_not_happen(read):
    found = read(calendar(PLAN))
    assert of(found, PLAN, "w01.run.1")["alarms"] == [timedelta(minutes=-30)]
    assert of(found, PLAN, "w01.strength.1")["alarms"] == []
    assert of(found, PLAN, "w01.daily.1")["alarms"] == [timedelta(hours=8)]
    assert of(found, PLAN, "w04.run.1")["alarms"] == []


@both
def test_weeks_of_a_later_phase_are_tentative(read):
    found = read(calendar(PLAN))
    assert of(found, PLAN, "w01.run.1")["status"] == "CONFIRMED"
    assert of(found, PLAN, "w04.run.1")["status"] == "TENTATIVE"
    assert of(found, PLAN, "w04.run.1")["summary"].startswith("If ready: ")
    assert "goals of the stage before" in of(found, PLAN, "w04.run.1")["description"]


@both
def test_the_description_says_what_to_do_and_when_to_stop(read):
    run = of(read(calendar(PLAN)), PLAN, "w01.run.1")["description"]
    assert run.splitlines()[0] == "6 times: run 1 minute, walk 2 minutes."
    strength = of(read(calendar(PLAN)), PLAN, "w01.strength.1")["description"]
    assert "3 sets of 12 to 15" in strength
    for words in (run, strength):
        assert "Pain up to 2 out of 10" in words
        assert "Stop and get help if:\n- " in words
        assert "999" in words
        assert not re.search(r"[{}]|\bNone\b", words)


def test_a_test_day_tells_only_the_tests_that_the_plan_asks_for():
    """A test that may be unsafe for this runner is not among them, whatever the phase wants in the end."""
    asked = replace(PLAN, to_measure=("slhr_reps", "hop10_pain_nrs"))
    words = of(events(calendar(asked)), asked, "w01.test.1")["description"]
    assert "Do the tests that your plan names" in words
    assert KB.text["measure.slhr_reps.name"] in words
    assert KB.text["measure.hop10_pain_nrs.name"] not in words
    later = replace(asked, phases=tuple(replace(phase, current=False) for phase in PLAN.phases))
    assert KB.text["measure.slhr_reps.name"] not in of(events(calendar(later)), later, "w01.test.1")["description"]


def test_no_pain_at_all_is_said_so():
    plan = replace(PLAN, weeks=weeks(count=1, first_provisional=9))
    phase = replace(plan.phases[1], prescriptions=(replace(plan.phases[1].prescriptions[1], pain_max_nrs=0),))
    plan = replace(plan, phases=(plan.phases[0], phase))
    assert "It must not hurt" in of(events(calendar(plan)), plan, "w01.daily.1")["description"]


def test_titles_name_no_cause_and_no_part_of_the_body():
    content = calendar(PLAN).decode()
    lines = re.findall(r"^(?:SUMMARY|CATEGORIES|X-WR-CALNAME|NAME):(.*)$", content, re.MULTILINE)
    banned = re.compile(r"calf|strain|achilles|tendon|injur|rehab|pain|physio|clot", re.IGNORECASE)
    assert lines
    assert not [line for line in lines if banned.search(line)]
    causes = [KB.text[f"condition.{name}.name"].lower() for name in KB.conditions]
    unfolded = content.replace("\r\n ", "").lower()
    assert not [name for name in causes if name in unfolded]
    assert content.count("CLASS:PRIVATE") == len(PLAN.sessions)


def test_a_runner_may_want_the_title_to_say_it():
    found = events(calendar(PLAN, discreet=False))
    assert of(found, PLAN, "w01.run.1")["summary"] == "Calf plan: Run and walk, 28 min"


def test_a_run_without_walks_is_called_a_run():
    workout = replace(
        PLAN.sessions[0].workout, blocks=(replace(PLAN.sessions[0].workout.blocks[0], repeats=1, walk_s=0),)
    )
    session = replace(PLAN.sessions[0], workout=workout)
    plan = replace(PLAN, weeks=(replace(PLAN.weeks[0], sessions=(session,)),))
    assert of(events(calendar(plan)), plan, "w01.run.1")["summary"].startswith("Run, ")


def test_the_race_is_called_race_day():
    plan = replace(PLAN, goals=replace(GOALS, event=replace(GOALS.event, on=PLAN.sessions[0].on)))
    found = events(calendar(plan))
    assert of(found, plan, "w01.run.1")["summary"] == "Race day, 28 min"
    assert of(found, plan, "w01.strength.1")["summary"].startswith("Strength")


def test_every_kind_of_session_has_its_title():
    one = [
        PlannedSession(id=f"w01.{kind.value}.1", kind=kind, on=MADE_ON, order=0, minutes=10, at=time(8))
        for kind in SessionKind
    ]
    plan = replace(PLAN, weeks=(replace(PLAN.weeks[0], sessions=tuple(one)),))
    summaries = [item["summary"] for item in events(calendar(plan)).values()]
    assert len(set(summaries)) == len(SessionKind)
    assert not [words for words in summaries if "_" in words]


def test_the_file_keeps_the_rules_of_the_format():
    content = calendar(PLAN)
    lines = content.split(b"\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 75
    assert content.startswith(b"BEGIN:VCALENDAR\r\n")
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert b"METHOD" not in content
    assert b"ORGANIZER" not in content
    assert content == calendar(PLAN)


def test_a_plan_without_sessions_is_still_a_file():
    empty = replace(PLAN, weeks=())
    assert events(calendar(empty)) == {}
    assert b"BEGIN:VTIMEZONE" in calendar(empty)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd"])
def test_an_unknown_zone_is_refused(zone):
    with pytest.raises(InputError, match="time zone"):
        calendar(replace(PLAN, goals=replace(GOALS, time_zone=zone)))


def test_the_stamp_must_know_its_zone():
    with pytest.raises(ValueError, match="aware"):
        plan_calendar(PLAN, KB, stamped_at=datetime(2026, 10, 12))  # noqa: DTZ001


# --- revisions ------------------------------------------------------------------------------------------------------
class Phone:
    """A calendar that takes a file in: by UID, newer by SEQUENCE then DTSTAMP, cancelled ones go."""

    def __init__(self, read):
        self.read, self.held, self.gone = read, {}, {}

    def take_in(self, content):
        for uid, event in self.read(content).items():
            held = self.held.get(uid) or self.gone.get(uid)
            if held and (event["sequence"], event["stamp"]) < (held["sequence"], held["stamp"]):
                continue
            self.held.pop(uid, None)
            (self.gone if event["status"] == "CANCELLED" else self.held)[uid] = event
        return self

    def starts(self):
        return {uid: event["start"] for uid, event in self.held.items()}


def revised(plan=PLAN, revision=2, made_on=date(2026, 10, 19), move=(), drop=(), add=()):
    """The next revision: some sessions moved by days, some dropped, some new."""
    moved = dict(move)

    def change(session):
        return replace(session, on=session.on + timedelta(days=moved.get(session.id, 0)))

    new = tuple(
        replace(week, sessions=tuple(change(s) for s in week.sessions if s.id not in drop)) for week in plan.weeks
    )
    return replace(plan, revision=revision, made_on=made_on, weeks=new)


@both
def test_an_update_ends_with_the_right_calendar(read):
    after = revised(move={"w03.run.1": 1, "w03.strength.1": 1}, drop={"w03.daily.1", "w04.run.2"})
    phone = Phone(read).take_in(calendar(PLAN)).take_in(calendar(after, PLAN, LATER))
    fresh = Phone(read).take_in(calendar(after))
    assert phone.starts() == fresh.starts()
    moved = of(phone.held, after, "w03.run.1")
    assert (moved["sequence"], moved["stamp"]) == (2, LATER)
    assert of(phone.held, after, "w03.run.2")["sequence"] == 1
    assert {event["sequence"] for event in phone.gone.values()} == {2}
    assert len(phone.gone) == 2


@both
def test_a_moved_session_keeps_its_uid(read):
    after = revised(move={"w03.run.1": 1})
    first, second = read(calendar(PLAN)), read(calendar(after, PLAN, LATER))
    assert first.keys() == second.keys()


def test_what_did_not_change_is_the_same_in_every_later_export():
    after = revised(move={"w03.run.1": 1})
    once, again = events(calendar(after, PLAN, LATER)), events(calendar(after, PLAN, LATER + timedelta(days=1)))
    assert of(once, after, "w02.run.1") == of(again, after, "w02.run.1")
    assert of(once, after, "w02.run.1")["stamp"] == datetime(2026, 10, 12, tzinfo=UTC)


def test_a_cancelled_event_keeps_its_old_time_and_says_why():
    after = revised(drop={"w03.run.1"})
    gone = of(events(calendar(after, PLAN, LATER)), PLAN, "w03.run.1")
    assert gone["status"] == "CANCELLED"
    assert gone["start"] == datetime(2026, 10, 27, 18, 30, tzinfo=UTC)
    assert gone["alarms"] == []
    assert gone["description"] == KB.text["export.calendar.cancelled"]


def test_what_is_past_is_not_called_off():
    after = revised(drop={session.id for session in PLAN.weeks[0].sessions})
    assert not events(calendar(after, PLAN, LATER)).keys() & uids(PLAN, PLAN.weeks[0].sessions)


@both
@pytest.mark.parametrize("days", [7, 9, 10, 14, 16])
def test_a_plan_made_anew_on_the_way_leaves_the_past_alone(read, days):
    """Weeks are then numbered from 1 again, and may begin on any weekday."""
    made_on = MADE_ON + timedelta(days=days)
    anew = tuple(
        replace(
            week,
            starts_on=week.starts_on + timedelta(days=days),
            sessions=tuple(replace(s, on=s.on + timedelta(days=days)) for s in week.sessions),
        )
        for week in PLAN.weeks
    )
    after = replace(PLAN, revision=2, made_on=made_on, starts_on=made_on, weeks=anew)
    first = read(calendar(PLAN))
    past = {uid: event["start"] for uid, event in first.items() if _day(event["start"]) < made_on}
    now = {event["start"] for event in read(calendar(after)).values()}
    phone = Phone(read).take_in(calendar(PLAN)).take_in(calendar(after, PLAN, LATER))
    ahead = {start for start in phone.starts().values() if _day(start) >= made_on}
    assert ahead == now
    kept = {uid for uid, start in phone.starts().items() if past.get(uid) == start}
    assert len(kept) >= len(past) - 2  # at most the few of the present week that the new plan holds as often
    again = events(calendar(replace(after, revision=3), after, LATER))
    assert again.keys() == read(calendar(after)).keys()


def test_a_day_that_is_over_ends_the_chain():
    late = replace(PLAN.sessions[0], at=time(23, 50))
    plan = replace(PLAN, weeks=(replace(PLAN.weeks[0], sessions=(late, PLAN.sessions[1])),))
    found = events(calendar(plan))
    assert of(found, plan, "w01.run.1")["end"] == datetime(2026, 10, 13, 23, 18, tzinfo=UTC)
    assert of(found, plan, "w01.strength.1")["start"] == date(2026, 10, 13)


@pytest.mark.parametrize("status", [PlanStatus.WITHHELD, PlanStatus.NO_SELF_PLAN])
def test_a_plan_that_was_withheld_puts_nothing_into_a_calendar(status):
    assert events(calendar(replace(PLAN, status=status))) == {}


@both
def test_a_withheld_plan_calls_off_everything_ahead(read):
    after = replace(withheld(), made_on=date(2026, 10, 19))
    phone = Phone(read).take_in(calendar(PLAN)).take_in(calendar(after, PLAN, LATER))
    left = {uid for uid, start in phone.starts().items() if _day(start) >= after.made_on}
    assert left == set()
    assert phone.held.keys() == uids(PLAN, PLAN.weeks[0].sessions)


def _day(start):
    return start.date() if isinstance(start, datetime) else start


def test_a_new_episode_replaces_the_old_plan():
    other = replace(PLAN, id="another", made_on=MADE_ON)
    phone = Phone(read_with_vobject).take_in(calendar(PLAN)).take_in(calendar(other, PLAN, LATER))
    assert phone.held.keys() == uids(other, other.sessions)


@pytest.mark.parametrize("revision", [1, 2])
def test_the_plan_before_must_be_older(revision):
    with pytest.raises(InputError, match="not older"):
        calendar(PLAN, replace(PLAN, revision=revision))


changes = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from([s.id for s in PLAN.weeks[2].sessions]), st.integers(-3, 3), max_size=3),
        st.sets(st.sampled_from([s.id for s in PLAN.weeks[3].sessions]), max_size=3),
        st.sampled_from(["Europe/London", "America/New_York"]),
    ),
    max_size=4,
)


@settings(deadline=None, max_examples=25)
@given(history=changes)
def test_any_chain_of_revisions_ends_with_the_right_calendar(history):
    phone, last, sequences = Phone(read_with_vobject).take_in(calendar(PLAN)), PLAN, {}
    for number, (move, drop, zone) in enumerate(history, start=2):
        after = revised(PLAN, number, MADE_ON, move, drop)
        after = replace(after, goals=replace(GOALS, time_zone=zone))
        content = calendar(after, last, NOW + timedelta(hours=number))
        for uid, event in read_with_vobject(content).items():
            before = sequences.get(uid, 0)
            assert event["sequence"] >= before
            sequences[uid] = event["sequence"]
        phone.take_in(content)
        assert phone.starts() == Phone(read_with_vobject).take_in(calendar(after)).starts()
        last = after


@settings(deadline=None, max_examples=40)
@given(
    zone=st.sampled_from(["Europe/London", "America/New_York", "Australia/Sydney", "Asia/Tokyo", "America/Sao_Paulo"]),
    on=st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    at=st.times(),
    minutes=st.integers(1, 300),
)
def test_start_and_length_are_right_on_any_day_anywhere(zone, on, at, minutes):
    at = at.replace(second=0, microsecond=0)
    session = PlannedSession(id="w01.run.1", kind=SessionKind.RUN, on=on, order=0, minutes=minutes, at=at)
    week = PlanWeek(number=1, starts_on=on, phase="strain.2", sessions=(session,))
    plan = replace(PLAN, starts_on=on, made_on=on, weeks=(week,), goals=replace(GOALS, time_zone=zone))
    wanted = datetime.combine(on, at, ZoneInfo(zone)).astimezone(UTC)
    for read in READERS:
        found = of(read(calendar(plan)), plan, "w01.run.1")
        if _twice(wanted, zone) or _twice(wanted + timedelta(minutes=minutes), zone):
            continue  # the format itself cannot say which of the two hours is meant
        assert found["start"] == wanted
        assert found["end"] - found["start"] == timedelta(minutes=minutes)


def _twice(instant, zone):
    local = instant.astimezone(ZoneInfo(zone)).replace(fold=0)
    return local.utcoffset() != local.replace(fold=1).utcoffset()


@pytest.mark.nightly
def test_every_zone_of_the_world_is_understood():
    short = replace(PLAN, weeks=PLAN.weeks[:3])
    for zone in sorted(available_timezones() - {"localtime", "Factory"}):
        plan = replace(short, goals=replace(GOALS, time_zone=zone))
        wanted = {datetime.combine(s.on, s.at, ZoneInfo(zone)).astimezone(UTC) for s in plan.sessions if s.at}
        assert wanted <= {event["start"] for event in read_with_vobject(calendar(plan)).values()}, zone
