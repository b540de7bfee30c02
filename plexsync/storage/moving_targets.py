"""Where the database is carried to: a place of its own at first, which takes the database's once all is there."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from plexsync.storage import last_run
from plexsync.storage.backups import set_aside
from plexsync.storage.database import Database
from plexsync.storage.locks import locked_folder
from plexsync.storage.moving import NotMoved

if TYPE_CHECKING:
    from plexsync.storage.postgres.connection import PostgresSession
    from plexsync.storage.postgres.database import PostgresDatabase

#: The folder in the data folder in which a file is filled, and the schema of a PostgreSQL in which one is.
FOLDER, SPACE = "moving", "plexsync_moving"
#: A database that has nothing in any of these was never used.
_USED = ("scene", "task", "schedule", "pin", "veto", "dead_letter")


class Target(Protocol):
    """A place that is filled."""

    @property
    def database(self) -> Database:
        """What is filled."""

    def count_on(self, table: str, column: str, number: int) -> None:
        """New rows of a table get numbers in this column that are greater than one."""

    def take_place(self) -> str | None:
        """Be the database from now on; where what was there before is kept, or None where nothing was."""


class FileTarget:
    """The SQLite file of a data folder.

    :param path: where it is to be at last.
    :param replace: whether one that holds data may be there: it is kept under another name.
    :raises NotMoved: one does, and must not.
    :raises sqlite3.Error: whether one does cannot be seen.
    """

    def __init__(self, path: Path, *, replace: bool) -> None:
        self._path = path
        if not replace and path.is_file() and _is_used_file(path):
            raise NotMoved(
                f"{path} is there already, and holds data: with --replace it is kept under another name, and what is "
                "in PostgreSQL takes its place"
            )
        self._place = path.parent / FOLDER / path.name
        self.database = Database(self._place)

    def count_on(self, table: str, column: str, number: int) -> None:  # noqa: ARG002 - as of PostgreSQL
        """See ``Target``."""
        with self.database.write() as db:
            if db.execute("select 1 from sqlite_sequence where name = ?", (table,)).fetchone():
                db.execute("update sqlite_sequence set seq = ? where name = ?", (number, table))
            elif _counts(db, table):
                db.execute("insert into sqlite_sequence (name, seq) values (?, ?)", (table, number))

    def take_place(self) -> str | None:
        """See ``Target``."""
        with self.database.write(durable=True) as db:
            db.execute("drop table moving")
            # By its name it would be taken for the file that was used last.
            db.execute("delete from fact where key = ?", (last_run.FACT,))
        self.database.close()
        with closing(sqlite3.connect(self._place)) as alone:
            # So that it is one file.
            alone.execute("pragma journal_mode=delete")
        _sync(self._place)
        with locked_folder(self._path.parent):
            before = set_aside(self._path, "migrate")
            last_run.note_moved(self._path)
            self._place.replace(self._path)
            _sync(self._path.parent)
        shutil.rmtree(self._place.parent, ignore_errors=True)
        return None if before is None else str(before)


class ServerTarget:
    """A PostgreSQL, of which this process is the only consumer.

    :param final: where it is to be at last.
    :param url: its address.
    :param replace: whether what is there may hold data: it is kept under another name.
    :raises NotMoved: it does, and must not.
    :raises sqlite3.Error: the server cannot be asked.
    """

    def __init__(self, final: PostgresDatabase, url: str, *, replace: bool) -> None:
        from plexsync.storage.postgres.database import SPACE as FINAL
        from plexsync.storage.postgres.database import PostgresDatabase

        self._final, self._name = final, FINAL
        self._is_used = _is_used_server(final, FINAL)
        if self._is_used and not replace:
            raise NotMoved(
                f"{final.place} holds data of PlexSync's already. Was it carried there before? Then it is ready for "
                "use. With --replace that is kept under another name, and what is in the file takes its place"
            )
        self.database: Database = PostgresDatabase(url, final.path.parent / FOLDER / final.path.name, SPACE)

    def count_on(self, table: str, column: str, number: int) -> None:
        """See ``Target``."""
        if not number:
            return
        with self.database.write() as db:
            db.execute(f"select setval(pg_get_serial_sequence('{SPACE}.{table}', '{column}'), ?)", (number,))

    def take_place(self) -> str | None:
        """See ``Target``."""
        kept = f"{self._name}_before_{time.strftime('%Y%m%d_%H%M%S', time.gmtime())}"
        with self.database.write(durable=True) as db:
            db.execute("drop table moving")
            out_of_the_way = f"schema {self._name} rename to {kept}" if self._is_used else ""
            said = [
                f"alter {out_of_the_way}" if out_of_the_way else f"drop schema {self._name} cascade",
                f"alter schema {SPACE} rename to {self._name}",
                # What commits after that is still told of a commit.
                f"set search_path to {self._name}",
            ]
            for one in said:
                _session(db).run(one)
        self.database.close()
        return f"schema {kept}" if self._is_used else None


def _session(db: sqlite3.Connection) -> PostgresSession:
    return cast("PostgresSession", db)


def _is_used(db: sqlite3.Connection, tables: Collection[str]) -> bool:
    """Whether any of these tables that tell it has a row.

    :raises sqlite3.Error: that cannot be seen; it may hold everything.
    """
    return any(db.execute(f"select 1 from {table} limit 1").fetchone() for table in _USED if table in tables)


def _is_used_file(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("select name from sqlite_schema where type = 'table'").fetchall()
        return _is_used(connection, [name for (name,) in names])


def _is_used_server(database: PostgresDatabase, space: str) -> bool:
    with database.read() as db:
        names = _session(db).run("select tablename from pg_tables where schemaname = %s", [space]).fetchall()
        return _is_used(db, [name for (name,) in names])


def _counts(db: sqlite3.Connection, table: str) -> bool:
    row = db.execute("select sql from sqlite_schema where name = ?", (table,)).fetchone()
    return row is not None and "autoincrement" in row[0]


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
