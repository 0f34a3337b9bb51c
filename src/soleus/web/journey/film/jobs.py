"""Reading of a film in the background: progress by picture, and the film deleted whatever happens."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.utils import timezone

from soleus.core.case import Runner
from soleus.core.errors import PoseBackendError, SoleusError, VideoError
from soleus.web.journey import adapter_film, work
from soleus.web.journey.film import store
from soleus.web.journey.film.forms import FilmWishes
from soleus.web.journey.models import FilmJob
from soleus.web.journey.work import Cancelled

log = logging.getLogger("soleus.web")

State = FilmJob.State
WRITE_EVERY_S = 0.4
MOST_WAITING = 6
"""Films in the queue of the whole server: each takes about as long as it lasts, and lies on the disk meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What one job needs to know; the check's id opens its rows and is held in memory only."""

    job: int
    check_id: str
    slot: str
    path: Path
    wishes: FilmWishes
    runner: Runner
    on: date
    keep_s: int


# --- asking ------------------------------------------------------------------------------------------------------
def latest(check_id: str, *slots: str) -> FilmJob | None:
    """The job under way, or the last one, of these slots."""
    return FilmJob.objects.filter(owner=store.owner_of(check_id), slot__in=slots).order_by("-pk").first()


def busy() -> bool:
    """Whether the queue is full."""
    return FilmJob.objects.filter(state__in=[State.QUEUED, State.RUNNING]).count() >= MOST_WAITING


def start(
    check_id: str, slot: str, path: Path, wishes: FilmWishes, runner: Runner, *, on: date, keep_s: int
) -> FilmJob:
    """Put a film in the queue; an earlier one of the same check that is still being read is stopped.

    When it cannot be queued the film is deleted at once: nobody else would.
    """
    try:
        order = _queue(check_id, slot, path, wishes, runner, on=on, keep_s=keep_s)
        job = FilmJob.objects.get(pk=order.job)
        work.submit(run, order)
    except BaseException:
        shutil.rmtree(path.parents[1], ignore_errors=True)
        raise
    return job


def _queue(check_id: str, slot: str, path: Path, wishes: FilmWishes, runner: Runner, *, on: date, keep_s: int) -> Order:
    """Stop what the check has under way, and write the new job down."""
    store.purge()
    cancel(check_id)
    owner = store.owner_of(check_id)
    FilmJob.objects.filter(owner=owner).exclude(state__in=[State.QUEUED, State.RUNNING]).delete()
    now = timezone.now()
    job = FilmJob.objects.create(
        owner=owner,
        slot=slot,
        upload_bytes=path.stat().st_size,
        created_at=now,
        updated_at=now,
        expires_at=now + timedelta(seconds=keep_s),
    )
    return Order(
        job=job.pk, check_id=check_id, slot=slot, path=path, wishes=wishes, runner=runner, on=on, keep_s=keep_s
    )


def cancel(check_id: str) -> None:
    """Stop what is under way for a check; its film goes as soon as the reader looks up."""
    jobs = FilmJob.objects.filter(owner=store.owner_of(check_id), state__in=[State.QUEUED, State.RUNNING])
    jobs.update(cancel_asked=True)


def recover() -> None:
    """At start and end: jobs that a stop of the server cut off have failed (their films are deleted by `work`)."""
    FilmJob.objects.filter(state__in=[State.QUEUED, State.RUNNING]).update(
        state=State.FAILED, error="restart", updated_at=timezone.now()
    )


# --- doing -------------------------------------------------------------------------------------------------------
def run(order: Order) -> None:
    """Read, measure, draw; then delete the film. A failure is told on the page, never raised."""
    try:
        _go_on(order, state=State.RUNNING, step="reading")
        _work(order)
        _set(order, state=State.DONE, step="done")
    except Cancelled:
        stopped = {"state": State.FAILED, "error": "restart"} if work.is_closing() else {"state": State.CANCELLED}
        _set(order, **stopped)
    except VideoError as error:
        _failed(order, "film", f"{error.problem[:1].upper()}{error.problem[1:]}. {error.hint}".strip())
    except PoseBackendError as error:
        log.warning("film job failed: %s", type(error).__name__)
        _failed(order, "no_model", "")
    except SoleusError as error:
        log.warning("film job failed: %s", type(error).__name__)
        _failed(order, "crash", "")
    except Exception as error:  # noqa: BLE001 - the job runner: the page must say that it failed
        log.error("film job failed: %s", type(error).__name__)  # noqa: TRY400 - a traceback may quote file names
        _failed(order, "crash", "")
    finally:
        shutil.rmtree(order.path.parents[1], ignore_errors=True)


def _failed(order: Order, error: str, problem: str) -> None:
    sealed = store.seal_text(problem, order.check_id) if problem else b""
    _set(order, state=State.FAILED, error=error, sealed_problem=sealed)


def _set(order: Order, **values: object) -> bool:
    """Write the state; False when the job is gone or should stop."""
    rows = FilmJob.objects.filter(pk=order.job)
    rows.update(updated_at=timezone.now(), **values)
    return bool(rows.filter(cancel_asked=False).exists())


def _go_on(order: Order, **values: object) -> None:
    """Write the next step. Raises Cancelled when there is to be none."""
    if not _set(order, **values):
        raise Cancelled


def _work(order: Order) -> None:
    tell = _Teller(order=order)
    recording = adapter_film.record(
        order.path, order.slot, order.wishes, progress=tell.progress, cancelled=tell.cancelled
    )
    tell.write()
    if tell.cancelled():
        raise Cancelled
    _go_on(order, step="measuring")
    earlier = store.load(order.check_id, order.slot)
    kept = adapter_film.measure(recording, order.slot, order.wishes, order.runner, order.on, earlier)
    _go_on(order, step="drawing")
    clip = adapter_film.draw(order.path, recording, kept, order.wishes)
    kept = adapter_film.with_clip(kept, clip, order.wishes)
    _go_on(order, step="keeping")
    store.save(order.check_id, order.slot, kept, clip=clip, keep_s=order.keep_s)
    if not FilmJob.objects.filter(pk=order.job).exists():  # deleted while it was written: nothing comes back
        store.delete(order.check_id, order.slot)
        raise Cancelled


@dataclass(slots=True)
class _Teller:
    """Writes real counts to the database and looks for the wish to stop, both at most every WRITE_EVERY_S.

    `progress` is called in the job's own thread; `cancelled` also by the one that decodes, which has no database.
    """

    order: Order
    done: int = 0
    total: int = 0
    stop: bool = False
    written_at: float = 0.0
    clock: Callable[[], float] = time.monotonic

    def progress(self, done: int, total: int | None) -> None:
        self.done, self.total = done, total or 0
        if self.clock() - self.written_at >= WRITE_EVERY_S:
            self.write()

    def write(self) -> None:
        self.written_at = self.clock()
        self.stop = not _set(self.order, frames_done=self.done, frames_total=self.total) or self.stop

    def cancelled(self) -> bool:
        return self.stop or work.is_closing()
