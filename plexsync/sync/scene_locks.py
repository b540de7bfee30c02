"""Which scenes are being worked on in this process, so that no two threads write one scene's item at once."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class SceneLocks:
    """Scenes that threads hold; safe to share."""

    def __init__(self) -> None:
        self._held: set[int] = set()
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, *scene_ids: int) -> Iterator[None]:
        """Hold scenes for the block; waits while another thread holds any of them, and holds none meanwhile."""
        wanted = set(scene_ids)
        with self._changed:
            while not self._held.isdisjoint(wanted):
                self._changed.wait()
            self._held |= wanted
        try:
            yield
        finally:
            self._let_go(wanted)

    @contextmanager
    def hold_free(self, scene_ids: Iterable[int]) -> Iterator[list[int]]:
        """Hold for the block those of the scenes that nobody holds; waits for none.

        :returns: the scenes held, in their order, each once.
        """
        with self._changed:
            free = [scene_id for scene_id in dict.fromkeys(scene_ids) if scene_id not in self._held]
            self._held.update(free)
        try:
            yield free
        finally:
            self._let_go(free)

    def _let_go(self, scene_ids: Iterable[int]) -> None:
        with self._changed:
            self._held.difference_update(scene_ids)
            self._changed.notify_all()
