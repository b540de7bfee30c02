"""How scenes stood when they were last synced, and when those that lacked something are looked at again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from functools import lru_cache

from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger.records import State
from plexsync.model import Field
from plexsync.storage.database import Database
from plexsync.storage.many_values import marks, portions

_COLUMNS = "scene_id, state, fingerprint, digest, updated_at, missing, later_looks, looks_at"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a scene stood when it was last synced.

    :param fingerprint: what ``metadata.fingerprint`` said of it; None where nothing certain stands in an item of its.
    :param digest: what ``metadata.digest`` said of it; None where that is not known.
    :param updated_at: Stash's stamp of it, as Stash wrote it; None where that is not known.
    :param missing: what Stash did not have of it; None where it was never synced.
    :param looks: how often it was looked at since for what is missing.
    :param looks_at: when it is looked at next (epoch seconds), or None.
    """

    scene_id: int
    state: State
    fingerprint: str | None
    digest: str | None
    updated_at: str | None
    missing: tuple[Field, ...] | None
    looks: int
    looks_at: float | None


class Looks:
    """Reads how scenes stand, and plans when they are looked at.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def standing(self, scene_ids: Iterable[int]) -> dict[int, Standing]:
        """How these scenes stand, by id; those that were never tried are not in it."""
        found: dict[int, Standing] = {}
        for some in portions(scene_ids):
            with self._database.read() as db:
                rows = db.execute(f"select {_COLUMNS} from scene where scene_id in ({marks(some)})", some).fetchall()
            found |= {row["scene_id"]: _standing(row) for row in rows}
        return found

    def note(self, scene_id: int, missing: Sequence[Field]) -> None:
        """Note what the scene lacks. When it is looked at stays as it is planned; where it lacks nothing, never."""
        done = "" if missing else ", later_looks = 0, looks_at = null"
        with self._database.write() as db:
            db.execute(f"update scene set missing = ?{done} where scene_id = ?", (",".join(missing), scene_id))

    def begin(self, scene_id: int, missing: Sequence[Field], at: float) -> None:
        """Note what the scene lacks, and when it is looked at for the first time (epoch seconds)."""
        with self._database.write() as db:
            db.execute(
                "update scene set missing = ?, later_looks = 0, looks_at = ? where scene_id = ?",
                (",".join(missing), at, scene_id),
            )

    def due(self, now: float, farthest: float, limit: int) -> list[Standing]:
        """The scenes whose time has come, or is farther off than can be: it was planned while the clock was wrong.

        :param now: epoch seconds.
        :param farthest: epoch seconds; nothing is planned for later.
        :param limit: scenes at most.
        """
        with self._database.read() as db:
            rows = db.execute(
                f"select * from (select {_COLUMNS} from scene where looks_at <= ? "
                f"union all select {_COLUMNS} from scene where looks_at > ?) as due "
                "order by looks_at, scene_id limit ?",
                (now, farthest, limit),
            ).fetchall()
        return [_standing(row) for row in rows]

    def looked(self, plans: Iterable[tuple[Standing, float | None]]) -> None:
        """Note that scenes were looked at, and when they are next (epoch seconds; None for never).

        What was planned anew meanwhile, since the scene was synced, stays as it is.
        """
        self._plan((one.looks + 1, at, one.scene_id, one.looks_at) for one, at in plans)

    def postpone(self, scenes: Iterable[Standing], at: float) -> None:
        """Note that scenes could not be looked at, and are later (epoch seconds)."""
        self._plan((one.looks, at, one.scene_id, one.looks_at) for one in scenes)

    def next_at(self) -> float | None:
        """When the next scene is to be looked at (epoch seconds); None for none."""
        with self._database.read() as db:
            row = db.execute("select min(looks_at) from scene where looks_at is not null").fetchone()
        return None if row[0] is None else float(row[0])

    def _plan(self, plans: Iterable[tuple[int, float | None, int, float | None]]) -> None:
        with self._database.write() as db:
            db.executemany(
                "update scene set later_looks = ?, looks_at = ? where scene_id = ? and looks_at = ?", list(plans)
            )


def _standing(row: sqlite3.Row) -> Standing:
    missing: str | None = row["missing"]
    return Standing(
        scene_id=row["scene_id"],
        state=State(row["state"]),
        fingerprint=row["fingerprint"],
        digest=row["digest"],
        updated_at=row["updated_at"],
        missing=None if missing is None else _fields(missing),
        looks=row["later_looks"],
        looks_at=row["looks_at"],
    )


@lru_cache(256)
def _fields(names: str) -> tuple[Field, ...]:
    """The fields that are named, with commas in between."""
    known = names.split(",")
    return tuple(field for field in Field if field in known)
