"""Names in tag lists: which are the same, and which a text that holds several is made of."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from plexsync.metadata.text import single_line
from plexsync.model import Tag

_SEMICOLONS = re.compile("[;；؛]")
_COMMAS = re.compile("[,，、،]")
#: What follows a comma inside one person's name.
_SUFFIX = re.compile(r"(?:Jr|Sr|II|III|IV|Esq|Ph\.?D|M\.?D)\.?", re.IGNORECASE)


def fold(name: str) -> str:
    """What two spellings have in common that are one name: Plex finds tags regardless of case."""
    return unicodedata.normalize("NFC", single_line(name).casefold())


def unique(tags: Iterable[Tag]) -> tuple[Tag, ...]:
    """``tags`` without those whose name came before in whatever case: the first spelling stays."""
    first: dict[str, Tag] = {}
    for tag in tags:
        first.setdefault(fold(tag.name), tag)
    return tuple(first.values())


def directors(text: str) -> tuple[str, ...]:
    """The names in Stash's one free text for the director, in order.

    Semicolons separate names; where there is none, commas do, but for those before a suffix (``Davis, Jr.``). An
    ampersand or "and" does not: it is part of how a duo or a company is billed, and a name torn in two is worse than
    two names in one tag.
    """
    if _SEMICOLONS.search(text):
        return _stripped(_SEMICOLONS.split(text))
    names: list[str] = []
    for name in _stripped(_COMMAS.split(text)):
        if names and _SUFFIX.fullmatch(name):
            names[-1] += f", {name}"
        else:
            names.append(name)
    return tuple(names)


def _stripped(parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for part in parts if (name := single_line(part).strip(" ,")))
