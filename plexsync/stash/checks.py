"""What single values of Stash's are: ids, times, texts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from plexsync.stash.entries import INT64_MAX

#: An id has fewer digits than this.
_MOST_DIGITS = 20


def id_in(value: Any) -> int | None:
    """The id that a value is, digits as a text; None where it is none."""
    # Long ones are not looked at, as the time that ``int`` takes grows with the square of the length.
    if type(value) is not str or len(value) >= _MOST_DIGITS or not (value.isascii() and value.isdigit()):
        return None
    number = int(value)
    return number if number <= INT64_MAX else None


def can_be_stored(text: str) -> bool:
    """Whether SQLite and HTTP can carry a text on: JSON may hold halves of characters."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_stamp(value: Any) -> bool:
    """Whether it is an RFC 3339 time with a zone."""
    try:
        return type(value) is str and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def stamp_of(value: Any) -> str:
    """When a scene was made, ``""`` for what is no time: not to know it is no reason to do without the scene."""
    return value if type(value) is str and value.isascii() else ""
