"""Film reports as JSON and back, exactly: what the command prints and `--previous` reads, and what the web keeps.

Keys are the field names of `soleus.core.gait`; enumerations are their values, days ISO dates, and a number that could
not be worked out (NaN) is null. Reading checks every field; anything that does not fit raises `VideoError`.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum, IntEnum
from functools import lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from soleus.core.errors import VideoError
from soleus.core.gait import GaitReport, HeelRaiseReport, HeelRaiseSet

GAIT, HEEL_RAISE, HEEL_SET = "gait/1", "heel_raise/1", "heel_raise_set/1"
MAX_DEPTH = 40

Json = dict[str, Any]
T = TypeVar("T")


class _Unfit(ValueError):
    """A value that does not fit its field."""


def gait_json(report: GaitReport) -> Json:
    """The whole report as plain data."""
    return {"schema": GAIT, **_fields(report)}


def heel_raise_json(report: HeelRaiseReport) -> Json:
    """The whole report as plain data."""
    return {"schema": HEEL_RAISE, **_fields(report)}


def heel_set_json(one: HeelRaiseSet) -> Json:
    """One leg as plain data."""
    return {"schema": HEEL_SET, **_fields(one)}


def gait_from_json(data: object, *, where: str = "") -> GaitReport:
    """The report of `gait_json`. Raises `VideoError`."""
    return _read(GaitReport, GAIT, data, where)


def heel_raise_from_json(data: object, *, where: str = "") -> HeelRaiseReport:
    """The report of `heel_raise_json`. Raises `VideoError`."""
    return _read(HeelRaiseReport, HEEL_RAISE, data, where)


def heel_set_from_json(data: object, *, where: str = "") -> HeelRaiseSet:
    """The leg of `heel_set_json`. Raises `VideoError`."""
    return _read(HeelRaiseSet, HEEL_SET, data, where)


def _fields(value: Any) -> Json:
    return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.name.lower() if isinstance(value, IntEnum) else value.value
    if dataclasses.is_dataclass(value):
        return _fields(value)
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(_plain(item) for item in value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value


def _read(kind: type[T], schema: str, data: object, where: str) -> T:
    if not isinstance(data, Mapping) or data.get("schema") != schema:
        raise VideoError(f"not a film report of the kind {schema}", where=where, hint="Write it with --json")
    try:
        report: T = _object(kind, {key: item for key, item in data.items() if key != "schema"}, "", 0)
    except (_Unfit, ValueError, TypeError) as error:
        hint = "Write it with --json, and do not change it by hand"
        raise VideoError(f"a film report that cannot be read ({error})", where=where, hint=hint) from error
    return report


@lru_cache(maxsize=64)
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _object(kind: Any, data: Mapping[str, Any], at: str, depth: int) -> Any:
    names = {field.name for field in dataclasses.fields(kind)}
    if unknown := sorted(set(data) - names):
        raise _Unfit(f"{at or 'the report'} has no field {unknown[0]!r}")
    needed = {
        field.name
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }
    if missing := sorted(needed - set(data)):
        raise _Unfit(f"{at or 'the report'} lacks {missing[0]!r}")
    hints = _hints(kind)
    return kind(**{name: _value(hints[name], item, f"{at}/{name}", depth + 1) for name, item in data.items()})


def _value(hint: Any, data: Any, at: str, depth: int) -> Any:
    """`data` as the type says."""
    if depth > MAX_DEPTH:
        raise _Unfit(f"{at} is nested too deep")
    hint = getattr(hint, "__supertype__", hint)
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _one_of(get_args(hint), data, at, depth)
    if origin is tuple:
        return tuple(_value(get_args(hint)[0], item, at, depth + 1) for item in _list(data, at))
    if origin is frozenset:
        return frozenset(_value(get_args(hint)[0], item, at, depth + 1) for item in _list(data, at))
    if origin is not None and issubclass(origin, Mapping):
        key, item = get_args(hint)
        if not isinstance(data, Mapping):
            raise _Unfit(f"{at} is not a table")
        return {_value(key, k, at, depth + 1): _value(item, v, f"{at}/{k}", depth + 1) for k, v in data.items()}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _enum(hint, data, at)
    if dataclasses.is_dataclass(hint):
        if not isinstance(data, Mapping):
            raise _Unfit(f"{at} is not a table")
        return _object(hint, data, at, depth)
    return _scalar(hint, data, at)


def _one_of(kinds: tuple[Any, ...], data: Any, at: str, depth: int) -> Any:
    """The first kind of a union that the value fits; the exact types of JSON first, so that no number is bent."""
    if data is None and type(None) in kinds:
        return None
    for kind in kinds:
        if kind is type(None):
            continue
        try:
            return _value(kind, data, at, depth + 1)
        except (_Unfit, ValueError, TypeError):
            continue
    raise _Unfit(f"{at} fits none of its kinds")


def _enum(kind: type[Enum], data: Any, at: str) -> Enum:
    for member in kind:
        if data == (member.name.lower() if isinstance(member, IntEnum) else member.value):
            return member
    raise _Unfit(f"{at} is none of {', '.join(str(_plain(member)) for member in kind)}")


def _list(data: Any, at: str) -> list[Any]:
    if not isinstance(data, list):
        raise _Unfit(f"{at} is not a list")
    return data


def _scalar(hint: Any, data: Any, at: str) -> Any:
    read = _SCALARS.get(hint)
    if read is None:
        raise _Unfit(f"{at} has a type that cannot be read")
    fits, value = read(data)
    if not fits:
        raise _Unfit(f"{at} is not a {hint.__name__}")
    return value


def _float(data: Any) -> tuple[bool, Any]:
    if data is None:
        return True, math.nan
    return isinstance(data, int | float) and not isinstance(data, bool), data


def _int(data: Any) -> tuple[bool, Any]:
    return isinstance(data, int) and not isinstance(data, bool), data


def _str(data: Any) -> tuple[bool, Any]:
    return isinstance(data, str), data


def _bool(data: Any) -> tuple[bool, Any]:
    return isinstance(data, bool), data


def _date(data: Any) -> tuple[bool, Any]:
    return isinstance(data, str), date.fromisoformat(data) if isinstance(data, str) else None


_SCALARS: Mapping[Any, Callable[[Any], tuple[bool, Any]]] = {
    float: _float,
    int: _int,
    str: _str,
    bool: _bool,
    date: _date,
}
