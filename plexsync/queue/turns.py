"""How many messages of one task a worker claims at once, so that the work on them can share requests and transactions.

A turn is short, as whoever comes meanwhile waits for its end; so how many it holds follows from how long those before
took. What waits is shared among the workers. A message that was handed out before without being acknowledged is claimed
alone: if it is the one that kills its worker, no other is to die with it again and again.
"""

from __future__ import annotations

import threading

#: Seconds that a turn may take, about.
LENGTH = 0.5
#: Messages in the first turn, before it is known how long they take; and in any as long as one takes no longer than a
#: turn may: on a slow machine what they share is worth most.
FIRST = 4
#: How much the latest turn counts for how long a message takes, beside those before.
WEIGHT = 0.3


class Turns:
    """How many of which task. Safe to share between threads."""

    def __init__(self) -> None:
        #: How many workers share what waits.
        self.workers = 1
        self._most: dict[str, int] = {}
        self._seconds: dict[str, float] = {}
        self._lock = threading.Lock()

    def declare(self, name: str, most: int) -> None:
        """Let messages to the task of this name be claimed together, so many at most."""
        self._most[name] = most

    def most(self, name: str) -> int:
        """How many a worker may claim at once."""
        declared = self._most.get(name, 1)
        if declared == 1:
            return 1
        seconds = self._seconds.get(name)
        if seconds is None:
            return min(declared, FIRST)
        return min(declared, max(FIRST if seconds < LENGTH else 1, int(LENGTH / max(seconds, 1e-6))))

    def share(self, name: str, waiting: int) -> int:
        """How many one worker claims of so many that wait: what remains is there for the others."""
        return min(self.most(name), -(-waiting // self.workers))

    def took(self, name: str, count: int, seconds: float) -> None:
        """A turn with so many messages took so many seconds."""
        if name not in self._most or not count:
            return
        each = seconds / count
        with self._lock:
            before = self._seconds.get(name)
            self._seconds[name] = each if before is None else before + WEIGHT * (each - before)
