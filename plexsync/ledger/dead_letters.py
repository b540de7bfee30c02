"""Scenes that were given up on, with what a person needs to understand why."""

from __future__ import annotations

import time
from dataclasses import dataclass

from plexsync.database import Database

#: Longest traceback kept, in characters: its end, where the error is.
TRACEBACK_LIMIT = 8000


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One scene that was given up on; ``failed_at`` in epoch seconds."""

    id: int
    scene_id: int
    error_class: str
    message: str
    traceback: str
    attempts: int
    failed_at: float


class DeadLetters:
    """Reads and writes the dead letters: at most one per scene, the latest.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, scene_id: int, error_class: str, message: str, traceback: str, attempts: int) -> None:
        """Give up on a scene, replacing what was said of it before."""
        with self._database.write(durable=True) as db:
            db.execute("delete from dead_letter where scene_id = ?", (scene_id,))
            db.execute(
                "insert into dead_letter (scene_id, error_class, message, traceback, attempts, failed_at) "
                "values (?, ?, ?, ?, ?, ?)",
                (scene_id, error_class, message, traceback[-TRACEBACK_LIMIT:], attempts, time.time()),
            )

    def count(self) -> int:
        """How many there are."""
        with self._database.read() as db:
            return int(db.execute("select count(*) from dead_letter").fetchone()[0])

    def of_scene(self, scene_id: int) -> DeadLetter | None:
        """The scene's dead letter, or None."""
        with self._database.read() as db:
            row = db.execute("select * from dead_letter where scene_id = ?", (scene_id,)).fetchone()
        return DeadLetter(**dict(row)) if row else None

    def prune(self, days: float) -> int:
        """Drop those older than ``days``; returns how many went."""
        with self._database.write() as db:
            cursor = db.execute("delete from dead_letter where failed_at < ?", (time.time() - days * 86400,))
            return cursor.rowcount
