"""A plan as JSON and back, exactly: `plan_from_json(plan_json(plan)) == plan`.

Generic over the field types of `soleus.core.plan`, so a new optional field needs no line here. Enumerations go by
their name in files, days and times as ISO text, sets sorted. A file that lacks a field with a default is an older
one and gets the default; a key nobody knows is refused, because a part that is dropped silently may be a stop sign.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from enum import Enum
from functools import cache

from soleus.core.errors import InputError
from soleus.core.plan import Plan

SCHEMA = "soleus_plan/1"

Json = dict[str, object]
_Decoder = Callable[[object, str], typing.Any]
YEARS = (1900, 2200)
"""Days outside are a mistake, and would overflow when days are added."""
_SCALARS = (bool, int, float, str)
_CALLED = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


def plan_json(plan: Plan) -> Json:
    """The plan as plain JSON data, ready for `json.dumps`. ValueError for a number that is not finite."""
    body = _encode(plan)
    assert isinstance(body, dict)  # noqa: S101  a dataclass becomes a dict
    return {"schema": SCHEMA, **body}


def plan_from_json(data: object) -> Plan:
    """The plan that `plan_json` wrote. InputError names the place that does not fit."""
    if not isinstance(data, Mapping) or data.get("schema") != SCHEMA:
        found = data.get("schema") if isinstance(data, Mapping) else None
        raise InputError(
            f"this is not a plan file of a known version (schema: {found!r})",
            hint=f"Give the plan.json that Soleus wrote; this version reads {SCHEMA}",
        )
    plan = _decoder(Plan)({key: value for key, value in data.items() if key != "schema"}, "plan")
    assert isinstance(plan, Plan)  # noqa: S101
    return plan


def _encode(value: object) -> object:
    if isinstance(value, Enum):
        return value.value if isinstance(value.value, str) else value.name.lower()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _encode(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted((_encode(item) for item in value), key=str)
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a plan holds finite numbers only")
    if value is None or isinstance(value, _SCALARS):
        return value
    raise TypeError(f"{type(value).__name__} has no place in a plan file")


@cache
def _decoder(kind: typing.Any) -> _Decoder:
    """The function that turns JSON data into a value of this type."""
    if isinstance(kind, typing.NewType):
        return _decoder(kind.__supertype__)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _union(arguments)
    if origin is tuple:
        return _tuple(arguments)
    if origin is frozenset:
        return _frozenset(arguments[0])
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(arguments[1])
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind)
    if issubclass(kind, Enum):
        return _enum(kind)
    if kind in (date, time):
        return _instant(kind)
    return _scalar(kind)


def _fail(where: str, wanted: str) -> typing.NoReturn:
    raise InputError(f"{wanted} is needed here", where=where, hint="Is the file cut off or edited by hand?")


def _scalar(kind: type) -> _Decoder:
    def decode(value: object, where: str) -> object:
        allowed = (int, float) if kind is float else kind
        if not isinstance(value, allowed) or (isinstance(value, bool) and kind is not bool):
            _fail(where, _CALLED[kind])
        if isinstance(value, float) and not math.isfinite(value):
            _fail(where, "a finite number")
        return value

    return decode


def _instant(kind: type[date | time]) -> _Decoder:
    def decode(value: object, where: str) -> object:
        try:
            found = kind.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            found = None
        if isinstance(found, date) and not YEARS[0] <= found.year <= YEARS[1]:
            found = None
        if found is None or isinstance(found, datetime):
            _fail(where, f"a {kind.__name__} such as {'2026-11-23' if kind is date else '18:30'}")
        return found

    return decode


def _enum(kind: type[Enum]) -> _Decoder:
    members = {_encode(member): member for member in kind}

    def decode(value: object, where: str) -> Enum:
        if not isinstance(value, str) or value not in members:
            _fail(where, f"one of {', '.join(map(str, members))}")
        return members[value]

    return decode


def _items(value: object, where: str) -> list[object]:
    return value if isinstance(value, list) else _fail(where, "a list")


def _tuple(arguments: tuple[typing.Any, ...]) -> _Decoder:
    if arguments[-1] is Ellipsis:
        each = _decoder(arguments[0])
        return lambda value, where: tuple(each(item, f"{where}[{i}]") for i, item in enumerate(_items(value, where)))
    parts = [_decoder(argument) for argument in arguments]

    def decode(value: object, where: str) -> tuple[object, ...]:
        items = _items(value, where)
        if len(items) != len(parts):
            _fail(where, f"a list of {len(parts)}")
        return tuple(part(item, f"{where}[{i}]") for i, (part, item) in enumerate(zip(parts, items, strict=True)))

    return decode


def _frozenset(argument: typing.Any) -> _Decoder:
    each = _decoder(argument)
    return lambda value, where: frozenset(each(item, f"{where}[{i}]") for i, item in enumerate(_items(value, where)))


def _mapping(argument: typing.Any) -> _Decoder:
    each = _decoder(argument)

    def decode(value: object, where: str) -> dict[str, object]:
        if not isinstance(value, Mapping):
            _fail(where, "a mapping")
        return {str(key): each(item, f"{where}.{key}") for key, item in value.items()}

    return decode


def _union(arguments: tuple[typing.Any, ...]) -> _Decoder:
    """None, one of several scalars, or the one other type; scalars keep the kind that JSON gave them."""
    scalars = [kind for kind in arguments if kind in _SCALARS]
    others = [kind for kind in arguments if kind not in _SCALARS and kind is not type(None)]
    decoders = [_decoder(kind) for kind in others]
    if len(decoders) > 1 or (decoders and scalars):
        raise TypeError(f"a plan file cannot tell the types {arguments} apart")
    exact: list[typing.Any] = sorted(scalars, key=_SCALARS.index)

    def decode(value: object, where: str) -> object:
        if value is None and type(None) in arguments:
            return None
        if decoders:
            return decoders[0](value, where)
        given: typing.Any = type(value)
        for kind in exact:
            if given is kind or (kind is float and given is int):
                return _decoder(kind)(value, where)
        return _fail(where, " or ".join(_CALLED[kind] for kind in exact))

    return decode


def _dataclass(kind: typing.Any) -> _Decoder:
    hints = typing.get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    missing = dataclasses.MISSING
    needed = [name for name, f in fields.items() if f.default is missing and f.default_factory is missing]

    def decode(value: object, where: str) -> object:
        if not isinstance(value, Mapping):
            _fail(where, "a mapping")
        for name in value:
            if name not in fields:
                raise InputError(
                    f"the key {name!r} is not known", where=where, hint="Was the file made by a newer version?"
                )
        for name in needed:
            if name not in value:
                _fail(f"{where}.{name}", "a value")
        return kind(**{name: _decoder(hints[name])(item, f"{where}.{name}") for name, item in value.items()})

    return decode
