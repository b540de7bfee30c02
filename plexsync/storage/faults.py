"""What an error of SQLite's says: that the file is damaged, or locked by another."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

#: SQLite's primary result codes for a file that is damaged, or is no database at all.
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class ServerFault(sqlite3.OperationalError):
    """A database server cannot be reached, or ended the session. The text says which, and what to do."""


class LeadLost(ServerFault):
    """This process was the one consumer of the database, and is no longer: it may write nothing any more."""


def damage(path: Path) -> str | None:
    """What is wrong with a file, as it is on the disk; None where nothing is, or where it cannot be told now.

    Reads all of it once.
    """
    try:
        with closing(sqlite3.connect(path)) as connection:
            answer = str(connection.execute("pragma quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        # Locked, or no room: whoever uses it will tell of that.
        return str(error) if is_damage(error) else None
    return None if answer == "ok" else answer


def is_damage(error: BaseException) -> bool:
    """Whether an error of SQLite's says that the file is damaged."""
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def is_locked(error: BaseException) -> bool:
    """Whether an error of SQLite's says that another connection keeps the file locked."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return isinstance(error, sqlite3.Error) and code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def damaged(fault: str) -> sqlite3.DatabaseError:
    """The error that says so of a file.

    :param fault: what is wrong with it.
    """
    error = sqlite3.DatabaseError(fault)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error
