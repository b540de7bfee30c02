"""Waiting for work: woken at once by this process, and within a few hundredths of a second by any other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

#: Seconds between two looks for what other processes did. One thread looks, however many wait. Ten looks a second cost
#: less than half a percent of a core here, and half of their distance is the median delay.
LOOK_INTERVAL = 0.1


class Wakeup:
    """Lets threads wait until there may be work.

    Take a ``token``, look for work, and ``wait`` with the token: what happened since it was taken is not missed.

    :param changed: whether another process may have left work since it was last asked. Must be cheap.
    :param is_stopping: whether to wait no longer at all.
    """

    def __init__(self, changed: Callable[[], bool], is_stopping: Callable[[], bool]) -> None:
        self._changed = changed
        self._is_stopping = is_stopping
        self._condition = threading.Condition()
        self._generation = 0
        #: Whether somebody else looks, and calls ``notify``: then whoever waits here sleeps.
        self.is_looked_for = False
        #: The thread that looks, None where none does.
        self._looker: int | None = None

    def token(self) -> int:
        """Stands for this moment."""
        return self._generation

    def notify(self, count: int | None = None) -> None:
        """There may be work for so many threads: wake as many of those that wait; None for all.

        Whoever is about to wait looks first in any case.
        """
        with self._condition:
            self._generation += 1
            if count is None:
                self._condition.notify_all()
            else:
                self._condition.notify(count)

    def wait(self, token: int, timeout: float) -> None:
        """Wait until there may be work that came after the token, or everything stops.

        :param timeout: seconds to wait at most.
        """
        deadline = time.monotonic() + timeout
        try:
            while self._must_wait(token, deadline):
                looks = self._sleep(token, deadline)
                # Looking takes locks, so it is not done under ours.
                if looks and self._changed():
                    self.notify()
        finally:
            self._hand_over()

    def _must_wait(self, token: int, deadline: float) -> bool:
        return self._generation == token and time.monotonic() < deadline and not self._is_stopping()

    def _sleep(self, token: int, deadline: float) -> bool:
        """Sleep until there is something to do; whether this thread is the one that looks."""
        me = threading.get_ident()
        with self._condition:
            if self._looker is None and not self.is_looked_for:
                self._looker = me
            looks = self._looker == me and not self.is_looked_for
            remaining = deadline - time.monotonic()
            if self._generation == token and remaining > 0:
                self._condition.wait(min(remaining, LOOK_INTERVAL) if looks else remaining)
        return looks

    def _hand_over(self) -> None:
        """Where this thread was the one that looked, let another one, however it ended."""
        if self._looker == threading.get_ident():
            with self._condition:
                self._looker = None
                self._condition.notify_all()
