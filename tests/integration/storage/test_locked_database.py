"""Another program holds the database locked: the consumer waits and says for whom, and a command says so at its end."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.cli import start
from plexsync.cli.start import Start
from plexsync.demo.world import PLUGIN, World
from plexsync.errors import PermanentError
from plexsync.storage.database import Database
from plexsync.storage.lock_holders import holders
from tests.support import programs

#: Holds the write lock for so many seconds. In WAL mode it lies on the -shm file, else on the file itself.
HOLDER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
if sys.argv[3] != "wal":
    connection.execute("pragma locking_mode=exclusive")
connection.execute("begin exclusive")
connection.execute("create table if not exists theirs (id integer)")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


def hold(path: Path, seconds: float, how: str = "wal") -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path), str(seconds), how], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    database = Database(tmp_path / "data" / "plexsync.db")
    database.migrate("room", ("create table thing (id integer primary key);",))
    database.close()
    return database.path


@pytest.fixture
def holder(path: Path, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    process = hold(path, 60, getattr(request, "param", "wal"))
    yield process
    end(process)


@pytest.mark.parametrize("holder", ["wal", "exclusive"], indirect=True)
def test_who_holds_a_lock_is_named(path: Path, holder: subprocess.Popen[str]) -> None:
    assert holders(path).startswith(f"process {holder.pid} (python")


def test_nobody_is_named_where_nobody_holds_one(path: Path) -> None:
    assert holders(path) == ""


def opened(path: Path) -> Database:
    database = Database(path, timeout=0.1)
    with database.write() as connection:
        connection.execute("insert into thing values (1)")
    return database


def test_a_start_waits_for_a_lock_and_says_for_whom(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(start, "WAIT", 0.05)
    process = hold(path, 1.0)
    with caplog.at_level(logging.WARNING):
        try:
            Start(path.parent, ran_before=True).with_room(lambda: opened(path)).close()
        finally:
            end(process)
    assert f"locked by process {process.pid}" in caplog.text
    assert len(caplog.records) == 1


def test_a_lock_that_stays_ends_a_start_with_who_holds_it_and_what_to_do(
    path: Path, holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "WAIT", 0.05)
    monkeypatch.setattr(start, "LOCK_PATIENCE", 0.5)
    with pytest.raises(PermanentError, match=f"locked by process {holder.pid} .*end that, and start again"):
        Start(path.parent, ran_before=True).with_room(lambda: opened(path))


@pytest.mark.slow
@pytest.mark.parametrize("how", ["wal", "exclusive"])
def test_a_consumer_that_meets_a_lock_of_more_than_five_seconds_runs_when_it_is_gone(tmp_path: Path, how: str) -> None:
    with World(tmp_path) as world:
        scene = world.add("one.mp4")
        world.start_consumer()
        world.edit(scene, title="Before")
        world.wait_until_right([scene])
        world.wait_until_idle()
        assert world.stop_consumer() == 0
        process = hold(world.data_dir / "plexsync.db", 12, how)
        try:
            world.start_consumer()
            world.edit(scene, title="After")
            world.wait_until_right([scene], 60)
        finally:
            end(process)
        assert world.stop_consumer() == 0
        assert f"process {process.pid}" in world.log_path.read_text()


@pytest.mark.slow
def test_a_command_that_meets_a_lock_names_who_holds_it(path: Path, holder: subprocess.Popen[str]) -> None:
    done = programs.run(
        [sys.executable, "-P", "-m", "plexsync", "sync", "45"],
        env={
            "PATH": os.environ["PATH"],
            "PLEXSYNC_DATA_DIR": str(path.parent),
            "PLEXSYNC_PLEX_TOKEN": "a-token-of-plex",
            "PYTHONPATH": str(PLUGIN),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert f"database is locked: process {holder.pid} (python" in done.stderr
