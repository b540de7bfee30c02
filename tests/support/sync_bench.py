"""A pair of simulated servers and the app between them, in one process, for tests of single attempts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from plexsync.app import App, build
from plexsync.demo import pictures
from plexsync.demo.plex import PlexItem, SimulatedPlex
from plexsync.demo.stash import SimulatedStash
from plexsync.model import Part
from plexsync.storage.database import DATABASE_NAME, Database
from plexsync.storage.opening import open_database
from plexsync.sync.plan import Plan
from plexsync.sync.scene_locks import SceneLocks
from settings import Settings
from tests.support.postgres_server import SUFFIX

COVER = pictures.png(10, 20, 30)
SIZE = 123_456_789


class SyncBench:
    """One file that both servers know, as scene ``scene`` and item ``key``; ``app`` is what is tested."""

    def __init__(
        self, folder: Path, plex: SimulatedPlex, stash: SimulatedStash, plex_ahead: list[float], **settings: Any
    ) -> None:
        self.plex, self.stash = plex, stash
        #: Seconds by which Plex's clock is ahead, as its only element.
        self.plex_ahead = plex_ahead
        self.settings = replace(
            Settings(
                plex_token=plex.token,
                plex_url=plex.url,
                stash_url=stash.url,
                path_map=(("/data", "/media"),),
                data_dir=folder,
                connect_timeout=1.0,
                read_timeout=1.0,
                breaker_fail_max=100,
            ),
            **settings,
        )
        self.database: Database = open_database(folder)
        #: Scenes that threads work on.
        self.scene_locks = SceneLocks()
        self.app = self._build()
        self.section = plex.add_section("Scenes", locations=["/media"])
        self.scene, self.key = self.add("a file.mp4")

    def add(self, name: str, **fields: Any) -> tuple[int, int]:
        """A file in both servers: the scene's id and the item's rating key."""
        scene = self.stash.add_scene(None, f"/data/{name}", size=SIZE, cover=COVER)
        key = self.plex.add_item(self.section, f"guess of {name}", [Part(f"/media/{name}", SIZE, 1_800_000)], **fields)
        return scene, key

    def restart(self, **settings: Any) -> None:
        """A new process on the same files, as far as the app can tell."""
        self.app.close()
        self.database.close()
        self.settings = replace(self.settings, **settings)
        self.database = open_database(self.settings.data_dir)
        self.app = self._build()

    def lose_database(self) -> None:
        """From the next start on there is nothing in it."""
        path = self.settings.data_dir / DATABASE_NAME
        path.unlink(missing_ok=True)
        # What stands for the file where there is a PostgreSQL in its place.
        path.with_name(f"{path.name}{SUFFIX}").unlink(missing_ok=True)

    def sync(self, scene: int | None = None) -> str:
        """Sync once; returns the result."""
        return str(self.app.sync.sync(scene or self.scene).result)

    def preview(self, scene: int | None = None) -> Plan:
        """What syncing would do."""
        wanted = scene or self.scene
        return self.app.sync.preview.of(self.app.stash.scenes([wanted])[wanted], time.time())

    def item(self) -> PlexItem:
        """The item as Plex holds it."""
        return self.plex.item(self.key)

    def _build(self) -> App:
        return build(self.settings, self.database, scene_locks=self.scene_locks)

    def close(self) -> None:
        """Close what is open."""
        self.app.close()
        self.database.close()


Bench = TypeVar("Bench", bound=SyncBench)


def sync_bench(
    folder: Path, *, stash_clock: Callable[[], float] = time.time, **settings: Any
) -> AbstractContextManager[SyncBench]:
    """A bench whose servers run.

    :param stash_clock: seconds since the epoch, for Stash's stamps.
    """
    return bench_of(SyncBench, folder, stash_clock=stash_clock, **settings)


@contextmanager
def bench_of(
    kind: type[Bench], folder: Path, *, stash_clock: Callable[[], float] = time.time, **settings: Any
) -> Iterator[Bench]:
    """A bench of some kind, as ``sync_bench`` makes one of the plainest."""
    ahead = [0.0]
    with SimulatedPlex(clock=lambda: time.time() + ahead[0]) as plex, SimulatedStash(clock=stash_clock) as stash:
        bench = kind(folder, plex, stash, ahead, **settings)
        try:
            yield bench
        finally:
            bench.close()
        assert plex.violations == []
