"""All that is known of one scene, as ``scene ID --json`` and the page show it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from plexsync.durations import iso
from plexsync.http.breaker import BreakerStorage
from plexsync.inbox import event_files
from plexsync.ledger import Ledger, LeftOut, SceneRecord
from plexsync.matching.lookup import Match
from plexsync.model import Applied
from plexsync.status.arguments import SCENE_ID
from plexsync.status.registry import StatusQuestion

if TYPE_CHECKING:
    from plexsync.status.desk import Desk


def scene(_desk: Desk, args: Mapping[str, Any]) -> dict[str, Any]:
    """All that is known of a scene."""
    return collect(args["scene_id"])


def collect(scene_id: int) -> dict[str, Any]:
    """All facts of ``scene``, as its JSON holds them; the state is ``unknown`` where the ledger has none."""
    import tasks.app as app

    ledger, task = Ledger(app.database), app.huey.named(event_files.SYNC_SCENE, scene_id)
    waiting = app.huey.whereabouts(task)
    due_at = app.huey.due_at(task) if waiting == "scheduled" else None
    facts: dict[str, Any] = {
        "scene_id": scene_id,
        "state": "pending" if waiting else "unknown",
        "queue": waiting,
        "next_try_at": iso(due_at),
        "next_try_s": None if due_at is None else round(max(0.0, due_at - time.time()), 1),
        "rests": _rests() if waiting == "pending" else None,
    }
    record = ledger.scenes.get(scene_id)
    if record is None:
        return facts | {
            "rating_key": None,
            "confidence": None,
            "reasons": [],
            "items": [],
            "left_out": [],
            "attempts": 0,
            "last_error": None,
            "synced_at": None,
        }
    lines = [scene_id, *(line.id for line in ledger.further_items.of(scene_id))]
    left_out = [one for parts in ledger.left_out.of(lines).values() for one in parts]
    letter = ledger.dead_letters.of_scene(scene_id)
    settled, review = ledger.reviews.settled(scene_id), ledger.reviews.get(scene_id)
    applied = _applied(record.applied) if record.applied else None
    return facts | {
        # A retry on schedule has its reason in the ledger's state already.
        "state": "pending" if waiting in ("pending", "in progress") else str(record.state),
        "title": record.title or (letter.title if letter else ""),
        "rating_key": record.rating_key,
        "confidence": record.confidence,
        "reasons": list(record.reasons),
        "items": _items(ledger, record),
        "pinned": settled.pinned,
        "vetoed": sorted(settled.vetoed),
        "candidates": [candidate(match) for match in review.candidates] if review else [],
        "hints": {str(match.rating_key): match.hint for match in review.candidates if match.hint} if review else {},
        "notes": list(dict.fromkeys([*record.notes, *(f"{one.field}: {one.reason}" for one in left_out)])),
        "left_out": [facts_of(one) for one in left_out],
        "attempts": record.attempts + record.not_found,
        "last_error": record.last_error,
        "last_error_at": iso(record.last_error_at),
        "synced_at": iso(record.synced_at),
        "pushed": applied
        and {
            **{str(field): text for field, text in applied.texts.items()},
            **{str(field): list(names) for field, names in applied.tags.items()},
            **({"rating": applied.rating} if applied.rating_written else {}),
        },
        "dead_letter": letter and {"id": letter.id, "error_class": letter.error_class, "message": letter.message},
        "history": [
            {"at": iso(one.at), "outcome": str(one.outcome), "error": one.error}
            for one in ledger.scenes.history(scene_id)
        ],
    }


def _items(ledger: Ledger, record: SceneRecord) -> list[dict[str, Any]]:
    """All items that show a scene, its own one first; ``file`` is the one in Plex."""
    if record.rating_key is None:
        return []
    own = {"rating_key": record.rating_key, "confidence": record.confidence, "file": record.part_file, "own": True}
    further = [
        {"rating_key": line.rating_key, "confidence": line.confidence, "file": line.part_file, "own": False}
        for line in ledger.further_items.of(record.scene_id)
    ]
    return [own, *further]


def _applied(written: str) -> Applied:
    # Rules of how metadata look are of no use to any other command.
    from plexsync.metadata import from_json

    return from_json(written)


def _rests() -> dict[str, Any] | None:
    """The service for which everything is paused, as it is down or denies us access; None where there is none."""
    import tasks.app as app

    for service in ("Plex", "Stash"):
        record = BreakerStorage(app.database, service).record()
        if record.stopped or record.state != "closed":
            return {
                "service": service,
                "why": record.stopped or "it has failed too often and is not called for now",
                "next_try_at": None if record.stopped else iso(record.next_trial_at),
            }
    return None


def candidate_with_hint(match: Match) -> dict[str, Any]:
    """A candidate as JSON shows it, with what a person is to compare to decide about it."""
    return candidate(match) | {"hint": match.hint}


def candidate(match: Match) -> dict[str, Any]:
    """A candidate as JSON shows it."""
    return {
        "rating_key": match.rating_key,
        "confidence": match.confidence,
        "reasons": list(match.reasons),
        "title": match.title,
        "path": match.path,
    }


def facts_of(one: LeftOut) -> dict[str, Any]:
    """One part that is left out, as the JSON of ``scene`` holds it."""
    return {
        "field": str(one.field),
        "part": one.part,
        "reason": one.reason,
        "tries": one.tries,
        "since": iso(one.since),
        "tried_at": iso(one.tried_at),
        "next_try_at": iso(one.next_at),
        "next_try_s": None if one.next_at is None else round(max(0.0, one.next_at - time.time()), 1),
    }


QUESTIONS = (StatusQuestion("scene", scene, (SCENE_ID,)),)
