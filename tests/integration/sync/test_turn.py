"""Scenes that were claimed together are brought together, as far as nothing is unusual about them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo import pictures
from plexsync.demo.compare import differences
from plexsync.demo.http import PlannedFault, Request
from plexsync.errors import PlexUnavailable, StashUnavailable
from plexsync.ledger import Result, State
from plexsync.model import Part
from plexsync.plex.traits import Trait
from tests.support.plans import whole_reads
from tests.support.sql_seen import statements_of
from tests.support.sync_bench import SIZE, SyncBench, sync_bench

COUNT = 8


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path, stash_clock=lambda: time.time() - 60) as bench:
        yield bench


@pytest.fixture
def scenes(bench: SyncBench) -> dict[int, int]:
    """The rating keys of the items of some new scenes, each with a cover of its own.

    Others were synced, so that what is found out once is known of this Plex.
    """
    found = {}
    others = [bench.scene, *(bench.add(f"other {number}.mp4")[0] for number in range(2))]
    for number in range(COUNT):
        scene, key = bench.add(f"{number}.mp4")
        bench.stash.set_screenshot(scene, pictures.png(number, 1, 2))
        bench.stash.edit(scene, title=f"Title {number}", tags=[bench.stash.add_tag(f"Tag {number}")])
        found[scene] = key
    alone(bench, others)
    bench.app.plex.traits.put(Trait.GROUP_READS, "whole")
    return found


def bring(bench: SyncBench, scenes: Any) -> dict[int, str]:
    bench.plex.forget()
    bench.stash.forget()
    brought = bench.app.sync.sync_together(list(scenes), lambda _: nullcontext())
    return {scene: str(one.outcome.result) for scene, one in brought.items()}


def kinds(log: Any) -> Counter[str]:
    return Counter(f"{one.method} {one.path.strip('/').rpartition('/')[2].strip('0123456789,')}" for one in log)


def wrong(bench: SyncBench, scenes: dict[int, int]) -> list[str]:
    return [fault for scene, key in scenes.items() for fault in differences(bench.stash, scene, bench.plex, key)]


def alone(bench: SyncBench, scenes: Any) -> None:
    for scene in scenes:
        bench.sync(scene)


def test_new_scenes_cost_two_reads_and_their_own_writes(bench: SyncBench, scenes: dict[int, int]) -> None:
    assert bring(bench, scenes) == dict.fromkeys(scenes, "synced")
    assert wrong(bench, scenes) == []
    assert kinds(bench.plex.log) == {"PUT all": COUNT, "POST posters": COUNT, "POST arts": COUNT, "GET ": 2}
    assert kinds(bench.stash.log) == {"POST graphql": 1, "GET screenshot": COUNT}


def test_new_scenes_take_five_transactions_all_together(bench: SyncBench, scenes: dict[int, int]) -> None:
    with statements_of(bench.database) as said:
        bring(bench, scenes)
    # The matches, the intents, that pictures are sent, that they are there, and the outcomes.
    assert said.count("begin immediate") == 5
    assert len(said) < 31 * COUNT


def test_an_edit_of_each_costs_one_write_and_a_share_of_two_reads(bench: SyncBench, scenes: dict[int, int]) -> None:
    bring(bench, scenes)
    for scene in scenes:
        bench.stash.edit(scene, details=f"What {scene} is about")
    with statements_of(bench.database) as said:
        assert bring(bench, scenes) == dict.fromkeys(scenes, "synced")
    assert kinds(bench.plex.log) == {"PUT all": COUNT, "GET ": 2}
    assert said.count("begin immediate") == 2
    assert len(said) < 14 * COUNT
    assert whole_reads(bench.database, said) == {}
    assert wrong(bench, scenes) == []


def test_unchanged_scenes_cost_plex_nothing(bench: SyncBench, scenes: dict[int, int]) -> None:
    bring(bench, scenes)
    assert bring(bench, scenes) == dict.fromkeys(scenes, "unchanged")
    assert bench.plex.log == []


def test_each_is_noted_as_if_it_had_been_alone(bench: SyncBench, scenes: dict[int, int]) -> None:
    alone(bench, list(scenes)[:1])
    bring(bench, list(scenes)[1:])
    records = bench.app.ledger.scenes.many(scenes)
    assert {record.state for record in records.values()} == {State.SYNCED}
    assert {record.intended for record in records.values()} == {None}
    assert {one.outcome for scene in scenes for one in bench.app.ledger.scenes.history(scene)} == {Result.SYNCED}
    left = [(record.confidence, record.reasons, bool(record.digest), record.notes) for record in records.values()]
    assert left == [left[0]] * COUNT


def test_what_is_unusual_is_left_out_and_keeps_nobody_else(bench: SyncBench, scenes: dict[int, int]) -> None:
    usual = list(scenes)
    gone, spoilt, apart, doubtful = (usual.pop() for _ in range(4))
    alone(bench, [doubtful])
    bench.stash.edit(doubtful, title="In doubt")
    bench.app.ledger.scenes.doubt(doubtful)
    bench.stash.mutate("sceneDestroy", id=gone)
    bench.stash.spoil(spoilt)
    bench.plex.remove_item(scenes[apart])
    assert bring(bench, scenes) == dict.fromkeys(usual, "synced")
    assert wrong(bench, {scene: scenes[scene] for scene in usual}) == []
    alone(bench, [doubtful, gone])
    assert differences(bench.stash, doubtful, bench.plex, scenes[doubtful]) == []


def test_a_scene_that_somebody_works_on_is_left_to_him(bench: SyncBench, scenes: dict[int, int]) -> None:
    busy = next(iter(scenes))
    with bench.scene_locks.hold(busy):
        assert busy not in bring(bench, scenes)


def of_item(key: int) -> Callable[[Request], bool]:
    def match(request: Request) -> bool:
        return request.method == "PUT" and request.param("id") == str(key)

    return match


def test_an_edit_that_plex_refuses_is_left_to_the_scene_itself(bench: SyncBench, scenes: dict[int, int]) -> None:
    bad = list(scenes)[2]
    fault = bench.plex.faults.add(PlannedFault("status", times=None, status=400, match=of_item(scenes[bad])))
    assert set(bring(bench, scenes)) == {*scenes} - {bad}
    bench.plex.faults.remove(fault)
    alone(bench, [bad])
    assert wrong(bench, scenes) == []


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
def test_where_plex_goes_away_each_scene_is_put_right_later(
    bench: SyncBench, scenes: dict[int, int], method: str
) -> None:
    """Whatever was sent by then, and no picture is there twice."""
    seen = 0

    def after_some(request: Request) -> bool:
        nonlocal seen
        seen += request.method == method
        return seen > (1 if method == "GET" else 3)

    fault = bench.plex.faults.add(PlannedFault("reset", times=None, match=after_some))
    bring(bench, scenes)
    assert bench.app.ledger.scenes.counts().get(State.SYNCED) == 3
    bench.plex.faults.remove(fault)
    bench.restart()
    alone(bench, scenes)
    assert wrong(bench, scenes) == []
    for key in scenes.values():
        for kind in ("posters", "arts"):
            assert len(bench.plex.pictures(key, kind)) == 1


class Died(BaseException):
    """The process ends here."""


@pytest.mark.parametrize(
    ("step", "number"),
    [
        *(("scenes.matched", 0), ("scenes.matched", 3), ("scenes.note_intents", 0)),
        *(("sent_pictures.begin_uploads", 0), ("sent_pictures.finish_upload", 0), ("sent_pictures.finish_upload", 3)),
        *(("scenes.confirm_write", 0), ("scenes.confirm_write", 3)),
    ],
)
def test_a_death_anywhere_ends_right(
    bench: SyncBench, scenes: dict[int, int], monkeypatch: pytest.MonkeyPatch, step: str, number: int
) -> None:
    part, method = step.split(".")
    ledger = getattr(bench.app.ledger, part)
    original, calls = getattr(ledger, method), Counter[str]()

    def die(*args: Any, **kwargs: Any) -> Any:
        calls[step] += 1
        result = original(*args, **kwargs)
        if calls[step] > number:
            raise Died
        return result

    monkeypatch.setattr(ledger, method, die)
    with pytest.raises(Died):
        bring(bench, scenes)
    bench.restart()
    assert set(bring(bench, scenes)) <= set(scenes)
    alone(bench, scenes)
    assert wrong(bench, scenes) == []
    assert all(len(bench.plex.pictures(key, "posters")) == 1 for key in scenes.values())


def test_a_stash_that_is_away_is_told_of(bench: SyncBench, scenes: dict[int, int]) -> None:
    bench.stash.faults.add(PlannedFault("reset", times=None))
    with pytest.raises(StashUnavailable):
        bring(bench, scenes)


def test_a_picture_that_fails_is_left_out_with_a_note(bench: SyncBench, scenes: dict[int, int]) -> None:
    bad = list(scenes)[1]
    bench.plex.faults.add(
        PlannedFault("status", times=None, status=400, match=lambda one: one.path.endswith(f"/{scenes[bad]}/posters"))
    )
    assert bring(bench, scenes) == dict.fromkeys(scenes, "synced")
    assert list(bench.app.ledger.left_out.of(scenes)) == [bad]


@pytest.mark.parametrize("setting", ["dry_run", "preserve_plex_edits"])
def test_nothing_is_brought_together_where_the_settings_ask_for_more(tmp_path: Path, setting: str) -> None:
    with sync_bench(tmp_path, **{setting: True}) as bench:
        other, _ = bench.add("other.mp4")
        assert bring(bench, [bench.scene, other]) == {}
        assert bench.plex.log == []


def test_looks_that_were_foreseen_are_forgotten_after_the_turn(bench: SyncBench, scenes: dict[int, int]) -> None:
    bench.plex.remove_item(next(iter(scenes.values())))
    bring(bench, scenes)
    assert bench.app.sync._sightings._foreseen == {}


def test_a_plex_that_is_down_from_the_beginning_is_asked_once(bench: SyncBench, scenes: dict[int, int]) -> None:
    bench.plex.faults.add(PlannedFault("status", times=None, status=503))
    assert bring(bench, scenes) == {}
    # With its quick repeats.
    assert len(bench.plex.log) == 4
    with pytest.raises(PlexUnavailable):
        bench.sync(next(iter(scenes)))


def test_what_a_person_has_decided_holds_in_a_turn(bench: SyncBench, scenes: dict[int, int]) -> None:
    bring(bench, scenes)
    refused, moved, gone, *_ = scenes
    reviews = bench.app.ledger.reviews
    spare = bench.plex.add_item(bench.section, "a spare one", [Part("/media/spare.mp4", 7, 1_800_000)])
    bench.app.library.suspect()
    assert bench.app.library.refresh()
    reviews.reject(refused, scenes[refused])
    reviews.accept(moved, spare)
    reviews.accept(gone, scenes[gone])
    path = bench.stash.scene(gone).files[0].path
    bench.stash.mutate("sceneDestroy", id=gone)
    alone(bench, [gone])
    again = bench.stash.add_scene("Again", path, size=SIZE)
    bench.stash.edit(refused, title="Refused")
    bench.stash.edit(moved, title="Moved")
    turn = [refused, moved, again, *list(scenes)[3:]]
    brought = bring(bench, turn)
    alone(bench, {*turn} - brought.keys() - {refused})
    assert bench.plex.item(scenes[refused]).text("title") != "Refused"
    assert bench.plex.item(spare).text("title") == "Moved"
    assert bench.app.ledger.reviews.settled(again).pinned == scenes[gone]
    assert bench.plex.item(scenes[gone]).text("title") == "Again"


@pytest.mark.parametrize("decided", ["pin", "veto", "decided_file", "left_decision"])
def test_a_decision_about_one_scene_or_its_file_is_seen(bench: SyncBench, scenes: dict[int, int], decided: str) -> None:
    read, reviews = bench.app.stash.scenes(list(scenes)), bench.app.ledger.reviews
    assert reviews.is_nothing_decided(list(read.values()))
    one, path = list(scenes)[2], read[list(scenes)[2]].files[0].path
    with bench.database.write() as db:
        rows = {
            "pin": f"(scene_id, rating_key, file, pinned_at) values ({one}, 1, 'x', 0)",
            "veto": f"(scene_id, rating_key, file, vetoed_at) values ({one}, 1, 'x', 0)",
            "decided_file": f"values (777, '{path}')",
            "left_decision": f"(scene_file, kind, rating_key, file, decided_at) values ('{path}', 'pin', 1, 'x', 0)",
        }
        db.execute(f"insert into {decided} {rows[decided]}")
    assert not reviews.is_nothing_decided(list(read.values()))
    assert reviews.is_nothing_decided([read[scene] for scene in scenes if scene != one])
