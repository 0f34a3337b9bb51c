"""What changed before the onset: every definition of the knowledge base, looked for and ranked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

import numpy as np

from soleus.core.training import Change, ChangeState, Coverage
from soleus.knowledge.base import ChangeDefinition, TrainingKnowledge
from soleus.training.changepoints import change_points
from soleus.training.daily import DailyTable
from soleus.training.events import break_change, first_change, spike_change, switch_change
from soleus.training.levels import level_change
from soleus.training.verdict import too_little

KINDS: Mapping[str, Callable[[ChangeDefinition, DailyTable, TrainingKnowledge], Change]] = {
    "session_spike": spike_change,
    "level": level_change,
    "first_in_90_days": first_change,
    "switch": switch_change,
    "return_after_break": break_change,
}
"""How each kind of definition is looked for."""

_STATES = (ChangeState.CHANGED, ChangeState.UNCHANGED, ChangeState.TOO_LITTLE)


def find_changes(table: DailyTable, coverage: Coverage, knowledge: TrainingKnowledge) -> tuple[Change, ...]:
    """Every definition, ranked: changed by score, then looked for and not found, then nothing can be said."""
    if not coverage.enough:
        return tuple(too_little(definition, coverage.reason) for definition in knowledge.changes)
    changes = [KINDS[definition.kind](definition, table, knowledge) for definition in knowledge.changes]
    return ranked(_supported(changes, table, knowledge), knowledge)


def ranked(changes: list[Change], knowledge: TrainingKnowledge) -> tuple[Change, ...]:
    """Changed first and by score; ties and the rest in the knowledge base's order."""
    order = {definition.id: definition.order for definition in knowledge.changes}
    return tuple(
        sorted(
            changes,
            key=lambda c: (_STATES.index(c.state), -c.score if c.state is ChangeState.CHANGED else 0.0, order[c.id]),
        )
    )


def _supported(changes: list[Change], table: DailyTable, knowledge: TrainingKnowledge) -> list[Change]:
    """Level changes with the day on which their series shifted, when a change-point of the last weeks says so."""
    levels = {definition.id: definition for definition in knowledge.changes if definition.kind == "level"}
    wanted = [c for c in changes if c.id in levels and c.state is ChangeState.CHANGED]
    least = int(knowledge.value("changes.changepoint_min_history_days"))
    if not wanted or table.days < least:
        return changes
    horizon = int(knowledge.value("changes.baseline_last_day")) + int(
        knowledge.value("changes.changepoint_recent_days")
    )
    names = sorted({levels[c.id].series for c in wanted})
    rows = np.array([_filled(table.values[name][-horizon:]) for name in names])
    points = change_points(
        rows,
        penalty_factor=knowledge.value("changes.changepoint_penalty"),
        min_days=int(knowledge.value("changes.changepoint_min_days")),
    )
    recent = rows.shape[1] - int(knowledge.value("changes.changepoint_recent_days"))
    offset = table.days - rows.shape[1]
    shifted: dict[str, date] = {
        name: table.day(offset + late[-1])
        for name, found in zip(names, points, strict=True)
        if (late := [point for point in found if point >= recent])
    }
    return [
        replace(c, params={**c.params, "changepoint_on": shifted[levels[c.id].series].isoformat()})
        if c in wanted and levels[c.id].series in shifted
        else c
        for c in changes
    ]


def _filled(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Unknown days take the mean of the known ones: they neither make nor hide a shift."""
    known = values[~np.isnan(values)]
    return np.where(np.isnan(values), known.mean() if len(known) else 0.0, values)
