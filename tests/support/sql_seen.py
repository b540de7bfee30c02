"""What SQLite is asked for in a block, on all connections of a database."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from plexsync.storage.database import Database
from tests.support.plans import is_postgres

#: What a connection that only reads is told when it is opened.
OPENING = ("pragma query_only=on", "select 1 from sqlite_master limit 1")
#: What is set for the time in which much is written.
PRAGMAS = ("pragma cache_size", "pragma wal_autocheckpoint")


@dataclass
class Counted:
    """What is counted in a block: ``number`` so far."""

    number: int = 0


@contextmanager
def statements_of(database: Database) -> Iterator[list[str]]:
    """The statements of the block, in their order, without what opening a connection takes."""
    said: list[str] = []

    def note(statement: str) -> None:
        if statement not in OPENING and not statement.startswith(PRAGMAS):
            said.append(statement)

    if is_postgres(database):
        with _sent_to_postgres(note):
            yield said
        return
    with _watched(database, lambda connection: connection.set_trace_callback(note)):
        said.clear()
        yield said


@contextmanager
def _sent_to_postgres(note: Callable[[str], object]) -> Iterator[None]:
    """What is sent to PostgreSQL in the block, with the values in it; a transaction begins as SQLite's do."""
    from plexsync.storage.postgres.connection import PostgresSession

    plain, many, begun = PostgresSession.execute, PostgresSession.executemany, PostgresSession.begin

    def begin(self: PostgresSession, opening: Sequence[str], seen: Callable[[Any], object]) -> None:
        note("begin immediate")
        begun(self, opening, seen)

    def execute(self: PostgresSession, sql: str, values: Any = ()) -> Any:
        results = plain(self, sql, values)
        note(results.sql)
        return results

    def executemany(self: PostgresSession, sql: str, rows: Iterable[Any]) -> Any:
        results = None
        for values in rows:
            results = execute(self, sql, values)
        return results or many(self, sql, [])

    PostgresSession.execute, PostgresSession.executemany = execute, executemany  # type: ignore[method-assign,assignment]
    PostgresSession.begin = begin  # type: ignore[method-assign]
    try:
        yield
    finally:
        PostgresSession.execute, PostgresSession.executemany = plain, many  # type: ignore[method-assign]
        PostgresSession.begin = begun  # type: ignore[method-assign]


@contextmanager
def steps_of(database: Database) -> Iterator[Counted]:
    """The instructions of SQLite's machine that the block takes, which do not depend on how busy this one is."""
    steps = Counted()

    def count() -> None:
        steps.number += 1

    with _watched(database, lambda connection: connection.set_progress_handler(count, 1)):
        steps.number = 0
        yield steps


@contextmanager
def cost_of(database: Database) -> Iterator[Counted]:
    """What the block costs, in a measure of the database's own: instructions of SQLite's, or rows PostgreSQL reads."""
    if is_postgres(database):
        from tests.support.rows_read import rows_read_of

        with rows_read_of(database) as counted:
            yield counted
    else:
        with steps_of(database) as counted:
            yield counted


@contextmanager
def _watched(database: Database, watch: Callable[[sqlite3.Connection], object]) -> Iterator[None]:
    """One connection that writes and one that reads are there, and watched, from the beginning of the block."""
    opened = database._plain_connection

    def open_watched() -> sqlite3.Connection:
        connection = opened()
        watch(connection)
        return connection

    database.close()
    database._plain_connection = open_watched  # type: ignore[method-assign]
    try:
        with database.read() as db:
            db.execute("select 1")
        yield
    finally:
        database.close()
        database._plain_connection = opened  # type: ignore[method-assign]


@dataclass
class Transactions:
    """How many were committed in a block, and how many of these were synced to disk."""

    all: int = 0
    durable: int = 0


@contextmanager
def transactions_of(database: Database) -> Iterator[Transactions]:
    """The transactions of the block, each of them one however many joined it."""
    counted = Transactions()
    write = database.write

    @contextmanager
    def counting(*, durable: bool = False) -> Iterator[sqlite3.Connection]:
        joins = database._owner == threading.get_ident() and database._depth
        with write(durable=durable) as connection:
            if not joins:
                counted.all += 1
                counted.durable += durable
            yield connection

    database.write = counting  # type: ignore[method-assign]
    try:
        yield counted
    finally:
        database.write = write  # type: ignore[method-assign]
