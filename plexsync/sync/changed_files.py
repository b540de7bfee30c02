"""A file at its path in Plex, with another size and length than in Stash: was it replaced, and Plex has not looked?

To match it all the same would be wrong where another video has come under a name that became free. So the item is read
once more, and where that shows nothing new, Plex is asked to analyse it: once for each file, and seldom for all. What
it finds out comes with a later listing, and the scene is looked at again then.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Protocol

from plexsync.errors import PlexSyncError
from plexsync.ledger.analysed_items import AnalysedItems
from plexsync.ledger.index import LibraryIndex
from plexsync.matching.lookup import Match
from plexsync.model import Item

log = logging.getLogger(__name__)


class AnalysingPlex(Protocol):
    """What is asked of Plex."""

    def items(self, rating_keys: Sequence[int]) -> Mapping[int, Item]:
        """Whole items by rating key."""

    def analyze(self, rating_key: int) -> None:
        """Look at an item's files anew, in its own time."""


class ChangedFiles:
    """Has such files looked at again. Safe to share between threads.

    :param plex: whom to ask.
    :param index: what is known of the files.
    :param asked: for which it was asked.
    """

    def __init__(self, plex: AnalysingPlex, index: LibraryIndex, asked: AnalysedItems) -> None:
        self._plex = plex
        self._index = index
        self._asked = asked

    def learn(self, match: Match) -> bool:
        """Look at the item's file once more.

        :param match: the candidate, for a file at its path.
        :returns: whether the index knows more of it now.
        """
        part = next((one for one in self._index.of_item(match.rating_key) if one.file == match.path), None)
        if part is None or not self._asked.take(part):
            return False
        try:
            item = self._plex.items([match.rating_key]).get(match.rating_key)
            shown = next((one for one in item.parts if one.file == part.file), None) if item is not None else None
            if (
                item is not None
                and shown is not None
                and (shown.size, shown.duration_ms) != (part.size, part.duration_ms)
            ):
                self._index.learn(item)
                return True
            self._plex.analyze(match.rating_key)
        except PlexSyncError as error:
            # A person is asked about the scene in any case.
            log.info("Plex could not be asked to look at %s again: %s", match.path, error)
        else:
            log.info("asked Plex to analyse %s, which has another size and length in Stash", match.path)
        return False
