"""Runs near midnight land on the runner's own day, whichever file tells the time zone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from made_runs import knowledge_base
from recordings import steady as recorded

from soleus.core.activity import Sport
from soleus.core.training import RunSummary
from soleus.training.analysis import analyse_training
from soleus.training.own_days import local_day, on_own_days, zone_of_place
from soleus.training.summary import summarise_activity

SYDNEY_S, HOUR_S = 10 * 3600, 3600
LATE = datetime(2026, 5, 10, 13, 30, tzinfo=UTC)
"""23:30 in Sydney; 19:00 in Delhi; 09:30 in New York."""


def made(start: datetime, **more: object) -> RunSummary:
    values = {
        "key": f"{start}", "start_utc": start, "day": start.date(), "sport": Sport.RUNNING, "distance_m": 8000.0,
        "moving_s": 2400.0, "elapsed_s": 2400.0,
    }  # fmt: skip
    return RunSummary(**{**values, **more})


@pytest.mark.parametrize(
    ("longitude", "hours"), [(151.2, 10), (0.1, 0), (-73.9, -5), (77.2, 5), (179.9, 12), (-179.9, -12)]
)
def test_the_zone_of_a_place_is_that_of_its_first_position(longitude, hours):
    assert zone_of_place(np.array([np.nan, longitude, 3.0])) == hours * HOUR_S
    assert zone_of_place(np.array([np.nan])) is None


def test_a_day_never_leads_out_of_the_calendar():
    assert local_day(datetime(1, 1, 1, tzinfo=UTC), -3600) == date(1, 1, 1)
    assert local_day(LATE, SYDNEY_S + HOUR_S) == date(2026, 5, 11)
    assert local_day(LATE, None) == date(2026, 5, 10)


def test_a_run_without_zone_borrows_that_of_the_nearest_run():
    early = datetime(2026, 5, 10, 20, 30, tzinfo=UTC)  # 06:30 of the next day in Sydney
    travelling = made(early - timedelta(days=90), utc_offset_s=0)
    home = made(early - timedelta(days=2), utc_offset_s=SYDNEY_S, day=date(2026, 5, 9))
    later = made(early + timedelta(days=80), utc_offset_s=0)
    runs = [travelling, made(early), home, later]
    assert [run.day for run in on_own_days(runs)] == [travelling.day, date(2026, 5, 11), home.day, later.day]
    assert on_own_days(runs[1:2])[0].day == early.date()


def test_a_position_far_from_the_borrowed_zone_is_believed():
    home = made(LATE - timedelta(days=2), utc_offset_s=2 * HOUR_S)
    abroad = made(LATE + timedelta(hours=7), zone_of_place_s=SYDNEY_S, day=date(2026, 5, 11))
    spain = made(LATE.replace(hour=22, minute=40), zone_of_place_s=0)
    days = [run.day for run in on_own_days([home, abroad, spain])]
    assert days == [home.day, date(2026, 5, 11), date(2026, 5, 11)]


def test_a_day_that_a_table_put_right_stays():
    settled = made(LATE, day=date(2026, 5, 11))
    assert on_own_days([made(LATE, utc_offset_s=0), settled])[1] is settled


def test_runs_of_a_clock_that_was_never_set_are_left_out_of_the_history():
    start = datetime(1989, 12, 31, 6, tzinfo=UTC)
    unset = [made(start + timedelta(hours=k)) for k in range(6)]
    short = [made(datetime(2026, 5, 1, 6, tzinfo=UTC) + timedelta(days=2 * k)) for k in range(6)]
    report = analyse_training([*unset, *short], onset_on=date(2026, 5, 14), kb=knowledge_base())
    assert report.coverage.first_day == date(2026, 5, 1)
    assert not report.coverage.enough


def test_the_summary_says_what_is_known_of_the_zone():
    knowledge = knowledge_base().training
    activity = replace(recorded(600), start_utc=LATE.replace(hour=22), utc_offset_s=None)
    where = np.full(len(activity.stream), 151.2)
    placed = replace(
        activity, stream=replace(activity.stream, channels={**activity.stream.channels, "longitude_deg": where})
    )
    summary = summarise_activity(placed, knowledge)
    assert (summary.day, summary.utc_offset_s, summary.zone_of_place_s) == (date(2026, 5, 11), None, SYDNEY_S)
    half = summarise_activity(replace(placed, utc_offset_s=5 * HOUR_S + 1800), knowledge)
    assert (half.day, half.utc_offset_s, half.zone_of_place_s) == (date(2026, 5, 11), 5 * HOUR_S + 1800, None)
    assert summarise_activity(activity, knowledge).zone_of_place_s is None


def test_a_longitude_outside_the_globe_is_no_place():
    assert zone_of_place(np.array([-190.7, np.nan])) is None
    assert zone_of_place(np.array([-190.7, -75.0])) == -5 * 3600
