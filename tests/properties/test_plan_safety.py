"""Safety of plans over thousands of generated runners."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from plan_generated import CALM, KB, PLANNED, TODAY, case_of, plan_of, runner, with_answer, with_measure

from soleus.clinic.assess import assess
from soleus.clinic.plan import build_plan, plan_situation
from soleus.core.assessment import Disposition, RuleOutcome, RuleState
from soleus.core.expression import Truth
from soleus.core.ids import ConditionId, MeasureId
from soleus.core.plan import Plan, PlanPhase, PlanStatus, Prescription
from soleus.knowledge.plan_base import PlanFamily
from soleus.planning.contraindications import bars, vetoed_by
from soleus.planning.facts import UNRESOLVED_TAGS, is_suspected
from soleus.planning.measures import criterion_state
from soleus.planning.phases import RUNNING, as_met, current_number, steps
from soleus.planning.prescriptions import has_kit
from soleus.planning.relief import item_vetoes
from soleus.planning.situation import Situation

SEEDS = st.integers(0, 2**40)
QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "phases": [Phase.generate, Phase.target]}
"""A seed can't be shrunk to a simpler runner, so nothing is tried."""
MANY = settings(max_examples=700, **QUIET)  # type: ignore[arg-type]
PAIRS = settings(max_examples=200, **QUIET)  # type: ignore[arg-type]
NIGHT = settings(max_examples=10_000, **QUIET)  # type: ignore[arg-type]
HELD = {PlanStatus.WITHHELD, PlanStatus.NO_SELF_PLAN}
LOAD = {PlanStatus.DRAFT: 2, PlanStatus.LOCKED: 1, PlanStatus.WITHHELD: 0, PlanStatus.NO_SELF_PLAN: 0}
COUNTED = ("reps", "hold_s", "duration_min", "work_s", "distance_m", "contacts")
PAINS = sorted(m.id for m in KB.plans.measures.values() if m.id.endswith("_pain_nrs") or m.id.startswith("pain_"))
ADJUNCTS = {item.id: item for item in KB.adjuncts}
DANGERS = [rule for rule in KB.rules if rule.tags & (UNRESOLVED_TAGS - {"bone"})]


# --- one plan ----------------------------------------------------------------------------------------------------
def check_plan(situation: Situation) -> None:
    """Everything that must hold of any plan."""
    plan = plan_of(situation)
    check_status(plan, situation)
    check_phases(plan)
    for phase in plan.phases:
        check_phase(phase, plan, situation)
    check_care(plan, situation)
    check_running(plan, situation)


def check_status(plan: Plan, situation: Situation) -> None:
    red = {rule.id for rule in DANGERS}
    danger = any(is_suspected(outcome) and outcome.id in red for outcome in situation.triage.rules)
    open_question = any(floor >= Disposition.GP_ROUTINE for _, floor in situation.triage.unanswered)
    if danger or open_question or situation.disposition >= Disposition.SAME_DAY or situation.posterior is None:
        assert plan.status is PlanStatus.WITHHELD
    if plan.status in HELD:
        assert (plan.phases, plan.weeks, plan.running, plan.forecasts) == ((), (), None, ())
        assert plan.see
    assert plan.why
    assert plan.disposition >= situation.disposition
    if plan.status is PlanStatus.DRAFT and not situation.goals.cleared_by:
        families = [KB.plans.families[family] for family in (plan.family, *plan.also_safe_for) if family]
        assert not any(family.needs_clearance for family in families)
        assert "u18" not in situation.ages
        assert situation.ages


def check_phases(plan: Plan) -> None:
    assert [phase.number for phase in plan.phases] == list(range(len(plan.phases)))
    assert sum(phase.current for phase in plan.phases) == (0 if plan.status in HELD else 1)
    reached = [phase.reached for phase in plan.phases]
    assert reached == sorted(reached, reverse=True)
    for phase in plan.phases:
        if phase.reached and phase.number:
            assert all(state.truth is Truth.TRUE for state in phase.entry)


def check_phase(phase: PlanPhase, plan: Plan, situation: Situation) -> None:
    families = tuple(family for family in (plan.family, *plan.also_safe_for) if family)
    limit = min(KB.plans.families[family].pain_limit_nrs for family in families)
    names = [item.exercise for item in phase.prescriptions]
    assert len(names) == len(set(names))
    for item in phase.prescriptions:
        check_prescription(item, phase, plan, situation)
        assert item.pain_max_nrs <= limit == plan.pain_max_nrs
        assert not (item.optional and item.exercise in situation.goals.tried)
    for name in (*phase.cross, *(e for item in phase.prescriptions for e in (*item.easier, *item.harder))):
        assert has_kit(name, situation)
        assert plan.status is not PlanStatus.LOCKED or not KB.plans.exercises[name].loads_calf
        if phase.current:
            assert not vetoed_by(KB.plans.exercises[name].contraindications, situation, families)


def check_prescription(item: Prescription, phase: PlanPhase, plan: Plan, situation: Situation) -> None:
    families = tuple(family for family in (plan.family, *plan.also_safe_for) if family)
    exercise = KB.plans.exercises[item.exercise]
    assert item.because
    assert has_kit(item.exercise, situation)
    assert plan.status is not PlanStatus.LOCKED or not exercise.loads_calf
    standing = bars(exercise.contraindications, situation, families)
    if phase.current and item.is_ready(situation.days_since_onset):
        assert not standing, "an exercise for today is vetoed today"
    promised = {state.criterion for state in item.start_when}
    promised |= {state.criterion for earlier in plan.phases[: phase.number + 1] for state in earlier.entry}
    promised |= {state.criterion for earlier in plan.phases[: phase.number] for state in earlier.advance}
    later = as_met(situation, promised)
    for bar in standing:
        assert bar.until, "only what a test or time can lift may wait in the plan"
        for criterion in bar.until:
            if criterion.measure == "days_since_onset" and situation.days_since_onset is not None:
                assert item.start_day >= criterion.value
            else:
                assert criterion_state(criterion, later).truth is Truth.TRUE
    for name in COUNTED:
        value, wide = getattr(item, name), getattr(exercise.dose, name)
        assert value is None or wide is None or wide[0] <= value[0] <= value[1] <= wide[1], (item.exercise, name)
    if item.sets is not None and exercise.dose.sets is not None:
        assert exercise.dose.sets[0] <= item.sets <= exercise.dose.sets[1]
    assert 1 <= item.per_week <= 7
    assert item.minutes > 0


def check_care(plan: Plan, situation: Situation) -> None:
    for item in (*plan.care, *plan.technique):
        assert not item_vetoes(ADJUNCTS[item.advice.id], situation), item.advice.id
    phases = {phase.id for phase in plan.phases}
    assert all(set(item.phases) <= phases for item in plan.care)


def check_running(plan: Plan, situation: Situation) -> None:
    if plan.running is None:
        assert plan.status is not PlanStatus.DRAFT
        return
    if plan.running.open:
        assert all(state.truth is Truth.TRUE for state in plan.running.gate_state)
        gates = {KB.plans.families[f].gate for f in (plan.family, *plan.also_safe_for) if f}
        assert situation.goals.cleared_by or not any(KB.plans.gates[gate].needs_clearance for gate in gates)


@MANY
@given(SEEDS)
def test_every_plan_is_safe(seed: int) -> None:
    check_plan(runner(seed))


@pytest.mark.nightly
@NIGHT
@given(SEEDS)
def test_every_plan_is_safe_all_night(seed: int) -> None:
    check_plan(runner(seed))


# --- two plans ---------------------------------------------------------------------------------------------------
def no_more(after: Plan, before: Plan, situation: Situation, changed: Situation) -> None:
    """The second plan asks for no more than the first: status, phase, running, and every dose of the same phase."""
    assert LOAD[after.status] <= LOAD[before.status]
    if after.family != before.family or after.current is None or before.current is None:
        return
    assert after.current.number <= before.current.number
    if after.running and before.running:
        assert before.running.open or not after.running.open
        assert RUNNING[after.running.allowed_now] <= RUNNING[before.running.allowed_now]
        assert after.running.first_stage <= before.running.first_stage
    for late, early in zip(after.phases, before.phases, strict=False):
        old = {item.exercise: item for item in early.prescriptions}
        for item in late.prescriptions:
            if item.exercise in old:
                smaller(item, old[item.exercise])
            if late.current and item.is_ready(changed.days_since_onset) and item.exercise in old:
                assert old[item.exercise].is_ready(situation.days_since_onset)


def smaller(item: Prescription, old: Prescription) -> None:
    assert (item.sets or 0) <= (old.sets or 0)
    assert item.per_week <= old.per_week
    assert item.bouts_per_day <= old.bouts_per_day
    assert (item.rest_s or 0) >= (old.rest_s or 0)
    assert item.pain_max_nrs <= old.pain_max_nrs
    for name in COUNTED:
        value, before = getattr(item, name), getattr(old, name)
        assert (value is None) == (before is None)
        assert value is None or value[1] <= before[1]
    if item.load is not None and old.load is not None and item.load.text.startswith("plan.load"):
        assert heaviest(item) <= heaviest(old)


def heaviest(item: Prescription) -> float:
    """The top of the load on its own scale; a weight that can be lifted more often is lighter."""
    assert item.load is not None
    if item.load.text.startswith("plan.load.rm"):
        return -float(item.load.params.get("low", item.load.params.get("n", 0)))
    return float(item.load.params.get("high", item.load.params.get("n", 0)))


def check_more_pain(seed: int, pain: str, more: int) -> None:
    situation = runner(seed)
    if pain == "pain_score_now":
        now = situation.evidence.answer("pain_score_now")  # type: ignore[arg-type]
        worse = with_answer(situation, pain, min(10, more + (now if isinstance(now, int) else 0)))
        situation = situation if isinstance(now, int) else with_answer(situation, pain, 0)
    else:
        known = situation.value(pain)
        start = 0.0 if known is None else float(known)
        situation, worse = with_measure(situation, pain, start), with_measure(situation, pain, min(10.0, start + more))
    no_more(plan_of(worse), plan_of(situation), situation, worse)


@PAIRS
@given(SEEDS, st.sampled_from([*PAINS, "pain_score_now"]), st.integers(1, 6))
def test_more_pain_never_asks_for_more(seed: int, pain: str, more: int) -> None:
    check_more_pain(seed, pain, more)


@pytest.mark.nightly
@NIGHT
@given(SEEDS, st.sampled_from([*PAINS, "pain_score_now"]), st.integers(1, 6))
def test_more_pain_never_asks_for_more_all_night(seed: int, pain: str, more: int) -> None:
    check_more_pain(seed, pain, more)


@PAIRS
@given(SEEDS, st.sampled_from(sorted(KB.plans.measures)))
def test_not_knowing_never_asks_for_more_than_the_best_result(seed: int, measure: str) -> None:
    definition = KB.plans.measures[MeasureId(measure)]
    best = definition.better == "higher"
    best_value = best if definition.kind == "boolean" else definition.high if best else definition.low
    situation = with_measure(runner(seed), measure, best_value)
    left = {name: known for name, known in situation.measures.items() if name != measure}
    unknown = replace(situation, measures=left)
    no_more(plan_of(unknown), plan_of(situation), situation, unknown)


@PAIRS
@given(SEEDS, st.sampled_from(DANGERS))
def test_more_danger_never_leaves_a_load(seed: int, rule: object) -> None:
    situation = runner(seed)
    fired = RuleOutcome(id=rule.id, state=RuleState.FIRED, contributes=rule.disposition, because=())  # type: ignore[attr-defined]
    rules = tuple(outcome for outcome in situation.triage.rules if outcome.id != fired.id)
    worse = replace(situation, triage=replace(situation.triage, rules=(*rules, fired)))
    after = plan_of(worse)
    if rule.disposition >= Disposition.GP_ROUTINE:  # type: ignore[attr-defined]
        assert after.status is PlanStatus.WITHHELD
    assert LOAD[after.status] <= LOAD[plan_of(situation).status]


@PAIRS
@given(SEEDS, st.sampled_from(sorted(KB.medicine_facts)))
def test_a_fact_that_turns_true_or_unknown_never_adds_an_exercise_for_today(seed: int, fact: str) -> None:
    drawn = runner(seed)
    situation = replace(drawn, facts={**drawn.facts, fact: False})
    before = plan_of(situation)
    for value in (True, None):
        worse = replace(situation, facts={**situation.facts, fact: value})
        after = plan_of(worse)
        if before.current and after.current:
            ready = [i.exercise for i in after.current.prescriptions if i.is_ready(situation.days_since_onset)]
            known = {item.exercise for item in before.current.prescriptions}
            kit = {item.exercise for item in after.current.prescriptions if _stands_in(item)}
            assert set(ready) <= known | kit


def _stands_in(item: Prescription) -> bool:
    """Whether an exercise takes the place of another for want of kit: a veto may choose another substitute."""
    return any(why.text == "plan.why.item.kit" for why in item.because)


# --- families ----------------------------------------------------------------------------------------------------
@PAIRS
@given(SEEDS, st.lists(st.sampled_from(sorted(KB.plans.families)), min_size=1, max_size=3, unique=True))
def test_every_phase_can_be_reached_in_order(seed: int, names: list[str]) -> None:
    families = sorted((KB.plans.families[name] for name in names), key=_caution)  # type: ignore[index]
    drawn = runner(seed)
    situation = replace(drawn, goals=replace(drawn.goals, cleared_by="physiotherapist"))
    taken = steps(tuple(families), situation)
    assert [step.number for step in taken] == list(range(len(families[0].phases)))
    entries = [step.entry for step in taken]
    then = situation
    for number, step in enumerate(taken):
        then = as_met(then, step.entry)
        assert current_number(entries, then) >= number
    most = [max(RUNNING[phase.run] for phase in family.phases) for family in families]
    assert all(RUNNING[step.run] <= min(most) for step in taken)


def _caution(family: PlanFamily) -> tuple[int, str]:
    return -family.caution, family.id


@pytest.mark.parametrize("cause", [*PLANNED, *sorted(KB.plans.no_self_plan)])
def test_every_cause_gets_a_plan_or_whom_to_see(cause: str) -> None:
    for seed in range(4):
        situation = replace(runner(seed), posterior={ConditionId(cause): 1.0})
        plan = plan_of(situation)
        assert plan.status in {PlanStatus.DRAFT, PlanStatus.LOCKED} or plan.see
    assert KB.conditions[ConditionId(cause)].kind == "diagnosis"


def test_every_diagnosis_has_a_plan_or_says_whom_to_see() -> None:
    assert {condition.id for condition in KB.diagnoses} <= {*PLANNED, *KB.plans.no_self_plan}


@settings(max_examples=25, **QUIET)  # type: ignore[arg-type]
@given(SEEDS)
def test_from_the_answers_to_the_weeks(seed: int) -> None:
    case, goals = case_of(seed)
    assessment = assess(case, KB, TODAY)
    plan = build_plan(case, goals, KB, TODAY, assessment=assessment)
    assert plan.problems == ()
    assert plan.disposition >= assessment.disposition
    if assessment.disposition >= Disposition.SAME_DAY:
        assert plan.status is PlanStatus.WITHHELD
    ready = set() if plan.current is None else {item.exercise for item in plan.current.prescriptions}
    families = tuple(family for family in (plan.family, *plan.also_safe_for) if family)
    situation = plan_situation(case, goals, KB, TODAY, assessment)
    for session in plan.sessions:
        if plan.current and not session.provisional:
            assert set(session.exercises) <= ready | set(plan.current.cross)
            if session.on == TODAY:
                codes = {e: KB.plans.exercises[e].contraindications for e in session.exercises}
                assert not [e for e, against in codes.items() if vetoed_by(against, situation, families)]


@settings(max_examples=40, **QUIET)  # type: ignore[arg-type]
@given(SEEDS)
def test_the_same_runner_gets_the_same_plan(seed: int) -> None:
    assert plan_of(runner(seed)) == plan_of(runner(seed))


def test_runners_of_all_kinds_are_drawn() -> None:
    found = [plan_of(runner(seed)).status for seed in range(150)]
    assert {found.count(status) >= 5 for status in PlanStatus} == {True}
    assert CALM
    assert TODAY
