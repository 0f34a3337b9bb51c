"""One runner's history on disk: summaries in SQLite, records as one Parquet file an activity."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from soleus.core.activity import Activity, Shoe
from soleus.core.errors import BackendError
from soleus.core.training import RunSummary
from soleus.history import records, summary_json
from soleus.history.work import Settings, summarise
from soleus.knowledge.base import TrainingKnowledge

VERSION = 1
_ORPHAN_SECONDS = 86_400.0
_WAIT_SECONDS = 120.0
"""For another import into the same folder; making ten years of summaries again takes about 20 s."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS runs (
  id INTEGER PRIMARY KEY, digest TEXT NOT NULL, record_file TEXT NOT NULL, digests TEXT NOT NULL, summary BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS shoes (id INTEGER PRIMARY KEY, shoe BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS files (digest TEXT PRIMARY KEY, runs INTEGER NOT NULL);
"""
Sealer = Callable[[bytes], bytes]
_SAID_BY_OTHERS = (
    "key", "day", "utc_offset_s", "zone_of_place_s", "sport", "surface", "labels", "shoe", "session_rpe",
    "average_heart_rate_bpm",
)  # fmt: skip
"""Not measured again: tables said it, or stored records no longer tell it (positions lose their place)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """One activity as the store holds it. `digest`: of the file it came from; "" for entries of a table."""

    summary: RunSummary
    digest: str = ""
    record_file: str = ""
    digests: tuple[str, ...] = ()
    """Of every file it is known to have come from, the kept one included."""


class RunnerStore:
    """History of one runner in `folder`. Nothing in it names the runner.

    `seal`/`unseal` encrypt every summary, shoe and record file (the web app keeps the key outside the folder).
    Records need the extra `history`; without it summaries are kept alone. Positions are kept relative to the start of
    each run unless `keep_place`.
    """

    def __init__(
        self, folder: Path | str, seal: Sealer | None = None, unseal: Sealer | None = None, *, keep_place: bool = False
    ) -> None:
        if (seal is None) != (unseal is None):
            raise ValueError("seal and unseal belong together")
        self.folder = Path(folder)
        self.keep_place = keep_place
        self.keeps_records = records.available()
        self._seal = seal or (lambda data: data)
        self._unseal = unseal or (lambda data: data)
        self._held: sqlite3.Connection | None = None
        self._mine: set[str] = set()
        """Records written or given up here, which `sweep` may drop at once."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.folder / "records").mkdir(exist_ok=True, mode=0o700)
        with self._database() as database:
            database.executescript(_SCHEMA)
            database.execute("INSERT OR IGNORE INTO meta VALUES ('version', ?)", (str(VERSION),))

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are all written or none; the one of `exclusive` while that holds."""
        if self._held is not None:
            yield self._held
            return
        try:
            connection = sqlite3.connect(self.folder / "history.sqlite", timeout=_WAIT_SECONDS)
        except sqlite3.Error as error:
            raise BackendError("the history cannot be opened", retryable=True) from error
        try:
            with connection:
                yield connection
        except sqlite3.Error as error:
            raise BackendError(
                f"the history could not be read or written ({type(error).__name__})", retryable=True
            ) from error
        finally:
            connection.close()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Nobody else writes from here on: what is read inside still holds when it is replaced."""
        with self._database() as database:
            database.execute("BEGIN IMMEDIATE")
            self._held = database
            try:
                yield
            finally:
                self._held = None

    # Reading -------------------------------------------------------------------------------------------------

    def known_files(self) -> Mapping[str, int]:
        """Content digests of files imported before → activities each gave."""
        with self._database() as database:
            return dict(database.execute("SELECT digest, runs FROM files"))

    def stored_runs(self) -> tuple[StoredRun, ...]:
        with self._database() as database:
            rows = database.execute("SELECT digest, record_file, digests, summary FROM runs ORDER BY id").fetchall()
        return tuple(
            StoredRun(
                summary=summary_json.loads(self._open(blob)),
                digest=digest,
                record_file=record_file,
                digests=tuple(digests.split()),
            )
            for digest, record_file, digests, blob in rows
        )

    def runs(self) -> tuple[RunSummary, ...]:
        """All summaries, oldest first."""
        return tuple(stored.summary for stored in self.stored_runs())

    def shoes(self) -> tuple[Shoe, ...]:
        with self._database() as database:
            rows = database.execute("SELECT shoe FROM shoes ORDER BY id").fetchall()
        return tuple(_shoe(json.loads(self._open(blob))) for (blob,) in rows)

    def shoe_aliases(self) -> Mapping[str, str]:
        """Ids of shoes that stand for another id: one pair with two names on two platforms."""
        return dict(json.loads(self._meta("shoe_aliases") or "{}"))

    def stamp(self) -> str:
        """What the summaries were made with; "" before the first import."""
        return self._meta("stamp")

    def _meta(self, name: str) -> str:
        with self._database() as database:
            row = database.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return "" if row is None else str(row[0])

    def activity(self, key: str) -> Activity | None:
        """The activity with its records; None when only its summary is kept."""
        found = next((stored for stored in self.stored_runs() if stored.summary.key == key), None)
        return None if found is None or not found.record_file else self.read_records(found.record_file)

    def read_records(self, record_file: str) -> Activity:
        try:
            data = (self.folder / "records" / record_file).read_bytes()
        except OSError as error:
            raise BackendError("records of a run are missing", hint="Import its file again") from error
        return records.decode_activity(self._unseal(data))

    def _open(self, blob: bytes) -> bytes:
        return zlib.decompress(self._unseal(blob))

    def _close(self, data: bytes) -> bytes:
        return self._seal(zlib.compress(data, 6))

    # Writing -------------------------------------------------------------------------------------------------

    def write_records(self, digest: str, number: int, data: bytes) -> str:
        """Keep the records of one activity; the name to give with its summary. Written whole or not at all."""
        name = f"{digest}-{number}.parquet"
        _write_atomic(self.folder / "records" / name, self._seal(data))
        self._mine.add(name)
        return name

    def replace_all(
        self,
        runs: Sequence[StoredRun],
        shoes: Iterable[Shoe],
        files: Mapping[str, int],
        *,
        aliases: Mapping[str, str] | None = None,
        stamp: str | None = None,
    ) -> None:
        """Make `runs` and `shoes` the whole history in one step and remember `files`."""
        rows = [
            (run.digest, run.record_file, " ".join(run.digests), self._close(summary_json.dumps(run.summary)))
            for run in runs
        ]
        pairs = [(self._close(json.dumps(_plain_shoe(shoe)).encode()),) for shoe in shoes]
        meta = {"shoe_aliases": None if aliases is None else json.dumps(dict(aliases)), "stamp": stamp}
        with self._database() as database:
            before = {name for (name,) in database.execute("SELECT record_file FROM runs")}
            self._mine |= before - {run.record_file for run in runs}
            database.execute("DELETE FROM runs")
            database.executemany("INSERT INTO runs (digest, record_file, digests, summary) VALUES (?, ?, ?, ?)", rows)
            database.execute("DELETE FROM shoes")
            database.executemany("INSERT INTO shoes (shoe) VALUES (?)", pairs)
            database.executemany("INSERT OR REPLACE INTO files VALUES (?, ?)", list(files.items()))
            changed = [(name, value) for name, value in meta.items() if value is not None]
            database.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", changed)

    def sweep(self) -> None:
        """Drop records that no activity needs: those written or given up here, and what a broken-off import left.

        Young files of others stay, since an import beside this one may be about to name them.
        """
        with self._database() as database:
            needed = {name for (name,) in database.execute("SELECT record_file FROM runs")}
        oldest = time.time() - _ORPHAN_SECONDS
        for path in (self.folder / "records").iterdir():
            if path.name not in needed and (path.name in self._mine or path.stat().st_mtime < oldest):
                path.unlink(missing_ok=True)
        self._mine.clear()

    def delete_everything(self) -> None:
        """Remove the runner's folder and all that is in it."""
        shutil.rmtree(self.folder, ignore_errors=False)


def stamp_of(knowledge: TrainingKnowledge) -> str:
    """Digest of everything that summaries depend on: numbers of the training analysis and the program's version."""
    from soleus import __version__

    aside = ("changes.", "evidence.", "duplicates.", "spike.", "acwr.", "balance.", "monotony.", "ewma.", "trimp.")
    numbers = sorted((name, p.value) for name, p in knowledge.parameters.items() if not name.startswith(aside))
    tables = sorted((name, sorted(table.columns.items())) for name, table in knowledge.tables.items())
    text = repr((__version__, summary_json.VERSION, numbers, tables))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def renew(store: RunnerStore, settings: Settings) -> int:
    """Summarise stored activities again when the numbers behind their summaries have changed; how many were.

    What tables and other files said of an activity (shoe, labels, exertion, day, sport) stays. Activities without
    records keep their summary.
    """
    stamp = stamp_of(settings.knowledge)
    if store.stamp() == stamp:
        return 0
    with store.exclusive():
        return _renew(store, settings, stamp)


def _renew(store: RunnerStore, settings: Settings, stamp: str) -> int:
    renewed: list[StoredRun] = []
    count = 0
    plain = replace(settings, keep_records=False)
    for stored in store.stored_runs():
        summary = stored.summary
        if stored.record_file and store.keeps_records:
            fresh = summarise(store.read_records(stored.record_file), plain).summary
            said = {name: getattr(stored.summary, name) for name in _SAID_BY_OTHERS}
            summary = replace(fresh, **said)
            count += 1
        renewed.append(replace(stored, summary=summary))
    store.replace_all(renewed, store.shoes(), {}, stamp=stamp)
    return count


def _write_atomic(path: Path, data: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _plain_shoe(shoe: Shoe) -> dict[str, object]:
    days = {"first_used_on": shoe.first_used_on, "retired_on": shoe.retired_on}
    return {
        "id": shoe.id, "name": shoe.name, "drop_mm": shoe.drop_mm, "kind": shoe.kind,
        **{name: day.isoformat() if day else None for name, day in days.items()},
    }  # fmt: skip


def _shoe(data: Mapping[str, object]) -> Shoe:
    days = {
        name: date.fromisoformat(str(data[name])) if data[name] else None for name in ("first_used_on", "retired_on")
    }
    drop = data["drop_mm"]
    return Shoe(
        id=str(data["id"]), name=str(data["name"]), drop_mm=float(str(drop)) if drop is not None else None,
        kind=str(data["kind"]), **days,
    )  # fmt: skip
