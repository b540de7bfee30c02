"""One self-test at a time, on one data folder; the lock ends with the process, whatever kills that."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plexsync.errors import PermanentError

#: The file in the data folder that is locked meanwhile.
LOCK = "self_test.lock"
_TAKEN = (errno.EWOULDBLOCK, errno.EACCES)


class AlreadyRunningError(PermanentError):
    """Another self-test runs."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the lock for the block. Where the file system has no locks it goes on without.

    :param folder: the data folder.
    :raises AlreadyRunningError: another process holds it.
    """
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _TAKEN:
                raise AlreadyRunningError("another self-test is running: wait for its end") from None
        yield
    finally:
        os.close(descriptor)


def is_running(folder: Path) -> bool:
    """Whether a self-test runs at this moment."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in _TAKEN
    finally:
        os.close(descriptor)
    return False
