"""Items of a scene that has several: they come, go, merge, and follow their files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.model import Part
from tests.support.several_items import LENGTH, SeveralItems, second_library, several_items
from tests.support.sync_bench import SIZE


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SeveralItems]:
    with several_items(tmp_path) as bench:
        yield bench


@pytest.fixture
def synced(bench: SeveralItems) -> SeveralItems:
    bench.sync_both()
    return bench


def test_an_item_that_turns_up_later_is_found_when_plex_lists_it(synced: SeveralItems) -> None:
    copy = second_library(synced, "/copies/film 1080p.mp4")
    assert synced.take_looks() == [synced.film]
    synced.sync(synced.film)
    assert synced.wrong_ones(synced.film, synced.large, synced.small, copy) == []


def test_a_second_size_that_turns_up_later_is_found_when_plex_lists_it(synced: SeveralItems) -> None:
    scene = synced.stash.add_scene("New", "/data/new 2160p.mp4", "/data/new 1080p.mp4", size=SIZE + 5)
    first = synced.plex.add_item(synced.section, "guess", [Part("/media/new 2160p.mp4", SIZE + 5, LENGTH)])
    synced.new_index()
    assert synced.sync(scene) == "synced"
    second = synced.plex.add_item(synced.section, "guess", [Part("/media/new 1080p.mp4", SIZE + 5, LENGTH)])
    synced.new_index()
    synced.app.library.refresh()
    assert synced.take_looks() == [scene]
    synced.sync(scene)
    assert [synced.plex.item(key).title for key in (first, second)] == ["New", "New"]


def test_when_its_own_item_vanishes_the_further_one_is_its_own(synced: SeveralItems) -> None:
    synced.plex.remove_item(synced.large)
    synced.new_index()
    synced.stash.edit(synced.film, title="Other", tags=[])
    assert synced.try_sync(synced.film) == "synced"
    synced.settle()
    assert synced.wrong_ones(synced.film, synced.small) == []
    assert (synced.record(synced.film).rating_key, synced.lines()) == (synced.small, [])


def test_when_a_further_item_vanishes_the_scene_goes_on(synced: SeveralItems) -> None:
    synced.plex.remove_item(synced.small)
    synced.stash.edit(synced.film, title="Other")
    assert synced.sync(synced.film) == "synced"
    assert synced.lines() == []
    assert synced.plex.item(synced.large).title == "Other"


def test_items_that_are_merged_and_split_again_are_right_both_times(synced: SeveralItems) -> None:
    synced.plex.merge(synced.small, into=synced.large)
    synced.new_index()
    synced.app.watch.look()
    synced.stash.edit(synced.film, title="Merged")
    synced.try_sync(synced.film)
    synced.settle()
    assert synced.wrong_ones(synced.film, synced.large) == []
    assert synced.lines() == []
    (split,) = synced.plex.split(synced.large)
    synced.new_index()
    synced.app.library.refresh()
    synced.settle()
    assert synced.wrong_ones(synced.film, synced.large, split) == []


def test_lines_follow_their_files_when_all_keys_have_changed(synced: SeveralItems) -> None:
    synced.fill(synced.scene, "A")
    copy = second_library(synced)
    synced.settle()
    synced.sync()
    keys = [synced.key, copy, synced.large, synced.small]
    synced.plex.rekey_all(dict(zip(keys, [*keys[1:], keys[0]], strict=True)))
    synced.app.library.suspect()
    synced.new_index()
    synced.app.library.refresh()
    synced.settle()
    for scene, old in ((synced.scene, (synced.key, copy)), (synced.film, (synced.large, synced.small))):
        new = [[*keys[1:], keys[0]][keys.index(key)] for key in old]
        synced.stash.edit(scene, details="After")
        synced.try_sync(scene)
        synced.settle()
        assert synced.wrong_ones(scene, *new) == []
    assert len(synced.owners()) == 4


def test_a_file_that_moves_to_another_scene_takes_its_item_along(synced: SeveralItems) -> None:
    other = synced.stash.add_scene("Other", "/data/other.mp4", size=SIZE + 3)
    file = synced.file_of(synced.film, "/data/film 1080p.mp4")
    synced.stash.mutate("sceneAssignFile", scene_id=other, file_id=file)
    synced.try_sync(other)
    synced.settle()
    synced.try_sync(synced.film)
    synced.settle()
    assert synced.wrong_ones(synced.film, synced.large) == []
    assert synced.plex.item(synced.small).title == "Other"
    assert synced.owners()[synced.small] == other


def test_a_merge_brings_the_other_item_to_the_scene_that_stays(synced: SeveralItems) -> None:
    synced.fill(synced.scene, "Source")
    synced.sync()
    synced.stash.mutate("sceneMerge", source=[synced.scene], destination=synced.film)
    synced.try_sync(synced.film)
    synced.settle()
    assert synced.wrong_ones(synced.film, synced.large, synced.small, synced.key) == []


def test_of_a_destroyed_scene_all_items_stay_as_they_are_and_are_nobodys(synced: SeveralItems) -> None:
    synced.stash.mutate("sceneDestroy", id=synced.film)
    assert synced.sync(synced.film) == "gone"
    assert [synced.plex.item(key).title for key in (synced.large, synced.small)] == ["Film", "Film"]
    assert set(synced.owners()) == {synced.key}
    # Scanned anew, the same files are another scene, whose items show what there is until it has more.
    again = synced.stash.add_scene(None, "/data/film 2160p.mp4", "/data/film 1080p.mp4", size=SIZE)
    synced.sync(again)
    for key in (synced.large, synced.small):
        assert synced.plex.item(key).names("genre") == ["Film tag"]
