"""The shape of the files that plans are made of: exercises, families, programmes and the single files of planning.

Keys are the field names of `plan_base`. A span may be written as one number: `sets: 3` means `sets: [3, 3]`.
"""

# ruff: noqa: RUF012 - pydantic copies the defaults of its models; ruff cannot see that Closed is one.
from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, FiniteFloat, StringConstraints, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from soleus.knowledge import schema
from soleus.knowledge.schema import (
    BasisWord,
    Closed,
    ExpressionText,
    Id,
    Origin,
    ParameterEntry,
    ParameterName,
    Probability,
    Slug,
    Text,
)
from soleus.knowledge.schema_figure import FigureFile
from soleus.knowledge.schema_gait import GAIT_MODELS

Grade = Literal["", "mild", "moderate", "severe"]
Permission = Literal["none", "within_pain", "half", "programme", "full"]
Milestone = Literal["walk_without_limp", "first_run", "run_30_min", "full_training", "settled"]
Pain = Annotated[FiniteFloat, Field(ge=0, le=10)]
Seconds = Annotated[int, Field(ge=0, le=14_400)]
TextName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)*$", max_length=120)]


def _pair(value: Any) -> Any:
    """One number is a span without a choice."""
    return [value, value] if isinstance(value, int | float) and not isinstance(value, bool) else value


_SPAN_SCHEMA = {
    "anyOf": [
        {"type": "number", "minimum": 0},
        {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 2, "maxItems": 2},
    ]
}
SpanEntry = Annotated[
    list[Annotated[FiniteFloat, Field(ge=0)]],
    Field(min_length=2, max_length=2),
    BeforeValidator(_pair),
    WithJsonSchema(_SPAN_SCHEMA),
]


class Spans(Closed):
    """Anything whose spans must rise."""

    @model_validator(mode="after")
    def _spans_rise(self) -> Spans:
        for name in SPAN_FIELDS & type(self).model_fields.keys():
            value = getattr(self, name)
            if isinstance(value, list) and value[0] > value[1]:
                raise PydanticCustomError("interval", "a span rises, least first: {name}", {"name": name})
        return self


SPAN_FIELDS = frozenset(
    ("sets", "reps", "hold_s", "duration_min", "work_s", "distance_m", "contacts", "rest_s", "weeks")
) | {"per_week", "bouts_per_day"}


class CriterionEntry(Closed):
    """`measure op value`; see `core.plan.Criterion`."""

    measure: Id
    op: Literal[">=", "<=", "=="]
    value: FiniteFloat | bool
    pain_max: Pain | None = None
    norm: Literal["", "median", "median_minus_6"] = ""


# --- exercises/<id>.yaml ------------------------------------------------------------------------------------------


class LoadEntry(Closed):
    """How heavy."""

    basis: Literal["rpe_0_10", "rm", "bodyweight_pct", "feel_0_10", "pain_0_10", "speed_pct", "none"]
    low: FiniteFloat | None = None
    high: FiniteFloat | None = None


class DoseEntry(Spans):
    """The whole range that the evidence allows."""

    sets: SpanEntry | None = None
    reps: SpanEntry | None = None
    hold_s: SpanEntry | None = None
    duration_min: SpanEntry | None = None
    work_s: SpanEntry | None = None
    distance_m: SpanEntry | None = None
    contacts: SpanEntry | None = None
    tempo_s: Annotated[list[Annotated[FiniteFloat, Field(ge=0)]], Field(min_length=3, max_length=3)] | None = None
    rest_s: SpanEntry | None = None
    per_week: SpanEntry | None = None
    bouts_per_day: SpanEntry | None = None
    weeks: SpanEntry | None = None
    load: LoadEntry | None = None


class ExerciseFile(Closed):
    """exercises/<id>.yaml"""

    schema_: Annotated[Literal["exercise/1"], Field(alias="schema")]
    id: Id
    kind: Literal[
        "mobility",
        "isometric",
        "strength",
        "eccentric",
        "foot_core",
        "hip",
        "balance",
        "flexibility",
        "neural",
        "plyometric",
        "cross_training",
        "running_drill",
    ]
    targets: Annotated[list[Id], Field(min_length=1)]
    kit: list[list[Id]] = []
    unilateral: bool
    load_tier: Annotated[int, Field(ge=0, le=5)]
    impact: Literal["none", "low", "moderate", "high"]
    dose: DoseEntry
    progresses_to: list[Id] = []
    regresses_to: list[Id] = []
    contraindications: list[Id] = []
    stop_signs: list[Id] = []
    evidence: Text
    sources: list[Id] = []
    loads_calf: bool = True
    core_strength: bool = False
    warm_up: bool = False
    film: Id | None = None
    origin: Origin


# --- plans/<family>.yaml ------------------------------------------------------------------------------------------


class PhaseExerciseEntry(Spans):
    """An exercise as a phase prescribes it; what is left out comes from its dose."""

    exercise: Id
    sets: SpanEntry | None = None
    reps: SpanEntry | None = None
    hold_s: SpanEntry | None = None
    duration_min: SpanEntry | None = None
    work_s: SpanEntry | None = None
    distance_m: SpanEntry | None = None
    contacts: SpanEntry | None = None
    per_week: Annotated[int, Field(ge=1, le=14)] | None = None
    bouts_per_day: Annotated[int, Field(ge=1, le=8)] | None = None
    pain_max_nrs: Pain | None = None
    start_day: Annotated[int, Field(ge=0, le=365)] = 0
    start_when: list[CriterionEntry] = []
    start_gate: str = ""
    start_weeks_after_gate: Annotated[int, Field(ge=0, le=26)] = 0
    start_stage: Annotated[int, Field(ge=0, le=20)] = 0
    load: str = ""
    optional: bool = False
    only_for: list[Id] = []
    instead_of: list[Id] = []
    note: str = ""


class PhaseEntry(Closed):
    """One phase of a family."""

    id: Id
    text: Id
    entry: list[CriterionEntry] = []
    exit: Annotated[list[CriterionEntry], Field(min_length=1)]
    exercises: list[PhaseExerciseEntry] = []
    care: list[Id] = []
    run: Permission
    cross: list[Id] = []
    cross_from_day: Annotated[int, Field(ge=0, le=365)] = 0
    stop_signs: Annotated[list[Id], Field(min_length=1)]
    expected_days: Annotated[list[Annotated[int, Field(ge=0, le=730)]], Field(min_length=3, max_length=3)]
    walk: TextName | None = None

    @model_validator(mode="after")
    def _days_rise(self) -> PhaseEntry:
        if self.expected_days != sorted(self.expected_days):
            raise PydanticCustomError("interval", "expected_days rise: least, typical, most")
        return self


class PlanFile(Closed):
    """plans/<family>.yaml"""

    schema_: Annotated[Literal["plan/1"], Field(alias="schema")]
    id: Id
    conditions: Annotated[
        dict[Id, Literal["", "mild", "moderate", "severe", "after_dvt_excluded", "after_clinician", "post_treatment"]],
        Field(min_length=1),
    ]
    pathway: Literal["self", "self_physio", "physio", "clinician_led", "clinician_only"]
    needs_clearance: bool = False
    long_course: bool = False
    caution: Annotated[int, Field(ge=0, le=100)]
    pain_limit_nrs: Pain
    programme: Id
    gate: Id
    priors: list[Id] = []
    phases: Annotated[list[PhaseEntry], Field(min_length=1)]
    evidence: Text
    sources: list[Id] = []
    origin: Origin

    @model_validator(mode="after")
    def _clearance_fits_pathway(self) -> PlanFile:
        if self.pathway in ("clinician_led", "clinician_only") and not self.needs_clearance:
            raise ValueError("a family led by a clinician needs clearance")
        return self


# --- programmes/<id>.yaml -----------------------------------------------------------------------------------------


class RunBlockEntry(Closed):
    """`repeats` times: run, then walk."""

    repeats: Annotated[int, Field(ge=1, le=40)]
    run_s: Annotated[int, Field(ge=10, le=7200)]
    walk_s: Seconds = 0
    effort_rpe: SpanEntry = [3, 4]


class StageEntry(Closed):
    """One stage of a programme; `pace` and `note` are text ids."""

    number: Annotated[int, Field(ge=1, le=20)]
    blocks: Annotated[list[RunBlockEntry], Field(min_length=1)]
    pace: TextName
    distance_km: Annotated[FiniteFloat, Field(gt=0)] | None = None
    sessions: Annotated[int, Field(ge=1, le=10)] | None = None
    note: str = ""


class ProgrammeFile(Closed):
    """programmes/<id>.yaml"""

    schema_: Annotated[Literal["programme/1"], Field(alias="schema")]
    id: Id
    sessions_per_week: Annotated[int, Field(ge=1, le=7)]
    min_rest_h: Annotated[int, Field(ge=0, le=168)]
    warm_up_s: Seconds
    cool_down_s: Seconds
    min_sessions_per_stage: Annotated[int, Field(ge=1, le=10)]
    stages: Annotated[list[StageEntry], Field(min_length=1)]
    gate: Id
    pain_limit_nrs: Pain
    needs_clearance: bool = False
    rules: Annotated[int, Field(ge=1, le=12)]
    sources: list[Id] = []
    reference_only: bool = False
    origin: Origin

    @model_validator(mode="after")
    def _stages_are_numbered(self) -> ProgrammeFile:
        if [stage.number for stage in self.stages] != list(range(1, len(self.stages) + 1)):
            raise ValueError("the stages are numbered 1, 2, 3, …")
        return self


# --- planning/*.yaml ----------------------------------------------------------------------------------------------


class GateEntry(Closed):
    """Tests to pass before running, speed or full return."""

    criteria: Annotated[list[CriterionEntry], Field(min_length=1)]
    needs_clearance: bool = False
    only_for: dict[Id, list[Id]] = {}
    sources: list[Id] = []
    origin: Origin


class GatesFile(Closed):
    """planning/gates.yaml"""

    schema_: Annotated[Literal["gates/1"], Field(alias="schema")] = "gates/1"
    gates: dict[Id, GateEntry] = {}


class DerivedEntry(Closed):
    """A measure that an answer settles."""

    when: ExpressionText
    value: FiniteFloat | bool


class MeasureEntry(Closed):
    """Something measured or told that decides phases and gates."""

    kind: Literal["number", "boolean"]
    unit: Text
    low: FiniteFloat = 0
    high: FiniteFloat = 1
    better: Literal["higher", "lower"]
    self_test: bool = False
    clinician_only: bool = False
    derived: list[DerivedEntry] = []
    unsafe_codes: list[Id] = []
    order: Annotated[int, Field(ge=0)]
    sources: list[Id] = []
    needs_pain: bool = False


class NormEntry(Origin):
    """Medians by age band (years, both ends inclusive) and sex."""

    ages: Annotated[
        list[Annotated[list[Annotated[int, Field(ge=0, le=130)]], Field(min_length=2, max_length=2)]],
        Field(min_length=1),
    ]
    male: Annotated[list[FiniteFloat], Field(min_length=1)]
    female: Annotated[list[FiniteFloat], Field(min_length=1)]

    @model_validator(mode="after")
    def _columns_are_equal(self) -> NormEntry:
        if not len(self.ages) == len(self.male) == len(self.female):
            raise PydanticCustomError("columns", "the columns of a table must be equally long")
        ends = [end for band in self.ages for end in band]
        if ends != sorted(ends):
            raise ValueError("the age bands rise and do not overlap")
        return self


class MeasuresFile(Closed):
    """planning/measures.yaml"""

    schema_: Annotated[Literal["measures/1"], Field(alias="schema")] = "measures/1"
    measures: dict[Id, MeasureEntry] = {}
    norm: NormEntry | None = None


class StopSignEntry(Closed):
    """A sign to stop at; without a disposition it means a step back within the plan."""

    disposition: Slug | None = None
    back: Literal["", "stage", "phase", "load"] = ""
    sources: list[Id] = []

    @model_validator(mode="after")
    def _says_what_to_do(self) -> StopSignEntry:
        if self.disposition is None and not self.back:
            raise ValueError("a stop sign needs a disposition or a step back")
        return self


class StopSignsFile(Closed):
    """planning/stop_signs.yaml"""

    schema_: Annotated[Literal["stop_signs/1"], Field(alias="schema")] = "stop_signs/1"
    stop_signs: dict[Id, StopSignEntry] = {}


class ContraindicationEntry(Closed):
    """A reason against an item; see `plan_base.Contraindication`."""

    facts: list[Id] = []
    when: ExpressionText = None
    tags: list[Id] = []
    suspected_only: bool = False
    conditions: dict[Id, Probability] = {}
    families: list[Id] = []
    until: list[CriterionEntry] = []
    until_gate: Literal["", "run", "speed", "full"] = ""
    until_cleared: bool = False
    sources: list[Id] = []
    note: str = ""


class ContraindicationsFile(Closed):
    """planning/contraindications.yaml"""

    schema_: Annotated[Literal["contraindications/1"], Field(alias="schema")] = "contraindications/1"
    contraindications: dict[Id, ContraindicationEntry] = {}


class ModuleEntry(Closed):
    """What a contributing factor adds to a plan."""

    factor: Id
    min_probability: Probability
    exercises: list[PhaseExerciseEntry] = []
    from_phase: Annotated[int, Field(ge=0, le=8)] = 0
    care: list[Id] = []
    sources: list[Id] = []
    origin: Origin


class ModulesFile(Closed):
    """planning/modules.yaml"""

    schema_: Annotated[Literal["modules/1"], Field(alias="schema")] = "modules/1"
    modules: list[ModuleEntry] = []


class NoSelfPlanEntry(Closed):
    """A cause with no plan to follow alone."""

    disposition: Slug
    see: Literal["emergency", "same_day_service", "gp", "physio", "vascular", "sports_physician", "treating_team"]
    fallback: Id | None = None
    meanwhile: list[Id] = []
    sources: list[Id] = []
    basis: BasisWord = "expert"
    note: str = ""


class NoSelfPlanFile(Closed):
    """planning/no_self_plan.yaml"""

    schema_: Annotated[Literal["no_self_plan/1"], Field(alias="schema")] = "no_self_plan/1"
    no_self_plan: dict[Id, NoSelfPlanEntry] = {}


class PriorEntry(Origin):
    """Lognormal days to a milestone."""

    condition: Id
    grade: Grade = ""
    milestone: Milestone
    mu: FiniteFloat
    sigma: Annotated[FiniteFloat, Field(gt=0, le=2)]
    confidence: Literal["moderate", "low", "very_low"]
    elite: bool
    counts_from: Literal["onset", "start"] = "onset"
    caveats: list[TextName] = []
    observed: list[Id] = []


class ObservedTimeEntry(Closed):
    """A published time, kept beside the priors; nothing is computed from it."""

    condition: Text
    endpoint: Text
    population: str = ""
    n: Annotated[int, Field(gt=0)] | None = None
    mean_days: FiniteFloat | None = None
    sd_days: FiniteFloat | None = None
    median_days: FiniteFloat | None = None
    iqr_width_days: FiniteFloat | None = None
    ci95_days: Annotated[list[FiniteFloat], Field(min_length=2, max_length=2)] | None = None
    range_days: Annotated[list[FiniteFloat], Field(min_length=2, max_length=2)] | None = None
    elite: bool = False
    source: Id
    status: Text
    note: str = ""


class ModifierEntry(Origin):
    """Multiplies the median when certainly true; without a multiplier it is told, not counted."""

    conditions: Annotated[list[Id], Field(min_length=1)]
    when: ExpressionText = None
    multiplier: Annotated[FiniteFloat, Field(gt=0, le=5)] | None = None


class RaisesEntry(Closed):
    """Something that raises the risk of recurrence; without `when` it is told always."""

    text: TextName
    when: ExpressionText = None
    sources: list[Id] = []


class LowersEntry(Closed):
    """Something that lowers it."""

    text: TextName
    sources: list[Id] = []


class RecurrenceEntry(Origin):
    """Beta over the chance of another injury within a year."""

    alpha: Annotated[FiniteFloat, Field(gt=0)]
    beta: Annotated[FiniteFloat, Field(gt=0)]
    window_weeks: Annotated[int, Field(ge=1, le=104)]
    raises: list[RaisesEntry] = []
    lowers: list[LowersEntry] = []
    conditions: list[Id] = []


class PrognosisFile(Closed):
    """planning/prognosis.yaml"""

    schema_: Annotated[Literal["prognosis/1"], Field(alias="schema")] = "prognosis/1"
    priors: dict[Id, PriorEntry] = {}
    observed: dict[Id, ObservedTimeEntry] = {}
    modifiers: dict[Id, ModifierEntry] = {}
    recurrence: RecurrenceEntry | None = None


class PlanParametersFile(Closed):
    """planning/parameters.yaml"""

    schema_: Annotated[Literal["planning_parameters/1"], Field(alias="schema")] = "planning_parameters/1"
    parameters: dict[ParameterName, ParameterEntry] = {}


ALL_MODELS: dict[str, type[Closed]] = {
    **schema.MODELS,
    "exercise": ExerciseFile,
    "plan": PlanFile,
    "programme": ProgrammeFile,
    "planning_gates": GatesFile,
    "planning_measures": MeasuresFile,
    "planning_stop_signs": StopSignsFile,
    "planning_contraindications": ContraindicationsFile,
    "planning_modules": ModulesFile,
    "planning_no_self_plan": NoSelfPlanFile,
    "planning_prognosis": PrognosisFile,
    "planning_parameters": PlanParametersFile,
    "figure": FigureFile,
    **GAIT_MODELS,
}
"""File kind → model, for plans and everything else."""
