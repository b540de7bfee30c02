"""What people decided of scenes that Stash has no longer, kept by the scene's file for whichever scene has that next.

A scene that is cleaned away and whose file is scanned anew has another id. Nobody is to say twice which item it is.
All of it works inside the caller's transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from plexsync.storage.many_values import marks, portions

_KINDS = (("pin", "pinned_at"), ("veto", "vetoed_at"))


def leave_decisions(db: sqlite3.Connection, scene_id: int) -> None:
    """Keep what was decided of a scene that Stash has no longer, by its file; where that is unknown it is forgotten."""
    file = _file_of(db, scene_id)
    for table, at in _KINDS:
        if file:
            db.execute(
                "insert or replace into left_decision (scene_file, kind, rating_key, file, decided_at) "
                f"select ?, ?, rating_key, file, {at} from {table} where scene_id = ?",
                (file, table, scene_id),
            )
        db.execute(f"delete from {table} where scene_id = ?", (scene_id,))
    db.execute("delete from decided_file where scene_id = ?", (scene_id,))


def take_over_decisions(db: sqlite3.Connection, scene_id: int, paths: Sequence[str]) -> int:
    """Let what was decided of scenes with these files hold for this scene; returns how many decisions there were.

    Nothing where the scene has an item, or a person has decided on one for it.
    """
    left = [
        row
        for some in portions(paths)
        for row in db.execute(f"select * from left_decision where scene_file in ({marks(some)})", some).fetchall()
    ]
    if not left or not _is_undecided(db, scene_id):
        return 0
    for row in left:
        table, at = next(kind for kind in _KINDS if kind[0] == row["kind"])
        db.execute(
            f"insert or ignore into {table} (scene_id, rating_key, file, {at}) values (?, ?, ?, ?)",
            (scene_id, row["rating_key"], row["file"], row["decided_at"]),
        )
        db.execute(
            "delete from left_decision where scene_file = ? and kind = ? and rating_key = ?",
            (row["scene_file"], row["kind"], row["rating_key"]),
        )
    note_file(db, scene_id, left[0]["scene_file"])
    return len(left)


def file_to_note(db: sqlite3.Connection, scene_id: int, path: str) -> bool:
    """Whether a person has decided of a scene, and its file is not noted, or another one is."""
    decided = any(
        db.execute(f"select 1 from {table} where scene_id = ?", (scene_id,)).fetchone() for table, _ in _KINDS
    )
    noted = db.execute("select file from decided_file where scene_id = ?", (scene_id,)).fetchone() if decided else None
    return decided and (noted is None or noted["file"] != path)


def note_file(db: sqlite3.Connection, scene_id: int, path: str) -> None:
    """Keep the file of a scene of which a person has decided."""
    db.execute("insert or replace into decided_file values (?, ?)", (scene_id, path))


def chosen_for_files(db: sqlite3.Connection, paths: Sequence[str], scene_id: int) -> list[int]:
    """The other scenes with one of these files (paths in Stash) to which a person gave an item."""
    found: list[int] = []
    for some in portions(paths):
        select = (
            f"select scene_id from decided_file join pin using (scene_id) where decided_file.file in ({marks(some)})"
        )
        found += [row[0] for row in db.execute(select, some) if row[0] != scene_id]
    return found


def forget_decisions(db: sqlite3.Connection, before: float) -> None:
    """Forget what was decided before a moment (epoch seconds) of scenes that Stash has no longer."""
    db.execute("delete from left_decision where decided_at < ?", (before,))


def _is_undecided(db: sqlite3.Connection, scene_id: int) -> bool:
    item = db.execute("select rating_key from scene where scene_id = ?", (scene_id,)).fetchone()
    pin = db.execute("select 1 from pin where scene_id = ?", (scene_id,)).fetchone()
    return (item is None or item["rating_key"] is None) and pin is None


def _file_of(db: sqlite3.Connection, scene_id: int) -> str | None:
    row = db.execute(
        "select coalesce((select file from decided_file where scene_id = ?1), "
        "(select file from scene where scene_id = ?1))",
        (scene_id,),
    ).fetchone()
    return row[0] if row else None
