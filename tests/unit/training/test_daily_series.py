"""Daily series: nothing run is 0, nothing known is NaN."""

import math
from datetime import timedelta

import numpy as np
import pytest
from made_runs import ONSET, numbers, run

from soleus.core.activity import Shoe, Sport, Surface
from soleus.core.training import FormCell
from soleus.training.daily import SERIES, amount, build_daily, long_gaps, runs_before, runs_on
from soleus.training.fast import fast_minutes, fast_speed_mps
from soleus.training.shoes import ShoeDays, shoe_days

KNOWLEDGE = numbers()


def table_of(runs, shoes=(), **more):
    before = runs_before(runs, ONSET)
    return build_daily(before, onset_on=ONSET, knowledge=KNOWLEDGE, shoes=shoe_days(before, shoes, KNOWLEDGE), **more)


def cell(speed=3.0, seconds=600.0, **values):
    names = ("cadence_spm", "contact_time_ms", "step_length_m", "vertical_oscillation_m", "contact_time_balance_pct")
    return FormCell(speed_mps=speed, seconds=seconds, **{name: values.get(name) for name in names})


def test_every_series_of_the_registry_has_a_row():
    assert set(table_of([run(3)]).values) == set(SERIES)


def test_every_definition_reads_a_series_that_exists():
    assert {d.series for d in KNOWLEDGE.changes} <= set(SERIES)


def test_a_day_without_a_run_is_zero_and_two_runs_are_added():
    table = table_of([run(3, 5.0), run(1, 4.0), run(1, 6.0, hour=18)])
    np.testing.assert_allclose(table.values["distance_km"], [5, 0, 10])
    np.testing.assert_allclose(table.values["longest_run_km"], [5, 0, 6])
    np.testing.assert_allclose(table.values["runs"], [1, 0, 2])
    assert table.first_day == ONSET - timedelta(days=3)
    assert table.day(2) == ONSET - timedelta(days=1)


def test_an_unknown_distance_makes_the_day_unknown_but_the_longest_known_run_stays():
    table = table_of([run(2, None), run(1, None), run(1, 6.0, hour=18)])
    assert math.isnan(table.values["distance_km"][0])
    assert math.isnan(table.values["distance_km"][1])
    assert math.isnan(table.values["longest_run_km"][0])
    assert table.values["longest_run_km"][1] == 6


def test_only_runs_before_the_onset_count_in_any_order_and_once():
    ride = run(2, 40.0, sport=Sport.CYCLING, key="ride")
    runs = [run(0), run(-1), run(5), ride, run(3), run(5)]
    assert [r.key for r in runs_before(runs, ONSET)] == [run(5).key, run(3).key]
    assert [r.key for r in runs_on(runs, ONSET)] == [run(0).key]


@pytest.mark.parametrize("value", [None, -1.0, math.nan, math.inf])
def test_impossible_amounts_are_unknown(value):
    assert math.isnan(amount(value))


@pytest.mark.parametrize("metres", [-1.0, math.nan, math.inf])
def test_a_run_of_impossible_distance_is_kept_without_it(metres):
    (kept,) = runs_before([run(3, distance_m=metres)], ONSET)
    assert kept.distance_m is None


def test_rows_of_days_in_a_row_and_days_off():
    table = table_of([run(6), run(5), run(4), run(1)])
    assert table.values["consecutive_days"].tolist() == [1, 2, 3, 0, 0, 1]
    assert table.values["gap_days"].tolist() == [0, 0, 0, 1, 2, 0]


def test_surfaces_share_the_distance_and_are_unknown_when_no_file_tells():
    known = table_of([run(2, 5.0, surface=Surface.TREADMILL), run(1, 6.0)])
    assert known.values["treadmill_share"].tolist() == [5, 0]
    assert np.isnan(table_of([run(2), run(1)]).values["treadmill_share"]).all()


def test_kilometres_in_new_pairs_need_a_pair_to_be_noted():
    runs = [run(60, shoe="a"), run(5, shoe="b"), run(3)]
    values = table_of(runs, [Shoe(id="a", name="One"), Shoe(id="b", name="Two")]).values["new_shoe_share"]
    assert (values[0], values[-5]) == (0, 8)
    assert math.isnan(values[-3])


def test_long_absences_are_gaps_and_shorter_ones_pauses_with_days_to_settle():
    runs = (
        [run(b) for b in range(120, 80, -2)] + [run(b) for b in range(60, 40, -2)] + [run(b) for b in range(34, 0, -2)]
    )
    table = table_of(runs)
    gap_days = [(ONSET - table.day(int(i))).days for i in np.flatnonzero(table.gap)]
    assert (max(gap_days), min(gap_days)) == (81, 61)
    assert table.pause.sum() == table.gap.sum() + 7
    assert table.unsettled.sum() == table.pause.sum() + 2 * 14


def test_a_gap_may_reach_the_onset():
    assert table_of([run(40), run(38), run(20)]).gap[-1]
    assert long_gaps(np.array([True, False, False]), 2).tolist() == [False, True, True]


def test_only_the_last_years_are_looked_at():
    assert table_of([run(2000), run(10)]).days == 10


def test_no_runs_give_a_table_without_days():
    table = table_of([])
    assert table.days == 0
    assert all(len(values) == 0 for values in table.values.values())


def test_calf_loads_are_added_by_day():
    runs = [run(2), run(1)]
    values = table_of(runs, impulse=np.array([100.0, np.nan]), damage=np.array([1.0, 2.0])).values
    assert values["calf_load_impulse"][0] == 100
    assert math.isnan(values["calf_load_impulse"][1])
    assert values["calf_load_damage"].tolist() == [1, 2]


class TestFast:
    def test_critical_speed_from_the_third_best_efforts(self):
        runs = [run(b, best_efforts_s={400: 80.0 + b, 5000: 1300.0 + b}) for b in range(1, 6)]
        assert fast_speed_mps(runs, KNOWLEDGE) == pytest.approx(4600 / 1220)

    def test_ninety_percent_of_the_best_half_minute_otherwise(self):
        runs = [run(b, fastest_30s_mps=5.0, best_efforts_s={400: math.inf}) for b in range(1, 4)]
        assert fast_speed_mps(runs, KNOWLEDGE) == pytest.approx(4.5)
        assert fast_speed_mps([run(1)], KNOWLEDGE) is None

    def test_minutes_above_it_and_unknown_without_speeds(self):
        runs = [run(2, speed_s={30: 600.0, 46: 120.0}, fastest_30s_mps=5.0), run(1)]
        minutes = fast_minutes(runs, KNOWLEDGE)
        assert minutes[0] == 2
        assert math.isnan(minutes[1])
        assert np.isnan(fast_minutes([run(1)], KNOWLEDGE)).all()


class TestForm:
    def test_cadence_is_compared_at_the_same_speed_only(self):
        slow = [run(b, device="w", form=(cell(2.5, cadence_spm=160),)) for b in range(40, 20, -2)]
        quick = [run(b, device="w", form=(cell(3.5, cadence_spm=175),)) for b in range(20, 0, -2)]
        values = table_of(slow + quick).values["cadence_spm"]
        np.testing.assert_allclose(values[~np.isnan(values)], 167.5)

    def test_another_device_of_late_has_no_baseline(self):
        old = [run(b, device="wrist", form=(cell(cadence_spm=160),)) for b in range(90, 31, -2)]
        new = [run(b, device="strap", form=(cell(cadence_spm=170),)) for b in range(29, 0, -2)]
        table = table_of(old + new)
        assert table.device_changed == {"cadence_spm"}
        assert table_of(old).device_changed == frozenset()

    def test_balance_is_a_difference_and_strike_a_run_mean(self):
        runs = [
            run(b, form=(cell(contact_time_balance_pct=50 + b),), foot_strike_class=4.0 + b, moving_s=100.0)
            for b in (1, 2)
        ]
        values = table_of(runs).values
        assert values["contact_time_balance_pct"].tolist() == [52, 51]
        assert values["foot_strike_class"].tolist() == [6, 5]

    def test_a_sensor_worn_by_turns_is_no_change_of_device(self):
        runs = [run(b, device="a" if b % 4 else "b", foot_strike_class=5.0) for b in range(90, 0, -2)]
        assert table_of(runs).device_changed == frozenset()
        new = [run(b, device="a" if b > 31 else "b", foot_strike_class=5.0) for b in range(90, 0, -2)]
        assert table_of(new).device_changed == {"foot_strike_class"}


def test_no_shoe_log_marks_nothing():
    assert not ShoeDays().is_new(run(1))
