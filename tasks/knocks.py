"""When a service that is left alone is asked in passing whether it is back.

The breaker's trials become rarer the longer an outage lasts, since each one that fails counts. A knock counts for
nothing: one cheap question of the probe's own, often at first, as most outages are a restart, and then rarely. A new
message in the queue is a reason to knock at once: somebody is at work, and would like to see it arrive.
"""

from __future__ import annotations

import time
from collections.abc import Callable

#: Until so many seconds of an outage have passed, seconds between two knocks. Judged: a restart of Plex or Stash takes
#: 5 to 90 s, and a person who waits looks again after some; a server that needs longer is being worked on.
SCHEDULE = ((120.0, 4.0), (900.0, 15.0), (float("inf"), 60.0))
#: Seconds between two knocks at the least, whatever happens.
LEAST = 2.0


class Knocks:
    """Says when to knock at one service; used by one thread.

    :param clock: seconds that only ever grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: float | None = None
        self._knocked_at = float("-inf")
        self._newest: int | None = None

    def over(self) -> None:
        """The service is not left alone (any more)."""
        self._since = self._newest = None
        self._knocked_at = float("-inf")

    def due(self, newest_message: int) -> bool:
        """Whether it is time. Whoever hears yes knocks, and calls ``knocked`` after it.

        :param newest_message: the number of the newest message in the queue.
        """
        now = self._clock()
        if self._since is None:
            # What opened the breaker was a question, too.
            self._since = self._knocked_at = now
            self._newest = newest_message
            return False
        if now - self._knocked_at < LEAST:
            return False
        is_news, self._newest = newest_message != self._newest, newest_message
        return is_news or now - self._knocked_at >= self._interval(now - self._since)

    def knocked(self) -> None:
        """It was asked, and is not back."""
        self._knocked_at = self._clock()

    @staticmethod
    def _interval(lasted: float) -> float:
        return next(interval for until, interval in SCHEDULE if lasted < until)
