"""Stash's job queue: one job at a time in all of Stash, and what ``jobQueue`` and ``findJob`` show of it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from plexsync.demo.stash.plugin_process import PluginProcess

#: How many jobs that ended Stash remembers.
_REMEMBERED = 10

#: Does a job's work: is given the job, and ends when that is done.
Work = Callable[["Job"], object]


@dataclass
class Job:
    """One job. ``status`` is ``READY``, ``RUNNING``, ``STOPPING``, ``FINISHED``, ``CANCELLED`` or ``FAILED``."""

    id: int
    description: str
    work: Work
    status: str = "READY"
    progress: float | None = None
    #: What its process has said, as (level, text), progress included.
    log: list[tuple[str, str]] = field(default_factory=list)
    #: What kills it.
    process: PluginProcess | None = None
    added: str = field(default_factory=lambda: _now())
    started: str | None = None
    ended: str | None = None
    over: threading.Event = field(default_factory=threading.Event)

    def said(self, level: str, text: str) -> None:
        """Take a line that its process has written."""
        self.log.append((level, text))
        if level == "progress":
            try:
                self.progress = min(1.0, max(0.0, float(text)))
            except ValueError:
                self.log.append(("error", f"no progress: {text}"))

    def view(self) -> dict[str, Any]:
        """It, as GraphQL shows it."""
        return {
            "id": str(self.id),
            "status": self.status,
            "subTasks": None,
            "description": self.description,
            "progress": self.progress,
            "startTime": self.started,
            "endTime": self.ended,
            "addTime": self.added,
            "error": None,
        }


class Jobs:
    """The queue. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: list[Job] = []
        self._ended: deque[Job] = deque(maxlen=_REMEMBERED)
        self._last_id = 0

    def add(self, description: str, work: Work) -> Job:
        """Put a job at the end of the queue; it begins when all before it have ended."""
        with self._lock:
            self._last_id += 1
            job = Job(self._last_id, description, work)
            self._queue.append(job)
            if len(self._queue) == 1:
                self._begin(job)
        return job

    def add_other(self, description: str) -> Job:
        """A job of somebody else, a scan say, that ends when it is stopped."""
        return self.add(description, lambda job: job.over.wait())

    def find(self, job_id: int) -> Job | None:
        """A job that waits, runs, or was among the last ten that ended."""
        with self._lock:
            return next((job for job in (*self._queue, *self._ended) if job.id == job_id), None)

    def queue(self) -> list[dict[str, Any]] | None:
        """What ``jobQueue`` shows: None where it is empty."""
        with self._lock:
            return [job.view() for job in self._queue] or None

    def stop(self, job_id: int) -> None:
        """Stop a job: one that waits is taken away, the process of one that runs is killed."""
        with self._lock:
            job = next((one for one in self._queue if one.id == job_id), None)
            if job is None:
                return
            if job.status == "READY":
                self._queue.remove(job)
                self._end(job, "CANCELLED")
                return
            job.status = "STOPPING"
            job.over.set()
            if job.process is not None:
                job.process.kill()

    def stop_all(self) -> None:
        """Stop all, the last first."""
        with self._lock:
            ids = [job.id for job in reversed(self._queue)]
        for job_id in ids:
            self.stop(job_id)

    def _begin(self, job: Job) -> None:
        job.status, job.started = "RUNNING", _now()
        threading.Thread(target=self._run, args=(job,), name=f"job {job.id}", daemon=True).start()

    def _run(self, job: Job) -> None:
        try:
            job.work(job)
        finally:
            with self._lock:
                self._queue.remove(job)
                # However its process ended: Stash shows a failed task green.
                self._end(job, "CANCELLED" if job.status == "STOPPING" else "FINISHED")
                if self._queue:
                    self._begin(self._queue[0])

    def _end(self, job: Job, status: str) -> None:
        job.status, job.ended, job.progress = status, _now(), None
        self._ended.append(job)
        job.over.set()


def _now() -> str:
    return datetime.now(UTC).isoformat()
