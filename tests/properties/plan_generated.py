"""Runners by the thousand for the planner: causes, answers, triage, tests, kit and wishes drawn from one number.

One seed makes one runner (`random.Random`), so that Hypothesis only has to draw a number and a fault is found again by
its seed. Most runners answer the warning signs with "no", or every second one would be sent away before planning.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from unittest.mock import patch

from soleus.core.assessment import Disposition
from soleus.core.case import Case, Runner, Sex
from soleus.core.expression import Answer
from soleus.core.finding import Finding, FindingSet
from soleus.core.goals import Goals, Measured, RunningHistory
from soleus.core.ids import ConditionId, ExerciseId, FindingId, KitId, MeasureId
from soleus.core.plan import Plan
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import FindingDefinition, Kind
from soleus.planning import compose
from soleus.planning.facts import age_bands, known_facts
from soleus.planning.measures import known_measures
from soleus.planning.schedule import Schedule
from soleus.planning.situation import Situation
from soleus.triage import triage

KB = load_knowledge()
TODAY = date(2026, 11, 23)
DIAGNOSES = sorted(condition.id for condition in KB.diagnoses)
PLANNED = sorted({condition for family in KB.plans.families.values() for condition, _ in family.conditions})
FACTORS = sorted(condition.id for condition in KB.factors)
KIT = sorted({item for exercise in KB.plans.exercises.values() for kit in exercise.kit for item in kit})
CALM: dict[str, Answer] = {
    name: False
    for name, finding in KB.findings.items()
    if finding.kind is Kind.BOOLEAN and "runner" in finding.asked_of
}


def runner(seed: int) -> Situation:
    """One runner as the planner sees them."""
    r = random.Random(seed)
    evidence = FindingSet(Finding(id=FindingId(name), value=value) for name, value in _answers(r).items())
    result = triage(evidence, KB)
    age = r.choice([None, 16.0, 17.9, 25.0, 34.0, 45.0, 62.0, 81.0]) if r.random() < 0.3 else r.uniform(18, 80)
    who = Runner(age_years=age, sex=r.choice(list(Sex)))
    said = {fact: False for fact in KB.medicine_facts if r.random() < 0.9}
    said |= {fact: True for fact in KB.medicine_facts if r.random() < 0.05}
    goals = _goals(r)
    onset = None if r.random() < 0.2 else TODAY - timedelta(days=int(r.choice([0, 1, 2, 4, 6, 10, 20, 45, 120])))
    return Situation(
        evidence=evidence,
        triage=result,
        posterior=None if r.random() < 0.01 else _posterior(r),
        facts=known_facts(evidence, result, said, age, KB),
        ages=age_bands(evidence, age),
        disposition=max(result.disposition, r.choice([*[Disposition.SELF_CARE] * 12, *Disposition])),
        kb=KB,
        goals=goals,
        runner=who,
        onset_on=onset,
        today=TODAY,
        measures=known_measures(evidence, goals, onset, TODAY, KB),
        grades={ConditionId(name): _grades(r) for name in DIAGNOSES if KB.conditions[ConditionId(name)].grading}
        if r.random() < 0.9
        else {},
    )


def case_of(seed: int) -> tuple[Case, Goals]:
    """The same runner as a case with goals, for the whole way from the answers on."""
    situation = runner(seed)
    facts = tuple((fact, value) for fact, value in sorted(situation.facts.items()) if value is not None)
    case = Case(
        id=f"case-{seed}",
        runner=situation.runner,
        findings=situation.evidence,
        facts=facts,
        onset_on=situation.onset_on,
    )
    return case, situation.goals


def plan_of(situation: Situation, previous: Plan | None = None) -> Plan:
    """The plan without its weeks, which have their own properties and take most of the time."""
    request = compose.PlanRequest(
        situation=situation, case_id="case", input_hash="hash", made_on=TODAY, previous=previous
    )
    with patch.object(compose, "make_schedule", lambda _: Schedule(weeks=(), conflicts=())):
        return compose.compose_plan(request)


def with_measure(situation: Situation, measure: str, value: float | bool) -> Situation:
    """The same runner with one test taken today."""
    test = Measured(measure=MeasureId(measure), value=value, on=TODAY)
    goals = replace(situation.goals, measures=(*situation.goals.measures, test))
    known = known_measures(situation.evidence, goals, situation.onset_on, TODAY, KB)
    return replace(situation, goals=goals, measures=known)


def with_answer(situation: Situation, finding: str, value: Answer) -> Situation:
    """The same runner with one answer changed and all else, the triage too, as it was."""
    evidence = situation.evidence.replaced(Finding(id=FindingId(finding), value=value))
    known = known_measures(evidence, situation.goals, situation.onset_on, TODAY, KB)
    return replace(situation, evidence=evidence, measures=known)


def _answers(r: random.Random) -> dict[str, Answer]:
    given = dict(CALM)
    given |= {"pain_score_now": r.randint(0, 10), "walk_ability": r.choice(["normal", "normal", "limp"])}
    given |= {"onset_type": r.choice(["gradual_days_weeks", "sudden_sharp"]), "improving_trend": "better"}
    for name in r.sample(sorted(KB.findings), r.choice([0, 0, 2, 5])):
        given[name] = _answer(r, KB.findings[FindingId(name)])
    for name in r.sample(sorted(given), r.choice([0, 0, 3, 20])):
        given[name] = None
    return given


def _answer(r: random.Random, finding: FindingDefinition) -> Answer:
    if finding.kind is Kind.BOOLEAN:
        return r.choice([False, False, True, None])
    if finding.kind is Kind.CHOICE:
        return r.choice(finding.options)
    return r.randint(int(finding.low or 0), int(finding.high or 10))


def _posterior(r: random.Random) -> dict[ConditionId, float]:
    names = r.sample(PLANNED, r.choice([1, 1, 2, 3]))
    names += r.sample(DIAGNOSES, r.choice([0, 0, 0, 1, 2]))
    weights = [r.random() ** 2 + 0.01 for _ in names]
    chances = {ConditionId(name): weight / sum(weights) for name, weight in zip(names, weights, strict=True)}
    return chances | {ConditionId(name): r.random() for name in FACTORS}


def _grades(r: random.Random) -> tuple[tuple[str, float], ...]:
    weights = [r.random() ** 3 + 0.01 for _ in range(3)]
    return tuple((name, w / sum(weights)) for name, w in zip(("mild", "moderate", "severe"), weights, strict=True))


def _goals(r: random.Random) -> Goals:
    tests = []
    good = r.random()
    for name, definition in sorted(KB.plans.measures.items()):
        if r.random() < 0.25:
            continue
        better = (definition.better == "higher") == (r.random() < good)
        value: float | bool = r.uniform(0.6, 1) if better else r.uniform(0, 0.15)
        value = definition.low + float(value) * (definition.high - definition.low)
        on = TODAY - timedelta(days=r.choice([0, 0, 1, 3, 20]))
        pain = r.choice([None, 0, 1, 3]) if definition.needs_pain else None
        tests.append(
            Measured(
                measure=name,
                value=(r.random() < 0.5) if definition.kind == "boolean" else round(value),
                on=on,
                pain_nrs=pain,
            )
        )
    return Goals(
        kit=frozenset(KitId(item) for item in KIT if r.random() < 0.3),
        tried=frozenset(ExerciseId(e) for e in KB.plans.exercises if r.random() < 0.1),
        wants=frozenset(w for w in ("minimal_shoes", "carbon_shoes", "forefoot", "orthoses") if r.random() < 0.2),
        arch=r.choice(["flat", "high", "usual", "unknown"]),
        measures=tuple(tests),
        cleared_by=r.choice(["", "", "physiotherapist"]),
        history=None
        if r.random() < 0.4
        else RunningHistory(weekly_km=r.uniform(0, 80), longest_run_km=r.uniform(2, 30)),
    )
