"""Runs tests that were written for the SQLite file on a real PostgreSQL: each file's path becomes a schema of its own.

    PLEXSYNC_TEST_POSTGRES=own .venv/bin/python -m pytest tests/integration/ledger

``own`` starts a server for the run; an address (``postgresql://postgres@127.0.0.1/plexsync``) uses that one, in whose
database tests may do anything.

To make the sixty tables of a schema takes a quarter of a second. So schemas are used again: a test gets one with all
tables and nothing in them, and gives it back emptied. One in which a test has made other tables is dropped.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import uuid
import weakref
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from plexsync.http.breaker.schema import STEPS as BREAKER
from plexsync.ledger.schema import STEPS as LEDGER
from plexsync.queue.schema import STEPS as QUEUE
from plexsync.storage import database
from plexsync.storage.postgres.connection import PostgresSession
from plexsync.storage.postgres.database import PostgresDatabase
from tests.support import postgres_server

_ROOMS = {"ledger": LEDGER, "queue": QUEUE, "breaker": BREAKER}
#: What tells how tables are: a schema is used again only where this is as it was.
_SHAPE = """
select md5(string_agg(relname || attname || attisdropped || atttypid, ',' order by relname, attnum)) from pg_class
join pg_attribute on attrelid = pg_class.oid where relnamespace = cast(%s as regnamespace) and attnum > 0
"""


class Pool:
    """Schemas with all tables, and nothing in them.

    :param url: of a database that tests may fill.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = PostgresSession(url, "public")
        self._pid = os.getpid()
        self._free: list[str] = []
        self._made: list[str] = []
        self._shapes: dict[str, str] = {}
        self._tables: list[str] = []
        self._sequences: list[str] = []
        self._names: defaultdict[Path, set[str]] = defaultdict(set)
        self._used: defaultdict[Path, weakref.WeakSet[PostgresDatabase]] = defaultdict(weakref.WeakSet)

    def schema_of(self, path: Path, user: PostgresDatabase) -> str:
        """The schema that stands for the file at this path."""
        note = Path(f"{path}{postgres_server.SUFFIX}")
        is_here = os.getpid() == self._pid
        if note.exists():
            name = note.read_text()
        else:
            with _one_at_a_time(path):
                name = note.read_text() if note.exists() else self._note(path, note, is_here)
        if is_here:
            self._used[path].add(user)
            # The note goes with the test's folder, before the schema is given back.
            self._names[path].add(name)
        return name

    def _note(self, path: Path, note: Path, is_here: bool) -> str:
        note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = self._free.pop() if self._free and is_here else self._new(path)
        # All of it at once, for whoever looks without waiting.
        new = note.with_name(f"{note.name}.{os.getpid()}")
        new.write_text(name)
        new.replace(note)
        return name

    def give_back(self, below: Path) -> None:
        """A test has ended that worked in this folder."""
        paths = [path for path in self._used if path.is_relative_to(below)]
        for path in paths:
            for one in list(self._used.pop(path)):
                one.close()
            Path(f"{path}{postgres_server.SUFFIX}").unlink(missing_ok=True)
        # A file that was moved took its note along: both paths stand for one schema.
        for name in set().union(*(self._names.pop(path) for path in paths)):
            self._take_in(name)

    def close(self) -> None:
        """Drop all of them."""
        for name in self._made:
            self._session.run(f"drop schema if exists {name} cascade")
        self._session.close()

    def _new(self, path: Path) -> str:
        name = f"t{uuid.uuid4().hex[:16]}"
        new = PostgresDatabase(self.url, path, name)
        try:
            for room, steps in _ROOMS.items():
                new.migrate(room, steps)
        finally:
            new.close()
        if os.getpid() == self._pid:
            self._made.append(name)
            self._shapes[name] = self._shape(name)
            if not self._tables:
                self._tables, self._sequences = self._named(name, "r"), self._named(name, "S")
        return name

    def _take_in(self, name: str) -> None:
        if self._shapes.get(name) != self._shape(name):
            self._session.run(f"drop schema if exists {name} cascade")
            return
        # By their whole names: to change where a session looks makes it plan all anew.
        asked = ", ".join(f"exists (select 1 from {name}.{table})" for table in self._tables)
        row = self._session.run(f"select {asked}").fetchone()
        filled = [table for table, is_filled in zip(self._tables, row, strict=True) if is_filled and table != "schema"]
        numbered = ", ".join(f"setval('{name}.{one}', 1, false)" for one in self._sequences)
        rooms = ", ".join(f"('{room}', {len(steps)})" for room, steps in _ROOMS.items())
        orders = [
            *(f"delete from {name}.{table}" for table in filled),
            f"select {numbered}",
            f"delete from {name}.schema",
            f"insert into {name}.schema (room, version) values {rooms}",
        ]
        self._session.run("; ".join(orders))
        self._free.append(name)

    def _shape(self, name: str) -> str:
        return str(self._session.run(_SHAPE, [name]).fetchone()[0])

    def _named(self, name: str, kind: str) -> list[str]:
        rows = self._session.run(
            "select relname from pg_class where relnamespace = cast(%s as regnamespace) and relkind = %s", [name, kind]
        )
        return [str(row[0]) for row in rows]


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    """Of several processes of a test that come to a path first, one makes the schema for all."""
    name = hashlib.sha256(bytes(path)).hexdigest()[:16]
    with Path(os.environ[postgres_server.SHARED], f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


#: Where tests run on PostgreSQL: what they get in place of files.
pool: Pool | None = None


def use_if_asked() -> None:
    """Use PostgreSQL in a process that a test has started, where the test itself does, and it does not yet."""
    if pool is None and (where := os.environ.get(postgres_server.ADDRESS, "")):
        use(where)


def address(where: str) -> str:
    """The address of the server that is meant, as ``use`` is told of it."""
    return postgres_server.shared().url if where == "own" else where


def use(where: str) -> None:
    """From now on, whoever opens a SQLite file gets a schema of PostgreSQL's instead.

    :param where: the server's address, or ``own``.
    :raises NoServer: there is none of our own to be had.
    """

    class InItsPlace(PostgresDatabase):
        def __init__(self, path: Path, timeout: float = database.BUSY_TIMEOUT) -> None:
            super().__init__(here.url, path, here.schema_of(path, self))

    def made(cls: type[database.Database], *_: Any, **__: Any) -> database.Database:
        return object.__new__(InItsPlace if cls is database.Database else cls)

    global pool
    here = pool = Pool(address(where))
    database.Database.__new__ = made  # type: ignore[assignment,method-assign]  # that is the purpose
