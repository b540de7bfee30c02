"""Rows, cursors and errors of PostgreSQL in the shape of ``sqlite3``'s, as far as PlexSync uses them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.adapt import Dumper, Loader
from psycopg.cursor import Cursor
from psycopg.pq import Format
from psycopg.types.string import StrDumperUnknown

from plexsync.storage.faults import LeadLost, ServerFault

#: What the server says where a process that led writes, and leads no more.
LEAD_IS_LOST = "PX001"


class ReadRow(tuple[Any, ...]):
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


@lru_cache(maxsize=2000)
def _shape_of(names: tuple[bytes, ...]) -> type[ReadRow]:
    return type(
        "ReadRow", (ReadRow,), {"__slots__": (), "places": {name.decode(): place for place, name in enumerate(names)}}
    )


def make_rows(cursor: Any) -> Any:
    """A row factory for psycopg: makes ``ReadRow``."""
    found = cursor.pgresult
    count = found.nfields if found is not None else 0
    if found is None or not count:
        return tuple
    shape, new = _shape_of(tuple(found.fname(place) or b"" for place in range(count))), tuple.__new__
    return lambda values: new(shape, values)


class BoolAsNumber(Dumper):
    """Sends truth values as 1 and 0: SQLite has no others, so the columns are numbers."""

    format = Format.TEXT

    def dump(self, obj: Any) -> bytes:
        """As a parameter."""
        return b"1" if obj else b"0"

    def quote(self, obj: Any) -> bytes:
        """As it stands in a statement."""
        return self.dump(obj)


class StorableText(StrDumperUnknown):
    """Sends texts without the one letter that PostgreSQL has not, and SQLite has."""

    def dump(self, obj: str) -> Any:
        """As a parameter."""
        return super().dump(obj.replace("\0", "\N{REPLACEMENT CHARACTER}") if "\0" in obj else obj)


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
    except (psycopg.DataError, psycopg.errors.ProgramLimitExceeded) as error:
        # Not the server's trouble: it will never take this.
        raise sqlite3.DataError(f"PostgreSQL cannot store it: {one_line(error)}") from error
    except psycopg.errors.LockNotAvailable as error:
        busy = sqlite3.OperationalError(f"database is locked: {one_line(error)}")
        busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise busy from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise ServerFault(f"PostgreSQL cannot be used: {one_line(error)}") from error
    except psycopg.Error as error:
        if error.sqlstate == LEAD_IS_LOST:
            raise LeadLost("another consumer leads now: this one may write nothing any more") from error
        raise sqlite3.DatabaseError(one_line(error)) from error


def one_line(error: psycopg.Error) -> str:
    """What went wrong, in one line. The address in it holds no password: psycopg shows none."""
    return " ".join(str(error).split()) or type(error).__name__


class Results:
    """What a statement gave: as much of ``sqlite3.Cursor`` as PlexSync uses.

    One that gives no rows is sent with the next one that does, or at the end of the transaction, unless it is asked
    what came of it: the way to the server and back takes longer than most statements.

    :param sql: the statement, with its values; of several the last.
    :param send: sends what has not been sent yet.
    :param last_id: asks for the number that the last new row was given.
    """

    __slots__ = ("_at", "_count", "_last_id", "_rows", "_send", "is_sent", "sql")

    def __init__(self, sql: str, send: Callable[[], object], last_id: Callable[[], int]) -> None:
        self.sql = sql
        self.is_sent = False
        self._send = send
        self._last_id = last_id
        self._rows: list[Any] = []
        self._at = 0
        self._count = 0

    def take(self, cursor: Cursor[Any]) -> None:
        """Take what the server said to it, or to one of several."""
        self._count += max(0, cursor.rowcount)
        if (found := cursor.pgresult) is not None and found.nfields:
            self._rows += cursor.fetchall()

    @property
    def rowcount(self) -> int:
        """How many rows the statement changed, or all of several."""
        self._be_sent()
        return self._count

    @property
    def lastrowid(self) -> int:
        """The number that the last new row was given. To be asked before the next statement."""
        self._be_sent()
        return self._last_id()

    def fetchone(self) -> Any:
        """The next row; None after the last one."""
        self._be_sent()
        if self._at >= len(self._rows):
            return None
        self._at += 1
        return self._rows[self._at - 1]

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        self._be_sent()
        rows, self._at = self._rows[self._at :] if self._at else self._rows, len(self._rows)
        return rows

    def __iter__(self) -> Iterator[Any]:
        """The rows, one by one."""
        return iter(self.fetchall())

    def _be_sent(self) -> None:
        if not self.is_sent:
            self._send()


def values_of(values: Any) -> Any:
    """The values of a statement as psycopg takes them: by place as a list, or by name.

    SQLite's numbered places (``?1``) are names here.
    """
    if isinstance(values, dict):
        return values
    found: Sequence[Any] = list(values)
    return found
