"""Under which stamp Plex knows a performer's picture, and by what it is known whether it is the same still."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from plexsync.storage.database import Database
from plexsync.storage.many_values import marks, portions


class KnownPicture(NamedTuple):
    """A performer's picture. Stamps are those in its address, epoch seconds of the performer's last change.

    ``seen`` was the last one, ``shown`` is the one that Plex is given. ``etag`` is the picture's own, None where Stash
    tells none; ``looked_at`` is when it was read, by Stash's clock.
    """

    performer_id: int
    seen: int
    shown: int
    etag: str | None
    looked_at: float


class PerformerPictures:
    """Reads and writes them.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, performer_ids: Iterable[int]) -> dict[int, KnownPicture]:
        """What is known of these performers' pictures, by id."""
        found: dict[int, KnownPicture] = {}
        with self._database.read() as db:
            for some in portions(performer_ids):
                rows = db.execute(
                    "select performer_id, seen, shown, etag, looked_at from performer_picture "
                    f"where performer_id in ({marks(some)})",
                    some,
                )
                found |= {row[0]: KnownPicture(*row) for row in rows}
        return found

    def note(self, picture: KnownPicture) -> None:
        """Keep what was seen of a picture."""
        with self._database.write() as db:
            db.execute("insert or replace into performer_picture values (?, ?, ?, ?, ?)", picture)
