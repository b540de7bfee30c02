"""Only one at a time compares everything, whichever process it is in."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plexsync.errors import PlexSyncError
from plexsync.storage.own_files import open_own

#: The file in the data folder that is locked meanwhile.
LOCK = "reconcile.lock"

log = logging.getLogger(__name__)


class AlreadyRunning(PlexSyncError):
    """Somebody else is at it."""


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold the lock for the block; it ends with the process, whatever kills that.

    Where the file system has no locks it goes on without: two at a time only do the work twice.

    :param folder: the data folder.
    :raises AlreadyRunning: another thread or process holds it.
    :raises OSError: the folder cannot be written to, or something else stands in the lock's place.
    """
    descriptor = open_own(folder / LOCK)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise AlreadyRunning(
                    "everything is being compared at this moment: see ./huey_consumer.sh status"
                ) from None
            log.debug("%s cannot be locked: %s", folder / LOCK, error.strerror)
        yield
    finally:
        os.close(descriptor)
