"""Which scenes are synchronised next, as far as can be told: their items are looked at along with others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence


class Upcoming:
    """The scenes that wait in line, and behind these those of an edit of many whose hooks are still to come.

    Stash starts the hooks of such an edit one after the other, so that few of its scenes are in line at any time.
    Safe to share between threads.

    :param in_line: the scenes that wait next in line, at most so many as it is asked for.
    :param clock: seconds that only ever grow.
    """

    def __init__(self, in_line: Callable[[int], Sequence[int]], clock: Callable[[], float] = time.monotonic) -> None:
        self._in_line = in_line
        self._clock = clock
        self._lock = threading.Lock()
        self._expected: dict[int, float] = {}

    def expect(self, scene_ids: Iterable[int], seconds: float) -> None:
        """Scenes of one edit, in the order of their hooks, which come within so many seconds if at all."""
        until = self._clock() + seconds
        with self._lock:
            self._expected.update(dict.fromkeys(scene_ids, until))

    def met(self, scene_id: int) -> None:
        """The scene's turn has come."""
        with self._lock:
            self._expected.pop(scene_id, None)

    def next(self, count: int) -> list[int]:
        """The scenes that come next, each once, at most so many."""
        now = self._clock()
        found: dict[int, None] = dict.fromkeys(self._in_line(count))
        with self._lock:
            if self._expected and max(self._expected.values()) < now:
                self._expected.clear()
            for scene_id, until in self._expected.items():
                if len(found) >= count:
                    break
                if until >= now:
                    found[scene_id] = None
        return list(found)
