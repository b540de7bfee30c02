"""Whether nothing at all has happened, told by one short look: what an idle consumer does most of its time.

Each further function costs more there than what it does: after two seconds of sleep hardly any of it is in the
processor's memory. So all files and folders that somebody would look at are looked at in one go.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence

from plexsync.storage.file_stamps import SETTLED, stamp_of

#: Seconds after which the long look is due, whatever this one shows.
AT_MOST = 10.0


class Standstill:
    """Used by one thread.

    :param log: the database's, which changes with each commit. None where there is none to look at: then nothing tells
        that all is as it was.
    :param inbox: the folder of the hook's messages, which has to be empty.
    :param clock: seconds that only ever grow.
    """

    def __init__(self, log: str | None, inbox: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._has_log = log is not None
        self._files = [log] if log is not None else []
        self._folders = [inbox]
        self._seen: object = None
        self._since = self._long_look_at = 0.0

    def add(self, files: Sequence[str] = (), folders: Sequence[str] = ()) -> None:
        """Look at these as well: at the files' stamps, and at the names in the folders."""
        self._files += files
        self._folders += folders

    def lasts(self) -> bool:
        """Whether all is as it was at the last look, and has been for a while: a long look would find nothing."""
        if not self._has_log:
            return False
        try:
            stamps = [stamp_of(path) for path in self._files]
            names = []
            for path in self._folders:
                try:
                    names.append(os.listdir(path))  # noqa: PTH208 - the names alone
                except FileNotFoundError:
                    names.append([])
        except OSError:
            # A network share that does not answer for a moment, or a folder that is none.
            self._seen = None
            return False
        seen, now = (stamps, names), self._clock()
        if seen != self._seen:
            self._seen, self._since = seen, now
            return False
        if now - self._since < SETTLED or now >= self._long_look_at:
            self._long_look_at = now + AT_MOST
            return False
        return stamps[0] is not None and not names[0]
