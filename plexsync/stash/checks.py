"""What a value of Stash's has to be. Each check raises marshmallow's ``ValidationError`` where it is something else."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

#: The largest Int64, which is what Stash's sizes are and what SQLite can hold.
_INT64_MAX = 2**63 - 1
#: An id has fewer digits than this.
_MOST_DIGITS = 20


def _is_int64(digits: str) -> bool:
    # Cut, as the time that ``int`` takes grows with the square of the length.
    return len(digits) < _MOST_DIGITS and int(digits) <= _INT64_MAX


def is_text(value: Any) -> None:
    """A text that SQLite and HTTP can carry on."""
    if type(value) is not str:
        raise ValidationError("is no text")
    if value.isascii():
        return
    try:
        value.encode()
    except UnicodeEncodeError as error:
        # Half a surrogate pair.
        raise ValidationError("holds characters that are none") from error


def is_id(value: Any) -> None:
    """An id: digits, as a text."""
    if type(value) is not str or not (value.isascii() and value.isdigit()) or not _is_int64(value):
        raise ValidationError("is no id")


def is_path(value: Any) -> None:
    """A file's path: a text that is not empty."""
    is_text(value)
    if not value:
        raise ValidationError("is empty")


def is_size(value: Any) -> None:
    """A number of bytes."""
    if type(value) is not int or not 0 <= value <= _INT64_MAX:
        raise ValidationError("is no number of bytes")


def is_duration(value: Any) -> None:
    """A number of seconds, not negative."""
    if type(value) not in (int, float) or not 0 <= value < math.inf:
        raise ValidationError("is no number of seconds")


def is_rating(value: Any) -> None:
    """A rating, 0 to 100."""
    if type(value) is not int or not 0 <= value <= 100:
        raise ValidationError("is no number from 0 to 100")


def is_count(value: Any) -> None:
    """A count."""
    if type(value) is not int or value < 0:
        raise ValidationError("is no count")


def is_flag(value: Any) -> None:
    """True or false."""
    if type(value) is not bool:
        raise ValidationError("is neither true nor false")


def is_stamp(value: Any) -> None:
    """An RFC 3339 time with a zone."""
    try:
        zoned = type(value) is str and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        zoned = False
    if not zoned:
        raise ValidationError("is no time with a zone")


def stamp_of(value: Any) -> str:
    """When a scene was made, ``""`` for what is no time: not to know it is no reason to do without the scene."""
    return value if type(value) is str and value.isascii() else ""
