"""What the consumer does while its own file cannot be used (a full disk, most often): wait, and say so once a minute.

Nothing is taken over from the inbox and nothing is acknowledged meanwhile, so there is nothing to lose, and nothing
that could be won by trying as fast as the machine can.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from datetime import UTC, datetime
from typing import Any

from huey.consumer import Scheduler, Worker, WorkerRecycle

from plexsync.log_throttle import LogThrottle, Unforeseen
from plexsync.queue.examination import Examination

#: Seconds between two attempts, of all workers together.
WAIT = 5.0
#: Seconds between two lines in the log.
TELL_EVERY = 60.0
#: Seconds by which a clock that is set back is told from one that is being adjusted.
SET_BACK = 60.0
#: Seconds of a round of the scheduler that is woken when the schedule changes, and when the clock is set: at least, and
#: at most. By a server's clock, of which nobody here sees how it is set, it looks more often.
SHORTEST_ROUND, LONGEST_ROUND, LONGEST_SHARED = 0.5, 60.0, 5.0
#: What says that our own file, or its folder, cannot be used.
FAULTS = (sqlite3.Error, OSError)

log = logging.getLogger(__name__)


class StorageHealth:
    """Knows whether the file could be used lately. Shared by all threads of a consumer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wait_until = 0.0
        self._told_at = float("-inf")
        self._is_told = False
        #: What was said of errors that nobody foresaw, by all threads together.
        self.said = LogThrottle()

    def note(self, error: BaseException) -> None:
        """It could not: wait."""
        with self._lock:
            now = time.monotonic()
            self._wait_until = now + WAIT
            if now - self._told_at < TELL_EVERY:
                return
            self._told_at, self._is_told = now, True
        log.error(
            "the database cannot be used: %s; nothing is lost, events stay in the inbox; tried again every %.0f s",
            error,
            WAIT,
        )

    def over(self) -> None:
        """It can be used."""
        if self._is_told:
            with self._lock:
                told, self._is_told = self._is_told, False
            if told:
                log.info("the database can be used again")

    def remaining(self) -> float:
        """Seconds left to wait."""
        return max(0.0, self._wait_until - time.monotonic())


class PatientWorker(Worker):  # type: ignore[misc]  # huey has no types
    """Works on tasks; waits while the file cannot be used."""

    health: StorageHealth

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.unforeseen = Unforeseen("a worker", log)

    def loop(self, now: datetime | None = None) -> None:
        """Work on the next task, if there is one in about a second."""
        seconds = self.health.remaining()
        if seconds:
            self.stop_flag.wait(seconds)
            return
        try:
            task = self.huey.dequeue()
            if task is not None:
                self.task_count += 1
                self.huey.execute(task, now)
            self.health.over()
            self.unforeseen.well()
        except FAULTS as error:
            self.health.note(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not be met as fast as the machine can
            self.stop_flag.wait(self.unforeseen.met(error))
        if self.max_tasks and self.task_count >= self.max_tasks:
            raise WorkerRecycle


class PatientScheduler(Scheduler):  # type: ignore[misc]  # huey has no types
    """Moves what is due into the line; waits while the file cannot be used."""

    health: StorageHealth
    _offset: float | None = None
    _examination: Examination | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.unforeseen = Unforeseen("the scheduler", log)

    def loop(self, now: datetime | None = None) -> None:
        """One round, about a second long."""
        seconds = self.health.remaining()
        if seconds:
            self.stop_flag.wait(seconds)
            return
        try:
            self._follow_clock()
            self._examine()
            # Before Huey's own look, which then finds nothing left to do, and no fault to tell with a traceback.
            self.huey.storage.read_schedule(now or datetime.now(UTC))
            if self.huey.storage.arrivals.is_listening:
                self._sleep_until_due(now)
            else:
                super().loop(now)
            self.unforeseen.well()
        except FAULTS as error:
            self.health.note(error)
        except Exception as error:  # noqa: BLE001 - without this thread nothing would be due ever again
            self.stop_flag.wait(self.unforeseen.met(error))

    def _sleep_until_due(self, now: datetime | None) -> None:
        """Huey's own round, which takes as long as nothing is due, and is ended when something is scheduled."""
        if self.periodic and self._next_periodic <= time.monotonic():
            while self._next_periodic <= time.monotonic():
                self._next_periodic += self.periodic_task_seconds
            self.enqueue_periodic_tasks(now)
        storage = self.huey.storage
        storage.arrivals.schedule_changed.clear()
        seconds = storage.next_due_in(LONGEST_SHARED if storage.database.is_shared else LONGEST_ROUND)
        if self.periodic:
            seconds = min(seconds, max(0.0, self._next_periodic - time.monotonic()))
        began = time.monotonic()
        storage.arrivals.schedule_changed.wait(seconds)
        # However fast the schedule changes, this thread does not spin.
        if (rest := began + SHORTEST_ROUND - time.monotonic()) > 0:
            self.stop_flag.wait(rest)

    def _follow_clock(self) -> None:
        """Where the clock was set back, set back what waits for its time by as much."""
        offset = time.time() - time.monotonic()
        before, self._offset = self._offset, offset
        if before is not None and before - offset > SET_BACK:
            log.warning("the clock was set back by %.0f s: what is scheduled moves back with it", before - offset)
            try:
                self.huey.storage.shift_schedule(before - offset)
            except FAULTS:
                self._offset = before
                raise

    def _examine(self) -> None:
        """Once in a while look for damage, beside all else; not at the start, when that was just done."""
        if self._examination is None:
            self._examination = Examination(self.huey.storage.database, self.health.note)
        self._examination.begin_if_due()


def patient(process: Any, health: StorageHealth) -> Any:
    """A worker or scheduler, told where trouble is noted."""
    process.health = health
    process.unforeseen.share(health.said)
    return process
