"""One runner's history on disk: summaries in SQLite, records as one Parquet file an activity."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from soleus.core.activity import Activity, Shoe
from soleus.core.errors import BackendError
from soleus.core.training import RunSummary
from soleus.history import records, summary_json

VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY, digest TEXT NOT NULL, record_file TEXT NOT NULL, summary BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS shoes (id INTEGER PRIMARY KEY, shoe BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS files (digest TEXT PRIMARY KEY, runs INTEGER NOT NULL);
"""
Sealer = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """One activity as the store holds it. `digest`: of the file it came from; "" for entries of a table."""

    summary: RunSummary
    digest: str = ""
    record_file: str = ""


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
        (self.folder / "records").mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._database() as database:
            database.executescript(_SCHEMA)
            database.execute("INSERT OR IGNORE INTO meta VALUES ('version', ?)", (str(VERSION),))

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are all written or none."""
        try:
            connection = sqlite3.connect(self.folder / "history.sqlite", timeout=30)
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

    # Reading -------------------------------------------------------------------------------------------------

    def known_file(self, digest: str) -> int | None:
        """Activities that a file of this content gave when it was imported; None when it is new."""
        with self._database() as database:
            row = database.execute("SELECT runs FROM files WHERE digest = ?", (digest,)).fetchone()
        return None if row is None else int(row[0])

    def known_files(self) -> Mapping[str, int]:
        with self._database() as database:
            return dict(database.execute("SELECT digest, runs FROM files"))

    def stored_runs(self) -> tuple[StoredRun, ...]:
        with self._database() as database:
            rows = database.execute("SELECT digest, record_file, summary FROM runs ORDER BY id").fetchall()
        return tuple(
            StoredRun(summary=summary_json.loads(self._open(blob)), digest=digest, record_file=record_file)
            for digest, record_file, blob in rows
        )

    def runs(self) -> tuple[RunSummary, ...]:
        """All summaries, oldest first."""
        return tuple(stored.summary for stored in self.stored_runs())

    def shoes(self) -> tuple[Shoe, ...]:
        with self._database() as database:
            rows = database.execute("SELECT shoe FROM shoes ORDER BY id").fetchall()
        return tuple(_shoe(json.loads(self._open(blob))) for (blob,) in rows)

    def activity(self, key: str) -> Activity | None:
        """The activity with its records; None when only its summary is kept."""
        for stored in self.stored_runs():
            if stored.summary.key == key and stored.record_file:
                try:
                    data = (self.folder / "records" / stored.record_file).read_bytes()
                except OSError as error:
                    raise BackendError("records of a run are missing", hint="Import its file again") from error
                return records.decode_activity(self._unseal(data))
        return None

    def _open(self, blob: bytes) -> bytes:
        return zlib.decompress(self._unseal(blob))

    def _close(self, data: bytes) -> bytes:
        return self._seal(zlib.compress(data, 6))

    # Writing -------------------------------------------------------------------------------------------------

    def write_records(self, digest: str, number: int, data: bytes) -> str:
        """Keep the records of one activity; the name to give with its summary. Written whole or not at all."""
        name = f"{digest}-{number}.parquet"
        _write_atomic(self.folder / "records" / name, self._seal(data))
        return name

    def replace_all(self, runs: Sequence[StoredRun], shoes: Iterable[Shoe], files: Mapping[str, int]) -> None:
        """Make `runs` and `shoes` the whole history in one step, remember `files`, drop records nobody needs."""
        rows = [(run.digest, run.record_file, self._close(summary_json.dumps(run.summary))) for run in runs]
        with self._database() as database:
            database.execute("DELETE FROM runs")
            database.executemany("INSERT INTO runs (digest, record_file, summary) VALUES (?, ?, ?)", rows)
            database.execute("DELETE FROM shoes")
            database.executemany(
                "INSERT INTO shoes (shoe) VALUES (?)",
                [(self._close(json.dumps(_plain_shoe(shoe)).encode()),) for shoe in shoes],
            )
            database.executemany("INSERT OR REPLACE INTO files VALUES (?, ?)", list(files.items()))
        needed = {run.record_file for run in runs}
        for path in (self.folder / "records").glob("*.parquet"):
            if path.name not in needed:
                path.unlink(missing_ok=True)

    def delete_everything(self) -> None:
        """Remove the runner's folder and all that is in it."""
        shutil.rmtree(self.folder, ignore_errors=False)


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
