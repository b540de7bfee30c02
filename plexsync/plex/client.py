"""Plex as typed calls: what PlexSync reads from it and writes to it, one method each."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import quote

from plexsync.errors import (
    AccessDenied,
    ConnectionDropped,
    ItemGone,
    PermanentError,
    PictureFailed,
    PlexSyncError,
    PlexUnavailable,
    RequestTooLong,
    TextTooLong,
)
from plexsync.http.breaker import Guard
from plexsync.imports.late_dataclass import dataclass
from plexsync.library.kinds import MOVIES
from plexsync.model import Edit, Field, Picture
from plexsync.plex import answers
from plexsync.plex.edits import edit_queries, encode, without_commas
from plexsync.plex.names import PICTURE_FOLDERS
from plexsync.plex.own_fault import picture_failure, write_failure
from plexsync.plex.pacing import Turn
from plexsync.plex.portions import Portions
from plexsync.plex.reads import Reads, no_section
from plexsync.plex.refusals import upload_refusal
from plexsync.plex.traits import Memory, Trait
from plexsync.plex.transport import REQUEST_LINE_LONG, REQUEST_LINE_MAX, PlexEndpoint

_log = logging.getLogger(__name__)

#: Bytes of a picture that is uploaded: 20 MiB.
PICTURE_MAX = 20 * 1024 * 1024
#: How the names of pictures begin that were uploaded.
UPLOADED = "upload://"
#: Uploaded pictures of an item that are fetched and compared, at most.
PICTURES_COMPARED = 10


@dataclass(frozen=True, slots=True)
class FoundPicture:
    """What an item's list says of a picture. ``there``: it was uploaded, None where it may be one that cannot be had.

    ``shown``: it is the one that the item shows, None where Plex does not say which that is.
    """

    there: bool | None
    shown: bool | None


class PlexClient(Reads):
    """A Plex server. Safe to share between threads.

    Every method raises ``PlexUnavailable`` (no answer, or one no healthy Plex gives), ``CircuitOpen`` (Plex is left
    alone), ``AccessDenied`` (the token) or ``PermanentError`` (Plex refuses the request); what else is said there.

    :param endpoint: the server.
    :param breaker: guards every call; None for none.
    :param pool_size: connections kept open: as many as there are threads that call.
    :param max_writes_per_second: 0 for as many as Plex takes at its ease.
    :param memory: where it is kept what this server does where servers differ; None forgets it with the client.
    :raises ValueError: the address, the token or the CA file cannot be used.
    """

    def __init__(
        self,
        endpoint: PlexEndpoint,
        *,
        breaker: Guard | None = None,
        pool_size: int = 4,
        max_writes_per_second: float = 0.0,
        memory: Memory | None = None,
    ) -> None:
        super().__init__(endpoint, breaker=breaker, pool_size=pool_size, max_writes_per_second=max_writes_per_second)
        self._get_to_know(memory)
        self._portions = Portions()
        #: Whether Plex has taken a write with this token.
        self._writes_work = False
        #: Whether request lines beyond ``REQUEST_LINE_MAX`` are taken, as far as is known.
        self.takes_long_lines = True

    def ramp_up(self) -> None:
        """Begin with one write at a time again, as Plex has only just come back."""
        super().ramp_up()
        self.takes_long_lines = True

    # --- Pictures ----------------------------------------------------------------------------------------------------

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
        return self._among(self._held(rating_key, field), rating_key, [sha1], data)[0]

    def find_picture(self, rating_key: int, field: Field, sha1s: Sequence[str], data: bytes) -> FoundPicture:
        """As ``has_picture`` and ``shows_picture`` together, with one look at the list.

        :param sha1s: of others that it may have been sent as, and of ``data``.
        :raises ItemGone: there is no such item.
        :raises PictureFailed: Plex is well and does not list them.
        """
        held = self._held(rating_key, field)
        there, sha1 = self._among(held, rating_key, sha1s, data)
        try:
            return FoundPicture(there, self._is_shown(held, rating_key, sha1) if there else None)
        except PictureFailed:
            return FoundPicture(there, None)

    def shows_picture(self, rating_key: int, field: Field, sha1: str) -> bool | None:
        """Whether the picture that the item shows is this one: by its name, else by its bytes.

        The path in ``Item.thumb`` and ``Item.art`` does not tell: the time in it may move with any edit of the item.

        :param field: ``POSTER`` or ``BACKGROUND``.
        :param sha1: of the picture's bytes, in hexadecimal digits.
        :returns: None where Plex does not say which it shows.
        :raises ItemGone: there is no such item.
        :raises PictureFailed: Plex is well and does not tell.
        """
        return self._is_shown(self._held(rating_key, field), rating_key, sha1)

    def _among(
        self, held: Sequence[answers.HeldPicture], rating_key: int, sha1s: Sequence[str], data: bytes
    ) -> tuple[bool | None, str]:
        """Whether a picture is among those that were uploaded, by which SHA-1."""
        pictures = [one for one in held if one.rating_key.startswith(UPLOADED)]
        for sha1 in sha1s:
            if any(picture.rating_key.lower().endswith(sha1.lower()) for picture in pictures):
                return True, sha1
        if self.traits.peek(Trait.UPLOADS) == "sha1":
            return False, sha1s[-1]
        unread = False
        for picture in pictures[:PICTURES_COMPARED]:
            try:
                if self._fetched(rating_key, picture.path) == data:
                    return True, sha1s[-1]
            except PictureFailed:
                unread = True
        return None if unread else False, sha1s[-1]

    def _is_shown(self, held: Sequence[answers.HeldPicture], rating_key: int, sha1: str) -> bool | None:
        for picture in held:
            if picture.selected:
                if picture.rating_key.lower().endswith(sha1.lower()):
                    return True
                if picture.rating_key.startswith(UPLOADED) and self.traits.peek(Trait.UPLOADS) == "sha1":
                    return False
                data = self._fetched(rating_key, picture.path)
                return data is not None and hashlib.sha1(data, usedforsecurity=False).hexdigest() == sha1.lower()
        return None

    # --- Writing -----------------------------------------------------------------------------------------------------

    def edit(
        self, section_id: int, rating_keys: Sequence[int], edit: Edit, lock: bool, *, removals_once: bool = False
    ) -> int:
        """Write texts and tags to items, the same to each; ``rate`` writes the rating.

        One request as a rule; more where its line would pass ``REQUEST_LINE_MAX`` bytes and it is about several fields,
        and where there are more items than Plex writes to at its ease (see ``portions``).

        :param lock: also lock each field that is written.
        :param removals_once: encode names to be removed once, not twice.
        :returns: the number of requests.
        :raises ItemGone: there is no such section, or one of the items does not exist; others may have been written.
        :raises TextTooLong: a text has to be cut before Plex takes it: see ``takes_long_lines``.
        """
        path = f"/library/sections/{section_id}/all"
        sent = begin = 0
        while keys := rating_keys[begin : begin + self._portions.size]:
            begin += len(keys)
            sent += self._edit(path, keys, edit, lock, removals_once)
        return sent

    def _edit(self, path: str, keys: Sequence[int], edit: Edit, lock: bool, removals_once: bool) -> int:
        """Write to so many items as one write names; where no long line is taken, in short ones."""
        edit = self._as_it_is_taken(edit)
        room = REQUEST_LINE_MAX - self._transport.line_length("PUT", path) - len("?")
        scope = (*edit_scope(keys), *self._year_of(edit, lock))
        removed = [name for names in edit.remove.values() for name in names]
        once = removals_once or self.traits.peek(Trait.REMOVALS) == "once"
        once = once and not any("," in name for name in removed)

        def queries(most: int) -> list[str]:
            return edit_queries(edit, scope, lock=lock, room=room, most=most, removals_once=once)

        short = queries(room)
        if not self.takes_long_lines:
            return self._send_edit(path, keys, short)
        if len(short) == 1 and len(short[0]) <= room:
            return self._send_edit(path, keys, short)
        some = queries(room + REQUEST_LINE_LONG - REQUEST_LINE_MAX)
        try:
            return self._send_edit(path, keys, some)
        except (PermanentError, ConnectionDropped) as error:
            if isinstance(error, (AccessDenied, ItemGone)) or max(map(len, some)) <= room:
                raise
            is_length = isinstance(error, (RequestTooLong, ConnectionDropped))
            if max(map(len, short)) > room:
                if not is_length:
                    raise
                self.takes_long_lines = False
                raise TextTooLong(f"{error}; what is too long is cut") from None
        sent = self._send_edit(path, keys, short)
        self.takes_long_lines = False
        _log.info("Plex, or a proxy in front of it, accepts no request line of more than %d bytes", REQUEST_LINE_MAX)
        return sent

    def _as_it_is_taken(self, edit: Edit) -> Edit:
        """``edit`` with the names to be removed that this server takes as they are meant, as far as is known."""
        if edit.replaced and self.traits.peek(Trait.SPELLINGS) == "apart":
            fields = {*edit.remove, *edit.replaced}
            both = {field: (*edit.remove.get(field, ()), *edit.replaced.get(field, ())) for field in fields}
            edit = replace(edit, remove=both)
        torn = self.traits.peek(Trait.COMMAS) == "torn" or self.traits.peek(Trait.REMOVALS) == "once"
        if edit.remove and torn:
            # It would be taken for several, of which one may be somebody's, or for none, and keep the others from being
            # encoded as they have to be. A list that is replaced loses it anyway.
            edit = replace(edit, remove={field: without_commas(names) for field, names in edit.remove.items()})
        return edit

    def _send_edit(self, path: str, keys: Sequence[int], queries: Sequence[str]) -> int:
        for query in queries:
            if len(keys) == 1:
                self._write("edit", path, query)
            else:
                self._write_to_many(len(keys), path, query)
        return len(queries)

    def set_year(self, section_id: int, rating_keys: Sequence[int], year: int, *, lock: bool) -> None:
        """Write the year of items, for a server that does not take it from their date.

        :param lock: also lock it.
        :raises ItemGone: as ``edit``.
        :raises WriteFailed: Plex fails at it for a single item, and is well otherwise.
        """
        query = encode([*edit_scope(rating_keys), *_year(year, lock)])
        alone = rating_keys[0] if len(rating_keys) == 1 else None
        self._write("edit", f"/library/sections/{section_id}/all", query, alone)

    def rate(self, rating_key: int, rating: float | None) -> None:
        """Set the owner's rating.

        :param rating: 0 to 10; None takes it away.
        :raises ItemGone: there is no such item.
        :raises WriteFailed: Plex fails at it, and is well otherwise.
        """
        value = "-1" if rating is None else f"{rating:g}"
        identifier = ("identifier", "com.plexapp.plugins.library")
        query = encode([("key", str(rating_key)), identifier, ("rating", value)])
        self._write("rate", "/:/rate", query, rating_key)

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
                f"it has {len(picture.data):,} bytes: 1 to {PICTURE_MAX:,} can be sent to Plex", refused=True
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

    def analyze(self, rating_key: int) -> None:
        """Ask Plex to look at an item's files anew; it does so in its own time."""
        with self._writing("write") as turn:
            path = f"/library/metadata/{rating_key}/analyze"
            answers.check_written(self._transport.send("PUT", path, on_repeat=turn.repeated))

    def _scan(self, method: str, section_id: int, folder: str) -> None:
        with self._writing("write", no_section(section_id)) as turn:
            path = f"/library/sections/{section_id}/refresh"
            query = encode([("path", folder)])
            answers.check_written(self._transport.send(method, path, query, on_repeat=turn.repeated))

    # -----------------------------------------------------------------------------------------------------------------

    def _year_of(self, edit: Edit, lock: bool) -> Sequence[tuple[str, str]]:
        """The year that has to go with a date, for a server where it does not follow that."""
        date = edit.texts.get(Field.DATE, "")
        return _year(int(date[:4]), lock) if date and self.traits.peek(Trait.YEAR) == "is sent" else ()

    def _held(self, rating_key: int, field: Field) -> tuple[answers.HeldPicture, ...]:
        path = _pictures_of(rating_key, field)
        return self._whole_list(path, "Metadata", answers.read_pictures, around=lambda: self._own_fault(rating_key))

    def _uploaded(self, rating_key: int, field: Field) -> list[answers.HeldPicture]:
        return [one for one in self._held(rating_key, field) if one.rating_key.startswith(UPLOADED)]

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

    def small_picture(self, rating_key: int, width: int, height: int) -> Iterator[bytes]:
        """The poster that an item shows: made small by Plex, where it does that, and then as it is.

        :param width: pixels at most; ``height`` likewise.
        :raises PlexSyncError: Plex cannot be asked.
        """
        item = self.items([rating_key]).get(rating_key)
        if item is None or not item.thumb:
            return
        query = f"width={width}&height={height}&minSize=1&upscale=0&url={quote(item.thumb, safe='')}"
        for path in (f"/photo/:/transcode?{query}", item.thumb):
            if data := self._fetched(rating_key, path):
                yield data

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

    def _write(self, kind: str, path: str, query: str, rating_key: int | None = None) -> float:
        """Write; the seconds that Plex took.

        :param rating_key: of the item that is asked for where it fails, so that one bad part does not look like an
            outage; None for not.
        """
        with self._writing("write") as turn:
            began = time.monotonic()
            try:
                answers.check_written(self._transport.send("PUT", path, query, on_repeat=turn.repeated))
            except PlexUnavailable as error:
                if rating_key is None or (told := write_failure(error, self._transport, rating_key)) is error:
                    raise
                raise told from error
            turn.succeeded(kind)
            self._writes_work = True
            return time.monotonic() - began


def edit_scope(rating_keys: Sequence[int]) -> Sequence[tuple[str, str]]:
    """The parameters of an edit that say which items are meant."""
    return ("type", MOVIES.number), ("id", ",".join(map(str, rating_keys)))


def _year(year: int, lock: bool) -> Sequence[tuple[str, str]]:
    return ("year.value", str(year)), *((("year.locked", "1"),) if lock else ())


def _pictures_of(rating_key: int, field: Field) -> str:
    if field not in PICTURE_FOLDERS:
        raise ValueError(f"{field} is no picture")
    return f"/library/metadata/{rating_key}/{PICTURE_FOLDERS[field]}"
