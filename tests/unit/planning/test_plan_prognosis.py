"""Forecasts and recurrence: figures, honesty about them, and how they change with what is known."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from care_runners import KB, TODAY, runner

from soleus.core.goals import Goals, Measured
from soleus.core.ids import ConditionId, FamilyId, MeasureId
from soleus.core.plan import Forecast, PlannedCause
from soleus.planning.prognosis import MILESTONES, STEPS, forecast, recurrence
from soleus.planning.situation import Known, Situation

PRIORS = KB.plans.priors
Z90 = 1.2815515655446004


def cause(condition: str, grade: str = "", family: str | None = None, probability: float = 0.8) -> PlannedCause:
    return PlannedCause(
        condition=ConditionId(condition),
        probability=probability,
        grade=grade,
        family=None if family is None else FamilyId(family),
    )


MILD = cause("gastrocnemius_strain", "mild", "gastrocnemius_strain_g1")
MODERATE = cause("gastrocnemius_strain", "moderate", "gastrocnemius_strain_g2")
SEVERE = cause("gastrocnemius_strain", "severe", "gastrocnemius_strain_g3")


def made(situation: Situation, *causes: PlannedCause) -> dict[str, Forecast]:
    return {item.milestone: item for item in forecast(situation, causes)}


def told(item: Forecast) -> set[str]:
    return {m.text.removeprefix("prognosis.") for m in (*item.basis, *item.caveats, *item.modifiers)}


def on_day(days: int | None, **parts: object) -> Situation:
    situation = runner(days=days, **parts)  # type: ignore[arg-type]
    known = {} if days is None else {MeasureId("days_since_onset"): Known(value=float(days))}
    return replace(situation, measures=known)


@pytest.mark.parametrize(
    ("condition", "grade", "milestone", "p10", "median", "p90"),
    [
        ("gastrocnemius_strain", "mild", "first_run", 4, 9, 19),
        ("gastrocnemius_strain", "mild", "run_30_min", 12, 22, 42),
        ("gastrocnemius_strain", "moderate", "first_run", 12, 22, 42),
        ("gastrocnemius_strain", "moderate", "run_30_min", 25, 45, 80),
        ("gastrocnemius_strain", "severe", "first_run", 27, 48, 85),
        ("gastrocnemius_strain", "severe", "run_30_min", 48, 80, 134),
        ("soleus_strain", "mild", "first_run", 6, 12, 26),
        ("soleus_strain", "moderate", "run_30_min", 27, 48, 85),
        ("soleus_strain", "severe", "run_30_min", 48, 80, 134),
        ("calf_overload", "", "run_30_min", 5, 12, 29),
        ("doms", "", "settled", 3, 5, 7),
        ("exercise_muscle_cramp", "", "settled", 1, 1, 3),
        ("achilles_tendinopathy_mid", "", "settled", 6, 56, 527),
        ("achilles_tendinopathy_mid", "", "full_training", 39, 84, 181),
        ("achilles_tendinopathy_insertional", "", "settled", 25, 90, 324),
        ("mtss", "", "settled", 22, 70, 218),
        ("fibular_stress_fracture", "", "full_training", 34, 54, 85),
        ("tibial_stress_fracture", "", "full_training", 31, 56, 100),
        ("cecs_anterolateral", "", "run_30_min", 26, 50, 95),
        ("lumbar_radiculopathy", "", "settled", 20, 56, 156),
    ],
)
def test_on_the_first_day_the_quantiles_are_those_of_the_evidence(
    condition: str, grade: str, milestone: str, p10: float, median: float, p90: float
) -> None:
    item = made(on_day(0), cause(condition, grade))[milestone]
    for value, expected in ((item.p10_days, p10), (item.median_days, median), (item.p90_days, p90)):
        assert value == pytest.approx(expected, abs=0.55)


@pytest.mark.parametrize("prior", PRIORS.values(), ids=lambda p: p.id)
def test_every_prior_says_what_it_rests_on(prior: object) -> None:
    assert prior.sources  # type: ignore[attr-defined]
    assert prior.note  # type: ignore[attr-defined]
    assert prior.milestone in MILESTONES  # type: ignore[attr-defined]
    assert prior.condition in KB.conditions  # type: ignore[attr-defined]
    for text in prior.caveats:  # type: ignore[attr-defined]
        assert text in KB.text
    if prior.milestone == "walk_without_limp":  # type: ignore[attr-defined]
        assert prior.confidence == "very_low"  # type: ignore[attr-defined]
        assert prior.basis.value == "expert"  # type: ignore[attr-defined]


def test_figures_of_professionals_are_told_beside_and_never_used() -> None:
    elite = {prior.id for prior in PRIORS.values() if prior.elite}
    assert elite == {"gastroc_unknown", "soleus_unknown"}
    item = made(on_day(0), MODERATE)["run_30_min"]
    assert {"observed.gastroc_green2020", "observed.prakash_g2", "caveat.elite"} <= told(item)
    assert item.median_days > math.exp(PRIORS["gastroc_unknown"].mu)
    observed = next(m for m in item.basis if m.text == "prognosis.observed.gastroc_green2020")
    assert observed.params == {"mean_days": 19, "sd_days": 14}
    assert made(on_day(0), cause("gastrocnemius_strain")) == {}


@pytest.mark.parametrize("time", KB.plans.observed.values(), ids=lambda t: t.id)
def test_every_published_time_is_worded_with_figures_it_has(time: object) -> None:
    wording = KB.text[f"prognosis.observed.{time.id}"]  # type: ignore[attr-defined]
    for name in ("n", "mean_days", "sd_days", "median_days"):
        assert f"{{{name}}}" not in wording or getattr(time, name) is not None
    assert time.source in KB.sources  # type: ignore[attr-defined]


def test_days_already_gone_are_counted() -> None:
    early, late, very_late = (made(on_day(days), MILD) for days in (0, 20, 60))
    assert late["first_run"].p10_days > 20
    assert early["first_run"].median_days < late["first_run"].median_days < very_late["first_run"].median_days
    assert "caveat.beyond" in told(late["first_run"])
    assert "caveat.beyond" not in told(early["first_run"])
    # P(T > t | T > 20) by hand: the median is where half of what was left is left.
    prior = PRIORS["gastroc_g1_first_run"]

    def survival(day: float) -> float:
        return 0.5 * math.erfc((math.log(day) - prior.mu) / (prior.sigma * math.sqrt(2)))

    assert survival(late["first_run"].median_days) == pytest.approx(survival(20) / 2, rel=1e-4)


def test_a_milestone_that_nobody_would_still_have_open_has_no_forecast() -> None:
    assert made(on_day(400), cause("doms")) == {}


def test_an_unknown_onset_counts_from_today_and_says_so() -> None:
    item = made(on_day(None), MILD)["first_run"]
    assert "caveat.onset_unknown" in told(item)
    assert item.median_days == pytest.approx(9, abs=0.1)


def test_programmes_count_from_their_first_day() -> None:
    achilles = cause("achilles_tendinopathy_mid", family="achilles_mid")
    for days in (60, None):
        item = made(on_day(days), achilles)["full_training"]
        assert "caveat.from_start" in told(item)
        assert "caveat.onset_unknown" not in told(item)
        assert item.median_days == pytest.approx(84, abs=0.1)
    later = on_day(60, goals=Goals(starts_on=TODAY + timedelta(days=14)))
    assert made(later, achilles)["full_training"].median_days == pytest.approx(84, abs=0.1)
    begun = on_day(60, goals=Goals(starts_on=TODAY - timedelta(days=60)))
    left = made(begun, achilles)["full_training"].median_days
    assert 84 - 60 < left < 84


def test_of_studies_that_count_from_different_days_the_mixture_counts_from_the_onset() -> None:
    causes = (cause("achilles_tendinopathy_mid", probability=0.5), replace(MODERATE, probability=0.5))
    item = made(on_day(60), *causes)["full_training"]
    assert "caveat.from_start" not in told(item)
    alone = made(on_day(60), causes[0])["full_training"].median_days + 60
    strain = made(on_day(60), causes[1])["full_training"].median_days
    assert min(alone, strain) < item.median_days < max(alone, strain)
    assert "caveat.onset_unknown" in told(made(on_day(None), *causes)["full_training"])


def test_milestones_come_in_order() -> None:
    for days in (0, 10, 40, 120):
        for causes in ((MILD,), (MODERATE,), (SEVERE,), (MILD, cause("calf_overload", probability=0.3))):
            found = [made(on_day(days), *causes)[name] for name in STEPS]
            for earlier, later in pairwise(found):
                assert earlier.p10_days <= later.p10_days + 1e-4
                assert earlier.median_days <= later.median_days + 1e-4
                assert earlier.p90_days <= later.p90_days + 1e-4


def test_a_milestone_behind_the_runner_is_not_forecast() -> None:
    def names(**measures: float | bool) -> set[str]:
        known = {MeasureId(name): Known(value=value) for name, value in measures.items()}
        return set(made(replace(runner(), measures=known), MILD))

    assert names() == set(STEPS)
    assert names(limp=True) == set(STEPS)
    assert names(limp=False) == set(STEPS) - {"walk_without_limp"}
    assert names(rtr_stage=2) == set(STEPS) - {"first_run"}
    assert names(run_cont_min=10) == set(STEPS) - {"first_run"}
    assert names(run_cont_min=30, limp=False) == {"full_training"}
    assert Goals(measures=(Measured(measure=MeasureId("limp"), value=False),)).measures


def test_a_second_strain_takes_half_as_long_again_and_says_so() -> None:
    first = made(on_day(0), MODERATE)["run_30_min"]
    again = made(on_day(0, previous_calf_strain=True), MODERATE)["run_30_min"]
    assert again.median_days == pytest.approx(1.5 * first.median_days, rel=1e-3)
    assert "modifier.reinjury_not_index" in told(again)
    unsure = made(on_day(0, previous_calf_strain=None), MODERATE)["run_30_min"]
    assert unsure.median_days == first.median_days
    assert made(on_day(0, previous_calf_strain=True), cause("mtss")) == made(on_day(0), cause("mtss"))


def test_what_only_a_scan_shows_is_told_once_with_the_last_milestone() -> None:
    found = made(on_day(0, age_band="50_64"), cause("soleus_strain", "moderate"))
    last = told(found["full_training"])
    assert {"modifier.central_aponeurosis_soleus", "modifier.older_age", "modifier.running_mechanism"} <= last
    assert not {name for name in told(found["first_run"]) if name.startswith("modifier.")}
    assert "modifier.older_age" not in told(made(on_day(0), cause("soleus_strain", "moderate"))["full_training"])
    assert made(on_day(0), cause("soleus_strain")) == {}


def test_an_open_grade_and_several_causes_are_mixed() -> None:
    grades = {"gastrocnemius_strain": (("mild", 0.5), ("moderate", 0.4), ("severe", 0.1))}
    mixed = made(on_day(0, grades=grades), MILD)["run_30_min"]
    low, high = (made(on_day(0), one)["run_30_min"] for one in (MILD, SEVERE))
    assert low.median_days < mixed.median_days < high.median_days
    assert mixed.p90_days - mixed.p10_days > low.p90_days - low.p10_days
    assert "caveat.grade_open" in told(mixed)
    two = made(on_day(0), MODERATE, cause("calf_overload", probability=0.2))["run_30_min"]
    assert "caveat.several_causes" in told(two)
    assert two.confidence == "very_low"
    assert two.median_days < made(on_day(0), MODERATE)["run_30_min"].median_days
    alone = made(on_day(0), MODERATE, cause("calf_overload", probability=0.0))["run_30_min"]
    assert alone.median_days == pytest.approx(made(on_day(0), MODERATE)["run_30_min"].median_days)


def test_a_milestone_is_forecast_only_when_the_causes_with_a_time_for_it_weigh_enough() -> None:
    cramp = cause("exercise_muscle_cramp", "", "cramp", probability=0.05)
    found = made(on_day(0), MODERATE, cramp)
    assert set(found) == set(STEPS)
    assert "modifier.running_mechanism" in told(found["full_training"])
    half = made(on_day(0), replace(MODERATE, probability=0.4), replace(cramp, probability=0.4))
    assert set(half) == {*STEPS, "settled"}
    assert "modifier.running_mechanism" in told(half["full_training"])
    assert "modifier.running_mechanism" not in told(half["settled"])


def test_each_forecast_names_the_day_it_counts_from() -> None:
    strain = on_day(5)
    assert made(strain, MILD)["first_run"].since == TODAY - timedelta(days=5)
    assert made(replace(strain, onset_on=None), MILD)["first_run"].since is None
    assert made(on_day(None), MILD)["first_run"].since == TODAY
    achilles = cause("achilles_tendinopathy_mid", family="achilles_mid")
    later = on_day(60, goals=Goals(starts_on=TODAY + timedelta(days=14)))
    assert made(later, achilles)["full_training"].since == TODAY + timedelta(days=14)
    assert made(on_day(60), achilles)["full_training"].since == TODAY
    assert made(on_day(60), achilles)["settled"].since == TODAY - timedelta(days=60)
    timeless = replace(on_day(None), today=None)
    assert made(timeless, achilles)["full_training"].since is None


def test_a_like_injury_lends_its_times_and_says_so() -> None:
    found = made(on_day(0), cause("plantaris_rupture", family="plantaris_contusion"))
    assert set(found) == {"first_run", "run_30_min"}
    assert "caveat.analogy" in told(found["first_run"])
    own = made(on_day(0), cause("achilles_tendinopathy_mid", family="achilles_mid"))
    assert "caveat.analogy" not in told(own["full_training"])
    assert made(on_day(0), cause("plantaris_rupture")) == {}


@pytest.mark.parametrize("condition", ["dvt", "achilles_rupture", "paes", "bone_soft_tissue_neoplasm"])
def test_there_is_no_forecast_where_a_clinician_clears_each_step(condition: str) -> None:
    assert forecast(on_day(0), [cause(condition, family="dvt_return" if condition == "dvt" else None)]) == ()
    assert forecast(on_day(0), []) == ()


def test_every_family_with_priors_has_a_forecast_with_wording_and_sources() -> None:
    for family in KB.plans.families.values():
        for condition, qualifier in family.conditions:
            grade = qualifier if qualifier in ("mild", "moderate", "severe") else ""
            found = made(on_day(1), cause(condition, grade, family.id))
            assert bool(found) is bool(family.priors), family.id
            for item in found.values():
                assert item.sources
                assert set(item.sources) <= set(KB.sources)
                assert item.p10_days <= item.median_days <= item.p90_days
                assert item.caveats[-1].text == "prognosis.caveat.criteria"
                for message in (*item.basis, *item.caveats, *item.modifiers):
                    assert message.text in KB.text, message.text


def test_recurrence_is_told_with_what_raises_and_lowers_it() -> None:
    plain = recurrence(runner(age_band="18_34"), [MILD])
    assert plain is not None
    assert plain.mean == 0.25
    assert plain.low == pytest.approx(0.10, abs=0.01)
    assert plain.high == pytest.approx(0.44, abs=0.01)
    assert plain.window_weeks == 15
    assert plain.raises == ()
    assert len(plain.lowers) == 4
    many = recurrence(
        runner(age_band="50_64", previous_calf_strain=True, calf_injury_8wk=True, previous_achilles_ankle_knee=True),
        [MILD],
    )
    assert many is not None
    assert len(many.raises) == 4
    assert {m.text for m in (*many.raises, *many.lowers)} <= set(KB.text)
    assert set(many.sources) <= set(KB.sources)
    assert recurrence(runner(), [cause("mtss")]) is None
    assert recurrence(runner(), []) is None
    assert recurrence(runner(), [cause("calf_overload"), replace(MILD, probability=0.1)]) is None
    assert recurrence(runner(), [cause("calf_overload", probability=0.4), replace(MILD, probability=0.5)]) is not None


def test_without_knowledge_there_is_neither() -> None:
    bare = replace(runner(), kb=replace(KB, plans=replace(KB.plans, priors={}, recurrence=None)))
    assert forecast(bare, [MILD]) == ()
    assert recurrence(bare, [MILD]) is None


def test_a_published_time_that_is_missing_is_left_out() -> None:
    bare = replace(runner(), kb=replace(KB, plans=replace(KB.plans, observed={}, families={})))
    item = made(bare, MILD)["first_run"]
    assert not {name for name in told(item) if name.startswith("observed.")}
    assert "caveat.elite" not in told(item)
