"""JSON from a server: read where it is no larger in memory than its bytes let one expect.

A few bytes of JSON can be a hundred in memory: an answer of 18 MB that is nothing but empty lists takes 500 MB, and
eight seconds. So what there is of values is counted before any of it is made.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

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
    if len(body) > _FEW and _values(body) > MAX_VALUES:
        raise TooManyValues(f"more than {MAX_VALUES:,} values")
    try:
        return _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # Python's own takes more than JSON allows: NaN, halves of characters, a mark of the byte order at the start.
        pass
    try:
        return json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _values(body: bytes) -> int:
    """How many values there are, at the most: what stands in texts is counted with them."""
    return body.count(b",") + body.count(b"[") + body.count(b"{")
