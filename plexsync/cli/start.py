"""How the consumer comes to its data: alone, on a folder it can write to, with a database that is sound."""

from __future__ import annotations

import errno
import logging
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from plexsync.cli.taking_over import sole_consumer
from plexsync.errors import PermanentError
from plexsync.inbox.hook_fault import explain
from plexsync.ledger import Ledger
from plexsync.ledger.rescue import Rescue
from plexsync.queue.storage_health import TELL_EVERY, WAIT
from plexsync.storage import last_run
from plexsync.storage.consumer_lock import ConsumerLock, held_anew
from plexsync.storage.database import DATABASE_NAME, Database
from plexsync.storage.faults import is_locked
from plexsync.storage.lock_holders import holders
from plexsync.storage.own_files import NotOurs

#: Seconds to wait for another program that has the database locked: a backup, or somebody who looks into it.
LOCK_PATIENCE = 120.0
#: Bytes below which a disk counts as full: SQLite needs a few pages at least.
NO_ROOM = 256 * 1024

log = logging.getLogger(__name__)
Opened = TypeVar("Opened")


class Start:
    """One start of the consumer on a data folder.

    :param folder: the data folder.
    :param ran_before: whether a consumer ran on it before.
    """

    def __init__(self, folder: Path, *, ran_before: bool) -> None:
        self._folder = folder
        self._ran_before = ran_before
        self._rescue = Rescue(folder / DATABASE_NAME)
        self._damaged: Path | None = None
        self._database: Database | None = None
        #: The lock on the data folder, which this consumer holds.
        self.lock: ConsumerLock | None = None

    def see_to_the_file(self) -> None:
        """Set a damaged database aside, before anybody opens it.

        :raises OSError: it could not be.
        """
        self._damaged = self._rescue.before_start(ran_before=self._ran_before) or self._damaged

    def look_after(self, database: Database) -> None:
        """Copy into the database what can be read of a damaged one, and look after it from here on.

        :param database: open, with the queue's tables.
        """
        Ledger(database)
        if database.is_shared:
            self._database = database
            return
        database.keeper = self._rescue
        if self._damaged is not None:
            self._rescue.salvage(self._damaged, database)
            self._damaged = None
        # Where it is locked, or the disk full, this fails, and all is tried again.
        with database.write() as connection:
            connection.execute("select 1")
        self._rescue.begin(database)
        self._database = database

    def end(self) -> None:
        """Close the database, and note that it was closed: what was committed is in the file."""
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.close()
                if not self._database.is_shared:
                    last_run.closed(self._database.path)

    def with_room(self, open_all: Callable[[], Opened]) -> Opened:
        """What ``open_all`` returns; while the disk is full or the database locked, it is called again and again.

        A program that ended instead would be started again and again.

        :raises PermanentError: it is locked for longer than anybody needs it.
        """
        told_at, locked_since = float("-inf"), None
        while True:
            try:
                return open_all()
            except (sqlite3.Error, OSError) as error:
                now = time.monotonic()
                if is_locked(error):
                    locked_since = locked_since or now
                    what = self._locked(give_up=now - locked_since >= LOCK_PATIENCE)
                elif _is_for_want_of_room(error, self._folder):
                    what, locked_since = f"no room on the disk of {self._folder} ({error})", None
                else:
                    raise
                if now - told_at >= TELL_EVERY:
                    told_at = now
                    log.error("%s: waiting for it; nothing is lost", what)  # noqa: TRY400 - the text says it all
            time.sleep(WAIT)

    def _locked(self, *, give_up: bool) -> str:
        path = self._folder / DATABASE_NAME
        what = f"{path} is locked by {holders(path) or 'another program'}"
        if give_up:
            raise PermanentError(f"{what} for {LOCK_PATIENCE:.0f} s by now: end that, and start again") from None
        return what


@contextmanager
def start_on(folder: Path, ended: Callable[[ConsumerLock], object] = lambda _lock: None) -> Iterator[Start]:
    """Be the consumer on this data.

    :param folder: the data folder.
    :param ended: called with the lock when all else has ended, before it is let go of.
    :raises PermanentError: the folder cannot be written to, or something else stands in the lock's place.
    :raises Taken: another consumer runs on it.
    """
    with ExitStack() as stack:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                lock = stack.enter_context(sole_consumer(folder))
        except NotOurs as error:
            raise PermanentError(f"the consumer cannot start: {error}") from None
        except OSError as error:
            raise PermanentError(f"the consumer cannot write to its data: {explain(error, str(folder))}") from None
        stack.callback(ended, lock)
        stack.enter_context(held_anew(lock))
        start = Start(folder, ran_before=lock.ran_before)
        start.lock = lock
        try:
            yield start
        finally:
            start.end()


def _is_for_want_of_room(error: sqlite3.Error | OSError, folder: Path) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code == sqlite3.SQLITE_FULL or (
        code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and shutil.disk_usage(folder).free < NO_ROOM
    )
