"""Only one at a time compares everything, whichever process it is in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plexsync.errors import PlexSyncError
from plexsync.storage.locks import FileLock, Taken

#: The file in the data folder that is locked meanwhile.
LOCK = "reconcile.lock"


class AlreadyRunning(PlexSyncError):
    """Somebody else is at it."""


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold the lock for the block. Where the file system has no locks, two at a time only do the work twice.

    :param folder: the data folder.
    :raises AlreadyRunning: another thread or process holds it.
    :raises OSError: the folder cannot be written to, or something else stands in the lock's place.
    """
    try:
        lock = FileLock(folder / LOCK, patience=0.0)
    except Taken as error:
        raise AlreadyRunning(
            f"everything is being compared at this moment ({error.process}): see ./huey_consumer.sh status"
        ) from None
    with lock:
        yield
