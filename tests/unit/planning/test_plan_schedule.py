"""Weeks: phases, sessions, order, what is provisional, notes, conflicts in words, and stability."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

from plan_schedule_samples import (
    DAILY,
    HIPS,
    HISTORY,
    HOPS,
    LIMITS,
    MONDAY,
    PLANS,
    STRENGTH,
    days,
    phase,
    request,
    running,
    state,
)

import soleus
from soleus.core.expression import Truth
from soleus.core.goals import DayWish, Goals, OtherSport
from soleus.core.plan import Prescription, SessionKind
from soleus.planning.run_weeks import evened
from soleus.planning.schedule import ScheduleRequest, make_schedule, phase_weeks
from soleus.planning.session_demand import measuring_sessions, session_kind

KB = soleus.load_knowledge()


def schedule_weeks(wanted: ScheduleRequest):
    made = make_schedule(wanted)
    return made.weeks, made.conflicts


def kinds(week):
    return sorted({session.kind.value for session in week.sessions})


def of_kind(week, kind):
    return [session for session in week.sessions if session.kind is SessionKind(kind)]


def note_ids(week):
    return [note.text for note in week.notes]


def said(messages):
    found = [KB.text[message.text] for message in messages]
    assert all(found)
    return [text.format(**message.params) for text, message in zip(found, messages, strict=True)]


def test_no_phases_no_weeks():
    assert schedule_weeks(replace(request(), phases=())) == ((), ())


def test_phases_hold_a_week_at_least_and_the_last_goes_on():
    short = phase(0, days=(1, 2, 3))
    middle = phase(1, days=(5, 10, 20), current=False)
    last = phase(2, days=(40, 60, 80), current=False)
    assert phase_weeks((short, middle, last), 6) == (0, 1, 2, 2, 2, 2)
    passed = (replace(short, current=False), replace(middle, current=True), last)
    assert phase_weeks(passed, 4) == (1, 1, 2, 2)
    nothing_current = tuple(replace(item, current=False) for item in passed)
    assert phase_weeks(nothing_current, 1) == (0,)


def test_strength_three_times_hips_twice_daily_every_day_and_two_tests_at_the_end():
    (week,), conflicts = schedule_weeks(request(phase(days=(5, 7, 10))))
    assert conflicts == ()
    assert [len(of_kind(week, kind)) for kind in ("strength", "whole_body", "daily", "test")] == [3, 2, 7, 2]


def test_a_phase_without_criteria_needs_no_tests():
    (week,), _ = schedule_weeks(request(phase(days=(5, 7, 10), advance=())))
    assert not of_kind(week, "test")


def test_tests_come_every_other_week_and_twice_at_the_end():
    assert [measuring_sessions(week, 5, 14, LIMITS) for week in range(8)] == [0, 0, 1, 0, 2, 0, 1, 0]


def test_what_is_prescribed_daily_is_light_but_jumping_never_is():
    exercise = PLANS.exercises
    assert session_kind(replace(STRENGTH, per_week=7), exercise["sl_heel_raise_floor"], 3) is SessionKind.DAILY
    assert session_kind(STRENGTH, exercise["sl_heel_raise_loaded"], 3) is SessionKind.STRENGTH
    assert session_kind(replace(HOPS, per_week=7), exercise["quick_rebound_heel_raise"], 3) is SessionKind.DAILY
    assert session_kind(replace(HOPS, per_week=7), exercise["hop_sl_spot"], 3) is SessionKind.PLYOMETRIC
    assert session_kind(replace(HIPS, per_week=7), exercise["glute_bridge"], 3) is SessionKind.DAILY


def test_hips_six_times_leave_the_rest_day():
    (week,), conflicts = schedule_weeks(request(phase(days=(5, 7, 10), items=(replace(HIPS, per_week=6),), advance=())))
    assert len(of_kind(week, "whole_body")) == 6
    assert conflicts == ()


def test_an_exercise_that_still_waits_is_not_scheduled():
    waiting = replace(HOPS, start_when=(state(Truth.UNKNOWN),))
    (week,), _ = schedule_weeks(request(phase(days=(5, 7, 10), items=(STRENGTH, waiting))))
    assert "plyometric" not in kinds(week)


def test_nothing_before_its_first_day_after_the_onset():
    late = replace(DAILY, start_day=4)
    strength = replace(STRENGTH, start_day=4)
    (week,), _ = schedule_weeks(request(phase(days=(5, 7, 10), items=(strength, late)), onset_on=MONDAY))
    first = [session.on for session in week.sessions if session.exercises]
    assert min(first) == MONDAY + timedelta(days=4)
    assert "plan.schedule.daily_fewer" in note_ids(week)


def test_exercises_asked_for_less_often_are_spread_over_the_sessions():
    twice = replace(STRENGTH, exercise="seated_heel_raise_loaded", per_week=2)
    (week,), _ = schedule_weeks(request(phase(days=(5, 7, 10), items=(STRENGTH, twice))))
    assert [len(session.exercises) for session in of_kind(week, "strength")] == [1, 2, 2]


def test_optional_exercises_fill_what_room_is_left():
    extra = replace(STRENGTH, exercise="seated_heel_raise_loaded", optional=True)
    (week,), _ = schedule_weeks(request(phase(days=(5, 7, 10), items=(STRENGTH, extra))))
    assert all(session.minutes <= 12 for session in of_kind(week, "strength"))
    long = replace(STRENGTH, minutes=30)
    (week,), _ = schedule_weeks(request(phase(days=(5, 7, 10), items=(replace(STRENGTH, per_week=1, minutes=9), long))))
    assert of_kind(week, "strength")
    only = phase(days=(5, 7, 10), items=(replace(DAILY, optional=True),))
    (week,), _ = schedule_weeks(request(only))
    assert kinds(week) == ["test"]


def test_optional_exercises_join_a_session_that_is_long_enough():
    twice = replace(STRENGTH, exercise="bent_knee_sl_raise_loaded", per_week=2)
    extra = replace(STRENGTH, exercise="seated_heel_raise_loaded", optional=True)
    (week,), _ = schedule_weeks(request(phase(days=(5, 7, 10), items=(STRENGTH, twice, extra), advance=())))
    assert [len(session.exercises) for session in of_kind(week, "strength")] == [2, 2, 2]


def test_the_run_comes_first_on_its_day_and_times_follow_each_other():
    goals = Goals(days=tuple(DayWish(weekday=day, minutes=90, at=time(7, 30)) for day in (0, 2, 4)), history=HISTORY)
    run = running(goals=goals)
    weeks, _ = schedule_weeks(request(phase(run="programme", days=(5, 7, 10)), goals=goals, run=run, most_weeks=1))
    monday = [session for session in weeks[0].sessions if session.on == MONDAY]
    assert monday[0].kind is SessionKind.RUN
    assert monday[0].at == time(7, 30)
    start = timedelta(hours=7, minutes=30 + monday[0].minutes)
    assert timedelta(hours=monday[1].at.hour, minutes=monday[1].at.minute) == start


def test_a_session_that_would_begin_after_midnight_has_no_time():
    goals = Goals(days=(DayWish(weekday=0, minutes=90, at=time(23, 50)),))
    items = (replace(STRENGTH, per_week=1), replace(HIPS, per_week=1))
    (week,), _ = schedule_weeks(request(phase(days=(5, 7, 10), items=items, advance=()), goals=goals))
    assert [session.at for session in week.sessions] == [time(23, 50), None]


def test_runs_wait_for_the_gate_in_the_first_week_and_are_unsure_until_it_is_open():
    run = running(opened=False)
    weeks, _ = schedule_weeks(request(phase(run="programme"), run=run, most_weeks=2))
    assert not of_kind(weeks[0], "run")
    assert "plan.schedule.gate_first" in note_ids(weeks[0])
    assert all(session.provisional for session in of_kind(weeks[1], "run"))
    assert not any(session.provisional for session in of_kind(weeks[1], "strength"))


def test_weeks_of_later_phases_are_provisional():
    weeks, _ = schedule_weeks(request(phase(days=(5, 7, 9)), phase(1, current=False), most_weeks=2))
    assert not any(session.provisional for session in weeks[0].sessions)
    assert all(session.provisional for session in weeks[1].sessions)


def test_cross_training_and_extras_wait_for_their_day_and_their_criteria():
    bike = Prescription(exercise="cycle_easy", per_week=3, minutes=20, start_day=3)
    (week,), _ = schedule_weeks(request(phase(items=(bike,), cross=("aqua_jog",)), most_weeks=1))
    assert [(session.on - MONDAY).days for session in of_kind(week, "cross")] == [3, 5]
    waits = replace(bike, start_day=0, start_when=(state(),))
    (week,), _ = schedule_weeks(request(phase(items=(waits,), cross=("cycle_easy", "aqua_jog")), most_weeks=1))
    assert {session.exercises for session in of_kind(week, "cross")} == {("aqua_jog",)}
    extra = Prescription(exercise="lateral_band_walk", per_week=3, minutes=5, start_day=5, optional=True)
    (week,), _ = schedule_weeks(request(phase(items=(HIPS, extra)), most_weeks=1))
    early = [s.exercises for s in of_kind(week, "whole_body") if (s.on - MONDAY).days < 5]
    assert early
    assert not any("lateral_band_walk" in exercises for exercises in early)


def test_cross_training_while_there_are_no_runs():
    weeks, _ = schedule_weeks(request(phase(cross=("cycle_easy", "aqua_jog")), most_weeks=1))
    assert [session.exercises for session in of_kind(weeks[0], "cross")] == [("cycle_easy",), ("aqua_jog",)]
    ride = Prescription(exercise="cycle_easy", per_week=2, minutes=20)
    weeks, _ = schedule_weeks(request(phase(items=(ride,)), most_weeks=1))
    assert [session.minutes for session in of_kind(weeks[0], "cross")] == [20, 20]


def test_drills_are_done_with_the_run():
    drill = Prescription(exercise="skipping_a", per_week=1, minutes=5)
    within = Prescription(exercise="cadence_drill", per_week=3, minutes=20)
    fast = Prescription(exercise="strides", per_week=1, minutes=10)
    part = phase(run="programme", items=(drill, within, fast))
    weeks, _ = schedule_weeks(request(part, run=running(), most_weeks=1))
    runs = of_kind(weeks[0], "run")
    assert [session.exercises for session in runs][-1] == ("skipping_a", "cadence_drill")
    assert runs[0].minutes * 60 == runs[0].workout.total_s
    assert not any("strides" in session.exercises for session in weeks[0].sessions)


def test_no_running_plan_no_runs():
    weeks, _ = schedule_weeks(request(phase(run="full", days=(5, 14, 20))))
    assert len(weeks) == 2
    assert not any(of_kind(week, "run") for week in weeks)


def test_the_build_up_ends_some_weeks_after_the_usual_distance():
    weeks, conflicts = schedule_weeks(request(phase(run="full"), run=running(stage=8)))
    assert conflicts == ()
    assert weeks[-1].run_km <= HISTORY.weekly_km
    assert weeks[-1].run_km == weeks[-4].run_km
    unknown, _ = schedule_weeks(request(phase(run="full"), run=running(stage=8), goals=Goals()))
    assert len(unknown) < len(weeks)
    assert unknown[-1].run_km is None
    assert unknown[-1].cap_run_km is None


def test_who_runs_on_keeps_easy_runs_and_then_builds_up_without_walking():
    goals = Goals(history=HISTORY, wants=frozenset({"keep_running"}))
    parts = (phase(run="within_pain", days=(5, 7, 9)), phase(1, run="programme", current=False))
    weeks, _ = schedule_weeks(request(*parts, goals=goals, run=running(goals=goals), most_weeks=2))
    assert all(session.workout.id.startswith("keep.") for session in of_kind(weeks[0], "run"))
    assert all(session.workout.id.startswith("build.") for session in of_kind(weeks[1], "run"))


def test_short_days_are_said_to_hold_the_runs_down():
    goals = Goals(history=HISTORY, days=days(mon=40, wed=40, fri=40))
    weeks, _ = schedule_weeks(request(phase(run="full", items=()), goals=goals, run=running(stage=8, goals=goals)))
    assert any("plan.schedule.limited_by_minutes" in note_ids(week) for week in weeks)


def test_sports_like_running_rest_until_running_is_full():
    football = OtherSport(sport="football", weekday=2, minutes=90, impact="high")
    goals = Goals(history=HISTORY, other_sports=(football,))
    parts = (phase(days=(5, 7, 9)), phase(1, run="full", current=False))
    weeks, _ = schedule_weeks(request(*parts, goals=goals, run=running(goals=goals), most_weeks=3))
    assert "plan.schedule.sport_paused" in note_ids(weeks[0])
    assert note_ids(weeks[1]) == []
    wednesday = weeks[2].starts_on + timedelta(days=2)
    near = [session.on for session in of_kind(weeks[2], "run") if abs((session.on - wednesday).days) < 2]
    assert near == []


def test_a_clash_is_told_in_words_with_the_least_change():
    goals = Goals(history=HISTORY, days=days(mon=30, tue=30))
    made = make_schedule(request(phase(run="programme"), goals=goals, run=running(goals=goals), most_weeks=3))
    assert made.conflicts
    for conflict in made.conflicts:
        assert said(conflict.wishes)
        assert said(conflict.least_change)
        assert conflict.left_out


def test_sports_that_clash_are_named_with_their_day():
    sports = tuple(OtherSport(sport="football", weekday=day, minutes=60, impact="high") for day in (1, 2))
    goals = Goals(history=HISTORY, other_sports=sports)
    part = phase(run="full", items=(HIPS,), advance=())
    made = make_schedule(request(part, goals=goals, run=running(goals=goals), most_weeks=2))
    (conflict,) = made.conflicts
    assert "football on Tuesday" in said(conflict.wishes)
    assert any("football" in text for text in said(conflict.least_change))
    assert any(name.startswith("w01.sport.") for name in conflict.left_out)


def test_every_word_about_clashes_has_all_its_days():
    for kind in ("run", "strength", "plyometric", "whole_body", "test"):
        assert KB.text[f"plan.conflict.wish.{kind}"]
        assert KB.text[f"plan.conflict.change.{kind}"]
    for day in range(7):
        for name in ("wish.minutes", "wish.closed", "wish.sport", "change.minutes", "change.day", "change.sport"):
            assert KB.text[f"plan.conflict.{name}.{day}"]


def test_one_closed_day_is_named_many_are_one_wish():
    tight = phase(items=(replace(STRENGTH, minutes=40),), advance=())
    few = make_schedule(request(tight, goals=Goals(days=days(mon=45, tue=45)), most_weeks=1))
    assert any("plan.conflict.wish." in message.text for message in few.conflicts[0].wishes)
    once = phase(items=(replace(STRENGTH, per_week=1, minutes=30),), advance=())
    week = days(mon=10, tue=10, wed=10, thu=10, fri=10, sat=10, sun=10)
    every = make_schedule(request(once, goals=Goals(days=week), most_weeks=1))
    assert "plan.conflict.wish.week" in [message.text for message in every.conflicts[0].wishes]
    assert any(message.text.startswith("plan.conflict.change.minutes.") for message in every.conflicts[0].least_change)


def test_like_clashes_of_two_phases_are_told_once():
    goals = Goals(days=days(mon=10))
    parts = (
        phase(items=(STRENGTH,), days=(5, 7, 9), advance=()),
        phase(1, items=(STRENGTH,), advance=(), current=False),
    )
    made = make_schedule(request(*parts, goals=goals, most_weeks=3))
    (conflict,) = made.conflicts
    assert conflict.weeks == (1, 2, 3)


def test_room_for_light_daily_exercises_never_costs_a_session():
    goals = Goals(days=days(mon=12, wed=12, fri=12))
    (week,), conflicts = schedule_weeks(
        request(phase(items=(STRENGTH, DAILY), days=(5, 7, 9), advance=()), goals=goals)
    )
    assert len(of_kind(week, "strength")) == 3
    assert conflicts == ()
    assert not of_kind(week, "daily")
    assert note_ids(week) == ["plan.schedule.daily_fewer"]


def test_a_plan_made_anew_keeps_its_days():
    odd = days(tue=60, thu=60, sat=60, sun=60)
    first = make_schedule(request(phase(days=(5, 7, 9)), goals=Goals(days=odd)))
    anew = make_schedule(request(phase(days=(5, 7, 9)), previous=first.weeks[0].sessions))
    where = {(session.kind, session.on) for session in first.weeks[0].sessions if session.kind is not SessionKind.DAILY}
    assert where == {(s.kind, s.on) for s in anew.weeks[0].sessions if s.kind is not SessionKind.DAILY}


def test_a_little_more_time_moves_nothing():
    before, _ = schedule_weeks(request(goals=Goals(days=days(mon=60, tue=60, thu=60, fri=60, sun=60))))
    after, _ = schedule_weeks(request(goals=Goals(days=days(mon=60, tue=65, thu=60, fri=60, sun=60))))
    assert [[(s.id, s.on) for s in week.sessions] for week in before] == [
        [(s.id, s.on) for s in week.sessions] for week in after
    ]


def test_weeks_begin_on_the_first_day_of_the_plan():
    weeks, _ = schedule_weeks(request(starts_on=date(2026, 11, 26), most_weeks=2))
    assert [week.starts_on for week in weeks] == [date(2026, 11, 26), date(2026, 12, 3)]
    assert weeks[1].sessions[0].id.startswith("w02.")


def test_lengths_are_evened_to_the_share_of_the_longest():
    assert evened([30, 30, 40], 0.35) == [30, 30, 32]
    assert evened([30, 34], 0.35) == [30, 30]
    assert evened([50], 0.35) == [50]


def test_a_shortened_session_keeps_its_first_exercises():
    items = tuple(replace(STRENGTH, exercise=name) for name in ("sl_heel_raise_loaded", "seated_heel_raise_loaded"))
    goals = Goals(days=days(mon=15))
    made = make_schedule(request(phase(items=items, days=(5, 7, 9), advance=()), goals=goals))
    (session,) = of_kind(made.weeks[0], "strength")
    assert session.exercises == ("sl_heel_raise_loaded",)
    assert "w01.strength.1" in made.conflicts[0].left_out


def test_strides_take_their_time_from_the_run_and_no_week_dips():
    goals = Goals(history=HISTORY, days=days(mon=50, wed=50, fri=50))
    parts = (phase(run="programme", items=(), advance=()), phase(1, run="full", items=(), advance=(), current=False))
    weeks, conflicts = schedule_weeks(request(*parts, goals=goals, run=running(goals=goals), speed_gate_open=True))
    assert conflicts == ()
    fast = [week for week in weeks if any(session.workout.strides for session in week.sessions if session.workout)]
    assert fast
    for week in fast:
        assert week.run_min > 0.8 * weeks[week.number - 2].run_min
