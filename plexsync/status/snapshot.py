"""The snapshot: what the consumer does, in one small document that anybody may read at any time."""

from __future__ import annotations

import os
import time
from typing import Any

from plexsync import __version__
from plexsync.durations import iso
from plexsync.http.address import origin
from plexsync.ledger import Ledger
from plexsync.status import findings_now, statistics
from plexsync.status.desk import ConsumerState, Desk
from plexsync.status.encoding import TooLarge, encoded
from plexsync.status.figures import collect
from plexsync.status.jobs import done
from plexsync.status.preview import latest
from plexsync.sync.server_watch import IDENTITY

#: The version of the snapshot's keys: it grows, and the meaning of a key never changes.
SCHEMA = 1
#: The charts: seconds of each step, and how many steps.
CHARTS = {"hour": (300.0, 12), "day": (3600.0, 24)}
#: What is left out where the whole is too large, the least important first.
LEAST_IMPORTANT = (
    "statistics",
    "preview",
    "done",
    "chart",
    "settings",
    "hook",
    "reconcile",
    "settings_faults",
    "now",
    "findings",
)


#: What a consumer does that nobody need see to.
_WELL = (ConsumerState.RUNNING, ConsumerState.STANDBY, ConsumerState.STOPPING)


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
        "level": "ok" if desk.state in _WELL else "fail",
        "attention": len(faults),
        "settings_faults": faults,
        "now": [],
        "done": [],
        "findings": [],
        "preview": None,
    }


def compose(desk: Desk) -> dict[str, Any]:
    """All that is known, where the consumer works; else the basics.

    :raises sqlite3.Error: the database cannot be used now.
    """
    known = basics(desk)
    if not desk.is_ready:
        return known
    ledger = desk.ledger
    figures = collect(ledger, desk.remembered)
    found = findings_now.findings(figures, desk.folder)
    attention = figures["scenes"]["failed"] + figures["scenes"]["review"]
    levels = {one["level"] for one in found}
    return known | figures | {
        "level": "fail" if "fail" in levels else "warn" if levels or attention else "ok",
        "attention": attention,
        "now": desk.jobs.now(ledger, figures["queue"]["pending"] + figures["queue"]["in_progress"]),
        "done": done(ledger),
        "chart": {
            name: desk.remembered.get(f"chart {name}", lambda chart=chart: _chart(ledger, *chart))  # type: ignore[misc]
            for name, chart in CHARTS.items()
        },
        "statistics": statistics.remembered(ledger, desk.remembered),
        "plex": _service(figures["breaker"], figures["stopped"], "Plex") | {
            "url": origin(desk.app().settings.plex_url),
            "machine_identifier": ledger.facts.get(IDENTITY),
        },
        "stash": _service(figures["stash_breaker"], figures["stopped"], "Stash"),
        "findings": found,
        "preview": latest(ledger.facts),
    }  # fmt: skip


def _chart(ledger: Ledger, step: float, count: int) -> list[dict[str, Any]]:
    """How many went well and how many failed, step by step, up to now."""
    end = (time.time() // step + 1) * step
    rows = ledger.listings.chart(end - step * count, step, count)
    return [{"at": iso(at), "synced": good, "failed": bad} for at, good, bad in rows]


def _service(breaker: dict[str, Any], stopped: str | None, name: str) -> dict[str, Any]:
    refused = stopped if stopped and name in stopped else None
    return {
        "up": breaker["state"] == "closed" and refused is None,
        "since": breaker["since"],
        "cause": breaker["cause"] or refused,
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
