"""What is known of each measure, and whether a criterion holds; an unknown measure never counts as met."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from soleus.core.case import Runner, Sex
from soleus.core.expression import Truth, evaluate
from soleus.core.finding import FindingSet
from soleus.core.goals import Goals, Measured
from soleus.core.ids import FindingId, MeasureId
from soleus.core.plan import Criterion, CriterionState
from soleus.knowledge.base import KnowledgeBase
from soleus.knowledge.plan_base import HeelRaiseNorm, MeasureDefinition
from soleus.planning.situation import Known, Situation

DAYS_SINCE_ONSET = MeasureId("days_since_onset")
CLINICIAN_CLEAR = MeasureId("clinician_clear")
"""Only `Goals.cleared_by` settles it: a runner cannot clear themselves by a tick."""
PAIN_SUFFIX = "_pain_nrs"
WORST_PAIN_NRS = 10.0

_TESTS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": lambda known, target: known >= target,
    "<=": lambda known, target: known <= target,
    "==": lambda known, target: known == target,
}


def known_measures(
    evidence: FindingSet, goals: Goals, onset_on: date | None, today: date, kb: KnowledgeBase
) -> dict[MeasureId, Known]:
    """The value in force of every measure that is known.

    1. The newest measurement that is not in the future, not from before the onset and inside the measure's range; one
       older than `measure.fresh_days` is used but marked stale. What a leg could do before it hurt says nothing now.
    2. Else the first derived value whose expression over the answers is certainly true.

    Days since the onset come from the calendar, a clinician's clearance only from `Goals.cleared_by`.
    """
    known: dict[MeasureId, Known] = {}
    fresh_from = today - timedelta(days=kb.plans.value("measure.fresh_days"))
    measured = measurements(goals, kb, today, onset_on=onset_on)
    for definition in kb.plans.measures.values():
        newest = _newest(definition, measured)
        if definition.id == CLINICIAN_CLEAR:
            known[definition.id] = Known(value=bool(goals.cleared_by), source="answer")
        elif definition.id == DAYS_SINCE_ONSET and onset_on is not None and onset_on <= today:
            known[definition.id] = Known(value=float((today - onset_on).days), source="calendar")
        elif newest is not None:
            stale = newest.on is not None and newest.on < fresh_from
            known[definition.id] = Known(value=newest.value, on=newest.on, pain_nrs=newest.pain_nrs, stale=stale)
        else:
            settled = _derived(definition, evidence)
            if settled is not None:
                known[definition.id] = settled
    return known


def measurements(goals: Goals, kb: KnowledgeBase, today: date, *, onset_on: date | None = None) -> tuple[Measured, ...]:
    """The measurements that can be used, with the pain noted during a test as a measurement of its own. Those of a day
    before the onset belong to another time.

    Pain noted beside `<test>_reps`, `<test>_lsi_pct`, … is one of `<test>_pain_nrs`: the worst of its day.
    """
    since = onset_on or date.min
    usable = [
        item
        for item in goals.measures
        if is_usable(item, kb.plans.measures.get(item.measure), today) and (item.on is None or item.on >= since)
    ]
    worst: dict[tuple[MeasureId, date | None], float] = {}
    for item in usable:
        pain = pain_measure(item.measure)
        if item.pain_nrs is not None and pain in kb.plans.measures:
            worst[pain, item.on] = max(item.pain_nrs, worst.get((pain, item.on), 0.0))
    noted = [Measured(measure=pain, value=value, on=on) for (pain, on), value in worst.items()]
    return (*noted, *usable)


def is_usable(measured: Measured, definition: MeasureDefinition | None, today: date) -> bool:
    """Whether a measurement is of the measure's kind, inside its range and not in the future."""
    if definition is None or (measured.on is not None and measured.on > today):
        return False
    if (definition.kind == "boolean") != isinstance(measured.value, bool):
        return False
    if measured.pain_nrs is not None and not 0 <= measured.pain_nrs <= WORST_PAIN_NRS:
        return False
    return definition.kind == "boolean" or definition.low <= measured.value <= definition.high


def _newest(definition: MeasureDefinition, measured: Iterable[Measured]) -> Measured | None:
    """The last by day; of several without a day or on one day, the last given."""
    fitting = [item for item in measured if item.measure == definition.id]
    return max(enumerate(fitting), key=lambda pair: (pair[1].on or date.min, pair[0]))[1] if fitting else None


def _derived(definition: MeasureDefinition, evidence: FindingSet) -> Known | None:
    for derived in definition.derived:
        if evaluate(derived.when, evidence.answer) is Truth.TRUE:
            return Known(value=derived.value, source="answer")
    return None


def criterion_state(criterion: Criterion, situation: Situation) -> CriterionState:
    """The criterion beside what is known; without the measure, or the pain it must be done with, it is unknown."""
    target = criterion_target(criterion, situation)
    known = situation.measures.get(criterion.measure)
    if known is None:
        return CriterionState(criterion=criterion, target=target, known=None, truth=Truth.UNKNOWN)
    truth = Truth.of(_TESTS[criterion.op](known.value, target))
    if truth is Truth.TRUE and criterion.pain_max is not None:
        pain = _pain_during(criterion.measure, known, situation)
        truth = Truth.UNKNOWN if pain is None else Truth.of(pain <= criterion.pain_max)
    return CriterionState(criterion=criterion, target=target, known=known.value, truth=truth)


def pain_measure(measure: MeasureId) -> MeasureId:
    """The measure of the pain during a test."""
    return MeasureId(measure.partition("_")[0] + PAIN_SUFFIX)


def _pain_during(measure: MeasureId, known: Known, situation: Situation) -> float | None:
    """Pain noted with the test, else the measure of pain during that test (`slhr_reps` → `slhr_pain_nrs`).

    A worse pain in that test on the same day or later counts instead: the next try hurt, counted or not.
    """
    said = situation.measures.get(pain_measure(measure))
    if known.pain_nrs is None:
        return None if said is None else float(said.value)
    if said is None or said.on is None or (known.on is not None and said.on < known.on):
        return known.pain_nrs
    return max(known.pain_nrs, float(said.value))


def criterion_target(criterion: Criterion, situation: Situation) -> float | bool:
    """The bar: `value`, or the heel-raise norm of age and sex when that is lower.

    `median` takes the median, `median_minus_6` the median less `norm.minus_reps`; with age or sex unknown the highest
    median that fits counts, so that ignorance never lowers the bar.
    """
    norm = situation.kb.plans.norm
    if not criterion.norm or norm is None or criterion.op != ">=":
        return criterion.value
    median = heel_raise_median(norm, situation.runner, situation.evidence)
    less = situation.kb.plans.value("norm.minus_reps") if criterion.norm == "median_minus_6" else 0.0
    return min(float(criterion.value), median - less)


def heel_raise_median(norm: HeelRaiseNorm, runner: Runner, evidence: FindingSet) -> float:
    """Median single-leg heel raises for this age and sex (highest that fits when either is not known)."""
    age, last = runner.age_years, len(norm.ages) - 1
    rows = [
        i
        for i, (low, high) in enumerate(norm.ages)
        if age is None or (low <= age < high + 1) or (i == 0 and age < low) or (i == last and age > high)
    ]
    sex = runner.sex.value if runner.sex is not Sex.UNKNOWN else evidence.answer(FindingId("sex_at_birth"))
    columns = {"male": (norm.male,), "female": (norm.female,)}.get(str(sex), (norm.male, norm.female))
    return max(column[i] for column in columns for i in rows or range(len(norm.ages)))


def all_met(criteria: Iterable[Criterion], situation: Situation) -> bool:
    """Whether every criterion certainly holds; no criteria hold."""
    return all(criterion_state(criterion, situation).truth is Truth.TRUE for criterion in criteria)


def held_apart(criteria: Iterable[Criterion], situation: Situation) -> bool:
    """Whether all criteria certainly hold now, and each measured one held on two days `advance.hours` apart.

    A criterion that only the calendar or an answer settles has no days: it counts by holding now.
    """
    parts = tuple(criteria)
    return all_met(parts, situation) and all(_twice(criterion, situation) for criterion in parts)


def _twice(criterion: Criterion, situation: Situation) -> bool:
    if situation.measures[criterion.measure].source != "measured":
        return True
    days = [
        item.on
        for item in measurements(
            situation.goals, situation.kb, situation.today or date.max, onset_on=situation.onset_on
        )
        if item.measure == criterion.measure and item.on is not None and _holds(criterion, item, situation)
    ]
    apart_days = situation.kb.plans.value("advance.hours") / 24
    return bool(days) and (max(days) - min(days)).days >= apart_days


def _holds(criterion: Criterion, item: Measured, situation: Situation) -> bool:
    known = {**situation.measures, item.measure: Known(value=item.value, on=item.on, pain_nrs=item.pain_nrs)}
    return criterion_state(criterion, replace(situation, measures=known)).truth is Truth.TRUE
