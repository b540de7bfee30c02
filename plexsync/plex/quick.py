"""Listed items, read quickly: many times as fast as by marshmallow, which the reading of a library would wait for.

What is as it should be is read straight. At the first thing that is not, this gives up, and marshmallow reads the
answer again: it takes what may be written in two ways, and names the fault. Nothing is taken here that it would refuse.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from plexsync.model import ListedItem, Part

#: The largest whole number SQLite keeps.
INTEGER_MAX = 2**63 - 1
#: ``YYYY-MM-DD``: Plex may write a time of day after it.
DATE_LENGTH = 10

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
#: Digits with which a number is surely below ``INTEGER_MAX``.
_SAFE_DIGITS = 18


def read_listed(container: Mapping[str, Any], section_id: int) -> tuple[ListedItem, ...] | None:
    """The items of a listing's ``MediaContainer``; None where anything in them is not plainly what it should be."""
    try:
        items = [_item(entry, section_id) for entry in _list(container, "Metadata")]
    except (TypeError, ValueError, KeyError, AttributeError):
        return None
    # An item that stands there twice is odd, too.
    return tuple(items) if len({item.rating_key for item in items}) == len(items) else None


def read_one(entry: Any, section_id: int) -> ListedItem | None:
    """One item of a listing; None where anything in it is not plainly what it should be."""
    try:
        return _item(entry, section_id)
    except (TypeError, ValueError, KeyError, AttributeError):
        return None


def day_of(text: str) -> str:
    """``YYYY-MM-DD``, or ``""`` where it is no date."""
    day = text[:DATE_LENGTH]
    return day if _DAY.fullmatch(day) else ""


def _item(entry: Mapping[str, Any], section_id: int) -> ListedItem:
    get = entry.get
    added = _number(get("addedAt")) or 0
    year = get("year")
    if year is not None and (type(year) is not int or not 0 < year < 10**_SAFE_DIGITS):
        raise ValueError
    return ListedItem(
        rating_key=_key(entry["ratingKey"]),
        section_id=section_id,
        title=_text(get("title")),
        added_at=added,
        updated_at=_number(get("updatedAt")) or added,
        parts=tuple([part for media in _list(entry, "Media") for part in _parts(media)]),
        studio=_text(get("studio")),
        date=day_of(_text(get("originallyAvailableAt"))),
        year=year,
        content_rating=_text(get("contentRating")),
        user_rating=_rating(get("userRating")),
        thumb=_text(get("thumb")) or None,
        art=_text(get("art")) or None,
        guid=_text(get("guid")),
        sort_title=_text(get("titleSort")),
    )


def _parts(media: Mapping[str, Any]) -> list[Part]:
    parts = [
        Part(_text(entry.get("file")), _number(entry.get("size")), _number(entry.get("duration")))
        for entry in _list(media, "Part")
    ]
    return [part for part in parts if part.file]


def _list(entry: Mapping[str, Any], name: str) -> list[Any]:
    if name not in entry:
        return []
    value = entry[name]
    if type(value) is not list:
        raise TypeError
    return value


def _key(value: Any) -> int:
    if type(value) is not str or not (value.isascii() and value.isdigit()) or len(value) > _SAFE_DIGITS:
        raise TypeError
    key = int(value)
    if key < 1:
        raise ValueError
    return key


def _text(value: Any) -> str:
    if type(value) is str:
        if not value.isascii():
            # Halves of characters are marshmallow's business.
            value.encode()
        return value
    if value is not None:
        raise TypeError
    return ""


def _number(value: Any) -> int | None:
    if value is not None and (type(value) is not int or not 0 <= value <= INTEGER_MAX):
        raise TypeError
    number: int | None = value
    return number


def _rating(value: Any) -> float | None:
    if value is None:
        return None
    if type(value) not in (int, float) or not math.isfinite(value):
        raise TypeError
    return None if value < 0 else float(value)
