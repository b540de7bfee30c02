"""Single facts that outlive the process, by name."""

from __future__ import annotations

import uuid

from plexsync.storage.database import Database


class Facts:
    """A small store of named texts.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        #: The data folder, in which the file is.
        self.folder = database.path.parent

    def get(self, key: str) -> str | None:
        """The fact's value, or None."""
        with self._database.read() as db:
            row = db.execute("select value from fact where key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def put(self, key: str, value: str) -> None:
        """Note a fact, replacing what it was."""
        with self._database.write() as db:
            db.execute("insert or replace into fact values (?, ?)", (key, value))

    def increase(self, key: str) -> int:
        """Add one to a fact that is a number, 0 where it is not known; returns what it is then."""
        with self._database.write() as db:
            row = db.execute("select value from fact where key = ?", (key,)).fetchone()
            number = int(row[0] if row else 0) + 1
            db.execute("insert or replace into fact values (?, ?)", (key, str(number)))
        return number

    def drop(self, key: str) -> None:
        """Forget a fact, if it is known."""
        with self._database.write() as db:
            db.execute("delete from fact where key = ?", (key,))

    def client_identifier(self) -> str:
        """What Plex knows us by: made once, then always the same, or Plex would list a new device at each start."""
        known = self.get("client_identifier")
        if known is not None:
            return known
        with self._database.write() as db:
            db.execute("insert or ignore into fact values ('client_identifier', ?)", (f"plexsync-{uuid.uuid4()}",))
            return str(db.execute("select value from fact where key = 'client_identifier'").fetchone()[0])
