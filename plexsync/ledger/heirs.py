"""Whether a scene has an item after one that Stash has no longer: then what the item shows stays until Stash has more.

A scene is destroyed, or cleaned away with its file, and the file scanned anew: what Plex shows is all that is left of
the old scene's metadata. A scene into which another one was merged is no such heir: whoever merges two says which
values are to stay, so the others go.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from typing import TYPE_CHECKING

from plexsync.ledger.lines import scene_of

if TYPE_CHECKING:
    from plexsync.model import Scene

#: Seconds by which Stash's clock may be off ours. Only what is clearly older says anything.
CLOCKS_APART = 86400.0


def moment(stamp: str | None) -> float | None:
    """A time as Stash writes it (RFC 3339) in epoch seconds; None for one that is none."""
    try:
        return datetime.fromisoformat(stamp or "").timestamp()
    except (ValueError, OverflowError):
        return None


def is_another(noted: str | None, scene: Scene) -> bool:
    """Whether a scene is another one than that which had its id before: Stash's database was made anew, say.

    :param noted: when the one of old was made, as Stash wrote it; None where that is not known.
    """
    before, now = moment(noted), moment(scene.created_at)
    return before is not None and now is not None and before != now


def is_heir(db: sqlite3.Connection, left: sqlite3.Row, scene_id: int, scene: Scene | None) -> bool:
    """Whether the scene that takes an item is the heir of the one that left it.

    :param left: the item's line, with who left it.
    :param scene_id: its id, or that of its further item's line.
    :param scene: the one that takes it, as Stash has it; None where it was not read.
    """
    scene_id, left_by = scene_of(scene_id), scene_of(left["scene_id"])
    if not left["part_file"] and not _has_the_file(left, scene):
        # Noted by an older version: whether the item is still the same one is not known.
        return False
    if left["gone"]:
        return True
    if left_by == scene_id:
        return False
    leaver = db.execute("select state, read_at, created_at from scene where scene_id = ?", (left_by,)).fetchone()
    if leaver is not None and leaver["state"] != "gone":
        return False
    return leaver is None or not _is_merged(db, left, leaver, scene_id, scene)


def as_inherited(applied: str | None) -> str | None:
    """What was applied for a scene that Stash no longer has, marked as that (``metadata.from_json``)."""
    if applied is None:
        return None
    try:
        return json.dumps({**json.loads(applied), "inherited": True}, sort_keys=True, separators=(",", ":"))
    except (ValueError, TypeError):
        # Whoever reads it tells what is wrong with it.
        return applied


def _has_the_file(left: sqlite3.Row, scene: Scene | None) -> bool:
    return bool(left["file"]) and scene is not None and any(file.path == left["file"] for file in scene.files)


def _is_merged(
    db: sqlite3.Connection, left: sqlite3.Row, leaver: sqlite3.Row, scene_id: int, scene: Scene | None
) -> bool:
    """Whether the scene that takes the item was there together with the one that left it, which so was merged into it.

    Stash tells of no merge. But then the scene has the other one's file, and it is older than the other one's end.
    Stash gives every new scene a larger id than any before: a smaller id with a later birth is one of a new database.

    :param leaver: the line of the scene that left the item: ``read_at`` is when Stash had it for certain.
    """
    files = [file.path for file in scene.files] if scene is not None else []
    if files and left["file"] and left["file"] not in files:
        return False
    born = moment(scene.created_at) if scene is not None else None
    if born is not None and leaver["read_at"] is not None and born < leaver["read_at"] - CLOCKS_APART:
        return True
    if scene_id < scene_of(left["scene_id"]):
        other_born = moment(leaver["created_at"])
        return born is None or other_born is None or born <= other_born
    row = db.execute("select state, synced_at from scene where scene_id = ?", (scene_id,)).fetchone()
    if row is not None and row["synced_at"] is not None:
        return True
    return len(files) > 1 and row is not None and row["state"] != "pending"
