"""The one table of what PlexSync carries: a row for each field.

Whatever depends on a field follows from its row: what is asked of Stash, how a text is cleaned and cut, what is checked
before it is sent, which hash it is part of, what Plex calls it, and the names that the ``fields`` setting takes. So a
field is added here, with its tests; a text that Stash has and PlexSync does not read yet is added to ``model.Scene``,
too.

Only data, and no input or output: every room may import this, and it imports none.
"""

from __future__ import annotations

from enum import StrEnum

from plexsync.imports.late_dataclass import dataclass


class FieldKind(StrEnum):
    """What a field holds in Plex."""

    TEXT = "text"
    NAMES = "names"
    RATING = "rating"
    PICTURE = "picture"


class TextShape(StrEnum):
    """How a text is cleaned: into one line, into paragraphs, or into a day (``YYYY-MM-DD``)."""

    LINE = "line"
    PARAGRAPHS = "paragraphs"
    DAY = "day"


#: Characters of a title, a studio or a content rating. Plex documents no bound. A character takes at most 4 bytes in
#: UTF-8 and 12 percent-encoded: 500 of them always fit what a request line may hold (``metadata.text.ENCODED_BYTES``).
LINE_CHARACTERS = 500
#: Bytes that a summary may take percent-encoded, as Plex itself is not known to have a bound. Where something on the
#: way has one, it is cut to ``metadata.text.ENCODED_BYTES``.
SUMMARY_BYTES = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """One field, from where Stash has it to where Plex shows it.

    :param kind: what it holds in Plex.
    :param plex: Plex's name of it in edits and locks; a picture's is that of the key it is shown under, too.
    :param element: the key under which an item shows it, where that is not ``plex``.
    :param folder: pictures only: the folder of an item they are read from and uploaded to.
    :param is_locked_by_name: whether Plex has a lock for it. The owner's rating has none.
    :param stash: the field of a scene in Stash's GraphQL, and in ``model.Scene``, that it is made of; ``""`` for none.
    :param is_text_in_stash: whether that is one text.
    :param also: fields of a scene that are part of it besides.
    :param subject: what sentences call it, at their beginning: ``The summary``.
    :param shape: how a text is cleaned.
    :param characters: the most a text may have.
    :param encoded: the most bytes a text may take percent-encoded; None for what follows from ``characters``.
    :param may_be_empty: whether Plex can show nothing in it. What cannot be empty is never cleared.
    :param is_ordered: lists only: whether Plex's viewers see their order. A collection shows its items, and an item its
        collections in no order of ours.
    :param comes_later: whether a scene that has nothing there is likely to get it without anybody's doing.
    :param of_scene: whether what it shows comes of the scene; else it comes of the settings alone, and is left alone
        where they say nothing.
    :param filled_by_plex: texts only: whether Plex itself shows one where nobody wrote one, as it makes a sort title of
        the title. Then what Stash has nothing for is never taken for somebody's.
    :param is_templated: whether it is made by a template, which is the setting of its name; without that it is not
        carried.
    :param is_listed: texts only: whether it is read where Plex lists items, so that a change is found without reading
        the item whole; ``model.ListedItem`` has it by the field's name. A listing is asked to leave all others out.
    """

    kind: FieldKind
    plex: str
    element: str = ""
    folder: str = ""
    is_locked_by_name: bool = True
    stash: str = ""
    is_text_in_stash: bool = False
    also: tuple[str, ...] = ()
    subject: str = ""
    shape: TextShape = TextShape.LINE
    characters: int = LINE_CHARACTERS
    encoded: int | None = None
    may_be_empty: bool = True
    is_ordered: bool = False
    comes_later: bool = False
    of_scene: bool = True
    filled_by_plex: bool = False
    is_templated: bool = False
    is_listed: bool = False


_UNSET = FieldRow(kind=FieldKind.TEXT, plex="")


class Field(StrEnum):
    """A thing PlexSync carries, by the name the ``fields`` setting uses, and its row of the table."""

    row: FieldRow

    def __new__(cls, name: str, row: FieldRow = _UNSET) -> Field:
        """A member with its row; ``Field("title")`` finds the member."""
        self = str.__new__(cls, name)
        self._value_ = name
        self.row = row
        return self

    TITLE = (
        "title",
        FieldRow(
            kind=FieldKind.TEXT,
            plex="title",
            stash="title",
            is_text_in_stash=True,
            subject="The title",
            may_be_empty=False,
            comes_later=True,
            is_listed=True,
        ),
    )
    SUMMARY = (
        "summary",
        FieldRow(
            kind=FieldKind.TEXT,
            plex="summary",
            stash="details",
            is_text_in_stash=True,
            subject="The summary",
            shape=TextShape.PARAGRAPHS,
            encoded=SUMMARY_BYTES,
            comes_later=True,
        ),
    )
    STUDIO = (
        "studio",
        FieldRow(
            kind=FieldKind.TEXT,
            plex="studio",
            stash="studio",
            subject="The studio's name",
            comes_later=True,
            is_listed=True,
        ),
    )
    DATE = (
        "date",
        FieldRow(
            kind=FieldKind.TEXT,
            plex="originallyAvailableAt",
            stash="date",
            is_text_in_stash=True,
            subject="The date",
            shape=TextShape.DAY,
            comes_later=True,
            is_listed=True,
        ),
    )
    PERFORMERS = (
        "performers",
        FieldRow(
            kind=FieldKind.NAMES,
            plex="actor",
            element="Role",
            stash="performers",
            is_ordered=True,
            comes_later=True,
        ),
    )
    TAGS = (
        "tags",
        FieldRow(kind=FieldKind.NAMES, plex="genre", element="Genre", stash="tags", is_ordered=True, comes_later=True),
    )
    RATING = (
        "rating",
        FieldRow(kind=FieldKind.RATING, plex="userRating", is_locked_by_name=False, stash="rating100"),
    )
    #: Many scenes never have one, and as many never a group or a rating.
    DIRECTOR = (
        "director",
        FieldRow(
            kind=FieldKind.NAMES,
            plex="director",
            element="Director",
            stash="director",
            is_text_in_stash=True,
            is_ordered=True,
        ),
    )
    #: The studio is a collection, too.
    GROUPS = (
        "groups",
        FieldRow(kind=FieldKind.NAMES, plex="collection", element="Collection", stash="groups", also=("studio",)),
    )
    POSTER = "poster", FieldRow(kind=FieldKind.PICTURE, plex="thumb", element="poster", folder="posters", stash="paths")
    BACKGROUND = "background", FieldRow(kind=FieldKind.PICTURE, plex="art", folder="arts", stash="paths")
    CONTENT_RATING = (
        "content_rating",
        FieldRow(
            kind=FieldKind.TEXT,
            plex="contentRating",
            subject="The content rating",
            of_scene=False,
            is_listed=True,
        ),
    )
    #: What it is made of is up to a setting. Stash's code of a scene is read for it.
    TAGLINE = (
        "tagline",
        FieldRow(
            kind=FieldKind.TEXT,
            plex="tagline",
            stash="code",
            is_text_in_stash=True,
            subject="The tagline",
            is_templated=True,
        ),
    )
    SORT_TITLE = (
        "sort_title",
        FieldRow(
            kind=FieldKind.TEXT,
            plex="titleSort",
            subject="The sort title",
            filled_by_plex=True,
            is_templated=True,
            is_listed=True,
        ),
    )


#: All of them, in the order of the table. Going through the enumeration itself takes five times as long.
ALL_FIELDS = tuple(Field)
#: Fields that hold one text.
TEXT_FIELDS = tuple(field for field in Field if field.row.kind is FieldKind.TEXT)
#: Fields that hold a list of names.
TAG_FIELDS = tuple(field for field in Field if field.row.kind is FieldKind.NAMES)
#: Lists whose order Plex's viewers see.
ORDERED_FIELDS = tuple(field for field in TAG_FIELDS if field.row.is_ordered)
#: Fields that hold a picture.
PICTURE_FIELDS = tuple(field for field in Field if field.row.kind is FieldKind.PICTURE)
#: Fields that are made by a template.
TEMPLATED_FIELDS = tuple(field for field in Field if field.row.is_templated)
#: Texts of a scene in Stash, by the names that its GraphQL and ``model.Scene`` have for them.
SCENE_TEXTS = tuple(dict.fromkeys(field.row.stash for field in Field if field.row.is_text_in_stash))
