"""Copies of the database: made while it is in use, seven of them kept, and put back while no consumer runs."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from plexsync.errors import PermanentError
from plexsync.storage import last_run
from plexsync.storage.consumer_lock import only_consumer
from plexsync.storage.faults import damage
from plexsync.storage.locks import locked_folder
from plexsync.storage.log_files import SUFFIXES
from plexsync.storage.migrations import statements
from plexsync.storage.own_files import stands_there_instead

#: The folder of the copies, in the data folder.
FOLDER = "backups"
#: How many are kept.
KEPT = 7
#: Bytes that have to be left on the disk once a copy is made.
MARGIN = 64 * 1024**2
#: The name of a copy, by its time in UTC.
_NAME = "plexsync-%Y%m%d-%H%M%S.db"
#: What the name of a file begins with that is not whole yet.
_UNFINISHED = ".unfinished-"
#: What each SQLite file begins with.
_MAGIC = b"SQLite format 3\0"

log = logging.getLogger(__name__)


class NoBackup(PermanentError):
    """A copy could not be made, or not be put back. Nothing was changed; the text says why, and what to do."""


def kept(folder: Path) -> list[Path]:
    """The copies there are, oldest first.

    :param folder: the data folder.
    """
    return sorted(path for path in (folder / FOLDER).glob("plexsync-*.db") if _made_at(path) is not None)


def latest_at(folder: Path) -> float | None:
    """When the newest copy was made (epoch seconds); None where there is none."""
    found = kept(folder)
    return _made_at(found[-1]) if found else None


def make(path: Path, target: Path | None = None, *, now: float | None = None) -> Path:
    """Copy the database as it is at this moment, whoever writes to it meanwhile; returns the copy's path.

    Nobody who writes has to wait: SQLite's log keeps what comes in. A copy that is not sound replaces none, and none
    takes the place of a file that is something else.

    :param path: the database.
    :param target: where the copy goes; None for the data folder, where only the newest are kept.
    :param now: epoch seconds.
    :raises NoBackup: there is no database or no room, the database is damaged, or another file stands there.
    :raises OSError: the copy cannot be written.
    """
    if target is not None and _is_the_database(target, path):
        raise NoBackup(f"{target} is the database itself, which the consumer writes to: name another file")
    if target is not None and _is_something_else(target):
        raise NoBackup(f"{target} is there already, and is not a copy of a database: name another file")
    folder = path.parent / FOLDER if target is None else target.parent
    if target is None:
        folder.mkdir(mode=0o700, exist_ok=True)
        _remove_unfinished(folder)
    made = target or folder / time.strftime(_NAME, time.gmtime(now))
    with _copied(path, folder) as copy:
        copy.replace(made)
    if target is None:
        for old in kept(path.parent)[:-KEPT]:
            old.unlink(missing_ok=True)
    return made


def restore(source: Path, path: Path, rooms: Mapping[str, Sequence[str]]) -> Path | None:
    """Put a copy in the database's place; what was there is kept, and its new path returned (None: nothing was there).

    Interrupted anywhere, the one or the other is there, whole. Plex may be ahead of the copy, so every scene is
    compared.

    :param source: the copy.
    :param path: the database.
    :param rooms: the steps that make the tables, by room; see ``Database.migrate``.
    :raises NoBackup: the copy is none of ours, is damaged, was changed, or was made by a newer version.
    :raises Taken: a consumer runs.
    :raises OSError: it cannot be written.
    """
    folder = path.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _check(source, rooms)
    with only_consumer(folder), _copied(source, folder) as copy, locked_folder(folder):
        with closing(sqlite3.connect(copy)) as connection, connection:
            # By its name it would be taken for the file that was used last.
            connection.execute("delete from fact where key = ?", (last_run.FACT,))
        _sync(copy)
        before = set_aside(path, "restore")
        last_run.note_restored(path)
        copy.replace(path)
        _sync(folder)
    return before


def _check(source: Path, rooms: Mapping[str, Sequence[str]]) -> None:
    if not source.is_file():
        what = stands_there_instead(source, links=False)
        raise NoBackup(f"{source} is {what}: name a file" if what else f"{source}: there is no such file")
    versions: dict[str, int] = {}
    try:
        with closing(_reading(source)) as connection:
            kinds = dict(connection.execute("select name, type from sqlite_schema").fetchall())
            # Before anything is read through them: a view can be without end, and a trigger changes what is put back.
            if odd := next((kind for kind in kinds.values() if kind not in ("table", "index")), None):
                raise NoBackup(f"{source} has a {odd}, which no database of PlexSync's has")
            versions = dict(connection.execute("select room, version from schema").fetchall())
            connection.execute("select 1 from fact").fetchone()
    except sqlite3.Error as error:
        raise NoBackup(f"{source} is not a backup of PlexSync's database, or is damaged: {error}") from None
    if not versions or not all(type(one) is int and one > 0 for one in versions.values()):
        raise NoBackup(f"{source} is not a backup of PlexSync's database, or is damaged: it has no versions")
    if newer := [room for room, version in versions.items() if version > len(rooms.get(room, ()))]:
        raise NoBackup(f"{source} was written by a newer PlexSync ({', '.join(newer)}): update the plugin first")
    if missing := next((name for name in _tables(rooms, versions) if kinds.get(name) != "table"), None):
        raise NoBackup(f"{source} is damaged, or was changed: it lacks the table {missing}")


def _tables(rooms: Mapping[str, Sequence[str]], versions: Mapping[str, int]) -> list[str]:
    """The tables of a database in which each room has that version."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        for room, version in versions.items():
            for statement in (one for step in rooms[room][:version] for one in statements(step)):
                made.execute(statement)
        return [row[0] for row in made.execute("select name from sqlite_schema where type = 'table' order by name")]


@contextmanager
def _copied(source: Path, folder: Path) -> Iterator[Path]:
    """A sound copy under a name of its own, on the disk, readable by its owner alone; removed unless it was renamed."""
    if not source.is_file():
        raise NoBackup(f"{source}: there is no database yet")
    needed = sum(_size(Path(f"{source}{suffix}")) for suffix in ("", SUFFIXES[0])) + MARGIN
    if (free := shutil.disk_usage(folder).free) < needed:
        raise NoBackup(f"no room for a copy in {folder}: {needed >> 20} MiB are needed, {free >> 20} MiB are free")
    descriptor, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=folder)
    os.close(descriptor)
    copy = Path(name)
    try:
        try:
            with closing(_reading(source)) as connection, closing(sqlite3.connect(copy)) as target:
                connection.backup(target)
                # So that it is one file, wherever it is put.
                target.execute("pragma journal_mode=delete")
        except sqlite3.Error as error:
            raise NoBackup(f"{source} cannot be copied: {error}") from None
        if fault := damage(copy):
            raise NoBackup(f"{source} is damaged, so no copy was kept: {fault}")
        _sync(copy)
        yield copy
    finally:
        for suffix in ("", "-journal", *SUFFIXES):
            Path(f"{copy}{suffix}").unlink(missing_ok=True)


def set_aside(path: Path, why: str) -> Path | None:
    """A second name for what is in the database's place, with all that its log holds; None where nothing is.

    :param why: what it makes room for, as its name says: ``restore``.
    :raises OSError: it cannot be kept.
    """
    if not path.exists():
        return None
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    number, kept_as = 1, path.with_name(f"{path.name}.before-{why}-{stamp}")
    while os.path.lexists(kept_as):
        number += 1
        kept_as = path.with_name(f"{path.name}.before-{why}-{stamp}-{number}")
    # Damaged, perhaps, and put back for that: then its log stays beside it.
    with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    try:
        os.link(path, kept_as)
    except OSError:
        # A file system without links.
        shutil.copy2(path, kept_as)
        _sync(kept_as)
    for suffix in SUFFIXES:
        with suppress(FileNotFoundError):
            Path(f"{path}{suffix}").replace(f"{kept_as}{suffix}")
    return kept_as


def _is_the_database(target: Path, path: Path) -> bool:
    """Whether a copy would take the place of what is to be copied, or of what belongs to it."""
    parts = [Path(f"{path}{suffix}") for suffix in ("", *SUFFIXES)]
    if target.name in {part.name for part in parts} and target.parent.exists() and target.parent.samefile(path.parent):
        return True
    return any(target.exists() and part.exists() and target.samefile(part) for part in parts)


def _is_something_else(target: Path) -> bool:
    """Whether a file is there that is neither empty nor a database, as a copy that was made before is one."""
    if not target.is_file():
        return False
    with target.open("rb") as file:
        return file.read(len(_MAGIC)) not in (b"", _MAGIC)


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)


def _remove_unfinished(folder: Path) -> None:
    """Remove what an earlier run left that was cut short. One that runs at this moment is younger than an hour."""
    for path in folder.glob(f"{_UNFINISHED}*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > 3600:
                path.unlink()


def _made_at(path: Path) -> float | None:
    try:
        return datetime.strptime(path.name, _NAME).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
