"""What the training analysis works on and says: one summary per run, and a report of what changed.

Everything here is small, frozen and plain numbers, so a ten-year history fits in memory and in a database row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from soleus.core.activity import Label, Shoe, Sport, Surface
from soleus.core.finding import Finding
from soleus.core.ids import FindingId, SourceKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What a named fixer changed in one activity."""

    fixer: str
    """Key in `training.clean.FIXERS`."""
    samples: int
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadCell:
    """Steps of ONE leg taken at about the same speed and grade: what the calf-load model needs of a run."""

    speed_mps: float
    grade_ratio: float
    steps: float
    step_length_m: float
    contact_time_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormCell:
    """Running form within one 0.25 m/s speed bin at grades within ±2 %; None = channel absent."""

    speed_mps: float
    """Middle of the bin."""
    seconds: float
    cadence_spm: float | None
    contact_time_ms: float | None
    step_length_m: float | None
    vertical_oscillation_m: float | None
    contact_time_balance_pct: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithinRun:
    """What happened inside one run, for the run on which the pain began."""

    stops: int
    """Times stood still or paused for at least the knowledge base's `stop_seconds`."""
    stopped_s: float
    pace_drop_ratio: float | None
    """1 − (median speed of the last part / of the part before), grade-adjusted; None = too short to say."""
    pace_drop_at_s: float | None
    first_stop_s: float | None = None
    """Start of the first stop of at least `stop.pattern_min_seconds`, since the start; None = no such stop."""
    collapse_at_s: float | None = None
    """When running gave way to walking or standing within a minute and never came back; None = not so, or not seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One activity reduced to what the analysis reads. None = the file does not tell (never 0)."""

    key: str
    """Stable key of the activity (start, duration, distance), the same from every source and import."""
    start_utc: datetime
    day: date
    """The runner's own calendar day."""
    sport: Sport
    surface: Surface = Surface.UNKNOWN
    labels: frozenset[Label] = frozenset()
    shoe: str | None = None
    format: str = ""
    device: str = ""
    """Make, model and digest in one opaque word: dynamics are compared only within one device."""
    elapsed_s: float = 0.0
    moving_s: float = 0.0
    distance_m: float | None = None
    steps: float | None = None
    """Both feet."""
    speed_mps: float | None = None
    """Moving distance / moving time."""
    gap_speed_mps: float | None = None
    """Mean grade-adjusted speed."""
    ngp_speed_mps: float | None = None
    """Normalised graded pace as a speed."""
    ascent_m: float | None = None
    descent_m: float | None = None
    elevation_from: str = ""
    """barometer | gps | stated | ""."""
    uphill_s: float | None = None
    """Seconds at or above the knowledge base's hill grade (+3 %)."""
    steep_uphill_s: float | None = None
    """… above +7 %."""
    steep_downhill_s: float | None = None
    """… below −7 %."""
    hills: int | None = None
    longest_climb_m: float | None = None
    heart_rate_s: Mapping[int, float] = field(default_factory=dict)
    """Seconds by whole bpm; TRIMP and zones follow for any resting, maximum and threshold rate."""
    speed_s: Mapping[int, float] = field(default_factory=dict)
    """Seconds by grade-adjusted speed, key = whole decimetres per second (30 = 3.0-3.1 m/s)."""
    best_efforts_s: Mapping[int, float] = field(default_factory=dict)
    """Fastest time by distance in m (400, 800, 1000, 5000, 10000); grade-adjusted where height is barometric."""
    fastest_30s_mps: float | None = None
    cadence_spm: float | None = None
    step_length_m: float | None = None
    contact_time_ms: float | None = None
    vertical_oscillation_m: float | None = None
    contact_time_balance_pct: float | None = None
    foot_strike_class: float | None = None
    form: tuple[FormCell, ...] = ()
    load_cells: tuple[LoadCell, ...] = ()
    session_rpe: float | None = None
    average_heart_rate_bpm: float | None = None
    within: WithinRun | None = None
    from_totals: bool = False
    """True when only stated totals were known (manual entry, summary without file)."""
    edits: tuple[Edit, ...] = ()
    utc_offset_s: int | None = None
    """Of the runner's wall clock at the start; None = no file states it."""
    zone_of_place_s: int | None = None
    """Nautical zone of the first position (15° each), for files that state no offset; None = no position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualWeek:
    """One row of the hand-filled table; `weeks_before` 1 = the last seven days before the onset. None = left empty."""

    weeks_before: int
    distance_km: float | None = None
    runs: int | None = None
    longest_run_km: float | None = None
    hilly: bool | None = None
    fast: bool | None = None
    new_shoes: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A value with the interval that the stated uncertainty gives (90 % unless said otherwise)."""

    value: float
    low: float
    high: float


class ChangeState(Enum):
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    """Looked for and not found."""
    TOO_LITTLE = "too_little"
    """Too little history or no such channel: nothing can be said either way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change looked for before the onset, against the runner's own baseline. It changed *before*, not *caused*."""

    id: str
    """Id of the `ChangeDefinition`; wording under `training.change.<id>.*`."""
    state: ChangeState
    window_days: int | None = None
    """The window (last 3/7/14/30 days before the onset) in which it stands out most."""
    recent: float | None = None
    baseline: float | None = None
    unit: str = ""
    effect: Estimate | None = None
    """Ratio recent / baseline (or share, or days for breaks), with its 90 % interval."""
    robust_z: float | None = None
    larger_than: tuple[int, int] | None = None
    """(k, n): larger than in k of n ordinary windows of this runner's own history."""
    probability: float | None = None
    """P(the change exceeds the definition's threshold | these files)."""
    weight: float = 0.0
    score: float = 0.0
    """Rank: higher first."""
    strength: str = ""
    on: date | None = None
    """The day of the run that matters most, when there is one."""
    run_key: str | None = None
    reason: str = ""
    """Slug of why nothing can be said (`too_short`, `no_channel`, `no_reference`, `gap`, `device_changed`); else ""."""
    params: Mapping[str, str | int | float] = field(default_factory=dict)
    """Numbers for the sentence."""
    findings: tuple[FindingId, ...] = ()
    sources: tuple[SourceKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSpike:
    """One run against the longest of the 30 days before it (Frandsen 2025, doi 10.1136/bjsports-2024-109380)."""

    run_key: str
    day: date
    distance_m: float
    reference_m: float | None
    """Longest single run of the 30 days before; None = no run in that time."""
    ratio: float | None
    category: str
    """reference | small | moderate | large | no_reference."""
    hazard_ratio: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Seven days ending on `last_day`. Distances of runs only. `flat_m` + `hilly_m` = `distance_m`."""

    first_day: date
    last_day: date
    runs: int
    distance_m: float
    hilly_m: float
    """Distance of runs with at least the knowledge base's hilly ascent per km."""
    longest_run_m: float
    ascent_m: float | None
    moving_s: float
    calf_load: Estimate | None
    """Equivalent reference steps at the default exponent, with the band over parameters and exponents."""
    fast_s: float | None
    easy_s: float | None
    complete: bool
    """False when the history does not cover the whole week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalfLoad:
    """Load of a window against the runner's own baseline, by damage exponent (1, 4, 7, 9); a ratio, never a force."""

    window_days: int
    ratio_by_exponent: Mapping[int, Estimate]
    band: Estimate
    """Over exponents and parameters together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalance:
    """CTL/ATL/TSB and friends on the day before the onset. Described because runners know them; not a warning light."""

    load: str
    """What is summed ("distance_km", "trimp", "session_rpe", "rtss")."""
    ctl: Mapping[str, float]
    """By convention: one_over_tau | exponential | two_over_n_plus_one."""
    atl: Mapping[str, float]
    tsb: Mapping[str, float]
    """CTL and TSB are empty while the history is shorter than their time constant."""
    acwr_coupled: float | None
    acwr_uncoupled: float | None
    acwr_ewma: float | None
    monotony: float | None
    strain: float | None
    week_on_week: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShoeUse:
    """One pair in the history."""

    shoe: Shoe
    first_day: date
    last_day: date
    distance_m: float
    """Up to the day before the onset."""
    weekly_distance_m: Mapping[date, float]
    """By last day of the week (as in `TrainingReport.weeks`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much history there is and how far it can be trusted."""

    first_day: date | None
    last_day: date | None
    runs: int
    days: int
    """Days of history before the onset."""
    gaps: tuple[tuple[date, date], ...] = ()
    """[first, last] day of stretches without any run of at least 14 days inside the history."""
    weeks_with_runs: int = 0
    from_table: bool = False
    """True when built from the hand-filled table."""
    enough: bool = True
    """False: "too little to say" (fewer than 28 days or four runs before the onset)."""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnsetRun:
    """The run of the onset day, described on its own: it is not part of what changed *before*."""

    run_key: str
    distance_m: float | None
    within: WithinRun | None
    spike: SessionSpike | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingReport:
    """Everything the training analysis says about one onset."""

    onset_on: date
    coverage: Coverage
    changes: tuple[Change, ...]
    """Every definition, ranked: CHANGED by score, then UNCHANGED, then TOO_LITTLE."""
    findings: tuple[Finding, ...]
    """Soft evidence for the vocabulary (origin MEASURED, `likelihood` set)."""
    weeks: tuple[Week, ...] = ()
    """Oldest first; the last ends the day before the onset."""
    spikes: tuple[SessionSpike, ...] = ()
    """Every run of the last 112 days before the onset, and of the onset day."""
    calf_load: tuple[CalfLoad, ...] = ()
    balance: LoadBalance | None = None
    shoes: tuple[ShoeUse, ...] = ()
    onset_run: OnsetRun | None = None
    edits: Mapping[str, int] = field(default_factory=dict)
    """Runs touched, by fixer."""
    knowledge_version: str = ""

    @property
    def changed(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.state is ChangeState.CHANGED)

    @property
    def unchanged(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.state is ChangeState.UNCHANGED)

    @property
    def too_little(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.state is ChangeState.TOO_LITTLE)
