"""What a Python shell sees and does: results, errors, revocations, locks, and keeping it all small."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from huey.api import chord, group
from huey.exceptions import TaskException, TaskLockedException

from plexsync.queue import PlexSyncHuey, QueueStats
from plexsync.queue import storage as storage_module
from tests.support.clocks import ClockAhead
from tests.support.queue_app.rig import new_queue, rows, run_next


@pytest.fixture
def add(huey: PlexSyncHuey) -> Any:
    @huey.task()
    def add(*numbers: int) -> int:
        return sum(numbers)

    return add


def run_all(huey: PlexSyncHuey) -> None:
    while run_next(huey):
        pass


def age(huey: PlexSyncHuey, seconds: float) -> None:
    with huey.storage.database.write() as connection:
        connection.execute("update kv set created_at = created_at - ?", (seconds,))


class TestLooking:
    def test_pending_scheduled_and_results_are_there_to_see(self, huey: PlexSyncHuey, add: Any) -> None:
        handle = add(1, 2)
        run_all(huey)
        add(3)
        add.schedule((4,), delay=60)
        assert [task.args for task in huey.pending()] == [(3,)]
        assert [task.args for task in huey.scheduled()] == [(4,)]
        assert {key: json.loads(value) for key, value in huey.all_results().items()} == {
            handle.id: {"v": 1, "result": 3}
        }
        assert (len(huey), huey.pending_count(), huey.scheduled_count(), huey.result_count()) == (1, 1, 1, 1)

    def test_stats_count_by_state_and_tell_since_when_the_oldest_waits(self, huey: PlexSyncHuey, add: Any) -> None:
        assert huey.stats() == QueueStats(0, 0, 0, 0, None)
        before = datetime.now(UTC).timestamp()
        for number in range(3):
            add(number)
        huey.dequeue()
        add.schedule((4,), delay=60)
        huey.storage.enqueue(b"junk", 9)
        huey.dequeue()
        stats = huey.stats()
        assert (stats.pending, stats.scheduled, stats.in_progress, stats.set_aside) == (2, 1, 1, 1)
        assert stats.oldest_pending_at == pytest.approx(before, abs=5)

    def test_flush_empties_everything(self, huey: PlexSyncHuey, add: Any) -> None:
        add(1)
        run_all(huey)
        add(1)
        add.schedule((4,), delay=60)
        huey.flush()
        assert (huey.pending_count(), huey.scheduled_count(), huey.all_results()) == (0, 0, {})

    def test_a_message_is_text_that_a_person_can_read(self, huey: PlexSyncHuey, add: Any) -> None:
        handle = add(1, 2)
        message = json.loads(rows(huey, "task")[0]["data"])
        assert (message["id"], message["args"]) == (handle.id, [1, 2])

    def test_immediate_mode_runs_tasks_at_once(self, tmp_path: Path) -> None:
        huey = new_queue(tmp_path, immediate=True)
        assert huey.task(name="twice")(lambda number: number * 2)(4).get() == 8


class TestResults:
    def test_a_result_can_be_read_again(self, huey: PlexSyncHuey, add: Any) -> None:
        handle = add(1, 2)
        run_all(huey)
        assert [huey.result(handle.id) for _ in range(2)] == [3, 3]

    def test_an_error_is_raised_where_the_result_is_read(self, huey: PlexSyncHuey) -> None:
        @huey.task(retries=1)
        def fail() -> None:
            raise ValueError("no such scene")

        handle = fail()
        run_next(huey)
        assert handle.get() is None
        run_next(huey)
        with pytest.raises(TaskException, match="no such scene"):
            handle.get()

    def test_arguments_that_json_cannot_say_are_refused_when_they_are_given(self, huey: PlexSyncHuey, add: Any) -> None:
        with pytest.raises(TypeError, match="a set cannot be stored"):
            add({1})
        assert huey.pending_count() == 0

    @pytest.mark.parametrize(
        ("ask", "feature"),
        [
            (lambda huey, add: huey.enqueue(add.s(1).then(add, 2)), "on_complete"),
            (lambda huey, add: huey.enqueue_many([add.s(1).then(add, 2)]), "on_complete"),
            (lambda huey, add: huey.enqueue(group([add.s(1).then(add, 2)])), "on_complete"),
            (lambda huey, add: huey.enqueue(add.s(1).error(add)), "on_error"),
            (lambda huey, add: huey.enqueue(chord([add.s(1, 2), add.s(3)], add.s())), "a chord"),
            (lambda _huey, add: add.schedule((1,), delay=5, expires=60), "expires"),
            (lambda huey, _add: huey.task(name="slow", timeout=5)(print)(), "timeout"),
        ],
    )
    def test_what_a_message_has_no_room_for_is_refused_when_it_is_asked_for(
        self, huey: PlexSyncHuey, add: Any, ask: Any, feature: str
    ) -> None:
        with pytest.raises(TypeError, match=rf"{feature}\b.*") as raised:
            ask(huey, add)
        assert "tasks here stand by themselves" in str(raised.value)
        assert (huey.pending_count(), huey.scheduled_count()) == (0, 0)

    def test_a_group_has_a_result_each(self, huey: PlexSyncHuey, add: Any) -> None:
        handle = huey.enqueue(group([add.s(1), add.s(2)]))
        run_all(huey)
        assert handle.get() == [1, 2]

    def test_old_results_are_pruned_and_young_ones_stay(self, huey: PlexSyncHuey, add: Any) -> None:
        old = add(1)
        run_all(huey)
        age(huey, 3600)
        young = add(2)
        run_all(huey)
        assert huey.prune(1800) == 1
        assert (huey.result(old.id), huey.result(young.id)) == (None, 2)

    def test_a_consumer_prunes_by_itself(self, huey: PlexSyncHuey, add: Any, clock: ClockAhead) -> None:
        add(1)
        run_all(huey)
        age(huey, 25 * 3600)
        clock.pass_by(storage_module.PRUNE_INTERVAL)
        huey.dequeue()
        assert huey.all_results() == {}

    def test_locks_and_revocations_outlive_results(self, huey: PlexSyncHuey, add: Any) -> None:
        huey.revoke_by_id("a")
        add.revoke()
        huey.lock_task("library").acquire()
        age(huey, 29 * 24 * 3600)
        assert huey.prune(3600) == 0
        age(huey, 2 * 24 * 3600)
        assert huey.prune(3600) == 3


class TestRevokingAndLocking:
    def test_a_revoked_task_does_not_run(self, huey: PlexSyncHuey, add: Any) -> None:
        handle = add(1)
        handle.revoke()
        assert handle.is_revoked()
        run_all(huey)
        assert (handle.get(), huey.stats().in_progress) == (None, 0)

    def test_a_task_revoked_until_a_time_runs_after_it(self, huey: PlexSyncHuey, add: Any) -> None:
        add.revoke(revoke_until=datetime.now(UTC) + timedelta(hours=1))
        assert add.is_revoked()
        handle = add(1)
        run_all(huey)
        assert handle.get() is None
        add.restore()
        handle = add(1)
        run_all(huey)
        assert handle.get() == 1

    def test_a_lock_keeps_a_second_holder_out(self, huey: PlexSyncHuey) -> None:
        with huey.lock_task("library"):
            assert huey.is_locked("library")
            with pytest.raises(TaskLockedException), huey.lock_task("library"):
                pass
        assert not huey.is_locked("library")

    def test_counters_count(self, huey: PlexSyncHuey) -> None:
        assert [huey.storage.incr("n"), huey.storage.incr("n", 2)] == [1, 3]
