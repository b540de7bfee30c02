"""Names in tag lists: which are the same."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from plexsync.metadata.text import single_line
from plexsync.model import Tag


def fold(name: str) -> str:
    """What two spellings have in common that are one name: Plex finds tags regardless of case."""
    return unicodedata.normalize("NFC", single_line(name).casefold())


def unique(tags: Iterable[Tag]) -> tuple[Tag, ...]:
    """``tags`` without those whose name came before in whatever case: the first spelling stays."""
    first: dict[str, Tag] = {}
    for tag in tags:
        first.setdefault(fold(tag.name), tag)
    return tuple(first.values())
