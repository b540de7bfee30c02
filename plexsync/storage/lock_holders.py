"""Which processes hold a lock on the database, as far as Linux shows it."""

from __future__ import annotations

import os
from pathlib import Path

from plexsync.inbox.event_files import printable
from plexsync.storage.log_files import SUFFIXES

#: Where the kernel lists all locks: ``1: POSIX  ADVISORY  WRITE 4711 08:01:1234 120 120``.
LOCKS = Path("/proc/locks")


def holders(path: Path) -> str:
    """Who keeps others from writing to a database, for a person: ``"process 4711 (sqlite3)"``; ``""`` if nobody shows.

    :param path: the database.
    """
    inodes = {inode for inode in map(_inode, (path, *(Path(f"{path.resolve()}{one}") for one in SUFFIXES))) if inode}
    found: dict[int, str] = {}
    try:
        lines = LOCKS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        words = line.split()
        # A line that begins with "->" waits for one.
        if len(words) < 6 or words[1] == "->" or words[3] != "WRITE" or not words[4].isdecimal():
            continue
        if words[5].rpartition(":")[2] in inodes and int(words[4]) not in (0, os.getpid()):
            found[int(words[4])] = _name(int(words[4]))
    return " and ".join(f"process {pid}{f' ({name})' if name else ''}" for pid, name in found.items())


def _inode(path: Path) -> str:
    try:
        return str(path.stat().st_ino)
    except OSError:
        return ""


def _name(pid: int) -> str:
    """The program's name, as the kernel has it: 15 bytes that it may choose itself."""
    try:
        return printable(Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip())
    except OSError:
        return ""
