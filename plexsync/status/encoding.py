"""How what is shown becomes JSON: without secrets, and never larger than allowed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from plexsync.redaction import redact

#: Characters of a text and entries of a list or table: what is allowed, and what is tried in turn where it is too much.
LIMITS = ((20_000, 1000), (4000, 1000), (1000, 300), (300, 100), (100, 60), (40, 50))
#: Levels of lists and tables in each other.
DEPTH = 12
#: What stands in place of what is left out of a text.
CUT = "…"


class TooLarge(ValueError):
    """It cannot be made small enough."""


def encoded(value: Any, limit: int, hide: Callable[[str], str] = redact) -> bytes:
    """A value as a JSON document of at most ``limit`` bytes, with the longest texts cut first.

    :param value: of what JSON can hold.
    :param hide: takes secrets out of a text.
    :raises TooLarge: not even with short texts it fits.
    """
    clean = _clean(value, hide, DEPTH)
    for text, entries in LIMITS:
        document = json.dumps(_cut(clean, text, entries)).encode("ascii")
        if len(document) <= limit:
            return document
    raise TooLarge(f"it has more than {limit // 1024} KiB")


def _clean(value: Any, hide: Callable[[str], str], depth: int) -> Any:
    """The value with secrets taken out of every text in it, names of fields included."""
    if isinstance(value, str):
        return hide(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        # JSON knows no infinity.
        return value if abs(value) < float("inf") else None
    if depth == 0:
        return CUT
    if isinstance(value, dict):
        return {hide(str(name)): _clean(one, hide, depth - 1) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(one, hide, depth - 1) for one in value]
    return hide(str(value))


def _cut(value: Any, text: int, entries: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= text or value.startswith("data:image/") else value[: text - 1] + CUT
    if isinstance(value, dict):
        return {name[:100]: _cut(one, text, entries) for name, one in list(value.items())[:entries]}
    if isinstance(value, list):
        return [_cut(one, text, entries) for one in value[:entries]]
    return value
