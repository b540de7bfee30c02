"""One entry of an answer, checked and turned into a value: what msgspec finds wrong with it concerns that one alone.

What an entry has to look like is a ``msgspec.Struct``. What that does not name is ignored. An entry is converted by
itself from what ``documents.read_json`` made of the answer: so one that is odd is told by its place and by the field
that is wrong, and never by that field's value.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from plexsync.imports.late import late_pattern
from plexsync.imports.late_dataclass import dataclass

T = TypeVar("T")

_PLACE = late_pattern(r"^(.*?)(?: - at `(.*)`)?$", re.DOTALL)
_MISSING = late_pattern(r"^Object missing required field `(.*)`$")
_EXPECTED = late_pattern(r"^Expected `([^`]*)`(?:, got `([^`]*)`)?")

#: The kinds that msgspec knows whole.
_prepared: set[Any] = set()
_preparing = threading.Lock()
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


@dataclass(eq=False)
class OddEntry(ValueError):
    """An entry is not what it has to be.

    :param path: the way to the fault, names of fields and places in lists; empty where it is the entry itself.
    :param text: what is wrong, without any value of the entry.
    :param wanted: what is expected there, in JSON's words (``str | null``); empty where that is not the fault.
    """

    path: tuple[str | int, ...]
    text: str
    wanted: str = ""

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path))}: {self.text}" if self.path else self.text


def read_entry(value: Any, kind: type[T], *, strict: bool = True) -> T:
    """A value of this kind out of a decoded entry.

    :param strict: False also takes numbers and flags that stand there as texts.
    :raises OddEntry: the entry is something else.
    """
    if kind not in _prepared:
        _prepare(kind)
    try:
        return msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError as error:
        raise _odd(str(error)) from None
    except UnicodeEncodeError:
        # Half a character where there should be a number. With another one in its place msgspec says where.
        whole = json.dumps(value, ensure_ascii=False).encode(errors="replace")
        return read_entry(json.loads(whole), kind, strict=strict)


def decoder_of(kind: type[T]) -> Callable[[Any], T]:
    """What makes a value of this kind out of an entry's bytes, numbers and flags as texts included.

    It raises ``msgspec.DecodeError`` or ``ValueError`` where they are something else: ``read_entry`` then tells what.
    """
    decoder = _decoders.get(kind)
    if decoder is None:
        _prepare(kind)
        decoder = _decoders.setdefault(kind, msgspec.json.Decoder(kind, strict=False))
    return decoder.decode


def _prepare(kind: Any) -> None:
    """Let msgspec look at a kind, and at those it is made of, once and in one thread.

    What it finds out it keeps half done where others find it, and a thread that goes by it crashes the whole process.
    """
    with _preparing:
        if kind not in _prepared:
            msgspec.json.Decoder(kind)
            _prepared.add(kind)


def _odd(message: str) -> OddEntry:
    found = _PLACE.match(message)
    text, way = found.groups() if found else (message, None)
    path = tuple(int(step[1:-1]) if step[0] == "[" else step for step in re.findall(r"\[\d+\]|[^.\[\]$]+", way or ""))
    if missing := _MISSING.match(text):
        return OddEntry((*path, missing[1]), "Missing data for required field.")
    expected = _EXPECTED.match(text)
    return OddEntry(path, text.replace("`", ""), expected[1] if expected else "")
