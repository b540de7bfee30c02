"""Which performers, studios, tags and groups each scene had when it was last synced.

When one of these leaves Stash, nobody else can say which scenes had it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from plexsync.storage.database import Database
from plexsync.storage.many_values import VALUES_PER_STATEMENT, marks, portions


class SceneEntities:
    """Reads what ``SceneLedger.confirm_write`` keeps of each scene.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def ids(self, kind: str) -> set[int]:
        """The ids of all of a kind that any scene had."""
        with self._database.read() as db:
            return {row[0] for row in db.execute("select distinct part_id from scene_part where kind = ?", (kind,))}

    def scenes_with(self, kind: str, part_id: int) -> Iterator[list[int]]:
        """The scenes that had a part, ascending, some hundred at a time; what changes meanwhile hides none.

        :param kind: ``performer``, ``studio``, ``tag`` or ``group``.
        """
        select = "select scene_id from scene_part where kind = ? and part_id = ? and scene_id > ? order by scene_id"
        after = 0
        while True:
            with self._database.read() as db:
                rows = db.execute(f"{select} limit ?", (kind, part_id, after, VALUES_PER_STATEMENT)).fetchall()
            if not rows:
                return
            after = rows[-1][0]
            yield [row[0] for row in rows]

    def of(self, scene_ids: Iterable[int]) -> dict[int, set[tuple[str, int]]]:
        """Kind and id of the parts that each of these scenes had."""
        found: dict[int, set[tuple[str, int]]] = {}
        for some in portions(scene_ids):
            found |= {scene_id: set() for scene_id in some}
            select = f"select scene_id, kind, part_id from scene_part where scene_id in ({marks(some)})"
            with self._database.read() as db:
                for scene_id, kind, part_id in db.execute(select, some):
                    found[scene_id].add((kind, part_id))
        return found


def keep_parts(db: sqlite3.Connection, scene_id: int, parts: Sequence[tuple[str, int]]) -> None:
    """Remember what the scene has, so that it is known when one of these leaves Stash.

    Works inside the caller's transaction.
    """
    known = {
        (row[0], row[1]) for row in db.execute("select kind, part_id from scene_part where scene_id = ?", (scene_id,))
    }
    if known == set(parts):
        return
    if known:
        db.execute("delete from scene_part where scene_id = ?", (scene_id,))
    if parts:
        db.execute(
            "insert or ignore into scene_part "
            "select json_extract(value, '$[0]'), cast(json_extract(value, '$[1]') as integer), ? from json_each(?)",
            (scene_id, json.dumps(parts)),
        )
