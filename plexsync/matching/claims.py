"""What two scenes that want one item say for themselves, so that it is the same whichever of them came first.

Only what PlexSync cannot have changed counts: files, what an agent knows the item by, and the scene's own addresses. A
title that was written to the item for one of them says nothing of whose it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

from plexsync.imports.late_dataclass import dataclass
from plexsync.matching.lookup import FileIndex, PlacedFile, Settled
from plexsync.matching.match import find_matches
from plexsync.model import IndexedPart, Scene


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """What speaks for an item being a scene's, in the order in which it counts; the larger one is the better.

    ``weight``: in powers of ten. ``older``: the smaller a scene's id, the larger: of two that fit as well the older one
    has the item.
    """

    is_in_place: bool
    weight: float
    older: int


def claim(
    scene: Scene, rating_key: int, path_map: Sequence[tuple[str, str]], index: FileIndex, *, is_in_place: bool
) -> Claim:
    """What speaks for an item being a scene's.

    :param path_map: pairs of (prefix in Stash, prefix in Plex).
    :param is_in_place: whether the item holds one of the scene's files at its path.
    """
    view = cast("FileIndex", _OneItem(index, rating_key))
    matches = find_matches(scene, path_map, view, Settled(known=rating_key))
    weight = matches[0].weight if matches else float("-inf")
    return Claim(is_in_place, round(weight, 2), -scene.id)


class _OneItem:
    """An index that has one item alone, without what may have been written to it."""

    def __init__(self, index: FileIndex, rating_key: int) -> None:
        self._index = index
        self._rating_key = rating_key

    def placed(self, path: str) -> list[PlacedFile]:
        """As the index's."""
        return [one for one in self._index.placed(path) if one.rating_key == self._rating_key]

    def written(self, _rating_keys: Sequence[int]) -> dict[int, Any]:
        """Nothing is left of that."""
        return {}

    # The item is the one that is known, so that its files come by its number. To search a whole library for it once
    # more was most of what a claim cost.

    def by_words(self, _words: Sequence[str], _most: int) -> list[IndexedPart]:
        """Nothing that has not been found."""
        return []

    def by_duration(self, _milliseconds: int, _within: int) -> list[IndexedPart]:
        """The same."""
        return []

    def by_date(self, _date: str) -> list[IndexedPart]:
        """The same."""
        return []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Any look-up of the index's."""
        look_up = getattr(self._index, name)

        def one_item(*given: Any, **named: Any) -> Any:
            found = look_up(*given, **named)
            if not isinstance(found, Sequence) or not all(isinstance(one, IndexedPart) for one in found):
                return found
            return [_bare(part) for part in found if part.rating_key == self._rating_key]

        return one_item


def _bare(part: IndexedPart) -> IndexedPart:
    return replace(part, title="", studio="", date="", year=None)
