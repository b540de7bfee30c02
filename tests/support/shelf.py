"""Scenes that have something in common."""

from __future__ import annotations

from typing import Any

from plexsync.sync.related import Named
from tests.support.sync_bench import SyncBench

KINDS = ("performer", "studio", "tag", "group")


class Shelf:
    """Scenes that all have one performer, studio, tag and group, in sync."""

    def __init__(self, bench: SyncBench, count: int) -> None:
        self.bench = bench
        stash = bench.stash
        self.ids = {
            "performer": stash.add_performer("Ann"),
            "studio": stash.add_studio("Blue"),
            "tag": stash.add_tag("Summer"),
            "group": stash.add_group("Series"),
        }
        self.scenes = [bench.scene, *(bench.add(f"{number}.mp4")[0] for number in range(1, count))]
        for scene in self.scenes:
            stash.edit(
                scene,
                title=f"Scene {scene}",
                performers=[self.ids["performer"]],
                studio=self.ids["studio"],
                tags=[self.ids["tag"]],
                groups=[self.ids["group"]],
            )
            assert bench.sync(scene) == "synced"

    def rename(self, kind: str, name: str = "Renamed") -> None:
        self.bench.stash.rename(f"{kind}s", self.ids[kind], name)

    def destroy(self, kind: str) -> None:
        self.bench.stash.mutate(f"{kind}Destroy", id=self.ids[kind])

    def named(self, kind: Any, *ids: int, at_work: tuple[int, ...] = ()) -> list[Named]:
        return list(self.bench.app.related.scenes(kind, ids or (self.ids[kind],), lambda: at_work))
