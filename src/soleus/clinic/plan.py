"""A plan for a case: the assessment first, then the planner; whatever fails ends in "get seen"."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from datetime import date, timedelta

from soleus.clinic.assess import assess, cautious_posterior, weaker_assessments
from soleus.clinic.evidence import case_evidence
from soleus.clinic.film_evidence import Films, filmed, ruled_out, with_tests
from soleus.core.assessment import Assessment, Disposition
from soleus.core.case import Case
from soleus.core.goals import Goals, RunningHistory
from soleus.core.ids import FindingId, MeasureId, TextId
from soleus.core.message import Message
from soleus.core.plan import Plan, PlanStatus
from soleus.core.training import TrainingReport
from soleus.knowledge.base import KnowledgeBase
from soleus.planning.compose import PlanRequest, compose_plan, plan_id
from soleus.planning.facts import age_bands, known_facts, stated_facts
from soleus.planning.measures import known_measures
from soleus.planning.situation import Situation

DAYS_PER_WEEK = 7
HISTORY_DAYS = 28
"""The usual week is the mean of the four weeks before the pain."""


def build_plan(
    case: Case,
    goals: Goals,
    kb: KnowledgeBase,
    today: date,
    *,
    assessment: Assessment | None = None,
    report: TrainingReport | None = None,
    films: Films | None = None,
    previous: Plan | None = None,
) -> Plan:
    """The plan for a case under these goals; never raises, and never opens a plan when a part failed.

    `assessment`: that of the same case and day, when it is already made. `report`: the training analysis, for the
    running before the pain. `films`: films and tests, whose evidence is already in the case (`with_films`), for the
    criteria and for advice on the way of running. `previous`: the plan that this one supersedes.
    """
    try:
        assessed = assessment or assess(case, kb, today)
        wishes = goals if report is None else with_history(goals, report, kb)
        wishes = wishes if films is None else with_tests(wishes, films, kb)
        gait = None if films is None else films.gait
        shown, absent = filmed(gait, kb), ruled_out(gait, kb)
        if previous is not None and (not case.id or previous.id == plan_id(case.id, "")):
            wishes = with_earlier_tests(wishes, previous, kb, today)
        digest = plan_hash(assessed, wishes, previous, (shown, absent))
        request = PlanRequest(
            situation=replace(plan_situation(case, wishes, kb, today, assessed), filmed=shown, ruled_out=absent),
            case_id=case.id,
            input_hash=digest,
            made_on=today,
            previous=previous,
        )
        return compose_plan(request)
    except Exception:  # noqa: BLE001 - the documented safety net: no plan rather than a wrong one
        return _failed(case, goals, kb, today, assessment, previous)


def plan_situation(case: Case, goals: Goals, kb: KnowledgeBase, today: date, assessment: Assessment) -> Situation:
    """Everything the planner reads, from the case and its assessment.

    Where watch files or films speak, a cause counts with the highest of its chances with and without them.
    """
    weaker = weaker_assessments(case, kb, today)
    differential = assessment.differential
    evidence = case_evidence(case, today)
    age = case.runner.age_years
    onset_on = case.onset_on if case.onset_on is not None and case.onset_on <= today else None
    causes = () if differential is None else differential.causes
    return Situation(
        evidence=evidence,
        triage=assessment.triage,
        posterior=cautious_posterior(differential, [each.differential for each in weaker]),
        facts=known_facts(evidence, assessment.triage, stated_facts(dict(case.facts), case.runner), age, kb),
        ages=age_bands(evidence, age),
        disposition=max(assessment.disposition, assessment.triage.disposition),
        kb=kb,
        goals=goals,
        runner=case.runner,
        onset_on=onset_on,
        today=today,
        measures=known_measures(evidence, goals, onset_on, today, kb),
        grades={cause.condition: cause.severity for cause in causes if cause.severity},
    )


def with_history(goals: Goals, report: TrainingReport, kb: KnowledgeBase) -> Goals:
    """The goals with the running before the pain from watch files; what the runner said fills what files leave open."""
    if not report.coverage.enough:
        return goals
    said = goals.history or RunningHistory()
    last = [week for week in report.weeks[-HISTORY_DAYS // DAYS_PER_WEEK :] if week.complete]
    window_days = kb.plans.value("run.longest_window_days")
    spikes = [spike for spike in report.spikes if 0 < (report.onset_on - spike.day).days <= window_days]
    moving = sum(week.moving_s for week in last)
    history = RunningHistory(
        weekly_km=sum(week.distance_m for week in last) / 1000 / len(last) if last else said.weekly_km,
        runs_per_week=sum(week.runs for week in last) / len(last) if last else said.runs_per_week,
        longest_run_km=max((spike.distance_m for spike in spikes), default=0) / 1000 or said.longest_run_km,
        easy_speed_mps=sum(week.distance_m for week in last) / moving if moving else said.easy_speed_mps,
        from_watch=bool(last or spikes),
    )
    return replace(goals, history=history)


def with_earlier_tests(goals: Goals, previous: Plan, kb: KnowledgeBase, today: date) -> Goals:
    """The goals with the earlier results of the same tests that the plan before knew, while these are fresh.

    A stage is left only after two good days, and most runners give the results of one day at a time. Only a test that
    the runner gives anew, with a later day, brings its earlier result along: what they took back stays away.
    """
    first: dict[MeasureId, date] = {}
    for item in goals.measures:
        if item.on is not None:
            first[item.measure] = min(item.on, first.get(item.measure, item.on))
    since = today - timedelta(days=kb.plans.value("measure.fresh_days"))
    earlier = tuple(
        item
        for item in previous.goals.measures
        if item.on is not None and item.measure in first and since <= item.on < first[item.measure]
    )
    return replace(goals, measures=(*earlier, *goals.measures)) if earlier else goals


def plan_hash(
    assessment: Assessment,
    goals: Goals,
    previous: Plan | None,
    film: tuple[frozenset[FindingId], frozenset[FindingId]] = (frozenset(), frozenset()),
) -> str:
    """SHA-256 over what decides a plan: the assessed input (with the knowledge), its day, the goals, the last plan, and
    what a film shows."""
    body = {
        "assessed": assessment.input_hash,
        "on": assessment.assessed_on.isoformat(),
        "goals": asdict(goals),
        "previous": None if previous is None else previous.input_hash,
    } | ({"filmed": film} if any(film) else {})
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _plain(value: object) -> object:
    """JSON for what JSON lacks: sets in order, days and times as written."""
    if isinstance(value, frozenset):
        return sorted(value)
    return str(value)


def _failed(
    case: Case, goals: Goals, kb: KnowledgeBase, today: date, assessment: Assessment | None, previous: Plan | None
) -> Plan:
    """The cautious answer when planning failed: no plan, get seen."""
    urgency = Disposition.SAME_DAY if assessment is None else max(assessment.disposition, Disposition.SAME_DAY)
    return Plan(
        id=plan_id(case.id, "") if previous is None else previous.id,
        revision=1 if previous is None else previous.revision + 1,
        status=PlanStatus.WITHHELD,
        made_on=today,
        starts_on=today,
        knowledge_version=kb.version,
        input_hash="",
        disposition=urgency,
        why=(Message(text=TextId("plan.why.withheld.failed")),),
        see=(Message(text=TextId(f"plan.see.{urgency.slug}")),),
        goals=goals,
        problems=("plan",),
    )
