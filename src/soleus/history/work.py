"""One file, from bytes to summaries: what runs in a worker process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from soleus.core.activity import Activity, Label, Reading, Repair, Shoe, Sport, Surface
from soleus.core.errors import ActivityFileError
from soleus.core.training import RunSummary
from soleus.knowledge.base import TrainingKnowledge

DIGEST_BYTES = 16
SECONDS_A_FILE = 120
"""A file that keeps the reader busy longer than this is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What a table of the archive says about one file."""

    sport: Sport = Sport.UNKNOWN
    surface: Surface = Surface.UNKNOWN
    shoe: str | None = None
    labels: frozenset[Label] = frozenset()
    session_rpe: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One file to read. `data` may be gzip."""

    index: int
    """Place in the report."""
    label: str
    data: bytes = field(repr=False)
    hints: Hints = Hints()
    cut: bool = False
    """The archive around it is cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRun:
    """One activity of a file: its summary, how it joins tables, and its records packed for the store."""

    summary: RunSummary
    source_id: str = field(default="", repr=False)
    stated_distance_m: float | None = None
    records: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of a task."""

    index: int
    runs: tuple[ReadRun, ...] = ()
    shoes: tuple[Shoe, ...] = ()
    repairs: tuple[Repair, ...] = ()
    refused: tuple[str, str] | None = None
    """Slug and plain reason."""
    foreign: bool = False
    """The bytes are no activity file at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What every task needs; sent to a worker once."""

    knowledge: TrainingKnowledge
    keep_records: bool = False
    keep_place: bool = False


def digest_of(data: bytes) -> str:
    """Content digest of a file as it lies in its container."""
    return hashlib.blake2b(data, digest_size=DIGEST_BYTES).hexdigest()


def read_task(task: Task, settings: Settings) -> Done:
    """Read and summarise one file. Nothing a file holds may stop an import, so every failure becomes a `Done`."""
    from soleus.readers.registry import NotAnActivity, read_bytes

    try:
        reading = read_bytes(task.data)
        return summarise_reading(task.index, reading, task.hints, settings)
    except NotAnActivity as problem:
        return Done(index=task.index, foreign=True, refused=("not_an_activity", problem.problem))
    except ActivityFileError as problem:
        return Done(index=task.index, refused=("unreadable", problem.problem))
    except MemoryError:
        return Done(index=task.index, refused=("memory", "needs more memory than there is"))
    except TimeoutError:
        return Done(index=task.index, refused=("slow", f"took longer than {SECONDS_A_FILE} seconds to read"))
    except Exception as error:  # noqa: BLE001 - the job runner: one bad file never stops an import
        # The message of an unforeseen error may quote the file; its class does not.
        return Done(index=task.index, refused=("reader_failed", f"could not be read ({type(error).__name__})"))


def summarise_reading(index: int, reading: Reading, hints: Hints, settings: Settings) -> Done:
    """Summaries of what a file gave, with the tables' words on it."""
    runs = tuple(summarise(_with_hints(activity, hints), settings) for activity in reading.activities)
    return Done(index=index, runs=runs, shoes=reading.shoes, repairs=reading.repairs)


def summarise(activity: Activity, settings: Settings) -> ReadRun:
    from soleus.training.summary import summarise_activity

    summary = summarise_activity(activity, settings.knowledge)
    records = None
    if settings.keep_records and activity.stream is not None and len(activity.stream):
        from soleus.history.records import encode_activity

        records = encode_activity(activity, keep_place=settings.keep_place)
    return ReadRun(
        summary=summary,
        source_id=activity.source_id,
        stated_distance_m=activity.totals.distance_m,
        records=records,
    )


def _with_hints(activity: Activity, hints: Hints) -> Activity:
    """A table's word counts where the file says nothing; labels add up."""
    if hints == Hints():
        return activity
    totals = activity.totals
    if totals.session_rpe is None and hints.session_rpe is not None:
        totals = replace(totals, session_rpe=hints.session_rpe)
    return replace(
        activity,
        sport=hints.sport if activity.sport is Sport.UNKNOWN else activity.sport,
        surface=hints.surface if activity.surface is Surface.UNKNOWN else activity.surface,
        shoe=hints.shoe or activity.shoe,
        labels=activity.labels | hints.labels,
        totals=totals,
    )


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Raise `TimeoutError` in the main thread of this process after so many seconds (where the system can)."""
    import signal
    import threading

    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def give_up(_number: int, _frame: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
