"""``status``: how the whole thing is doing."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import click

from plexsync import inbox
from plexsync.cli import show
from plexsync.cli.failures import told
from plexsync.ledger import Ledger, State
from plexsync.plex import LedgerBreakerStorage

#: Scenes whose states are read in one query.
PAGE = 500
HOUR = 3600.0
DAY = 86400.0


@click.command(
    epilog="Examples:\n\n  python -m plexsync status\n\n  python -m plexsync status --json | jq .scenes.failed"
)
@click.option("--json", "json_wanted", is_flag=True, help="Print JSON for scripts.")
def status(json_wanted: bool) -> None:
    """Show the queue, the scenes by state, dead letters, the breaker and how well it goes."""
    with told():
        figures = collect()
    if json_wanted:
        show.as_json(figures)
    else:
        _print(figures)


def collect() -> dict[str, Any]:
    """All figures of ``status``, as its JSON holds them."""
    import tasks.app as app

    ledger = Ledger(app.database)
    queue = app.huey.stats()
    scenes = _scenes(ledger, [arguments[0] for arguments in app.huey.active_arguments(inbox.SYNC_SCENE)])
    breaker = LedgerBreakerStorage(app.database)
    oldest = queue.oldest_pending_at
    return {
        "queue": {
            "pending": queue.pending,
            "scheduled": queue.scheduled,
            "in_progress": queue.in_progress,
            "set_aside": queue.set_aside,
        },
        "scenes": scenes,
        "dead_letters": ledger.dead_letters.count(),
        "breaker": {"state": breaker.state},
        "oldest_pending_s": None if oldest is None else round(max(0.0, time.time() - oldest), 1),
        "last_success_at": show.iso(ledger.scenes.last_success_at()),
        "success_rate": {"1h": ledger.scenes.success_rate(HOUR), "24h": ledger.scenes.success_rate(DAY)},
    }


def _scenes(ledger: Ledger, waiting: Sequence[int]) -> dict[str, int]:
    """How many scenes are in each state; one that waits in the queue is pending, whatever it was before."""
    counts = Counter(ledger.scenes.counts())
    for start in range(0, len(waiting), PAGE):
        counts.subtract(ledger.scenes.states(waiting[start : start + PAGE]).values())
    counts[State.PENDING] += len(waiting)
    return {str(state): counts[state] for state in State}


def _print(figures: dict[str, Any]) -> None:
    queue, scenes = figures["queue"], figures["scenes"]
    oldest = figures["oldest_pending_s"]
    rows = [
        ["queue", f"{queue['pending']} pending, {queue['scheduled']} scheduled, {queue['in_progress']} in progress"],
        ["oldest pending", "nothing waits" if oldest is None else show.duration(oldest)],
        ["scenes", ", ".join(f"{count} {state}" for state, count in scenes.items() if count) or "none yet"],
        ["dead letters", _count(figures["dead_letters"])],
        ["breaker", _breaker(figures["breaker"]["state"])],
        ["last success", figures["last_success_at"] or "never"],
        ["success rate", ", ".join(f"{show.percent(rate)} ({span})" for span, rate in figures["success_rate"].items())],
    ]
    if queue["set_aside"]:
        rows.append(["unreadable", f"{show.bad(str(queue['set_aside']))} messages were set aside, see doctor"])
    show.table(rows)


def _count(count: int) -> str:
    return show.bad(str(count)) if count else "0"


def _breaker(state: str) -> str:
    return show.good(state) if state == "closed" else show.bad(f"{state}: Plex is left alone for a while")
