"""How many rows PostgreSQL reads for what is asked in a block, by an index or not: as it counts them itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import cast

from plexsync.storage.database import Database
from plexsync.storage.postgres.connection import PostgresSession
from plexsync.storage.postgres.database import PostgresDatabase
from tests.support.sql_seen import Counted

_READ = (
    "select cast(coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0) as bigint) from pg_stat_user_tables "
    "where schemaname = %s"
)
_IS_THERE = "select 1 from pg_stat_activity where pid = any(%s)"


@contextmanager
def rows_read_of(database: Database) -> Iterator[Counted]:
    """The rows that all sessions of a PostgreSQL read in the block.

    What a session has read is there for all to see once it has ended: so the block has sessions of its own.
    """
    here, counted = cast("PostgresDatabase", database), Counted()
    with closing(PostgresSession(here._url, "public")) as asks:
        _end_sessions(here, asks)
        before = asks.run(_READ, [here._space]).fetchone()[0]
        yield counted
        _end_sessions(here, asks)
        counted.number = asks.run(_READ, [here._space]).fetchone()[0] - before


def _end_sessions(database: PostgresDatabase, asks: PostgresSession) -> None:
    sessions = [database._session, *(cast("PostgresSession", one.connection) for one in database._readers._free)]
    pids = [one.pid for one in sessions if one is not None and one.is_open]
    database.close()
    deadline = time.monotonic() + 20
    while pids and asks.run(_IS_THERE, [pids]).fetchone():
        assert time.monotonic() < deadline, "the server does not end a session"
        time.sleep(0.005)
