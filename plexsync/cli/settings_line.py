"""What ``status`` and ``doctor`` say of the settings: since when they are in force, and what is left to be done."""

from __future__ import annotations

from typing import Any

from plexsync.cli import show
from plexsync.installation.settings_in_force import read
from plexsync.ledger import Facts


def figures(facts: Facts) -> dict[str, Any] | None:
    """What is known of the settings in force, for ``status --json``; None where no consumer has run yet."""
    known = read(facts)
    if known is None:
        return None
    return {
        "since": show.iso(known.since),
        "changed": list(known.changed),
        "at_restart": list(known.at_start),
        "sync_all": list(known.shown),
    }


def text(known: dict[str, Any]) -> str:
    """The same, for a person."""
    told = [
        f"in force since {show.when(known['since'])}"
        + (f" ({', '.join(known['changed'])})" if known["changed"] else "")
    ]
    if known["at_restart"]:
        told.append(show.doubtful(f"{', '.join(known['at_restart'])}: once the consumer is restarted"))
    if known["sync_all"]:
        names = ", ".join(known["sync_all"])
        told.append(show.doubtful(f"not all scenes follow {names} yet: ./huey_consumer.sh sync --all"))
    return "; ".join(told)
