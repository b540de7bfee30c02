"""Lists of scenes: by state, and those whose match waits for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from plexsync.durations import iso
from plexsync.ledger import ListedScene, State
from plexsync.status.arguments import CURSOR, LIMIT, SEARCH, Argument, ArgumentKind
from plexsync.status.pages import page, whereabouts
from plexsync.status.registry import StatusQuestion
from plexsync.status.scene_facts import candidate_with_hint

if TYPE_CHECKING:
    from plexsync.status.desk import Desk


def scenes(desk: Desk, args: Mapping[str, Any]) -> dict[str, Any]:
    """Scenes, the one that changed last first."""
    listings, search = desk.ledger.listings, args["search"] or ""
    state = State(args["state"]) if args["state"] else None
    rows, after = page(
        args,
        lambda place, limit: listings.scenes(state, search, place, limit),
        lambda row: (row.changed_at, row.scene_id),
    )
    places = whereabouts([row.scene_id for row in rows])
    return {
        "rows": [as_row(row, places[row.scene_id]) for row in rows],
        "total": listings.count_scenes(state, search),
        "next": after,
    }


def as_row(scene: ListedScene, queued: str | None) -> dict[str, Any]:
    """A scene as a list shows it."""
    return {
        "scene_id": scene.scene_id,
        "title": scene.title,
        "state": str(scene.state),
        "rating_key": scene.rating_key,
        "confidence": scene.confidence,
        "reasons": list(scene.reasons),
        "last_error": scene.last_error,
        "notes": list(scene.notes),
        "file": scene.file,
        "changed_at": iso(scene.changed_at),
        "synced_at": iso(scene.synced_at),
        "queued": queued,
    }


def reviews(desk: Desk, args: Mapping[str, Any]) -> dict[str, Any]:
    """Scenes whose match waits for a person, with the items they may belong to, by their ids."""
    ledger, search = desk.ledger, args["search"] or ""
    rows, after = page(
        args,
        lambda place, limit: ledger.listings.scenes_by_id(State.REVIEW, search, place[1] if place else 0, limit),
        lambda row: (0.0, row.scene_id),
    )
    found = {row.scene_id: ledger.reviews.get(row.scene_id) for row in rows}
    return {
        "rows": [
            {
                "scene_id": row.scene_id,
                "title": row.title,
                "why": review.why,
                "file": row.file or next((match.file for match in review.candidates if match.file), None),
                "candidates": [candidate_with_hint(match) for match in review.candidates],
            }
            for row in rows
            if (review := found[row.scene_id]) is not None
        ],
        "total": ledger.listings.count_scenes(State.REVIEW, search),
        "next": after,
    }


QUESTIONS = (
    StatusQuestion(
        "scenes",
        scenes,
        (Argument("state", ArgumentKind.CHOICE, choices=tuple(map(str, State))), SEARCH, CURSOR, LIMIT),
    ),
    StatusQuestion("reviews", reviews, (SEARCH, CURSOR, LIMIT)),
)
