"""The ledger: what we know of each scene and of Plex's library. All SQL about either is in this room.

What is named here is imported at its first use: a command that looks at one table does not wait for the others.
"""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from plexsync.inbox.notice import Notice
from plexsync.ledger.schema import STEPS
from plexsync.storage.database import Database
from plexsync.storage.facts import Facts

if TYPE_CHECKING:
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
    from plexsync.ledger.records import Attempt, Confirmation, ItemSeen, PictureRecord, Result, SceneRecord, State
    from plexsync.ledger.reviews import Review, Reviews
    from plexsync.ledger.scanned_folders import ScannedFolders
    from plexsync.ledger.scenes import SceneLedger
    from plexsync.ledger.sent_pictures import SentPictures
    from plexsync.ledger.verdicts import EvidenceRecord, VerdictKind, Verdicts
    from plexsync.ledger.wanted_files import WantedFiles

__all__ = [
    "Attempt",
    "Births",
    "Canaries",
    "Canary",
    "Confirmation",
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
    "SentPictures",
    "Standing",
    "State",
    "VerdictKind",
    "Verdicts",
]

#: In which modules of this room the names are.
_PLACES = {
    "AnalysedItems": "analysed_items",
    "AtRest": "at_rest",
    "Attempt": "records",
    "Births": "births",
    "Canaries": "canaries",
    "Canary": "canaries",
    "Confirmation": "records",
    "DeadLetter": "dead_letters",
    "DeadLetters": "dead_letters",
    "EvidenceRecord": "verdicts",
    "FoundItem": "item_search",
    "FurtherItems": "further_items",
    "HISTORY_DAYS": "scenes",
    "HeldItem": "held_item",
    "HeldItems": "held_item",
    "Hours": "hours",
    "ItemSearch": "item_search",
    "ItemSeen": "records",
    "LeftOut": "left_out",
    "LeftOutParts": "left_out",
    "LibraryIndex": "index",
    "ListedOutcome": "listings",
    "ListedScene": "listings",
    "Listings": "listings",
    "Looks": "looks",
    "Move": "moves",
    "Moves": "moves",
    "PartHashes": "part_hashes",
    "PerformerPictures": "performer_pictures",
    "PictureRecord": "records",
    "Result": "records",
    "Review": "reviews",
    "Reviews": "reviews",
    "ScannedFolders": "scanned_folders",
    "SceneEntities": "entities",
    "SceneLedger": "scenes",
    "SceneRecord": "records",
    "SectionFill": "index",
    "SentPictures": "sent_pictures",
    "Standing": "looks",
    "State": "records",
    "VerdictKind": "verdicts",
    "Verdicts": "verdicts",
    "WantedFiles": "wanted_files",
}
#: The parts of ``Ledger``, by their names, with their classes.
_PARTS = {
    "scenes": "SceneLedger",
    "dead_letters": "DeadLetters",
    "analysed_items": "AnalysedItems",
    "at_rest": "AtRest",
    "births": "Births",
    "index": "LibraryIndex",
    "items": "ItemSearch",
    "further_items": "FurtherItems",
    "hours": "Hours",
    "left_out": "LeftOutParts",
    "listings": "Listings",
    "looks": "Looks",
    "moves": "Moves",
    "canaries": "Canaries",
    "parts": "SceneEntities",
    "part_hashes": "PartHashes",
    "performer_pictures": "PerformerPictures",
    "reviews": "Reviews",
    "sent_pictures": "SentPictures",
    "verdicts": "Verdicts",
    "wanted_files": "WantedFiles",
    "scanned_folders": "ScannedFolders",
    "held_items": "HeldItems",
}

#: Seconds by which records grow older from one pruning to the next, at most; it is done once an hour.
LARGEST_STEP = 2 * 3600.0


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
    return value


def import_all() -> None:
    """Import all that is named here: whoever runs on while an update replaces the files must not do so later."""
    for name in _PLACES:
        __getattr__(name)


class Ledger:
    """All of the ledger over one file, its tables made or brought up to date. Its parts are made at their first use.

    :param database: the SQLite file.
    :raises DatabaseTooNew: a newer PlexSync has written the file.
    """

    scenes: SceneLedger
    dead_letters: DeadLetters
    analysed_items: AnalysedItems
    at_rest: AtRest
    births: Births
    index: LibraryIndex
    items: ItemSearch
    further_items: FurtherItems
    hours: Hours
    left_out: LeftOutParts
    listings: Listings
    looks: Looks
    moves: Moves
    canaries: Canaries
    parts: SceneEntities
    part_hashes: PartHashes
    performer_pictures: PerformerPictures
    reviews: Reviews
    sent_pictures: SentPictures
    verdicts: Verdicts
    wanted_files: WantedFiles
    scanned_folders: ScannedFolders
    held_items: HeldItems

    def __init__(self, database: Database) -> None:
        database.migrate("ledger", STEPS)
        self.database = database
        self.facts = Facts(database)
        self.notice = Notice(database.path.parent, lambda: (self.dead_letters.count(), self.dead_letters.latest_at()))
        self._making = threading.RLock()

    def __getattr__(self, name: str) -> Any:
        """Make a part. Whatever was made is found without this."""
        if name not in _PARTS:
            raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")
        with self._making:
            if name not in self.__dict__:
                part = __getattr__(_PARTS[name])
                self.__dict__[name] = part(self.database, *(given(self) for given in _GIVEN.get(name, ())))
        return self.__dict__[name]

    def prune(self, dead_letter_days: float) -> None:
        """Drop history and dead letters that are past their time (days), and what nobody will ask for."""
        from plexsync.ledger import event_log, holding, hours, left_decisions
        from plexsync.ledger.scenes import HISTORY_DAYS

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


#: What parts are made with besides the database.
_GIVEN: dict[str, tuple[Callable[[Ledger], Any], ...]] = {
    "scenes": (lambda ledger: ledger.notice.update,),
    "dead_letters": (lambda ledger: ledger.notice.update,),
    "births": (lambda ledger: ledger.notice.update,),
    "items": (lambda ledger: ledger.index,),
    "reviews": (
        lambda ledger: ledger.scenes,
        lambda ledger: ledger.index,
    ),
}
