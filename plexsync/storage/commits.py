"""Whether anybody may have committed to the database, mostly told by one look at a file: for whoever looks all day."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from plexsync.storage.database import Database
from plexsync.storage.log_files import log_of

#: Seconds for which a log has to have rested until its time of change is relied on: some file systems keep that to two
#: seconds, so a commit may come after a look and leave no trace.
SETTLED = 3.0


class Commits:
    """Says whether a look at the database may show anything new since the last one. Used by one thread.

    On a PostgreSQL, and where SQLite has no log, it always may.

    :param database: that is looked at.
    :param clock: epoch seconds, as files have them.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._log = None if database.is_shared else str(log_of(database.path))
        self._clock = clock
        self._seen: tuple[int, int, int] | None = None

    def may_be_new(self) -> bool:
        """Whether somebody, this process included, may have committed since this was asked last. Costs one ``stat``.

        Who looks at the database does so after asking: what is committed in between is told by the next question.
        """
        before, self._seen = self._seen, self._stamp()
        if self._seen is None or self._seen != before:
            return True
        return abs(self._clock() - self._seen[1] / 1e9) < SETTLED

    def _stamp(self) -> tuple[int, int, int] | None:
        """The log's number, time of change (nanoseconds) and bytes; None where there is none."""
        if self._log is None:
            return None
        try:
            # Every two seconds all day long: pathlib takes three times as long.
            found = os.stat(self._log)  # noqa: PTH116
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
