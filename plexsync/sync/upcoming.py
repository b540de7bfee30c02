"""Which scenes are synchronised next, as far as can be told: their items are looked at along with others."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

#: Scenes of which it is remembered when they had their turn: more than an edit of many has at any time.
REMEMBERED = 20_000


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
        self._met: OrderedDict[int, float] = OrderedDict()

    def expect(self, scene_ids: Iterable[int], seconds: float, *, ago: float = 0.0) -> None:
        """Scenes of one edit, in the order of their hooks, which come within so many seconds if at all.

        :param ago: when the edit was (seconds ago): scenes that had their turn since are not expected any more.
        """
        now = self._clock()
        with self._lock:
            left = [one for one in scene_ids if self._met.get(one, float("-inf")) < now - ago]
            self._expected.update(dict.fromkeys(left, now + seconds))

    def met(self, scene_id: int) -> None:
        """The scene's turn has come."""
        with self._lock:
            self._expected.pop(scene_id, None)
            self._met[scene_id] = self._clock()
            self._met.move_to_end(scene_id)
            if len(self._met) > REMEMBERED:
                self._met.popitem(last=False)

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
