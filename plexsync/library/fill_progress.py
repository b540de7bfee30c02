"""How far reading a section of Plex is, told in the log when it takes long."""

from __future__ import annotations

import logging
from collections.abc import Callable

#: It speaks for the library that is read.
log = logging.getLogger("plexsync.library.library")

#: A fill that takes longer than this many seconds tells how far it is, and then again and again.
PROGRESS_AFTER = 2.0
PROGRESS_EVERY = 10.0


class FillProgress:
    """Tells in the log how far reading a section is, when it takes long.

    :param title: the section's.
    :param clock: seconds that only ever grow.
    """

    def __init__(self, title: str, clock: Callable[[], float]) -> None:
        self._title = title
        self._clock = clock
        self._started = clock()
        self._next = self._started + PROGRESS_AFTER

    def tell(self, read: int, position: int, total: int) -> None:
        """Say it, if it is time again.

        :param read: items since the start.
        :param position: of the last one among the ``total``.
        """
        now = self._clock()
        if now < self._next:
            return
        self._next = now + PROGRESS_EVERY
        rate = max(1, read) / (now - self._started)
        left = (total - position) / rate
        log.info(
            "library %r: %d of %d items indexed, %.0f a second, %.0f s left", self._title, position, total, rate, left
        )
