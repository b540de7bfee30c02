"""The candidates for a scene, ranked, and what to do about the best one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from plexsync.matching.paths import file_name, map_path
from plexsync.model import Scene, SceneFile

#: Confidence (0 to 100) of each kind of evidence.
#: One path names one file: nothing is surer.
SAME_PATH = 100
#: The path is right but the size is not: most often Plex has not looked again at a file that was replaced.
SAME_PATH_OTHER_SIZE = 95
#: A name and a size in bytes that only one file in Plex has: two videos agree on both by chance next to never, but a
#: copy in a second folder would.
SAME_NAME_AND_SIZE = 92


class Part(Protocol):
    """What matching looks at in a file of the index."""

    @property
    def rating_key(self) -> int: ...
    @property
    def section_id(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def size(self) -> int | None: ...


class Index(Protocol):
    """Where files are looked up."""

    def by_path(self, path: str) -> Sequence[Part]:
        """The parts at a path in comparable form."""

    def by_name_and_size(self, name: str, size: int) -> Sequence[Part]:
        """The parts with a file name and a size in bytes."""


@dataclass(frozen=True, slots=True)
class Match:
    """An item a scene may belong to, how sure that is (0 to 100), and why in words."""

    rating_key: int
    section_id: int
    confidence: int
    reasons: tuple[str, ...]
    title: str
    path: str


def find_matches(scene: Scene, path_map: Sequence[tuple[str, str]], index: Index) -> list[Match]:
    """The items that hold one of the scene's files, best first; each item once.

    :param scene: its files, the primary one first.
    :param path_map: pairs of (prefix in Stash, prefix in Plex).
    :param index: where to look files up.
    """
    best: dict[int, Match] = {}
    for file in scene.files:
        for match in _by_path(file, path_map, index) or _by_name_and_size(file, index):
            known = best.get(match.rating_key)
            if known is None or match.confidence > known.confidence:
                best[match.rating_key] = match
    # sorted() is stable: among equals the primary file's item stays in front.
    return sorted(best.values(), key=lambda match: -match.confidence)


def choose(matches: Sequence[Match], known_rating_key: int | None) -> Match | None:
    """The match to act on: the item the scene already has, as long as it is as good as any other, else the best one."""
    if not matches:
        return None
    for match in matches:
        if match.rating_key == known_rating_key and match.confidence == matches[0].confidence:
            return match
    return matches[0]


def _by_path(file: SceneFile, path_map: Sequence[tuple[str, str]], index: Index) -> list[Match]:
    matches = []
    for part in index.by_path(map_path(file.path, path_map)):
        if None not in (part.size, file.size) and part.size != file.size:
            reason = f"same path, but {part.size} bytes in Plex and {file.size} in Stash"
            matches.append(_match(part, SAME_PATH_OTHER_SIZE, reason))
        else:
            matches.append(_match(part, SAME_PATH, "same path"))
    return matches


def _by_name_and_size(file: SceneFile, index: Index) -> list[Match]:
    if not file.size:
        return []
    name = file_name(file.path)
    parts = index.by_name_and_size(name, file.size)
    if len({part.rating_key for part in parts}) != 1:
        return []
    return [_match(parts[0], SAME_NAME_AND_SIZE, f"only file in Plex named {name!r} with {file.size} bytes")]


def _match(part: Part, confidence: int, reason: str) -> Match:
    return Match(part.rating_key, part.section_id, confidence, (reason,), part.title, part.file)
