"""How many items one write to Plex may name.

Plex lets one write at a time into its database, and takes longer for one that names many items. While it does, the
players of its viewers, which report how far they are, wait. So a write is to take no longer than ``LONG``: that many
items are named as Plex manages in that time, which is found out from how long the writes take.
"""

from __future__ import annotations

import threading

#: Seconds that a write may take. Well below the time-out for an answer (10 s), after which nobody knows what was
#: written.
LONG = 2.0
#: Items at first: a Plex that needs 100 ms for each is done within half of that time-out.
FIRST = 50
#: Items at most: what is not known to be right until it is read back stays bounded, and so does the request line, which
#: has 20 bytes for each at most.
MOST = 100
#: Items at least. A Plex for which these take too long takes long for each write, however few items it names.
LEAST = 25


class Portions:
    """Learns from the writes that name several items how many the next one may name. Safe to share between threads."""

    def __init__(self) -> None:
        self._size = FIRST
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Items that the next write may name, at most."""
        return self._size

    def took(self, items: int, seconds: float) -> None:
        """A write that named so many items took so long."""
        with self._lock:
            if seconds > LONG:
                self._size = max(LEAST, min(self._size, items // 2))
            elif items >= self._size and seconds < LONG / 2:
                self._size = min(MOST, self._size * 2)

    def failed(self, items: int) -> None:
        """A write that named so many items failed, or was not answered in time."""
        with self._lock:
            self._size = max(LEAST, min(self._size, items // 2))
