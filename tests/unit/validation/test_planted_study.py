"""The planted-change study: made-up runners, planted changes, counts."""

from __future__ import annotations

import numpy as np
import pytest

from soleus.core.activity import Sport
from soleus.knowledge import load_knowledge
from soleus.validation.planted import STUDY, run_planted_study
from soleus.validation.simulated_runner import (
    ONSET,
    climbing,
    draw_habits,
    longer,
    plant_break,
    plant_forefoot,
    plant_shoe,
    plant_spike,
    simulate_runner,
    stretched,
)

KB = load_knowledge()


def history(seed=1):
    rng = np.random.default_rng(seed)
    return simulate_runner(rng, draw_habits(rng))


def back(run):
    return (ONSET - run.day).days


def test_the_same_seed_gives_the_same_runner():
    assert repr(history(3)) == repr(history(3))
    assert repr(history(3)) != repr(history(4))


def test_runners_run_three_to_six_times_a_week_for_months():
    for seed in range(8):
        runs, shoes = history(seed)
        days = (runs[-1].day - runs[0].day).days
        assert days > 250
        assert 1.5 < 7 * len(runs) / days < 6.5
        assert {run.shoe for run in runs} <= {shoe.id for shoe in shoes}
        assert all(run.sport is Sport.RUNNING and run.distance_m > 0 for run in runs)


def test_a_spike_is_as_large_as_planted():
    runs, shoes = history()
    changed, _ = plant_spike((runs, shoes), 0.5, np.random.default_rng(1))
    (spike,) = [run for run, old in zip(changed, runs, strict=True) if run is not old]
    longest = max(run.distance_m for run in runs if 1 <= (spike.day - run.day).days <= 30)
    assert spike.distance_m / longest == pytest.approx(1.5, rel=0.05)
    assert plant_spike(((), shoes), 0.5, np.random.default_rng(1)) is None
    alone = tuple(run for run in runs if 1 <= back(run) <= 2)[:1] or (runs[-2],)
    assert plant_spike((alone, shoes), 0.5, np.random.default_rng(1)) is None or len(alone) > 1


def test_stretching_keeps_speed():
    run = history()[0][0]
    grown = stretched(run, 2.0)
    assert grown.distance_m / grown.moving_s == pytest.approx(run.distance_m / run.moving_s)


def test_climb_and_distance_change_in_the_last_days_only():
    for plant, name in ((climbing(14), "ascent_m"), (longer(14), "distance_m")):
        runs, shoes = history()
        changed, _ = plant((runs, shoes), 1.0, np.random.default_rng(1))
        for old, new in zip(runs, changed, strict=True):
            if getattr(old, name) is not None:
                by = 2 if 1 <= back(old) <= 14 else 1
                assert getattr(new, name) == pytest.approx(by * getattr(old, name))


def test_shoes_strike_and_breaks():
    runs, shoes = history()
    rng = np.random.default_rng(1)
    worn, more = plant_shoe(2.0)((runs, shoes), 1.0, rng)
    assert {run.shoe for run in worn if 1 <= back(run) <= 14} == {"new"}
    assert len(more) == len(shoes) + 1
    assert plant_shoe(2.0)((runs, shoes), 0.0, rng) is None
    rested, _ = plant_break((runs, shoes), 14.0, rng)
    assert not [run for run in rested if 10 < back(run) <= 24]
    blind = [h for h in map(history, range(12)) if h[0][0].foot_strike_class is None]
    seeing = [h for h in map(history, range(12)) if h[0][0].foot_strike_class is not None]
    assert plant_forefoot(blind[0], 0.5, rng) is None
    moved, _ = plant_forefoot(seeing[0], 0.5, rng)
    assert moved[-3].foot_strike_class > 0


def test_the_study_counts_what_it_says():
    study = run_planted_study(3, 5, KB, only=["spike", "forefoot"])
    assert (study.runners, study.false_any.n, study.false_any_short.n) == (3, 3, 3)
    assert set(study.false_by_definition) == {d.id for d in KB.training.changes}
    sizes = [(d.planted.id, d.size) for d in study.detections]
    assert sizes == [(p.id, s) for p in STUDY if p.id in {"spike", "forefoot"} for s in p.sizes]
    doubled = next(d for d in study.detections if d.planted.id == "spike" and d.size == 1.0)
    assert doubled.found.hits == 3
    assert doubled.any_change.hits == 3


def test_every_right_answer_is_a_definition():
    assert {name for planted in STUDY for name in planted.right} <= {d.id for d in KB.training.changes}


@pytest.mark.slow
def test_a_spike_of_half_is_nearly_always_found_and_the_unchanged_are_mostly_left_alone():
    study = run_planted_study(12, 11, KB, only=["spike"])
    half = next(d for d in study.detections if d.size == 0.5)
    assert half.found.value >= 0.9
    assert study.false_any.hits <= 2
