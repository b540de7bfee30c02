"""How much a self-test may ask of Plex: so many requests, in so many seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

from plexsync.errors import PermanentError

#: Seconds for all questions, and for putting the item back after them.
QUESTIONS, RESTORING = 150.0, 90.0
#: Requests for all questions; some hundred are made as a rule.
REQUESTS = 300


class BudgetSpent(PermanentError):
    """The time, or the number of requests, that a self-test may take is used up."""


class Budget:
    """What is left of time and requests.

    :param seconds: from now on.
    :param requests: in all.
    :param clock: seconds that only ever grow.
    """

    def __init__(self, seconds: float, requests: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = clock() + seconds
        self._left = requests
        self.made = 0

    def spend(self) -> None:
        """One more request is about to be made.

        :raises BudgetSpent: it may not be.
        """
        if self.made >= self._left:
            raise BudgetSpent(f"not asked: {self._left} requests are all that a self-test makes")
        if self._clock() > self._until:
            raise BudgetSpent("not asked: the time that a self-test may take is used up")
        self.made += 1
