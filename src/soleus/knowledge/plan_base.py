"""Everything that `soleus.planning` may know: exercises, plan families, running programmes, gates, care, prognosis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from soleus.core.assessment import Disposition
from soleus.core.expression import Expression
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
from soleus.knowledge.figure_base import ExerciseFigure
from soleus.knowledge.origin import Basis, Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRange:
    """How heavy. `basis`: rpe_0_10, rm (repetition maximum: the lower the heavier), bodyweight_pct (added weight),
    feel_0_10 (stretch or pressure), pain_0_10, speed_pct, none (body weight alone; `low` and `high` then are the share
    of it on one leg, in percent)."""

    basis: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """The whole range that the evidence allows; the planner picks inside it. None = does not apply."""

    sets: Span | None = None
    reps: Span | None = None
    hold_s: Span | None = None
    duration_min: Span | None = None
    work_s: Span | None = None
    distance_m: Span | None = None
    contacts: Span | None = None
    tempo_s: tuple[float, float, float] | None = None
    """Seconds up, hold, down."""
    rest_s: Span | None = None
    per_week: Span | None = None
    bouts_per_day: Span | None = None
    weeks: Span | None = None
    load: LoadRange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One exercise. Wording: `exercise.<id>.name`, `.cue.1`…, `.feel`, `.start`, `.end` (text alternative), `.easier`,
    `.harder`, `.load`; pictures: `figures/<id>.yaml`."""

    id: ExerciseId
    kind: str
    """mobility | isometric | strength | eccentric | foot_core | hip | balance | flexibility | neural | plyometric |
    cross_training | running_drill."""
    targets: tuple[str, ...]
    kit: tuple[frozenset[KitId], ...]
    """Alternatives: any one of these sets is enough; empty = nothing needed."""
    unilateral: bool
    load_tier: int
    """Achilles and calf load, 1 (seated raise) … 4 (hop): a coarse ordering of our own."""
    impact: str
    """none | low | moderate | high."""
    dose: Dose
    progresses_to: tuple[ExerciseId, ...]
    regresses_to: tuple[ExerciseId, ...]
    contraindications: tuple[str, ...]
    """Codes of `PlanKnowledge.contraindications`; never empty."""
    stop_signs: tuple[str, ...]
    """Ids of `PlanKnowledge.stop_signs`; never empty."""
    evidence: str
    sources: tuple[SourceKey, ...]
    loads_calf: bool = True
    """Whether it loads calf, tendon or bone of the sore leg beyond lying and sitting still."""
    core_strength: bool = False
    """Hip, trunk or whole-body strength."""
    warm_up: bool = False
    """Fit to be done before a run (dynamic flexibility)."""
    film: FindingId | None = None
    """What it is there to change; left out where a film shows for certain that there is nothing to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseExercise:
    """An exercise as a phase prescribes it: narrower than its dose range; None = take it from the dose."""

    exercise: ExerciseId
    sets: Span | None = None
    reps: Span | None = None
    hold_s: Span | None = None
    duration_min: Span | None = None
    work_s: Span | None = None
    distance_m: Span | None = None
    contacts: Span | None = None
    per_week: int | None = None
    bouts_per_day: int | None = None
    pain_max_nrs: float | None = None
    start_day: int = 0
    start_when: tuple[Criterion, ...] = ()
    start_gate: str = ""
    """Id of a gate that must be passed ("speed_gate")."""
    start_weeks_after_gate: int = 0
    start_stage: int = 0
    """Running stage that must be reached first."""
    load: str = ""
    """Text id of a load note for this phase ("load.add_5_10_bw")."""
    optional: bool = False
    only_for: frozenset[ConditionId] = frozenset()
    """Only when one of these is among the causes planned for (sural nerve picture)."""
    instead_of: tuple[ExerciseId, ...] = ()
    """A choice: done in place of these (heavy slow resistance, or its two parts)."""
    note: str = ""
    """Text id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyPhase:
    """Wording: `phase.<text>.name`, `phase.<text>.goal.1`…, `.walk`, `.run`."""

    id: str
    text: str
    entry: tuple[Criterion, ...]
    exit: tuple[Criterion, ...]
    exercises: tuple[PhaseExercise, ...]
    care: tuple[AdviceId, ...]
    run: str
    """none | within_pain | half | programme | full."""
    cross: tuple[ExerciseId, ...]
    cross_from_day: int
    stop_signs: tuple[str, ...]
    expected_days: tuple[int, int, int]
    walk: TextId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFamily:
    """One shape of rehabilitation. Wording: `family.<id>.name`, `.plain`, `.note`."""

    id: FamilyId
    conditions: tuple[tuple[ConditionId, str], ...]
    """(condition, qualifier): "" | mild | moderate | severe | after_dvt_excluded | after_clinician | post_treatment."""
    pathway: str
    """self | self_physio | physio | clinician_led | clinician_only."""
    needs_clearance: bool
    """Locked until a clinician has cleared it."""
    caution: int
    """Order among competing families: the higher is the more protective, and leads."""
    pain_limit_nrs: float
    programme: ProgrammeId
    gate: str
    priors: tuple[str, ...]
    phases: tuple[FamilyPhase, ...]
    evidence: str
    sources: tuple[SourceKey, ...]
    long_course: bool = False
    """Months are usual for these causes: that it has lasted long asks for a doctor beside the plan, not before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeStage:
    number: int
    blocks: tuple[RunBlock, ...]
    pace: str
    """Text id of the pace note."""
    distance_km: float | None = None
    note: str = ""
    sessions: int | None = None
    """How often it is done before moving on; None = as the programme says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A return-to-run programme. Wording: `programme.<id>.name`, `.rule.1`…"""

    id: ProgrammeId
    sessions_per_week: int
    min_rest_h: int
    warm_up_s: int
    cool_down_s: int
    min_sessions_per_stage: int
    stages: tuple[ProgrammeStage, ...]
    gate: str
    pain_limit_nrs: float
    needs_clearance: bool
    rules: int
    """How many `programme.<id>.rule.<n>` texts there are."""
    sources: tuple[SourceKey, ...]
    reference_only: bool = False
    """Kept to compare with; never prescribed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Tests to pass before running, speed or full return. Wording: `gate.<id>.name`."""

    id: str
    criteria: tuple[Criterion, ...]
    needs_clearance: bool
    sources: tuple[SourceKey, ...]
    only_for: Mapping[MeasureId, frozenset[FamilyId]] = field(default_factory=dict)
    """Criteria on these measures apply to these families only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A measure that an answer settles: when the expression is true, the measure is `value`."""

    when: Expression
    value: float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureDefinition:
    """Wording: `measure.<id>.name`, `.ask`, `.how`, `.clinical`."""

    id: MeasureId
    kind: str
    """number | boolean."""
    unit: str
    low: float
    high: float
    better: str
    """higher | lower."""
    self_test: bool
    """The runner can do it alone."""
    clinician_only: bool
    derived: tuple[Derived, ...]
    """First that is certainly true counts; used only when nothing was measured."""
    unsafe_codes: tuple[str, ...]
    """Contraindication codes under which the test must not be offered."""
    order: int
    sources: tuple[SourceKey, ...]
    needs_pain: bool = False
    """Ask for the worst pain during the test too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeelRaiseNorm:
    """Median single-leg heel raises by age band and sex; `basis` and `status` as everywhere."""

    ages: tuple[tuple[int, int], ...]
    male: tuple[float, ...]
    female: tuple[float, ...]
    basis: Basis
    sources: tuple[SourceKey, ...]
    note: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopSign:
    """Wording: `stop.<id>.sign`, `stop.<id>.do`. `disposition` None = step back within the plan."""

    id: str
    disposition: Disposition | None
    back: str
    """"" | stage | phase | load."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contraindication:
    """A reason against an item. It *applies* when any of `facts`, `when`, `tags`, `conditions`, `families` points to
    it (no such part given = it always applies); unknown facts and expressions count as applying. It is lifted only
    when every criterion of `until` and the gate `until_gate` are certainly met, and a clinician has cleared it when
    `until_cleared`. Wording: `contraindication.<id>`, `contraindication.<id>.unknown`.
    """

    id: str
    facts: tuple[str, ...] = ()
    when: Expression | None = None
    tags: frozenset[str] = frozenset()
    """Open triage rules with one of these tags."""
    suspected_only: bool = False
    """A rule counts only when it is a real suspicion (fired, or undetermined with a say of GP level or more), as for
    advice that loads the calf; else every open rule counts, as for what presses or rubs it."""
    conditions: Mapping[ConditionId, float] = field(default_factory=dict)
    """P(cause) at or above."""
    families: frozenset[FamilyId] = frozenset()
    """The plan's family, or one it must be safe for."""
    until: tuple[Criterion, ...] = ()
    until_gate: str = ""
    """run (the programme's gate) | speed | full."""
    until_cleared: bool = False
    sources: tuple[SourceKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorModule:
    """What a contributing factor adds to a plan."""

    factor: ConditionId
    min_probability: float
    exercises: tuple[PhaseExercise, ...]
    from_phase: int
    """Not before this phase of the family (0 = from the start)."""
    care: tuple[AdviceId, ...]
    sources: tuple[SourceKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSelfPlan:
    """A cause with no plan to follow alone. Wording: `no_plan.<condition>.see`, `.meanwhile`."""

    condition: ConditionId
    disposition: Disposition
    see: str
    """emergency | same_day_service | gp | physio | vascular | sports_physician | treating_team."""
    fallback: FamilyId | None = None
    """Family whose plan is used when the triage is clear ("something else" uses that of overload)."""
    meanwhile: tuple[AdviceId, ...] = ()
    sources: tuple[SourceKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """Lognormal days from onset to a milestone: median = exp(mu)."""

    id: str
    condition: ConditionId
    grade: str
    milestone: str
    """walk_without_limp | first_run | run_30_min | full_training | settled."""
    mu: float
    sigma: float
    confidence: str
    """moderate | low | very_low."""
    elite: bool
    """From professional athletes: shown beside a forecast, never as one."""
    basis: Basis
    sources: tuple[SourceKey, ...]
    note: str = ""
    status: str = ""
    counts_from: str = "onset"
    """onset | start: the first day of the programme."""
    caveats: tuple[TextId, ...] = ()
    """Where the study measured something else than the milestone, and other limits."""
    observed: tuple[str, ...] = ()
    """Published times to tell beside it, ids of `PlanKnowledge.observed`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedTime:
    """A published time, told beside the forecasts; nothing is computed from it. Wording: `prognosis.observed.<id>`."""

    id: str
    condition: str
    endpoint: str
    source: SourceKey
    status: str
    population: str = ""
    n: int | None = None
    mean_days: float | None = None
    sd_days: float | None = None
    median_days: float | None = None
    iqr_width_days: float | None = None
    ci95_days: Span | None = None
    range_days: Span | None = None
    elite: bool = False
    """From professional athletes."""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeModifier:
    """Multiplies the median of the priors of `conditions` when `when` is certainly true; None = told, not counted."""

    id: str
    conditions: frozenset[ConditionId]
    when: Expression | None
    multiplier: float | None
    basis: Basis
    sources: tuple[SourceKey, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurrenceKnowledge:
    alpha: float
    beta: float
    window_weeks: int
    sources: tuple[SourceKey, ...]
    raises: tuple[tuple[str, Expression | None, tuple[SourceKey, ...]], ...] = ()
    """(text id, when it applies (None = tell always), sources)."""
    lowers: tuple[tuple[str, tuple[SourceKey, ...]], ...] = ()
    conditions: frozenset[ConditionId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanKnowledge:
    """Everything below exercises/, plans/, programmes/ and the single files of planning."""

    exercises: Mapping[ExerciseId, Exercise] = field(default_factory=dict)
    families: Mapping[FamilyId, PlanFamily] = field(default_factory=dict)
    programmes: Mapping[ProgrammeId, Programme] = field(default_factory=dict)
    gates: Mapping[str, Gate] = field(default_factory=dict)
    measures: Mapping[MeasureId, MeasureDefinition] = field(default_factory=dict)
    norm: HeelRaiseNorm | None = None
    stop_signs: Mapping[str, StopSign] = field(default_factory=dict)
    contraindications: Mapping[str, Contraindication] = field(default_factory=dict)
    modules: tuple[FactorModule, ...] = ()
    no_self_plan: Mapping[ConditionId, NoSelfPlan] = field(default_factory=dict)
    priors: Mapping[str, Prior] = field(default_factory=dict)
    modifiers: tuple[TimeModifier, ...] = ()
    recurrence: RecurrenceKnowledge | None = None
    observed: Mapping[str, ObservedTime] = field(default_factory=dict)
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    """Caps, limits and choices of the planner, each with its origin."""
    figures: Mapping[ExerciseId, ExerciseFigure] = field(default_factory=dict)
    """Pictures of the exercises; no engine reads them."""

    def value(self, parameter_id: str) -> float:
        """The value of a parameter. KeyError names the id."""
        return self.parameters[parameter_id].value
