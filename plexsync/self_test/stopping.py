"""Ctrl-C and SIGTERM during a self-test: the questions end, and the item is put back before the process does."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(BaseException):
    """Somebody wants it to end. No error of ours: nothing that handles errors is to pass over it.

    :param number: the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Stopping:
    """Whether somebody wants it to end.

    In ``asking`` a signal breaks off what is going on; outside of it, and within ``listening``, it is only noted.
    """

    def __init__(self) -> None:
        self.signal: int | None = None
        self._breaks_off = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take the signals over for the block; other threads than the main one cannot.

        Who has asked for the end and asks again after the block has nothing to wait for: the process is ended there and
        then, as the shell expects of that signal. Python's own answer to Ctrl-C would raise an error wherever the
        process is by then, and end it with whatever code is made of that.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._came) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                ends_at_once = self.signal is not None and handler is signal.default_int_handler
                signal.signal(number, signal.SIG_DFL if ends_at_once else handler)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """A block that a signal breaks off.

        :raises Stopped: one came, in the block or before.
        """
        self._breaks_off = True
        try:
            if self.signal is not None:
                raise Stopped(self.signal)
            yield
        finally:
            self._breaks_off = False

    def _came(self, number: int, _frame: FrameType | None) -> None:
        self.signal = number
        if self._breaks_off:
            self._breaks_off = False
            raise Stopped(number)
