"""The exercises of one phase: what the family and the contributing factors ask for, in the kit there is, dosed, and
then cleared by every veto, easier and harder versions and cross training included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

from soleus.core.goals import HOME_KIT
from soleus.core.ids import ConditionId, ExerciseId, FamilyId, MeasureId
from soleus.core.message import Message
from soleus.core.plan import Criterion, CriterionState, Prescription, Veto
from soleus.knowledge.plan_base import Exercise, PhaseExercise
from soleus.planning.contraindications import Bar, as_veto, bars, gate_criteria, gate_ids
from soleus.planning.dosage import place_of, prescribe
from soleus.planning.measures import CLINICIAN_CLEAR, DAYS_SINCE_ONSET, criterion_state, known_measures
from soleus.planning.phases import Step
from soleus.planning.select import message
from soleus.planning.situation import Situation

STAGE = MeasureId("rtr_stage")
DRILL = "running_drill"
IMPACT = {"none": 0, "low": 1, "moderate": 2, "high": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What holds for every exercise of a plan."""

    situation: Situation
    """The runner as known today."""
    families: tuple[FamilyId, ...]
    limit_nrs: float
    """Strictest pain limit of all families."""
    limit_joined: bool
    """Whether a competing family lowered it."""
    causes: frozenset[ConditionId]
    """Causes planned for."""
    locked: bool
    """Only what does not load the calf."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The exercises of a phase, those that were taken out, and what could not be done for want of kit."""

    prescriptions: tuple[Prescription, ...]
    vetoed: tuple[Veto, ...]
    cross: tuple[ExerciseId, ...]
    left_out: tuple[Message, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """An exercise asked for, with its reasons so far."""

    item: PhaseExercise
    because: tuple[Message, ...] = field(default=())


def choose_exercises(step: Step, rules: Rules, *, expected_days: float) -> Chosen:
    """All exercises of a phase: wishes → kit → dose → vetoes, in this order. `expected_days`: see `place_of`."""
    wishes = list(_wishes(step, rules))
    fitted, left_out = _in_kit(wishes, step, rules)
    prescriptions, vetoed = [], []
    for wish in fitted:
        exercise = rules.situation.kb.plans.exercises[wish.item.exercise]
        if rules.locked and exercise.loads_calf:
            continue
        dosed = _dosed(wish, exercise, rules, expected_days)
        standing = bars(exercise.contraindications, step.then, rules.families)
        if all(bar.until for bar in standing):
            prescriptions.append(
                _versions(_timed(dosed, _gated(wish.item, exercise), standing, rules), exercise, step, rules)
            )
        else:
            vetoed.append(as_veto(exercise.id, standing))
    cross, against = _cross(step, rules)
    return Chosen(prescriptions=tuple(prescriptions), vetoed=(*vetoed, *against), cross=cross, left_out=tuple(left_out))


# --- wishes ------------------------------------------------------------------------------------------------------
def _wishes(step: Step, rules: Rules) -> Iterator[_Wish]:
    """The phase's exercises, then those that contributing factors add: each once, and none for which the phase has the
    next easier or harder version already."""
    known = rules.situation.kb.plans.exercises
    named = message("plan.why.item.phase", phase=f"phase.{step.phase.text}.name")
    seen: set[ExerciseId] = set()
    for item in _alternatives_settled(step, rules):
        if (item.only_for and not item.only_for & rules.causes) or _pointless(item.exercise, rules.situation):
            continue
        if item.exercise not in seen and item.exercise in known:
            seen.add(item.exercise)
            yield _Wish(item=item, because=(named,))
    for module in rules.situation.kb.plans.modules:
        if step.number < module.from_phase or rules.situation.probability([module.factor]) < module.min_probability:
            continue
        factor = message("plan.why.item.factor", factor=f"condition.{module.factor}.name")
        for item in module.exercises:
            wanted = item.exercise in known and not _pointless(item.exercise, rules.situation)
            if wanted and not _covered(known[item.exercise], seen):
                seen.add(item.exercise)
                yield _Wish(item=item, because=(factor,))


def _pointless(exercise: ExerciseId, situation: Situation) -> bool:
    """Whether a film shows that there is nothing for this drill to change."""
    known = situation.kb.plans.exercises.get(exercise)
    if known is None or known.film is None or situation.answer(known.film) is True:
        return False
    return known.film in situation.ruled_out


def _covered(exercise: Exercise, seen: set[ExerciseId]) -> bool:
    return bool(seen & {exercise.id, *exercise.progresses_to, *exercise.regresses_to})


def _alternatives_settled(step: Step, rules: Rules) -> list[PhaseExercise]:
    """Either the ordinary exercises or the choice in their place: the choice when each of the ordinary ones was tried
    in vain, lacks kit or is vetoed, and none of this holds of it. Optional exercises tried in vain are left out."""
    tried, items = rules.situation.goals.tried, step.phase.exercises
    dropped: set[ExerciseId] = set()
    for item in items:
        if item.instead_of:
            take = _can_do(item.exercise, step, rules) and not any(_can_do(e, step, rules) for e in item.instead_of)
            dropped.update(item.instead_of if take else [item.exercise])
    return [item for item in items if item.exercise not in dropped and not (item.optional and item.exercise in tried)]


def _can_do(exercise: ExerciseId, step: Step, rules: Rules) -> bool:
    """Whether an exercise is new to the runner, in their kit, and not vetoed for good."""
    if exercise in rules.situation.goals.tried or not has_kit(exercise, rules.situation):
        return False
    codes = rules.situation.kb.plans.exercises[exercise].contraindications
    return all(bar.until for bar in bars(codes, step.then, rules.families))


# --- kit ---------------------------------------------------------------------------------------------------------
def has_kit(exercise: ExerciseId, situation: Situation) -> bool:
    """Whether one of the exercise's sets of kit is at hand; what every home has counts as at hand."""
    known = situation.kb.plans.exercises.get(exercise)
    if known is None:
        return False
    at_hand = HOME_KIT | situation.goals.kit
    return not known.kit or any(needed <= at_hand for needed in known.kit)


def _in_kit(wishes: list[_Wish], step: Step, rules: Rules) -> tuple[list[_Wish], list[Message]]:
    """The wishes that the kit allows; another one gives way to an easier exercise for the same part, or is left out
    where there is none or the phase has the next version anyway."""
    taken = {wish.item.exercise for wish in wishes}
    at_hand = {exercise for exercise in taken if has_kit(exercise, rules.situation)}
    fitted, left_out = [], []
    for wish in wishes:
        exercise = wish.item.exercise
        if has_kit(exercise, rules.situation):
            fitted.append(wish)
            continue
        covered = _covered(rules.situation.kb.plans.exercises[exercise], at_hand)
        other = None if covered else _substitute(exercise, taken, step, rules)
        if other is None:
            text = "plan.assumed.kit_covered" if covered else "plan.assumed.kit"
            left_out.append(message(text, exercise=f"exercise.{exercise}.name"))
            continue
        taken.add(other.id)
        why = message("plan.why.item.kit", exercise=f"exercise.{exercise}.name")
        fitted.append(_Wish(item=_like(wish.item, other), because=(*wish.because, why)))
    return fitted, left_out


def _substitute(exercise: ExerciseId, taken: set[ExerciseId], step: Step, rules: Rules) -> Exercise | None:
    """The nearest easier exercise, else a harder one of no more load, for a shared target and past every veto."""
    known = rules.situation.kb.plans.exercises
    wanted = known[exercise]
    for candidate in _lines(exercise, rules.situation):
        other = known[candidate]
        if (
            candidate not in taken | rules.situation.goals.tried
            and set(other.targets) & set(wanted.targets)
            and other.load_tier <= wanted.load_tier
            and IMPACT[other.impact] <= IMPACT[wanted.impact]
            and has_kit(candidate, rules.situation)
            and not bars(other.contraindications, step.then, rules.families)
        ):
            return other
    return None


def _lines(exercise: ExerciseId, situation: Situation) -> Iterator[ExerciseId]:
    """Every exercise down the regressions, nearest first, then the direct progressions."""
    known = situation.kb.plans.exercises
    seen, ring = {exercise}, [exercise]
    while ring:
        ring = [e for now in ring for e in known[now].regresses_to if e in known and e not in seen]
        ring = list(dict.fromkeys(ring))
        seen.update(ring)
        yield from ring
    yield from (e for e in known[exercise].progresses_to if e in known and e not in seen)


def _like(item: PhaseExercise, other: Exercise) -> PhaseExercise:
    """The phase's dose for another exercise: only the parts that the other one has."""
    dose = other.dose
    return replace(
        item,
        exercise=other.id,
        sets=item.sets if dose.sets else None,
        reps=item.reps if dose.reps else None,
        hold_s=item.hold_s if dose.hold_s else None,
        duration_min=item.duration_min if dose.duration_min else None,
        work_s=item.work_s if dose.work_s else None,
        distance_m=item.distance_m if dose.distance_m else None,
        contacts=item.contacts if dose.contacts else None,
        load="",
    )


# --- dose, start and versions ------------------------------------------------------------------------------------
def _dosed(wish: _Wish, exercise: Exercise, rules: Rules, expected_days: float) -> Prescription:
    place = place_of(exercise, rules.limit_nrs, expected_days, rules.situation)
    dosed = prescribe(wish.item, exercise, place, limit_nrs=rules.limit_nrs)
    because = list(wish.because)
    if place.held_by != "none" and dosed != prescribe(
        wish.item, exercise, replace(place, share=1.0), limit_nrs=rules.limit_nrs
    ):
        because.append(message(f"plan.why.dose.{place.held_by}"))
    if rules.limit_joined:
        because.append(message("plan.why.item.limit", limit=rules.limit_nrs))
    if exercise.id in rules.situation.goals.tried:
        because.append(message("plan.why.item.tried"))
    if wish.item.note:
        because.append(message(wish.item.note))
    return replace(dosed, because=tuple(because))


def _timed(dosed: Prescription, item: PhaseExercise, standing: Iterable[Bar], rules: Rules) -> Prescription:
    """With everything that must hold before it is added: the phase's own criteria, gates, and what lifts a veto.

    Days since the onset become the start day when the onset is known.
    """
    situation = rules.situation
    criteria = [*item.start_when, *(criterion for bar in standing for criterion in bar.until)]
    if item.start_stage:
        criteria.append(Criterion(measure=STAGE, op=">=", value=item.start_stage))
    start_day, left = item.start_day, []
    for criterion in dict.fromkeys(criteria):
        if criterion.measure == DAYS_SINCE_ONSET and criterion.op == ">=" and situation.days_since_onset is not None:
            start_day = max(start_day, int(criterion.value))
        else:
            left.append(criterion)
    states = [criterion_state(criterion, situation) for criterion in left]
    states += _gate_states(item, rules)
    gates = gate_ids(item.start_gate, situation, rules.families) if item.start_gate else ()
    gates += tuple(gate for bar in standing for gate in bar.gates)
    return replace(
        dosed,
        start_day=start_day,
        start_when=tuple(dict.fromkeys(states)),
        start_gate=gates[0] if gates else "",
    )


def _gated(item: PhaseExercise, exercise: Exercise) -> PhaseExercise:
    """A running drill is running: without a gate of its own it waits for the running gate."""
    return replace(item, start_gate="run") if exercise.kind == DRILL and not item.start_gate else item


def _gate_states(item: PhaseExercise, rules: Rules) -> list[CriterionState]:
    """The criteria of the gate that the phase names; "a week after" counts what was known so many weeks ago."""
    if not item.start_gate:
        return []
    now = rules.situation
    if item.start_weeks_after_gate and now.today is not None:
        then = now.today - timedelta(weeks=item.start_weeks_after_gate)
        now = replace(now, measures=known_measures(now.evidence, now.goals, now.onset_on, then, now.kb))
    criteria: list[Criterion] = []
    for gate in gate_ids(item.start_gate, now, rules.families):
        known = gate_criteria(gate, now, rules.families)
        # A gate that nobody defined can't be passed: a criterion that nothing settles keeps the exercise waiting.
        criteria += [Criterion(measure=MeasureId(gate), op="==", value=True)] if known is None else known
        if known is not None and now.kb.plans.gates[gate].needs_clearance:
            criteria.append(Criterion(measure=CLINICIAN_CLEAR, op="==", value=True))
    return [criterion_state(criterion, now) for criterion in dict.fromkeys(criteria)]


def _versions(dosed: Prescription, exercise: Exercise, step: Step, rules: Rules) -> Prescription:
    """Easier and harder versions that nothing stands against and the kit allows."""
    return replace(
        dosed,
        easier=_allowed(exercise.regresses_to, step, rules),
        harder=_allowed(_no_new_impact(exercise, step, rules), step, rules),
    )


def _no_new_impact(exercise: Exercise, step: Step, rules: Rules) -> Iterator[ExerciseId]:
    """Harder versions without more impact, unless the phase asks for it itself: impact has its own phase."""
    known = rules.situation.kb.plans.exercises
    asked = {item.exercise for item in step.phase.exercises}
    for other in exercise.progresses_to:
        if other in asked or (other in known and IMPACT[known[other].impact] <= IMPACT[exercise.impact]):
            yield other


def _allowed(exercises: Iterable[ExerciseId], step: Step, rules: Rules) -> tuple[ExerciseId, ...]:
    known = rules.situation.kb.plans.exercises
    return tuple(
        e
        for e in exercises
        if e in known
        and has_kit(e, rules.situation)
        and not (rules.locked and known[e].loads_calf)
        and not bars(known[e].contraindications, step.then, rules.families)
    )


def _cross(step: Step, rules: Rules) -> tuple[tuple[ExerciseId, ...], list[Veto]]:
    """Cross training of the phase: from its day on, with the kit at hand, and nothing standing against it."""
    known = rules.situation.kb.plans.exercises
    days = rules.situation.days_since_onset
    late = step.current and step.phase.cross_from_day > 0 and (days is None or days < step.phase.cross_from_day)
    allowed, against = [], []
    for exercise in () if late else step.phase.cross:
        if exercise not in known or not has_kit(exercise, rules.situation):
            continue
        if rules.locked and known[exercise].loads_calf:
            continue
        standing = bars(known[exercise].contraindications, step.then, rules.families)
        if standing:
            against.append(as_veto(exercise, standing))
        else:
            allowed.append(exercise)
    return tuple(allowed), against
