"""Keeps the library index in step with Plex: filled once in pages, then only with what is new or changed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from plexsync.errors import LibraryMissing
from plexsync.ledger.index import LibraryIndex
from plexsync.model import Page, Section

log = logging.getLogger(__name__)

#: Items asked for at a time. Answers of tens of thousands time out in Plex; 500 take it well under a second.
PAGE_SIZE = 500
#: Seconds that must lie between two refreshes for missing files, however many scenes ask.
REFRESH_INTERVAL = 5.0
#: Seconds that must lie between two full passes caused by a count that does not add up.
FULL_PASS_INTERVAL = 600.0
#: Seconds by which a look for changes overlaps the last one: Plex's times are whole seconds, shared by several items.
OVERLAP = 2
#: A fill that takes longer than this many seconds tells how far it is.
PROGRESS_AFTER = 2.0


class Plex(Protocol):
    """What is asked of Plex."""

    def sections(self) -> Sequence[Section]:
        """All library sections."""

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
        """One page of a section's items."""


def choose_sections(sections: Sequence[Section], wanted: Sequence[str]) -> list[Section]:
    """The sections named in the settings, by title or id; without names all those that hold movies.

    :raises LibraryMissing: a name is none of Plex's, or its section cannot hold scenes.
    """
    movies = [section for section in sections if section.type == "movie"]
    if not wanted:
        if movies:
            return movies
        raise LibraryMissing(
            "Plex has no library of type movie: add one for Stash's folders (agent Personal Media or Plex Video Files)"
        )
    chosen: list[Section] = []
    for name in wanted:
        found = [one for one in movies if name == str(one.id) or name.casefold() == one.title.casefold()]
        if not found:
            known = ", ".join(repr(one.title) for one in movies) or "none"
            raise LibraryMissing(f"PLEXSYNC_PLEX_LIBRARIES: Plex has no movie library {name!r} (it has: {known})")
        chosen += [one for one in found if one not in chosen]
    return chosen


class Library:
    """Refreshes the index.

    :param plex: where to read.
    :param index: where to write.
    :param wanted: names or ids of sections; empty means all of type movie.
    :param clock: seconds that only ever grow.
    """

    def __init__(
        self, plex: Plex, index: LibraryIndex, wanted: Sequence[str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._plex = plex
        self._index = index
        self._wanted = wanted
        self._clock = clock
        self._lock = threading.Lock()
        self._refreshed_at = float("-inf")
        self._full_pass_at = float("-inf")

    def refresh(self) -> bool:
        """Read from Plex what the index does not have yet.

        Whoever comes while another thread is at it waits for that one's result; within ``REFRESH_INTERVAL`` seconds of
        the last refresh nothing is done.

        :returns: True when the index is newer now than when this was called.
        """
        asked_at = self._clock()
        with self._lock:
            if self._refreshed_at >= asked_at:
                return True
            if self._clock() - self._refreshed_at < REFRESH_INTERVAL:
                return False
            sections = choose_sections(self._plex.sections(), self._wanted)
            self._index.keep_sections(sections)
            for section in sections:
                self._refresh_section(section)
            self._refreshed_at = self._clock()
            return True

    def _refresh_section(self, section: Section) -> None:
        state = self._index.fill_state(section.id)
        if state.filled_at is None or not state.items:
            self._full_pass(section)
            return
        self._read(section, added_since=state.newest_added - OVERLAP)
        self._read(section, updated_since=state.newest_updated - OVERLAP)
        total = self._plex.listing(section.id, 0, 0).total
        # Items left, or came with an old date. Should the count stay wrong for good, then not every miss is a reason to
        # read everything again.
        wrong = total != self._index.fill_state(section.id).items
        if wrong and self._clock() - self._full_pass_at >= FULL_PASS_INTERVAL:
            self._full_pass(section)

    def _full_pass(self, section: Section) -> None:
        started, number = self._clock(), self._index.next_pass()
        read = self._read(section, sort="addedAt:asc", pass_number=number)
        gone = self._index.end_pass(section.id, number)
        self._full_pass_at = self._clock()
        log.info(
            "library %r: %d items indexed in %.1f s%s",
            section.title,
            read,
            self._clock() - started,
            f", {gone} gone" if gone else "",
        )

    def _read(
        self,
        section: Section,
        *,
        added_since: int | None = None,
        updated_since: int | None = None,
        sort: str | None = None,
        pass_number: int | None = None,
    ) -> int:
        start, told = 0, self._clock()
        while True:
            page = self._plex.listing(
                section.id, start, PAGE_SIZE, added_since=added_since, updated_since=updated_since, sort=sort
            )
            self._index.put(page.items, pass_number)
            # A server may return fewer than asked: go on from what came.
            start += len(page.items)
            if not page.items or start >= page.total:
                return start
            if self._clock() - told > PROGRESS_AFTER:
                told = self._clock()
                log.info("library %r: %d of %d items indexed", section.title, start, page.total)
