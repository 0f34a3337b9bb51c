"""`soleus kb show` for what plans are made of: exercises, families, programmes, gates, tests and the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from soleus.cli.common import wrap
from soleus.core.ids import ConditionId, ExerciseId, FamilyId, MeasureId, ProgrammeId
from soleus.core.plan import Criterion
from soleus.knowledge.base import KnowledgeBase
from soleus.knowledge.plan_base import Dose, PhaseExercise, PlanFamily

DOSE = ("sets", "reps", "hold_s", "duration_min", "work_s", "distance_m", "contacts", "per_week", "bouts_per_day")


def plan_parts(kb: KnowledgeBase) -> list[str]:
    """Every id that `show_plan_part` knows."""
    plans = kb.plans
    named: tuple[Iterable[str], ...] = (
        plans.exercises,
        plans.families,
        plans.programmes,
        plans.gates,
        plans.measures,
        plans.stop_signs,
        plans.contraindications,
        plans.priors,
        plans.parameters,
    )
    return [str(name) for names in named for name in names]


def show_plan_part(name: str, kb: KnowledgeBase) -> str:
    """The part of that name in words; empty when there is none."""
    for show in (_exercise, _family, _programme, _gate, _measure, _stop_sign, _contraindication, _prior):
        lines = list(show(name, kb))
        if lines:
            return "\n".join(lines)
    return ""


def _exercise(name: str, kb: KnowledgeBase) -> Iterator[str]:
    entry = kb.plans.exercises.get(ExerciseId(name))
    if entry is None:
        return
    yield f"{name} ({entry.kind}): {kb.text.get(f'exercise.{name}.name', '')}"
    yield f"  dose: {_dose(entry.dose)}"
    yield f"  load tier {entry.load_tier} · impact {entry.impact} · targets: {', '.join(entry.targets)}"
    yield f"  easier: {_list(entry.regresses_to)} · harder: {_list(entry.progresses_to)}"
    yield wrap(f"not with: {_list(entry.contraindications)}")
    yield wrap(f"stop at: {_list(entry.stop_signs)}")
    yield wrap(f"evidence: {entry.evidence} [{_list(entry.sources)}]")


def _family(name: str, kb: KnowledgeBase) -> Iterator[str]:
    entry = kb.plans.families.get(FamilyId(name))
    if entry is None:
        return
    yield f"{name}: {kb.text.get(f'family.{name}.name', '')}"
    causes = (f"{c} ({q})" if q else str(c) for c, q in entry.conditions)
    locked = " · locked until cleared" if entry.needs_clearance else ""
    yield f"  for {', '.join(causes)} · {entry.pathway}{locked} · pain up to {entry.pain_limit_nrs:g}"
    yield f"  running: {entry.programme} after {entry.gate}"
    yield wrap(f"evidence: {entry.evidence} [{_list(entry.sources)}]")
    yield from _phases(entry)


def _phases(family: PlanFamily) -> Iterator[str]:
    for phase in family.phases:
        least, typical, most = phase.expected_days
        yield f"  {phase.id} ({phase.text}): {least}-{typical}-{most} days, running: {phase.run}"
        yield wrap(f"begins: {_criteria(phase.entry)}")
        yield wrap(f"ends: {_criteria(phase.exit)}")
        for item in phase.exercises:
            yield f"    {item.exercise}: {_dose(item)}"


def _programme(name: str, kb: KnowledgeBase) -> Iterator[str]:
    entry = kb.plans.programmes.get(ProgrammeId(name))
    if entry is None:
        return
    yield f"{name}: {kb.text.get(f'programme.{name}.name', '')}"
    yield f"  {entry.sessions_per_week} a week, {entry.min_rest_h} h apart, pain up to {entry.pain_limit_nrs:g}"
    for stage in entry.stages:
        yield f"  {stage.number}: " + ", ".join(f"{b.repeats} x {b.run_s} s / {b.walk_s} s" for b in stage.blocks)


def _gate(name: str, kb: KnowledgeBase) -> Iterator[str]:
    entry = kb.plans.gates.get(name)
    if entry is None:
        return
    yield f"{name}: {kb.text.get(f'gate.{name}.name', '')}"
    yield wrap(_criteria(entry.criteria))
    yield f"  [{_list(entry.sources)}]"


def _measure(name: str, kb: KnowledgeBase) -> Iterator[str]:
    entry = kb.plans.measures.get(MeasureId(name))
    if entry is None:
        return
    yield f"{name} ({entry.kind}, {entry.unit}): {kb.text.get(f'measure.{name}.clinical', '')}"
    yield wrap(f"{kb.text.get(f'measure.{name}.ask', '')} {kb.text.get(f'measure.{name}.how', '')}")
    yield f"  not with: {_list(entry.unsafe_codes)}"


def _stop_sign(name: str, kb: KnowledgeBase) -> Iterator[str]:
    entry = kb.plans.stop_signs.get(name)
    if entry is None:
        return
    urgency = entry.disposition.slug if entry.disposition else f"back one {entry.back}"
    yield f"{name}: {urgency}"
    yield wrap(f"{kb.text.get(f'stop.{name}.sign', '')}. {kb.text.get(f'stop.{name}.do', '')}")


def _contraindication(name: str, kb: KnowledgeBase) -> Iterator[str]:
    entry = kb.plans.contraindications.get(name)
    if entry is None:
        return
    yield f"{name}: {kb.text.get(f'contraindication.{name}', '')}"
    causes = ", ".join(f"P({c}) >= {p:g}" for c, p in entry.conditions.items())
    yield wrap(
        f"when: {entry.when or 'no answer'} · tags: {_list(sorted(entry.tags))} · facts: {_list(entry.facts)} · "
        f"causes: {causes or 'none'} · families: {_list(sorted(entry.families))}"
    )
    cleared = " · cleared by a clinician" if entry.until_cleared else ""
    yield wrap(f"until: {_criteria(entry.until)} · gate: {entry.until_gate or 'none'}{cleared}")


def _prior(name: str, kb: KnowledgeBase) -> Iterator[str]:
    entry = kb.plans.priors.get(name)
    if entry is None:
        return
    grade = f" {entry.grade}" if entry.grade else ""
    yield f"{name}: {entry.condition}{grade}, {entry.milestone}, lognormal days mu {entry.mu:g} sigma {entry.sigma:g}"
    yield f"  trust {entry.confidence} [{entry.basis.value}; {entry.status}; {_list(entry.sources)}]"
    yield wrap(entry.note)


def condition_plan(condition: str, kb: KnowledgeBase) -> str:
    """The plan families of a cause, or who to see."""
    families = [f.id for f in kb.plans.families.values() if any(c == condition for c, _ in f.conditions)]
    entry = kb.plans.no_self_plan.get(ConditionId(condition))
    see = f"no plan to follow alone: {entry.see}, {entry.disposition.slug}" if entry else ""
    return " · ".join(filter(None, (f"plan: {', '.join(families)}" if families else "", see)))


def _dose(dose: Dose | PhaseExercise) -> str:
    parts = []
    for name in DOSE:
        value = getattr(dose, name)
        if value is not None:
            low, high = value if isinstance(value, tuple) else (value, value)
            parts.append(f"{name} {low:g}" + ("" if low == high else f"-{high:g}"))
    return ", ".join(parts) or "as in the exercise"


def _criteria(criteria: Iterable[Criterion]) -> str:
    return ", ".join(f"{c.measure} {c.op} {_value(c.value)}" for c in criteria) or "none"


def _value(value: float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"


def _list(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
