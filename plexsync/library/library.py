"""Keeps the library index in step with Plex: filled once in pages, then only with what is new or changed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from plexsync.errors import NothingReadable
from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger.index import LibraryIndex, SectionFill
from plexsync.library.ahead import ahead
from plexsync.library.chosen import choose_sections
from plexsync.library.duty import Duty
from plexsync.library.fill_progress import FillProgress
from plexsync.library.gathered import gathered
from plexsync.library.listing import ListingPlex, UnreadablePage
from plexsync.library.one_reader import OneReader
from plexsync.library.walk import ListingWalk as ListingWalk
from plexsync.model import ListedItem, OddItem, Page, Section
from plexsync.words import counted

log = logging.getLogger(__name__)

#: Items asked for at a time. Answers of tens of thousands time out in Plex; 500 take it well under a second.
PAGE_SIZE = 500
#: Items asked for at a time where nobody waits for the first of them: with whatever else is asked, that is no more than
#: one request for every 500.
WALK_SIZE = 600
#: Items among which the latest change is looked for.
FEW = 20
#: Entries of a page that are named where they cannot be read; of more only the number is told.
NAMED = 5
#: Seconds that must lie between two refreshes for missing files, however many scenes ask.
REFRESH_INTERVAL = 5.0
#: The share of the time that full passes may take which are caused by a count that does not add up, or by an item that
#: holds another file than it is known to hold. One that takes so few seconds may be followed by another.
FULL_PASS_SHARE, FULL_PASS_FREE = 0.05, 1.0
#: Seconds that a full pass is waited for where items hold other files than they are known to hold.
FULL_PASS_PATIENCE = 5.0
#: Seconds that must lie between two of them where a pass did not make the count add up.
FULL_PASS_INTERVAL = 600.0
#: Seconds after which a full pass is due, whatever has been noticed: deletions and additions may cancel out.
FULL_PASS_AGE = 24 * 3600.0
#: Seconds by which a look for changes overlaps the last one: Plex's times are whole seconds, shared by several items.
OVERLAP = 2
#: Seconds until Plex's number for a section's state can be relied on, where that is a time: more may change in the same
#: second, and the clocks of two machines may differ.
SETTLED_AFTER = 60
#: Seconds by which Plex's clock may be ahead of ours: a day. Items with later times come from files with odd dates: as
#: a mark of how far the index is known, such a time would hide all that is added until then.
FUTURE = 24 * 3600


#: A page, where to go on after it, and whether it is the last.
_Place = tuple[Page, int, bool]


@dataclass(slots=True)
class _Reading:
    """What came of reading pages.

    ``items`` were read of ``total`` there are; ``last_added`` is the latest time (epoch seconds) one of them was added.
    """

    items: int = 0
    total: int = 0
    first_page: tuple[ListedItem, ...] = ()
    last_added: int = 0


class Library:
    """Refreshes the index.

    :param plex: where to read.
    :param index: where to write.
    :param wanted: names or ids of sections; empty means all of a kind that can hold scenes.
    :param clock: seconds that only ever grow.
    :param on_appeared: called with the ids of scenes whose file has appeared in Plex (``WantedFiles``), again after a
        crash. None leaves them for a process that has somebody to tell.
    :param on_read: called when everything was read, after a refresh.
    """

    def __init__(
        self,
        plex: ListingPlex,
        index: LibraryIndex,
        wanted: Sequence[str],
        clock: Callable[[], float] = time.monotonic,
        on_appeared: Callable[[list[int]], object] | None = None,
        on_read: Callable[[], object] = lambda: None,
    ) -> None:
        self._plex = plex
        self._index = index
        self._wanted = wanted
        self._clock = clock
        self._on_appeared = on_appeared
        self._on_read = on_read
        self._reader = OneReader()
        self._refreshed_at = float("-inf")
        self._duty = Duty(FULL_PASS_SHARE, clock, FULL_PASS_FREE)
        self._suspected_at: float | None = None
        self._passes = 0

    @property
    def is_suspected(self) -> bool:
        """Whether items are known to hold other files than the index says, and everything is to be read anew."""
        return self._suspected_at is not None

    def suspect(self) -> None:
        """An item holds another file than the index says: the next refresh reads everything, as soon as that may be.

        Where a database was made anew or restored, nothing else tells of it: times and counts may be as they were.
        """
        self._suspected_at = self._clock()

    def expire(self) -> None:
        """Let the next refresh ask Plex, however young the index is."""
        self._refreshed_at = float("-inf")

    def now(self) -> float:
        """The time, for ``refresh``: seconds by the library's clock."""
        return self._clock()

    def refresh(self, since: float | None = None) -> bool:
        """Read from Plex what the index does not have yet.

        Whoever comes while another thread is at it waits for that one's result, unless it reads everything; within
        ``REFRESH_INTERVAL`` seconds of the last refresh nothing is done, unless the index is suspected.

        :param since: when the index was looked into (``now()``); the present when None. Another thread may have
            refreshed it since then.
        :returns: True when the index is newer now than it was then.
        :raises LibraryUnread: another thread is reading everything.
        :raises PlexSyncError: Plex could not be asked, or has no such library.
        """
        passes = self._passes
        is_newer = self._refresh(self._clock() if since is None else since)
        if self._passes != passes:
            self._on_read()
        return is_newer

    def _refresh(self, asked_at: float) -> bool:
        with self._reader.turn():
            if self._refreshed_at >= asked_at:
                return True
            anew = self.is_suspected and self._duty.remaining() <= FULL_PASS_PATIENCE
            if anew:
                time.sleep(self._duty.remaining())
            began = self._clock()
            if not anew and self._clock() - self._refreshed_at < REFRESH_INTERVAL:
                return False
            self._tell(self._index.appeared())
            sections = self._sections()
            for section in sections:
                self._refresh_section(section, anew=anew)
            if not anew and self.is_suspected and self._duty.remaining() <= FULL_PASS_PATIENCE:
                # What is new has shown that rating keys have come to mean other files.
                time.sleep(self._duty.remaining())
                began, anew = self._clock(), True
                for section in sections:
                    self._refresh_section(section, anew=True)
            if anew and self._suspected_at is not None and self._suspected_at <= began:
                self._suspected_at = None
            self._tell(self._index.appeared())
            self._refreshed_at = self._clock()
            return True

    # --- reading everything anew, for whoever looks at each item on the way -----------------------------------------

    def begin_walks(self) -> tuple[ListingWalk, ...]:
        """Begin to read every section from its start; one walk for each.

        :raises PlexSyncError: Plex could not be asked, or has no such library.
        """
        sections = self._sections()
        return tuple(ListingWalk(section.id, self._index.begin_walk(section.id)) for section in sections)

    def walk(self, walk: ListingWalk) -> tuple[UnreadablePage, ListingWalk]:
        """Ask for the next items of a section. The index gets them by ``keep``.

        :returns: the items, still to be read, and how far the walk is with them.
        :raises PlexSyncError: Plex could not be asked.
        """
        page = self._plex.unread_listing(walk.section_id, walk.position, WALK_SIZE, sort="addedAt:asc")
        position, at_end = _moved_on(walk.position, 0, walk.total, page.count, page.total)
        return page, replace(walk, position=position, total=page.total, at_end=at_end)

    def read(self, unread: UnreadablePage, known: Collection[int] = ()) -> Page:
        """A page of a walk. Entries that cannot be read are left out.

        :param known: rating keys of items that need not be read, and are not in the page.
        :raises PlexUnavailable: it is no listing, or none of its many entries can be read.
        """
        return self._readable(unread, "addedAt:asc", known)

    def _readable(self, unread: UnreadablePage, sort: str, known: Collection[int] = ()) -> Page:
        try:
            return unread.read(known)
        except NothingReadable as error:
            return self._among_others(error, unread.section_id, unread.start, sort=sort)

    def keep(
        self,
        walk: ListingWalk,
        items: Sequence[ListedItem],
        unchanged: Sequence[int] = (),
        odd: Sequence[OddItem] = (),
        listed: Sequence[ListedItem] = (),
    ) -> None:
        """Bring items of a walk into the index, and tell of scenes that waited for them.

        :param unchanged: rating keys of items that were met too, and are known to stand there as they are listed.
        :param odd: entries that were met too, and are no items of their own.
        :param listed: what was read: of those that are unchanged the index may still know less than is listed.
        """
        met = {one.rating_key for one in listed}
        with self._index.together():
            self._note_odd(odd, walk.pass_number)
            lacking = self._index.without_video([key for key in unchanged if key in met]) if met else set()
            self._index.mark([key for key in unchanged if key not in lacking], walk.pass_number)
            more = [*items, *(one for one in listed if one.rating_key in lacking)]
            appeared = self._index.put(more, walk.pass_number) if more else []
        self._tell(appeared)

    def end_walk(self, walk: ListingWalk) -> int:
        """Forget the section's items that the walk did not meet; returns how many. None where it missed some."""
        return self._index.end_walk(walk.section_id, walk.pass_number, walk.total)

    # --- what is asked of Plex ----------------------------------------------------------------------------------------

    def _sections(self) -> list[Section]:
        """The sections in use. What is known of others goes, unless Plex only left it out for the moment."""
        listed = self._plex.sections()
        sections = choose_sections(listed, self._wanted)
        left = {section.id for section in listed}
        names = {name.casefold() for name in self._wanted}

        def may_return(section_id: int, title: str) -> bool:
            return section_id not in left and (not names or str(section_id) in names or title.casefold() in names)

        self._index.keep_sections(sections, may_return)
        return sections

    def _listing(
        self,
        section_id: int,
        start: int,
        size: int,
        *,
        added_since: int | None = None,
        updated_since: int | None = None,
        sort: str,
    ) -> tuple[Page, int]:
        """A page, and how many entries it has. Entries that cannot be read are left out.

        :raises PlexUnavailable: it is no listing, or none of its many entries can be read.
        """
        try:
            page = self._plex.listing(
                section_id, start, size, added_since=added_since, updated_since=updated_since, sort=sort
            )
        except NothingReadable as error:
            some_only = added_since is not None or updated_since is not None
            return self._among_others(error, section_id, 0 if some_only else start, sort=sort), error.count
        return page, page.count

    def _among_others(self, error: NothingReadable, section_id: int, start: int, *, sort: str) -> Page:
        """What is odd of a page of which nothing can be read: a broken answer, or some items that are so.

        They are asked for once more, with some before and behind them. Where all of that cannot be read either, it is
        the answer that is broken.
        """
        if error.count > FEW:
            raise error
        begin = max(0, start - FEW)
        page = self._plex.listing(section_id, begin, start - begin + error.count + FEW, sort=sort)
        return Page((), start, error.total, page.odd)

    def _note_odd(self, odd: Sequence[OddItem], pass_number: int | None) -> None:
        """Note entries that are no items of their own, and name them, each once."""
        fresh = self._index.put_odd(odd, pass_number)
        for one in fresh[:NAMED]:
            log.warning("an item of Plex's list is left out, %s: %s", one.name, one.fault)
        if len(fresh) > NAMED:
            log.warning("... and %d more", len(fresh) - NAMED)

    # --- keeping up ---------------------------------------------------------------------------------------------------

    def _refresh_section(self, section: Section, *, anew: bool) -> None:
        state = self._index.fill_state(section.id)
        if anew:
            # Also where a pass was cut short: what it has read so far may be of before.
            state = replace(state, pass_position=None)
        if (
            anew
            or state.filled_at is None
            or state.pass_position is not None
            or not _recent(state.filled_at, FULL_PASS_AGE)
        ):
            self._full_pass(section, state, anew=anew)
            return
        if section.content_changed_at is not None and state.content_changed_at is not None:
            if section.content_changed_at == state.content_changed_at:
                return
            if section.content_changed_at < state.content_changed_at and not self._duty.remaining():
                # The number only ever grows: a backup was restored, and times may have gone back, too.
                self._full_pass(section, state, anew=True)
                return
        # Items may come between the look for them and the count; that is no reason to read everything again.
        if self._read_changes(section) or self._read_changes(section):
            return
        # Items left, or came with an old date.
        if not self._duty.remaining() and not self._full_pass(section, self._index.fill_state(section.id)):
            # Should the count stay wrong for good, then not every miss is a reason to read everything again.
            self._duty.put_off(FULL_PASS_INTERVAL)

    def _read_changes(self, section: Section) -> bool:
        """Read what was added or changed; whether the index has as many items as Plex then."""
        state = self._index.fill_state(section.id)
        # The latest first: what changes meanwhile shifts the others towards the end, where they are still to be read.
        since = max(0, state.added_until - OVERLAP)
        added = self._read(section, added_since=since, sort="addedAt:desc")
        since = max(0, state.updated_until - OVERLAP)
        updated = self._read(section, updated_since=since, sort="updatedAt:desc")
        counted = self._plex.listing(section.id, 0, 0)
        # Where Plex does not count, the next full pass finds what has left.
        complete = not counted.told or self._index.fill_state(section.id).adds_up(counted.total)
        self._index.in_step(
            section.id,
            max(state.added_until, _latest(item.added_at for item in added.first_page)),
            max(state.updated_until, _latest(item.updated_at for item in updated.first_page)),
            _settled(section) if complete else None,
        )
        return complete

    def _full_pass(self, section: Section, state: SectionFill, *, anew: bool = False) -> bool:
        """Read everything, or what a pass that was cut short has left; whether the index has as many items as Plex.

        :param anew: what is known may be of another database: also look for items whose times have gone back.
        """
        with self._duty.spending():
            adds_up = self._read_all(section, state, anew=anew)
        self._passes += 1
        return adds_up

    def _read_all(self, section: Section, state: SectionFill, *, anew: bool) -> bool:
        started = self._clock()
        if state.pass_position is None:
            # More than one: some may be of the future.
            newest = self._listing(section.id, 0, FEW, sort="updatedAt:desc")[0].items
            number = self._index.begin_pass(section.id, _latest(item.updated_at for item in newest))
            start, content = 0, _settled(section)
        else:
            # Items that left meanwhile have shifted the others towards the beginning.
            number, start, content = state.pass_number, max(0, state.pass_position - PAGE_SIZE), None
            log.info("library %r: indexing goes on from item %d", section.title, start)
        with self._reader.everything(), self._index.filling():
            reading = self._read(section, sort="addedAt:asc", start=start, pass_number=number, anew=anew)
        gone = self._index.end_pass(
            section.id,
            number,
            total=reading.total,
            added_until=max(state.added_until, reading.last_added),
            content_changed_at=content,
        )
        log.info(
            "library %r: %s indexed in %.1f s%s",
            section.title,
            counted(reading.items, "item"),
            self._clock() - started,
            f", {gone} gone" if gone else "",
        )
        return self._index.fill_state(section.id).adds_up(reading.total)

    def _read(
        self,
        section: Section,
        *,
        sort: str,
        added_since: int | None = None,
        updated_since: int | None = None,
        start: int = 0,
        pass_number: int | None = None,
        anew: bool = False,
    ) -> _Reading:
        progress = FillProgress(section.title, self._clock)
        reading = _Reading()
        if pass_number is None:
            pages = self._pages(section.id, start, sort, added_since, updated_since)
        else:
            pages = self._pages_of_all(section.id, start, sort)
        for some in gathered(pages):
            self._put_together(some, pass_number, anew=anew)
            for page, position, at_end in some:
                reading.first_page = reading.first_page or page.items
                reading.last_added = max(reading.last_added, _latest(item.added_at for item in page.items))
                reading.items += len(page.items)
                reading.total = page.total
                if not at_end:
                    self._reader.is_at(position / page.total)
                    progress.tell(reading.items, position, page.total)
        return reading

    def _pages(
        self, section_id: int, start: int, sort: str, added_since: int | None, updated_since: int | None
    ) -> Iterator[_Place]:
        """The pages of what is new or changed: one as a rule."""
        position, total, at_end = start, 0, False
        while not at_end:
            page, count = self._listing(
                section_id, position, PAGE_SIZE, added_since=added_since, updated_since=updated_since, sort=sort
            )
            position, at_end = _moved_on(position, start, total, count, page.total)
            total = page.total
            yield page, position, at_end

    def _pages_of_all(self, section_id: int, start: int, sort: str) -> Iterator[_Place]:
        """All pages of a section, the next one asked for while this one is worked on."""

        def fetch(place: tuple[int, int]) -> tuple[tuple[UnreadablePage, int, bool], tuple[int, int] | None]:
            position, total = place
            page = self._plex.unread_listing(section_id, position, PAGE_SIZE, sort=sort)
            position, at_end = _moved_on(position, start, total, page.count, page.total)
            return (page, position, at_end), None if at_end else (position, page.total)

        for unread, position, at_end in ahead(fetch, (start, 0), lambda: False):
            yield self._readable(unread, sort), position, at_end

    def _put_together(self, pages: Sequence[_Place], pass_number: int | None, *, anew: bool) -> None:
        """Bring pages into the index, all or none of them."""
        found: list[int] = []
        with self._index.together():
            for page, position, _ in pages:
                found += self._put(page, pass_number, position)
                if anew:
                    self._index.went_back(page.items)
        self._tell(sorted(set(found)))

    def _put(self, page: Page, pass_number: int | None, position: int) -> list[int]:
        self._note_odd(page.odd, pass_number)
        if pass_number is None and self._index.have_moved(page.items):
            self.suspect()
        follow = not self.is_suspected
        return self._index.put(page.items, pass_number, None if pass_number is None else position, follow=follow)

    def _tell(self, scene_ids: list[int]) -> None:
        if scene_ids and self._on_appeared is not None:
            self._on_appeared(scene_ids)
            self._index.queued(scene_ids)


def _moved_on(position: int, start: int, before: int, count: int, total: int) -> tuple[int, bool]:
    """Where to go on after a page, and whether it was the last.

    A server may return fewer than asked: go on from what came. Where items left, the others have moved up.

    :param position: of the page.
    :param start: position of the first page.
    :param before: how many items there were in all at the page before.
    :param count: of the page's items.
    :param total: how many items there are in all.
    """
    left = max(0, before - total)
    position = max(start, position - left) if left else position + count
    return position, position >= total or not (count or left)


def _recent(moment: float, seconds: float) -> bool:
    """Whether less than so many seconds have passed since. A moment ahead of us is not: our clock was set back."""
    return 0 <= time.time() - moment < seconds


def _settled(section: Section) -> int | None:
    """Plex's number for the section's state, where no later state can have the same one."""
    number = section.content_changed_at
    return None if number is not None and number > time.time() - SETTLED_AFTER else number


def _latest(moments: Iterable[int]) -> int:
    """The latest of Plex's times (epoch seconds) that can be meant; 0 for none."""
    latest = time.time() + FUTURE
    return max((moment for moment in moments if moment <= latest), default=0)
