"""The schema of what is shown: says of each value that cannot be sent to Plex what is wrong with it.

marshmallow takes long to import, and hardly any scene has such a value: who has none does without this.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, ValidationError, fields
from marshmallow.validate import Length, Range

from plexsync.fields import FieldRow, TextShape
from plexsync.metadata import addresses
from plexsync.metadata.dates import full_date
from plexsync.metadata.text import ENCODED_BYTES, NAME_CHARACTERS, is_within, paragraphs, single_line
from plexsync.model import PICTURE_FIELDS, TAG_FIELDS, TEXT_FIELDS, Field


class _Number(fields.Float):
    """A float that is a number already: ``"8"`` is not."""

    def _validated(self, value: Any) -> float:
        if not isinstance(value, (int, float)):
            raise self.make_error("invalid")
        return super()._validated(value)


def _clean_by(cleaning: Callable[[str], str]) -> Callable[[str], None]:
    def check(text: str) -> None:
        if cleaning(text) != text:
            raise ValidationError("It holds control characters or untidy white space.")

    return check


def _within(most: int) -> Callable[[str], None]:
    def check(text: str) -> None:
        if not is_within(text, most):
            raise ValidationError(f"It takes more than {most} bytes in a request.")

    return check


def _day(text: str) -> None:
    try:
        is_whole = not text or full_date(text) == text
    except ValueError as error:
        raise ValidationError(f"It is not a date: {error}.") from error
    if not is_whole:
        raise ValidationError("It is not a whole date (YYYY-MM-DD).")


def _address(url: str) -> None:
    if addresses.without_key(url, "") != url:
        raise ValidationError("It is not a plain http or https address without a key.")


def _line(least: int, most: int) -> fields.String:
    return fields.String(validate=[Length(min=least, max=most), _clean_by(single_line)])


def _text(row: FieldRow) -> fields.String:
    if row.shape is TextShape.DAY:
        return fields.String(validate=_day)
    if row.shape is TextShape.PARAGRAPHS:
        return fields.String(validate=[_clean_by(paragraphs), _within(row.encoded or ENCODED_BYTES)])
    return _line(0 if row.may_be_empty and row.of_scene else 1, row.characters)


_TAG = Schema.from_dict(
    {"name": _line(1, NAME_CHARACTERS), "thumb": fields.String(allow_none=True, validate=_address)}, name="TagSchema"
)


def _only(fields_: dict[Field, fields.Field[Any]], name: str) -> fields.Nested:
    return fields.Nested(Schema.from_dict({str(field): kind for field, kind in fields_.items()}, name=name))


#: All that can be sent to Plex for a scene, as ``plexsync.metadata.schema`` lays it out.
DESIRED = Schema.from_dict(
    {
        "texts": _only({field: _text(field.row) for field in TEXT_FIELDS}, "TextsSchema"),
        "tags": _only({field: fields.List(fields.Nested(_TAG)) for field in TAG_FIELDS}, "TagsSchema"),
        "rating": _Number(allow_none=True, allow_nan=False, validate=Range(min=0, max=10)),
        "pictures": _only({field: fields.String(validate=_address) for field in PICTURE_FIELDS}, "PicturesSchema"),
    },
    name="DesiredSchema",
)()
