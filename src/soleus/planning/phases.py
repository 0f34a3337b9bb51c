"""The phases of a plan that is safe for several families: which one is current, and the stricter rule of each.

The leading family gives the phases. A competing family adds, to every phase that lets the runner run, the criteria
that it asks for that much running itself; its exit criteria follow from that, because leaving a phase means entering
the next one. The first phase is entered without criteria: it allows no more running than each competing family allows
in its own phase of today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from soleus.core.expression import Truth
from soleus.core.ids import MeasureId
from soleus.core.plan import Criterion, CriterionState, Plan
from soleus.knowledge.plan_base import FamilyPhase, PlanFamily
from soleus.planning.dosage import worst_pain
from soleus.planning.measures import all_met, criterion_state, criterion_target, held_apart, pain_measure
from soleus.planning.situation import Known, Situation

RUNNING: Mapping[str, int] = {"none": 0, "within_pain": 1, "half": 2, "programme": 3, "full": 4}
"""How much running a phase allows, in order."""
EASY = ("within_pain", "half")
LIMP = MeasureId("limp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One phase of the leading family under the rules of all families."""

    number: int
    """From 0."""
    phase: FamilyPhase
    entry: tuple[Criterion, ...]
    exit: tuple[Criterion, ...]
    run: str
    stop_signs: tuple[str, ...]
    reached: bool
    current: bool
    then: Situation
    """The runner as known today; of a later phase, as they will be at least when they enter it."""


def steps(families: tuple[PlanFamily, ...], situation: Situation, previous: Plan | None = None) -> tuple[Step, ...]:
    """Every phase of the leading family, the current one marked.

    Current is the highest phase whose entry criteria, and those of all phases before, certainly hold. A revision moves
    on from the phase of the plan before only when that phase's exit criteria held on two days (`held_apart`), one
    phase at a time; it falls back as soon as an entry criterion no longer certainly holds.
    """
    lead, *others = families
    entries = [_entry(phase, others) for phase in lead.phases]
    exits = [stricter((*phase.exit, *_added(entries, number + 1, lead))) for number, phase in enumerate(lead.phases)]
    current = current_number(entries, situation)
    current = min(current, _furthest(lead, exits, situation, previous))
    stops = tuple(dict.fromkeys(sign for family in others for phase in family.phases for sign in phase.stop_signs))
    result, then = [], situation
    for number, phase in enumerate(lead.phases):
        if number > current:
            then = as_met(then, (*exits[number - 1], *entries[number]))
        result.append(
            Step(
                number=number,
                phase=phase,
                entry=entries[number],
                exit=exits[number],
                run=_run_of(number, current, families, situation),
                stop_signs=tuple(dict.fromkeys((*phase.stop_signs, *stops))),
                reached=number <= current,
                current=number == current,
                then=then,
            )
        )
    return tuple(result)


def current_number(entries: Iterable[tuple[Criterion, ...]], situation: Situation) -> int:
    """The highest phase whose criteria and those of all before certainly hold; the first phase needs none."""
    reached = 0
    for number, criteria in enumerate(entries):
        if number and not all_met(criteria, situation):
            break
        reached = number
    return reached


def states(criteria: Iterable[Criterion], situation: Situation) -> tuple[CriterionState, ...]:
    return tuple(criterion_state(criterion, situation) for criterion in criteria)


def stricter(criteria: Iterable[Criterion]) -> tuple[Criterion, ...]:
    """The criteria without those that another one on the same measure implies."""
    kept: list[Criterion] = []
    for criterion in criteria:
        if any(_implies(other, criterion) for other in kept):
            continue
        kept = [other for other in kept if not _implies(criterion, other)] + [criterion]
    return tuple(kept)


def _implies(strong: Criterion, weak: Criterion) -> bool:
    """Whether meeting `strong` surely meets `weak`; with different norms or pain limits nothing is assumed."""
    if (strong.measure, strong.op, strong.norm) != (weak.measure, weak.op, weak.norm):
        return False
    painless = weak.pain_max is None or (strong.pain_max is not None and strong.pain_max <= weak.pain_max)
    if strong.op == "==":
        return painless and strong.value == weak.value
    harder = strong.value >= weak.value if strong.op == ">=" else strong.value <= weak.value
    return painless and harder


def as_met(situation: Situation, criteria: Iterable[Criterion]) -> Situation:
    """The situation of someone who has just met these criteria: what is known and good enough stays as it is."""
    known = dict(situation.measures)
    for criterion in criteria:
        state = criterion_state(criterion, replace(situation, measures=known))
        if state.truth is not Truth.TRUE:
            old = known.get(criterion.measure)
            keep = old is not None and _enough(criterion, old, situation)
            value = old.value if keep and old is not None else criterion_target(criterion, situation)
            pains = [pain for pain in (criterion.pain_max, old.pain_nrs if old else None) if pain is not None]
            known[criterion.measure] = Known(value=value, pain_nrs=min(pains, default=None), source="expected")
            during = pain_measure(criterion.measure)  # a test that is met did not hurt more than it may
            hurt = known.get(during)
            if criterion.pain_max is not None and hurt is not None:
                known[during] = replace(hurt, value=min(float(hurt.value), criterion.pain_max), source="expected")
    return replace(situation, measures=known)


def _enough(criterion: Criterion, known: Known, situation: Situation) -> bool:
    """Whether only the pain during the test stands against the criterion."""
    alone = replace(situation, measures={MeasureId(criterion.measure): known})
    return criterion_state(replace(criterion, pain_max=None), alone).truth is Truth.TRUE


def _entry(phase: FamilyPhase, others: Iterable[PlanFamily]) -> tuple[Criterion, ...]:
    """The phase's own criteria and those of each other family for as much running."""
    level = RUNNING[_allowed(phase.run, others)]
    joined = list(phase.entry)
    for family in others:
        wanted = next((number for number, other in enumerate(family.phases) if RUNNING[other.run] >= level), 0)
        joined += [criterion for other in family.phases[1 : wanted + 1] for criterion in other.entry]
    return stricter(joined)


def _allowed(run: str, others: Iterable[PlanFamily]) -> str:
    """The least running among this phase and the most that each other family ever allows."""
    most = [max((phase.run for phase in family.phases), key=RUNNING.__getitem__) for family in others]
    return min((run, *most), key=RUNNING.__getitem__)


def _run_of(number: int, current: int, families: tuple[PlanFamily, ...], situation: Situation) -> str:
    """How much running a phase allows. No gate guards easy running: up to the current phase it rests with pain above
    the limit of any family, with pain that nobody told, and with a limp."""
    lead, *others = families
    run = lead.phases[number].run
    run = _allowed(run, others) if number else _allowed_today(run, others, situation)
    if number > current or run not in EASY:
        return run
    pain, limit = worst_pain(situation), min(family.pain_limit_nrs for family in families)
    return run if pain is not None and pain <= limit and situation.value(LIMP) is not True else "none"


def _allowed_today(run: str, others: Iterable[PlanFamily], situation: Situation) -> str:
    """The least running among this phase and the phase that each other family would have the runner in."""
    own = [family.phases[current_number((p.entry for p in family.phases), situation)].run for family in others]
    return min((run, *own), key=RUNNING.__getitem__)


def _added(entries: list[tuple[Criterion, ...]], number: int, lead: PlanFamily) -> tuple[Criterion, ...]:
    """What other families add to the entry of the next phase: it belongs to leaving this one too."""
    if number >= len(entries):
        return ()
    own = lead.phases[number].entry
    return tuple(criterion for criterion in entries[number] if criterion not in own)


def _furthest(lead: PlanFamily, exits: list[tuple[Criterion, ...]], situation: Situation, previous: Plan | None) -> int:
    """The last phase that a revision may be in; without a plan before, or under another family, any."""
    last = len(lead.phases) - 1
    before = None if previous is None or previous.family != lead.id else previous.current
    if before is None:
        return last
    number = next((i for i, phase in enumerate(lead.phases) if phase.id == before.id), last)
    return min(last, number + 1) if held_apart(exits[number], situation) else number
