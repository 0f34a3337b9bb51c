"""Distances that only a table states are believed as far as a runner can go."""

from datetime import UTC, datetime

import pytest
from made_runs import knowledge_base

from soleus.core.activity import Activity, Sport, Totals
from soleus.training.summary import summarise_activity


@pytest.mark.parametrize(
    ("sport", "distance_m", "timer_s", "kept"),
    [
        (Sport.RUNNING, 10_000.0, 3_000.0, True),
        (Sport.RUNNING, 1e9, 3_000.0, False),
        (Sport.RUNNING, 42_195.0, None, True),
        (Sport.RUNNING, 1e9, None, False),
        (Sport.WALKING, 1e6, 600.0, False),
        (Sport.CYCLING, 60_000.0, 3_600.0, True),
        (Sport.RUNNING, None, 3_000.0, False),
    ],
)
def test_a_stated_distance_nobody_can_run_is_unknown(sport, distance_m, timer_s, kept):
    start = datetime(2026, 5, 1, tzinfo=UTC)
    totals = Totals(distance_m=distance_m, timer_s=timer_s, elapsed_s=timer_s)
    activity = Activity(start_utc=start, sport=sport, format="strava_csv", totals=totals)
    summary = summarise_activity(activity, knowledge_base().training)
    assert summary.distance_m == (distance_m if kept else None)
    assert summary.speed_mps is None or summary.distance_m is not None
