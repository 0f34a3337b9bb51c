"""One careful way through XML for every reader: expat, streamed, tolerant of damage, closed to attacks.

* No DOCTYPE reaches the parser, so no entity can be declared and nothing outside is fetched (XXE, billion laughs,
  quadratic blow-up). Where a format carries one of its own (Apple), it is blanked out beforehand; one that declares
  entities is refused.
* A byte order mark and leading white space are skipped. Bytes that are no text, control characters and stray `&` are
  replaced by one sign each (so byte offsets stay true) and counted.
* At a fault the part read so far is kept; where the format says how, reading goes on at the next point.
* Depth, length of one tag, length of one point, and size of the whole are limited.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol, TypeVar
from xml.parsers import expat

import numpy as np

from soleus.core.activity import Repair
from soleus.core.errors import ActivityFileError

CHUNK_BYTES = 1 << 16
_PROLOG_BYTES = 1 << 18
_BOM = b"\xef\xbb\xbf"
_WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")
_WHITE = b" \t\r\n"
_CONTROL = bytes(32 if (code < 32 and code not in (9, 10, 13)) else code for code in range(256))
_STRAY_AMPERSAND = re.compile(rb"&(?!(?:#[0-9]{1,7}|#x[0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);)")
_AMPERSANDS = 1 << 16
"""More of them per block are no names of people or places."""
_OFTEN = 10
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]{0,4096}(\[.*?\]\s*)?>", re.DOTALL)
_WRONG_ENCODING = {
    expat.errors.codes[name]
    for name in (expat.errors.XML_ERROR_UNKNOWN_ENCODING, expat.errors.XML_ERROR_INCORRECT_ENCODING)
}
_CUT_SHORT = {
    expat.errors.codes[name]
    for name in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
}
_ROOT = re.compile(rb"<[^!?]")


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlLimits:
    """What one file may ask of us; beyond it the file is refused."""

    file_bytes: int = 256 << 20
    depth: int = 64
    tag_bytes: int = 1 << 20
    """One tag with its attributes, or one comment."""
    point_bytes: int = 1 << 18
    """Everything between the start and the end of one point."""
    restarts: int = 16


DEFAULT_LIMITS = XmlLimits()


class Collector(Protocol):
    """What a format does with the elements. Made anew for each pass over the file."""

    root_seen: bool

    def attach(self, parser: expat.XMLParserType) -> None:
        """Set the handlers."""

    def between_chunks(self) -> int:
        """Hold memory down; gives a number that changes whenever a point was finished, or -1 outside points."""

    def reopen(self, path: tuple[str, ...]) -> None:
        """Go on after damage inside these elements; a half-read point is closed as it is."""


C = TypeVar("C", bound=Collector)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """How to go on after damage: where the next point may start and which open elements surround it."""

    markers: tuple[tuple[bytes, tuple[str, ...]], ...]

    def often(self, data: bytes) -> bool:
        """Whether markers stand in the data again and again: a file of this kind whose head is damaged."""
        return sum(data.count(marker) for marker, _ in self.markers) >= _OFTEN

    def find(self, data: bytes, start: int) -> tuple[int, tuple[str, ...]] | None:
        """Where the next marker begins at or behind `start`, and the elements around it."""
        places = [(place, path) for marker, path in self.markers if (place := data.find(marker, start)) >= 0]
        return min(places) if places else None


def local_name(name: str) -> str:
    """The name without its namespace prefix."""
    return name.rpartition(":")[2]


def not_such_file(format_name: str) -> ActivityFileError:
    return ActivityFileError(
        f"this is no {format_name} file", hint="Give the file as the watch or the platform exported it"
    )


def refuse(problem: str) -> ActivityFileError:
    return ActivityFileError(problem, hint="No watch or platform writes that; export the activity anew")


def read_all(source: bytes | BinaryIO, limits: XmlLimits = DEFAULT_LIMITS) -> bytes:
    """The whole content; refused beyond the size limit."""
    data = source if isinstance(source, bytes) else source.read(limits.file_bytes + 1)
    if len(data) > limits.file_bytes:
        raise refuse(f"the file is larger than {limits.file_bytes >> 20} MiB")
    return data


def parse_document(
    data: bytes,
    make: Callable[[], C],
    *,
    format_name: str,
    resume: Resume | None = None,
    limits: XmlLimits = DEFAULT_LIMITS,
) -> tuple[C, list[Repair]]:
    """Run a whole document through a collector. Raises `ActivityFileError` when it is no such file at all."""
    repairs: list[Repair] = []
    start = _leading(data)
    collector = make()
    fault = _pass(data, start, collector, limits=limits)
    if fault is not None and not data.startswith(_WIDE_BOMS):
        clean, count, first = sanitise(data)
        if count or fault.code in _WRONG_ENCODING:
            repairs.append(_bad_text(count, first))
            data, collector = clean, make()
            fault = _pass(data, start, collector, limits=limits, encoding="utf-8")
    if not collector.root_seen and (fault is None or resume is None or not resume.often(data)):
        raise not_such_file(format_name)
    restarts = 0
    while fault is not None:
        repairs.append(_fault_repair(fault))
        found = None if resume is None else resume.find(data, fault.offset + 1)
        if found is None or restarts == limits.restarts:
            break
        restarts += 1
        fault = _pass(data, found[0], collector, limits=limits, encoding="utf-8", path=found[1])
    return collector, repairs


def stream_document(
    stream: BinaryIO,
    make: Callable[[], C],
    *,
    format_name: str,
    resume: Resume | None = None,
    limits: XmlLimits = DEFAULT_LIMITS,
) -> tuple[C, list[Repair]]:
    """Run a stream of any length through a collector in constant memory.

    The format's own DOCTYPE is blanked out first (Apple's has been malformed since iOS 16), broken bytes are
    replaced on the way.
    """
    collector = make()
    faults: list[_Fault] = []
    feeder: _Feeder | None = None
    replaced = 0
    first: int | None = None
    for offset, raw in _chunks(stream, limits):
        chunk, count, at = sanitise(raw)
        if count and first is None and at is not None:
            first = offset + at
        replaced += count
        if not faults and feeder is None:
            feeder = _Feeder(collector, limits=limits, encoding="utf-8", base=offset)
        feeder = _feed_on(feeder, collector, chunk, offset, faults, resume, limits)
        if feeder is None and (resume is None or len(faults) > limits.restarts or not collector.root_seen):
            break
    fault = feeder.finish() if feeder else None
    if not collector.root_seen:
        raise not_such_file(format_name)
    repairs = [_bad_text(replaced, first)] if replaced else []
    return collector, repairs + [_fault_repair(each) for each in (*faults, fault) if each is not None]


def _feed_on(
    feeder: _Feeder | None,
    collector: Collector,
    chunk: bytes,
    offset: int,
    faults: list[_Fault],
    resume: Resume | None,
    limits: XmlLimits,
) -> _Feeder | None:
    """Feed a chunk; after a fault go on at the next marker. None: no marker seen yet, or no more restarts."""
    at = 0
    while True:
        if feeder is None:
            found = None if resume is None or not collector.root_seen else resume.find(chunk, at)
            if found is None or len(faults) > limits.restarts:
                return None
            at, path = found
            feeder = _Feeder(collector, limits=limits, encoding="utf-8", base=offset + at, path=path)
        fault = feeder.feed(chunk[at:])
        if fault is None:
            return feeder
        faults.append(fault)
        feeder = None
        at = max(fault.offset - offset, at) + 1


def sanitise(data: bytes) -> tuple[bytes, int, int | None]:
    """Replace bytes that are no UTF-8, control characters and stray `&` by one byte each.

    Gives the text (same length), how many bytes were replaced, and where the first was.
    """
    text = data.translate(_CONTROL)
    if not text.isascii():
        try:
            text.decode("utf-8")
        except UnicodeDecodeError:
            text = text.decode("utf-8", "surrogateescape").encode("utf-8", "replace")
    ampersands = text.count(b"&")
    if ampersands > _AMPERSANDS:
        text = text.replace(b"&", b"+")
    elif ampersands:
        text = _STRAY_AMPERSAND.sub(b"+", text)
    if text == data:
        return data, 0, None
    changed = np.flatnonzero(np.frombuffer(data, np.uint8) != np.frombuffer(text, np.uint8))
    return text, len(changed), int(changed[0])


@dataclass(frozen=True, slots=True)
class _Fault:
    code: int
    offset: int
    words: str


class _Feeder:
    """One expat parser with its guards. `base`: where its first byte lies in the file."""

    def __init__(
        self,
        collector: Collector,
        *,
        limits: XmlLimits,
        base: int,
        encoding: str | None = None,
        path: tuple[str, ...] = (),
    ) -> None:
        opener = "".join(f"<{name}>" for name in path).encode()
        self.collector = collector
        self.limits = limits
        self.base = base - len(opener)
        self.fed = len(opener)
        self.parser = _parser(encoding)
        self._mark = -1
        self._mark_at = 0
        if opener:
            self.parser.Parse(opener, False)
            collector.reopen(path)
        collector.attach(self.parser)

    def feed(self, chunk: bytes) -> _Fault | None:
        fault = self._parse(chunk, final=False)
        self.fed += len(chunk)
        if fault is None:
            self._guard()
        return fault

    def finish(self) -> _Fault | None:
        return self._parse(b"", final=True)

    def _parse(self, chunk: bytes, *, final: bool) -> _Fault | None:
        try:
            self.parser.Parse(chunk, final)
        except expat.ExpatError as error:
            return _Fault(error.code, self.base + max(self.parser.ErrorByteIndex, 0), expat.ErrorString(error.code))
        except (LookupError, ValueError):
            # pyexpat asks Python for the declared encoding and passes its refusal on.
            return _Fault(max(_WRONG_ENCODING), self.base, "unknown encoding")
        return None

    def _guard(self) -> None:
        # expat reads an unfinished tag again with every chunk: without a limit a long one costs its square.
        if self.fed - max(self.parser.CurrentByteIndex, 0) > self.limits.tag_bytes:
            raise refuse("the file holds a single tag of more than a megabyte")
        mark = self.collector.between_chunks()
        if mark < 0 or mark != self._mark:
            self._mark, self._mark_at = mark, self.fed
        elif self.fed - self._mark_at > self.limits.point_bytes:
            raise refuse("one point of the file takes more than a quarter of a megabyte")


def _parser(encoding: str | None) -> expat.XMLParserType:
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_entity
    return parser


def _refuse_doctype(*_: object) -> None:
    raise refuse("the file carries a document type declaration")


def _refuse_entity(*_: object) -> None:
    raise refuse("the file declares entities")


def _pass(
    data: bytes,
    at: int,
    collector: Collector,
    *,
    limits: XmlLimits,
    encoding: str | None = None,
    path: tuple[str, ...] = (),
) -> _Fault | None:
    feeder = _Feeder(collector, limits=limits, base=at, encoding=encoding, path=path)
    for start in range(at, len(data), CHUNK_BYTES):
        fault = feeder.feed(data[start : start + CHUNK_BYTES])
        if fault is not None:
            return fault
    return feeder.finish()


def _leading(data: bytes) -> int:
    """How many bytes of UTF-8 byte order mark and white space stand before the first tag."""
    rest = data[: 1 << 12].removeprefix(_BOM).lstrip(_WHITE)
    return min(len(data), 1 << 12) - len(rest)


def _chunks(stream: BinaryIO, limits: XmlLimits) -> Iterator[tuple[int, bytes]]:
    """(offset, bytes) cut behind a `>`, so that no character is split; the DOCTYPE is blanked out."""
    held = stream.read(_PROLOG_BYTES)
    offset = _leading(held)
    held = _blank_doctype(held[offset:])
    while True:
        cut = held.rfind(b">") + 1
        if cut:
            yield offset, held[:cut]
            offset += cut
            held = held[cut:]
        if len(held) > limits.tag_bytes:
            raise refuse("the file holds a single tag of more than a megabyte")
        more = stream.read(_PROLOG_BYTES)
        if not more:
            break
        held += more
    if held:
        yield offset, held


def _blank_doctype(head: bytes) -> bytes:
    start = head.find(b"<!DOCTYPE")
    root = _ROOT.search(head)
    if start < 0 or (root is not None and root.start() < start):
        return head
    found = _DOCTYPE.match(head, start)
    end = found.end() if found else root.start() if root else -1
    if end < 0:
        raise refuse("the document type declaration of the file has no end")
    if b"<!ENTITY" in head[start:end]:
        raise refuse("the file declares entities")
    return head[:start] + b" " * (end - start) + head[end:]


def _fault_repair(fault: _Fault) -> Repair:
    if fault.code in _CUT_SHORT:
        return Repair(
            code="truncated", detail="The file ends in the middle; all before the end was kept.", offset=fault.offset
        )
    return Repair(
        code="damaged_xml",
        detail=f"The file is damaged here ({fault.words}); what could be read around it was kept.",
        offset=fault.offset,
    )


def _bad_text(count: int, first: int | None) -> Repair:
    return Repair(
        code="bad_text",
        detail="Some bytes were no valid text or not in the encoding the file names; each was replaced by one sign.",
        offset=first,
        count=max(count, 1),
    )
