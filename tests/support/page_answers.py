"""What the page is told in the tests: a consumer that runs, with something in each state."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from plexsync.demo import pictures
from tests.support.stash_page import Answer, StashPage

#: A title that takes itself for markup, and one that is read from right to left.
MARKUP = '<img src=x onerror="window.harmed = true"><b>bold</b> & "quoted"'
RIGHT_TO_LEFT = "שלום עולם (2021)"
#: A picture, as the operation ``picture`` gives it.
PIXEL = "data:image/png;base64," + base64.b64encode(pictures.png(200, 90, 40)).decode()
#: The operations that change something.
ACTIONS = (
    *("start", "stop", "restart", "retry", "discard", "accept", "reject", "sync", "sync_recent"),
    *("reconcile", "preview", "cancel", "report"),
)
AT = "2026-11-27T02:00:00+00:00"


def snapshot(**more: Any) -> dict[str, Any]:
    """What ``status`` gives while all is well but for a few scenes."""
    return {
        "schema": 1,
        "version": "1.0.0",
        "state": "running",
        "since": AT,
        "level": "warn",
        "attention": 3,
        "life": {"state": "running", "since": AT, "text": "PlexSync runs.", "remedy": None, "can_start": False},
        "scenes": {"pending": 4, "synced": 1200, "failed": 2, "review": 1, "not_found": 3, "skipped": 0, "gone": 0},
        "queue": {"pending": 4, "scheduled": 1, "in_progress": 2, "set_aside": 0, "next_try_at": AT},
        "oldest_pending_s": 75,
        "dead_letters": 2,
        "latest_dead_letter_at": AT,
        "last_success_at": AT,
        "success_rate": {"1h": 0.5, "24h": 0.995},
        "reconcile": {"last_at": AT, "scenes": 1200, "items": 1300, "queued": 5},
        "plex": {
            "url": "http://plex.example:32400",
            "machine_identifier": "abc",
            "up": True,
            "since": AT,
            "cause": None,
        },
        "stash": {"up": False, "since": AT, "cause": "connection refused"},
        "now": [
            {"id": "everything", "text": "Syncing all scenes", "done": 300, "of": 1200, "since": AT, "left_s": 90}
            | {"can_cancel": True}
        ],
        "done": [{"id": "reconcile", "text": "Compared 1,200 scenes: 5 differ.", "ok": True, "at": AT}],
        "chart": {
            "hour": [{"at": AT, "synced": n, "failed": n % 3} for n in range(12)],
            "day": [{"at": AT, "synced": 10 * n, "failed": 1} for n in range(24)],
        },
        "findings": [{"level": "warn", "name": "disk", "text": "The disk is nearly full.", "remedy": "Make room."}],
        "preview": None,
        "settings_faults": [],
        **more,
    }


def dead(state: str = "dead", *, can_start: bool = True, **more: Any) -> dict[str, Any]:
    """What ``status`` gives where no consumer runs: what was known last, and how it stands."""
    life = {"state": state, "since": None, "text": "It ended with an error.", "remedy": "See consumer.log."}
    return snapshot(life={**life, "can_start": can_start}, **more)


def letter(n: int, **more: Any) -> dict[str, Any]:
    return {
        "id": n,
        "scene_id": 1000 + n,
        "title": f"Failed film {n}",
        "error_class": "PlexRefused",
        "message": f"Plex refuses the title of scene {1000 + n}",
        "attempts": 5,
        "failed_at": AT,
        "queued": None,
        **more,
    }


def review(scene_id: int = 45, **more: Any) -> dict[str, Any]:
    return {
        "scene_id": scene_id,
        "title": "Picnic at Midsummer",
        "why": "the best match is 82 % sure, and 90 % are needed",
        "file": "/data/archive/IMG_2041.mov",
        "candidates": [
            {"rating_key": 812, "confidence": 82, "reasons": ["same title", "same date"], "title": "Picnic 1999"}
            | {"path": "/media/converted/Picnic 1999.mp4"},
            {"rating_key": 813, "confidence": 40, "reasons": ["similar title"], "title": "Midsummer"}
            | {"path": "/media/Midsummer.mp4"},
        ],
        **more,
    }


def scene(n: int, **more: Any) -> dict[str, Any]:
    return {
        "scene_id": n,
        "title": f"Scene number {n}",
        "state": "not_found",
        "rating_key": None,
        "confidence": None,
        "reasons": [],
        "last_error": "no item of Plex has its file",
        "notes": [],
        "file": f"/data/scene-{n}.mp4",
        "changed_at": AT,
        "synced_at": None,
        "queued": None,
        **more,
    }


def event(n: int, **more: Any) -> dict[str, Any]:
    return {
        "id": n,
        "scene_id": 100 + n,
        "title": f"Edited film {n}",
        "at": AT,
        "outcome": "synced",
        "text": "2 fields written",
        "seconds": 0.4,
        "fields": ["title", "date"],
        "event_at": AT,
        "events": ["3f9c21ab"],
        **more,
    }


def paged(rows: list[dict[str, Any]], size: int = 50) -> Answer:
    """Answers a list as the consumer does: so many rows, those with the searched text, and where to go on."""

    def answer(args: dict[str, Any]) -> dict[str, Any]:
        found = [row for row in rows if args.get("search", "").lower() in str(row).lower()]
        found = [row for row in found if args.get("state") in (None, row.get("state"))]
        start = int(args.get("cursor") or 0)
        end = start + min(size, args.get("limit") or size)
        return {"rows": found[start:end], "total": len(found), "next": str(end) if end < len(found) else None}

    return answer


def said(text: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The answer of an action."""
    return lambda _: {"text": text}


def furnish(stash: StashPage) -> None:
    """Have an answer to everything that the page asks."""
    stash.answer("status", snapshot())
    stash.answer("failed", paged([letter(1), letter(2)]))
    stash.answer(
        "letter",
        letter(1)
        | {"tries": [{"at": AT, "outcome": "failed", "error": "HTTP 400"}], "reasons": ["same file"], "rating_key": 7}
        | {"traceback": "Traceback: what went wrong", "confidence": 100},
    )
    stash.answer("reviews", paged([review()]))
    stash.answer("picture", {"data": PIXEL})
    stash.answer(
        "scenes", paged([scene(1), scene(2), scene(3), scene(4, state="synced", last_error=None, synced_at=AT)])
    )
    stash.answer("activity", paged([event(1), event(2, outcome="failed", text="Plex refuses the title", fields=[])]))
    steps = [
        {"at": AT, "what": "Stash told of it", "text": "Scene.Update.Post"},
        {"at": AT, "what": "Written", "text": ""},
    ]
    stash.answer("trace", {"scene_id": 101, "title": "Edited film 1", "steps": steps})
    stash.answer(
        "health",
        {
            "rows": [
                {"level": "ok", "name": "Stash", "text": "v0.30"},
                {"level": "fail", "name": "Plex", "text": "token?"},
            ]
        },
    )
    for mode in ACTIONS:
        stash.answer(mode, said(f"It was asked to {mode}."))
