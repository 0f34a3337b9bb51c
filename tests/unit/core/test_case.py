"""What follows from the runner."""

import pytest

from soleus.core.case import Case, Runner, Sex, age_band
from soleus.core.finding import Finding, FindingSet
from soleus.core.ids import FindingId


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (17.9, "u18"),
        (18, "18_34"),
        (34, "18_34"),
        (35, "35_49"),
        (49, "35_49"),
        (50, "50_64"),
        (65, "65plus"),
        (90, "65plus"),
    ],
)
def test_age_bands_are_half_open(age, band):
    assert age_band(age) == band


def test_age_sex_and_body_mass_become_findings():
    evidence = Case(runner=Runner(age_years=40, sex=Sex.MALE, height_cm=180, weight_kg=81)).evidence()
    assert evidence.answer(FindingId("age_band")) == "35_49"
    assert evidence.answer(FindingId("sex_at_birth")) == "male"
    assert evidence.answer(FindingId("height_weight_bmi")) == 25.0


def test_an_unknown_runner_adds_nothing_and_answers_stand():
    assert len(Case().evidence()) == 0
    said = FindingSet([Finding(id=FindingId("age_band"), value="u18")])
    assert Case(runner=Runner(age_years=40), findings=said).evidence().answer(FindingId("age_band")) == "u18"
