"""Locks on files that die with the process that holds them, whatever kills it (flock)."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from plexsync.errors import PlexSyncError
from plexsync.storage.own_files import is_at, not_ours, open_own

#: The file in the data folder that the consumer holds locked. That it is there tells of an earlier one.
CONSUMER_LOCK = "consumer.lock"

#: Seconds after which whoever holds it is no passer-by.
MOMENT = 0.5
#: Bytes that a process's number has at most.
_NUMBER = 20

log = logging.getLogger(__name__)


class Taken(PlexSyncError):
    """Another process holds the lock. The text says which, and what to do."""


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Hold a folder while a file in it is made or replaced, so that no two processes do that at once.

    Where the file system has no such locks, or the folder cannot be opened, it goes on without.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        yield
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError as error:
            log.debug("%s cannot be locked: %s", folder, error.strerror)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def only_consumer(folder: Path) -> Iterator[ConsumerLock]:
    """Be the only consumer on this data while the block runs.

    :param folder: the data folder.
    :raises Taken: another one runs.
    :raises OSError: the folder cannot be written to, or something else stands in the lock's place.
    """
    lock = ConsumerLock(folder)
    try:
        yield lock
    finally:
        lock.close()


class ConsumerLock:
    """The lock that says: a consumer runs on this data. Taken when this is made.

    :param folder: the data folder.
    :raises Taken: another one runs.
    :raises OSError: the folder cannot be written to, or something else stands in the lock's place.
    """

    def __init__(self, folder: Path) -> None:
        #: Where its file is.
        self.path = folder / CONSUMER_LOCK
        #: Whether a consumer ran on this data before.
        self.ran_before = self.path.exists()
        self._descriptor: int | None = _held(self.path)
        # A worker process that outlives its consumer must not keep the next one out. What is closed twice is closed.
        os.register_at_fork(after_in_child=self.close)

    def hold(self) -> bool:
        """Make the lock anew where its file was deleted or replaced, as with the whole folder; whether it was.

        :raises Taken: another consumer has taken the new one meanwhile.
        :raises OSError: it cannot be made now.
        """
        old = self._descriptor
        if old is None or is_at(old, self.path):
            return False
        self._descriptor = _held(self.path)
        os.close(old)
        return True

    def close(self) -> None:
        """Let go of it."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


@dataclass(frozen=True, slots=True)
class RunningConsumer:
    """The consumer that runs on some data: its process, None where it is not known, and since when (epoch seconds)."""

    pid: int | None
    since: float


def running_consumer(folder: Path) -> RunningConsumer | None:
    """The consumer that runs on this data, in whatever container of this machine; None where none does.

    :param folder: the data folder.
    :raises OSError: that cannot be seen: the file is another user's, or the file system has no locks.
    """
    try:
        descriptor = os.open(folder / CONSUMER_LOCK, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
            raise
        holder = os.pread(descriptor, _NUMBER, 0).decode("ascii", "replace").strip()
        return RunningConsumer(int(holder) if holder.isdecimal() else None, os.fstat(descriptor).st_mtime)
    finally:
        os.close(descriptor)
    return None


def _held(path: Path) -> int:
    """The descriptor of the lock's file, locked, with our number in it."""
    while True:
        descriptor = open_own(path)
        try:
            is_locked = _take(descriptor, path)
            if not is_at(descriptor, path):
                # Somebody made it anew in this moment.
                os.close(descriptor)
                continue
            if os.fstat(descriptor).st_nlink > 1:
                # A backup by hard links, say: what has another name is not ours alone to write to.
                path.unlink()
                os.close(descriptor)
                continue
            if not _is_ours(descriptor):
                raise not_ours(path, "another program's file")
        except BaseException:
            with suppress(OSError):
                os.close(descriptor)
            raise
        if is_locked:
            _note_process(descriptor, path)
        return descriptor


def _is_ours(descriptor: int) -> bool:
    """Whether a file holds a number and nothing else, as this lock does; after a power cut it can hold zero bytes."""
    content = os.pread(descriptor, _NUMBER + 1, 0).strip(b"\0\n ")
    return not content or (len(content) <= _NUMBER and content.isdigit())


def _take(descriptor: int, path: Path) -> bool:
    """Lock it; False where the file system has no locks.

    :raises Taken: another process holds it.
    """
    try:
        _lock_soon(descriptor)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
            log.warning(
                "%s cannot be locked (%s), so a second consumer would not be noticed: start only one",
                path,
                error.strerror,
            )
            return False
        holder = os.pread(descriptor, _NUMBER, 0).decode("ascii", "replace").strip()
        raise Taken(
            f"another consumer (process {holder if holder.isdecimal() else 'unknown'}) is running on the data in "
            f"{path.parent}: one is enough, so this one ends; stop the other one first to replace it"
        ) from None
    return True


def _note_process(descriptor: int, path: Path) -> None:
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
    except OSError:
        # On a full disk the lock still holds; only its holder's number is missing.
        log.debug("the process id could not be noted in %s", path)


def _lock_soon(descriptor: int) -> None:
    """Lock it; who only looks whether a consumer runs holds it for a moment, too.

    :raises OSError: somebody else keeps it.
    """
    until = time.monotonic() + MOMENT
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise
            time.sleep(MOMENT / 20)
        else:
            return
