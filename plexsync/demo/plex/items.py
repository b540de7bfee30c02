"""What the simulated Plex keeps of an item, and the tags that all its items share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from plexsync.demo.plex.behaviour import Behaviour
from plexsync.model import Part

#: The texts of an item, by the names that edits use.
TEXTS = (
    "title",
    "titleSort",
    "originalTitle",
    "summary",
    "tagline",
    "studio",
    "originallyAvailableAt",
    "contentRating",
)
#: The tag lists: the name that edits and locks use, and the name in answers.
TAG_LISTS = {
    "genre": "Genre",
    "actor": "Role",
    "director": "Director",
    "writer": "Writer",
    "country": "Country",
    "collection": "Collection",
    "label": "Label",
}
#: The kinds of pictures as they stand in paths, and the field that shows (and locks) the selected one.
PICTURES = {"posters": "thumb", "arts": "art"}

#: Texts as strings and tag lists as names, by the names that edits use: what tests and the agent hand in.
Fields = Mapping[str, str | Sequence[str]]


@dataclass(slots=True, eq=False)
class SharedTag:
    """A tag of the whole server: every item that carries it shows the same name and the same picture."""

    id: int
    name: str
    thumb: str = ""


@dataclass(slots=True, eq=False)
class Tagging:
    """A tag on one item; ``text`` is the role of an actor, ``index`` the place it was written with."""

    tag: SharedTag
    text: str = ""
    index: int = 0


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """An uploaded picture; ``name`` is the SHA-1 of its bytes, with a number behind it for a repeated upload."""

    name: str
    data: bytes
    media_type: str
    #: What its address begins with: ``upload``, or ``metadata`` for one of the agent's (python-plexapi, media.py).
    source: str = "upload"


@dataclass(slots=True, eq=False)
class StoredItem:
    """An item as the server keeps it. Times are epoch seconds, ``duration_ms`` of parts is in milliseconds.

    ``guid`` says what it is: by a name of the agent's, or ``tv.plex.agents.none://<rating key>`` for nobody knows what.
    ``agent`` is what the metadata agent would write, ``agent_pictures`` the pictures it would show, by ``posters`` and
    ``arts``. ``selected`` maps ``thumb`` and ``art`` to the picture shown and the time in its path. ``hashes``: of its
    files, by path. ``on_disk``: the files as they are since they were replaced, None where nothing is new.
    """

    rating_key: int
    section_id: int
    agent: Fields
    parts: tuple[Part, ...]
    added_at: int
    updated_at: int
    year: int | None = None
    guid: str = ""
    user_rating: float | None = None
    texts: dict[str, str] = field(default_factory=dict)
    tags: dict[str, list[Tagging]] = field(default_factory=dict)
    locked: set[str] = field(default_factory=set)
    pictures: dict[str, list[StoredPicture]] = field(default_factory=dict)
    selected: dict[str, tuple[StoredPicture, int]] = field(default_factory=dict)
    agent_pictures: dict[str, bytes] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    on_disk: tuple[Part, ...] | None = None

    def sort_title(self) -> str:
        """What the item is filed under."""
        return (self.texts.get("titleSort") or self.texts["title"]).casefold()

    def picture_path(self, shown_as: str) -> str | None:
        """The path of the picture shown as ``thumb`` or ``art``, or None where there is none."""
        chosen = self.selected.get(shown_as)
        return f"/library/metadata/{self.rating_key}/{shown_as}/{chosen[1]}" if chosen else None


@dataclass(frozen=True, slots=True)
class PlexTag:
    """A tag as an item shows it: ``thumb`` and ``text`` (the role) are ``""`` where there is none."""

    name: str
    thumb: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class PlexItem:
    """An item at one moment, for tests to look at. ``texts`` and ``tags`` go by the names that edits use.

    Texts that are empty and lists without a tag are not in there; ``text`` and ``names`` ask either way.
    """

    rating_key: int
    section_id: int
    texts: dict[str, str]
    tags: dict[str, tuple[PlexTag, ...]]
    locked: frozenset[str]
    user_rating: float | None
    year: int | None
    parts: tuple[Part, ...]
    thumb: str | None
    art: str | None
    added_at: int
    updated_at: int

    @classmethod
    def of(cls, item: StoredItem) -> PlexItem:
        """The item as it is now."""
        tags = {
            kind: tuple(PlexTag(each.tag.name, each.tag.thumb, each.text) for each in taggings)
            for kind, taggings in item.tags.items()
            if taggings
        }
        return cls(
            rating_key=item.rating_key,
            section_id=item.section_id,
            texts={name: text for name, text in item.texts.items() if text},
            tags=tags,
            locked=frozenset(item.locked),
            user_rating=item.user_rating,
            year=item.year,
            parts=item.parts,
            thumb=item.picture_path("thumb"),
            art=item.picture_path("art"),
            added_at=item.added_at,
            updated_at=item.updated_at,
        )

    @property
    def title(self) -> str:
        """The title."""
        return self.texts["title"]

    def text(self, name: str) -> str:
        """A text, ``""`` where there is none."""
        return self.texts.get(name, "")

    def names(self, tag_list: str) -> list[str]:
        """The names in a tag list, in its order."""
        return [tag.name for tag in self.tags.get(tag_list, ())]


class Tags:
    """The tags of a server: one per kind and name, for those that it takes for one.

    :param behaviour: which these are, and in which order they stand on an item.
    """

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._tags: dict[tuple[str, str], SharedTag] = {}

    def shared(self, kind: str, name: str) -> SharedTag:
        """The tag of that name, spelled as whoever came first did; a new label is put into title case."""
        key = (kind, self._folded(name))
        tag = self._tags.get(key)
        if tag is None:
            spelling = _title_case(name) if kind == "label" else name
            tag = self._tags[key] = SharedTag(len(self._tags) + 1, spelling)
        return tag

    def add(self, item: StoredItem, kind: str, name: str, index: int) -> Tagging:
        """Put a tag on an item at a place; one that is there already is moved to it."""
        tag = self.shared(kind, name)
        taggings = item.tags.setdefault(kind, [])
        found = next((tagging for tagging in taggings if tagging.tag is tag), None)
        if found is None:
            found = Tagging(tag)
            taggings.append(found)
        found.index = index
        if self._behaviour.tag_order == "index":
            taggings.sort(key=lambda tagging: tagging.index)
        return found

    def remove(self, item: StoredItem, kind: str, name: str) -> None:
        """Take a tag off an item, by any name that is the same to the server; nothing where it is not there."""
        taggings = item.tags.get(kind, [])
        taggings[:] = [each for each in taggings if self._folded(each.tag.name) != self._folded(name)]

    def _folded(self, name: str) -> str:
        match self._behaviour.folds:
            case "ascii":
                return name.encode().lower().decode()
            case "unicode":
                return name.casefold()
            case _:
                return name

    def write(self, item: StoredItem, fields: Fields) -> None:
        """Give an item these texts, and exactly these tags in the lists that are named.

        :raises TypeError: no field has that name, or a single text was given for a list.
        """
        for name, value in fields.items():
            if name in TEXTS and isinstance(value, str):
                item.texts[name] = value
            elif name in TAG_LISTS and not isinstance(value, str):
                item.tags[name] = []
                for index, tag in enumerate(value):
                    self.add(item, name, tag, index)
            else:
                raise TypeError(f"{name}={value!r}: texts are {', '.join(TEXTS)}; lists are {', '.join(TAG_LISTS)}")


def _title_case(name: str) -> str:
    return " ".join(word.capitalize() for word in name.split(" "))
