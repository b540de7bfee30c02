"""Locks on files that die with the process that holds them, whatever kills it (flock).

A lock's file is one of ours and nothing else: no link is followed, nothing that somebody else wrote is emptied, only
its owner may use it, and it holds the number of the process that holds it. On a file system without locks whoever
takes one goes on without, and is told (``FileLock.missing``).
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from plexsync.errors import PlexSyncError
from plexsync.imports.late_dataclass import dataclass
from plexsync.storage.own_files import is_at, not_ours, open_own

#: Seconds after which whoever holds a lock is no passer-by, who only looks whether somebody does.
MOMENT = 0.5
#: Bytes that a process's number has at most.
_NUMBER = 20
_HELD = (errno.EWOULDBLOCK, errno.EACCES)

log = logging.getLogger(__name__)


class Taken(PlexSyncError):
    """Another process holds the lock.

    :param message: says which, and what to do.
    :param process: which, for a person: ``"process 4711"``.
    """

    def __init__(self, message: str, process: str = "process unknown") -> None:
        super().__init__(message)
        self.process = process


@dataclass(frozen=True, slots=True)
class LockHolder:
    """Who holds a lock: the process, None where it is not known, and since when (epoch seconds)."""

    pid: int | None
    since: float


class FileLock:
    """A lock that is held from when it is made until ``close``; a context manager does that.

    :param path: its file, made where there is none.
    :param patience: seconds to wait for whoever holds it.
    :param waiting: called once, where it is waited for.
    :param shared: any number may hold it at once, and none of them notes its number; others may look at its file.
    :param held: the descriptor by which this process holds it already, since before it became this program.
    :raises Taken: another process keeps it. Whoever calls says what is to be done about it.
    :raises NotOurs: something else stands in its place.
    :raises OSError: its file cannot be opened.
    """

    def __init__(
        self,
        path: Path,
        patience: float = MOMENT,
        waiting: Callable[[], object] | None = None,
        *,
        shared: bool = False,
        held: int | None = None,
    ) -> None:
        self.path = path
        #: Why it is not locked, where its file system has no locks; else empty.
        self.missing = ""
        self._until = time.monotonic() + patience
        self._waiting = waiting
        self._shared = shared
        self._descriptor: int | None = self._held(held)

    def __enter__(self) -> FileLock:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def is_in_place(self) -> bool:
        """Whether its file is still there; True after it was let go of."""
        return self._descriptor is None or is_at(self._descriptor, self.path)

    def close(self) -> None:
        """Let go of it. What is closed twice is closed."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def hand_over(self) -> int:
        """The descriptor by which the program that this process becomes holds it on; not let go of from here."""
        if self._descriptor is None:
            raise ValueError(f"{self.path} was let go of")
        os.set_inheritable(self._descriptor, True)
        descriptor, self._descriptor = self._descriptor, None
        return descriptor

    def _held(self, held: int | None) -> int:
        while True:
            descriptor = open_own(self.path, 0o644 if self._shared else 0o600) if held is None else held
            held = None
            try:
                self._lock(descriptor)
                if self._is_the_one(descriptor):
                    if not self.missing and not self._shared:
                        _note_process(descriptor, self.path)
                    return descriptor
            except BaseException:
                with suppress(OSError):
                    os.close(descriptor)
                raise
            os.close(descriptor)

    def _is_the_one(self, descriptor: int) -> bool:
        """Whether the file that was locked is the lock; else it is to be made anew.

        :raises NotOurs: it is another program's.
        """
        if not is_at(descriptor, self.path):
            # Somebody made it anew in this moment.
            return False
        if os.fstat(descriptor).st_nlink > 1:
            # A backup by hard links, say: what has another name is not ours alone to write to.
            self.path.unlink()
            return False
        # It holds a number and nothing else; after a power cut it can hold zero bytes.
        content = os.pread(descriptor, _NUMBER + 1, 0).strip(b"\0\n ")
        if content and (len(content) > _NUMBER or not content.isdigit()):
            raise not_ours(self.path, "another program's file")
        return True

    def _lock(self, descriptor: int) -> None:
        while True:
            try:
                fcntl.flock(descriptor, (fcntl.LOCK_SH if self._shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno not in _HELD:
                    self.missing = error.strerror or str(error)
                    log.debug("%s cannot be locked: %s", self.path, self.missing)
                    return
                if time.monotonic() >= self._until:
                    process = f"process {_noted(descriptor) or 'unknown'}"
                    raise Taken(f"{process} holds {self.path}", process) from None
                if self._waiting is not None:
                    self._waiting()
                    self._waiting = None
                time.sleep(MOMENT / 20)
            else:
                return


def holder(path: Path, *, shared: bool = False) -> LockHolder | None:
    """Who holds a lock at this moment, in whatever container of this machine; None where nobody does.

    :param path: its file.
    :param shared: it is one that any number may hold at once.
    :raises OSError: that cannot be seen: the file is another user's, or the file system has no locks.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if shared else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _HELD:
            raise
        return LockHolder(_noted(descriptor), os.fstat(descriptor).st_mtime)
    finally:
        os.close(descriptor)
    return None


def is_held(path: Path, *, shared: bool = False) -> bool:
    """Whether somebody holds a lock at this moment; False also where that cannot be seen. See ``holder``."""
    try:
        return holder(path, shared=shared) is not None
    except OSError:
        return False


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


def _noted(descriptor: int) -> int | None:
    number = os.pread(descriptor, _NUMBER, 0).decode("ascii", "replace").strip()
    return int(number) if number.isdecimal() else None


def _note_process(descriptor: int, path: Path) -> None:
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
    except OSError:
        # On a full disk the lock still holds; only its holder's number is missing.
        log.debug("the process id could not be noted in %s", path)
