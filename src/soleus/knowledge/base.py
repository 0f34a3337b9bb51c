"""The compiled knowledge base: frozen, cross-referenced, ready for the engines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from soleus.core.assessment import Disposition
from soleus.core.expression import Expression
from soleus.core.ids import AdviceId, ConditionId, FindingId, RuleId, SourceKey
from soleus.knowledge.gait_base import GaitKnowledge
from soleus.knowledge.origin import Basis as Basis
from soleus.knowledge.origin import Parameter as Parameter
from soleus.knowledge.plan_base import PlanKnowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A counted frequency that moves an elicited number: `events` of `n`, counted at `weight` of its size."""

    events: float
    n: float
    weight: float
    source: SourceKey
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A probability as a Beta distribution, with its origin.

    `value`/`low`/`high`: mean and 90% interval *after* the observations; `alpha`, `beta`: the Beta behind them.
    `elicited`: (value, low, high) before the observations, when there are any.
    """

    value: float
    low: float
    high: float
    alpha: float
    beta: float
    basis: Basis
    sources: tuple[SourceKey, ...] = ()
    observed: tuple[Observation, ...] = ()
    elicited: tuple[float, float, float] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """P(option | cause) as a Dirichlet: probabilities by option, with an equivalent sample size."""

    options: Mapping[str, float]
    sample_size: float
    basis: Basis
    sources: tuple[SourceKey, ...] = ()
    observed: tuple[tuple[str, Observation], ...] = ()
    note: str = ""


class Kind(Enum):
    BOOLEAN = "boolean"
    CHOICE = "choice"
    INTEGER = "integer"
    NUMBER = "number"


class Flag(Enum):
    CRITICAL = "critical"
    RED = "red"
    AMBER = "amber"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingDefinition:
    """One entry of the vocabulary."""

    id: FindingId
    area: str
    kind: Kind
    options: tuple[str, ...]
    asked_of: frozenset[str]
    """Any of runner, clinician, watch, video."""
    flag: Flag
    burden: int
    critical_screen: bool
    order: int
    self_test: bool
    """A physical test the runner would do; only asked when `unsafe_if` is certainly false."""
    unsafe_if: Expression | None
    ask_if: Expression | None
    """Asked only when this is not false (a question that depends on another answer)."""
    bands: tuple[tuple[str, float], ...]
    """Numeric findings: (band id, upper limit exclusive), last limit infinite; the differential sees bands."""
    low: float | None
    high: float | None
    """Plausible range of numeric answers."""
    background: Number | Distribution | None
    """P(finding | a cause that says nothing about it); None = the differential does not use the finding."""
    false_present: float
    false_absent: float
    """Answer noise: P(says present | truly absent), P(says absent | truly present); for choices, `false_present`
    is the share spread evenly over all options."""
    implies_absent: tuple[FindingId, ...]
    """When present, these findings are taken as absent unless answered ("no medical problems")."""
    sources: tuple[SourceKey, ...]

    @property
    def states(self) -> tuple[str, ...]:
        """State names in the network: ("false", "true"), the options, or the bands."""
        if self.kind is Kind.BOOLEAN:
            return ("false", "true")
        if self.kind is Kind.CHOICE:
            return self.options
        return tuple(name for name, _ in self.bands)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A main cause (`diagnosis`) or a co-factor (`contributing_factor`)."""

    id: ConditionId
    kind: str
    prior: Number
    """Diagnosis: share of runners presenting with calf pain (normalised at compile time). Co-factor: prevalence."""
    urgency: Disposition
    category: str
    members: tuple[ConditionId, ...]
    findings: Mapping[FindingId, Number | Distribution]
    """P(finding | this condition), where it differs from the background."""
    factors: Mapping[ConditionId, Number]
    """Diagnosis: P(co-factor present | this cause), where it differs from its prevalence."""
    codes: Mapping[str, str]
    dangerous: bool
    subtypes: tuple[str, ...]
    grading: bool
    """Whether severity (mild/moderate/severe) is estimated."""
    sources: tuple[SourceKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrelatedGroup:
    """Findings that go together for one reason; a latent state carries it, margins P(finding | cause) stay as given.

    `factor`: the co-factor that *is* the latent; None = an unnamed latent of the group's own.
    `members`: finding → the states counted as "positive" (("true",) for booleans).
    `strength`: 0 = independent given the cause, 1 = as dependent as the margins allow.
    """

    id: str
    factor: ConditionId | None
    members: Mapping[FindingId, tuple[str, ...]]
    strength: float
    basis: Basis
    sources: tuple[SourceKey, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedFlagRule:
    """One negation-free triage rule.

    `suspect_when`: what must be *certainly* true for the still undetermined rule to count;
    it then contributes `suspect_disposition` (never above `disposition`).
    """

    id: RuleId
    disposition: Disposition
    when: Expression
    suspect_when: Expression | None
    suspect_disposition: Disposition | None
    go_to: str
    tags: frozenset[str]
    """What the rule stands for (dvt, svt, ischaemia, compartment, rupture, bone, infection, …): gates of the advice."""
    sources: tuple[SourceKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbabilityFloor:
    """P(sum of these causes) at or above the threshold raises the disposition to at least this (invariant I07)."""

    conditions: tuple[ConditionId, ...]
    threshold: float
    disposition: Disposition


@dataclass(frozen=True, slots=True, kw_only=True)
class WellsItem:
    finding: FindingId
    points: int
    clinician_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjunct:
    """One piece of first advice (ice, elevation, massage, a painkiller …)."""

    id: AdviceId
    category: str
    order: int
    loads_calf: bool
    for_conditions: frozenset[ConditionId]
    """Empty = for all."""
    only_if: Expression | None
    """Offered only when certainly true."""
    never_if: Expression | None
    """Vetoed when true *or unknown*."""
    never_with_tags: frozenset[str]
    """Vetoed while any rule with one of these tags is fired, or undetermined with support."""
    never_with_conditions: Mapping[ConditionId, float]
    """Vetoed when P(cause) is at or above the threshold."""
    max_disposition: Disposition
    """Offered only at or below this urgency."""
    needs_facts: tuple[str, ...]
    """Medicine-safety facts that must all be known False; a True or unknown one vetoes."""
    medicine: str | None
    evidence: str
    sources: tuple[SourceKey, ...]
    plan_only: bool = False
    """Belongs to a plan; never part of the first advice."""
    first_only: bool = False
    """Belongs to the first advice; a plan says the same better in its phases."""
    throughout: bool = False
    """In a plan: for all phases, not only for those that name it."""
    with_running: bool = False
    """In a plan: only in phases that allow running."""
    wants: frozenset[str] = frozenset()
    """Offered when the goals hold one of these wishes ("carbon_shoes") or this arch ("arch_flat"); without
    `for_conditions` to nobody else."""
    contraindications: tuple[str, ...] = ()
    """Codes of `PlanKnowledge.contraindications` that veto it too; an unknown or missing one vetoes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicineRule:
    id: str
    medicines: tuple[str, ...]
    any_of: tuple[str, ...]
    action: str
    """block | ask_pharmacist_or_GP | warn | urgent_111_or_999"""
    overrides: Mapping[str, str]
    sources: tuple[SourceKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    key: SourceKey
    citation: str
    locator: str
    verified: str
    used_for: str
    doi: str = ""
    pmid: str = ""
    verified_note: str = ""
    design: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """Yes/no items asked together on one page of tick boxes, each ticked, denied or unknown; one question."""

    id: str
    items: tuple[str, ...]
    """Finding ids, or medicine-safety facts in `fact_screens`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewPlan:
    """What the interview asks first and what it asks together; everything else follows from the answers."""

    opening: tuple[FindingId, ...] = ()
    screens: tuple[Screen, ...] = ()
    fact_screens: tuple[Screen, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityModel:
    """P(grade) and P(finding | grade) of strains; `discount` weakens the sum of overlapping signs."""

    grades: tuple[str, ...]
    """From mild to severe."""
    prior: Distribution
    priors: Mapping[ConditionId, Distribution]
    """Where a condition differs from `prior`."""
    discount: float
    findings: Mapping[FindingId, Mapping[str, Number | Distribution]]
    """By finding and grade."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterTable:
    """Columns of equal length ("grade_pct", "factor"); None marks an open end or an unknown cell."""

    id: str
    columns: Mapping[str, tuple[float | str | None, ...]]
    basis: Basis
    sources: tuple[SourceKey, ...] = ()
    note: str = ""
    status: str = ""

    def numbers(self, column: str) -> tuple[float, ...]:
        """A column of numbers; open ends become infinities by position (first −∞, otherwise +∞)."""
        cells = self.columns[column]
        return tuple(
            float("-inf") if c is None and i == 0 else float("inf") if c is None else float(c)
            for i, c in enumerate(cells)
        )

    def words(self, column: str) -> tuple[str, ...]:
        return tuple(str(cell) for cell in self.columns[column])


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDefinition:
    """One change worth looking for before the pain began.

    `series`: the daily series it reads (`training.daily.SERIES`). `kind`: session_spike | level | first_in_90_days |
    switch | return_after_break. `threshold`: what counts as "changed" (ratio for level and spike, days for breaks,
    share for switches). `findings`: the findings of the vocabulary it is evidence for.
    """

    id: str
    series: str
    kind: str
    windows_days: tuple[int, ...]
    threshold: float
    minimum: float
    """Smallest absolute amount in the window, in the series' unit, below which nothing is said."""
    weight: float
    """Prior weight of the evidence for ranking, 0-1."""
    strength: str
    """cohort | trial | laboratory | expert | descriptive: what kind of study stands behind it."""
    findings: tuple[FindingId, ...]
    basis: Basis
    sources: tuple[SourceKey, ...]
    order: int
    note: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingKnowledge:
    """Everything `soleus.training` may know."""

    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    tables: Mapping[str, ParameterTable] = field(default_factory=dict)
    changes: tuple[ChangeDefinition, ...] = ()

    def value(self, parameter_id: str) -> float:
        """The value of a parameter. KeyError names the id."""
        return self.parameters[parameter_id].value


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeBase:
    """Everything the engines may know. `text` maps text id → wording of one locale (no engine reads it)."""

    version: str
    content_hash: str
    findings: Mapping[FindingId, FindingDefinition]
    conditions: Mapping[ConditionId, Condition]
    groups: tuple[CorrelatedGroup, ...]
    rules: tuple[RedFlagRule, ...]
    floors: tuple[ProbabilityFloor, ...]
    wells: tuple[WellsItem, ...]
    adjuncts: tuple[Adjunct, ...]
    medicines: Mapping[str, Mapping[str, object]]
    medicine_rules: tuple[MedicineRule, ...]
    medicine_facts: tuple[str, ...]
    sources: Mapping[SourceKey, Source]
    text: Mapping[str, str] = field(repr=False)
    harm: Mapping[ConditionId, float] = field(default_factory=dict)
    """Weight of missing each cause, for choosing questions."""
    severity: SeverityModel | None = None
    """How severe a strain is; None = not estimated."""
    interview: InterviewPlan = field(default_factory=InterviewPlan)
    training: TrainingKnowledge = field(default_factory=TrainingKnowledge)
    """Numbers and definitions of the training analysis."""
    plans: PlanKnowledge = field(default_factory=PlanKnowledge)
    """Exercises, plan families, running programmes, prognosis: everything the planner reads."""
    gait: GaitKnowledge = field(default_factory=GaitKnowledge)
    """Metrics, reference bands, refusals, observations, foot checks and every constant of the gait engine."""

    @property
    def diagnoses(self) -> tuple[Condition, ...]:
        return tuple(c for c in self.conditions.values() if c.kind == "diagnosis")

    @property
    def factors(self) -> tuple[Condition, ...]:
        return tuple(c for c in self.conditions.values() if c.kind == "contributing_factor")
