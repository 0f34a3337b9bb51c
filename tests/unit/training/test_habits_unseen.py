"""What the files do not hold says nothing: a missing channel, missing weeks before the pain."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from soleus.core.activity import Sport
from soleus.core.training import ChangeState, RunSummary
from soleus.knowledge import load_knowledge
from soleus.training.analysis import analyse_training

KB = load_knowledge()
ONSET = date(2026, 11, 3)


def flat_runs() -> list[RunSummary]:
    days = [ONSET - timedelta(days=back) for back in range(1, 120, 2)]
    return [
        RunSummary(
            key=day.isoformat(),
            start_utc=datetime(day.year, day.month, day.day, 6, tzinfo=UTC),
            day=day,
            sport=Sport.RUNNING,
            elapsed_s=2000,
            moving_s=2000,
            distance_m=6000,
            speed_mps=3.0,
            ascent_m=5,
            descent_m=5,
        )
        for day in days
    ]


def leans(runs: list[RunSummary]) -> dict[str, float]:
    found = analyse_training(runs, onset_on=ONSET, kb=KB).findings
    return {finding.id: finding.likelihood["true"] for finding in found}


def test_flat_runs_with_height_speak_against_regular_hills():
    assert leans(flat_runs())["regular_hills"] < 0.5


@pytest.mark.parametrize("every", [1, 2, 3])
def test_runs_without_height_say_nothing_about_hills(every):
    runs = [replace(run, ascent_m=None, descent_m=None) if i % every == 0 else run for i, run in enumerate(flat_runs())]
    assert "regular_hills" not in leans(runs)


def test_runs_without_distance_say_nothing_about_volume():
    assert "high_volume" not in leans([replace(run, distance_m=None) for run in flat_runs()])


def test_files_that_end_long_before_the_pain_say_nothing():
    ended = [run for run in flat_runs() if (ONSET - run.day).days > 14]
    report = analyse_training(ended, onset_on=ONSET, kb=KB)
    assert (report.coverage.enough, report.coverage.reason) == (False, "files_end")
    assert not report.findings
    assert {change.state for change in report.changes} == {ChangeState.TOO_LITTLE}


def test_another_sport_shows_that_the_watch_was_in_use():
    rested = [run for run in flat_runs() if (ONSET - run.day).days > 20]
    ride = replace(flat_runs()[1], key="ride", sport=Sport.CYCLING)
    assert analyse_training([*rested, ride], onset_on=ONSET, kb=KB).coverage.enough


def test_the_first_run_back_on_the_onset_day_ends_a_break():
    rested = [run for run in flat_runs() if (ONSET - run.day).days > 20]
    back = replace(flat_runs()[0], key="back", day=ONSET)
    report = analyse_training([*rested, back], onset_on=ONSET, kb=KB)
    change = next(change for change in report.changed if change.id == "return_after_break")
    assert (change.on, change.params["days"]) == (ONSET, 20)
    assert leans([*rested, back])["lay_off_return"] > 0.5


def test_no_runs_say_nothing():
    assert leans([]) == {}
