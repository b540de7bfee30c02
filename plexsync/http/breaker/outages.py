"""Outages of Plex and Stash: from the opening of a breaker to its closing, with the cause."""

from __future__ import annotations

import sqlite3
import time

from plexsync.http.breaker.schema import STEPS
from plexsync.imports.late_dataclass import dataclass
from plexsync.storage.database import Database

#: Outages kept, of both services together: the newest.
KEPT = 500
#: Characters of a cause that are kept.
CAUSE_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Outage:
    """One outage of ``Plex`` or ``Stash``; times in epoch seconds, ``ended_at`` is None while it lasts."""

    service: str
    started_at: float
    ended_at: float | None
    cause: str


@dataclass(frozen=True, slots=True)
class OutageFigures:
    """How many outages began in a span, and the mean length in seconds of those kept that ended (None without any)."""

    count: int
    mean_time_to_recover: float | None


class Outages:
    """Reads and writes the outages.

    :param database: the file; its tables are made here.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        database.migrate("breaker", STEPS)

    def begin(self, service: str, cause: str) -> None:
        """An outage begins, unless the service has one already."""
        with self._database.write() as db:
            if _current(db, service) is not None:
                return
            db.execute(
                "insert into outage (service, started_at, cause) values (?, ?, ?)",
                (service, time.time(), cause[:CAUSE_LIMIT]),
            )
            db.execute("delete from outage where id <= (select max(id) from outage) - ?", (KEPT,))

    def end(self, service: str) -> float | None:
        """The service's outage is over.

        :returns: how long it lasted, in seconds; None where none was known.
        """
        with self._database.write() as db:
            row = _current(db, service)
            if row is None:
                return None
            # A clock that was set back must not make an outage of less than no time.
            ended = max(time.time(), row["started_at"])
            db.execute("update outage set ended_at = ? where service = ? and ended_at is null", (ended, service))
            return float(ended - row["started_at"])

    def current(self, service: str) -> Outage | None:
        """The outage that lasts, or None."""
        with self._database.read() as db:
            row = _current(db, service)
        return _outage(row) if row else None

    def newest(self, limit: int = KEPT) -> list[Outage]:
        """The outages, newest first."""
        with self._database.read() as db:
            rows = db.execute("select * from outage order by id desc limit ?", (limit,)).fetchall()
        return [_outage(row) for row in rows]

    def within(self, since: float, until: float) -> tuple[int, float]:
        """How many outages there were between two moments (epoch seconds), and how many of its seconds they took.

        Those of Plex and of Stash count each.
        """
        with self._database.read() as db:
            count, seconds = db.execute(
                "select count(*), coalesce(sum(max(0, min(coalesce(ended_at, ?2), ?2) - max(started_at, ?1))), 0) "
                "from outage where started_at < ?2 and coalesce(ended_at, ?2) > ?1",
                (since, until),
            ).fetchone()
        return int(count), float(seconds)

    def figures(self, seconds: float) -> OutageFigures:
        """How often, and for how long.

        :param seconds: the span in which outages are counted, until now.
        """
        with self._database.read() as db:
            count, mean = db.execute(
                "select count(*) filter (where started_at >= ?), avg(ended_at - started_at) from outage",
                (time.time() - seconds,),
            ).fetchone()
        return OutageFigures(int(count), None if mean is None else float(mean))


def _current(db: sqlite3.Connection, service: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = db.execute(
        "select * from outage where service = ? and ended_at is null order by id limit 1", (service,)
    ).fetchone()
    return row


def _outage(row: sqlite3.Row) -> Outage:
    return Outage(row["service"], row["started_at"], row["ended_at"], row["cause"])
