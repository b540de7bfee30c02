"""Counts the changes that were found by asking Stash although its hook was called for none of them.

Some never call it (auto-tag, merges, new covers). If a person's edits come that way, something is wrong with the plugin
in Stash, and nobody would notice: all of it arrives, a minute late.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from plexsync.imports.late_dataclass import dataclass
from plexsync.storage.facts import Facts

#: Name of the fact that holds the count.
FACT = "changes_unannounced"


@dataclass(frozen=True, slots=True)
class Unannounced:
    """How many there were since the hook was called last, and when the latest of them was made (epoch seconds)."""

    count: int = 0
    latest_at: float | None = None


def note(facts: Facts, stamps: Iterable[str], called_at: float | None) -> None:
    """Count changes that a poll has found.

    A change is followed by its hook, so those of which the hook may have told are not counted; nor are, again, those
    that were listed before.

    :param stamps: when each was made, as Stash tells it.
    :param called_at: when the hook was called last, by the clock of the machine that Stash runs on; None for never.
    """
    known = since(facts, called_at)
    after = max(called_at or 0.0, known.latest_at or 0.0)
    fresh = [moment for moment in map(_moment, stamps) if moment > after]
    if fresh:
        held = {"called_at": called_at, **asdict(Unannounced(known.count + len(fresh), max(fresh)))}
        facts.put(FACT, json.dumps(held))


def since(facts: Facts, called_at: float | None) -> Unannounced:
    """What was found since the hook was called last."""
    try:
        held = json.loads(facts.get(FACT) or "{}")
        if held.get("called_at") == called_at:
            return Unannounced(int(held["count"]), float(held["latest_at"]))
    except (TypeError, KeyError, ValueError, AttributeError):
        pass
    return Unannounced()


def _moment(stamp: str) -> float:
    try:
        return datetime.fromisoformat(stamp).timestamp()
    except (ValueError, OverflowError):
        return 0.0
