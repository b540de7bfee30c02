"""Leaves pictures be for a while when one after another takes all its time: each holds a worker for that long.

Meanwhile the texts of other scenes wait for a worker. When the while is over one picture is tried, and the others have
to wait for how that goes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from plexsync.errors import PictureFailed

#: So many pictures in a row that took all their time, and no more are tried, for so many seconds.
SLOW_IN_A_ROW, WAIT = 2, 60.0


class PutOff(PictureFailed):
    """Pictures are left alone for now; ``seconds`` says for how long."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class Brake:
    """One for each way that pictures take. Safe to share between threads.

    :param reason: what is told of a picture that was not tried.
    :param clock: seconds that only ever grow.
    """

    def __init__(self, reason: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._reason = reason
        self._clock = clock
        self._lock = threading.Lock()
        self._slow = 0
        self._until = 0.0

    @property
    def is_off(self) -> bool:
        """Whether pictures are tried as they come."""
        return self._slow < SLOW_IN_A_ROW

    @contextmanager
    def one(self) -> Iterator[None]:
        """Try one picture in the block, which says by ``PictureFailed.slow`` that it took all its time.

        :raises PutOff: none is to be tried now; the block was not entered.
        """
        self._check()
        slow = False
        try:
            yield
        except PictureFailed as error:
            slow = error.slow
            raise
        finally:
            self._tried(slow=slow)

    def _check(self) -> None:
        with self._lock:
            now = self._clock()
            if self._slow < SLOW_IN_A_ROW:
                return
            if now < self._until:
                raise PutOff(self._reason, self._until - now)
            self._until = now + WAIT

    def _tried(self, *, slow: bool) -> None:
        with self._lock:
            self._slow = self._slow + 1 if slow else 0
            if self._slow >= SLOW_IN_A_ROW:
                self._until = self._clock() + WAIT
