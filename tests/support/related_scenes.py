"""Scenes that all have the same performer, studio, tag and group, in a world with a consumer."""

from __future__ import annotations

import sys

from plexsync.demo.world import PLEX_ROOT, PLUGIN, STASH_ROOT, World
from plexsync.model import Part
from tests.support import programs

KINDS = ("performer", "studio", "tag", "group")


class RelatedScenes:
    """Scenes without pictures that all have one performer, studio, tag and group; all of them right in Plex.

    :param world: empty; its consumer is started.
    """

    def __init__(self, world: World, count: int) -> None:
        self.world = world
        stash = world.stash
        self.ids = {
            "performer": stash.add_performer("Ann", picture=b"\x89PNG\r\n\x1a\n" + b"x" * 50),
            "studio": stash.add_studio("Blue"),
            "tag": stash.add_tag("Summer"),
            "group": stash.add_group("Series"),
        }
        self.scenes = []
        for number in range(count):
            name, size = f"file {number}.mp4", 1_000_000 + number
            scene = stash.add_scene(
                f"Title {number}",
                f"{STASH_ROOT}/{name}",
                size=size,
                performers=[self.ids["performer"]],
                studio=self.ids["studio"],
                tags=[self.ids["tag"]],
                groups=[self.ids["group"]],
            )
            part = Part(f"{PLEX_ROOT}/{name}", size, 1_800_000)
            world.items[scene] = world.plex.add_item(world.section, f"guess {number}", [part])
            self.scenes.append(scene)
        world.start_consumer()
        command = [sys.executable, "-P", "-m", "plexsync", "sync", "--all"]
        programs.run(
            command, env=world.environ | {"PYTHONPATH": str(PLUGIN)}, cwd=world.data_dir.parent, check=True, timeout=60
        )
        world.wait_until_right(self.scenes, 120)
        world.wait_until_idle(60, scheduled=False)
        world.plex.forget()

    def rename(self, kind: str, name: str) -> None:
        """As in Stash's pages; comes back when the hook has ended."""
        self.world.mutate(f"{kind}Update", f"{kind.title()}UpdateInput!", {"id": str(self.ids[kind]), "name": name})

    def destroy(self, kind: str) -> None:
        self.world.mutate(f"{kind}Destroy", f"{kind.title()}DestroyInput!", {"id": str(self.ids[kind])})

    def right(self, timeout: float = 60) -> int:
        """Wait until all of it is right; returns the writes it took since the last time."""
        self.world.wait_until_right(self.scenes, timeout)
        self.world.wait_until_idle(30, scheduled=False)
        writes = self.world.plex.counters["writes"]
        self.world.plex.forget()
        assert self.world.plex.violations == []
        return writes
