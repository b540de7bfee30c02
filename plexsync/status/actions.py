"""What people ask the consumer to do, from the page, from Stash's tasks or in a terminal: as the commands do it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from plexsync.ledger import DeadLetter, Ledger
from plexsync.queue.priorities import Priority
from plexsync.reconcile import Runs
from plexsync.status import jobs
from plexsync.status.arguments import SCENE_ID, Argument, ArgumentKind, BadRequest
from plexsync.status.desk import Desk
from plexsync.status.registry import Action
from plexsync.words import counted

#: Hours back, and where nothing is said of it.
MOST_HOURS, USUAL_HOURS = 24 * 365, 24


def retry(_desk: Desk, args: Mapping[str, Any]) -> dict[str, Any]:
    """Try scenes that were given up once more, with all their tries."""
    from tasks.dead_letters import queue_again

    count = sum(queue_again(one.scene_id for one in some) for some in _letters(args))
    return _result(count, "scene is tried again", "scenes are tried again")


def discard(_desk: Desk, args: Mapping[str, Any]) -> dict[str, Any]:
    """Drop dead letters; their scenes stay as they are in Plex."""
    letters = _ledger().dead_letters
    count = sum(letters.discard([one.id for one in some]) for some in _letters(args))
    return _result(count, "dead letter was discarded", "dead letters were discarded")


def accept(_desk: Desk, args: Mapping[str, Any]) -> dict[str, Any]:
    """Say that a scene belongs to an item, and sync it."""
    from tasks.uncertain import accept as accept_and_queue

    scene_id, key = args["scene_id"], args["rating_key"]
    _, *losers = accept_and_queue(scene_id, key)
    lost = f" Scene {losers[0]} had that item, and waits for review now." if losers else ""
    return {"text": f"Scene {scene_id} belongs to item {key}, and is synced next.{lost}"}


def reject(_desk: Desk, args: Mapping[str, Any]) -> dict[str, Any]:
    """Say that a scene belongs to none of its candidates, or not to one item."""
    from tasks.uncertain import reject as reject_and_queue

    count = reject_and_queue(args["scene_id"], args["rating_key"])
    items = counted(count, "item was", "items were")
    return {"text": f"{items} ruled out for scene {args['scene_id']}.", "count": count}


def forget(_desk: Desk, args: Mapping[str, Any]) -> dict[str, Any]:
    """Take back what was decided of a scene."""
    from tasks.uncertain import forget as forget_and_queue

    count = forget_and_queue(args["scene_id"])
    if not count:
        return {"text": f"Nothing was decided about scene {args['scene_id']}.", "count": 0}
    return {
        "text": f"What was decided about scene {args['scene_id']} is forgotten; it is looked at next.",
        "count": count,
    }


def sync(_desk: Desk, args: Mapping[str, Any]) -> dict[str, Any]:
    """Queue scenes as if each had just been edited, or all of them behind what people do."""
    import tasks
    from tasks.everything import sync_all

    ids = args["scene_ids"]
    if bool(ids) == bool(args["all"]):
        raise BadRequest("Neither 'scene_ids' nor 'all' is there, or both.", "Send one of them.")
    if ids:
        _ledger().left_out.hasten(ids)
        tasks.huey.enqueue_many((tasks.sync_scene.s(one) for one in ids), Priority.DECISION if len(ids) == 1 else None)
        return _result(len(ids), "scene is synced next", "scenes are synced next")
    _ledger().left_out.hasten()
    tasks.huey.enqueue(sync_all.s(1))
    return {"text": "PlexSync now goes through all scenes; what is edited meanwhile comes first."}


def sync_recent(desk: Desk, args: Mapping[str, Any]) -> dict[str, Any]:
    """Queue the scenes that have changed in Stash lately."""
    import tasks

    stash, hours = desk.app().stash, args["hours"]
    newest = stash.last_change()
    if not newest:
        return {"text": "Stash has no scenes.", "count": 0}
    # Stash compares stamps as texts in its own zone.
    zone = datetime.fromisoformat(newest).tzinfo
    since = (datetime.now(zone) - timedelta(hours=hours)).isoformat(timespec="seconds").replace("+00:00", "Z")
    count, after, more = 0, 0, True
    while more:
        page = stash.changes(since, after)
        ids = [one.id for one in page.scenes]
        count += tasks.huey.enqueue_many((tasks.sync_scene.s(one) for one in ids), Priority.FOLLOW_UP)
        more, after = page.more, page.last
    changed = counted(count, "scene has", "scenes have")
    return {"text": f"{changed} changed in the last {counted(hours, 'hour')}; they are synced now.", "count": count}


def reconcile(_desk: Desk, args: Mapping[str, Any]) -> dict[str, Any]:
    """Compare everything, and queue what differs."""
    import tasks
    from tasks.reconcile import reconcile_on

    current = Runs(_ledger().facts).current()
    if current is not None and current.full == args["full"]:
        tasks.huey.enqueue(reconcile_on.s(current.id, *([True] if args["full"] else []), priority=Priority.EVERYTHING))
        return {"text": "Everything is being compared already."}
    run = (int(time.time()), True) if args["full"] else (int(time.time()),)
    tasks.huey.enqueue(reconcile_on.s(*run, priority=Priority.EVERYTHING))
    return {"text": "PlexSync now compares everything; what differs is synced."}


def cancel(desk: Desk, args: Mapping[str, Any]) -> dict[str, Any]:
    """Stop something that runs long; what is done of it stays done."""
    match args["id"]:
        case jobs.EVERYTHING:
            count = jobs.cancel_everything(_ledger())
            waited = counted(count, "scene that waited is", "scenes that waited are")
            text = f"Syncing all scenes was stopped: {waited} not synced."
            desk.jobs.end(jobs.EVERYTHING, text, ok=False)
            return {"text": text, "count": count}
        case jobs.RECONCILE:
            runs = Runs(_ledger().facts)
            if (current := runs.current()) is not None:
                runs.cancel(current)
            return {"text": "The comparison was stopped."}
        case _:
            desk.preview.cancel()
            return {"text": "The preview was stopped."}


def preview(desk: Desk, _args: Mapping[str, Any]) -> dict[str, Any]:
    """Look what syncing all scenes would change."""
    if not desk.preview.begin(desk.app(), desk.changed):
        return {"text": "A preview is being made already."}
    return {"text": "The preview has begun: nothing is written."}


def _letters(args: Mapping[str, Any]) -> Iterator[list[DeadLetter]]:
    """The dead letters that are meant, some at a time. Those that are gone by now were dealt with."""
    letters, ids = _ledger().dead_letters, args["ids"]
    if bool(ids) == bool(args["all"]):
        raise BadRequest("Neither 'ids' nor 'all' is there, or both.", "Send one of them.")
    if ids:
        yield [one for letter_id in ids if (one := letters.get(letter_id)) is not None]
    else:
        yield from letters.pages()


def _ledger() -> Ledger:
    import tasks.app as app

    return Ledger(app.database)


def _result(count: int, one: str, several: str) -> dict[str, Any]:
    return {"text": f"{counted(count, one, several)}.", "count": count}


_IDS = (Argument("ids", ArgumentKind.IDS), Argument("all", ArgumentKind.FLAG))
ACTIONS = (
    Action("retry", retry, _IDS),
    Action("discard", discard, _IDS),
    Action("accept", accept, (SCENE_ID, Argument("rating_key", ArgumentKind.ID, needed=True)), once=True),
    Action("reject", reject, (SCENE_ID, Argument("rating_key", ArgumentKind.ID)), once=True),
    Action("forget", forget, (SCENE_ID,), once=True),
    Action("sync", sync, (Argument("scene_ids", ArgumentKind.IDS), Argument("all", ArgumentKind.FLAG))),
    Action("sync_recent", sync_recent, (Argument("hours", ArgumentKind.COUNT, usual=USUAL_HOURS, most=MOST_HOURS),)),
    Action("reconcile", reconcile, (Argument("full", ArgumentKind.FLAG, usual=False),)),
    Action("preview", preview),
    Action(
        "cancel",
        cancel,
        (Argument("id", ArgumentKind.CHOICE, needed=True, choices=(jobs.EVERYTHING, jobs.RECONCILE, jobs.PREVIEW)),),
    ),
)
