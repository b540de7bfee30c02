"""Plex's answers: checked, then turned into the values of ``plexsync.model``.

Nothing of an answer is used before it has passed as what ``entries`` says that it has to be. What Plex adds over the
years is ignored, what it leaves out where there is nothing (empty lists, unset texts) is filled in, and anything of a
wrong kind is an error, of that entry alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import msgspec

from plexsync.errors import NothingReadable, PlexUnavailable
from plexsync.http.documents import TooManyValues, read_json, read_rows
from plexsync.http.entries import OddEntry, read_entry
from plexsync.imports.late import late_pattern
from plexsync.imports.late_dataclass import dataclass
from plexsync.matching import streams
from plexsync.model import Field, Item, ListedItem, Page, Part, Section, Tag
from plexsync.plex import entries, oddities, trees
from plexsync.plex.entries import is_storable, storable
from plexsync.plex.names import LOCK_NAMES, TAG_ELEMENTS, TEXT_NAMES
from plexsync.plex.transport import PlexAnswer

#: ``YYYY-MM-DD``: Plex may write a time of day after it.
DATE_LENGTH = 10
_DAY = late_pattern("[0-9]{4}-[0-9]{2}-[0-9]{2}")
#: What stands in an entry of a listing that shows files; in a text the marks would be escaped.
_FILES = b'"Part"'
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HeldPicture:
    """A picture an item has: ``rating_key`` is its name (``upload://posters/<sha1>``), ``path`` where to get it.

    ``selected``: it is the one the item shows.
    """

    rating_key: str
    path: str
    selected: bool = False


@dataclass(frozen=True, slots=True)
class UnreadPage:
    """A page of a listing whose items are still to be checked and turned into values: ``count`` of ``total``.

    ``told``: the server says the total itself.
    """

    _answer: PlexAnswer
    _entries: Any
    section_id: int
    start: int
    total: int
    count: int
    filled_in: Callable[[Page], Page] | None = None
    told: bool = True

    def as_they_came(self) -> dict[int, msgspec.Raw]:
        """The bytes of entries by rating key: of those that were not looked into yet, stand there once and show a file.

        Where a listing leaves out files, its bytes do not say that they are as they were.
        """
        came: dict[int, msgspec.Raw] = {}
        more_than_once: set[int] = set()
        for entry in self._entries if isinstance(self._entries, list) else ():
            if type(entry) is not msgspec.Raw:
                continue
            key = entries.key_alone(entry)
            if key in came:
                more_than_once.add(key)
            elif key is not None and _FILES in bytes(entry):
                came[key] = entry
        return {key: entry for key, entry in came.items() if key not in more_than_once} if more_than_once else came

    def read(self, known: Collection[int] = ()) -> Page:
        """The page, with what ``filled_in`` adds; an entry that is not what Plex would say is left out, and named.

        :param known: rating keys of ``as_they_came`` that need not be read, and are not in the page.
        :raises NothingReadable: none of its items is what Plex would say.
        :raises PlexUnavailable: it is no listing.
        """
        listed = _a_list(self._answer, self._entries, "Metadata")
        if len(known) == len(listed):
            listed = []
        elif known:
            listed = [one for one in listed if type(one) is not msgspec.Raw or entries.key_alone(one) not in known]
        apart = oddities.read_apart(listed, entries.ListedEntry)
        # Where others are known it is no broken answer.
        if apart.hopeless and not known:
            fault = _not_as_it_should_be(self._answer, _first_fault("Metadata", apart))
            raise NothingReadable(str(fault), len(apart.bad), self.total)
        once, again = oddities.without_repeats([_listed(entry, self.section_id) for entry in apart.good])
        odd = [oddities.odd_item(entry, self.section_id, fault) for _, entry, fault in apart.bad]
        page = Page(once, self.start, self.total, (*odd, *again), self.told)
        # Those that are known show files, so the listing leaves none out.
        return self.filled_in(page) if self.filled_in is not None and not known else page


@dataclass(frozen=True, slots=True)
class ItemsRead:
    """What came of asking for items: those that can be read, and of those that cannot what is wrong with them.

    ``faults``: those of all entries that cannot be read. ``nameless``: how many of them do not even say their rating
    key.
    """

    items: Mapping[int, Item]
    unreadable: Mapping[int, str]
    faults: tuple[str, ...] = ()
    nameless: int = 0
    #: The server says that there are more than it sent.
    has_more: bool = False


# --- What the client asks for ----------------------------------------------------------------------------------------


def read_identity(answer: PlexAnswer) -> str:
    """The server's machine identifier."""
    return _checked(answer, _container(answer), entries.IdentityEntry).machineIdentifier


def read_server(answer: PlexAnswer) -> str:
    """Which server it is, in which version, as one text."""
    identity = _checked(answer, _container(answer), entries.IdentityEntry)
    return f"{identity.machineIdentifier} {_text(identity.version)}"


def read_sections(answer: PlexAnswer, odd: Callable[[str], object] = lambda _text: None) -> tuple[Section, ...]:
    """All library sections, of every type. Of one with an odd value the rest is taken, if only its key can be read.

    :param odd: told of each that is left out.
    :raises PlexUnavailable: none of them can be read.
    """
    container = _container(answer)
    apart = _entries_apart(answer, container, "Directory", entries.SectionEntry)
    read = [*apart.good]
    for _, entry, fault in apart.bad:
        plainly = {name: entry[name] for name in ("key", "type", "title") if isinstance(entry, dict) and name in entry}
        rest = oddities.read_apart([plainly], entries.SectionEntry)
        read += rest.good
        if rest.bad:
            odd(f"a library of Plex, {oddities.name_of(entry, None)}, cannot be read, and is left out: {fault}")
    if apart.bad and not read:
        raise _not_as_it_should_be(answer, _first_fault("Directory", apart))
    return tuple(
        Section(
            id=entry.key,
            title=_text(entry.title),
            type=entry.type,
            agent=_text(entry.agent),
            scanner=_text(entry.scanner),
            locations=tuple(_text(location.path) for location in entry.locations),
            content_changed_at=entries.positive(entry.contentChangedAt),
            uuid=_text(entry.uuid) or None,
        )
        for entry in read
    )


def unread_listing(answer: PlexAnswer, section_id: int, start: int) -> UnreadPage:
    """As ``unread_page`` for a listing, its entries left as they came where nothing speaks against it."""
    try:
        document = read_rows(answer.body, entries.LISTING_APART)
    except TooManyValues:
        document = None
    if document is None:
        return unread_page(answer, section_id, start)
    container = document.MediaContainer
    return _page_of(answer, container.Metadata, container, section_id, start)


def unread_page(answer: PlexAnswer, section_id: int, start: int, element: str = "Metadata") -> UnreadPage:
    """One page of a list, but for its entries.

    A total that is not told is that of the page: it is left out where one page shows all there is.

    :param start: what was asked for; the page's own ``start`` is what the server says it sent.
    :param element: what the entries are called.
    """
    container = _container(answer)
    place = _checked(answer, container, entries.PlaceEntry)
    return _page_of(answer, container.get(element, []), place, section_id, start)


def _page_of(answer: PlexAnswer, listed: Any, place: entries.PlaceEntry, section_id: int, start: int) -> UnreadPage:
    count = len(listed) if isinstance(listed, list) else 0
    offset, total = entries.count(place.offset), entries.count(place.totalSize)
    begins = start if offset is None else offset
    if total is None:
        total = _header_number(answer.headers, "X-Plex-Container-Total-Size")
    told = total is not None
    return UnreadPage(answer, listed, section_id, begins, begins + count if total is None else total, count, told=told)


def read_items_apart(answer: PlexAnswer) -> ItemsRead:
    """Whole items by rating key, and those that cannot be read. ``section_id`` is 0 where Plex does not say it.

    :raises PlexUnavailable: it is about several items, and nothing can be read, not even which.
    """
    try:
        document = read_rows(answer.body, entries.ITEMS_APART)
    except TooManyValues:
        document = None
    around: entries.AroundItems
    if document is not None:
        around, rows = document.MediaContainer, document.MediaContainer.Metadata
    else:
        container = _container(answer)
        around, rows = _checked(answer, container, entries.AroundItems), container.get("Metadata", [])
    section_id = around.librarySectionID or 0
    page = _page_of(answer, rows, around, section_id, 0)
    apart: oddities.Apart[Any] = oddities.read_apart(_a_list(answer, rows, "Metadata"), entries.WholeEntry)
    items = {entry.ratingKey: _item(entry, section_id) for entry in apart.good}
    faults = [str(_not_as_it_should_be(answer, _fault_at("Metadata", place, fault))) for place, _, fault in apart.bad]
    keys = [oddities.key_of(entry) for _, entry, _ in apart.bad]
    unreadable = {key: fault for key, fault in zip(keys, faults, strict=True) if key is not None}
    if len(faults) > 1 and not items and not unreadable:
        raise PlexUnavailable(faults[0])
    return ItemsRead(items, unreadable, tuple(faults), keys.count(None), has_more=page.count < page.total)


def read_entries(answer: PlexAnswer) -> dict[int, Mapping[str, Any]]:
    """Items by rating key just as they come, those of which that can be read.

    :raises PlexUnavailable: it is no answer of Plex's.
    """
    rows = _list(answer, _container(answer), "Metadata")
    keys = [oddities.key_of(row) for row in rows]
    return {key: row for key, row in zip(keys, rows, strict=True) if key is not None}


def read_hashes(answer: PlexAnswer) -> dict[int, tuple[trees.PartHash, ...]]:
    """The files of items with their hashes, by rating key.

    :raises PlexUnavailable: it is no answer of Plex's.
    """
    return trees.part_hashes(_container(answer))


def read_pictures(answer: PlexAnswer) -> tuple[HeldPicture, ...]:
    """The posters or backgrounds an item has, uploaded or not, but for those that cannot be read.

    :raises PlexUnavailable: none of them can be.
    """
    apart = _entries_apart(answer, _container(answer), "Metadata", entries.PictureEntry)
    if apart.hopeless:
        raise _not_as_it_should_be(answer, _first_fault("Metadata", apart))
    return tuple(HeldPicture(_text(one.ratingKey), _text(one.key), bool(one.selected)) for one in apart.good)


def check_written(answer: PlexAnswer) -> None:
    """Refuse a foreign page in answer to a write: a login page says 200, and nothing was written.

    Plex answers a write with an empty body, or with a page that only repeats the status.

    :raises PlexUnavailable: it is another page.
    """
    if _kind(answer) == "an HTML page" and answer.excerpt().lower() not in ("", "ok", "200 ok"):
        raise _unexpected(answer, "an HTML page instead of an empty answer (the page of a reverse proxy?)")


def _listed(entry: entries.ListedEntry, section_id: int) -> ListedItem:
    texts: tuple[str | None, ...] = (
        *(entry.title, entry.titleSort, entry.studio, entry.originallyAvailableAt),
        *(entry.contentRating, entry.thumb, entry.art, _text_or_none(entry.guid)),
    )
    # Looked at all together: what is in ASCII can be kept as it is.
    plain = [text or "" for text in texts]
    title, sort_title, studio, date, content_rating, thumb, art, guid = (
        plain if is_storable("".join(plain)) else map(_text, plain)
    )
    return ListedItem(
        rating_key=entry.ratingKey,
        section_id=section_id,
        title=title,
        added_at=entry.addedAt or 0,
        updated_at=_updated_at(entry),
        parts=_parts(entry),
        studio=studio,
        date=day_of(date),
        year=entries.positive(entry.year) if entry.year is not None else None,
        content_rating=content_rating,
        user_rating=_rating(entry.userRating),
        thumb=thumb or None,
        art=art or None,
        guid=guid,
        sort_title=sort_title,
    )


def _item(entry: Any, section_id: int) -> Item:
    """An item out of an ``entries.WholeEntry``."""
    texts = {field: _text(getattr(entry, name)) for field, name in TEXT_NAMES.items()}
    texts[Field.DATE] = texts[Field.DATE][:DATE_LENGTH]
    # It is shown only where it is another one than the title.
    texts[Field.SORT_TITLE] = texts[Field.SORT_TITLE] or texts[Field.TITLE]
    locks = {lock.name for lock in entry.locks if lock.locked}
    return Item(
        rating_key=entry.ratingKey,
        section_id=entry.librarySectionID or section_id,
        texts=texts,
        tags={
            field: tuple(_performer(tag) if field is Field.PERFORMERS else Tag(tag.tag) for tag in tags)
            for field, tags in ((field, getattr(entry, element)) for field, element in TAG_ELEMENTS.items())
        },
        user_rating=_rating(entry.userRating),
        locked=frozenset(field for field, name in LOCK_NAMES.items() if name in locks),
        thumb=_text(entry.thumb) or None,
        art=_text(entry.art) or None,
        parts=_parts(entry),
        updated_at=_updated_at(entry),
        year=entries.positive(entry.year) if entry.year is not None else None,
        guid=_text(_text_or_none(entry.guid)),
    )


def _performer(entry: entries.TagEntry) -> Tag:
    return Tag(entry.tag, _text(entry.thumb) or None, _text(entry.role) or None)


def _text(value: str | None) -> str:
    """A text that any database can keep, as ``storable`` makes it."""
    return storable(value) if value else ""


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None


def day_of(text: str) -> str:
    """``YYYY-MM-DD``, or ``""`` where it is no date."""
    if not text:
        return ""
    day = text[:DATE_LENGTH]
    return day if _DAY.fullmatch(day) else ""


def _updated_at(entry: entries.ListedEntry) -> int:
    """Epoch seconds; an item that was never changed since it was added has no ``updatedAt``."""
    return entry.updatedAt or entry.addedAt or 0


def _rating(number: float | None) -> float | None:
    """A rating, 0 to 10; below that it stands for none."""
    return None if number is None or number < 0 else number


def _parts(entry: entries.ListedEntry) -> tuple[Part, ...]:
    """The files of an item; a part without a path (a token that may not see paths) is no help in finding it."""
    return tuple(
        [
            Part(_text(part.file), _whole(part.size), streams.milliseconds(part.duration), *_video(media))
            for media in entry.media
            for part in media.parts
            if part.file
        ]
    )


def _video(media: entries.MediaEntry) -> tuple[int, int, float, str, str, int]:
    """What the video of a version is like, in the order of ``Part``."""
    return (
        streams.pixels(media.width),
        streams.pixels(media.height) or streams.height_of_class(media.videoResolution),
        streams.frames_per_second(media.videoFrameRate),
        streams.codec(media.videoCodec),
        streams.codec(media.audioCodec),
        streams.bits(media.bitrate, 1000),
    )


def _whole(size: float | None) -> int | None:
    return None if size is None else int(size)


# --- Checking --------------------------------------------------------------------------------------------------------


def _container(answer: PlexAnswer) -> dict[str, Any]:
    try:
        document = read_json(answer.body)
    except TooManyValues as error:
        raise _unexpected(answer, str(error)) from None
    except ValueError:
        raise _unexpected(answer, f"{_kind(answer)} instead of JSON{_guess(answer)}") from None
    container = document.get("MediaContainer") if isinstance(document, dict) else None
    if not isinstance(container, dict):
        raise _unexpected(answer, "JSON without a MediaContainer")
    return container


def _checked(answer: PlexAnswer, container: Mapping[str, Any], kind: type[T]) -> T:
    """What stands around the entries.

    :raises PlexUnavailable: the answer is not what Plex would say.
    """
    try:
        return read_entry(container, kind, strict=False)
    except OddEntry as odd:
        raise _not_as_it_should_be(answer, str(odd)) from None


def _list(answer: PlexAnswer, container: Mapping[str, Any], name: str) -> list[Any]:
    return _a_list(answer, container.get(name, []), name)


def _a_list(answer: PlexAnswer, rows: Any, name: str) -> list[Any]:
    if not isinstance(rows, list):
        raise _not_as_it_should_be(answer, f"{name}: Not a valid list.")
    return rows


def _entries_apart(answer: PlexAnswer, container: Mapping[str, Any], name: str, kind: type[T]) -> oddities.Apart[T]:
    """The entries of a container's list, each read by itself."""
    return oddities.read_apart(_list(answer, container, name), kind)


def _first_fault(name: str, apart: oddities.Apart[T]) -> str:
    place, _, fault = apart.bad[0]
    return _fault_at(name, place, fault)


def _fault_at(name: str, place: int, fault: OddEntry) -> str:
    return str(OddEntry((name, place, *fault.path), fault.text))


def _not_as_it_should_be(answer: PlexAnswer, fault: str) -> PlexUnavailable:
    return PlexUnavailable(f"Plex's answer to {answer.what} is not as it should be: {fault}")


def _kind(answer: PlexAnswer) -> str:
    start = answer.body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        return "nothing"
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<!--")):
        return "an HTML page"
    if start.startswith(b"<"):
        return "XML"
    if start.startswith((b"{", b"[")):
        return "broken or incomplete JSON"
    return "something else"


def _guess(answer: PlexAnswer) -> str:
    told = " (not Plex's own answer: is PLEXSYNC_PLEX_URL where Plex itself listens, as http://nas:32400?)"
    return told if _kind(answer) == "an HTML page" else ""


def _unexpected(answer: PlexAnswer, came: str) -> PlexUnavailable:
    shown = answer.excerpt()
    return PlexUnavailable(f"Plex answered {answer.what} with {came}" + (f': "{shown}"' if shown else ""))


def _header_number(headers: Mapping[str, str], name: str) -> int | None:
    value = headers.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None
