"""One scene, from Stash to Plex: what is written, what is left alone, what is noticed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plexsync.demo import pictures
from plexsync.demo.http import PlannedFault
from plexsync.demo.plex import SimulatedPlex
from plexsync.errors import LibraryMissing, NotFoundYet, PlexUnavailable, ReadBackMismatch, StashUnavailable
from plexsync.ledger import State
from plexsync.metadata import explain
from plexsync.model import Field, Part
from tests.support.plex_by_hand import PlexByHand
from tests.support.sync_bench import COVER, SIZE, SyncBench, sync_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path) as bench:
        yield bench


def edit_requests(plex: SimulatedPlex) -> int:
    return sum(request.method == "PUT" and "/all" in request.path for request in plex.log)


def test_everything_of_a_scene_reaches_plex_in_one_edit(bench: SyncBench) -> None:
    stash = bench.stash
    stash.edit(
        bench.scene,
        title="A Title",
        details="One.\nTwo.",
        date="2023-05-17",
        rating100=73,
        director="Dana",
        studio=stash.add_studio("Studio"),
        performers=[stash.add_performer("Ann"), stash.add_performer("Bea, Jr.")],
        tags=[stash.add_tag("Outdoor"), stash.add_tag("4K")],
        groups=[stash.add_group("Collection")],
    )
    assert bench.sync() == "synced"
    item = bench.item()
    assert (item.title, item.text("summary"), item.text("studio")) == ("A Title", "One.\nTwo.", "Studio")
    assert (item.text("originallyAvailableAt"), item.user_rating) == ("2023-05-17", 7.3)
    assert item.names("actor") == ["Ann", "Bea, Jr."]
    assert item.names("genre") == ["Outdoor", "4K"]
    assert item.names("director") == ["Dana"]
    assert item.names("collection") == ["Collection", "Studio"]
    assert bench.plex.pictures(bench.key, "posters") == bench.plex.pictures(bench.key, "arts") == [COVER]
    assert edit_requests(bench.plex) == 1
    assert {"title", "summary", "studio", "originallyAvailableAt", "genre", "actor"} <= item.locked


def test_nothing_is_written_or_read_in_plex_when_nothing_changed(bench: SyncBench) -> None:
    bench.stash.edit(bench.scene, title="A Title")
    bench.sync()
    bench.plex.forget()
    bench.stash.edit(bench.scene, organized=True)
    assert bench.sync() == "unchanged"
    assert bench.plex.log == []


def test_a_changed_scene_costs_one_query_one_write_and_a_read_before_and_after(bench: SyncBench) -> None:
    bench.sync()
    bench.plex.forget()
    bench.stash.forget()
    bench.stash.edit(bench.scene, title="Another")
    assert bench.sync() == "synced"
    assert [(one.method, one.path) for one in bench.plex.log] == [
        ("GET", f"/library/metadata/{bench.key}"),
        ("PUT", f"/library/sections/{bench.section}/all"),
        ("GET", f"/library/metadata/{bench.key}"),
    ]
    assert [(one.method, one.status) for one in bench.stash.log] == [("POST", 200), ("GET", 304)]


def test_an_item_that_is_right_already_is_only_locked_and_once(bench: SyncBench) -> None:
    bench.plex.edit_as_person(bench.key, title="a file", genre=["T"], lock=False)
    bench.restart(fields=frozenset({"title", "tags", "summary"}))
    bench.stash.edit(bench.scene, tags=[bench.stash.add_tag("T")])
    plan = bench.preview()
    assert [(change.field, change.after) for change in explain(plan.edit, plan.item or plan.applied)] == [
        (Field.TITLE, "locked"),
        (Field.TAGS, "locked"),
    ]
    assert bench.sync() == "synced"
    assert bench.plex.counters["writes"] == 1
    # Neither is a summary, of which Stash has none.
    assert bench.item().locked == {"title", "genre"}
    bench.plex.set_agent(bench.key, title="The agent's", genre=["The agent's"])
    bench.plex.refresh(bench.key)
    assert (bench.item().title, bench.item().names("genre")) == ("a file", ["T"])
    assert bench.sync() == "unchanged"
    assert bench.plex.counters["writes"] == 1


def test_where_fields_are_not_locked_an_item_that_is_right_already_is_not_written(bench: SyncBench) -> None:
    bench.plex.edit_as_person(bench.key, title="a file", lock=False)
    bench.restart(fields=frozenset({"title"}), lock_fields=False)
    assert bench.sync() == "unchanged"
    assert bench.plex.counters["writes"] == 0


def test_a_freshly_scanned_scene_wipes_nothing(bench: SyncBench) -> None:
    bench.plex.edit_as_person(bench.key, summary="Kept", studio="Kept", genre=["Kept"], actor=["Kept"])
    bench.plex.rate_as_person(bench.key, 8.0)
    bench.sync()
    item = bench.item()
    assert (item.title, item.text("summary"), item.text("studio")) == ("a file", "Kept", "Kept")
    assert (item.names("genre"), item.names("actor"), item.user_rating) == (["Kept"], ["Kept"], 8.0)


def test_a_title_that_a_person_gave_is_not_replaced_by_a_file_name(bench: SyncBench) -> None:
    bench.plex.edit_as_person(bench.key, title="A Name Somebody Chose")
    bench.sync()
    assert bench.item().title == "A Name Somebody Chose"
    bench.stash.edit(bench.scene, title="Stash's own")
    bench.sync()
    assert bench.item().title == "Stash's own"
    bench.stash.edit(bench.scene, title="")
    bench.sync()
    assert bench.item().title == "a file"


def test_a_value_cleared_in_stash_is_cleared_where_we_wrote_it(bench: SyncBench) -> None:
    tag = bench.stash.add_tag("Ours")
    bench.plex.edit_as_person(bench.key, genre=["Theirs"], lock=False)
    bench.stash.edit(bench.scene, title="T", details="D", date="2023-01-01", rating100=50, tags=[tag])
    bench.sync()
    bench.stash.edit(bench.scene, details="", date=None, rating100=None, tags=[])
    assert bench.sync() == "synced"
    item = bench.item()
    assert (item.text("summary"), item.text("originallyAvailableAt"), item.user_rating) == ("", "", None)
    assert item.names("genre") == ["Theirs"]


def test_an_owned_field_is_cleared_whoever_wrote_it(bench: SyncBench) -> None:
    bench.plex.edit_as_person(bench.key, summary="Theirs", genre=["Theirs"])
    bench.restart(owned_fields=frozenset({"summary", "tags"}))
    bench.sync()
    assert (bench.item().text("summary"), bench.item().names("genre")) == ("", [])


def test_only_selected_fields_are_touched(bench: SyncBench) -> None:
    bench.restart(fields=frozenset({"tags"}))
    bench.stash.edit(bench.scene, title="T", tags=[bench.stash.add_tag("A")], rating100=50)
    bench.sync()
    item = bench.item()
    assert (item.title, item.names("genre"), item.user_rating) == ("guess of a file.mp4", ["A"], None)
    assert bench.plex.counters["uploads"] == 0


def test_an_agents_refresh_keeps_what_was_written(bench: SyncBench) -> None:
    bench.stash.edit(bench.scene, title="Ours")
    bench.sync()
    bench.plex.set_agent(bench.key, title="The agent's")
    with PlexByHand(bench.plex) as plex:
        plex.put(f"/library/metadata/{bench.key}/refresh")
    assert bench.item().title == "Ours"


def test_without_locking_fields_stay_unlocked(bench: SyncBench) -> None:
    bench.restart(lock_fields=False)
    bench.stash.edit(bench.scene, title="Ours")
    bench.sync()
    assert "title" not in bench.item().locked


def test_a_picture_is_uploaded_only_when_its_bytes_changed(bench: SyncBench) -> None:
    bench.sync()
    bench.stash.edit(bench.scene, title="T")  # The picture's address changes with this, its bytes do not.
    bench.sync()
    assert bench.plex.counters["uploads"] == 2
    bench.stash.set_screenshot(bench.scene, pictures.png(99, 0, 0))
    assert bench.sync() == "synced"
    assert bench.plex.counters["uploads"] == 4
    assert bench.plex.selected_picture(bench.key, "posters") == pictures.png(99, 0, 0)


def test_a_new_installation_sends_no_picture_that_plex_has_already(bench: SyncBench) -> None:
    bench.sync()
    bench.lose_database()
    bench.restart()
    assert bench.sync() == "synced"
    assert bench.plex.pictures(bench.key, "posters") == bench.plex.pictures(bench.key, "arts") == [COVER]
    bench.plex.forget()
    assert bench.sync() == "unchanged"
    assert bench.plex.log == []


def test_a_scene_without_a_picture_gets_none(bench: SyncBench) -> None:
    scene = bench.stash.add_scene("No cover", "/data/b.mp4", size=SIZE)
    bench.plex.add_item(bench.section, "b", [Part("/media/b.mp4", SIZE, 1000)])
    assert bench.sync(scene) == "synced"
    assert bench.plex.counters["uploads"] == 0


def test_a_performers_picture_is_named_where_no_login_is_needed(bench: SyncBench) -> None:
    bench.restart(stash_public_url="http://stash.home:9999")
    performer = bench.stash.add_performer("Ann", picture=COVER)
    bench.stash.edit(bench.scene, performers=[performer, bench.stash.add_performer("No picture")])
    bench.sync()
    thumbs = {tag.name: tag.thumb for tag in bench.item().tags["actor"]}
    assert thumbs["Ann"].startswith(f"http://stash.home:9999/performer/{performer}/image")
    assert thumbs["No picture"] == ""


def test_the_key_never_reaches_plex(bench: SyncBench) -> None:
    bench.stash.require_auth("secret-key-of-stash")
    bench.restart(stash_api_key="secret-key-of-stash", stash_public_url="http://stash.home:9999")
    bench.stash.edit(bench.scene, performers=[bench.stash.add_performer("Ann", picture=COVER)])
    bench.sync()
    assert bench.item().tags["actor"][0].thumb == ""
    assert bench.plex.pictures(bench.key, "posters") == [COVER]
    assert not any("secret-key" in request.query for request in bench.plex.log)


# --- finding the item ---------------------------------------------------------------------------------------------


def test_a_file_that_plex_has_not_scanned_is_not_found_yet_and_found_later(bench: SyncBench) -> None:
    scene = bench.stash.add_scene("New", "/data/new.mp4", size=5)
    with pytest.raises(NotFoundYet, match=r"/data/new\.mp4 \(looked for /media/new\.mp4\)"):
        bench.sync(scene)
    key = bench.plex.add_item(bench.section, "new", [Part("/media/new.mp4", 5, 1000)])
    bench.app.library.expire()
    assert bench.sync(scene) == "synced"
    assert bench.plex.item(key).title == "New"


def test_many_missing_files_cost_one_look_at_the_library(bench: SyncBench) -> None:
    bench.sync()
    scenes = [bench.stash.add_scene(None, f"/data/missing {n}.mp4", size=5) for n in range(20)]
    bench.app.library.expire()
    bench.plex.forget()

    def miss(scene: int) -> bool:
        with pytest.raises(NotFoundYet):
            bench.sync(scene)
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(miss, scenes))
    assert sum(request.path == "/library/sections" for request in bench.plex.log) == 1


def test_scenes_that_wait_for_the_first_look_at_the_library_all_find_their_items(bench: SyncBench) -> None:
    scenes = [bench.scene, *(bench.add(f"file {number}.mp4")[0] for number in range(7))]
    # The first of them reads the library; slowly enough for the others to come and wait.
    bench.plex.faults.add(
        PlannedFault("slow", times=1, seconds=0.5, match=lambda request: request.path.endswith("/all"))
    )
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(bench.sync, scenes)) == {"synced"}


def test_a_file_under_another_path_is_found_by_its_unique_name_and_size(bench: SyncBench) -> None:
    scene = bench.stash.add_scene("Moved", "/elsewhere/unique name.mp4", size=SIZE + 1)
    key = bench.plex.add_item(bench.section, "x", [Part("/media/deep/unique name.mp4", SIZE + 1, None)])
    assert bench.sync(scene) == "synced"
    assert bench.plex.item(key).title == "Moved"
    record = bench.app.ledger.scenes.get(scene)
    assert record is not None
    assert record.rating_key == key
    assert record.confidence is not None
    assert 90 <= record.confidence < 100


def test_an_item_scanned_again_under_a_new_key_is_found_again(bench: SyncBench) -> None:
    bench.stash.edit(bench.scene, title="Before", tags=[bench.stash.add_tag("A")])
    bench.sync()
    bench.key = bench.plex.rekey(bench.key)
    bench.app.library.expire()
    bench.stash.edit(bench.scene, title="After")
    assert bench.sync() == "synced"
    assert (bench.item().title, bench.item().names("genre")) == ("After", ["A"])
    assert bench.plex.pictures(bench.key, "posters") == [COVER]


def test_an_item_that_left_plex_is_not_found_yet(bench: SyncBench) -> None:
    bench.sync()
    bench.plex.remove_item(bench.key)
    bench.app.library.expire()
    bench.stash.edit(bench.scene, title="Changed")
    with pytest.raises(NotFoundYet):
        bench.sync()


def test_a_match_below_the_automatic_bound_waits_for_a_person(bench: SyncBench) -> None:
    scene = bench.stash.add_scene("Moved", "/elsewhere/unique.mp4")
    bench.plex.add_item(bench.section, "x", [Part("/media/deep/unique.mp4", None, 1_800_000)])
    assert bench.sync(scene) == "review"
    record = bench.app.ledger.scenes.get(scene)
    assert record is not None
    assert record.state is State.REVIEW
    assert bench.plex.counters["writes"] == 0


def test_a_library_named_in_the_settings_has_to_exist(bench: SyncBench) -> None:
    bench.restart(plex_libraries=("Nonsense",))
    with pytest.raises(LibraryMissing, match="PLEXSYNC_PLEX_LIBRARIES.*'Nonsense'.*'Scenes'"):
        bench.sync()


def test_a_library_read_in_short_pages_is_read_whole(bench: SyncBench) -> None:
    bench.plex.behaviour.page_cap = 7
    scenes = [bench.add(f"file {number}.mp4")[0] for number in range(40)]
    assert {bench.sync(scene) for scene in scenes} == {"synced"}


def test_later_looks_read_only_what_is_new(bench: SyncBench) -> None:
    for number in range(1200):
        bench.plex.add_item(bench.section, "x", [Part(f"/media/old {number}.mp4", 5, 1000)], added_at=1000 + number)
    bench.sync()
    bench.plex_ahead[0] = 3600.0
    scene, _ = bench.add("brand new.mp4")
    bench.app.library.expire()
    bench.plex.forget()
    assert bench.sync(scene) == "synced"
    listings = [request for request in bench.plex.log if request.method == "GET" and request.path.endswith("/all")]
    # What was added, what changed (the old items: all in the second that was seen last), and the count.
    assert len(listings) == 2 + 1201 // 500 + 1
    bench.app.library.expire()
    bench.plex.forget()
    bench.app.library.refresh()
    listings = [request for request in bench.plex.log if request.method == "GET" and request.path.endswith("/all")]
    assert len(listings) == 3


def test_an_item_that_left_is_dropped_from_the_index_when_the_count_tells(bench: SyncBench) -> None:
    bench.sync()
    gone = bench.add("gone.mp4")[1]
    bench.app.library.expire()
    bench.app.library.refresh()
    assert bench.app.ledger.index.by_path("/media/gone.mp4")
    bench.plex.remove_item(gone)
    bench.app.library.expire()
    bench.app.library.refresh()
    assert bench.app.ledger.index.by_path("/media/gone.mp4") == []


# --- when something is wrong --------------------------------------------------------------------------------------


def test_a_scene_stash_no_longer_has_is_noted_as_gone(bench: SyncBench) -> None:
    assert bench.sync(99999) == "gone"
    record = bench.app.ledger.scenes.get(99999)
    assert record is not None
    assert record.state is State.GONE


def test_scenes_that_are_not_organized_are_left_alone_by_setting(bench: SyncBench) -> None:
    bench.restart(only_organized=True)
    assert bench.sync() == "skipped"
    bench.stash.edit(bench.scene, organized=True)
    assert bench.sync() == "synced"


def test_a_dry_run_writes_nothing(bench: SyncBench) -> None:
    bench.restart(dry_run=True)
    assert bench.sync() == "skipped"
    assert bench.plex.counters["writes"] + bench.plex.counters["uploads"] == 0
    bench.restart(dry_run=False)
    assert bench.sync() == "synced"


def test_a_dry_run_of_a_scene_whose_pictures_stand_tells_what_else_it_would_write(bench: SyncBench) -> None:
    bench.sync()
    writes = bench.plex.counters["writes"]
    bench.restart(dry_run=True)
    assert bench.sync() == "unchanged"
    bench.stash.edit(bench.scene, details="Something")
    outcome = bench.app.sync.sync(bench.scene)
    assert (str(outcome.result), outcome.text) == ("skipped", f"dry run: would write summary to item {bench.key}")
    assert bench.plex.counters["writes"] == writes
    bench.restart(dry_run=False)
    assert bench.sync() == "synced", "the dry run has not passed it off as written"
    assert bench.item().text("summary") == "Something"


def test_a_dry_run_of_a_scene_that_lacks_a_picture_alone_tells_of_that(bench: SyncBench) -> None:
    bench.sync()
    uploads = bench.plex.counters["uploads"]
    bench.restart(dry_run=True)
    bench.stash.edit(bench.scene, cover=pictures.png(200, 10, 10))
    outcome = bench.app.sync.sync(bench.scene)
    assert outcome.text == f"dry run: would write poster, background to item {bench.key}"
    assert bench.plex.counters["uploads"] == uploads


def test_a_preview_writes_nothing_and_names_the_fields(bench: SyncBench) -> None:
    bench.stash.edit(bench.scene, details="Something")
    plan = bench.preview()
    assert plan.fields == [Field.TITLE, Field.SUMMARY, Field.POSTER, Field.BACKGROUND]
    assert bench.plex.counters["writes"] == 0
    assert bench.app.ledger.scenes.get(bench.scene) is None


def test_a_write_plex_swallows_is_an_error_and_is_written_again(
    bench: SyncBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.sync()
    bench.stash.edit(bench.scene, title="Lost")
    monkeypatch.setattr(bench.app.plex, "edit", lambda *args, **how: 1)
    with pytest.raises(ReadBackMismatch, match="title"):
        bench.sync()
    monkeypatch.undo()
    assert bench.sync() == "synced"
    assert bench.item().title == "Lost"


def test_an_answer_lost_after_the_write_ends_right_without_another_picture(bench: SyncBench) -> None:
    bench.plex.faults.add(PlannedFault("after", times=1, match=lambda request: request.method == "POST", then="reset"))
    assert bench.sync() == "synced"
    assert bench.plex.pictures(bench.key, "posters") == bench.plex.pictures(bench.key, "arts") == [COVER]


@pytest.mark.parametrize("kind", ["html", "half_json", "truncate", "reset", "hang", "status"])
def test_a_plex_that_answers_nonsense_is_an_error_never_a_success(bench: SyncBench, kind: str) -> None:
    bench.sync()
    bench.stash.edit(bench.scene, title="New")
    bench.plex.faults.add(PlannedFault(kind, times=None, match=lambda request: request.method == "GET"))  # type: ignore[arg-type]
    with pytest.raises(PlexUnavailable):
        bench.sync()
    bench.plex.faults.clear()
    assert bench.sync() in ("synced", "unchanged")
    assert bench.item().title == "New"


def test_a_stash_that_is_away_is_an_error_that_passes(bench: SyncBench) -> None:
    bench.stash.stop()
    with pytest.raises(StashUnavailable):
        bench.sync()
    bench.stash.start()
    assert bench.sync() == "synced"


def test_scenes_synced_at_once_share_their_calls(bench: SyncBench) -> None:
    scenes = [bench.scene, *(bench.add(f"file {number}.mp4")[0] for number in range(39))]
    bench.app.library.refresh()
    bench.stash.forget()
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(bench.sync, scenes)) == {"synced"}
    queries = sum(request.method == "POST" for request in bench.stash.log)
    assert queries < len(scenes)
