"""Single files of a folder or archive found by their path, without walking all of it again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from soleus.readers import zip_stream
from soleus.readers.limits import DEFAULT_LIMITS, Budget, Limits, MemberRefused, capped, guarded
from soleus.readers.zip_stream import StreamSource, ZipEntry, ZipRefused


class Lookup:
    """Files of one folder or archive by the last two parts of their path; made for Apple's workout routes.

    Archives inside archives are not looked into. Nothing is read before it is asked for.
    """

    def __init__(self, path: Path | str | BinaryIO, limits: Limits = DEFAULT_LIMITS) -> None:
        self._path = path
        self._limits = limits
        self._readers: dict[tuple[str, ...], Callable[[], bytes | None]] | None = None
        self.taken: set[tuple[str, ...]] = set()
        """What was found and given out."""

    def read(self, path: str) -> bytes | None:
        """Bytes of the file whose path ends alike; None when there is none or it is refused."""
        if self._readers is None:
            self._readers = self._list()
        tail = tuple(part for part in path.split("/") if part)[-2:]
        found = self._readers.get(tail)
        if found is None:
            return None
        self.taken.add(tail)
        return found()

    def _list(self) -> dict[tuple[str, ...], Callable[[], bytes | None]]:
        if isinstance(self._path, (str, Path)) and Path(self._path).is_dir():
            files = (file for file in Path(self._path).rglob("*") if file.is_file() and not file.is_symlink())
            return {file.parts[-2:]: partial(self._file, file) for file in files}
        try:
            with self._opened() as stream:
                entries, _ = zip_stream.list_entries(StreamSource(stream), max_entries=self._limits.members)
        except (OSError, ZipRefused):
            return {}
        return {
            PurePosixPath(entry.name).parts[-2:]: partial(self._entry, entry)
            for entry in entries
            if not (entry.encrypted or entry.link or entry.folder) and entry.readable_method
        }

    def _opened(self) -> AbstractContextManager[BinaryIO]:
        """The archive; a stream that was given stays open."""
        return Path(self._path).open("rb") if isinstance(self._path, (str, Path)) else nullcontext(self._path)

    def _file(self, file: Path) -> bytes | None:
        small = file.stat().st_size <= self._limits.member_bytes
        return file.read_bytes() if small else None

    def _entry(self, entry: ZipEntry) -> bytes | None:
        with self._opened() as stream:
            pieces = zip_stream.inflate(StreamSource(stream), entry)
            try:
                bounded = guarded(pieces, entry.compressed, Budget.of(self._limits))
                return b"".join(capped(bounded, self._limits.member_bytes))
            except MemberRefused:
                return None
