"""A file of lines that is put aside once it is long enough, of which a few are kept: the log in the data folder."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from pathlib import Path

from plexsync.storage.own_files import is_at, open_own

#: Bytes of one file, and how many older ones are kept beside it.
MOST_BYTES, KEPT = 2 * 1024 * 1024, 4
#: Seconds; see ``RotatingFile``.
LOOK_EVERY = 1.0


class RotatingFile:
    """Lines at the end of a file that only its owner may read. Safe to share between threads, and after a fork.

    What cannot be written there is not: the same lines go to standard error, and nothing is held up by a full disk.

    :param path: the file; older ones are ``<name>.1`` (the newest) to ``<name>.<kept>``.
    :param most: bytes after which a file is put aside.
    :param kept: older files, at least 1.
    :param look_every: seconds between two looks whether the file is still there, and how long others have made it.
    """

    def __init__(self, path: Path, most: int = MOST_BYTES, kept: int = KEPT, look_every: float = LOOK_EVERY) -> None:
        self.path = path
        self._most = most
        self._kept = kept
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._look_every = look_every
        self._look_at = 0.0
        self._size = 0

    def write(self, text: str) -> None:
        """Write it whole, where that can be done."""
        content = text.encode("utf-8", "backslashreplace")
        with self._lock, suppress(OSError):
            descriptor = self._ready(len(content))
            while content:
                content = content[os.write(descriptor, content) :]

    def close(self) -> None:
        """Close it; the next line opens it again."""
        with self._lock:
            self._close()

    def _ready(self, coming: int) -> int:
        """The descriptor of a file that has room for so many bytes."""
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + self._look_every
            if self._descriptor is not None and not is_at(self._descriptor, self.path):
                # Another process has put it aside, or somebody has removed it.
                self._close()
            self._size = os.fstat(self._open()).st_size
        if self._size and self._size + coming > self._most:
            self._put_aside()
        descriptor = self._open()
        self._size += coming
        return descriptor

    def _open(self) -> int:
        if self._descriptor is None:
            # Nobody makes the data folder here: it may have been taken away.
            self._descriptor = open_own(self.path, append=True)
            self._size = os.fstat(self._descriptor).st_size
        return self._descriptor

    def _put_aside(self) -> None:
        self._close()
        for number in range(self._kept, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{number - 1}") if number > 1 else self.path
            with suppress(FileNotFoundError):
                older.replace(self.path.with_name(f"{self.path.name}.{number}"))

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)
