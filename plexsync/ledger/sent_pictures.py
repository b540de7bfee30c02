"""Which pictures were sent to Plex for scenes, or are about to be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plexsync.fields import Field
from plexsync.ledger.records import PictureRecord
from plexsync.storage.database import Database
from plexsync.storage.many_values import marks, portions

_PICTURES = (
    "select scene_id, field, rating_key, sha1, etag, uploaded, under_way, coalesce(sent_sha1, sha1) as sent_sha1 "
    "from picture"
)


class SentPictures:
    """Reads and writes them.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, scene_id: int, field: Field) -> PictureRecord | None:
        """The picture last sent, or about to be sent, for a field of the scene."""
        return self.many([scene_id])[scene_id].get(field)

    def many(self, scene_ids: Iterable[int]) -> dict[int, dict[str, PictureRecord]]:
        """The pictures last sent, or about to be sent, for the fields of each of the scenes."""
        found: dict[int, dict[str, PictureRecord]] = {}
        for some in portions(scene_ids):
            found |= {scene_id: {} for scene_id in some}
            with self._database.read() as db:
                rows = db.execute(f"{_PICTURES} where scene_id in ({marks(some)})", some).fetchall()
            for row in rows:
                found[row["scene_id"]][row["field"]] = PictureRecord(
                    *(row["rating_key"], row["sha1"], row["etag"]),
                    *(bool(row["uploaded"]), row["sent_sha1"], bool(row["under_way"])),
                )
        return found

    def begin_uploads(self, pictures: Sequence[tuple[int, int, Field, str, str | None]]) -> None:
        """Note, synced to disk, that pictures are about to be uploaded: Plex keeps each copy it is given.

        :param pictures: of each its scene, the rating key, the field, the SHA-1 of Stash's picture, and that of the
            bytes that are sent, None where these are the same.
        """
        with self._database.write(durable=True) as db:
            db.executemany(
                "insert or replace into picture "
                "(scene_id, rating_key, field, sha1, etag, uploaded, sent_sha1, under_way) "
                "values (?, ?, ?, ?, null, 0, ?, 1)",
                pictures,
            )

    def forget_uploads(self, pictures: Sequence[tuple[int, Field]]) -> None:
        """Note that pictures were not sent after all that were about to be: nothing is known of these fields."""
        with self._database.write() as db:
            db.executemany("delete from picture where scene_id = ? and field = ?", pictures)

    def finish_upload(self, scene_id: int, field: Field, etag: str | None, rating_key: int | None = None) -> None:
        """Note that the picture is in Plex; ``etag`` makes the next look at Stash's copy cheap.

        :param rating_key: of the item that has it; nothing is noted where the scene's is another one by now.
        """
        with self._database.write() as db:
            db.execute(
                "update picture set uploaded = 1, under_way = 0, etag = ? where scene_id = ? and field = ? "
                "and rating_key = coalesce(?, rating_key)",
                (etag, scene_id, field, rating_key),
            )
