"""The one SQLite file: its connections, transactions and migrations, and what happens when it is lost.

One connection per process that writes, shared by all threads under one lock, so that threads of a process never sleep
in SQLite's busy handler for each other; beside it a few that only read, and wait for nobody (``readers.py``).
Write-ahead log; by default a commit survives the death of the process and, after a power cut, the file holds some
prefix of the commits. A commit that somebody relies on from then on (an event taken over from the hook, the intent to
write to Plex) is made ``durable``: synced to disk, with all before it.

A file that is deleted or replaced while it is open is noticed at the next write, and by whoever reads within
``readers.LOOK_EVERY``, and the file that is there then is opened in its place; so is SQLite's log beside it, of which
what it held is folded into the file. What a damaged one leads to is up to the ``Keeper``, which only the consumer has.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from plexsync.storage.cluster import ClusterConsumer
from plexsync.storage.faults import damage, damaged, is_damage
from plexsync.storage.log_files import LogFiles
from plexsync.storage.migrations import DatabaseTooNew, back_up, statements
from plexsync.storage.readers import Readers, ReadUse
from plexsync.storage.sqlite_file import connect, open_or_make, refuse_what_is_in_the_way

#: The name of the database in the data folder.
DATABASE_NAME = "plexsync.db"
#: Seconds to wait for another process that holds the write lock.
BUSY_TIMEOUT = 5.0
#: Pages (of 4 KiB) the log may grow to before SQLite folds it back into the file: 4 MiB.
AUTOCHECKPOINT_PAGES = 1000
#: The same while very much is written: the pages of the indexes are written again and again, and so into the file less
#: often. 32 MiB.
FILLING_CHECKPOINT_PAGES = 8000
#: KiB of the file that the connection that writes keeps in memory: as much as SQLite does unless it is told; and while
#: very much is written, of which the indexes are touched everywhere: what does not stay in memory until the commit is
#: written, and read again, for each row.
WRITER_CACHE_KIB, FILLING_CACHE_KIB = 2000, 8192
#: KiB of the file that each connection that only reads keeps in memory.
READER_CACHE_KIB = 1024

log = logging.getLogger(__name__)


class Keeper(Protocol):
    """What is done when the file is lost under a running process."""

    def ask_for_all(self) -> None:
        """See to it that everything the file knew is found out again.

        :raises OSError: that could not be noted.
        """

    def carry_over(self, before: sqlite3.Connection, database: Database) -> None:
        """Take what is needed from a file that was deleted or replaced, and is still open, to the one there is now."""

    def set_damaged_aside(self, database: Database) -> None:
        """Set the damaged file aside and make a new one.

        :raises OSError: it could not be.
        """


class Database:
    """The SQLite file at ``path``, made (mode 0600, its folder 0700) when it is missing.

    Safe to share between threads; after a fork the child opens a connection of its own.

    :param path: the file.
    :param timeout: seconds to wait for another process's write lock before ``sqlite3.OperationalError``.

    In a folder that cannot be written to, the file is opened for reading only, and every write is an error.
    """

    #: Whether it is a server's, which consumers on several machines may share.
    is_shared = False

    def __init__(self, path: Path, timeout: float = BUSY_TIMEOUT) -> None:
        self.path = path
        self._name = str(path)
        #: Looks after the file when it is lost; None to leave that to others.
        self.keeper: Keeper | None = None
        self._read_only = False
        self._rooms: dict[str, Sequence[str]] = {}
        self._uses = 0
        self._file: tuple[int, int] | None = None
        self._log_files: LogFiles | None = None
        #: Whether every scene was asked for on account of the loss that is being mended.
        self._is_asked = False
        self._timeout = timeout
        self._lock = threading.RLock()
        #: Held while connections that only read are opened, or must not be. Whoever wants both takes this one last.
        self._opening = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._pid = 0
        self._depth = 0
        self._durable = False
        #: Of the connection that writes: whether its commits are synced to disk; None where it was not told.
        self._synced: bool | None = None
        #: The thread that uses the connection that writes.
        self._owner: int | None = None
        self._readers = Readers(self._open_reader, self._look)

    @property
    def place(self) -> str:
        """Where it is, for a person."""
        return str(self.path)

    def another(self) -> Database:
        """The same data by connections of its own: a long look holds up nobody."""
        return Database(self.path, self._timeout)

    def now(self) -> float:
        """Seconds since 1970 by the clock that all who share the data go by."""
        return time.time()

    def follow(self, _told: Callable[[], object]) -> Callable[[], object] | None:
        """Call ``told`` soon after another process has committed; returns what ends that. None: one has to look."""
        return None

    def consumers(self) -> list[ClusterConsumer]:
        """The consumers that share it, who leads first; none is known of a file, which only one can have."""
        return []

    def fault(self) -> str:
        """What is wrong with what is stored, as far as a quick look tells; ``"ok"`` where nothing is."""
        with self.read() as connection:
            return str(connection.execute("pragma quick_check(1)").fetchone()[0])

    def read(self) -> AbstractContextManager[sqlite3.Connection]:
        """A connection for reading, as a context manager: in a thread's own ``write`` or ``writer``, the one of these.

        Each statement sees what was committed when it began. Of what other threads write meanwhile it waits for
        nothing, and sees nothing.
        """
        return ReadUse(self._own, self._readers, self.writer, self._met)

    @contextmanager
    def writer(self) -> Iterator[sqlite3.Connection]:
        """The connection that writes, outside of a transaction, while no other thread uses it."""
        with self._lock, self._looked_after():
            yield self._open()

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """One write transaction: committed at the end of the block, rolled back if it raises.

        A nested call joins the outer transaction.

        :param durable: sync to disk before returning.
        :raises sqlite3.Error: it could not be committed; of a durable write also where the file was deleted meanwhile.
        """
        with self._lock, self._looked_after():
            connection = self._open()
            if self._depth:
                if durable and not self._durable:
                    raise RuntimeError("a durable write cannot join a transaction that is not durable")
                yield connection
                return
            self._durable = durable
            if durable is not self._synced:
                connection.execute(f"pragma synchronous={'full' if durable else 'normal'}")
                self._synced = durable
            connection.execute("begin immediate")
            self._depth += 1
            try:
                yield connection
            except BaseException:
                if connection.in_transaction:
                    connection.execute("rollback")
                raise
            else:
                try:
                    connection.execute("commit")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("rollback")
                    raise
            finally:
                self._depth -= 1
            if durable and not (self.is_same_file() and self._has_its_log()):
                raise sqlite3.OperationalError(f"{self.path} was deleted or replaced while it was written to")

    @contextmanager
    def much_written(self) -> Iterator[None]:
        """Keep more of the file in memory and in its log for the block: in it, much is written in many transactions."""
        with self.writer() as connection:
            connection.execute(f"pragma cache_size=-{FILLING_CACHE_KIB}")
            connection.execute(f"pragma wal_autocheckpoint={FILLING_CHECKPOINT_PAGES}")
        try:
            yield
        finally:
            with self._lock:
                # One that was opened meanwhile, in place of a file that was lost, has what each has.
                if self._connection is not None and self._pid == os.getpid():
                    self._connection.execute(f"pragma cache_size=-{WRITER_CACHE_KIB}")
                    self._connection.execute(f"pragma wal_autocheckpoint={AUTOCHECKPOINT_PAGES}")

    def prepare(self, statements: Iterable[str]) -> None:
        """These statements are run so often that it pays to prepare them. SQLite prepares all."""

    def ask(self, connection: sqlite3.Connection, sql: str, values: Sequence[object]) -> Callable[[], Any]:
        """A row that is not looked at before the transaction is committed: a server is asked along with that.

        :param connection: that of ``write``.
        :returns: gives the row, or None.
        """
        row = connection.execute(sql, values).fetchone()
        return lambda: row

    def data_version(self) -> int:
        """A number that changes when another connection has committed to the file. Costs microseconds."""
        with self.writer() as connection:
            return int(connection.execute("pragma data_version").fetchone()[0])

    def migrate(self, room: str, steps: Sequence[str]) -> None:
        """Bring one room's tables up to date.

        Each step is a script that takes the schema from the version of its index to the next; all missing ones run in
        one transaction. A file that already holds data is backed up beside itself first.

        :param room: whose tables, e.g. ``"queue"``.
        :param steps: the scripts, oldest first; statements end with ``;``.
        :raises DatabaseTooNew: the file has more steps than are known here.
        """
        self._rooms[room] = steps
        with self.writer() as connection:
            if not self._read_only:
                connection.execute(
                    "create table if not exists schema (room text primary key, version integer not null)"
                )
            row = connection.execute("select version from schema where room = ?", (room,)).fetchone()
        version = row[0] if row else 0
        if version > len(steps):
            raise DatabaseTooNew(
                f"{self.path} was written by a newer PlexSync ({room} version {version}; this one knows {len(steps)}): "
                "update the plugin, or move the file aside to start with an empty one"
            )
        if version == len(steps):
            return
        if version:
            with self.writer() as connection:
                back_up(connection, self.path, Path(f"{self.path}.before-{room}-{len(steps)}"))
        with self.write(durable=True) as connection:
            row = connection.execute("select version from schema where room = ?", (room,)).fetchone()
            version = row[0] if row else 0
            for step in steps[version:]:
                for statement in statements(step):
                    connection.execute(statement)
            connection.execute("insert or replace into schema values (?, ?)", (room, max(version, len(steps))))

    def check(self) -> None:
        """Look for damage that what this process has in its memory hides from it.

        :raises sqlite3.DatabaseError: there is some, and the keeper knows.
        """
        examined = self._identity()
        fault = damage(self.path) if examined is not None else None
        if fault is None:
            return
        error = damaged(fault)
        with self._lock, self._looked_after():
            # That took a while: somebody else may have met the damage, and made a new file.
            if self._identity() == examined:
                raise error

    def close(self) -> None:
        """Close all connections; the next use opens new ones. Who reads at this moment does so to the end."""
        with self._lock:
            self._readers.renew()
            if self._connection is not None and self._pid == os.getpid():
                self._connection.close()
            self._connection = None

    def is_same_file(self) -> bool:
        """Whether the file that is open is still the one at ``path``. Costs one ``stat``."""
        try:
            identity = self._identity()
            return identity is not None and identity == self._file
        except OSError:
            # A network share that does not answer for a moment: reading and writing will tell.
            return True

    def _identity(self) -> tuple[int, int] | None:
        """What tells the file that is there now from others; None where there is none.

        :raises OSError: that cannot be told.
        """
        try:
            status = os.stat(self._name)  # noqa: PTH116 - asked with each write, and a path takes thrice as long
        except FileNotFoundError:
            return None
        return status.st_dev, status.st_ino

    def _look(self) -> None:
        """See whether the file that is open is still the one there is, and open that where it is not."""
        if self._pid == os.getpid() and self.is_same_file() and self._has_its_log():
            return
        with self.writer():
            pass

    def _own(self) -> sqlite3.Connection | None:
        """The connection that writes, where this thread uses it, or where there is no other; else None."""
        if self._owner != threading.get_ident():
            return None
        return self._open()

    def _open_reader(self) -> sqlite3.Connection | None:
        """A connection that only reads the file that is open; None where there can be none."""
        while True:
            if self._connection is None or self._pid != os.getpid():
                with self.writer():
                    pass
            # Not under the lock of who writes: nobody who reads is to wait for that.
            with self._opening:
                if self._connection is not None:
                    return None if self._read_only else self._connect_reader()

    def _connect_reader(self) -> sqlite3.Connection:
        reader = self._plain_connection()
        try:
            reader.execute("pragma query_only=on")
            reader.execute(f"pragma cache_size=-{READER_CACHE_KIB}")
            reader.row_factory = sqlite3.Row
            # Opens the log as well.
            reader.execute("select 1 from sqlite_master limit 1").fetchone()
            if not (self.is_same_file() and self._has_its_log()):
                raise sqlite3.OperationalError(f"{self.path} was deleted or replaced while it was opened")
        except BaseException:
            reader.close()
            raise
        return reader

    def _connect(self) -> sqlite3.Connection:
        connection, self._read_only = open_or_make(self.path, self._plain_connection, self._timeout)
        return connection

    def _plain_connection(self) -> sqlite3.Connection:
        return connect(self.path, self._timeout)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None or self._pid != os.getpid():
            return self._open_new()
        if self._depth:
            return self._connection
        if not self.is_same_file():
            with self._opening:
                return self._reopen(self._connection)
        if not self._has_its_log():
            with self._opening:
                return self._regain(self._connection)
        return self._connection

    def _has_its_log(self) -> bool:
        return self._read_only or self._log_files is None or self._log_files.are_there()

    def _open_new(self) -> sqlite3.Connection:
        connection = self._connect()
        connection.execute(f"pragma wal_autocheckpoint={AUTOCHECKPOINT_PAGES}")
        connection.execute("pragma foreign_keys=on")
        connection.row_factory = sqlite3.Row
        status = self.path.stat()
        self._file = (status.st_dev, status.st_ino)
        self._connection, self._pid, self._depth, self._synced = connection, os.getpid(), 0, None
        self._log_files = None
        self._readers.renew()
        try:
            # It may be another file than the one these were made in.
            for room, steps in list(self._rooms.items()):
                self.migrate(room, steps)
        except BaseException:
            self.close()
            raise
        # By now SQLite has made what was not there.
        self._log_files = LogFiles(self.path)
        self._is_asked = False
        return connection

    def _regain(self, before: sqlite3.Connection) -> sqlite3.Connection:
        """Go on with a new log: the one that is open, or its index, was deleted or replaced.

        What it holds is folded into the file, as it ends with this process.
        """
        self._ask_for_all()
        # While one of them is open, SQLite would go on with the index of the old log.
        if not self._readers.renew(self._timeout):
            raise sqlite3.OperationalError(f"the log of {self.path} was deleted, and is still being read")
        try:
            if before.execute("pragma wal_checkpoint(truncate)").fetchone()[0]:
                raise sqlite3.OperationalError(
                    f"the log of {self.path} was deleted, and cannot be saved while another process reads"
                )
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_IOERR:
                raise
            # Another process has begun a new one, and has what was in this one.
            what = "another process has it"
        else:
            what = "it is saved"
        log.error("the log of %s was deleted or replaced while in use: of what it held, %s", self.path, what)
        self._connection = None
        before.close()
        connection = self._open_new()
        # Another process may have written to the file meanwhile, without knowing of this log.
        fault = str(connection.execute("pragma quick_check(1)").fetchone()[0])
        if fault != "ok":
            raise damaged(fault)
        return connection

    def _ask_for_all(self) -> None:
        """Have every scene looked at, once per loss, however often it is tried to mend that."""
        if self.keeper is None or self._is_asked:
            return
        try:
            self.keeper.ask_for_all()
        except OSError as error:
            raise sqlite3.OperationalError(f"{self.path} was lost, and that cannot be noted: {error}") from error
        self._is_asked = True

    def _reopen(self, before: sqlite3.Connection) -> sqlite3.Connection:
        """Go on with the file there is now, or a new one: the one that is open was deleted or replaced."""
        refuse_what_is_in_the_way(self.path)
        try:
            self._ask_for_all()
            if self._log_files is not None:
                self._log_files.remove()
            log.error("%s was deleted or replaced while in use: PlexSync uses what is there now", self.path)
            self._connection = None
            try:
                connection = self._open_new()
                if self.keeper is not None:
                    self.keeper.carry_over(before, self)
            finally:
                before.close()
        except OSError as error:
            raise sqlite3.OperationalError(f"{self.path} was deleted and cannot be made anew: {error}") from error
        return connection

    @contextmanager
    def _looked_after(self) -> Iterator[None]:
        """Hands a file that proves to be damaged to the keeper; whatever found out fails all the same."""
        self._uses += 1
        self._owner = threading.get_ident()
        try:
            yield
        except sqlite3.DatabaseError as error:
            self._readers.look_first()
            if self.keeper is not None and self._uses == 1 and is_damage(error):
                self._set_aside(self.keeper, error)
            raise
        finally:
            self._uses -= 1
            if not self._uses:
                self._owner = None

    def _met(self, error: sqlite3.DatabaseError, life: int) -> None:
        """Whoever only read met this; as above.

        :param life: of the file, as ``Readers.life`` was.
        """
        if self.keeper is None or not is_damage(error):
            return
        with self._lock:
            # Somebody else may have met the damage, and made a new file.
            if life == self._readers.life and not self._uses:
                with suppress(sqlite3.DatabaseError), self._looked_after():
                    raise error

    def _set_aside(self, keeper: Keeper, cause: sqlite3.DatabaseError) -> None:
        log.error("%s is damaged: %s", self.path, cause)
        try:
            keeper.set_damaged_aside(self)
        except (OSError, sqlite3.Error) as error:
            log.error("%s cannot be set aside: %s; tried again at its next use", self.path, error)  # noqa: TRY400 - the text says it all
