"""The compiled knowledge base kept beside the byte code, so that a command starts in a blink.

Like a `.pyc` file it lies in `__pycache__`, is written when it can be and never needed: it counts only when its first
line names exactly these knowledge files, this code and this payload. Otherwise the files are read and checked anew.
It is JSON, so that a person can look into it and loading it can run nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from soleus.core import assessment, expression, measurement, plan, view
from soleus.knowledge import base, figure_base, gait_base, origin, plan_base
from soleus.knowledge.base import KnowledgeBase

CODE = Path(__file__).parent
FOLDER = CODE / "__pycache__"

_CLASSES: dict[str, Any] = {
    cls.__name__: cls
    for module in (origin, base, plan_base, figure_base, gait_base, expression, assessment, plan, measurement, view)
    for cls in vars(module).values()
    if isinstance(cls, type) and (is_dataclass(cls) or issubclass(cls, Enum))
}


_FIELDS = {name: tuple(f.name for f in fields(cls)) for name, cls in _CLASSES.items() if is_dataclass(cls)}


def load_or_build(root: Path, locale: str, build: Callable[[], KnowledgeBase], folder: Path = FOLDER) -> KnowledgeBase:
    """The snapshot when it fits these files and this code, else `build()`, which is then kept."""
    path = folder / f"knowledge.{locale}.json"
    key = fingerprint(root, locale)
    kept = _read(path, key)
    if kept is not None:
        return kept
    kb = build()
    if not sys.dont_write_bytecode:
        _write(path, key, kb)
    return kb


def fingerprint(root: Path, locale: str) -> str:
    """A hash over every knowledge file, the code that reads them, and the locale."""
    digest = hashlib.sha256(locale.encode())
    code = [*CODE.glob("*.py"), *CODE.with_name("core").glob("*.py")]
    for path in sorted([*code, *root.rglob("*.yaml")]):
        content = path.read_bytes()
        digest.update(f"{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _read(path: Path, key: str) -> KnowledgeBase | None:
    try:
        first, _, payload = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    if first.decode("ascii", "replace") != _first_line(key, payload):
        return None
    kb: KnowledgeBase = decode(json.loads(payload))
    return kb


def _write(path: Path, key: str, kb: KnowledgeBase) -> None:
    """Write beside and move into place, so that nobody ever reads half of it; a read-only folder is no fault."""
    payload = json.dumps(encode(kb), separators=(",", ":"), ensure_ascii=False).encode()
    draft = path.with_suffix(f".{os.getpid()}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        draft.write_bytes(f"{_first_line(key, payload)}\n".encode() + payload)
        draft.replace(path)


def _first_line(key: str, payload: bytes) -> str:
    return f"{key} {hashlib.sha256(payload).hexdigest()}"


def encode(value: Any) -> Any:
    """Plain values as they are; everything else a list that starts with the name of its type."""
    if isinstance(value, Enum):
        return [type(value).__name__, value.name]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple | list):
        return [type(value).__name__, *map(encode, value)]
    if isinstance(value, frozenset):
        return ["frozenset", *sorted(value)]
    if isinstance(value, dict | MappingProxyType):
        return [type(value).__name__, list(value), list(map(encode, value.values()))]
    return [type(value).__name__, *(encode(getattr(value, name)) for name in _FIELDS[type(value).__name__])]


def decode(value: Any) -> Any:
    """The inverse of `encode`."""
    if type(value) is not list:
        return value
    kind = value[0]
    if kind in ("mappingproxy", "dict"):
        mapping = dict(zip(value[1], map(decode, value[2]), strict=True))
        return MappingProxyType(mapping) if kind == "mappingproxy" else mapping
    if kind == "tuple":
        return tuple(map(decode, value[1:]))
    if kind == "list":
        return list(map(decode, value[1:]))
    if kind == "frozenset":
        return frozenset(value[1:])
    cls = _CLASSES[kind]
    if issubclass(cls, Enum):
        return cls[value[1]]
    return cls(**dict(zip(_FIELDS[kind], map(decode, value[1:]), strict=True)))
