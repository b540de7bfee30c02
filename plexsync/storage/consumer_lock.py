"""The lock that says: a consumer runs on this data.

It is made anew where its file was deleted under it, with the whole data folder as a rule. Without it a second consumer
could start on the same data, and neither would know of the other.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plexsync.log_throttle import LogThrottle
from plexsync.storage.locks import FileLock, LockHolder, Taken, holder

#: The file in the data folder that the consumer holds locked. That it is there tells of an earlier one.
CONSUMER_LOCK = "consumer.lock"
#: The variable by which a consumer that starts anew in its own place tells itself that it holds the lock: its
#: descriptor and its process, ``"7:4711"``.
INHERITED = "PLEXSYNC_CONSUMER_LOCK"
#: Seconds between two looks, each of which costs one ``stat``.
EVERY = 5.0

log = logging.getLogger(__name__)


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
    """The lock of one consumer, taken when this is made.

    :param folder: the data folder.
    :raises Taken: another consumer runs on this data.
    :raises OSError: the folder cannot be written to, or something else stands in the lock's place.
    """

    def __init__(self, folder: Path) -> None:
        #: Where its file is.
        self.path = folder / CONSUMER_LOCK
        #: Whether a consumer ran on this data before.
        self.ran_before = self.path.exists()
        self._lock = _taken(self.path, _inherited())
        # A worker process that outlives its consumer must not keep the next one out.
        os.register_at_fork(after_in_child=self.close)

    def hold(self) -> bool:
        """Make the lock anew where its file was deleted or replaced, as with the whole folder; whether it was.

        :raises Taken: another consumer has taken the new one meanwhile.
        :raises OSError: it cannot be made now.
        """
        old = self._lock
        if old.is_in_place():
            return False
        self._lock = _taken(self.path)
        old.close()
        return True

    def hand_over(self) -> str:
        """Keep it held when this process becomes the consumer anew; the value of ``INHERITED`` for that one."""
        descriptor = self._lock.hand_over()
        return f"{descriptor}:{os.getpid()}"

    def close(self) -> None:
        """Let go of it, unless it was handed over."""
        self._lock.close()


def running_consumer(folder: Path) -> LockHolder | None:
    """The consumer that runs on this data, in whatever container of this machine; None where none does.

    :param folder: the data folder.
    :raises OSError: that cannot be seen: the file is another user's, or the file system has no locks.
    """
    return holder(folder / CONSUMER_LOCK)


@contextmanager
def held_anew(lock: ConsumerLock) -> Iterator[None]:
    """Look after the lock while the block runs. Where another consumer has taken it, this one stops."""
    over = threading.Event()
    thread = threading.Thread(target=_watch, args=(lock, over), name="lock", daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        log.warning("%s is not watched: %s", lock.path, error)
        yield
        return
    try:
        yield
    finally:
        over.set()
        thread.join()


def _inherited() -> int | None:
    """The descriptor of the lock that this process held before it became this program; None where it did not."""
    descriptor, _, process = os.environ.pop(INHERITED, "").partition(":")
    if not descriptor.isdecimal() or process != str(os.getpid()):
        return None
    try:
        os.set_inheritable(int(descriptor), False)
    except OSError:
        return None
    return int(descriptor)


def _taken(path: Path, held: int | None = None) -> FileLock:
    try:
        lock = FileLock(path, held=held)
    except Taken as error:
        raise Taken(
            f"another consumer ({error.process}) is running on the data in {path.parent}: one is enough, so this one "
            "ends; stop the other one first to replace it"
        ) from None
    if lock.missing:
        log.warning(
            "%s cannot be locked (%s), so a second consumer would not be noticed: start only one", path, lock.missing
        )
    return lock


def _watch(lock: ConsumerLock, over: threading.Event) -> None:
    said = LogThrottle()
    while not over.wait(EVERY):
        try:
            if lock.hold():
                log.warning("%s was deleted while in use, and is made again", lock.path)
        except Taken as error:
            log.error("%s", error)  # noqa: TRY400 - the text says it all
            os.kill(os.getpid(), signal.SIGTERM)
            return
        except OSError as error:
            if said.unsaid(error.errno) is not None:
                log.error("%s cannot be made again: PlexSync would not notice a second consumer: %s", lock.path, error)  # noqa: TRY400 - the text says it all
