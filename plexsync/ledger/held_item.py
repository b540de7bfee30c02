"""The item that a self-test writes to: what is noted of it, and that nobody else writes to it meanwhile."""

from __future__ import annotations

import json
import sqlite3
import time

from plexsync.errors import ItemHeld
from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger.lines import scene_of
from plexsync.storage.database import Database

#: The fact under which it is noted.
FACT = "self_test"
#: Seconds for which an item is held at most, whatever the clock says.
LONGEST = 600.0


@dataclass(frozen=True, slots=True)
class HeldItem:
    """What is noted: ``until`` is the moment (epoch seconds) up to which nobody else writes to it."""

    rating_key: int
    until: float
    record: str

    @property
    def remaining(self) -> float:
        """Seconds for which the item is still held; 0 for not any more."""
        left = self.until - time.time()
        return left if 0 < left <= LONGEST else 0.0


class HeldItems:
    """The item of a self-test, one at most.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self) -> HeldItem | None:
        """What is noted, None for nothing."""
        with self._database.read() as db:
            return _noted(db)

    def begin(self, rating_key: int, until: float, record: str, *, others_write: bool) -> int | None:
        """Note, synced to disk, that an item is about to be written to, and hold it.

        :param others_write: a consumer runs: what is noted as being written may be written at this moment.
        :returns: the scene that is being written to the item: then nothing is noted. None for no such scene.
        """
        with self._database.write(durable=True) as db:
            if others_write:
                row = db.execute(
                    "select scene_id from scene where rating_key = ? and pushing is not null and doubted_as is null",
                    (rating_key,),
                ).fetchone()
                if row is not None:
                    return scene_of(row[0])
            _put(db, HeldItem(rating_key, until, record))
        return None

    def note(self, rating_key: int, until: float, record: str) -> None:
        """Note, synced to disk, what is about to be written to it besides."""
        with self._database.write(durable=True) as db:
            _put(db, HeldItem(rating_key, until, record))

    def over(self) -> None:
        """The item is as it was, and held no longer."""
        with self._database.write() as db:
            db.execute("delete from fact where key = ?", (FACT,))


def held_key(db: sqlite3.Connection) -> int | None:
    """The item that is held, None for none. Works inside the caller's transaction."""
    noted = _noted(db)
    return noted.rating_key if noted is not None and noted.remaining else None


def check_it_is_free(db: sqlite3.Connection, rating_key: int) -> None:
    """See that nobody holds an item. Works inside the caller's transaction.

    :raises ItemHeld: somebody does.
    """
    noted = _noted(db)
    if noted is not None and noted.rating_key == rating_key and (remaining := noted.remaining):
        raise ItemHeld(f"item {rating_key} is in use for a self-test of Plex: its scene waits for the end", remaining)


def _noted(db: sqlite3.Connection) -> HeldItem | None:
    row = db.execute("select value from fact where key = ?", (FACT,)).fetchone()
    if row is None:
        return None
    try:
        facts = json.loads(row[0])
        return HeldItem(int(facts["rating_key"]), float(facts["until"]), str(facts["record"]))
    except (ValueError, KeyError, TypeError):
        return None


def _put(db: sqlite3.Connection, one: HeldItem) -> None:
    value = json.dumps({"rating_key": one.rating_key, "until": one.until, "record": one.record})
    db.execute("insert or replace into fact values (?, ?)", (FACT, value))
