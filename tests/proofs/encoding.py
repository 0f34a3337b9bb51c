"""The triage rules as Boolean formulas, translated from the same knowledge base the engine runs on.

Every finding gets Booleans for its state, every expression a pair (certain, possible), every urgency level L a
formula "the disposition is at least L". A model is one complete set of answers, so "unsat" means: for all answers.

* boolean finding: `yes`, `unknown` (never both; neither = no), and `asked` for an unknown that was answered
  with "I don't know", which stops anything from being concluded in its place.
* choice finding: one Boolean per option and `unknown`; several marks may hold at once.
* numeric finding: one Boolean per threshold, ordered by axioms, and `unknown`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import z3

from soleus.core.assessment import Disposition
from soleus.core.expression import Always, AtLeast, Count, Expression, OneOf, Present, iter_atoms
from soleus.core.finding import Finding, FindingSet
from soleus.core.ids import FindingId
from soleus.knowledge.base import FindingDefinition, Kind, KnowledgeBase, RedFlagRule
from soleus.triage.engine import screen_floor

Bool = z3.BoolRef
TRUE, FALSE = z3.BoolVal(True), z3.BoolVal(False)
LEVELS = [level for level in Disposition if level > Disposition.SELF_CARE]


def either(parts: Iterable[Bool]) -> Bool:
    """Or without wrapping constants."""
    kept = [part for part in parts if not z3.is_false(part)]
    if any(z3.is_true(part) for part in kept):
        return TRUE
    return z3.Or(kept) if len(kept) > 1 else (kept[0] if kept else FALSE)


def both(*parts: Bool) -> Bool:
    """And without wrapping constants."""
    kept = [part for part in parts if not z3.is_true(part)]
    if any(z3.is_false(part) for part in kept):
        return FALSE
    return z3.And(kept) if len(kept) > 1 else (kept[0] if kept else TRUE)


def at_least(parts: list[Bool], minimum: int) -> Bool:
    if minimum == 1:
        return either(parts)
    if minimum == len(parts):
        return both(*parts)
    return z3.AtLeast(*parts, minimum)


@dataclass(frozen=True)
class State:
    """The Booleans of one finding. `marks`: "yes", options, or thresholds."""

    unknown: Bool
    asked: Bool
    marks: Mapping[str, Bool]

    @property
    def axioms(self) -> list[Bool]:
        return [z3.Implies(self.asked, self.unknown), *[z3.Not(z3.And(self.unknown, m)) for m in self.marks.values()]]


@dataclass
class Encoding:
    """One complete set of answers, as variables named with `suffix` (two sets can be compared in one query)."""

    kb: KnowledgeBase
    suffix: str = ""
    states: dict[FindingId, State] = field(default_factory=dict)
    axioms: list[Bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        thresholds: dict[FindingId, set[float]] = {}
        for expression in _expressions(self.kb):
            for atom in iter_atoms(expression):
                if isinstance(atom, AtLeast):
                    thresholds.setdefault(atom.finding, set()).add(atom.threshold)
        for finding_id, definition in self.kb.findings.items():
            self._add(definition, sorted(thresholds.get(finding_id, ())))
        self._cache: dict[tuple[int, str], Bool] = {}
        self._keep: list[Expression] = []

    def _add(self, definition: FindingDefinition, thresholds: list[float]) -> None:
        names = {
            Kind.BOOLEAN: ["yes"],
            Kind.CHOICE: list(definition.options),
            Kind.INTEGER: [f">={t:g}" for t in thresholds],
            Kind.NUMBER: [f">={t:g}" for t in thresholds],
        }[definition.kind]
        label = f"{definition.id}{self.suffix}"
        state = State(
            unknown=z3.Bool(f"{label}?"),
            asked=z3.Bool(f"{label}!"),
            marks={name: z3.Bool(f"{label}={name}") for name in names},
        )
        self.states[definition.id] = state
        self.axioms += state.axioms
        marks = list(state.marks.values())
        if definition.kind is Kind.CHOICE:
            self.axioms.append(either([state.unknown, *marks]))
        if definition.kind in (Kind.INTEGER, Kind.NUMBER):
            self.axioms += [z3.Implies(high, low) for low, high in pairwise(marks)]

    # --- findings -------------------------------------------------------------------------------------------

    def yes(self, finding_id: FindingId | str) -> Bool:
        """The boolean finding is stated present."""
        return self.states[FindingId(finding_id)].marks["yes"]

    def unknown(self, finding_id: FindingId | str) -> Bool:
        """No usable answer was given."""
        return self.states[FindingId(finding_id)].unknown

    def no(self, finding_id: FindingId | str) -> Bool:
        state = self.states[FindingId(finding_id)]
        return z3.Not(z3.Or(state.unknown, *state.marks.values()))

    def open(self, definition: FindingDefinition) -> Bool:
        """Unknown, and not absent by what else was said (`Answers.answer` is None)."""
        state = self.states[definition.id]
        if definition.critical_screen:
            return state.unknown
        implied = [self.yes(other.id) for other in self.kb.findings.values() if definition.id in other.implies_absent]
        if definition.ask_if is not None:
            implied.append(z3.Not(self._stated_possible(definition.ask_if)))
        if not implied:
            return state.unknown
        return both(state.unknown, either([state.asked, z3.Not(either(implied))]))

    def _stated_possible(self, expression: Expression) -> Bool:
        if isinstance(expression, Always):
            return TRUE
        if isinstance(expression, Count):
            return at_least([self._stated_possible(part) for part in expression.parts], expression.minimum)
        return either([self.states[expression.finding].unknown, self._certain_atom(expression)])

    def _certain_atom(self, atom: Present | OneOf | AtLeast) -> Bool:
        marks = self.states[atom.finding].marks
        if isinstance(atom, Present):
            return marks["yes"]
        if isinstance(atom, OneOf):
            return either(marks[option] for option in sorted(atom.options))
        return marks[f">={atom.threshold:g}"]

    # --- expressions ----------------------------------------------------------------------------------------

    def certain(self, expression: Expression) -> Bool:
        """Kleene value true."""
        return self._memo(expression, "certain")

    def possible(self, expression: Expression) -> Bool:
        """Kleene value not false."""
        return self._memo(expression, "possible")

    def within_reach(self, expression: Expression) -> Bool:
        """Not false, when what only an examination can tell counts as absent while unknown."""
        return self._memo(expression, "within_reach")

    def supported(self, expression: Expression) -> Bool:
        """Some atom is known true in a part that can still become true."""
        return self._memo(expression, "supported")

    def _memo(self, expression: Expression, what: str) -> Bool:
        key = (id(expression), what)
        if key not in self._cache:
            self._keep.append(expression)  # ids stay unique while the object lives
            self._cache[key] = self._build(expression, what)
        return self._cache[key]

    def _build(self, expression: Expression, what: str) -> Bool:
        if isinstance(expression, Always):
            return FALSE if what == "supported" else TRUE
        if isinstance(expression, Count):
            parts = [self._memo(part, what) for part in expression.parts]
            if what == "supported":
                return both(self.within_reach(expression), either(parts))
            return at_least(parts, expression.minimum)
        certain = self._certain_atom(expression)
        definition = self.kb.findings[expression.finding]
        if what in ("certain", "supported"):
            return certain
        if what == "within_reach" and "runner" not in definition.asked_of:
            return certain
        return either([self.open(definition), certain])

    # --- triage ---------------------------------------------------------------------------------------------

    def fired(self, rule: RedFlagRule) -> Bool:
        return self.certain(rule.when)

    def in_play(self, rule: RedFlagRule) -> Bool:
        """Fired, or undetermined with support: what holds advice back."""
        return either([self.fired(rule), self.supported(rule.when)])

    def adds(self, rule: RedFlagRule, level: Disposition) -> Bool:
        """The rule contributes at least this level."""
        if isinstance(rule.when, Always):
            return FALSE
        ways: list[Bool] = [self.fired(rule)] if rule.disposition >= level else []
        if rule.suspect_when is not None and min(rule.suspect_disposition or 0, rule.disposition) >= level:
            ways.append(both(self.within_reach(rule.when), self.certain(rule.suspect_when)))
        if rule.disposition >= Disposition.GP_ROUTINE and level <= Disposition.PHYSIO:
            ways.append(self.supported(rule.when))
        return either(ways)

    def at_least(self, level: Disposition) -> Bool:
        """The disposition of triage is at least this level."""
        if level is Disposition.SELF_CARE:
            return TRUE
        rules = [self.adds(rule, level) for rule in self.kb.rules]
        floors = [
            self.open(definition)
            for definition in self.kb.findings.values()
            if (floor := screen_floor(definition)) is not None and floor >= level
        ]
        return either([*rules, *floors])


def _expressions(kb: KnowledgeBase) -> list[Expression]:
    found: list[Expression] = [rule.when for rule in kb.rules]
    found += [rule.suspect_when for rule in kb.rules if rule.suspect_when is not None]
    for definition in kb.findings.values():
        found += [e for e in (definition.ask_if, definition.unsafe_if) if e is not None]
    for adjunct in kb.adjuncts:
        found += [e for e in (adjunct.only_if, adjunct.never_if) if e is not None]
    return found


REASSURING = frozenset({FindingId("no_medical_problems")})
"""Booleans whose "yes" is good news: left out of the order "no < unknown < yes"."""


def no_better(low: Encoding, high: Encoding) -> list[Bool]:
    """Axioms: every ordered finding is at least as bad in `high`; the others are the same in both.

    no < unknown, not asked < unknown, "I don't know" < yes; a higher number is worse.
    """
    axioms: list[Bool] = []
    for finding_id, definition in low.kb.findings.items():
        a, b = low.states[finding_id], high.states[finding_id]
        same = definition.kind is Kind.CHOICE or finding_id in REASSURING
        pairs = list(zip(a.marks.values(), b.marks.values(), strict=True))
        if same:
            axioms += [a.unknown == b.unknown, a.asked == b.asked, *[x == y for x, y in pairs]]
        elif definition.kind is Kind.BOOLEAN:
            yes_a, yes_b = pairs[0]
            axioms += [
                z3.Implies(yes_a, yes_b),
                z3.Implies(a.unknown, z3.Or(b.unknown, yes_b)),
                z3.Implies(a.asked, z3.Or(b.asked, yes_b)),
            ]
        else:
            for x, y in pairs:  # known numbers compare; an unknown one may stand for any
                axioms.append(z3.Implies(x, y))
            worst = pairs[-1][1] if pairs else FALSE
            axioms += [
                z3.Implies(a.unknown, z3.Or(b.unknown, worst)),
                z3.Implies(a.asked, z3.Or(b.asked, worst)),
            ]
    return axioms


def solver(*axioms: Bool) -> z3.Solver:
    made = z3.SolverFor("QF_FD")
    made.add(*axioms)
    return made


def proves(axioms: Iterable[Bool], claim: Bool) -> bool:
    """The claim holds in every model of the axioms."""
    made = solver(*axioms)
    made.add(z3.Not(claim))
    verdict = made.check()
    if verdict == z3.unknown:
        raise AssertionError(f"z3 gave up: {made.reason_unknown()}")
    return verdict == z3.unsat


def counterexample(encoding: Encoding, *violation: Bool) -> dict[FindingId, str] | None:
    """The smallest set of answers that breaks a claim, everything else answered "no"; None when there is none."""
    telling = {
        (atom.finding, option)
        for rule in encoding.kb.rules
        for atom in iter_atoms(rule.when)
        if isinstance(atom, OneOf)
        for option in atom.options
    }
    optimizer = z3.Optimize()
    optimizer.add(*encoding.axioms, *violation)
    for state in encoding.states.values():
        optimizer.add_soft(z3.Not(state.unknown), 2)
        optimizer.add_soft(z3.Not(state.asked), 1)
    for finding_id, state in encoding.states.items():
        choice = encoding.kb.findings[finding_id].kind is Kind.CHOICE
        for name, mark in state.marks.items():
            if not choice or (finding_id, name) in telling:
                optimizer.add_soft(z3.Not(mark), 1 if choice else 2)
    if optimizer.check() != z3.sat:
        return None
    model = optimizer.model()
    found: dict[FindingId, str] = {}
    fixed: dict[FindingId, Bool] = {}
    for finding_id, state in encoding.states.items():
        variables = [state.unknown, state.asked, *state.marks.values()]
        fixed[finding_id] = z3.And([v == model.eval(v, model_completion=True) for v in variables])
        neutral = encoding.kb.findings[finding_id].kind is Kind.CHOICE
        marks = [name for name, mark in state.marks.items() if z3.is_true(model.eval(mark))]
        marks = [name for name in marks if not neutral or (finding_id, name) in telling]
        if z3.is_true(model.eval(state.unknown)):
            found[finding_id] = "unknown"
        elif marks:
            found[finding_id] = ", ".join(marks)
    for finding_id in [name for name in found if encoding.kb.findings[name].kind is Kind.CHOICE]:
        held = fixed.pop(finding_id)
        if proves([*encoding.axioms, *fixed.values()], z3.And(violation)):
            del found[finding_id]  # whatever is chosen there, the claim stays broken
        else:
            fixed[finding_id] = held
    return found


def variables_of(formula: z3.ExprRef) -> set[str]:
    """Names of the variables in a formula; each shared part is visited once."""
    names: set[str] = set()
    seen: set[int] = set()
    waiting = [formula]
    while waiting:
        part = waiting.pop()
        if part.get_id() in seen:
            continue
        seen.add(part.get_id())
        if part.num_args() == 0 and part.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            names.add(str(part))
        waiting += part.children()
    return names


def in_words(kb: KnowledgeBase, answers: Mapping[FindingId, str]) -> str:
    """A counterexample as a clinician would read it."""
    lines = []
    for finding_id, value in answers.items():
        name = kb.text.get(f"finding.{finding_id}.short", str(finding_id))
        lines.append(f"{name} ({finding_id}): {value}")
    return "; ".join(lines) or "every answer no"


def as_findings(encoding: Encoding, model: z3.ModelRef) -> FindingSet:
    """The answers of a model, to run the engine on."""
    found: list[Finding] = []
    for finding_id, state in encoding.states.items():
        definition = encoding.kb.findings[finding_id]
        if z3.is_true(model.eval(state.unknown, model_completion=True)):
            if z3.is_true(model.eval(state.asked, model_completion=True)):
                found.append(Finding(id=finding_id, value=None))
            continue
        marks = [n for n, m in state.marks.items() if z3.is_true(model.eval(m, model_completion=True))]
        if definition.kind is Kind.BOOLEAN:
            found.append(Finding(id=finding_id, value=bool(marks)))
        elif definition.kind is Kind.CHOICE:
            found.append(Finding(id=finding_id, value=frozenset(marks)))
        else:
            found.append(Finding(id=finding_id, value=max((float(m[2:]) for m in marks), default=-1.0)))
    return FindingSet(found)
