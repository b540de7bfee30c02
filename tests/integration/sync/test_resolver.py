"""Which item a scene gets when the index, other scenes and a person have a say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.app import QueueAccess, build
from plexsync.errors import MatchUncertain, NotFoundYet
from plexsync.ledger import State
from plexsync.matching.match import find_matches
from plexsync.model import Part
from plexsync.sync import resolver
from tests.support.sync_bench import SIZE, SyncBench, sync_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path / "data") as bench:
        yield bench


def let_it_look(bench: SyncBench) -> None:
    """As if the last refresh of the index were long ago."""
    bench.app.library.expire()


def state(bench: SyncBench, scene: int) -> State:
    record = bench.app.ledger.scenes.get(scene)
    assert record is not None
    return record.state


def test_a_file_that_plex_has_not_scanned_is_not_taken_for_a_copy_of_it(bench: SyncBench) -> None:
    bench.sync()
    copy = bench.stash.add_scene("Copy", "/data/copy of a file.mp4", size=SIZE)
    let_it_look(bench)
    with pytest.raises(NotFoundYet, match=f"belongs to scene {bench.scene}"):
        bench.sync(copy)
    assert bench.item().title != "Copy"


def test_a_scene_that_waits_is_queued_when_its_file_appears(bench: SyncBench) -> None:
    asked: list[int] = []
    bench.app.close()
    bench.app = build(bench.settings, bench.database, QueueAccess(on_appeared=asked.extend))
    scene = bench.stash.add_scene("Late", "/data/late.mp4", size=SIZE + 7)
    with pytest.raises(NotFoundYet):
        bench.sync(scene)
    bench.plex.add_item(bench.section, "late", [Part("/media/late.mp4", SIZE + 7, 1_800_000)])
    let_it_look(bench)
    bench.app.library.refresh()
    assert asked == [scene]
    assert bench.sync(scene) == "synced"


def test_two_scenes_with_the_same_file_never_write_to_one_item_without_a_person(bench: SyncBench) -> None:
    bench.sync()
    twin = bench.stash.add_scene("Twin", "/data/a file.mp4", size=SIZE)
    before = bench.item()
    assert bench.sync(twin) == "review"
    assert bench.item() == before
    with pytest.raises(MatchUncertain, match=f"item {bench.key} belongs to scene {bench.scene}"):
        bench.preview(twin)
    assert bench.app.ledger.reviews.accept(twin, bench.key) == [twin, bench.scene]
    assert bench.sync(twin) == "synced"
    assert bench.item().title == "Twin"
    assert bench.sync(bench.scene) == "review"
    assert bench.item().title == "Twin"


def test_an_item_of_a_scene_that_stash_has_no_longer_is_free(bench: SyncBench) -> None:
    bench.sync()
    del bench.stash.library.scenes[bench.scene]
    again = bench.stash.add_scene("Scanned again", "/data/a file.mp4", size=SIZE)
    assert bench.sync(again) == "synced"
    assert bench.item().title == "Scanned again"
    assert state(bench, bench.scene) is State.GONE


def test_a_match_is_kept_as_long_as_the_item_holds_the_file(bench: SyncBench) -> None:
    scene = bench.stash.add_scene("Kept", "/data/moved/in Stash only.mp4", size=SIZE + 9)
    key = bench.plex.add_item(bench.section, "x", [Part("/media/elsewhere/in Stash only.mp4", SIZE + 9, 1_800_000)])
    assert bench.sync(scene) == "synced"
    # A better one, by its path, comes later: the scene stays where it is.
    bench.plex.add_item(bench.section, "y", [Part("/media/moved/in Stash only.mp4", SIZE + 9, 1_800_000)])
    let_it_look(bench)
    bench.app.library.refresh()
    bench.stash.edit(scene, title="Kept again")
    assert bench.sync(scene) == "synced"
    assert bench.plex.item(key).title == "Kept again"


def test_a_match_is_examined_again_when_the_item_no_longer_holds_the_file(bench: SyncBench) -> None:
    scene = bench.stash.add_scene("Moves", "/data/moves.mp4", size=SIZE + 9)
    old = bench.plex.add_item(bench.section, "x", [Part("/media/moves.mp4", SIZE + 9, 1_800_000)])
    assert bench.sync(scene) == "synced"
    bench.plex.remove_item(old)
    new = bench.plex.add_item(bench.section, "y", [Part("/media/moves.mp4", SIZE + 9, 1_800_000)])
    let_it_look(bench)
    bench.app.library.refresh()
    bench.stash.edit(scene, title="Moved")
    assert bench.sync(scene) == "synced"
    assert bench.plex.item(new).title == "Moved"


def test_one_file_in_two_libraries_goes_to_the_older_one_and_stays_there(bench: SyncBench) -> None:
    bench.restart(all_items=False)
    other = bench.plex.add_section("Same again", locations=["/media"])
    twin = bench.plex.add_item(other, "twin", [Part("/media/a file.mp4", SIZE, 1_800_000)])
    assert bench.sync() == "synced"
    bench.stash.edit(bench.scene, title="Once more")
    assert bench.sync() == "synced"
    assert (bench.item().title, bench.plex.item(twin).title) == ("Once more", "twin")


def test_an_item_with_several_files_is_found_by_any_of_them(bench: SyncBench) -> None:
    parts = [Part("/media/film.mp4", SIZE + 1, 1_800_000), Part("/media/film.4k.mkv", SIZE * 4, 1_800_040)]
    key = bench.plex.add_item(bench.section, "film", parts)
    scene = bench.stash.add_scene("Both", "/data/film.4k.mkv", size=SIZE * 4)
    assert bench.sync(scene) == "synced"
    assert bench.plex.item(key).title == "Both"


def test_a_scene_with_several_files_is_found_by_any_of_them(bench: SyncBench) -> None:
    scene = bench.stash.add_scene("Any", "/data/not in Plex.mp4", "/data/in Plex.mp4", size=SIZE + 3)
    key = bench.plex.add_item(bench.section, "in", [Part("/media/in Plex.mp4", SIZE + 3, 1_800_000)])
    assert bench.sync(scene) == "synced"
    assert bench.plex.item(key).title == "Any"


def test_plex_is_asked_to_scan_the_folder_of_a_missing_file_once_an_hour(bench: SyncBench) -> None:
    bench.restart(scan_missing=True)
    scenes = [bench.stash.add_scene(name, f"/data/new/{name}.mp4", size=SIZE + 5) for name in ("one", "two")]
    outside = bench.stash.add_scene("three", "/elsewhere/three.mp4", size=SIZE + 6)
    for scene in (*scenes, *scenes, outside):
        with pytest.raises(NotFoundYet):
            bench.sync(scene)
    scans = [request for request in bench.plex.log if request.path.endswith("/refresh")]
    assert [request.query for request in scans] == ["path=%2Fmedia%2Fnew"]


def test_plex_is_not_asked_to_scan_unless_the_settings_say_so(bench: SyncBench) -> None:
    scene = bench.stash.add_scene("one", "/data/new/one.mp4", size=SIZE + 5)
    with pytest.raises(NotFoundYet):
        bench.sync(scene)
    assert [request for request in bench.plex.log if request.path.endswith("/refresh")] == []


def test_what_plexsync_wrote_itself_is_no_evidence_once_a_person_takes_a_decision_back(bench: SyncBench) -> None:
    name = "A Picnic at Midsummer beside the Old Harbour Lighthouse"
    scene = bench.stash.add_scene(name, "/data/archive/IMG_2041.mov", size=734_003_217, date="1999-06-21")
    key = bench.plex.add_item(bench.section, name, [Part(f"/media/converted/{name}.mp4", None, None)])
    assert bench.sync(scene) == "review"
    (before,) = bench.app.ledger.reviews.get(scene).candidates  # type: ignore[union-attr]
    bench.app.ledger.reviews.accept(scene, key)
    assert bench.sync(scene) == "synced"
    let_it_look(bench)
    bench.app.library.refresh()
    assert bench.app.ledger.index.of_item(key)[0].date == "1999-06-21"
    bench.app.ledger.reviews.forget(scene)
    assert bench.sync(scene) == "review"
    (after,) = bench.app.ledger.reviews.get(scene).candidates  # type: ignore[union-attr]
    assert after.confidence == before.confidence


def test_what_another_thread_read_between_the_look_and_the_refresh_is_found(
    bench: SyncBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []

    def look_and_be_overtaken(*args: Any) -> Any:
        found = find_matches(*args)
        looks.append(found)
        if len(looks) == 1:
            bench.app.library.refresh()
        return found

    monkeypatch.setattr(resolver, "find_matches", look_and_be_overtaken)
    bench.app.sync.sync(bench.scene)
    assert [bool(found) for found in looks] == [False, True]
