"""A rehabilitation plan: phases with criteria, prescriptions with reasons, weeks, forecasts. Ids and numbers only.

A plan is a proposal made by software until a clinician has checked it; a revision is never edited, only superseded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from enum import Enum

from soleus.core.assessment import Advice, Disposition, Withheld
from soleus.core.expression import Truth
from soleus.core.goals import Goals
from soleus.core.ids import (
    ConditionId,
    ExerciseId,
    FamilyId,
    MeasureId,
    ProgrammeId,
    SourceKey,
)
from soleus.core.message import Message

Span = tuple[float, float]
"""(least, most), both inclusive; equal when there is no choice."""


class PlanStatus(Enum):
    """What kind of answer this is; only DRAFT holds loading exercises."""

    WITHHELD = "withheld"
    """Not safe to plan: an urgent or undetermined danger. Says who to see, how soon, and what is safe meanwhile."""
    NO_SELF_PLAN = "no_self_plan"
    """The likely cause has no plan to follow alone: says who to see and what is safe meanwhile."""
    LOCKED = "locked"
    """A plan exists but a clinician must clear it first; until then only what is safe without clearance."""
    DRAFT = "draft"
    """An automatic draft, usable as it stands, not yet checked by a clinician."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A test of one measure: `measure op value`. `norm` lowers the bar where age and sex do ("" = no norm)."""

    measure: MeasureId
    op: str
    """>= | <= | =="""
    value: float | bool
    pain_max: float | None = None
    """The measure counts only when done with at most this pain (0-10)."""
    norm: str = ""
    """median | median_minus_6: use the age and sex median (minus 6) when that is lower than `value`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionState:
    """A criterion beside what is known; an unknown measure never counts as met."""

    criterion: Criterion
    target: float | bool
    """`value`, or the norm that replaced it."""
    known: float | bool | None
    truth: Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Prescription:
    """One exercise with the dose chosen for this runner in this phase."""

    exercise: ExerciseId
    sets: int | None = None
    reps: Span | None = None
    hold_s: Span | None = None
    duration_min: Span | None = None
    work_s: Span | None = None
    distance_m: Span | None = None
    contacts: Span | None = None
    tempo_s: tuple[float, float, float] | None = None
    """Seconds up, hold, down."""
    rest_s: int | None = None
    per_week: int = 3
    bouts_per_day: int = 1
    load: Message | None = None
    """How heavy, in words by id."""
    pain_max_nrs: float = 2
    """Most pain allowed during the exercise, 0-10."""
    start_day: int = 0
    """Not before this many days after the onset."""
    start_when: tuple[CriterionState, ...] = ()
    """Added only once these hold; unmet ones are shown as "later, when …"."""
    start_gate: str = ""
    optional: bool = False
    minutes: float = 5.0
    """Estimated time of one bout with rests."""
    easier: tuple[ExerciseId, ...] = ()
    """Allowed easier exercises (already past every veto)."""
    harder: tuple[ExerciseId, ...] = ()
    because: tuple[Message, ...] = ()
    sources: tuple[SourceKey, ...] = ()

    @property
    def waits_for(self) -> tuple[CriterionState, ...]:
        """Criteria that do not certainly hold yet; it is not added before they do."""
        return tuple(state for state in self.start_when if state.truth is not Truth.TRUE)

    def has_begun(self, days_since_onset: float | None) -> bool:
        """Whether its start day is certainly reached."""
        return self.start_day <= 0 if days_since_onset is None else days_since_onset >= self.start_day

    def is_ready(self, days_since_onset: float | None) -> bool:
        """Whether it may be done that day: its start day is certainly reached and every criterion certainly holds."""
        return self.has_begun(days_since_onset) and not self.waits_for


class SessionKind(Enum):
    RUN = "run"
    STRENGTH = "strength"
    PLYOMETRIC = "plyometric"
    WHOLE_BODY = "whole_body"
    """Hip, trunk and balance."""
    DAILY = "daily"
    """Short and light: mobility, isometric holds, stretching; may be done every day."""
    CROSS = "cross"
    TEST = "test"
    """The measurements that decide the next phase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunBlock:
    """`repeats` times: run, then walk (the last walk belongs to the block; `walk_s` 0 = continuous)."""

    repeats: int
    run_s: int
    walk_s: int
    effort_rpe: Span = (3, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWorkout:
    """One run: warm-up walk, blocks, cool-down walk."""

    id: str
    """Stable within the plan: "<programme>.<stage>" or "build.<n>"."""
    name: Message
    warm_up_s: int
    blocks: tuple[RunBlock, ...]
    cool_down_s: int
    pain_max_nrs: float
    strides: int = 0
    """Short fast runs at the end, of 15 s with 60 s walk; 0 = none."""
    notes: tuple[Message, ...] = ()

    @property
    def run_s(self) -> int:
        return sum(block.repeats * block.run_s for block in self.blocks)

    @property
    def total_s(self) -> int:
        work = sum(block.repeats * (block.run_s + block.walk_s) for block in self.blocks)
        return self.warm_up_s + work + self.strides * 75 + self.cool_down_s


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStage:
    """One stage of the return-to-run programme, with how often it is done before moving on."""

    number: int
    workout: RunWorkout
    sessions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningPlan:
    """How running comes back: the gate to pass, the stage to begin at, stages, rules and caps."""

    programme: ProgrammeId
    gate: str
    gate_state: tuple[CriterionState, ...]
    open: bool
    """Whether every criterion of the gate is certainly met (and a clinician has cleared it where one must)."""
    first_stage: int
    stages: tuple[RunStage, ...]
    rules: tuple[Message, ...]
    allowed_now: str
    """none | within_pain | half | programme | full: what running the current phase allows."""
    sessions_per_week: int
    min_rest_h: int
    pain_max_nrs: float
    weekly_cap_km: float | None = None
    """Most distance in the first full week after the programme, from the runner's own history."""
    single_run_cap_km: float | None = None
    sources: tuple[SourceKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSession:
    """One session on one day. `id` is stable over revisions of the plan: "w03.run.2"."""

    id: str
    kind: SessionKind
    on: date
    order: int
    """Position within the day, from 0: a run always comes before strength."""
    minutes: int
    exercises: tuple[ExerciseId, ...] = ()
    workout: RunWorkout | None = None
    at: time | None = None
    provisional: bool = False
    """Belongs to a phase not yet reached: happens only when the criteria are met."""
    distance_km: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWeek:
    number: int
    """From 1."""
    starts_on: date
    phase: str
    """Phase id the week belongs to."""
    sessions: tuple[PlannedSession, ...]
    run_min: float = 0.0
    run_km: float | None = None
    longest_run_min: float = 0.0
    cap_run_km: float | None = None
    """Cap that held for the week's distance; None = the staged programme decides."""
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleConflict:
    """Wishes that cannot all be met, and the least change that makes the week fit."""

    weeks: tuple[int, ...]
    wishes: tuple[Message, ...]
    """The smallest set of wishes that clash."""
    least_change: tuple[Message, ...]
    left_out: tuple[str, ...] = ()
    """Sessions that were dropped or shortened meanwhile, by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventOutlook:
    """Whether the race can be run on its day."""

    name: str
    on: date
    verdict: str
    """likely | unlikely | cannot_tell. Only a likely race has its day in the weeks."""
    chance: float | None
    """Of full training by then, from the forecast; None = no forecast."""
    distance_km: float | None
    allowed_km: float | None
    """Longest run that the caps allow on the day; None = not known."""
    because: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRule:
    """A sign to stop at, and what to do then."""

    id: str
    disposition: Disposition | None
    """How urgent; None = step back within the plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPhase:
    id: str
    text: str
    """Text key: wording is shared by like phases (`phase.<text>.name`)."""
    number: int
    entry: tuple[CriterionState, ...]
    advance: tuple[CriterionState, ...]
    """All must hold on two days at least 48 h apart."""
    step_back: tuple[StopRule, ...]
    """Signs that mean back one stage or phase."""
    stop: tuple[StopRule, ...]
    """Signs that mean stop and be seen."""
    prescriptions: tuple[Prescription, ...]
    care: tuple[str, ...]
    """Ids of `Plan.care` that belong to this phase."""
    walk: Message | None
    run: str
    """none | within_pain | half | programme | full."""
    cross: tuple[ExerciseId, ...]
    expected_days: tuple[int, int, int]
    """Least, typical, most: an expectation; the criteria decide."""
    reached: bool = False
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Veto:
    """An exercise, drill or item taken out, with the contraindication codes that forbid it."""

    item: str
    codes: tuple[str, ...]
    unknown: bool = False
    """True when nothing forbids it for certain: an answer or a test would settle it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCause:
    condition: ConditionId
    probability: float
    grade: str = ""
    """mild | moderate | severe for strains."""
    family: FamilyId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CareItem:
    """Care beside exercise (ice, compression, shoes, painkillers …), allowed by every veto."""

    advice: Advice
    phases: tuple[str, ...]
    """Phase ids it belongs to; empty = throughout."""
    category: str
    because: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Days to a milestone, from `since`, as a distribution: its quantiles."""

    milestone: str
    """walk_without_limp | first_run | run_30_min | full_training | settled."""
    p10_days: float
    median_days: float
    p90_days: float
    confidence: str
    """moderate | low | very_low."""
    basis: tuple[Message, ...]
    caveats: tuple[Message, ...]
    modifiers: tuple[Message, ...] = ()
    sources: tuple[SourceKey, ...] = ()
    since: date | None = None
    """Day that the days count from: the onset, the plan's first day (a programme) or today; None = an onset without a
    date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """Chance of another episode within a year, with what raises and what lowers it."""

    mean: float
    low: float
    high: float
    raises: tuple[Message, ...] = ()
    lowers: tuple[Message, ...] = ()
    window_weeks: int = 15
    sources: tuple[SourceKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The whole answer: replayable from case, goals, knowledge version and `made_on`."""

    id: str
    revision: int
    status: PlanStatus
    made_on: date
    starts_on: date
    knowledge_version: str
    input_hash: str
    disposition: Disposition
    causes: tuple[PlannedCause, ...] = ()
    family: FamilyId | None = None
    also_safe_for: tuple[FamilyId, ...] = ()
    """Competing causes: the plan keeps to the stricter rule of each."""
    why: tuple[Message, ...] = ()
    """Why this plan, or why none; most important first."""
    see: tuple[Message, ...] = ()
    """Who to see and how soon."""
    pathway: str = ""
    """self | self_physio | physio | clinician_led | clinician_only."""
    pain_max_nrs: float = 2
    phases: tuple[PlanPhase, ...] = ()
    care: tuple[CareItem, ...] = ()
    care_withheld: tuple[Withheld, ...] = ()
    vetoed: tuple[Veto, ...] = ()
    running: RunningPlan | None = None
    weeks: tuple[PlanWeek, ...] = ()
    conflicts: tuple[ScheduleConflict, ...] = ()
    event: EventOutlook | None = None
    forecasts: tuple[Forecast, ...] = ()
    recurrence: Recurrence | None = None
    technique: tuple[CareItem, ...] = ()
    """Gait, technique and footwear advice."""
    to_measure: tuple[MeasureId, ...] = ()
    """Measures not yet known that would decide the phase or open the gate, most useful first."""
    assumed: tuple[Message, ...] = ()
    """What was taken for granted where the goals said nothing."""
    goals: Goals = field(default_factory=Goals)
    problems: tuple[str, ...] = ()
    """Parts that failed and were replaced by caution."""

    @property
    def current(self) -> PlanPhase | None:
        return next((phase for phase in self.phases if phase.current), None)

    @property
    def sessions(self) -> tuple[PlannedSession, ...]:
        return tuple(session for week in self.weeks for session in week.sessions)
