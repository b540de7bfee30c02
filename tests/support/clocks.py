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
    """A clock that nobody sets, which stands still but for what a test lets pass."""

    def __init__(self) -> None:
        self._now = 1000.0

    def __call__(self) -> float:
        """Seconds."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let so much time pass."""
        self._now += seconds
