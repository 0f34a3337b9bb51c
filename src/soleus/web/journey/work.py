"""What every background job shares: the pool of threads, the private folder of uploads, the end of the server."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connection

_closing = threading.Event()


class Cancelled(Exception):
    """The runner asked to stop, or the check was deleted."""


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=settings.JOB_THREADS, thread_name_prefix="soleus-job")


def uploads_dir() -> Path:
    """Where uploaded files lie while they are read: in the data folder, private."""
    path = Path(settings.FILE_UPLOAD_TEMP_DIR)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def submit(run: Callable[[Any], None], order: object) -> None:
    """Do the job in the pool, or within the request when the settings say so (tests)."""
    if settings.JOBS_INLINE:
        run(order)
    else:
        _pool().submit(_in_thread, run, order)


def _in_thread(run: Callable[[Any], None], order: object) -> None:
    close_old_connections()
    try:
        run(order)
    finally:
        connection.close()


def is_closing() -> bool:
    """Whether the server is about to end: jobs stop at their next look."""
    return _closing.is_set()


def empty_uploads() -> None:
    """Delete whatever a stop of the server left behind."""
    for leftover in uploads_dir().iterdir():
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)


def stop_all() -> None:
    """At the end of the server: no job begins any more; waits until those under way have looked up."""
    _closing.set()
    _pool().shutdown(wait=True, cancel_futures=True)
