"""Messages that ask for the same work become one; none is lost by it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from huey import crontab
from huey.exceptions import RetryTask, TaskException

from plexsync.inbox import event_files
from plexsync.queue import PlexSyncHuey
from plexsync.queue import storage as storage_module
from tests.support.queue_app.rig import new_queue, rows, run_next
from tests.support.sql_seen import statements_of, steps_of


class App:
    """A queue with a task that coalesces, ``work``, one that does not, ``plain``, and what happened."""

    def __init__(self, folder: Path) -> None:
        self.huey: PlexSyncHuey = new_queue(folder)
        self.done: list[Any] = []
        self.meanwhile: list[Any] = []
        self.retry: RetryTask | None = None
        self.work: Any = self.huey.task(coalesce=True, retries=3)(self._work)
        self.plain: Any = self.huey.task()(self._plain)

    def _work(self, *args: Any) -> Any:
        for act in self.meanwhile:
            act()
        self.meanwhile.clear()
        if self.retry is not None:
            retry, self.retry = self.retry, None
            raise retry
        self.done.append(args)
        return list(args)

    def _plain(self, number: int) -> int:
        self.done.append(number)
        return number

    def waiting(self) -> list[dict[str, Any]]:
        return rows(self.huey, "task")

    def scheduled(self) -> list[dict[str, Any]]:
        return rows(self.huey, "schedule")

    def message(self, index: int = 0) -> Any:
        return self.huey.serializer.deserialize(self.waiting()[index]["data"])

    def due(self, seconds: float = 3600) -> None:
        assert self.huey.read_schedule(datetime.now(UTC) + timedelta(seconds=seconds)) == []


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    monkeypatch.setattr(storage_module, "PATIENCE", 0.0)
    app = App(tmp_path)
    yield app
    app.huey.storage.close()


class TestMany:
    """Many that come at once join one by one what waits, and one another."""

    def test_they_become_one_with_what_waits_what_is_scheduled_and_each_other(self, app: App) -> None:
        app.work(1)
        app.work.schedule((2,), delay=3600)
        revoked = app.work(3)
        revoked.revoke()
        tasks = [app.work.s(number) for number in (1, 2, 3, 4, 4, 1)] + [app.plain.s(4), app.plain.s(4)]
        assert app.huey.enqueue_many(tasks) == 8
        assert app.scheduled() == []
        assert len(app.waiting()) == 6
        while (task := app.huey.dequeue()) is not None:
            app.huey.execute(task)
        assert app.done == [(1,), (2,), (3,), (4,), 4, 4]

    def test_whether_they_are_there_is_not_asked_for_each(self, app: App) -> None:
        app.work(0)
        with statements_of(app.huey.storage.database) as said:
            assert app.huey.enqueue_many(app.work.s(number) for number in range(1000)) == 1000
        assert len(app.waiting()) == 1000
        assert sum(one.lstrip().startswith("select") for one in said) < 10


class TestWaiting:
    def test_equal_messages_that_wait_become_one(self, app: App) -> None:
        for _ in range(3):
            app.work(45)
        app.work(46)
        assert app.huey.pending_count() == 2

    def test_messages_to_a_task_that_does_not_coalesce_stay_as_many_as_they_are(self, app: App) -> None:
        app.plain(1)
        app.plain(1)
        assert app.huey.pending_count() == 2

    def test_the_first_ones_place_in_line_stays(self, app: App) -> None:
        app.work(1)
        app.work(2)
        app.work(1)
        run_next(app.huey)
        assert app.done == [(1,)]

    def test_the_higher_priority_wins_whichever_came_first(self, app: App) -> None:
        app.huey.enqueue(app.work.s(1, priority=5))
        app.huey.enqueue(app.work.s(1, priority=2))
        app.huey.enqueue(app.work.s(2, priority=1))
        app.huey.enqueue(app.work.s(2, priority=9))
        assert [row["priority"] for row in app.waiting()] == [5, 9]

    def test_a_fresh_message_brings_fresh_retries(self, app: App) -> None:
        app.huey.enqueue(app.work.s(1, retries=1))
        app.huey.enqueue(app.work.s(1, retries=7))
        assert app.message().retries == 7

    def test_both_handles_get_the_result(self, app: App) -> None:
        first, second = app.work(45), app.work(45)
        run_next(app.huey)
        assert first.get(blocking=True, timeout=1) == [45]
        assert second.get(blocking=True, timeout=1) == [45]

    def test_a_message_from_the_inbox_joins_one_from_a_shell(self, app: App, tmp_path: Path) -> None:
        sync_scene = app.huey.task(name="sync_scene")(_like_the_hooks(app.done.append))
        handle = sync_scene(45)
        event_files.put(str(tmp_path / event_files.FOLDER), event_files.message(45, "Scene.Update.Post"))
        assert app.huey.pending_count() == 1
        assert app.message().id == handle.id

    def test_the_hooks_messages_become_one_where_no_task_is_known(self, app: App, tmp_path: Path) -> None:
        for _ in range(2):
            event_files.put(str(tmp_path / event_files.FOLDER), event_files.message(45, "Scene.Update.Post"))
        assert app.huey.pending_count() == 1

    def test_a_periodic_task_that_is_behind_waits_once(self, app: App) -> None:
        nightly = app.huey.periodic_task(crontab())(lambda: app.done.append("night"))
        nightly()
        nightly()
        assert app.huey.pending_count() == 1

    def test_a_new_message_does_not_join_one_that_was_revoked(self, app: App) -> None:
        revoked = app.work(1)
        revoked.revoke()
        app.work(1)
        run_next(app.huey)
        assert app.done == [(1,)]
        with pytest.raises(TaskException, match="revoked"):
            revoked.get()


class TestClaimed:
    def test_what_arrives_while_its_equal_is_worked_on_waits_on_its_own(self, app: App) -> None:
        app.work(45)
        app.meanwhile.append(lambda: app.work(45))
        run_next(app.huey)
        assert app.huey.pending_count() == 1
        run_next(app.huey)
        assert app.done == [(45,), (45,)]

    def test_equal_work_is_not_handed_out_twice_at_once_and_other_work_is(self, app: App) -> None:
        app.work(45)
        first = app.huey.dequeue()
        app.work(45)
        app.work(46)
        second = app.huey.dequeue()
        assert (first.args, second.args) == ((45,), (46,))
        assert app.huey.dequeue() is None
        app.huey.execute(first)
        assert app.huey.dequeue().args == (45,)

    @pytest.mark.sqlite
    def test_one_busy_key_costs_the_others_nothing(self, app: App) -> None:
        app.huey.enqueue(app.work.s(0, priority=9))
        app.huey.dequeue()
        app.huey.enqueue(app.work.s(0, priority=9))
        with app.huey.storage.database.write(durable=True):
            for number in range(1, 10_001):
                app.work(number)
        with steps_of(app.huey.storage.database) as steps:
            claimed = app.huey.dequeue()
        assert claimed.args == (1,)
        # Instructions of SQLite's machine for all statements of a claim together; a scan would take tens of thousands.
        assert 0 < steps.number < 1500

    def test_whether_a_task_is_being_worked_on_can_be_asked(self, app: App) -> None:
        app.work(45)
        assert not app.huey.is_claimed(app.work.s(45))
        app.huey.dequeue()
        assert app.huey.is_claimed(app.work.s(45))
        assert not app.huey.is_claimed(app.work.s(46))


class TestScheduled:
    def test_a_new_message_takes_the_place_of_the_scheduled_retry(self, app: App) -> None:
        first = app.work(45)
        app.retry = RetryTask(delay=600)
        run_next(app.huey)
        assert len(app.scheduled()) == 1
        second = app.work(45)
        assert (app.scheduled(), app.huey.pending_count()) == ([], 1)
        assert app.message().eta is None
        run_next(app.huey)
        assert first.get() == second.get() == [45]

    def test_a_message_from_the_inbox_takes_the_place_of_the_scheduled_retry(self, app: App, tmp_path: Path) -> None:
        sync_scene = app.huey.task(name="sync_scene")(_like_the_hooks(app.done.append))
        sync_scene.schedule((45,), delay=600)
        event_files.put(str(tmp_path / event_files.FOLDER), event_files.message(45, "Scene.Update.Post"))
        assert (app.huey.pending_count(), app.huey.scheduled_count()) == (1, 0)

    @pytest.mark.parametrize(("first", "second"), [(600, 60), (60, 600)])
    def test_of_two_scheduled_ones_the_earlier_time_stays(self, app: App, first: int, second: int) -> None:
        handles = [app.work.schedule((45,), delay=delay) for delay in (first, second)]
        assert len(app.scheduled()) == 1
        app.due(61)
        run_next_now(app)
        assert [handle.get() for handle in handles] == [[45], [45]]

    def test_a_retry_is_dropped_where_a_message_waits_and_its_handle_says_so(self, app: App) -> None:
        first = app.work(45)
        app.meanwhile.append(lambda: app.work(45))
        app.retry = RetryTask(delay=600)
        run_next(app.huey)
        assert (app.huey.scheduled_count(), app.huey.pending_count()) == (0, 1)
        assert app.message().retries == 3
        with pytest.raises(TaskException, match="superseded"):
            first.get()

    def test_a_retry_at_once_is_dropped_too_and_leaves_the_waiting_ones_retries(self, app: App) -> None:
        app.work(45)
        app.meanwhile.append(lambda: app.work(45))
        app.retry = RetryTask()
        run_next(app.huey)
        assert app.huey.pending_count() == 1
        assert app.message().retries == 3

    def test_a_retry_with_nobody_waiting_is_kept(self, app: App) -> None:
        handle = app.work(45)
        app.retry = RetryTask()
        run_next(app.huey)
        run_next(app.huey)
        assert handle.get() == [45]

    def test_a_task_may_schedule_its_own_next_look(self, app: App) -> None:
        app.work(45)
        app.meanwhile.append(lambda: app.work.schedule((45,), delay=60))
        run_next(app.huey)
        assert (app.huey.scheduled_count(), app.huey.pending_count()) == (1, 0)

    def test_revoking_and_scheduling_again_moves_the_task_to_the_new_time(self, app: App) -> None:
        handle = app.work.schedule((45,), delay=60)
        later = handle.reschedule(delay=600)
        app.due(61)
        assert app.huey.pending_count() == 0
        app.due(601)
        run_next_now(app)
        assert later.get() == [45]


class TestReturning:
    def test_a_message_that_returns_joins_the_one_that_came_meanwhile_at_its_old_place(self, app: App) -> None:
        app.work(1)
        claimed = app.huey.dequeue()
        app.work(2)
        app.huey.enqueue(app.work.s(1, retries=9))
        app.huey.storage.release(claimed.claim_id)
        assert [row["key"] for row in app.waiting()] == ['["' + _name(app) + f'",[{n}],{{}}]' for n in (1, 2)]
        assert app.message(0).retries == 9


def run_next_now(app: App) -> None:
    """Work on the next task at a time when even what was scheduled is due."""
    task = app.huey.dequeue()
    app.huey.execute(task, datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=1))


def _name(app: App) -> str:
    return str(app.huey.names.task_to_string(app.work.task_class))


def _like_the_hooks(act: Any) -> Any:
    def sync_scene(number: int) -> None:
        act(number)

    return sync_scene
