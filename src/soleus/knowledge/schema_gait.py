"""The shape of the files below gait/: metrics, reference bands, refusals, observations, foot checks, parameters."""

# ruff: noqa: RUF012 - pydantic copies the defaults of its models; ruff cannot see that Closed is one.
from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, Strict, model_validator
from pydantic_core import PydanticCustomError

from soleus.knowledge.schema import Closed, Id, Limit, Origin, ParameterEntry, ParameterName, Text

Lean = Annotated[FiniteFloat, Field(ge=0, le=0.48)]
Cut = Annotated[tuple[Limit, Id], Strict(False)]
"""Upper limit, exclusive, and the option it leads to."""


class GaitParametersFile(Closed):
    """gait/parameters_<owner>.yaml; the files are one list, no name may occur twice"""

    schema_: Annotated[Literal["gait_parameters/1"], Field(alias="schema")]
    parameters: dict[ParameterName, ParameterEntry] = {}


class ErrorEntry(Origin):
    """Half of the 95 % interval of the method's own error, from a capture rate upwards."""

    from_fps: Annotated[FiniteFloat, Field(ge=0)]
    half_width: Annotated[FiniteFloat, Field(gt=0)]


class GaitMetricEntry(Closed):
    """One metric: what it is, for whom it holds, how wrong it can be."""

    unit: Text
    view: Literal["side", "back"]
    grade: Literal["reliable", "banded", "experimental"]
    order: Annotated[int, Field(ge=0)]
    per_leg: bool
    near_only: bool = False
    min_fps: Annotated[FiniteFloat, Field(ge=0)] = 0.0
    min_steps: Annotated[int, Field(ge=1)] = 1
    decimals: Annotated[int, Field(ge=0, le=3)] = 0
    error: list[ErrorEntry] = []
    smallest_detectable: Annotated[FiniteFloat, Field(gt=0)] | None = None
    plausible: Annotated[list[FiniteFloat], Field(min_length=2, max_length=2)] | None = None
    sources: list[Id] = []
    note: str = ""

    @model_validator(mode="after")
    def _rows_and_ranges_rise(self) -> GaitMetricEntry:
        rates = [row.from_fps for row in self.error]
        if rates != sorted(set(rates)):
            raise ValueError("the rows of error must rise by from_fps")
        if self.plausible is not None and self.plausible[0] >= self.plausible[1]:
            raise ValueError("the plausible range must rise")
        return self


class GaitMetricsFile(Closed):
    """gait/metrics.yaml"""

    schema_: Annotated[Literal["gait_metrics/1"], Field(alias="schema")] = "gait_metrics/1"
    metrics: dict[Id, GaitMetricEntry] = {}


class NormEntry(Origin):
    """A reference band as it was measured: mean and standard deviation of the people named by `who`."""

    metric: Id
    mean: FiniteFloat
    sd: Annotated[FiniteFloat, Field(gt=0)]
    sex: Literal["female", "male", ""] = ""
    from_mps: Annotated[FiniteFloat, Field(ge=0)] | None = None
    to_mps: Annotated[FiniteFloat, Field(gt=0)] | None = None
    who: Id
    order: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _names_its_people(self) -> NormEntry:
        if len(self.sources) != 1:
            raise PydanticCustomError("norm", "a reference band has exactly one source")
        if self.from_mps is not None and self.to_mps is not None and self.from_mps >= self.to_mps:
            raise ValueError("the speeds must rise")
        return self


class NormsFile(Closed):
    """gait/norms.yaml"""

    schema_: Annotated[Literal["gait_norms/1"], Field(alias="schema")] = "gait_norms/1"
    norms: list[NormEntry] = []


class RefusalEntry(Closed):
    """A reason to measure nothing, or not this."""

    order: Annotated[int, Field(ge=0)]
    scope: Literal["clip", "metric", "file", "heel_raise"]
    picture: Id | None = None


class RefusalsFile(Closed):
    """gait/refusals.yaml"""

    schema_: Annotated[Literal["gait_refusals/1"], Field(alias="schema")] = "gait_refusals/1"
    refusals: dict[Id, RefusalEntry] = {}


class ClauseEntry(Closed):
    """metric op value"""

    metric: Id
    op: Literal[">=", "<=", "is"]
    value: FiniteFloat | Text

    @model_validator(mode="after")
    def _value_fits_op(self) -> ClauseEntry:
        if (self.op == "is") != isinstance(self.value, str):
            raise ValueError("'is' compares a verdict, >= and <= a number")
        return self


class GaitObservationEntry(Origin):
    """Something in a film worth saying to a runner with calf pain."""

    when: Annotated[list[ClauseEntry], Field(min_length=1)]
    order: Annotated[int, Field(ge=0)]
    strength: Literal["moderate", "low", "none"]
    finding: Id | None = None
    lean: Lean = 0.0
    speaks_against: bool = False
    from_mps: Annotated[FiniteFloat, Field(gt=0)] | None = None


class ObservationsFile(Closed):
    """gait/observations.yaml"""

    schema_: Annotated[Literal["gait_observations/1"], Field(alias="schema")] = "gait_observations/1"
    observations: dict[Id, GaitObservationEntry] = {}


class CheckOptionEntry(Closed):
    """One answer, and what it says."""

    arch: Literal["flat", "high", "usual", ""] = ""
    finding: Id | None = None
    lean: Lean = 0.0
    care: list[Id] = []


class FootCheckEntry(Origin):
    """A guided photo or self-check; a choice, or a number sorted into the options by `cuts`."""

    order: Annotated[int, Field(ge=0)]
    kind: Literal["choice", "number"]
    options: Annotated[dict[Id, CheckOptionEntry], Field(min_length=2)]
    unit: str = ""
    range: Annotated[list[FiniteFloat], Field(min_length=2, max_length=2)] | None = None
    cuts: list[Cut] = []

    @model_validator(mode="after")
    def _fits_its_kind(self) -> FootCheckEntry:
        numeric = self.kind == "number"
        if numeric != bool(self.cuts) or numeric != (self.range is not None) or numeric != bool(self.unit):
            raise ValueError("a number needs unit, range and cuts, and a choice has none of them")
        limits = [limit for limit, _ in self.cuts]
        if numeric and (limits != sorted(set(limits)) or limits[-1] != float("inf")):
            raise ValueError("the limits of the cuts must rise, the last one being .inf")
        if self.range is not None and self.range[0] >= self.range[1]:
            raise ValueError("the range must rise")
        return self


class FootChecksFile(Closed):
    """gait/foot_checks.yaml"""

    schema_: Annotated[Literal["gait_foot_checks/1"], Field(alias="schema")] = "gait_foot_checks/1"
    foot_checks: dict[Id, FootCheckEntry] = {}


GAIT_MODELS: dict[str, type[Closed]] = {
    "gait_parameters": GaitParametersFile,
    "gait_metrics": GaitMetricsFile,
    "gait_norms": NormsFile,
    "gait_refusals": RefusalsFile,
    "gait_observations": ObservationsFile,
    "gait_foot_checks": FootChecksFile,
}
"""File kind → model of everything below gait/."""
