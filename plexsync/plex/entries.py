"""What the entries of Plex's answers have to look like: one struct for each kind, its fields under Plex's names.

What Plex adds over the years is ignored, what it leaves out where there is nothing is filled in. Numbers and flags may
stand there as texts.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct, defstruct, field

from plexsync.plex.names import TAG_ELEMENTS, TEXT_NAMES

#: The largest whole number SQLite keeps.
INTEGER_MAX = 2**63 - 1
#: The largest float below that.
_FLOAT_MAX = float(2**63 - 2**10)
#: Digits from which on a number may be larger than ``INTEGER_MAX``.
_DIGITS = 19

Text = str | None
#: Bytes, of which as much counts as is whole of it.
Size = Annotated[int, Meta(ge=0, le=INTEGER_MAX)] | Annotated[float, Meta(gt=-1, le=_FLOAT_MAX)] | None
Key = Annotated[int, Meta(ge=1, le=INTEGER_MAX)]
Number = Annotated[int, Meta(ge=0, le=INTEGER_MAX)] | None
#: Any number that is one: neither endless nor NaN.
Float = Annotated[float, Meta(ge=-1e308, le=1e308)] | None


class PartEntry(Struct):
    """A file. How long it is may be anything, as what its video is like."""

    file: Text = ""
    size: Size = None
    duration: Any = None


class MediaEntry(Struct):
    """A version of an item. What its video is like may be anything: no item is refused for it."""

    width: Any = None
    height: Any = None
    bitrate: Any = None
    videoFrameRate: Any = None
    videoCodec: Any = None
    audioCodec: Any = None
    videoResolution: Any = None
    parts: list[PartEntry] = field(default_factory=list, name="Part")


class TagEntry(Struct):
    """A name of one of the lists."""

    tag: str
    thumb: Text = ""
    role: Text = ""


class LockEntry(Struct):
    """Whether a field is locked."""

    name: str
    locked: bool = False


class ListedEntry(Struct):
    """An item as listings have it. ``year`` and ``guid`` may be anything: too little hangs on them to refuse it."""

    ratingKey: Key
    title: Text = ""
    titleSort: Text = ""
    addedAt: Number = None
    updatedAt: Number = None
    studio: Text = ""
    originallyAvailableAt: Text = ""
    year: Any = None
    contentRating: Text = ""
    userRating: Float = None
    thumb: Text = ""
    art: Text = ""
    guid: Any = ""
    media: list[MediaEntry] = field(default_factory=list, name="Media")


class _WholeEntry(ListedEntry):
    """An item by itself, but for its texts and lists of names."""

    librarySectionID: Number = None
    locks: list[LockEntry] = field(default_factory=list, name="Field")


#: An item by itself: also with what the table of fields says that one has.
WholeEntry = defstruct(
    "WholeEntry",
    [
        *((name, Text, "") for name in TEXT_NAMES.values() if name not in ListedEntry.__struct_fields__),
        *((element, list[TagEntry], field(default_factory=list)) for element in TAG_ELEMENTS.values()),
    ],
    bases=(_WholeEntry,),
)


class LocationEntry(Struct):
    """A folder of a library."""

    path: str


class SectionEntry(Struct):
    """A library."""

    key: Key
    type: str
    title: Text = ""
    agent: Text = ""
    scanner: Text = ""
    contentChangedAt: Any = None
    uuid: Text = ""
    locations: list[LocationEntry] = field(default_factory=list, name="Location")


class PictureEntry(Struct):
    """A picture that an item has."""

    ratingKey: Text = ""
    key: Text = ""
    selected: bool | None = False


class IdentityEntry(Struct):
    """Which server it is."""

    machineIdentifier: Annotated[str, Meta(min_length=1)]
    version: Text = ""


class PlaceEntry(Struct):
    """Where in a list its entries stand, as far as that is told."""

    totalSize: Any = None
    offset: Any = None


class _EntriesAsTheyCome(PlaceEntry):
    Metadata: list[Raw] = field(default_factory=list)


class _ListingApart(Struct):
    MediaContainer: _EntriesAsTheyCome


#: A listing whose entries are left as they came.
LISTING_APART = msgspec.json.Decoder(_ListingApart, strict=False)


class _KeyAlone(Struct):
    ratingKey: Key


_KEY_ALONE = msgspec.json.Decoder(_KeyAlone, strict=False)


def key_alone(entry: Raw) -> int | None:
    """The rating key of an entry that is still to be read; None where it is none."""
    try:
        return _KEY_ALONE.decode(entry).ratingKey
    except msgspec.DecodeError:
        return None


class AroundItems(PlaceEntry):
    """What stands around items: of which library all of them are, where it is told once, and how many there are."""

    librarySectionID: Number = None


class _ItemsAsTheyCome(AroundItems):
    Metadata: list[Raw] = field(default_factory=list)


class _ItemsApart(Struct):
    MediaContainer: _ItemsAsTheyCome


#: Items that are left as they came.
ITEMS_APART = msgspec.json.Decoder(_ItemsApart, strict=False)


def is_storable(text: str) -> bool:
    """Whether a text is plain, and can be kept as it is by any database."""
    return text.isascii() and "\0" not in text


def storable(text: str) -> str:
    """A text that any database can keep: JSON may hold halves of characters, and NUL, which stand for nothing."""
    if is_storable(text):
        return text
    return text.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def positive(value: object) -> int | None:
    """A whole number above zero; None for whatever else comes."""
    text = str(value)
    number = int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS else 0
    return number or None


def count(value: object) -> int | None:
    """As ``positive``, 0 included: a server that does not tell a number may tell it in another place."""
    return 0 if str(value) == "0" else positive(value)
