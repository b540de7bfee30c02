"""A scene is destroyed or cleaned away and its file scanned anew: what Plex showed stays until Stash has something."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo.http import PlannedFault
from plexsync.errors import PlexSyncError
from plexsync.ledger import Result, State
from plexsync.model import Field, Part
from plexsync.reconcile import Runs
from plexsync.reconcile.reconciler import Reconciler
from tests.support.leaving_bench import OTHER_COVER, LeavingBench, filled, leaving_bench
from tests.support.reconcile_bench import Asked
from tests.support.sync_bench import COVER, SIZE

PATH = "/data/a file.mp4"
#: What the item shows of a scene that ``filled`` gave its values, besides its title.
SHOWN = {
    "summary": "Old details",
    "studio": "Old studio",
    "originallyAvailableAt": "2020-02-02",
}
LISTS = {
    "genre": ["Old tag"],
    "actor": ["Old performer"],
    "director": ["Old"],
    "collection": ["Old group", "Old studio"],
}


pytestmark = pytest.mark.both_readings


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[LeavingBench]:
    with leaving_bench(tmp_path) as bench:
        yield bench


def rescanned(bench: LeavingBench, *, hook_first: bool = True, old: int | None = None) -> int:
    """The old scene is synced with values in every field, destroyed, and its file scanned: the new scene, unsynced."""
    old = old or bench.scene
    filled(bench, old, "Old")
    bench.sync(old)
    bench.stash.mutate("sceneDestroy", id=old)
    if hook_first:
        bench.sync(old)
    return bench.stash.add_scene(None, PATH, size=SIZE, cover=OTHER_COVER)


def shown(bench: LeavingBench) -> dict[str, Any]:
    item = bench.item()
    return {
        "title": item.title,
        "rating": item.user_rating,
        **{name: item.text(name) for name in SHOWN},
        **{name: sorted(item.names(name)) for name in LISTS},
    }


ALL = {"title": "Old title", "rating": 7.0, **SHOWN, **LISTS}


@pytest.mark.parametrize("hook_first", [True, False])
def test_what_the_item_shows_stays_while_the_new_scene_has_nothing(bench: LeavingBench, hook_first: bool) -> None:
    new = rescanned(bench, hook_first=hook_first)
    bench.sync(new)
    assert shown(bench) == ALL
    assert bench.plex.selected_picture(bench.key, "posters") == OTHER_COVER
    assert (bench.record(bench.scene).state, bench.record(new).rating_key) == (State.GONE, bench.key)
    bench.plex.forget()
    assert bench.sync(new) == "unchanged"
    assert bench.writes() == []


def test_each_field_is_the_new_scenes_from_when_it_has_something_for_it(bench: LeavingBench) -> None:
    new = rescanned(bench)
    bench.sync(new)
    stash = bench.stash
    expected = dict(ALL)
    steps: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"title": "New"}, {"title": "New"}),
        ({"details": "New details"}, {"summary": "New details"}),
        ({"rating100": 50}, {"rating": 5.0}),
        ({"date": "2021-01-01"}, {"originallyAvailableAt": "2021-01-01"}),
        ({"director": "Newman"}, {"director": ["Newman"]}),
        ({"tags": [stash.add_tag("New tag")]}, {"genre": ["New tag"]}),
        ({"performers": [stash.add_performer("Newcomer")]}, {"actor": ["Newcomer"]}),
        ({"studio": stash.add_studio("Newest")}, {"studio": "Newest", "collection": ["Newest"]}),
    ]
    for edit, result in steps:
        stash.edit(new, **edit)
        assert bench.sync(new) == "synced"
        expected |= result
        assert shown(bench) == expected
    assert bench.wrong(new, bench.key) == []


def test_what_the_new_scene_had_and_has_no_longer_is_cleared_as_ever(bench: LeavingBench) -> None:
    new = rescanned(bench)
    bench.stash.edit(new, details="Mine", tags=[bench.stash.add_tag("Mine")], title="Mine", rating100=40)
    bench.sync(new)
    bench.stash.edit(new, details="", tags=[], title="", rating100=None)
    bench.sync(new)
    kept = {name: ALL[name] for name in ("studio", "originallyAvailableAt", "actor", "director", "collection")}
    assert shown(bench) == {**kept, "title": "a file", "summary": "", "genre": [], "rating": None}


def test_names_of_others_stay_when_the_new_scenes_names_come(bench: LeavingBench) -> None:
    new = rescanned(bench)
    bench.plex.edit_as_person(bench.key, genre=[*bench.item().names("genre"), "A person's"], lock=False)
    bench.sync(new)
    assert sorted(bench.item().names("genre")) == ["A person's", "Old tag"]
    bench.stash.edit(new, tags=[bench.stash.add_tag("New tag")])
    bench.sync(new)
    assert sorted(bench.item().names("genre")) == ["A person's", "New tag"]


def test_a_field_that_stash_owns_is_cleared_at_once(bench: LeavingBench) -> None:
    bench.restart(owned_fields=frozenset({Field.TAGS, Field.SUMMARY, Field.RATING}))
    new = rescanned(bench)
    bench.sync(new)
    assert shown(bench) == {**ALL, "genre": [], "summary": "", "rating": None}
    bench.plex.forget()
    assert bench.sync(new) == "unchanged"
    assert bench.writes() == []


def test_it_stays_through_several_scenes_of_the_file_and_restarts(bench: LeavingBench) -> None:
    new = rescanned(bench)
    bench.sync(new)
    bench.stash.edit(new, details="Second")
    bench.sync(new)
    bench.restart()
    bench.stash.mutate("sceneDestroy", id=new)
    third = bench.stash.add_scene(None, PATH, size=SIZE, cover=COVER)
    bench.sync(third)
    assert shown(bench) == {**ALL, "summary": "Second"}
    bench.restart()
    bench.stash.edit(third, tags=[bench.stash.add_tag("Third")])
    bench.sync(third)
    assert shown(bench) == {**ALL, "summary": "Second", "genre": ["Third"]}


def test_a_title_that_came_from_a_files_name_is_no_title_to_keep(bench: LeavingBench) -> None:
    names = ("worse name.mp4", "better name.mp4")
    bench.key = bench.plex.add_item(bench.section, "x", [Part(f"/media/{name}", SIZE + 1, 1) for name in names])
    old = bench.stash.add_scene(None, f"/data/{names[0]}", size=SIZE + 1, cover=COVER)
    bench.sync(old)
    assert bench.item().title == "worse name"
    bench.stash.mutate("sceneDestroy", id=old)
    new = bench.stash.add_scene(None, f"/data/{names[1]}", size=SIZE + 1, cover=COVER)
    bench.sync(new)
    assert bench.item().title == "better name"


def test_a_write_in_doubt_of_the_old_scene_stays_too(bench: LeavingBench) -> None:
    bench.sync()
    bench.stash.edit(bench.scene, tags=[bench.stash.add_tag("In doubt")], details="In doubt")
    bench.plex.faults.add(PlannedFault("after", match=lambda one: one.method == "PUT", then="html"))
    with pytest.raises(PlexSyncError):
        bench.sync()
    bench.stash.mutate("sceneDestroy", id=bench.scene)
    new = bench.stash.add_scene(None, PATH, size=SIZE, cover=COVER)
    bench.sync(new)
    assert (bench.item().names("genre"), bench.item().text("summary")) == (["In doubt"], "In doubt")
    bench.stash.edit(new, tags=[bench.stash.add_tag("New")], details="New")
    bench.sync(new)
    assert (bench.item().names("genre"), bench.item().text("summary")) == (["New"], "New")


@pytest.mark.parametrize("arrives", [True, False])
def test_a_first_value_of_the_new_scene_that_is_in_doubt_takes_the_old_ones_place(
    bench: LeavingBench, arrives: bool
) -> None:
    new = rescanned(bench)
    bench.sync(new)
    bench.stash.edit(new, tags=[bench.stash.add_tag("New")], details="New")
    kind = "after" if arrives else "status"
    how = {"then": "html"} if arrives else {"status": 500}
    bench.plex.faults.add(PlannedFault(kind, times=None, match=lambda one: one.method == "PUT", **how))  # type: ignore[arg-type]
    with pytest.raises(PlexSyncError):
        bench.sync(new)
    bench.plex.faults.clear()
    bench.sync(new)
    assert shown(bench) == {**ALL, "genre": ["New"], "summary": "New"}
    bench.stash.edit(new, tags=[], details="")
    bench.sync(new)
    assert shown(bench) == {**ALL, "genre": [], "summary": ""}


def test_what_a_person_makes_of_it_in_plex_stays(bench: LeavingBench) -> None:
    new = rescanned(bench)
    bench.sync(new)
    bench.plex_ahead[0] += 5
    bench.plex.edit_as_person(bench.key, summary="A person's", genre=["A person's"], studio="")
    bench.plex.rate_as_person(bench.key, 9.0)
    bench.app.ledger.scenes.doubt(new)
    bench.sync(new)
    assert shown(bench) == {**ALL, "summary": "A person's", "genre": ["A person's"], "studio": "", "rating": 9.0}
    bench.stash.edit(new, details="New")
    bench.sync(new)
    assert bench.item().text("summary") == "New"


def test_an_item_that_is_scanned_anew_shows_it_again(bench: LeavingBench) -> None:
    new = rescanned(bench)
    bench.sync(new)
    bench.key = bench.plex.rekey(bench.key)
    bench.new_index()
    bench.stash.edit(new, date="2021-05-05")
    assert bench.sync(new) == "synced"
    assert shown(bench) == {**ALL, "originallyAvailableAt": "2021-05-05"}


def test_a_scene_that_is_destroyed_after_its_item_was_away_is_followed_too(bench: LeavingBench) -> None:
    filled(bench, bench.scene, "Old")
    bench.sync()
    bench.app.ledger.scenes.set_state(bench.scene, State.NOT_FOUND, Result.NOT_FOUND, error="away")
    bench.stash.mutate("sceneDestroy", id=bench.scene)
    bench.sync()
    new = bench.stash.add_scene(None, PATH, size=SIZE, cover=COVER)
    bench.sync(new)
    assert shown(bench) == ALL


def test_what_a_merged_scene_told_its_item_is_cleared_as_ever(bench: LeavingBench) -> None:
    into = bench.stash.add_scene("Into", "/data/not in plex.mp4", size=99, cover=OTHER_COVER)
    assert bench.try_sync(into) == "not_found"
    filled(bench, bench.scene, "Merged")
    bench.sync()
    bench.stash.mutate("sceneMerge", source=[bench.scene], destination=into)
    bench.new_index()
    assert bench.sync(into) == "synced"
    assert bench.record(into).rating_key == bench.key
    assert bench.wrong(into, bench.key) == []


@pytest.mark.parametrize("known", ["neither file", "the scene's file"])
def test_what_an_older_version_noted_of_an_item_is_kept_only_where_the_item_is_surely_the_same(
    bench: LeavingBench, known: str
) -> None:
    new = rescanned(bench)
    with bench.database.write() as db:
        db.execute("update left_item set part_file = null")
        if known == "neither file":
            db.execute("update left_item set file = null")
    bench.sync(new)
    assert bench.item().title == ("a file" if known == "neither file" else "Old title")


def test_the_item_of_another_file_that_has_the_same_rating_key_by_now_is_given_nothing_of_it(
    bench: LeavingBench,
) -> None:
    other, other_key = bench.add("other.mp4")
    bench.new_index()
    rescanned(bench)
    with bench.database.write() as db:
        db.execute("update left_item set rating_key = ?", (other_key,))
    bench.sync(other)
    assert bench.plex.item(other_key).title == "other"
    assert bench.plex.item(other_key).text("summary") == ""


def test_where_a_person_had_to_say_which_item_it_is_what_that_shows_stays_too(bench: LeavingBench) -> None:
    new = rescanned(bench)
    bench.app.ledger.scenes.set_state(new, State.REVIEW, Result.REVIEW, error="not sure")
    bench.app.ledger.reviews.accept(new, bench.key)
    bench.sync(new)
    assert shown(bench) == ALL


def test_the_preview_says_what_is_kept(bench: LeavingBench) -> None:
    new = rescanned(bench)
    outcome = bench.app.sync.sync(new)
    kept = "kept as an earlier scene of this file had it"
    assert f"title: {kept}" in outcome.text
    assert [note for note in bench.record(new).notes if note.startswith(f"tags: {kept}")]
    plan = bench.preview(new)
    assert plan.empty


def test_the_nightly_comparison_finds_nothing_to_do(bench: LeavingBench) -> None:
    new = rescanned(bench)
    bench.sync(new)
    queue = Asked()
    run = Runs(bench.app.ledger.facts).begin(1, full=True)
    for further in Reconciler(bench.app, queue).pages(run):
        run = further
    assert (dict(run.counts), queue.synced) == ({}, [])
