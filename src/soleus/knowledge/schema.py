"""The shape of every knowledge file, one pydantic model per file kind; every mapping is closed.

Imported only when files are read, so `import soleus` stays light. Expressions are checked by `compile`, which
knows the vocabulary; here they are any value, described for editors by `jsonschema`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    FiniteFloat,
    Strict,
    StringConstraints,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$", max_length=80)]
RuleName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=80)]
Label = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9 _/-]*$", max_length=80)]
Text = Annotated[str, StringConstraints(strict=True)]
Probability = Annotated[FiniteFloat, Field(ge=0, le=1)]
Weight = Annotated[FiniteFloat, Field(gt=0, le=1)]
Interval = Annotated[list[Probability], Field(min_length=2, max_length=2)]
Slug = Literal["self_care", "physio", "gp_routine", "same_day", "emergency_now", "call_ambulance"]
BasisWord = Literal["measured", "derived", "expert"]
Limit = Annotated[float, Strict(), Field(gt=float("-inf"))]
Band = Annotated[tuple[Id, Limit], Strict(False)]
"""Name and upper limit, exclusive; only here may a number be infinite."""
EXPRESSION_MARK = "x-soleus-expression"
ExpressionText = Annotated[Any, Field(json_schema_extra={EXPRESSION_MARK: True})]
"""Parsed by `compile`; `jsonschema` puts the grammar where the mark is."""

READ = Literal[
    "seen",
    "seen-abstract",
    "seen-abstract-part",
    "seen-table",
    "seen-excerpt",
    "seen-page",
    "seen-mirror",
    "seen-secondary",
    "seen-weak-secondary",
    "title-seen-only",
    "memory",
    "elicited",
    "design",
]
"""How far a source was read; `seen` = the abstract, a table or an excerpt; `design` = our own choice."""


class Closed(BaseModel):
    """A mapping that refuses unknown keys and does not turn text into numbers or numbers into text."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ObservationEntry(Closed):
    """A counted frequency, taken at `weight` of its size."""

    events: Annotated[FiniteFloat, Field(ge=0)]
    n: Annotated[FiniteFloat, Field(gt=0)]
    weight: Weight
    source: Id
    note: str = ""

    @model_validator(mode="after")
    def _events_within_n(self) -> ObservationEntry:
        if self.events > self.n:
            raise ValueError("events must not exceed n")
        return self


class OptionObservationEntry(ObservationEntry):
    """The same for one option of a choice, or for several together."""

    option: Id | list[Id]


class NumberEntry(Closed):
    """A probability with its 90% interval and origin."""

    value: Probability
    interval: Interval
    basis: BasisWord
    sources: list[Id] = []
    note: str = ""
    observed: list[ObservationEntry] = []

    @model_validator(mode="after")
    def _interval_holds_value(self) -> NumberEntry:
        low, high = self.interval
        if not low <= self.value <= high:
            raise PydanticCustomError("interval", "the interval must contain the value, lower limit first")
        return self


class TableEntry(Closed):
    """P(option | cause); omitted options are 0."""

    options: Annotated[dict[Id, Probability], Field(min_length=1)]
    sample_size: Annotated[FiniteFloat, Field(gt=0, le=10_000)] = 12
    basis: BasisWord
    sources: list[Id] = []
    note: str = ""
    observed: list[OptionObservationEntry] = []

    @model_validator(mode="after")
    def _sums_to_one(self) -> TableEntry:
        total = sum(self.options.values())
        if abs(total - 1) > 0.005:
            raise PydanticCustomError(
                "table_sum", "the options must sum to 1, they sum to {total}", {"total": round(total, 4)}
            )
        return self


class NoiseEntry(Closed):
    """How often an answer is wrong."""

    false_present: Annotated[FiniteFloat, Field(ge=0, lt=0.5)]
    false_absent: Annotated[FiniteFloat, Field(ge=0, lt=0.5)]


class FindingEntry(Closed):
    """One finding of the vocabulary."""

    kind: Literal["boolean", "choice", "integer", "number"]
    options: list[Id] = []
    bands: list[Band] = []
    range: Annotated[list[FiniteFloat], Field(min_length=2, max_length=2)] | None = None
    asked_of: Annotated[list[Literal["runner", "clinician", "watch", "video"]], Field(min_length=1)]
    flag: Literal["critical", "red", "amber", "none"] = "none"
    burden: Annotated[int, Field(ge=0, le=10)] = 1
    critical_screen: bool = False
    order: Annotated[int, Field(ge=0)] | None = None
    self_test: bool = False
    unsafe_if: ExpressionText = None
    ask_if: ExpressionText = None
    noise: NoiseEntry | None = None
    implies_absent: list[Id] = []
    sources: list[Id] = []

    @model_validator(mode="after")
    def _fits_its_kind(self) -> FindingEntry:
        numeric = self.kind in ("integer", "number")
        if (self.kind == "choice") != bool(self.options):
            raise ValueError("a choice needs options, and nothing else has them")
        if numeric != bool(self.bands):
            raise ValueError("an integer or number needs bands, and nothing else has them")
        if not numeric and self.range is not None:
            raise ValueError("only an integer or number has a range")
        if len(set(self.options)) != len(self.options):
            raise ValueError("an option is listed twice")
        limits = [limit for _, limit in self.bands]
        if numeric and (limits != sorted(set(limits)) or limits[-1] != float("inf")):
            raise ValueError("the limits of the bands must rise, the last one being .inf")
        if self.range is not None and self.range[0] >= self.range[1]:
            raise ValueError("the range must rise")
        return self


class FindingsFile(Closed):
    """findings/<area>.yaml"""

    schema_: Annotated[Literal["findings/1"], Field(alias="schema")]
    area: Id
    findings: dict[Id, FindingEntry]


def _shape(data: Any) -> str:
    """Tell the two shapes apart by a key, so that a fault is reported once and at its place."""
    table = "options" in data if isinstance(data, dict) else isinstance(data, TableEntry)
    return "table" if table else "number"


NumberOrTable = Annotated[
    Annotated[NumberEntry, Tag("number")] | Annotated[TableEntry, Tag("table")], Discriminator(_shape)
]


class CodesEntry(Closed):
    """Codes in outside terminologies; text, so quote digits."""

    icd10_who: str | None = None
    icd10_cm: str | None = None
    snomed_ct: str | None = None
    snomed_confidence: str | None = None
    note: str | None = None


class ConditionFile(Closed):
    """conditions/<id>.yaml"""

    schema_: Annotated[Literal["condition/1"], Field(alias="schema")]
    id: Id
    kind: Literal["diagnosis", "contributing_factor"]
    category: Label
    urgency: Slug
    dangerous: bool = False
    grading: bool = False
    subtypes: list[Id] = []
    codes: CodesEntry = CodesEntry()
    prior: NumberEntry
    harm: Annotated[FiniteFloat, Field(gt=0, le=1000)] = 1
    factors: dict[Id, NumberEntry] = {}
    findings: dict[Id, NumberOrTable] = {}
    members: list[Id] = []
    sources: list[Id] = []


class GroupEntry(Closed):
    """Findings that go together for one reason."""

    factor: Id | None = None
    strength: Probability
    basis: BasisWord
    members: Annotated[dict[Id, Annotated[list[Id], Field(min_length=1)]], Field(min_length=1)]
    sources: list[Id] = []
    note: str = ""


class GroupsFile(Closed):
    """groups.yaml"""

    schema_: Annotated[Literal["groups/1"], Field(alias="schema")] = "groups/1"
    groups: dict[Id, GroupEntry] = {}


class RedFlagFile(Closed):
    """red_flags/<id>.yaml"""

    schema_: Annotated[Literal["red_flag/1"], Field(alias="schema")]
    id: RuleName
    when: ExpressionText
    disposition: Slug
    suspect_when: ExpressionText = None
    suspect_disposition: Slug | None = None
    go_to: Id
    tags: list[Id] = []
    sources: list[Id] = []
    note: str = ""


class FloorEntry(Closed):
    """A dangerous cause at or above the threshold raises the disposition."""

    conditions: Annotated[list[Id], Field(min_length=1)]
    threshold: NumberEntry
    disposition: Slug
    note: str = ""


class FloorsFile(Closed):
    """floors.yaml"""

    schema_: Annotated[Literal["floors/1"], Field(alias="schema")] = "floors/1"
    floors: list[FloorEntry] = []


class WellsEntry(Closed):
    """One item of the two-level DVT Wells count; points are never subtracted."""

    finding: Id
    points: Annotated[int, Field(ge=1, le=3)]
    clinician_only: bool = False


class WellsFile(Closed):
    """wells.yaml"""

    schema_: Annotated[Literal["wells/1"], Field(alias="schema")] = "wells/1"
    items: list[WellsEntry] = []
    sources: list[Id] = []
    note: str = ""


class SeverityFile(Closed):
    """severity.yaml: how severe a strain is"""

    schema_: Annotated[Literal["severity/1"], Field(alias="schema")] = "severity/1"
    grades: Annotated[list[Id], Field(min_length=2)]
    discount: NumberEntry
    prior: TableEntry
    priors: dict[Id, TableEntry] = {}
    findings: dict[Id, dict[Id, NumberOrTable]] = {}


class AdjunctFile(Closed):
    """adjuncts/<id>.yaml"""

    schema_: Annotated[Literal["adjunct/1"], Field(alias="schema")] = "adjunct/1"
    id: Id
    category: Label
    order: Annotated[int, Field(ge=0)] = 100
    loads_calf: bool = False
    for_conditions: list[Id] = []
    only_if: ExpressionText = None
    never_if: ExpressionText = None
    never_with_tags: list[Id] = []
    never_with_conditions: dict[Id, Probability] = {}
    max_disposition: Slug
    needs_facts: list[Id] = []
    medicine: Id | None = None
    evidence: Text
    sources: list[Id] = []
    note: str = ""
    plan_only: bool = False
    first_only: bool = False
    throughout: bool = False
    with_running: bool = False
    wants: list[Id] = []
    contraindications: list[Id] = []

    @model_validator(mode="after")
    def _one_use(self) -> AdjunctFile:
        if self.plan_only and self.first_only:
            raise ValueError("an item cannot be for plans only and for the first advice only")
        return self


class MedicineRuleEntry(Closed):
    """Facts that stop or question a medicine."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$")]
    medicines: Annotated[list[Id], Field(min_length=1)]
    any_of: Annotated[list[Id], Field(min_length=1)]
    action: Literal["block", "ask_pharmacist_or_GP", "warn", "urgent_111_or_999"]
    overrides: dict[Id, str] = {}
    sources: list[Id] = []
    note: str = ""


class MedicinesFile(Closed):
    """medicines.yaml; what is known of each medicine is shown, not computed with, so its fields are free."""

    schema_: Annotated[Literal["medicines/1"], Field(alias="schema")] = "medicines/1"
    medicines: dict[Id, dict[str, Any]] = {}
    rules: list[MedicineRuleEntry] = []
    facts: list[Id] = []
    note: str = ""


class ScreenEntry(Closed):
    """Yes/no findings asked together on one page."""

    id: Id
    findings: Annotated[list[Id], Field(min_length=1)]


class FactScreenEntry(Closed):
    """Medicine-safety facts asked together on one page."""

    id: Id
    facts: Annotated[list[Id], Field(min_length=1)]


class InterviewFile(Closed):
    """interview.yaml"""

    schema_: Annotated[Literal["interview/1"], Field(alias="schema")] = "interview/1"
    opening: list[Id] = []
    screens: list[ScreenEntry] = []
    fact_screens: list[FactScreenEntry] = []


class PublishedUseEntry(Closed):
    """One published frequency or ratio, and what became of it."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
    condition: str
    finding: str
    option: str = ""
    p: Probability | None = None
    events: Annotated[FiniteFloat, Field(ge=0)] | None = None
    n: Annotated[FiniteFloat, Field(gt=0)] | None = None
    lr: FiniteFloat | None = None
    ratio: FiniteFloat | None = None
    source: Id
    use: Literal["counted", "value", "checked", "not_used"]
    used_in: list[str] = []
    weight: Weight | None = None
    reason: Annotated[str, StringConstraints(min_length=3)]


class PublishedUseFile(Closed):
    """published_use.yaml: a record that nothing is computed from"""

    schema_: Annotated[Literal["published_use/1"], Field(alias="schema")] = "published_use/1"
    entries: list[PublishedUseEntry] = []


class ManifestFile(Closed):
    """manifest.yaml"""

    schema_: Annotated[Literal["manifest/1"], Field(alias="schema")] = "manifest/1"
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}\.[0-9]{2}\.[0-9]+$")]
    locales: Annotated[list[Id], Field(min_length=1)]
    reviewers: list[str] = []
    review_note: str = ""


class SourceFile(Closed):
    """sources/<key>.yaml"""

    schema_: Annotated[Literal["source/1"], Field(alias="schema")]
    key: Id
    citation: Annotated[str, StringConstraints(min_length=5)]
    locator: str = ""
    doi: Annotated[str, StringConstraints(pattern=r"^(10\.[0-9]{4,9}/\S+)?$")] = ""
    pmid: Annotated[str, StringConstraints(pattern=r"^[0-9]{0,9}$")] = ""
    verified: READ
    verified_note: str = ""
    design: str = ""
    used_for: str = ""


ParameterName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)+$", max_length=80)]
Status = Literal["seen", "secondary", "memory", "derived", "assumption", "elicited"]
"""How the figure itself was met: read where it stands, in somebody's summary, remembered, computed, chosen by us, or
judged by somebody who knows the field."""
_BASES: dict[str, tuple[str, ...]] = {
    "seen": ("measured", "derived", "expert"),
    "derived": ("derived", "expert"),
    "secondary": ("derived", "expert"),
    "memory": ("expert",),
    "assumption": ("expert",),
    "elicited": ("expert",),
}


class Origin(Closed):
    """Where a number of the training analysis comes from; a figure is never claimed above how it was met."""

    basis: BasisWord
    status: Status
    sources: list[Id] = []
    note: str = ""

    @model_validator(mode="after")
    def _basis_fits_status(self) -> Origin:
        if self.basis not in _BASES[self.status]:
            allowed = " or ".join(_BASES[self.status])
            raise PydanticCustomError(
                "status", "a figure of status {status} has basis {allowed}", {"status": self.status, "allowed": allowed}
            )
        return self


class ParameterEntry(Origin):
    """One number of the training analysis; `interval` null = fixed by definition."""

    value: FiniteFloat
    interval: Annotated[list[FiniteFloat], Field(min_length=2, max_length=2)] | None
    unit: str

    @model_validator(mode="after")
    def _interval_holds_value(self) -> ParameterEntry:
        if self.interval is not None and not self.interval[0] <= self.value <= self.interval[1]:
            raise PydanticCustomError("interval", "the interval must contain the value, lower limit first")
        return self


class ParametersFile(Closed):
    """training/parameters.yaml"""

    schema_: Annotated[Literal["training_parameters/1"], Field(alias="schema")] = "training_parameters/1"
    parameters: dict[ParameterName, ParameterEntry] = {}


Cell = Annotated[FiniteFloat | Text | None, Field()]


class ParameterTableEntry(Origin):
    """Columns of equal length; null = open end or unknown."""

    columns: Annotated[dict[Id, Annotated[list[Cell], Field(min_length=1)]], Field(min_length=1)]

    @model_validator(mode="after")
    def _columns_are_equal(self) -> ParameterTableEntry:
        if len({len(column) for column in self.columns.values()}) > 1:
            raise PydanticCustomError("columns", "the columns of a table must be equally long")
        return self


class ParameterTablesFile(Closed):
    """training/tables.yaml"""

    schema_: Annotated[Literal["training_tables/1"], Field(alias="schema")] = "training_tables/1"
    tables: dict[ParameterName, ParameterTableEntry] = {}


class ChangeEntry(Origin):
    """One change worth looking for before the pain began."""

    series: Id
    kind: Literal["session_spike", "level", "first_in_90_days", "switch", "return_after_break"]
    windows_days: Annotated[list[Annotated[int, Field(ge=1, le=365)]], Field(min_length=1)]
    threshold: Annotated[FiniteFloat, Field(gt=0)]
    minimum: Annotated[FiniteFloat, Field(ge=0)] = 0
    weight: Probability
    strength: Literal["cohort", "trial", "laboratory", "expert", "descriptive"]
    findings: list[Id] = []
    order: Annotated[int, Field(ge=0)]


class ChangesFile(Closed):
    """training/changes.yaml"""

    schema_: Annotated[Literal["training_changes/1"], Field(alias="schema")] = "training_changes/1"
    changes: dict[Id, ChangeEntry] = {}


MODELS: dict[str, type[Closed]] = {
    "manifest": ManifestFile,
    "source": SourceFile,
    "findings": FindingsFile,
    "condition": ConditionFile,
    "groups": GroupsFile,
    "red_flag": RedFlagFile,
    "floors": FloorsFile,
    "wells": WellsFile,
    "severity": SeverityFile,
    "published_use": PublishedUseFile,
    "adjunct": AdjunctFile,
    "medicines": MedicinesFile,
    "interview": InterviewFile,
    "training_parameters": ParametersFile,
    "training_tables": ParameterTablesFile,
    "training_changes": ChangesFile,
}
"""File kind → model, the registry that `compile` and `jsonschema` read."""
