"""What the last consumer left: was the database closed, and is the file that is there now the one that it had?

Nothing in SQLite's log says which file it belongs to, and nothing in a file says that a log is missing. So each run has
a name of its own, which stands in the database (in the file itself, not only in its log) and in a file beside it::

    {"runs": ["9f..."], "open": true, "logged": true, "doubt": false}

From that it is seen, before the database is opened, that the log of a consumer that was killed is gone, that it stands
beside another file than its own, as after a backup was put back, and that another file was put there at all.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import time
import uuid
from contextlib import closing, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from plexsync.imports.late_dataclass import dataclass
from plexsync.inbox.everything_again import ask_for_all
from plexsync.storage.consumer_lock import running_consumer
from plexsync.storage.log_files import SUFFIXES, log_of

if TYPE_CHECKING:
    from plexsync.storage.database import Database

#: The file in the data folder.
LAST_RUN = "last_run.json"
#: Name of the fact in the database.
FACT = "run"
#: What the names of logs have behind them that belong to no file any more; a time follows.
STALE = ".stale-"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LastRun:
    """What is noted: the names the database may have, whether it was closed, whether all in it is to be doubted.

    None among the names stands for a database without one. ``logged``: it has a log, as it has on most file systems.
    """

    runs: tuple[str | None, ...]
    open: bool
    logged: bool = False
    doubt: bool = False


def see_to(path: Path) -> None:
    """Before anybody opens it: see whether what was committed last is missing; if so, say it, and ask for every scene.

    The caller holds the lock on the folder, and no consumer runs on it, or this one is about to.

    :param path: the database.
    :raises OSError: what has to be done cannot be noted now.
    """
    last = _read(path)
    if last is None or not path.is_file():
        return
    try:
        run = _run_of(path)
    except sqlite3.Error:
        # Without its log it need not be whole.
        return
    has_log = _size(log_of(path)) > 0
    if run not in last.runs:
        fault = "is another file than the one that was used last"
        if last.open and has_log:
            fault += f"; the log beside it does not belong to it, and is kept as {_set_log_aside(path)}"
    elif last.open and last.logged and not has_log:
        fault = "has lost its log, and with it what was committed last"
    else:
        return
    ask_for_all(path.parent)
    _write(path, LastRun((run,), open=False, doubt=True))
    log.error("%s %s: every scene is checked again", path, fault)


def see_to_unless_used(path: Path) -> None:
    """As ``see_to``, for a process that is no consumer and opens it now: where one runs, there is nothing to see to."""
    if not _place(path).exists():
        return
    try:
        if running_consumer(path.parent) is not None:
            return
    except OSError:
        # That cannot be seen: it is left to the consumer.
        return
    with suppress(OSError):
        see_to(path)
    # Whoever opens it has what is in the log, and folds it in at the end.
    closed(path)


def note_restored(path: Path) -> None:
    """An older copy is about to be put in the database's place: what it says of Plex is in doubt.

    The copy has no run's name. If it does not get there, the file that is there is taken for another one, and doubted.

    :raises OSError: that cannot be noted.
    """
    ask_for_all(path.parent)
    _write(path, LastRun((None,), open=False, doubt=True))


def note_moved(path: Path) -> None:
    """A file that holds all that is known is about to be put in the database's place: nothing of it is in doubt.

    The file has no run's name.

    :raises OSError: that cannot be noted.
    """
    _write(path, LastRun((None,), open=False))


def closed(path: Path) -> None:
    """Note that there is no log to be missed: the database was closed, or somebody has what was in it."""
    last = _read(path)
    if last is not None and last.open:
        with suppress(OSError):
            _write(path, replace(last, open=False))


def is_to_be_doubted(path: Path) -> bool:
    """Whether what the database says was told to Plex may be older than what was."""
    last = _read(path)
    return last is not None and last.doubt


def begin(database: Database) -> None:
    """Note in the database, and beside it, that it is this file that is used from now on. Its tables are made.

    Where that cannot be noted, on a full disk, say, it goes on without.
    """
    run = uuid.uuid4().hex
    try:
        with database.read() as connection:
            row = connection.execute("select value from fact where key = ?", (FACT,)).fetchone()
        # Both names count until the file has the new one: a death in between is no loss.
        _write(database.path, LastRun((run, row[0] if row else None), open=True))
        with database.write(durable=True) as connection:
            connection.execute("insert or replace into fact values (?, ?)", (FACT, run))
        with database.writer() as connection:
            # The log keeps its length: one that is empty later was emptied by somebody.
            is_busy = connection.execute("pragma wal_checkpoint(full)").fetchone()[0]
        if not is_busy:
            _write(database.path, LastRun((run,), open=True, logged=_size(log_of(database.path)) > 0))
    except (OSError, sqlite3.Error) as error:
        log.debug("what is used cannot be noted: %s", error)


def _set_log_aside(path: Path) -> str:
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    logged = log_of(path)
    target = logged.with_name(f"{logged.name}{STALE}{stamp}-{os.getpid()}")
    logged.rename(target)
    Path(f"{path.resolve()}{SUFFIXES[1]}").unlink(missing_ok=True)
    return str(target)


def _run_of(path: Path) -> str | None:
    """The name that stands in the file itself, whatever its log says; None where there is none.

    :raises sqlite3.Error: it cannot be read without its log.
    """
    if not _size(path):
        return None
    address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        if not connection.execute("select 1 from sqlite_master where name = 'fact'").fetchone():
            return None
        row = connection.execute("select value from fact where key = ?", (FACT,)).fetchone()
    return str(row[0]) if row else None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _place(path: Path) -> Path:
    return path.parent / LAST_RUN


def _read(path: Path) -> LastRun | None:
    """What is noted; None where nothing is, or nothing that can be read."""
    try:
        noted = json.loads(_place(path).read_bytes()) if _place(path).is_file() else None
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(noted, dict) or not isinstance(noted.get("runs"), list):
        return None
    return LastRun(tuple(noted["runs"]), *(noted.get(name) is True for name in ("open", "logged", "doubt")))


def _write(path: Path, last: LastRun) -> None:
    """Put it in the place of what was noted before, on the disk.

    :raises OSError: it could not be.
    """
    # Made with mode 0600.
    import tempfile

    descriptor, name = tempfile.mkstemp(prefix=f".{LAST_RUN}.", dir=path.parent)
    new = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(json.dumps(asdict(last)).encode("ascii") + b"\n")
            file.flush()
            os.fsync(file.fileno())
        new.replace(_place(path))
    finally:
        new.unlink(missing_ok=True)
