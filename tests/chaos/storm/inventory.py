"""The scenes of a run, and what is expected of each of them in the end."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable, Sequence

from plexsync.demo.world import PLEX_ROOT, STASH_ROOT, World
from plexsync.model import Part

#: What people enter in Plex, in fields that are none of ours: each has to stay.
Entered = dict[str, str | tuple[str, ...]]


class Inventory:
    """Which scenes there are, and what has been done to them. Safe to share between threads.

    :param world: with both servers running and empty.
    :param count: scenes to begin with, in Stash and Plex alike.
    :param never_scanned: new files that Plex will never scan: the first so many.
    """

    def __init__(self, world: World, count: int, never_scanned: int) -> None:
        self._world = world
        self._lock = threading.RLock()
        self._alive = [world.add(f"folder {n % 7}/{n:04d} [x] & y, z.mp4", guess=f"Guess {n}") for n in range(count)]
        self._started_with = count
        self._still_to_hide = never_scanned
        self._unscanned: dict[int, str] = {}
        self._owing: set[int] = set()
        self.destroyed: set[int] = set()
        #: Scenes whose file Plex never scans.
        self.never_scanned: set[int] = set()
        #: What people entered in Plex, by rating key.
        self.entered: dict[int, Entered] = {}

    @property
    def alive(self) -> list[int]:
        """The scenes that Stash has."""
        with self._lock:
            return list(self._alive)

    @property
    def expected_right(self) -> list[int]:
        """The scenes that Stash and Plex both have."""
        with self._lock:
            return [scene for scene in self._alive if scene in self._world.items]

    def some(self, chance: random.Random, count: int) -> list[int]:
        """So many different scenes that Stash has; not those that Plex never will, or their patience would not end."""
        with self._lock:
            known = [scene for scene in self._alive if scene not in self.never_scanned]
            return chance.sample(known, min(count, len(known)))

    def one_in_plex(self, chance: random.Random) -> int:
        """A scene that both have."""
        return chance.choice(self.expected_right)

    # --- what happens to them -------------------------------------------------------------------------------------

    def new_file(self, number: int) -> int:
        """A file that Stash scans now, hook included, and Plex later or never."""
        with self._lock:
            ever_scanned = self._still_to_hide <= 0
            self._still_to_hide -= 1
        # As little like the others as files of different films are: one that is never scanned has to be found nowhere.
        letters = "".join(chr(ord("a") + int(digit)) for digit in f"{number:05d}")
        name, size = f"arrived/new {letters}.mp4", 5_000_000 + 700_001 * (number + 1)
        world = self._world
        if ever_scanned:
            world.plex.add_unscanned(world.section, f"new {number}", [Part(f"{PLEX_ROOT}/{name}", size, 1_800_000)])
        scene = world.stash.scan(f"{STASH_ROOT}/{name}", size=size)
        with self._lock:
            self._alive.append(scene)
            if ever_scanned:
                self._unscanned[scene] = f"{PLEX_ROOT}/{name}"
            else:
                self.never_scanned.add(scene)
        return scene

    def plex_scans(self) -> None:
        """Plex finds the new files."""
        with self._lock:
            waiting, self._unscanned = self._unscanned, {}
        if not waiting:
            return
        world = self._world
        world.plex.scan(world.section)
        keys = {part.file: item.rating_key for item in world.plex.items(world.section) for part in item.parts}
        with self._lock:
            for scene, file in waiting.items():
                if file in keys:
                    world.items[scene] = keys[file]
                else:
                    self._unscanned[scene] = file

    def destroy(self, scene: int) -> None:
        """Note that somebody takes the scene out of Stash, before it is done."""
        with self._lock:
            self._alive.remove(scene)
            self._owing.discard(scene)
            self.destroyed.add(scene)

    def may_destroy(self) -> bool:
        """Whether there are enough left."""
        with self._lock:
            return len(self.destroyed) < max(2, self._started_with // 20)

    def rekey(self, scene: int) -> None:
        """Plex loses the scene's item and finds its file again, under another key."""
        with self._lock:
            self._world.items[scene] = self._world.plex.rekey(self._world.items[scene])

    def enter(self, scene: int, entered: Entered) -> None:
        """Somebody edits the scene's item in Plex."""
        with self._lock:
            key = self._world.items[scene]
            self._world.plex.edit_as_person(key, lock=True, **entered)
            self.entered[key] = {**self.entered.get(key, {}), **entered}

    # --- edits that Stash did not confirm ---------------------------------------------------------------------------

    def owe(self, scenes: Iterable[int]) -> None:
        """Stash went away in the middle of an edit: whoever made it will have to look, and to edit again."""
        with self._lock:
            self._owing.update(set(scenes) - self.destroyed)

    def owed(self) -> Sequence[int]:
        """The scenes that have to be edited again, taken off the list."""
        with self._lock:
            owed, self._owing = sorted(self._owing), set()
            return owed
