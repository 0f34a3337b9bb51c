"""A recorded activity, whatever file it came from: channels of samples, laps, pauses, device, shoe.

Nothing that names a person is kept: no title, no e-mail address, no account id, no file path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


class Sport(Enum):
    RUNNING = "running"
    WALKING = "walking"
    HIKING = "hiking"
    CYCLING = "cycling"
    SWIMMING = "swimming"
    STRENGTH = "strength"
    MULTISPORT = "multisport"
    OTHER = "other"
    UNKNOWN = "unknown"


class Surface(Enum):
    """What the file says of the ground; sand and grass are never guessed from position alone."""

    ROAD = "road"
    TRAIL = "trail"
    TRACK = "track"
    TREADMILL = "treadmill"
    SAND = "sand"
    GRASS = "grass"
    UNKNOWN = "unknown"


class Label(Enum):
    """What the runner or the platform called the activity."""

    RACE = "race"
    LONG_RUN = "long_run"
    WORKOUT = "workout"
    RECOVERY = "recovery"
    COMMUTE = "commute"


CHANNELS: Mapping[str, str] = {
    "distance_m": "cumulative distance",
    "speed_mps": "speed over the ground or belt",
    "altitude_m": "altitude",
    "latitude_deg": "latitude, WGS 84",
    "longitude_deg": "longitude, WGS 84",
    "heart_rate_bpm": "heart rate",
    "cadence_spm": "steps of both feet per minute (readers convert one-leg values)",
    "power_w": "running power",
    "temperature_degc": "temperature at the device",
    "contact_time_ms": "ground contact time, mean of both feet",
    "contact_time_balance_pct": "share of contact time on the LEFT foot, 50 = even",
    "flight_time_ms": "flight time",
    "vertical_oscillation_m": "vertical oscillation",
    "vertical_ratio_pct": "vertical oscillation / step length",
    "step_length_m": "length of one step",
    "leg_stiffness_kn_per_m": "leg spring stiffness",
    "form_power_w": "power that does not move the runner forward (Stryd)",
    "foot_strike_class": "1 = heel … 16 = toe (RunScribe footstrike type), mean of both feet",
    "pronation_excursion_deg": "rearfoot excursion (RunScribe), mean of both feet",
    "impact_g": "peak vertical shock (RunScribe), mean of both feet",
    "braking_g": "peak braking shock (RunScribe), mean of both feet",
}
"""Canonical channel names and meanings. Missing samples are NaN; 0 is a measured zero."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stream:
    """Samples on one time axis. `time_s`: (T,) seconds since the activity's start, strictly increasing.

    `channels`: name → (T,) float64, NaN where absent; a channel without a single value is left out.
    `extra`: developer fields nobody has mapped, by label ("app field [unit]").
    """

    time_s: Array
    channels: Mapping[str, Array]
    extra: Mapping[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, values in (*self.channels.items(), *self.extra.items()):
            if values.shape != self.time_s.shape:
                raise ValueError(f"channel {name} has shape {values.shape}, time has {self.time_s.shape}")

    def __len__(self) -> int:
        return len(self.time_s)

    def channel(self, name: str) -> Array:
        """The values of a channel, all NaN when it is absent."""
        values = self.channels.get(name)
        return np.full(len(self.time_s), np.nan) if values is None else values

    def has(self, name: str) -> bool:
        return name in self.channels


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """[start_s, end_s) since the activity's start."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lap:
    """[start_s, end_s) since the activity's start, with the device's own sums; None = not stated."""

    start_s: float
    end_s: float
    distance_m: float | None = None
    timer_s: float | None = None
    intensity: str = ""
    """active | rest | warmup | cooldown | recovery | interval, when stated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What the device or platform states for the whole activity; None = not stated."""

    elapsed_s: float | None = None
    timer_s: float | None = None
    moving_s: float | None = None
    distance_m: float | None = None
    ascent_m: float | None = None
    descent_m: float | None = None
    average_heart_rate_bpm: float | None = None
    maximum_heart_rate_bpm: float | None = None
    average_cadence_spm: float | None = None
    average_power_w: float | None = None
    steps: float | None = None
    session_rpe: float | None = None
    """Perceived exertion 0-10."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Make and model only; a serial number is kept as a salted digest so that a change of device can be seen."""

    manufacturer: str = ""
    product: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shoe:
    """One pair as named by the runner; features are None unless stated."""

    id: str
    name: str
    drop_mm: float | None = None
    kind: str = ""
    """"" | conventional | minimalist | maximalist | plated | spikes."""
    first_used_on: date | None = None
    retired_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One activity. `pauses`: timer stopped or recording lost. `stream` None: only totals are known."""

    start_utc: datetime
    """Aware, UTC."""
    sport: Sport
    format: str
    """Key of the reader's registry ("fit", "tcx", "gpx", "apple_health", "strava_csv", "garmin_json")."""
    utc_offset_s: int | None = None
    """Offset of the runner's wall clock at the start; None = not stated."""
    surface: Surface = Surface.UNKNOWN
    stream: Stream | None = None
    laps: tuple[Lap, ...] = ()
    pauses: tuple[Interval, ...] = ()
    totals: Totals = field(default_factory=Totals)
    device: Device = field(default_factory=Device)
    barometer: bool | None = None
    """Whether altitude comes from a barometer; None = not known."""
    shoe: str | None = None
    """Id of a `Shoe` of the same archive."""
    labels: frozenset[Label] = frozenset()
    sport_detail: str = ""
    """The file's own sub-sport word, for display."""
    source_id: str = ""
    """Opaque id inside its archive (joins gear and summaries); never shown, never logged."""

    def __post_init__(self) -> None:
        if self.start_utc.utcoffset() != timedelta(0):
            raise ValueError("start_utc must be aware and in UTC")

    @property
    def day(self) -> date:
        """The runner's own calendar day of the start (UTC's when the zone is unknown)."""
        return (self.start_utc + timedelta(seconds=self.utc_offset_s or 0)).date()

    @property
    def elapsed_s(self) -> float:
        """Stated elapsed time, else the span of the samples."""
        if self.totals.elapsed_s is not None:
            return self.totals.elapsed_s
        if self.stream is not None and len(self.stream):
            return float(self.stream.time_s[-1])
        return self.totals.timer_s or 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """One thing a reader found wrong and how it went on; `offset` counts bytes from the start of the file."""

    code: str
    """Stable slug ("truncated", "bad_crc", "undefined_message", "bad_number", …)."""
    detail: str
    """One plain sentence: what was wrong and what was done."""
    offset: int | None = None
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one file gave: its activities (a triathlon gives several), shoes it names, and the repairs."""

    activities: tuple[Activity, ...] = ()
    repairs: tuple[Repair, ...] = ()
    shoes: tuple[Shoe, ...] = ()

    @property
    def activity(self) -> Activity | None:
        """The longest run, else the longest activity, else None."""
        ranked = sorted(self.activities, key=lambda a: (a.sport is Sport.RUNNING, a.elapsed_s))
        return ranked[-1] if ranked else None
