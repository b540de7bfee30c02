"""Lengths of time, and moments, for people."""

from __future__ import annotations

import time
from datetime import UTC, datetime

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def duration(seconds: float) -> str:
    """A length of time in its two largest units: ``3 h 12 min``."""
    whole = int(seconds)
    parts = []
    for size, name in _UNITS:
        count, whole = divmod(whole, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 s"


def local_time(seconds: float) -> str:
    """A moment (epoch seconds) in the local time with its offset: ``2026-11-26 19:53:42 +01:00``."""
    text = datetime.fromtimestamp(seconds).astimezone().isoformat(" ", "seconds")
    return f"{text[:19]} {text[19:]}"


def iso(seconds: float | None) -> str | None:
    """Epoch seconds as ISO 8601 in UTC, to the second."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def local(moment: str) -> str:
    """A moment as ``iso`` has it, in the local time with its offset: ``2026-11-26 19:53:42 +01:00``."""
    return local_time(epoch(moment))


def when(moment: str) -> str:
    """The same, with how long ago it was, or how far ahead it is."""
    return f"{local(moment)} ({away(epoch(moment) - time.time())})"


def soon(moment: str | None) -> str:
    """How far ahead a moment as ``iso`` has it is: ``in 40 s``; what is over by now is due at any time."""
    left = 0.0 if moment is None else epoch(moment) - time.time()
    return f"in {duration(round(left))}" if left >= 1 else "at once"


def away(seconds: float) -> str:
    """How far a moment is from now: ``in 40 s``, ``3 min 2 s ago``, ``now``."""
    if abs(seconds) < 1:
        return "now"
    return f"in {duration(seconds)}" if seconds > 0 else f"{duration(-seconds)} ago"


def epoch(moment: str) -> float:
    """The epoch seconds of a moment as ``iso`` has it."""
    return datetime.fromisoformat(moment).timestamp()
