"""What a person decided of a file holds for the scene that has it next, where the first one was cleaned away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.ledger import State
from plexsync.model import Part
from tests.support.leaving_bench import LeavingBench, filled, leaving_bench
from tests.support.sync_bench import COVER, SIZE

PATH = "/data/odd/tape 7.mp4"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[LeavingBench]:
    with leaving_bench(tmp_path) as bench:
        yield bench


def add_scene(bench: LeavingBench) -> int:
    return bench.stash.add_scene(None, PATH, size=77, duration=9.0, cover=COVER)


def unlike_item(bench: LeavingBench) -> int:
    """An item that nothing but a person connects with the file."""
    key = bench.plex.add_item(bench.section, "x", [Part("/media/converted/xyz.mp4", 5, 1)])
    bench.new_index()
    bench.app.library.refresh()
    return key


def pinned(bench: LeavingBench) -> tuple[int, int]:
    """A scene that a person gave an item, synced."""
    scene, key = add_scene(bench), unlike_item(bench)
    assert bench.try_sync(scene) == "not_found"
    bench.app.ledger.reviews.accept(scene, key)
    filled(bench, scene, "Old")
    assert bench.sync(scene) == "synced"
    return scene, key


@pytest.mark.parametrize("hook_first", [True, False])
def test_the_item_that_a_person_chose_is_the_new_scenes_too(bench: LeavingBench, hook_first: bool) -> None:
    old, key = pinned(bench)
    bench.stash.mutate("sceneDestroy", id=old)
    if hook_first:
        bench.sync(old)
    new = add_scene(bench)
    if not hook_first:
        # Nobody has told of the old one's end yet.
        assert bench.try_sync(new) == "not_found"
        assert bench.looks == [old]
        bench.settle()
    assert bench.sync(new) in ("synced", "unchanged")
    assert bench.record(new).rating_key == key
    assert bench.plex.item(key).title == "Old title"
    assert bench.app.ledger.reviews.settled(new).pinned == key
    assert bench.app.ledger.reviews.settled(old).pinned is None


def test_an_item_that_a_person_ruled_out_is_ruled_out_for_the_new_scene(bench: LeavingBench) -> None:
    bench.sync()
    assert bench.app.ledger.reviews.reject(bench.scene) == 1
    assert bench.try_sync(bench.scene) == "not_found"
    bench.stash.mutate("sceneDestroy", id=bench.scene)
    bench.sync()
    new = bench.stash.add_scene(None, "/data/a file.mp4", size=SIZE, cover=COVER)
    assert bench.try_sync(new) == "not_found"
    assert bench.app.ledger.reviews.settled(new).vetoed == {bench.key}
    assert bench.app.ledger.reviews.forget(new) == 1
    assert bench.sync(new) == "synced"


def test_a_scene_with_another_file_has_nothing_of_it(bench: LeavingBench) -> None:
    old, _ = pinned(bench)
    bench.stash.mutate("sceneDestroy", id=old)
    bench.sync(old)
    other = bench.stash.add_scene(None, "/data/odd/tape 8.mp4", size=78, cover=COVER)
    assert bench.try_sync(other) == "not_found"


def test_a_scene_with_an_item_of_its_own_keeps_it_when_the_file_is_merged_into_it(bench: LeavingBench) -> None:
    old, key = pinned(bench)
    bench.sync()
    bench.stash.mutate("sceneMerge", source=[old], destination=bench.scene)
    bench.sync()
    bench.settle()
    bench.sync()
    assert bench.record(old).state is State.GONE
    assert bench.record(bench.scene).rating_key == bench.key
    assert bench.app.ledger.scenes.holder(key) is None


def test_a_decision_of_an_older_version_goes_along_where_its_file_is_known(bench: LeavingBench) -> None:
    bench.sync()
    bench.app.ledger.reviews.accept(bench.scene, bench.key)
    bench.sync()
    with bench.database.write() as db:
        db.execute("delete from decided_file")
        db.execute("update scene set file = '/data/a file.mp4' where scene_id = ?", (bench.scene,))
    bench.stash.mutate("sceneDestroy", id=bench.scene)
    bench.sync()
    new = bench.stash.add_scene(None, "/data/a file.mp4", size=SIZE, cover=COVER)
    bench.sync(new)
    assert bench.app.ledger.reviews.settled(new).pinned == bench.key


def test_what_nobody_took_over_is_forgotten_after_a_year(bench: LeavingBench) -> None:
    old, _ = pinned(bench)
    bench.stash.mutate("sceneDestroy", id=old)
    bench.sync(old)
    with bench.database.write() as db:
        db.execute("update left_decision set decided_at = decided_at - 366 * 86400")
    bench.app.ledger.prune(30)
    assert bench.try_sync(add_scene(bench)) == "not_found"
