"""Where the simulated Stash finds scenes quickly, as Stash does by its database's indexes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Collection
from typing import Protocol

#: The kinds of what belongs to a scene, as the library names them.
KINDS = ("studios", "performers", "tags", "groups")


class Indexed(Protocol):
    """What of a scene is looked up."""

    id: int
    updated_at: str
    studio: int | None
    performers: list[int]
    tags: list[int]
    groups: list[int]


class SceneIndex:
    """The ids of scenes in order, by the text of their time, and by what belongs to them.

    A scene is taken out before it is changed and put in again after that.
    """

    def __init__(self) -> None:
        self.ids: list[int] = []
        self._stamps: list[tuple[str, int]] = []
        self._having: defaultdict[tuple[str, int], set[int]] = defaultdict(set)

    def put(self, scene: Indexed) -> None:
        """Enter a scene."""
        insort(self.ids, scene.id)
        insort(self._stamps, (scene.updated_at, scene.id))
        for key in _belongings(scene):
            self._having[key].add(scene.id)

    def take(self, scene: Indexed) -> None:
        """Take a scene out; it has to be as it was put in."""
        del self.ids[bisect_left(self.ids, scene.id)]
        del self._stamps[bisect_left(self._stamps, (scene.updated_at, scene.id))]
        for key in _belongings(scene):
            self._having[key].discard(scene.id)

    def between(self, low: int, high: float) -> list[int]:
        """The ids from ``low`` to ``high``, both included, ascending."""
        return self.ids[bisect_left(self.ids, low) : bisect_right(self.ids, high)]

    def stamped_after(self, moment: str) -> set[int]:
        """The ids of scenes whose time is greater, as a text."""
        return {scene_id for _, scene_id in self._stamps[bisect_right(self._stamps, (moment, 2**63)) :]}

    def having(self, kind: str, row_ids: Collection[int]) -> set[int]:
        """The ids of scenes that have one of the ``performers``, ``studios``, ``tags`` or ``groups``."""
        return set().union(*(self._having.get((kind, row_id), ()) for row_id in row_ids))


def _belongings(scene: Indexed) -> list[tuple[str, int]]:
    studio = [] if scene.studio is None else [scene.studio]
    lists = (studio, scene.performers, scene.tags, scene.groups)
    return [(kind, row_id) for kind, row_ids in zip(KINDS, lists, strict=True) for row_id in row_ids]
