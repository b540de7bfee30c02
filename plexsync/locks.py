"""Locks on files that die with the process that holds them, whatever kills it (flock)."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from plexsync.errors import PlexSyncError

#: The file in the data folder that the consumer holds locked. That it is there tells of an earlier one.
CONSUMER_LOCK = "consumer.lock"

#: Seconds after which whoever holds it is no passer-by.
MOMENT = 0.5

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
def only_consumer(folder: Path) -> Iterator[bool]:
    """Be the only consumer on this data while the block runs.

    :param folder: the data folder.
    :returns: whether a consumer ran on this data before.
    :raises Taken: another one runs.
    :raises OSError: the folder cannot be written to.
    """
    path = folder / CONSUMER_LOCK
    earlier = path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    # A worker process that outlives its consumer must not keep the next one out. What is closed twice is closed.
    closing = _Closing(descriptor)
    os.register_at_fork(after_in_child=closing.close)
    try:
        _take(descriptor, path)
        yield earlier
    finally:
        closing.close()


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
        descriptor = os.open(folder / CONSUMER_LOCK, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
            raise
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
        return RunningConsumer(int(holder) if holder.isdecimal() else None, os.fstat(descriptor).st_mtime)
    finally:
        os.close(descriptor)
    return None


class _Closing:
    """Closes a descriptor, once per process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def _take(descriptor: int, path: Path) -> None:
    try:
        _lock_soon(descriptor)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
            log.warning(
                "%s cannot be locked (%s), so a second consumer would not be noticed: start only one",
                path,
                error.strerror,
            )
            return
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
        raise Taken(
            f"another consumer (process {holder or 'unknown'}) is running on the data in {path.parent}: "
            "one is enough, so this one ends; stop the other one first to replace it"
        ) from None
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
