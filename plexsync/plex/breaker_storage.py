"""Where the breaker's state is kept so that other processes (``status``) and the next start see it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pybreaker

from plexsync.database import Database

_SCHEMA = (
    """
    create table breaker (
        name text primary key,
        state text not null check (state in ('closed', 'open', 'half-open')),
        failures integer not null default 0,
        successes integer not null default 0,
        opened_at real  -- seconds since 1970-01-01 UTC
    );
    """,
)


class LedgerBreakerStorage(pybreaker.CircuitBreakerStorage):
    """A breaker's state as one row of the SQLite file. A read is one look-up by key: some ten microseconds.

    :param database: the file.
    :param name: which breaker.
    """

    def __init__(self, database: Database, name: str = "plex") -> None:
        super().__init__(name)
        self._database = database
        database.migrate("breaker", _SCHEMA)
        with database.read() as connection:
            known = connection.execute("select 1 from breaker where name = ?", (name,)).fetchone()
        if not known:
            with database.write() as connection:
                connection.execute("insert or ignore into breaker (name, state) values (?, 'closed')", (name,))

    @property
    def state(self) -> str:
        """``closed``, ``open`` or ``half-open``."""
        return str(self._read("state"))

    @state.setter
    def state(self, state: str) -> None:
        self._write("state = ?", state)

    @property
    def counter(self) -> int:
        """Failures in a row."""
        return int(self._read("failures"))

    def increment_counter(self) -> None:
        """Count a failure."""
        self._write("failures = failures + 1")

    def reset_counter(self) -> None:
        """Called after each success: writes only where there is something to forget."""
        if self.counter:
            self._write("failures = 0")

    @property
    def success_counter(self) -> int:
        """Successful trials in a row."""
        return int(self._read("successes"))

    def increment_success_counter(self) -> None:
        """Count a successful trial."""
        self._write("successes = successes + 1")

    def reset_success_counter(self) -> None:
        """Forget the successful trials."""
        if self.success_counter:
            self._write("successes = 0")

    @property
    def opened_at(self) -> datetime | None:
        """When the breaker was last opened (UTC), or None."""
        seconds = self._read("opened_at")
        return None if seconds is None else datetime.fromtimestamp(float(seconds), UTC)

    @opened_at.setter
    def opened_at(self, moment: datetime) -> None:
        self._write("opened_at = ?", moment.timestamp())

    def _read(self, column: str) -> Any:
        with self._database.read() as connection:
            row = connection.execute(f"select {column} from breaker where name = ?", (self.name,)).fetchone()
        return row[0]

    def _write(self, assignment: str, *values: str | float) -> None:
        with self._database.write() as connection:
            connection.execute(f"update breaker set {assignment} where name = ?", (*values, self.name))
