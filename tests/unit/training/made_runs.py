"""Small histories for the tests of what changed before the onset."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

from soleus.core.activity import Sport
from soleus.core.training import RunSummary
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import ChangeDefinition, KnowledgeBase, TrainingKnowledge

ONSET = date(2025, 6, 15)


@cache
def knowledge_base() -> KnowledgeBase:
    return load_knowledge()


def numbers(**values: float) -> TrainingKnowledge:
    """The packaged numbers, with some replaced (dots written as double underscores)."""
    knowledge = knowledge_base().training
    parameters = dict(knowledge.parameters)
    for name, value in values.items():
        key = name.replace("__", ".")
        parameters[key] = replace(parameters[key], value=value)
    return replace(knowledge, parameters=parameters)


def definition(change_id: str) -> ChangeDefinition:
    return next(d for d in knowledge_base().training.changes if d.id == change_id)


def run(back: int, km: float | None = 8.0, *, hour: int = 7, **more: object) -> RunSummary:
    """A run `back` days before the onset (0 = on the day, negative = after)."""
    day = ONSET - timedelta(days=back)
    values: dict[str, object] = {
        "key": f"{day}-{hour}",
        "start_utc": datetime(day.year, day.month, day.day, hour, tzinfo=UTC),
        "day": day,
        "sport": Sport.RUNNING,
        "distance_m": None if km is None else 1000 * km,
        "moving_s": 360 * (km or 5.0),
        "elapsed_s": 360 * (km or 5.0),
        "speed_mps": 2.8,
        "ascent_m": 50.0,
        "descent_m": 50.0,
    }
    return RunSummary(**{**values, **more})  # type: ignore[arg-type]


def steady(days: int = 400, *, every: int = 2, km: float = 8.0, since: int = 1, **more: object) -> list[RunSummary]:
    """A run every so many days, a little longer or shorter by a fixed pattern, and a long one on Sundays."""
    pattern = (1.0, 0.95, 1.04, 0.98, 1.02, 0.97, 1.05)
    runs = []
    for back in range(days, since - 1, -1):
        sunday = (ONSET - timedelta(days=back)).weekday() == 6
        if back % every == 0 or sunday:
            runs.append(run(back, km * pattern[back % 7] * (1.8 if sunday else 1.0), **more))
    return runs
