"""A plan from everything known of a runner, in a fixed order: family → phases → exercises in their kit and dose →
vetoes → running → weeks → care → outlook. Each step sees only what the steps before allowed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate

from soleus.core.goals import DEFAULT_DAY_MINUTES
from soleus.core.ids import AdviceId, MeasureId
from soleus.core.message import Message
from soleus.core.plan import Plan, PlannedCause, PlanPhase, PlanStatus, RunningPlan, StopRule, Veto
from soleus.knowledge.plan_base import PlanFamily
from soleus.planning.care import Course, plan_care
from soleus.planning.contraindications import SHARED_GATES, gate_criteria, gate_open, vetoed_by
from soleus.planning.phases import RUNNING, Step, states, steps, stricter
from soleus.planning.prescriptions import Chosen, Rules, choose_exercises
from soleus.planning.prognosis import forecast, recurrence
from soleus.planning.running import KEPT_MODES, kept_mode, plan_running
from soleus.planning.schedule import ScheduleRequest, make_schedule
from soleus.planning.select import Choice, choose, message
from soleus.planning.situation import Situation
from soleus.planning.technique import technique_advice


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What a plan is made from."""

    situation: Situation
    case_id: str
    input_hash: str
    made_on: date
    previous: Plan | None = None


def compose_plan(request: PlanRequest) -> Plan:
    """The whole plan. Same request, same plan."""
    situation = request.situation
    choice = choose(situation)
    plan = _frame(request, choice)
    if choice.lead is None:
        return _with_care(plan, (), choice, situation)
    limit = min(family.pain_limit_nrs for family in choice.families)
    rules = Rules(
        situation=situation,
        families=choice.ids,
        limit_nrs=limit,
        limit_joined=limit < choice.lead.pain_limit_nrs,
        causes=frozenset(cause.condition for cause in choice.causes if cause.family in choice.ids),
        locked=choice.status is PlanStatus.LOCKED,
    )
    taken = steps(choice.families, situation, request.previous)
    if rules.locked:
        taken = (replace(taken[0], current=True, run="none"),)
    chosen = _chosen(taken, rules)
    plan = replace(
        plan,
        pain_max_nrs=limit,
        phases=tuple(_phase(step, part, situation) for step, part in zip(taken, chosen, strict=True)),
        vetoed=_vetoes(chosen),
        see=(*plan.see, *_slow(taken, situation)),
        to_measure=_to_measure(taken, choice, situation, locked=rules.locked),
        # Where nothing is scheduled, days and kit were not taken for granted either.
        assumed=() if rules.locked else _once((*plan.assumed, *(left for part in chosen for left in part.left_out))),
    )
    plan = replace(plan, forecasts=forecast(situation, _timed_causes(choice, choice.lead)))
    if not rules.locked:
        plan = _with_weeks(replace(plan, running=_running(plan, choice, situation)), situation, request.previous)
    plan = _with_care(plan, taken, choice, situation)
    return replace(plan, recurrence=recurrence(situation, choice.causes))


def _timed_causes(choice: Choice, lead: PlanFamily) -> tuple[PlannedCause, ...]:
    """The causes that times are told for: those the plan is built for when it is not built for the likeliest, so that
    a milder cause promises nothing that the plan does not."""
    own = tuple(cause for cause in choice.causes if cause.family == lead.id)
    return choice.causes if own[:1] == choice.causes[:1] or not own else own


def _frame(request: PlanRequest, choice: Choice) -> Plan:
    """The plan without anything to do: who, when, which causes, why, and whom to see."""
    situation, previous = request.situation, request.previous
    return Plan(
        id=plan_id(request.case_id, request.input_hash) if previous is None else previous.id,
        revision=1 if previous is None else previous.revision + 1,
        status=choice.status,
        made_on=request.made_on,
        starts_on=max(request.made_on, situation.goals.starts_on or request.made_on),
        knowledge_version=situation.kb.version,
        input_hash=request.input_hash,
        disposition=situation.disposition,
        causes=choice.causes,
        family=None if choice.lead is None else choice.lead.id,
        also_safe_for=choice.ids[1:],
        why=choice.why,
        see=choice.see,
        pathway="" if choice.lead is None else choice.lead.pathway,
        assumed=_assumed(situation) if choice.lead is not None else (),
        goals=situation.goals,
    )


def plan_id(case_id: str, input_hash: str) -> str:
    """Stable over every revision of the plan of one case; a case without a name goes by its answers."""
    return "plan-" + hashlib.sha256((case_id or input_hash).encode()).hexdigest()[:16]


def _chosen(taken: tuple[Step, ...], rules: Rules) -> list[Chosen]:
    """The exercises of each phase."""
    ends = accumulate(step.phase.expected_days[1] for step in taken)
    return [choose_exercises(step, rules, expected_days=end) for step, end in zip(taken, ends, strict=True)]


def _phase(step: Step, chosen: Chosen, situation: Situation) -> PlanPhase:
    """The phase with its criteria beside what is known today, later phases too."""
    known = situation.kb.plans.stop_signs
    signs = [known[sign] for sign in step.stop_signs if sign in known]
    return PlanPhase(
        id=step.phase.id,
        text=step.phase.text,
        number=step.number,
        entry=states(step.entry, situation),
        advance=states(step.exit, situation),
        step_back=tuple(StopRule(id=sign.id, disposition=None) for sign in signs if sign.disposition is None),
        stop=tuple(
            StopRule(id=sign.id, disposition=sign.disposition) for sign in signs if sign.disposition is not None
        ),
        prescriptions=chosen.prescriptions,
        care=(),
        walk=None if step.phase.walk is None else Message(text=step.phase.walk),
        run=step.run,
        cross=chosen.cross,
        expected_days=step.phase.expected_days,
        reached=step.reached,
        current=step.current,
    )


def _running(plan: Plan, choice: Choice, situation: Situation) -> RunningPlan:
    """The programme of the leading family, under the gates and the programme rules of every family."""
    plans = situation.kb.plans
    lead, *others = choice.families
    gates = tuple(dict.fromkeys(family.gate for family in choice.families))
    criteria = stricter(c for gate in gates for c in gate_criteria(gate, situation, choice.ids) or ())
    running = plan_running(
        plans.programmes[lead.programme],
        plans,
        situation.goals,
        gate_state=states(criteria, situation),
        cleared=bool(situation.goals.cleared_by),
        current=plan.current,
        measured={measure: known.value for measure, known in situation.measures.items()},
        pain_max_nrs=plan.pain_max_nrs,
        beside=tuple(plans.programmes[family.programme] for family in others),
        kept="none" if plan.current is None else kept_mode(plan.phases, plan.current.number),
    )
    passed = all(gate_open(gate, situation, choice.ids) for gate in gates)
    now = "none" if _rested(plan, lead) and not (running.open and passed) else running.allowed_now
    return replace(running, gate=lead.gate, open=running.open and passed, allowed_now=now)


def _rested(plan: Plan, lead: PlanFamily) -> bool:
    """Whether the family lets easy running go on while its gate is closed, and this runner's leg does not."""
    number = 0 if plan.current is None else plan.current.number
    usual = next((phase.run for phase in reversed(lead.phases[:number]) if phase.run in KEPT_MODES), "none")
    return usual != "none" and kept_mode(plan.phases, number) == "none"


def _with_weeks(plan: Plan, situation: Situation, previous: Plan | None) -> Plan:
    schedule = make_schedule(
        ScheduleRequest(
            starts_on=plan.starts_on,
            goals=situation.goals,
            phases=plan.phases,
            running=plan.running,
            knowledge=situation.kb.plans,
            onset_on=_onset(situation),
            speed_gate_open=gate_open(SHARED_GATES["speed"], situation, (plan.family,) if plan.family else ()),
            previous=() if previous is None else previous.sessions,
            forecasts=plan.forecasts,
        )
    )
    return replace(plan, weeks=schedule.weeks, conflicts=schedule.conflicts, event=schedule.event)


def _onset(situation: Situation) -> date | None:
    """The day of the onset, or the latest that fits when only "at least so many days ago" is known."""
    days = situation.days_since_onset
    if situation.onset_on is not None or days is None or situation.today is None:
        return situation.onset_on
    return situation.today - timedelta(days=days)


def _with_care(plan: Plan, taken: tuple[Step, ...], choice: Choice, situation: Situation) -> Plan:
    """Care, technique and shoes for the phases taken; without a plan only what is safe meanwhile."""
    current = plan.current
    course = Course(
        families=choice.ids,
        phases=tuple(step.phase for step in taken),
        current="" if current is None else current.id,
        then={step.phase.id: step.then for step in taken},
        also=_asked_care(current, choice, situation),
    )
    care, withheld = plan_care(situation, course)
    technique, held = technique_advice(situation, course) if taken else ((), ())
    phases = tuple(
        replace(phase, care=tuple(item.advice.id for item in care if not item.phases or phase.id in item.phases))
        for phase in plan.phases
    )
    withheld = tuple(dict.fromkeys((*withheld, *held)))
    return replace(plan, phases=phases, care=care, care_withheld=withheld, technique=technique)


def _asked_care(current: PlanPhase | None, choice: Choice, situation: Situation) -> tuple[AdviceId, ...]:
    """Items that contributing factors ask for in this phase, and what the cause without a plan allows meanwhile."""
    modules = [
        module
        for module in situation.kb.plans.modules
        if current is not None
        and current.number >= module.from_phase
        and situation.probability([module.factor]) >= module.min_probability
    ]
    meanwhile = () if choice.no_plan is None else choice.no_plan.meanwhile
    return tuple(dict.fromkeys((*meanwhile, *(item for module in modules for item in module.care))))


def _vetoes(chosen: Iterable[Chosen]) -> tuple[Veto, ...]:
    """Every veto once, by item and codes."""
    return tuple(dict.fromkeys(veto for part in chosen for veto in part.vetoed))


def _once(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Each message once, in order (messages are not hashable)."""
    kept: list[Message] = []
    for item in messages:
        kept += [] if item in kept else [item]
    return tuple(kept)


def _to_measure(
    taken: tuple[Step, ...], choice: Choice, situation: Situation, *, locked: bool
) -> tuple[MeasureId, ...]:
    """Unknown or old measures that decide the next step, safe to take today, in their order.

    They are those of leaving the current phase and entering the next and, once the next one lets the runner run,
    of the gate. Before a clinician has cleared the leg nobody is sent to hop or raise the heel: a test that could
    ever be unsafe waits.
    """
    current = next(step.number for step in taken if step.current)
    following = taken[current + 1 : current + 2]
    wanted = [*taken[current].exit, *(criterion for step in following for criterion in step.entry)]
    if any(RUNNING[step.run] >= RUNNING["programme"] for step in (taken[current], *following)):
        wanted += [c for family in choice.families for c in gate_criteria(family.gate, situation, choice.ids) or ()]
    definitions = situation.kb.plans.measures
    measures = {criterion.measure for criterion in wanted if criterion.measure in definitions}
    missing = [
        definitions[measure]
        for measure in measures
        if (known := situation.measures.get(measure)) is None or known.stale
    ]
    safe = [
        item
        for item in missing
        if not (locked and item.unsafe_codes) and not vetoed_by(item.unsafe_codes, situation, choice.ids)
    ]
    return tuple(item.id for item in sorted(safe, key=lambda item: (item.order, item.id)))


def _slow(taken: tuple[Step, ...], situation: Situation) -> tuple[Message, ...]:
    """Whom to see when the pain is older than the longest usual way through this phase, unless it is the last."""
    days, current = situation.days_since_onset, next(step.number for step in taken if step.current)
    longest = sum(step.phase.expected_days[2] for step in taken[: current + 1])
    late = days is not None and days > longest and current + 1 < len(taken)
    return (message("plan.see.slow"),) if late else ()


def _assumed(situation: Situation) -> tuple[Message, ...]:
    """What the plan takes for granted because nobody said it."""
    goals = situation.goals
    told = []
    if not goals.days:
        told.append(message("plan.assumed.days", minutes=DEFAULT_DAY_MINUTES))
    if not goals.kit:
        told.append(message("plan.assumed.home_kit"))
    if goals.history is None or goals.history.weekly_km is None:
        told.append(message("plan.assumed.history"))
    if situation.days_since_onset is None:
        told.append(message("plan.assumed.onset"))
    if not goals.measures:
        told.append(message("plan.assumed.measures"))
    return tuple(told)
