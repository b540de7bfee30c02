"""Notices that Plex is no longer what it was: another server, a database made anew or restored, items that moved.

One look costs two requests while nothing happens: the list of the sections, which shows whether anything changed in
them and whether they are the same ones, and some items that are known, a few after the others, which have to hold their
files and something of what was written to them. Which server it is is asked at the start, after each time that Plex
did not answer, and when the settings changed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from plexsync.errors import PermanentError, PlexUnavailable
from plexsync.ledger import Canary, Ledger
from plexsync.library.library import Library
from plexsync.metadata.names import fold
from plexsync.metadata.record import from_json
from plexsync.metadata.text import single_line
from plexsync.model import Applied, Item
from plexsync.plex import PlexClient
from plexsync.sync.healing import Healed, Healer
from plexsync.words import counted

log = logging.getLogger(__name__)

#: Items looked at each time: as many as go into one request at no cost worth the name.
CANARIES = 25
#: Of so many items at the least it says something when half of them show nothing of what was written to them.
FEW = 3
#: The facts that hold which server it is, and when all scenes were put in doubt last for what items show.
IDENTITY, DOUBTED_AT = "plex_identity", "plex_doubted_at"
DAY = 24 * 3600.0


class ServerWatch:
    """Looks; used by one thread at a time.

    :param ledger: what is known of server, items and scenes.
    :param plex: who is looked at.
    :param library: keeps the index.
    :param healer: puts right what has changed.
    """

    def __init__(self, ledger: Ledger, plex: PlexClient, library: Library, healer: Healer) -> None:
        self._ledger = ledger
        self._plex = plex
        self._library = library
        self._healer = healer
        self._met_after: int | None = None
        self._after = 0

    def look(self) -> Healed | None:
        """Look once.

        :returns: what had to be put right; None for nothing, or where nothing is known that could be otherwise.
        :raises PlexSyncError: Plex could not be asked.
        """
        self._meet()
        if not self._ledger.moves.matched_count() and not self._ledger.wanted_files.count():
            return None
        self._library.refresh()
        if self._is_odd(self._canaries()):
            self._library.refresh()
        return self._healer.heal()

    def _meet(self) -> None:
        """Make sure which server it is, where Plex was away since that was asked."""
        failures = self._plex.failures
        if self._met_after == failures:
            return
        try:
            identity = self._plex.identity()
        except PlexUnavailable as error:
            # A proxy may not let this one through: the sections tell as much in most cases.
            log.debug("Plex does not say which server it is: %s", error)
            return
        known = self._ledger.facts.get(IDENTITY)
        if known is not None and known != identity:
            log.warning("another Plex server answers: every item is checked")
            with self._ledger.database.write(durable=True):
                self._ledger.moves.doubt_all()
                self._ledger.facts.put(IDENTITY, identity)
            self._library.suspect()
        elif known is None:
            self._ledger.facts.put(IDENTITY, identity)
        self._met_after = failures

    def _canaries(self) -> list[tuple[Canary, Item | None]]:
        canaries = self._ledger.canaries.next(self._after, CANARIES)
        self._after = canaries[-1].rating_key if len(canaries) == CANARIES else 0
        items = self._plex.items([one.rating_key for one in canaries]) if canaries else {}
        return [(one, items.get(one.rating_key)) for one in canaries]

    def _is_odd(self, canaries: Sequence[tuple[Canary, Item | None]]) -> bool:
        """Whether items are not as they should be, so that everything has to be read anew."""
        # What a server does not show of files is not known: it says nothing.
        moved = [one for one, item in canaries if item is None or (item.parts and not _holds(item, one.part_file))]
        there = [(one, item) for one, item in canaries if item is not None and _holds(item, one.part_file)]
        if moved:
            items = counted(len(canaries), "item")
            log.info("%d of %s no longer hold their files: every item is checked", len(moved), items)
            self._library.suspect()
        known = [(one, item, _applied(one)) for one, item in there]
        bare = [one for one, item, applied in known if applied is not None and shows_nothing(applied, item)]
        telling = [one for one, _, applied in known if applied is not None]
        if bare and 2 * len(bare) >= len(telling) and len(bare) >= min(FEW, self._ledger.moves.matched_count()):
            items = counted(len(telling), "item")
            return self._doubt_all(f"of {items} {len(bare)} show nothing of what was written to them")
        return bool(moved)

    def _doubt_all(self, why: str) -> bool:
        """Put every scene in doubt; not more than once a day, as an agent may overwrite all that we write."""
        last, now = float(self._ledger.facts.get(DOUBTED_AT) or 0.0), time.time()
        if 0 <= now - last < DAY:
            log.debug("%s; all items were compared a short while ago", why)
            return False
        log.warning("%s: was Plex's library rebuilt? Every item is checked", why)
        with self._ledger.database.write(durable=True):
            self._ledger.facts.put(DOUBTED_AT, repr(now))
            self._ledger.moves.doubt_all()
        self._library.suspect()
        return True


def shows_nothing(applied: Applied, item: Item) -> bool:
    """Whether an item shows less than half of what was written to it, and nothing of that is locked.

    A title may be what Plex makes of the file's name by itself, so one value that stands there says little.

    :param applied: what was; something at least.
    """
    texts = {field: single_line(text) for field, text in item.texts.items()}
    stands = [single_line(text) == texts.get(field) for field, text in applied.texts.items()]
    shown = {field: {fold(tag.name) for tag in tags} for field, tags in item.tags.items()}
    stands += [fold(name) in shown.get(field, ()) for field, names in applied.tags.items() for name in names]
    return 2 * sum(stands) < len(stands) and item.locked.isdisjoint([*applied.texts, *applied.tags])


def _holds(item: Item, file: str) -> bool:
    return any(part.file == file for part in item.parts)


def _applied(one: Canary) -> Applied | None:
    """What was written to an item, where that is anything that it could show."""
    try:
        applied = from_json(one.applied)
    except PermanentError:
        return None
    return applied if applied.texts or any(applied.tags.values()) else None
