"""The load of a history: bands, ratios to the runner's own baseline, what stands in for missing channels."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from calf_runs import cell, run
from hypothesis import given
from hypothesis import strategies as st

from soleus.core.activity import Shoe, Sport, Surface
from soleus.knowledge import load_knowledge
from soleus.training import load
from soleus.training.load import estimate_loads
from soleus.training.load_cells import collect_cells, run_settings, strike_of

K = load_knowledge().training
SHOES = {
    "flat": Shoe(id="flat", name="Flat", drop_mm=0, kind="minimalist"),
    "usual": Shoe(id="usual", name="Usual", drop_mm=10, kind="conventional"),
    "unknown": Shoe(id="unknown", name="Unknown"),
    "odd": Shoe(id="odd", name="Odd", drop_mm=6, kind="clog"),
}


def loads(*runs, **more):
    return estimate_loads(runs, knowledge=K, shoes=SHOES, **{"draws": 60} | more)


def central(result, key, exponent=7):
    return result.run(key)[exponent].value


def window_ratio(result, recent="b", baseline="a"):
    return result.ratio([recent], 7, [baseline], 7)


def test_a_run_of_reference_steps_counts_its_steps():
    result = loads(run("a", cell(3.0, 4611)))
    assert set(result.run("a")) == {1, 4, 7, 9}
    for estimate in result.run("a").values():
        assert estimate.value == pytest.approx(4611)
        assert [estimate.low, estimate.high] == pytest.approx([4611, 4611])


def test_five_fast_kilometres_among_others():
    """4,065 ERS and 1,537 by impulse, 180 steps a minute being the runner's own at that speed."""
    result = loads(run("a", cell(4.5, 5000 / 4.5 * 1.5, cadence_spm=180)))
    assert central(result, "a") == pytest.approx(4065, abs=5)
    assert central(result, "a", 1) == pytest.approx(1537, abs=1)


def test_the_default_number_of_draws_is_the_knowledge_bases():
    assert estimate_loads([run("a", cell())], knowledge=K, shoes={}).draws.shape == (1, 4, 500)


def test_nothing_gives_nothing():
    assert loads().total([]).value == 0
    assert loads().ratio([], 7, [], 84) is None


def test_the_same_history_gives_the_same_numbers_twice():
    runs = [run("a", cell(2.8), cell(4.1)), run("b", cell(3.3))]
    first, second = loads(*runs), loads(*runs)
    assert (first.draws == second.draws).all()
    assert first.run("a") == second.run("a")


def test_draws_agree_with_the_central_model():
    """Half of the draws lie on either side of a monotone result."""
    result = loads(run("a", cell(4.5, 2000)), run("b", cell(3.0, 2000)), draws=500)
    for exponent in (4, 7, 9):
        at = result.exponents.index(exponent)
        assert np.median(result.draws[0, at]) == pytest.approx(central(result, "a", exponent), rel=0.06)


def test_a_sum_is_the_sum_of_its_runs():
    result = loads(run("a", cell(2.5)), run("b", cell(4.0)), run("c", cell(3.0)))
    whole = result.total(["a", "b"])
    assert whole.value == pytest.approx(central(result, "a") + central(result, "b"))
    assert whole.low < whole.value < whole.high
    assert result.total([]).high == 0


def test_the_band_of_a_sum_is_about_its_share_of_the_history():
    """A week like all others is sure, however unsure the level is; a faster one is not."""
    alike = [run(f"a{n}", cell(4.0, 2000), day=7 * n) for n in range(10)]
    level = loads(*alike, draws=300)
    assert level.run("a0")[9].high > 1.2 * level.run("a0")[9].value
    week = level.total(["a0"])
    assert [week.low, week.high] == pytest.approx([week.value, week.value], rel=1e-4)
    fast = loads(*alike, run("b", cell(5.5, 2000)), draws=300).total(["b"])
    assert fast.low < 0.7 * fast.value
    assert loads(*alike).total([run.key for run in alike]).low == pytest.approx(10 * week.value, rel=1e-4)


def test_blocks_do_not_change_the_result(monkeypatch):
    runs = [run(str(n), *(cell(2.5 + 0.1 * i, grade_ratio=0.02 * i - 0.1) for i in range(n + 1))) for n in range(9)]
    runs += [run("formula", cell(3.0), counted=False)]
    whole = loads(*runs).draws
    monkeypatch.setattr(load, "ROWS_AT_ONCE", 5)
    assert loads(*runs).draws == pytest.approx(whole, rel=1e-5)


# --- ratios to the own baseline ---


def test_twice_the_running_is_a_ratio_of_two_without_a_band():
    result = loads(run("a", cell(3.4, 1000)), run("b", cell(3.4, 2000)))
    ratio = window_ratio(result)
    assert ratio.window_days == 7
    for estimate in (*ratio.ratio_by_exponent.values(), ratio.band):
        assert [estimate.low, estimate.value, estimate.high] == pytest.approx([2, 2, 2], rel=1e-4)


def test_days_count():
    result = loads(run("a", cell()), run("b", cell()))
    assert result.ratio(["b"], 7, ["a"], 84).band.value == pytest.approx(12)


@pytest.mark.parametrize(
    "constant",
    [
        {"surface": Surface.TREADMILL},
        {"shoe": "flat"},
        {"foot_strike_class": 14.0},
        {"shoe": "flat", "foot_strike_class": 9.0, "surface": Surface.TREADMILL},
    ],
)
def test_constant_multipliers_cancel(constant):
    cells = (cell(3.0), cell(4.2)), (cell(3.0), cell(3.2, 3000))
    plain = window_ratio(loads(run("a", *cells[0]), run("b", *cells[1])))
    same = window_ratio(loads(run("a", *cells[0], **constant), run("b", *cells[1], **constant)))
    for exponent, estimate in plain.ratio_by_exponent.items():
        other = same.ratio_by_exponent[exponent]
        assert [other.low, other.value, other.high] == pytest.approx(
            [estimate.low, estimate.value, estimate.high], rel=1e-4
        )


def test_a_switch_does_not_cancel():
    result = loads(run("a", cell(), shoe="usual"), run("b", cell(), shoe="flat"), draws=300)
    ratio = window_ratio(result).ratio_by_exponent[7]
    assert ratio.value == pytest.approx((1.10 * 1.055) ** 7)
    assert ratio.low < 1.5 < 3 < ratio.high


def test_a_baseline_without_load_has_no_ratio():
    result = loads(run("a", sport=Sport.CYCLING, distance_m=40_000, moving_s=5000), run("b", cell()))
    assert result.is_known("a")
    assert central(result, "a") == 0
    assert window_ratio(result) is None


@given(st.floats(1.5, 6.0), st.floats(0.5, 3.0), st.floats(0.9, 1.1))
def test_ratios_are_positive_and_inside_their_bands(speed, times, cadence_ratio):
    cadence = (100 + 22 * speed) * cadence_ratio
    result = loads(run("a", cell(3.0)), run("b", cell(speed, 1000 * times, cadence_spm=cadence)), draws=20)
    ratio = window_ratio(result)
    for estimate in (*ratio.ratio_by_exponent.values(), ratio.band):
        assert 0 < estimate.low <= estimate.value <= estimate.high
    assert ratio.band.value == ratio.ratio_by_exponent[7].value


@given(st.lists(st.tuples(st.floats(2.0, 5.0), st.floats(10, 5000)), min_size=1, max_size=8))
def test_splitting_a_cell_changes_nothing(parts):
    whole = loads(run("a", *(cell(v, n) for v, n in parts)), draws=5)
    halves = loads(run("a", *(cell(v, n / 2) for v, n in parts for _ in range(2))), draws=5)
    assert halves.draws == pytest.approx(whole.draws, rel=1e-4)


# --- the runner's own step length ---


def test_five_percent_more_steps_at_the_same_speed_cost_less_per_kilometre():
    usual = [run(f"a{n}", cell(3.0, 4611), day=n) for n in range(30)]
    quick = run("b", cell(3.0, 4611 * 1.05, cadence_spm=166 * 1.05))
    result = loads(*usual, quick)
    assert central(result, "b") / central(result, "a0") == pytest.approx(0.885, abs=0.002)
    assert central(result, "b", 1) < 1.05 * central(result, "a0", 1)


def test_a_runner_who_always_takes_short_steps_has_no_extra_force():
    result = loads(run("a", cell(3.0, 1000, cadence_spm=190)), run("b", cell(3.3, 1000, cadence_spm=195)))
    assert central(result, "a") == pytest.approx(1000, rel=0.03)


def test_a_speed_run_once_leans_on_the_other_speeds():
    many = [run(f"a{n}", cell(3.0, 4000, cadence_spm=176)) for n in range(10)]
    cells = collect_cells([*many, run("b", cell(4.0, 50, cadence_spm=188))], K)
    assert cells.step_length_ratio[0] == pytest.approx(1, abs=0.01)
    assert 1.01 < cells.step_length_ratio[-1] < 176 / 166


# --- what stands in ---


def test_stated_steps_and_cadence_are_counted():
    by_steps = run("a", steps=9222, distance_m=10_000, speed_mps=3.0)
    by_cadence = run("b", cadence_spm=166, distance_m=10_000, moving_s=10_000 / 3)
    only_steps = run("c", steps=9222)
    result = loads(by_steps, by_cadence, only_steps)
    for key in "abc":
        assert central(result, key, 1) == pytest.approx(4611, rel=0.001)


def test_without_steps_the_own_step_length_stands_in():
    own = [run(f"a{n}", cell(3.0, 4000, cadence_spm=180)) for n in range(5)]
    silent = run("b", distance_m=9_000, moving_s=3_000)
    cells_only = run("c", cell(3.0, 166 * 50 / 2), counted=False)
    result = loads(*own, silent, cells_only)
    assert central(result, "b", 1) == pytest.approx(180 * 50 / 2, rel=0.02)
    assert central(result, "c", 1) == pytest.approx(180 * 50 / 2, rel=0.02)
    counted, stood_in = (result.ratio([key], 7, ["a1"], 7).ratio_by_exponent[7] for key in ("a0", "b"))
    assert counted.high - counted.low < 0.01 < stood_in.high - stood_in.low


def test_without_any_steps_the_general_formula_stands_in():
    alone = loads(run("a", distance_m=10_000, speed_mps=3.0), run("b", cell(3.0, 4611), counted=False), draws=300)
    assert central(alone, "a", 1) == pytest.approx(4611, rel=0.001)
    assert central(alone, "b", 1) == pytest.approx(4611, rel=0.001)
    counted = loads(run("a", cell(3.0, 4611)), draws=300).run("a")[7]
    assumed = alone.run("a")[7]
    assert counted.high - counted.low < assumed.high - assumed.low
    same = alone.ratio(["a"], 7, ["b"], 7).ratio_by_exponent[1]
    assert same.high - same.low < 0.01, "the same error on both sides cancels"


def test_distance_or_time_alone_is_enough():
    others = [run("a", cell(3.5, 4000))]
    by_distance = loads(*others, run("b", distance_m=7_000))
    by_time = loads(*others, run("b", moving_s=2_000))
    assert central(by_distance, "b") == pytest.approx(central(by_time, "b"))
    nobody = loads(run("b", distance_m=10_000))
    assert central(nobody, "b", 1) == pytest.approx(4611, rel=0.001)


def test_a_run_that_tells_nothing_is_unknown_not_zero():
    result = loads(run("a"), run("b", cell()))
    assert not result.is_known("a")
    assert result.run("a") == {}
    assert result.total(["a", "b"]).value == pytest.approx(central(result, "b"))
    with pytest.raises(KeyError):
        result.run("gone")


def test_speed_that_varies_unseen_widens_the_band():
    seen = loads(run("a", cell(4.0, 1000)), draws=300).run("a")[9]
    unseen = loads(run("a", cell(4.0, 1000), from_totals=True), draws=300).run("a")[9]
    assert unseen.high > seen.high
    assert unseen.value > seen.value


def test_walking_counts_little_and_only_with_steps():
    result = loads(
        run("a", sport=Sport.WALKING, steps=2000, distance_m=1500, speed_mps=1.4),
        run("b", sport=Sport.HIKING, distance_m=9000, moving_s=7000),
    )
    assert central(result, "a", 1) == pytest.approx(550)
    assert central(result, "a", 7) == pytest.approx(1000 * 0.55**7)
    assert not result.is_known("b")


def test_cells_that_stand_still_count_nothing():
    result = loads(run("a", cell(), replace(cell(), speed_mps=0.0), replace(cell(), steps=0.0)))
    assert central(result, "a") == pytest.approx(1000)


def test_a_run_without_a_usable_cell_falls_back_on_its_totals():
    result = loads(run("a", replace(cell(), speed_mps=float("nan")), steps=2000, speed_mps=3.0))
    assert central(result, "a", 1) == pytest.approx(1000, rel=0.005)
    assert not loads(run("a", replace(cell(), steps=0.0), counted=False)).is_known("a")


def test_what_was_not_seen_claims_nothing():
    blank = replace(cell(grade_ratio=float("nan"), contact_time_ms=float("nan")), step_length_m=float("nan"))
    assert central(loads(run("a", blank)), "a") == pytest.approx(1000)


def test_measured_contact_time_sets_the_level_for_runs_without():
    long_contact = run("a", cell(3.0, 1000, contact_time_ms=275))
    result = loads(long_contact, run("b", cell(3.0, 1000)))
    assert central(result, "a") == pytest.approx(1100)
    assert central(result, "b") == pytest.approx(1100), "no artefact between a run with and one without the channel"
    ratio = window_ratio(result).band
    assert [ratio.low, ratio.high] == pytest.approx([1, 1], rel=1e-4)
    slower = loads(long_contact, run("b", cell(4.0, 1000)))
    assert central(slower, "b", 1) == pytest.approx(1000 * 1.1 * (4 / 3) ** (0.4 - 0.6), rel=0.001)


def test_contact_time_of_totals_counts_too():
    result = loads(run("a", steps=2000, speed_mps=3.0, contact_time_ms=275))
    assert central(result, "a", 1) == pytest.approx(1100, rel=0.005)


# --- strike, shoe, ground, load carried ---


def test_strike_from_a_sensor():
    assert [strike_of(c, K) for c in (None, 1.0, 6.9, 7.0, 10.9, 11.0, 16.0)] == [
        None,
        "rfs",
        "rfs",
        "mfs",
        "mfs",
        "ffs",
        "ffs",
    ]


def test_a_silent_file_is_not_a_switch():
    runs = [
        run("a", foot_strike_class=13.0, shoe="flat", distance_m=9000),
        run("b", distance_m=5000),
        run("c", shoe="unknown", foot_strike_class=2.0, distance_m=3000),
        run("d", shoe="gone"),
        run("e", shoe="odd", distance_m=100),
    ]
    settings = run_settings(runs, SHOES, K, None, {})
    assert [s.strike for s in settings] == ["ffs", "ffs", "rfs", "ffs", "ffs"]
    assert [(s.shoe, s.drop_mm) for s in settings] == [("minimalist", 0)] * 4 + [("conventional", 6)]
    plain = run_settings([run("a")], {}, K, None, {})[0]
    assert (plain.strike, plain.shoe, plain.drop_mm) == ("rfs", "conventional", None)


def test_load_carried_counts_only_with_a_body_mass():
    runs = [run("a", cell()), run("b", cell())]
    heavy = loads(*runs, weight_kg=70, carried_kg={"b": 7.0})
    assert window_ratio(heavy).ratio_by_exponent[1].value == pytest.approx(1.1)
    assert window_ratio(loads(*runs, carried_kg={"b": 7.0})).band.value == pytest.approx(1)


def test_treadmill_forefoot_switch_is_eightfold_at_seven():
    result = loads(
        run("a", cell(), foot_strike_class=1.0), run("b", cell(), foot_strike_class=15.0, surface=Surface.TREADMILL)
    )
    assert window_ratio(result).ratio_by_exponent[7].value == pytest.approx(8.0, abs=0.1)


def test_more_of_anything_never_lowers_a_sum():
    runs = [run(str(n), cell(2.5 + 0.3 * n)) for n in range(5)]
    result = loads(*runs)
    sums = [result.total([str(i) for i in range(n)]) for n in range(6)]
    assert all(a.value < b.value and a.high < b.high for a, b in itertools.pairwise(sums))
