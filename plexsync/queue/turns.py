"""How many messages of one task a worker claims at once, so that the work on them can share requests and transactions.

How many follows from how long those before took, so that a turn stays short. What waits is shared among the workers.
Where nothing could be done together, messages of that priority (all that are queued for one reason have the same) are
claimed alone for a while: those that wait in line are known to all who look ahead. A message that was handed out before
without being acknowledged is claimed alone, too: if it is the one that kills its worker, no other is to die with it
again and again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

#: Seconds that what is done together in a turn may take, about: of what people do, and of what is less urgent, as a
#: person who comes meanwhile waits for the end of a turn.
LENGTH, LENGTH_OF_BULK = 2.0, 0.7
#: Messages in the first turn, before it is known how long they take; and in any as long as one takes no longer than a
#: turn may: on a slow machine what they share is worth most.
FIRST = 4
#: How much the latest turn counts for how long a message takes, beside those before.
WEIGHT = 0.3
#: Seconds in which messages are claimed alone after nothing could be done together; twice as many each time, at most.
ALONE, ALONE_AT_MOST = 1.0, 30.0


class Turns:
    """How many of which task. Safe to share between threads.

    :param clock: seconds on a clock that nobody sets.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        #: How many workers share what waits.
        self.workers = 1
        self._clock = clock
        self._most: dict[str, int] = {}
        self._seconds: dict[str, float] = {}
        #: Until when messages are claimed alone, and for how long that was.
        self._alone: dict[tuple[str, float], tuple[float, float]] = {}
        self._lock = threading.Lock()

    def declare(self, name: str, most: int) -> None:
        """Let messages to the task of this name be claimed together, so many at most."""
        self._most[name] = most

    def most(self, name: str, priority: float = 0.0) -> int:
        """How many of this priority a worker may claim at once."""
        declared = self._most.get(name, 1)
        if declared == 1 or self._clock() < self._alone.get((name, priority), (0.0, 0.0))[0]:
            return 1
        seconds = self._seconds.get(name)
        if seconds is None:
            return min(declared, FIRST)
        length = LENGTH if priority >= 0 else LENGTH_OF_BULK
        return min(declared, max(FIRST if seconds < length else 1, int(length / max(seconds, 1e-6))))

    def share(self, name: str, waiting: int, priority: float = 0.0) -> int:
        """How many one worker claims of so many that wait: what remains is there for the others."""
        return min(self.most(name, priority), -(-waiting // self.workers))

    def took(self, name: str, count: int, seconds: float, *, brought: int, priority: float = 0.0) -> None:
        """What was done together for so many messages took so many seconds.

        :param brought: for how many of them nothing is left to do.
        """
        with self._lock:
            if not brought:
                alone = min(ALONE_AT_MOST, 2 * self._alone.get((name, priority), (0.0, ALONE / 2))[1])
                self._alone[name, priority] = self._clock() + alone, alone
                return
            self._alone.pop((name, priority), None)
            before, each = self._seconds.get(name), seconds / count
            self._seconds[name] = each if before is None else before + WEIGHT * (each - before)
