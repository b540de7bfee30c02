"""The items that a scene has besides its own: those that hold one of its files, at its path or as a copy of it.

A further item is only one that is certain, as nobody asks a person about it: a file's path says which file it is, and
so do the hash of its content or, where that is not known, its name, its size to the byte and its length together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from plexsync.matching import weights
from plexsync.matching.evidence import FilePair, pair
from plexsync.matching.judged import may_be_anothers
from plexsync.matching.lookup import Match
from plexsync.matching.paths import map_path, path_key, stem_key
from plexsync.model import IndexedPart, Scene, SceneFile


class AlikeFiles(Protocol):
    """Where files that may be a scene's are looked up."""

    def alike(self, file: SceneFile, mapped: str, but: int) -> Sequence[IndexedPart]:
        """The parts at a file's path (``mapped``), and those of its size with its name or hash; not of item ``but``."""


def find_further(
    scene: Scene, own: Match, path_map: Sequence[tuple[str, str]], index: AlikeFiles, vetoed: frozenset[int], auto: int
) -> tuple[Match, ...]:
    """The items that show the scene besides its own one, each once: by its files in their order.

    :param own: the scene's own item.
    :param path_map: pairs of (prefix in Stash, prefix in Plex).
    :param vetoed: rating keys of items that a person has ruled out.
    :param auto: confidence, 0 to 100, from which an item is written to.
    """
    found: dict[int, Match] = {}
    for file in scene.files:
        mapped = map_path(file.path, path_map)
        for part in index.alike(file, mapped, own.rating_key):
            key = part.rating_key
            match = None if key in vetoed or key in found else _match(file, part, mapped, own)
            if match is not None and match.confidence >= auto:
                found[key] = match
    return tuple(found.values())


def _match(file: SceneFile, part: IndexedPart, mapped: str, own: Match) -> Match | None:
    """The match of an item with a part that is the scene's file, None where it is not."""
    if part.path == mapped:
        one = pair(file, part, mapped, 1)
        if one.other_content or (one.replaced and (may_be_anothers(one) or _is_elsewhere(file, mapped, own))):
            return None
        sure, reasons = weights.PATH_REPLACED if one.replaced else weights.CERTAIN, ["same path"]
    elif file.oshash and part.oshash:
        if file.oshash != part.oshash:
            return None
        one, sure, reasons = pair(file, part, mapped, 1), weights.NOT_A_PATH, ["same content"]
    elif stem_key(part.path) == stem_key(mapped):
        one = pair(file, part, mapped, 1)
        if not (one.same_size and _same_length(file, part)):
            return None
        sure, reasons = weights.NOT_A_PATH, ["same file name"]
    else:
        return None
    reasons += [*_reasons(one), f"shows the scene besides item {own.rating_key}"]
    return Match(part.rating_key, part.section_id, sure, tuple(reasons), part.title, part.file, file.path)


def _is_elsewhere(file: SceneFile, mapped: str, own: Match) -> bool:
    """Whether the scene's own item holds this file, and not at its path: then what lies there is another one."""
    return own.file == file.path and path_key(own.path) != mapped


def _same_length(file: SceneFile, part: IndexedPart) -> bool:
    if not file.duration or not part.duration_ms:
        return False
    return abs(file.duration - part.duration_ms / 1000) <= weights.SAME_DURATION


def _reasons(one: FilePair) -> list[str]:
    return [said.reason for said in (one.size, one.duration) if said is not None and said.weight]
