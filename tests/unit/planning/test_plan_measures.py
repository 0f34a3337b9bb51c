"""Known measures and criteria: unknown never counts as met, norms only lower a bar for those they belong to."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from plan_world import KB, TODAY, at_least, at_most, equal, situate, with_plans

from soleus.core.case import Sex
from soleus.core.expression import Truth
from soleus.core.goals import Measured
from soleus.planning.measures import (
    all_met,
    criterion_state,
    criterion_target,
    held_apart,
    is_usable,
    measurements,
)


def test_the_newest_measurement_counts() -> None:
    tests = (
        Measured(measure="slhr_reps", value=12, on=TODAY - timedelta(days=1)),
        Measured(measure="slhr_reps", value=8, on=TODAY - timedelta(days=5)),
    )
    known = situate(measures=tests).measures["slhr_reps"]
    assert (known.value, known.on, known.stale, known.source) == (12, TODAY - timedelta(days=1), False, "measured")


def test_of_two_on_one_day_the_last_counts() -> None:
    tests = tuple(Measured(measure="slhr_reps", value=value, on=TODAY) for value in (8, 9))
    assert situate(measures=tests).value("slhr_reps") == 9


def test_an_old_measurement_counts_but_is_marked() -> None:
    tests = (Measured(measure="slhr_reps", value=12, on=TODAY - timedelta(days=15)),)
    known = situate(measures=tests, days=90).measures["slhr_reps"]
    assert known.value == 12
    assert known.stale


@pytest.mark.parametrize(
    "wrong",
    [
        Measured(measure="slhr_reps", value=101),
        Measured(measure="slhr_reps", value=-1),
        Measured(measure="slhr_reps", value=True),
        Measured(measure="limp", value=1.0),
        Measured(measure="slhr_reps", value=5, on=TODAY + timedelta(days=1)),
        Measured(measure="slhr_reps", value=5, pain_nrs=11),
        Measured(measure="unheard_of", value=5),
    ],
)
def test_what_cannot_be_is_not_used(wrong: Measured) -> None:
    assert not is_usable(wrong, KB.plans.measures.get(wrong.measure), TODAY)
    assert wrong.measure not in situate(measures=(wrong,)).measures


def test_answers_settle_a_measure_only_when_nothing_was_measured() -> None:
    assert situate(answers={"walk_ability": "limp"}).value("limp") is True
    assert situate(answers={"walk_ability": "normal"}).value("limp") is False
    assert situate(answers={"walk_ability": "slow"}).value("limp") is None
    assert situate(answers={"walk_ability": "limp"}, measured={"limp": False}).value("limp") is False


def test_days_come_from_the_calendar_else_from_the_answer() -> None:
    assert situate(days=6).value("days_since_onset") == 6
    assert situate(days=None, answers={"time_since_onset": "4_14d"}).value("days_since_onset") == 4
    assert situate(days=None).value("days_since_onset") is None
    assert situate(days=-3).value("days_since_onset") is None


def test_what_the_leg_could_do_before_the_onset_says_nothing_now() -> None:
    def of(days_ago: int, days: int | None) -> float | bool | None:
        test = Measured(measure="slhr_reps", value=30, on=TODAY - timedelta(days=days_ago))
        return situate(measures=(test,), days=days).value("slhr_reps")

    assert of(11, days=10) is None
    assert of(10, days=10) == 30
    assert of(400, days=None) == 30
    assert of(1, days=-3) is None


def test_only_a_clinician_clears() -> None:
    assert situate(measured={"clinician_clear": True}).value("clinician_clear") is False
    assert situate(cleared_by="physiotherapist").value("clinician_clear") is True


def test_pain_noted_in_a_test_is_a_measurement_of_pain() -> None:
    yesterday = TODAY - timedelta(days=1)
    tests = (
        Measured(measure="slhr_reps", value=12, on=TODAY, pain_nrs=3),
        Measured(measure="slhr_reps", value=12, on=TODAY, pain_nrs=4),
        Measured(measure="slhr_reps", value=12, on=yesterday, pain_nrs=6),
        Measured(measure="walk_min", value=12, on=TODAY, pain_nrs=6),
        Measured(measure="rtr_stage", value=2, on=TODAY, pain_nrs=6),
    )
    situation = situate(measures=tests)
    assert situation.value("slhr_pain_nrs") == 4
    assert [item.value for item in measurements(situation.goals, KB, TODAY) if item.measure == "slhr_pain_nrs"] == [
        4,
        6,
    ]


@pytest.mark.parametrize(
    ("criterion", "measured", "truth"),
    [
        (at_least("slhr_reps", 10), {}, Truth.UNKNOWN),
        (at_least("slhr_reps", 10), {"slhr_reps": 10}, Truth.TRUE),
        (at_least("slhr_reps", 10), {"slhr_reps": 9}, Truth.FALSE),
        (at_most("pain_walk_nrs", 2), {"pain_walk_nrs": 2}, Truth.TRUE),
        (at_most("pain_walk_nrs", 2), {"pain_walk_nrs": 2.5}, Truth.FALSE),
        (equal("limp", False), {"limp": False}, Truth.TRUE),
        (equal("limp", False), {"limp": True}, Truth.FALSE),
        (at_least("slhr_reps", 10, pain_max=2), {"slhr_reps": 12}, Truth.UNKNOWN),
        (at_least("slhr_reps", 10, pain_max=2), {"slhr_reps": 9}, Truth.FALSE),
        (at_least("slhr_reps", 10, pain_max=2), {"slhr_reps": 12, "slhr_pain_nrs": 2}, Truth.TRUE),
        (at_least("slhr_reps", 10, pain_max=2), {"slhr_reps": 12, "slhr_pain_nrs": 3}, Truth.FALSE),
    ],
)
def test_criteria(criterion: object, measured: dict[str, float | bool], truth: Truth) -> None:
    assert criterion_state(criterion, situate(measured=measured)).truth is truth  # type: ignore[arg-type]


def test_pain_noted_with_the_test_goes_before_pain_said_elsewhere() -> None:
    tests = (Measured(measure="slhr_reps", value=12, on=TODAY, pain_nrs=1),)
    state = criterion_state(at_least("slhr_reps", 10, pain_max=2), situate(measures=tests))
    assert (state.truth, state.known, state.target) == (Truth.TRUE, 12, 10)


@pytest.mark.parametrize(
    ("hurt_on", "truth"),
    [(TODAY, Truth.FALSE), (TODAY - timedelta(days=2), Truth.FALSE), (TODAY - timedelta(days=4), Truth.TRUE)],
)
def test_worse_pain_in_a_later_try_counts(hurt_on: date, truth: Truth) -> None:
    tests = (
        Measured(measure="slhr_reps", value=12, on=TODAY - timedelta(days=2), pain_nrs=1),
        Measured(measure="slhr_pain_nrs", value=6, on=hurt_on),
    )
    assert criterion_state(at_least("slhr_reps", 10, pain_max=2), situate(measures=tests)).truth is truth


@pytest.mark.parametrize(
    ("age", "sex", "norm", "target"),
    [
        (45, Sex.MALE, "median_minus_6", 22),
        (45, Sex.MALE, "median", 25),
        (45, Sex.FEMALE, "median", 24),
        (45, Sex.UNKNOWN, "median", 25),
        (49.5, Sex.FEMALE, "median_minus_6", 18),
        (70, Sex.FEMALE, "median_minus_6", 18),
        (12, Sex.FEMALE, "median_minus_6", 24),
        (None, Sex.FEMALE, "median_minus_6", 24),
        (None, Sex.UNKNOWN, "median_minus_6", 25),
        (45, Sex.MALE, "", 25),
    ],
)
def test_the_norm_lowers_the_bar_and_ignorance_does_not(age: float | None, sex: Sex, norm: str, target: float) -> None:
    assert criterion_target(at_least("slhr_reps", 25, norm=norm), situate(age=age, sex=sex)) == target


def test_sex_may_come_from_the_answers() -> None:
    situation = situate(age=45, sex=Sex.UNKNOWN, answers={"sex_at_birth": "female"})
    assert criterion_target(at_least("slhr_reps", 25, norm="median"), situation) == 24


def test_without_a_norm_the_bar_stays() -> None:
    situation = situate(kb=with_plans(norm=None))
    assert criterion_target(at_least("slhr_reps", 25, norm="median"), situation) == 25
    assert criterion_target(at_most("slhr_reps", 25, norm="median"), situate()) == 25


def test_all_met() -> None:
    assert all_met((), situate())
    assert not all_met((equal("limp", False), at_least("slhr_reps", 1)), situate(measured={"limp": False}))


def test_advancing_takes_two_days_48_hours_apart() -> None:
    criteria = (at_least("slhr_reps", 10), at_least("days_since_onset", 3), at_most("slhr_pain_nrs", 2))

    def on(*days_ago: int, reps: float = 12) -> bool:
        tests = tuple(
            Measured(measure="slhr_reps", value=reps, on=TODAY - timedelta(days=ago), pain_nrs=1) for ago in days_ago
        )
        return held_apart(criteria, situate(measures=tests))

    assert on(0, 2)
    assert not on(0, 1)
    assert not on(0)
    assert not on(0, 2, reps=5)
    undated = (Measured(measure="slhr_reps", value=12, pain_nrs=1),)
    assert not held_apart(criteria, situate(measures=undated))


def test_days_since_onset_of_a_situation() -> None:
    assert situate().days_since_onset == 4
    assert situate(days=None).days_since_onset is None
    assert situate(days=None, answers={"time_since_onset": "4_14d"}).days_since_onset == 4
    assert situate().answer("nothing") is None  # type: ignore[arg-type]
