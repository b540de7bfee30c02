"""What is done when the database is damaged or gone: nothing is overwritten, and nothing that was asked for is lost.

A damaged file is set aside under a name of its own, a new one is made, and what can still be read is copied into it.
What cannot be read is found out again: a message in the inbox asks for every scene of Stash. It is laid before the old
file is touched, so a death in between loses nothing, and once more afterwards, as another process may have taken the
first one over into the damaged file.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

from plexsync.inbox import everything_again
from plexsync.ledger.rescued import take_for_doubtful
from plexsync.storage import last_run
from plexsync.storage.database import Database
from plexsync.storage.faults import damage
from plexsync.storage.locks import locked_folder
from plexsync.storage.own_files import stands_there_instead

#: What the names of damaged files have behind the database's; a time follows.
DAMAGED = ".corrupt-"
#: Seconds an empty file is given to be filled by whoever makes it.
PATIENCE = 1.0
#: Rows copied in one transaction.
BATCH = 500
#: Not copied: versions, what Plex's listing tells anew, the breaker's state, and results.
_LEFT_BEHIND = ("schema", "section", "item", "part", "odd_item", "breaker", "kv", "counter", "sqlite_sequence")
#: How the tables of the full-text search begin: they are SQLite's own to fill, and follow from the listing too.
_FULL_TEXT = "item_word"

log = logging.getLogger(__name__)


def damaged_files(path: Path) -> list[Path]:
    """The damaged databases that were set aside, oldest first.

    :param path: the database.
    """
    found = path.parent.glob(f"{path.name}{DAMAGED}*")
    return sorted(one for one in found if not one.name.endswith(("-wal", "-shm")))


class Rescue:
    """Looks after one database; see ``plexsync.storage.database.Keeper``.

    :param path: the database's file; the inbox is beside it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def before_start(self, *, ran_before: bool) -> Path | None:
        """See whether the file is there and sound, before anybody opens it.

        :param ran_before: there should be one.
        :returns: the damaged file that was set aside, for ``salvage``.
        :raises OSError: it could not be set aside.
        """
        with locked_folder(self._path.parent):
            if not self._path.exists():
                if ran_before:
                    self.ask_for_all()
                    log.warning("%s is gone: a new one is made, and every scene is checked again", self._path)
                return None
            if stands_there_instead(self._path, links=False):
                # Whoever opens it says so.
                return None
            last_run.see_to(self._path)
            fault = _fault(self._path)
            if fault is None:
                last_run.closed(self._path)
                return None
            log.error("%s is damaged: %s", self._path, fault)
            self.ask_for_all()
            return self._rename()

    def ask_for_all(self) -> None:
        """Lay a message into the inbox that asks for every scene.

        :raises OSError: that could not be done.
        """
        everything_again.ask_for_all(self._path.parent)

    def begin(self, database: Database) -> None:
        """Take the database for the one that is used from here on; where it may lag behind Plex, doubt what it says.

        :param database: open, with all its tables.
        """
        if last_run.is_to_be_doubted(self._path):
            with database.write(durable=True) as connection:
                take_for_doubtful(connection)
        last_run.begin(database)

    def set_damaged_aside(self, database: Database) -> None:
        """Set the damaged file aside, make a new one, and copy what can be read; all under a running process.

        :raises OSError: it could not be set aside.
        :raises sqlite3.Error: a new one could not be made.
        """
        damaged = None
        with locked_folder(self._path.parent):
            same = database.is_same_file()
            if same:
                self.ask_for_all()
            database.close()
            if same:
                damaged = self._rename()
        with database.read():
            self.ask_for_all()
        if damaged is not None:
            self.salvage(damaged, database)
            last_run.begin(database)

    def carry_over(self, before: sqlite3.Connection, database: Database) -> None:
        """Take over who works on what at this moment: two workers on one scene could send its pictures twice.

        What the file there is now says may be older than what was applied: it is in doubt.
        """
        with suppress(sqlite3.Error):
            _copy_table(before, database, "claim")
        with suppress(sqlite3.Error), database.write(durable=True) as connection:
            take_for_doubtful(connection)
        last_run.begin(database)

    def salvage(self, damaged: Path, database: Database) -> None:
        """Copy what can be read of a damaged file. Rows that the new one has already stay as they are.

        :param damaged: the file, which is only read.
        :param database: the new one, its tables made.
        """
        copied: dict[str, int] = {}
        try:
            with closing(_open_damaged(damaged)) as source:
                for table in _tables(database):
                    copied[table] = _copy_table(source, database, table)
        except sqlite3.Error as error:
            log.warning("%s: nothing more can be read (%s)", damaged, error)
        with database.write(durable=True) as connection:
            take_for_doubtful(connection)
        rows = ", ".join(f"{count} {table}" for table, count in copied.items() if count) or "nothing"
        log.warning("saved from %s: %s; every scene is checked again", damaged, rows)

    def _rename(self) -> Path:
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        number, target = 1, Path(f"{self._path}{DAMAGED}{stamp}")
        while target.exists():
            number += 1
            target = Path(f"{self._path}{DAMAGED}{stamp}-{number}")
        self._path.rename(target)
        for suffix in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{self._path}{suffix}").rename(f"{target}{suffix}")
        log.error("it was set aside as %s, and a new one is made: check that disk", target)
        return target


def _fault(path: Path) -> str | None:
    """What is wrong with a file, or None."""
    # Where there are no locks, another process may be making it at this moment.
    deadline = time.monotonic() + PATIENCE
    while not path.stat().st_size:
        if time.monotonic() > deadline:
            return "it is empty"
        time.sleep(0.02)
    return damage(path)


def _open_damaged(path: Path) -> sqlite3.Connection:
    """A connection that reads and changes nothing, with the file's log where SQLite can use it."""
    error: sqlite3.Error | None = None
    for how in ("mode=ro", "immutable=1"):
        connection = sqlite3.connect(f"file:{quote(str(path))}?{how}", uri=True)
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        try:
            connection.execute("select count(*) from sqlite_master").fetchone()
        except sqlite3.Error as fault:
            error = fault
            connection.close()
        else:
            return connection
    raise error or sqlite3.DatabaseError("it cannot be opened")


def _tables(database: Database) -> list[str]:
    with database.read() as connection:
        rows = connection.execute("select name from sqlite_master where type = 'table' order by name").fetchall()
    names = [str(row[0]) for row in rows]
    return [name for name in names if name not in _LEFT_BEHIND and not name.startswith(_FULL_TEXT)]


def _copy_table(source: sqlite3.Connection, database: Database, table: str) -> int:
    """Copy the rows of one table that can be read; how many were new."""
    with database.read() as connection:
        columns, order = _columns(connection, table)
    known = {row[1] for row in source.execute(f"pragma table_info({table})")}
    names = [name for name in columns if name in known]
    if not set(order) <= set(names):
        return 0
    marks = ", ".join("?" * len(names))
    insert = f"insert or ignore into {table} ({', '.join(names)}) values ({marks})"
    copied = 0
    for rows in _batches(source, table, names, order):
        with database.write() as connection:
            copied += connection.executemany(insert, rows).rowcount
    return copied


def _columns(connection: sqlite3.Connection, table: str) -> tuple[list[str], list[str]]:
    """A table's columns, and those of its primary key in their order."""
    rows = connection.execute(f"pragma table_info({table})").fetchall()
    return [row[1] for row in rows], [row[1] for row in sorted(rows, key=lambda row: row[5]) if row[5]]


def _batches(
    source: sqlite3.Connection, table: str, names: list[str], order: list[str]
) -> Iterator[list[tuple[object, ...]]]:
    """The rows from the first one up to where the file cannot be read, then from the last one down to there."""
    for direction in ("asc", "desc"):
        sorting = ", ".join(f"{name} {direction}" for name in order)
        batch: list[tuple[object, ...]] = []
        try:
            for row in source.execute(f"select {', '.join(names)} from {table} order by {sorting}"):
                batch.append(tuple(row))
                if len(batch) == BATCH:
                    yield batch
                    batch = []
        except sqlite3.Error as error:
            log.debug("%s, %s: %s", table, direction, error)
            yield batch
        else:
            yield batch
            return
