"""Scenes under an id that meant another scene before: Stash's database was made anew, and counts from 1 again."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from plexsync.ledger import holding
from plexsync.ledger.entities import keep_parts
from plexsync.ledger.heirs import is_another
from plexsync.ledger.left_decisions import leave_decisions
from plexsync.model import Scene
from plexsync.storage.database import Database
from plexsync.storage.many_values import marks, portions

#: What belongs to the scene of old alone.
_ITS_OWN = ("picture", "left_out", "candidate", "sought", "dead_letter")


class Births:
    """Tells scenes from others that had their ids before.

    :param database: the file, already migrated.
    :param dead_letters_changed: called after a dead letter was dropped.
    """

    def __init__(self, database: Database, dead_letters_changed: Callable[[], None]) -> None:
        self._database = database
        self._dead_letters_changed = dead_letters_changed

    def created_at(self, scene_id: int) -> str | None:
        """When Stash made the scene that is known under an id, as it wrote it; None where that is not known."""
        with self._database.read() as db:
            row = db.execute("select created_at from scene where scene_id = ?", (scene_id,)).fetchone()
        return row["created_at"] if row is not None else None

    def many(self, scene_ids: Iterable[int]) -> dict[int, str | None]:
        """As ``created_at``, of many; those of which nothing is known are no keys."""
        found: dict[int, str | None] = {}
        for some in portions(scene_ids):
            with self._database.read() as db:
                rows = db.execute(f"select scene_id, created_at from scene where scene_id in ({marks(some)})", some)
                found |= {row["scene_id"]: row["created_at"] for row in rows}
        return found

    def is_another(self, scene: Scene) -> bool:
        """Whether what is known under a scene's id is known of another scene."""
        return is_another(self.created_at(scene.id), scene)

    def begin_anew(self, scene_id: int) -> None:
        """Forget the scene that had this id. What it applied is kept for the heir, as after a destroyed scene."""
        with self._database.write() as db:
            leave_decisions(db, scene_id)
            holding.release(db, scene_id)
            further = holding.drop_further(db, scene_id)
            db.execute("update left_item set gone = 1 where scene_id = ?", (scene_id,))
            db.executemany("update left_item set gone = 1 where rating_key = ?", [(key,) for key in further])
            keep_parts(db, scene_id, ())
            dropped = [db.execute(f"delete from {one} where scene_id = ?", (scene_id,)).rowcount for one in _ITS_OWN]
            db.execute(
                "update scene set state = 'pending', title = '', notes = '[]', pushed = null, pushing = null, "
                "doubted_as = null, past = null, digest = null, synced_at = null, read_at = null, updated_at = null, "
                "created_at = null, looks_at = null, missing = null, attempts = 0, not_found = 0, last_error = null, "
                "last_error_at = null where scene_id = ?",
                (scene_id,),
            )
        if dropped[-1] > 0:
            self._dead_letters_changed()
