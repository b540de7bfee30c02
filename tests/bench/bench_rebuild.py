"""Rating keys come to mean other files: how many scenes are wrong, for how long, and what it costs to put them right.

Run: ``python -m tests.bench.bench_rebuild``. Simulated servers, the real consumer, no nightly comparison, and nobody
who does anything. First the keys go in a circle and the items keep what they hold, as after a restore; then the
database is made anew under permuted keys, so that nothing that was written is there any more.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from plexsync.demo.world import World
from plexsync.ledger import Ledger, State
from plexsync.storage.database import DATABASE_NAME, Database

SETTINGS = {"PLEXSYNC_RECONCILE": "off", "PLEXSYNC_POLL_INTERVAL": "3600"}


class Rebuild:
    """Scenes in sync, and what becomes of them."""

    def __init__(self, world: World, count: int, seed: int) -> None:
        self.world = world
        self.random = random.Random(seed)
        self.database = Database(world.data_dir / DATABASE_NAME)
        stash = world.stash
        tags = [stash.add_tag(f"Tag {number}") for number in range(50)]
        people = [stash.add_performer(f"Performer {number}") for number in range(100)]
        studio = str(stash.add_studio("Studio"))
        self.scenes = [world.add(f"Scene {number}.mp4") for number in range(count)]
        for number, scene in enumerate(self.scenes):
            stash.edit(
                scene,
                title=f"Title {number}",
                details=f"Details {number}",
                rating100=number % 100 + 1,
                performers=[people[number % 100], people[(number + 7) % 100]],
                tags=[tags[number % 50], tags[(number + 11) % 50]],
            )
        world.start_consumer()
        world.edit_many(self.scenes, studio_id=studio)
        world.wait_until_right(self.scenes, 1200)
        world.wait_until_idle(1200)

    def permuted(self) -> dict[int, int]:
        """Each rating key becomes that of another item."""
        keys = list(self.world.items.values())
        self.random.shuffle(keys)
        return dict(zip(keys, [*keys[1:], keys[0]], strict=True))

    def addressed(self) -> int:
        """How many scenes the ledger leads to the item that holds their file."""
        ledger = Ledger(self.database)
        records = ledger.scenes.many(self.scenes)
        return sum(records[scene].rating_key == self.world.items[scene] for scene in self.scenes)

    def review(self) -> int:
        """How many scenes wait for a person, or were given up."""
        counts = Ledger(self.database).scenes.counts()
        return counts.get(State.REVIEW, 0) + counts.get(State.FAILED, 0)

    def measure(self, what: str, change: Callable[[dict[int, int]], None]) -> None:
        world, keys = self.world, self.permuted()
        world.plex.forget()
        world.stash.forget()
        began = time.monotonic()
        change(keys)
        world.items = {scene: keys[key] for scene, key in world.items.items()}
        wrong = sum(bool(world.wrong(scene)) for scene in self.scenes)
        lost = len(self.scenes) - self.addressed()
        noticed = world.wait(lambda: len(world.plex.log) > 2, 200, "it is noticed")
        world.wait(lambda: self.addressed() == len(self.scenes), 600, "every scene has its item")
        found = time.monotonic() - began
        world.wait_until_right(self.scenes, 3600)
        right = time.monotonic() - began
        world.wait_until_idle(3600, scheduled=False)
        idle = time.monotonic() - began
        plex = Counter(_kind(one.method, one.path) for one in world.plex.log)
        asked = ", ".join(f"{count} {kind}" for kind, count in sorted(plex.items()))
        uploads = [len(world.plex.pictures(key, "posters")) for key in world.items.values()]
        print(f"\n{what}")
        print(f"  led astray: {lost} of {len(self.scenes)} scenes; wrong in Plex: {wrong}")
        print(f"  noticed after {noticed:.1f} s (a look a minute), all led to their files after {found:.1f} s")
        print(f"  all right in Plex after {right:.1f} s, nothing left to be done after {idle:.1f} s")
        count = len(world.plex.log)
        print(f"  Plex was asked {count} times ({count / len(self.scenes):.2f} a scene): {asked}")
        print(f"  Stash was asked {len(world.stash.log)} times; posters per item: {min(uploads)} to {max(uploads)}")
        print(f"  waiting for a person or given up: {self.review()}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1000, help="how many (default 1000)")
    parser.add_argument("--seed", type=int, default=1, help="of the permutation (default 1)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, World(Path(folder), SETTINGS) as world:
        rebuild = Rebuild(world, options.items, options.seed)
        print(f"{options.items} items, 4 workers")
        rebuild.measure("restored: rating keys permuted, the items keep what they hold", world.plex.rekey_all)
        rebuild.measure("made anew: rating keys permuted, nothing that was written is there", world.plex.make_anew)
        rebuild.database.close()
        world.stop_consumer()


def _kind(method: str, path: str) -> str:
    if method == "PUT":
        return "ratings" if path.startswith("/:/") else "edits"
    if method == "POST":
        return "uploads"
    if path.endswith(("/posters", "/arts")):
        return "lists of pictures"
    if path.startswith("/library/metadata"):
        return "reads of items"
    return "reads of the library"


if __name__ == "__main__":
    main()
