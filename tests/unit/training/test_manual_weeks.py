"""The hand-filled table: what memory can tell, and how widely."""

from dataclasses import replace
from datetime import timedelta

import pytest
from made_runs import ONSET, knowledge_base

from soleus.core.training import ChangeState, ManualWeek
from soleus.training.manual import analyse_weeks

KB = knowledge_base()


def weeks(*km, **more):
    """Distances from last week backwards."""
    return [
        ManualWeek(
            weeks_before=n, distance_km=value, runs=4, longest_run_km=None if value is None else value / 3, **more
        )
        for n, value in enumerate(km, start=1)
    ]


def report_of(table, kb=KB):
    return analyse_weeks(table, onset_on=ONSET, kb=kb)


def changes_of(table):
    return {c.id: c for c in report_of(table).changes}


def test_an_even_table_says_nothing_changed():
    changes = changes_of(weeks(30, 31, 29, 30, 30, 31, hilly=False, fast=False, new_shoes=False))
    assert not [c.id for c in changes.values() if c.state is ChangeState.CHANGED]
    for name in (
        "session_spike",
        "weekly_distance",
        "longest_run",
        "run_days",
        "first_hills",
        "first_fast",
        "shoe_new",
    ):
        assert changes[name].state is ChangeState.UNCHANGED
    assert changes["weekly_ascent"].reason == "no_channel"


def test_a_doubled_week_is_found_with_a_wide_interval():
    change = changes_of(weeks(60, 31, 29, 30, 30, 31))["weekly_distance"]
    assert change.state is ChangeState.CHANGED
    assert change.effect.value == pytest.approx(2.0)
    assert change.effect.low < 1.6
    assert change.effect.high > 2.5
    assert change.window_days == 7


def test_a_third_more_is_not_sure_enough():
    change = changes_of(weeks(40, 31, 29, 30, 30, 31))["weekly_distance"]
    assert change.state is ChangeState.UNCHANGED
    assert 0.2 < change.probability < 0.7


def test_a_long_run_far_beyond_those_before():
    table = weeks(30, 31, 29, 30, 30, 31)
    table[1] = replace(table[1], longest_run_km=21.0)
    change = changes_of(table)["session_spike"]
    assert change.state is ChangeState.CHANGED
    assert change.params["reference_km"] == pytest.approx(31 / 3)
    assert change.params["category"] == "large"
    assert change.window_days == 14


def test_unknown_long_runs_are_too_little():
    assert (
        changes_of([replace(w, longest_run_km=None) for w in weeks(30, 30, 30, 30)])["session_spike"].state
        is ChangeState.TOO_LITTLE
    )
    table = [replace(w, longest_run_km=0.0 if w.weeks_before > 2 else 5.0) for w in weeks(30, 0, 30, 30)]
    table[1] = replace(table[1], longest_run_km=None)
    assert changes_of(table)["session_spike"].state is ChangeState.TOO_LITTLE


@pytest.mark.parametrize(
    ("field", "change_id"), [("hilly", "first_hills"), ("fast", "first_fast"), ("new_shoes", "shoe_new")]
)
def test_ticks_new_in_the_last_two_weeks(field, change_id):
    table = [replace(w, **{field: w.weeks_before == 2}) for w in weeks(30, 30, 30, 30)]
    assert changes_of(table)[change_id].state is ChangeState.CHANGED
    always = [replace(w, **{field: True}) for w in weeks(30, 30, 30, 30)]
    assert changes_of(always)[change_id].state is ChangeState.UNCHANGED
    assert changes_of(weeks(30, 30, 30, 30))[change_id].state is ChangeState.TOO_LITTLE


def test_two_empty_weeks_and_running_again_are_a_return():
    table = weeks(20, 0, 0, 30, 30, 30)
    table[1:3] = [replace(w, runs=0) for w in table[1:3]]
    change = changes_of(table)["return_after_break"]
    assert (change.state, change.recent) == (ChangeState.CHANGED, 14)
    one = weeks(20, 0, 30, 30, 30, 30)
    one[1] = replace(one[1], runs=None)
    assert changes_of(one)["return_after_break"].state is ChangeState.UNCHANGED


def test_a_table_of_two_weeks_cannot_rule_a_break_out():
    table = [ManualWeek(weeks_before=1, distance_km=20.0), ManualWeek(weeks_before=4, distance_km=20.0)]
    assert changes_of(table)["return_after_break"].state is ChangeState.TOO_LITTLE


@pytest.mark.parametrize(
    "table",
    [
        [],
        weeks(30, 30),
        [ManualWeek(weeks_before=0, distance_km=30.0)],
        [ManualWeek(weeks_before=n) for n in range(1, 7)],
    ],
)
def test_too_little_is_said(table):
    report = report_of(table)
    assert not report.coverage.enough
    assert {c.reason for c in report.changes} == {"too_short"}
    assert report.findings == ()


def test_evidence_from_memory_counts_half():
    report = report_of(weeks(90, 31, 29, 30, 30, 31))
    finding = next(f for f in report.findings if f.id == "recent_load_increase")
    assert finding.likelihood["true"] == pytest.approx(0.75, abs=0.01)
    assert finding.value is None


def test_rows_for_the_chart():
    rows = report_of(weeks(30, None, 29, 28, hilly=True)).weeks
    assert [row.distance_m for row in rows] == [28_000, 29_000, 0, 30_000]
    assert rows[-1].last_day == ONSET - timedelta(days=1)
    assert rows[-1].hilly_m == 30_000
    assert [row.complete for row in rows] == [True, True, False, True]


def test_the_first_of_two_rows_for_one_week_counts():
    report = report_of([*weeks(30, 30, 30, 30), ManualWeek(weeks_before=1, distance_km=99.0)])
    assert report.weeks[-1].distance_m == 30_000
    assert report.coverage.from_table
    assert report.coverage.runs == 16
