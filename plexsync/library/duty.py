"""How often something dear may be done: so that it takes no more than a share of the time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Duty:
    """Says when something may be done again, by how long it took the last time. Not safe to share between threads.

    :param share: of the time that it may take, 0 to 1.
    :param clock: seconds that only ever grow.
    :param free: what takes no more than so many seconds may be done again at once.

    With a share of 0.05 something that took a second is due again after 19 seconds more.
    """

    def __init__(self, share: float, clock: Callable[[], float] = time.monotonic, free: float = 0.0) -> None:
        self._share = share
        self._clock = clock
        self._free = free
        self._due_at = float("-inf")

    def remaining(self) -> float:
        """Seconds until it may be done; 0 when it may be now."""
        return max(0.0, self._due_at - self._clock())

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Do it in the block, however that ends."""
        began = self._clock()
        try:
            yield
        finally:
            now = self._clock()
            if now - began > self._free:
                self._due_at = now + (now - began) * (1 / self._share - 1)

    def put_off(self, seconds: float) -> None:
        """Let it not be due before so many seconds from now."""
        self._due_at = max(self._due_at, self._clock() + seconds)
