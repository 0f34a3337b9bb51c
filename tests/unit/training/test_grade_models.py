import numpy as np
import pytest
from recordings import KNOWLEDGE

from soleus.training.grade import DEFAULT_MODEL, GRADE_MODELS, minetti_cost

GRADES = np.linspace(-0.45, 0.45, 181)


def factor(model, grade):
    return float(GRADE_MODELS[model](np.array([grade]), KNOWLEDGE)[0])


@pytest.mark.parametrize(
    ("model", "grade", "expected"),
    [
        ("minetti", 0.10, 1.6578),
        ("minetti", -0.10, 0.5977),
        ("strava_table", 0.05, 1.1815),
        ("strava_quartic", 0.10, 1.5226),
        ("strava_quartic", -0.10, 0.8775),
    ],
)
def test_published_factors(model, grade, expected):
    assert factor(model, grade) == pytest.approx(expected, abs=1e-4)


def test_minetti_cost_at_five_per_cent():
    assert float(minetti_cost(np.array([0.05]), KNOWLEDGE)[0]) == pytest.approx(4.6852, abs=1e-4)


@pytest.mark.parametrize(("grade", "ratio"), [(-0.20, 0.500), (-0.05, 0.763), (0.05, 1.301), (0.15, 2.060)])
def test_minetti_ratios_of_the_evidence_table(grade, ratio):
    assert factor("minetti", grade) == pytest.approx(ratio, abs=1e-3)


def test_minetti_is_cheapest_near_eighteen_per_cent_downhill():
    cost = minetti_cost(GRADES, KNOWLEDGE)
    assert GRADES[np.argmin(cost)] == pytest.approx(-0.181, abs=0.004)


@pytest.mark.parametrize("model", GRADE_MODELS)
def test_every_model_is_one_on_the_level_and_rises_uphill(model):
    assert factor(model, 0.0) == pytest.approx(1.0)
    uphill = GRADE_MODELS[model](np.linspace(0, 0.3, 31), KNOWLEDGE)
    assert (np.diff(uphill) > 0).all()


@pytest.mark.parametrize(("model", "limit"), [("minetti", 0.45), ("strava_table", 0.45), ("strava_quartic", 0.35)])
def test_beyond_their_range_models_stay_at_its_end(model, limit):
    assert factor(model, 3.0) == pytest.approx(factor(model, limit))
    assert factor(model, -3.0) == pytest.approx(factor(model, -limit))


def test_the_models_disagree_downhill_by_up_to_a_third():
    assert factor("minetti", -0.10) / factor("strava_table", -0.10) == pytest.approx(0.598 / 0.876, abs=1e-3)


def test_the_default_is_the_one_fitted_to_real_runs():
    assert next(iter(GRADE_MODELS)) == DEFAULT_MODEL == "strava_table"
