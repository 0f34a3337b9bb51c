"""One run on two watches counts once; two runs of one day count twice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from soleus.core.activity import Sport
from soleus.core.training import RunSummary
from soleus.training.one_at_a_time import one_at_a_time

START = datetime(2026, 5, 1, 6, tzinfo=UTC)


def run(after_s: float = 0.0, km: float = 10.0, seconds: float = 3_600.0, **more: object) -> RunSummary:
    start = START + timedelta(seconds=after_s)
    values = {
        "key": f"{start}-{km}", "start_utc": start, "day": start.date(), "sport": Sport.RUNNING, "format": "fit",
        "distance_m": 1000 * km, "moving_s": seconds, "elapsed_s": seconds,
    }  # fmt: skip
    return RunSummary(**{**values, **more})


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (run(), run(90, 10.2), "second"),  # two watches at a race
        (run(), run(300, 9.1, 3_300.0), "first"),  # the second was started late
        (run(300, 9.1, 3_000.0), run(), "second"),
        (run(), run(5, 10.8, format="gpx"), "first"),  # a foot pod beside the treadmill
        (run(), run(3_600), "both"),  # one after the other
        (run(), run(9 * 3_600), "both"),
        (run(), run(3_000), "both"),  # hardly overlapping: a warm-up that ran on
        (run(seconds=3_600.0, elapsed_s=9 * 3_600.0), run(7 * 3_600), "both"),  # the first was left on
        (run(), run(7_200, format="tcx"), "first"),  # local time written as UTC
        (run(), run(7_200), "both"),  # the same loop twice, from one watch
        (run(), run(7_300, format="tcx"), "both"),
        (run(), run(7_200, 10.2, format="tcx"), "both"),
        (run(), run(7_200, 10.0, 3_700.0, format="tcx"), "both"),
        (run(distance_m=None), run(7_200, format="tcx"), "both"),
        (run(), run(5, from_totals=True), "both"),  # settled where the tables are read
        (run(), run(5, sport=Sport.CYCLING), "both"),
        (run(seconds=40 * 3_600.0), run(20 * 3_600, format="tcx"), "first"),
        (run(seconds=40 * 3_600.0), run(39.9 * 3_600, format="tcx"), "both"),
    ],
)
def test_nobody_runs_twice_at_once(first, second, kept):
    left = {"first": [first], "second": [second], "both": [first, second]}[kept]
    assert sorted(one_at_a_time([second, first]), key=lambda one: one.key) == sorted(left, key=lambda one: one.key)


def test_three_recordings_are_one_run_and_the_shoe_stays():
    shoe = run(20, 9.9, 3_500.0, shoe="pair")
    assert one_at_a_time([run(40, 9.8, 3_400.0), shoe, run()]) == (replace(run(), shoe="pair"),)
    assert one_at_a_time([run(10, 9.9, 1_000.0), run(0, 1.0, 800.0), run(12, 12.0, 4_000.0)]) == (
        run(12, 12.0, 4_000.0),
    )
