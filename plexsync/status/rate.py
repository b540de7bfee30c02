"""How fast something goes on, and how long it will take at that rate."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

#: Seconds over which a rate is measured, in so many steps: short enough to show a change, long enough to be calm.
RATE_OVER = 60.0
RATE_STEPS = 120


class Rate:
    """How fast something goes on, by what was done within the last ``RATE_OVER`` seconds.

    :param done: how many were done before.
    :param clock: seconds that only ever grow.
    """

    def __init__(self, done: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._noted = deque([(clock(), done)])

    def note(self, done: int) -> None:
        """So many are done by now."""
        now = self._clock()
        if len(self._noted) > 1 and now - self._noted[-2][0] < RATE_OVER / RATE_STEPS:
            self._noted.pop()
        self._noted.append((now, done))
        while len(self._noted) > 2 and now - self._noted[1][0] >= RATE_OVER:
            self._noted.popleft()

    def __len__(self) -> int:
        """How many notes are kept."""
        return len(self._noted)

    @property
    def per_second(self) -> float:
        """How many a second; 0 where nothing has moved."""
        (started, first), (now, last) = self._noted[0], self._noted[-1]
        return max(0.0, (last - first) / (now - started)) if now > started else 0.0

    def left(self, remaining: int) -> float | None:
        """Seconds until so many more are done; None where nothing moves."""
        return remaining / self.per_second if self.per_second else None
