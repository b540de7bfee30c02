"""Putting the item back to what it held, and seeing that it is so, field by field.

What somebody else has changed meanwhile is not put back: only what the item shows that came of our own writes. So it
may be done again at any time, also long after a test that was killed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field, replace

from plexsync.errors import AccessDenied, ItemGone, PermanentError, PictureFailed
from plexsync.imports.late_dataclass import dataclass
from plexsync.metadata.ratings import same_rating
from plexsync.model import Tag
from plexsync.plex.probing import ProbingClient
from plexsync.self_test.marks import is_made_up
from plexsync.self_test.record import Record
from plexsync.self_test.state import DATE, PICTURES, ItemState, differences, same_names, state_of
from plexsync.self_test.subject import PICTURE_FIELDS, encoded_name, removal, whole_list

#: How often a name to be removed may have to be encoded.
ENCODED = (2, 1, 3)
#: Bytes of the names that one request removes.
REMOVED_AT_ONCE = 1500

Parameters = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of it: sentences about what could not be put back, and about what others have changed meanwhile."""

    left: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()


def restore(client: ProbingClient, record: Record, encoded: int = 2) -> Restored:
    """Put an item back to what it held; what is as it was costs one reading.

    :param encoded: how often a name to be removed is encoded, as far as that is known.
    :raises ItemGone: Plex has no such item any more.
    :raises PlexSyncError: Plex cannot be asked. It may be tried again.
    """
    work = _Work(client, record)
    for times in (encoded, *(one for one in ENCODED if one != encoded), encoded):
        now = work.read()
        left, foreign = _compared(record, now)
        if not left:
            return Restored((), foreign)
        work.write(now, times)
    left, foreign = _compared(record, work.read())
    return Restored((*left, *(work.refused if left else ())), foreign)


def shown_pictures(client: ProbingClient, rating_key: int) -> dict[str, str]:
    """The names of the pictures that an item shows, by the names of their locks, as far as Plex tells."""
    found = {}
    for kind in PICTURES:
        try:
            chosen = [one for one in client.pictures(rating_key, PICTURE_FIELDS[kind]) if one.selected]
        except PictureFailed:
            continue
        found[kind] = chosen[0].rating_key if chosen else ""
    return found


@dataclass(slots=True)
class _Work:
    """Writing it. ``refused``: what Plex did not take."""

    client: ProbingClient
    record: Record
    refused: list[str] = field(default_factory=list)

    def read(self) -> ItemState:
        """The item as it is now, with the pictures that it shows where any was sent."""
        entry = self.client.entries([self.record.rating_key]).get(self.record.rating_key)
        if entry is None:
            raise ItemGone(f"Plex has no item {self.record.rating_key} any more")
        state = state_of(entry)
        if self.record.pictures:
            state = replace(state, shown=shown_pictures(self.client, self.record.rating_key))
            self._recognise(state)
        return state

    def _recognise(self, now: ItemState) -> None:
        """Know our picture by its bytes, where Plex has a name of its own for it."""
        for kind, name in now.shown.items():
            if name and name != self.record.before.shown.get(kind) and not self.record.picture_is_ours(name):
                field = PICTURE_FIELDS[kind]
                shown = [one for one in self.client.pictures(self.record.rating_key, field) if one.selected]
                data = self.client.picture_bytes(self.record.rating_key, shown[0]) if shown else None
                if data and hashlib.sha1(data, usedforsecurity=False).hexdigest() in self.record.pictures:
                    self.record.pictures.append(name)

    def write(self, now: ItemState, encoded: int) -> None:
        """Write what differs."""
        for kind in self.record.lists:
            for parameters in _list_writes(self.record, kind, now, encoded):
                self._put(parameters)
        self._choose(now)
        self._put(_plain_writes(self.record, now))
        record = self.record
        if not same_rating(record.before.rating, now.rating) and record.rating_is_ours(now):
            self._try(lambda: self.client.rate(record.rating_key, record.before.rating))

    def _choose(self, now: ItemState) -> None:
        """Let the item show the pictures again that it showed."""
        for kind, name in self.record.before.shown.items():
            if name and self.record.picture_is_ours(now.shown.get(kind, "")):
                self._choose_one(kind, name)

    def _choose_one(self, kind: str, name: str) -> None:
        self._try(lambda: self.client.choose(self.record.rating_key, PICTURE_FIELDS[kind], name))

    def _put(self, parameters: Parameters) -> None:
        """Write parameters; field by field, where Plex does not take them together."""
        if not parameters:
            return
        record = self.record
        if self._try(lambda: self.client.put(record.section_id, record.rating_key, parameters)):
            return
        fields = list(dict.fromkeys(_field_of(name) for name, _ in parameters))
        for one in fields if len(fields) > 1 else ():
            self._put([(name, value) for name, value in parameters if _field_of(name) == one])

    def _try(self, write: Callable[[], object]) -> bool:
        """Write; whether Plex has taken it."""
        try:
            write()
        except (AccessDenied, ItemGone):
            raise
        except PermanentError as error:
            if str(error) not in self.refused:
                self.refused.append(str(error))
            return False
        return True


def _field_of(name: str) -> str:
    return name.partition(".")[0].partition("[")[0]


def _compared(record: Record, now: ItemState) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sentences about what is still to be put back, and about what others have changed."""
    left: list[str] = []
    foreign: list[str] = []
    for name, text in differences(record.before, now):
        is_left = not _is_back(record, name, now) if name in record.lists else not record.foreign(name, now)
        (left if is_left else foreign).append(text)
    return tuple(left), tuple(foreign)


def _is_back(record: Record, kind: str, now: ItemState) -> bool:
    """Whether a list has none of our names, and its own in their order; others may have added to it."""
    shown, stood = now.lists.get(kind, ()), record.before.lists.get(kind, ())
    names = {tag.name for tag in stood}
    return not any(is_made_up(tag.name) for tag in shown) and same_names(
        [tag for tag in shown if tag.name in names], stood
    )


def _list_writes(record: Record, kind: str, now: ItemState, encoded: int) -> Iterator[Parameters]:
    """What brings a list back: it is written whole, with our names beside it to be removed."""
    if _is_back(record, kind, now):
        return
    lock = (f"{kind}.locked", "1" if kind in record.before.locks else "0")
    ours = [tag.name for tag in now.lists.get(kind, ()) if is_made_up(tag.name)]
    for names in _portions(ours, encoded) or [[]]:
        yield [*whole_list(kind, _wanted(record, kind, now)), *removal(kind, names, encoded), lock]


def _portions(names: Sequence[str], encoded: int) -> list[list[str]]:
    """The names in portions that a request has room for."""
    found: list[list[str]] = []
    room = 0
    for name in names:
        length = len(encoded_name(name, encoded))
        if not found or length > room:
            found.append([])
            room = REMOVED_AT_ONCE
        found[-1].append(name)
        room -= length
    return found


def _wanted(record: Record, kind: str, now: ItemState) -> list[Tag]:
    """How a list is to stand: as it did, and what others have added meanwhile behind that."""
    stood = list(record.before.lists.get(kind, ()))
    names = {tag.name for tag in stood}
    return [*stood, *(tag for tag in now.lists.get(kind, ()) if tag.name not in names and not is_made_up(tag.name))]


def _plain_writes(record: Record, now: ItemState) -> Parameters:
    """The parameters that bring texts, year and locks back."""
    before = record.before
    locks = {name: name in before.locks for name in record.locks if (name in before.locks) != (name in now.locks)}
    parameters: Parameters = []
    for name in [*record.texts, *(["titleSort"] if "title" in record.texts else [])]:
        if before.texts.get(name, "") != now.texts.get(name, "") and record.text_is_ours(name, now):
            parameters.append((f"{name}.value", before.texts.get(name, "")))
            locks[name] = name in before.locks
    is_date_back = before.texts.get(DATE) == now.texts.get(DATE)
    # As a rule it comes back with the date.
    if record.dates and is_date_back and before.year != now.year and record.year_is_ours(now):
        parameters.append(("year.value", str(before.year or "")))
        locks["year"] = "year" in before.locks
    return [*parameters, *((f"{name}.locked", "1" if on else "0") for name, on in locks.items())]
