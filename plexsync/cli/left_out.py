"""What is left out of scenes, as people and scripts see it."""

from __future__ import annotations

import time
from typing import Any

from plexsync.cli import show
from plexsync.ledger import LeftOut
from plexsync.words import counted


def facts_of(one: LeftOut) -> dict[str, Any]:
    """One part that is left out, as the JSON of ``scene`` holds it."""
    return {
        "field": str(one.field),
        "part": one.part,
        "reason": one.reason,
        "tries": one.tries,
        "since": show.iso(one.since),
        "tried_at": show.iso(one.tried_at),
        "next_try_at": show.iso(one.next_at),
        "next_try_s": None if one.next_at is None else round(max(0.0, one.next_at - time.time()), 1),
    }


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
