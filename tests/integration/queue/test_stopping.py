"""Real consumers, told to stop: what runs is finished, within bounds, and nothing is lost."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.queue import PlexSyncHuey
from tests.support.queue_app.rig import consumer, has_started, noted, send, sender, until


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[PlexSyncHuey]:
    queue = sender(tmp_path)
    yield queue
    queue.storage.close()


@pytest.mark.parametrize("kind", ["thread", "process"])
@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_consumer_finishes_what_runs_and_takes_nothing_new(
    tmp_path: Path, queue: PlexSyncHuey, signum: signal.Signals, kind: str
) -> None:
    for number in range(4):
        send(queue, number, 0.7)
    with consumer(tmp_path, "-w", "2", "-k", kind) as process:
        until(lambda: len(noted(tmp_path, "start")) == 2)
        process.send_signal(signum)
        assert process.wait(10) == 0
    assert len(noted(tmp_path, "start")) == len(noted(tmp_path, "end")) == 2
    assert (queue.stats().pending, queue.stats().in_progress) == (2, 0)


@pytest.mark.parametrize("kind", ["thread", "process"])
@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_interrupts_and_the_tasks_go_back_in_line(
    tmp_path: Path, queue: PlexSyncHuey, second: signal.Signals, kind: str
) -> None:
    for number in range(2):
        send(queue, number, 60)
    with consumer(tmp_path, "-w", "2", "-k", kind) as process:
        until(lambda: len(noted(tmp_path, "start")) == 2)
        process.send_signal(signal.SIGINT)
        until(lambda: b"Shutting down gracefully" in (tmp_path / "log").read_bytes())
        time.sleep(0.1)
        process.send_signal(second)
        assert process.wait(10) == 0
    assert (queue.stats().pending, queue.stats().in_progress) == (2, 0)


def test_tasks_that_outlast_the_time_out_go_back_in_line(tmp_path: Path, queue: PlexSyncHuey) -> None:
    send(queue, 1, 60)
    with consumer(tmp_path, "-t", "0.3") as process:
        until(lambda: noted(tmp_path, "start"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert (queue.stats().pending, queue.stats().in_progress) == (1, 0)


def test_an_idle_consumer_stops_at_once(tmp_path: Path) -> None:
    with consumer(tmp_path, "-w", "4") as process:
        until(lambda: has_started(tmp_path))
        time.sleep(0.3)
        stopped = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert time.monotonic() - stopped < 1.0


def test_a_restarted_consumer_goes_on(tmp_path: Path, queue: PlexSyncHuey) -> None:
    with consumer(tmp_path, "-w", "2") as process:
        send(queue, 1)
        until(lambda: noted(tmp_path, "end") == [1])
        process.send_signal(signal.SIGHUP)
        until(lambda: has_started(tmp_path, times=2))
        send(queue, 2)
        until(lambda: noted(tmp_path, "end") == [1, 2])
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
