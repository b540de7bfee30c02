"""Carries everything from the SQLite file to PostgreSQL, or back: batch by batch, and on where it was stopped.

What was carried and how far is noted with the rows themselves, in one transaction: nothing is lost or doubled, whenever
it is killed. It is carried to a place of its own, which takes its name once all tables have been compared: until then
nobody can take it for the database. The source is only read.

A row is the same on both sides but for its number where it has no key of its own: those keep it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, Protocol

from plexsync.errors import PermanentError
from plexsync.imports.late_dataclass import dataclass
from plexsync.storage.database import Database
from plexsync.storage.migrations import statements

#: Rows that are read, written and noted at a time; and values in one statement at most.
ROWS, VALUES = 2000, 900
#: Where it is noted how far each table is carried.
_NOTE = """
create table if not exists moving (
    name text primary key,
    position text,
    carried integer not null
)"""
#: A table of words is made of others, and its rows have no key but their numbers.
_WORDS = "item_words"
_ROOMS_TABLE = "schema"

#: Told how many rows of how many are done, and of what.
Tell = Callable[[str, int, int], object]


class NotMoved(PermanentError):
    """It could not be carried over. The source is as it was; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """What is carried of a table: the columns, what each holds, and those by which its rows are in order."""

    name: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    key: tuple[str, ...]
    #: Whether numbers are never given twice.
    counts_on: bool


@dataclass(frozen=True, slots=True)
class Stand:
    """What a table holds: how many rows, and a digest of all of them in their order."""

    rows: int
    digest: str


class MovedFrom(Protocol):
    """Where it is read from."""

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """What a statement of SQLite's gives.

        :raises sqlite3.Error: it cannot be read.
        """


class OfDatabase:
    """Reads from an open database.

    :param database: read only.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """See ``MovedFrom``."""
        with self._database.read() as db:
            return [tuple(row) for row in db.execute(sql, values)]


class OfFile:
    """Reads from a SQLite file without ever writing to it, whatever its texts are made of.

    :param connection: opened for reading only.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        self._connection = connection

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """See ``MovedFrom``."""
        return [tuple(row) for row in self._connection.execute(sql, values)]


def tables_of(rooms: Mapping[str, Sequence[str]]) -> list[Table]:
    """The tables of all rooms, by name.

    :param rooms: the steps that make them, by room; see ``Database.migrate``.
    """
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        for step in (one for steps in rooms.values() for one in steps):
            for statement in statements(step):
                made.execute(statement)
        rows = made.execute("select name, sql from sqlite_schema where type = 'table' order by name").fetchall()
        plain = [(name, sql) for name, sql in rows if not name.startswith(("sqlite_", f"{_WORDS}_"))]
        return [_table(made, name, sql) for name, sql in plain if "using fts5vocab" not in sql]


def check_source(source: MovedFrom, rooms: Mapping[str, Sequence[str]], place: str) -> None:
    """See whether it holds what this program knows.

    :raises NotMoved: it is empty, older or newer.
    """
    try:
        versions = dict(source.rows(f"select room, version from {_ROOMS_TABLE}"))
    except sqlite3.Error as error:
        raise NotMoved(f"{place} holds no data of PlexSync's: {error}") from None
    for room, steps in rooms.items():
        version = int(versions.get(room, 0))
        if version > len(steps):
            raise NotMoved(f"{place} was written by a newer PlexSync: update the plugin first")
        if version < len(steps):
            raise NotMoved(
                f"{place} was written by an older PlexSync, or never used: start the consumer on it once, which brings "
                "it up to date; stop it, and try again"
            )


def carry(
    source: MovedFrom,
    target: Database,
    tables: Sequence[Table],
    count_on: Callable[[str, str, int], object],
    tell: Tell,
) -> dict[str, Stand]:
    """Carry all rows over, and compare both sides; where it was stopped it goes on.

    :param target: with the tables of all rooms.
    :param count_on: has the numbers of a table's new rows, in that column, be greater than one.
    :param tell: told how far it is.
    :returns: what each table holds, on both sides.
    :raises NotMoved: a row cannot be carried, or what is there differs each time it is compared.
    :raises sqlite3.Error: one of the two cannot be used; to be tried again.
    """
    with target.write(durable=True) as db:
        db.execute(_NOTE)
    counts = {table.name: int(source.rows(f"select count(*) from {table.name}")[0][0]) for table in tables}
    total = sum(counts.values())
    done = 0
    for table in tables:
        for carried in _carried(source, target, table):
            tell("Copying", done + carried, total)
        done += counts[table.name]
    for _ in range(3):
        stands, different = _compared(source, target, tables, total, tell)
        if not different:
            _carry_numbers(source, tables, count_on)
            return stands
        # Somebody has written to the source since: those tables once more, from their beginning.
        for table in different:
            with target.write() as db:
                db.execute(f"delete from {table.name}")
                db.execute("delete from moving where name = ?", (table.name,))
            for _carried_rows in _carried(source, target, table):
                pass
    names = ", ".join(table.name for table in different)
    raise NotMoved(f"{names}: the two sides differ each time they are compared. Does anybody still use the source?")


# --- One table -------------------------------------------------------------------------------------------------------


def _table(made: sqlite3.Connection, name: str, sql: str) -> Table:
    rows = made.execute(f"pragma table_info({name})").fetchall()
    columns = [row[1] for row in rows]
    kinds = [row[2].lower() or "text" for row in rows]
    key = [row[1] for row in sorted((row for row in rows if row[5]), key=lambda row: row[5])]
    if not key:
        columns, kinds, key = ["rowid", *columns], ["integer", *kinds], ["rowid"]
    return Table(name, tuple(columns), tuple(kinds), tuple(key), "autoincrement" in sql)


def _carried(source: MovedFrom, target: Database, table: Table) -> Iterator[int]:
    """Carry what is missing of a table; yields how many rows there are by now after each batch."""
    with target.read() as db:
        row = db.execute("select position, carried from moving where name = ?", (table.name,)).fetchone()
    after, count = (None, 0) if row is None else (json.loads(row[0]), int(row[1]))
    for rows in _batches(source, table, after):
        count += len(rows)
        position = json.dumps([rows[-1][table.columns.index(one)] for one in table.key])
        with target.write() as db:
            _add(db, table, rows)
            db.execute("insert or replace into moving (name, position, carried) values (?, ?, ?)",
                       (table.name, position, count))  # fmt: skip
        yield count


def _add(db: sqlite3.Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    width = len(table.columns)
    portion = max(1, VALUES // width)
    for at in range(0, len(rows), portion):
        some = rows[at : at + portion]
        places = ", ".join([f"({', '.join('?' * width)})"] * len(some))
        db.execute(
            f"insert into {table.name} ({', '.join(table.columns)}) values {places}",
            [value for row in some for value in row],
        )


def _batches(source: MovedFrom, table: Table, after: Sequence[Any] | None = None) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a table in their order, each value as it is on both sides."""
    columns, key = ", ".join(table.columns), ", ".join(table.key)
    marks = ", ".join("?" * len(table.key))
    # In SQLite's words one number is compared by itself: so the table of words knows where to begin.
    behind = f"where {key} > ?" if len(table.key) == 1 else f"where ({key}) > ({marks})"
    position = after
    while True:
        where = "" if position is None else behind
        rows = source.rows(
            f"select {columns} from {table.name} {where} order by {key} limit ?", [*(position or ()), ROWS]
        )
        if not rows:
            return
        position = [rows[-1][table.columns.index(one)] for one in table.key]
        yield [_as_on_both(table, row) for row in rows]
        if len(rows) < ROWS:
            return


def _as_on_both(table: Table, row: Sequence[Any]) -> tuple[Any, ...]:
    """A row as both sides have it. SQLite takes anything for a column; what does not fit was never written by us.

    :raises NotMoved: a value cannot be in PostgreSQL.
    """
    try:
        return tuple(map(_same, table.kinds, row))
    except (ValueError, TypeError):
        which = ", ".join(f"{one} {row[table.columns.index(one)]!r}" for one in table.key)
        raise NotMoved(
            f"table {table.name}, {which}: something stands there that PlexSync never writes, and PostgreSQL has no "
            "place for; remove that row, or restore a backup"
        ) from None


def _same(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "integer":
        return int(value)
    if kind == "real":
        return float(value)
    if kind == "blob":
        return value.encode() if isinstance(value, str) else bytes(value)
    text = bytes(value).decode("utf-8", "replace") if isinstance(value, (bytes, memoryview)) else str(value)
    # The one letter that PostgreSQL has not.
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


# --- Both sides ------------------------------------------------------------------------------------------------------


def _compared(
    source: MovedFrom, target: Database, tables: Sequence[Table], total: int, tell: Tell
) -> tuple[dict[str, Stand], list[Table]]:
    """What each table holds, and those that differ."""
    there, stands, different = OfDatabase(target), {}, []
    done = 0
    for table in tables:

        def note(rows: int) -> None:
            nonlocal done
            done += rows
            tell("Comparing", done, 2 * total)

        stands[table.name] = _stand(source, table, note)
        if _stand(there, table, note) != stands[table.name]:
            different.append(table)
    return stands, different


def _stand(source: MovedFrom, table: Table, note: Callable[[int], object]) -> Stand:
    digest, count = hashlib.blake2b(digest_size=16), 0
    for rows in _batches(source, table):
        for row in rows:
            digest.update(repr(row).encode("utf-8", "surrogatepass"))
        count += len(rows)
        note(len(rows))
    return Stand(count, digest.hexdigest())


def _carry_numbers(source: MovedFrom, tables: Sequence[Table], count_on: Callable[[str, str, int], object]) -> None:
    """New rows get numbers that none ever had: greater than all there are, or ever were where that matters."""
    for table in tables:
        (first, *more) = table.key
        if more or table.name == _WORDS or table.kinds[table.columns.index(first)] != "integer":
            continue
        highest = int(source.rows(f"select max({first}) from {table.name}")[0][0] or 0)
        count_on(table.name, first, max(highest, _last_number(source, table) if table.counts_on else 0))


def _last_number(source: MovedFrom, table: Table) -> int:
    if isinstance(source, OfFile):
        rows = source.rows("select seq from sqlite_sequence where name = ?", (table.name,))
    else:
        rows = source.rows(
            "select last_value from pg_sequences where cast(schemaname || '.' || sequencename as regclass) = "
            "cast(pg_get_serial_sequence(?, ?) as regclass) and last_value > 0",
            (table.name, table.key[0]),
        )
    return int(rows[0][0]) if rows else 0
