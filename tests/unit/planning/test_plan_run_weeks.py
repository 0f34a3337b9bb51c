"""Stages, easy runs kept within pain, and the build-up under its caps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from plan_schedule_samples import LIMITS, MONDAY, running

from soleus.core.goals import RunningHistory
from soleus.planning.limits import days_of
from soleus.planning.run_weeks import (
    Ledger,
    RunWeek,
    Usual,
    after_week,
    best_room,
    longest_min,
    run_minutes,
    seeded,
    wanted_runs,
)

RUNS = LIMITS.runs


def usual(**history):
    return Usual.of(RunningHistory(**history) if history else None, RUNS)


KNOWN = usual(weekly_km=40, runs_per_week=4, longest_run_km=20, easy_speed_mps=2.5)


def week(mode="full", *, run=None, past=KNOWN, continuing=False, room=(120, 120, 120), **more):
    return RunWeek(
        running=run or running(),
        usual=past,
        limits=RUNS,
        mode=mode,
        continuing=continuing,
        keep_running=more.pop("keep_running", continuing),
        last_day=more.pop("last_day", MONDAY + timedelta(days=6)),
        room_min=room,
        **more,
    )


def minutes(wanted):
    return [workout.run_s // 60 for workout in wanted.workouts]


def done_with(lengths, programme="rtr_short", **more):
    """A ledger after the whole programme and weeks of these totals, with a 30-minute run last."""
    stages = tuple((stage.number, stage.sessions) for stage in running(programme).stages)
    return Ledger(runs=((MONDAY - timedelta(days=1), 30.0),), weeks=tuple(lengths), done=stages, held=9, **more)


@pytest.mark.parametrize(("hours", "days"), [(0, 1), (24, 1), (48, 2), (49, 3), (72, 3)])
def test_hours_of_rest_in_days(hours, days):
    assert days_of(hours) == days


def test_a_run_may_grow_by_ten_percent_or_the_smaller_floor():
    assert RUNS.single_cap_min(100, 2.5) == pytest.approx(110)
    assert RUNS.single_cap_min(30, 2.5) == 35
    assert RUNS.single_cap_min(30, 1000 / 240) == pytest.approx(34)  # 1 km in 4 min is less than 5 min


def test_two_weeks_may_hold_a_fifth_more_than_the_two_before():
    assert RUNS.week_cap_min((100, 100, 100), achilles=False) == pytest.approx(140)
    assert RUNS.week_cap_min((100, 100, 100), achilles=True) == pytest.approx(120)
    assert RUNS.week_cap_min((50, 60, 90), achilles=False) == 90
    assert RUNS.week_cap_min((), achilles=False) == 0


def test_nothing_is_known_of_the_usual_week():
    nothing = usual()
    assert (nothing.week_min, nothing.longest_min, nothing.runs, nothing.speed_known) == (None, None, None, False)
    assert KNOWN.week_min == pytest.approx(40_000 / 2.5 / 60)


def test_no_runs_where_none_are_allowed():
    assert wanted_runs(Ledger(), week("none")).workouts == ()


def test_running_within_pain_is_planned_only_for_who_never_stopped():
    assert wanted_runs(Ledger(), week("within_pain")).workouts == ()
    before = seeded(KNOWN, RUNS, MONDAY)
    kept = wanted_runs(before, week("within_pain", continuing=True))
    assert 0.6 * KNOWN.week_min < sum(minutes(kept)) <= 0.7 * KNOWN.week_min
    half = wanted_runs(before, week("half", continuing=True))
    assert sum(minutes(half)) <= 0.5 * KNOWN.week_min
    assert not half.building


def test_an_easy_run_is_no_longer_than_a_share_of_the_usual_run():
    unsaid = usual(weekly_km=60, runs_per_week=5, easy_speed_mps=2.5)
    kept = wanted_runs(seeded(unsaid, RUNS, MONDAY), week("within_pain", past=unsaid, continuing=True))
    assert max(minutes(kept)) <= 0.7 * unsaid.week_min / 5


def test_easy_weeks_of_an_achilles_rise_by_a_fifth_at_most():
    run = running("rtr_at")
    ledger = replace(seeded(KNOWN, RUNS, MONDAY), weeks=(100.0, 100.0, 100.0))
    assert sum(minutes(wanted_runs(ledger, week("within_pain", run=run, continuing=True)))) <= 120
    none_found = replace(ledger, weeks=(100.0, 100.0, 0.0))
    assert sum(minutes(wanted_runs(none_found, week("within_pain", run=run, continuing=True)))) > 120


def test_who_wants_to_run_on_is_asked_for_the_usual_week():
    (note,) = wanted_runs(Ledger(), week("half", past=usual(), keep_running=True)).notes
    assert note.text == "plan.schedule.usual_unknown"


def test_the_programme_goes_stage_by_stage_and_repeats_the_last_to_fill_its_week():
    ledger = Ledger()
    seen = []
    for _ in range(3):
        wanted = wanted_runs(ledger, week("programme"))
        seen += wanted.stages
        ledger = after_week(ledger, wanted, tuple((MONDAY, workout) for workout in wanted.workouts))
    assert seen == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert wanted_runs(ledger, week("programme")).building


def test_a_run_that_found_no_day_is_done_next_week():
    wanted = wanted_runs(Ledger(), week("programme"))
    ledger = after_week(Ledger(), wanted, ((MONDAY, wanted.workouts[0]),))
    assert wanted_runs(ledger, week("programme")).stages[0] == 2


def test_a_stage_that_was_passed_is_not_done_again():
    assert wanted_runs(Ledger(), week("programme", run=running(stage=7))).stages == (8, 9, 9)


def test_achilles_weeks_rise_by_a_fifth_at_most():
    run = running("rtr_at")
    ledger = Ledger()
    totals = []
    for _ in range(12):
        wanted = wanted_runs(ledger, week("programme", run=run, past=usual()))
        totals.append(sum(workout.run_s for workout in wanted.workouts) / 60)
        ledger = after_week(ledger, wanted, tuple((MONDAY, workout) for workout in wanted.workouts))
    assert all(later <= 1.2 * earlier for earlier, later in pairwise(totals))


def test_achilles_stages_go_back_no_further_than_the_first():
    ledger = Ledger(weeks=(1.0,))
    wanted = wanted_runs(ledger, week("programme", run=running("rtr_at")))
    assert wanted.stages == (1, 1, 1)
    assert [note.text for note in wanted.notes] == ["plan.schedule.slower_rise"]


def test_the_build_up_rises_within_every_cap():
    wanted = wanted_runs(done_with((60, 75, 90)), week())
    assert wanted.building
    assert sum(minutes(wanted)) <= wanted.cap_min
    assert max(minutes(wanted)) <= 35
    assert max(minutes(wanted)) <= 0.35 * sum(minutes(wanted))


def test_the_week_after_a_rise_stays():
    ledger = replace(done_with((80, 80, 80)), held=0)
    assert sum(minutes(wanted_runs(ledger, week()))) <= 80


def test_never_above_the_usual_week_or_the_longest_run_before():
    small = usual(weekly_km=9, runs_per_week=3, longest_run_km=4, easy_speed_mps=2.5)
    wanted = wanted_runs(done_with((90, 90, 90)), week(past=small))
    assert sum(minutes(wanted)) <= small.week_min
    wide = usual(weekly_km=200, longest_run_km=5, easy_speed_mps=2.5)
    far = replace(done_with((200, 200, 200)), runs=((MONDAY, 80.0),))
    assert max(minutes(wanted_runs(far, week(past=wide)))) <= 5000 / 2.5 / 60


def test_an_unknown_usual_week_stops_the_rise_after_some_weeks():
    ledger = done_with((90, 90, 90), built=RUNS.unknown_weeks)
    assert sum(minutes(wanted_runs(ledger, week(past=usual())))) <= 90


def test_a_lighter_week_near_a_race():
    assert sum(minutes(wanted_runs(done_with((90, 90, 90)), week(share=0.5)))) == 44


def test_short_days_hold_runs_down_and_fewer_longer_runs_may_be_better():
    held = wanted_runs(done_with((90, 90, 90)), week(room=(25, 25, 25)))
    assert minutes(held) == [25, 25, 25]
    assert held.limited
    assert minutes(wanted_runs(done_with((90, 90, 90)), week(room=(60, 60, 5)))) == [35, 35]


def test_a_distance_too_small_to_run_gives_no_run():
    tiny = usual(weekly_km=0.05, easy_speed_mps=2.5)
    wanted = wanted_runs(done_with((90, 90, 90)), week(past=tiny, speed_gate_open=True))
    assert wanted.workouts == ()
    held = replace(done_with((90, 90, 90)), held=0, built=1)
    assert wanted_runs(held, week(past=tiny, speed_gate_open=True)).workouts == ()


def test_strides_wait_for_the_speed_gate_and_grow_in_weeks_that_stay():
    ledger = replace(done_with((90, 90, 90)), held=0, built=2)
    waiting = wanted_runs(ledger, week())
    assert [note.text for note in waiting.notes] == ["plan.schedule.strides_later"]
    assert [workout.strides for workout in wanted_runs(ledger, week(speed_gate_open=True)).workouts] == [4, 0, 0]
    more = wanted_runs(replace(ledger, strides=7), week(speed_gate_open=True))
    assert more.workouts[0].strides == 8
    first = wanted_runs(replace(ledger, built=0), week(speed_gate_open=True))
    assert first.workouts[0].strides == 0


def test_no_strides_on_days_too_short_for_them():
    ledger = replace(done_with((90, 90, 90)), held=0, built=2)
    short = wanted_runs(ledger, week(speed_gate_open=True, room=(22, 22, 22)))
    assert not any(workout.strides for workout in short.workouts)


def test_who_never_stopped_begins_at_a_share_of_the_usual_week():
    ledger = seeded(KNOWN, RUNS, MONDAY)
    assert ledger.weeks == pytest.approx([0.7 * KNOWN.week_min] * 3)
    assert ledger.runs[0][1] == pytest.approx(0.7 * KNOWN.longest_min)
    assert seeded(usual(weekly_km=20, runs_per_week=2), RUNS, MONDAY).runs[0][1] == pytest.approx(
        0.7 * 20_000 / RUNS.easy_speed_mps / 60 / 2
    )
    assert seeded(usual(), RUNS, MONDAY).weeks == (0, 0, 0)


def test_the_longest_run_of_thirty_days():
    ledger = Ledger(runs=((date(2026, 10, 1), 90.0), (date(2026, 11, 1), 40.0)))
    assert longest_min(ledger, date(2026, 11, 10), 30) == 40
    assert longest_min(ledger, date(2026, 9, 1), 30) == 0


def test_a_shorter_run_says_its_own_minutes():
    workout = wanted_runs(done_with((90, 90, 90)), week()).workouts[0]
    assert run_minutes(workout, 12).name.params == {"minutes": 12}
    assert run_minutes(workout, 12).run_s == 720


def test_room_counts_only_days_far_enough_apart():
    assert best_room([60, 60, 0, 0, 0, 0, 0], 48) == (60, 0, 0)
    assert best_room([60, 0, 0, 0, 0, 0, 60], 48) == (60, 0, 0)  # Sunday and the next Monday
    assert best_room([60, 0, 50, 0, 40, 0, 0], 48) == (60, 50, 40)
    assert len(best_room([60] * 7, 24)) == 7


def test_caps_and_clearance_of_the_running_plan():
    bone = running("rtr_bsi", cleared=False)
    assert not bone.open
    assert running("rtr_bsi").open
    assert not running(opened=False).open
    strict = running("rtr_at", pain_max_nrs=2)
    assert strict.pain_max_nrs == 2
