"""What a client remembers of a Stash, so that it does not find out the same thing with every request."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from plexsync.errors import SceneUnreadable

#: Seconds for which a scene that could not be read is asked for apart from the others.
APART = 600.0
#: Scenes that are remembered as such.
MOST_APART = 10_000
#: Answers in a row that were late before fewer things are asked for at once.
LATE_TWICE = 2
#: Seconds after which twice as many are tried again.
TRY_MORE = 600.0


class KnownBad:
    """The scenes that could not be read of late. Safe to share between threads.

    :param clock: seconds that only ever grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._until: dict[int, tuple[float, SceneUnreadable]] = {}

    def note(self, error: SceneUnreadable) -> None:
        """Remember one."""
        with self._lock:
            if len(self._until) < MOST_APART:
                self._until[error.scene_id] = (self._clock() + APART, error)

    def forget(self, scene_id: int) -> None:
        """It can be read again, or is gone."""
        if self._until:
            with self._lock:
                self._until.pop(scene_id, None)

    def get(self, scene_id: int) -> SceneUnreadable | None:
        """Why a scene could not be read; None where it is not known as such."""
        if not self._until:
            return None
        with self._lock:
            until, error = self._until.get(scene_id, (0.0, None))
            if error is not None and until <= self._clock():
                del self._until[scene_id]
                return None
            return error

    def after(self, scene_id: int) -> int | None:
        """The first of them with a larger id; None for none."""
        if not self._until:
            return None
        with self._lock:
            now = self._clock()
            return min((one for one, (until, _) in self._until.items() if one > scene_id and until > now), default=None)


class PageSize:
    """How much to ask for at once: less after answers that did not come in time, and more again after a while.

    Safe to share between threads.

    :param clock: seconds that only ever grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._halved = 0
        self._late = 0
        self._since = 0.0

    def of(self, most: int) -> int:
        """How many of ``most`` to ask for, one at least."""
        return max(1, most >> self._halved)

    def late(self, asked_for: int) -> None:
        """An answer with so many did not come in time."""
        with self._lock:
            self._late += 1
            if self._late >= LATE_TWICE and asked_for > 1:
                self._halved, self._late, self._since = self._halved + 1, 0, self._clock()

    def in_time(self) -> None:
        """An answer came."""
        if not self._late and not self._halved:
            return
        with self._lock:
            self._late = 0
            if self._halved and self._clock() - self._since >= TRY_MORE:
                self._halved, self._since = self._halved - 1, self._clock()
