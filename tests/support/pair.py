"""Scenes whose items change places."""

from __future__ import annotations

from plexsync.demo import pictures
from plexsync.demo.plex import PlexItem
from plexsync.model import Part
from tests.support.leaving_bench import LeavingBench, filled
from tests.support.sync_bench import SIZE


class Pair:
    """Scenes in sync, each with an item of its own."""

    def __init__(self, bench: LeavingBench, count: int = 2) -> None:
        self.bench = bench
        self.items = {bench.scene: bench.key}
        for number in range(2, count + 1):
            # No two files of one size: nothing but their paths speaks for them.
            scene = bench.stash.add_scene(None, f"/data/{number}.mp4", size=SIZE + number)
            part = Part(f"/media/{number}.mp4", SIZE + number, 1_800_000 + number)
            self.items[scene] = bench.plex.add_item(bench.section, f"guess of {number}", [part])
        bench.new_index()
        for number, scene in enumerate(self.items):
            filled(bench, scene, f"Number {number}")
            bench.stash.edit(scene, cover=pictures.png(number, 20, 30))
            assert bench.sync(scene) == "synced"
        bench.take_looks()
        bench.plex.forget()

    def turn(self) -> None:
        """Give each item the rating key of the next one: Plex's database was restored or moved."""
        keys = list(self.items.values())
        self.rekey(dict(zip(keys, [*keys[1:], keys[0]], strict=True)))

    def rekey(self, keys: dict[int, int]) -> None:
        self.bench.plex.rekey_all(keys)
        self.items = {scene: keys.get(key, key) for scene, key in self.items.items()}

    def wrong(self) -> list[str]:
        return [
            f"scene {scene}: {fault}" for scene, key in self.items.items() for fault in self.bench.wrong(scene, key)
        ]

    def item_of(self, scene: int) -> PlexItem:
        return self.bench.plex.item(self.items[scene])
