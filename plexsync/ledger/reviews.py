"""Matches that wait for a person."""

from __future__ import annotations

import json
from collections.abc import Sequence

from plexsync.database import Database
from plexsync.matching.match import Match


class Reviews:
    """Reads and writes the candidates of uncertain matches.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, scene_id: int, candidates: Sequence[Match]) -> None:
        """Replace the scene's candidates."""
        with self._database.write(durable=True) as db:
            db.execute("delete from candidate where scene_id = ?", (scene_id,))
            db.executemany(
                "insert into candidate (scene_id, rating_key, confidence, reasons, title, path) "
                "values (?, ?, ?, ?, ?, ?)",
                [
                    (scene_id, one.rating_key, one.confidence, json.dumps(list(one.reasons)), one.title, one.path)
                    for one in candidates
                ],
            )
