"""Other people's recordings, read in place: our figures against what the devices say of themselves."""

import gzip
from functools import cache
from pathlib import Path

import pytest
from recordings import KNOWLEDGE

from soleus.core.activity import Sport
from soleus.readers.registry import read_bytes
from soleus.training.summary import summarise_activity

FILES = Path(__file__).parents[3] / "../shared/activity/files"
pytestmark = pytest.mark.skipif(not FILES.is_dir(), reason="the recordings are not here")

BAROMETRIC = (
    "connectstats/activity_1378220136.fit",
    "connectstats/activity_2477200414.fit",
    "connectstats/activity_2944936628.fit",
    "connectstats/track_cs_5611.fit",
    "connectstats/track_cs_544406.fit",
    "fit-parser-js/garmin-stamina.fit",
    "fit-parser-js/running-with-developer-data.fit",
    "fitfileparser-swift/running.fit",
    "python-fitparse/activity-small-fenix2-run.fit",
    "sports-lib/20181013_kona_ironman.fit",
    "sports-lib/garmin.fit",
    "sports-lib/suunto-uphill.fit",
)
MONTH = tuple(f"trackeR/{p.name}" for p in sorted((FILES / "trackeR").glob("2013-06-*.TCX.gz")))


@cache
def run_of(name):
    data = (FILES / name).read_bytes()
    reading = read_bytes(gzip.decompress(data) if name.endswith(".gz") else data)
    runs = [activity for activity in reading.activities if activity.sport is Sport.RUNNING]
    run = max(runs, key=lambda activity: activity.elapsed_s)
    return run, summarise_activity(run, KNOWLEDGE)


@pytest.mark.parametrize("name", BAROMETRIC + MONTH)
def test_distance_agrees_with_the_devices_own_total(name):
    run, summary = run_of(name)
    assert summary.distance_m == pytest.approx(run.totals.distance_m, rel=0.01, abs=15)


@pytest.mark.parametrize("name", MONTH)
def test_moving_time_agrees_with_the_timer(name):
    run, summary = run_of(name)
    assert summary.moving_s == pytest.approx(run.totals.timer_s, rel=0.02, abs=12)


@pytest.mark.parametrize("name", BAROMETRIC)
def test_barometric_ascent_agrees_with_the_device(name):
    run, summary = run_of(name)
    assert summary.elevation_from == "barometer"
    assert summary.ascent_m == pytest.approx(run.totals.ascent_m, rel=0.06, abs=5)


@pytest.mark.parametrize(
    "name",
    [
        "connectstats/activity_1378220136.fit",
        "connectstats/activity_2477200414.fit",
        "connectstats/track_cs_544406.fit",
        "connectstats/track_cs_728599.fit",
        "connectstats/track_cs_777501.fit",
        "connectstats/track_cs_857090.fit",
        "fitfileparser-swift/running.fit",
        "sports-lib/20181013_kona_ironman.fit",
        "sports-lib/TrailRun20200215111630.fit",
    ],
)
def test_steps_agree_with_the_devices_count(name):
    run, summary = run_of(name)
    assert summary.steps == pytest.approx(run.totals.steps, rel=0.02)
    assert 2 * sum(cell.steps for cell in summary.load_cells) == pytest.approx(summary.steps, rel=0.002)


@pytest.mark.parametrize("name", BAROMETRIC + MONTH)
def test_heart_rate_agrees_with_the_devices_mean(name):
    run, summary = run_of(name)
    if run.totals.average_heart_rate_bpm is not None and summary.heart_rate_s:
        assert summary.average_heart_rate_bpm == pytest.approx(run.totals.average_heart_rate_bpm, abs=1.2)


def test_gps_height_swings_do_not_become_climbs():
    """One runner, one town, one month: the two runs whose height swings by 100 m on the level are no mountain runs."""
    for name in ("trackeR/2013-06-04-174137.TCX.gz", "trackeR/2013-06-09-165756.TCX.gz"):
        _, summary = run_of(name)
        assert summary.ngp_speed_mps < 1.1 * summary.speed_mps
        assert summary.ascent_m / summary.distance_m < 0.017


@pytest.mark.parametrize("name", MONTH)
def test_grade_adjusted_speed_stays_near_speed_in_a_flat_town(name):
    _, summary = run_of(name)
    if summary.distance_m > 3000:
        assert summary.gap_speed_mps == pytest.approx(summary.speed_mps, rel=0.08)


def test_a_vertical_kilometre_costs_more_than_twice_its_speed():
    _, summary = run_of("sports-lib/suunto-uphill.fit")
    assert summary.gap_speed_mps > 2 * summary.speed_mps
    assert summary.steep_uphill_s > 0.8 * summary.moving_s


def test_every_recording_is_measured_within_physical_bounds():
    for path in sorted(FILES.rglob("*.fit")):
        for activity in read_bytes(path.read_bytes()).activities:
            summary = summarise_activity(activity, KNOWLEDGE)
            assert summary.moving_s <= summary.elapsed_s + 61
            if summary.fastest_30s_mps is not None:
                assert summary.fastest_30s_mps <= 12.0
            if summary.cadence_spm is not None:
                assert 40 <= summary.cadence_spm <= 280
