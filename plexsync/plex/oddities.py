"""What one malformed entry of an answer costs: itself. The others are read, and it is named.

An answer in which every entry is malformed is a broken answer, and no business of this module.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, Generic, TypeVar

import msgspec

from plexsync.http.documents import read_row
from plexsync.http.entries import OddEntry, decoder_of, read_entry
from plexsync.imports.late import late_pattern
from plexsync.imports.late_dataclass import dataclass
from plexsync.model import ListedItem, OddItem
from plexsync.plex.entries import INTEGER_MAX, storable

#: Characters of a title or a fault that a person is shown.
SHOWN = 80
#: Paths of one entry by which it may be known.
FILES = 20
#: Bytes of the digest that stands for an entry without a key.
DIGEST_SIZE = 12

T = TypeVar("T")
_KEY_IN_PATH = late_pattern(r"/library/metadata/([0-9]{1,18})(?:/|$)")


@dataclass(slots=True)
class Apart(Generic[T]):
    """The entries of a list, each read by itself.

    ``good``: what was read, in their order. ``bad``: the others, with the place in the list and the fault of each.
    """

    good: list[T] = field(default_factory=list)
    bad: list[tuple[int, Any, OddEntry]] = field(default_factory=list)

    @property
    def hopeless(self) -> bool:
        """Whether there are entries, and none of them is as it should be."""
        return bool(self.bad) and not self.good


def read_apart(entries: Sequence[Any], kind: type[T]) -> Apart[T]:
    """Read each entry by itself."""
    apart: Apart[T] = Apart()
    decode = decoder_of(kind) if entries and type(entries[0]) is msgspec.Raw else None
    for place, entry in enumerate(entries):
        if decode is not None:
            try:
                apart.good.append(decode(entry))
                continue
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                # What is wrong with it is told of what it holds.
                entry = _read_or_none(entry)
        try:
            apart.good.append(read_entry(entry, kind, strict=False))
        except OddEntry as odd:
            apart.bad.append((place, entry, odd))
    return apart


def _read_or_none(entry: Any) -> Any:
    try:
        return read_row(entry)
    except ValueError:
        return None


def key_of(entry: Any) -> int | None:
    """The rating key of an entry, as far as anything in it says one."""
    if not isinstance(entry, Mapping):
        return None
    value = entry.get("ratingKey")
    if type(value) is int and 0 < value <= INTEGER_MAX:
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and 0 < int(value[:19]) <= INTEGER_MAX:
        return int(value) if len(value) <= 19 else None
    path = entry.get("key")
    found = _KEY_IN_PATH.match(path) if isinstance(path, str) else None
    return int(found.group(1)) or None if found else None


def odd_item(entry: Any, section_id: int, fault: object) -> OddItem:
    """A malformed entry of a listing."""
    key = key_of(entry)
    return OddItem(
        section_id=section_id,
        mark=str(key) if key is not None else _digest(entry),
        rating_key=key,
        name=name_of(entry, key),
        fault=_short(str(fault)),
        files=tuple(_files(entry)),
    )


def without_repeats(items: Sequence[ListedItem]) -> tuple[tuple[ListedItem, ...], list[OddItem]]:
    """The items, each once, and an odd entry for each time that one stands there again."""
    first: dict[int, ListedItem] = {}
    again: list[OddItem] = []
    for item in items:
        if item.rating_key in first:
            again.append(_again(item, len(again)))
        else:
            first[item.rating_key] = item
    return tuple(first.values()), again


def name_of(entry: Any, key: int | None) -> str:
    """What a person may know an entry by."""
    title = entry.get("title") if isinstance(entry, Mapping) else None
    shown = repr(_short(title)) if isinstance(title, str) and title else ""
    if key is not None:
        return f"{key} {shown}".rstrip()
    return shown or "one without a rating key"


def _again(item: ListedItem, number: int) -> OddItem:
    mark = f"{item.rating_key} again {number}"
    name = name_of({"title": item.title}, item.rating_key)
    return OddItem(item.section_id, mark, item.rating_key, name, "it is listed more than once", twice=True)


def _files(entry: Any) -> list[str]:
    """The paths in an entry that can be read, whatever else is wrong with it."""
    media = entry.get("Media") if isinstance(entry, Mapping) else None
    parts = [
        part
        for medium in (media if isinstance(media, list) else [])
        for part in (medium["Part"] if isinstance(medium, Mapping) and isinstance(medium.get("Part"), list) else [])
    ]
    files = [part.get("file") for part in parts if isinstance(part, Mapping)]
    return [storable(file) for file in files if isinstance(file, str) and file][:FILES]


def _digest(entry: Any) -> str:
    try:
        text = repr(entry)
    except RecursionError:
        text = "nested too deeply"
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=DIGEST_SIZE).hexdigest()


def _short(text: str) -> str:
    plain = " ".join("".join(one if one.isprintable() else " " for one in storable(text[: 2 * SHOWN])).split())
    return plain if len(plain) <= SHOWN else f"{plain[: SHOWN - 3]}..."
