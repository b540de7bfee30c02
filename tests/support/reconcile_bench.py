"""What tests of comparing everything start from: some scenes in sync, and a queue that keeps what is put in it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from plexsync.ledger import SceneRecord
from plexsync.reconcile import Phase, ReconcileFinding, ReconcileRun, Runs
from plexsync.reconcile.reconciler import Reconciler
from tests.support.sync_bench import SyncBench, sync_bench

_ids = itertools.count(1)


class Asked:
    """A queue. ``there`` are scenes that are in it already."""

    def __init__(self) -> None:
        self.there: set[int] = set()
        self.synced: list[int] = []
        self.looked_at: list[int] = []

    def absent(self, scene_ids: Sequence[int]) -> list[int]:
        return [scene_id for scene_id in scene_ids if scene_id not in self.there]

    def sync(self, scene_ids: Sequence[int]) -> None:
        self.synced += scene_ids

    together = sync

    def look(self, scene_ids: Sequence[int]) -> None:
        self.looked_at += scene_ids


class ReconcileBench:
    """``scenes`` are in sync, each with its item in ``keys``."""

    def __init__(self, bench: SyncBench, count: int) -> None:
        self.bench = bench
        self.queue = Asked()
        pairs = [(bench.scene, bench.key), *(bench.add(f"file {number}.mp4") for number in range(1, count))]
        self.scenes = [scene for scene, _ in pairs]
        self.keys = [key for _, key in pairs]
        self.studio = bench.stash.add_studio("Sunset")
        self.tag = bench.stash.add_tag("Summer")
        for number, scene in enumerate(self.scenes):
            bench.stash.edit(
                scene, title=f"Title {number}", studio=self.studio, tags=[self.tag], rating100=80, date="2020-01-02"
            )
            assert bench.sync(scene) == "synced"

    @property
    def stash(self) -> Any:
        return self.bench.stash

    @property
    def plex(self) -> Any:
        return self.bench.plex

    def run(
        self, *, full: bool = False, dry_run: bool = False, pause: Callable[[], bool] = lambda: False
    ) -> ReconcileRun:
        """Compare everything, or up to a pause; what is asked for is in ``queue``, what was found in ``found``."""
        self.queue.synced, self.queue.looked_at = [], []
        self.found: list[ReconcileFinding] = []
        app = self.bench.app
        number = next(_ids)
        run = ReconcileRun(number, full, 0.0) if dry_run else Runs(app.ledger.facts).begin(number, full=full)
        reconciler = Reconciler(app, self.queue, dry_run=dry_run, on_finding=self.found.append, pause=pause)
        for further in reconciler.pages(run):
            run = further
        return run

    def counts(self, **how: Any) -> dict[str, int]:
        """What differs, by kind."""
        run = self.run(**how)
        assert run.phase is Phase.DONE
        return dict(run.counts)

    def sync_all(self) -> list[str]:
        """Do what was asked for."""
        return [self.bench.sync(scene) for scene in (*self.queue.synced, *self.queue.looked_at)]

    def put_right(self, **how: Any) -> dict[str, int]:
        """Compare, do what is asked for, and see that nothing is left to do."""
        counts = self.counts(**how)
        self.sync_all()
        assert self.counts() == {}
        return counts

    def record(self, scene: int) -> SceneRecord:
        found = self.bench.app.ledger.scenes.get(scene)
        assert found is not None
        return found

    def reads(self) -> list[str]:
        """What Plex was asked since it last forgot: paths of requests."""
        return [request.path for request in self.plex.log]

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that is known of scenes and runs, and all that is queued; not what is known of Plex's files."""
        names = ("scene", "picture", "outcome", "dead_letter", "candidate", "scene_part", "fact")
        with self.bench.database.read() as db:
            return {
                name: [tuple(row) for row in db.execute(f"select * from {name} order by 1") if row[0] != "index_news"]
                for name in names
            }


@contextmanager
def reconcile_bench(folder: Path, count: int = 3, **settings: Any) -> Iterator[ReconcileBench]:
    """A bench with so many scenes in sync, which was compared once."""
    with sync_bench(folder, **settings) as bench:
        ready = ReconcileBench(bench, count)
        assert ready.counts() == {}
        bench.plex.forget()
        bench.stash.forget()
        yield ready
