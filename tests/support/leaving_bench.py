"""A pair of simulated servers and the app, for scenes that leave: what is to be looked at again is noted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from plexsync.app import App, QueueAccess, build
from plexsync.demo import pictures
from plexsync.demo.compare import differences
from plexsync.errors import NotFoundYet
from plexsync.ledger import Result, SceneRecord, State
from plexsync.model import Part
from tests.support.sync_bench import COVER, SIZE, SyncBench, bench_of

OTHER_COVER = pictures.png(200, 10, 10)


class LeavingBench(SyncBench):
    """A bench that notes which scenes are to be looked at again."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        self.looks: list[int] = []
        super().__init__(*args, **settings)

    def _build(self) -> App:
        return build(self.settings, self.database, QueueAccess(requeue=self.looks.extend), scene_locks=self.scene_locks)

    def take_looks(self) -> list[int]:
        """What was to be looked at again so far, each once."""
        looks = list(dict.fromkeys(self.looks))
        self.looks.clear()
        return looks

    def settle(self) -> None:
        """Look at all that is to be looked at, as the queue would."""
        for _ in range(10):
            looks = self.take_looks()
            if not looks:
                return
            for scene in looks:
                self.try_sync(scene)
        raise AssertionError(f"it never ends: {self.looks}")

    def try_sync(self, scene: int) -> str:
        """Sync once as a task would, where not finding an item is noted too."""
        try:
            return self.sync(scene)
        except NotFoundYet as error:
            self.app.ledger.scenes.set_state(scene, State.NOT_FOUND, Result.NOT_FOUND, error=str(error))
            return "not_found"

    def record(self, scene: int) -> SceneRecord:
        found = self.app.ledger.scenes.get(scene)
        assert found is not None
        return found

    def wrong(self, scene: int, key: int) -> list[str]:
        return differences(self.stash, scene, self.plex, key)

    def writes(self) -> list[str]:
        """The items written to so far, one entry per write."""
        edits = [one for one in self.plex.log if one.method == "PUT" and one.path.endswith("/all")]
        return [parse_qs(one.query)["id"][0] for one in edits]

    def file_of(self, scene: int, path: str) -> int:
        return next(file.id for file in self.stash.scene(scene).files if file.path == path)

    def new_index(self) -> None:
        """The next look into Plex is not too soon after the last one."""
        self.app.library.expire()


@contextmanager
def leaving_bench(folder: Path, **settings: Any) -> Iterator[LeavingBench]:
    """A bench whose servers run."""
    with bench_of(LeavingBench, folder, **settings) as bench:
        yield bench


def filled(bench: LeavingBench, scene: int, name: str) -> None:
    """Give a scene values in every field, all named after it."""
    stash = bench.stash
    stash.edit(
        scene,
        title=f"{name} title",
        details=f"{name} details",
        rating100=70,
        date="2020-02-02",
        director=name,
        studio=stash.add_studio(f"{name} studio"),
        performers=[stash.add_performer(f"{name} performer")],
        tags=[stash.add_tag(f"{name} tag")],
        groups=[stash.add_group(f"{name} group")],
    )


def two_files(bench: LeavingBench) -> int:
    """A scene with two files, of which Plex has the second: ``bench.key``."""
    scene = bench.stash.add_scene("A", "/data/first.mp4", size=4321, duration=60.0, cover=COVER)
    other = bench.stash.add_scene("To be merged", "/data/second.mp4", size=SIZE + 9)
    bench.stash.mutate("sceneMerge", source=[other], destination=scene)
    bench.key = bench.plex.add_item(bench.section, "second", [Part("/media/second.mp4", SIZE + 9, 1_800_000)])
    filled(bench, scene, "A")
    bench.new_index()
    return scene


def move(bench: LeavingBench, path: str, owner: int, to: int) -> None:
    bench.stash.mutate("sceneAssignFile", scene_id=to, file_id=bench.file_of(owner, path))
