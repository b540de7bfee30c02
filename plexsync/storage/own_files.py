"""Files of ours are opened so that nothing else is written to that stands under their name.

A link in a file's place would have us write to, or empty, whatever it leads to; a pipe would have us wait for ever.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

#: What can stand in a file's place, by what the system calls it.
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: "a link",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def stands_there_instead(path: Path, *, links: bool = True) -> str:
    """What stands in a file's place, for a person: ``"a folder"``; ``""`` for a file, and for nothing at all.

    :param links: a link is something else; False looks at what it leads to.
    """
    try:
        status = path.lstat() if links else path.stat()
    except OSError:
        return ""
    return "" if stat.S_ISREG(status.st_mode) else _KINDS.get(stat.S_IFMT(status.st_mode), "no file")


class NotOurs(OSError):
    """Something else stands in the place of a file of ours. The text says what, and what to do."""

    def __str__(self) -> str:
        return f"{self.filename}: {self.strerror}"


def not_ours(path: Path, what: str) -> NotOurs:
    """The error to raise where something else stands in a file's place.

    :param what: ``"a folder"``.
    """
    return NotOurs(errno.EEXIST, f"{what} stands where a file of PlexSync's belongs: move it away", str(path))


def open_own(path: Path, mode: int = 0o600, *, append: bool = False) -> int:
    """The descriptor of a file of ours, for reading and writing, made where there is none. What it holds stays.

    :param mode: who may use it, where it is made.
    :param append: whatever is written goes to its end.
    :raises NotOurs: something else stands there: a link, a folder, a pipe.
    :raises OSError: it cannot be opened.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | (os.O_APPEND if append else 0)
    try:
        descriptor = os.open(path, flags, mode)
    except OSError:
        if what := stands_there_instead(path):
            raise not_ours(path, what) from None
        raise
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise not_ours(path, stands_there_instead(path) or "no file")


def is_at(descriptor: int, path: Path) -> bool:
    """Whether an open file is the one that stands under this name now."""
    try:
        there = path.lstat()
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(descriptor), there)
