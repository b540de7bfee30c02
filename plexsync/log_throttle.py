"""Saying the same thing only so often, and waiting before what failed is tried again."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict

#: Seconds between two words on the same thing.
EVERY = 60.0
#: Things that are remembered; the oldest make room.
KEPT = 200
#: Seconds to wait after something unforeseen: twice as long each time, up to the longest.
FIRST_WAIT, LONGEST_WAIT = 0.1, 5.0


class LogThrottle:
    """Remembers what was said. Safe to share between threads.

    :param every: seconds; see ``EVERY``.
    """

    def __init__(self, every: float = EVERY) -> None:
        self._every = every
        self._lock = threading.Lock()
        self._said: OrderedDict[object, tuple[float, int]] = OrderedDict()

    def unsaid(self, thing: object) -> int | None:
        """Whether to say a thing now, and how often it was kept back since it was said last.

        :returns: 0 and up where it is to be said, None where it was said a moment ago.
        """
        now = time.monotonic()
        with self._lock:
            said_at, kept_back = self._said.get(thing, (float("-inf"), 0))
            if now - said_at < self._every:
                self._said[thing] = said_at, kept_back + 1
                return None
            self._said[thing] = now, 0
            self._said.move_to_end(thing)
            while len(self._said) > KEPT:
                self._said.popitem(last=False)
            return kept_back


class Unforeseen:
    """What a loop does about an error that nobody foresaw: it says so, and waits before it goes on.

    :param what: what goes on, for the log: ``"a worker"``.
    :param log: where it is said.
    """

    def __init__(self, what: str, log: logging.Logger) -> None:
        self._what = what
        self._log = log
        self._said = LogThrottle()
        self._wait = FIRST_WAIT

    def share(self, said: LogThrottle) -> None:
        """Say nothing that another loop like this one has just said."""
        self._said = said

    def met(self, error: BaseException) -> float:
        """Say it, unless the same was said a moment ago; the seconds to wait now."""
        wait, self._wait = self._wait, min(LONGEST_WAIT, 2 * self._wait)
        kept_back = self._said.unsaid((self._what, kind_of(error)))
        if kept_back is not None:
            again = f" ({kept_back} times more since this was told last)" if kept_back else ""
            self._log.error("%s: unexpected error, goes on%s", self._what, again, exc_info=error)
        return wait

    def well(self) -> None:
        """It went well: the next wait is a short one."""
        self._wait = FIRST_WAIT


def kind_of(error: BaseException) -> tuple[object, ...]:
    """What an error has in common with others like it: its type, and where it came from."""
    frame = error.__traceback__
    if frame is None:
        return (type(error),)
    while frame.tb_next is not None:
        frame = frame.tb_next
    return type(error), frame.tb_frame.f_code.co_filename, frame.tb_lineno
