"""Where a breaker's state is kept: in the file that all threads, processes and starts share."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from sqlite3 import Connection
from typing import Any, ClassVar

import pybreaker

from plexsync.http.breaker.outages import Outages
from plexsync.http.breaker.schema import STEPS
from plexsync.imports.late_dataclass import dataclass
from plexsync.storage.database import Database

#: Seconds after which a trial counts as cut short, and another may begin. A call to Plex ends after 30 s, one to Stash
#: after 30 s too unless its time-outs are set longer.
TRIAL_LEASE = 45.0


@dataclass(frozen=True, slots=True)
class BreakerRecord:
    """A breaker as it stands in the file.

    :param state: ``closed``, ``open`` or ``half-open``.
    :param failures: in a row.
    :param opened_at: when it was last opened or a trial last failed (epoch seconds).
    :param pause: seconds from then until the next trial.
    :param failed_trials: since it opened.
    :param trial: who is on trial.
    :param trial_until: when that trial counts as cut short (epoch seconds).
    :param stopped: why the service denies us access, or None.
    """

    state: str
    failures: int
    opened_at: float | None
    pause: float | None
    failed_trials: int
    trial: str | None
    trial_until: float | None
    stopped: str | None

    @property
    def on_trial(self) -> bool:
        """Whether a trial is under way. One that ends too far in the future was begun before the clock was set back."""
        return (
            self.trial is not None
            and self.trial_until is not None
            and 0 < self.trial_until - time.time() <= TRIAL_LEASE
        )

    @property
    def next_trial_at(self) -> float | None:
        """When the service is asked again at the latest (epoch seconds); None while its circuit is closed."""
        if self.state == pybreaker.STATE_CLOSED or self.opened_at is None or self.pause is None:
            return None
        return self.opened_at + self.pause


#: As a breaker of which the file knows nothing stands.
_NEW = BreakerRecord(pybreaker.STATE_CLOSED, 0, None, None, 0, None, None, None)


class BreakerStorage(pybreaker.CircuitBreakerStorage):
    """A breaker's state as one row of the SQLite file. A read is one look-up by key: some ten microseconds.

    :param database: the file; its tables are made here.
    :param service: ``"Plex"`` or ``"Stash"``.
    """

    _changes: ClassVar[int] = 0

    def __init__(self, database: Database, service: str) -> None:
        super().__init__(service.lower())
        database.migrate("breaker", STEPS)
        self.service = service
        self.outages = Outages(database)
        self._database = database

    @classmethod
    def changes(cls) -> int:
        """How often this process has changed the state of any breaker. Costs nothing."""
        return cls._changes

    def exclusive(self) -> AbstractContextManager[Connection]:
        """A block in which nobody else, in any thread or process, changes the state; it counts as a whole or not."""
        return self._database.write()

    def record(self) -> BreakerRecord:
        """All of it at once."""
        with self._database.read() as connection:
            row = connection.execute(
                "select state, failures, opened_at, pause, failed_trials, trial, trial_until, stopped "
                "from breaker where name = ?",
                (self.name,),
            ).fetchone()
        return BreakerRecord(**dict(row)) if row else _NEW

    def claim_trial(self, trial: str) -> bool:
        """Be the one on trial, of all threads and processes; False where another one is."""
        now = time.time()
        with self._database.write() as connection:
            return (
                connection.execute(
                    "update breaker set trial = ?, trial_until = ? where name = ? and state <> 'closed' and "
                    "(trial is null or trial_until <= ? or trial_until > ?)",
                    (trial, now + TRIAL_LEASE, self.name, now, now + TRIAL_LEASE),
                ).rowcount
                == 1
            )

    def end_trial(self, trial: str) -> bool:
        """The trial is over; False where it took so long that another one has begun."""
        with self._database.write() as connection:
            return (
                connection.execute(
                    "update breaker set trial = null, trial_until = null where name = ? and trial = ?",
                    (self.name, trial),
                ).rowcount
                == 1
            )

    def plan_trial(self, pause: float, failed_trials: int) -> None:
        """Note when the next trial may be.

        :param pause: seconds from when it was opened.
        :param failed_trials: since the outage began.
        """
        self._write("pause = ?, failed_trials = ?", pause, failed_trials)

    def stop(self, why: str | None) -> None:
        """Note why the service denies us access, or None once it does not."""
        self._write("stopped = ?", why)

    # --- pybreaker's interface ------------------------------------------------------------------------------------

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

    @counter.setter
    def counter(self, failures: int) -> None:
        if self.counter != failures:
            self._write("failures = ?", failures)

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
        return row[0] if row else getattr(_NEW, column, 0)

    def _write(self, assignment: str, *values: str | float | None) -> None:
        with self._database.write() as connection:
            # Two at once may count as one: what is asked is whether there was any.
            BreakerStorage._changes += 1
            # The file may be another one than at the start: one that was deleted is made anew.
            connection.execute("insert or ignore into breaker (name, state) values (?, 'closed')", (self.name,))
            connection.execute(f"update breaker set {assignment} where name = ?", (*values, self.name))


def anything_rests(database: Database) -> bool:
    """Whether a circuit is open or access is denied, so that no scene can be synced. One cheap read."""
    with database.read() as connection:
        row = connection.execute(
            "select 1 from breaker where state <> 'closed' or stopped is not null limit 1"
        ).fetchone()
    return row is not None
