"""Counts how scenes fare, hour by hour: it listens to outcomes, and writes what it has counted every few seconds.

A crash loses the counts of these seconds and nothing else. While nothing happens, nothing runs.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping

from plexsync.ledger import Result
from plexsync.ledger.course import laid_at
from plexsync.ledger.hours import HOUR, REQUESTS, SCENES, TOOK, Hours, step_of
from plexsync.sync.outcomes import BatchResult, OutcomeListener, SceneOutcome

#: Seconds from the first outcome that is not written yet until all are written.
WRITTEN_AFTER = 5.0
#: Hours that are held where the file cannot be written; the oldest make room.
MOST_HOURS = 48

log = logging.getLogger(__name__)


class HourKeeper(OutcomeListener):
    """Hears of outcomes, in whatever thread they come about.

    :param hours: where the counts are kept; made at the first use.
    """

    def __init__(self, hours: Callable[[], Hours]) -> None:
        self._hours = hours
        self._lock = threading.Lock()
        self._counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
        self._batch = threading.local()
        #: The process in which a timer will write.
        self._timed_in = 0

    def scene(self, outcome: SceneOutcome) -> None:
        """Count it."""
        more: dict[str, int] = {}
        if outcome.result is not Result.WAITING:
            more[outcome.result.value] = 1
        if outcome.result in (Result.SYNCED, Result.UNCHANGED) and (laid := laid_at()) is not None:
            took = max(0.0, outcome.at - laid)
            more[step_of(took)] = 1
            more[TOOK] = round(1000 * took)
        if outcome.requests is not None:
            more[SCENES] = 1
            if outcome.is_batched:
                # Those of all of them so far: the last one's are all.
                self._batch.requests = outcome.requests
            else:
                more[REQUESTS] = outcome.requests
        self._add(outcome.at, more)

    def batch(self, result: BatchResult, seconds: float) -> None:  # noqa: ARG002 - as it is told
        """Count the requests of all of them."""
        requests, self._batch.requests = getattr(self._batch, "requests", 0), 0
        if requests:
            self._add(time.time(), {REQUESTS: requests})

    def write(self) -> None:
        """Write what was counted. Never fails: what cannot be written now is written later."""
        with self._lock:
            counts, self._counts, self._timed_in = self._counts, defaultdict(Counter), 0
        if not counts:
            return
        try:
            self._hours().add(counts)
        except sqlite3.Error as error:
            log.debug("the counts of this hour are written later: %s", error)
            with self._lock:
                for hour, more in counts.items():
                    self._counts[hour].update(more)
                for hour in sorted(self._counts)[:-MOST_HOURS]:
                    del self._counts[hour]

    def _add(self, at: float, more: Mapping[str, int]) -> None:
        with self._lock:
            counts = self._counts[int(at // HOUR)]
            for name, number in more.items():
                counts[name] += number
            # A worker process that was forked has no timer of its parent's.
            is_timed, self._timed_in = self._timed_in == os.getpid(), os.getpid()
        if not is_timed:
            timer = threading.Timer(WRITTEN_AFTER, self.write)
            timer.name, timer.daemon = "Hours", True
            try:
                timer.start()
            except RuntimeError:
                # No thread can be started now: the next outcome tries again.
                self._timed_in = 0
