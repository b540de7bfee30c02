"""The items that Plex was asked to analyse, so that it is asked once for each file and seldom for all."""

from __future__ import annotations

import time

from plexsync.model import IndexedPart
from plexsync.storage.database import Database

#: Seconds after which it may be asked for a file again, if that is still listed with the same size.
ASK_AGAIN_AFTER = 30 * 86400.0
#: Items that it is asked for in an hour, at most: analysing takes it some seconds each.
MOST_IN_AN_HOUR = 20


class AnalysedItems:
    """Keeps them.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, part: IndexedPart) -> bool:
        """Note that the item of a file is looked at now; False, and nothing is noted, where that is not to be.

        It is not where that was done since the file was listed with this size, or too often of late.
        """
        now = time.time()
        with self._database.write() as db:
            # A clock that was set back leaves times ahead of it.
            db.execute("delete from analysed_item where asked_at <= ? or asked_at > ?", (now - ASK_AGAIN_AFTER, now))
            known = db.execute("select size from analysed_item where rating_key = ?", (part.rating_key,)).fetchone()
            if known is not None and known[0] == (part.size or 0):
                return False
            lately = db.execute("select count(*) from analysed_item where asked_at > ?", (now - 3600,)).fetchone()[0]
            if lately >= MOST_IN_AN_HOUR:
                return False
            db.execute(
                "insert or replace into analysed_item (rating_key, size, asked_at) values (?, ?, ?)",
                (part.rating_key, part.size or 0, now),
            )
        return True
