"""A real month of running against sums made without any of our readers."""

from __future__ import annotations

import gzip
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from made_runs import knowledge_base

from soleus.training.analysis import analyse_training

FILES = Path(__file__).parents[3].parent / "shared" / "activity" / "files" / "trackeR"
TCX = "{http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2}"
ONSET = date(2013, 7, 1)
PATHS = sorted(FILES.glob("2013-06-*.TCX.gz"))
pytestmark = pytest.mark.skipif(not PATHS, reason="the files of other people are not here")


def activities_by_hand():
    """(UTC start, metres) of each activity: last cumulative distance of each lap's track, summed as the file says."""
    for path in PATHS:
        root = ET.fromstring(gzip.decompress(path.read_bytes()).lstrip())  # noqa: S314  (known files)
        for activity in root.iter(f"{TCX}Activity"):
            if activity.get("Sport") != "Running":
                continue
            started = datetime.fromisoformat(activity.find(f"{TCX}Id").text)
            track = [float(d.text) for d in activity.iter(f"{TCX}DistanceMeters")]
            yield started, max(track, default=0.0)


@pytest.fixture(scope="module")
def report_and_runs():
    registry = pytest.importorskip("soleus.readers.registry")
    summary = pytest.importorskip("soleus.training.summary")
    runs = []
    for path in PATHS:
        reading = registry.read_bytes(path.read_bytes(), name=path.name)
        runs += [summary.summarise_activity(a, knowledge_base().training) for a in reading.activities]
    return analyse_training(runs, onset_on=ONSET, kb=knowledge_base()), runs


def test_weekly_distance_and_longest_run_agree_with_the_sum_by_hand(report_and_runs):
    report, runs = report_and_runs
    offset = runs[0].day - runs[0].start_utc.date()  # the same calendar for both
    weekly, longest = defaultdict(float), defaultdict(float)
    by_start = {run.start_utc.replace(microsecond=0): run.day for run in runs}
    for started, metres in activities_by_hand():
        day = by_start.get(started.replace(microsecond=0), started.date() + offset)
        end = ONSET - timedelta(days=1 + 7 * (((ONSET - day).days - 1) // 7))
        weekly[end] += metres
        longest[end] = max(longest[end], metres)
    assert len(report.weeks) >= 4
    for week in report.weeks:
        assert week.distance_m == pytest.approx(weekly[week.last_day], rel=0.01), week.last_day
        assert week.longest_run_m == pytest.approx(longest[week.last_day], rel=0.01), week.last_day


def test_a_month_is_short_and_the_report_says_so(report_and_runs):
    report, _ = report_and_runs
    assert report.coverage.days <= 31
    told = {c.id: c for c in report.changes}
    assert told["first_hills"].reason in {"too_short", "no_channel"}
    assert all(c.reason for c in report.too_little)
