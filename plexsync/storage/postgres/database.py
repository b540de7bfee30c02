"""PostgreSQL in place of the SQLite file: transactions, migrations, and word of what others have committed."""

from __future__ import annotations

import os
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from plexsync.storage.database import Database, DatabaseTooNew, statements
from plexsync.storage.postgres.connection import Connection

#: The schema that holds PlexSync's tables, and the channel on which commits are told.
SPACE, CHANNEL = "plexsync", "plexsync"
#: A function of the database that SQLite is given by Python.
_HOLDS = """
create or replace function holds(text, text) returns boolean immutable language sql
as $$ select $1 is not null and strpos(lower($1), lower($2)) > 0 $$
"""


class PostgresDatabase(Database):
    """The tables in a schema of a PostgreSQL database, for all processes and machines that share it.

    As of the SQLite file, one transaction at a time writes: an advisory lock stands for SQLite's write lock. One
    session is for all threads of a process, under one lock; after a fork the child opens one of its own.

    :param url: ``postgresql://user:password@host:port/database``.
    :param path: where the SQLite file would be: its folder is the data folder.
    :param space: the schema of the tables.
    """

    def __init__(self, url: str, path: Path, space: str = SPACE) -> None:
        super().__init__(path)
        self._url = url
        self._space = space
        #: The number by which the server knows the lock on writing, and that on being the consumer.
        self.write_lock, self.leader_lock = (zlib.crc32(f"{space}:{what}".encode()) for what in ("write", "lead"))
        self._session: Connection | None = None
        self._heard = 0
        #: Called when the session ends under this process: what only it may do, others may do from now on.
        self.on_lost: Callable[[], object] = lambda: None
        self._guard = threading.RLock()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """The session, for reading, while no other thread uses it."""
        with self._guard:
            yield cast("sqlite3.Connection", self._current())

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """One write transaction; see ``Database.write``.

        :raises sqlite3.Error: it could not be committed.
        """
        with self._guard:
            session = self._current()
            shown = cast("sqlite3.Connection", session)
            if self._depth:
                if durable and not self._durable:
                    raise RuntimeError("a durable write cannot join a transaction that is not durable")
                yield shown
                return
            self._durable = durable
            wait = "on" if durable else "off"
            session.run(
                f"begin; set local synchronous_commit = {wait}; select pg_advisory_xact_lock({self.write_lock})"
            )
            self._depth += 1
            try:
                yield shown
            except BaseException:
                self._undo(session)
                raise
            else:
                session.run(f"notify {CHANNEL}, '{os.getpid()}-{id(self)}'; commit")
            finally:
                self._depth -= 1

    def data_version(self) -> int:
        """A number that changes when another session has committed."""
        with self._guard:
            session = self._current()
            session.run("select 1")
            own = f"{os.getpid()}-{id(self)}"
            self._heard += sum(said != own for said in session.notifications(0))
            return self._heard

    def migrate(self, room: str, steps: Sequence[str]) -> None:
        """Bring one room's tables up to date; see ``Database.migrate``."""
        self._rooms[room] = steps
        with self._guard:
            session = self._current()
            if self._version(session, room) == len(steps):
                return
            with self.write(durable=True):
                version = self._version(session, room)
                if version > len(steps):
                    raise DatabaseTooNew(
                        f"the database was written by a newer PlexSync ({room} version {version}; this one knows "
                        f"{len(steps)}): update the plugin"
                    )
                for step in steps[version:]:
                    for one in statements(step):
                        session.make(one)
                session.execute("insert or replace into schema (room, version) values (?, ?)", (room, len(steps)))

    def check(self) -> None:
        """The server looks after its files itself."""

    def close(self) -> None:
        """End the session; the next use opens a new one."""
        with self._guard:
            session, self._session = self._session, None
            if session is not None and self._pid == os.getpid():
                session.close()

    def is_same_file(self) -> bool:
        """There is no file that could be replaced."""
        return True

    def lead(self) -> bool:
        """Be the one consumer of this database from now on, for as long as the session lasts; whether that is so.

        :raises sqlite3.Error: the server cannot be asked.
        """
        with self._guard:
            return bool(self._current().run(f"select pg_try_advisory_lock({self.leader_lock})").fetchone()[0])

    @property
    def session(self) -> Connection:
        """The session itself.

        :raises sqlite3.OperationalError: there is none to be had.
        """
        return self._current()

    def new_session(self) -> Connection:
        """Another one, for a thread that waits for word of others' commits.

        :raises sqlite3.OperationalError: there is none to be had.
        """
        return Connection(self._url, self._space)

    def _current(self) -> Connection:
        if self._session is not None and self._pid == os.getpid() and self._session.is_open:
            return self._session
        was_there = self._session is not None and self._pid == os.getpid()
        if self._depth and was_there:
            raise sqlite3.OperationalError("the session with PostgreSQL ended in the middle of a transaction")
        self._session, self._depth = None, 0
        if was_there:
            self.on_lost()
        self._session, self._pid = self._opened(), os.getpid()
        return self._session

    def _opened(self) -> Connection:
        session = Connection(self._url, self._space)
        try:
            session.run(f"listen {CHANNEL}")
            if not session.run("select to_regclass('schema')").fetchone()[0]:
                self._make_space(session)
        except BaseException:
            session.close()
            raise
        return session

    def _make_space(self, session: Connection) -> None:
        session.run(f"begin; select pg_advisory_xact_lock({self.write_lock})")
        try:
            session.run(f"create schema if not exists {self._space}")
            session.run(
                'create table if not exists schema (room text collate "C" primary key, version bigint not null)'
            )
            session.run(_HOLDS)
            session.run("commit")
        except BaseException:
            self._undo(session)
            raise

    @staticmethod
    def _version(session: Connection, room: str) -> int:
        row = session.execute("select version from schema where room = ?", (room,)).fetchone()
        return int(row[0]) if row else 0

    @staticmethod
    def _undo(session: Connection) -> None:
        if session.is_open and session.in_transaction:
            session.run("rollback")
