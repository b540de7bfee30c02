"""Whether items that are read together show all that each shows alone: on some servers a group is cut short.

A listing cuts tag lists and shows no locks. Should a server answer for several items as it does in a listing, then what
others wrote would look as if it were not there. So the first groups are compared with their items read alone, until
that says something: one item with a lock and a long list that is the same either way, five with a lock, or twenty.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from plexsync.errors import ItemUnreadable
from plexsync.model import Item
from plexsync.plex.traits import Trait, Traits

#: Names from which on a list is longer than any listing shows.
LONG_LIST = 4
#: What items that were the same either way have to tell together, until that is believed of all.
ENOUGH = 20
#: What an item with a lock tells: no listing shows that.
A_LOCK = 4

#: Items by their rating keys, or why one cannot be read; and what reads them in one request.
Found = dict[int, Item | ItemUnreadable]
Read = Callable[[Sequence[int]], Found]

_log = logging.getLogger(__name__)


class GroupReads:
    """Reads items together where the server shows them whole, and one by one where it does not.

    Safe to share between threads.

    :param traits: where it is noted which it is.
    :param read: reads items in one request.
    """

    def __init__(self, traits: Traits, read: Read) -> None:
        self._traits = traits
        self._read = read
        self._lock = threading.Lock()
        self._alike = 0

    def read(self, rating_keys: Sequence[int]) -> Found:
        """Whole items by rating key, without those that do not exist."""
        if len(rating_keys) < 2:
            return self._read(rating_keys)
        if self._traits.get(Trait.GROUP_READS) == "cut short":
            return self._one_by_one(rating_keys)
        found = self._read(rating_keys)
        if len(found) < 2 or self._traits.get(Trait.GROUP_READS) == "whole":
            return found
        return self._compared(found)

    def _one_by_one(self, rating_keys: Sequence[int]) -> Found:
        return {key: item for one in rating_keys for key, item in self._read([one]).items()}

    def _compared(self, found: Found) -> Found:
        """The items of a group, as they are when each is read alone, as long as nothing is known of groups."""
        whole = dict(found)
        group = {key: item for key, item in found.items() if isinstance(item, Item)}
        for key in sorted(group, key=lambda key: _telling(group[key]), reverse=True):
            alone = self._read([key]).get(key)
            if alone is None:
                del whole[key]
                continue
            whole[key] = alone
            if isinstance(alone, ItemUnreadable):
                continue
            if _same(group[key], alone):
                if self._enough(alone):
                    break
            elif self._is_cut_short(key, list(found)):
                _log.warning(
                    "Plex shows less of items that are read together than of each alone: they are read one by one, "
                    "which takes longer"
                )
                self._traits.put(Trait.GROUP_READS, "cut short")
                return self._one_by_one(list(found))
        return whole

    def _enough(self, alone: Item) -> bool:
        """Note an item that is the same either way; whether that is enough to believe it of all."""
        with self._lock:
            self._alike += _telling(alone)
            enough = self._alike >= ENOUGH
        if enough:
            self._traits.put(Trait.GROUP_READS, "whole")
        return enough

    def _is_cut_short(self, key: int, group: Sequence[int]) -> bool:
        """Whether an item differs again: the first time somebody may have edited it in between."""
        another = next(other for other in group if other != key)
        together, alone = self._read([key, another]).get(key), self._read([key]).get(key)
        return isinstance(together, Item) and isinstance(alone, Item) and not _same(together, alone)


def _same(one: Item, other: Item) -> bool:
    return (one.texts, one.tags, one.locked, one.user_rating) == (
        *(other.texts, other.tags, other.locked),
        other.user_rating,
    )


def _telling(item: Item) -> int:
    """How much an item tells that is the same either way: all where it has what no listing shows."""
    if not item.locked:
        return 1
    return ENOUGH if any(len(tags) >= LONG_LIST for tags in item.tags.values()) else A_LOCK
