"""One comparison from its beginning to its end, whatever comes in between; and the tasks that do it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from huey.exceptions import RetryTask

import tasks.reconcile as reconcile_tasks
from plexsync.demo.http import PlannedFault
from plexsync.errors import StashUnavailable
from plexsync.ledger import Result, State
from plexsync.queue.priorities import Priority
from plexsync.reconcile import AlreadyRunning, Phase, ReconcileRun, Runs, exclusive, reconciler
from plexsync.reconcile import run as run_module
from tasks import huey, reconcile_daily, reconcile_on, sync_scene
from tests.support.reconcile_bench import ReconcileBench, reconcile_bench


@pytest.fixture
def ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ReconcileBench]:
    monkeypatch.setattr(reconciler, "SCENES_PER_PAGE", 2)
    monkeypatch.setattr("plexsync.library.library.WALK_SIZE", 2)
    with reconcile_bench(tmp_path, 5) as ready:
        yield ready


def spoil(ready: ReconcileBench) -> dict[str, int]:
    """Make one difference of many kinds; returns their counts."""
    ready.bench.plex_ahead[0] += 5
    ready.stash.edit(ready.scenes[1], title="Newer")
    ready.bench.add("new.mp4")
    ready.stash.mutate("sceneDestroy", id=ready.scenes[4])
    ready.plex.edit_as_person(ready.keys[0], title="A person's")
    ready.plex.remove_item(ready.keys[3])
    return {"changed": 1, "new": 1, "gone": 1, "drifted": 1, "replaced": 1}


def test_a_run_that_is_cut_short_after_every_page_finds_each_difference_once(ready: ReconcileBench) -> None:
    wanted = spoil(ready)
    queued: list[int] = []
    run, turns = ready.run(pause=lambda: True), 1
    queued += ready.queue.synced
    while run.phase is not Phase.DONE:
        ready.bench.restart()
        run, turns = ready.run(pause=lambda: True), turns + 1
        queued += ready.queue.synced
    assert turns > 5
    assert dict(run.counts) == wanted
    assert len(queued) == len(set(queued)) == 5
    assert (run.scenes, run.items) == (5, 5)


def test_what_dies_while_a_page_is_queued_has_not_been(ready: ReconcileBench, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = spoil(ready)
    put, calls = ready.queue.sync, []

    def die(scene_ids: Sequence[int]) -> None:
        calls.append(scene_ids)
        if scene_ids == ready.scenes[:1]:
            raise KeyboardInterrupt
        put(scene_ids)

    monkeypatch.setattr(ready.queue, "sync", die)
    with pytest.raises(KeyboardInterrupt):
        ready.run()
    assert ready.record(ready.scenes[0]).intended is None
    monkeypatch.undo()
    monkeypatch.setattr(reconciler, "SCENES_PER_PAGE", 2)
    monkeypatch.setattr("plexsync.library.library.WALK_SIZE", 2)
    assert ready.counts() == wanted
    assert ready.record(ready.scenes[0]).intended is not None


def test_what_stash_refuses_is_tried_again_at_the_same_page(ready: ReconcileBench) -> None:
    wanted = spoil(ready)
    run = ready.run(pause=lambda: True)
    ready.stash.faults.add(PlannedFault("status", times=None, status=500))
    with pytest.raises(StashUnavailable):
        ready.run()
    ready.stash.faults.clear()
    current = Runs(ready.bench.app.ledger.facts).current()
    assert current is not None
    assert current.after == run.after
    assert ready.counts() == wanted


def test_a_run_of_yesterday_begins_anew(ready: ReconcileBench, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ready.run(pause=lambda: True)
    tomorrow = time.time() + run_module.GIVEN_UP_AFTER
    monkeypatch.setattr(run_module.time, "time", lambda: tomorrow)
    assert Runs(ready.bench.app.ledger.facts).begin(first.id + 1, full=False).after == 0


def test_a_full_run_does_not_go_on_with_one_that_is_not(ready: ReconcileBench) -> None:
    first = ready.run(pause=lambda: True)
    runs = Runs(ready.bench.app.ledger.facts)
    assert runs.begin(first.id + 1, full=False).after == first.after > 0
    assert runs.begin(first.id + 2, full=True).after == 0


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"phase": "of a newer version"}', '{"id": 1'])
def test_what_cannot_be_read_of_a_run_is_none(ledger: Any, text: str) -> None:
    runs = Runs(ledger.facts)
    ledger.facts.put("reconcile", text)
    ledger.facts.put("reconcile_last", text)
    assert (runs.current(), runs.last(), runs.latest_start()) == (None, None, None)
    assert runs.begin(1, full=False).phase is Phase.SCENES


def test_only_one_at_a_time_compares(tmp_path: Path) -> None:
    with exclusive(tmp_path), pytest.raises(AlreadyRunning), exclusive(tmp_path):
        pass
    with exclusive(tmp_path):
        pass


# --- The tasks --------------------------------------------------------------------------------------------------------


@pytest.fixture
def tasked(ready: ReconcileBench, monkeypatch: pytest.MonkeyPatch) -> Iterator[ReconcileBench]:
    """The tasks work on the bench; their queue is one of its own."""
    monkeypatch.setattr(reconcile_tasks, "runtime", lambda: ready.bench.app)
    # The test's own queue is in another file than its ledger: one transaction cannot hold both.
    huey.flush()
    yield ready
    huey.storage.close()
    huey.flush()


def waiting(name: str) -> list[list[Any]]:
    return [list(task.args) for task in huey.pending() if task.name == name]


def work_on_all() -> int:
    """Do all turns of the comparison; how many there were."""
    turns = 0
    while any(task.name == "reconcile_on" for task in huey.pending()):
        task = huey.dequeue()
        if task.name == "reconcile_on":
            turns += 1
            huey.execute(task)
        else:
            for one in (task, *task.claimed_with_it):
                done.append((one.name, *one.args))
                huey.storage.ack(one.claim_id)
    return turns


done: list[tuple[Any, ...]] = []


@pytest.fixture(autouse=True)
def nothing_done() -> None:
    done.clear()


def test_a_turn_hands_over_to_the_next_one_until_all_is_compared(
    tasked: ReconcileBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = spoil(tasked)
    monkeypatch.setattr(reconcile_tasks, "TURN", 0.0)
    reconcile_on(1_000)
    assert work_on_all() > 5
    last = Runs(tasked.bench.app.ledger.facts).last()
    assert last is not None
    assert dict(last.counts) == wanted
    queued = {args[1] for args in done if args[0] == "sync_scene"} | {one[0] for one in waiting("sync_scene")}
    assert len(queued) == last.queued == 5


def test_a_turn_of_a_run_that_is_over_does_nothing(tasked: ReconcileBench) -> None:
    reconcile_on(1_000)
    work_on_all()
    tasked.stash.forget()
    for run_id in (999, 1_000):
        reconcile_on(run_id)
        work_on_all()
    assert tasked.stash.log == []
    reconcile_on(1_001)
    work_on_all()
    assert tasked.stash.log != []


def test_while_a_person_compares_the_task_waits(tasked: ReconcileBench) -> None:
    with exclusive(tasked.bench.app.ledger.database.path.parent), pytest.raises(RetryTask):
        reconcile_on.call_local(1_000)


def test_while_stash_is_away_the_task_tries_again(tasked: ReconcileBench) -> None:
    tasked.stash.stop()
    with pytest.raises(RetryTask):
        reconcile_on.call_local(1_000)


def test_what_can_never_be_compared_is_left_until_the_next_day(
    tasked: ReconcileBench, caplog: pytest.LogCaptureFixture
) -> None:
    tasked.stash.faults.add(PlannedFault("status", times=None, status=422, body=b'{"errors": [{"message": "no"}]}'))
    text = reconcile_on.call_local(1_000)
    assert "does not accept the query" in text
    assert text in caplog.text
    runs = Runs(tasked.bench.app.ledger.facts)
    assert runs.current() is None
    assert runs.latest_start() == pytest.approx(time.time(), abs=10)


def test_the_name_that_rests_is_the_one_huey_registers() -> None:
    assert huey.names.task_to_string(reconcile_on.task_class) == reconcile_tasks.RECONCILE_ON


def test_the_queue_knows_what_is_in_it(tasked: ReconcileBench) -> None:
    queue = reconcile_tasks.HueyQueue()
    sync_scene(1)
    sync_scene.schedule((2,), delay=60)
    assert queue.absent([1, 2, 3]) == [3]
    queue.look([3])
    looked = next(task for task in huey.scheduled() if tuple(task.args) == (3,))
    assert looked.eta is not None
    assert looked.priority == Priority.EVERYTHING


def test_it_is_begun_once_a_day(tasked: ReconcileBench, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [time.mktime((2026, 3, 10, 12, 0, 0, 0, 0, -1))]
    clock = SimpleNamespace(time=lambda: now[0], monotonic=time.monotonic)
    monkeypatch.setattr(reconcile_tasks, "time", clock)
    monkeypatch.setattr(run_module, "time", clock)
    with tasked.bench.database.write() as db:
        db.execute("delete from fact where key like 'reconcile%'")
    begun = []
    for _ in range(48 * 60):
        reconcile_daily.call_local()
        if waiting("reconcile_on"):
            begun.append(time.strftime("%d %H:%M", time.localtime(now[0])))
            work_on_all()
        now[0] += 60
    assert begun == ["11 04:00", "12 04:00"]


def test_it_can_be_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with reconcile_bench(tmp_path, 1, reconcile="off") as ready:
        monkeypatch.setattr(reconcile_tasks, "runtime", lambda: ready.bench.app)
        huey.flush()
        with ready.bench.database.write() as db:
            db.execute("delete from fact where key like 'reconcile%'")
        ready.bench.app.ledger.facts.put(reconcile_tasks.SINCE, "0")
        reconcile_daily.call_local()
        assert waiting("reconcile_on") == []


def test_a_run_is_kept_as_it_is(ledger: Any) -> None:
    runs = Runs(ledger.facts)
    run = ReconcileRun(7, True, 1.5, counts={"new": 3}, cautions=("x",))
    runs.note(run)
    assert runs.current() == run
    assert json.loads(ledger.facts.get("reconcile"))["phase"] == "scenes"


def test_a_scene_that_waits_and_is_in_the_queue_is_left_there(tasked: ReconcileBench) -> None:
    tasked.bench.app.ledger.scenes.set_state(tasked.scenes[0], State.NOT_FOUND, Result.NOT_FOUND, error="x")
    sync_scene.schedule((tasked.scenes[0],), delay=60)
    reconcile_on(1_000)
    work_on_all()
    last = Runs(tasked.bench.app.ledger.facts).last()
    assert last is not None
    assert last.counts == {}
