"""The files that scenes wait for: Plex has no item for them yet. When one appears, its scenes are looked at again."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from plexsync.ledger.lines import line_of
from plexsync.matching.paths import stem_key
from plexsync.model import Part, SceneFile
from plexsync.storage.database import Database
from plexsync.storage.many_values import marks, portions


class WantedFiles:
    """Reads and writes which scene waits for which files.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def seek(self, scene_id: int, files: Sequence[SceneFile]) -> None:
        """Note that the scene waits for one of these files, and for none that it waited for before.

        The path of the first one is kept whole, to be shown.
        """
        rows: dict[tuple[int, str, int], str | None] = {
            (scene_id, stem_key(file.path), file.size or 0): None for file in files
        }
        if files:
            rows[next(iter(rows))] = files[0].path
        with self._database.write() as db:
            db.execute("delete from sought where scene_id = ?", (scene_id,))
            db.executemany(
                "insert into sought (scene_id, stem, size, file) values (?, ?, ?, ?)",
                sorted((*row, file) for row, file in rows.items()),
            )

    def seek_further(self, scene_id: int, files: Sequence[SceneFile]) -> None:
        """Note that a scene that has an item is looked at again when one of these other files of its appears.

        :param files: those that no item holds; none forgets what was noted.
        """
        line_id = line_of(scene_id, 0)
        wanted = sorted({(line_id, stem_key(file.path), file.size or 0) for file in files})
        with self._database.read() as db:
            rows = db.execute("select scene_id, stem, size from sought where scene_id = ? order by 2, 3", (line_id,))
            if [tuple(row) for row in rows] == wanted:
                return
        with self._database.write() as db:
            db.execute("delete from sought where scene_id = ?", (line_id,))
            db.executemany("insert into sought (scene_id, stem, size) values (?, ?, ?)", wanted)

    def drop(self, scene_id: int) -> None:
        """Note that the scene waits for no file."""
        with self._database.write() as db:
            db.execute("delete from sought where scene_id = ?", (scene_id,))

    def count(self) -> int:
        """How many scenes wait for a file."""
        with self._database.read() as db:
            return int(db.execute("select count(distinct scene_id) from sought where scene_id > 0").fetchone()[0])


def note_appeared(db: sqlite3.Connection, parts: Sequence[Part]) -> set[int]:
    """Mark the scenes that wait for a file like one of these: the same name without its ending, or the same size.

    Works inside the caller's transaction.

    :param parts: files that are new in Plex.
    :returns: the scenes' ids.
    """
    found: set[int] = set()
    which = ("scene_id > 0", "scene_id < 0")
    if not any(db.execute(f"select 1 from sought where {one} limit 1").fetchone() for one in which):
        return found
    for stems in portions(stem_key(part.file) for part in parts):
        rows = db.execute(f"select scene_id from sought where stem in ({marks(stems)})", stems)
        found.update(row[0] for row in rows)
    for sizes in portions(part.size for part in parts if part.size):
        rows = db.execute(f"select scene_id from sought where size in ({marks(sizes)})", sizes)
        found.update(row[0] for row in rows)
    for some in portions(found):
        db.execute(f"update sought set appeared = 1 where scene_id in ({marks(some)})", some)
    return found


def appeared(db: sqlite3.Connection) -> list[int]:
    """The scenes that are marked: their files have appeared, and they are not queued yet."""
    return [row[0] for row in db.execute("select distinct scene_id from sought where appeared = 1 order by scene_id")]


def forget_appeared(db: sqlite3.Connection, scene_ids: Sequence[int]) -> None:
    """Take the marks away: the scenes are queued. Works inside the caller's transaction."""
    for some in portions(scene_ids):
        db.execute(f"update sought set appeared = 0 where scene_id in ({marks(some)})", some)
