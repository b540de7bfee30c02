"""Which scenes are looked at after a performer, studio, tag or group was edited or destroyed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.ledger import Result, State
from plexsync.sync.batches import BATCH
from plexsync.sync.related import Named
from tests.support.shelf import KINDS, Shelf
from tests.support.sync_bench import sync_bench


def alone(found: list[Named]) -> list[int]:
    return sorted(scene for named in found for scene in named.alone)


def batches(found: list[Named]) -> list[list[int]]:
    return sorted(list(batch) for named in found for batch in named.batches)


def counts(found: list[Named]) -> tuple[int, int]:
    return sum(named.looked_at for named in found), sum(named.differ for named in found)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with sync_bench(tmp_path) as bench:
        yield Shelf(bench, 5)


@pytest.mark.parametrize("kind", KINDS)
def test_the_scenes_of_what_was_renamed_are_one_batch(shelf: Shelf, kind: str) -> None:
    shelf.rename(kind)
    found = shelf.named(kind)
    assert (alone(found), batches(found), counts(found)) == ([], [shelf.scenes], (5, 5))


@pytest.mark.parametrize("kind", KINDS)
def test_the_scenes_of_what_was_destroyed_are_known_from_the_ledger(shelf: Shelf, kind: str) -> None:
    shelf.destroy(kind)
    found = shelf.named(kind)
    assert (alone(found), batches(found), counts(found)) == ([], [shelf.scenes], (5, 5))


@pytest.mark.parametrize("kind", KINDS)
def test_what_changes_nothing_in_plex_names_no_scene(shelf: Shelf, kind: str) -> None:
    found = shelf.named(kind)
    assert (alone(found), batches(found), counts(found)) == ([], [], (5, 0))


def test_the_scenes_of_merged_tags_are_among_those_of_the_one_that_is_left(shelf: Shelf) -> None:
    left = shelf.bench.stash.add_tag("Left")
    shelf.bench.stash.mutate("tagsMerge", source=[shelf.ids["tag"]], destination=left)
    found = shelf.named("tag", left)
    assert (alone(found), batches(found)) == ([], [shelf.scenes])


def test_several_are_looked_for_with_one_question_and_each_scene_is_named_once(shelf: Shelf) -> None:
    more = [shelf.bench.stash.add_tag(f"Tag {number}") for number in range(40)]
    shelf.rename("tag")
    shelf.bench.stash.forget()
    found = shelf.named("tag", shelf.ids["tag"], *more)
    assert batches(found) == [shelf.scenes]
    assert counts(found) == (5, 5)
    assert len(shelf.bench.stash.log) == 1


def test_scenes_that_need_something_else_besides_are_named_alone(shelf: Shelf) -> None:
    with shelf.bench.stash.library_lock:
        shelf.bench.stash.library.existing(shelf.scenes[1]).details = "Changed with no stamp"
    shelf.bench.stash.library.clock = lambda: 2_000_000_000.0
    shelf.bench.stash.edit(shelf.scenes[2], rating100=50)
    shelf.rename("studio")
    found = shelf.named("studio")
    assert alone(found) == shelf.scenes[1:3]
    assert batches(found) == [[shelf.scenes[0], *shelf.scenes[3:]]]


@pytest.mark.parametrize("state", list(State))
def test_where_a_scene_stands_decides_whether_it_is_named(shelf: Shelf, state: State) -> None:
    scene = shelf.scenes[0]
    shelf.bench.app.ledger.scenes.set_state(scene, state, Result.RETRY)
    shelf.rename("studio")
    found = shelf.named("studio")
    waits = state in (State.NOT_FOUND, State.REVIEW)
    assert scene in [*alone(found), *(one for batch in batches(found) for one in batch)] or waits
    assert (scene in alone(found)) == (state not in (State.SYNCED, State.NOT_FOUND, State.REVIEW))


@pytest.mark.parametrize("state", [State.PENDING, State.FAILED])
def test_what_has_failed_gets_a_new_chance_though_its_item_may_be_right(shelf: Shelf, state: State) -> None:
    shelf.bench.app.ledger.scenes.set_state(shelf.scenes[0], state, Result.RETRY)
    assert alone(shelf.named("studio")) == shelf.scenes[:1]


def test_a_scene_that_was_never_synced_is_named(shelf: Shelf) -> None:
    new, _ = shelf.bench.add("new.mp4")
    shelf.bench.stash.edit(new, tags=[shelf.ids["tag"]])
    found = shelf.named("tag")
    assert (alone(found), batches(found)) == ([new], [])


def test_a_scene_in_doubt_is_named(shelf: Shelf) -> None:
    shelf.bench.app.ledger.scenes.doubt(shelf.scenes[0])
    shelf.bench.app.ledger.scenes.doubt(shelf.scenes[1])
    assert batches(shelf.named("studio")) == [shelf.scenes[:2]]


def test_a_scene_that_left_stash_is_named_for_the_ledger_to_know(shelf: Shelf) -> None:
    shelf.bench.stash.mutate("sceneDestroy", id=shelf.scenes[0])
    found = shelf.named("studio")
    assert (alone(found), batches(found)) == (shelf.scenes[:1], [])
    assert shelf.bench.sync(shelf.scenes[0]) == "gone"
    assert alone(shelf.named("studio")) == []


def test_scenes_that_are_not_organized_are_passed_over_where_only_such_are_wanted(shelf: Shelf) -> None:
    shelf.bench.restart(only_organized=True)
    shelf.rename("studio")
    assert (alone(shelf.named("studio")), batches(shelf.named("studio"))) == ([], [])


def test_a_scene_worked_on_at_this_moment_is_named_whatever_the_ledger_says(shelf: Shelf) -> None:
    # It may have been read with the name before the last one.
    busy = (shelf.scenes[3], shelf.scenes[4])
    found = shelf.named("studio", at_work=busy)
    assert (batches(found), counts(found)) == ([list(busy)], (5, 0))


def test_a_scene_that_is_about_to_be_written_with_what_is_destroyed_is_named(shelf: Shelf) -> None:
    # It was read with the tag, which no longer is there, and nothing of that is in the ledger yet.
    tag = shelf.bench.stash.add_tag("Short-lived")
    shelf.bench.stash.mutate("tagDestroy", id=tag)
    assert alone(shelf.named("tag", tag, at_work=(shelf.scenes[0],))) == shelf.scenes[:1]


def test_a_namesake_in_the_place_of_another_is_known_to_the_ledger_afterwards(shelf: Shelf) -> None:
    other = shelf.bench.stash.add_performer("Another")
    shelf.bench.stash.mutate("performerMerge", source=[shelf.ids["performer"]], destination=other)
    shelf.bench.stash.rename("performers", other, "Ann")
    (batch,) = batches(shelf.named("performer", other))
    tally = shelf.bench.app.together.sync(batch)
    assert len(tally.same) == 5
    shelf.bench.stash.mutate("performerDestroy", id=other)
    assert batches(shelf.named("performer", other)) == [shelf.scenes]


def test_batches_are_filled_from_page_to_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plexsync.sync.related.PAGE", 3)
    monkeypatch.setattr("plexsync.sync.batches.BATCH", 4)
    assert BATCH == 100
    with sync_bench(tmp_path) as bench:
        shelf = Shelf(bench, 10)
        shelf.rename("tag")
        assert [len(batch) for batch in batches(shelf.named("tag"))] == [4, 4, 2]
        shelf.destroy("group")
        found = shelf.named("group")
        assert [len(batch) for batch in batches(found)] == [4, 4, 2]
        assert counts(found) == (10, 10)
