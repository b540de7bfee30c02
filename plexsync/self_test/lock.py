"""One self-test at a time, on one data folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plexsync.errors import PermanentError
from plexsync.storage.locks import FileLock, Taken, is_held

#: The file in the data folder that is locked meanwhile.
LOCK = "self_test.lock"


class SelfTestRuns(PermanentError):
    """Another self-test runs on the same data."""


@contextmanager
def only_self_test(folder: Path) -> Iterator[None]:
    """Hold the lock for the block. Where the file system has no locks it goes on without.

    :param folder: the data folder.
    :raises SelfTestRuns: another process holds it.
    :raises OSError: the folder cannot be written to, or something else stands in the lock's place.
    """
    try:
        lock = FileLock(folder / LOCK)
    except Taken as error:
        raise SelfTestRuns(f"another self-test is running ({error.process}): wait for its end") from None
    with lock:
        yield


def is_running(folder: Path) -> bool:
    """Whether a self-test runs at this moment."""
    return is_held(folder / LOCK)
