"""A runner's archives, folders and files turned into one history: walked here, read in parallel, joined at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from soleus.core.activity import Repair, Shoe
from soleus.history import join
from soleus.history.pool import Pool, default_workers
from soleus.history.report import FileOutcome, FileState, History, ImportReport, Progress
from soleus.history.settle import Found, settle
from soleus.history.store import RunnerStore, StoredRun, renew
from soleus.history.work import Done, Hints, Settings, Task, digest_of, summarise_reading
from soleus.knowledge.base import KnowledgeBase
from soleus.readers.containers import Member, open_container
from soleus.readers.detect import FileFormat
from soleus.readers.limits import DEFAULT_LIMITS, Limits, MemberRefused, Refused
from soleus.readers.lookup import Lookup

PathLike = Path | str | BinaryIO
_ACTIVITY_FILES = frozenset({FileFormat.FIT, FileFormat.TCX, FileFormat.GPX, FileFormat.GZIP})
HARMLESS = frozenset(
    {
        "distance_computed",
        "repeated_time",
        "clock_from_local_time",
        "course_points",
        "bad_header_crc",
        "undescribed_developer_field",
        "time_zone_doubt",
        "route_missing",
        "unknown_sport",
        "laps_incomplete",
        "trailing_bytes",
    }
)
"""Repairs that only add or leave out what the file never had; the file is not called damaged for them."""
RUINOUS = frozenset(
    {"file_too_large", "truncated", "damaged_xml", "undefined_message", "bad_header", "workout_too_long"}
)
"""Repairs after which a file without an activity counts as refused, not as one that never held any."""
REFUSALS_NAMED = 50
"""So many refusals of one kind get a line each; the rest share one."""
_PASSED_OVER = {
    FileFormat.EMPTY: ("empty", "the file is empty"),
    FileFormat.POLAR_JSON: (
        "polar_json",
        "Polar's own JSON is not read; please export the sessions as TCX from Polar Flow",
    ),
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
    given: list[PathLike] = [paths] if isinstance(paths, (str, Path)) else list(paths)
    work = _Import(kb, store, default_workers() if workers is None else max(1, workers), progress, cancelled, limits)
    return work.run(given)


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
    shown: str = field(default="", repr=False)

    def outcome(self, number: int) -> FileOutcome:
        """The line; a label that had to be cut gets the file's number, so that two are told apart."""
        return FileOutcome(
            label=f"{self.label} (file {number})" if "…" in self.label and " more" not in self.label else self.label,
            state=self.state,
            code=self.code,
            reason=self.reason,
            format=self.format,
            runs=self.runs,
            repairs=self.repairs,
            shown=self.shown,
        )


@dataclass(slots=True)
class _Import:
    kb: KnowledgeBase
    store: RunnerStore | None
    workers: int
    progress: Callable[[Progress], None] | None
    cancelled: Callable[[], bool] | None
    limits: Limits
    files: list[_File] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    shoes: list[Shoe] = field(default_factory=list)
    tables: join.Tables = field(default_factory=join.Tables)
    lookup: Lookup = field(default_factory=lambda: Lookup(""))
    digests: dict[str, int] = field(default_factory=dict)
    hints: dict[int, Hints] = field(default_factory=dict)
    known: Mapping[str, int] = field(default_factory=dict)
    refusals: Counter[str] = field(default_factory=Counter)
    overflow: dict[str, _File] = field(default_factory=dict)
    """By kind of refusal, the last line that got one: it stands for all that follow."""
    problems: int = 0
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
        if self.store is not None:
            renew(self.store, self.settings)
            self.known = self.store.known_files()
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
        self.lookup = Lookup(path, self.limits)
        for member in open_container(path, self.limits, on_refused=self._refused):
            if self._stop():
                return
            file = _File(label=member.label, format=member.format.value, shown=member.shown)
            self.files.append(file)
            self.bytes_done += member.packed_bytes
            try:
                task = self._route(member, file, len(self.files) - 1)
            except MemberRefused as refusal:
                file.state, file.code, file.reason = FileState.REFUSED, refusal.code, refusal.reason
                task = None
            if task is not None:
                yield task
            else:
                self._tick()

    def _route(self, member: Member, file: _File, index: int) -> Task | None:
        if member.parts[-2:] in self.lookup.taken:
            file.state, file.code, file.reason = FileState.READ, "route", "is the way of a workout of the same export"
            return None
        if member.format in _ACTIVITY_FILES:
            return self._activity_task(member, file, index)
        if member.format is FileFormat.APPLE_HEALTH:
            self._read_apple(member, index)
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
        hints = self.tables.hints(member, index)
        if file.digest in self.digests:
            file.state, file.code, file.reason = FileState.DUPLICATE, "copy", "is a copy of another file"
            return None
        self.digests[file.digest] = index
        self.hints[index] = hints
        known = self.known.get(file.digest)
        if known is not None:
            file.state, file.runs = FileState.ALREADY_KNOWN, known
            return None
        return Task(index=index, label=member.label, data=data, hints=hints, cut=not member.whole)

    def _read_apple(self, member: Member, index: int) -> None:
        from soleus.core.errors import ActivityFileError
        from soleus.readers.apple_health import read_apple_health

        try:
            reading = read_apple_health(member.open(), self.lookup.read, again=member.open)
            self._take(iter([summarise_reading(index, reading, Hints(), self.settings)]))
        except ActivityFileError as problem:
            self._take(iter([Done(index=index, refused=("unreadable", problem.problem))]))

    def _refused(self, refused: Refused) -> None:
        self.problems += 1
        self.refusals[refused.code] += 1
        more = self.refusals[refused.code] - REFUSALS_NAMED
        if more > 1:
            self.overflow[refused.code].label = f"… and {more} more"
            self.overflow[refused.code].shown = ""
            return
        file = _File(label=refused.label, format="", state=FileState.REFUSED, shown=refused.shown)
        file.code, file.reason = refused.code, refused.reason
        self.files.append(file)
        self.overflow[refused.code] = file

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
            self.problems += not done.foreign
        elif done.runs:
            damaged = any(repair.code not in HARMLESS for repair in done.repairs)
            file.state = FileState.READ_DAMAGED if damaged else FileState.READ
        elif done.repairs:
            self._explain_nothing(file, done.repairs)
        self.shoes.extend(done.shoes)
        for number, run in enumerate(done.runs):
            record_file = ""
            if run.records is not None and self.store is not None:
                record_file = self.store.write_records(file.digest or digest_of(run.records), number, run.records)
            self.found.append(Found(replace(run, records=None), done.index, file.digest, record_file))

    def _explain_nothing(self, file: _File, repairs: tuple[Repair, ...]) -> None:
        """Why a file of a known format gave no activity; a file over a limit or cut to pieces counts as refused."""
        serious = [repair for repair in repairs if repair.code in RUINOUS or repair.code.startswith("too_many")]
        plain = [repair for repair in repairs if repair.code in ("not_an_activity", "no_track", "no_activity")]
        why = (serious or plain or list(repairs))[0]
        file.state = FileState.REFUSED if serious else FileState.NOTHING_IN_IT
        file.code, file.reason = why.code, why.detail.rstrip(".")
        self.problems += bool(serious)

    def _tick(self) -> None:
        self.done += 1
        if self.progress is not None:
            now = Progress(
                files_done=self.done,
                files_found=len(self.files),
                bytes_done=min(self.bytes_done, self.bytes_total),
                bytes_total=self.bytes_total,
                runs=len(self.found),
                problems=self.problems,
            )
            self.progress(now)

    def _stop(self) -> bool:
        if not self.stopped and self.cancelled is not None and self.cancelled():
            self.stopped = True
        return self.stopped

    # The end -------------------------------------------------------------------------------------------------

    def _finish(self) -> History:
        if self.store is None:
            return self._settled((), (), {})
        with self.store.exclusive():
            history = self._settled(self.store.stored_runs(), self.store.shoes(), self.store.shoe_aliases())
        self.store.sweep()
        return history

    def _settled(
        self, old: tuple[StoredRun, ...], known_shoes: tuple[Shoe, ...], aliases: Mapping[str, str]
    ) -> History:
        merged = settle(
            old=old,
            new=self.found,
            tables=self.tables,
            hints={digest: (index, self.hints[index]) for digest, index in self.digests.items() if index in self.hints},
            aliases=aliases,
            settings=self.settings,
            complete=not self.stopped,
        )
        for index in merged.outdone:
            if self.files[index].runs == 1:
                file = self.files[index]
                file.state, file.code = FileState.DUPLICATE, "same_activity"
                file.reason = "the same activity came from another file that says more"
        shoes = {shoe.id: shoe for shoe in (*known_shoes, *self.shoes, *self.tables.shoes())}
        if self.store is not None:
            digests = {file.digest: file.runs for file in self.files if file.digest and _settled(file)}
            same = merged.runs == old and tuple(shoes.values()) == known_shoes and merged.aliases == aliases
            if not same or not digests.keys() <= self.known.keys():
                self.store.replace_all(merged.runs, tuple(shoes.values()), digests, aliases=merged.aliases)
        report = ImportReport(
            files=tuple(file.outcome(number) for number, file in enumerate(self.files, 1)),
            notes=merged.notes,
            new_runs=merged.added,
            merged_duplicates=merged.joined,
            cancelled=self.stopped,
            records_kept=self.store is not None and self.store.keeps_records,
        )
        return History(
            runs=tuple(entry.summary for entry in merged.runs),
            shoes=tuple(shoe for shoe in shoes.values() if shoe.id not in merged.aliases),
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
