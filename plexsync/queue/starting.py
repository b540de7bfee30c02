"""Threads and processes that may fail to start: on a machine with a limit on them that is reached, for one.

Whoever runs goes on, and what could not be started is started later.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from plexsync.log_throttle import LogThrottle

#: Seconds between two attempts to start what everything else depends on.
WAIT = 5.0

log = logging.getLogger(__name__)
_said = LogThrottle()


def cannot_start(error: BaseException) -> bool:
    """Whether an error says that no thread, lock or process can be had: it is the machine's, and passes."""
    return isinstance(error, RuntimeError) and any(
        text in str(error) for text in ("can't start new thread", "can't allocate lock", "can't allocate read lock")
    )


class Startable:
    """A thread or a process of Huey's whose ``start`` does not fail: where it cannot, it counts as one that died.

    Huey's consumer looks every ten seconds for those, and replaces them.

    :param inner: the thread or process.
    :param name: for the log.
    """

    def __init__(self, inner: Any, name: str) -> None:
        self._inner = inner
        self._name = name
        self._is_started = False

    @property
    def pid(self) -> int | None:
        """The process's id."""
        return getattr(self._inner, "pid", None)

    def start(self) -> None:
        """Start it, if that is possible now."""
        try:
            self._inner.start()
        except (RuntimeError, OSError, MemoryError) as error:
            if isinstance(error, RuntimeError) and not cannot_start(error):
                raise
            if _said.unsaid((type(error), str(error))) is not None:
                log.error("%s cannot be started: %s; tried again", self._name, error)  # noqa: TRY400 - no trace of ours
            return
        self._is_started = True

    def is_alive(self) -> bool:
        """Whether it was started, and runs."""
        return self._is_started and bool(self._inner.is_alive())

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end."""
        if self._is_started:
            self._inner.join(timeout)

    def kill(self) -> None:
        """Kill the process."""
        self._inner.kill()


def patiently(start: Callable[[], object], what: str) -> None:
    """Start what nothing goes without; where it cannot be, again and again.

    A program that ended instead would be started again and again.
    """
    while True:
        try:
            start()
        except RuntimeError as error:
            if not cannot_start(error):
                raise
            if _said.unsaid((what, str(error))) is not None:
                log.error("%s cannot be started: %s; tried again every %.0f s", what, error, WAIT)  # noqa: TRY400 - no trace of ours
        else:
            return
        time.sleep(WAIT)
