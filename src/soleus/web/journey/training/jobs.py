"""Reading of running files in the background: state in the database, uploaded files deleted whatever happens."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils import timezone

from soleus.core.case import Runner
from soleus.core.errors import SoleusError
from soleus.web.journey import adapter_training, work
from soleus.web.journey.models import TrainingJob
from soleus.web.journey.training import store
from soleus.web.journey.training.store import Kept, Runs
from soleus.web.journey.work import Cancelled

if TYPE_CHECKING:
    from soleus.exports.training_document import Imported
    from soleus.history.report import Progress

log = logging.getLogger("soleus.web")

State = TrainingJob.State
WRITE_EVERY_S = 0.4
MOST_WAITING = 20
"""Jobs in the queue of the whole server; more would only wait, and their files lie on the disk meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What one job needs to know; the check's id opens its rows and is held in memory only."""

    job: int
    check_id: str
    onset_on: date | None
    runner: Runner = field(default_factory=Runner)
    paths: tuple[Path, ...] = ()
    keep_s: int


# --- asking ------------------------------------------------------------------------------------------------------
def latest(check_id: str) -> TrainingJob | None:
    """The job under way, or the last one."""
    return TrainingJob.objects.filter(owner=store.owner_of(check_id)).order_by("-pk").first()


def busy() -> bool:
    """Whether the queue is full."""
    return TrainingJob.objects.filter(state__in=[State.QUEUED, State.RUNNING]).count() >= MOST_WAITING


def start(
    check_id: str,
    *,
    onset_on: date | None,
    runner: Runner,
    keep_s: int,
    paths: Sequence[Path] = (),
    folder: str = "",
) -> TrainingJob:
    """Put a job in the queue; an earlier one of the same check is stopped and forgotten."""
    store.purge()
    cancel(check_id)
    owner = store.owner_of(check_id)
    TrainingJob.objects.filter(owner=owner).exclude(state__in=[State.QUEUED, State.RUNNING]).delete()
    now = timezone.now()
    job = TrainingJob.objects.create(
        owner=owner,
        folder=folder,
        uploads=len(paths),
        upload_bytes=sum(path.stat().st_size for path in paths),
        created_at=now,
        updated_at=now,
        expires_at=now + timedelta(seconds=keep_s),
    )
    order = Order(job=job.pk, check_id=check_id, onset_on=onset_on, runner=runner, paths=tuple(paths), keep_s=keep_s)
    work.submit(run, order)
    return job


def cancel(check_id: str) -> None:
    """Stop what is under way for a check; its files go as soon as the reader looks up."""
    jobs = TrainingJob.objects.filter(owner=store.owner_of(check_id), state__in=[State.QUEUED, State.RUNNING])
    jobs.update(cancel_asked=True)


def recover() -> None:
    """At start and end: jobs that a stop of the server cut off have failed (their files are deleted by `work`)."""
    TrainingJob.objects.filter(state__in=[State.QUEUED, State.RUNNING]).update(
        state=State.FAILED, error="restart", folder="", updated_at=timezone.now()
    )


# --- doing -------------------------------------------------------------------------------------------------------
def run(order: Order) -> None:
    """Read, keep, analyse; then delete the files. A failure is told on the page, never raised."""
    try:
        _go_on(order, state=State.RUNNING, step="reading")
        _work(order)
        _set(order, state=State.DONE, step="done")
    except Cancelled:
        stopped = {"state": State.FAILED, "error": "restart"} if work.is_closing() else {"state": State.CANCELLED}
        _set(order, **stopped)
    except SoleusError as error:
        log.warning("training job failed: %s", type(error).__name__)
        _set(order, state=State.FAILED, error="unreadable")
    except Exception as error:  # noqa: BLE001 - the job runner: the page must say that it failed
        log.error("training job failed: %s", type(error).__name__)  # noqa: TRY400 - a traceback may quote file names
        _set(order, state=State.FAILED, error="crash")
    finally:
        for folder in {path.parents[1] for path in order.paths}:
            shutil.rmtree(folder, ignore_errors=True)
        TrainingJob.objects.filter(pk=order.job).update(folder="")


def _set(order: Order, **values: object) -> bool:
    """Write the state; False when the job is gone or should stop."""
    rows = TrainingJob.objects.filter(pk=order.job)
    rows.update(updated_at=timezone.now(), **values)
    return bool(rows.filter(cancel_asked=False).exists())


def _go_on(order: Order, **values: object) -> None:
    """Write the next step. Raises Cancelled when there is to be none."""
    if not _set(order, **values):
        raise Cancelled


def _work(order: Order) -> None:
    old = store.load_runs(order.check_id)
    runs = old
    if order.paths:
        runs, imported = _read(order, old)
        _set(order, sealed_files=store.pack(adapter_training.strip_lines(imported), order.check_id))
        if not runs.runs:
            _set(order, error="no_runs")
            return
    report = None
    if order.onset_on is not None and runs.runs:
        _go_on(order, step="comparing")
        report = adapter_training.analyse(runs, order.onset_on, order.runner)
    _go_on(order, step="keeping")
    days = [run.day for run in runs.runs]
    kept = Kept(
        source=store.FILES,
        report=report,
        activities=len(runs.runs),
        first_day=min(days, default=None),
        last_day=max(days, default=None),
    )
    store.save(order.check_id, kept, runs, keep_s=order.keep_s)


def _read(order: Order, old: Runs) -> tuple[Runs, Imported]:
    """The uploaded files, with the counts written now and then."""
    tell = _Teller(order)
    history = adapter_training.read_files(order.paths, progress=tell.progress, cancelled=tell.cancelled)
    if tell.cancelled(now=True):
        raise Cancelled
    from soleus.history.imported import imported_of

    tell.write()
    return adapter_training.add_runs(old, history.runs, history.shoes), imported_of(history)


@dataclass(slots=True)
class _Teller:
    """Writes real counts to the database and looks for the wish to stop, both at most every WRITE_EVERY_S."""

    order: Order
    last: Progress | None = None
    stop: bool = False
    written_at: float = 0.0
    clock: Callable[[], float] = time.monotonic

    def progress(self, progress: Progress) -> None:
        self.last = progress
        if self.clock() - self.written_at >= WRITE_EVERY_S:
            self.write()

    def write(self) -> None:
        self.written_at = self.clock()
        values: dict[str, object] = {}
        if self.last is not None:
            p = self.last
            values = {"files_done": p.files_done, "files_found": p.files_found, "runs": p.runs, "problems": p.problems}
        self.stop = not _set(self.order, **values) or self.stop

    def cancelled(self, *, now: bool = False) -> bool:
        if now or self.clock() - self.written_at >= WRITE_EVERY_S:
            self.write()
        return self.stop or work.is_closing()
