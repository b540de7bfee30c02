"""Scenes that are destroyed or merged, and files that move: who has the item then, and what stands in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.ledger import Result, State
from plexsync.model import Field, Part
from tests.support.leaving_bench import OTHER_COVER, LeavingBench, filled, leaving_bench, move, two_files
from tests.support.sync_bench import COVER, SIZE

pytestmark = pytest.mark.both_readings


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[LeavingBench]:
    with leaving_bench(tmp_path) as bench:
        yield bench


# --- Destroyed --------------------------------------------------------------------------------------------------------


def test_of_a_destroyed_scene_the_item_stays_as_it_is_and_the_ledger_forgets_the_match(bench: LeavingBench) -> None:
    filled(bench, bench.scene, "Old")
    bench.sync()
    bench.app.ledger.dead_letters.put(bench.scene, "PermanentError", "x", "trace", 1)
    before = bench.item()
    bench.plex.forget()
    bench.stash.mutate("sceneDestroy", id=bench.scene)
    assert bench.sync() == "gone"
    assert bench.plex.log == []
    assert bench.item() == before
    record = bench.record(bench.scene)
    assert (record.state, record.rating_key, record.file, record.fingerprint) == (State.GONE, None, None, None)
    assert bench.app.ledger.dead_letters.count() == 0
    assert bench.app.ledger.sent_pictures.get(bench.scene, Field.POSTER) is None
    with bench.database.read() as db:
        assert db.execute("select count(*) from scene_part").fetchone()[0] == 0


def test_a_retry_of_a_destroyed_scene_writes_nothing_to_the_item_that_is_anothers(bench: LeavingBench) -> None:
    filled(bench, bench.scene, "Old")
    bench.sync()
    bench.stash.mutate("sceneDestroy", id=bench.scene)
    new = bench.stash.add_scene("New", "/data/a file.mp4", size=SIZE, cover=COVER)
    assert bench.sync(new) == "synced"
    bench.plex.forget()
    assert bench.sync(bench.scene) == "gone"
    assert bench.plex.log == []
    assert bench.record(new).rating_key == bench.key


def test_what_the_new_scene_has_too_stays_without_a_write(bench: LeavingBench) -> None:
    filled(bench, bench.scene, "Same")
    bench.sync()
    old = bench.stash.scene(bench.scene)
    bench.stash.mutate("sceneDestroy", id=bench.scene)
    kept = {name: getattr(old, name) for name in ("title", "details", "rating100", "date", "director", "studio")}
    lists = {name: getattr(old, name) for name in ("performers", "tags", "groups")}
    new = bench.stash.add_scene(None, "/data/a file.mp4", size=SIZE, cover=COVER)
    bench.stash.edit(new, **kept, **lists)
    bench.plex.forget()
    assert bench.sync(new) in ("synced", "unchanged")
    assert bench.writes() == []
    assert bench.plex.pictures(bench.key, "posters") == [COVER]
    bench.stash.edit(new, tags=[], details="")
    bench.sync(new)
    assert (bench.item().names("genre"), bench.item().text("summary")) == ([], "")


def test_through_several_scenes_what_any_of_them_told_is_still_known_as_ours(bench: LeavingBench) -> None:
    scene = bench.scene
    for name in ("One", "Two", "Three"):
        filled(bench, scene, name)
        bench.sync(scene)
        assert bench.wrong(scene, bench.key) == []
        bench.stash.mutate("sceneDestroy", id=scene)
        scene = bench.stash.add_scene(None, "/data/a file.mp4", size=SIZE, cover=COVER)
    bench.restart()
    bench.sync(scene)
    filled(bench, scene, "Four")
    bench.sync(scene)
    assert bench.wrong(scene, bench.key) == []


def test_a_scene_that_waited_for_the_item_of_a_destroyed_one_is_looked_at_again_and_gets_it(
    bench: LeavingBench,
) -> None:
    bench.plex.add_item(bench.section, "x", [Part("/media/deep/unique.mp4", SIZE + 7, 1_800_000)])
    first = bench.stash.add_scene("First", "/elsewhere/unique.mp4", size=SIZE + 7, cover=COVER)
    second = bench.stash.add_scene("Second", "/backup/unique.mp4", size=SIZE + 7, cover=OTHER_COVER)
    assert bench.sync(first) == "synced"
    assert bench.sync(second) == "review"
    bench.stash.mutate("sceneDestroy", id=first)
    assert bench.sync(first) == "gone"
    assert bench.take_looks() == [second]
    assert bench.sync(second) == "synced"
    key = bench.record(second).rating_key
    assert key is not None
    assert bench.wrong(second, key) == []


def test_several_destroyed_at_once_are_all_gone(bench: LeavingBench) -> None:
    scenes = [bench.scene, *(bench.add(f"{number}.mp4")[0] for number in range(3))]
    for scene in scenes:
        bench.sync(scene)
    bench.stash.mutate("scenesDestroy", ids=scenes)
    assert {bench.sync(scene) for scene in scenes} == {"gone"}
    assert bench.app.ledger.scenes.counts() == {State.GONE: 4}


# --- Merged -----------------------------------------------------------------------------------------------------------


def test_after_a_merge_the_scene_keeps_its_item_and_the_other_item_shows_it_too(bench: LeavingBench) -> None:
    source, its_item = bench.add("source.mp4")
    filled(bench, bench.scene, "Kept")
    filled(bench, source, "Merged")
    bench.sync()
    bench.sync(source)
    bench.stash.mutate("sceneMerge", source=[source], destination=bench.scene)
    bench.stash.edit(bench.scene, details="After the merge")
    bench.plex.forget()
    assert bench.sync() == "synced"
    assert bench.take_looks() == [source]
    assert bench.sync(source) == "gone"
    (line,) = bench.app.ledger.further_items.of(bench.scene)
    assert (bench.record(bench.scene).rating_key, line.rating_key) == (bench.key, its_item)
    assert set(bench.writes()) == {str(bench.key), str(its_item)}
    # Both scenes have the same cover: the picture that was sent for the one that is gone is the same.
    assert bench.wrong(bench.scene, bench.key) == []
    assert bench.wrong(bench.scene, its_item) == []
    bench.sync()
    assert bench.take_looks() == []


def test_a_scene_that_plex_did_not_have_takes_the_item_of_the_one_merged_into_it(bench: LeavingBench) -> None:
    filled(bench, bench.scene, "Merged")
    bench.sync()
    into = bench.stash.add_scene("Into", "/data/not in plex.mp4", size=99, cover=OTHER_COVER)
    assert bench.try_sync(into) == "not_found"
    bench.stash.mutate("sceneMerge", source=[bench.scene], destination=into)
    bench.new_index()
    assert bench.sync(into) == "synced"
    bench.settle()
    assert bench.record(into).rating_key == bench.key
    assert bench.record(bench.scene).state is State.GONE
    assert bench.wrong(into, bench.key) == []


def test_when_its_own_file_leaves_plex_a_merged_scene_goes_on_with_the_other_files_item(bench: LeavingBench) -> None:
    source, its_item = bench.add("source.mp4")
    filled(bench, source, "Merged")
    filled(bench, bench.scene, "Kept")
    bench.sync()
    bench.sync(source)
    bench.stash.mutate("sceneMerge", source=[source], destination=bench.scene)
    bench.plex.remove_item(bench.key)
    bench.new_index()
    bench.stash.edit(bench.scene, title="Moved on")
    assert bench.sync() == "synced"
    assert bench.record(bench.scene).rating_key == its_item
    assert bench.wrong(bench.scene, its_item) == []


# --- Files that move --------------------------------------------------------------------------------------------------


def test_a_file_that_moves_takes_its_item_along_and_the_scene_it_left_finds_itself_without(bench: LeavingBench) -> None:
    a = two_files(bench)
    bench.sync(a)
    assert bench.record(a).rating_key == bench.key
    b = bench.stash.add_scene("B without a file", cover=OTHER_COVER)
    move(bench, "/data/second.mp4", a, b)
    assert bench.sync(b) == "synced"
    assert bench.take_looks() == [a]
    assert bench.try_sync(a) == "not_found"
    assert (bench.record(a).rating_key, bench.record(b).rating_key) == (None, bench.key)
    assert bench.wrong(b, bench.key) == []


def test_a_scene_that_has_lost_its_file_writes_nothing_to_the_item_even_if_it_is_first(bench: LeavingBench) -> None:
    a = two_files(bench)
    bench.sync(a)
    b = bench.stash.add_scene("B without a file", cover=OTHER_COVER)
    move(bench, "/data/second.mp4", a, b)
    bench.stash.edit(a, title="Changed")
    before = bench.item()
    assert bench.try_sync(a) == "not_found"
    assert bench.item() == before
    assert bench.sync(b) == "synced"
    assert bench.wrong(b, bench.key) == []


def test_a_scene_with_an_item_keeps_it_when_a_file_comes_and_shows_in_that_ones_item_too(
    bench: LeavingBench,
) -> None:
    own_item = bench.key
    filled(bench, bench.scene, "B")
    bench.sync()
    a = two_files(bench)
    bench.sync(a)
    move(bench, "/data/second.mp4", a, bench.scene)
    assert bench.sync() == "synced"
    assert a in bench.take_looks()
    assert bench.try_sync(a) == "not_found"
    assert bench.record(bench.scene).rating_key == own_item
    assert bench.wrong(bench.scene, own_item) == []
    assert bench.wrong(bench.scene, bench.key) == []


def test_the_scene_that_lost_its_file_takes_the_item_of_another_file_it_has(bench: LeavingBench) -> None:
    a = two_files(bench)
    bench.sync(a)
    first = bench.plex.add_item(bench.section, "first", [Part("/media/first.mp4", 4321, 60_000)])
    b = bench.stash.add_scene("B without a file", cover=OTHER_COVER)
    move(bench, "/data/second.mp4", a, b)
    bench.new_index()
    assert bench.sync(b) == "synced"
    bench.new_index()
    bench.settle()
    assert (bench.record(a).rating_key, bench.record(b).rating_key) == (first, bench.key)
    assert (bench.wrong(a, first), bench.wrong(b, bench.key)) == ([], [])


def test_a_file_that_moves_there_and_back_ends_with_its_first_scenes_values_and_picture(bench: LeavingBench) -> None:
    a = two_files(bench)
    b = bench.stash.add_scene("B", cover=OTHER_COVER)
    filled(bench, b, "B")
    bench.sync(a)
    path = "/data/second.mp4"
    move(bench, path, a, b)
    bench.sync(b)
    bench.settle()
    # A scene's first file cannot be moved, but its scene can be merged.
    bench.stash.mutate("sceneMerge", source=[b], destination=a)
    assert bench.sync(a) == "synced"
    bench.settle()
    assert bench.record(a).rating_key == bench.key
    # Plex has its picture twice by now, or chooses the one it has: what counts is which it shows.
    assert [fault for fault in bench.wrong(a, bench.key) if not fault.startswith(("posters", "arts"))] == []
    assert bench.plex.selected_picture(bench.key, "posters") == COVER
    assert bench.plex.selected_picture(bench.key, "arts") == COVER


# --- A file that is like another --------------------------------------------------------------------------------------


def test_a_scene_whose_file_is_the_items_by_its_path_takes_it_from_one_with_a_copy(bench: LeavingBench) -> None:
    copy = bench.stash.add_scene("Copy", "/backup/unique name.mp4", size=SIZE + 7, cover=OTHER_COVER)
    key = bench.plex.add_item(bench.section, "x", [Part("/media/deep/unique name.mp4", SIZE + 7, 1_800_000)])
    filled(bench, copy, "Copy")
    assert bench.sync(copy) == "synced"
    assert bench.record(copy).rating_key == key
    original = bench.stash.add_scene("Original", "/data/deep/unique name.mp4", size=SIZE + 7, cover=COVER)
    assert bench.sync(original) == "synced"
    assert bench.take_looks() == [copy]
    assert bench.try_sync(copy) == "not_found"
    assert bench.wrong(original, key) == []
    bench.sync(original)
    assert bench.looks == []


def test_what_a_person_gave_to_the_scene_with_the_copy_stays_with_it(bench: LeavingBench) -> None:
    copy = bench.stash.add_scene("Copy", "/backup/unique name.mp4", size=SIZE + 7)
    key = bench.plex.add_item(bench.section, "x", [Part("/media/deep/unique name.mp4", SIZE + 7, 1_800_000)])
    bench.sync(copy)
    bench.app.ledger.reviews.accept(copy, key)
    bench.sync(copy)
    original = bench.stash.add_scene("Original", "/data/deep/unique name.mp4", size=SIZE + 7)
    assert bench.sync(original) == "review"
    assert bench.record(copy).rating_key == key


# --- A scene that comes back ------------------------------------------------------------------------------------------


def test_an_item_that_was_away_and_that_nobody_had_meanwhile_is_not_sent_its_pictures_again(
    bench: LeavingBench,
) -> None:
    filled(bench, bench.scene, "Same")
    bench.sync()
    bench.app.ledger.scenes.set_state(bench.scene, State.NOT_FOUND, Result.NOT_FOUND, error="away")
    bench.plex.forget()
    assert bench.sync() == "unchanged"
    assert bench.writes() == []
    assert bench.plex.pictures(bench.key, "posters") == [COVER]
