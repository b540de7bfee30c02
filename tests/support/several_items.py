"""A pair of simulated servers and the app, with a scene that has two items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from plexsync.app import App, QueueAccess, build
from plexsync.demo import pictures
from plexsync.demo.compare import differences
from plexsync.ledger import SceneRecord
from plexsync.ledger.further_items import FurtherLine
from plexsync.model import Part
from tests.support.leaving_bench import LeavingBench
from tests.support.sync_bench import SIZE, bench_of

#: Milliseconds, as Plex has them, of all files.
LENGTH = 1_800_000


class SeveralItems(LeavingBench):
    """``film`` is a scene with two files; ``large`` and ``small`` are their items, 2160p and 1080p."""

    film: int
    large: int
    small: int

    def _build(self) -> App:
        return build(self.settings, self.database, QueueAccess(requeue=self._look_again), scene_locks=self.scene_locks)

    def _look_again(self, scene_ids: Sequence[int]) -> None:
        assert all(one > 0 for one in scene_ids)
        self.looks.extend(scene_ids)

    def film_in_two_sizes(self) -> None:
        """Make the scene and its items."""
        self.film = self.stash.add_scene("Film", "/data/film 2160p.mp4", "/data/film 1080p.mp4", size=SIZE)
        self.large, self.small = (
            self.plex.add_item(self.section, f"guess {height}", [Part(f"/media/film {height}.mp4", SIZE, LENGTH)])
            for height in ("2160p", "1080p")
        )
        self.fill(self.film)
        self.new_index()

    def sync_both(self) -> None:
        """Sync both scenes, and forget what that asked of Plex and Stash."""
        assert self.sync(self.film) == "synced"
        assert self.sync(self.scene) == "synced"
        self.take_looks()
        self.plex.forget()
        self.stash.forget()

    def fill(self, scene: int, title: str = "Film") -> None:
        """Give a scene all that is carried to Plex."""
        self.stash.edit(
            scene,
            title=title,
            details=f"{title} details",
            date="2020-01-02",
            rating100=80,
            tags=[self.stash.add_tag(f"{title} tag")],
            performers=[self.stash.add_performer(f"{title} performer")],
            studio=self.stash.add_studio(f"{title} studio"),
            cover=pictures.png(len(title), 20, 30),
        )

    def lines(self, scene: int | None = None) -> list[FurtherLine]:
        """The lines of the scene's further items."""
        return self.app.ledger.further_items.of(scene or self.film)

    def line_record(self, key: int) -> SceneRecord:
        """The line that has an item."""
        holder = self.app.ledger.scenes.holder(key)
        assert holder is not None
        return self.record(holder)

    def wrong_ones(self, scene: int, *keys: int) -> list[str]:
        """What of a scene some items do not show."""
        return [f"item {key}: {one}" for key in keys for one in differences(self.stash, scene, self.plex, key)]

    def owners(self) -> dict[int, int]:
        """Which line has which item: each one at most."""
        with self.database.read() as db:
            rows = db.execute("select rating_key, scene_id from scene where rating_key is not null").fetchall()
        found = {row[0]: row[1] for row in rows}
        assert len(found) == len(rows)
        return found


def second_library(bench: SeveralItems, path: str = "/media/a file.mp4", *, listed: bool = True) -> int:
    """The same file, or a copy of it, in another library."""
    other = bench.plex.add_section("Films", locations=["/media", "/copies"])
    key = bench.plex.add_item(other, "guess", [Part(path, SIZE, LENGTH)])
    if listed:
        bench.new_index()
        bench.app.library.refresh()
    return key


@contextmanager
def several_items(folder: Path, **settings: Any) -> Iterator[SeveralItems]:
    """Such a bench, with a film in two sizes that is not synced yet."""
    with bench_of(SeveralItems, folder, **settings) as bench:
        bench.film_in_two_sizes()
        yield bench
