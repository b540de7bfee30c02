"""Plex as typed calls: what PlexSync reads from it and writes to it, one method each."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from types import TracebackType
from typing import Self, TypeVar

from plexsync.breaker import Guard
from plexsync.errors import (
    AccessDenied,
    ItemGone,
    ItemUnreadable,
    PermanentError,
    PictureFailed,
    PlexSyncError,
    PlexUnavailable,
)
from plexsync.model import Edit, Field, Item, Page, Picture, Section
from plexsync.plex import answers
from plexsync.plex.edits import edit_queries, encode
from plexsync.plex.group_reads import GroupReads
from plexsync.plex.missing_files import MissingFiles
from plexsync.plex.names import PICTURE_FOLDERS
from plexsync.plex.own_fault import picture_failure
from plexsync.plex.pacing import Pace, Pacer, Turn
from plexsync.plex.portions import Portions
from plexsync.plex.refusals import upload_refusal
from plexsync.plex.traits import Memory, Trait, Traits
from plexsync.plex.transport import REQUEST_LINE_MAX, Answer, Transport

T = TypeVar("T")

#: Plex's number for a movie.
_MOVIE = "1"
#: Items asked for in one request. Keeps the line short (20 bytes a key at most) and the answer small.
ITEMS_PER_REQUEST = 50
#: Libraries, or pictures of an item, asked for in one request.
LIST_PAGE = 500
#: Bytes of a picture that is uploaded: 20 MiB.
PICTURE_MAX = 20 * 1024 * 1024
#: Uploaded pictures of an item that are fetched and compared, at most.
PICTURES_COMPARED = 10
#: What a listing is asked to leave out: all that is not needed to find files.
_NOT_LISTED = (
    ("excludeElements", "Genre,Country,Guid,Rating,Collection,Director,Writer,Role,Producer,Image,UltraBlurColors"),
    ("excludeFields", "summary,tagline"),
)


#: Oddities of Plex's that are told of, each once.
MOST_TOLD = 100

log = logging.getLogger(__name__)


class PlexClient:
    """A Plex server. Safe to share between threads.

    Every method raises ``PlexUnavailable`` (no answer, or one no healthy Plex gives), ``CircuitOpen`` (Plex is left
    alone), ``AccessDenied`` (the token) or ``PermanentError`` (Plex refuses the request); what else is said there.

    :param url: address of Plex, e.g. ``http://nas:32400``.
    :param token: sent as a header only.
    :param verify: True to check TLS certificates, False not to, or the path of a CA file.
    :param connect_timeout: seconds to establish a connection.
    :param read_timeout: seconds between two pieces of an answer.
    :param client_identifier: stable name of this installation.
    :param breaker: guards every call; None for none.
    :param pool_size: connections kept open: as many as there are threads that call.
    :param max_writes_per_second: 0 for as many as Plex takes at its ease.
    :param memory: where it is kept what this server does where servers differ; None forgets it with the client.
    :raises ValueError: the address, the token or the CA file cannot be used.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        client_identifier: str,
        verify: bool | str = True,
        connect_timeout: float = 3.05,
        read_timeout: float = 10.0,
        breaker: Guard | None = None,
        pool_size: int = 4,
        max_writes_per_second: float = 0.0,
        memory: Memory | None = None,
    ) -> None:
        self._transport = Transport(
            url,
            token,
            verify=verify,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            client_identifier=client_identifier,
            pool_size=pool_size,
        )
        self._breaker = breaker
        self._pacer = Pacer(pool_size, max_writes_per_second)
        self._portions = Portions()
        #: What this server does where servers differ.
        self.traits = Traits(self._server, memory)
        self._groups = GroupReads(self.traits, self._present)
        self._files = MissingFiles(self.items)
        #: Whether Plex has taken a write with this token.
        self._writes_work = False
        self._calls: Counter[str] = Counter()
        self._calls_lock = threading.Lock()
        self._told: set[str] = set()
        self._failures = 0
        self._of_thread = threading.local()

    def __repr__(self) -> str:
        return f"<PlexClient of {self._transport.address}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the kept connections."""
        self._transport.close()

    @property
    def calls(self) -> Counter[str]:
        """Requests so far by kind, ``read``, ``write`` and ``upload``; a quick repeat is not counted again."""
        with self._calls_lock:
            return self._calls.copy()

    @property
    def failures(self) -> int:
        """How often Plex did not answer as a Plex that is well would. Where that has grown, it was away."""
        return self._failures

    @contextmanager
    def checked(self, check: Callable[[], object]) -> Iterator[None]:
        """In the block each write of this thread is sent only if ``check`` raises nothing when its turn has come.

        It may have stood in line for long.
        """
        self._of_thread.check = check
        try:
            yield
        finally:
            self._of_thread.check = None

    def ramp_up(self) -> None:
        """Begin with one write at a time again, as Plex has only just come back."""
        self._pacer.restart()
        self.traits.meet_again()

    @property
    def pace(self) -> Pace:
        """How many writes Plex is given, at once and by the second."""
        return self._pacer.pace

    # --- Reading -----------------------------------------------------------------------------------------------------

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
        """One page of a section's movies. The server may send fewer than asked: go on after those that came.

        :param start: items to skip.
        :param size: items wanted.
        :param added_since: seconds since 1970: only items added at or after.
        :param updated_since: seconds since 1970: only items changed at or after; our own edits count as changes.
        :param sort: e.g. ``addedAt:desc``.
        """
        with self._reading(_no_section(section_id)):
            page = self._listing(section_id, start, size, added_since, updated_since, sort).read()
        return self._files.filled_in(page)

    def unread_listing(self, section_id: int, start: int, size: int, *, sort: str | None = None) -> answers.UnreadPage:
        """As ``listing``, for whoever wants to ask for the next page before this one is read."""
        with self._reading(_no_section(section_id)):
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
        parameters = [("type", _MOVIE)]
        if added_since is not None:
            parameters.append(("addedAt>>", str(added_since)))
        if updated_since is not None:
            parameters.append(("updatedAt>>", str(updated_since)))
        if sort is not None:
            parameters.append(("sort", sort))
        query = encode([*parameters, *_NOT_LISTED])
        path = f"/library/sections/{section_id}/all"
        answer = self._transport.send("GET", path, query, headers=_paging(start, size))
        return answers.unread_page(answer, section_id, start)

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

    def uploaded(self, rating_key: int, field: Field) -> tuple[str, ...]:
        """Names of the pictures that were uploaded to the item, e.g. ``upload://posters/<sha1>``.

        :param field: ``POSTER`` or ``BACKGROUND``.
        :raises ItemGone: there is no such item.
        """
        return tuple(picture.rating_key for picture in self._uploaded(rating_key, field))

    def has_picture(self, rating_key: int, field: Field, sha1: str, data: bytes) -> bool | None:
        """Whether a picture was uploaded to the item before: by its name, else by its bytes.

        :param field: ``POSTER`` or ``BACKGROUND``.
        :param sha1: of ``data``, in hexadecimal digits: what Plex is believed to name an upload by.
        :param data: compared with up to ``PICTURES_COMPARED`` uploaded pictures where no name matches.
        :returns: None where it may be one that Plex does not hand out.
        :raises ItemGone: there is no such item.
        :raises PictureFailed: Plex is well and does not list them.
        """
        pictures = self._uploaded(rating_key, field)
        if any(picture.rating_key.lower().endswith(sha1.lower()) for picture in pictures):
            return True
        unread = False
        for picture in pictures[:PICTURES_COMPARED]:
            try:
                if self._fetched(rating_key, picture.path) == data:
                    return True
            except PictureFailed:
                unread = True
        return None if unread else False

    def shows_picture(self, rating_key: int, field: Field, sha1: str) -> bool | None:
        """Whether the picture that the item shows is this one: by its name, else by its bytes.

        The path in ``Item.thumb`` and ``Item.art`` does not tell: the time in it may move with any edit of the item.

        :param field: ``POSTER`` or ``BACKGROUND``.
        :param sha1: of the picture's bytes, in hexadecimal digits.
        :returns: None where Plex does not say which it shows.
        :raises ItemGone: there is no such item.
        :raises PictureFailed: Plex is well and does not tell.
        """
        for picture in self._held(rating_key, field):
            if picture.selected:
                if picture.rating_key.lower().endswith(sha1.lower()):
                    return True
                data = self._fetched(rating_key, picture.path)
                return data is not None and hashlib.sha1(data, usedforsecurity=False).hexdigest() == sha1.lower()
        return None

    # --- Writing -----------------------------------------------------------------------------------------------------

    def edit(self, section_id: int, rating_keys: Sequence[int], edit: Edit, lock: bool) -> int:
        """Write texts and tags to items, the same to each; ``rate`` writes the rating.

        One request as a rule; more where its line would pass ``REQUEST_LINE_MAX`` bytes, and where there are more items
        than Plex writes to at its ease (see ``portions``).

        :param lock: also lock each field that is written.
        :returns: the number of requests.
        :raises ItemGone: there is no such section, or one of the items does not exist; others may have been written.
        """
        path = f"/library/sections/{section_id}/all"
        room = REQUEST_LINE_MAX - self._transport.line_length("PUT", path) - len("?")
        sent = begin = 0
        while keys := rating_keys[begin : begin + self._portions.size]:
            begin += len(keys)
            scope = (*_scope(keys), *self._year_of(edit, lock))
            for query in edit_queries(edit, scope, lock=lock, room=room):
                if len(keys) == 1:
                    self._write("edit", path, query)
                else:
                    self._write_to_many(len(keys), path, query)
                sent += 1
        return sent

    def set_year(self, section_id: int, rating_keys: Sequence[int], year: int, *, lock: bool) -> None:
        """Write the year of items, for a server that does not take it from their date.

        :param lock: also lock it.
        :raises ItemGone: as ``edit``.
        """
        query = encode([*_scope(rating_keys), *_year(year, lock)])
        self._write("edit", f"/library/sections/{section_id}/all", query)

    def rate(self, rating_key: int, rating: float | None) -> None:
        """Set the owner's rating.

        :param rating: 0 to 10; None takes it away.
        :raises ItemGone: there is no such item.
        """
        value = "-1" if rating is None else f"{rating:g}"
        identifier = ("identifier", "com.plexapp.plugins.library")
        self._write("rate", "/:/rate", encode([("key", str(rating_key)), identifier, ("rating", value)]))

    def upload(self, rating_key: int, field: Field, picture: Picture) -> None:
        """Add a picture to an item and choose it. Plex keeps what was there before: ask ``has_picture`` first.

        Not repeated on a failure that may have come after Plex had the picture.

        :param field: ``POSTER`` or ``BACKGROUND``.
        :raises PictureFailed: it is empty or larger than ``PICTURE_MAX``, or Plex is well and does not take it; it may
            have it all the same.
        :raises ItemGone: there is no such item.
        """
        if not 0 < len(picture.data) <= PICTURE_MAX:
            raise PictureFailed(
                f"it has {len(picture.data)} bytes: 1 to {PICTURE_MAX} can be sent to Plex", refused=True
            )
        with self._writing("upload") as turn, self._own_fault(rating_key, turn):
            answer = self._transport.send(
                "POST",
                _pictures_of(rating_key, field),
                headers={"Content-Type": picture.media_type},
                body=picture.data,
                repeatable=False,
                on_repeat=turn.repeated,
                refused=upload_refusal,
            )
            answers.check_written(answer)
            turn.succeeded("upload")

    def scan(self, section_id: int, folder: str) -> None:
        """Ask Plex to look for new files in one folder; it does so in its own time.

        By GET, as every client does, and by POST, as Plex's document has it, where the other is refused.

        :param folder: as Plex sees it.
        """
        first, second = ("POST", "GET") if self.traits.peek(Trait.SCAN) == "POST" else ("GET", "POST")
        try:
            self._scan(first, section_id, folder)
        except AccessDenied:
            raise
        except PermanentError as error:
            try:
                self._scan(second, section_id, folder)
            except PermanentError:
                raise error from None
            self.traits.put(Trait.SCAN, second)

    def _scan(self, method: str, section_id: int, folder: str) -> None:
        with self._writing("write", _no_section(section_id)) as turn:
            path = f"/library/sections/{section_id}/refresh"
            query = encode([("path", folder)])
            answers.check_written(self._transport.send(method, path, query, on_repeat=turn.repeated))

    # -----------------------------------------------------------------------------------------------------------------

    def _year_of(self, edit: Edit, lock: bool) -> Sequence[tuple[str, str]]:
        """The year that has to go with a date, for a server where it does not follow that."""
        date = edit.texts.get(Field.DATE, "")
        return _year(int(date[:4]), lock) if date and self.traits.peek(Trait.YEAR) == "is sent" else ()

    def _server(self) -> str:
        """The server's name and version, as one text."""
        with self._reading(_not_plex):
            return answers.read_server(self._transport.send("GET", "/identity", with_token=False))

    def _whole_list(
        self,
        path: str,
        element: str,
        read: Callable[[Answer], Sequence[T]],
        missing: Callable[[], PlexSyncError] | None = None,
        *,
        pictures_of: int | None = None,
    ) -> tuple[T, ...]:
        """All of a list, asked for in pages: one as a rule.

        :param pictures_of: the item whose pictures are listed, where it is those.
        """
        found: list[T] = []
        start = 0
        while True:
            with self._reading(missing), nullcontext() if pictures_of is None else self._own_fault(pictures_of):
                answer = self._transport.send("GET", path, headers=_paging(start, LIST_PAGE))
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
                answer = self._transport.send("GET", path, "skipRefresh=1", headers=_paging(0, len(keys)))
                read, more = answers.read_items_apart(answer), answers.has_more(answer)
        except ItemGone:
            return {} if len(keys) == 1 else self._by_halves(keys)
        found: dict[int, Item | ItemUnreadable] = {key: read.items[key] for key in keys if key in read.items}
        found |= {key: ItemUnreadable(read.unreadable[key]) for key in keys if key in read.unreadable}
        if (read.nameless or more) and (unclear := [key for key in keys if key not in found]):
            if len(keys) == 1:
                return {keys[0]: ItemUnreadable(read.faults[0])} if read.faults else {}
            found |= self._by_halves(unclear) if len(unclear) > 1 else self._present(unclear)
        return found

    def _by_halves(self, keys: Sequence[int]) -> dict[int, Item | ItemUnreadable]:
        middle = len(keys) // 2
        return self._present(keys[:middle]) | self._present(keys[middle:])

    def _held(self, rating_key: int, field: Field) -> tuple[answers.HeldPicture, ...]:
        path = _pictures_of(rating_key, field)
        return self._whole_list(path, "Metadata", answers.read_pictures, pictures_of=rating_key)

    def _tell_once(self, text: str) -> None:
        with self._calls_lock:
            is_news = text not in self._told and len(self._told) < MOST_TOLD
            self._told.add(text)
        if is_news:
            log.warning("%s", text)

    def _uploaded(self, rating_key: int, field: Field) -> list[answers.HeldPicture]:
        return [one for one in self._held(rating_key, field) if one.rating_key.startswith("upload://")]

    def _fetched(self, rating_key: int, path: str) -> bytes | None:
        """What lies at ``path``, as Plex named it; None for nothing, or where it leads elsewhere."""
        if not path.startswith("/"):
            return None
        path, _, query = path.partition("?")
        with self._reading(), self._own_fault(rating_key):
            try:
                return self._transport.send("GET", path, query, headers={"Accept": "*/*"}).body
            except ItemGone:
                return None

    @contextmanager
    def _own_fault(self, rating_key: int, turn: Turn | None = None) -> Iterator[None]:
        """Tell a picture that fails by itself from a Plex that fails.

        :param turn: of an upload.
        """
        try:
            yield
        except PlexSyncError as error:
            told = picture_failure(
                error, self._transport, rating_key, sending=turn is not None, writes_work=self._writes_work
            )
            if told is error:
                raise
            if turn is not None and isinstance(error, PlexUnavailable):
                turn.failed(error)
            raise told from error

    def _write_to_many(self, items: int, path: str, query: str) -> None:
        # By itself such a write takes longer than others, which is no sign that Plex has too much to do: it is compared
        # with those to as many items only.
        try:
            seconds = self._write(f"edit of {items}", path, query)
        except PlexUnavailable:
            self._portions.failed(items)
            raise
        self._portions.took(items, seconds)

    def _write(self, kind: str, path: str, query: str) -> float:
        """Write; the seconds that Plex took."""
        with self._writing("write") as turn:
            began = time.monotonic()
            answers.check_written(self._transport.send("PUT", path, query, on_repeat=turn.repeated))
            turn.succeeded(kind)
            self._writes_work = True
            return time.monotonic() - began

    @contextmanager
    def _reading(self, missing: Callable[[], PlexSyncError] | None = None) -> Iterator[None]:
        with self._pacer.read(), self._guarded("read", missing):
            yield

    @contextmanager
    def _writing(self, kind: str, missing: Callable[[], PlexSyncError] | None = None) -> Iterator[Turn]:
        # In line first: the breaker may open meanwhile, and its one trial is not to wait behind others.
        with self._pacer.write() as turn:
            if (check := getattr(self._of_thread, "check", None)) is not None:
                check()
            with self._guarded(kind, missing):
                turn.begin()
                yield turn

    @contextmanager
    def _guarded(self, kind: str, missing: Callable[[], PlexSyncError] | None = None) -> Iterator[None]:
        """One call to Plex with the checking of its answer, so that a foreign page counts as a failure of Plex.

        :param missing: makes the error for a 404 where it is no item that is missing.
        """
        with self._breaker.request() if self._breaker else nullcontext():
            with self._calls_lock:
                self._calls[kind] += 1
            try:
                yield
            except ItemGone:
                if missing is None:
                    raise
                raise missing() from None
            except PlexUnavailable as error:
                if not error.healthy:
                    with self._calls_lock:
                        self._failures += 1
                raise


def _scope(rating_keys: Sequence[int]) -> Sequence[tuple[str, str]]:
    """The parameters of an edit that say which items are meant."""
    return ("type", _MOVIE), ("id", ",".join(map(str, rating_keys)))


def _year(year: int, lock: bool) -> Sequence[tuple[str, str]]:
    return ("year.value", str(year)), *((("year.locked", "1"),) if lock else ())


def _paging(start: int, size: int) -> dict[str, str]:
    """The headers that ask for a page; a list that is asked for without them may be refused some day."""
    return {"X-Plex-Container-Start": str(start), "X-Plex-Container-Size": str(size)}


def _portions(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    return (keys[start : start + ITEMS_PER_REQUEST] for start in range(0, len(keys), ITEMS_PER_REQUEST))


def _pictures_of(rating_key: int, field: Field) -> str:
    if field not in PICTURE_FOLDERS:
        raise ValueError(f"{field} is no picture")
    return f"/library/metadata/{rating_key}/{PICTURE_FOLDERS[field]}"


def _not_plex() -> PlexSyncError:
    return PlexUnavailable("What answers at PLEXSYNC_PLEX_URL is not Plex, or a proxy does not lead there (404)")


def _no_section(section_id: int) -> Callable[[], PlexSyncError]:
    return lambda: PermanentError(
        f"Plex has no library section {section_id} (any more): check PLEXSYNC_PLEX_LIBRARIES, or reconcile"
    )
