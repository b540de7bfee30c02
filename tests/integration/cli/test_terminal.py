"""The consumer in a terminal that is closed."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo.world import PLUGIN, World
from plexsync.storage.consumer_lock import running_consumer

CONSUMER = [sys.executable, "-P", "-m", "plexsync.cli.consumer"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


def in_a_terminal(world: World) -> tuple[int, int]:
    """Start the consumer there, as the leader of its session; its process, and the terminal's other end."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(CONSUMER[0], CONSUMER, world.environ | {"PYTHONPATH": str(PLUGIN)})
    world.wait(lambda: running_consumer(world.data_dir) is not None and b"workers" in said(terminal), 30, "it runs")
    return pid, terminal


def said(terminal: int) -> bytes:
    os.set_blocking(terminal, False)
    with contextlib.suppress(BlockingIOError):
        return os.read(terminal, 65536)
    return b""


def ended(pid: int, seconds: float) -> int:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise AssertionError("it still runs")


def test_it_ends_with_the_terminal_that_it_was_started_in(world: World) -> None:
    pid, terminal = in_a_terminal(world)
    os.close(terminal)
    assert ended(pid, 20) == 0
    assert running_consumer(world.data_dir) is None


def test_a_hang_up_restarts_it_where_it_is_a_service(world: World) -> None:
    with world.log_path.open("wb") as log:
        process = subprocess.Popen(
            CONSUMER,
            env=world.environ | {"PYTHONPATH": str(PLUGIN)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    world.wait(lambda: "workers" in world.log_path.read_text(), 30, "it runs")
    world.wait(lambda: running_consumer(world.data_dir) is not None, 30, "it runs")
    time.sleep(0.5)
    process.send_signal(signal.SIGHUP)
    world.wait(lambda: world.log_path.read_text().count("workers, data in") == 2, 30, "it has started anew")
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0


def test_what_was_started_to_outlive_its_terminal_does(world: World) -> None:
    with world.log_path.open("wb") as log:
        process = subprocess.Popen(
            ["nohup", *CONSUMER], env=world.environ | {"PYTHONPATH": str(PLUGIN)}, stdout=log, stderr=log
        )
    world.wait(lambda: "workers, data in" in world.log_path.read_text(), 30, "it runs")
    time.sleep(0.5)
    process.send_signal(signal.SIGHUP)
    time.sleep(1)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert world.log_path.read_text().count("workers, data in") == 1
