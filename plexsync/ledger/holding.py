"""Which scene has which item: one scene per item, one item per scene. And what those applied that have left it.

A scene can leave its item in many ways: it is destroyed or merged in Stash, its file moves to another scene, a person
gives the item away. What it applied is still there, so that is kept with the item: whoever has the item next takes it
for its own, and clears what the new scene does not have; unless Stash no longer has the old one (``heirs.py``).

All of it works inside the caller's transaction.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from plexsync.ledger.heirs import as_inherited, is_heir
from plexsync.ledger.held_item import held_key
from plexsync.ledger.lines import bounds, line_of, scene_of
from plexsync.storage.many_values import marks, portions

if TYPE_CHECKING:
    from plexsync.matching.lookup import Match
    from plexsync.model import Scene

#: Days for which is kept what was applied to an item that no scene has any more. Most such items leave Plex as well.
LEFT_DAYS = 365
#: Why a scene's item is to be read, should it get one: it has lost the one it had.
ITEM_LOST = "moved"


def has(db: sqlite3.Connection, scene_id: int, match: Match) -> bool:
    """Whether it is noted already that the scene belongs to the item, and why, and nobody else has it."""
    rows = db.execute(
        "select scene_id, section_id, confidence, reasons, file, part_file from scene where rating_key = ?",
        (match.rating_key,),
    ).fetchall()
    return [tuple(row) for row in rows] == [_as_noted(scene_id, match)]


def having(db: sqlite3.Connection, matches: Mapping[int, Match]) -> set[int]:
    """Those of the scenes for which ``has`` is true, and whose item nobody holds: in two statements for all.

    :param matches: by scene.
    """
    keys = [match.rating_key for match in matches.values()]
    rows = db.execute(
        "select rating_key, scene_id, section_id, confidence, reasons, file, part_file from scene "
        f"where rating_key in ({marks(keys)})",
        keys,
    ).fetchall()
    noted: dict[int, list[tuple[object, ...]]] = {}
    for row in rows:
        noted.setdefault(row["rating_key"], []).append(tuple(row)[1:])
    held = held_key(db)
    return {
        one
        for one, match in matches.items()
        if match.rating_key != held and noted.get(match.rating_key) == [_as_noted(one, match)]
    }


def _as_noted(scene_id: int, match: Match) -> tuple[object, ...]:
    reasons = json.dumps(list(match.reasons))
    return scene_id, match.section_id, match.confidence, reasons, match.file, match.path


def take(db: sqlite3.Connection, scene_id: int, match: Match, scene: Scene | None = None) -> int | None:
    """Note which item the scene belongs to, and why we think so; nothing where another scene has that item.

    :param scene: as Stash has it, where it was read.
    :returns: the line that has the item (``lines.scene_of`` says whose), None for no other scene's.
    """
    other = db.execute(
        "select scene_id from scene where rating_key = ? and scene_id <> ? limit 1", (match.rating_key, scene_id)
    ).fetchone()
    if other and scene_of(other[0]) != scene_of(scene_id):
        return int(other[0])
    if other:
        # What was a further item is to be the scene's own.
        drop_lines(db, [other[0]])
    row = db.execute("select rating_key from scene where scene_id = ?", (scene_id,)).fetchone()
    is_new = row is None or row[0] != match.rating_key
    if is_new:
        _leave(db, scene_id)
    db.execute(
        "insert into scene (scene_id, state, rating_key, section_id, confidence, reasons, file, part_file, "
        "changed_at) values (?, 'pending', ?, ?, ?, ?, ?, ?, ?) on conflict (scene_id) do update set "
        "pushing = case when scene.rating_key = excluded.rating_key then scene.pushing "
        "else coalesce(scene.pushing, scene.pushed) end, "
        "fingerprint = case when scene.rating_key = excluded.rating_key then scene.fingerprint end, "
        "rating_key = excluded.rating_key, section_id = excluded.section_id, "
        "confidence = excluded.confidence, reasons = excluded.reasons, "
        "file = excluded.file, part_file = excluded.part_file, "
        "item_updated_at = case when scene.rating_key = excluded.rating_key then scene.item_updated_at end, "
        "past = case when scene.rating_key = excluded.rating_key then scene.past end, "
        "shown = case when scene.rating_key = excluded.rating_key then scene.shown else '{}' end",
        (
            *(scene_id, match.rating_key, match.section_id, match.confidence, json.dumps(list(match.reasons))),
            *(match.file, match.path, time.time()),
        ),
    )
    if is_new:
        inherit(db, scene_id, match.rating_key, scene)
    return None


def release(db: sqlite3.Connection, scene_id: int) -> None:
    """Take its item from a scene. What it applied is kept with the item, and with the scene, in doubt.

    The pictures that it sent are taken for its own again if it gets the item back before another scene had it.
    """
    _leave(db, scene_id)
    db.execute(
        "update scene set rating_key = null, section_id = null, confidence = null, reasons = '[]', file = null, "
        "part_file = null, fingerprint = null, item_updated_at = null, shown = '{}', past = null, "
        "doubted_as = case when pushing is null then ? else doubted_as end, "
        "pushing = coalesce(pushing, pushed) where scene_id = ? and rating_key is not null",
        (ITEM_LOST, scene_id),
    )


def drop_lines(db: sqlite3.Connection, line_ids: Iterable[int]) -> None:
    """Forget lines of further items. What was applied to these is kept with the items."""
    for line_id in line_ids:
        _leave(db, line_id)
        for table in ("picture", "left_out", "sought", "moved", "scene"):
            db.execute(f"delete from {table} where scene_id = ?", (line_id,))


def drop_further(db: sqlite3.Connection, scene_id: int) -> list[int]:
    """Forget the lines of all further items of a scene; returns the rating keys of these."""
    rows = db.execute(
        "select scene_id, rating_key from scene where scene_id between ? and ?", bounds(scene_id)
    ).fetchall()
    drop_lines(db, [row[0] for row in rows])
    db.execute("delete from sought where scene_id = ?", (line_of(scene_id, 0),))
    return [row[1] for row in rows if row[1] is not None]


def inherit(db: sqlite3.Connection, scene_id: int, rating_key: int, scene: Scene | None = None) -> None:
    """Count what a scene applied that left an item as applied by the one that has it now, in doubt.

    :param scene: the one that has it now, as Stash has it, where it was read.
    """
    left = db.execute("select * from left_item where rating_key = ?", (rating_key,)).fetchone()
    if left is None:
        return
    db.execute("delete from left_item where rating_key = ?", (rating_key,))
    if left["part_file"] and _holds_others(db, rating_key, left["part_file"]):
        # Another item has that rating key by now.
        return
    applied, intended = left["pushed"], left["pushing"]
    if is_heir(db, left, scene_id, scene):
        applied, intended = as_inherited(applied), as_inherited(intended)
    db.execute("update scene set pushed = ?, pushing = ? where scene_id = ?", (applied, intended, scene_id))
    if left["scene_id"] != scene_id:
        forget_pictures(db, left["scene_id"], rating_key)


def forget_pictures(db: sqlite3.Connection, scene_id: int, rating_key: int | None) -> None:
    """Note that the item may show another scene's pictures by now: should it come back, they are sent again."""
    db.execute(
        "update picture set sha1 = '', etag = null, uploaded = 0 where scene_id = ? and rating_key = ?",
        (scene_id, rating_key),
    )


def holders_of_files(db: sqlite3.Connection, paths: Sequence[str], scene_id: int) -> list[int]:
    """The other scenes that have an item on account of one of these files (paths in Stash)."""
    found: list[int] = []
    for some in portions(paths):
        select = f"select scene_id from scene where file in ({marks(some)}) and rating_key is not null"
        found += [line for row in db.execute(select, some) if (line := scene_of(row[0])) != scene_id]
    return found


def waiting_for(db: sqlite3.Connection, rating_key: int) -> list[int]:
    """The scenes that wait for a person and may belong to this item."""
    select = "select scene_id from candidate where rating_key = ? order by scene_id"
    return [row[0] for row in db.execute(select, (rating_key,))]


def forget_left(db: sqlite3.Connection, before: float) -> None:
    """Forget what scenes applied that left their items before a moment (epoch seconds)."""
    db.execute("delete from left_item where left_at < ?", (before,))


def _leave(db: sqlite3.Connection, scene_id: int) -> None:
    db.execute(
        "insert or replace into left_item (rating_key, scene_id, pushed, pushing, left_at, file, part_file) "
        "select rating_key, scene_id, pushed, coalesce(pushing, pushed), ?, file, part_file from scene "
        "where scene_id = ? and rating_key is not null and coalesce(pushing, pushed) is not null",
        (time.time(), scene_id),
    )


def _holds_others(db: sqlite3.Connection, rating_key: int, file: str) -> bool:
    """Whether an item is known to hold other files than this one."""
    files = {row[0] for row in db.execute("select file from part where rating_key = ?", (rating_key,))}
    return bool(files) and file not in files
