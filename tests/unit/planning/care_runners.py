"""Runners for the tests of care and forecasts, on the packaged knowledge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from soleus.core.case import Runner
from soleus.core.finding import Finding, FindingSet
from soleus.core.goals import Goals
from soleus.core.ids import ConditionId, FamilyId, FindingId
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import Kind
from soleus.planning.care import Course
from soleus.planning.facts import age_bands, known_facts
from soleus.planning.measures import known_measures
from soleus.planning.phases import steps
from soleus.planning.situation import Situation
from soleus.triage import triage

KB = load_knowledge()
TODAY = date(2026, 11, 23)
NO_TO_ALL = {f: False for f, d in KB.findings.items() if d.kind is Kind.BOOLEAN and "runner" in d.asked_of}
NO_FACTS: dict[str, bool] = dict.fromkeys(KB.medicine_facts, False)
FRESH: dict[str, object] = {
    "onset_type": "sudden_sharp",
    "time_since_onset": "1_3d",
    "walk_ability": "limp",
    "age_band": "35_49",
    "sex_at_birth": "male",
    "pain_location": "upper_inner_calf",
    "improving_trend": "better",
    "pain_score_now": 4,
    "leg_colour_change": "none",
}
GRADUAL: dict[str, object] = {
    "onset_type": "gradual_days_weeks",
    "time_since_onset": "2_6w",
    "walk_ability": "normal",
}


def runner(
    posterior: Mapping[str, float] | None = None,
    *,
    facts: Mapping[str, bool | None] | None = None,
    goals: Goals | None = None,
    days: int | None = 2,
    grades: Mapping[str, tuple[tuple[str, float], ...]] | None = None,
    **answers: object,
) -> Situation:
    """A man of 40 with a fresh strain of the outer calf muscle, nothing dangerous and no illness, but for `answers`."""
    given = {**NO_TO_ALL, **FRESH, **answers}
    evidence = FindingSet(Finding(id=FindingId(f), value=v) for f, v in given.items())  # type: ignore[arg-type]
    result = triage(evidence, KB)
    wishes = goals or Goals()
    onset = None if days is None else TODAY - timedelta(days=days)
    known = known_facts(evidence, result, NO_FACTS, 40.0, KB)
    return Situation(
        evidence=evidence,
        triage=result,
        posterior={ConditionId(c): p for c, p in (posterior or {"gastrocnemius_strain": 0.8}).items()},
        facts={**known, **(facts or {})},
        ages=age_bands(evidence, 40.0),
        disposition=result.disposition,
        kb=KB,
        goals=wishes,
        runner=Runner(age_years=40.0),
        onset_on=onset,
        today=TODAY,
        measures=known_measures(evidence, wishes, onset, TODAY, KB),
        grades={ConditionId(c): shares for c, shares in (grades or {}).items()},
    )


def course(family: str, situation: Situation, *, current: str = "", also: tuple[str, ...] = ()) -> Course:
    """The way through a family's plan; `current` = a phase to be in, else the one that the measures give."""
    taken = steps((KB.plans.families[FamilyId(family)],), situation)
    made = Course(
        families=(FamilyId(family),),
        phases=tuple(step.phase for step in taken),
        current=current or next(step.phase.id for step in taken if step.current),
        then={step.phase.id: step.then for step in taken},
    )
    return replace(made, also=also)  # type: ignore[arg-type]
