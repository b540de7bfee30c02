"""Opens the database that the settings name: the SQLite file in the data folder, or a PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path

from plexsync.errors import PermanentError
from plexsync.redaction import redact
from plexsync.storage.database import DATABASE_NAME, Database

#: The file of requirements that PostgreSQL takes.
REQUIREMENTS = "requirements-postgres.txt"

_opened: dict[tuple[Path, str | None], Database] = {}


def open_database(folder: Path, url: str | None = None) -> Database:
    """The database of a data folder. A file is made where it is missing; nothing is connected to yet.

    :param folder: the data folder.
    :param url: of a PostgreSQL, as ``PLEXSYNC_DATABASE_URL`` has it; None for the file in the folder.
    :raises PermanentError: what PostgreSQL takes is not installed.
    """
    path = folder / DATABASE_NAME
    if url is None:
        return Database(path)
    from plexsync.configuration.database_url import secrets_in

    redact.learn(*secrets_in(url))
    try:
        # Who has a file alone neither has nor waits for what this imports.
        from plexsync.storage.postgres.database import PostgresDatabase
    except ImportError as error:
        raise PermanentError(
            f"PLEXSYNC_DATABASE_URL names a PostgreSQL, and what that takes is not installed ({error}): type "
            f"./huey_consumer.sh --setup {REQUIREMENTS} (or pip install -r {REQUIREMENTS}), or leave the setting out"
        ) from None
    return PostgresDatabase(url, path)


def looked_at(
    folder: Path, url: str | None = None, patience: float = 0.2
) -> Callable[[], AbstractContextManager[sqlite3.Connection]]:
    """Gives connections that only read, beside all that the process has: who looks may be in the midst of a write.

    No file is made where there is none. The parameters and what is raised are those of ``open_database``.

    :param patience: seconds to wait for whoever has locked the file.
    :returns: called, a connection for one look. What it raises is a ``sqlite3.Error``.
    """
    if url is not None:
        return open_database(folder, url).read
    uri = f"{(folder / DATABASE_NAME).resolve().as_uri()}?mode=ro"
    return lambda: closing(sqlite3.connect(uri, uri=True, timeout=patience))


def of_process(folder: Path, url: str | None = None) -> Database:
    """The one that everything in this process shares: who leads does so by its session.

    The parameters and what is raised are those of ``open_database``.
    """
    known = folder / DATABASE_NAME, url
    if known not in _opened:
        _opened[known] = open_database(folder, url)
    return _opened[known]


def close_all() -> None:
    """Close what ``of_process`` has opened, as a process does that ends."""
    for database in _opened.values():
        database.close()
