"""``status``: how the whole thing is doing."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from plexsync.cli import hook_line, left_out, settings_line, show
from plexsync.cli.failures import faults_shown
from plexsync.http.breaker import BreakerStorage, Outages
from plexsync.inbox import event_files
from plexsync.ledger import Ledger, State
from plexsync.reconcile import Kind, Runs
from plexsync.script import examples
from plexsync.storage.consumer_lock import running_consumer
from plexsync.storage.database import Database
from plexsync.words import counted

#: Scenes whose states are read in one query.
PAGE = 500
HOUR = 3600.0
DAY = 86400.0
#: How a text of each level looks.
_LEVELS: dict[str, Callable[[str], str]] = {"ok": str, "warn": show.doubtful, "fail": show.bad}


@click.command(epilog=examples("status", "status --json | jq .scenes.failed"))
@click.option("--json", "json_wanted", is_flag=True, help="Print JSON for scripts.")
def status(json_wanted: bool) -> None:
    """Show how it is going: the queue, scenes by state, dead letters, outages."""
    with faults_shown():
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
    scenes = _scenes(ledger, [arguments[0] for arguments in app.huey.active_arguments(event_files.SYNC_SCENE)])
    outages = Outages(app.database).figures(DAY)
    consumer = _consumer(app.database.path.parent)
    stopped = [BreakerStorage(app.database, service).record().stopped for service in ("Plex", "Stash")]
    oldest = queue.oldest_pending_at
    return {
        "consumer": consumer,
        "hook": hook_line.figures(ledger.facts, app.huey.hook_called_at()),
        "settings": settings_line.figures(ledger.facts),
        "queue": {
            "pending": queue.pending,
            "scheduled": queue.scheduled,
            "in_progress": queue.in_progress,
            "set_aside": queue.set_aside,
            "next_try_at": show.iso(queue.next_due_at),
        },
        "scenes": scenes,
        "left_out": ledger.left_out.count(),
        "dead_letters": ledger.dead_letters.count(),
        "latest_dead_letter_at": show.iso(ledger.dead_letters.latest_at()),
        "breaker": _breaker(app.database, "Plex"),
        "stash_breaker": _breaker(app.database, "Stash"),
        "stopped": "; ".join(filter(None, stopped)) or None,
        "outages": {"count_24h": outages.count, "mean_time_to_recover_s": _rounded(outages.mean_time_to_recover)},
        "oldest_pending_s": None if oldest is None else round(max(0.0, time.time() - oldest), 1),
        "last_success_at": show.iso(ledger.scenes.last_success_at()),
        "reconcile": _reconcile(Runs(ledger.facts)),
        "success_rate": {"1h": ledger.scenes.success_rate(HOUR), "24h": ledger.scenes.success_rate(DAY)},
    }


def _consumer(folder: Path) -> dict[str, Any]:
    """Whether a consumer runs on this data (None where that cannot be seen), which process, and since when."""
    try:
        consumer = running_consumer(folder)
    except OSError:
        return {"running": None, "pid": None, "since": None}
    if consumer is None:
        return {"running": False, "pid": None, "since": None}
    return {"running": True, "pid": consumer.pid, "since": show.iso(consumer.since)}


def consumer_text(consumer: dict[str, Any]) -> str:
    """The same, for a person."""
    if consumer["running"] is None:
        return "cannot be seen from here"
    if not consumer["running"]:
        return "not running: start it with ./huey_consumer.sh; events wait meanwhile"
    process = f" (process {consumer['pid']})" if consumer["pid"] else ""
    return f"runs since {show.when(consumer['since'])}{process}"


def _breaker(database: Database, service: str) -> dict[str, Any]:
    """The state, and of the outage that lasts since when and why."""
    storage = BreakerStorage(database, service)
    outage = storage.outages.current(service)
    return {
        "state": storage.state,
        "since": show.iso(outage.started_at) if outage else None,
        "cause": outage.cause if outage else None,
        "next_try_at": show.iso(storage.record().next_trial_at),
    }


def _reconcile(runs: Runs) -> dict[str, Any]:
    """When everything was compared last, what came of it, and how far the comparison is that is under way."""
    last, current = runs.last(), runs.current()
    return {
        "last_at": show.iso(last.finished_at) if last else None,
        "scenes": last.scenes if last else None,
        "items": last.items if last else None,
        "queued": last.queued if last else None,
        "differences": {str(kind): last.counts.get(kind, 0) for kind in Kind} if last else {},
        "cautions": list(last.cautions) if last else [],
        "under_way": current
        and {
            "since": show.iso(current.started_at),
            "scenes": current.scenes,
            "of_scenes": current.of_scenes,
            "items": current.items,
            "of_items": current.of_items,
        },
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


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
    consumer = consumer_text(figures["consumer"])
    rows = [
        ["consumer", show.bad(consumer) if figures["consumer"]["running"] is False else consumer],
        ["hook", _LEVELS[figures["hook"]["level"]](figures["hook"]["text"])],
        *([["settings", settings_line.text(figures["settings"])]] if figures["settings"] else []),
        ["queue", queue_text(queue)],
        ["oldest pending", "nothing waits" if oldest is None else show.duration(oldest)],
        ["scenes", ", ".join(f"{count} {state}" for state, count in scenes.items() if count) or "none yet"],
        *([["to review", _to_review(scenes["review"])]] if scenes["review"] else []),
        *([["left out", left_out.summary(figures["left_out"])]] if figures["left_out"] else []),
        ["dead letters", _dead_letters(figures)],
        ["Plex", _health(figures["breaker"])],
        ["Stash", _health(figures["stash_breaker"])],
        ["outages", _outages(figures["outages"])],
        ["last success", show.when(figures["last_success_at"]) if figures["last_success_at"] else "never"],
        ["all compared", _compared(figures["reconcile"])],
        ["success rate", ", ".join(f"{show.percent(rate)} ({span})" for span, rate in figures["success_rate"].items())],
    ]
    if figures["stopped"]:
        rows.insert(
            0, ["stopped", show.bad(f"nothing can be synced: {figures['stopped']}") + "; asked again every minute"]
        )
    if queue["set_aside"]:
        rows.append(["unreadable", _set_aside(queue["set_aside"])])
    show.table(rows)


def queue_text(queue: dict[str, Any]) -> str:
    """What the queue holds, for a person."""
    first = f" (the first {show.soon(queue['next_try_at'])})" if queue["scheduled"] and queue["next_try_at"] else ""
    return (
        f"{queue['pending']:,} pending, {queue['scheduled']:,} scheduled{first}, {queue['in_progress']:,} in progress"
    )


def _set_aside(count: int) -> str:
    return f"{show.bad(counted(count, 'message was', 'messages were'))} set aside: ./huey_consumer.sh doctor says why"


def _to_review(count: int) -> str:
    what = counted(count, "match is", "matches are")
    return f"{what} for you to decide: ./huey_consumer.sh review list"


def _dead_letters(figures: dict[str, Any]) -> str:
    if not figures["dead_letters"]:
        return "0"
    latest = show.when(figures["latest_dead_letter_at"])
    return f"{show.bad(str(figures['dead_letters']))}, the latest {latest}: ./huey_consumer.sh failed list"


def _health(breaker: dict[str, Any]) -> str:
    if breaker["state"] == "closed":
        return show.good("breaker closed")
    return show.bad(f"breaker {breaker['state']}, {left_alone(breaker)}")


def left_alone(breaker: dict[str, Any]) -> str:
    """Since when and why a service is not called, and when it is asked again."""
    since = f"not called since {show.when(breaker['since'])}" if breaker["since"] else "not called"
    again = f"; asked again {show.soon(breaker['next_try_at'])} at the latest" if breaker["next_try_at"] else ""
    cause = f": {breaker['cause']}" if breaker["cause"] else ""
    return f"{since}{cause}{again}"


def _compared(reconcile: dict[str, Any]) -> str:
    under_way = reconcile["under_way"]
    now = f"; under way: {_so_far(under_way)}" if under_way else ""
    if reconcile["last_at"] is None:
        return f"never{now}"
    last = f"{show.when(reconcile['last_at'])}, {reconcile['queued']:,} differed"
    return "; ".join([last + now, *map(show.bad, reconcile["cautions"])])


def _so_far(run: dict[str, Any]) -> str:
    return f"{counted(run['scenes'], 'scene')}, {counted(run['items'], 'item')}"


def _outages(outages: dict[str, Any]) -> str:
    count, mean = outages["count_24h"], outages["mean_time_to_recover_s"]
    if not count:
        return "none in the last 24 h"
    if mean is None:
        return f"{count:,} in the last 24 h, not over yet"
    on_average = " on average" if count > 1 else ""
    return f"{count:,} in the last 24 h, over after {show.duration(mean)}{on_average}"
