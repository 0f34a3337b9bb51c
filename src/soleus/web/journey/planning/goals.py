"""`Check.goals`, plain JSON in the sealed session → the goals the planner reads."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from soleus.core.goals import DayWish, Goals, Measured, OtherSport, RunningHistory, TargetEvent
from soleus.core.ids import KitId, MeasureId
from soleus.web.journey.planning.sections import ZONES


def goals_of(kept: dict[str, Any]) -> Goals:
    """Everything that was given; pages left empty stay unknown."""
    days = kept.get("days") or {}
    at = time.fromisoformat(days["at"]) if days.get("at") else None
    event = kept.get("event")
    shoes = kept.get("shoes") or {}
    return Goals(
        days=tuple(
            DayWish(weekday=int(day), minutes=minutes, at=at)
            for day, minutes in sorted((days.get("minutes") or {}).items())
            if minutes
        ),
        event=TargetEvent(name=event["name"], on=date.fromisoformat(event["on"]), distance_km=event["km"])
        if event
        else None,
        kit=frozenset(KitId(item) for item in kept.get("kit") or ()),
        other_sports=tuple(OtherSport(**row) for row in kept.get("sports") or ()),
        history=_history(kept.get("usual")),
        tried=frozenset(kept.get("tried") or ()),
        wants=frozenset(shoes.get("wants") or ()),
        arch=shoes.get("arch") or "unknown",
        measures=tuple(
            Measured(
                measure=MeasureId(measure),
                value=row["value"],
                on=date.fromisoformat(row["on"]),
                pain_nrs=row.get("pain"),
            )
            for measure, row in sorted((kept.get("measures") or {}).items())
        ),
        time_zone=days.get("zone") or ZONES[0],
    )


def _history(usual: dict[str, Any] | None) -> RunningHistory | None:
    if not usual:
        return None
    return RunningHistory(
        weekly_km=usual.get("km"), runs_per_week=usual.get("runs"), longest_run_km=usual.get("longest")
    )
