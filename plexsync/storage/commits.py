"""Whether anybody may have committed to the database, mostly told by one look at a file: for whoever looks all day."""

from __future__ import annotations

import time
from collections.abc import Callable

from plexsync.storage.database import Database
from plexsync.storage.file_stamps import SETTLED, Stamp, stamp_if_told
from plexsync.storage.log_files import log_of


class Commits:
    """Says whether a look at the database may show anything new since the last one. Used by one thread.

    On a PostgreSQL, and where SQLite has no log, it always may.

    :param database: that is looked at.
    :param clock: epoch seconds, as files have them.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._log = None if database.is_shared else str(log_of(database.path))
        self._clock = clock
        self._seen: Stamp | None = None

    def may_be_new(self) -> bool:
        """Whether somebody, this process included, may have committed since this was asked last. Costs one ``stat``.

        Who looks at the database does so after asking: what is committed in between is told by the next question.
        """
        before, self._seen = self._seen, None if self._log is None else stamp_if_told(self._log)
        if self._seen is None or self._seen != before:
            return True
        _, changed_at, _ = self._seen
        return abs(self._clock() - changed_at / 1e9) < SETTLED
