"""Scenes of whose items nothing is certain any more: what Plex lists says so. Works inside the caller's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence

from plexsync.ledger.past import applied_once
from plexsync.matching.paths import folded
from plexsync.model import ListedItem, Part
from plexsync.storage.many_values import marks, portions

#: Why the item of a scene is to be read: words that reconciling has for the same.
ELSEWHERE, DOUBTED = "replaced", "doubted"
#: The item of these scenes has to be read, as a write to it might have to be that came to no end.
DOUBT = (
    "doubted_as = case when pushing is null or doubted_as is not null then ? end, "
    "pushing = coalesce(pushing, pushed), "
    # Plex's times and the paths of pictures are of the item that was.
    "item_updated_at = case when item_updated_at is not null then 0 end, shown = '{}'"
)


def have_moved(db: sqlite3.Connection, items: Sequence[ListedItem]) -> bool:
    """Whether one of these items holds none of the files that it was known for, but one that another is known for."""
    listed = {item.rating_key: {part.file for part in item.parts} for item in items if item.parts}
    known: dict[int, set[str]] = {}
    for some in portions(listed):
        for key, file in db.execute(f"select rating_key, file from part where rating_key in ({marks(some)})", some):
            known.setdefault(key, set()).add(file)
    for key, files in known.items():
        for file in listed[key] if files.isdisjoint(listed[key]) else ():
            row = db.execute(
                "select 1 from part where folded_path = ? and file = ? and rating_key <> ? limit 1",
                (folded(file), file, key),
            ).fetchone()
            if row is not None:
                return True
    return False


def note_moved(db: sqlite3.Connection, items: Sequence[ListedItem], fresh: Sequence[Part]) -> set[int]:
    """Note the scenes that files which are new in Plex say something of.

    The file is theirs, and in another item than the one they have; or their item holds it in place of their own.

    :param items: a page of Plex's list, in the index already.
    :param fresh: the files among it that were not in the index like this.
    :returns: the scenes' ids. They stay noted until ``queued``.
    """
    files = {part.file for part in fresh}
    by_key: dict[int, set[str]] = {}
    by_file: dict[str, set[int]] = {}
    for item in items:
        its = {part.file for part in item.parts}
        if its.isdisjoint(files):
            continue
        by_key[item.rating_key] = its
        for file in its & files:
            by_file.setdefault(file, set()).add(item.rating_key)
    found: set[int] = set()
    for some in portions(by_file):
        rows = db.execute(
            f"select scene_id, rating_key, part_file from scene where part_file in ({marks(some)}) "
            "and rating_key is not null",
            some,
        )
        found.update(row[0] for row in rows if row[1] not in by_file[row[2]])
    for keys in portions(by_key):
        rows = db.execute(
            f"select scene_id, rating_key, part_file from scene where rating_key in ({marks(keys)}) "
            "and part_file is not null",
            keys,
        )
        found.update(row[0] for row in rows if row[2] not in by_key[row[1]])
    note(db, found, ELSEWHERE)
    return found


def note_gone_back(db: sqlite3.Connection, items: Sequence[ListedItem]) -> set[int]:
    """Note the scenes whose items were changed last before they were seen last: a backup was restored over them.



    :param items: a page of Plex's list.
    :returns: the scenes' ids. They stay noted until ``queued``.
    """
    times = {item.rating_key: item.updated_at for item in items}
    found: set[int] = set()
    for some in portions(times):
        rows = db.execute(
            f"select scene_id, rating_key, item_updated_at from scene where rating_key in ({marks(some)}) "
            "and item_updated_at is not null",
            some,
        )
        found.update(row[0] for row in rows if row[2] > times[row[1]])
    note(db, found, DOUBTED)
    return found


def note(db: sqlite3.Connection, scene_ids: Collection[int], why: str) -> None:
    """Put scenes in doubt, and note that they are to be synchronised. Works inside the caller's transaction."""
    doubt(db, scene_ids, why)
    db.executemany("insert or ignore into moved values (?)", [(one,) for one in sorted(scene_ids)])


def doubt(db: sqlite3.Connection, scene_ids: Iterable[int], why: str) -> None:
    """Note that nothing is certain of the items of scenes. Works inside the caller's transaction."""
    for some in portions(scene_ids):
        db.execute(f"update scene set {DOUBT} where scene_id in ({marks(some)})", [why, *some])
        db.execute(f"update picture set uploaded = 0, etag = null where scene_id in ({marks(some)})", some)
        with_past(db, some)


def with_past(db: sqlite3.Connection, scene_ids: list[int]) -> None:
    """Note that the items of scenes may show again what these took back: from a backup, that is."""
    rows = db.execute(
        "select scene_id, pushing, past from scene where past is not null and pushing is not null "
        f"and scene_id in ({marks(scene_ids)})",
        scene_ids,
    ).fetchall()
    db.executemany(
        "update scene set pushing = ? where scene_id = ?",
        [(applied_once(row["pushing"], row["past"]), row["scene_id"]) for row in rows],
    )


def untold(db: sqlite3.Connection) -> list[int]:
    """The scenes that were noted, and are not queued yet."""
    return [row[0] for row in db.execute("select scene_id from moved order by scene_id")]


def queued(db: sqlite3.Connection, scene_ids: Iterable[int]) -> None:
    """Note that these scenes are queued. Works inside the caller's transaction."""
    for some in portions(scene_ids):
        db.execute(f"delete from moved where scene_id in ({marks(some)})", some)
