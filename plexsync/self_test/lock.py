"""One self-test at a time, on one data folder; the lock ends with the process, whatever kills that."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plexsync.errors import PermanentError
from plexsync.storage.own_files import open_own

#: The file in the data folder that is locked meanwhile.
LOCK = "self_test.lock"
#: Seconds after which whoever holds it does not only look whether a self-test runs.
MOMENT = 0.5
_TAKEN = (errno.EWOULDBLOCK, errno.EACCES)


class SelfTestRuns(PermanentError):
    """Another self-test runs on the same data."""


@contextmanager
def only_self_test(folder: Path) -> Iterator[None]:
    """Hold the lock for the block. Where the file system has no locks it goes on without.

    :param folder: the data folder.
    :raises SelfTestRuns: another process holds it.
    :raises OSError: the folder cannot be written to, or something else stands in the lock's place.
    """
    descriptor = open_own(folder / LOCK)
    try:
        _take(descriptor)
        yield
    finally:
        os.close(descriptor)


def is_running(folder: Path) -> bool:
    """Whether a self-test runs at this moment."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in _TAKEN
    finally:
        os.close(descriptor)
    return False


def _take(descriptor: int) -> None:
    until = time.monotonic() + MOMENT
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _TAKEN:
                return
            if time.monotonic() >= until:
                raise SelfTestRuns("another self-test is running: wait for its end") from None
            time.sleep(MOMENT / 20)
        else:
            return
