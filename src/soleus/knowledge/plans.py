"""Entries of exercises/, plans/, programmes/ and planning/ → what the planner reads; every reference is checked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from soleus.core.assessment import Disposition
from soleus.core.ids import (
    AdviceId,
    ConditionId,
    ExerciseId,
    FamilyId,
    FindingId,
    KitId,
    MeasureId,
    ProgrammeId,
    SourceKey,
    TextId,
)
from soleus.core.plan import Criterion, RunBlock, Span
from soleus.knowledge import plan_base as p
from soleus.knowledge.expressions import ExpressionParser
from soleus.knowledge.figures import build_figure
from soleus.knowledge.loader import Path_
from soleus.knowledge.numbers import sources_of
from soleus.knowledge.origin import Basis
from soleus.knowledge.training import parameter

if TYPE_CHECKING:
    from soleus.knowledge import schema_plan as s
    from soleus.knowledge.files import Tree

K = TypeVar("K", bound=str)
V = TypeVar("V")
E = TypeVar("E")


def build_plans(
    tree: Tree, expressions: ExpressionParser, enter: Callable[[str], None], report: Callable[[Path_, str], None]
) -> p.PlanKnowledge:
    """Everything that plans are made of. `enter(file)` names the file that the next `report`s belong to."""
    builder = _Builder(tree, expressions, enter, report)
    return builder.knowledge()


class _Builder:
    """Holds what may be named, and where faults go."""

    def __init__(
        self,
        tree: Tree,
        expressions: ExpressionParser,
        enter: Callable[[str], None],
        report: Callable[[Path_, str], None],
    ) -> None:
        self.tree = tree
        self.expressions = expressions
        self.enter = enter
        self.report = report
        files = tree.planning
        self.gates = files.gates.gates if files.gates else {}
        self.measures = files.measures.measures if files.measures else {}
        self.stop_signs = files.stop_signs.stop_signs if files.stop_signs else {}
        self.codes = files.contraindications.contraindications if files.contraindications else {}
        self.priors = files.prognosis.priors if files.prognosis else {}
        self.observed = files.prognosis.observed if files.prognosis else {}
        self.facts = tree.medicines.facts if tree.medicines else []
        self.tags = {tag for rule in tree.red_flags.values() for tag in rule.tags}

    def knowledge(self) -> p.PlanKnowledge:
        files = self.tree.planning
        parameters = files.parameters.parameters if files.parameters else {}
        return p.PlanKnowledge(
            exercises=self._each(self.tree.exercises, "exercises/{}.yaml", ExerciseId, self._exercise),
            families=self._each(self.tree.plans, "plans/{}.yaml", FamilyId, self._family),
            programmes=self._each(self.tree.programmes, "programmes/{}.yaml", ProgrammeId, self._programme),
            gates=self._each(self.gates, "planning/gates.yaml", str, self._gate),
            measures=self._each(self.measures, "planning/measures.yaml", MeasureId, self._measure),
            norm=self._norm(),
            stop_signs=self._each(self.stop_signs, "planning/stop_signs.yaml", str, self._stop_sign),
            contraindications=self._each(self.codes, "planning/contraindications.yaml", str, self._contraindication),
            modules=self._modules(),
            no_self_plan=self._no_self_plan(),
            priors=self._each(self.priors, "planning/prognosis.yaml", str, self._prior),
            modifiers=self._modifiers(),
            recurrence=self._recurrence(),
            observed=self._each(self.observed, "planning/prognosis.yaml", str, self._observed),
            figures=self._each(self.tree.figures, "figures/{}.yaml", ExerciseId, build_figure),
            parameters=MappingProxyType({name: parameter(name, entry) for name, entry in parameters.items()}),
        )

    def _each(
        self, entries: Mapping[str, E], file: str, wrap: Callable[[str], K], build: Callable[[str, E], V]
    ) -> Mapping[K, V]:
        result = {}
        for name, entry in entries.items():
            self.enter(file.format(name))
            result[wrap(name)] = build(name, entry)
        return MappingProxyType(result)

    # references

    def _names(
        self, names: Iterable[str], known: Collection[str], what: str, path: Path_, wrap: Callable[[str], K]
    ) -> tuple[K, ...]:
        """Each name that is known, in order; the others are reported."""
        listed = list(names)
        for i, name in enumerate(listed):
            if name not in known:
                self.report((*path, i), f"no {what} {name!r}")
        return tuple(wrap(name) for name in listed if name in known)

    def _exercises(self, names: Iterable[str], path: Path_) -> tuple[ExerciseId, ...]:
        return self._names(names, self.tree.exercises, "exercise", path, ExerciseId)

    def _care(self, names: Iterable[str], path: Path_) -> tuple[AdviceId, ...]:
        return self._names(names, self.tree.adjuncts, "advice", path, AdviceId)

    def _conditions(self, names: Iterable[str], path: Path_) -> tuple[ConditionId, ...]:
        return self._names(names, self.tree.conditions, "condition", path, ConditionId)

    def _signs(self, names: Iterable[str], path: Path_) -> tuple[str, ...]:
        return self._names(names, self.stop_signs, "stop sign", path, str)

    def _kept(self, codes: Iterable[str], path: Path_) -> tuple[str, ...]:
        """Contraindications stay even when nothing explains them: an unknown reason forbids."""
        listed = tuple(codes)
        self._names(listed, self.codes, "contraindication", path, str)
        return listed

    def _one(self, name: str, known: Collection[str], what: str, path: Path_) -> None:
        if name and name not in known:
            self.report(path, f"no {what} {name!r}")

    def _criteria(self, entries: Iterable[s.CriterionEntry], path: Path_) -> tuple[Criterion, ...]:
        listed = list(entries)
        for i, entry in enumerate(listed):
            self._one(entry.measure, self.measures, "measure", (*path, i, "measure"))
        return tuple(
            Criterion(
                measure=MeasureId(entry.measure),
                op=entry.op,
                value=entry.value,
                pain_max=entry.pain_max,
                norm=entry.norm,
            )
            for entry in listed
            if entry.measure in self.measures
        )

    # exercises, families, programmes

    def _exercise(self, name: str, entry: s.ExerciseFile) -> p.Exercise:
        return p.Exercise(
            id=ExerciseId(name),
            kind=entry.kind,
            targets=tuple(entry.targets),
            kit=tuple(frozenset(KitId(item) for item in kit) for kit in entry.kit),
            unilateral=entry.unilateral,
            load_tier=entry.load_tier,
            impact=entry.impact,
            dose=_dose(entry.dose),
            progresses_to=self._exercises(entry.progresses_to, ("progresses_to",)),
            regresses_to=self._exercises(entry.regresses_to, ("regresses_to",)),
            contraindications=self._kept(entry.contraindications, ("contraindications",)),
            stop_signs=self._signs(entry.stop_signs, ("stop_signs",)),
            evidence=entry.evidence,
            sources=sources_of(entry.sources),
            loads_calf=entry.loads_calf,
            core_strength=entry.core_strength,
            warm_up=entry.warm_up,
            film=self._filmed(entry.film),
        )

    def _filmed(self, name: str | None) -> FindingId | None:
        if name is None or name in self.tree.findings:
            return None if name is None else FindingId(name)
        self.report(("film",), f"no finding {name!r}")
        return None

    def _family(self, name: str, entry: s.PlanFile) -> p.PlanFamily:
        for condition in entry.conditions:
            self._one(condition, self.tree.conditions, "condition", ("conditions", condition))
        self._one(entry.programme, self.tree.programmes, "programme", ("programme",))
        self._one(entry.gate, self.gates, "gate", ("gate",))
        return p.PlanFamily(
            id=FamilyId(name),
            conditions=tuple(
                (ConditionId(condition), qualifier)
                for condition, qualifier in entry.conditions.items()
                if condition in self.tree.conditions
            ),
            pathway=entry.pathway,
            needs_clearance=entry.needs_clearance,
            long_course=entry.long_course,
            caution=entry.caution,
            pain_limit_nrs=entry.pain_limit_nrs,
            programme=ProgrammeId(entry.programme),
            gate=entry.gate,
            priors=self._names(entry.priors, self.priors, "prior", ("priors",), str),
            phases=tuple(self._phase(phase, ("phases", i)) for i, phase in enumerate(entry.phases)),
            evidence=entry.evidence,
            sources=sources_of([*entry.sources, *entry.origin.sources]),
        )

    def _phase(self, entry: s.PhaseEntry, path: Path_) -> p.FamilyPhase:
        least, typical, most = entry.expected_days
        return p.FamilyPhase(
            id=entry.id,
            text=entry.text,
            entry=self._criteria(entry.entry, (*path, "entry")),
            exit=self._criteria(entry.exit, (*path, "exit")),
            exercises=self._phase_exercises(entry.exercises, (*path, "exercises")),
            care=self._care(entry.care, (*path, "care")),
            run=entry.run,
            cross=self._exercises(entry.cross, (*path, "cross")),
            cross_from_day=entry.cross_from_day,
            stop_signs=self._signs(entry.stop_signs, (*path, "stop_signs")),
            expected_days=(least, typical, most),
            walk=TextId(entry.walk) if entry.walk else None,
        )

    def _phase_exercises(self, entries: Iterable[s.PhaseExerciseEntry], path: Path_) -> tuple[p.PhaseExercise, ...]:
        built = []
        for i, entry in enumerate(entries):
            here = (*path, i)
            self._one(entry.exercise, self.tree.exercises, "exercise", (*here, "exercise"))
            self._one(entry.start_gate, self.gates, "gate", (*here, "start_gate"))
            one = p.PhaseExercise(
                exercise=ExerciseId(entry.exercise),
                sets=_span(entry.sets),
                reps=_span(entry.reps),
                hold_s=_span(entry.hold_s),
                duration_min=_span(entry.duration_min),
                work_s=_span(entry.work_s),
                distance_m=_span(entry.distance_m),
                contacts=_span(entry.contacts),
                per_week=entry.per_week,
                bouts_per_day=entry.bouts_per_day,
                pain_max_nrs=entry.pain_max_nrs,
                start_day=entry.start_day,
                start_when=self._criteria(entry.start_when, (*here, "start_when")),
                start_gate=entry.start_gate,
                start_weeks_after_gate=entry.start_weeks_after_gate,
                start_stage=entry.start_stage,
                load=entry.load,
                optional=entry.optional,
                only_for=frozenset(self._conditions(entry.only_for, (*here, "only_for"))),
                instead_of=self._exercises(entry.instead_of, (*here, "instead_of")),
                note=entry.note,
            )
            if entry.exercise in self.tree.exercises:
                built.append(one)
        return tuple(built)

    def _programme(self, name: str, entry: s.ProgrammeFile) -> p.Programme:
        self._one(entry.gate, self.gates, "gate", ("gate",))
        return p.Programme(
            id=ProgrammeId(name),
            sessions_per_week=entry.sessions_per_week,
            min_rest_h=entry.min_rest_h,
            warm_up_s=entry.warm_up_s,
            cool_down_s=entry.cool_down_s,
            min_sessions_per_stage=entry.min_sessions_per_stage,
            stages=tuple(_stage(stage) for stage in entry.stages),
            gate=entry.gate,
            pain_limit_nrs=entry.pain_limit_nrs,
            needs_clearance=entry.needs_clearance,
            rules=entry.rules,
            sources=sources_of([*entry.sources, *entry.origin.sources]),
            reference_only=entry.reference_only,
        )

    # planning/*.yaml

    def _gate(self, name: str, entry: s.GateEntry) -> p.Gate:
        here: Path_ = ("gates", name)
        for measure, families in entry.only_for.items():
            self._one(measure, self.measures, "measure", (*here, "only_for", measure))
            self._names(families, self.tree.plans, "family", (*here, "only_for", measure), FamilyId)
        return p.Gate(
            id=name,
            criteria=self._criteria(entry.criteria, (*here, "criteria")),
            needs_clearance=entry.needs_clearance,
            sources=sources_of([*entry.sources, *entry.origin.sources]),
            only_for=MappingProxyType(
                {MeasureId(m): frozenset(FamilyId(f) for f in families) for m, families in entry.only_for.items()}
            ),
        )

    def _measure(self, name: str, entry: s.MeasureEntry) -> p.MeasureDefinition:
        here: Path_ = ("measures", name)
        derived = []
        for i, part in enumerate(entry.derived):
            when = self.expressions.parse(part.when, (*here, "derived", i, "when"))
            if when is not None:
                derived.append(p.Derived(when=when, value=part.value))
        return p.MeasureDefinition(
            id=MeasureId(name),
            kind=entry.kind,
            unit=entry.unit,
            low=entry.low,
            high=entry.high,
            better=entry.better,
            self_test=entry.self_test,
            clinician_only=entry.clinician_only,
            derived=tuple(derived),
            unsafe_codes=self._kept(entry.unsafe_codes, (*here, "unsafe_codes")),
            order=entry.order,
            sources=sources_of(entry.sources),
            needs_pain=entry.needs_pain,
        )

    def _norm(self) -> p.HeelRaiseNorm | None:
        files = self.tree.planning.measures
        if files is None or files.norm is None:
            return None
        entry = files.norm
        return p.HeelRaiseNorm(
            ages=tuple((least, most) for least, most in entry.ages),
            male=tuple(entry.male),
            female=tuple(entry.female),
            basis=Basis(entry.basis),
            sources=sources_of(entry.sources),
            note=entry.note,
            status=entry.status,
        )

    def _stop_sign(self, name: str, entry: s.StopSignEntry) -> p.StopSign:
        disposition = Disposition.from_slug(entry.disposition) if entry.disposition else None
        return p.StopSign(id=name, disposition=disposition, back=entry.back)

    def _contraindication(self, name: str, entry: s.ContraindicationEntry) -> p.Contraindication:
        here: Path_ = ("contraindications", name)
        if entry.when is not None and self.expressions.parse(entry.when, (*here, "when")) is None:
            # A reason that cannot be read must not fall away: without any part it applies to everybody.
            return p.Contraindication(id=name)
        for condition in entry.conditions:
            self._one(condition, self.tree.conditions, "condition", (*here, "conditions", condition))
        self._names(entry.tags, self.tags, "tag", (*here, "tags"), str)
        return p.Contraindication(
            id=name,
            facts=self._names(entry.facts, self.facts, "fact", (*here, "facts"), str),
            when=self.expressions.parse(entry.when, (*here, "when")),
            tags=frozenset(entry.tags),
            suspected_only=entry.suspected_only,
            conditions=MappingProxyType({ConditionId(c): float(limit) for c, limit in entry.conditions.items()}),
            families=frozenset(self._names(entry.families, self.tree.plans, "family", (*here, "families"), FamilyId)),
            until=self._criteria(entry.until, (*here, "until")),
            until_gate=entry.until_gate,
            until_cleared=entry.until_cleared,
            sources=sources_of(entry.sources),
        )

    def _modules(self) -> tuple[p.FactorModule, ...]:
        self.enter("planning/modules.yaml")
        entries = self.tree.planning.modules.modules if self.tree.planning.modules else []
        built = []
        for i, entry in enumerate(entries):
            here: Path_ = ("modules", i)
            condition = self.tree.conditions.get(entry.factor)
            if condition is None or condition.kind != "contributing_factor":
                self.report((*here, "factor"), f"no contributing factor {entry.factor!r}")
                continue
            built.append(
                p.FactorModule(
                    factor=ConditionId(entry.factor),
                    min_probability=float(entry.min_probability),
                    exercises=self._phase_exercises(entry.exercises, (*here, "exercises")),
                    from_phase=entry.from_phase,
                    care=self._care(entry.care, (*here, "care")),
                    sources=sources_of([*entry.sources, *entry.origin.sources]),
                )
            )
        return tuple(built)

    def _no_self_plan(self) -> Mapping[ConditionId, p.NoSelfPlan]:
        files = self.tree.planning.no_self_plan
        entries = files.no_self_plan if files else {}
        built = self._each(entries, "planning/no_self_plan.yaml", ConditionId, self._no_plan)
        return MappingProxyType({name: entry for name, entry in built.items() if name in self.tree.conditions})

    def _no_plan(self, name: str, entry: s.NoSelfPlanEntry) -> p.NoSelfPlan:
        here: Path_ = ("no_self_plan", name)
        self._one(name, self.tree.conditions, "condition", here)
        self._one(entry.fallback or "", self.tree.plans, "family", (*here, "fallback"))
        fallback = entry.fallback if entry.fallback in self.tree.plans else None
        return p.NoSelfPlan(
            condition=ConditionId(name),
            disposition=Disposition.from_slug(entry.disposition),
            see=entry.see,
            fallback=FamilyId(fallback) if fallback else None,
            meanwhile=self._care(entry.meanwhile, (*here, "meanwhile")),
            sources=sources_of(entry.sources),
        )

    # prognosis

    def _prior(self, name: str, entry: s.PriorEntry) -> p.Prior:
        self._one(entry.condition, self.tree.conditions, "condition", ("priors", name, "condition"))
        return p.Prior(
            id=name,
            condition=ConditionId(entry.condition),
            grade=entry.grade,
            milestone=entry.milestone,
            mu=entry.mu,
            sigma=entry.sigma,
            confidence=entry.confidence,
            elite=entry.elite,
            basis=Basis(entry.basis),
            sources=sources_of(entry.sources),
            note=entry.note,
            status=entry.status,
            counts_from=entry.counts_from,
            caveats=tuple(TextId(text) for text in entry.caveats),
            observed=self._names(entry.observed, self.observed, "published time", ("priors", name, "observed"), str),
        )

    def _observed(self, name: str, entry: s.ObservedTimeEntry) -> p.ObservedTime:
        return p.ObservedTime(
            id=name,
            condition=entry.condition,
            endpoint=entry.endpoint,
            source=SourceKey(entry.source),
            status=entry.status,
            population=entry.population,
            n=entry.n,
            mean_days=entry.mean_days,
            sd_days=entry.sd_days,
            median_days=entry.median_days,
            iqr_width_days=entry.iqr_width_days,
            ci95_days=_span(entry.ci95_days),
            range_days=_span(entry.range_days),
            elite=entry.elite,
            note=entry.note,
        )

    def _modifiers(self) -> tuple[p.TimeModifier, ...]:
        files = self.tree.planning.prognosis
        entries = files.modifiers if files else {}
        return tuple(self._each(entries, "planning/prognosis.yaml", str, self._modifier).values())

    def _modifier(self, name: str, entry: s.ModifierEntry) -> p.TimeModifier:
        here: Path_ = ("modifiers", name)
        return p.TimeModifier(
            id=name,
            conditions=frozenset(self._conditions(entry.conditions, (*here, "conditions"))),
            when=self.expressions.parse(entry.when, (*here, "when")),
            multiplier=entry.multiplier,
            basis=Basis(entry.basis),
            sources=sources_of(entry.sources),
            note=entry.note,
        )

    def _recurrence(self) -> p.RecurrenceKnowledge | None:
        files = self.tree.planning.prognosis
        if files is None or files.recurrence is None:
            return None
        self.enter("planning/prognosis.yaml")
        entry, here = files.recurrence, ("recurrence",)
        return p.RecurrenceKnowledge(
            alpha=entry.alpha,
            beta=entry.beta,
            window_weeks=entry.window_weeks,
            sources=sources_of(entry.sources),
            raises=tuple(
                (part.text, self.expressions.parse(part.when, (*here, "raises", i, "when")), sources_of(part.sources))
                for i, part in enumerate(entry.raises)
            ),
            lowers=tuple((part.text, sources_of(part.sources)) for part in entry.lowers),
            conditions=frozenset(self._conditions(entry.conditions, (*here, "conditions"))),
        )


def _span(value: list[float] | None) -> Span | None:
    return (value[0], value[1]) if value is not None else None


def _dose(entry: s.DoseEntry) -> p.Dose:
    tempo = entry.tempo_s
    return p.Dose(
        sets=_span(entry.sets),
        reps=_span(entry.reps),
        hold_s=_span(entry.hold_s),
        duration_min=_span(entry.duration_min),
        work_s=_span(entry.work_s),
        distance_m=_span(entry.distance_m),
        contacts=_span(entry.contacts),
        tempo_s=(tempo[0], tempo[1], tempo[2]) if tempo is not None else None,
        rest_s=_span(entry.rest_s),
        per_week=_span(entry.per_week),
        bouts_per_day=_span(entry.bouts_per_day),
        weeks=_span(entry.weeks),
        load=p.LoadRange(basis=entry.load.basis, low=entry.load.low, high=entry.load.high) if entry.load else None,
    )


def _stage(entry: s.StageEntry) -> p.ProgrammeStage:
    return p.ProgrammeStage(
        number=entry.number,
        blocks=tuple(
            RunBlock(
                repeats=block.repeats,
                run_s=block.run_s,
                walk_s=block.walk_s,
                effort_rpe=(block.effort_rpe[0], block.effort_rpe[1]),
            )
            for block in entry.blocks
        ),
        pace=entry.pace,
        distance_km=entry.distance_km,
        note=entry.note,
        sessions=entry.sessions,
    )
