"""Reasons against an exercise, looked up last and over everything: what applies, or may apply, vetoes.

A contraindication applies when a fact, an expression, an open triage rule, a cause or a family of the plan points to
it; an unknown fact or expression counts as applying. It is lifted only when every `until` criterion and the gate
certainly hold and, where one must, a clinician has cleared it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from soleus.core.expression import Truth, evaluate
from soleus.core.ids import ExerciseId, FamilyId
from soleus.core.plan import Criterion, Veto
from soleus.knowledge.plan_base import Contraindication
from soleus.planning.facts import is_suspected, open_rules
from soleus.planning.measures import all_met
from soleus.planning.situation import Situation

SHARED_GATES: Mapping[str, str] = {"speed": "speed_gate", "full": "full_return_gate"}
"""Gates that are the same for every family; `run` is the gate of the families of the plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One contraindication that stands against an item now."""

    code: str
    unknown: bool
    """Nothing forbids it for certain."""
    until: tuple[Criterion, ...] = ()
    """What would lift it, when meeting criteria can; empty = nothing the runner can do lifts it."""
    gates: tuple[str, ...] = ()
    """Gates among them, by id."""


def bars(codes: Iterable[str], situation: Situation, families: Iterable[FamilyId]) -> tuple[Bar, ...]:
    """Every contraindication of `codes` that stands for this runner under a plan of `families`.

    A code that the knowledge base does not define stands for good: nothing is known to lift it.
    """
    planned = tuple(families)
    standing = []
    for code in dict.fromkeys(codes):
        contraindication = situation.kb.plans.contraindications.get(code)
        if contraindication is None:
            standing.append(Bar(code=code, unknown=True))
            continue
        applies = _applies(contraindication, situation, planned)
        if applies is not Truth.FALSE:
            bar = _standing(contraindication, applies, situation, planned)
            standing += [] if bar is None else [bar]
    return tuple(standing)


def vetoed_by(codes: Iterable[str], situation: Situation, families: Iterable[FamilyId] = ()) -> tuple[str, ...]:
    """The codes that forbid an item today; empty = allowed."""
    return tuple(bar.code for bar in bars(codes, situation, families))


def veto(exercise: ExerciseId, situation: Situation, families: Iterable[FamilyId]) -> Veto | None:
    """The veto against an exercise today; one that the knowledge base does not hold is vetoed."""
    known = situation.kb.plans.exercises.get(exercise)
    if known is None:
        return Veto(item=exercise, codes=(), unknown=True)
    standing = bars(known.contraindications, situation, families)
    return as_veto(exercise, standing) if standing else None


def as_veto(item: str, standing: Iterable[Bar]) -> Veto:
    """The bars of one item in one veto, the certain ones first; unknown only when none of them is certain."""
    parts = sorted(standing, key=lambda bar: bar.unknown)
    return Veto(item=item, codes=tuple(bar.code for bar in parts), unknown=all(bar.unknown for bar in parts))


def gate_ids(name: str, situation: Situation, families: Iterable[FamilyId]) -> tuple[str, ...]:
    """The gates behind `run | speed | full` or an id: for `run`, that of every family of the plan."""
    if name != "run":
        return (SHARED_GATES.get(name, name),)
    return tuple(dict.fromkeys(situation.kb.plans.families[family].gate for family in families))


def gate_criteria(gate: str, situation: Situation, families: Iterable[FamilyId]) -> tuple[Criterion, ...] | None:
    """The criteria of a gate that apply to any of these families; None when there is no such gate."""
    known = situation.kb.plans.gates.get(gate)
    if known is None:
        return None
    planned = frozenset(families)
    return tuple(
        criterion
        for criterion in known.criteria
        if criterion.measure not in known.only_for or known.only_for[criterion.measure] & planned
    )


def gate_open(gate: str, situation: Situation, families: Iterable[FamilyId]) -> bool:
    """Whether every criterion certainly holds and, where it must be, a clinician has cleared it."""
    criteria = gate_criteria(gate, situation, families)
    if criteria is None or not all_met(criteria, situation):
        return False
    return bool(situation.goals.cleared_by) or not situation.kb.plans.gates[gate].needs_clearance


def _applies(item: Contraindication, situation: Situation, families: tuple[FamilyId, ...]) -> Truth:
    """Kleene "any of": true when one part certainly points to it, unknown when one may."""
    if not (item.facts or item.when or item.tags or item.conditions or item.families):
        return Truth.TRUE
    parts = [_fact(situation.facts.get(fact)) for fact in item.facts]
    if item.when is not None:
        parts.append(evaluate(item.when, situation.answer))
    if item.tags:
        parts.append(Truth.of(situation.triage.failed or _tag_stands(item, situation)))
    if item.conditions and situation.posterior is None:
        parts.append(Truth.UNKNOWN)
    parts += [Truth.of(situation.probability([cause]) >= limit) for cause, limit in item.conditions.items()]
    parts.append(Truth.of(bool(item.families & frozenset(families))))
    return max(parts, key=lambda truth: truth.value)


def _tag_stands(item: Contraindication, situation: Situation) -> bool:
    standing = open_rules(situation.triage, item.tags, situation.kb)
    return any(not item.suspected_only or is_suspected(outcome) for outcome in standing)


def _fact(value: bool | None) -> Truth:
    return Truth.UNKNOWN if value is None else Truth.of(value)


def _standing(
    item: Contraindication, applies: Truth, situation: Situation, families: tuple[FamilyId, ...]
) -> Bar | None:
    """The bar that an applying contraindication is today, None when it is lifted."""
    unknown = applies is Truth.UNKNOWN
    gates = gate_ids(item.until_gate, situation, families) if item.until_gate else ()
    if not (item.until or item.until_gate or item.until_cleared):
        return Bar(code=item.id, unknown=unknown)
    cleared = bool(situation.goals.cleared_by) or not item.until_cleared
    by_gate = bool(gates) and all(gate_open(gate, situation, families) for gate in gates) if item.until_gate else True
    if cleared and by_gate and all_met(item.until, situation):
        return None
    reachable = cleared and (bool(gates) or not item.until_gate) and not _needs_clearance(gates, situation)
    criteria = [gate_criteria(gate, situation, families) for gate in gates]
    if not reachable or None in criteria:
        return Bar(code=item.id, unknown=unknown)
    needed = dict.fromkeys((*item.until, *(c for part in criteria for c in part or ())))
    return Bar(code=item.id, unknown=unknown, until=tuple(needed), gates=gates)


def _needs_clearance(gates: Iterable[str], situation: Situation) -> bool:
    """Whether one of the gates waits for a clinician who has not cleared the runner."""
    known = [situation.kb.plans.gates[gate] for gate in gates if gate in situation.kb.plans.gates]
    return not situation.goals.cleared_by and any(gate.needs_clearance for gate in known)
