"""Tasks spread over processes in small batches with a bounded queue; a crashed worker costs one file only."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace

from soleus.history.work import SECONDS_A_FILE, Done, Settings, Task, read_task, time_limit
from soleus.knowledge.base import TrainingKnowledge

BATCH_BYTES = 2 << 20
BATCH_TASKS = 24
_settings: list[Settings] = []


def default_workers() -> int:
    """Processes worth starting: the cores this process may use, at most eight."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    return max(1, min(8, cores))


class Pool:
    """Reads tasks here (`workers` = 1) or in other processes. Results come in any order."""

    def __init__(self, settings: Settings, workers: int) -> None:
        self._settings = settings
        self._workers = workers
        self._executor: ProcessPoolExecutor | None = None
        self._batch: list[Task] = []
        self._batch_bytes = 0
        self._running: deque[tuple[Future[list[Done]], list[Task]]] = deque()
        self._suspects: deque[Task] = deque()

    def submit(self, task: Task) -> Iterator[Done]:
        """Take a task; gives what has become ready, after waiting when too much is under way."""
        if self._workers <= 1:
            yield read_task(task, self._settings)
            return
        self._batch.append(task)
        self._batch_bytes += len(task.data)
        if self._batch_bytes >= BATCH_BYTES or len(self._batch) >= BATCH_TASKS:
            self._send()
        yield from self._collect(keep=2 * self._workers)

    def finish(self) -> Iterator[Done]:
        """What is still under way."""
        if self._batch:
            self._send()
        yield from self._collect(keep=0)

    def close(self) -> None:
        """Stop the processes; what is under way is dropped."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None

    def _send(self) -> None:
        batch, self._batch, self._batch_bytes = self._batch, [], 0
        if self._executor is None:
            self._executor = self._start()
        try:
            future = self._executor.submit(_read_batch, batch)
        except BrokenProcessPool:
            self._suspects.extend(batch)
            return
        self._running.append((future, batch))

    def _collect(self, keep: int) -> Iterator[Done]:
        while self._running and (len(self._running) > keep or self._running[0][0].done()):
            future, batch = self._running.popleft()
            try:
                yield from future.result()
            except BrokenProcessPool:
                self._suspects.extend(batch)
                for _, others in self._running:
                    self._suspects.extend(others)
                self._running.clear()
        if self._suspects:
            yield from self._read_suspects()

    def _read_suspects(self) -> Iterator[Done]:
        """Files under way when a worker died, one at a time: the one that kills it again is named."""
        self.close()
        while self._suspects:
            task = self._suspects.popleft()
            if self._executor is None:
                self._executor = self._start()
            try:
                yield from self._executor.submit(_read_batch, [task]).result()
            except BrokenProcessPool:
                self.close()
                yield Done(index=task.index, refused=("crashed", "made the reader stop working, so it was left out"))

    def _start(self) -> ProcessPoolExecutor:
        # A fork is quickest but unsafe beside other threads (a web server); there a clean process is started.
        fork = sys.platform == "linux" and threading.active_count() == 1
        context = multiprocessing.get_context("fork" if fork else "spawn")
        settings = self._settings if fork else replace(self._settings, knowledge=_sendable(self._settings.knowledge))
        return ProcessPoolExecutor(self._workers, mp_context=context, initializer=_prepare, initargs=(settings,))


def _sendable(knowledge: TrainingKnowledge) -> TrainingKnowledge:
    """The same knowledge with plain dictionaries: read-only views cannot be sent to a fresh process."""
    tables = {name: replace(table, columns=dict(table.columns)) for name, table in knowledge.tables.items()}
    return replace(knowledge, parameters=dict(knowledge.parameters), tables=tables)


def _prepare(settings: Settings) -> None:
    _settings[:] = [settings]


def _read_batch(tasks: list[Task]) -> list[Done]:
    done = []
    for task in tasks:
        try:
            with time_limit(SECONDS_A_FILE):
                done.append(read_task(task, _settings[0]))
        except TimeoutError:
            done.append(Done(index=task.index, refused=("slow", f"took longer than {SECONDS_A_FILE} seconds to read")))
    return done
