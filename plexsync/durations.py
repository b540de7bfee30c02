"""Lengths of time, and moments, for people."""

from __future__ import annotations

from datetime import datetime

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
