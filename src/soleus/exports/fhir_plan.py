"""The plan itself as FHIR: CarePlan with its activities, a Goal for each phase, ServiceRequest for who to see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from soleus.core.assessment import Disposition
from soleus.core.expression import Truth
from soleus.core.message import Message
from soleus.core.plan import CriterionState, Plan, PlanPhase, PlanStatus, Prescription, SessionKind
from soleus.exports.fhir_answers import measure_quantity
from soleus.exports.fhir_base import URI_SYSTEM, Builder, Json, concept, hl7, instant, notes, printable, urn
from soleus.exports.plan_wording import (
    criterion_words,
    dose_sentence,
    exercise_name,
    item_name,
    measure_name,
    number,
    say,
    stop_line,
    veto_reason,
    withheld_reason,
    workout_words,
)
from soleus.exports.wording import text
from soleus.knowledge.base import KnowledgeBase

PLAN_STATUS = {
    PlanStatus.DRAFT: "draft",
    PlanStatus.LOCKED: "on-hold",
    PlanStatus.WITHHELD: "on-hold",
    PlanStatus.NO_SELF_PLAN: "on-hold",
}
"""Nothing made by software alone is "active": a clinician makes it so."""
PRIORITY = {
    Disposition.CALL_AMBULANCE: "stat",
    Disposition.EMERGENCY_NOW: "stat",
    Disposition.SAME_DAY: "urgent",
    Disposition.GP_ROUTINE: "routine",
    Disposition.PHYSIO: "routine",
    Disposition.SELF_CARE: "routine",
}
HOLDS_LOADING = (PlanStatus.DRAFT, PlanStatus.LOCKED)
"""Only these hand over exercises and runs, whatever else a plan holds."""
DAYS_PER_WEEK = 7


# --- goals ------------------------------------------------------------------------------------------------------
def add_goals(builder: Builder, conditions: list[Json]) -> list[Json]:
    """One goal a phase, its criteria to move on as targets; and the race."""
    plan = builder.plan
    found = [_phase_goal(builder, phase, conditions) for phase in plan.phases if phase.advance]
    event = plan.goals.event
    if event is not None:
        # A plan from a file may hold a name of nothing but control characters; FHIR wants words.
        name = printable(event.name).strip() or event.on.isoformat()
        distance = "" if event.distance_km is None else f", {number(event.distance_km)} km"
        body: Json = {
            "lifecycleStatus": "proposed",
            "description": concept(f"{name}{distance}"),
            "subject": builder.subject,
            "target": [{"dueDate": event.on.isoformat()}],
        }
        found.append(builder.add("Goal", "event", name, body))
    return found


def _phase_goal(builder: Builder, phase: PlanPhase, conditions: list[Json]) -> Json:
    kb = builder.kb
    current = builder.plan.current
    passed = current is not None and phase.number < current.number
    met = phase.advance and all(state.truth is Truth.TRUE for state in phase.advance)
    body: Json = {
        "lifecycleStatus": "completed" if passed else "proposed",
        "achievementStatus": hl7("goal-achievement", "achieved" if passed or met else "in-progress")
        if passed or phase.current
        else None,
        "description": concept(phase_name(kb, phase)),
        "subject": builder.subject,
        "startDate": builder.plan.starts_on.isoformat() if phase.current else None,
        "target": [_target(kb, state) for state in phase.advance],
        "addresses": conditions,
        "note": notes([text(kb, "export.fhir.goal_note"), *(criterion_words(kb, state) for state in phase.advance)]),
    }
    return builder.add("Goal", phase.id, phase_name(kb, phase), body)


def _target(kb: KnowledgeBase, state: CriterionState) -> Json:
    criterion = state.criterion
    measure = concept(measure_name(kb, criterion.measure))
    if isinstance(state.target, bool):
        return {"measure": measure, "detailBoolean": state.target}
    amount = measure_quantity(kb, criterion.measure, state.target)
    compared = {} if criterion.op == "==" else {"comparator": criterion.op}
    return {"measure": measure, "detailQuantity": amount | compared}


def phase_name(kb: KnowledgeBase, phase: PlanPhase) -> str:
    return text(kb, f"phase.{phase.text}.name", phase.text.replace("_", " ").capitalize())


# --- care plan --------------------------------------------------------------------------------------------------
def add_care_plan(builder: Builder, author: Json, conditions: list[Json], goals: list[Json], basis: list[Json]) -> Json:
    """The plan: what to do, what not to do, and the words that go with it."""
    plan, kb = builder.plan, builder.kb
    title = text(kb, "export.fhir.title", status=text(kb, f"plan.status.{plan.status.value}"))
    last = max((session.on for session in plan.sessions), default=None)
    body: Json = {
        "identifier": [{"system": URI_SYSTEM, "value": urn("plan", plan.id)}],
        "status": PLAN_STATUS[plan.status],
        "intent": "proposal",
        "title": title,
        "description": " ".join(_said(kb, plan.why)),
        "subject": builder.subject,
        "period": {"start": plan.starts_on.isoformat()} | ({"end": last.isoformat()} if last else {}),
        "created": plan.made_on.isoformat(),
        "author": author,
        "addresses": conditions,
        "supportingInfo": basis,
        "goal": goals,
        "activity": [{"detail": detail} for detail in _activities(builder)],
        "note": notes(_plan_notes(plan, kb)),
    }
    return builder.add("CarePlan", "", title, body)


def _said(kb: KnowledgeBase, messages: Iterable[Message]) -> list[str]:
    return [words for message in messages if (words := say(message, kb))]


def _plan_notes(plan: Plan, kb: KnowledgeBase) -> Iterator[str]:
    """That software made it, what it rests on, and when to stop."""
    yield text(kb, f"plan.status.{plan.status.value}")
    yield text(kb, "export.fhir.made", knowledge=plan.knowledge_version, revision=str(plan.revision))
    if plan.status is PlanStatus.DRAFT and plan.phases:
        yield text(kb, "export.fhir.pain", pain=number(plan.pain_max_nrs))
    stops = {rule.id: rule for phase in plan.phases for rule in phase.stop}
    for rule in stops.values():
        line = stop_line(kb, rule)
        yield text(kb, "export.fhir.stop", sign=line["sign"], do=line["do"] or line["urgency"])
    yield text(kb, "export.calendar.emergency")
    yield from _said(kb, plan.assumed)


def _activities(builder: Builder) -> Iterator[Json]:
    plan, kb = builder.plan, builder.kb
    if plan.status in HOLDS_LOADING:
        now = 0 if plan.current is None else plan.current.number
        for phase in plan.phases:
            # What belongs to a phase that is behind the runner is no longer to be done.
            for item in phase.prescriptions if phase.number >= now else ():
                yield _exercise(builder, phase, item)
        yield from _runs(plan, kb)
    for care in (*plan.care, *plan.technique):
        words = [text(kb, f"advice.{care.advice.id}.how"), *_said(kb, care.because)]
        yield {
            "code": concept(sentence_case(item_name(kb, care.advice.id))),
            "status": "not-started",
            "description": " ".join(filter(None, words)) or None,
        }
    for veto in plan.vetoed:
        yield _not_to_do(item_name(kb, veto.item), veto_reason(kb, veto.codes, unknown=veto.unknown))
    for held in plan.care_withheld:
        yield _not_to_do(item_name(kb, held.id), withheld_reason(kb, held.because)[0])


def _exercise(builder: Builder, phase: PlanPhase, item: Prescription) -> Json:
    """An exercise of a phase; those of a phase not yet reached wait for its criteria."""
    kb = builder.kb
    waits = [criterion_words(kb, state) for state in item.waits_for]
    ready = phase.current and not waits
    words = [f"{phase_name(kb, phase)}.", dose_sentence(kb, item), *_said(kb, item.because)]
    if waits:
        words.append(text(kb, "plan.dose.later", list="; ".join(waits)))
    return _plain(
        {
            "code": concept(exercise_name(kb, item.exercise)),
            **_state(builder.plan, kb, ready=ready),
            "doNotPerform": False,
            "goal": [builder.reference("Goal", phase.id)] if phase.advance else None,
            "scheduledTiming": _timing(item),
            "description": " ".join(words),
        }
    )


def _state(plan: Plan, kb: KnowledgeBase, *, ready: bool) -> Json:
    """Scheduled now, waiting for its criteria, or held until a clinician has cleared the plan."""
    if plan.status is PlanStatus.LOCKED:
        return {"status": "on-hold", "statusReason": concept(text(kb, "plan.status.locked"))}
    if ready:
        return {"status": "scheduled"}
    return {"status": "not-started", "statusReason": concept(text(kb, "export.calendar.provisional"))}


def _timing(item: Prescription) -> Json:
    """So many times in a week, or in a day when it is done daily."""
    daily = item.per_week >= DAYS_PER_WEEK
    times = item.bouts_per_day if daily else item.per_week * item.bouts_per_day
    return {"repeat": {"frequency": max(times, 1), "period": 1, "periodUnit": "d" if daily else "wk"}}


def _runs(plan: Plan, kb: KnowledgeBase) -> Iterator[Json]:
    """Each different run with the days it is planned for; those of phases not yet reached apart."""
    groups: dict[tuple[str, str, bool], list[str]] = {}
    for session in plan.sessions:
        if session.kind is SessionKind.RUN and session.workout is not None:
            name = say(session.workout.name, kb) or session.workout.id.replace("_", " ").replace(".", " ")
            key = (name, workout_words(kb, session.workout), session.provisional)
            groups.setdefault(key, []).append(session.on.isoformat())
    for (name, words, provisional), days in groups.items():
        yield _plain(
            {
                "code": concept(name),
                **_state(plan, kb, ready=not provisional),
                "scheduledTiming": {"event": sorted(days)},
                "description": words,
            }
        )


def sentence_case(words: str) -> str:
    return words[:1].upper() + words[1:]


def _not_to_do(name: str, why: str) -> Json:
    return _plain(
        {
            "code": concept(sentence_case(name)),
            "status": "not-started",
            "doNotPerform": True,
            "statusReason": concept(sentence_case(why)) if why else None,
        }
    )


def _plain(body: Json) -> Json:
    return {key: value for key, value in body.items() if value not in (None, "", [], {})}


# --- referral ---------------------------------------------------------------------------------------------------
def add_referral(builder: Builder, author: Json, conditions: list[Json], basis: Sequence[Json]) -> Json | None:
    """A proposal to be seen, when the plan says so; its urgency is that of the triage."""
    plan, kb = builder.plan, builder.kb
    if not plan.see:
        return None
    words = _said(kb, plan.see) or [text(kb, f"disposition.{plan.disposition.slug}.title", "Be seen")]
    body: Json = {
        "status": "draft",
        "intent": "proposal",
        "priority": PRIORITY[plan.disposition],
        "code": concept(words[0]),
        "subject": builder.subject,
        "authoredOn": instant(builder.stamped_at),
        "requester": author,
        "reasonReference": conditions,
        "supportingInfo": list(basis),
        "note": notes([*words[1:], text(kb, f"disposition.{plan.disposition.slug}.how_soon")]),
    }
    return builder.add("ServiceRequest", "", words[0], body)
