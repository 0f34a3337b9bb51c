"""What the gait engine reads of the knowledge base: metrics, reference bands, refusals, observations, foot checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from soleus.core.ids import FindingId, SourceKey
from soleus.core.measurement import Grade
from soleus.core.view import View
from soleus.knowledge.origin import Basis, Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRow:
    """The error of a method that more steps do not remove, from a capture rate upwards."""

    from_fps: float
    half_width: float
    """Half of the 95 % interval, in the metric's unit."""
    basis: Basis
    status: str = ""
    sources: tuple[SourceKey, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricDefinition:
    """One metric. Wording: `gait.metric.<id>` (runner), `gait.metric_clinical.<id>`, `gait.metric_what.<id>`."""

    id: str
    unit: str
    view: View
    grade: Grade
    order: int
    """Place in the table."""
    per_leg: bool
    near_only: bool = False
    """The far leg is withheld: the camera sees it badly."""
    min_fps: float = 0.0
    min_steps: int = 1
    decimals: int = 0
    error: tuple[ErrorRow, ...] = ()
    """By rising `from_fps`; the last row whose `from_fps` is reached applies."""
    smallest_detectable: float | None = None
    """Smallest difference between two films that is more than chance."""
    plausible: tuple[float, float] | None = None
    """Outside it the value is a fault of measurement: withheld."""
    sources: tuple[SourceKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """A reference band as it was measured: mean ± `bands.norm_sds` · sd of the people named."""

    metric: str
    mean: float
    sd: float
    source: SourceKey
    status: str
    sex: str = ""
    """female | male | "" (both or not told)."""
    from_mps: float | None = None
    to_mps: float | None = None
    """Running speeds it may be used for; None = any."""
    who: str = ""
    """Text id `gait.who.<key>`."""
    order: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalDefinition:
    """A reason to measure nothing (clip) or not this metric (metric). Texts: `gait.refusal.<id>` and
    `gait.remedy.<id>`."""

    id: str
    order: int
    """What to mend first comes first."""
    scope: str
    """clip | metric | file | heel_raise."""
    picture: str = ""
    """Drawing of what went wrong; empty = none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """metric op value; the whole 95 % interval must be on that side."""

    metric: str
    op: str
    """">=" | "<=" | "is" (for a verdict)."""
    value: float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationDefinition:
    """Something worth saying to a runner with calf pain. Texts: `gait.observation.<id>`, `.clinical`."""

    id: str
    when: tuple[Clause, ...]
    """All must hold surely."""
    order: int
    strength: str
    finding: FindingId | None = None
    """The soft finding it speaks for."""
    lean: float = 0.0
    """How far a sure observation moves the likelihood from 0.5 (0-0.48)."""
    speaks_against: bool = False
    """Whether its certain absence is evidence as well."""
    from_mps: float | None = None
    """Said only from this stated speed on; with no stated speed not at all."""
    sources: tuple[SourceKey, ...] = ()
    basis: Basis = Basis.EXPERT
    status: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOption:
    """One answer to a foot or shoe check. Text: `foot_check.<check>.<id>`."""

    id: str
    arch: str = ""
    """flat | high | usual, when it says so."""
    finding: FindingId | None = None
    lean: float = 0.0
    care: tuple[str, ...] = ()
    """Advice ids of `kb.adjuncts` it points to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FootCheck:
    """A guided photo or self-check of arch, pronation or shoe wear; a side film cannot show these.
    Texts: `foot_check.<id>` (title), `.how` (steps), `.reliability`."""

    id: str
    order: int
    kind: str
    """choice | number."""
    options: tuple[CheckOption, ...] = ()
    unit: str = ""
    low: float | None = None
    high: float | None = None
    cuts: tuple[tuple[float, str], ...] = ()
    """For numbers: (upper limit exclusive, option id), rising; the last limit is infinity."""
    sources: tuple[SourceKey, ...] = ()
    basis: Basis = Basis.EXPERT
    status: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GaitKnowledge:
    """Everything of `data/gait/`. `kb.gait`."""

    metrics: Mapping[str, MetricDefinition] = field(default_factory=dict)
    norms: tuple[Norm, ...] = ()
    refusals: Mapping[str, RefusalDefinition] = field(default_factory=dict)
    observations: Mapping[str, ObservationDefinition] = field(default_factory=dict)
    foot_checks: Mapping[str, FootCheck] = field(default_factory=dict)
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    """Every constant of `soleus.gait`, by dotted name ("identity.window_s")."""

    def value(self, name: str) -> float:
        """A parameter's value. Raises KeyError for a name that is not in the knowledge base."""
        return self.parameters[name].value
