"""``scene``: all that is known of one scene."""

from __future__ import annotations

from typing import Any

import click

from plexsync.cli import show
from plexsync.cli.failures import told
from plexsync.cli.left_out import facts_of, line_of
from plexsync.cli.review import candidate, candidate_lines
from plexsync.ledger import Ledger
from plexsync.metadata import from_json
from plexsync.script import examples


@click.command(epilog=examples("scene 45", "scene 45 --json"))
@click.argument("scene_id", type=click.IntRange(min=1), metavar="ID")
@click.option("--json", "json_wanted", is_flag=True, help="Print JSON for scripts.")
def scene(scene_id: int, json_wanted: bool) -> None:
    """Show a scene's state, its match and why, what Plex was told and what was left out, attempts and errors."""
    with told():
        facts = collect(scene_id)
    if json_wanted:
        show.as_json(facts)
    else:
        _print(facts)


def collect(scene_id: int) -> dict[str, Any]:
    """All facts of ``scene``, as its JSON holds them; the state is ``unknown`` where the ledger has none."""
    import tasks
    import tasks.app as app

    ledger = Ledger(app.database)
    waiting = app.huey.whereabouts(tasks.sync_scene.s(scene_id))
    facts: dict[str, Any] = {"scene_id": scene_id, "state": "pending" if waiting else "unknown", "queue": waiting}
    record = ledger.scenes.get(scene_id)
    if record is None:
        return facts | {
            "rating_key": None,
            "confidence": None,
            "reasons": [],
            "left_out": [],
            "attempts": 0,
            "last_error": None,
            "synced_at": None,
        }
    left_out = ledger.left_out.of([scene_id]).get(scene_id, ())
    letter = ledger.dead_letters.of_scene(scene_id)
    settled, review = ledger.reviews.settled(scene_id), ledger.reviews.get(scene_id)
    pushed = from_json(record.pushed) if record.pushed else None
    return facts | {
        # A retry on schedule has its reason in the ledger's state already.
        "state": "pending" if waiting in ("pending", "in progress") else str(record.state),
        "title": record.title,
        "rating_key": record.rating_key,
        "confidence": record.confidence,
        "reasons": list(record.reasons),
        "pinned": settled.pinned,
        "vetoed": sorted(settled.vetoed),
        "candidates": [candidate(match) for match in review.candidates] if review else [],
        "notes": list(dict.fromkeys([*record.notes, *(f"{one.field}: {one.reason}" for one in left_out)])),
        "left_out": [facts_of(one) for one in left_out],
        "attempts": record.attempts + record.not_found,
        "last_error": record.last_error,
        "last_error_at": show.iso(record.last_error_at),
        "synced_at": show.iso(record.synced_at),
        "pushed": pushed
        and {
            **{str(field): text for field, text in pushed.texts.items()},
            **{str(field): list(names) for field, names in pushed.tags.items()},
            **({"rating": pushed.rating} if pushed.rating_written else {}),
        },
        "dead_letter": letter and {"id": letter.id, "error_class": letter.error_class, "message": letter.message},
        "history": [
            {"at": show.iso(one.at), "outcome": str(one.outcome), "error": one.error}
            for one in ledger.scenes.history(scene_id)
        ],
    }


def _print(facts: dict[str, Any]) -> None:
    queued = f" (in the queue: {facts['queue']})" if facts["queue"] else ""
    rows = [["scene", f"{facts['scene_id']}  {facts.get('title') or ''}"], ["state", facts["state"] + queued]]
    if facts["rating_key"] is not None:
        why = "; ".join(facts["reasons"])
        rows.append(["item in Plex", f"{facts['rating_key']}, confidence {facts['confidence']}: {why}"])
    rows += _decisions(facts)
    rows.append(["synced", facts["synced_at"] or "never"])
    rows.append(["attempts", f"{facts['attempts']} failed in a row"])
    if facts["last_error"]:
        rows.append(["last error", f"{show.bad(facts['last_error'])} ({facts['last_error_at']})"])
    left_out = {f"{one['field']}: {one['reason']}" for one in facts["left_out"]}
    rows += [["note", note] for note in facts.get("notes", []) if note not in left_out]
    rows += [["left out", line_of(one)] for one in facts["left_out"]]
    for field, value in (facts.get("pushed") or {}).items():
        text = ", ".join(value) if isinstance(value, list) else str(value)
        rows.append([f"told: {field}", text.replace("\n", " ")[:100]])
    rows += [
        [one["at"], one["outcome"] + (f": {one['error']}" if one["error"] else "")] for one in facts.get("history", [])
    ]
    show.table(rows)


def _decisions(facts: dict[str, Any]) -> list[list[str]]:
    """What a person has said of the scene's item, and what there is to be said."""
    rows = []
    if facts.get("pinned") is not None:
        rows.append(["chosen by a person", f"item {facts['pinned']}"])
    if facts.get("vetoed"):
        rows.append(["ruled out by a person", "item " + ", ".join(map(str, facts["vetoed"]))])
    candidates = facts.get("candidates", [])
    rows += [[f"may be {head}" if head else "", text] for one in candidates for head, text in candidate_lines(one)]
    if candidates:
        rows.append(["to decide", f"review accept {facts['scene_id']} ITEM, or review reject {facts['scene_id']}"])
    return rows
