"""The whole file is looked through for damage once a day, and nothing waits for that."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.ledger import Ledger
from plexsync.ledger.rescue import Rescue, damaged_files
from plexsync.queue import examination as examination_module
from plexsync.queue import open_queue
from plexsync.queue.examination import AGAIN_AFTER, INTERVAL, Examination
from plexsync.queue.storage_health import PatientScheduler, StorageHealth, patient
from plexsync.storage.database import Database
from tests.support.queue_app.rig import until

pytestmark = pytest.mark.sqlite


class Slow(Database):
    """A file that takes long to look through."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.checked = threading.Event()
        self.go = threading.Event()
        self.times = 0

    def check(self) -> None:
        self.times += 1
        self.checked.set()
        assert self.go.wait(10)
        super().check()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Slow]:
    database = Slow(tmp_path / "plexsync.db")
    Ledger(database)
    yield database
    database.close()


def test_it_is_done_once_a_day_and_one_at_a_time(database: Slow) -> None:
    now = [0.0]
    examination = Examination(database, pytest.fail, lambda: now[0])
    examination.begin_if_due()
    now[0] = INTERVAL - 1
    examination.begin_if_due()
    assert database.times == 0
    now[0] = INTERVAL
    examination.begin_if_due()
    assert database.checked.wait(10)
    now[0] = 2 * INTERVAL + 1
    examination.begin_if_due()
    assert database.times == 1, "the first one is not over yet"
    database.go.set()
    until(lambda: not examination.is_running)
    examination.begin_if_due()
    until(lambda: database.times == 2)


def test_the_scheduler_does_not_wait_for_it(database: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination_module, "INTERVAL", 0.0)
    huey = open_queue(database)
    scheduler = patient(PatientScheduler(huey, threading.Event(), 1, periodic=True), StorageHealth())
    rounds = []
    monkeypatch.setattr(huey.storage, "read_schedule", lambda _at: rounds.append(1) or [])
    scheduler.loop()
    scheduler.loop()
    assert database.checked.wait(10)
    scheduler.loop()
    assert len(rounds) >= 3
    database.go.set()


def test_where_no_thread_can_be_started_it_is_done_later(database: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    now = [0.0]
    examination = Examination(database, pytest.fail, lambda: now[0])
    now[0] = INTERVAL
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", fail)
        examination.begin_if_due()
    now[0] += AGAIN_AFTER
    examination.begin_if_due()
    assert database.checked.wait(10)
    database.go.set()


def test_damage_is_told_and_the_file_set_aside(database: Slow) -> None:
    with database.write() as connection:
        connection.executemany("insert into fact values (?, ?)", [(str(n), "x" * 500) for n in range(2000)])
    database.keeper = Rescue(database.path)
    open_queue(database)
    database.close()
    with database.read() as connection:
        connection.execute("select count(*) from fact").fetchone()
    with database.path.open("r+b") as file:
        file.seek(database.path.stat().st_size // 8192 * 4096)
        file.write(os.urandom(100_000))
    told: list[BaseException] = []
    now = [0.0]
    examination = Examination(database, told.append, lambda: now[0])
    now[0] = INTERVAL
    database.go.set()
    examination.begin_if_due()
    until(lambda: bool(told))
    assert isinstance(told[0], sqlite3.DatabaseError)
    assert len(damaged_files(database.path)) == 1


def test_a_file_that_was_set_aside_meanwhile_is_not_taken_for_the_one_there_is_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(tmp_path / "plexsync.db")
    Ledger(database)
    database.keeper = Rescue(database.path)
    open_queue(database)

    def damage(path: Path) -> str:
        # While it is looked through, somebody else meets the damage, and makes a new file.
        database.close()
        path.rename(f"{path}.corrupt-x")
        with database.read() as connection:
            connection.execute("select 1")
        return "malformed"

    monkeypatch.setattr("plexsync.storage.database.damage", damage)
    database.check()
    assert [path.name for path in damaged_files(database.path)] == ["plexsync.db.corrupt-x"]
    database.close()
