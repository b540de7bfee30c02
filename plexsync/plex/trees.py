"""The hashes that Plex shows of an item's files, in the tree of it: ``openSubtitleHash``, which no listing has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from plexsync.imports.late_dataclass import dataclass
from plexsync.matching.content_hash import read_hash
from plexsync.plex.entries import storable

#: Levels of a tree that are looked through: a film has one, an episode is on the third.
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class PartHash:
    """A file with its hash, ``""`` for none. ``file`` as Plex sees it, ``""`` where it does not say."""

    file: str
    oshash: str


def part_hashes(container: Mapping[str, Any]) -> dict[int, tuple[PartHash, ...]]:
    """The files of each item of a tree, by rating key. What is no such thing is left out."""
    return dict(_items(container, _DEEPEST))


def _items(node: Mapping[str, Any], depth: int) -> Iterator[tuple[int, tuple[PartHash, ...]]]:
    for item in _rows(node, "MetadataItem"):
        key = _key(item.get("id"))
        if key is not None:
            yield (
                key,
                tuple(
                    PartHash(_path(part.get("file")), read_hash(part.get("openSubtitleHash")))
                    for media in _rows(item, "MediaItem")
                    for part in _rows(media, "MediaPart")
                ),
            )
        if depth > 1:
            yield from _items(item, depth - 1)


def _rows(node: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = node.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _key(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _path(value: object) -> str:
    return storable(value) if isinstance(value, str) else ""
