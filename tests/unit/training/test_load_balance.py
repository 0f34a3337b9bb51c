import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recordings import KNOWLEDGE

from soleus.training import load_balance as lb

STEP = np.array([10.0] * 28 + [20.0] * 7)
WEEK = np.array([50.0, 0, 60, 0, 50, 0, 120])


@pytest.mark.parametrize(
    ("convention", "ctl", "atl"),
    [("one_over_tau", 11.552, 16.601), ("exponential", 11.535, 16.321), ("two_over_n_plus_one", None, 18.665)],
)
def test_three_conventions_give_three_answers(convention, ctl, atl):
    balance = lb.ctl_atl_tsb(STEP, KNOWLEDGE, convention=convention, start=10.0)
    if ctl is not None:
        assert balance.ctl[-1] == pytest.approx(ctl, abs=1e-3)
    assert balance.atl[-1] == pytest.approx(atl, abs=1e-3)
    assert balance.convention == convention


def test_step_of_load_to_four_digits():
    balance = lb.ctl_atl_tsb(STEP, KNOWLEDGE, start=10.0)
    assert balance.ctl[-1] == pytest.approx(11.5522, abs=1e-4)
    assert balance.atl[-1] == pytest.approx(16.6008, abs=1e-4)
    assert balance.tsb[-1] == pytest.approx(11.5522 - 16.6008, abs=1e-4)


def test_form_of_the_day_before():
    same = lb.ctl_atl_tsb(STEP, KNOWLEDGE, start=10.0)
    before = lb.ctl_atl_tsb(STEP, KNOWLEDGE, start=10.0, tsb="previous_day")
    np.testing.assert_allclose(before.tsb[1:], same.tsb[:-1])
    assert before.tsb[0] == 0.0
    assert len(lb.ctl_atl_tsb(np.zeros(0), KNOWLEDGE, tsb="previous_day").tsb) == 0
    with pytest.raises(ValueError, match="same_day"):
        lb.ctl_atl_tsb(STEP, KNOWLEDGE, tsb="tomorrow")


def test_acute_chronic_ratios_of_the_step():
    assert lb.acwr_coupled(STEP, KNOWLEDGE)[-1] == pytest.approx(1.6, abs=1e-9)
    assert lb.acwr_uncoupled(STEP, KNOWLEDGE)[-1] == pytest.approx(2.0, abs=1e-9)
    acute, chronic = lb.ewma_averages(STEP, KNOWLEDGE, start=10.0)
    assert (acute[-1], chronic[-1]) == (pytest.approx(18.6652, abs=1e-4), pytest.approx(13.9360, abs=1e-4))
    assert lb.acwr_ewma(STEP, KNOWLEDGE, start=10.0)[-1] == pytest.approx(1.3394, abs=1e-4)


def test_ratios_are_hidden_while_the_history_is_short():
    for ratio in (lb.acwr_coupled(STEP, KNOWLEDGE), lb.acwr_uncoupled(STEP, KNOWLEDGE)):
        assert np.isnan(ratio[:27]).all()
        assert np.isfinite(ratio[27:]).all()
    assert np.isnan(lb.acwr_ewma(STEP, KNOWLEDGE)[:28]).all()
    for short in (np.zeros(0), np.ones(3)):
        for measure in (lb.acwr_coupled, lb.acwr_uncoupled, lb.acwr_ewma, lb.monotony, lb.strain, lb.week_on_week):
            assert np.isnan(measure(short, KNOWLEDGE)).all()
            assert len(measure(short, KNOWLEDGE)) == len(short)


def test_the_average_is_seeded_with_the_first_four_weeks():
    np.testing.assert_allclose(lb.acwr_ewma(STEP, KNOWLEDGE), lb.acwr_ewma(STEP, KNOWLEDGE, start=10.0))


def test_no_ratio_without_chronic_load():
    assert np.isnan(lb.acwr_coupled(np.zeros(40), KNOWLEDGE)).all()
    assert np.isnan(lb.acwr_ewma(np.zeros(40), KNOWLEDGE)).all()
    comeback = np.array([0.0] * 33 + [5.0] * 7)
    assert np.isnan(lb.acwr_uncoupled(comeback, KNOWLEDGE)[-1])
    assert np.isnan(lb.week_on_week(comeback, KNOWLEDGE)[-1])


@given(st.lists(st.floats(0, 300), min_size=28, max_size=60))
def test_the_coupled_ratio_follows_from_the_uncoupled(loads):
    loads = np.array(loads)
    coupled, uncoupled = lb.acwr_coupled(loads, KNOWLEDGE), lb.acwr_uncoupled(loads, KNOWLEDGE)
    both = np.isfinite(coupled) & np.isfinite(uncoupled)
    expected = 1 / (0.25 + 0.75 / np.maximum(uncoupled[both], 1e-300))
    np.testing.assert_allclose(coupled[both], expected, rtol=1e-6, atol=1e-9)
    assert (coupled[np.isfinite(coupled)] <= 4 + 1e-9).all()


def test_monotony_and_strain_of_the_worked_week():
    assert lb.monotony(WEEK, KNOWLEDGE)[-1] == pytest.approx(0.9742, abs=1e-4)
    assert lb.strain(WEEK, KNOWLEDGE)[-1] == pytest.approx(272.79, abs=0.01)
    sample = WEEK.mean() / WEEK.std(ddof=1)
    assert (sample, 280 * sample) == (pytest.approx(0.9020, abs=1e-4), pytest.approx(252.55, abs=0.05))


def test_equal_days_are_capped_and_rest_has_no_monotony():
    assert lb.monotony(np.full(7, 30.0), KNOWLEDGE)[-1] == 10.0
    assert lb.monotony(np.full(7, 30.0) + np.array([0, 0, 0, 0.1, 0, 0, 0]), KNOWLEDGE)[-1] == 10.0
    assert np.isnan(lb.monotony(np.zeros(7), KNOWLEDGE)[-1])
    assert lb.strain(np.zeros(7), KNOWLEDGE)[-1] == 0.0


def test_week_on_week():
    assert lb.week_on_week(STEP, KNOWLEDGE)[-1] == pytest.approx(2.0)
    assert np.isnan(lb.week_on_week(STEP, KNOWLEDGE)[:13]).all()
    assert lb.week_on_week(STEP, KNOWLEDGE)[13] == pytest.approx(1.0)
