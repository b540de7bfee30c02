"""Glances: quick looks for others, made by a thread that wakes anyway, so that these sleep until there is something."""

from __future__ import annotations

import time
from collections.abc import Callable

#: Seconds after which whoever has not been glanced for counts as on its own. At a standstill glances are ten apart.
LATELY = 12.0


class Glanced:
    """Whether others glance for a thread, as that thread sees it. Safe to share between threads."""

    def __init__(self) -> None:
        self._at = float("-inf")

    def note(self) -> None:
        """Somebody glances."""
        self._at = time.monotonic()

    def __bool__(self) -> bool:
        """Whether somebody did lately."""
        return time.monotonic() - self._at < LATELY


class Glances:
    """What is glanced at, by one thread at a time.

    :param clock: seconds that only ever grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: list[_Entry] = []

    def add(self, glance: Callable[[], object], apart: float = 0.0) -> None:
        """Have this called with each look from now on.

        :param glance: must be quick, and never fail.
        :param apart: seconds between two calls at least: in a stream of events there are hundreds of looks a second.
        """
        self._entries.append(_Entry(glance, apart))

    def glance(self) -> None:
        """Make those that are due."""
        now = self._clock()
        for entry in self._entries:
            if now >= entry.at:
                entry.at = now + entry.apart
                entry.glance()


class _Entry:
    __slots__ = ("apart", "at", "glance")

    def __init__(self, glance: Callable[[], object], apart: float) -> None:
        self.glance = glance
        self.apart = apart
        self.at = float("-inf")
