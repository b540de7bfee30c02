"""The values the rooms hand to each other: what Stash knows of a scene, what Plex holds of an item.

Only data, frozen, no behaviour and no input or output: every room may import this one. It imports the fields alone,
which go by its name as well.
"""

from __future__ import annotations

from dataclasses import field

from plexsync.fields import ORDERED_FIELDS as ORDERED_FIELDS
from plexsync.fields import PICTURE_FIELDS as PICTURE_FIELDS
from plexsync.fields import TAG_FIELDS as TAG_FIELDS
from plexsync.fields import TEXT_FIELDS as TEXT_FIELDS
from plexsync.fields import Field as Field
from plexsync.imports.late_dataclass import dataclass

# --- Stash -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SceneFile:
    """One file of a scene. ``size`` in bytes, ``duration`` in seconds; ``path`` as Stash sees it.

    ``width`` and ``height`` in pixels, ``frame_rate`` in frames a second, ``bit_rate`` of the whole file in bits a
    second, codecs by ffmpeg's names: 0 and ``""`` for unknown (``matching.streams``). ``oshash``: what its content is
    known by, 16 hexadecimal digits, ``""`` for unknown (``matching.content_hash``).
    """

    path: str
    size: int | None = None
    duration: float | None = None
    width: int = 0
    height: int = 0
    frame_rate: float = 0.0
    video_codec: str = ""
    audio_codec: str = ""
    bit_rate: int = 0
    oshash: str = ""


@dataclass(frozen=True, slots=True)
class Performer:
    """A performer of a scene. ``image_url`` is Stash's own address of the picture, or None where there is none.

    ``disambiguation`` is what Stash tells performers of one name apart by, ``""`` for nothing.
    """

    id: int
    name: str
    image_url: str | None = None
    disambiguation: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene as Stash has it now. Unset texts are ``""``; times are as Stash wrote them (RFC 3339).

    ``tag_ids`` and ``group_ids`` belong to ``tags`` and ``groups`` one by one; ``studio_id`` is None for no studio.
    ``unread``: fields of which Stash could tell nothing, so that they are left in Plex as they are. ``incomplete``:
    lists of which it could not tell all. ``faults`` are sentences for a person about what could not be read.
    ``stash_ids``: what stash-boxes know it by (UUIDs).
    """

    id: int
    title: str = ""
    details: str = ""
    director: str = ""
    date: str = ""
    rating100: int | None = None
    organized: bool = False
    urls: tuple[str, ...] = ()
    files: tuple[SceneFile, ...] = ()
    studio: str = ""
    performers: tuple[Performer, ...] = ()
    tags: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    screenshot_url: str | None = None
    updated_at: str = ""
    studio_id: int | None = None
    tag_ids: tuple[int, ...] = ()
    group_ids: tuple[int, ...] = ()
    created_at: str = ""
    code: str = ""
    unread: frozenset[Field] = frozenset()
    incomplete: frozenset[Field] = frozenset()
    faults: tuple[str, ...] = ()
    stash_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's bytes with the media type its bytes show (``image/jpeg``), and what makes a cheap second look."""

    data: bytes
    media_type: str
    sha1: str
    etag: str | None = None


# --- Plex ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Section:
    """A library section of Plex. ``type`` is ``movie``, ``show``, ...; ``locations`` are folders as Plex sees them.

    ``agent`` and ``scanner`` are Plex's own names of what it is filled by.

    ``content_changed_at`` is a number that moves with every change of its items; None where Plex does not tell.
    ``uuid`` is another one when the section was made anew, whatever its id; None where Plex does not tell.
    """

    id: int
    title: str
    type: str
    agent: str = ""
    locations: tuple[str, ...] = ()
    content_changed_at: int | None = None
    scanner: str = ""
    uuid: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a Plex item. ``size`` in bytes, ``duration_ms`` in milliseconds; ``file`` as Plex sees it.

    The others are as in ``SceneFile``; Plex tells them of a version of the item, which has one file as a rule.
    """

    file: str
    size: int | None = None
    duration_ms: int | None = None
    width: int = 0
    height: int = 0
    frame_rate: float = 0.0
    video_codec: str = ""
    audio_codec: str = ""
    bit_rate: int = 0


@dataclass(frozen=True, slots=True)
class ListedItem:
    """An item as a listing shows it: enough to find files by. Listings cut tags short, so none are here.

    ``date`` is ``YYYY-MM-DD`` or ``""``; ``studio`` and ``content_rating`` are ``""`` where there is none, and so is
    ``sort_title`` where it is the title.
    ``user_rating`` is 0 to 10; ``thumb`` and ``art`` are the paths of the pictures it shows. ``guid`` is what its agent
    knows it by, ``""`` where Plex does not say.
    """

    rating_key: int
    section_id: int
    title: str
    added_at: int
    updated_at: int
    parts: tuple[Part, ...] = ()
    studio: str = ""
    date: str = ""
    year: int | None = None
    content_rating: str = ""
    user_rating: float | None = None
    thumb: str | None = None
    art: str | None = None
    guid: str = ""
    sort_title: str = ""


@dataclass(frozen=True, slots=True)
class IndexedPart:
    """A file in the library index, with what is known of its item.

    ``file`` as Plex wrote it, ``path`` its comparable form (``matching.paths.path_key``). ``title``, ``studio``,
    ``date`` (``YYYY-MM-DD`` or ``""``) and ``year`` are the item's. ``size`` in bytes, ``duration_ms`` in milliseconds.
    ``stash_scene`` is the scene that an agent which reads Stash made the item from, None for no such agent.
    ``external_id``: what its agent says the film is known by elsewhere (``matching.guids``), ``""`` for nothing.
    What the video is like and ``oshash`` are as in ``SceneFile``; Plex was asked for ``oshash`` of a few files only.
    """

    rating_key: int
    section_id: int
    title: str
    file: str
    path: str
    size: int | None = None
    duration_ms: int | None = None
    studio: str = ""
    date: str = ""
    year: int | None = None
    stash_scene: int | None = None
    width: int = 0
    height: int = 0
    frame_rate: float = 0.0
    video_codec: str = ""
    audio_codec: str = ""
    bit_rate: int = 0
    oshash: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class OddItem:
    """An entry of a listing that cannot be read as an item, or that lists an item once more.

    ``mark`` tells it from the others of its section, as long as it stays as it is. ``rating_key``: None where not even
    that can be read. ``name`` and ``fault`` are for a person; ``files``: those of its paths in Plex that can be read.
    ``twice``: the item itself was read, and this entry is one too many.
    """

    section_id: int
    mark: str
    rating_key: int | None
    name: str
    fault: str
    files: tuple[str, ...] = ()
    twice: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing. ``total`` is what the server says the whole listing holds.

    ``odd``: the entries that are no items of their own. ``told``: the server says the total itself, rather than showing
    how far it goes.
    """

    items: tuple[ListedItem, ...]
    start: int
    total: int
    odd: tuple[OddItem, ...] = ()
    told: bool = True

    @property
    def count(self) -> int:
        """How many entries the page has."""
        return len(self.items) + len(self.odd)


@dataclass(frozen=True, slots=True)
class Tag:
    """A name in a tag list; ``thumb`` is a picture's address, ``role`` who is played (performers only)."""

    name: str
    thumb: str | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A whole item, read by its rating key. Texts are ``""`` where Plex has none; ``user_rating`` is 0 to 10.

    ``locked``: the fields an agent's refresh keeps. ``updated_at``: epoch seconds of the latest edit, whoever made it.
    ``guid``: as in ``ListedItem``.
    """

    rating_key: int
    section_id: int
    texts: dict[Field, str] = field(default_factory=dict)
    tags: dict[Field, tuple[Tag, ...]] = field(default_factory=dict)
    user_rating: float | None = None
    locked: frozenset[Field] = frozenset()
    thumb: str | None = None
    art: str | None = None
    parts: tuple[Part, ...] = ()
    updated_at: int = 0
    year: int | None = None
    guid: str = ""

    def picture(self, picture_field: Field) -> str | None:
        """The path of the picture that it shows as its poster or background; None for none."""
        return self.thumb if picture_field is Field.POSTER else self.art


# --- What Plex should show -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Desired:
    """What Plex should show for a scene: only the fields the settings select are keys.

    ``texts[DATE]`` is ``YYYY-MM-DD`` or ``""``. ``rating`` is 0 to 10 or None (no rating, or not selected: see
    ``Field.RATING in selected``). Pictures are addresses at Stash. ``notes`` are sentences for a person about what was
    changed on the way (a padded date, a shortened title). ``title_from_file``: the title stands in for none.
    ``incomplete``: lists of which Stash could not tell all, so that nothing is to go from them.
    """

    texts: dict[Field, str]
    tags: dict[Field, tuple[Tag, ...]]
    rating: float | None
    pictures: dict[Field, str]
    selected: frozenset[Field]
    notes: tuple[str, ...] = ()
    title_from_file: bool = False
    incomplete: frozenset[Field] = frozenset()


@dataclass(frozen=True, slots=True)
class Applied:
    """What we told Plex of a scene, as the ledger keeps it: the values by field, tags as names.

    A field that was never written is no key; a tag list that was written and of which nothing is left is ``()``.
    ``thumbs`` maps a performer's name to the picture address sent with it. ``title_from_file``: the title was made of a
    file's name. ``inherited``: the fields whose values are those of an earlier scene of the file, which Stash has no
    longer. ``spelled`` has, by field, the names that Plex shows in a spelling of its own after we wrote them, with that
    spelling; ``unordered`` are the lists that it shows in an order of its own after we wrote them whole.
    """

    texts: dict[Field, str] = field(default_factory=dict)
    tags: dict[Field, tuple[str, ...]] = field(default_factory=dict)
    thumbs: dict[str, str] = field(default_factory=dict)
    rating: float | None = None
    rating_written: bool = False
    title_from_file: bool = False
    inherited: frozenset[Field] = frozenset()
    spelled: dict[Field, dict[str, str]] = field(default_factory=dict)
    unordered: frozenset[Field] = frozenset()


@dataclass(frozen=True, slots=True)
class Edit:
    """The writes that bring one item from what it is to what it should be. Empty means there is nothing to do.

    ``texts``: new values (``""`` clears). ``rating``: 0 to 10, or None to clear, meaningful only when ``rate`` is true.
    ``lock``: texts, tag lists and pictures to lock although what they hold stays.

    ``add`` and ``remove``: names per tag list that come and go. ``again``: those in ``add`` that stand there, and come
    once more for their picture. ``replaced``: spellings that go as another comes in their place; they are not named to
    Plex, which may take the two for one. ``order``: lists whose names stand there, but in another order.

    ``lists``: what these lists are to be as a whole, in order, names of others included; only where the item is known.
    It is what is sent: right whether Plex adds what it is sent to a list or puts it in the list's place. ``places``:
    the index that each name in ``add`` is sent with where the list is not sent as a whole, 0, 1, 2, ... where it says
    nothing.
    """

    texts: dict[Field, str] = field(default_factory=dict)
    add: dict[Field, tuple[Tag, ...]] = field(default_factory=dict)
    remove: dict[Field, tuple[str, ...]] = field(default_factory=dict)
    rate: bool = False
    rating: float | None = None
    lock: frozenset[Field] = frozenset()
    order: frozenset[Field] = frozenset()
    lists: dict[Field, tuple[Tag, ...]] = field(default_factory=dict)
    again: dict[Field, tuple[str, ...]] = field(default_factory=dict)
    replaced: dict[Field, tuple[str, ...]] = field(default_factory=dict)
    places: dict[Field, tuple[int, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """True when there is something to write."""
        return bool(self.texts or self.names or self.rate or self.lock)

    @property
    def names(self) -> frozenset[Field]:
        """The lists of names that are written."""
        return frozenset({*self.add, *self.remove, *self.replaced, *self.order})
