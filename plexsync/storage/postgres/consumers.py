"""The consumers of one database as they tell of themselves: which there are, since when, and which one leads."""

from __future__ import annotations

import os
import socket
import time
import uuid

from plexsync.storage.cluster import ClusterConsumer
from plexsync.storage.postgres.connection import PostgresSession

#: Seconds between two signs of life, and after which one that gave none is gone.
EVERY, GONE_AFTER = 5.0, 30.0
#: Seconds for which it is known that there was such a consumer.
KEPT = 24 * 3600.0
#: Makes the table. Times are seconds since 1970 by the server's clock; ``session`` is the server's number of it.
CONSUMERS = """
create table if not exists consumer (
    id text primary key,
    host text not null,
    pid bigint not null,
    session bigint not null,
    leads boolean not null,
    since double precision not null,
    seen_at double precision not null
)"""
_NOW = "extract(epoch from clock_timestamp())::double precision"


class SignOfLife:
    """What this process says of itself.

    :param host: the machine's name.
    """

    def __init__(self, host: str | None = None) -> None:
        self._id = uuid.uuid4().hex
        self._due_at = 0.0
        self._host = (host or socket.gethostname())[:200]

    def give_if_due(self, session: PostgresSession, *, leading: int, leads: bool) -> None:
        """As ``give``, every few seconds."""
        if (now := time.monotonic()) >= self._due_at:
            self._due_at = now + EVERY
            self.give(session, leading=leading, leads=leads)

    def give(self, session: PostgresSession, *, leading: int, leads: bool) -> None:
        """Say that this process is there.

        :param leading: the number of the session that it leads by, or would.
        :raises sqlite3.Error: it cannot be said.
        """
        session.run(
            "insert into consumer (id, host, pid, session, leads, since, seen_at) "
            f"values (%s, %s, %s, %s, %s = 1, {_NOW}, {_NOW}) on conflict (id) do update set "
            "since = case when consumer.leads = excluded.leads then consumer.since else excluded.since end, "
            "session = excluded.session, leads = excluded.leads, seen_at = excluded.seen_at",
            [self._id, self._host, os.getpid(), leading, int(leads)],
        )
        if leads:
            # Nobody else does, whatever he believed last.
            session.run("update consumer set leads = false where leads and id <> %s", [self._id])
        session.run(f"delete from consumer where seen_at < {_NOW} - {KEPT}")


def consumers(session: PostgresSession) -> list[ClusterConsumer]:
    """Those that were there lately, who leads first.

    :raises sqlite3.Error: they cannot be asked for.
    """
    # One that was killed has ended its session, and gave its last sign a moment ago.
    rows = session.run(
        f"select host, pid, session, leads, since, seen_at, seen_at > {_NOW} - {GONE_AFTER} and exists "
        "(select 1 from pg_stat_activity where pg_stat_activity.pid = consumer.session) "
        "from consumer order by leads desc, seen_at desc limit 50"
    ).fetchall()
    return [ClusterConsumer(*row) for row in rows]


def end_silent(session: PostgresSession, lead_lock: int) -> None:
    """End the session of a leader whose process does nothing any more, though its machine answers.

    :param lead_lock: the number of the lock that it holds.
    :raises sqlite3.Error: the server cannot be asked.
    """
    session.run(
        "select pg_terminate_backend(pg_locks.pid) from pg_locks join consumer on consumer.session = pg_locks.pid "
        "where locktype = 'advisory' and granted and objid::bigint = %s and classid::bigint = %s and consumer.leads "
        f"and seen_at < {_NOW} - {GONE_AFTER}",
        [lead_lock & 0xFFFFFFFF, lead_lock >> 32],
    )
