"""What the runner wants, can do and has: the input of a plan beside the case itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from soleus.core.ids import KitId, MeasureId

HOME_KIT: frozenset[KitId] = frozenset(
    KitId(item) for item in ("wall", "chair", "towel", "step", "rail", "backpack", "tape", "watch", "flat_ground")
)
"""What nearly every home has; a plan takes these for granted (a backpack with books is a weight)."""


DEFAULT_DAY_MINUTES = 60
"""Minutes taken for granted on every day when the runner gave no days: room for the longest run of every programme
(40 min and the walks around it), so that a wish that nobody made drops no run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayWish:
    """A day of the week that may hold sessions."""

    weekday: int
    """0 = Monday … 6 = Sunday."""
    minutes: int
    """Most minutes on this day, all sessions together."""
    at: time | None = None
    """Local time at which the first session should start, for the calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSport:
    """Another sport done each week on a fixed day."""

    sport: str
    """Free id: football, cycling, swimming, gym, yoga, …"""
    weekday: int
    minutes: int
    impact: str = "none"
    """none | low | high: running, jumping and cutting are high."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetEvent:
    """A race or another day the runner works towards."""

    name: str
    on: date
    distance_km: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningHistory:
    """The running before the pain, from watch files or from what the runner said; None = not known."""

    weekly_km: float | None = None
    """Usual distance per week over the four weeks before the pain."""
    runs_per_week: float | None = None
    longest_run_km: float | None = None
    """Longest run of the 30 days before the pain."""
    easy_speed_mps: float | None = None
    from_watch: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One self-test or clinic measurement (`measure` is an id of `kb.plans.measures`)."""

    measure: MeasureId
    value: float | bool
    on: date | None = None
    pain_nrs: float | None = None
    """Worst pain during the test, 0-10, where the test asks for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goals:
    """Wishes and limits. Every part may be missing; the plan then says what it took for granted."""

    starts_on: date | None = None
    """First day of the plan; None = the day it is made."""
    days: tuple[DayWish, ...] = ()
    """Empty = every day, `DEFAULT_DAY_MINUTES` minutes."""
    event: TargetEvent | None = None
    kit: frozenset[KitId] = frozenset()
    """Beside `HOME_KIT`."""
    other_sports: tuple[OtherSport, ...] = ()
    history: RunningHistory | None = None
    tried: frozenset[str] = frozenset()
    """Advice or exercise ids that were tried and did not help."""
    wants: frozenset[str] = frozenset()
    """minimal_shoes | carbon_shoes | orthoses | keep_running | forefoot."""
    arch: str = "unknown"
    """flat | high | usual | unknown."""
    measures: tuple[Measured, ...] = ()
    cleared_by: str = ""
    """Role of the clinician who cleared loading and running ("physiotherapist"); empty = nobody has."""
    time_zone: str = "Europe/London"
