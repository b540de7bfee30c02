"""What ``status`` and ``doctor`` say of the settings: since when they are in force, and what is left to be done."""

from __future__ import annotations

from typing import Any

from plexsync.durations import iso, when
from plexsync.installation.settings_in_force import read
from plexsync.ledger import Facts


def figures(facts: Facts) -> dict[str, Any] | None:
    """What is known of the settings in force, for ``status --json``; None where no consumer has run yet."""
    known = read(facts)
    if known is None:
        return None
    return {
        "since": iso(known.since),
        "changed": list(known.changed),
        "at_restart": list(known.at_start),
        "sync_all": list(known.shown),
    }


def to_do(known: dict[str, Any]) -> list[str]:
    """What a person has still to do for all of them to be in force everywhere, as sentences."""
    told = []
    if known["at_restart"]:
        told.append(f"{', '.join(known['at_restart'])}: once the consumer is restarted")
    if known["sync_all"]:
        told.append(f"not all scenes follow {', '.join(known['sync_all'])} yet: ./huey_consumer.sh sync --all")
    return told


def text(known: dict[str, Any]) -> str:
    """All of it, for a person."""
    changed = f" ({', '.join(known['changed'])})" if known["changed"] else ""
    return "; ".join([f"in force since {when(known['since'])}{changed}", *to_do(known)])
