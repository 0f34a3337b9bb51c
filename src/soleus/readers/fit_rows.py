"""The few messages of a FIT file that are not records (sessions, laps, events, devices) → one dictionary each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import isfinite

import numpy as np
import numpy.typing as npt

from soleus.core.fit_protocol import EPOCH_S, BaseType
from soleus.readers.fit_profile import PROFILE, Field
from soleus.readers.fit_walk import parse_layout

Value = int | float | str | bytes | tuple[int | float, ...]
Message = Mapping[str, Value]

LAST_TIME = float(2**32)
"""FIT times are 32-bit; another base type with more is damage."""


@lru_cache(maxsize=1024)
def _plan(definition: bytes) -> tuple[tuple[int, str, Field, BaseType | None, bool], ...]:
    """(place in the row, name, field, base type, whether it is a plain number) of each known field."""
    layout = parse_layout(definition)
    profile = PROFILE.get(layout.message, {})
    places = {name: i for i, name in enumerate(layout.dtype.names or ())}
    found = []
    for item in layout.fields:
        spec = profile.get(item.number)
        if spec is not None:
            plain = spec.scale == 1.0 and not spec.offset and not spec.date
            found.append((places[item.label], spec.name, spec, item.base, plain))
    return tuple(found)


def build_messages(rows: npt.NDArray[np.void], definition: bytes) -> list[dict[str, Value]]:
    """One dictionary a row, of the fields that hold a value."""
    plan = _plan(definition)
    messages = []
    for row in rows.tolist():
        message: dict[str, Value] = {}
        for place, name, spec, base, plain in plan:
            value = row[place]
            if plain and isinstance(value, int):
                if base is not None and value != base.invalid:
                    message[name] = value
            elif (converted := _value(value, base, spec)) is not None:
                message[name] = converted
        messages.append(message)
    return messages


def _value(value: object, base: BaseType | None, spec: Field) -> Value | None:
    """A number, text, bytes or tuple; None where it is absent. What is no whole number of its base type is bytes."""
    if base is not None and isinstance(value, int | float):
        return _single(value, base, spec)
    if isinstance(value, np.ndarray):
        if base is None or base.name == "byte":
            value = value.tobytes()
        else:
            several = [one for item in value.tolist() if (one := _single(item, base, spec)) is not None]
            return tuple(several) or None
    if not isinstance(value, bytes):
        return None
    if base is not None and base.letter == "S":
        # Up to the first zero byte; the end of the field also ends it.
        return value.split(b"\0", 1)[0].decode("utf-8", "replace") or None
    return value if value.strip(b"\xff") else None


def _single(value: float, base: BaseType, spec: Field) -> int | float | None:
    if value == base.invalid or not isfinite(value):
        return None
    if spec.date:
        return value + EPOCH_S if 0 <= value <= LAST_TIME else None
    if spec.scale == 1.0 and not spec.offset:
        return value
    return value / spec.scale - spec.offset
