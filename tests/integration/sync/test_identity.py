"""A rating key is an address: what it leads to is another file after Plex's database was restored or made anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.ledger import State
from plexsync.reconcile import Runs
from plexsync.reconcile.reconciler import Reconciler
from tests.support.leaving_bench import OTHER_COVER, LeavingBench, leaving_bench
from tests.support.pair import Pair
from tests.support.reconcile_bench import Asked


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[LeavingBench]:
    with leaving_bench(tmp_path) as bench:
        yield bench


@pytest.mark.parametrize("count", [2, 3, 5])
def test_an_edit_finds_the_file_again_when_keys_went_in_a_circle(bench: LeavingBench, count: int) -> None:
    pair = Pair(bench, count)
    pair.turn()
    bench.stash.edit(bench.scene, title="After")
    assert bench.try_sync(bench.scene) == "synced"
    bench.settle()
    assert pair.wrong() == []
    # Nothing was ever written to an item that holds another file.
    assert {int(keys) for keys in bench.writes()} <= {pair.items[bench.scene]}


def test_a_batch_finds_the_files_again(bench: LeavingBench) -> None:
    pair = Pair(bench, 4)
    tag = bench.stash.add_tag("Shared")
    for scene in pair.items:
        bench.stash.edit(scene, tags=[tag])
        assert bench.sync(scene) == "synced"
    pair.turn()
    bench.plex.forget()
    bench.stash.rename("tags", tag, "Renamed")
    tally = bench.app.together.sync(list(pair.items))
    assert bench.writes() == []
    assert tally.alone == tuple(pair.items)
    for scene in tally.alone:
        bench.try_sync(scene)
    bench.settle()
    assert pair.wrong() == []


def test_a_batch_writes_to_those_that_are_where_they_were(bench: LeavingBench) -> None:
    pair = Pair(bench, 5)
    tag = bench.stash.add_tag("Shared")
    for scene in pair.items:
        bench.stash.edit(scene, tags=[tag])
        assert bench.sync(scene) == "synced"
    first, second, *rest = pair.items
    pair.rekey({pair.items[first]: pair.items[second], pair.items[second]: pair.items[first]})
    bench.stash.rename("tags", tag, "Renamed")
    tally = bench.app.together.sync(list(pair.items))
    assert (tally.written, tally.alone) == (tuple(rest), (first, second))


def test_a_picture_is_not_sent_to_an_item_that_holds_another_file(bench: LeavingBench) -> None:
    pair = Pair(bench)
    pair.turn()
    bench.stash.edit(bench.scene, cover=OTHER_COVER)
    bench.try_sync(bench.scene)
    bench.settle()
    assert pair.wrong() == []


def test_nothing_is_written_while_the_file_is_nowhere(bench: LeavingBench) -> None:
    pair = Pair(bench)
    first, second = pair.items
    key = pair.items[first]
    bench.plex.remove_item(key)
    bench.plex.rekey_all({pair.items[second]: key})
    bench.stash.edit(first, title="After")
    assert bench.try_sync(first) == "not_found"
    assert bench.writes() == []
    assert bench.plex.item(key).title == "Number 1 title"
    bench.new_index()
    bench.settle()
    pair.items = {second: key}
    assert pair.wrong() == []


def test_what_is_written_in_the_very_moment_of_the_swap_is_put_right(
    bench: LeavingBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = Pair(bench)
    write = bench.app.plex.edit

    def swapped(*given: Any, **options: Any) -> int:
        monkeypatch.undo()
        pair.turn()
        return write(*given, **options)

    monkeypatch.setattr(bench.app.plex, "edit", swapped)
    bench.stash.edit(bench.scene, title="After", tags=[bench.stash.add_tag("One that no other has")])
    assert bench.try_sync(bench.scene) == "synced"
    bench.settle()
    assert pair.wrong() == []


def test_what_a_batch_writes_in_the_very_moment_of_the_swap_is_put_right(
    bench: LeavingBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = Pair(bench, 4)
    tag = bench.stash.add_tag("Shared")
    first, second, *_ = pair.items
    for scene in (first, second):
        bench.stash.edit(scene, tags=[tag])
        assert bench.sync(scene) == "synced"
    write = bench.app.plex.edit

    def swapped(*given: Any, **options: Any) -> int:
        monkeypatch.undo()
        pair.turn()
        return write(*given, **options)

    monkeypatch.setattr(bench.app.plex, "edit", swapped)
    bench.stash.rename("tags", tag, "Renamed")
    tally = bench.app.together.sync([first, second])
    assert tally.alone
    for scene in tally.alone:
        bench.try_sync(scene)
    bench.settle()
    assert pair.wrong() == []


@pytest.mark.parametrize("full", [True, False])
def test_comparing_everything_frees_scenes_that_wait_in_a_circle(bench: LeavingBench, full: bool) -> None:
    """As an older version left them: each has the other's item, waits for a person, and the index is up to date."""
    pair = Pair(bench, 3)
    pair.turn()
    bench.app.library.suspect()
    with bench.database.write() as db:
        before = db.execute("select scene_id, rating_key from scene").fetchall()
    bench.app.library.refresh()
    with bench.database.write() as db:
        db.executemany(
            "update scene set rating_key = ?, state = 'review', pushing = null, doubted_as = null where scene_id = ?",
            [(row["rating_key"], row["scene_id"]) for row in before],
        )
        db.execute("delete from fact where key = 'items_moved'")
    bench.take_looks()
    queue = Asked()
    run = Runs(bench.app.ledger.facts).begin(1, full=full)
    for _ in Reconciler(bench.app, queue).pages(run):
        pass
    bench.looks += [*queue.synced, *queue.looked_at]
    bench.settle()
    assert pair.wrong() == []
    assert {bench.record(scene).rating_key for scene in pair.items} == set(pair.items.values())
    assert {bench.record(scene).state for scene in pair.items} == {State.SYNCED}
