import numpy as np
import pytest
from recordings import KNOWLEDGE

from soleus.training import intensity as it

RATES = {"resting_bpm": 50, "maximum_bpm": 190}
HOUR_AT_150 = {150: 3600.0}


@pytest.mark.parametrize(("female", "expected"), [(False, 108.095), (True, 90.418)])
def test_trimp_of_an_hour_at_150(female, expected):
    assert it.trimp_banister(HOUR_AT_150, KNOWLEDGE, **RATES, female=female) == pytest.approx(expected, abs=1e-3)


def test_trimp_of_the_program_source():
    found = it.trimp_banister({130: 1800.0}, KNOWLEDGE, resting_bpm=40, maximum_bpm=200, female=False)
    assert found == pytest.approx(31.803, abs=0.01)


def test_trimp_of_a_stream_equals_that_of_its_histogram():
    rate = np.array([120.0, 150.0, np.nan, 150.0, 40.0])
    seconds = np.array([60.0, 30.0, 500.0, 30.0, 60.0])
    histogram = it.heart_rate_histogram(rate, seconds)
    assert histogram == {40: 60.0, 120: 60.0, 150: 60.0}
    streamed = it.trimp_stream(rate, seconds, KNOWLEDGE, **RATES, female=True)
    assert streamed == pytest.approx(it.trimp_banister(histogram, KNOWLEDGE, **RATES, female=True))
    assert it.trimp_banister({40: 3600.0}, KNOWLEDGE, **RATES, female=True) == 0.0
    assert it.trimp_banister({}, KNOWLEDGE, **RATES, female=True) == 0.0


def test_intervals_weigh_more_than_their_mean():
    even, swing = {150: 3600.0}, {120: 1800.0, 180: 1800.0}
    assert it.trimp_banister(swing, KNOWLEDGE, **RATES, female=False) > it.trimp_banister(
        even, KNOWLEDGE, **RATES, female=False
    )


def test_hrtss():
    found = it.hrtss(HOUR_AT_150, KNOWLEDGE, **RATES, threshold_bpm=170, female=False)
    assert found == pytest.approx(63.343, abs=1e-3)
    at_threshold = it.hrtss({170: 3600.0}, KNOWLEDGE, **RATES, threshold_bpm=170, female=True)
    assert at_threshold == pytest.approx(100.0)


def test_rates_in_the_wrong_order_are_refused():
    with pytest.raises(ValueError, match="maximum"):
        it.trimp_banister(HOUR_AT_150, KNOWLEDGE, resting_bpm=190, maximum_bpm=190, female=False)
    with pytest.raises(ValueError, match="threshold heart rate"):
        it.hrtss(HOUR_AT_150, KNOWLEDGE, **RATES, threshold_bpm=50, female=False)
    with pytest.raises(ValueError, match="threshold speed"):
        it.rtss(3600, 3.0, 0.0)
    with pytest.raises(ValueError, match="threshold power"):
        it.govss(3600, 300.0, 0.0)


def test_zones_by_hand():
    # Of 200: 55 % = 110, 66 % = 132, 75 % = 150, 84 % = 168; the bound belongs to the zone above it.
    rates = {109: 60.0, 110: 60.0, 132: 60.0, 150: 60.0, 168: 60.0}
    seconds = it.zone_seconds(rates, KNOWLEDGE, maximum_bpm=200, table="zones.goldencheetah")
    assert seconds == (60.0,) * 5
    load = it.trimp_zonal(rates, KNOWLEDGE, maximum_bpm=200, table="zones.goldencheetah")
    assert load == pytest.approx(0.9 + 1.1 + 1.2 + 2.0 + 5.0)


def test_edwards_counts_nothing_below_half_of_the_maximum():
    rates = {94: 600.0, 95: 60.0, 152: 120.0, 190: 60.0}  # 49.5, 50, 80 and 100 % of 190
    assert it.zone_seconds(rates, KNOWLEDGE, maximum_bpm=190, table="zones.edwards") == (60.0, 0.0, 0.0, 120.0, 60.0)
    assert it.trimp_zonal(rates, KNOWLEDGE, maximum_bpm=190, table="zones.edwards") == pytest.approx(1 + 2 * 4 + 5)


def test_histograms_of_nothing_are_empty():
    assert it.heart_rate_histogram(np.array([np.nan]), np.array([5.0])) == {}
    assert it.speed_histogram(np.array([3.0]), np.array([0.0])) == {}


def test_speed_histogram_counts_whole_decimetres():
    found = it.speed_histogram(np.array([3.0, 3.09, 3.1, 0.0]), np.array([1.0, 2.0, 4.0, 8.0]))
    assert found == {0: 8.0, 30: 3.0, 31: 4.0}


def test_session_rpe():
    assert it.session_rpe_load(6.0, 45 * 60.0) == 270.0


def test_rtss():
    assert it.rtss(3600, 10, 15) == pytest.approx(44.444, abs=1e-3)
    assert it.rtss(3600, 7.5, 15) == pytest.approx(25.0)
    assert it.rtss(1800, 0.9, 1.0) == pytest.approx(40.5)


def test_ngp_of_a_steady_run_is_its_speed():
    assert it.ngp(np.full(600, 3.2), np.ones(600), KNOWLEDGE) == pytest.approx(3.2)
    assert it.ngp(np.zeros(0), np.zeros(0), KNOWLEDGE) == 0.0
    assert it.ngp(np.full(3, 3.2), np.zeros(3), KNOWLEDGE) == 0.0


def test_ngp_weighs_speed_by_its_fourth_power():
    # Five minutes each: the two half-minutes of mixing make up the rest.
    speed = np.repeat([2.0, 4.0], 300)
    rolling = np.concatenate((np.full(300, 2.0), 2.0 + 2.0 * np.arange(1, 31) / 30, np.full(270, 4.0)))
    assert it.ngp(speed, np.ones(600), KNOWLEDGE) == pytest.approx(np.mean(rolling**4) ** 0.25)


def test_rolling_mean_does_not_care_about_the_sampling():
    fine = it.rolling_mean(np.repeat([1.0, 5.0, 3.0], 20), np.ones(60), 30.0)
    coarse = it.rolling_mean(np.array([1.0, 5.0, 3.0]), np.full(3, 20.0), 30.0)
    np.testing.assert_allclose(fine[[19, 39, 59]], coarse)
    np.testing.assert_allclose(coarse, [1.0, (20 * 5 + 10) / 30, (20 * 3 + 50) / 30])


@pytest.mark.parametrize(("grade", "watts"), [(0.0, 317.24), (0.05, 409.43)])
def test_running_power(grade, watts):
    found = it.running_power(np.array([3.5]), np.array([grade]), KNOWLEDGE, mass_kg=70, height_m=1.75)
    assert float(found[0]) == pytest.approx(watts, abs=0.01)


def test_lnp_xpace_and_govss_agree_on_a_steady_level_run():
    body = {"mass_kg": 70.0, "height_m": 1.75}
    lnp = it.lactate_normalised_power(np.full(3600, 3.5), np.zeros(3600), np.ones(3600), KNOWLEDGE, **body)
    assert lnp == pytest.approx(317.24, abs=0.01)
    assert it.xpace(lnp, KNOWLEDGE, **body) == pytest.approx(3.5, abs=0.001)
    assert it.govss(3600, lnp, lnp) == pytest.approx(100.0)
    assert it.govss(1800, lnp / 2, lnp) == pytest.approx(12.5)


def test_uphill_costs_more_than_level_and_stops_are_no_error():
    body = {"mass_kg": 70.0, "height_m": 1.75}
    speed = np.concatenate((np.zeros(200), np.full(600, 3.0)))
    level = it.lactate_normalised_power(speed, np.zeros(800), np.ones(800), KNOWLEDGE, **body)
    uphill = it.lactate_normalised_power(speed, np.full(800, 0.05), np.ones(800), KNOWLEDGE, **body)
    assert 0.0 < level < uphill
