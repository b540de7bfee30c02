"""Looking through the whole file for damage, once a day, in a thread of its own: a big file takes its time to read."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable

from plexsync.storage.database import Database

#: Seconds between two examinations.
INTERVAL = 24 * 3600.0
#: Seconds after which one that could not begin is tried again.
AGAIN_AFTER = 600.0

log = logging.getLogger(__name__)


class Examination:
    """Examines the file now and then; the first time ``INTERVAL`` seconds from now.

    :param database: the file.
    :param on_fault: told what is wrong with it, which its keeper knows by then.
    :param clock: seconds that only ever grow.
    """

    def __init__(
        self,
        database: Database,
        on_fault: Callable[[BaseException], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._on_fault = on_fault
        self._clock = clock
        self._due_at = clock() + INTERVAL
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether one is under way."""
        return self._thread is not None and self._thread.is_alive()

    def begin_if_due(self) -> None:
        """Begin one, where it is time, and the last one is over."""
        if self._clock() < self._due_at or self.is_running:
            return
        self._due_at = self._clock() + INTERVAL
        thread = threading.Thread(target=self._examine, name="examination", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            self._due_at = self._clock() + AGAIN_AFTER
            log.debug("the database is examined later: %s", error)
            return
        self._thread = thread

    def _examine(self) -> None:
        try:
            self._database.check()
        except (sqlite3.Error, OSError) as error:
            self._on_fault(error)
        except Exception:
            log.exception("the database could not be examined, through a fault of PlexSync's; tried again tomorrow")
