"""Files that a listing does not show: looked up item by item, where the server shows them there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from plexsync.model import Item, Page


class MissingFiles:
    """Fills in the files of listed items where a whole page has none: what a listing leaves out is unknown, not empty.

    Where items that are read whole have none either, as for a token that may not see paths, nothing is looked up any
    more. Safe to share between threads.

    :param read: reads whole items by their rating keys.
    """

    def __init__(self, read: Callable[[Sequence[int]], dict[int, Item]]) -> None:
        self._read = read
        self._hidden = threading.Event()

    def filled_in(self, page: Page) -> Page:
        """The page, with the files of its items.

        :raises PlexSyncError: the items could not be read.
        """
        if not page.items or any(item.parts for item in page.items) or self._hidden.is_set():
            return page
        whole = self._read([item.rating_key for item in page.items])
        if not any(item.parts for item in whole.values()):
            if len(whole) > 1:
                self._hidden.set()
            return page
        items = (
            replace(item, parts=whole[item.rating_key].parts) if item.rating_key in whole else item
            for item in page.items
        )
        return replace(page, items=tuple(items))
