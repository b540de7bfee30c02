"""A listing as Plex has it, in this process, and what refreshes an index from it: for counting requests and dying."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from plexsync.errors import NothingReadable
from plexsync.ledger import Ledger
from plexsync.library.library import REFRESH_INTERVAL, Library
from plexsync.model import ListedItem, OddItem, Page, Part, Section

#: When the first item was added; each further one came a minute later.
BEGAN = 1_500_000_000


class ListedPlex:
    """One section, listed as Plex does.

    ``requests`` are what it was asked; with ``tells`` it says whether all is as ever.
    ``before`` is called ahead of each answer, with the number of the request.
    ``odd``: the keys of items that it lists in a way that cannot be read, and whether the key itself can be.
    ``more`` is by how much it counts too many.
    """

    def __init__(self, items: Iterable[ListedItem] = ()) -> None:
        self.items = {item.rating_key: item for item in items}
        self.content = 1
        self.tells = True
        self.requests: list[str] = []
        self.before: Callable[[int], None] = lambda number: None
        self.odd: dict[int, bool] = {}
        self.more = 0

    def sections(self) -> Sequence[Section]:
        self._count("sections")
        return [Section(1, "Scenes", "movie", content_changed_at=self.content if self.tells else None)]

    def listing(
        self,
        section_id: int,
        start: int,
        size: int,
        *,
        added_since: int | None = None,
        updated_since: int | None = None,
        sort: str | None = None,
    ) -> Page:
        self._count(f"{start}+{size}")
        assert section_id == 1
        found = [
            item
            for item in self.items.values()
            if (added_since is None or item.added_at > added_since)
            and (updated_since is None or item.updated_at > updated_since)
        ]
        by_added = (sort or "").startswith("addedAt")
        found.sort(key=lambda item: (item.added_at if by_added else item.updated_at, item.rating_key))
        if (sort or "").endswith(":desc"):
            found.reverse()
        total = len(found) + self.more
        page = found[start : start + size]
        odd = [self._odd(one) for one in page if one.rating_key in self.odd]
        items = [one for one in page if one.rating_key not in self.odd]
        if odd and not items:
            raise NothingReadable("nothing can be read", len(odd), total)
        return Page(tuple(items), start, total, tuple(odd))

    def unread_listing(self, section_id: int, start: int, size: int, *, sort: str | None = None) -> Unread:
        try:
            page = self.listing(section_id, start, size, sort=sort)
        except NothingReadable as error:
            return Unread(section_id, start, error.count, error.total, error)
        return Unread(section_id, start, page.count, page.total, page)

    def _odd(self, one: ListedItem) -> OddItem:
        key, files = one.rating_key, tuple(part.file for part in one.parts)
        if self.odd[key]:
            return OddItem(1, str(key), key, f"{key} 'Odd'", "title: Not a valid string.", files)
        return OddItem(1, f"digest of {key}", None, "'Odd'", "ratingKey: Missing.", files)

    def put(self, *items: ListedItem) -> None:
        self.items |= {item.rating_key: item for item in items}
        self.content += 1

    def remove(self, *rating_keys: int) -> None:
        for key in rating_keys:
            del self.items[key]
        self.content += 1

    def _count(self, request: str) -> None:
        self.before(len(self.requests))
        self.requests.append(request)


@dataclass
class Unread:
    """A page that is read later."""

    section_id: int
    start: int
    count: int
    total: int
    page: Page | NothingReadable

    def as_they_came(self) -> dict[int, bytes]:
        return {}

    def read(self, known: Collection[int] = ()) -> Page:
        if isinstance(self.page, NothingReadable):
            raise self.page
        return self.page


class Refresher:
    """Refreshes the index, each time late enough, and says what it cost."""

    def __init__(self, plex: ListedPlex, ledger: Ledger) -> None:
        self.plex, self.ledger = plex, ledger
        self.now = 0.0
        self.seconds_per_look = 0.0
        self.appeared: list[int] = []
        self.restart()

    def restart(self) -> None:
        self.library = Library(self.plex, self.ledger.index, (), self._clock, self.appeared.extend)

    def refresh(self) -> int:
        """Refresh; returns how many requests that took."""
        self.now += REFRESH_INTERVAL
        before = len(self.plex.requests)
        assert self.library.refresh()
        return len(self.plex.requests) - before

    def age(self, seconds: float) -> None:
        """Make the last full pass older."""
        with self.ledger.database.write() as db:
            db.execute("update section set filled_at = filled_at - ?", (seconds,))

    def known(self) -> list[int]:
        with self.ledger.database.read() as db:
            return [row[0] for row in db.execute("select rating_key from item order by rating_key")]

    def _clock(self) -> float:
        self.now += self.seconds_per_look
        return self.now


def item(key: int, **changes: Any) -> ListedItem:
    moment = BEGAN + key * 60
    plain = ListedItem(key, 1, f"Title {key}", moment, moment, (Part(f"/media/{key}.mp4", key, 1000),))
    return replace(plain, **changes)


def now_item(key: int, **changes: Any) -> ListedItem:
    return item(key, added_at=int(time.time()), updated_at=int(time.time()), **changes)


class Died(BaseException):
    """The process is dead here."""


def die_at(plex: ListedPlex, request: int) -> None:
    """Die ahead of the request with this number, once."""

    def before(number: int) -> None:
        if number == request:
            plex.before = lambda number: None
            raise Died

    plex.before = before
