"""A library index in memory, and scenes and parts in a few words."""

from __future__ import annotations

from collections.abc import Sequence

from plexsync.matching.lookup import PlacedFile, WrittenNames
from plexsync.matching.paths import folded, path_key, stem, stem_key
from plexsync.matching.titles import words
from plexsync.model import IndexedPart, Performer, Scene, SceneFile

#: A size in bytes that no program would round to.
SIZE = 1_234_567_891
#: A duration in seconds.
LONG = 1500.02


class MemoryIndex:
    """Looks up in a list, in its order, and counts the searches by words. It passes for a part of a large library."""

    LARGE = 100_000

    def __init__(self, *parts: IndexedPart) -> None:
        self.parts = parts
        self.searches = 0
        self.told: dict[int, WrittenNames] = {}

    def by_path(self, path: str) -> list[IndexedPart]:
        return [part for part in self.parts if part.path == path]

    def by_folded_path(self, path: str) -> list[IndexedPart]:
        return [part for part in self.parts if folded(part.file) == path]

    def placed(self, path: str) -> list[PlacedFile]:
        return [
            PlacedFile(one.rating_key, one.section_id, one.title, one.file, one.size, one.duration_ms)
            for one in self.by_folded_path(path)
        ]

    def by_stem(self, stem: str) -> list[IndexedPart]:
        return [part for part in self.parts if stem_key(part.file) == stem]

    def by_size(self, size: int) -> list[IndexedPart]:
        return [part for part in self.parts if part.size == size]

    def by_words(self, words: Sequence[str], most: int) -> list[IndexedPart]:
        self.searches += 1
        return [part for part in self.parts if not set(words).isdisjoint(_held(part))]

    def by_duration(self, milliseconds: int, within: int) -> list[IndexedPart]:
        return [part for part in self.parts if abs((part.duration_ms or -within) - milliseconds) <= within]

    def by_date(self, date: str) -> list[IndexedPart]:
        return [part for part in self.parts if part.date == date]

    def lengths_near(self, milliseconds: int, within: int) -> int:
        return 0

    def in_folder(self, folder: str) -> list[tuple[int | None, int]]:
        return [
            (part.duration_ms, part.rating_key) for part in self.parts if folded(part.path).startswith(f"{folder}/")
        ]

    def holding(self, words: Sequence[str]) -> int:
        """Words are common; codes, a word and a number, are counted, and ids: many of both, or a long number."""
        is_id = len(words) > 5 and any(map(str.isdigit, words))
        digits = len(words[-1]) if words and words[-1].isdigit() else 0
        is_code = (digits and len(words) == 2) or (digits >= 3 and len(words) <= 3)
        if is_id or digits >= 8 or is_code:
            return len({part.rating_key for part in self.parts if set(words) <= set(_held(part))})
        return self.LARGE

    def size(self) -> int:
        return self.LARGE

    def by_stash_scene(self, scene_id: int) -> list[IndexedPart]:
        return [part for part in self.parts if part.stash_scene == scene_id]

    def by_external_id(self, ids: Sequence[str]) -> list[IndexedPart]:
        return [part for part in self.parts if part.external_id and part.external_id in ids]

    def written(self, rating_keys: Sequence[int]) -> dict[int, WrittenNames]:
        return {key: self.told[key] for key in rating_keys if key in self.told}

    def of_item(self, rating_key: int) -> list[IndexedPart]:
        return [part for part in self.parts if part.rating_key == rating_key]


def _held(part: IndexedPart) -> list[str]:
    return words(part.title) + words(stem(part.file))


def part(
    rating_key: int,
    file: str,
    size: int | None = SIZE,
    seconds: float | None = LONG,
    *,
    title: str = "",
    section: int = 1,
    studio: str = "",
    date: str = "",
    made_from: int | None = None,
) -> IndexedPart:
    """A file of an item."""
    duration = None if seconds is None else round(seconds * 1000)
    year = int(date[:4]) if date else None
    return IndexedPart(rating_key, section, title, file, path_key(file), size, duration, studio, date, year, made_from)


def file(path: str, size: int | None = SIZE, seconds: float | None = LONG) -> SceneFile:
    """A file of a scene."""
    return SceneFile(path, size, seconds)


def scene(
    *files: SceneFile,
    title: str = "",
    date: str = "",
    studio: str = "",
    performers: tuple[str, ...] = (),
    urls: tuple[str, ...] = (),
) -> Scene:
    """A scene."""
    cast = tuple(Performer(number, name) for number, name in enumerate(performers))
    return Scene(1, title, date=date, studio=studio, performers=cast, urls=urls, files=files)
