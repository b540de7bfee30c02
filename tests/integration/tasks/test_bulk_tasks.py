"""The tasks that deal with edits which concern many scenes, and what each kind of failure leads to."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from huey.exceptions import RetryTask

import tasks.batch as together
import tasks.related as related
from plexsync.demo.compare import differences
from plexsync.demo.http import PlannedFault
from plexsync.errors import PermanentError, PlexUnavailable, SceneUnreadable, StashUnavailable
from plexsync.inbox import event_files
from plexsync.queue import storage as storage_module
from plexsync.queue.intake import PRIORITIES
from tasks import huey, sync_related, sync_scene, sync_together
from tasks.app import database, scene_locks, wire
from tasks.policy import Paused
from tasks.probe import PAUSABLE
from tests.support.sync_bench import SyncBench, sync_bench


class Bulk:
    """Scenes of one studio in sync, and the queue."""

    def __init__(self, bench: SyncBench) -> None:
        self.bench = bench
        self.studio = bench.stash.add_studio("Old")
        pairs = [(bench.scene, bench.key), *(bench.add(f"{number}.mp4") for number in range(1, 4))]
        self.items = dict(pairs)
        self.scenes = list(self.items)
        for scene in self.scenes:
            bench.stash.edit(scene, title=f"Scene {scene}", studio=self.studio)
            bench.sync(scene)
        bench.stash.rename("studios", self.studio, "New")

    def waiting(self) -> list[tuple[str, tuple[Any, ...], float]]:
        return [(task.name, task.args, task.priority) for task in huey.pending()]

    def run(self) -> Any:
        """Work on the next message, whose time has come, and return it."""
        later = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=1)
        huey.storage.read_schedule(later)
        task = huey.dequeue()
        huey.execute(task, later)
        return task

    def wrong(self) -> list[str]:
        return [
            one
            for scene, key in self.items.items()
            for one in differences(self.bench.stash, scene, self.bench.plex, key)
        ]


@pytest.fixture
def bulk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bulk]:
    monkeypatch.setattr(storage_module, "PATIENCE", 0.0)
    with sync_bench(tmp_path, breaker_fail_max=1000) as bench:
        for module in (related, together):
            monkeypatch.setattr(module, "runtime", lambda: bench.app)
        huey.flush()
        yield Bulk(bench)
        huey.storage.paused = tuple
        huey.storage.close()
        huey.flush()


def test_the_messages_name_the_tasks_as_huey_registers_them() -> None:
    assert huey.names.task_to_string(sync_related.task_class) == event_files.SYNC_RELATED
    assert huey.names.task_to_string(sync_together.task_class) == event_files.SYNC_TOGETHER
    assert {event_files.SYNC_RELATED, event_files.SYNC_TOGETHER} <= set(PAUSABLE)
    assert PRIORITIES[event_files.SYNC_RELATED] == sync_related.task_class.default_priority == -5.0


def test_a_rename_becomes_one_message_of_all_its_scenes_behind_what_people_do(bulk: Bulk) -> None:
    assert sync_related.call_local("studio", bulk.studio) == (
        f"studio {bulk.studio} changed: 4 scenes looked at, 4 differ"
    )
    assert bulk.waiting() == [("sync_together", tuple(bulk.scenes), -5.0)]
    sync_scene(bulk.scenes[0])
    assert bulk.waiting()[0][:2] == ("sync_scene", (bulk.scenes[0],))


def test_doing_it_twice_queues_it_once(bulk: Bulk) -> None:
    sync_related.call_local("studio", bulk.studio)
    sync_related.call_local("studio", bulk.studio)
    assert len(bulk.waiting()) == 1


def test_the_whole_way_from_the_hook_to_plex(bulk: Bulk) -> None:
    event_files.put(
        str(database.path.parent / event_files.FOLDER),
        event_files.message_of_related("studio", [bulk.studio], "Studio.Update.Post"),
    )
    assert bulk.run().name == "sync_related"
    assert bulk.run().name == "sync_together"
    assert bulk.wrong() == []
    assert huey.pending_count() == huey.scheduled_count() == 0


def test_scenes_that_need_more_are_queued_one_by_one(bulk: Bulk) -> None:
    bulk.bench.app.ledger.scenes.doubt(bulk.scenes[0])
    bulk.bench.plex.rekey(bulk.items[bulk.scenes[0]])
    text = sync_together.call_local(*bulk.scenes)
    assert text == "4 scenes together: 3 synced with 1 write, 0 unchanged, 1 left to be synced by themselves"
    assert bulk.waiting() == [("sync_scene", (bulk.scenes[0],), -5.0)]


def test_an_unknown_kind_is_refused(bulk: Bulk) -> None:
    with pytest.raises(ValueError, match="'gallery' is not one of performer, studio, tag, group"):
        sync_related.call_local("gallery", 1)


@pytest.mark.parametrize(
    ("error", "tries"),
    [(PermanentError("Stash does not know the query"), 1), (SceneUnreadable("scene 1 is odd", 1), 6)],
)
def test_a_search_that_stash_refuses_is_not_asked_for_ever(
    bulk: Bulk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception, tries: int
) -> None:
    asked: list[object] = []

    def refuse(*args: object, **_: object) -> None:
        asked.append(args)
        raise error

    monkeypatch.setattr(bulk.bench.app.stash, "scenes_with", refuse)
    sync_related("studio", bulk.studio)
    for _ in range(tries):
        assert bulk.run().name == "sync_related"
    assert len(asked) == tries
    assert bulk.waiting() == [("sync_scene", (scene,), -5.0) for scene in bulk.scenes], "each is tried by itself"
    assert huey.scheduled() == []
    assert caplog.text.count("are synced one by one") == 1


class TestWhenStashIsAway:
    def test_the_search_is_tried_again_for_as_long_as_it_takes(self, bulk: Bulk) -> None:
        bulk.bench.stash.stop()
        with pytest.raises(RetryTask) as caught:
            sync_related.call_local("studio", bulk.studio)
        assert 40 < caught.value.delay < 80
        assert bulk.waiting() == []

    def test_what_was_found_before_it_went_is_in_the_queue(self, bulk: Bulk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("plexsync.sync.related.PAGE", 2)
        monkeypatch.setattr("plexsync.sync.batches.BATCH", 2)
        scenes_with, asked = bulk.bench.app.stash.scenes_with, []

        def goes_away(*args: Any, **how: Any) -> Any:
            asked.append(args)
            if len(asked) > 1:
                raise StashUnavailable("gone")
            return scenes_with(*args, **how)

        monkeypatch.setattr(bulk.bench.app.stash, "scenes_with", goes_away)
        with pytest.raises(RetryTask):
            sync_related.call_local("studio", bulk.studio)
        assert bulk.waiting() == [("sync_together", tuple(bulk.scenes[:2]), -5.0)]

    def test_a_scene_that_stash_stumbles_over_hides_the_others_for_a_while_only(
        self, bulk: Bulk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def stumbles(*args: Any, **how: Any) -> Any:
            raise StashUnavailable("a resolver failed")

        monkeypatch.setattr(bulk.bench.app.stash, "scenes_with", stumbles)
        sync_related("studio", bulk.studio)
        for _ in range(related.TRIES):
            bulk.run()
            assert (huey.scheduled_count(), huey.pending_count()) == (1, 0)
        bulk.run()
        assert huey.scheduled_count() == 0
        assert bulk.waiting() == [("sync_scene", (scene,), -5.0) for scene in bulk.scenes]

    def test_with_its_breaker_open_the_message_rests_in_its_place(self, bulk: Bulk) -> None:
        sync_related("studio", bulk.studio)
        task = huey.dequeue()
        bulk.bench.app.stash_guard.trip(StashUnavailable("down"))
        huey.storage.paused = lambda: PAUSABLE
        huey.execute(task)
        assert bulk.waiting() == [("sync_related", ("studio", bulk.studio), -5.0)]
        assert huey.scheduled_count() == 0

    def test_where_nothing_rests_it_comes_back_after_a_while(self, bulk: Bulk) -> None:
        bulk.bench.app.stash_guard.trip(StashUnavailable("down"))
        with pytest.raises(Paused):
            sync_related.call_local("studio", bulk.studio)


class TestWhenPlexIsAway:
    def test_a_batch_is_tried_again_with_all_and_then_each_by_itself(self, bulk: Bulk) -> None:
        bulk.bench.plex.faults.add(PlannedFault("status", status=503, times=None))
        sync_together(*bulk.scenes)
        for tried in range(1, together.TRIES + 1):
            task = bulk.run()
            assert (task.retries, huey.scheduled_count(), huey.pending_count()) == (together.TRIES - tried, 1, 0)
        bulk.run()
        assert sorted(bulk.waiting()) == [("sync_scene", (scene,), -5.0) for scene in sorted(bulk.scenes)]
        bulk.bench.plex.faults.clear()
        for scene in bulk.scenes:
            bulk.bench.sync(scene)
        assert bulk.wrong() == []

    def test_with_its_breaker_open_the_batch_rests(self, bulk: Bulk) -> None:
        sync_together(*bulk.scenes)
        task = huey.dequeue()
        bulk.bench.app.guard.trip(PlexUnavailable("down"))
        huey.storage.paused = lambda: PAUSABLE
        huey.execute(task)
        assert bulk.waiting() == [("sync_together", tuple(bulk.scenes), -5.0)]
        assert huey.pending()[0].retries == together.TRIES

    def test_the_failure_that_opens_the_breaker_is_no_fault_of_the_batch(self, bulk: Bulk) -> None:
        bulk.bench.restart(breaker_fail_max=1)
        bulk.bench.plex.faults.add(PlannedFault("status", status=503, times=None))
        with pytest.raises(Paused):
            sync_together.call_local(*bulk.scenes)
        assert bulk.bench.app.guard.state == "open"

    def test_a_refused_token_stops_everything_and_loses_nothing(self, bulk: Bulk) -> None:
        token = bulk.bench.plex.wrong_token()
        with pytest.raises(Paused):
            sync_together.call_local(*bulk.scenes)
        assert bulk.bench.app.guard.stopped is not None
        bulk.bench.plex.set_token(token)
        bulk.bench.app.guard.lift()
        sync_together.call_local(*bulk.scenes)
        assert bulk.wrong() == []


def test_a_fault_of_ours_leaves_each_scene_to_itself(bulk: Bulk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk.bench.app.together, "sync", lambda _ids: 1 / 0)
    sync_together.call_local(*bulk.scenes)
    assert [args for _, args, _ in bulk.waiting()] == [(scene,) for scene in bulk.scenes]


def test_in_a_worker_process_each_scene_is_left_to_itself(bulk: Bulk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing, "parent_process", lambda: object())
    assert sync_together.call_local(*bulk.scenes) == "4 scenes are synced one by one in worker processes"
    assert len(bulk.waiting()) == 4


def test_with_new_settings_no_two_threads_work_on_one_scene_either(bulk: Bulk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.app.database", bulk.bench.database)
    old, new = wire(bulk.bench.settings), wire(bulk.bench.settings)
    with scene_locks.hold(bulk.scenes[0]):
        for app in (old, new):
            assert app.together.sync(bulk.scenes).alone == (bulk.scenes[0],)
    old.close()
    new.close()


def test_scenes_that_a_worker_has_in_hand_are_known(bulk: Bulk) -> None:
    sync_scene(4711)
    sync_together(5, 6)
    sync_scene(12)
    taken = [one for task in (huey.dequeue(), huey.dequeue()) for one in (task, *task.claimed_with_it)]
    sync_scene(13)
    assert related.at_work() == {4711, 5, 6, 12}
    for task in taken:
        huey.storage.ack(task.claim_id)
    assert related.at_work() == set()
