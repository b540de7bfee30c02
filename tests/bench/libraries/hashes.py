"""A Plex that shows the hashes of a made-up library's files when it is asked for them, and counts how often it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from plexsync.model import ListedItem
from plexsync.plex.traits import Traits
from plexsync.plex.trees import PartHash
from tests.bench.libraries.video import HashedPart


class HashingPlex:
    """Keeps the hashes in a file of its own, so that they take no memory.

    :param path: of the file; it is made where there is none.
    """

    def __init__(self, path: str) -> None:
        self.traits = Traits(lambda: "bench", None)
        self.requests = 0
        self.items = 0
        self._db = sqlite3.connect(path)
        self._db.execute("create table if not exists hash (rating_key integer, file text, oshash text)")
        self._db.execute("create index if not exists hash_item on hash (rating_key)")

    def add(self, items: Iterable[ListedItem]) -> None:
        """Have the files of these items."""
        rows = [
            (item.rating_key, part.file, part.oshash)
            for item in items
            for part in item.parts
            if isinstance(part, HashedPart)
        ]
        with self._db:
            self._db.executemany("insert into hash values (?, ?, ?)", rows)

    def part_hashes(self, rating_keys: Sequence[int]) -> dict[int, list[PartHash]]:
        """The files of items with their hashes."""
        self.requests += 1
        self.items += len(rating_keys)
        found: dict[int, list[PartHash]] = {}
        for key in rating_keys:
            for row in self._db.execute("select file, oshash from hash where rating_key = ?", (key,)):
                found.setdefault(key, []).append(PartHash(row[0], row[1]))
        return found

    def close(self) -> None:
        """Close the file."""
        self._db.close()
