"""Scenes that were given up on, as ``failed`` and the page show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from plexsync.durations import iso
from plexsync.inbox import event_files
from plexsync.ledger import DeadLetter
from plexsync.status.arguments import CURSOR, LIMIT, SEARCH, Argument, ArgumentKind, BadRequest
from plexsync.status.pages import page, whereabouts
from plexsync.status.registry import StatusQuestion

if TYPE_CHECKING:
    from plexsync.status.desk import Desk


def failed(desk: Desk, args: Mapping[str, Any]) -> dict[str, Any]:
    """The dead letters, the newest first."""
    listings, search = desk.ledger.listings, args["search"] or ""
    rows, after = page(args, lambda after, limit: listings.letters(search, after, limit), _place)
    places = whereabouts([row["scene_id"] for row in rows])
    return {
        "rows": [row | {"failed_at": iso(row["failed_at"]), "queued": places[row["scene_id"]]} for row in rows],
        "total": listings.count_letters(search),
        "next": after,
    }


def _place(row: dict[str, Any]) -> tuple[float, int]:
    return row["failed_at"], row["id"]


def letter(desk: Desk, args: Mapping[str, Any]) -> dict[str, Any]:
    """All that is known of one."""
    found = desk.ledger.dead_letters.get(args["id"])
    if found is None:
        raise BadRequest(f"There is no dead letter {args['id']}.", "Load the list again: the scene was synced since.")
    return all_of(found)


def summary(letter: DeadLetter) -> dict[str, Any]:
    """What the list tells of one."""
    return {
        "id": letter.id,
        "scene_id": letter.scene_id,
        "title": letter.title,
        "error_class": letter.error_class,
        "message": letter.message,
        "attempts": letter.attempts,
        "failed_at": iso(letter.failed_at),
    }


def all_of(letter: DeadLetter) -> dict[str, Any]:
    """All that is known of one, as ``failed show --json`` has it."""
    import tasks.app as app

    return summary(letter) | {
        "queue": app.huey.whereabouts(app.huey.named(event_files.SYNC_SCENE, letter.scene_id)),
        "first_failed_at": iso(letter.first_failed_at),
        "tries": [{"at": iso(one.at), "outcome": str(one.outcome), "error": one.error} for one in letter.tries],
        "rating_key": letter.rating_key,
        "confidence": letter.confidence,
        "reasons": list(letter.reasons),
        "snapshot": letter.snapshot,
        "traceback": letter.traceback,
    }


QUESTIONS = (
    StatusQuestion("failed", failed, (SEARCH, CURSOR, LIMIT)),
    StatusQuestion("letter", letter, (Argument("id", ArgumentKind.ID, needed=True),)),
)
