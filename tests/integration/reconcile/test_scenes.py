"""Stash's scenes against the ledger: what no hook told of is found, by kind, and nothing else is queued."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.ledger import Result, State
from plexsync.model import Field, Part
from plexsync.reconcile import reconciler
from tests.support.reconcile_bench import ReconcileBench, reconcile_bench
from tests.support.sync_bench import SIZE


@pytest.fixture
def ready(tmp_path: Path) -> Iterator[ReconcileBench]:
    with reconcile_bench(tmp_path) as ready:
        yield ready


def test_where_all_is_in_sync_nothing_is_queued_and_little_asked(ready: ReconcileBench) -> None:
    assert ready.counts() == {}
    assert (ready.queue.synced, ready.queue.looked_at) == ([], [])
    assert len(ready.stash.log) == 2
    assert ready.reads() == ["/library/sections", "/library/sections/1/all"]


def test_what_is_told_as_it_was_is_not_even_read(ready: ReconcileBench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("looked into")

    before = ready.tables()
    monkeypatch.setattr("plexsync.stash.answers.read_scene", refuse)
    monkeypatch.setattr("plexsync.plex.answers._listed", refuse)
    run = ready.run()
    assert (run.counts, run.scenes, run.items) == ({}, 3, 3)
    after = ready.tables()
    assert [name for name in before if before[name] != after[name]] == ["fact"]


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ("fingerprint = 'another', digest = 'another'", "changed"),
        ("file = '/data/elsewhere.mp4'", "moved"),
        ("doubted_as = 'drifted'", "drifted"),
        ("state = 'pending'", "stranded"),
    ],
)
def test_what_the_ledger_says_since_counts_although_stash_tells_the_same(
    ready: ReconcileBench, changed: str, kind: str
) -> None:
    with ready.bench.database.write() as db:
        db.execute(f"update scene set {changed} where scene_id = ?", (ready.scenes[1],))
    assert ready.counts() == {kind: 1}
    assert ready.queue.synced == [ready.scenes[1]]


def test_other_rules_look_into_all_scenes_anew(ready: ReconcileBench) -> None:
    ready.bench.restart(fields=frozenset({Field.TITLE, Field.STUDIO}))
    assert ready.counts() == {"changed": 3}


def test_a_dry_run_does_not_note_what_it_found_in_order(ready: ReconcileBench) -> None:
    with ready.bench.database.write() as db:
        db.execute("update scene set in_order = null")
    before = ready.tables()
    assert ready.counts(dry_run=True) == {}
    assert ready.tables() == before
    assert ready.counts() == {}
    assert ready.tables()["scene"] != before["scene"]


def test_a_scene_that_was_never_looked_at_is_new(ready: ReconcileBench) -> None:
    scene, _ = ready.bench.add("unheard of.mp4")
    assert ready.put_right() == {"new": 1}
    assert ready.record(scene).state is State.SYNCED


def test_an_edit_that_fired_no_hook_is_found(ready: ReconcileBench) -> None:
    ready.stash.edit(ready.scenes[1], title="Another")
    assert ready.put_right() == {"changed": 1}
    assert ready.plex.item(ready.keys[1]).title == "Another"


def test_a_rename_touches_no_scene_and_is_found_in_all(ready: ReconcileBench) -> None:
    ready.stash.rename("studios", ready.studio, "Sunrise")
    assert ready.counts() == {"changed": 3}
    assert ready.queue.synced == ready.scenes
    ready.sync_all()
    assert {ready.plex.item(key).text("studio") for key in ready.keys} == {"Sunrise"}


def test_a_change_that_plex_does_not_show_queues_nothing_and_is_looked_at_once(
    ready: ReconcileBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready.stash.edit(ready.scenes[0], code="ABC-1")
    with ready.bench.database.write() as db:
        db.execute("update scene set digest = null")
        db.execute("delete from scene_part")
    assert ready.counts() == {}
    assert ready.bench.app.ledger.parts.of(ready.scenes) == {
        scene: {("studio", ready.studio), ("tag", ready.tag)} for scene in ready.scenes
    }

    def refuse(*_: object) -> None:
        raise AssertionError("worked out once more")

    monkeypatch.setattr("plexsync.reconcile.scenes.desired", refuse)
    assert ready.counts() == {}


def test_full_works_out_what_plex_should_show_whatever_the_digest_says(ready: ReconcileBench) -> None:
    with ready.bench.database.write() as db:
        db.execute("update scene set fingerprint = 'of an older version' where scene_id = ?", (ready.scenes[2],))
    assert ready.counts() == {}
    assert ready.counts(full=True) == {"changed": 1}


def test_a_file_that_is_another_scenes_now_is_found_in_both(ready: ReconcileBench) -> None:
    # Plex has but the second of its files.
    first = ready.stash.add_scene("First", "/data/nowhere.mp4", "/data/there.mp4", size=SIZE + 1)
    key = ready.plex.add_item(ready.bench.section, "there", [Part("/media/there.mp4", SIZE + 1, 1_800_000)])
    assert ready.put_right() == {"new": 1}
    assert ready.record(first).rating_key == key
    other = ready.stash.add_scene("Other")
    file = ready.stash.scene(first).files[1]
    with ready.stash.without_hooks():
        ready.stash.mutate("sceneAssignFile", scene_id=other, file_id=file.id)
    assert ready.counts() == {"moved": 1, "new": 1}
    assert ready.queue.synced == [first, other]
    assert ready.bench.sync(other) == "synced"
    assert ready.record(other).rating_key == key
    assert ready.plex.item(key).title == "Other"


def test_a_write_that_was_never_confirmed_is_looked_at(ready: ReconcileBench) -> None:
    ready.bench.app.ledger.scenes.doubt(ready.scenes[0])
    assert ready.put_right() == {"unconfirmed": 1}


def test_a_scene_that_was_given_up_gets_another_chance_unless_a_person_discarded_it(ready: ReconcileBench) -> None:
    ledger = ready.bench.app.ledger
    for scene in ready.scenes[:2]:
        ledger.scenes.set_state(scene, State.FAILED, Result.FAILED, error="x")
    ledger.dead_letters.put(ready.scenes[0], "PermanentError", "x", "trace", 1)
    assert ready.counts() == {"failed": 1}
    assert ready.queue.synced == ready.scenes[:1]


@pytest.mark.parametrize(
    ("state", "result", "kind", "once"),
    [
        (State.NOT_FOUND, Result.NOT_FOUND, "not_found", True),
        (State.REVIEW, Result.REVIEW, "review", True),
        (State.PENDING, Result.RETRY, "stranded", False),
    ],
)
def test_what_waits_is_queued_only_where_it_is_not_in_the_queue(
    ready: ReconcileBench, state: State, result: Result, kind: str, once: bool
) -> None:
    for scene in ready.scenes[:2]:
        ready.bench.app.ledger.scenes.set_state(scene, state, result, error="x")
    ready.queue.there = {ready.scenes[0]}
    assert ready.counts() == {kind: 1}
    assert (ready.queue.looked_at if once else ready.queue.synced) == [ready.scenes[1]]


def test_what_was_left_alone_and_no_longer_should_be_is_found_and_the_other_way_round(ready: ReconcileBench) -> None:
    unorganized, _ = ready.bench.add("not organized.mp4")
    ready.stash.edit(ready.scenes[0], organized=True)
    ready.bench.restart(only_organized=True)
    assert ready.put_right() == {"skipped": 2}
    assert ready.record(ready.scenes[1]).state is State.SKIPPED
    assert ready.bench.app.ledger.scenes.get(unorganized) is None
    ready.stash.edit(ready.scenes[1], organized=True)
    assert ready.put_right() == {"skipped": 1}
    assert ready.record(ready.scenes[1]).state is State.SYNCED


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_destroyed_scene_is_noted_as_gone_and_its_item_left_as_it_is(ready: ReconcileBench, which: int) -> None:
    before = ready.plex.item(ready.keys[which])
    with ready.stash.without_hooks():
        ready.stash.mutate("sceneDestroy", id=ready.scenes[which])
    assert ready.put_right() == {"gone": 1}
    assert ready.record(ready.scenes[which]).state is State.GONE
    assert ready.plex.item(ready.keys[which]) == before


def test_merged_scenes_are_one_afterwards(ready: ReconcileBench) -> None:
    values = {"id": ready.scenes[0], "title": "Both"}
    with ready.stash.without_hooks():
        ready.stash.mutate("sceneMerge", source=[ready.scenes[1]], destination=ready.scenes[0], values=values)
    assert ready.counts() == {"changed": 1, "gone": 1}
    ready.sync_all()
    assert ready.plex.item(ready.keys[0]).title == "Both"
    assert ready.record(ready.scenes[1]).state is State.GONE


def test_a_stash_in_which_most_scenes_are_missing_is_not_believed(
    ready: ReconcileBench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reconciler, "FEW", 2)
    ready.stash.mutate("scenesDestroy", ids=ready.scenes[1:])
    ready.stash.edit(ready.scenes[0], title="Still there")
    run = ready.run()
    assert dict(run.counts) == {"changed": 1, "gone": 2}
    assert ready.queue.synced == ready.scenes[:1]
    assert "Stash has 1 scenes where 3 were known" in run.cautions[0]
    assert run.cautions[0] in caplog.text


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_no_scene_is_missed_at_the_edge_of_a_page(
    ready: ReconcileBench, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(reconciler, "SCENES_PER_PAGE", size)
    new = [ready.stash.add_scene(None, f"/data/{number}.mp4", size=SIZE) for number in range(4)]
    ready.stash.mutate("sceneDestroy", id=ready.scenes[1])
    ready.stash.mutate("sceneDestroy", id=new[3])
    run = ready.run()
    assert dict(run.counts) == {"new": 3, "gone": 1}
    assert run.scenes == 5
    assert sorted(ready.queue.synced) == sorted([ready.scenes[1], *new[:3]])
