"""What reading back teaches of this server, where servers differ, and what is done about it.

A server may round ratings, keep an item's year although its date is another one, or take names in lists otherwise than
others do. None of it is known beforehand, and none is a fault of the item's: it is noted (``plexsync.plex.traits``) and
heeded from then on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from plexsync.errors import AccessDenied, ItemGone, PermanentError, PlexSyncError, PlexUnavailable, WriteFailed
from plexsync.metadata.ratings import rounding_step, same_rating
from plexsync.metadata.spelling import names_in_order
from plexsync.model import Edit, Field, Item
from plexsync.plex import PlexClient
from plexsync.plex.own_fault import may_be_its_own
from plexsync.plex.traits import MOST_OF_TEXTS, Trait
from plexsync.sync.settle import settle

#: Characters below which no server cuts a text.
SHORTEST_BOUND = 50

log = logging.getLogger(__name__)


class Quirks:
    """Looks at items that were read back.

    :param plex: the server.
    :param lock: whether what we write is locked.
    """

    def __init__(self, plex: PlexClient, *, lock: bool) -> None:
        self._plex = plex
        self._lock = lock

    def settle(
        self,
        edit: Edit,
        item: Item,
        section_id: int,
        read: Callable[[], Item],
        writing: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> tuple[Edit, Item]:
        """What was written as far as this server can keep it, and the item as it is then.

        No request is made where all is as it was written.

        :param edit: what was written.
        :param item: the item, read after it.
        :param read: reads the item again.
        :param writing: a block in which the item may be written to.
        :raises PlexSyncError: Plex could not be asked.
        """
        self._lengths(edit, item)
        item = self._lists(edit, item, section_id, read, writing)
        edit, item = self._rating(edit, item, read, writing)
        return edit, self._year(edit, item, section_id, read, writing)

    def _lengths(self, edit: Edit, item: Item) -> None:
        """Learn how much of a text is kept; it is cut before it is written next."""
        for field, trait in MOST_OF_TEXTS.items():
            written, shown = edit.texts.get(field, ""), item.texts.get(field, "")
            is_start = SHORTEST_BOUND <= len(shown) < len(written) and written.startswith(shown)
            # What ends with a word or a line may be kept so for another reason.
            if is_start and not written[len(shown)].isspace() and self._plex.traits.put(trait, str(len(shown))):
                log.info("this Plex keeps only %d characters of a %s", len(shown), field)

    def _lists(
        self,
        edit: Edit,
        item: Item,
        section_id: int,
        read: Callable[[], Item],
        writing: Callable[[], AbstractContextManager[None]],
    ) -> Item:
        def write(rest: Edit, removals_once: bool) -> None:
            def again() -> None:
                with writing():
                    self._plex.edit(section_id, [item.rating_key], rest, self._lock, removals_once=removals_once)

            _failure(again, read)

        def once_helps() -> None:
            if self._plex.traits.put(Trait.REMOVALS, "once"):
                log.info("this Plex wants names that are to be removed encoded once")

        def is_torn() -> None:
            if self._plex.traits.put(Trait.COMMAS, "torn"):
                log.info("this Plex takes a name with a comma for several when it is to remove it: such names are left")

        item = settle(edit, item, write, read, once_helps, is_torn)
        self._order(edit, item)
        return item

    def _order(self, edit: Edit, item: Item) -> None:
        """Learn whether the cast stands in the order it is written in."""
        if Field.PERFORMERS not in edit.lists:
            return
        traits, names = self._plex.traits, [tag.name for tag in edit.lists[Field.PERFORMERS]]
        if not names_in_order(Field.PERFORMERS, names, item):
            if traits.put(Trait.TAG_ORDER, "arrival"):
                log.info("Plex shows performers in an order of its own")
        elif Field.PERFORMERS in edit.order and traits.peek(Trait.TAG_ORDER) is not None:
            traits.put(Trait.TAG_ORDER, "index")

    def _rating(
        self, edit: Edit, item: Item, read: Callable[[], Item], writing: Callable[[], AbstractContextManager[None]]
    ) -> tuple[Edit, Item]:
        shown = item.user_rating or 0.0
        if not edit.rate or edit.rating is None or same_rating(edit.rating, shown):
            return edit, item
        step = rounding_step(edit.rating, shown)
        if step is None:
            return edit, item
        if self._plex.traits.peek(Trait.RATING_STEP) != f"{step:g}":
            # Somebody may have rated the item in between: only a server does it twice.
            def rate() -> None:
                with writing():
                    self._plex.rate(item.rating_key, edit.rating)

            if _failure(rate, read) is not None:
                return edit, item
            item = read()
            if not same_rating(item.user_rating or 0.0, shown):
                return edit, item
            log.info("this Plex keeps ratings in steps of %g: PlexSync rounds them", step)
            self._plex.traits.put(Trait.RATING_STEP, f"{step:g}")
        return replace(edit, rating=shown), item

    def _year(
        self,
        edit: Edit,
        item: Item,
        section_id: int,
        read: Callable[[], Item],
        writing: Callable[[], AbstractContextManager[None]],
    ) -> Item:
        date = edit.texts.get(Field.DATE, "")
        if not date or item.texts.get(Field.DATE) != date or item.year == int(date[:4]):
            return item
        if self._plex.traits.peek(Trait.YEAR) == "stays":
            return item
        year = int(date[:4])

        def write() -> None:
            with writing():
                self._plex.set_year(section_id, [item.rating_key], year, lock=self._lock)

        failure = _failure(write, read)
        if isinstance(failure, PlexUnavailable):
            # It says nothing of what this server does.
            return item
        if failure is None:
            item = read()
        moved = item.year == year
        if self._plex.traits.put(Trait.YEAR, "is sent" if moved else "stays"):
            log.info("an item's year does not follow its date in this Plex%s", ": it is sent" if moved else "")
        return item


def _failure(write: Callable[[], object], read: Callable[[], object]) -> PlexSyncError | None:
    """Write what is to put something right, and return why that did not succeed, where the write itself is to blame.

    What differs then is told of when the item is compared with what was written.

    :param read: reads the item.
    """
    try:
        write()
    except (AccessDenied, ItemGone):
        raise
    except PermanentError as error:
        log.debug("Plex refuses a write that was to correct an item: %s", error)
        return error
    except PlexUnavailable as error:
        if not may_be_its_own(error):
            raise
        if not isinstance(error, WriteFailed):
            # Where Plex is down, this fails, too.
            read()
        log.debug("Plex fails at a write that was to correct an item: %s", error)
        return error
    return None
