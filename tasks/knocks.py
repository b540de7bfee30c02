"""When a service whose circuit is open is asked in passing whether it is back.

The breaker's trials become rarer the longer an outage lasts, since each one that fails counts. A knock counts for
nothing: one cheap question of the probe's own, often at first, as most outages are a restart, and then rarely. A new
message in the queue is a reason to knock at once: somebody is at work, and would like to see it arrive.

A service that answers the question and fails at all else would be taken for back again and again. So where it answered
not long ago, and answers the first knock of the next outage as well, that outage is left to the breaker.
"""

from __future__ import annotations

import time
from collections.abc import Callable

#: Until so many seconds of an outage have passed, seconds between two knocks. Judged: a restart of Plex or Stash takes
#: 5 to 90 s, and a person who waits looks again after some; a server that needs longer is being worked on.
SCHEDULE = ((120.0, 4.0), (900.0, 15.0), (float("inf"), 60.0))
#: Seconds between two knocks at the least, whatever happens.
LEAST = 2.0
#: Seconds for which an answer speaks against the next outage that the question does not show.
DISTRUST = 300.0


class Knocks:
    """Says when to knock at one service; used by one thread.

    :param clock: seconds that only ever grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: float | None = None
        self._knocked_at = float("-inf")
        self._answered_at = float("-inf")
        self._newest: int | None = None
        #: Whether the question shows nothing of this outage.
        self._is_useless = False
        self._is_first = True

    def over(self) -> None:
        """The service's circuit is closed (again)."""
        self._since = self._newest = None
        self._is_useless, self._is_first = False, True

    def due(self, newest_message: int) -> bool:
        """Whether it is time. Whoever hears yes knocks, and calls ``knocked`` after it.

        :param newest_message: the number of the newest message in the queue.
        """
        now = self._clock()
        if self._since is None:
            self._since, self._newest = now, newest_message
        if self._is_useless or now - self._knocked_at < LEAST:
            return False
        is_news, self._newest = newest_message != self._newest, newest_message
        return is_news or self._is_first or now - self._knocked_at >= self._interval(now - self._since)

    def knocked(self, *, answered: bool) -> bool:
        """It was asked; whether that is to be taken for its return."""
        now = self._clock()
        self._knocked_at = now
        self._is_useless = answered and self._is_first and now - self._answered_at < DISTRUST
        self._is_first = False
        if answered and not self._is_useless:
            self._answered_at = now
        return answered and not self._is_useless

    @staticmethod
    def _interval(lasted: float) -> float:
        return next(interval for until, interval in SCHEDULE if lasted < until)
