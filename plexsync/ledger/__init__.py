"""The ledger: what we know of each scene and of Plex's library. All SQL about either is in this room."""

from __future__ import annotations

import time

from plexsync.database import Database
from plexsync.ledger.dead_letters import DeadLetter, DeadLetters
from plexsync.ledger.facts import Facts
from plexsync.ledger.index import IndexedPart, LibraryIndex, SectionFill
from plexsync.ledger.reviews import Reviews
from plexsync.ledger.scenes import HISTORY_DAYS, Attempt, PictureRecord, Result, SceneLedger, SceneRecord, State
from plexsync.ledger.schema import STEPS

__all__ = [
    "Attempt",
    "DeadLetter",
    "DeadLetters",
    "Facts",
    "IndexedPart",
    "Ledger",
    "LibraryIndex",
    "PictureRecord",
    "Result",
    "Reviews",
    "SceneLedger",
    "SceneRecord",
    "SectionFill",
    "State",
]


class Ledger:
    """All of the ledger over one file, its tables made or brought up to date.

    :param database: the SQLite file.
    :raises DatabaseTooNew: a newer PlexSync has written the file.
    """

    def __init__(self, database: Database) -> None:
        database.migrate("ledger", STEPS)
        self.database = database
        self.scenes = SceneLedger(database)
        self.dead_letters = DeadLetters(database)
        self.reviews = Reviews(database)
        self.index = LibraryIndex(database)
        self.facts = Facts(database)

    def prune(self, dead_letter_days: float) -> None:
        """Drop history and dead letters that are past their time (days)."""
        with self.database.write() as db:
            db.execute("delete from outcome where at < ?", (time.time() - HISTORY_DAYS * 86400,))
        self.dead_letters.prune(dead_letter_days)
