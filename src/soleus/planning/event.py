"""The race: whether it is likely to be run on its day, honestly, and its workout when it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta

from soleus.core.goals import TargetEvent
from soleus.core.ids import TextId
from soleus.core.message import Message
from soleus.core.plan import EventOutlook, Forecast, PlanWeek, RunBlock, RunWorkout
from soleus.planning.limits import METRES_PER_KM, SECONDS_PER_MIN, Limits
from soleus.planning.run_weeks import Usual

FULL_TRAINING = "full_training"
RACE = "race"
BUILD = "build."
"""Ids of workouts after the staged programme begin like this."""
_P90 = 1.2815515655446004
"""Standard normal quantile of 0.9."""


def outlook(
    event: TargetEvent, chance: float | None, weeks: Sequence[PlanWeek], usual: Usual, limits: Limits
) -> EventOutlook:
    """The verdict for the race.

    1. `chance` of full training by then. 2. The longest run that the caps allow on the day, from the planned runs of
    the 30 days before. Likely: both are good. Unlikely: the chance is small, the plan does not come near the distance,
    or running is still being rebuilt step by step. Otherwise, or when a part is missing: cannot tell.
    """
    allowed_km = _allowed_km(event.on, weeks, usual, limits)
    verdict, reason = _verdict(event, chance, allowed_km, weeks, limits)
    return EventOutlook(
        name=event.name,
        on=event.on,
        verdict=verdict,
        chance=chance,
        distance_km=event.distance_km,
        allowed_km=allowed_km,
        because=Message(text=TextId(f"plan.event.{reason}"), params=_params(event, chance, allowed_km)),
    )


def chance_by(forecasts: Sequence[Forecast], onset_on: date | None, on: date) -> float | None:
    """P(full training by the day of the race); None without a forecast or a day that it counts from.

    Φ((ln days - ln median) / σ) with σ = ln(p90 / median) / 1.2816.
    """
    full = next((item for item in forecasts if item.milestone == FULL_TRAINING), None)
    since = None if full is None else full.since or onset_on
    if full is None or since is None:
        return None
    days = (on - since).days
    if days <= 0:
        return 0.0
    sigma = math.log(full.p90_days / full.median_days) / _P90
    distance = math.log(days / full.median_days)
    if sigma <= 0:
        return float(distance >= 0)
    return 0.5 * (1 + math.erf(distance / sigma / math.sqrt(2)))


def race_workout(verdict: EventOutlook, usual: Usual, pain_max_nrs: float) -> RunWorkout:
    """The race at easy speed, for the caps and the calendar."""
    seconds = round((verdict.distance_km or 0.0) * METRES_PER_KM / usual.speed_mps)
    return RunWorkout(
        id=RACE,
        name=Message(text=TextId("plan.run.race"), params={"name": verdict.name}),
        warm_up_s=0,
        blocks=(RunBlock(repeats=1, run_s=seconds, walk_s=0),),
        cool_down_s=0,
        pain_max_nrs=pain_max_nrs,
    )


def _allowed_km(on: date, weeks: Sequence[PlanWeek], usual: Usual, limits: Limits) -> float | None:
    """Longest run within the single-run cap on that day; None when the speed is not known or the weeks end before."""
    if not usual.speed_known or on >= weeks[-1].starts_on + timedelta(days=7):
        return None
    since = on - timedelta(days=limits.runs.window_days)
    longest = max(
        (
            session.workout.run_s / SECONDS_PER_MIN
            for week in weeks
            for session in week.sessions
            if session.workout is not None and since <= session.on < on
        ),
        default=0.0,
    )
    cap = limits.runs.single_cap_min(longest, usual.speed_mps) if longest else 0.0
    return cap * SECONDS_PER_MIN * usual.speed_mps / METRES_PER_KM


def _verdict(
    event: TargetEvent, chance: float | None, allowed_km: float | None, weeks: Sequence[PlanWeek], limits: Limits
) -> tuple[str, str]:
    """(verdict, reason)."""
    if chance is not None and chance <= limits.unlikely_chance:
        return "unlikely", "too_soon"
    week = next((item for item in weeks if item.starts_on <= event.on < item.starts_on + timedelta(days=7)), None)
    if week is None:
        return "cannot_tell", "far_off"
    runs = [session.workout.id for session in week.sessions if session.workout is not None]
    if not any(name == RACE or name.startswith(BUILD) for name in runs):
        return "unlikely", "not_rebuilt"
    if event.distance_km is not None and allowed_km is not None and allowed_km < event.distance_km:
        return "unlikely", "too_far"
    if chance is None:
        return "cannot_tell", "no_forecast"
    if event.distance_km is None or allowed_km is None:
        return "cannot_tell", "no_distance"
    return ("likely", "in_time") if chance >= limits.likely_chance else ("cannot_tell", "open")


def _params(event: TargetEvent, chance: float | None, allowed_km: float | None) -> dict[str, str | int | float]:
    params: dict[str, str | int | float] = {"name": event.name}
    if chance is not None:
        params["percent"] = round(100 * chance)
    if allowed_km is not None:
        params["allowed_km"] = math.floor(10 * allowed_km) / 10
    if event.distance_km is not None:
        params["distance_km"] = event.distance_km
    return params
