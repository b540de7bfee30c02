"""The one SQLite file: how it is opened, locked, written and migrated.

One connection per process, shared by all threads under one lock, so that threads of a process never sleep in SQLite's
busy handler for each other. Write-ahead log; by default a commit survives the death of the process and, after a power
cut, the file holds some prefix of the commits. A commit that somebody relies on from then on (an event taken over from
the hook, the intent to write to Plex) is made ``durable``: synced to disk, with all before it.
"""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

#: Seconds to wait for another process that holds the write lock.
BUSY_TIMEOUT = 5.0
#: Pages (of 4 KiB) the log may grow to before SQLite folds it back into the file: 4 MiB.
AUTOCHECKPOINT_PAGES = 1000


class DatabaseTooNew(Exception):
    """The file was written by a newer PlexSync than this one."""


class Database:
    """The SQLite file at ``path``, made (mode 0600, its folder 0700) when it is missing.

    Safe to share between threads; after a fork the child opens a connection of its own.

    :param path: the file.
    :param timeout: seconds to wait for another process's write lock before ``sqlite3.OperationalError``.
    """

    def __init__(self, path: Path, timeout: float = BUSY_TIMEOUT) -> None:
        self.path = path
        self._timeout = timeout
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._pid = 0
        self._depth = 0
        self._durable = False

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """The connection, for reading, while no other thread uses it."""
        with self._lock:
            yield self._open()

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """One write transaction: committed at the end of the block, rolled back if it raises.

        A nested call joins the outer transaction.

        :param durable: sync to disk before returning.
        """
        with self._lock:
            connection = self._open()
            if self._depth:
                if durable and not self._durable:
                    raise RuntimeError("a durable write cannot join a transaction that is not durable")
                yield connection
                return
            self._durable = durable
            connection.execute(f"pragma synchronous={'full' if durable else 'normal'}")
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

    def data_version(self) -> int:
        """A number that changes when another connection has committed to the file. Costs microseconds."""
        with self._lock:
            return int(self._open().execute("pragma data_version").fetchone()[0])

    def migrate(self, room: str, steps: Sequence[str]) -> None:
        """Bring one room's tables up to date.

        Each step is a script that takes the schema from the version of its index to the next; all missing ones run in
        one transaction. A file that already holds data is backed up beside itself first.

        :param room: whose tables, e.g. ``"queue"``.
        :param steps: the scripts, oldest first; statements end with ``;``.
        :raises DatabaseTooNew: the file has more steps than are known here.
        """
        with self.read() as connection:
            connection.execute("create table if not exists schema (room text primary key, version integer not null)")
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
            self._back_up(f"{self.path}.before-{room}-{len(steps)}")
        with self.write(durable=True) as connection:
            row = connection.execute("select version from schema where room = ?", (room,)).fetchone()
            version = row[0] if row else 0
            for step in steps[version:]:
                for statement in _statements(step):
                    connection.execute(statement)
            connection.execute("insert or replace into schema values (?, ?)", (room, max(version, len(steps))))

    def close(self) -> None:
        """Close the connection; the next use opens a new one."""
        with self._lock:
            if self._connection is not None and self._pid == os.getpid():
                self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None and self._pid == os.getpid():
            return self._connection
        make_private(self.path)
        connection = sqlite3.connect(self.path, timeout=self._timeout, isolation_level=None, check_same_thread=False)
        self._set_wal(connection)
        connection.execute(f"pragma wal_autocheckpoint={AUTOCHECKPOINT_PAGES}")
        connection.execute("pragma foreign_keys=on")
        connection.row_factory = sqlite3.Row
        self._connection, self._pid, self._depth = connection, os.getpid(), 0
        return connection

    def _set_wal(self, connection: sqlite3.Connection) -> None:
        # Switching a new file to WAL upgrades a read lock, which fails at once, without the busy time-out, when another
        # process does the same.
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                connection.execute("pragma journal_mode=wal")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def _back_up(self, target: str) -> None:
        make_private(Path(target))
        with self.read() as connection, closing(sqlite3.connect(target)) as copy:
            connection.backup(copy)


def make_private(path: Path) -> None:
    """Make the folder of ``path`` (0700) and the file itself (0600), and close both to others where they are open."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077 and os.access(path, os.W_OK) and path.stat().st_uid == os.geteuid():
            path.chmod(0o600)


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: ``executescript`` would commit the transaction they belong to."""
    pending = ""
    for piece in re.split(r"(?<=;)", script):
        pending += piece
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    if pending.strip():
        raise ValueError(f"a migration step does not end with ';': {pending.strip()[:60]!r}")
