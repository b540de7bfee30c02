"""Rows, cursors and errors of PostgreSQL in the shape of ``sqlite3``'s, as far as PlexSync uses them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.adapt import Dumper, Loader
from psycopg.cursor import Cursor
from psycopg.pq import Format

from plexsync.storage.faults import ServerFault


class Row(tuple[Any, ...]):
    """One row: a value by its place or its column's name, as in ``sqlite3.Row``."""

    __slots__ = ()
    #: The columns' places by their names; set in a subclass for each result.
    places: dict[str, int]

    def __getitem__(self, key: Any) -> Any:
        """The value, by place, by name, or a slice of them."""
        if isinstance(key, str):
            try:
                return tuple.__getitem__(self, self.places[key])
            except KeyError:
                raise IndexError(f"no column {key!r}") from None
        return tuple.__getitem__(self, key)

    def keys(self) -> list[str]:
        """The names of the columns."""
        return list(self.places)


def make_rows(cursor: Cursor[Any]) -> Any:
    """A row factory for psycopg: makes ``Row``."""
    places = {column.name: place for place, column in enumerate(cursor.description or ())}
    shape = type("Row", (Row,), {"__slots__": (), "places": places})
    return lambda values: tuple.__new__(shape, values)


class BoolAsNumber(Dumper):
    """Sends truth values as 1 and 0: SQLite has no others, so the columns are numbers."""

    format = Format.TEXT

    def dump(self, obj: Any) -> bytes:
        """As a parameter."""
        return b"1" if obj else b"0"

    def quote(self, obj: Any) -> bytes:
        """As it stands in a statement."""
        return self.dump(obj)


class SumAsNumber(Loader):
    """Reads what PostgreSQL gives as a decimal number, a sum for one, as SQLite would give it."""

    format = Format.TEXT

    def load(self, data: Any) -> float:
        """A whole number where it is one."""
        text = bytes(data)
        return float(text) if b"." in text or not text.lstrip(b"-").isdigit() else int(text)


@contextmanager
def named_as_sqlite() -> Iterator[None]:
    """Raises psycopg's errors as those of ``sqlite3`` that say the same: whoever handles them knows one kind.

    :raises sqlite3.Error: as one of psycopg's would have been.
    """
    try:
        yield
    except psycopg.errors.IntegrityError as error:
        raise sqlite3.IntegrityError(one_line(error)) from error
    except psycopg.errors.LockNotAvailable as error:
        busy = sqlite3.OperationalError(f"database is locked: {one_line(error)}")
        busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise busy from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise ServerFault(f"PostgreSQL cannot be used: {one_line(error)}") from error
    except psycopg.Error as error:
        raise sqlite3.DatabaseError(one_line(error)) from error


def one_line(error: psycopg.Error) -> str:
    """What went wrong, in one line. The address in it holds no password: psycopg shows none."""
    return " ".join(str(error).split()) or type(error).__name__


class Results:
    """What a statement gave: as much of ``sqlite3.Cursor`` as PlexSync uses.

    :param cursor: psycopg's.
    :param last_id: asks for the number that the last new row was given.
    """

    def __init__(self, cursor: Cursor[Any], last_id: Any) -> None:
        self._cursor = cursor
        self._last_id = last_id

    @property
    def rowcount(self) -> int:
        """How many rows the statement changed."""
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int:
        """The number that the last new row was given. To be asked before the next statement."""
        return int(self._last_id())

    def fetchone(self) -> Any:
        """The next row; None after the last one."""
        if self._cursor.description is None:
            return None
        with named_as_sqlite():
            return self._cursor.fetchone()

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        if self._cursor.description is None:
            return []
        with named_as_sqlite():
            return self._cursor.fetchall()

    def __iter__(self) -> Iterator[Any]:
        """The rows, one by one."""
        return iter(self.fetchall())


def values_of(values: Any) -> Any:
    """The values of a statement as psycopg takes them: by place as a list, or by name.

    SQLite's numbered places (``?1``) are names here.
    """
    if isinstance(values, dict):
        return values
    found: Sequence[Any] = list(values)
    return found
