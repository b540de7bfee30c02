"""Bulk work is done one message at a time, so that the other workers are there for what people do."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.queue import PlexSyncHuey
from plexsync.queue import storage as storage_module
from tests.support.queue_app.rig import new_queue, until


@pytest.fixture
def huey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PlexSyncHuey]:
    monkeypatch.setattr(storage_module, "PATIENCE", 0.0)
    huey = new_queue(tmp_path)
    yield huey
    huey.storage.close()


@pytest.fixture
def tasks(huey: PlexSyncHuey) -> dict[str, Any]:
    def task(name: str, **options: Any) -> Any:
        return huey.task(name=name, **options)(lambda *args: None)

    return {
        "bulk": task("bulk", exclusive=True, priority=-5),
        "bulky": task("bulky", exclusive=True, priority=-5),
        "single": task("single", coalesce=True),
    }


def taken(huey: PlexSyncHuey) -> list[Any]:
    found = []
    while (task := huey.dequeue()) is not None:
        found.append(task)
    return found


def test_of_all_bulk_work_one_message_is_handed_out(huey: PlexSyncHuey, tasks: dict[str, Any]) -> None:
    for number in range(3):
        tasks["bulk"](number)
        tasks["bulky"](number)
    tasks["single"](1)
    tasks["single"](2)
    assert [(task.name, task.args) for task in taken(huey)] == [("single", (1,)), ("single", (2,)), ("bulk", (0,))]


def test_the_next_one_is_handed_out_when_that_is_done(huey: PlexSyncHuey, tasks: dict[str, Any]) -> None:
    tasks["bulk"](1)
    tasks["bulky"](2)
    (first,) = taken(huey)
    assert huey.dequeue() is None
    huey.execute(first)
    (second,) = taken(huey)
    assert (second.name, second.args) == ("bulky", (2,))


def test_bulk_work_coalesces(huey: PlexSyncHuey, tasks: dict[str, Any]) -> None:
    tasks["bulk"](1)
    tasks["bulk"](1)
    assert huey.pending_count() == 1


def test_what_dies_does_not_block_the_rest_for_ever(huey: PlexSyncHuey, tasks: dict[str, Any]) -> None:
    tasks["bulk"](1)
    (first,) = taken(huey)
    huey.storage.leave(first.claim_id)
    assert huey.storage.recover() == 1
    assert [task.args for task in taken(huey)] == [(1,)]


def test_a_name_that_begins_like_another_is_not_taken_for_it(huey: PlexSyncHuey, tasks: dict[str, Any]) -> None:
    tasks["bulky"](1)
    (claimed,) = taken(huey)
    assert huey.claimed_arguments(huey.names.task_to_string(tasks["bulk"].task_class)) == []
    assert huey.claimed_arguments(huey.names.task_to_string(tasks["bulky"].task_class)) == [[1]]
    huey.execute(claimed)


def test_workers_never_do_two_at_once_and_none_is_left_over(
    huey: PlexSyncHuey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage_module, "PATIENCE", 0.2)
    running, most, done = [0], [0], []
    lock = threading.Lock()

    @huey.task(exclusive=True)
    def busy(number: int) -> None:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.01)
        with lock:
            running[0] -= 1
            done.append(number)

    stopping = threading.Event()
    huey.storage.is_stopping = stopping.is_set

    def work() -> None:
        while not stopping.is_set():
            if (task := huey.dequeue()) is not None:
                huey.execute(task)

    for number in range(20):
        busy(number)
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    until(lambda: len(done) == 20)
    stopping.set()
    for thread in threads:
        thread.join()
    assert sorted(done) == list(range(20))
    assert most[0] == 1


def test_who_asks_for_arguments_gets_those_of_the_largest_batch_and_nothing_else_for_longer_ones(
    huey: PlexSyncHuey, tasks: dict[str, Any]
) -> None:
    """A hundred of Stash's largest ids; and more than an index of PostgreSQL holds."""
    name = huey.names.task_to_string(tasks["bulky"].task_class)
    batch = [2**63 - 1 - number for number in range(100)]
    tasks["bulky"](*batch)
    assert huey.next_arguments(name, 5) == [batch]
    assert list(huey.active_arguments(name)) == [batch]
    (claimed,) = taken(huey)
    assert huey.claimed_arguments(name) == [batch]
    huey.execute(claimed)
    tasks["bulky"](*batch, *batch)
    assert huey.next_arguments(name, 5) == []
    assert list(huey.active_arguments(name)) == []
    (claimed,) = taken(huey)
    assert huey.claimed_arguments(name) == []
    huey.execute(claimed)
