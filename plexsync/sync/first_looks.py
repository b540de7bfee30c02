"""Which items the scenes will be found to have that are synchronised for the first time, as far as a path tells.

Items of scenes that wait are looked at along with others, so that a look costs next to nothing in bulk work. A scene
that is new has no item yet. So Stash is asked once for the files of many that wait, and the index has the items that
hold these. It is a guess, and no more than that: what is guessed wrong is an item looked at in vain.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from plexsync.errors import PlexSyncError
from plexsync.ledger import Ledger
from plexsync.matching.paths import map_path
from plexsync.model import SceneFile

#: So many new scenes have to wait before Stash is asked: one request has to be saved at least.
WORTH_IT = 4
#: Scenes with an id beyond the first one of those that wait, whose files are asked for: as many times as wait.
SPREAD = 3
#: Seconds for which it is known which files a scene has, and for which Stash is not asked where that failed.
KNOWN_FOR, WAIT = 30.0, 30.0
#: Seconds for which it is not looked up again in the index which item has a file: each read of an item asks.
FOUND_FOR = 3.0
#: Scenes of which that is known, at most.
KEPT = 5_000


class HasFiles(Protocol):
    """What is known of a scene's files."""

    @property
    def id(self) -> int:
        """The scene's id."""

    @property
    def files(self) -> Sequence[SceneFile]:
        """Its files."""


class FirstLooks:
    """Tells the items of scenes, those of new ones as far as a path does. Safe to share between threads.

    :param ledger: the items that scenes have, and the index.
    :param files: asks Stash for the scenes with ids beyond one, at most so many, with their files.
    :param path_map: pairs of (prefix in Stash, prefix in Plex) in force.
    :param clock: seconds that only ever grow.
    """

    def __init__(
        self,
        ledger: Ledger,
        files: Callable[[int, int], Iterable[HasFiles]],
        path_map: Callable[[], Sequence[tuple[str, str]]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger = ledger
        self._files = files
        self._path_map = path_map
        self._clock = clock
        self._lock = threading.Lock()
        #: Of each scene: until when its files are known, and the path of the first one.
        self._paths: OrderedDict[int, tuple[float, str]] = OrderedDict()
        #: Of each scene whose files are known: until when its item is, and which that is, None for none.
        self._items: OrderedDict[int, tuple[float, int | None]] = OrderedDict()
        self._not_before = float("-inf")

    def items_of(self, scene_ids: Sequence[int]) -> list[int]:
        """The rating keys of the items that these scenes have, or will be found to have, in their order."""
        items = self._ledger.moves.items_of(scene_ids)
        new = [one for one in scene_ids if one not in items]
        if len(new) >= WORTH_IT and self._lock.acquire(blocking=False):
            try:
                items |= self._found(new)
            finally:
                self._lock.release()
        return [items[one] for one in scene_ids if one in items]

    def _found(self, new: Sequence[int]) -> dict[int, int]:
        now = self._clock()
        unknown = [one for one in new if self._paths.get(one, (now, ""))[0] <= now]
        if len(unknown) >= WORTH_IT and now >= self._not_before:
            self._ask(unknown)
        path_map = self._path_map()
        found = {}
        for one in new:
            if (path := self._paths.get(one, (now, ""))[1]) and (key := self._item(one, path, path_map, now)):
                found[one] = key
        return found

    def _item(self, scene_id: int, path: str, path_map: Sequence[tuple[str, str]], now: float) -> int | None:
        """The item with a scene's file, by the index as it was ``FOUND_FOR`` seconds ago at most."""
        until, key = self._items.get(scene_id, (now, None))
        if now < until:
            return key
        keys = {part.rating_key for part in self._ledger.index.by_path(map_path(path, path_map))}
        key = keys.pop() if len(keys) == 1 else None
        self._items[scene_id] = now + FOUND_FOR, key
        while len(self._items) > KEPT:
            self._items.popitem(last=False)
        return key

    def _ask(self, unknown: Sequence[int]) -> None:
        until = self._clock() + KNOWN_FOR
        for one in unknown:
            self._paths[one] = until, ""
        try:
            for scene in self._files(min(unknown) - 1, SPREAD * len(unknown)):
                if scene.files:
                    self._paths[scene.id] = until, scene.files[0].path
                    self._paths.move_to_end(scene.id)
        except PlexSyncError:
            # It is only to save requests. Whoever needs Stash finds out what is the matter.
            self._not_before = self._clock() + WAIT
        while len(self._paths) > KEPT:
            self._paths.popitem(last=False)
