"""The consumer's lock stays held while the consumer becomes another program in its own place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plexsync.storage.consumer_lock import CONSUMER_LOCK, INHERITED, only_consumer, running_consumer
from tests.support.queue_app.rig import until

#: Takes the lock, becomes itself so many times, a shell in between, and notes each time who it is.
LIFE = """
import os, sys
from pathlib import Path
from plexsync.storage.consumer_lock import INHERITED, ConsumerLock
folder, times = Path(sys.argv[1]), int(sys.argv[2])
lock = ConsumerLock(folder)
with (folder / "lives").open("a") as lives:
    lives.write(f"{os.getpid()} {INHERITED in os.environ}\\n")
if times:
    environment = {**os.environ, INHERITED: lock.hand_over()}
    lock.close()
    again = [sys.executable, *sys.orig_argv[1:-1], str(times - 1)]
    os.execve("/bin/sh", ["/bin/sh", "-c", 'sleep 0.1; exec "$@"', "sh", *again], environment)
sys.stdin.readline()
"""


def test_nobody_can_take_it_in_between(tmp_path: Path) -> None:
    lives = tmp_path / "lives"
    with subprocess.Popen([sys.executable, "-c", LIFE, tmp_path, "2"], stdin=subprocess.PIPE, text=True) as process:
        until(lives.exists)
        looks = 0
        while len(lives.read_text().splitlines()) < 3:
            found = running_consumer(tmp_path)
            assert found is not None
            assert found.pid in (process.pid, None), "its number is just being noted"
            looks += 1
        assert looks > 10
        process.communicate("\n")
    assert process.returncode == 0
    assert lives.read_text() == f"{process.pid} False\n" * 3
    assert running_consumer(tmp_path) is None


@pytest.mark.parametrize(
    "value",
    ["", "x", "3", f"3:{os.getppid()}", f"999999:{os.getpid()}", f"-1:{os.getpid()}"],
    # Without the numbers of processes: workers that run tests side by side have to find the same ones.
    ids=["empty", "a word", "no process", "another process", "no such file", "below 0"],
)
def test_a_variable_that_says_something_else_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(INHERITED, value)
    with only_consumer(tmp_path):
        assert INHERITED not in os.environ
        assert running_consumer(tmp_path) is not None


def test_a_lock_whose_file_was_deleted_meanwhile_is_taken_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    descriptor = os.open(tmp_path / CONSUMER_LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    (tmp_path / CONSUMER_LOCK).unlink()
    monkeypatch.setenv(INHERITED, f"{descriptor}:{os.getpid()}")
    with only_consumer(tmp_path):
        assert running_consumer(tmp_path) is not None
