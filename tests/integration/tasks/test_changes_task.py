"""When the tasks that poll for changes, and that look at scenes again, have their turns."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import tasks.changes as changes
import tasks.late as late
from plexsync.demo.http import PlannedFault
from plexsync.errors import AccessDenied
from plexsync.http.breaker import Guard
from plexsync.inbox import event_files
from plexsync.queue.priorities import Priority
from tasks import huey, look_again_late, poll_changes, sync_scene
from tasks.changes import POLLED_AT
from tests.support.sync_bench import SyncBench, sync_bench


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SyncBench]:
    with sync_bench(tmp_path) as bench:
        for module in (changes, late):
            monkeypatch.setattr(module, "runtime", lambda: bench.app)
        changes.outage_told.worked()
        huey.flush()
        yield bench
        huey.storage.close()
        huey.flush()


def scheduled(name: str) -> list[float]:
    """Seconds until each scheduled message to a task."""
    with huey.storage.database.read() as db:
        rows = db.execute("select timestamp from schedule where key like ?", (f'["{name}"%',)).fetchall()
    return [row[0] - time.time() for row in rows]


def turn(task: Any) -> list[str]:
    """What a turn of the scheduler's minute queues of a task."""
    found = [one for one in huey.read_periodic(datetime.now()) if isinstance(one, task.task_class)]
    return [one.name for one in found]


def asked(bench: SyncBench) -> int:
    return bench.stash.counters["Changes"] + bench.stash.counters["LastChanges"]


def polled_before(bench: SyncBench, seconds: float) -> None:
    bench.app.ledger.facts.put(POLLED_AT, repr(time.time() - seconds))


def test_of_the_default_interval_each_turn_is_a_poll_and_nothing_is_scheduled(bench: SyncBench) -> None:
    for turn in range(1, 4):
        poll_changes.call_local()
        assert (asked(bench), scheduled("poll_changes")) == (turn, [])
        polled_before(bench, 60.05)


def test_a_turn_that_comes_a_little_early_counts_as_punctual(bench: SyncBench) -> None:
    polled_before(bench, 59.5)
    poll_changes.call_local()
    assert (asked(bench), scheduled("poll_changes")) == (1, [])


def test_a_turn_between_two_polls_asks_nothing_and_sees_to_the_next(bench: SyncBench) -> None:
    polled_before(bench, 20)
    poll_changes.call_local()
    assert asked(bench) == 0
    assert scheduled("poll_changes") == [pytest.approx(40, abs=2)]


def test_a_minute_between_two_polls_queues_none_and_sees_to_the_next(bench: SyncBench) -> None:
    polled_before(bench, 20)
    assert turn(poll_changes) == []
    assert scheduled("poll_changes") == [pytest.approx(40, abs=2)]
    polled_before(bench, 60)
    assert turn(poll_changes) == ["poll_changes"]
    assert asked(bench) == 0
    bench.app.stash_guard.stop("refused")
    assert turn(poll_changes) == []


def test_of_a_short_interval_each_poll_sees_to_the_next_and_there_is_one_chain(bench: SyncBench) -> None:
    bench.restart(poll_interval=5.0)
    for turn in range(1, 4):
        poll_changes.call_local()
        poll_changes.call_local()  # the minute's turn between two of the chain
        poll_changes()
        assert asked(bench) == turn
        assert len(huey.pending()) == 1
        huey.execute(huey.dequeue())
        assert scheduled("poll_changes") == [pytest.approx(5, abs=1)]
        polled_before(bench, 5)


def test_a_long_interval_is_kept(bench: SyncBench) -> None:
    bench.restart(poll_interval=3600.0)
    poll_changes.call_local()
    for seconds in (60, 1800, 3500):
        polled_before(bench, seconds)
        poll_changes.call_local()
    assert asked(bench) == 1
    polled_before(bench, 3600)
    poll_changes.call_local()
    assert asked(bench) == 2


def test_a_restart_is_no_reason_to_ask(bench: SyncBench) -> None:
    poll_changes.call_local()
    bench.restart()
    poll_changes.call_local()
    assert asked(bench) == 1


def test_a_clock_that_was_set_back_does_not_stop_the_polls(bench: SyncBench) -> None:
    polled_before(bench, -86_400)
    poll_changes.call_local()
    assert asked(bench) == 1


def test_what_is_found_is_queued_behind_what_people_do(bench: SyncBench) -> None:
    poll_changes.call_local()
    time.sleep(1.1)  # Stash's stamps are whole seconds
    scene, _ = bench.add("new.mp4")
    polled_before(bench, 60)
    assert "1 scenes are synced" in poll_changes.call_local()
    sync_scene(bench.scene)
    order = [huey.dequeue() for _ in range(2)]
    assert [(task.args, task.priority) for task in order] == [((bench.scene,), 0.0), ((scene,), Priority.FOLLOW_UP)]


def test_while_stash_is_away_it_is_said_once(bench: SyncBench, caplog: pytest.LogCaptureFixture) -> None:
    fault = bench.stash.faults.add(PlannedFault("status", status=503, times=None))
    with caplog.at_level(logging.INFO):
        for _ in range(5):
            poll_changes.call_local()
            polled_before(bench, 60)
    assert len([one for one in caplog.records if "cannot be asked for changes" in one.getMessage()]) == 1
    bench.stash.faults.remove(fault)
    poll_changes.call_local()
    polled_before(bench, 60)
    bench.stash.faults.add(PlannedFault("status", status=503, times=None))
    caplog.clear()
    with caplog.at_level(logging.INFO):
        poll_changes.call_local()
    assert len([one for one in caplog.records if "cannot be asked for changes" in one.getMessage()]) == 1


@pytest.mark.parametrize("task", [poll_changes, look_again_late])
def test_where_stash_refuses_us_nothing_is_asked(bench: SyncBench, task: Any) -> None:
    bench.app.sync.sync(bench.scene)
    with bench.database.write() as db:
        db.execute("update scene set looks_at = 5")
    bench.stash.require_auth("a key")
    task.call_local()
    guard: Guard = bench.app.stash_guard
    assert guard.stopped is not None
    bench.stash.forget()
    polled_before(bench, 60)
    task.call_local()
    assert len(bench.stash.log) == 0


def test_a_look_is_scheduled_to_the_moment_once_it_is_due_before_the_next_turn(bench: SyncBench) -> None:
    bench.restart(late_polls=(10, 300))
    outcome = bench.app.sync.sync(bench.scene)
    assert outcome.missing
    late.note_synced(bench.app, {bench.scene: outcome.missing}, fresh=True)
    late.note_synced(bench.app, {bench.scene: outcome.missing}, fresh=True)
    assert scheduled("look_again_late") == [pytest.approx(10.5, abs=1)]
    with bench.database.write() as db:
        db.execute("update scene set looks_at = looks_at - 20")
    huey.flush()
    assert look_again_late.call_local() == "0 of 1 scenes that lacked something are synced again"
    assert scheduled("look_again_late") == []


def test_a_minute_in_which_no_look_is_due_queues_none(bench: SyncBench) -> None:
    assert turn(look_again_late) == []
    bench.restart(late_polls=(10, 300))
    outcome = bench.app.sync.sync(bench.scene)
    late.note_synced(bench.app, {bench.scene: outcome.missing}, fresh=True)
    huey.flush()
    assert turn(look_again_late) == ["look_again_late"], "in ten seconds"
    with bench.database.write() as db:
        db.execute("update scene set looks_at = looks_at + 100")
    assert turn(look_again_late) == []
    with bench.database.write() as db:
        db.execute("update scene set looks_at = looks_at - 200")
    assert turn(look_again_late) == ["look_again_late"]
    with bench.database.write() as db:
        db.execute("update scene set looks_at = looks_at + 1e9")
    assert turn(look_again_late) == ["look_again_late"], "the clock was set back"


def test_a_sync_asked_for_by_a_look_is_no_event(bench: SyncBench) -> None:
    outcome = bench.app.sync.sync(bench.scene)
    assert outcome.missing
    late.note_synced(bench.app, {bench.scene: outcome.missing}, fresh=True)
    bench.stash.edit(bench.scene, title="A title")
    with bench.database.write() as db:
        db.execute("update scene set looks_at = 5")
    look_again_late.call_local()
    (message,) = huey.scheduled()
    assert (message.args, message.priority) == ((bench.scene,), Priority.FOLLOW_UP)
    assert message.eta is not None


def test_a_sync_that_an_event_asks_for_is_not_made_a_look(bench: SyncBench) -> None:
    bench.app.sync.sync(bench.scene)
    bench.stash.edit(bench.scene, title="A title")
    with bench.database.write() as db:
        db.execute("update scene set looks_at = 5, missing = 'studio'")
    sync_scene(bench.scene)
    look_again_late.call_local()
    assert huey.scheduled() == []
    assert [message.eta for message in huey.pending()] == [None]


def test_both_tasks_are_found_under_their_names_and_are_one_message_each() -> None:
    for task in (poll_changes, look_again_late):
        assert huey.coalesces(huey.names.task_to_string(task.task_class))
    assert huey.names.string_to_task(event_files.SYNC_SCENE)


def test_a_refusal_is_told_to_the_guard_and_not_to_the_log_of_each_poll(
    bench: SyncBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> str:
        raise AccessDenied("the key is wrong", "Stash")

    monkeypatch.setattr(bench.app.stash, "last_change", refuse)
    poll_changes.call_local()
    assert bench.app.stash_guard.stopped == "the key is wrong"
