"""Scenes that are in order, as far as is known: should their items tell otherwise, then others' may do so, too."""

from __future__ import annotations

from typing import NamedTuple

from plexsync.storage.database import Database


class Canary(NamedTuple):
    """A synced scene: its item, the file in it, and what was applied (JSON, ``metadata.from_json``)."""

    scene_id: int
    rating_key: int
    part_file: str
    applied: str


class Canaries:
    """Reads them.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def next(self, after: int, count: int) -> list[Canary]:
        """The next scenes by the rating keys of their items, at most so many.

        :param after: only larger rating keys.
        """
        with self._database.read() as db:
            rows = db.execute(
                "select scene_id, rating_key, part_file, pushed from scene indexed by scene_rating_key "
                "where rating_key > ? and state = 'synced' and pushing is null and pushed is not null "
                "and part_file is not null and exists "
                # What is known to be gone says nothing new.
                "(select 1 from part where part.rating_key = scene.rating_key and part.file = scene.part_file) "
                "order by rating_key limit ?",
                (after, count),
            ).fetchall()
        return [Canary(*row) for row in rows]
