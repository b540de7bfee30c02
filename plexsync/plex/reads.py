"""What is read from Plex: who it is, its libraries, its listings and its items."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import TypeVar

from plexsync.errors import AccessDenied, ItemGone, ItemUnreadable, PermanentError, PlexSyncError, PlexUnavailable
from plexsync.library.kinds import MOVIES
from plexsync.model import Item, Page, Section
from plexsync.plex import answers
from plexsync.plex.calls import Calls
from plexsync.plex.edits import encode
from plexsync.plex.group_reads import GroupReads
from plexsync.plex.missing_files import MissingFiles
from plexsync.plex.names import UNLISTED
from plexsync.plex.traits import Memory, Traits
from plexsync.plex.transport import PlexAnswer
from plexsync.plex.trees import PartHash

T = TypeVar("T")

#: Items asked for in one request. Keeps the line short (20 bytes a key at most) and the answer small.
ITEMS_PER_REQUEST = 50
#: Libraries, or pictures of an item, asked for in one request.
LIST_PAGE = 500
#: What a listing is asked to leave out: all that is not needed to find files.
NOT_LISTED = (
    ("excludeElements", "Genre,Country,Guid,Rating,Collection,Director,Writer,Role,Producer,Image,UltraBlurColors"),
    ("excludeFields", ",".join(UNLISTED)),
)


class Reads(Calls):
    """The reading half of ``PlexClient``, whose constructor calls ``_get_to_know``."""

    def _get_to_know(self, memory: Memory | None) -> None:
        #: What this server does where servers differ.
        self.traits = Traits(self._server, memory)
        self._groups = GroupReads(self.traits, self._present)
        self._files = MissingFiles(self.items)

    def ramp_up(self) -> None:
        """Begin with one write at a time again, as Plex has only just come back, maybe as another version."""
        super().ramp_up()
        self.traits.meet_again()

    def identity(self) -> str:
        """The server's machine identifier. Cheap, and needs no token: none is sent."""
        with self._reading(_not_plex):
            return answers.read_identity(self._transport.send("GET", "/identity", with_token=False))

    def sections(self) -> tuple[Section, ...]:
        """All library sections, of every type."""
        return self._whole_list(
            "/library/sections", "Directory", lambda answer: answers.read_sections(answer, self._tell_once), _not_plex
        )

    def may_manage(self) -> bool | None:
        """Whether the token is that of the server's owner, who alone may edit; None where Plex does not tell.

        A wrong token is no owner's either: ask first what everybody may ask.
        """
        for path in ("/butler", "/accounts"):
            try:
                with self._reading():
                    self._transport.send("GET", path)
            except AccessDenied:
                return False
            except PermanentError:
                continue
            return True
        return None

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
        """One page of a section's items. The server may send fewer than asked: go on after those that came.

        :param start: items to skip.
        :param size: items wanted.
        :param added_since: seconds since 1970: only items added at or after.
        :param updated_since: seconds since 1970: only items changed at or after; our own edits count as changes.
        :param sort: e.g. ``addedAt:desc``.
        """
        with self._reading(no_section(section_id)):
            page = self._listing(section_id, start, size, added_since, updated_since, sort).read()
        return self._files.filled_in(page)

    def unread_listing(self, section_id: int, start: int, size: int, *, sort: str | None = None) -> answers.UnreadPage:
        """As ``listing``, for whoever wants to ask for the next page before this one is read."""
        with self._reading(no_section(section_id)):
            page = self._listing(section_id, start, size, None, None, sort)
        return replace(page, filled_in=self._files.filled_in)

    def _listing(
        self,
        section_id: int,
        start: int,
        size: int,
        added_since: int | None,
        updated_since: int | None,
        sort: str | None,
    ) -> answers.UnreadPage:
        parameters = [("type", MOVIES.number)]
        if added_since is not None:
            parameters.append(("addedAt>>", str(added_since)))
        if updated_since is not None:
            parameters.append(("updatedAt>>", str(updated_since)))
        if sort is not None:
            parameters.append(("sort", sort))
        query = encode([*parameters, *NOT_LISTED])
        path = f"/library/sections/{section_id}/all"
        answer = self._transport.send("GET", path, query, headers=paging(start, size))
        page = answers.unread_listing(answer, section_id, start)
        # Where the total is not told, a page that is full may be followed by another.
        return replace(page, total=page.total + 1) if not page.told and 0 < size <= page.count else page

    def items(self, rating_keys: Sequence[int]) -> dict[int, Item]:
        """Whole items by rating key, but for those that Plex does not know (any more) and those that cannot be read."""
        found = self.items_or_faults(rating_keys)
        return {key: item for key, item in found.items() if not isinstance(item, ItemUnreadable)}

    def items_or_faults(self, rating_keys: Sequence[int]) -> dict[int, Item | ItemUnreadable]:
        """Whole items by rating key, and errors in place of those that Plex tells of in a way that cannot be read.

        Those that Plex does not know (any more) are not in it.
        """
        found: dict[int, Item | ItemUnreadable] = {}
        for keys in _portions(list(dict.fromkeys(rating_keys))):
            found |= self._groups.read(keys)
        return found

    def part_hashes(self, rating_keys: Sequence[int]) -> dict[int, tuple[PartHash, ...]]:
        """The files of items with the hashes that Plex has of them, by rating key, in one request.

        :param rating_keys: ``ITEMS_PER_REQUEST`` at most.
        :raises ItemGone: it has none of these items, or does not know the question.
        """
        path = f"/library/metadata/{','.join(map(str, rating_keys))}/tree"
        with self._reading():
            return answers.read_hashes(self._transport.send("GET", path))

    # -----------------------------------------------------------------------------------------------------------------

    def _server(self) -> str:
        """The server's name and version, as one text."""
        with self._reading(_not_plex):
            return answers.read_server(self._transport.send("GET", "/identity", with_token=False))

    def _whole_list(
        self,
        path: str,
        element: str,
        read: Callable[[PlexAnswer], Sequence[T]],
        missing: Callable[[], PlexSyncError] | None = None,
        around: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> tuple[T, ...]:
        """All of a list, asked for in pages: one as a rule.

        :param missing: as for ``_reading``.
        :param around: a block that each request is made in.
        """
        found: list[T] = []
        start = 0
        while True:
            with self._reading(missing), around():
                answer = self._transport.send("GET", path, headers=paging(start, LIST_PAGE))
                found += read(answer)
                page = answers.unread_page(answer, 0, start, element)
            start += page.count
            if not page.count or start >= page.total:
                return tuple(found)

    def _present(self, keys: Sequence[int]) -> dict[int, Item | ItemUnreadable]:
        """The items that exist: where a missing one makes Plex answer 404 for all, they are asked for by halves.

        So are those that Plex keeps back, and those that are not in an answer with something in it of which not even
        the rating key can be read.
        """
        path = f"/library/metadata/{','.join(map(str, keys))}"
        try:
            with self._reading():
                # Without skipRefresh Plex may look at the files, and analyse them, before it answers.
                answer = self._transport.send("GET", path, "skipRefresh=1", headers=paging(0, len(keys)))
                read = answers.read_items_apart(answer)
        except ItemGone:
            return {} if len(keys) == 1 else self._by_halves(keys)
        found: dict[int, Item | ItemUnreadable] = {key: read.items[key] for key in keys if key in read.items}
        found |= {key: ItemUnreadable(read.unreadable[key]) for key in keys if key in read.unreadable}
        if (read.nameless or read.has_more) and (unclear := [key for key in keys if key not in found]):
            if len(keys) == 1:
                return {keys[0]: ItemUnreadable(read.faults[0])} if read.faults else {}
            found |= self._by_halves(unclear) if len(unclear) > 1 else self._present(unclear)
        return found

    def _by_halves(self, keys: Sequence[int]) -> dict[int, Item | ItemUnreadable]:
        middle = len(keys) // 2
        return self._present(keys[:middle]) | self._present(keys[middle:])


def paging(start: int, size: int) -> dict[str, str]:
    """The headers that ask for a page; a list that is asked for without them may be refused some day."""
    return {"X-Plex-Container-Start": str(start), "X-Plex-Container-Size": str(size)}


def _portions(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    return (keys[start : start + ITEMS_PER_REQUEST] for start in range(0, len(keys), ITEMS_PER_REQUEST))


def _not_plex() -> PlexSyncError:
    return PlexUnavailable("What answers at PLEXSYNC_PLEX_URL is not Plex, or a proxy does not lead there (404)")


def no_section(section_id: int) -> Callable[[], PlexSyncError]:
    """Makes the error of a request to a section that Plex does not have."""
    return lambda: PermanentError(
        f"Plex has no library section {section_id} (any more): check PLEXSYNC_PLEX_LIBRARIES, "
        "or run ./huey_consumer.sh reconcile"
    )
