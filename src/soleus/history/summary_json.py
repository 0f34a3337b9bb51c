"""`RunSummary` to plain JSON values and back, exactly; cells as rows so that a history stays small."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from soleus.core.activity import Label, Sport, Surface
from soleus.core.training import Edit, FormCell, LoadCell, RunSummary, WithinRun

VERSION = 1
_ROWS: Mapping[str, type] = {"form": FormCell, "load_cells": LoadCell, "edits": Edit}
_BY_NUMBER = ("heart_rate_s", "speed_s", "best_efforts_s")
_DEFAULTS = {f.name: f.default for f in fields(RunSummary)}


def encode(run: RunSummary) -> dict[str, Any]:
    """A mapping of JSON values; fields at their default are left out."""
    out: dict[str, Any] = {"v": VERSION}
    for spec in fields(RunSummary):
        value = getattr(run, spec.name)
        if value == _DEFAULTS[spec.name] or (spec.name in _BY_NUMBER and not value):
            continue
        out[spec.name] = _plain(spec.name, value)
    return out


def _plain(name: str, value: Any) -> Any:
    if name in _ROWS:
        columns = [f.name for f in fields(_ROWS[name])]
        return [[getattr(row, column) for column in columns] for row in value]
    if name in _BY_NUMBER:
        return [[key, seconds] for key, seconds in sorted(value.items())]
    if name == "within":
        return [getattr(value, f.name) for f in fields(WithinRun)]
    if name == "labels":
        return sorted(label.value for label in value)
    if isinstance(value, (Sport, Surface)):
        return value.value
    return value.isoformat() if isinstance(value, (datetime, date)) else value


def decode(data: Mapping[str, Any]) -> RunSummary:
    """The summary again. Fields that a newer version added or an older one lacks take their default."""
    known = {f.name for f in fields(RunSummary)}
    return RunSummary(**{name: _typed(name, value) for name, value in data.items() if name in known})


def _typed(name: str, value: Any) -> Any:
    if name in _ROWS:
        kind = _ROWS[name]
        columns = [f.name for f in fields(kind)]
        return tuple(kind(**dict(zip(columns, row, strict=False))) for row in value)
    if name in _BY_NUMBER:
        return {int(key): float(seconds) for key, seconds in value}
    if name == "within":
        return WithinRun(**dict(zip((f.name for f in fields(WithinRun)), value, strict=False)))
    if name == "labels":
        return frozenset(Label(label) for label in value)
    if name == "sport":
        return Sport(value)
    if name == "surface":
        return Surface(value)
    if name == "start_utc":
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if name == "day" else value


def dumps(run: RunSummary) -> bytes:
    """Compact UTF-8 JSON."""
    return json.dumps(encode(run), separators=(",", ":"), ensure_ascii=False).encode()


def loads(data: bytes) -> RunSummary:
    return decode(json.loads(data))
