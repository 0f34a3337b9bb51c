"""Forecasts over generated runners: quantiles rise, milestones come in order, bad news never shortens a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from math import exp

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soleus.core.assessment import Disposition, TriageResult, WellsScore
from soleus.core.finding import Finding, FindingSet
from soleus.core.ids import ConditionId, FindingId, MeasureId
from soleus.core.plan import Forecast, PlannedCause
from soleus.knowledge import load_knowledge
from soleus.planning.prognosis import STEPS, forecast, recurrence
from soleus.planning.situation import Known, Situation

KB = load_knowledge()
STRAINS = ("gastrocnemius_strain", "soleus_strain")
GRADES = ("mild", "moderate", "severe")
CALM = TriageResult(
    disposition=Disposition.SELF_CARE, rules=(), unanswered=(), wells=WellsScore(points=0, counted=(), unknown=())
)
MANY = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SLACK = 1e-3
"""Days by which bisection may err."""


def situation(days: float | None, again: bool | None) -> Situation:
    return Situation(
        evidence=FindingSet([Finding(id=FindingId("previous_calf_strain"), value=again)]),
        triage=CALM,
        posterior={},
        facts={},
        ages=frozenset(),
        disposition=Disposition.SELF_CARE,
        kb=KB,
        today=date(2026, 11, 23),
        measures={} if days is None else {MeasureId("days_since_onset"): Known(value=days)},
    )


@st.composite
def planned(draw: st.DrawFn) -> tuple[PlannedCause, ...]:
    """One to three causes, with the family that plans for each."""
    found = []
    for family in draw(st.lists(st.sampled_from(sorted(KB.plans.families)), min_size=1, max_size=3, unique=True)):
        condition, qualifier = KB.plans.families[family].conditions[0]
        found.append(
            PlannedCause(
                condition=condition,
                probability=draw(st.floats(0.05, 0.9)),
                grade=qualifier if qualifier in GRADES else "",
                family=family,
            )
        )
    return tuple(found)


def ahead(item: Forecast, days: int | None) -> tuple[float, float, float]:
    """Days from today; the plans here begin today."""
    from_start = "prognosis.caveat.from_start" in {caveat.text for caveat in item.caveats}
    gone = 0 if from_start else days or 0
    return item.p10_days - gone, item.median_days - gone, item.p90_days - gone


def by_milestone(found: tuple[Forecast, ...]) -> dict[str, Forecast]:
    return {item.milestone: item for item in found}


@MANY
@given(planned(), st.none() | st.integers(0, 400), st.sampled_from([True, False, None]))
def test_quantiles_rise_and_milestones_come_in_order(
    causes: tuple[PlannedCause, ...], days: int | None, again: bool | None
) -> None:
    found = by_milestone(forecast(situation(days, again), causes))
    for item in found.values():
        assert 0 < item.p10_days <= item.median_days <= item.p90_days
        counted_from_start = "prognosis.caveat.from_start" in {caveat.text for caveat in item.caveats}
        assert item.p10_days >= (0 if counted_from_start else days or 0)
        assert item.sources
        assert item.caveats
    steps = [ahead(found[name], days) for name in STEPS if name in found]
    for earlier, later in pairwise(steps):
        assert all(before <= after + SLACK for before, after in zip(earlier, later, strict=True))


@MANY
@given(
    st.sampled_from(STRAINS),
    st.sampled_from([(0, 1), (1, 2), (0, 2)]),
    st.floats(0, 1),
    st.booleans(),
    st.integers(0, 3),
)
def test_a_larger_tear_never_takes_less_time(
    strain: str, pair: tuple[int, int], part: float, again: bool, which: int
) -> None:
    """Up to the day by which 9 in 10 people with the smaller tear would be there: beyond it, it was no smaller tear."""
    smaller = [p for p in KB.plans.priors.values() if (p.condition, p.grade) == (strain, GRADES[pair[0]])]
    prior = smaller[which % len(smaller)]
    days = part * exp(prior.mu + 1.28 * prior.sigma)
    mild, severe = (
        by_milestone(
            forecast(
                situation(days, again),
                [PlannedCause(condition=ConditionId(strain), probability=0.8, grade=GRADES[n])],
            )
        )
        for n in pair
    )
    assert mild[prior.milestone].median_days <= severe[prior.milestone].median_days + SLACK
    assert mild[prior.milestone].p90_days <= severe[prior.milestone].p90_days + SLACK


@MANY
@given(planned(), st.integers(0, 300))
def test_a_second_strain_and_days_gone_never_shorten_a_time(causes: tuple[PlannedCause, ...], days: int) -> None:
    now = by_milestone(forecast(situation(days, False), causes))
    again = by_milestone(forecast(situation(days, True), causes))
    for name in now.keys() & again.keys():
        assert now[name].median_days <= again[name].median_days + SLACK
    later = by_milestone(forecast(replace(situation(days + 10, False)), causes))
    for name in now.keys() & later.keys():
        # From the onset a later day is never sooner; a programme counts from its own first day and does not change.
        assert now[name].median_days <= later[name].median_days + SLACK


@MANY
@given(planned(), st.sampled_from([True, False, None]))
def test_recurrence_is_for_strains_and_more_news_only_adds(
    causes: tuple[PlannedCause, ...], again: bool | None
) -> None:
    found = recurrence(situation(0, again), causes)
    strain = sum(cause.probability for cause in causes if cause.condition in STRAINS)
    enough = KB.plans.value("forecast.least_share") * sum(cause.probability for cause in causes)
    assert (found is not None) is (strain > 0 and strain >= enough)
    if found is not None:
        assert 0 < found.low < found.mean < found.high < 1
        calm = recurrence(situation(0, False), causes)
        assert calm is not None
        assert set(map(str, calm.raises)) <= set(map(str, found.raises))
