"""When to try again."""

from __future__ import annotations

import random

from plexsync.imports.late_dataclass import dataclass

#: Each wait varies by up to this share of itself, so that scenes that failed together do not return together.
JITTER = 0.25
#: Waits above this exponent would overflow long before any cap is reached.
_LARGEST_EXPONENT = 60


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits that double: ``min(cap, base * 2 ** (attempt - 1))``, varied by ``JITTER``.

    :param tries: how often it is tried again before giving up.
    :param base: the first wait, in seconds.
    :param cap: the longest wait, in seconds.

    With base 5 and cap 300 the waits are 5, 10, 20, 40, 80, 160, 300, 300, ... seconds.
    """

    tries: int
    base: float
    cap: float

    def delay(self, failed: int, at_least: float | None = None) -> float | None:
        """Seconds to wait after an attempt.

        :param failed: attempts that have failed in a row, this one included (1 and up).
        :param at_least: seconds the server asked for, if it did.
        :returns: None when the tries are used up.
        """
        if failed > self.tries:
            return None
        wait = min(self.cap, self.base * 2.0 ** min(failed - 1, _LARGEST_EXPONENT))
        return max(varied(wait), at_least or 0.0)


def varied(seconds: float) -> float:
    """The wait, made up to ``JITTER`` longer or shorter."""
    return seconds * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - spreads waits, guards nothing
