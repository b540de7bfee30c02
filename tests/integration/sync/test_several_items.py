"""A scene that has several items in Plex: all of them show it, and each stands for itself when something goes wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo import pictures
from plexsync.errors import PermanentError, PlexSyncError
from plexsync.ledger import State
from plexsync.model import Edit, Field, Part
from plexsync.status.dry_run import RIGHT, WOULD_CHANGE, facts_of, look_at
from plexsync.status.scene_facts import collect
from plexsync.sync.left_out import SecondTries
from plexsync.sync.write_path import WritePath
from tests.support.reconcile_bench import ReconcileBench
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


# --- Which items ------------------------------------------------------------------------------------------------------


def test_both_sizes_of_a_film_show_its_scene(bench: SeveralItems) -> None:
    outcome = bench.app.sync.sync(bench.film)
    assert bench.wrong_ones(bench.film, bench.large, bench.small) == []
    assert f"to item {bench.large}" in outcome.text
    assert f"to item {bench.small}" in outcome.text
    record = bench.record(bench.film)
    assert (record.state, record.rating_key, record.attempts) == (State.SYNCED, bench.large, 0)
    assert [line.rating_key for line in bench.lines()] == [bench.small]
    assert [one.outcome for one in bench.app.ledger.scenes.history(bench.film)] == ["synced"]
    assert bench.sync(bench.film) == "unchanged"


@pytest.mark.parametrize("path", ["/media/a file.mp4", "/copies/a file.mkv"])
def test_a_file_in_two_libraries_and_a_copy_show_the_scene(bench: SeveralItems, path: str) -> None:
    bench.fill(bench.scene, "A")
    other = second_library(bench, path)
    bench.sync()
    assert bench.wrong_ones(bench.scene, bench.key, other) == []


@pytest.mark.parametrize(
    "part",
    [
        Part("/copies/another name.mp4", SIZE, LENGTH),
        Part("/copies/a file.mp4", SIZE + 1, LENGTH),
        Part("/copies/a file.mp4", SIZE, LENGTH + 700),
        Part("/copies/a file.mp4", SIZE, None),
        Part("/media/a file.mp4", SIZE + 1, LENGTH + 60_000),
    ],
)
def test_what_may_be_something_else_is_not_written_to(bench: SeveralItems, part: Part) -> None:
    other = bench.plex.add_item(bench.plex.add_section("Films", locations=["/copies"]), "guess", [part])
    bench.new_index()
    bench.app.library.refresh()
    bench.sync()
    assert bench.lines(bench.scene) == []
    assert bench.plex.item(other).title == "guess"


def test_an_edit_reaches_all_items_and_an_emptied_field_is_cleared_in_each(synced: SeveralItems) -> None:
    synced.stash.edit(synced.film, title="Other", tags=[], rating100=None, cover=pictures.png(9, 9, 9))
    assert synced.sync(synced.film) == "synced"
    assert synced.plex.item(synced.small).names("genre") == []
    shown = [one for one in synced.wrong_ones(synced.film, synced.large, synced.small) if "posters" not in one]
    assert [one for one in shown if "arts" not in one] == []
    for key in (synced.large, synced.small):
        assert synced.plex.selected_picture(key, "posters") == synced.stash.scene(synced.film).cover


def test_a_scene_with_one_item_costs_the_requests_that_it_did(tmp_path: Path) -> None:
    def cost(folder: Path, *, all_items: bool) -> list[tuple[str, str]]:
        with several_items(folder, all_items=all_items) as bench:
            bench.fill(bench.scene, "A")
            bench.app.library.refresh()
            bench.plex.forget()
            bench.stash.forget()
            assert bench.sync() == "synced"
            bench.stash.edit(bench.scene, title="Again")
            assert bench.sync() == "synced"
            assert bench.sync() == "unchanged"
            return [(one.method, one.path) for one in (*bench.plex.log, *bench.stash.log)]

    assert cost(tmp_path / "all", all_items=True) == cost(tmp_path / "first", all_items=False)


# --- The setting ------------------------------------------------------------------------------------------------------


def test_switched_off_the_first_item_alone_is_written_and_nothing_is_wiped(synced: SeveralItems) -> None:
    synced.restart(all_items=False)
    synced.stash.edit(synced.film, title="Other")
    assert synced.sync(synced.film) == "synced"
    assert set(synced.writes()) == {str(synced.large)}
    assert (synced.plex.item(synced.large).title, synced.plex.item(synced.small).title) == ("Other", "Film")
    assert synced.plex.item(synced.small).names("genre") == ["Film tag"]
    assert synced.lines() == []


def test_switched_on_again_what_was_applied_is_known(synced: SeveralItems) -> None:
    synced.restart(all_items=False)
    synced.stash.edit(synced.film, title="Other", tags=[])
    synced.sync(synced.film)
    synced.restart(all_items=True)
    assert synced.sync(synced.film) == "synced"
    assert synced.wrong_ones(synced.film, synced.large, synced.small) == []


# --- What goes wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["large", "small"])
def test_an_item_that_fails_holds_back_no_other_and_is_named(
    bench: SeveralItems, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = (getattr(bench, one) for one in (which, "small" if which == "large" else "large"))
    edit = bench.app.plex.edit

    def stumbling(section_id: int, keys: Any, *given: Any, **options: Any) -> int:
        if bad in keys:
            raise PlexSyncError("it will not")
        return edit(section_id, keys, *given, **options)

    with monkeypatch.context() as patch:
        patch.setattr(bench.app.plex, "edit", stumbling)
        for attempt in (1, 2, 3):
            with pytest.raises(PlexSyncError, match="it will not") as raised:
                bench.sync(bench.film)
            assert which == "large" or f"item {bad} (/media/film 1080p.mp4)" in str(raised.value)
            # As the failure policy does; tries are counted up to the last.
            told = bench.app.ledger.scenes.set_state(bench.film, State.PENDING, _retry(), error=str(raised.value))
            assert told == attempt
    assert bench.wrong_ones(bench.film, good) == []
    assert bench.plex.item(bad).title.startswith("guess")
    assert bench.sync(bench.film) == "synced"
    assert bench.wrong_ones(bench.film, bench.large, bench.small) == []
    assert bench.record(bench.film).attempts == 0


def test_what_one_item_refuses_is_left_out_of_that_one_alone(
    bench: SeveralItems, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    edit = bench.app.plex.edit

    def refusing(section_id: int, keys: Any, what: Edit, **options: Any) -> int:
        if bench.small in keys and Field.SUMMARY in what.texts:
            raise PermanentError("not this one")
        return edit(section_id, keys, what, **options)

    monkeypatch.setattr(bench.app.plex, "edit", refusing)
    outcome = bench.app.sync.sync(bench.film)
    assert any("not this one" in one for one in outcome.left_out)
    assert bench.wrong_ones(bench.film, bench.large) == []
    assert bench.plex.item(bench.small).title == "Film"
    assert f"scene {bench.film}: left out" in caplog.text
    monkeypatch.undo()
    # The scene is asked for when that is to be tried again.
    asked: list[int] = []
    later = SecondTries(bench.app.ledger.left_out, lambda: time.time() + 86_500.0)
    later.take(asked.extend)
    assert asked == [bench.film]
    bench.app.ledger.left_out.hasten([bench.film])
    assert bench.sync(bench.film) == "synced"
    assert bench.wrong_ones(bench.film, bench.small) == []


def _retry() -> Any:
    from plexsync.ledger import Result

    return Result.RETRY


@pytest.mark.parametrize(
    "step",
    [
        *("scenes.note_intent", "scenes.confirm_write", "scenes.finish"),
        *("sent_pictures.begin_uploads", "sent_pictures.finish_upload"),
    ],
)
@pytest.mark.parametrize("times", [1, 2, 3, 4])
def test_after_a_death_at_any_point_both_are_right_and_no_picture_is_there_twice(
    bench: SeveralItems, step: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Death(BaseException):
        pass

    part, method = step.split(".")
    ledger, seen = getattr(bench.app.ledger, part), []
    real = getattr(ledger, method)

    def dying(*given: Any, **named: Any) -> Any:
        seen.append(1)
        if len(seen) == times:
            raise Death
        return real(*given, **named)

    monkeypatch.setattr(ledger, method, dying)
    try:
        bench.sync(bench.film)
    except Death:
        assert bench.record(bench.film).state is State.PENDING
    bench.restart()
    bench.stash.edit(bench.film, title="Film", tags=[])
    bench.sync(bench.film)
    assert bench.wrong_ones(bench.film, bench.large, bench.small) == []
    assert bench.record(bench.film).state is State.SYNCED


def test_an_item_given_away_while_it_is_written_to_is_put_right(
    bench: SeveralItems, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.sync()
    send = WritePath.send_one

    def given_away(path: WritePath, pending: Any, *given: Any, **named: Any) -> Any:
        if pending.plan.key == bench.small:
            monkeypatch.undo()
            bench.app.ledger.reviews.accept(bench.scene, bench.small)
        return send(path, pending, *given, **named)

    monkeypatch.setattr(WritePath, "send_one", given_away)
    bench.sync(bench.film)
    bench.sync(bench.scene)
    bench.settle()
    assert bench.wrong_ones(bench.scene, bench.small) == []
    assert bench.wrong_ones(bench.film, bench.large) == []
    # What the scene had before still holds its file.
    (line,) = bench.lines(bench.scene)
    assert bench.owners() == {bench.large: bench.film, bench.small: bench.scene, bench.key: line.id}


# --- Two scenes and one item ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("turned", [False, True])
def test_a_copy_is_the_item_of_the_scene_whose_file_lies_there(bench: SeveralItems, *, turned: bool) -> None:
    copy = second_library(bench, "/media/copies/a file.mp4")
    twin = bench.stash.add_scene("Twin", "/data/copies/a file.mp4", size=SIZE)
    for scene in (twin, bench.scene) if turned else (bench.scene, twin):
        bench.sync(scene)
    bench.settle()
    assert bench.owners()[copy] == twin
    assert bench.owners()[bench.key] == bench.scene
    assert bench.plex.item(copy).title == "Twin"
    assert bench.sync(bench.scene) == "unchanged"


def test_an_item_that_a_person_gave_to_another_scene_is_left_alone(synced: SeveralItems) -> None:
    synced.app.ledger.reviews.accept(synced.scene, synced.small)
    assert synced.lines() == []
    synced.sync(synced.scene)
    synced.stash.edit(synced.film, title="Other")
    synced.sync(synced.film)
    assert synced.plex.item(synced.small).title != "Other"
    assert synced.owners()[synced.small] == synced.scene


def test_a_person_can_choose_a_further_item_for_the_scenes_own(synced: SeveralItems) -> None:
    assert synced.app.ledger.reviews.accept(synced.film, synced.small) == [synced.film]
    synced.stash.edit(synced.film, title="Other")
    synced.sync(synced.film)
    assert synced.wrong_ones(synced.film, synced.large, synced.small) == []
    assert synced.record(synced.film).rating_key == synced.small


def test_a_person_can_rule_out_one_item_of_a_scene(synced: SeveralItems) -> None:
    assert synced.app.ledger.reviews.reject(synced.film, synced.small) == 1
    synced.stash.edit(synced.film, title="Other")
    assert synced.sync(synced.film) == "synced"
    assert (synced.plex.item(synced.large).title, synced.plex.item(synced.small).title) == ("Other", "Film")
    assert synced.record(synced.film).rating_key == synced.large
    synced.app.ledger.reviews.forget(synced.film)
    synced.sync(synced.film)
    assert synced.wrong_ones(synced.film, synced.large, synced.small) == []


def test_when_its_own_item_is_ruled_out_the_other_one_is_its_own(synced: SeveralItems) -> None:
    synced.app.ledger.reviews.reject(synced.film)
    assert synced.sync(synced.film) in ("synced", "unchanged")
    synced.stash.edit(synced.film, title="Other")
    synced.sync(synced.film)
    assert synced.record(synced.film).rating_key == synced.small
    assert (synced.plex.item(synced.large).title, synced.plex.item(synced.small).title) == ("Film", "Other")


# --- Many at once, all of them, and what others change in Plex --------------------------------------------------------


def test_a_batch_leaves_scenes_with_several_items_to_themselves(synced: SeveralItems) -> None:
    tag = synced.stash.add_tag("Shared")
    for scene in (synced.scene, synced.film):
        synced.stash.edit(scene, tags=[tag])
        synced.sync(scene)
    synced.stash.rename("tags", tag, "Renamed")
    result = synced.app.together.sync([synced.scene, synced.film])
    assert synced.film in result.alone
    for scene in result.alone:
        synced.sync(scene)
    assert [synced.plex.item(key).names("genre") for key in (synced.large, synced.small)] == [["Renamed"]] * 2


def test_a_scene_whose_copy_is_in_doubt_or_not_written_yet_is_not_at_rest(synced: SeveralItems) -> None:
    synced.fill(synced.scene, "A")
    synced.sync()
    with synced.database.write() as db:
        # Read long after its stamp.
        db.execute("update scene set read_at = read_at + 10")
    assert synced.app.unchanged([synced.scene]) == {synced.scene}
    copy = second_library(synced)
    assert synced.app.unchanged([synced.scene]) == set()
    synced.sync()
    with synced.database.write() as db:
        db.execute("update scene set read_at = read_at + 10")
    assert synced.app.unchanged([synced.scene]) == {synced.scene}
    holder = synced.app.ledger.scenes.holder(copy)
    assert holder is not None
    synced.app.ledger.scenes.doubt(holder)
    assert synced.app.unchanged([synced.scene]) == set()


@pytest.fixture
def ready(synced: SeveralItems) -> ReconcileBench:
    ready = ReconcileBench.__new__(ReconcileBench)
    ready.bench, ready.scenes = synced, [synced.scene, synced.film]
    from tests.support.reconcile_bench import Asked

    ready.queue = Asked()
    synced.stash.edit(synced.scene, title="A")
    synced.sync()
    assert ready.counts() == {}
    return ready


@pytest.mark.parametrize("which", ["large", "small"])
def test_what_somebody_changes_in_any_item_is_found_and_put_right(ready: ReconcileBench, which: str) -> None:
    bench: Any = ready.bench
    bench.plex.edit_as_person(getattr(bench, which), title="By hand")
    counts = ready.counts()
    assert counts == {"drifted": 1}
    assert ready.queue.synced == [bench.film]
    ready.sync_all()
    assert bench.wrong_ones(bench.film, bench.large, bench.small) == []
    assert ready.counts() == {}


def test_an_item_that_plex_has_no_longer_is_found(ready: ReconcileBench) -> None:
    bench: Any = ready.bench
    bench.plex.remove_item(bench.small)
    ready.put_right()
    assert bench.lines() == []


def test_comparing_everything_finds_items_that_nobody_wrote_to_yet(ready: ReconcileBench) -> None:
    bench: Any = ready.bench
    bench.restart(all_items=False)
    bench.stash.edit(bench.film, title="Other")
    bench.sync(bench.film)
    assert ready.counts() == {}
    bench.restart(all_items=True)
    assert ready.counts() == {"further": 1}
    ready.sync_all()
    assert bench.wrong_ones(bench.film, bench.large, bench.small) == []
    assert ready.counts() == {}


def test_switched_off_nobody_looks_at_further_items(ready: ReconcileBench) -> None:
    bench: Any = ready.bench
    bench.restart(all_items=False)
    bench.plex.edit_as_person(bench.small, title="By hand")
    assert ready.counts() == {}


# --- What is seen -----------------------------------------------------------------------------------------------------


def test_scenes_are_counted_and_listed_once_each(synced: SeveralItems) -> None:
    ledger = synced.app.ledger
    assert ledger.scenes.counts() == {State.SYNCED: 2}
    assert {row.scene_id for row in ledger.listings.scenes(None, "", None, 10)} == {synced.scene, synced.film}
    assert ledger.listings.count_scenes(None, "") == 2
    assert [one.scene_id for one in ledger.scenes.in_state(State.SYNCED, 10)] == sorted([synced.scene, synced.film])
    found = {one.rating_key: one.scene_id for one in ledger.items.by_key([synced.large, synced.small])}
    assert found == {synced.large: synced.film, synced.small: synced.film}


def test_a_dry_run_tells_of_every_item(bench: SeveralItems) -> None:
    bench.restart(dry_run=True)
    outcome = bench.app.sync.sync(bench.film)
    assert f"item {bench.large}" in outcome.text
    assert f"item {bench.small}" in outcome.text
    assert bench.writes() == []
    assert bench.record(bench.film).state is State.SKIPPED


def test_what_syncing_would_change_is_told_of_every_item(bench: SeveralItems) -> None:
    seen = look_at(bench.app, bench.film)
    facts = facts_of(seen)
    assert seen.end == WOULD_CHANGE
    assert (facts["rating_key"], [one["rating_key"] for one in facts["further"]]) == (bench.large, [bench.small])
    assert {one["field"] for one in facts["further"][0]["changes"]} >= {"title", "tags", "poster"}
    bench.sync(bench.film)
    assert look_at(bench.app, bench.film).end == RIGHT
    bench.app.ledger.further_items.drop([line.id for line in bench.lines()])
    bench.stash.edit(bench.film, details="After")
    bench.app.ledger.scenes.doubt(bench.film)
    assert look_at(bench.app, bench.film).end == WOULD_CHANGE


def test_all_that_is_known_of_a_scene_has_its_items(synced: SeveralItems, monkeypatch: pytest.MonkeyPatch) -> None:
    import tasks.app

    monkeypatch.setattr(tasks.app, "database", synced.database)
    facts = collect(synced.film)
    assert [(one["rating_key"], one["own"]) for one in facts["items"]] == [(synced.large, True), (synced.small, False)]
    assert facts["rating_key"] == synced.large
