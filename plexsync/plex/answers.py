"""Plex's answers: checked, then turned into the values of ``plexsync.model``.

Nothing of an answer is used before its schema has passed it. What Plex adds over the years is ignored, what it leaves
out where there is nothing (empty lists, unset texts) is filled in, and anything of a wrong kind is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError

from plexsync.errors import NothingReadable, PlexUnavailable
from plexsync.http.documents import TooManyValues, read_json
from plexsync.model import Field, Item, ListedItem, OddItem, Page, Part, Section, Tag
from plexsync.plex import oddities, quick, schemas
from plexsync.plex.names import LOCK_NAMES, TAG_ELEMENTS, TEXT_NAMES
from plexsync.plex.quick import DATE_LENGTH, day_of
from plexsync.plex.transport import PlexAnswer


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
    _container: Mapping[str, Any]
    section_id: int
    start: int
    total: int
    count: int
    filled_in: Callable[[Page], Page] | None = None
    told: bool = True

    def read(self) -> Page:
        """The page, with what ``filled_in`` adds; an entry that is not what Plex would say is left out, and named.

        :raises NothingReadable: none of its items is what Plex would say.
        :raises PlexUnavailable: it is no listing.
        """
        items = quick.read_listed(self._container, self.section_id)
        page = Page(items, self.start, self.total, told=self.told) if items is not None else self._read_singly()
        return self.filled_in(page) if self.filled_in is not None else page

    def _read_singly(self) -> Page:
        entries = self._container.get("Metadata")
        if not isinstance(entries, list):
            raise _not_as_it_should_be(self._answer, "Metadata: Not a valid list.")
        items: list[ListedItem] = []
        odd: list[OddItem] = []
        faults: list[str] = []
        for place, entry in enumerate(entries):
            item = quick.read_one(entry, self.section_id)
            if item is None:
                apart = oddities.load_apart([entry], schemas.LISTED)
                item = next((_listed(one, self.section_id) for one in apart.good), None)
                for _, _, fault in apart.bad:
                    odd.append(oddities.odd_item(entry, self.section_id, fault))
                    faults.append(f"Metadata.{place}.{fault}")
            if item is not None:
                items.append(item)
        if faults and not items:
            raise NothingReadable(str(_not_as_it_should_be(self._answer, faults[0])), len(faults), self.total)
        once, again = oddities.without_repeats(items)
        return Page(once, self.start, self.total, (*odd, *again), self.told)


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


# --- What the client asks for ----------------------------------------------------------------------------------------


def read_identity(answer: PlexAnswer) -> str:
    """The server's machine identifier."""
    return str(_load(answer, schemas.IDENTITY)["machine_identifier"])


def read_server(answer: PlexAnswer) -> str:
    """Which server it is, in which version, as one text."""
    container = _load(answer, schemas.IDENTITY)
    return f"{container['machine_identifier']} {container['version'] or ''}"


def read_sections(answer: PlexAnswer, odd: Callable[[str], object] = lambda _text: None) -> tuple[Section, ...]:
    """All library sections, of every type. Of one with an odd value the rest is taken, if only its key can be read.

    :param odd: told of each that is left out.
    :raises PlexUnavailable: none of them can be read.
    """
    container = _container(answer)
    apart = _entries_apart(answer, container, "Directory", schemas.SECTION)
    loaded = [*apart.good]
    for _, entry, fault in apart.bad:
        plainly = {name: entry[name] for name in ("key", "type", "title") if isinstance(entry, dict) and name in entry}
        rest = oddities.load_apart([plainly], schemas.SECTION)
        loaded += rest.good
        if rest.bad:
            odd(f"a library of Plex, {oddities.name_of(entry, None)}, cannot be read, and is left out: {fault}")
    if apart.bad and not loaded:
        raise _not_as_it_should_be(answer, _where("Directory", apart))
    return tuple(
        Section(
            id=entry["id"],
            title=entry["title"] or "",
            type=entry["type"],
            agent=entry["agent"] or "",
            scanner=entry["scanner"] or "",
            locations=tuple(location["path"] for location in entry["locations"]),
            content_changed_at=entry["content_changed_at"],
            uuid=entry["uuid"] or None,
        )
        for entry in loaded
    )


def read_page(answer: PlexAnswer, section_id: int, start: int) -> Page:
    """One page of a section's listing.

    :param start: what was asked for; the page's own ``start`` is what the server says it sent.
    """
    return unread_page(answer, section_id, start).read()


def unread_page(answer: PlexAnswer, section_id: int, start: int, element: str = "Metadata") -> UnreadPage:
    """As ``read_page``, but for the items.

    A total that is not told is that of the page: it is left out where one page shows all there is.

    :param element: what the items are called.
    """
    container = _container(answer)
    place = _checked(answer, container, schemas.PLACE)
    listed = container.get(element)
    count = len(listed) if isinstance(listed, list) else 0
    begins = start if place["offset"] is None else place["offset"]
    total = place["total"]
    if total is None:
        total = _header_number(answer.headers, "X-Plex-Container-Total-Size")
    told = total is not None
    return UnreadPage(
        answer, container, section_id, begins, begins + count if total is None else total, count, told=told
    )


def read_items(answer: PlexAnswer) -> dict[int, Item]:
    """Whole items by rating key, but for those that cannot be read. ``section_id`` is 0 where Plex does not say it.

    :raises PlexUnavailable: none of them can be.
    """
    read = read_items_apart(answer)
    if read.faults and not read.items:
        raise PlexUnavailable(read.faults[0])
    return dict(read.items)


def read_items_apart(answer: PlexAnswer) -> ItemsRead:
    """As ``read_items``, with those that cannot be read.

    :raises PlexUnavailable: it is about several items, and nothing can be read, not even which.
    """
    container = _container(answer)
    section_id = _checked(answer, container, schemas.SECTION_OF_ITEMS)["section_id"] or 0
    apart = _entries_apart(answer, container, "Metadata", schemas.ITEM)
    items = {entry["rating_key"]: _item(entry, section_id) for entry in apart.good}
    faults = [str(_not_as_it_should_be(answer, f"Metadata.{place}.{fault}")) for place, _, fault in apart.bad]
    keys = [oddities.key_of(entry) for _, entry, _ in apart.bad]
    unreadable = {key: fault for key, fault in zip(keys, faults, strict=True) if key is not None}
    if len(faults) > 1 and not items and not unreadable:
        raise PlexUnavailable(faults[0])
    return ItemsRead(items, unreadable, tuple(faults), keys.count(None))


def read_entries(answer: PlexAnswer) -> dict[int, Mapping[str, Any]]:
    """Items by rating key just as they come, those of which that can be read.

    :raises PlexUnavailable: it is no answer of Plex's.
    """
    entries = _container(answer).get("Metadata", [])
    if not isinstance(entries, list):
        raise _not_as_it_should_be(answer, "Metadata: Not a valid list.")
    keys = [oddities.key_of(entry) for entry in entries]
    return {key: entry for key, entry in zip(keys, entries, strict=True) if key is not None}


def has_more(answer: PlexAnswer) -> bool:
    """Whether the server says that there are more items than it sent."""
    page = unread_page(answer, 0, 0)
    return page.count < page.total


def read_pictures(answer: PlexAnswer) -> tuple[HeldPicture, ...]:
    """The posters or backgrounds an item has, uploaded or not, but for those that cannot be read.

    :raises PlexUnavailable: none of them can be.
    """
    apart = _entries_apart(answer, _container(answer), "Metadata", schemas.PICTURE)
    if apart.hopeless:
        raise _not_as_it_should_be(answer, _where("Metadata", apart))
    return tuple(
        HeldPicture(entry["rating_key"] or "", entry["key"] or "", bool(entry["selected"])) for entry in apart.good
    )


def check_written(answer: PlexAnswer) -> None:
    """Refuse a foreign page in answer to a write: a login page says 200, and nothing was written.

    Plex answers a write with an empty body, or with a page that only repeats the status.

    :raises PlexUnavailable: it is another page.
    """
    if _kind(answer) == "an HTML page" and answer.excerpt().lower() not in ("", "ok", "200 ok"):
        raise _unexpected(answer, "an HTML page instead of an empty answer (the page of a reverse proxy?)")


def _listed(entry: Mapping[str, Any], section_id: int) -> ListedItem:
    return ListedItem(
        rating_key=entry["rating_key"],
        section_id=section_id,
        title=entry["title"] or "",
        added_at=entry["added_at"] or 0,
        updated_at=_updated_at(entry),
        parts=_parts(entry),
        studio=entry["studio"] or "",
        date=day_of(entry["date"] or ""),
        year=entry["year"],
        content_rating=entry["content_rating"] or "",
        sort_title=entry["sort_title"] or "",
        user_rating=_rating(entry["user_rating"]),
        thumb=entry["thumb"] or None,
        art=entry["art"] or None,
        guid=entry["guid"] or "",
    )


def _item(entry: Mapping[str, Any], section_id: int) -> Item:
    texts = {field: entry[field.value] or "" for field in TEXT_NAMES}
    texts[Field.DATE] = texts[Field.DATE][:DATE_LENGTH]
    # It is shown only where it is another one than the title.
    texts[Field.SORT_TITLE] = texts[Field.SORT_TITLE] or texts[Field.TITLE]
    locks = {lock["name"] for lock in entry["locks"] if lock["locked"]}
    return Item(
        rating_key=entry["rating_key"],
        section_id=entry["section_id"] or section_id,
        texts=texts,
        tags={
            field: tuple(_performer(tag) if field is Field.PERFORMERS else Tag(tag["tag"]) for tag in tags)
            for field, tags in ((field, entry[field.value]) for field in TAG_ELEMENTS)
        },
        user_rating=_rating(entry["user_rating"]),
        locked=frozenset(field for field, name in LOCK_NAMES.items() if name in locks),
        thumb=entry["thumb"] or None,
        art=entry["art"] or None,
        parts=_parts(entry),
        updated_at=_updated_at(entry),
        year=entry["year"],
    )


def _performer(entry: Mapping[str, Any]) -> Tag:
    return Tag(entry["tag"], entry["thumb"] or None, entry["role"] or None)


def _updated_at(entry: Mapping[str, Any]) -> int:
    """Epoch seconds; an item that was never changed since it was added has no ``updatedAt``."""
    return int(entry["updated_at"] or entry["added_at"] or 0)


def _rating(number: float | None) -> float | None:
    """A rating, 0 to 10; below that it stands for none."""
    return None if number is None or number < 0 else number


def _parts(entry: Mapping[str, Any]) -> tuple[Part, ...]:
    """The files of an item; a part without a path (a token that may not see paths) is no help in finding it."""
    return tuple(
        Part(part["file"], part["size"], part["duration"])
        for media in entry["media"]
        for part in media["parts"]
        if part["file"]
    )


# --- Checking --------------------------------------------------------------------------------------------------------


def _load(answer: PlexAnswer, schema: Schema) -> dict[str, Any]:
    """The checked content of the answer's ``MediaContainer``.

    :raises PlexUnavailable: the answer is not what Plex would say.
    """
    return _checked(answer, _container(answer), schema)


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


def _checked(answer: PlexAnswer, container: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(container)
    except ValidationError as error:
        raise _not_as_it_should_be(answer, oddities.first_fault(error)) from None
    return loaded


def _entries_apart(answer: PlexAnswer, container: Mapping[str, Any], name: str, schema: Schema) -> oddities.Apart:
    """The entries of a container's list, each loaded by itself."""
    entries = container.get(name, [])
    if not isinstance(entries, list):
        raise _not_as_it_should_be(answer, f"{name}: Not a valid list.")
    return oddities.load_apart(entries, schema)


def _where(name: str, apart: oddities.Apart) -> str:
    place, _, fault = apart.bad[0]
    return f"{name}.{place}.{fault}"


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
