"""All that an item holds which can be edited, as it is compared before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from plexsync.imports.late_dataclass import dataclass
from plexsync.metadata.ratings import same_rating
from plexsync.metadata.text import shorten
from plexsync.model import PICTURE_FIELDS, Field, Tag
from plexsync.plex.names import LOCK_NAMES, TAG_ELEMENTS, TAG_NAMES, TEXT_NAMES

#: The texts of an item, by the names that edits and locks have for them: ours, and those that a person may have edited.
TEXTS = tuple(dict.fromkeys((*TEXT_NAMES.values(), "titleSort", "originalTitle", "tagline")))
#: Lists of names: as edits have them, and as an item shows them; likewise.
LISTS = {
    **{TAG_NAMES[field]: element for field, element in TAG_ELEMENTS.items()},
    "writer": "Writer",
    "country": "Country",
    "label": "Label",
}
#: The pictures of an item, by the name of their lock.
PICTURES = tuple(LOCK_NAMES[field] for field in PICTURE_FIELDS)
DATE = TEXT_NAMES[Field.DATE]
#: Characters of ``YYYY-MM-DD``: Plex may add a time of day.
_DAY = 10
#: Characters of a value that a sentence quotes.
_QUOTED = 60


@dataclass(frozen=True, slots=True)
class ItemState:
    """What an item holds. Texts and lists of which there is nothing are no keys; ``rating`` is 0 to 10.

    ``shown``: for ``thumb`` and ``art`` the name of the picture that is shown, where that was asked for. ``files``: the
    paths as Plex sees them.
    """

    texts: dict[str, str] = field(default_factory=dict)
    lists: dict[str, tuple[Tag, ...]] = field(default_factory=dict)
    year: int | None = None
    rating: float | None = None
    locks: frozenset[str] = frozenset()
    shown: dict[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    def names(self, kind: str) -> list[str]:
        """The names in a list, in its order."""
        return [tag.name for tag in self.lists.get(kind, ())]


def state_of(entry: Mapping[str, Any]) -> ItemState:
    """What an item holds, as an answer shows it.

    :param entry: the item, as JSON has it.
    """
    texts = {name: str(entry[name]) for name in TEXTS if entry.get(name)}
    if DATE in texts:
        texts[DATE] = texts[DATE][:_DAY]
    rating, year = entry.get("userRating"), entry.get("year")
    return ItemState(
        texts=texts,
        lists={kind: tags for kind, element in LISTS.items() if (tags := tuple(_tags(entry.get(element), kind)))},
        year=int(year) if isinstance(year, int) else None,
        rating=float(rating) if isinstance(rating, int | float) and rating >= 0 else None,
        locks=frozenset(str(lock.get("name")) for lock in _dicts(entry.get("Field")) if lock.get("locked")),
        files=tuple(
            str(part["file"])
            for media in _dicts(entry.get("Media"))
            for part in _dicts(media.get("Part"))
            if part.get("file")
        ),
    )


def differences(before: ItemState, now: ItemState) -> Iterator[tuple[str, str]]:
    """The fields of an item that are not as they were, by name, each with a sentence."""
    for name in TEXTS:
        was, shown = before.texts.get(name, ""), now.texts.get(name, "")
        if was != shown:
            yield name, f"{name} was {_quoted(was)} and is {_quoted(shown)}"
    for kind in LISTS:
        if not same_names(before.lists.get(kind, ()), now.lists.get(kind, ())):
            yield kind, f"{kind} was {_listed(before, kind)} and is {_listed(now, kind)}"
    if before.year != now.year:
        yield "year", f"the year was {before.year or 'none'} and is {now.year or 'none'}"
    if not same_rating(before.rating, now.rating):
        yield "rating", f"the rating was {_rated(before.rating)} and is {_rated(now.rating)}"
    for name in sorted(before.locks ^ now.locks):
        yield f"{name}.locked", f"{name} was {'locked' if name in before.locks else 'not locked'} and is so no longer"
    for kind in PICTURES:
        if kind in before.shown and kind in now.shown and before.shown[kind] != now.shown[kind]:
            yield f"{kind}.shown", f"another {kind} is shown than before"


def same_names(one: Sequence[Tag], other: Sequence[Tag]) -> bool:
    """Whether two lists are the same: the names in their order, each with its role, and with a picture or without.

    Not at which address that is: Plex may show it at one of its own.
    """
    return [*map(_shown, one)] == [*map(_shown, other)]


def _shown(tag: Tag) -> tuple[str, str | None, bool]:
    return tag.name, tag.role, bool(tag.thumb)


def to_json(state: ItemState) -> dict[str, Any]:
    """A state as it is noted."""
    return {
        "texts": state.texts,
        "lists": {kind: [[tag.name, tag.thumb, tag.role] for tag in tags] for kind, tags in state.lists.items()},
        "year": state.year,
        "rating": state.rating,
        "locks": sorted(state.locks),
        "shown": state.shown,
        "files": list(state.files),
    }


def from_json(noted: Mapping[str, Any]) -> ItemState:
    """A state that was noted."""
    return ItemState(
        texts=dict(noted["texts"]),
        lists={kind: tuple(Tag(*tag) for tag in tags) for kind, tags in noted["lists"].items()},
        year=noted["year"],
        rating=noted["rating"],
        locks=frozenset(noted["locks"]),
        shown=dict(noted["shown"]),
        files=tuple(noted["files"]),
    )


def _tags(entries: Any, kind: str) -> Iterator[Tag]:
    for entry in _dicts(entries):
        if entry.get("tag"):
            is_person = kind == "actor"
            thumb = str(entry["thumb"]) if is_person and entry.get("thumb") else None
            role = str(entry["role"]) if is_person and entry.get("role") else None
            yield Tag(str(entry["tag"]), thumb, role)


def _dicts(entries: Any) -> list[dict[str, Any]]:
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _quoted(text: str) -> str:
    return f'"{shorten(" ".join(text.split()), _QUOTED)}"' if text else "empty"


def _listed(state: ItemState, kind: str) -> str:
    return _quoted(", ".join(state.names(kind)))


def _rated(rating: float | None) -> str:
    return "none" if rating is None else f"{rating:g}"
