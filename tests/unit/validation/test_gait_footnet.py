"""Contact methods against a force plate; skipped where the strides are not at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from soleus import load_knowledge
from soleus.core.measurement import Side
from soleus.gait.events import DEFAULT_METHOD, EVENT_METHODS, Contact
from soleus.validation.event_scores import THRESHOLDS, Filming, Tuner, loss, make_films, score, splits, with_values
from soleus.validation.footnet import ForceLeg, errors_ms, read_footnet, sampled

DATA = Path(__file__).resolve().parents[4] / "shared" / "gait" / "truth" / "footnet" / "Data_example.mat"
GAIT = load_knowledge().gait
BIAS_MS, SD_MS = 5, 8

needs_data = pytest.mark.skipif(not DATA.exists(), reason="the force-plate strides are other people's data")


@pytest.fixture(scope="module")
def legs() -> tuple[ForceLeg, ForceLeg]:
    return read_footnet(DATA)


@needs_data
def test_the_truth_is_as_published(legs: tuple[ForceLeg, ForceLeg]) -> None:
    times = np.array([1000 * (c.toe_off_s - c.contact_s) for leg in legs for c in leg.contacts if c.toe_off_s])
    assert len(times) == 54
    assert times.mean() == pytest.approx(176.3, abs=0.2)
    assert times.std(ddof=1) == pytest.approx(4.1, abs=0.2)
    for leg in legs:  # the strides follow on one another without a jump
        speed = np.abs(np.diff(leg.points_m["toe"], axis=0)) * 200
        assert speed.max() < 20


@needs_data
@pytest.mark.parametrize("fps", [60, 120, 240])
def test_contact_time_of_the_product_holds(legs: tuple[ForceLeg, ForceLeg], fps: int) -> None:
    films = make_films(legs, Filming(fps=fps, seeds=(21,)), GAIT)
    half = ~splits(legs)["every other stride"]  # the product's values were set on the other half
    result = score(films.errors(DEFAULT_METHOD, GAIT), half, 1)
    bias, sd = result.contact_time
    assert abs(bias) <= BIAS_MS
    assert sd <= SD_MS
    assert result.found >= 0.9 * result.of


@needs_data
@pytest.mark.nightly
@pytest.mark.parametrize("name", ["at random", "every other stride", "right and left leg"])
def test_contact_time_holds_with_thresholds_of_the_other_half(legs: tuple[ForceLeg, ForceLeg], name: str) -> None:
    training = tuple(make_films(legs, Filming(fps=fps, seeds=(0, 1)), GAIT) for fps in (60, 120, 240))
    scoring = [make_films(legs, Filming(fps=fps, seeds=(10, 11, 12, 13)), GAIT) for fps in (60, 120, 240)]
    tuner = Tuner(method=DEFAULT_METHOD, films=training, kb=GAIT)
    half = splits(legs)[name]
    for mine in (half, ~half):
        changed = with_values(GAIT, tuner.best(mine))
        for films in scoring:
            bias, sd = score(films.errors(DEFAULT_METHOD, changed), ~mine, 4).contact_time
            assert abs(bias) <= BIAS_MS
            assert sd <= SD_MS


@needs_data
def test_every_registered_method_can_be_scored(legs: tuple[ForceLeg, ForceLeg]) -> None:
    films = make_films(legs[:1], Filming(fps=60, seeds=(5,)), GAIT)
    everything = np.ones(27, dtype=bool)
    for method in EVENT_METHODS:
        result = score(films.errors(method, GAIT), everything, 1)
        assert result.found >= 0.85 * result.of, method
        assert np.isfinite(result.contact).all(), method
    assert set(THRESHOLDS) <= set(EVENT_METHODS)


@needs_data
def test_the_tuner_finds_the_lag_that_it_is_shown(legs: tuple[ForceLeg, ForceLeg]) -> None:
    films = make_films(legs[:1], Filming(fps=120, noise_m=0.0, seeds=(0,)), GAIT)
    half = np.arange(27) % 2 == 0
    tuner = Tuner(method="fellin", films=(films,), kb=GAIT)
    best = tuner.best(half)
    losses = {lag: loss(errors[0], half) for (lag,), errors in tuner.tried.items()}
    assert losses[best["events.fellin.contact_lag_s"]] == min(losses.values())


@needs_data
def test_noise_that_lasts_has_the_size_it_was_given(legs: tuple[ForceLeg, ForceLeg]) -> None:
    times, clean = sampled(legs[0], fps=120, noise_m=0.0, seed=3)
    for lag in (0.0, 0.1):
        _, noisy = sampled(legs[0], fps=120, noise_m=0.006, seed=3, lag_s=lag)
        away = noisy["toe"] - clean["toe"]
        assert away.std() == pytest.approx(0.006, rel=0.15)
        step = np.diff(away, axis=0).std() / away.std()
        assert step < 0.5 if lag else step > 1.3
    assert len(times) == len(clean["toe"])


def test_a_contact_belongs_to_the_nearest_true_one() -> None:
    true = tuple(Contact(contact_s=at, toe_off_s=at + 0.2) for at in (1, 2, 3))
    leg = ForceLeg(side=Side.LEFT, times_s=np.zeros(1), points_m={}, contacts=true)
    found = [Contact(contact_s=at, toe_off_s=end) for at, end in ((1.01, 1.24), (2.05, None), (3.3, None))]
    rows = errors_ms(leg, found)
    np.testing.assert_allclose(rows[0], [10, 40, 30])
    assert rows[1, 0] == pytest.approx(50)
    assert np.isnan(rows[1, 1:]).all()
    assert np.isnan(rows[2]).all()
    assert np.isnan(errors_ms(leg, [])).all()


def test_no_stride_found_is_the_greatest_loss() -> None:
    assert loss(np.full((1, 4, 3), np.nan), np.ones(4, dtype=bool)) == float("inf")
    empty = score(np.full((1, 4, 3), np.nan), np.ones(4, dtype=bool), 1)
    assert np.isnan(empty.contact_time).all()
    assert empty.found == 0
