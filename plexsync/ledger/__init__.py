"""The ledger: what we know of each scene and of Plex's library. All SQL about either is in this room."""

from __future__ import annotations

import time

from plexsync.inbox.notice import Notice
from plexsync.ledger import event_log, holding, hours, left_decisions
from plexsync.ledger.analysed_items import AnalysedItems
from plexsync.ledger.at_rest import AtRest
from plexsync.ledger.births import Births
from plexsync.ledger.canaries import Canaries, Canary
from plexsync.ledger.dead_letters import DeadLetter, DeadLetters
from plexsync.ledger.entities import SceneEntities
from plexsync.ledger.further_items import FurtherItems
from plexsync.ledger.held_item import HeldItem, HeldItems
from plexsync.ledger.hours import Hours
from plexsync.ledger.index import LibraryIndex, SectionFill
from plexsync.ledger.item_search import FoundItem, ItemSearch
from plexsync.ledger.left_out import LeftOut, LeftOutParts
from plexsync.ledger.listings import ListedOutcome, ListedScene, Listings
from plexsync.ledger.looks import Looks, Standing
from plexsync.ledger.moves import Move, Moves
from plexsync.ledger.part_hashes import PartHashes
from plexsync.ledger.performer_pictures import PerformerPictures
from plexsync.ledger.records import Attempt, ItemSeen, PictureRecord, Result, SceneRecord, State
from plexsync.ledger.reviews import Review, Reviews
from plexsync.ledger.scanned_folders import ScannedFolders
from plexsync.ledger.scenes import HISTORY_DAYS, SceneLedger
from plexsync.ledger.schema import STEPS
from plexsync.ledger.verdicts import EvidenceRecord, VerdictKind, Verdicts
from plexsync.ledger.wanted_files import WantedFiles
from plexsync.storage.database import Database
from plexsync.storage.facts import Facts

__all__ = [
    "Attempt",
    "Births",
    "Canaries",
    "Canary",
    "DeadLetter",
    "DeadLetters",
    "EvidenceRecord",
    "Facts",
    "FoundItem",
    "FurtherItems",
    "HeldItem",
    "HeldItems",
    "ItemSearch",
    "ItemSeen",
    "Ledger",
    "LeftOut",
    "LeftOutParts",
    "LibraryIndex",
    "ListedOutcome",
    "ListedScene",
    "Listings",
    "Looks",
    "Move",
    "Moves",
    "PerformerPictures",
    "PictureRecord",
    "Result",
    "Review",
    "Reviews",
    "ScannedFolders",
    "SceneLedger",
    "SceneRecord",
    "SectionFill",
    "Standing",
    "State",
    "VerdictKind",
    "Verdicts",
]

#: Seconds by which records grow older from one pruning to the next, at most; it is done once an hour.
LARGEST_STEP = 2 * 3600.0


class Ledger:
    """All of the ledger over one file, its tables made or brought up to date.

    :param database: the SQLite file.
    :raises DatabaseTooNew: a newer PlexSync has written the file.
    """

    def __init__(self, database: Database) -> None:
        database.migrate("ledger", STEPS)
        self.database = database
        self.notice = Notice(database.path.parent, lambda: (self.dead_letters.count(), self.dead_letters.latest_at()))
        self.scenes = SceneLedger(database, self.notice.update)
        self.dead_letters = DeadLetters(database, self.notice.update)
        self.analysed_items = AnalysedItems(database)
        self.at_rest = AtRest(database)
        self.births = Births(database, self.notice.update)
        self.index = LibraryIndex(database)
        self.items = ItemSearch(database, self.index)
        self.further_items = FurtherItems(database)
        self.hours = Hours(database)
        self.left_out = LeftOutParts(database)
        self.listings = Listings(database)
        self.looks = Looks(database)
        self.moves = Moves(database)
        self.canaries = Canaries(database)
        self.parts = SceneEntities(database)
        self.part_hashes = PartHashes(database)
        self.performer_pictures = PerformerPictures(database)
        self.reviews = Reviews(database, self.scenes, self.index)
        self.verdicts = Verdicts(database)
        self.wanted_files = WantedFiles(database)
        self.facts = Facts(database)
        self.scanned_folders = ScannedFolders(database)
        self.held_items = HeldItems(database)

    def prune(self, dead_letter_days: float) -> None:
        """Drop history and dead letters that are past their time (days), and what nobody will ask for."""
        now = self._credible_now()
        with self.database.write() as db:
            db.execute("delete from outcome where at < ?", (now - HISTORY_DAYS * 86400,))
            event_log.trim(db)
            hours.trim(db, now)
            holding.forget_left(db, now - holding.LEFT_DAYS * 86400)
            left_decisions.forget_decisions(db, now - holding.LEFT_DAYS * 86400)
        self.dead_letters.prune(dead_letter_days, now)

    def _credible_now(self) -> float:
        """The time (epoch seconds) by which things grow old: from one pruning to the next by ``LARGEST_STEP`` at most.

        A clock that is years ahead for an hour must not make everything old.
        """
        now, last = time.time(), self.facts.get("pruned_at")
        credible = now if last is None else min(now, float(last) + LARGEST_STEP)
        self.facts.put("pruned_at", repr(credible))
        return credible
