"""The snapshot: what the consumer does, in one small document that anybody may read at any time."""

from __future__ import annotations

import os
import time
from typing import Any

from plexsync import __version__
from plexsync.durations import iso
from plexsync.status.desk import ConsumerState, Desk
from plexsync.status.encoding import TooLarge, encoded

#: The version of the snapshot's keys: it grows, and the meaning of a key never changes.
SCHEMA = 1
#: What is left out where the whole is too large, the least important first.
LEAST_IMPORTANT = ("preview", "done", "chart", "settings", "hook", "reconcile", "settings_faults", "now", "findings")


def basics(desk: Desk) -> dict[str, Any]:
    """What is known without a database."""
    faults = list(desk.settings_faults)
    return {
        "schema": SCHEMA,
        "state": str(desk.state),
        "written_at": time.time(),
        "version": __version__,
        "pid": os.getpid(),
        "since": iso(desk.since),
        "level": "ok" if desk.state in (ConsumerState.RUNNING, ConsumerState.STOPPING) else "fail",
        "attention": len(faults),
        "settings_faults": faults,
        "now": [],
        "done": [],
        "findings": [],
        "preview": None,
    }


def as_document(snapshot: dict[str, Any], limit: int) -> bytes:
    """The snapshot as JSON of at most ``limit`` bytes, without secrets."""
    for left_out in range(len(LEAST_IMPORTANT) + 1):
        kept = {name: value for name, value in snapshot.items() if name not in LEAST_IMPORTANT[:left_out]}
        try:
            return encoded(kept, limit)
        except TooLarge:
            continue
    return encoded({name: snapshot.get(name) for name in ("schema", "state", "written_at", "pid")}, limit)
