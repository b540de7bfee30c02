"""What is compared with Stash and with Plex, page by page: how each scene stands, and what its item showed last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger.entities import keep_parts
from plexsync.model import Field
from plexsync.storage.database import Database
from plexsync.storage.many_values import VALUES_PER_STATEMENT, marks, portions

#: What is in doubt for no reason that was noted: a write to its item came to no end.
UNCONFIRMED = "unconfirmed"


class Known(NamedTuple):
    """How a scene stands.

    ``doubt``: why its item is to be read, None where it need not be; ``UNCONFIRMED`` where a write to it was never
    confirmed. ``given_up``: there is a dead letter. ``file``: the scene's file by which it was matched. ``digest``: see
    ``metadata.digest``. ``in_order``: see ``Comparing.set_scenes_in_order``.
    """

    scene_id: int
    state: str
    fingerprint: str | None
    digest: str | None
    file: str | None
    doubt: str | None
    given_up: int
    in_order: str | None = None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A scene that stands as it was synced, although its digest is another one, or was never noted.

    ``fingerprint`` is the one that was noted, ``seen`` the same as it is worked out now. ``created_at`` is when Stash
    made it, as Stash writes it.
    """

    scene_id: int
    fingerprint: str
    seen: str
    digest: str
    parts: tuple[tuple[str, int], ...]
    created_at: str = ""


class Held(NamedTuple):
    """A synced scene with its item, or the line of a further one, as it was last seen.

    ``applied`` is JSON (``metadata.from_json``), ``updated_at`` in epoch seconds, None where it was never noted.
    ``shown`` is a JSON object of the paths of its pictures.
    """

    scene_id: int
    rating_key: int
    part_file: str | None
    applied: str
    updated_at: int | None
    shown: str


class Comparing:
    """Reads what is compared, and notes what was found to be right.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- with Stash -----------------------------------------------------------------------------------------------

    def between(self, after: int, until: int) -> dict[int, Known]:
        """How the scenes stand that were known in a range, which begins behind an id and ends with another."""
        with self._database.read() as db:
            cursor = db.cursor()
            # Plain tuples: of each of very many rows all columns are wanted.
            cursor.row_factory = None
            rows = cursor.execute(
                "select scene_id, state, fingerprint, digest, file, "
                "coalesce(doubted_as, case when pushing is not null then ? end), state = 'failed' and exists "
                "(select 1 from dead_letter where dead_letter.scene_id = scene.scene_id), in_order "
                "from scene where scene_id > ? and scene_id <= ?",
                (UNCONFIRMED, after, until),
            )
            return {row[0]: Known._make(row) for row in rows}

    def set_scenes_in_order(self, scenes: Iterable[tuple[int, str]]) -> None:
        """Note scenes as in order: each with a text that is another one when Stash tells of it otherwise."""
        with self._database.write() as db:
            db.executemany(
                "update scene set in_order = ? where scene_id = ?", [(text, scene_id) for scene_id, text in scenes]
            )

    def beyond(self, after: int) -> list[int]:
        """The next scenes with larger ids, ascending, some hundred: those that Stash had once."""
        with self._database.read() as db:
            rows = db.execute(
                "select scene_id from scene where scene_id > ? and state <> 'gone' order by scene_id limit ?",
                (after, VALUES_PER_STATEMENT),
            ).fetchall()
        return [row[0] for row in rows]

    def known_count(self) -> int:
        """How many scenes there are, as far as is known here."""
        return self._count("select count(*) from scene where state <> 'gone' and scene_id > 0")

    def stand(self, scenes: Iterable[Unchanged]) -> None:
        """Note the new digests of scenes, and their parts, where they were not synced anew meanwhile."""
        with self._database.write() as db:
            for one in scenes:
                noted = db.execute(
                    "update scene set digest = ?, fingerprint = ?, created_at = coalesce(created_at, nullif(?, '')) "
                    "where scene_id = ? and fingerprint = ?",
                    (one.digest, one.seen, one.created_at, one.scene_id, one.fingerprint),
                ).rowcount
                if noted:
                    keep_parts(db, one.scene_id, one.parts)

    # --- with Plex ------------------------------------------------------------------------------------------------

    def held(self, rating_keys: Iterable[int]) -> dict[int, Held]:
        """The synced scenes that have these items, by rating key; not while a write to one is in doubt."""
        found: dict[int, Held] = {}
        for some in portions(rating_keys):
            with self._database.read() as db:
                rows = db.execute(
                    "select scene_id, rating_key, part_file, pushed, item_updated_at, shown from scene "
                    f"where rating_key in ({marks(some)}) and state = 'synced' and pushing is null "
                    "and pushed is not null",
                    some,
                )
                found |= {one.rating_key: one for one in map(Held._make, rows)}
        return found

    def in_order(self, rating_keys: Iterable[int]) -> dict[int, str]:
        """By what items were listed when they were found in order last (``set_in_order``), by rating key."""
        found: dict[int, str] = {}
        for some in portions(rating_keys):
            with self._database.read() as db:
                rows = db.execute(
                    "select rating_key, in_order from item where in_order is not null "
                    f"and rating_key in ({marks(some)})",
                    some,
                )
                found.update(map(tuple, rows))
        return found

    def set_in_order(self, items: Iterable[tuple[int, str]]) -> None:
        """Note items as in order: their rating keys, each with a text that is another one when they are listed anew."""
        with self._database.write() as db:
            db.executemany(
                "update item set in_order = ? where rating_key = ?", [(text, rating_key) for rating_key, text in items]
            )

    def without_item(self, after: int) -> list[tuple[int, int]]:
        """The next items, some hundred, that scenes have and the index has not: their rating keys and the scenes.

        :param after: only larger rating keys; they ascend.
        """
        with self._database.read() as db:
            # By the index alone, which is a tenth of the table.
            rows = db.execute(
                "select rating_key, scene_id from scene indexed by scene_rating_key where rating_key > ? "
                "and not exists (select 1 from item where item.rating_key = scene.rating_key) "
                "order by rating_key limit ?",
                (after, VALUES_PER_STATEMENT),
            ).fetchall()
        return [(row[0], row[1]) for row in rows]

    def synced(self, scene_ids: Iterable[int]) -> list[int]:
        """Those of the scenes that are synced."""
        found: list[int] = []
        for some in portions(scene_ids):
            with self._database.read() as db:
                rows = db.execute(
                    f"select scene_id from scene where scene_id in ({marks(some)}) and state = 'synced'", some
                )
                found += [row[0] for row in rows]
        return found

    def synced_count(self) -> int:
        """How many scenes are synced."""
        return self._count("select count(*) from scene where state = 'synced'")

    def sent_pictures(self, scenes: Sequence[Held]) -> dict[int, set[Field]]:
        """The fields whose pictures were sent to the items that these scenes have, by scene."""
        found: dict[int, set[Field]] = {one.scene_id: set() for one in scenes}
        keys = {one.scene_id: one.rating_key for one in scenes}
        for some in portions(keys):
            with self._database.read() as db:
                rows = db.execute(
                    "select scene_id, field, rating_key from picture "
                    f"where scene_id in ({marks(some)}) and uploaded <> 0",
                    some,
                )
                for scene_id, field, rating_key in rows:
                    if keys[scene_id] == rating_key:
                        found[scene_id].add(Field(field))
        return found

    def lose_pictures(self, scene_id: int, fields: Iterable[Field]) -> None:
        """Note that the item no longer shows these pictures: they are sent again, whether or not it still has them."""
        with self._database.write() as db:
            db.executemany(
                "update picture set sha1 = '', etag = null, uploaded = 0 where scene_id = ? and field = ?",
                [(scene_id, field) for field in fields],
            )

    def forget_applied(self, scene_id: int) -> None:
        """Forget what was applied, as that cannot be read: the item itself is read at the next sync."""
        with self._database.write() as db:
            db.execute(
                "update scene set pushed = null, pushing = null, fingerprint = null, doubted_as = ? where scene_id = ?",
                (UNCONFIRMED, scene_id),
            )

    def _count(self, select: str) -> int:
        with self._database.read() as db:
            return int(db.execute(select).fetchone()[0])
