"""One safe walk over files, folders, zip archives, archives inside archives and gzip.

Members are handed over in memory or as a stream and are never written to disk, so a path inside an archive cannot
reach outside. Every refusal is reported with a plain reason while the rest is read. Names of members serve to join
tables with files and are never shown: what is shown is the cleaned `label`.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from soleus.readers import zip_stream
from soleus.readers.detect import HEAD_BYTES, FileFormat, detect_format
from soleus.readers.gzip_stream import gunzip_chunks, gunzip_head
from soleus.readers.labels import clean_label, shown_name
from soleus.readers.limits import (
    DEFAULT_LIMITS,
    Budget,
    Limits,
    MemberRefused,
    Refused,
    capped,
    guarded,
    size_text,
)
from soleus.readers.zip_stream import CHUNK, ByteSource, SliceSource, StreamSource, ZipEntry, ZipRefused

Opener = Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file found by the walk."""

    name: str = field(repr=False)
    """Path as its container gives it, with "/"; may name a person: for joining only."""
    label: str
    """Cleaned name that may be shown."""
    format: FileFormat
    """Told by the content; `GZIP` stays packed."""
    packed_bytes: int
    """Bytes it takes in its container: progress counts these."""
    depth: int
    limits: Limits = field(repr=False)
    chunks: Opener = field(repr=False)
    whole: bool = True
    """False when the container is cut off and this member may be too."""
    shown: str = field(default="", repr=False)
    """Name of a loose file for the terminal of the person who gave it, never stored; "" inside archives."""

    @property
    def parts(self) -> tuple[str, ...]:
        return PurePosixPath(self.name).parts

    def read(self, limit: int | None = None) -> bytes:
        """All bytes, at most `limit` (the walk's `member_bytes`). Raises `MemberRefused`."""
        limit = self.limits.member_bytes if limit is None else limit
        pieces: list[bytes] = []
        got = 0
        for piece in self.chunks():
            got += len(piece)
            if got > limit:
                raise MemberRefused("too_large", f"unpacks to more than {size_text(limit)}")
            pieces.append(piece)
        return b"".join(pieces)

    def open(self) -> BinaryIO:
        """A forward-only stream of at most `stream_bytes`; gzip is unpacked. Reading raises `MemberRefused`."""
        chunks = self.chunks()
        if self.format is FileFormat.GZIP:
            chunks = gunzip_chunks(chunks, self.limits)
        return io.BufferedReader(_ChunkStream(chunks, self.limits.stream_bytes), CHUNK)


class _ChunkStream(io.RawIOBase):
    def __init__(self, chunks: Iterator[bytes], limit: int) -> None:
        self._chunks = chunks
        self._left = limit
        self._buffer = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        target = memoryview(buffer)  # type: ignore[arg-type]
        while not self._buffer:
            piece = next(self._chunks, None)
            if piece is None:
                return 0
            self._left -= len(piece)
            if self._left < 0:
                raise MemberRefused("too_large", "unpacks to more than may be read as a stream")
            self._buffer = memoryview(piece)
        count = min(len(target), len(self._buffer))
        target[:count] = self._buffer[:count]
        self._buffer = self._buffer[count:]
        return count


def open_container(
    path: Path | str | BinaryIO,
    limits: Limits = DEFAULT_LIMITS,
    *,
    on_refused: Callable[[Refused], None] | None = None,
    budget: Budget | None = None,
) -> Iterator[Member]:
    """Every file in a file, folder or archive, tables (CSV, JSON) first, archives opened at most `limits.depth` deep.

    `on_refused` hears of everything that was left out on purpose. Bytes of a member can be read only until the next
    one is asked for.
    """
    walk = _Walk(budget or Budget.of(limits), on_refused or (lambda _: None))
    if isinstance(path, (str, Path)):
        yield from walk.path(Path(path))
    else:
        yield from walk.stream(path, "upload")


class _Walk:
    def __init__(self, budget: Budget, refuse: Callable[[Refused], None]) -> None:
        self.budget = budget
        self.limits = budget.limits
        self._refuse = refuse
        self._shown = ""
        """Name of the loose file that is being read; "" inside archives."""

    def refuse(self, name: str, code: str, reason: str, depth: int = 0) -> None:
        self._refuse(
            Refused(label=clean_label(name), code=code, reason=reason, depth=depth, shown=name and self._shown)
        )

    # Files and folders ---------------------------------------------------------------------------------------

    def path(self, path: Path) -> Iterator[Member]:
        """A path the person named; a link there is followed, links below it are not."""
        self._shown = shown_name(path.name)
        try:
            mode = path.stat().st_mode
        except OSError:
            self.refuse(path.name, "unreadable", "the file is not there or may not be read")
            return
        if stat.S_ISDIR(mode):
            yield from self._folder(path)
        elif stat.S_ISREG(mode):
            yield from self._file(path, path.name, follow=True)
        else:
            self.refuse(path.name, "not_a_file", "is neither a file nor a folder")

    def _folder(self, root: Path) -> Iterator[Member]:
        files: list[tuple[Path, str]] = []
        inside = root.resolve()

        def closed(error: OSError) -> None:
            name = str(error.filename or "")
            self._shown = shown_name(name)
            self.refuse(name, "unreadable", "the folder may not be read")

        for where, folders, names in os.walk(root, followlinks=False, onerror=closed):
            here = Path(where)
            for name in [*folders, *names]:
                entry = here / name
                relative = entry.relative_to(root).as_posix()
                if entry.is_symlink():
                    self._judge_link(entry, relative, inside)
                elif name in names:
                    files.append((entry, relative))
            if len(files) > self.limits.members:
                self.refuse("", "too_many_members", f"the folder holds more than {self.limits.members:,} files")
                break
        for entry, relative in sorted(files, key=lambda pair: (_late(pair[1]), pair[1])):
            if self.budget.ended:
                return
            yield from self._file(entry, relative, follow=False)

    def _judge_link(self, entry: Path, relative: str, inside: Path) -> None:
        """A link to something in the same folder needs no word, since that is read where it lies."""
        try:
            target = entry.resolve()
        except (OSError, RuntimeError):
            target = Path("/")
        self._shown = shown_name(relative)
        if not target.is_relative_to(inside):
            self.refuse(relative, "link", "is a link that leaves the folder; links are not followed")

    def _file(self, path: Path, name: str, *, follow: bool) -> Iterator[Member]:
        self._shown = shown_name(name)
        flags = os.O_RDONLY | os.O_NONBLOCK | (0 if follow else getattr(os, "O_NOFOLLOW", 0))
        try:
            descriptor = os.open(path, flags)
        except OSError:
            self.refuse(name, "unreadable", "the file may not be read")
            return
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                self.refuse(name, "not_a_file", "is no ordinary file")
                return
            yield from self.stream(stream, name)

    def stream(self, stream: BinaryIO, name: str) -> Iterator[Member]:
        source = StreamSource(stream)
        yield from self._source(source, name, depth=0, packed=source.size)

    def _source(self, source: ByteSource, name: str, *, depth: int, packed: int) -> Iterator[Member]:
        """One file that can be read at any offset: an archive to open or a member."""
        if detect_format(source.read_at(0, HEAD_BYTES)) is FileFormat.ZIP:
            yield from self._zip(source, name, depth)
            return

        def chunks() -> Iterator[bytes]:
            at = 0
            while piece := source.read_at(at, CHUNK):
                at += len(piece)
                self.budget.spend(len(piece))
                yield piece

        yield from self._member(name, chunks, packed=packed, depth=depth)

    # Members ---------------------------------------------------------------------------------------------------

    def _member(self, name: str, chunks: Opener, *, packed: int, depth: int, whole: bool = True) -> Iterator[Member]:
        """One member, its first bytes looked at; gzip that holds an archive is opened."""
        if self.budget.members_left <= 0:
            self.budget.ended = True
            self.refuse(
                "", "too_many_members", f"more than {self.limits.members:,} files; the rest is left unread", depth
            )
            return
        self.budget.members_left -= 1
        try:
            opener, head = _peek(chunks)
            found = detect_format(head)
            inner = gunzip_head(head) if found is FileFormat.GZIP else b""
            if inner and detect_format(inner) is FileFormat.ZIP:
                data = b"".join(capped(gunzip_chunks(opener(), self.limits), self.limits.member_bytes))
                yield from self._nested(StreamSource(io.BytesIO(data)), name, depth)
                return
            if inner[257:262] == b"ustar" or head[257:262] == b"ustar":
                self.refuse(name, "tar", "is a tar archive; please pack it as zip or give the folder", depth)
                return
            yield Member(
                name=name, label=clean_label(name), format=found, packed_bytes=packed, depth=depth, limits=self.limits,
                chunks=opener, whole=whole, shown=self._shown,
            )  # fmt: skip
        except MemberRefused as refusal:
            self.refuse(name, refusal.code, refusal.reason, depth)

    # Archives --------------------------------------------------------------------------------------------------

    def _nested(self, source: ByteSource, name: str, depth: int) -> Iterator[Member]:
        if depth >= self.limits.depth:
            self.refuse(
                name, "too_deep", f"archives inside archives are opened {self.limits.depth} deep at most", depth
            )
            return
        yield from self._zip(source, name, depth + 1)

    def _zip(self, source: ByteSource, name: str, depth: int) -> Iterator[Member]:
        try:
            entries, complete = zip_stream.list_entries(source, max_entries=max(1, self.budget.members_left))
        except ZipRefused as refusal:
            self.refuse(name, refusal.code, refusal.reason, depth)
            return
        if not complete:
            self.refuse(
                name,
                "cut_archive",
                f"the archive is cut off or damaged; {len(entries)} of its files could be found",
                depth,
            )
        self._shown = ""
        forward_only = isinstance(source, _InflatedSource)
        for entry in entries if forward_only else sorted(entries, key=lambda e: _late(e.name)):
            if self.budget.ended:
                return
            if not entry.folder and self._acceptable(entry, depth):
                yield from self._entry(source, entry, depth, whole=complete)

    def _acceptable(self, entry: ZipEntry, depth: int) -> bool:
        name, limits = entry.name.replace("\\", "/"), self.limits
        parts = name.split("/")
        if len(name) > limits.name_length:
            self.refuse(name, "long_name", f"has a name of more than {limits.name_length} characters", depth)
        elif "\x00" in name or name.startswith("/") or ".." in parts or (len(name) > 1 and name[1] == ":"):
            self.refuse(name, "traversal", "has a path that leads out of the archive", depth)
        elif entry.link:
            self.refuse(name, "link", "is a link; links in archives are not followed", depth)
        elif entry.encrypted:
            self.refuse(name, "encrypted", "is protected by a password; please unpack it first", depth)
        elif not entry.readable_method:
            self.refuse(
                name, "method", "is packed in a way that is not read; please pack it again as an ordinary zip", depth
            )
        elif entry.size > limits.stream_bytes:
            self.refuse(
                name, "too_large", f"states an unpacked size of more than {size_text(limits.stream_bytes)}", depth
            )
        elif entry.size > limits.ratio_from_bytes and entry.size > limits.ratio * max(1, entry.compressed):
            self.refuse(
                name, "ratio", f"would unpack to more than {limits.ratio} times its size, as in a zip bomb", depth
            )
        else:
            return "__MACOSX" not in parts and parts[-1] != ".DS_Store"
        return False

    def _entry(self, source: ByteSource, entry: ZipEntry, depth: int, *, whole: bool) -> Iterator[Member]:
        name = entry.name.replace("\\", "/")

        def chunks() -> Iterator[bytes]:
            return guarded(zip_stream.inflate(source, entry), entry.compressed, self.budget)

        try:
            opener, head = _peek(chunks)
            if detect_format(head) is not FileFormat.ZIP:
                yield from self._member(name, opener, packed=entry.compressed, depth=depth, whole=whole)
                return
            yield from self._nested(self._nested_source(source, entry, opener), name, depth)
        except MemberRefused as refusal:
            self.refuse(name, refusal.code, refusal.reason, depth)

    def _nested_source(self, source: ByteSource, entry: ZipEntry, opener: Opener) -> ByteSource:
        at = zip_stream.data_offset(source, entry)
        if entry.stored and at is not None:
            return SliceSource(source, at, entry.compressed)
        if 0 <= entry.size <= self.limits.nested_bytes:
            return StreamSource(io.BytesIO(b"".join(capped(opener(), self.limits.nested_bytes))))
        return _InflatedSource(opener)


class _InflatedSource:
    """A large deflated archive inside an archive: unpacked forward, again from the start for a look back."""

    def __init__(self, chunks: Opener) -> None:
        self._chunks = chunks
        self._restart()
        self.size = sum(len(piece) for piece in chunks())

    def _restart(self) -> None:
        self._pieces = self._chunks()
        self._at = 0
        self._buffer = b""

    def read_at(self, offset: int, length: int) -> bytes:
        if offset < self._at:
            self._restart()
        while self._at + len(self._buffer) < offset + length:
            piece = next(self._pieces, None)
            if piece is None:
                break
            if self._at + len(self._buffer) <= offset:
                # Keep one piece for short looks back (header, then data).
                self._at += len(self._buffer)
                self._buffer = piece
            else:
                self._buffer += piece
        start = offset - self._at
        return self._buffer[max(0, start) : max(0, start) + length]


def _peek(chunks: Opener) -> tuple[Opener, bytes]:
    """The first bytes, and an opener that does not unpack them twice when it is called once."""
    pieces = chunks()
    first = next(pieces, b"")
    waiting: list[Iterator[bytes]] = [pieces]

    def opener() -> Iterator[bytes]:
        if not waiting:
            yield from chunks()
            return
        rest = waiting.pop()
        if first:
            yield first
        yield from rest

    return opener, first[:HEAD_BYTES]


def _late(name: str) -> bool:
    """Tables and Apple's export come first: what they say of a file is then known when it is read. Only an order."""
    return not name.lower().endswith((".csv", ".json", ".xml"))
