"""What of a scene is not in Plex although all else is: why, since when, and when it is tried again.

A part of a scene is a picture, or a value or a name that Plex refused. Of most scenes there is none, and then nothing
is read here but an index.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from plexsync.fields import Field
from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger.lines import SCENE_OF, bounds
from plexsync.ledger.records import State
from plexsync.storage.database import Database
from plexsync.storage.many_values import marks, portions

if TYPE_CHECKING:
    from plexsync.model import Picture

#: The name of the part of a picture field.
PICTURE = "picture"
#: Seconds after which a scene that was asked for is asked for again, where nothing has come of it.
ASK_AGAIN = 3600.0
#: Seconds: nothing is planned for later. The setting ``late_polls`` can say 30 days.
FARTHEST = 32 * 86400.0
#: The scenes to be asked for: up to a time (epoch seconds), or beyond another one.
DUE = (
    "select distinct scene_id from (select scene_id from left_out where ask_at <= ? "
    "union all select scene_id from left_out where ask_at > ?) as due"
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One part that is left out. Times are epoch seconds.

    ``part`` names it among those of its field (``PICTURE``, or as ``metadata.parts``). ``reason`` is what a person
    reads after the field's name: ``missing, Stash answered 500``. ``tries`` is how often it was tried, ``next_at`` from
    when on it is tried again (None: not by itself). ``sha1`` and ``etag`` are those of Stash's picture, where it is
    that very one that is left out.
    """

    scene_id: int
    field: Field
    part: str
    reason: str
    tries: int
    since: float
    tried_at: float
    next_at: float | None
    sha1: str | None = None
    etag: str | None = None

    def is_held(self, now: float) -> bool:
        """Whether it is not to be tried yet (epoch seconds).

        It is to be where that is farther off than can be: it was planned while the clock was wrong.
        """
        return self.next_at is None or now < self.next_at <= now + FARTHEST


class LeftOutParts:
    """Reads and writes what is left out.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, scene_ids: Iterable[int]) -> dict[int, tuple[LeftOut, ...]]:
        """What is left out of these scenes; those of which nothing is are no keys."""
        found: dict[int, list[LeftOut]] = {}
        for some in portions(scene_ids):
            with self._database.read() as db:
                rows = db.execute(
                    f"select * from left_out where scene_id in ({marks(some)}) order by scene_id, field, part", some
                ).fetchall()
            for row in rows:
                found.setdefault(row["scene_id"], []).append(_left_out(row))
        return {scene_id: tuple(rows) for scene_id, rows in found.items()}

    def note(
        self,
        scene_id: int,
        field: Field,
        part: str,
        reason: str,
        waits: Sequence[float],
        *,
        now: float | None = None,
        picture: Picture | None = None,
    ) -> int:
        """Note that a part was tried, and is left out.

        :param waits: seconds until it is tried again after the first try, the second, and so on; after those it is not
            by itself.
        :param now: epoch seconds; None for the clock's.
        :param picture: Stash's, where it is that very one that is left out: with another one than before the tries are
            counted anew.
        :returns: how often it was tried by now.
        """
        now = time.time() if now is None else now
        sha1, etag = (picture.sha1, picture.etag) if picture else (None, None)
        with self._database.write() as db:
            row = db.execute(
                "select tries, since, sha1 from left_out where scene_id = ? and field = ? and part = ?",
                (scene_id, field, part),
            ).fetchone()
            is_another = row is not None and None not in (sha1, row["sha1"]) and sha1 != row["sha1"]
            tries, since = (1, now) if row is None or is_another else (row["tries"] + 1, min(row["since"], now))
            next_at = now + waits[tries - 1] if tries <= len(waits) else None
            db.execute(
                "insert or replace into left_out (scene_id, field, part, reason, tries, since, tried_at, next_at, "
                "ask_at, sha1, etag) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (scene_id, field, part, reason, tries, since, now, next_at, next_at, sha1, etag),
            )
        return tries

    def put_off(self, scene_id: int, field: Field, part: str, reason: str, until: float) -> None:
        """Note that a part was not even tried, and is to be from ``until`` on (epoch seconds)."""
        now = time.time()
        with self._database.write() as db:
            db.execute(
                "insert into left_out (scene_id, field, part, reason, tries, since, tried_at, next_at, ask_at) "
                "values (?, ?, ?, ?, 0, ?, ?, ?, ?) on conflict (scene_id, field, part) do update set "
                "next_at = excluded.next_at, ask_at = excluded.ask_at",
                (scene_id, field, part, reason, now, now, until, until),
            )

    def settle(self, scene_id: int, field: Field, part: str) -> None:
        """Note that a part is left out no longer."""
        with self._database.write() as db:
            db.execute("delete from left_out where scene_id = ? and field = ? and part = ?", (scene_id, field, part))

    def keep_values(self, scene_id: int, parts: Collection[tuple[Field, str]]) -> None:
        """Forget of a scene all that is left out but pictures and these parts: nobody asks for the others any more."""
        with self._database.write() as db:
            rows = db.execute("select field, part from left_out where scene_id = ?", (scene_id,)).fetchall()
            db.executemany(
                "delete from left_out where scene_id = ? and field = ? and part = ?",
                [
                    (scene_id, row["field"], row["part"])
                    for row in rows
                    if row["part"] != PICTURE and (Field(row["field"]), row["part"]) not in parts
                ],
            )

    def forget_pictures(self, scene_id: int, but: Collection[Field]) -> None:
        """Forget what is left out of a scene's pictures but those of these fields: no others are asked for any more."""
        with self._database.write() as db:
            db.executemany(
                "delete from left_out where scene_id = ? and field = ? and part = ?",
                [(scene_id, field, PICTURE) for field in (Field.POSTER, Field.BACKGROUND) if field not in but],
            )

    def hasten(self, scene_ids: Iterable[int] | None = None) -> None:
        """Let what is left out of these scenes, or of all, be tried with their next synchronisation."""
        if scene_ids is None:
            with self._database.write() as db:
                db.execute("update left_out set next_at = 0")
            return
        for some in portions(scene_ids):
            with self._database.write() as db:
                db.execute(f"update left_out set next_at = 0 where scene_id in ({marks(some)})", some)
                db.executemany(
                    "update left_out set next_at = 0 where scene_id between ? and ?", [bounds(one) for one in some]
                )

    def count(self) -> int:
        """Of how many scenes something is left out."""
        with self._database.read() as db:
            return int(db.execute(f"select count(distinct {SCENE_OF.format('scene_id')}) from left_out").fetchone()[0])

    # --- when it is tried again -----------------------------------------------------------------------------------

    def due(self, now: float, limit: int) -> list[tuple[int, bool]]:
        """The scenes whose time has come, or is farther off than can be: it was planned while the clock was wrong.

        :param now: epoch seconds.
        :param limit: scenes at most.
        :returns: ids, each with whether the scene is synced: any other is tried again or waits all the same.
        """
        with self._database.read() as db:
            rows = db.execute(
                f"select due.scene_id, scene.state from ({DUE} limit ?) as due "
                "left join scene on scene.scene_id = due.scene_id",
                (now, now + FARTHEST, limit),
            ).fetchall()
        return [(row[0], row[1] == State.SYNCED) for row in rows]

    def asked(self, scene_ids: Sequence[int], now: float) -> None:
        """Note that scenes were asked for: they are again after ``ASK_AGAIN``, where nothing has come of it."""
        with self._database.write() as db:
            db.executemany(
                "update left_out set ask_at = ? where scene_id = ? and ask_at is not null",
                [(now + ASK_AGAIN, scene_id) for scene_id in scene_ids],
            )

    def next_at(self) -> float | None:
        """When the next scene is to be asked for (epoch seconds); None for none."""
        with self._database.read() as db:
            row = db.execute("select min(ask_at) from left_out where ask_at is not null").fetchone()
        return None if row[0] is None else float(row[0])


def _left_out(row: sqlite3.Row) -> LeftOut:
    return LeftOut(
        scene_id=row["scene_id"],
        field=Field(row["field"]),
        part=row["part"],
        reason=row["reason"],
        tries=row["tries"],
        since=row["since"],
        tried_at=row["tried_at"],
        next_at=row["next_at"],
        sha1=row["sha1"],
        etag=row["etag"],
    )
