"""The library of the simulated Plex: sections, their items, and listings that stay fast with very many items."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus

from plexsync.demo.plex.behaviour import Behaviour
from plexsync.demo.plex.items import TAG_LISTS, TEXTS, Fields, StoredItem, Tags
from plexsync.demo.plex.shown import show_agents
from plexsync.model import Part


class PlexRefused(Exception):
    """A request that gets an error status for its answer."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(f"{status.value} {status.phrase}")
        self.status = status


#: What items can be ordered by. The rating key decides between equals, so that pages never overlap.
_ORDERS: dict[str, Callable[[StoredItem], tuple[str | int, int]]] = {
    "titleSort": lambda item: (item.sort_title(), item.rating_key),
    "title": lambda item: (item.texts["title"].casefold(), item.rating_key),
    "addedAt": lambda item: (item.added_at, item.rating_key),
    "updatedAt": lambda item: (item.updated_at, item.rating_key),
    "year": lambda item: (item.year or 0, item.rating_key),
}
#: The orders that a changed title turns over.
_BY_TITLE = ("titleSort", "title")
#: The type numbers of items, by the type of their section.
ITEM_TYPES = {"movie": 1, "show": 2, "artist": 8, "photo": 13}


@dataclass(slots=True, eq=False)
class SimulatedSection:
    """A library section. ``content_changed_at`` is a number that grows with every change of its items."""

    id: int
    title: str
    type: str
    agent: str
    locations: tuple[str, ...]
    scanner: str
    items: dict[int, StoredItem] = field(default_factory=dict)
    content_changed_at: int = 1
    unscanned: list[tuple[tuple[Part, ...], Fields]] = field(default_factory=list)
    scans: list[tuple[float, str]] = field(default_factory=list)
    uuid: str = ""
    _orders: dict[tuple[str, bool], list[StoredItem]] = field(default_factory=dict)
    _selections: dict[tuple[str, tuple[tuple[str, str], ...]], list[StoredItem]] = field(default_factory=dict)

    def changed(self, orders: Iterable[str] = tuple(_ORDERS)) -> None:
        """Items came, went or were edited: forget the listings, and those orders that may be others now."""
        self.content_changed_at += 1
        self._selections.clear()
        if self._orders:
            for name in orders:
                self._orders.pop((name, False), None)
                self._orders.pop((name, True), None)

    def listing(self, sort: str, filters: tuple[tuple[str, str], ...]) -> list[StoredItem]:
        """The items that pass every filter, in order. Not to be changed: the same list serves the next page.

        :param sort: ``"addedAt:desc"`` and the like; an unknown order is by sort title.
        :param filters: name and value as in the query; unknown names let everything pass.
        :raises PlexRefused: 400, a time that is no number.
        """
        known = tuple((name, value) for name, value in filters if name in _FILTERS)
        if not known:
            return self._order(sort)
        if (sort, known) not in self._selections:
            found = self._order(sort)
            for name, value in known:
                passes = _FILTERS[name](value)
                found = [item for item in found if passes(item)]
            self._selections[sort, known] = found
        return self._selections[sort, known]

    def _order(self, sort: str) -> list[StoredItem]:
        # python-plexapi says "movie.titleSort:desc" where others say "titleSort:desc".
        name, _, direction = sort.removeprefix(f"{self.type}.").partition(":")
        key = (name if name in _ORDERS else "titleSort", direction == "desc")
        if key not in self._orders:
            self._orders[key] = sorted(self.items.values(), key=_ORDERS[key[0]], reverse=key[1])
        return self._orders[key]


Passes = Callable[[StoredItem], bool]


def _title_has(value: str) -> Passes:
    # A comma means OR, so a title with a comma finds too much.
    wanted = re.compile("|".join(re.escape(part.casefold()) for part in value.split(",")))
    return lambda item: wanted.search(item.texts["title"].casefold()) is not None


def _epoch(value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise PlexRefused(HTTPStatus.BAD_REQUEST) from None


def _later(attribute: str) -> Callable[[str], Passes]:
    def reads(value: str) -> Passes:
        since = _epoch(value)
        return lambda item: getattr(item, attribute) > since

    return reads


def _tagged(kind: str) -> Callable[[str], Passes]:
    """By the numbers of tags, any of which will do."""

    def reads(value: str) -> Passes:
        numbers = set(value.split(","))
        return lambda item: any(str(each.tag.id) in numbers for each in item.tags.get(kind, ()))

    return reads


def _guid(agent: str, rating_key: int) -> str:
    """What an item is called that no agent has found: it says no more than its key (Tautulli, tunarr)."""
    return f"{agent if agent.endswith('.none') and agent.startswith('tv.plex') else 'local'}://{rating_key}"


#: The filters Plex knows, by what stands before the last ``=``: ``updatedAt>>=5`` asks for later than second 5.
_FILTERS: dict[str, Callable[[str], Passes]] = {
    "title": _title_has,
    "updatedAt>>": _later("updated_at"),
    "addedAt>>": _later("added_at"),
    "studio": lambda value: lambda item: value.casefold() in item.texts.get("studio", "").casefold(),
    "year": lambda value: lambda item: str(item.year or "") in value.split(","),
    **{kind: _tagged(kind) for kind in TAG_LISTS},
}


class SimulatedLibrary:
    """All sections and items. Every use holds ``lock``; the methods that change something take it themselves.

    :param clock: the time in epoch seconds.
    :param behaviour: what differs between servers; read anew each time.
    """

    def __init__(self, clock: Callable[[], float], behaviour: Behaviour) -> None:
        self.lock = threading.RLock()
        self.tags = Tags(behaviour)
        self.sections: dict[int, SimulatedSection] = {}
        self.items: dict[int, StoredItem] = {}
        self._clock = clock
        self._keys = itertools.count(1)

    def now(self) -> int:
        """The time in whole epoch seconds."""
        return int(self._clock())

    def add_section(self, title: str, kind: str, agent: str, locations: Iterable[str], scanner: str) -> int:
        """:returns: the section's id."""
        with self.lock:
            section = SimulatedSection(max(self.sections, default=0) + 1, title, kind, agent, tuple(locations), scanner)
            section.uuid = f"00000000-0000-0000-0000-{section.id:012}"
            self.sections[section.id] = section
            return section.id

    def next_key(self) -> int:
        """The rating key that the next new item would get."""
        number = next(self._keys)
        self.keys_from(number)
        return number

    def keys_from(self, number: int) -> None:
        """Give new items rating keys from this one on."""
        self._keys = itertools.count(number)

    def section(self, section_id: int) -> SimulatedSection:
        """:raises PlexRefused: 404, there is no such section."""
        try:
            return self.sections[section_id]
        except KeyError:
            raise PlexRefused(HTTPStatus.NOT_FOUND) from None

    def item(self, rating_key: int) -> StoredItem:
        """:raises PlexRefused: 404, there is no such item (any more)."""
        try:
            return self.items[rating_key]
        except KeyError:
            raise PlexRefused(HTTPStatus.NOT_FOUND) from None

    def add(
        self, section_id: int, parts: tuple[Part, ...], fields: Fields, *, added_at: int | None, year: int | None
    ) -> StoredItem:
        """A new item that shows what its agent knows: ``fields``, with the title among them."""
        with self.lock:
            section = self.section(section_id)
            now = self.now()
            added = now if added_at is None else added_at
            key = next(self._keys)
            item = StoredItem(key, section_id, fields, parts, added, max(now, added), year, _guid(section.agent, key))
            self.tags.write(item, fields)
            section.items[item.rating_key] = self.items[item.rating_key] = item
            section.changed()
            return item

    def remove(self, rating_key: int) -> StoredItem:
        """Take an item away.

        :returns: what it was.
        """
        with self.lock:
            item = self.item(rating_key)
            del self.items[rating_key]
            section = self.section(item.section_id)
            del section.items[rating_key]
            section.changed()
            return item

    def touch(self, item: StoredItem, *, retitled: bool) -> None:
        """An item was edited: its ``updatedAt`` and the times in its pictures' paths move, listings are made anew.

        That the paths move, too, is believed: in Plex's own examples the time in them is that of ``updatedAt``. That a
        rating moves neither is as well: it is kept for the user, beside the item.

        :param retitled: its place among the titles may be another now.
        """
        item.updated_at = self.now()
        for shown_as, (picture, time) in item.selected.items():
            item.selected[shown_as] = (picture, max(time, item.updated_at))
        self.section(item.section_id).changed(("updatedAt", *_BY_TITLE) if retitled else ("updatedAt",))

    def refresh(self, item: StoredItem) -> None:
        """Let the agent write all it knows over what is not locked; what it does not know it empties.

        So it is with pictures: Plex shows the agent's in place of one that is not locked (its forum, 764732).
        """
        known = {**dict.fromkeys(TEXTS, ""), **dict.fromkeys(TAG_LISTS, ()), **item.agent}
        self.tags.write(item, {name: value for name, value in known.items() if name not in item.locked})
        show_agents(item, self.now())
        self.touch(item, retitled=True)

    def analyze(self, item: StoredItem) -> None:
        """Look at an item's files as they are now."""
        if item.on_disk is not None:
            item.parts, item.on_disk = item.on_disk, None
            self.touch(item, retitled=False)

    def request_scan(self, section: SimulatedSection, path: str, delay: float) -> None:
        """Scan the files below ``path`` (all for ``""``), done ``delay`` seconds from now."""
        section.scans.append((self._clock() + delay, path))
        self.settle()

    def settle(self) -> None:
        """Finish the scans whose time has come: their files become items."""
        with self.lock:
            for section in self.sections.values():
                if not section.scans:
                    continue
                now = self._clock()
                done = [path for due, path in section.scans if due <= now]
                section.scans = [scan for scan in section.scans if scan[0] > now]
                for path in done:
                    self._scan(section, path)

    def _scan(self, section: SimulatedSection, path: str) -> None:
        waiting, section.unscanned = section.unscanned, []
        for parts, fields in waiting:
            if any(part.file.startswith(path) for part in parts):
                self.add(section.id, parts, fields, added_at=None, year=None)
            else:
                section.unscanned.append((parts, fields))
