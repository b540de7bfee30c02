"""How many requests this process has sent, by service and status: for the metrics."""

from __future__ import annotations

import threading
from collections import Counter

#: The status of a request that got no whole answer.
NO_ANSWER = "none"


class RequestTally:
    """Counts. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()

    def count(self, service: str, status: int | None) -> None:
        """One request was sent.

        :param service: ``"plex"`` or ``"stash"``.
        :param status: of the answer; None where there was none.
        """
        with self._lock:
            self._counts[service, NO_ANSWER if status is None else str(status)] += 1

    def counts(self) -> dict[tuple[str, str], int]:
        """How many, by service and status."""
        with self._lock:
            return dict(self._counts)


#: What all clients of this process count in.
REQUESTS_SENT = RequestTally()
