"""Stash's database is made anew: its ids begin at 1 again, and mean other scenes, all of them without metadata."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plexsync.app import QueueAccess, build
from plexsync.demo.stash import SimulatedStash
from plexsync.ledger import Result, State
from plexsync.model import Field, Part
from plexsync.reconcile import Runs
from plexsync.reconcile.reconciler import Reconciler
from tests.support.leaving_bench import LeavingBench, filled, leaving_bench
from tests.support.reconcile_bench import Asked
from tests.support.sync_bench import COVER, SIZE

COUNT = 6


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[LeavingBench]:
    with leaving_bench(tmp_path) as bench:
        yield bench


class Shelf:
    """Some scenes in sync, with values in every field; ``keys`` are their items by path."""

    def __init__(self, bench: LeavingBench) -> None:
        self.bench = bench
        self.keys: dict[str, int] = {}
        for number in range(COUNT):
            path = f"film {number}.mp4"
            scene = bench.stash.add_scene(None, f"/data/{path}", size=SIZE + 9 + number, cover=COVER)
            self.keys[path] = bench.plex.add_item(bench.section, "x", [Part(f"/media/{path}", SIZE + 9 + number, 9)])
            filled(bench, scene, f"Old {number}")
        bench.new_index()
        for number in range(COUNT):
            assert bench.sync(bench.scene + 1 + number) == "synced"

    def shown(self) -> dict[str, tuple[str, str, list[str], float | None]]:
        items = {path: self.bench.plex.item(key) for path, key in self.keys.items()}
        return {
            path: (item.title, item.text("summary"), item.names("genre"), item.user_rating)
            for path, item in items.items()
        }


def make_anew(bench: LeavingBench, paths: list[str], later: float = 3600.0) -> tuple[SimulatedStash, list[int]]:
    """Another Stash in place of the one there was; the scenes that it finds, in the order of the paths."""
    stash = SimulatedStash(clock=lambda: time.time() + later)
    sizes = {f"film {number}.mp4": SIZE + 9 + number for number in range(COUNT)}
    scenes = [stash.add_scene(None, f"/data/{path}", size=sizes[path], cover=COVER) for path in paths]
    return stash, scenes


def bring(bench: LeavingBench, stash: SimulatedStash) -> None:
    bench.restart(stash_url=stash.url)
    bench.stash = stash
    bench.app.close()
    bench.app = build(bench.settings, bench.database, QueueAccess(requeue=bench.looks.extend))


@pytest.mark.parametrize("seed", range(4))
def test_every_item_goes_on_showing_what_it_did_whichever_scene_has_its_file(bench: LeavingBench, seed: int) -> None:
    shelf = Shelf(bench)
    before = shelf.shown()
    paths = list(shelf.keys)
    random.Random(seed).shuffle(paths)
    stash, scenes = make_anew(bench, paths)
    with stash:
        bring(bench, stash)
        for scene in scenes:
            bench.try_sync(scene)
        bench.settle()
        assert shelf.shown() == before
        for path, scene in zip(paths, scenes, strict=True):
            assert bench.record(scene).rating_key == shelf.keys[path]
            stash.edit(scene, details=f"New {path}", title=path)
            assert bench.sync(scene) == "synced"
        assert {path: values[:2] for path, values in shelf.shown().items()} == {
            path: (path, f"New {path}") for path in paths
        }


def test_the_same_id_for_the_same_file_is_another_scene_too(bench: LeavingBench) -> None:
    filled(bench, bench.scene, "Old")
    bench.sync()
    before = bench.plex.item(bench.key)
    stash = SimulatedStash(clock=lambda: time.time() + 3600)
    assert stash.add_scene(None, "/data/a file.mp4", size=SIZE, cover=COVER) == bench.scene
    with stash:
        bring(bench, stash)
        bench.sync()
        now = bench.plex.item(bench.key)
        assert (now.title, now.names("genre"), now.user_rating) == (before.title, before.names("genre"), 7.0)
        assert bench.record(bench.scene).rating_key == bench.key


def test_what_was_waited_for_by_the_scene_of_old_is_forgotten(bench: LeavingBench) -> None:
    filled(bench, bench.scene, "Old")
    bench.sync()
    ledger = bench.app.ledger
    ledger.dead_letters.put(bench.scene, "PermanentError", "x", "trace", 1)
    ledger.scenes.set_state(bench.scene, State.FAILED, Result.FAILED, error="x")
    stash = SimulatedStash(clock=lambda: time.time() + 3600)
    stash.add_scene("Another", "/data/elsewhere.mp4", size=3)
    with stash:
        bring(bench, stash)
        assert bench.try_sync(bench.scene) == "not_found"
        ledger = bench.app.ledger
        assert ledger.dead_letters.count() == 0
        assert ledger.sent_pictures.get(bench.scene, Field.POSTER) is None
        assert bench.record(bench.scene).rating_key is None
        assert bench.plex.item(bench.key).title == "Old title"


def test_the_nightly_comparison_brings_it_about(bench: LeavingBench) -> None:
    shelf = Shelf(bench)
    before = shelf.shown()
    stash, _ = make_anew(bench, list(reversed(shelf.keys)))
    with stash:
        bring(bench, stash)
        queue = Asked()
        for _ in Reconciler(bench.app, queue).pages(Runs(bench.app.ledger.facts).begin(1, full=False)):
            pass
        for scene in queue.synced:
            bench.try_sync(scene)
        bench.settle()
        assert shelf.shown() == before
        assert (
            len({bench.record(scene).rating_key for scene in range(1, COUNT + 1)} & set(shelf.keys.values())) == COUNT
        )


def test_when_a_scene_was_made_becomes_known_of_those_that_were_synced_before_that_was_noted(
    bench: LeavingBench,
) -> None:
    filled(bench, bench.scene, "Old")
    bench.sync()
    with bench.database.write() as db:
        db.execute("update scene set created_at = null, digest = 'of an older version'")
    for _ in Reconciler(bench.app, Asked()).pages(Runs(bench.app.ledger.facts).begin(1, full=False)):
        pass
    assert bench.app.ledger.births.created_at(bench.scene) == bench.stash.scene(bench.scene).created_at


def test_another_zone_of_the_same_moment_is_no_other_scene(bench: LeavingBench) -> None:
    filled(bench, bench.scene, "Old")
    bench.sync()
    made = datetime.fromisoformat(bench.app.ledger.births.created_at(bench.scene) or "").astimezone(UTC)
    with bench.database.write() as db:
        db.execute("update scene set created_at = ?", (made.isoformat(),))
    bench.stash.edit(bench.scene, details="")
    bench.sync()
    assert bench.item().text("summary") == ""
