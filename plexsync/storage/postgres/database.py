"""PostgreSQL in place of the SQLite file: transactions, migrations, who leads, and word of what others have committed.

As of the SQLite file, one transaction at a time writes: an advisory lock stands for SQLite's write lock. One session of
a process writes, for all its threads; beside it a few only read, and wait for nobody.

Of several consumers one leads: it holds another advisory lock by the very session that it writes with. So one whose
session has ended cannot write any more, whether it knows of that or not. What else it may have open, as its worker
processes have, is told apart by a number that grows with each new leader, and that each transaction looks at.
"""

from __future__ import annotations

import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from os import getpid
from pathlib import Path
from typing import Any, cast

from plexsync.configuration.database_url import shown
from plexsync.storage.cluster import ClusterConsumer
from plexsync.storage.database import Database
from plexsync.storage.faults import LeadLost
from plexsync.storage.migrations import DatabaseTooNew, statements
from plexsync.storage.postgres import folding
from plexsync.storage.postgres.connection import PostgresSession
from plexsync.storage.postgres.consumers import CONSUMERS, SignOfLife, consumers, end_silent
from plexsync.storage.postgres.rows import LEAD_IS_LOST
from plexsync.storage.postgres.watch import Watch

#: The schema that holds PlexSync's tables, and the channel on which commits are told.
SPACE = "plexsync"
#: A function that SQLite is given by Python: whether a text holds another one, whose case is folded.
_HOLDS = """
create or replace function holds(text, text) returns boolean immutable language sql
as $$ select $1 is not null and strpos(folded($1), $2) > 0 $$
"""
#: Capitals of all scripts are known to one collation, whatever the database's own is.
_ALL_LETTERS = "und-x-icu"
#: What is PostgreSQL's own besides: who leads.
_OWN = (
    'create table if not exists schema (room text collate "C" primary key, version bigint not null)',
    "create table if not exists lead (id bigint primary key default 1 check (id = 1), epoch bigint not null)",
    "insert into lead (epoch) values (0) on conflict do nothing",
    f"""
create or replace function still_leads(bigint) returns boolean language plpgsql as $$
begin
    if (select epoch from lead) <> $1 then
        raise exception 'another consumer leads now' using errcode = '{LEAD_IS_LOST}';
    end if;
    return true;
end $$
""",
    CONSUMERS,
)

_NOW = "extract(epoch from clock_timestamp())::double precision"


class PostgresDatabase(Database):
    """The tables in a schema of a PostgreSQL database, for all processes and machines that share it.

    Safe to share between threads; after a fork the child opens sessions of its own.

    :param url: ``postgresql://user:password@host:port/database``.
    :param path: where the SQLite file would be: its folder is the data folder.
    :param space: the schema of the tables.
    """

    is_shared = True

    def __init__(self, url: str, path: Path, space: str = SPACE) -> None:
        super().__init__(path)
        self._url = url
        self._space = space
        #: The numbers by which the server knows the lock on writing, and that on being the consumer.
        self.write_lock, self.lead_lock = (zlib.crc32(f"{space}:{what}".encode()) for what in ("write", "lead"))
        self._session: PostgresSession | None = None
        self._to_prepare: set[str] = set()
        #: Which leader this process is, in the order of all that there were; None where it is none.
        self.epoch: int | None = None
        #: Whether it leads by this object's session, and not by another of the process or its parent.
        self._leads_here = False
        #: Seconds by which the server's clock is ahead.
        self._ahead = 0.0
        #: Called in any thread when this process has lost the lead: what it was doing, others may do from now on.
        self.on_lost: Callable[[str], object] = lambda _why: None

    @property
    def place(self) -> str:
        """Where it is, for a person, without user and password."""
        return shown(self._url)

    def another(self) -> Database:
        """The same data by sessions of its own."""
        other = PostgresDatabase(self._url, self.path, self._space)
        other.epoch = self.epoch
        other.prepare(self._to_prepare)
        return other

    def now(self) -> float:
        """Seconds since 1970 by the server's clock, as of the latest transaction."""
        return time.time() + self._ahead

    @contextmanager
    def writer(self) -> Iterator[sqlite3.Connection]:
        """The session that writes, outside of a transaction, while no other thread uses it."""
        with self._lock, self._in_use():
            yield cast("sqlite3.Connection", self._current())

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """One write transaction; see ``Database.write``.

        :raises LeadLost: this process was the consumer, and is no longer.
        :raises sqlite3.Error: it could not be committed.
        """
        with self._lock, self._in_use():
            session = self._current()
            connection = cast("sqlite3.Connection", session)
            if self._depth:
                if durable and not self._durable:
                    raise RuntimeError("a durable write cannot join a transaction that is not durable")
                yield connection
                return
            self._durable = durable
            try:
                self._begin(session, durable=durable)
                self._depth += 1
                try:
                    yield connection
                finally:
                    self._depth -= 1
                # Whoever leads has nobody to tell but himself.
                session.commit(() if self.epoch is not None else (f"notify {self._space}",))
            except BaseException:
                self._undo(session)
                self._see_whether_led()
                raise

    @contextmanager
    def much_written(self) -> Iterator[None]:
        """The server sees to its room itself."""
        yield

    def prepare(self, statements: Iterable[str]) -> None:
        """Prepare these statements in sessions that write. To be called before the first of them is run."""
        self._to_prepare.update(statements)

    def ask(self, connection: sqlite3.Connection, sql: str, values: Sequence[object]) -> Callable[[], Any]:
        """A row that is not looked at before the transaction is committed: it is asked for along with that."""
        return cast("PostgresSession", connection).ask(sql, values).fetchone

    def data_version(self) -> int:
        """A number that changes when anybody has committed, on whatever database of the server."""
        with self.read() as connection:
            snapshot = cast("PostgresSession", connection).run("select pg_current_snapshot()::text").fetchone()[0]
        return zlib.crc32(snapshot.encode("ascii"))

    def migrate(self, room: str, steps: Sequence[str]) -> None:
        """Bring one room's tables up to date; see ``Database.migrate``."""
        self._rooms[room] = steps
        with self._lock, self._in_use():
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

    def fault(self) -> str:
        """As far as can be told from here: nothing, where the server answers."""
        with self.read() as connection:
            connection.execute("select 1").fetchone()
        return "ok"

    def close(self) -> None:
        """End the sessions; the next use opens new ones. Who leads does so no longer."""
        with self._lock:
            self._readers.renew()
            session, self._session = self._session, None
            if self._leads_here:
                self.epoch, self._leads_here = None, False
            if session is not None and self._pid == getpid():
                session.close()

    def is_same_file(self) -> bool:
        """There is no file that could be replaced."""
        return True

    # --- Leading -----------------------------------------------------------------------------------------------------

    def lead(self) -> bool:
        """Be the one consumer of this database from now on, for as long as the session lasts; whether that is so.

        :raises sqlite3.Error: the server cannot be asked.
        """
        with self._lock, self._in_use():
            session = self._current()
            if self._leads_here:
                return True
            if not session.run(f"select pg_try_advisory_lock({self.lead_lock})").fetchone()[0]:
                return False
            self._leads_here = True
            try:
                with self.write(durable=True):
                    row = session.run("update lead set epoch = epoch + 1 returning epoch").fetchone()
            except BaseException:
                self.close()
                raise
            self.epoch = int(row[0])
            return True

    def watch(self, sign: SignOfLife) -> Watch:
        """A thread that keeps an eye on the lead, which this process has, and says that it is there. To be started.

        Where the lead is lost, or may soon be, ``on_lost`` is called.

        :raises sqlite3.Error: that this process leads could not be said.
        """
        with self._lock, self._in_use():
            session = self._current()
            pid = session.pid
            sign.give(session, leading=pid, leads=True)

        def leads(session: PostgresSession) -> bool:
            if not _holds(session, pid, self.lead_lock):
                return False
            sign.give_if_due(session, leading=pid, leads=True)
            return True

        return Watch(lambda: PostgresSession(self._url, self._space, silent=Watch.SILENT), leads, self._lost)

    def wait_in_line(self, sign: SignOfLife) -> None:
        """Say that this process is there, and waits for the lead; end a leader that has given no sign for long.

        Its session stands as long as its machine does, also where its process is stopped and does nothing.

        :raises sqlite3.Error: the server cannot be asked.
        """
        with self._lock, self._in_use():
            session = self._current()
            sign.give_if_due(session, leading=session.pid, leads=False)
            end_silent(session, self.lead_lock)

    def consumers(self) -> list[ClusterConsumer]:
        """The consumers that share it, who leads first."""
        with self.read() as connection:
            return consumers(cast("PostgresSession", connection))

    def follow(self, told: Callable[[], object]) -> Callable[[], object] | None:
        """Call ``told`` as soon as another process has committed; returns what ends that. See ``Database.follow``."""
        watch = Watch(self._listening, None, lambda _why: None, told)
        return watch.stop if watch.start() else None

    def _listening(self) -> PostgresSession:
        session = self._opened()
        session.run(f"listen {self._space}")
        return session

    def _lost(self, why: str) -> None:
        """The lead is lost, as far as can be told."""
        if self.epoch is not None:
            self.epoch, was_lost = None, self.on_lost
            self.is_lost = True
            was_lost(why)

    def _see_whether_led(self) -> None:
        session = self._session
        if self._leads_here and (session is None or not session.is_open):
            self._lost("the session with PostgreSQL ended")

    # --- Inside ------------------------------------------------------------------------------------------------------

    #: Whether this process led, and may write nothing more.
    is_lost = False

    def _begin(self, session: PostgresSession, *, durable: bool) -> None:
        fenced = self.epoch is not None and not self._leads_here
        # The server refuses it: by the time that its answer is here, all may be committed.
        leads = f", still_leads({self.epoch})" if fenced else ""

        def seen(row: Any) -> None:
            self._ahead = row[1] - time.time()

        session.begin(
            (
                "begin",
                # What is not durable is the rule of a session of ours.
                *(("set local synchronous_commit = on",) if durable else ()),
                f"select pg_advisory_xact_lock({self.write_lock}), {_NOW}{leads}",
            ),
            seen,
        )

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        """Notes whose thread uses the session that writes."""
        self._uses += 1
        self._owner = threading.get_ident()
        try:
            yield
        finally:
            self._uses -= 1
            if not self._uses:
                self._owner = None

    def _own(self) -> sqlite3.Connection | None:
        """The session that writes, where this thread uses it; else None."""
        return cast("sqlite3.Connection", self._current()) if self._owner == threading.get_ident() else None

    def _open_reader(self) -> sqlite3.Connection | None:
        """A session that only reads."""
        if self._session is None or self._pid != getpid():
            # It makes what is not there.
            with self.writer():
                pass
        return cast("sqlite3.Connection", PostgresSession(self._url, self._space, reads=True))

    def _look(self) -> None:
        """There is no file that could have become another one."""

    def _met(self, error: sqlite3.DatabaseError, life: int) -> None:
        """There is no file that could be damaged."""

    def _current(self) -> PostgresSession:
        if self.is_lost:
            raise LeadLost("this consumer does not lead any more: it may write nothing")
        session = self._session
        if session is not None and self._pid == getpid():
            if session.is_open:
                return session
            if self._depth:
                raise LeadLost("the session with PostgreSQL ended in the middle of a transaction")
            if self._leads_here:
                self._see_whether_led()
                raise LeadLost("the session with PostgreSQL ended, and with it the lead")
        elif session is not None:
            # A child of the process that leads: it may write while that one does.
            self._leads_here = False
        self._session, self._depth = None, 0
        # Where this one ended, those did too.
        self._readers.renew()
        self._session, self._pid = self._opened(), getpid()
        return self._session

    def _opened(self) -> PostgresSession:
        session = PostgresSession(self._url, self._space, to_prepare=self._to_prepare)
        try:
            if not session.run("select to_regclass('consumer')").fetchone()[0]:
                self._make_space(session)
        except BaseException:
            session.close()
            raise
        return session

    def _make_space(self, session: PostgresSession) -> None:
        session.run(f"begin; select pg_advisory_xact_lock({self.write_lock})")
        try:
            encoding = session.run("show server_encoding").fetchone()[0]
            if encoding != "UTF8":
                raise sqlite3.DatabaseError(
                    f"{self.place} stores texts in {encoding}: make one with create database ... encoding 'UTF8'"
                )
            session.run(f"create schema if not exists {self._space}")
            known = session.run("select 1 from pg_collation where collname = %s", [_ALL_LETTERS]).fetchone()
            session.run(folding.function(f'collate "{_ALL_LETTERS}"' if known else ""))
            session.run(_HOLDS)
            for made in _OWN:
                session.run(made)
            session.run("commit")
        except BaseException:
            self._undo(session)
            raise

    @staticmethod
    def _version(session: PostgresSession, room: str) -> int:
        row = session.execute("select version from schema where room = ?", (room,)).fetchone()
        return int(row[0]) if row else 0

    @staticmethod
    def _undo(session: PostgresSession) -> None:
        try:
            session.rollback()
        except sqlite3.Error:
            # The server undoes what it was told by a session that has ended.
            session.close()


def _holds(session: PostgresSession, pid: int, lock: int) -> bool:
    sql = (
        "select 1 from pg_locks where locktype = 'advisory' and granted and pid = %s and objid::bigint = %s "
        "and classid::bigint = %s and database = (select oid from pg_database where datname = current_database())"
    )
    return session.run(sql, [pid, lock & 0xFFFFFFFF, lock >> 32]).fetchone() is not None
