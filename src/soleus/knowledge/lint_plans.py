"""What plans must hold before a release: the part of `lint` that looks at exercises, families, programmes and gates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING

from soleus.core.expression import Expression
from soleus.core.ids import MeasureId
from soleus.core.plan import Criterion
from soleus.knowledge.base import KnowledgeBase
from soleus.knowledge.files import Fault, Tree
from soleus.knowledge.loader import Path_
from soleus.knowledge.plan_base import FamilyPhase, MeasureDefinition, PlanFamily

if TYPE_CHECKING:
    from soleus.knowledge import schema

PLAN_RULES: dict[str, str] = {
    "KB028": "every exercise, family, gate, measure, stop sign, advice and contraindication that a plan names exists",
    "KB029": "an exercise names at least one contraindication and one stop sign",
    "KB030": "an easier exercise is the inverse of a harder one: each names the other",
    "KB031": "the phases of a family can be reached, in order, by who passes the phase before",
    "KB032": "every diagnosis has a plan family, or says who to see, never less urgently than the cause itself",
    "KB033": "a criterion fits its measure: kind, range and direction",
    "KB034": "every measure is asked for by a phase or gate, and a self-test that loads the leg says when it is unsafe",
    "KB035": "every phase and exercise has a sign that ends in being seen, and every phase one that means a step back",
    "KB036": "a phase prescribes within the dose of the exercise; a programme never asks for less running than before",
    "KB037": "what a clinician must clear is guarded all the way: family, gate and programme",
    "KB038": "every exercise has a picture, and every picture an exercise",
}
NORMED = MeasureId("slhr_reps")
"""The only measure with a norm of age and sex."""
FROM_START = MeasureId("days_since_onset")
SAID_BY_RUNS = frozenset((MeasureId("rtr_stage"),))
"""Measures that the running programme reads, not a criterion."""
DOSE_FIELDS = (
    "sets",
    "reps",
    "hold_s",
    "duration_min",
    "work_s",
    "distance_m",
    "contacts",
    "per_week",
    "bouts_per_day",
)
TEST_UNITS = frozenset(("reps", "contacts", "%"))
"""Units of tests that load the leg; the others are asked."""
PLAIN_PLAN: dict[str, tuple[str, ...]] = {
    "exercise": ("cue", "feel", "start", "end", "easier", "harder", "load"),
    "family": ("plain", "note"),
    "phase": ("goal", "walk", "run"),
    "programme": ("rule",),
    "measure": ("ask", "how"),
    "stop": ("sign", "do"),
    "no_plan": ("see", "meanwhile"),
    "contraindication": ("unknown",),
}
"""Kinds of wording for runners, by the part that follows the name; a number at the end does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found, and whether it fails a release."""

    fault: Fault
    error: bool = True


def plan_findings(tree: Tree, kb: KnowledgeBase) -> Iterator[Finding]:
    """Every check of plans; a knowledge base without plans has nothing to check."""
    if tree.plans or tree.exercises or tree.programmes:
        for check in CHECKS:
            yield from check(tree, kb)


def iter_origins(tree: Tree) -> Iterator[tuple[str, Path_, schema.Origin]]:
    """Every number of the plans that states its origin, with its place."""
    for name, exercise in tree.exercises.items():
        yield f"exercises/{name}.yaml", ("origin",), exercise.origin
    for name, family in tree.plans.items():
        yield f"plans/{name}.yaml", ("origin",), family.origin
    for name, programme in tree.programmes.items():
        yield f"programmes/{name}.yaml", ("origin",), programme.origin
    files = tree.planning
    for name, gate in (files.gates.gates if files.gates else {}).items():
        yield "planning/gates.yaml", ("gates", name, "origin"), gate.origin
    for i, module in enumerate(files.modules.modules if files.modules else []):
        yield "planning/modules.yaml", ("modules", i, "origin"), module.origin
    for name, parameter in (files.parameters.parameters if files.parameters else {}).items():
        yield "planning/parameters.yaml", ("parameters", name), parameter
    if files.measures and files.measures.norm:
        yield "planning/measures.yaml", ("norm",), files.measures.norm
    if files.prognosis:
        for name, prior in files.prognosis.priors.items():
            yield "planning/prognosis.yaml", ("priors", name), prior
        for name, modifier in files.prognosis.modifiers.items():
            yield "planning/prognosis.yaml", ("modifiers", name), modifier
        if files.prognosis.recurrence:
            yield "planning/prognosis.yaml", ("recurrence",), files.prognosis.recurrence


def plan_expressions(kb: KnowledgeBase) -> Iterator[Expression | None]:
    """Every expression of the plans, so that its findings count as used."""
    for measure in kb.plans.measures.values():
        yield from (derived.when for derived in measure.derived)
    yield from (code.when for code in kb.plans.contraindications.values())
    yield from (modifier.when for modifier in kb.plans.modifiers)
    if kb.plans.recurrence is not None:
        yield from (when for _, when, _ in kb.plans.recurrence.raises)


# --- wording ------------------------------------------------------------------------------------------------------


def wanted_plan_text(kb: KnowledgeBase) -> Iterator[tuple[str, str, Path_]]:
    """(text id, file, pointer) of all wording that plans need."""
    plans = kb.plans
    for exercise in plans.exercises:
        for part in ("name", "cue.1", "cue.2", "feel", "start", "end", "easier", "harder", "load"):
            yield f"exercise.{exercise}.{part}", f"exercises/{exercise}.yaml", ()
    for family in plans.families.values():
        yield from _family_text(family)
    for programme in plans.programmes.values():
        file = f"programmes/{programme.id}.yaml"
        yield f"programme.{programme.id}.name", file, ()
        for number in range(1, programme.rules + 1):
            yield f"programme.{programme.id}.rule.{number}", file, ("rules",)
        for i, stage in enumerate(programme.stages):
            yield stage.pace, file, ("stages", i, "pace")
            if stage.note:
                yield stage.note, file, ("stages", i, "note")
    for file, kind, names, parts in (
        ("gates", "gate", plans.gates, ("name",)),
        ("measures", "measure", plans.measures, ("name", "ask", "how", "clinical")),
        ("stop_signs", "stop", plans.stop_signs, ("sign", "do")),
        ("no_self_plan", "no_plan", plans.no_self_plan, ("see", "meanwhile")),
    ):
        for name in names:
            for part in parts:
                yield f"{kind}.{name}.{part}", f"planning/{file}.yaml", (file, name)
    for code in plans.contraindications:
        for text_id in (f"contraindication.{code}", f"contraindication.{code}.unknown"):
            yield text_id, "planning/contraindications.yaml", ("contraindications", code)
    for i, module in enumerate(plans.modules):
        for j, item in enumerate(module.exercises):
            for text_id in filter(None, (item.load, item.note)):
                yield text_id, "planning/modules.yaml", ("modules", i, "exercises", j)
    yield from _time_text(kb)


def _time_text(kb: KnowledgeBase) -> Iterator[tuple[str, str, Path_]]:
    file = "planning/prognosis.yaml"
    for name, prior in kb.plans.priors.items():
        for caveat in prior.caveats:
            yield caveat, file, ("priors", name, "caveats")
    for modifier in kb.plans.modifiers:
        yield f"prognosis.modifier.{modifier.id}", file, ("modifiers", modifier.id)
    for name in kb.plans.observed:
        yield f"prognosis.observed.{name}", file, ("observed", name)
    recurrence = kb.plans.recurrence
    if recurrence is not None:
        for text_id in (*(text for text, _, _ in recurrence.raises), *(text for text, _ in recurrence.lowers)):
            yield text_id, file, ("recurrence",)


def _family_text(family: PlanFamily) -> Iterator[tuple[str, str, Path_]]:
    file = f"plans/{family.id}.yaml"
    for part in ("name", "plain", "note"):
        yield f"family.{family.id}.{part}", file, ()
    for i, phase in enumerate(family.phases):
        for part in ("name", "goal.1", "run"):
            yield f"phase.{phase.text}.{part}", file, ("phases", i, "text")
        if phase.walk:
            yield phase.walk, file, ("phases", i, "walk")
        for j, item in enumerate(phase.exercises):
            for text_id in filter(None, (item.load, item.note)):
                yield text_id, file, ("phases", i, "exercises", j)


def owners_of_text(kb: KnowledgeBase) -> dict[str, set[str]]:
    """Kind of wording → the names it may belong to."""
    plans = kb.plans
    return {
        "exercise": set(plans.exercises),
        "family": set(plans.families),
        "phase": {phase.text for family in plans.families.values() for phase in family.phases},
        "programme": set(plans.programmes),
        "gate": set(plans.gates),
        "measure": set(plans.measures),
        "stop": set(plans.stop_signs),
        "no_plan": set(plans.no_self_plan),
        "contraindication": set(plans.contraindications),
    }


# --- checks -------------------------------------------------------------------------------------------------------


def _exercises(tree: Tree, kb: KnowledgeBase) -> Iterator[Finding]:
    harder = {name: entry.progresses_to for name, entry in tree.exercises.items()}
    for name, entry in tree.exercises.items():
        file = f"exercises/{name}.yaml"
        for part, listed in (("contraindications", entry.contraindications), ("stop_signs", entry.stop_signs)):
            if not listed:
                yield _found("KB029", file, (part,), f"an exercise without {part.replace('_', ' ')}")
        for i, other in enumerate(entry.regresses_to):
            if other in harder and name not in harder[other]:
                yield _found("KB030", file, ("regresses_to", i), f"{other!r} does not name it as harder")
        for i, other in enumerate(entry.progresses_to):
            if other in tree.exercises and name not in tree.exercises[other].regresses_to:
                yield _found("KB030", file, ("progresses_to", i), f"{other!r} does not name it as easier")
        signs = [kb.plans.stop_signs[sign] for sign in entry.stop_signs if sign in kb.plans.stop_signs]
        if entry.stop_signs and not any(sign.disposition for sign in signs):
            yield _found("KB035", file, ("stop_signs",), "no sign ends in being seen")


def _phases(_tree: Tree, kb: KnowledgeBase) -> Iterator[Finding]:
    for family in kb.plans.families.values():
        file = f"plans/{family.id}.yaml"
        ids = [phase.id for phase in family.phases]
        if len(set(ids)) < len(ids):
            yield _found("KB031", file, ("phases",), "two phases have the same id")
        so_far: list[Criterion] = []
        for i, phase in enumerate(family.phases):
            here: Path_ = ("phases", i)
            entry: Path_ = (*here, "entry")
            if i == 0 and any(c.measure != FROM_START or c.value != 0 for c in phase.entry):
                yield _found("KB031", file, entry, "the first phase must be open to everybody")
            before = [*so_far, *(family.phases[i - 1].exit if i else phase.entry)]
            for criterion in phase.entry:
                if i and not any(_implies(other, criterion) for other in before):
                    problem = f"{_said(criterion)} is asked for, but not by the end of the phase before"
                    yield _found("KB031", file, entry, problem)
            so_far.extend(phase.entry)
            for clash in _clashes([*so_far, *phase.exit], kb.plans.measures):
                yield _found("KB031", file, here, f"nobody can meet {clash}")
            signs = [kb.plans.stop_signs[sign] for sign in phase.stop_signs]
            if not any(sign.disposition for sign in signs):
                yield _found("KB035", file, (*here, "stop_signs"), "no sign ends in being seen")
            if not any(sign.disposition is None for sign in signs):
                yield _found("KB035", file, (*here, "stop_signs"), "no sign means a step back")


def _implies(known: Criterion, wanted: Criterion) -> bool:
    """Whether meeting `known` is meeting `wanted`; a norm may only make `known` the easier one when `wanted` has it."""
    if known.measure != wanted.measure or known.op != wanted.op or known.norm not in ("", wanted.norm):
        return False
    if wanted.op == ">=":
        return known.value >= wanted.value
    return known.value <= wanted.value if wanted.op == "<=" else known.value == wanted.value


def _clashes(criteria: list[Criterion], measures: Mapping[MeasureId, MeasureDefinition]) -> Iterator[str]:
    """Measures whose criteria cannot hold together within the range of the measure."""
    for measure in dict.fromkeys(criterion.measure for criterion in criteria):
        low, high = measures[measure].low, measures[measure].high
        said: set[bool] = set()
        for criterion in (c for c in criteria if c.measure == measure):
            if isinstance(criterion.value, bool):
                said.add(criterion.value)
                continue
            low = max(low, criterion.value if criterion.op in (">=", "==") else -inf)
            high = min(high, criterion.value if criterion.op in ("<=", "==") else inf)
        if low > high or len(said) > 1:
            yield f"what is asked of {measure!r}"


def _criteria(kb: KnowledgeBase) -> Iterator[tuple[str, Path_, Criterion]]:
    for family in kb.plans.families.values():
        file = f"plans/{family.id}.yaml"
        for i, phase in enumerate(family.phases):
            yield from ((file, ("phases", i, "entry"), criterion) for criterion in phase.entry)
            yield from ((file, ("phases", i, "exit"), criterion) for criterion in phase.exit)
            for j, item in enumerate(phase.exercises):
                yield from ((file, ("phases", i, "exercises", j), criterion) for criterion in item.start_when)
    for gate in kb.plans.gates.values():
        yield from (("planning/gates.yaml", ("gates", gate.id), criterion) for criterion in gate.criteria)
    for code in kb.plans.contraindications.values():
        here: Path_ = ("contraindications", code.id, "until")
        yield from (("planning/contraindications.yaml", here, criterion) for criterion in code.until)
    for i, module in enumerate(kb.plans.modules):
        for j, item in enumerate(module.exercises):
            here = ("modules", i, "exercises", j)
            yield from (("planning/modules.yaml", here, criterion) for criterion in item.start_when)


def _measures(_tree: Tree, kb: KnowledgeBase) -> Iterator[Finding]:
    asked: set[MeasureId] = set()
    for file, pointer, criterion in _criteria(kb):
        measure = kb.plans.measures[criterion.measure]
        asked.add(criterion.measure)
        for problem in _misfits(criterion, measure):
            yield _found("KB033", file, pointer, f"{_said(criterion)}: {problem}")
    file = "planning/measures.yaml"
    for name, measure in kb.plans.measures.items():
        here: Path_ = ("measures", name)
        if name not in asked and name not in SAID_BY_RUNS:
            yield _found("KB034", file, here, "no phase and no gate asks for it", error=False)
        if measure.self_test and measure.clinician_only:
            yield _found("KB034", file, here, "a self-test cannot be for clinicians only")
        if measure.self_test and measure.unit in TEST_UNITS and not measure.unsafe_codes:
            yield _found("KB034", file, here, "a self-test that loads the leg says when it is unsafe")
        for i, derived in enumerate(measure.derived):
            if isinstance(derived.value, bool) != (measure.kind == "boolean"):
                yield _found("KB033", file, (*here, "derived", i), f"a {measure.kind} has no value {derived.value!r}")


def _misfits(criterion: Criterion, measure: MeasureDefinition) -> Iterator[str]:
    if (measure.kind == "boolean") != isinstance(criterion.value, bool):
        yield f"the measure is a {measure.kind}"
    elif measure.kind == "boolean":
        if criterion.op != "==" or criterion.value is not (measure.better == "higher"):
            yield "a yes/no measure is asked for as ==, on its better side"
    else:
        if not measure.low <= criterion.value <= measure.high:
            yield f"outside {measure.low:g} to {measure.high:g}"
        if criterion.op != (">=" if measure.better == "higher" else "<="):
            yield f"{measure.better} is better"
    if criterion.norm and criterion.measure != NORMED:
        yield f"only {NORMED!r} has a norm"
    if criterion.pain_max is not None and not measure.needs_pain:
        yield "the pain during this test is not asked"


def _causes(tree: Tree, kb: KnowledgeBase) -> Iterator[Finding]:
    planned = {condition for family in kb.plans.families.values() for condition, _ in family.conditions}
    for condition in kb.diagnoses:
        if condition.id not in planned and condition.id not in kb.plans.no_self_plan:
            file = tree.file_of("condition", condition.id)
            yield _found("KB032", file, (), "no plan family and no entry in planning/no_self_plan.yaml")
    for name, entry in kb.plans.no_self_plan.items():
        if entry.disposition < kb.conditions[name].urgency:
            here: Path_ = ("no_self_plan", name, "disposition")
            yield _found("KB032", "planning/no_self_plan.yaml", here, "less urgent than the cause itself")
    for family in kb.plans.families.values():
        for cause, qualifier in family.conditions:
            guarded = family.needs_clearance or qualifier.startswith(("after", "post"))
            if kb.conditions[cause].dangerous and not guarded:
                yield _found("KB037", f"plans/{family.id}.yaml", ("conditions", cause), "a danger, not cleared")


def _doses(_tree: Tree, kb: KnowledgeBase) -> Iterator[Finding]:
    for family in kb.plans.families.values():
        for i, phase in enumerate(family.phases):
            yield from _phase_doses(family, i, phase, kb)
    for programme in kb.plans.programmes.values():
        running = [sum(block.repeats * block.run_s for block in stage.blocks) for stage in programme.stages]
        for i, (before, after) in enumerate(pairwise(running)):
            if after < before:
                here: Path_ = ("stages", i + 1)
                yield _found("KB036", f"programmes/{programme.id}.yaml", here, "less running than the stage before")


def _phase_doses(family: PlanFamily, number: int, phase: FamilyPhase, kb: KnowledgeBase) -> Iterator[Finding]:
    for j, item in enumerate(phase.exercises):
        dose = kb.plans.exercises[item.exercise].dose
        for name in DOSE_FIELDS:
            chosen, allowed = getattr(item, name), getattr(dose, name)
            if chosen is None:
                continue
            low, high = chosen if isinstance(chosen, tuple) else (chosen, chosen)
            if allowed is None or low < allowed[0] or high > allowed[1]:
                here = ("phases", number, "exercises", j)
                problem = f"{name} of {item.exercise!r} lies outside its dose"
                yield _found("KB036", f"plans/{family.id}.yaml", here, problem)


def _clearance(_tree: Tree, kb: KnowledgeBase) -> Iterator[Finding]:
    for family in kb.plans.families.values():
        programme, gate = kb.plans.programmes.get(family.programme), kb.plans.gates.get(family.gate)
        if programme is None or gate is None:
            continue  # KB028 tells
        file = f"plans/{family.id}.yaml"
        if (programme.needs_clearance or gate.needs_clearance) and not _cleared(family):
            yield _found("KB037", file, ("needs_clearance",), "its programme or gate needs clearance, the family not")
        if programme.reference_only:
            yield _found("KB037", file, ("programme",), "a programme kept to compare with is never prescribed")


def _cleared(family: PlanFamily) -> bool:
    """By the family as a whole, or by a phase before running that asks for it."""
    asked = any(c.measure == "clinician_clear" for phase in family.phases for c in (*phase.entry, *phase.exit))
    return family.needs_clearance or asked


def _pictures(tree: Tree, _kb: KnowledgeBase) -> Iterator[Finding]:
    """Only once there are pictures at all: a knowledge base may be written before it is drawn."""
    if tree.figures:
        for name in sorted(set(tree.exercises) - set(tree.figures)):
            yield _found("KB038", f"exercises/{name}.yaml", (), "no picture in figures/")
        for name in sorted(set(tree.figures) - set(tree.exercises)):
            yield _found("KB038", f"figures/{name}.yaml", (), "a picture of no exercise")


def _found(rule: str, file: str, pointer: Path_, problem: str, *, error: bool = True) -> Finding:
    return Finding(fault=Fault(file=file, pointer=pointer, problem=problem, rule=rule), error=error)


def _said(criterion: Criterion) -> str:
    return f"{criterion.measure} {criterion.op} {criterion.value}"


CHECKS: tuple[Callable[[Tree, KnowledgeBase], Iterator[Finding]], ...] = (
    _exercises,
    _phases,
    _measures,
    _causes,
    _doses,
    _clearance,
    _pictures,
)
