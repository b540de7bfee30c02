"""One thread at a time reads Plex's library. Others wait for what it finds, but not while it reads all there is."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from plexsync.errors import LibraryUnread

#: Seconds that others wait for the end of a reading of everything: of a small library it is over by then.
PATIENCE = 2.0
#: Seconds that they wait at all: a Plex that does not answer must not keep every worker.
LONGEST_WAIT = 12.0
#: Seconds between two looks whether everything is being read by now.
LOOK = 0.1
#: Seconds after which whoever did not wait looks again: as long as the reading seems to take, but no less and no more.
SHORTEST_PAUSE, LONGEST_PAUSE = 5.0, 60.0


class OneReader:
    """Hands out turns to read, one at a time; safe to share."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        #: When the one whose turn it is began to read everything, and how many seconds that may still take.
        self._began: float | None = None
        self._left = SHORTEST_PAUSE

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Have the turn for the block.

        :raises LibraryUnread: another thread has it, and it may take long.
        """
        self._wait()
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def everything(self) -> Iterator[None]:
        """Read everything in the block, within a turn."""
        self._began, self._left = time.monotonic(), SHORTEST_PAUSE
        try:
            yield
        finally:
            self._began = None

    def is_at(self, share: float) -> None:
        """Note how far that is: a share of all, 0 to 1."""
        if self._began is not None and share > 0:
            self._left = (time.monotonic() - self._began) * (1 - share) / share

    def _wait(self) -> None:
        until = time.monotonic() + LONGEST_WAIT
        while not self._turn.acquire(timeout=LOOK):
            began, now = self._began, time.monotonic()
            if now >= until or (began is not None and now - began >= PATIENCE):
                pause = min(LONGEST_PAUSE, max(SHORTEST_PAUSE, self._left if began is not None else 0.0))
                raise LibraryUnread(
                    "all that Plex has is being read at this moment: the scene waits for that, or for its file",
                    pause,
                )
