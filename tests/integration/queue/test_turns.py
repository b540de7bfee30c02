"""Messages that one worker claims together: bounded, fair, each acknowledged by itself, and lost by no crash."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from huey.exceptions import RetryTask

from plexsync.queue import PlexSyncHuey
from plexsync.queue import storage as storage_module
from plexsync.queue.leases import Owner
from plexsync.queue.turns import ALONE, ALONE_AT_MOST, FIRST, LENGTH, Turns
from tests.support.clocks import ClockAhead
from tests.support.queue_app.rig import new_queue, rows, run_next
from tests.support.sql_seen import statements_of, transactions_of

MOST = 8


class App:
    """A queue with a task of which several messages may be claimed together, and what happened."""

    def __init__(self, folder: Path) -> None:
        self.clock = ClockAhead()
        self.huey: PlexSyncHuey = new_queue(folder, clock=self.clock)
        self.together: list[list[int]] = []
        self.done: list[int] = []
        #: Called in the run of the task, and with the numbers of those that are prepared; returns which were brought.
        self.run: Callable[[int], Any] = lambda number: number * 10
        self.prepare: Callable[[list[int]], Sequence[int]] = lambda numbers: numbers

        @self.huey.task(name="work", coalesce=True, together=MOST)
        def work(number: int) -> Any:
            self.done.append(number)
            return self.run(number)

        @self.huey.task(name="other", coalesce=True)
        def other(number: int) -> None:
            self.done.append(-number)

        @self.huey.together(self.huey.names.task_to_string(work.task_class))
        def prepare(tasks: Sequence[Any]) -> list[Any]:
            self.together.append([task.args[0] for task in tasks])
            brought = self.prepare(self.together[-1])
            return [task for task in tasks if task.args[0] in brought]

        self.work, self.other = work, other
        self.name = self.huey.names.task_to_string(work.task_class)
        # As after turns that took next to no time.
        self.huey.storage.turns.took(self.name, 1, 0.0, brought=1)

    def queue(self, *numbers: int, priority: float | None = None) -> list[Any]:
        return [self.huey.enqueue(self.work.s(number, priority=priority)) for number in numbers]

    def waiting(self) -> list[tuple[str, int]]:
        return [(row["key"], row["deliveries"]) for row in rows(self.huey, "task")]


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    monkeypatch.setattr(storage_module, "PATIENCE", 0.0)
    app = App(tmp_path)
    yield app
    app.huey.storage.close()


def test_what_waits_is_claimed_together_up_to_the_most_in_the_order_of_the_line(app: App) -> None:
    app.queue(*range(1, MOST + 4))
    first = run_next(app.huey)
    assert first.args == (1,)
    assert app.together == [list(range(1, MOST + 1))]
    run_next(app.huey)
    assert app.together[1:] == [[MOST + 1, MOST + 2, MOST + 3]]
    assert app.done == list(range(1, MOST + 4))
    assert rows(app.huey, "claim") == []


def test_what_waits_is_shared_among_the_workers(app: App) -> None:
    app.huey.storage.turns.workers = 4
    app.queue(1, 2, 3, 4, 5, 6)
    shares = [1 + len(app.huey.dequeue().claimed_with_it) for _ in range(4)]
    assert shares == [2, 1, 1, 1], "a share each of what waited then; one is left"
    assert len(app.waiting()) == 1


def test_neither_another_task_nor_another_priority_is_claimed_along_and_none_of_higher_priority_waits(app: App) -> None:
    app.queue(1, 2, priority=-10)
    app.huey.enqueue(app.other.s(7, priority=-5))
    app.queue(3, 4)
    while run_next(app.huey):
        pass
    assert app.together == [[3, 4], [1, 2]]
    assert app.done == [3, 4, -7, 1, 2]


def test_a_lone_message_is_not_prepared_for(app: App) -> None:
    app.queue(1)
    run_next(app.huey)
    assert (app.together, app.done) == ([], [1])


def test_each_has_a_result_and_those_brought_are_acknowledged_in_one_transaction(app: App) -> None:
    results = app.queue(1, 2, 3, 4)
    task = app.huey.dequeue()
    with transactions_of(app.huey.storage.database) as seen:
        app.huey.execute(task)
    assert (seen.all, seen.durable) == (1, 0)
    assert [result.get() for result in results] == [10, 20, 30, 40]


def test_those_that_were_not_brought_run_after_the_others(app: App) -> None:
    app.prepare = lambda numbers: [number for number in numbers if number % 2 == 0]
    app.queue(1, 2, 3, 4)
    run_next(app.huey)
    assert app.done == [2, 4, 1, 3]
    assert rows(app.huey, "claim") == []


def test_what_fails_is_tried_again_by_itself_and_keeps_none_of_the_others(app: App) -> None:
    def fail(number: int) -> int:
        if number == 2:
            raise RetryTask(delay=60)
        if number == 3:
            raise ValueError("no")
        return number

    app.run = fail
    app.queue(1, 2, 3, 4)
    run_next(app.huey)
    assert app.done == [1, 2, 3, 4]
    assert [row["key"] for row in rows(app.huey, "schedule")] == ['["work",[2],{}]']
    assert (app.waiting(), rows(app.huey, "claim")) == ([], [])


def test_where_they_cannot_be_prepared_each_is_worked_on_by_itself_and_that_is_told_once(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_numbers: list[int]) -> Sequence[int]:
        raise ValueError("no, and never")

    app.prepare = fail
    app.queue(1, 2, 3)
    run_next(app.huey)
    app.clock.pass_by(ALONE)
    app.queue(4, 5)
    run_next(app.huey)
    assert app.done == [1, 2, 3, 4, 5]
    assert len(app.together) == 2
    assert caplog.text.count("could not be worked on together") == 1


def test_a_task_that_was_revoked_is_not_prepared(app: App) -> None:
    _, revoked, _ = app.queue(1, 2, 3)
    revoked.revoke()
    run_next(app.huey)
    assert app.done == [1, 3]
    assert app.together == []


def test_one_that_is_revoked_once_it_is_done_leaves_no_word_of_that(app: App) -> None:
    results = app.queue(1, 2, 3)

    def prepare(numbers: list[int]) -> list[int]:
        results[1].revoke()
        return numbers

    app.prepare = prepare
    run_next(app.huey)
    assert app.done == [1, 2, 3]
    assert not app.huey.storage.has_revocations()


def test_whether_anything_is_revoked_is_asked_for_all_of_them_at_once(app: App) -> None:
    app.queue(*range(MOST))
    task = app.huey.dequeue()
    with statements_of(app.huey.storage.database) as said:
        app.huey.execute(task)
    assert len(app.done) == MOST
    assert len([one for one in said if one.lstrip().startswith("select") and "kv" in one]) == 2


def test_what_a_worker_that_dies_had_claimed_returns_as_a_whole_and_then_each_is_claimed_alone(app: App) -> None:
    app.queue(1, 2, 3)
    app.huey.dequeue()
    (owner,) = {row["owner"] for row in rows(app.huey, "claim")}
    assert len({row["lease_until"] for row in rows(app.huey, "claim")}) == 1
    with app.huey.storage.database.write() as db:
        gone = Owner.parse(owner)
        assert gone is not None
        db.execute("update claim set owner = ?", (str(replace(gone, pid=2**22 + 1, start_id="gone")),))
    assert app.huey.storage.recover() == 3
    assert [deliveries for _, deliveries in app.waiting()] == [1, 1, 1]
    app.queue(4, 5)
    while run_next(app.huey):
        pass
    assert app.done == [1, 2, 3, 4, 5]
    assert app.together == [[4, 5]], "one of the others may be what it died of"


@pytest.mark.parametrize("why", ["stopping", "paused"])
def test_what_is_not_begun_when_no_more_is_to_be_goes_back_as_if_it_had_not_been_claimed(app: App, why: str) -> None:
    def end(number: int) -> int:
        if why == "stopping":
            app.huey.storage.is_stopping = lambda: True
        else:
            app.huey.storage.paused = lambda: [app.name]
        return number

    app.run, app.prepare = end, lambda _numbers: []
    app.queue(1, 2, 3)
    run_next(app.huey)
    assert app.done == [1]
    assert app.waiting() == [('["work",[2],{}]', 0), ('["work",[3],{}]', 0)]
    assert rows(app.huey, "claim") == []


def test_where_a_worker_ends_what_it_has_not_begun_goes_back_at_once_and_what_it_had_at_the_next_look(app: App) -> None:
    def die(number: int) -> int:
        raise SystemExit

    app.run, app.prepare = die, lambda _numbers: []
    app.queue(1, 2, 3)
    with pytest.raises(SystemExit):
        run_next(app.huey)
    assert [key for key, _ in app.waiting()] == ['["work",[2],{}]', '["work",[3],{}]']
    assert app.huey.storage.recover() == 1
    assert len(app.waiting()) == 3


def test_what_comes_for_one_of_them_meanwhile_waits_and_gets_its_turn(app: App) -> None:
    app.prepare = lambda numbers: (app.queue(2), numbers)[1] if len(app.together) == 1 else numbers
    app.queue(1, 2, 3)
    run_next(app.huey)
    assert app.waiting() == [('["work",[2],{}]', 0)]
    run_next(app.huey)
    assert app.done == [1, 2, 3, 2]


def test_one_that_cannot_be_read_is_set_aside_and_the_others_go_on(app: App) -> None:
    app.queue(1, 2, 3)
    with app.huey.storage.database.write() as db:
        db.execute("update task set data = ? where id = (select min(id) from task)", (b"{",))
    run_next(app.huey)
    assert app.done == [2, 3]
    assert (app.huey.stats().set_aside, app.huey.stats().in_progress) == (1, 0)


def test_what_is_more_urgent_waits_for_no_more_than_the_one_that_is_under_way(app: App) -> None:
    def run(number: int) -> int:
        if number == 1:
            app.queue(7, priority=5)
        return number

    app.run, app.prepare = run, lambda _numbers: []
    app.queue(1, 2, 3)
    while run_next(app.huey):
        pass
    assert app.done == [1, 7, 2, 3]


class TestHowMany:
    def test_a_task_that_does_not_say_so_is_claimed_alone(self) -> None:
        assert Turns().share("work", 100) == 1

    def test_first_a_few_then_as_many_as_a_turn_has_time_for(self) -> None:
        turns = Turns()
        turns.declare("work", 16)
        assert turns.share("work", 100) == FIRST
        turns.took("work", 4, 0.01, brought=4)
        assert turns.share("work", 100) == 16
        for _ in range(20):
            turns.took("work", 1, 10 * LENGTH, brought=1)
        assert turns.share("work", 100) == 1

    def test_a_slow_machine_works_on_some_together(self) -> None:
        turns = Turns()
        turns.declare("work", 16)
        turns.took("work", 1, LENGTH * 0.9, brought=1)
        assert turns.share("work", 100) == FIRST
        assert turns.share("work", 1) == 1

    def test_a_turn_of_what_is_less_urgent_is_shorter(self) -> None:
        turns = Turns()
        turns.declare("work", 16)
        turns.took("work", 1, LENGTH / 10, brought=1)
        assert turns.share("work", 100) == 10
        assert turns.share("work", 100, priority=-10) == FIRST

    def test_one_slow_turn_does_not_make_all_lone(self) -> None:
        turns = Turns()
        turns.declare("work", 16)
        for _ in range(5):
            turns.took("work", 16, 0.16, brought=16)
        turns.took("work", 4, 4 * LENGTH / 2, brought=4)
        assert 1 < turns.share("work", 100) < 16

    def test_where_nothing_can_be_done_together_it_is_tried_more_and_more_seldom(self) -> None:
        clock = ClockAhead()
        turns = Turns(clock)
        turns.declare("work", 16)
        for seconds in (ALONE, 2 * ALONE, 4 * ALONE):
            turns.took("work", 4, 0.01, brought=0)
            assert turns.share("work", 100) == 1
            assert turns.share("work", 100, priority=5) == FIRST
            clock.pass_by(seconds)
            assert turns.share("work", 100) == FIRST
        for _ in range(20):
            turns.took("work", 4, 0.01, brought=0)
        clock.pass_by(ALONE_AT_MOST)
        assert turns.share("work", 100) == FIRST
        turns.took("work", 4, 0.01, brought=4)
        turns.took("work", 4, 0.01, brought=0)
        clock.pass_by(ALONE)
        assert turns.share("work", 100) == 16
