"""The one writer of Plex's database: edits queue up behind each other, and too many are turned away."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from plexsync.demo.plex.behaviour import Behaviour


class DatabaseBusy(Exception):
    """Too many writes are waiting already."""


class SingleWriter:
    """Lets one write through at a time.

    :param pause: sleeps that many seconds, and raises when the server stops meanwhile: the write is then lost.
    :param behaviour: ``write_delay`` and ``busy_limit``, read anew for each write.

    ``peak_waiting`` is the largest number that ever waited at once.
    """

    def __init__(self, pause: Callable[[float], None], behaviour: Behaviour) -> None:
        self.peak_waiting = 0
        self._pause = pause
        self._behaviour = behaviour
        self._waiting = 0
        self._writing = False
        self._free = threading.Condition()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until it is this write's turn.

        :raises DatabaseBusy: more than ``busy_limit`` would be waiting.
        """
        self._wait()
        try:
            if self._behaviour.write_delay:
                self._pause(self._behaviour.write_delay)
            yield
        finally:
            with self._free:
                self._writing = False
                self._free.notify()

    def _wait(self) -> None:
        with self._free:
            if self._writing or self._waiting:
                limit = self._behaviour.busy_limit
                if limit is not None and self._waiting >= limit:
                    raise DatabaseBusy
                self._waiting += 1
                self.peak_waiting = max(self.peak_waiting, self._waiting)
                self._free.wait_for(lambda: not self._writing)
                self._waiting -= 1
            self._writing = True
