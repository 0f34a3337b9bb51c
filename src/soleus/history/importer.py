"""A runner's archives, folders and files turned into one history: walked here, read in parallel, joined at the end."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from soleus.core.activity import Repair, Shoe
from soleus.core.training import RunSummary
from soleus.history import join
from soleus.history.duplicates import Tolerances, group_duplicates, merge_group, unify_shoes
from soleus.history.pool import Pool, default_workers
from soleus.history.report import FileOutcome, FileState, History, ImportReport, Progress
from soleus.history.store import RunnerStore, StoredRun
from soleus.history.work import Done, ReadRun, Settings, Task, digest_of, summarise_reading
from soleus.knowledge.base import KnowledgeBase
from soleus.readers.containers import DEFAULT_LIMITS, Limits, Member, MemberRefused, Refused, open_container
from soleus.readers.detect import FileFormat

PathLike = Path | str | BinaryIO
_ACTIVITY_FILES = frozenset({FileFormat.FIT, FileFormat.TCX, FileFormat.GPX, FileFormat.GZIP})
_PASSED_OVER = {
    FileFormat.EMPTY: ("empty", "the file is empty"),
    FileFormat.JSON: ("other_json", "holds no activities that are read"),
    FileFormat.XML: ("other_xml", "is neither TCX nor GPX nor Apple Health"),
    FileFormat.TEXT: ("text", "is a text file"),
    FileFormat.UNKNOWN: ("unknown", "is of a kind that is not read"),
}


def import_history(
    paths: Iterable[PathLike],
    *,
    kb: KnowledgeBase,
    store: RunnerStore | None = None,
    workers: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> History:
    """Read everything in `paths` into one history, every activity once, oldest first.

    1. Walk files, folders and archives; tables of Strava and Garmin first. 2. Read and summarise activity files in
    `workers` processes (default: the cores; 1 = in this process). 3. Join shoes, labels and exertion; add activities
    that only a table knows. 4. Join duplicates and keep the richest. 5. Store, when a `store` is given: files that it
    knows, byte for byte, are not read again, and the history given back is all that the store holds.

    One bad file never stops the import: `history.report` has a line for every file. `progress` hears real counts;
    when `cancelled()` becomes true the import ends with what has been read so far.
    """
    given = [paths] if isinstance(paths, (str, Path, io.IOBase)) else list(paths)
    work = _Import(kb, store, default_workers() if workers is None else max(1, workers), progress, cancelled, limits)
    return work.run(given)


@dataclass(slots=True)
class _Found:
    """One activity met in this import."""

    run: ReadRun
    index: int
    digest: str
    record_file: str = ""


@dataclass(slots=True)
class _File:
    """One line of the report while it grows."""

    label: str
    format: str
    state: FileState = FileState.NOTHING_IN_IT
    code: str = ""
    reason: str = ""
    runs: int = 0
    repairs: tuple[Repair, ...] = ()
    digest: str = ""

    def outcome(self) -> FileOutcome:
        return FileOutcome(
            label=self.label, state=self.state, code=self.code, reason=self.reason, format=self.format, runs=self.runs,
            repairs=self.repairs,
        )  # fmt: skip


@dataclass(slots=True)
class _Import:
    kb: KnowledgeBase
    store: RunnerStore | None
    workers: int
    progress: Callable[[Progress], None] | None
    cancelled: Callable[[], bool] | None
    limits: Limits
    files: list[_File] = field(default_factory=list)
    found: list[_Found] = field(default_factory=list)
    shoes: dict[str, Shoe] = field(default_factory=dict)
    tables: join.Tables = field(default_factory=join.Tables)
    digests: dict[str, int] = field(default_factory=dict)
    known_hints: dict[str, join.Hints] = field(default_factory=dict)
    done: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    stopped: bool = False

    @property
    def settings(self) -> Settings:
        keep = self.store is not None and self.store.keeps_records
        return Settings(
            knowledge=self.kb.training, keep_records=keep, keep_place=self.store is not None and self.store.keep_place
        )

    def run(self, paths: list[PathLike]) -> History:
        self.bytes_total = sum(_size_of(path) for path in paths)
        pool = Pool(self.settings, self.workers)
        try:
            for path in paths:
                for task in self._tasks(path):
                    self._take(pool.submit(task))
            self._take(pool.finish() if not self.stopped else iter(()))
        finally:
            pool.close()
        return self._finish()

    # Walking -------------------------------------------------------------------------------------------------

    def _tasks(self, path: PathLike) -> Iterator[Task]:
        """Files of one path that must be read by a worker; all others are dealt with on the way."""
        self.tables.enter_container()
        for member in open_container(path, self.limits, on_refused=self._refused):
            if self._stop():
                return
            file = _File(label=member.label, format=member.format.value)
            self.files.append(file)
            self.bytes_done += member.packed_bytes
            try:
                task = self._route(member, file, len(self.files) - 1, path)
            except MemberRefused as refusal:
                file.state, file.code, file.reason = FileState.REFUSED, refusal.code, refusal.reason
                task = None
            if task is not None:
                yield task
            else:
                self._tick()

    def _route(self, member: Member, file: _File, index: int, path: PathLike) -> Task | None:
        if member.format in _ACTIVITY_FILES:
            return self._activity_task(member, file, index)
        if member.format is FileFormat.APPLE_HEALTH:
            self._read_apple(member, index, path)
        elif member.format in join.TABLE_FORMATS:
            notes = self.tables.read(member)
            file.state = FileState.READ_DAMAGED if notes else FileState.READ
            file.repairs = notes
        else:
            file.state = FileState.NOT_AN_ACTIVITY
            file.code, file.reason = _PASSED_OVER.get(member.format, _PASSED_OVER[FileFormat.UNKNOWN])
        return None

    def _activity_task(self, member: Member, file: _File, index: int) -> Task | None:
        data = member.read()
        file.digest = digest_of(data)
        hints = self.tables.hints(member)
        if file.digest in self.digests:
            file.state, file.code, file.reason = FileState.DUPLICATE, "copy", "is a copy of another file"
            return None
        self.digests[file.digest] = index
        known = self.store.known_file(file.digest) if self.store is not None else None
        if known is not None:
            file.state, file.runs = FileState.ALREADY_KNOWN, known
            self.known_hints[file.digest] = hints
            return None
        return Task(index=index, label=member.label, data=data, hints=hints, cut=not member.whole)

    def _read_apple(self, member: Member, index: int, path: PathLike) -> None:
        from soleus.core.errors import ActivityFileError
        from soleus.readers.apple_health import read_apple_health

        try:
            reading = read_apple_health(member.open(), join.route_finder(path, self.limits))
            self._take(iter([summarise_reading(index, reading, join.Hints(), self.settings)]))
        except ActivityFileError as problem:
            self._take(iter([Done(index=index, refused=("unreadable", problem.problem))]))

    def _refused(self, refused: Refused) -> None:
        self.files.append(
            _File(
                label=refused.label, format="", state=FileState.REFUSED, code=refused.code, reason=refused.reason
            )  # fmt: skip
        )

    # Results -------------------------------------------------------------------------------------------------

    def _take(self, results: Iterator[Done]) -> None:
        for done in results:
            self._take_one(done)
            self._tick()
            if self._stop():
                return

    def _take_one(self, done: Done) -> None:
        file = self.files[done.index]
        file.repairs = done.repairs
        file.runs = len(done.runs)
        if done.refused is not None:
            file.state = FileState.NOT_AN_ACTIVITY if done.foreign else FileState.REFUSED
            file.code, file.reason = done.refused
        elif done.runs:
            file.state = FileState.READ_DAMAGED if done.repairs else FileState.READ
        for shoe in done.shoes:
            self.shoes.setdefault(shoe.id, shoe)
        for number, run in enumerate(done.runs):
            record_file = ""
            if run.records is not None and self.store is not None:
                record_file = self.store.write_records(file.digest or f"file{done.index}", number, run.records)
                run = replace(run, records=None)
            self.found.append(_Found(run, done.index, file.digest, record_file))

    def _tick(self) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(
                Progress(
                    files_done=self.done, files_found=len(self.files), bytes_done=min(self.bytes_done, self.bytes_total),
                    bytes_total=self.bytes_total, runs=len(self.found),
                    problems=sum(file.state is FileState.REFUSED for file in self.files),
                )
            )  # fmt: skip

    def _stop(self) -> bool:
        if not self.stopped and self.cancelled is not None and self.cancelled():
            self.stopped = True
        return self.stopped

    # The end -------------------------------------------------------------------------------------------------

    def _finish(self) -> History:
        notes: list[Repair] = []
        if not self.stopped:
            runs, added, notes = self.tables.finish([entry.run for entry in self.found], self.settings)
            for entry, run in zip(self.found, runs, strict=True):
                entry.run = run
            self.found.extend(_Found(run, -1, "") for run in added)
            for shoe in self.tables.shoes():
                self.shoes[shoe.id] = shoe
        new = [
            StoredRun(summary=entry.run.summary, digest=entry.digest, record_file=entry.record_file)
            for entry in self.found
        ]
        old = self.store.stored_runs() if self.store is not None else ()
        everything = [*old, *new]
        groups = group_duplicates([entry.summary for entry in everything], Tolerances.of(self.kb.training))
        members = [[everything[i].summary for i in group] for group in groups]
        same_shoe = unify_shoes(members)
        kept: list[StoredRun] = []
        for group, summaries in zip(groups, members, strict=True):
            best = merge_group(summaries)
            if best.shoe in same_shoe:
                best = replace(best, shoe=same_shoe[best.shoe])
            kept.append(replace(everything[group[0]], summary=best))
            self._mark_duplicates(group, len(old))
        return self._history(kept, len(old), len(everything), same_shoe, notes)

    def _mark_duplicates(self, group: tuple[int, ...], old: int) -> None:
        for i in group[1:]:
            index = self.found[i - old].index if i >= old else -1
            if index >= 0 and self.files[index].runs == 1:
                file = self.files[index]
                file.state, file.code = FileState.DUPLICATE, "same_activity"
                file.reason = "the same activity came from another file that says more"

    def _history(
        self, kept: list[StoredRun], old: int, everything: int, same_shoe: object, notes: list[Repair]
    ) -> History:
        shoes = dict(self.shoes)
        if self.store is not None:
            stored = {shoe.id: shoe for shoe in self.store.shoes()}
            shoes = {**stored, **shoes}
            digests = {file.digest: file.runs for file in self.files if file.digest and _settled(file)}
            self.store.replace_all(kept, tuple(shoes.values()), digests)
        used = {entry.summary.shoe for entry in kept}
        runs: tuple[RunSummary, ...] = tuple(entry.summary for entry in kept)
        report = ImportReport(
            files=tuple(file.outcome() for file in self.files),
            notes=tuple(notes),
            new_runs=len(kept) - old,
            merged_duplicates=everything - len(kept),
            cancelled=self.stopped,
            records_kept=self.store is not None and self.store.keeps_records,
        )
        return History(
            runs=runs,
            shoes=tuple(shoe for shoe in shoes.values() if shoe.id in used or shoe.id not in dict(same_shoe)),  # type: ignore[call-overload]
            report=report,
        )


def _settled(file: _File) -> bool:
    """Whether reading the file again could give nothing new."""
    return file.state not in (FileState.REFUSED, FileState.ALREADY_KNOWN)


def _size_of(path: PathLike) -> int:
    """Bytes of a file, of all files in a folder, or of a stream; 0 when it is not there."""
    if not isinstance(path, (str, Path)):
        here = path.tell()
        size = path.seek(0, 2)
        path.seek(here)
        return size
    path = Path(path)
    try:
        if path.is_dir():
            return sum(f.lstat().st_size for f in path.rglob("*") if f.is_file() and not f.is_symlink())
        return path.stat().st_size
    except OSError:
        return 0
