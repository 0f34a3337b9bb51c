"""One week: hard rules, what is lost first, the smallest clash and the least change."""

from __future__ import annotations

from itertools import pairwise

from plan_schedule_samples import demand, problem

from soleus.core.plan import SessionKind
from soleus.planning.solver import (
    Change,
    FixedSport,
    WeekAnswer,
    Wish,
    clashing_wishes,
    fits,
    least_change,
    solve_week,
)

RUN, STRENGTH, HOPS = SessionKind.RUN, SessionKind.STRENGTH, SessionKind.PLYOMETRIC


def days_of(answer, kind):
    return sorted(day for placed, day in answer.placed if placed is kind)


def test_a_week_with_room_holds_everything_and_the_same_week_again_needs_no_solver():
    week = problem(demand("run", 3, 40), demand("strength", 3, 25), demand("whole_body", 2, 15))
    answer = solve_week(week)
    assert answer.complete
    assert len(answer.placed) == 8
    assert fits(week, answer)


def test_runs_keep_their_distance_to_those_before_and_after_the_week():
    week = problem(demand("run", 3, 40), outside_runs=frozenset({-1, 7}))
    assert days_of(solve_week(week), RUN) == [1, 3, 5]


def test_a_programme_that_rests_72_hours_gets_two_runs():
    answer = solve_week(problem(demand("run", 3, 40), run_gap_days=3, outside_runs=frozenset({-1})))
    assert answer.missing == {RUN: 1}
    first, second = days_of(answer, RUN)
    assert first >= 2
    assert second - first >= 3


def test_strength_and_hops_share_days_rather_than_follow_each_other():
    answer = solve_week(problem(demand("strength", 3, 25), demand("plyometric", 2, 15)))
    heavy = sorted({day for _, day in answer.placed})
    assert all(later - earlier >= 2 for earlier, later in pairwise(heavy))


def test_what_matters_least_is_lost_first():
    week = problem(
        demand("strength", 1, 30, importance=10),
        demand("whole_body", 1, 30, importance=4),
        minutes=(30, 0, 0, 0, 0, 0, 0),
    )
    assert solve_week(week).missing == {SessionKind.WHOLE_BODY: 1}


def test_a_session_is_shortened_before_it_is_lost():
    answer = solve_week(problem(demand("strength", 1, 40, shortest=20), minutes=(25, 0, 0, 0, 0, 0, 0)))
    assert answer.shortened == {(STRENGTH, 0)}
    assert not answer.missing
    assert not answer.complete


def test_a_rest_day_remains():
    answer = solve_week(problem(demand("whole_body", 7, 10)))
    assert answer.missing == {SessionKind.WHOLE_BODY: 1}


def test_another_sport_counts_as_a_run_and_stays():
    answer = solve_week(problem(demand("run", 3, 40), sports=(FixedSport(index=0, day=3, high=True),)))
    assert not answer.sports_off
    assert not {2, 3, 4} & set(days_of(answer, RUN))


def test_sports_that_break_a_rule_by_themselves_must_rest():
    sports = (FixedSport(index=0, day=2, high=True), FixedSport(index=1, day=3, high=True))
    answer = solve_week(problem(demand("run", 1, 40), sports=sports))
    assert len(answer.sports_off) == 1
    assert not answer.complete


def test_low_sports_every_day_leave_no_rest_day():
    sports = tuple(FixedSport(index=day, day=day, high=False) for day in range(7))
    assert len(solve_week(problem(demand("run", 1, 40), sports=sports)).sports_off) == 1


def test_closed_days_carry_no_load():
    answer = solve_week(problem(demand("run", 3, 40), closed_to_load=frozenset({0, 2, 4, 6})))
    assert set(days_of(answer, RUN)) <= {1, 3, 5}


def test_an_answer_of_another_week_must_hold_here():
    week = problem(demand("run", 2, 40))
    good = WeekAnswer(placed=frozenset({(RUN, 0), (RUN, 3)}))
    assert fits(week, good)
    assert not fits(problem(demand("strength", 2, 40)), good)
    assert not fits(problem(demand("run", 3, 40)), good)
    assert not fits(problem(demand("run", 2, 70)), good)
    assert not fits(problem(demand("run", 2, 40), run_gap_days=4), good)
    assert not fits(problem(demand("run", 2, 40), outside_runs=frozenset({-1})), good)
    assert not fits(problem(demand("run", 2, 40), sports=(FixedSport(index=0, day=0, high=True),)), good)
    assert not fits(problem(demand("run", 2, 40), closed_to_load=frozenset({3})), good)
    assert not fits(problem(demand("run", 2, 40), rest_days=6), good)


def test_heavy_sessions_keep_their_distance_when_an_answer_is_used_again():
    answer = WeekAnswer(placed=frozenset({(STRENGTH, 0), (HOPS, 1)}))
    assert not fits(problem(demand("strength", 1, 10), demand("plyometric", 1, 10)), answer)


def test_the_smallest_clash_names_what_cannot_be_together_and_nothing_else():
    week = problem(demand("run", 3, 40), demand("whole_body", 1, 10), minutes=(60, 60, 0, 0, 0, 0, 0))
    clash = clashing_wishes(week, frozenset({RUN}))
    assert Wish(what="sessions", kind=RUN) in clash
    assert all(wish.kind is not SessionKind.WHOLE_BODY for wish in clash)
    closed = [wish.day for wish in clash if wish.what == "minutes"]
    assert closed
    assert all(week.minutes[day] == 0 for day in closed)


def test_without_any_one_of_them_the_others_fit():
    week = problem(
        demand("run", 3, 40),
        demand("strength", 2, 30),
        minutes=(40,) * 7,
        sports=(FixedSport(index=0, day=3, high=True),),
    )
    clash = clashing_wishes(week, frozenset({RUN}))
    assert {wish.what for wish in clash} >= {"sessions", "sport"}


def test_wishes_that_can_all_be_met_do_not_clash():
    assert clashing_wishes(problem(demand("run", 3, 40)), frozenset()) == ()


def test_the_least_change_is_five_minutes_where_they_are_missing():
    week = problem(demand("strength", 1, 35), minutes=(30, 0, 0, 0, 0, 0, 0))
    assert least_change(week) == (Change(what="minutes", amount=5, day=0),)


def test_the_least_change_opens_a_day():
    week = problem(demand("run", 2, 40, importance=30), minutes=(40, 40, 0, 0, 0, 0, 0))
    (change,) = least_change(week)
    assert (change.what, change.amount) == ("day", 45)


def test_the_least_change_may_be_a_session_fewer_or_a_sport_left_out():
    cheap = problem(demand("whole_body", 2, 60, importance=1), minutes=(60, 0, 0, 0, 0, 0, 0))
    assert least_change(cheap) == (Change(what="fewer", amount=1, kind=SessionKind.WHOLE_BODY),)
    sports = tuple(FixedSport(index=n, day=n, high=True) for n in (2, 3))
    assert least_change(problem(demand("whole_body", 1, 10), sports=sports))[0].what == "sport"


def test_the_same_week_has_the_same_answer():
    week = problem(demand("run", 3, 40), demand("strength", 3, 25), demand("plyometric", 2, 15), demand("test", 1, 15))
    assert solve_week(week) == solve_week(week)
