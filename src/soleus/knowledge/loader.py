"""Strict YAML: what is written is what is read, and a hostile file costs little.

PyYAML reads `no` as False, keeps the last of two equal keys, and expands anchors without limit. Here only `true`
and `false` are booleans, keys are plain text, each once, and anchors, aliases, tags and merge keys are refused.
The value is built straight from the parser's events, so depth and size are known before anything is built.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import yaml

from soleus.core.errors import KnowledgeError, SoleusError

MAX_BYTES = 1_000_000
MAX_DEPTH = 60
_MAX_DIGITS = 40

_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, object] = {
    "": None,
    "~": None,
    "null": None,
    "true": True,
    "false": False,
}
_NON_FINITE = {".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf, ".nan": math.nan}

Path_ = tuple[str | int, ...]
Places = dict[Path_, tuple[int, int]]


def load_yaml_strict(
    text: str | bytes,
    *,
    where: str,
    max_bytes: int = MAX_BYTES,
    error: type[SoleusError] = KnowledgeError,
    allow_non_finite: bool = False,
) -> object:
    """The one document in `text` as dicts (text keys), lists, str, int, float, bool and None.

    Everything unclear raises `error` with `where:line:column`. Dates stay text. `.inf` and `.nan` only with
    `allow_non_finite`. An empty document is None.
    """
    return _Reader(text, where, max_bytes, error, allow_non_finite).document()


def load_yaml_file(path: Path, *, where: str, max_bytes: int = MAX_BYTES) -> object:
    """A knowledge file; `.inf` is allowed by the loader and refused by the schema where it has no meaning."""
    return load_yaml_strict(path.read_bytes(), where=where, max_bytes=max_bytes, allow_non_finite=True)


def locate(text: str | bytes, path: Path_) -> tuple[int, int] | None:
    """Line and column (from 1) of the deepest part of `path` that exists in an otherwise valid text."""
    reader = _Reader(text, "", MAX_BYTES, KnowledgeError, allow_non_finite=True)
    reader.document()
    return next((reader.places[path[:n]] for n in range(len(path), 0, -1) if path[:n] in reader.places), None)


class _Reader:
    """One pass over the parser's events, building the value and remembering where each part began."""

    def __init__(
        self,
        text: str | bytes,
        where: str,
        max_bytes: int,
        error: type[SoleusError],
        allow_non_finite: bool,
    ) -> None:
        self.where = where
        self.error = error
        self.allow_non_finite = allow_non_finite
        self.places: Places = {}
        self.text = self._decoded(text, max_bytes)

    def _decoded(self, text: str | bytes, max_bytes: int) -> str:
        if len(text) > max_bytes:
            raise self._too_large(max_bytes)
        try:
            if isinstance(text, bytes):
                return text.decode("utf-8-sig")
            if len(text.encode()) > max_bytes:
                raise self._too_large(max_bytes)
        except UnicodeError:
            raise self.error("not UTF-8 text", where=self.where, hint="Save the file as UTF-8.") from None
        return text.removeprefix("\ufeff")

    def _too_large(self, max_bytes: int) -> SoleusError:
        return self.error(f"larger than {max_bytes} bytes", where=self.where, hint="Give a smaller file.")

    def fail(self, problem: str, mark: Any, hint: str = "") -> NoReturn:
        place = self.where if mark is None else f"{self.where}:{mark.line + 1}:{mark.column + 1}"
        raise self.error(problem, where=place, hint=hint)

    def document(self) -> object:
        try:
            events = yaml.parse(self.text, Loader=_PARSER)
            next(events)  # stream start
            event = next(events)
            if isinstance(event, yaml.StreamEndEvent):
                return None
            value = self._build(events, next(events), ())
            next(events)  # document end
            event = next(events)
            if not isinstance(event, yaml.StreamEndEvent):
                self.fail("more than one document", event.start_mark, "Keep one document per file.")
        except yaml.MarkedYAMLError as exc:
            self.fail(f"not valid YAML: {exc.problem}", exc.problem_mark)
        except yaml.YAMLError:
            self.fail("not valid YAML: a character that text may not hold", None)
        return value

    def _build(self, events: Iterator[Any], event: Any, path: Path_) -> object:
        """The value that starts with `event`; recursion is bounded by MAX_DEPTH."""
        mark = event.start_mark
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            self.fail("anchors and aliases are not allowed", mark, "Write the value out.")
        if event.tag is not None:
            self.fail(f"the tag {event.tag} is not allowed", mark, "Write the plain value.")
        self.places.setdefault(path, (mark.line + 1, mark.column + 1))
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if len(path) >= MAX_DEPTH:
            self.fail(f"nested deeper than {MAX_DEPTH} levels", mark)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, path)
        return self._sequence(events, path)

    def _sequence(self, events: Iterator[Any], path: Path_) -> list[object]:
        items: list[object] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._build(events, event, (*path, len(items))))
        return items

    def _mapping(self, events: Iterator[Any], path: Path_) -> dict[str, object]:
        mapping: dict[str, object] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._key(event)
            if key in mapping:
                self.fail(f"the key {key!r} is given twice", event.start_mark, "Keep one of them.")
            here = (*path, key)
            self.places[here] = (event.start_mark.line + 1, event.start_mark.column + 1)
            mapping[key] = self._build(events, next(events), here)
        return mapping

    def _key(self, event: Any) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            self.fail("a key must be plain text", event.start_mark)
        if event.anchor is not None or event.tag is not None:
            self.fail("anchors and tags are not allowed", event.start_mark, "Write the plain key.")
        if event.value == "<<" and event.implicit[0]:
            self.fail("merge keys are not allowed", event.start_mark, "Write the keys out.")
        return str(event.value)

    def _scalar(self, event: Any) -> object:
        value: str = event.value
        if not event.implicit[0]:  # quoted or block text
            return value
        if value in _WORDS:
            return _WORDS[value]
        if value[0] not in "+-.0123456789":
            return value
        if value in _NON_FINITE:
            if not self.allow_non_finite:
                self.fail(f"{value} is not a finite number", event.start_mark)
            return _NON_FINITE[value]
        if _INTEGER.match(value):
            if len(value) > _MAX_DIGITS:
                self.fail("a number with too many digits", event.start_mark, "Quote it if it is text.")
            return int(value)
        if _FLOAT.match(value):
            number = float(value)
            if math.isinf(number):
                self.fail(f"{value[:_MAX_DIGITS]} is too large for a number", event.start_mark)
            return number
        return value
