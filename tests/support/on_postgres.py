"""Runs tests that were written for the SQLite file on a real PostgreSQL: each file's path becomes a schema of its own.

PLEXSYNC_TEST_POSTGRES=postgresql://postgres@127.0.0.1/plexsync python -m pytest tests/integration/ledger
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from plexsync.storage import database
from plexsync.storage.postgres.connection import Connection
from plexsync.storage.postgres.database import PostgresDatabase

#: The environment variable with the server's address.
ADDRESS = "PLEXSYNC_TEST_POSTGRES"


def use(url: str) -> None:
    """From now on, whoever opens a SQLite file gets a schema of PostgreSQL's instead.

    :param url: of a database that tests may fill.
    """

    class InItsPlace(PostgresDatabase):
        def __init__(self, path: Path, timeout: float = database.BUSY_TIMEOUT) -> None:
            space = "t" + hashlib.sha1(str(path).encode()).hexdigest()[:16]
            super().__init__(url, path, space)

    def made(cls: type[database.Database], *_: Any, **__: Any) -> database.Database:
        return object.__new__(InItsPlace if cls is database.Database else cls)

    database.Database.__new__ = made  # type: ignore[assignment,method-assign]  # that is the purpose


def forget_all(url: str) -> None:
    """Drop the schemas that tests have left."""
    session = Connection(url, "public")
    rows = session.run("select nspname from pg_namespace where nspname ~ '^t[0-9a-f]{16}$'").fetchall()
    for row in rows:
        session.run(f"drop schema {row[0]} cascade")
    session.close()
