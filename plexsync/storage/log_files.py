"""SQLite's log beside the database, and the log's index: are they still those that are open?

What was committed last stands in the log alone (``plexsync.db-wal``). Where its name is deleted, it ends with the last
process that has it open, and whoever comes anew sees nothing of it.
"""

from __future__ import annotations

import os
from pathlib import Path

#: What their names have behind the database's.
SUFFIXES = ("-wal", "-shm")


def log_of(path: Path) -> Path:
    """The log of a database. SQLite lays it beside the file, and not beside a link to it."""
    return Path(f"{path.resolve()}{SUFFIXES[0]}")


class LogFiles:
    """The log and its index, as one connection has them open.

    :param path: the database.
    """

    def __init__(self, path: Path) -> None:
        real = path.resolve()
        self._seen: dict[str, tuple[int, int] | None] = {f"{real}{suffix}": None for suffix in SUFFIXES}
        self.are_there()

    def are_there(self) -> bool:
        """Whether they still stand under their names. Costs two ``stat``.

        One that was not there when it was looked for last counts as made meanwhile by this connection.
        """
        for name, before in self._seen.items():
            try:
                status = os.lstat(name)
                now = status.st_dev, status.st_ino
            except FileNotFoundError:
                now = None
            except OSError:
                # A network share that does not answer for a moment: reading and writing will tell.
                continue
            if before is None:
                self._seen[name] = now
            elif now != before:
                return False
        return True

    def remove(self) -> None:
        """Remove those that stand there and are these: they belong to another file than the one that is there now."""
        for name, before in self._seen.items():
            try:
                status = os.lstat(name)
                if (status.st_dev, status.st_ino) == before:
                    Path(name).unlink()
            except FileNotFoundError:
                continue
