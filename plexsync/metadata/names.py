"""Names in tag lists: which are the same."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from plexsync.metadata.text import single_line
from plexsync.model import Tag

_LOWER = {ord(letter): ord(letter.lower()) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def alike(name: str) -> str:
    """What two names have in common that Plex takes for one, as far as is known: all but the case of ASCII letters."""
    return single_line(name).translate(_LOWER)


def cased(name: str) -> str:
    """What two names have in common that differ in case alone, whatever the letters: ``жанна`` and ``Жанна``."""
    return unicodedata.normalize("NFC", single_line(name).lower())


def fold(name: str) -> str:
    """What two names have in common that some program may take for one: ``Masse`` and ``Maße`` too."""
    return unicodedata.normalize("NFC", single_line(name).casefold())


def unique(tags: Iterable[Tag]) -> tuple[Tag, ...]:
    """``tags`` without those that are the same to Plex as one that came before: the first spelling stays."""
    first: dict[str, Tag] = {}
    for tag in tags:
        first.setdefault(alike(tag.name), tag)
    return tuple(first.values())
