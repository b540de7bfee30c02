"""Clocks that tests let pass."""

from __future__ import annotations

import time


class ClockAhead:
    """A clock that nobody sets, as ``time.monotonic``, which a test can put ahead."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return time.monotonic() + self._ahead

    def pass_by(self, seconds: float) -> None:
        """As if so much time had passed."""
        self._ahead += seconds


class ManualClock:
    """A clock that stands still but for what a test lets pass.

    :param now: the seconds that it shows at first. A test may set them, too.
    """

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        """Seconds."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let so much time pass."""
        self.now += seconds
