"""What Plex's answers have to look like: one schema for each kind of entry, and for what stands around them.

What Plex adds over the years is ignored, what it leaves out where there is nothing is filled in.
"""

from __future__ import annotations

import math
from typing import Any

from marshmallow import EXCLUDE, Schema, fields
from marshmallow.validate import Length, Range

from plexsync.plex.names import TAG_ELEMENTS, TEXT_NAMES
from plexsync.plex.quick import INTEGER_MAX

#: Digits from which on a number may be larger than that.
_DIGITS = 19


class _Element(Schema):
    class Meta:
        unknown = EXCLUDE


class _Whole(fields.Integer):
    """A whole number, also where it comes as a text; a fraction is refused rather than cut off."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, float):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


class _Text(fields.String):
    """A text that SQLite can keep: JSON may hold halves of characters, which stand for nothing."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        return str(text).encode(errors="replace").decode()


def _key(name: str) -> _Whole:
    return _Whole(required=True, data_key=name, validate=Range(min=1, max=INTEGER_MAX))


def _number(name: str, default: int | None = None) -> _Whole:
    return _Whole(load_default=default, allow_none=True, data_key=name, validate=Range(min=0, max=INTEGER_MAX))


def _whole_or_none(name: str) -> fields.Function:
    """A whole number above zero; None for whatever else comes: too little hangs on it to refuse an answer for it."""
    return fields.Function(deserialize=_positive, load_default=None, allow_none=True, data_key=name)


def _positive(value: object) -> int | None:
    text = str(value)
    number = int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS else 0
    return number or None


def _count_or_none(name: str) -> fields.Function:
    """As ``_whole_or_none``, 0 included: a server that does not tell a number may tell it in another place."""
    return fields.Function(
        deserialize=lambda value: 0 if str(value) == "0" else _positive(value),
        load_default=None,
        allow_none=True,
        data_key=name,
    )


class _Measure(_Whole):
    """A size or a length: as much as is whole of it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, float) and math.isfinite(value):
            value = int(value)
        return super()._deserialize(value, attr, data, **kwargs)


def _measure(name: str) -> _Measure:
    return _Measure(load_default=None, allow_none=True, data_key=name, validate=Range(min=0, max=INTEGER_MAX))


def _text(name: str) -> fields.String:
    return _Text(load_default="", allow_none=True, data_key=name)


def _list(name: str, schema: type[Schema]) -> fields.List[Any]:
    return fields.List(fields.Nested(schema), load_default=list, data_key=name)


class _PartSchema(_Element):
    file = _text("file")
    size = _measure("size")
    duration = _measure("duration")


class _MediaSchema(_Element):
    parts = _list("Part", _PartSchema)


class _TagSchema(_Element):
    tag = fields.String(required=True)
    thumb = _text("thumb")
    role = _text("role")


class _LockSchema(_Element):
    name = fields.String(required=True)
    locked = fields.Boolean(load_default=False)


class _ListedSchema(_Element):
    rating_key = _key("ratingKey")
    title = _text("title")
    added_at = _number("addedAt", 0)
    updated_at = _number("updatedAt")
    studio = _text("studio")
    date = _text("originallyAvailableAt")
    year = _whole_or_none("year")
    content_rating = _text("contentRating")
    sort_title = _text("titleSort")
    user_rating = fields.Float(load_default=None, allow_none=True, data_key="userRating")
    thumb = _text("thumb")
    art = _text("art")
    guid = _text("guid")
    media = _list("Media", _MediaSchema)


_ItemSchema = _ListedSchema.from_dict(
    {
        "section_id": _number("librarySectionID"),
        "locks": _list("Field", _LockSchema),
        **{field.value: _text(name) for field, name in TEXT_NAMES.items()},
        **{field.value: _list(element, _TagSchema) for field, element in TAG_ELEMENTS.items()},
    },
    name="_ItemSchema",
)


class _LocationSchema(_Element):
    path = _Text(required=True)


class _SectionSchema(_Element):
    id = _key("key")
    title = _text("title")
    type = fields.String(required=True)
    agent = _text("agent")
    scanner = _text("scanner")
    content_changed_at = _whole_or_none("contentChangedAt")
    uuid = _text("uuid")
    locations = _list("Location", _LocationSchema)


class _PictureSchema(_Element):
    rating_key = _text("ratingKey")
    key = _text("key")
    selected = fields.Boolean(load_default=False, allow_none=True)


class _IdentitySchema(_Element):
    machine_identifier = fields.String(required=True, data_key="machineIdentifier", validate=Length(min=1))
    version = _text("version")


class _PlaceSchema(_Element):
    total = _count_or_none("totalSize")
    offset = _count_or_none("offset")


class _SectionOfItemsSchema(_Element):
    section_id = _number("librarySectionID")


IDENTITY, SECTION, PLACE, LISTED = _IdentitySchema(), _SectionSchema(), _PlaceSchema(), _ListedSchema()
ITEM, PICTURE, SECTION_OF_ITEMS = _ItemSchema(), _PictureSchema(), _SectionOfItemsSchema()
