"""A thread of the consumer's process that looks at something again and again, whatever goes wrong."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable

from plexsync.log_throttle import LogThrottle, Unforeseen
from plexsync.queue.starting import patiently
from plexsync.queue.storage_health import WAIT

#: Seconds that a look under way may delay the end of the process.
STOP_PATIENCE = 2.0


class Loop:
    """Calls a function every so often until it is stopped; after an error it waits for longer, and goes on.

    :param name: of the thread.
    :param what: what it does, for the log: ``"looking for new settings"``.
    :param look: what is called.
    :param every: seconds from the end of one look to the next, or what says so before each.
    :param log: where errors are told, each once in a while.
    """

    def __init__(
        self, name: str, what: str, look: Callable[[], object], every: float | Callable[[], float], log: logging.Logger
    ) -> None:
        self._what = what
        self._look = look
        self._every = every if callable(every) else lambda: every
        self._log = log
        self._stopping, self._woken = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def is_running(self) -> bool:
        """Whether the thread was started and has not ended."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin. Where no thread can be had just now, it is waited for."""
        patiently(self._thread.start, self._what)

    def wake(self) -> None:
        """Have it look now. After an error it waits all the same."""
        self._woken.set()

    def stop(self) -> None:
        """End the thread; a look under way is not waited for, beyond ``STOP_PATIENCE``."""
        self._stopping.set()
        self._woken.set()
        self._thread.join(STOP_PATIENCE)

    def _run(self) -> None:
        wait, said, unforeseen = 0.0, LogThrottle(), Unforeseen(self._what, self._log)
        while not self._stopping.wait(wait):
            try:
                # How long to wait may be a question to our own database, too.
                self._woken.wait(self._every())
                if self._stopping.is_set():
                    return
                # Before the look: what comes during it is looked for once more.
                self._woken.clear()
                self._look()
                wait = 0.0
                unforeseen.well()
            except sqlite3.Error as error:
                wait = WAIT
                if said.unsaid(str(error)) is not None:
                    self._log.warning("%s: our own database: %s; tried again", self._what, error)
            except Exception as error:  # noqa: BLE001 - without this thread what it does would not be done any more
                wait = unforeseen.met(error)
