"""One step: force relative to the reference step, damage, fatigue line, age, and the worked figures of the evidence."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soleus.core.activity import Surface
from soleus.knowledge import load_knowledge
from soleus.training.load_model import (
    RANGED,
    CalfModel,
    capacity_ratio,
    contact_time_ratio,
    cycles_to_failure,
    decayed_load,
    fallback_cadence_spm,
    grade_excess_pct,
    local_exponent,
    relative_force,
    run_factor,
    step_damage,
)

K = load_knowledge().training
SPEEDS = st.floats(1.5, 6.9)


def force(speed_mps=3.0, **more):
    return float(relative_force(speed_mps, knowledge=K, **more))


def per_km(speed_mps, exponent, cadence_spm=None):
    """ERS of one kilometre, level, by the general cadence."""
    cadence = float(fallback_cadence_spm(speed_mps, K)) if cadence_spm is None else cadence_spm
    usual = float(fallback_cadence_spm(speed_mps, K))
    steps = 1000.0 / speed_mps * cadence / 60.0 / 2.0
    step = force(speed_mps, step_length_ratio=usual / cadence)
    return steps * float(step_damage(step, contact_time_ratio(speed_mps, K), exponent))


def test_the_reference_step_is_one():
    assert force() == 1.0
    assert float(step_damage(force(), contact_time_ratio(3.0, K), 7)) == 1.0


def test_worked_forces():
    assert force(4.5) == pytest.approx(1.1761, abs=1e-4)
    assert force(strike="ffs", surface=Surface.TREADMILL) == pytest.approx(1.3466, abs=1e-4)
    assert force(strike="ffs", surface=Surface.TREADMILL) ** 7 == pytest.approx(8.0, abs=0.1)


def test_ten_kilometres_at_three_metres_per_second_are_4611_reference_steps():
    steps = 10_000 / 3.0 * float(fallback_cadence_spm(3.0, K)) / 60
    assert steps == pytest.approx(9222, abs=0.5)
    assert 10 * per_km(3.0, 7) == pytest.approx(4611, abs=0.5)


def test_five_fast_kilometres_are_4065_reference_steps_and_1537_by_impulse():
    """5 km at 4.5 m/s with 180 steps a minute, preferred at that speed: the fallback formula is not asked."""
    steps = 5000 / 4.5 * 180 / 60 / 2
    contact = contact_time_ratio(4.5, K)
    assert steps == pytest.approx(1667, abs=0.5)
    assert float(contact) == pytest.approx(0.784, abs=0.0005)
    assert steps * float(step_damage(force(4.5), contact, 7)) == pytest.approx(4065, abs=5)
    assert steps * float(step_damage(force(4.5), contact, 1)) == pytest.approx(1537, abs=1)


def test_per_kilometre_impulse_falls_with_speed_and_damage_rises():
    """Firminger 2020: cumulative metrics vary discordantly with speed."""
    impulse, damage = ([per_km(v, m) for v in (2.5, 3.0, 4.0)] for m in (1, 7))
    assert impulse == pytest.approx([536, 461, 370], abs=1)
    assert damage == pytest.approx([346, 461, 738], abs=1)
    for exponent in (4, 7, 9):
        values = [per_km(v, exponent) for v in np.arange(2.5, 5.0, 0.25)]
        assert np.diff(values[:7]).min() > 0
        assert np.diff(values).min() > -1e-9, "flat at m = 4 from 4.1 m/s on, where the general cadence is held"


def test_five_percent_more_steps_cost_less():
    assert force(step_length_ratio=1 / 1.05) - 1 == pytest.approx(-0.024, abs=0.0005)
    more, usual = per_km(3.0, 7, 166 * 1.05), per_km(3.0, 7)
    assert more / usual == pytest.approx(0.885, abs=0.0005)


def test_fatigue_line_of_tendon():
    assert local_exponent(50, K) == pytest.approx(7.78, abs=0.01)
    assert [round(local_exponent(s, K), 1) for s in (20, 30, 40, 50, 60)] == [3.1, 4.7, 6.2, 7.8, 9.3]
    cycles = [cycles_to_failure(s, K) for s in (30, 40, 50)]
    assert cycles == pytest.approx([65_700, 13_864, 2_926], rel=0.001)


def test_capacity_by_age_is_relative_to_35_years():
    assert capacity_ratio(35, "male", K) == pytest.approx(1, abs=0.002)
    assert capacity_ratio(35, "female", K) == pytest.approx(1, abs=0.002)
    assert capacity_ratio(60, "male", K) == pytest.approx((48.24 - 0.45 * 60) / 32.5)
    assert capacity_ratio(40, "unknown", K) is None


def test_load_lingers_and_fades():
    days = decayed_load([[3.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]], K)
    assert days[0] == pytest.approx([3 * math.exp(-n / 3) for n in range(4)])
    assert days[1] == pytest.approx([0, *(math.exp(-n / 3) for n in range(3))])


def test_grade_counts_only_beyond_seven_percent():
    assert [force(grade_ratio=g) for g in (-0.07, 0.0, 0.05, 0.07)] == [1.0] * 4
    assert force(grade_ratio=0.12) == pytest.approx(1.05)
    assert force(grade_ratio=-0.12) == pytest.approx(0.95)
    assert grade_excess_pct([-0.1, 0.0, 0.1], K) == pytest.approx([-3, 0, 3])


def test_drop_and_lift_are_clipped():
    assert force(drop_mm=10) == 1.0
    assert force(drop_mm=4) == pytest.approx(1.033)
    assert force(drop_mm=0, heel_lift_mm=12) == pytest.approx(1 - 0.0055 * 2)
    assert (force(drop_mm=-20), force(heel_lift_mm=30)) == (1.06, 0.94)


def test_strike_and_shoe_together_are_capped_and_impulse_is_not():
    assert force(strike="ffs", shoe="minimalist") == pytest.approx(1.197 * 1.10)
    model = CalfModel.drawn(K, 200)
    assert run_factor(model, exponent=7, strike="ffs", shoe="minimalist").max() <= K.value("calf.strike_shoe_cap")
    central = CalfModel.central(K)
    assert run_factor(central, exponent=1, strike="ffs", shoe="minimalist")[0] == pytest.approx(1.325 * 1.10)


def test_carried_load_multiplies():
    assert force(carried_ratio=1.1) == pytest.approx(1.1)


def test_force_stops_rising_at_seven_metres_per_second():
    assert force(9.0) == force(7.0) > force(6.9)


def test_measured_contact_time_counts_against_the_reference():
    assert float(contact_time_ratio(3.0, K, 275.0)) == pytest.approx(1.1)


def test_draws_fill_their_ranges_around_the_value_and_never_change():
    drawn, again = CalfModel.drawn(K, 500), CalfModel.drawn(K, 500)
    for name, parameter_id in RANGED.items():
        parameter, values = K.parameters[parameter_id], drawn[name]
        assert (values == again[name]).all()
        if parameter.low is None:
            assert (values == parameter.value).all()
            continue
        assert parameter.low <= values.min() < values.max() <= parameter.high
        assert np.median(values) == pytest.approx(parameter.value, abs=0.01 * (parameter.high - parameter.low))
    assert abs(np.corrcoef(drawn["speed"], drawn["step_length"])[0, 1]) < 0.15


@given(slow=SPEEDS, fast=SPEEDS)
def test_force_never_falls_with_speed(slow, fast):
    slow, fast = sorted((slow, fast))
    assert force(slow) <= force(fast)


@given(speed=SPEEDS, ratio=st.floats(0.7, 1.4), grade=st.floats(-0.4, 0.4))
def test_force_is_a_product_of_its_parts(speed, ratio, grade):
    whole = force(speed, step_length_ratio=ratio, grade_ratio=grade, shoe="maximalist", surface=Surface.TREADMILL)
    parts = force(speed) * force(step_length_ratio=ratio) * force(grade_ratio=grade)
    assert whole == pytest.approx(parts * force(shoe="maximalist", surface=Surface.TREADMILL))
    assert whole > 0
