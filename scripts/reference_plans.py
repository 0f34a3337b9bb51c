"""Pages of docs/reference about plans: exercises, families, programmes, tests, limits and times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import exp

from reference_parts import MET, cell, cited, page, text
from soleus.core.plan import Criterion, Span
from soleus.knowledge.base import KnowledgeBase
from soleus.knowledge.files import Tree
from soleus.knowledge.plan_base import (
    Contraindication,
    Dose,
    Exercise,
    FamilyPhase,
    MeasureDefinition,
    PhaseExercise,
    PlanFamily,
    Programme,
)
from soleus.knowledge.schema import Origin

GENERATED_PLANS = ("exercises/*.md", "plans/*.md", "programmes/*.md", "planning.md", "times.md")
UNITS = {
    "sets": "sets",
    "reps": "repetitions",
    "hold_s": "s hold",
    "duration_min": "min",
    "work_s": "s work",
    "distance_m": "m",
    "contacts": "contacts",
    "rest_s": "s rest",
    "per_week": "a week",
    "bouts_per_day": "times a day",
    "weeks": "weeks",
}
LED_BY = {
    "self": "the runner",
    "self_physio": "the runner, better with a physiotherapist",
    "physio": "a physiotherapist",
    "clinician_led": "a clinician",
    "clinician_only": "the treating team only",
}
Logic = Callable[[object, KnowledgeBase], list[str]]


def plan_pages(kb: KnowledgeBase, tree: Tree, logic: Logic) -> dict[str, str]:
    """Path below docs/reference → content; `logic` renders an expression as list items."""
    if not kb.plans.families:
        return {}
    result = {f"exercises/{e.id}.md": exercise_page(e, kb, tree) for e in kb.plans.exercises.values()}
    result |= {f"plans/{f.id}.md": family_page(f, kb, tree) for f in kb.plans.families.values()}
    result |= {f"programmes/{p.id}.md": programme_page(p, kb, tree) for p in kb.plans.programmes.values()}
    result["planning.md"] = planning_page(kb, tree, logic)
    result["times.md"] = times_page(kb, tree, logic)
    return result


def plan_index(kb: KnowledgeBase) -> Iterator[str]:
    """The part of the index about plans."""
    if not kb.plans.families:
        return
    yield from ("", "## Plans", "", "| Family | Causes | Led by | Running |", "|---|---|---|---|")
    for family in kb.plans.families.values():
        name = cell(text(kb, f"family.{family.id}.name", family.id))
        causes = ", ".join(_cause(c, q, "") for c, q in family.conditions)
        yield (
            f"| [{name}](plans/{family.id}.md) | {causes} | {LED_BY[family.pathway]} "
            f"| [{family.programme}](programmes/{family.programme}.md) |"
        )
    yield from ("", "## Exercises", "")
    for kind in sorted({e.kind for e in kb.plans.exercises.values()}):
        names = [
            f"[{text(kb, f'exercise.{e.id}.name', e.id)}](exercises/{e.id}.md)"
            for e in kb.plans.exercises.values()
            if e.kind == kind
        ]
        yield f"- {kind.replace('_', ' ')}: {', '.join(names)}"


# --- small parts --------------------------------------------------------------------------------------------------


def span(value: Span | float | None) -> str:
    if value is None:
        return ""
    low, high = value if isinstance(value, tuple) else (value, value)
    return f"{low:g}" if low == high else f"{low:g}-{high:g}"


def inline(lines: Iterable[str]) -> str:
    """A list of conditions in one line."""
    parts = [line.strip().removeprefix("- ") for line in lines]
    heads = ("any of", "all of", "at least")
    joined = "".join(part + (": " if part.startswith(heads) else ", ") for part in parts)
    return joined.removesuffix(", ").removeprefix("any of: " if len(parts) == 2 else "")


def dose_words(dose: Dose | PhaseExercise) -> str:
    parts = [f"{span(getattr(dose, name))} {unit}" for name, unit in UNITS.items() if getattr(dose, name, None)]
    if isinstance(dose, Dose):
        if dose.tempo_s:
            parts.append("tempo " + "-".join(f"{s:g}" for s in dose.tempo_s) + " s up, hold, down")
        if dose.load and dose.load.basis != "none":
            low = "" if dose.load.low is None else f" {span((dose.load.low, dose.load.high or dose.load.low))}"
            parts.append(f"load {dose.load.basis}{low}")
    return ", ".join(parts)


def criterion(test: Criterion, up: str) -> str:
    value = str(test.value).lower() if isinstance(test.value, bool) else f"{test.value:g}"
    words = f"[{test.measure}]({up}planning.md#{test.measure}) {test.op.replace('==', '=')} {value}"
    if test.pain_max is not None:
        words += f" at pain ≤ {test.pain_max:g}"
    if test.norm:
        words += f", or the {test.norm.replace('_', ' ')} of age and sex when lower"
    return words


def criteria(tests: Iterable[Criterion], up: str) -> str:
    return "; ".join(criterion(test, up) for test in tests) or "none"


def origin_words(entry: Origin, kb: KnowledgeBase, up: str) -> str:
    parts = [f"{entry.basis}, {MET.get(entry.status, entry.status)}"]
    if entry.sources:
        parts.append(cited(entry.sources, kb, up))
    if entry.note:
        parts.append(entry.note)
    return cell("; ".join(parts))


def exercise_link(name: str, kb: KnowledgeBase, up: str) -> str:
    return f"[{cell(text(kb, f'exercise.{name}.name', name))}]({up}exercises/{name}.md)"


def _cause(condition: str, qualifier: str, up: str) -> str:
    return f"[{condition}]({up}conditions/{condition}.md)" + (f" ({qualifier.replace('_', ' ')})" if qualifier else "")


def _codes(codes: Iterable[str], up: str) -> str:
    return ", ".join(f"[{code}]({up}planning.md#{code})" for code in codes) or "none"


# --- pages --------------------------------------------------------------------------------------------------------


def exercise_page(exercise: Exercise, kb: KnowledgeBase, tree: Tree) -> str:
    return page(text(kb, f"exercise.{exercise.id}.name", exercise.id), _exercise_lines(exercise, kb, tree))


def _exercise_lines(exercise: Exercise, kb: KnowledgeBase, tree: Tree) -> Iterator[str]:
    name = f"exercise.{exercise.id}"
    clinical = text(kb, f"{name}.clinical")
    if clinical:
        yield from (clinical, "")
    for part, label in (("start", "Start"), ("end", "End")):
        yield f"- {label}: {text(kb, f'{name}.{part}')}"
    number = 1
    while text(kb, f"{name}.cue.{number}"):
        yield f"- {text(kb, f'{name}.cue.{number}')}"
        number += 1
    for part, label in (("feel", "Feel"), ("easier", "Easier"), ("harder", "Harder"), ("load", "Load")):
        yield f"- {label}: {text(kb, f'{name}.{part}')}"
    kits = " or ".join(" + ".join(sorted(kit)) for kit in exercise.kit if kit) or "nothing"
    side = "one leg" if exercise.unilateral else "both legs"
    yield from ("", f"- Id `{exercise.id}`; {exercise.kind.replace('_', ' ')}; {side}; needs {kits}")
    targets = ", ".join(exercise.targets).replace("_", " ")
    yield f"- For {targets}; load tier {exercise.load_tier}, impact {exercise.impact}"
    yield f"- Dose: {dose_words(exercise.dose)}"
    yield f"- Origin of the dose: {origin_words(tree.exercises[exercise.id].origin, kb, '../')}"
    yield f"- Evidence: {exercise.evidence} Sources: {cited(exercise.sources, kb, '../') or 'none'}"
    for label, others in (("Harder", exercise.progresses_to), ("Easier", exercise.regresses_to)):
        if others:
            yield f"- {label} ones: " + ", ".join(exercise_link(other, kb, "../") for other in others)
    yield f"- Not with: {_codes(exercise.contraindications, '../')}"
    yield f"- Stop at: {_codes(exercise.stop_signs, '../')}"
    used = [
        f"[{family.id}](../plans/{family.id}.md)"
        for family in kb.plans.families.values()
        if any(exercise.id in {i.exercise for i in phase.exercises} | set(phase.cross) for phase in family.phases)
    ]
    if used:
        yield f"- In the plans: {', '.join(used)}"


def family_page(family: PlanFamily, kb: KnowledgeBase, tree: Tree) -> str:
    return page(text(kb, f"family.{family.id}.name", family.id), _family_lines(family, kb, tree))


def _family_lines(family: PlanFamily, kb: KnowledgeBase, tree: Tree) -> Iterator[str]:
    for part in ("plain", "note"):
        yield from (text(kb, f"family.{family.id}.{part}"), "")
    yield f"- Id `{family.id}`; causes: {', '.join(_cause(c, q, '../') for c, q in family.conditions)}"
    locked = "; locked until a clinician has cleared it" if family.needs_clearance else ""
    yield f"- Led by: {LED_BY[family.pathway]}{locked}; caution {family.caution} among competing plans"
    yield f"- Pain limit: {family.pain_limit_nrs:g} of 10, and back to normal by the next morning"
    gate = f"[{family.gate}](../planning.md#{family.gate})"
    yield f"- Running: [{family.programme}](../programmes/{family.programme}.md) after {gate}"
    if family.priors:
        yield "- Times: " + ", ".join(f"[{prior}](../times.md#{prior})" for prior in family.priors)
    yield f"- Evidence: {family.evidence} Sources: {cited(family.sources, kb, '../')}"
    yield f"- Origin of order, doses and days: {origin_words(tree.plans[family.id].origin, kb, '../')}"
    for number, phase in enumerate(family.phases, 1):
        yield from _phase_lines(number, phase, kb)


def _phase_lines(number: int, phase: FamilyPhase, kb: KnowledgeBase) -> Iterator[str]:
    least, typical, most = phase.expected_days
    yield from ("", f"## {number}. {text(kb, f'phase.{phase.text}.name', phase.id)} (`{phase.id}`)", "")
    goals = [text(kb, f"phase.{phase.text}.goal.{n}") for n in range(1, 6)]
    yield f"- Aims: {' '.join(filter(None, goals))}"
    yield f"- Begins when: {criteria(phase.entry, '../')}"
    yield f"- Ends when: {criteria(phase.exit, '../')}; on two days at least 48 h apart"
    yield f"- Expected days: {least} to {most}, typically {typical}; the tests decide"
    walk = f" {text(kb, phase.walk)}" if phase.walk else ""
    yield f"- Walking and running ({phase.run.replace('_', ' ')}):{walk} {text(kb, f'phase.{phase.text}.run')}"
    if phase.cross:
        late = f" from day {phase.cross_from_day}" if phase.cross_from_day else ""
        yield f"- Instead of running{late}: " + ", ".join(exercise_link(name, kb, "../") for name in phase.cross)
    if phase.care:
        yield "- Care: " + ", ".join(text(kb, f"advice.{name}.title", name) for name in phase.care)
    yield f"- Stop at: {_codes(phase.stop_signs, '../')}"
    if phase.exercises:
        yield from ("", "| Exercise | Dose here | Only when |", "|---|---|---|")
        for item in phase.exercises:
            yield f"| {exercise_link(item.exercise, kb, '../')} | {dose_words(item)} | {cell(_only(item, kb))} |"


def _only(item: PhaseExercise, kb: KnowledgeBase) -> str:
    parts = [text(kb, item.note)] if item.note else []
    parts += [text(kb, item.load)] if item.load else []
    parts += [criteria(item.start_when, "../")] if item.start_when else []
    parts += [f"from day {item.start_day}"] if item.start_day else []
    if item.start_gate:
        later = f" and {item.start_weeks_after_gate} week" if item.start_weeks_after_gate else ""
        parts.append(f"after [{item.start_gate}](../planning.md#{item.start_gate}){later}")
    parts += [f"from stage {item.start_stage} of the running programme"] if item.start_stage else []
    parts += [f"for {', '.join(sorted(item.only_for))}"] if item.only_for else []
    parts += [f"in place of {', '.join(item.instead_of)}"] if item.instead_of else []
    parts += ["if wished"] if item.optional else []
    return "; ".join(parts)


def programme_page(programme: Programme, kb: KnowledgeBase, tree: Tree) -> str:
    return page(text(kb, f"programme.{programme.id}.name", programme.id), _programme_lines(programme, kb, tree))


def _programme_lines(programme: Programme, kb: KnowledgeBase, tree: Tree) -> Iterator[str]:
    notes = "; kept to compare with, never prescribed" if programme.reference_only else ""
    notes += "; only when a clinician has cleared it" if programme.needs_clearance else ""
    yield f"- Id `{programme.id}`; {programme.sessions_per_week} runs a week, {programme.min_rest_h} h apart{notes}"
    least = programme.min_sessions_per_stage
    yield f"- Each stage at least {least} times; pain limit {programme.pain_limit_nrs:g} of 10"
    yield f"- Warm-up {programme.warm_up_s // 60} min and cool-down {programme.cool_down_s // 60} min of walking"
    yield f"- Sources: {cited(programme.sources, kb, '../')}"
    yield f"- Origin of the stages: {origin_words(tree.programmes[programme.id].origin, kb, '../')}"
    used = [f"[{f.id}](../plans/{f.id}.md)" for f in kb.plans.families.values() if f.programme == programme.id]
    if used:
        yield f"- In the plans: {', '.join(used)}"
    yield ""
    for number in range(1, programme.rules + 1):
        yield f"{number}. {text(kb, f'programme.{programme.id}.rule.{number}')}"
    yield from ("", "| Stage | Run and walk | Running | Effort | Pace |", "|---|---|---|---|---|")
    for stage in programme.stages:
        blocks = "; ".join(
            f"{b.repeats} × {_clock(b.run_s)}" + (f" run, {_clock(b.walk_s)} walk" if b.walk_s else " run")
            for b in stage.blocks
        )
        running = sum(block.repeats * block.run_s for block in stage.blocks)
        note = f" {text(kb, stage.note)}" if stage.note else ""
        effort = span(stage.blocks[0].effort_rpe)
        yield f"| {stage.number} | {blocks} | {_clock(running)} | {effort} | {cell(text(kb, stage.pace) + note)} |"


def _clock(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02d}"


def planning_page(kb: KnowledgeBase, tree: Tree, logic: Logic) -> str:
    lines = [
        "Tests, gates, warning signs, reasons against an item, causes with no plan to follow alone, and every limit of",
        "the planner. What is not known never counts as passed.",
        "",
    ]
    lines += _measure_lines(kb, tree, logic)
    lines += _gate_lines(kb, tree)
    lines += ["", "## Warning signs", "", "| Sign | Urgency | Step back | Wording |", "|---|---|---|---|"]
    for sign in kb.plans.stop_signs.values():
        urgency = sign.disposition.slug if sign.disposition else "within the plan"
        words = f"{text(kb, f'stop.{sign.id}.sign')}. {text(kb, f'stop.{sign.id}.do')}"
        lines.append(f'| <a id="{sign.id}"></a>{sign.id} | {urgency} | {sign.back} | {cell(words)} |')
    lines += ["", "## Reasons against", ""]
    for code in kb.plans.contraindications.values():
        lines += _contraindication_lines(code, kb, logic)
    lines += _no_plan_lines(kb)
    lines += _module_lines(kb, tree)
    lines += _parameter_lines(kb)
    return page("Tests, gates, warning signs and limits of plans", lines)


def _measure_lines(kb: KnowledgeBase, tree: Tree, logic: Logic) -> Iterator[str]:
    yield from (
        "## Tests",
        "",
        "| Test | Unit | Who | Asked | Not with | Settled by answers |",
        "|---|---|---|---|---|---|",
    )
    for measure in sorted(kb.plans.measures.values(), key=lambda m: m.order):
        name = text(kb, f"measure.{measure.id}.clinical", measure.id)
        asked = f"{text(kb, f'measure.{measure.id}.ask')} {text(kb, f'measure.{measure.id}.how')}"
        yield (
            f'| <a id="{measure.id}"></a>{cell(name)} ({measure.id}) | {measure.unit} | {_who(measure)} '
            f"| {cell(asked)} | {_codes(measure.unsafe_codes, '')} | {cell(_derived(measure, kb, logic))} |"
        )
    norm, files = kb.plans.norm, tree.planning.measures
    if norm is not None and files is not None and files.norm is not None:
        yield from ("", "### Heel raises by age and sex, median", "")
        yield f"| Age | {' | '.join(f'{low}-{high}' for low, high in norm.ages)} |"
        yield f"|{'---|' * (len(norm.ages) + 1)}"
        for label, row in (("Men", norm.male), ("Women", norm.female)):
            yield f"| {label} | {' | '.join(f'{value:g}' for value in row)} |"
        yield from ("", origin_words(files.norm, kb, ""))


def _who(measure: MeasureDefinition) -> str:
    return "clinician" if measure.clinician_only else "runner" if measure.self_test else "runner with help"


def _derived(measure: MeasureDefinition, kb: KnowledgeBase, logic: Logic) -> str:
    parts = []
    for derived in measure.derived:
        words = inline(logic(derived.when, kb))
        value = str(derived.value).lower() if isinstance(derived.value, bool) else f"{derived.value:g}"
        parts.append(f"{words}: {value}")
    return "; ".join(parts)


def _gate_lines(kb: KnowledgeBase, tree: Tree) -> Iterator[str]:
    yield from ("", "## Gates", "")
    entries = tree.planning.gates.gates if tree.planning.gates else {}
    for gate in kb.plans.gates.values():
        yield from (f'<a id="{gate.id}"></a>', "", f"### {text(kb, f'gate.{gate.id}.name', gate.id)} (`{gate.id}`)", "")
        for test in gate.criteria:
            families = gate.only_for.get(test.measure)
            only = f" (only {', '.join(sorted(families))})" if families else ""
            yield f"- {criterion(test, '')}{only}"
        if gate.needs_clearance:
            yield "- and a clinician has cleared it"
        yield from ("", origin_words(entries[gate.id].origin, kb, "") + ". Sources: " + cited(gate.sources, kb, ""), "")


def _contraindication_lines(code: Contraindication, kb: KnowledgeBase, logic: Logic) -> Iterator[str]:
    yield from (f'<a id="{code.id}"></a>', "", f"### {code.id}", "", text(kb, f"contraindication.{code.id}"), "")
    if code.when is not None:
        yield from ("When true or unknown:", "", *logic(code.when, kb), "")
    parts = []
    if code.facts:
        parts.append(f"medicine facts {', '.join(code.facts)}, true or unknown")
    if code.tags:
        kind = "a fired or suspected rule" if code.suspected_only else "an open rule"
        parts.append(f"{kind} about {', '.join(sorted(code.tags))}")
    parts += [f"P({cause}) at or above {limit:g}" for cause, limit in code.conditions.items()]
    if code.families:
        parts.append(f"plans {', '.join(sorted(code.families))}")
    lifted = []
    if code.until:
        lifted.append(criteria(code.until, ""))
    if code.until_gate:
        lifted.append(f"the {code.until_gate} gate is passed")
    if code.until_cleared:
        lifted.append("a clinician has cleared it")
    yield f"Applies with: {'; '.join(parts) or ('the above' if code.when is not None else 'everybody')}."
    sources = cited(code.sources, kb, "") or "none"
    yield f"Lifted when: {'; '.join(lifted) or 'it no longer applies'}. Sources: {sources}."
    yield ""


def _no_plan_lines(kb: KnowledgeBase) -> Iterator[str]:
    yield from (
        "",
        "## No plan to follow alone",
        "",
        "| Cause | Urgency | See | Meanwhile | Sources |",
        "|---|---|---|---|---|",
    )
    for name, entry in kb.plans.no_self_plan.items():
        see = f"{entry.see.replace('_', ' ')}: {text(kb, f'no_plan.{name}.see')}"
        if entry.fallback:
            see += f" Plan [{entry.fallback}](plans/{entry.fallback}.md) when the triage is clear."
        meanwhile = cell(text(kb, f"no_plan.{name}.meanwhile"))
        urgency = entry.disposition.slug
        sources = cited(entry.sources, kb, "") or "expert"
        yield f"| [{name}](conditions/{name}.md) | {urgency} | {cell(see)} | {meanwhile} | {sources} |"


def _module_lines(kb: KnowledgeBase, tree: Tree) -> Iterator[str]:
    entries = tree.planning.modules.modules if tree.planning.modules else []
    if kb.plans.modules:
        yield from (
            "",
            "## What contributing factors add",
            "",
            "| Factor | From | Adds | Care | Origin |",
            "|---|---|---|---|---|",
        )
    for module, entry in zip(kb.plans.modules, entries, strict=True):
        adds = ", ".join(f"{exercise_link(i.exercise, kb, '')} ({dose_words(i)})" for i in module.exercises)
        yield (
            f"| [{module.factor}](conditions/{module.factor}.md) | P ≥ {module.min_probability:g}, phase "
            f"{module.from_phase + 1} | {adds} | {', '.join(module.care)} | {origin_words(entry.origin, kb, '')} |"
        )


def _parameter_lines(kb: KnowledgeBase) -> Iterator[str]:
    yield from ("", "## Limits and choices", "", "| Number | Value | Range | Unit | Origin |", "|---|---|---|---|---|")
    for name, parameter in kb.plans.parameters.items():
        between = "fixed" if parameter.low is None else f"{parameter.low:g} to {parameter.high:g}"
        parts = [f"{parameter.basis.value}, {MET.get(parameter.status, parameter.status)}"]
        parts += [cited(parameter.sources, kb, "")] if parameter.sources else []
        parts += [parameter.note] if parameter.note else []
        unit = "" if parameter.unit == "1" else parameter.unit
        yield f"| {name} | {parameter.value:g} | {between} | {unit} | {cell('; '.join(parts))} |"


def times_page(kb: KnowledgeBase, tree: Tree, logic: Logic) -> str:
    return page("Times to recovery, and recurrence", _time_lines(kb, tree, logic))


def _time_lines(kb: KnowledgeBase, tree: Tree, logic: Logic) -> Iterator[str]:
    files = tree.planning.prognosis
    yield "Lognormal days from the onset, or from the first day of a programme where the column Trust says so."
    yield "Most cohorts are elite men in team sports: their times are told beside a forecast, never used as one. Tests"
    yield "decide, not days."
    yield from (
        "",
        "| Prior | Cause | Milestone | 10% | Median | 90% | Trust | Origin |",
        "|---|---|---|---|---|---|---|---|",
    )
    for name, prior in kb.plans.priors.items():
        tenth, ninetieth = (exp(prior.mu + side * 1.2816 * prior.sigma) for side in (-1, 1))
        grade = f", {prior.grade}" if prior.grade else ""
        words = _prior_origin(name, kb, tree)
        elite = "; elite athletes" if prior.elite else ""
        elite += "; from the start of the programme" if prior.counts_from == "start" else ""
        yield (
            f'| <a id="{name}"></a>{name} | [{prior.condition}](conditions/{prior.condition}.md){grade} '
            f"| {prior.milestone.replace('_', ' ')} | {tenth:.0f} | {exp(prior.mu):.0f} | {ninetieth:.0f} "
            f"| {prior.confidence.replace('_', ' ')}{elite} | {words} |"
        )
    if files is None:
        return
    yield from (
        "",
        "## Published times",
        "",
        "| Cohort | Cause | Endpoint | Days | People | Source |",
        "|---|---|---|---|---|---|",
    )
    for name, seen in files.observed.items():
        figures = [
            f"{label} {value:g}"
            for label, value in (
                ("mean", seen.mean_days),
                ("SD", seen.sd_days),
                ("median", seen.median_days),
                ("IQR width", seen.iqr_width_days),
            )
            if value is not None
        ]
        for label, pair in (("95% CI", seen.ci95_days), ("range", seen.range_days)):
            figures += [f"{label} {pair[0]:g}-{pair[1]:g}"] if pair else []
        people = f"{seen.population}" + (f", n = {seen.n}" if seen.n else "")
        source = f"{cited([seen.source], kb, '')}; {seen.status}" + (f"; {seen.note}" if seen.note else "")
        days = ", ".join(figures)
        yield f"| {name} | {seen.condition} | {seen.endpoint} | {days} | {cell(people)} | {cell(source)} |"
    yield from _modifier_lines(kb, tree, logic)


def _prior_origin(name: str, kb: KnowledgeBase, tree: Tree) -> str:
    files = tree.planning.prognosis
    return origin_words(files.priors[name], kb, "") if files is not None else ""


def _modifier_lines(kb: KnowledgeBase, tree: Tree, logic: Logic) -> Iterator[str]:
    files = tree.planning.prognosis
    yield from (
        "",
        "## What makes it longer",
        "",
        "| Reason | Causes | When | Factor | Origin |",
        "|---|---|---|---|---|",
    )
    for modifier in kb.plans.modifiers:
        when = inline(logic(modifier.when, kb)) if modifier.when is not None else "told always"
        factor = "told, not counted" if modifier.multiplier is None else f"{modifier.multiplier:g}"
        words = origin_words(files.modifiers[modifier.id], kb, "") if files is not None else ""
        causes = ", ".join(sorted(modifier.conditions))
        yield f"| {modifier.id} | {causes} | {cell(when)} | {factor} | {words} |"
    recurrence = kb.plans.recurrence
    if recurrence is not None and files is not None and files.recurrence is not None:
        mean = recurrence.alpha / (recurrence.alpha + recurrence.beta)
        yield from ("", "## Recurrence", "")
        yield (
            f"Within 12 months: Beta({recurrence.alpha:g}, {recurrence.beta:g}), mean {mean:.0%}; raised for "
            f"{recurrence.window_weeks} weeks after the return. {origin_words(files.recurrence, kb, '')}."
        )
        yield ""
        for text_id, _, sources in recurrence.raises:
            yield f"- Raises: {text(kb, text_id, text_id)} ({cited(sources, kb, '') or 'no source'})"
        for text_id, sources in recurrence.lowers:
            yield f"- Lowers: {text(kb, text_id, text_id)} ({cited(sources, kb, '') or 'no source'})"
