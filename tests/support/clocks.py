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
