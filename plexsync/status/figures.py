"""The figures of ``status``: one function makes them, for the snapshot, ``status``, ``doctor`` and whatever counts."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

from plexsync.durations import iso, soon, when
from plexsync.http.breaker import BreakerStorage, Outages
from plexsync.inbox import event_files
from plexsync.installation import stash_turns
from plexsync.ledger import Ledger, State
from plexsync.queue import quiet
from plexsync.reconcile import DifferenceKind, Runs
from plexsync.status import database_line, hook_line, settings_line
from plexsync.status.remembered import Remembered, fresh
from plexsync.storage.consumer_lock import running_consumer
from plexsync.storage.database import Database

#: How the keys of messages begin that ask for one scene: ``["sync_scene",[45],{}]``.
_BEGIN = f'["{event_files.SYNC_SCENE}",['
_KEYS = {"first": _BEGIN, "behind": f'["{event_files.SYNC_SCENE}",\\', "id_at": len(_BEGIN) + 1}
#: What the ledger says of scenes that are asked for: the state, null for one that is not known, and how many there are.
_WAITING = """
select scene.state, count(*) from (
    select key from task where queue = :queue and name = :name
    union select key from claim where queue = :queue and key >= :first and key < :behind
) as asked left join scene on scene.scene_id = cast(
    substr(asked.key, :id_at, length(asked.key) - :id_at - 4) as integer
)
group by scene.state
"""
HOUR = 3600.0
DAY = 86400.0


def collect(ledger: Ledger | None = None, remembered: Remembered | None = None) -> dict[str, Any]:
    """All figures of ``status``, as its JSON holds them.

    :param ledger: read on another connection than the workers'; this process's own where it is None.
    :param remembered: gives what takes long to count, for whoever asks again and again.
    """
    import tasks.app as app

    ledger = ledger or Ledger(app.database)
    database = ledger.database
    # A process that has Huey anyway asks the queue.
    looked = None if "huey" in vars(app) else quiet.look(app.database)
    queue, called_at = looked or (app.huey.stats(), app.huey.hook_called_at())
    get = remembered.get if remembered else fresh
    scenes = get("scenes", lambda: _scenes(ledger, quiet.NAME))
    rate = ledger.scenes.success_rate
    outages = Outages(database).figures(DAY)
    consumer = _consumer(database.path.parent)
    stopped = [BreakerStorage(database, service).record().stopped for service in ("Plex", "Stash")]
    oldest = queue.oldest_pending_at
    return {
        "consumer": consumer,
        "database": database_line.figures(database),
        "hook": hook_line.figures(ledger.facts, called_at),
        "settings": settings_line.figures(ledger.facts),
        "queue": {
            "pending": queue.pending,
            "scheduled": queue.scheduled,
            "in_progress": queue.in_progress,
            "set_aside": queue.set_aside,
            "next_try_at": iso(queue.next_due_at),
        },
        "scenes": scenes,
        "left_out": ledger.left_out.count(),
        "dead_letters": ledger.dead_letters.count(),
        "latest_dead_letter_at": iso(ledger.dead_letters.latest_at()),
        "breaker": _breaker(database, "Plex"),
        "stash_breaker": _breaker(database, "Stash"),
        "stashes": stash_turns.in_turn(ledger.facts, time.time()),
        "stopped": "; ".join(filter(None, stopped)) or None,
        "outages": {"count_24h": outages.count, "mean_time_to_recover_s": _rounded(outages.mean_time_to_recover)},
        "oldest_pending_s": None if oldest is None else round(max(0.0, time.time() - oldest), 1),
        "last_success_at": iso(ledger.scenes.last_success_at()),
        "reconcile": _reconcile(Runs(ledger.facts)),
        "success_rate": {"1h": get("1h", lambda: rate(HOUR)), "24h": get("24h", lambda: rate(DAY))},
    }


def _consumer(folder: Path) -> dict[str, Any]:
    """Whether a consumer runs on this data (None where that cannot be seen), which process, and since when."""
    try:
        consumer = running_consumer(folder)
    except OSError:
        return {"running": None, "pid": None, "since": None}
    if consumer is None:
        return {"running": False, "pid": None, "since": None}
    return {"running": True, "pid": consumer.pid, "since": iso(consumer.since)}


def consumer_text(consumer: dict[str, Any]) -> str:
    """The same, for a person."""
    if consumer["running"] is None:
        return "cannot be seen from here"
    if not consumer["running"]:
        return "not running: start it with ./huey_consumer.sh; events wait meanwhile"
    process = f" (process {consumer['pid']})" if consumer["pid"] else ""
    return f"runs since {when(consumer['since'])}{process}"


def _breaker(database: Database, service: str) -> dict[str, Any]:
    """The state, and of the outage that lasts since when and why."""
    storage = BreakerStorage(database, service)
    outage = storage.outages.current(service)
    return {
        "state": storage.state,
        "since": iso(outage.started_at) if outage else None,
        "cause": outage.cause if outage else None,
        "next_try_at": iso(storage.record().next_trial_at),
    }


def _reconcile(runs: Runs) -> dict[str, Any]:
    """When everything was compared last, what came of it, and how far the comparison is that is under way."""
    last, current = runs.last(), runs.current()
    return {
        "last_at": iso(last.finished_at) if last else None,
        "scenes": last.scenes if last else None,
        "items": last.items if last else None,
        "queued": last.queued if last else None,
        "differences": {str(kind): last.counts.get(kind, 0) for kind in DifferenceKind} if last else {},
        "cautions": list(last.cautions) if last else [],
        "under_way": current
        and {
            "since": iso(current.started_at),
            "scenes": current.scenes,
            "of_scenes": current.of_scenes,
            "items": current.items,
            "of_items": current.of_items,
        },
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def _scenes(ledger: Ledger, queue: str) -> dict[str, int]:
    """How many scenes are in each state; one that waits in the queue is pending, whatever it was before."""
    counts = Counter(ledger.scenes.counts())
    with ledger.database.read() as db:
        waiting = db.execute(_WAITING, {"queue": queue, "name": event_files.SYNC_SCENE, **_KEYS}).fetchall()
    for state, count in waiting:
        if state is not None:
            counts[State(state)] -= count
        counts[State.PENDING] += count
    return {str(state): counts[state] for state in State}


def queue_text(queue: dict[str, Any]) -> str:
    """What the queue holds, for a person."""
    first = f" (the first {soon(queue['next_try_at'])})" if queue["scheduled"] and queue["next_try_at"] else ""
    return (
        f"{queue['pending']:,} pending, {queue['scheduled']:,} scheduled{first}, {queue['in_progress']:,} in progress"
    )


def left_alone(breaker: dict[str, Any]) -> str:
    """Since when and why a service is not called, and when it is asked again."""
    since = f"not called since {when(breaker['since'])}" if breaker["since"] else "not called"
    again = f"; asked again {soon(breaker['next_try_at'])} at the latest" if breaker["next_try_at"] else ""
    cause = f": {breaker['cause']}" if breaker["cause"] else ""
    return f"{since}{cause}{again}"
