"""Values as JSON in one form: equal values are equal texts, so that texts can be compared, and digested.

The form is that of Python's own encoder with sorted keys, no white space, and nothing beyond ASCII: what was kept so
far has it. msgspec writes the same in a tenth of the time, but for the few things that are put right here.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from plexsync.imports.late import late_pattern

_quickly = msgspec.json.Encoder(order="deterministic").encode
_read_quickly = msgspec.json.Decoder().decode
#: Made once: ``json.dumps`` makes one for each text.
_slowly = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode
#: What msgspec writes as it is, and Python as ``\uXXXX``.
_NOT_ASCII = late_pattern("[\x7f-\U0010ffff]+")
#: Numbers within are written alike by both; others may have an exponent.
_LEAST, _MOST = 0.001, 1e6


def canonical(value: Any, number: float | None = None) -> str:
    """A value as JSON, ASCII alone.

    :param value: dicts, lists and texts, true, false and null; one number with a fraction at most.
    :param number: that number.
    :raises ValueError: the number is none that JSON knows.
    """
    if number is not None and number != 0 and not _LEAST <= number <= _MOST:
        return _slowly(value)
    try:
        text = _quickly(value).decode()
    except UnicodeEncodeError:
        # Half a character, which JSON can hold.
        return _slowly(value)
    return text if text.isascii() and "\x7f" not in text else _NOT_ASCII.sub(_escaped, text)


def parsed(text: str) -> Any:
    """What a text in JSON says.

    :raises ValueError: it is none.
    """
    try:
        return _read_quickly(text)
    except msgspec.DecodeError:
        # As Python reads it: halves of characters, say.
        return json.loads(text)


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]
