"""How the SQLite file is opened: made where it is missing, closed to others, with a log; or for reading only."""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from plexsync.storage import last_run
from plexsync.storage.locks import locked_folder
from plexsync.storage.log_files import SUFFIXES
from plexsync.storage.own_files import stands_there_instead

#: Statements that each connection keeps prepared.
PREPARED = 256


def connect(path: Path, timeout: float) -> sqlite3.Connection:
    """A connection to the file that threads may hand to each other, and that begins no transaction by itself.

    :param timeout: seconds to wait for another process that holds the write lock.
    """
    return sqlite3.connect(
        path, timeout=timeout, isolation_level=None, check_same_thread=False, cached_statements=PREPARED
    )


def open_or_make(
    path: Path, connect_to_it: Callable[[], sqlite3.Connection], timeout: float
) -> tuple[sqlite3.Connection, bool]:
    """Open the file with its write-ahead log, made (mode 0600, its folder 0700) when it is missing.

    :param connect_to_it: as ``connect``.
    :param timeout: seconds to try, while another process keeps it locked.
    :returns: the connection, and whether it only reads, as in a folder that cannot be written to.
    :raises sqlite3.OperationalError: it cannot be opened, or something else stands in its place.
    """
    # Under the lock, so that an empty file is never one that another process is just making.
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    refuse_what_is_in_the_way(path)
    with locked_folder(path.parent):
        if not path.exists():
            _remove_orphans(path)
        else:
            last_run.see_to_unless_used(path)
        make_private(path)
        connection = connect_to_it()
        try:
            _set_wal(connection, timeout)
        except sqlite3.OperationalError:
            connection.close()
            if os.access(path.parent, os.W_OK):
                raise
            return _connect_to_read(path), True
        except BaseException:
            connection.close()
            raise
        return connection, False


def refuse_what_is_in_the_way(path: Path) -> None:
    """Nothing can be opened, and nothing is lost, while a folder or the like stands in a file's place.

    :raises sqlite3.OperationalError: one does. The text says which, and what to do.
    """
    for place in (path, *(path.with_name(f"{path.name}{suffix}") for suffix in SUFFIXES)):
        if what := stands_there_instead(place, links=False):
            raise sqlite3.OperationalError(f"{place} is {what}: move it away, and all goes on by itself")


def make_private(path: Path) -> None:
    """Make the folder of ``path`` (0700) and the file (0600) where they are missing, and close the file to others."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077 and os.access(path, os.W_OK) and path.stat().st_uid == os.geteuid():
            path.chmod(0o600)


def _remove_orphans(path: Path) -> None:
    """Remove the log of a file that was deleted: who still uses it must not share it with the new one."""
    for suffix in SUFFIXES:
        path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)


def _connect_to_read(path: Path) -> sqlite3.Connection:
    """Open the file in a folder that nothing can be written to.

    Without its log SQLite reads such a file only when told that nobody changes it.
    """
    log_file = path.with_name(f"{path.name}{SUFFIXES[0]}")
    how = "mode=ro" if log_file.exists() and log_file.stat().st_size else "immutable=1"
    return sqlite3.connect(f"file:{quote(str(path))}?{how}", uri=True, isolation_level=None, check_same_thread=False)


def _set_wal(connection: sqlite3.Connection, timeout: float) -> None:
    # Switching a new file to WAL upgrades a read lock, which fails at once, without the busy time-out, when another
    # process does the same.
    deadline = time.monotonic() + timeout
    while True:
        try:
            connection.execute("pragma journal_mode=wal")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
