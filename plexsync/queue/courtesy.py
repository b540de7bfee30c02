"""Giving way to the person: while events come in one after the other, somebody waits for the hooks of an edit of many.

What is taken over meanwhile would only make each of these hooks wait for the same disk and the same processor. One
event is worked on at once. In a stream of them, work rests half of the time, so that a stream without end starves
nobody.
"""

from __future__ import annotations

import time
from collections.abc import Callable

#: Seconds within which another event follows, in a stream.
FOLLOWS = 0.1
#: Seconds of rest, and of work behind it, while the stream goes on.
REST, WORK = 0.3, 0.3


class Courtesy:
    """How long work has to rest. Safe to share between threads.

    :param clock: seconds on a clock that nobody sets.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = float("-inf")
        self._stream_since: float | None = None

    def event(self) -> None:
        """An event has come in."""
        now = self._clock()
        if now - self._last > FOLLOWS:
            self._stream_since = None
        elif self._stream_since is None:
            self._stream_since = now
        self._last = now

    def rest(self) -> float:
        """Seconds to rest before anything new is begun; 0 for none."""
        now, since = self._clock(), self._stream_since
        over = self._last + FOLLOWS - now
        if since is None or over <= 0:
            return 0.0
        return max(0.0, min(over, REST - (now - since) % (REST + WORK)))
