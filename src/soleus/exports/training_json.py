"""The public JSON of the training analysis: the report, the import, and what it moved.

Every number is plain and finite (not known = null), days are ISO dates, keys are the field names of
`soleus.core.training`; `sentence` says the same in words.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum

from soleus.clinic.training_evidence import TrainingEffect
from soleus.core.training import TrainingReport
from soleus.exports.training_document import Imported
from soleus.exports.training_wording import (
    change_name,
    change_sentence,
    conflict_sentence,
    headline,
    moved_sentence,
)
from soleus.knowledge.base import KnowledgeBase

SCHEMA = "training/1"

Json = dict[str, object]


def training_json(report: TrainingReport, kb: KnowledgeBase, *, imported: Imported | None = None) -> Json:
    """The report, with the wording of each change, and the import when there was one."""
    body = plain(report)
    document: Json = {"schema": SCHEMA, "headline": headline(kb, report)}
    document |= body if isinstance(body, dict) else {}
    document["changes"] = [
        {**_mapping(plain(change)), "name": change_name(kb, change), "sentence": change_sentence(kb, change)}
        for change in report.changes
    ]
    if imported is not None:
        document["import"] = import_json(imported)
    return document


def import_json(imported: Imported) -> Json:
    """Counts by state, and every file with a problem."""
    states: dict[str, int] = {}
    for line in imported.files:
        states[line.state] = states.get(line.state, 0) + 1
    return {
        "files": len(imported.files),
        "activities": imported.activities,
        "duplicates": imported.duplicates,
        "states": states,
        "problems": [plain(line) for line in imported.problems],
        "notes": list(imported.notes),
    }


def effect_json(effect: TrainingEffect, kb: KnowledgeBase) -> Json:
    """What the watch files moved, with the sentences shown to the runner."""
    return {
        "disposition": {"before": effect.before.disposition.slug, "after": effect.after.disposition.slug},
        "added": [plain(finding) for finding in effect.added],
        "moved": [
            {
                "condition": moved.condition,
                "kind": "contributor" if moved.contributor else "cause",
                "before": round(moved.before, 6),
                "after": round(moved.after, 6),
                "because": list(moved.because),
                "sentence": moved_sentence(kb, moved),
            }
            for moved in effect.moved
        ],
        "conflicts": [
            {"finding": conflict.kept.id, "sentence": conflict_sentence(kb, conflict)} for conflict in effect.conflicts
        ],
    }


def plain(value: object) -> object:
    """Any value of the core as JSON data."""
    if isinstance(value, Enum):
        return value.value if isinstance(value.value, str) else value.name.lower()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(str(plain(item)) for item in value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value


def _key(key: object) -> str:
    shown = plain(key)
    return shown if isinstance(shown, str) else str(shown)


def _mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}
