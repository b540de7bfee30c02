"""Real consumers: killed, side by side, and woken."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.inbox import event_files
from plexsync.queue import PlexSyncHuey
from plexsync.queue.leases import _runs
from plexsync.queue.listening import ECHO
from tests.support.queue_app.rig import (
    consumer,
    has_started,
    is_empty,
    journal,
    new_queue,
    noted,
    send,
    sender,
    shell,
    until,
)


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[PlexSyncHuey]:
    queue = sender(tmp_path)
    yield queue
    queue.storage.close()


def overlaps(folder: Path) -> list[int]:
    """Numbers that two workers worked on at one time."""
    running: dict[int, int] = defaultdict(int)
    found = []
    for what, number, _, _ in sorted(journal(folder), key=lambda line: line[3]):
        running[number] += 1 if what == "start" else -1
        if running[number] > 1:
            found.append(number)
    return found


@pytest.mark.parametrize("kind", ["thread", "process"])
def test_tasks_of_a_killed_consumer_run_again_as_soon_as_it_is_back(
    tmp_path: Path, queue: PlexSyncHuey, kind: str
) -> None:
    for number in range(12):
        send(queue, number, 0.3)
    with consumer(tmp_path, "-w", "4", "-k", kind) as process:
        until(lambda: len(noted(tmp_path, "start")) >= 6)
        workers = {pid for _, _, pid, _ in journal(tmp_path)}
        process.send_signal(signal.SIGKILL)
        for worker in workers - {process.pid}:
            os.kill(worker, signal.SIGKILL)
        process.wait(10)
    # A worker process may end its task between the consumer's death and its own.
    assert 1 <= queue.stats().in_progress <= 4
    restarted = time.monotonic()
    with consumer(tmp_path, "-w", "4", "-k", kind):
        until(lambda: is_empty(queue))
    assert set(noted(tmp_path, "end")) == set(range(12))
    assert time.monotonic() - restarted < 10


def test_worker_processes_whose_consumer_was_killed_finish_their_task_and_end(
    tmp_path: Path, queue: PlexSyncHuey
) -> None:
    for number in range(4):
        send(queue, number, 0.5)
    with consumer(tmp_path, "-w", "2", "-k", "process") as process:
        until(lambda: len(noted(tmp_path, "start")) == 2)
        process.send_signal(signal.SIGKILL)
    workers = {pid for _, _, pid, _ in journal(tmp_path)}
    until(lambda: not any(_runs(worker, "") for worker in workers))
    assert len(noted(tmp_path, "start")) == len(noted(tmp_path, "end")) == 2
    assert (queue.stats().pending, queue.stats().in_progress) == (2, 0)


def test_two_consumers_never_work_on_one_key_at_the_same_time(tmp_path: Path, queue: PlexSyncHuey) -> None:
    with consumer(tmp_path, "-w", "3"), consumer(tmp_path, "-w", "3"):
        until(lambda: has_started(tmp_path, times=2))
        for _ in range(40):
            for number in range(5):
                send(queue, number, 0.05)
            time.sleep(0.02)
        until(lambda: is_empty(queue))
    assert set(noted(tmp_path, "end")) == set(range(5))
    assert len({pid for _, _, pid, _ in journal(tmp_path)}) == 2
    assert overlaps(tmp_path) == []


def test_eight_threads_queue_while_four_workers_consume(tmp_path: Path, queue: PlexSyncHuey) -> None:
    each = 25

    def send_some(start: int) -> None:
        for number in range(start, start + each):
            send(queue, number)

    with consumer(tmp_path, "-w", "4"):
        threads = [threading.Thread(target=send_some, args=(start,)) for start in range(0, 8 * each, each)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        until(lambda: is_empty(queue))
    assert sorted(noted(tmp_path, "end")) == list(range(8 * each))


def test_an_event_is_picked_up_while_the_consumer_idles(tmp_path: Path) -> None:
    with consumer(tmp_path, "-w", "4"):
        until(lambda: has_started(tmp_path))
        time.sleep(0.3)
        waits = []
        for scene_id in range(1, 11):
            laid = time.monotonic()
            event_files.put(str(tmp_path / event_files.FOLDER), event_files.message(scene_id, "Scene.Update.Post"))
            until(lambda scene_id=scene_id: scene_id in noted(tmp_path, "start"))  # type: ignore[misc]  # as above
            waits.append(time.monotonic() - laid)
    # The aim is 30 ms; this tells it from polling, however slow the machine.
    assert sorted(waits)[5] < 0.5


def test_a_shell_queues_waits_and_looks_while_a_consumer_runs(tmp_path: Path) -> None:
    with consumer(tmp_path, "-w", "2"):
        script = (
            "import time\n"
            "first, second = work(45, 0.3), work(45, 0.3)\n"
            "print(first.get(blocking=True, timeout=10), second.get(blocking=True, timeout=10))\n"
            "later = work.schedule((46,), delay=1)\n"
            "print(len(huey.scheduled()), later.get(blocking=True, timeout=10), later.id in huey.all_results())\n"
            "work.revoke(); revoked = work(47)\n"
            "while huey.stats().pending + huey.stats().in_progress: time.sleep(0.05)\n"
            "print(revoked.get()); huey.flush(); print(huey.all_results())"
        )
        assert shell(tmp_path, script).splitlines() == ["45 45", "1 46 True", "None", "{}"]
    assert 47 not in noted(tmp_path, "start")


@pytest.mark.sqlite
def test_no_path_of_hueys_opens_a_connection_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    original = sqlite3.connect

    def count(path: Any, **how: Any) -> sqlite3.Connection:
        opened.append(path)
        return original(path, **how)

    monkeypatch.setattr(sqlite3, "connect", count)
    monkeypatch.setattr("huey.storage.sqlite3", None)
    huey = new_queue(tmp_path)
    task = huey.task(name="one")(lambda: 1)
    task()
    task.schedule(delay=60)
    huey.execute(huey.dequeue())
    huey.lock_task("a").acquire()
    huey.storage.incr("a")
    huey.all_results()
    huey.scheduled()
    huey.flush()
    assert {*opened} == {tmp_path / "plexsync.db"}
    assert len(opened) == 2, "one that writes, and one that reads"
    huey.storage.close()


def test_an_idle_consumer_sleeps(tmp_path: Path) -> None:
    """Its threads wake about twice a second, all together; each used to ten times. A busy machine adds none."""
    with consumer(tmp_path, "-w", "4", "-q") as process:
        until(lambda: (tmp_path / "doorbell").exists())
        event_files.put(str(tmp_path / event_files.FOLDER), event_files.message(45, "Scene.Update.Post"))
        until(lambda: 45 in noted(tmp_path, "start"))
        # The time after a ring in which looks are short apart is over.
        began = time.monotonic()
        until(lambda: time.monotonic() - began > 2 * ECHO)
        before, began = _wake_ups(process.pid), time.monotonic()
        until(lambda: time.monotonic() - began > 3)
        assert (_wake_ups(process.pid) - before) / (time.monotonic() - began) < 4


def _wake_ups(pid: int) -> int:
    """How often the threads of a process have gone to sleep so far."""
    statuses = [(place / "status").read_text() for place in Path(f"/proc/{pid}/task").iterdir()]
    return sum(int(one.partition("\nvoluntary_ctxt_switches:")[2].split()[0]) for one in statuses)
