"""The doorbell: a named pipe beside the inbox that whoever lays something there rings, so that nobody has to look.

It wakes, and says nothing: what came is found where it lies. So a ring that is lost costs a moment, and no event.
"""

from __future__ import annotations

import logging
import os
import select
import stat
from contextlib import suppress
from pathlib import Path

from plexsync.inbox import event_files
from plexsync.log_throttle import LogThrottle

#: Seconds between two words on what keeps the doorbell from being used.
SAY_EVERY = 3600.0
#: Bytes taken out of the pipe at a time: each is a ring.
_CHUNK = 64 * 1024

log = logging.getLogger(__name__)


class Doorbell:
    """The pipe of one data folder, from the side of whoever is woken. Used by one thread.

    :param folder: the data folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = str(folder / event_files.DOORBELL)
        self._descriptor: int | None = None
        self._identity: tuple[int, int] | None = None
        self._said = LogThrottle(SAY_EVERY)

    def is_there(self) -> bool:
        """Whether it can be rung; it is made, or made anew, where it cannot. Costs one ``stat`` where it can."""
        if self._descriptor is not None and _identity(self._path) == self._identity:
            return True
        self.close()
        try:
            self._descriptor = self._open()
        except OSError as error:
            if self._said.unsaid(error.errno) is not None:
                log.info("%s cannot be made (%s): PlexSync looks for events instead", self._path, error.strerror)
        return self._descriptor is not None

    def wait(self, seconds: float) -> int:
        """Wait for a ring, so many seconds at most; how often it was rung.

        :raises OSError: the pipe cannot be read.
        """
        if self._descriptor is None:
            raise OSError("the doorbell is not there")
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        if not poll.poll(max(0.0, seconds) * 1000):
            return 0
        try:
            return len(os.read(self._descriptor, _CHUNK))
        except BlockingIOError:
            return 0

    def ring(self) -> None:
        """Ring it. From any thread."""
        event_files.ring(str(self._folder))

    def close(self) -> None:
        """Let go of it. Whoever rings it from now on finds nobody there, which costs him nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = self._identity = None

    def remove(self) -> None:
        """Let go of it and take it away: a folder that is at rest holds files alone."""
        identity = self._identity
        self.close()
        if identity is not None and _identity(self._path) == identity:
            with suppress(OSError):
                os.unlink(self._path)  # noqa: PTH108 - a text, as all here

    def _open(self) -> int | None:
        """The pipe's descriptor; None where the system has no such pipes, or something else stands in its place.

        :raises OSError: it cannot be made or opened.
        """
        if not hasattr(os, "mkfifo") or not self._folder.is_dir():
            return None
        with suppress(FileExistsError):
            os.mkfifo(self._path, 0o600)
        if fault := self._fault(os.lstat(self._path)):
            if self._said.unsaid(fault) is not None:
                log.warning(
                    "%s is %s, so PlexSync looks for events instead of being woken by them: move it away",
                    self._path,
                    fault,
                )
            return None
        # For writing as well: else it would count as closed whenever nobody rings.
        descriptor = os.open(self._path, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        found = os.fstat(descriptor)
        if self._fault(found):
            os.close(descriptor)
            return None
        if stat.S_IMODE(found.st_mode) != 0o600:
            os.fchmod(descriptor, 0o600)
        self._identity = found.st_dev, found.st_ino
        return descriptor

    @staticmethod
    def _fault(found: os.stat_result) -> str:
        """What is in its place instead; empty where it is ours."""
        if stat.S_ISLNK(found.st_mode):
            return "a link"
        if not stat.S_ISFIFO(found.st_mode):
            return "a folder" if stat.S_ISDIR(found.st_mode) else "no named pipe but a file"
        return "" if found.st_uid == os.geteuid() else f"another user's (uid {found.st_uid})"


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
