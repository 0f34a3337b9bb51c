"""The frozen types of the core to plain JSON and back, by their annotations; NaN stays NaN."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from typing import Any

JSON = Any


def encode(value: object) -> JSON:
    """Any value made of dataclasses, enums, dates, mappings, sequences and plain scalars."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: encode(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {encode_key(key): encode(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted((encode(item) for item in value), key=str)
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return value


def encode_key(key: object) -> str:
    return str(encode(key))


@lru_cache(maxsize=64)
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def decode(kind: Any, data: JSON) -> Any:
    """The value of a type from its JSON. Raises ValueError, TypeError or KeyError when it does not fit."""
    kind = getattr(kind, "__supertype__", kind)
    if data is None or kind is Any or kind is object:
        return data
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _decode_union(typing.get_args(kind), data)
    if origin is not None:
        return _decode_generic(origin, typing.get_args(kind), data)
    if is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: decode(hints[name], item) for name, item in data.items() if name in hints})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    if kind is datetime:
        return datetime.fromisoformat(data)
    if kind is date:
        return date.fromisoformat(data)
    return kind(data) if kind in (float, int, str) and not isinstance(data, bool) else data


def _decode_union(members: tuple[Any, ...], data: JSON) -> Any:
    """An optional value, or a union of scalars and sets (an answer)."""
    real = [member for member in members if member is not types.NoneType]
    if len(real) == 1:
        return decode(real[0], data)
    if isinstance(data, list):
        return frozenset(data)
    return data


def _decode_generic(origin: Any, members: tuple[Any, ...], data: JSON) -> Any:
    if origin is tuple:
        if len(members) == 2 and members[1] is Ellipsis:
            return tuple(decode(members[0], item) for item in data)
        return tuple(decode(member, item) for member, item in zip(members, data, strict=True))
    if origin in (frozenset, set):
        return frozenset(decode(members[0], item) for item in data)
    if origin in (Mapping, dict):
        return {decode(members[0], key): decode(members[1], item) for key, item in data.items()}
    if origin is list:
        return [decode(members[0], item) for item in data]
    raise TypeError(f"no way to decode {origin}")
