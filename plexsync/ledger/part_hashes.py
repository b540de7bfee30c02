"""The hashes of a few of Plex's files, so that each is asked for once."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence

from plexsync.model import IndexedPart
from plexsync.storage.database import Database
from plexsync.storage.many_values import marks, portions

#: Seconds after which a file of which Plex had no hash is asked for again: it works them out in its own time.
ASK_AGAIN_AFTER = 7 * 86400.0


class PartHashes:
    """Keeps them. What the index gives of a file holds its hash, as long as its size is the same.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def not_asked(self, parts: Iterable[IndexedPart]) -> list[IndexedPart]:
        """Those of the files for which Plex was not asked yet, or a long time ago and had none."""
        parts = list(parts)
        asked: set[tuple[int, str, int]] = set()
        with self._database.read() as db:
            for some in portions(part.rating_key for part in parts):
                asked.update(
                    (row[0], row[1], row[2])
                    for row in db.execute(
                        f"select rating_key, file, size from part_hash where rating_key in ({marks(some)}) "
                        "and (oshash <> '' or asked_at > ?)",
                        [*some, time.time() - ASK_AGAIN_AFTER],
                    )
                )
        return [part for part in parts if (part.rating_key, part.file, part.size or 0) not in asked]

    def put(self, parts: Sequence[IndexedPart], hashes: Mapping[tuple[int, str], str]) -> None:
        """Note what Plex said of these files.

        :param hashes: by rating key and path; of the others it has none.
        """
        now = time.time()
        rows = [
            (part.rating_key, part.file, part.size or 0, hashes.get((part.rating_key, part.file), ""), now)
            for part in parts
        ]
        with self._database.write() as db:
            db.executemany(
                "insert or replace into part_hash (rating_key, file, size, oshash, asked_at) values (?, ?, ?, ?, ?)",
                rows,
            )

    def is_any_known(self) -> bool:
        """Whether Plex has ever shown one."""
        with self._database.read() as db:
            return db.execute("select 1 from part_hash where oshash <> '' limit 1").fetchone() is not None
