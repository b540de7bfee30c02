"""JSON from a server: read where it is no larger in memory than its bytes let one expect.

A few bytes of JSON can be a hundred in memory: an answer of 18 MB that is nothing but empty lists takes 500 MB, and
eight seconds. So what there is of values is counted before any of it is made.
"""

from __future__ import annotations

import json
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

#: Values in one answer, with lists and objects counted twice. A page of 500 films with all that Plex knows of them has
#: 100,000, one of 200 scenes with a hundred tags each 50,000. So many take some 100 MB at the worst.
MAX_VALUES = 1_000_000
#: Bytes of an answer below which nothing is counted: it cannot have so many.
_FEW = MAX_VALUES
_DECODER = msgspec.json.Decoder()


class TooManyValues(ValueError):
    """The document has more values than ``MAX_VALUES``; it was not read."""


def read_json(body: bytes) -> Any:
    """The value that a document holds.

    :raises TooManyValues: it has more than anybody would send.
    :raises ValueError: it is no JSON, nested too deeply, or has a number of thousands of digits.
    """
    _see_how_many(body)
    try:
        return _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # Python's own takes more than JSON allows: NaN, halves of characters, a mark of the byte order at the start.
        pass
    try:
        return json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def read_rows(body: bytes, decoder: msgspec.json.Decoder[T]) -> T | None:
    """A document whose rows are left as they came (``msgspec.Raw``), for whoever may not have to look into them.

    :param decoder: of a kind that holds such rows.
    :returns: None where it is something else: ``read_json`` then tells what.
    :raises TooManyValues: as ``read_json``.
    """
    _see_how_many(body)
    try:
        # What is skipped is not looked at: characters are checked here, so that no row proves unreadable by itself.
        if not body.isascii():
            body.decode()
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def read_row(row: Any) -> Any:
    """The value of one of these rows, or of one that was read already."""
    return read_json(bytes(row)) if type(row) is msgspec.Raw else row


def _see_how_many(body: bytes) -> None:
    if len(body) > _FEW and _values(body) > MAX_VALUES:
        raise TooManyValues(f"more than {MAX_VALUES:,} values")


def _values(body: bytes) -> int:
    """How many values there are, at the most: what stands in texts is counted with them."""
    return body.count(b",") + body.count(b"[") + body.count(b"{")
