"""Values that take a while to work out: renewed so seldom that this takes a small part of the time at most."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

Value = TypeVar("Value")

#: How many times as long as it took to work a value out it is good for, and the most seconds.
TIMES, LONGEST = 20.0, 15.0


class Remembered:
    """Used by one thread at a time.

    :param clock: seconds that only ever grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._values: dict[str, tuple[float, object, Any]] = {}
        #: What the values are worked out from: they are as good as new while it stays the same.
        self.version: object = None
        #: Whether a value from before the last change was given since this was set to False.
        self.gave_old = False

    def get(self, name: str, work_out: Callable[[], Value]) -> Value:
        """The value, worked out now or a little while ago."""
        began = self._clock()
        good_until, version, value = self._values.get(name, (float("-inf"), None, None))
        if began < good_until:
            self.gave_old = self.gave_old or version != self.version
            return value  # type: ignore[no-any-return]  # what this name was given
        fresh = work_out()
        now = self._clock()
        self._values[name] = (now + min(LONGEST, TIMES * (now - began)), self.version, fresh)
        return fresh


def fresh(_name: str, work_out: Callable[[], Value]) -> Value:
    """The value, worked out now: for whoever asks once."""
    return work_out()
