"""What a film of a run or of a heel-raise test says: numbers with their error, or why there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from soleus.core.finding import Finding
from soleus.core.goals import Measured as PlanMeasure
from soleus.core.ids import SourceKey
from soleus.core.measurement import Measured, Measurement, Side
from soleus.core.message import Message
from soleus.core.recording import Facing, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a clip, or a part of what it could show, is not measured, and what to do about it."""

    code: str
    """Id in `kb.gait.refusals`: text `gait.refusal.<code>` (what went wrong), `gait.remedy.<code>` (what to do), and
    the drawing of that name."""
    reason: Message
    share: float | None = None
    """Share of the clip it concerns, where that can be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One ground contact of one leg. None = not seen well enough."""

    side: Side
    near: bool
    """The leg on the camera's side."""
    contact_s: float
    toe_off_s: float | None
    next_contact_s: float | None = None
    """Next contact of the SAME leg."""
    values: Mapping[str, float] = field(default_factory=dict)
    """Per-step values by metric id (what the medians were taken of)."""
    dropped: str = ""
    """Why the step does not count ("foot out of frame"), empty when it does."""


class Band(Enum):
    """Where a value lies against a reference band, with its error in mind."""

    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"
    UNSURE = "unsure"
    """The interval crosses an edge of the band."""
    NO_NORM = "no_norm"
    """No reference for this runner or this speed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricResult:
    """One line of the result table."""

    metric: str
    """Id in `kb.gait.metrics`."""
    side: Side | None
    """None for what belongs to both legs (cadence)."""
    near: bool | None
    measured: Measured
    band: Band = Band.NO_NORM
    norm_low: float | None = None
    norm_high: float | None = None
    norm_source: SourceKey | None = None
    norm_who: Message | None = None
    """Who the band was measured on."""
    verdict: str = ""
    """For foot strike: rearfoot | midfoot | forefoot | rearfoot_or_midfoot | midfoot_or_forefoot; else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricChange:
    """One metric against the runner's last film, filmed the same way."""

    metric: str
    side: Side | None
    before: float
    after: float
    smallest_detectable: float
    """A smaller difference can be chance."""
    real: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Something in the film that loads the calf more or less, said only when it is surely there."""

    id: str
    """Id in `kb.gait.observations`."""
    says: Message
    strength: str
    """moderate | low | none: what the evidence for it is worth."""
    sources: tuple[SourceKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GaitQuality:
    """What the metrics rest on. NaN = could not be worked out."""

    frames: int
    seen_share: float
    """Share of frames with a runner."""
    leg_length_px: float
    alternation: float
    """Share of successive contacts that change the leg (1 = left, right, left …)."""
    swap_share: float
    """Share of frames in which left and right of the network were exchanged."""
    steps_used: Mapping[Side, int]
    cadence_events_spm: float
    cadence_spectral_spm: float
    cadence_pixels_spm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GaitReport:
    """The whole result of one film of a run. With `refusals` there are no metrics."""

    view: View
    facing: Facing | None
    fps: float
    duration_s: float
    slow_motion: float
    slow_motion_from: str
    model: str
    quality: GaitQuality | None
    refusals: tuple[Refusal, ...] = ()
    """Why nothing is measured, the reason to mend first before the others; empty = measured."""
    cautions: tuple[Message, ...] = ()
    metrics: tuple[MetricResult, ...] = ()
    steps: tuple[Step, ...] = ()
    observations: tuple[Observation, ...] = ()
    changes: tuple[MetricChange, ...] = ()
    findings: tuple[Finding, ...] = ()
    """Soft evidence for the differential: a likelihood, never a value."""
    speed_mps: float | None = None
    """As stated by the runner."""
    knowledge_version: str = ""

    def metric(self, name: str, *, near: bool | None = None) -> MetricResult | None:
        """The first line of that metric (of that leg, when asked)."""
        for result in self.metrics:
            if result.metric == name and (near is None or result.near in (None, near)):
                return result
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeelRaise:
    """One repetition."""

    start_s: float
    peak_s: float
    end_s: float
    height_ratio: float
    """Rise of the ankle point / foot length (heel to toe in the picture); the scale every clip has. The ankle, because
    the reference values of svisser2025 are of a mark below the outer ankle; the heel itself rises more."""
    height_cm: float | None
    """With a known length in the picture, else None."""
    faults: tuple[str, ...] = ()
    """knee_bend | lean | low | short_return | off_beat | hand_push | after_stop (text `heel_raise.fault.<id>`); empty =
    valid."""
    values: Mapping[str, float] = field(default_factory=dict)
    """What the faults rest on: knee_flexion_deg, knee_change_deg, lean_change_deg, hip_drift_ratio, period_s, rise_s,
    heel_ratio, start_ratio, end_ratio …; what was not seen is missing."""

    @property
    def valid(self) -> bool:
        return not self.faults


@dataclass(frozen=True, slots=True, kw_only=True)
class HeelRaiseSet:
    """The test of one leg."""

    side: Side
    raises: tuple[HeelRaise, ...]
    count: Measured
    """Repetitions that count, up to the stop."""
    attempted: int
    stopped_by: str
    """end_of_clip | two_faults | height_lost | pace_lost | manual (text `heel_raise.stop.<id>`)."""
    peak_height_cm: Measured
    peak_height_ratio: Measured
    total_displacement_cm: Measured
    total_displacement_ratio: Measured
    work_index_j: Measured
    """Body mass · g · total displacement: an index, not muscle work."""
    fatigue_index_pct: Measured
    """100·(1 − mean of last 3 / mean of best 3)."""
    rate_per_min: Measured
    """Repetitions a minute; the test asks for 30."""
    trace_s: tuple[float, ...] = ()
    trace_ratio: tuple[float, ...] = ()
    """Height of the ankle point / foot length over time, for the picture."""
    refusals: tuple[Refusal, ...] = ()
    """With refusals the numbers are Unavailable."""
    norm_reps: float | None = None
    """Median of the same age and sex."""
    norm_low: float | None = None
    """Below this is less than day-to-day scatter explains."""
    norm_source: SourceKey | None = None
    band: Band = Band.NO_NORM
    cautions: tuple[Message, ...] = ()
    """What limits these numbers, the weightiest first."""
    mean_height_cm: Measured | None = None
    """Mean rise of the repetitions that count; None where there is no scale in cm."""
    height_slope_pct: Measured | None = None
    """Change of height from one repetition to the next, in % of the first."""
    mean_power_w: Measured | None = None
    """Body mass · g · rise / time of the rise: an index like the work."""
    peak_velocity_ratio_s: Measured | None = None
    """Fastest rise, foot lengths per second."""
    norm_reps_any_age: float | None = None
    """Median of the newer study, which found no link with age (svisser2025): shown beside the norm."""
    metronome_per_min: float | None = None
    """Repetitions a minute the runner was asked for."""
    incline: bool = False
    """Done on a 10° board: another test than on the floor."""
    foot_length_cm: float | None = None
    body_mass_kg: float | None = None
    fps: float | None = None
    snr: float | None = None
    """Height of a raise / noise of its curve; the count is refused below `heel_raise.gate.min_snr`."""
    stopped_at_s: float | None = None
    """End of the last repetition that counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeelRaiseReport:
    """One or both legs, and what it means for case and plan."""

    sets: tuple[HeelRaiseSet, ...]
    manual: bool = False
    """Counted by hand with the metronome."""
    symmetry_pct: Mapping[str, Measurement] = field(default_factory=dict)
    """100 · affected / other leg by reps | height | displacement | work; only with both legs."""
    affected: Side | None = None
    gate_pct: Measured | None = None
    """The lowest of them: repetitions alone mislead (silbernagel2010)."""
    findings: tuple[Finding, ...] = ()
    measures: tuple[PlanMeasure, ...] = ()
    """What the plan's criteria read (`slhr_reps`, `slhr_lsi_pct` …)."""
    cautions: tuple[Message, ...] = ()
    model: str = ""
    knowledge_version: str = ""
