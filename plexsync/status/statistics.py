"""What the last day, week, month and year came to, for ``stats`` and the page."""

from __future__ import annotations

import time
from typing import Any

from plexsync.http.breaker import Outages
from plexsync.ledger import Ledger
from plexsync.ledger.hours import KEPT_DAYS, RESULTS
from plexsync.status.remembered import Remembered

DAY = 86400.0
#: The spans, by their names, in days.
SPANS = {"24h": 1, "7d": 7, "30d": 30, f"{KEPT_DAYS}d": KEPT_DAYS}


def statistics(ledger: Ledger, days: float, now: float | None = None) -> dict[str, Any]:
    """What the last days came to.

    :param days: how many, up to now.
    :param now: epoch seconds.
    :returns: how many attempts ended how; ``latency_s``: seconds from the edit to Plex (``median``, ``p95``; None
        without edits) and of how many; ``requests_per_scene``; ``outages``: how many began, and seconds of them.
    """
    until = time.time() if now is None else now
    since = until - days * DAY
    sums = ledger.hours.sums(since, until)
    count, seconds = Outages(ledger.database).within(since, until)
    per_scene = sums.requests_per_scene
    return {
        "outcomes": {name: sums.counts[name] for name in RESULTS},
        "latency_s": {"median": _rounded(sums.took(0.5)), "p95": _rounded(sums.took(0.95)), "edits": sums.timed},
        "requests_per_scene": None if per_scene is None else round(per_scene, 1),
        "outages": {"count": count, "seconds": round(seconds)},
    }


def all_spans(ledger: Ledger) -> dict[str, Any]:
    """The same for each of ``SPANS``."""
    return {name: statistics(ledger, days) for name, days in SPANS.items()}


def remembered(ledger: Ledger, memory: Remembered) -> dict[str, Any]:
    """The same for whoever asks again and again."""
    found: dict[str, Any] = memory.get("statistics", lambda: all_spans(ledger))
    return found


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)
