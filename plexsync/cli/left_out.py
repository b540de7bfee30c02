"""What is left out of scenes, as people and scripts see it."""

from __future__ import annotations

from typing import Any

from plexsync.cli import show
from plexsync.words import counted


def line_of(facts: dict[str, Any]) -> str:
    """The same in a line: ``poster: missing, Stash answered 500 (tried 3 times, next try in 5 min)``."""
    tries, wait = facts["tries"], facts["next_try_s"]
    tried = f"tried {'once' if tries == 1 else f'{tries} times'}" if tries else "not tried yet"
    if wait is None:
        then = "and not again until the scene changes; at once: ./huey_consumer.sh sync ID"
    else:
        then = f"next try {f'in {show.duration(round(wait))}' if wait else 'with its next sync'}"
    what = f"{facts['field']}: {facts['reason']}"
    return f"{show.bad(what)} ({tried}, {then})"


def summary(count: int) -> str:
    """Of how many scenes something is left out, for ``status``."""
    what = counted(count, "scene lacks", "scenes lack")
    return f"{what} a picture or a value that could not be brought to Plex; which, and why: ./huey_consumer.sh scene ID"
