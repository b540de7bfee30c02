"""A database that is damaged, deleted or of another version, and a folder that is full or cannot be written to."""

from __future__ import annotations

import errno
import logging
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.inbox import event_files, event_reading
from plexsync.inbox.everything_again import SYNC_ALL
from plexsync.ledger import Ledger
from plexsync.ledger.rescue import Rescue, damaged_files
from plexsync.queue import PlexSyncHuey, open_queue
from plexsync.queue import schema as queue_schema
from plexsync.queue.leases import Heartbeat
from plexsync.queue.line import Line
from plexsync.queue.storage_health import StorageHealth
from plexsync.storage.database import Database
from plexsync.storage.faults import is_damage
from plexsync.storage.migrations import DatabaseTooNew
from tests.support.places import ROOT

SCENES = 3000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "plexsync.db"


def filled(path: Path, scenes: int = SCENES) -> None:
    """A database as it is in use: scenes that were synced, some that wait, one that is being worked on."""
    database = Database(path)
    huey = open_queue(database)
    sync_scene = task_of(huey)
    ledger = Ledger(database)
    with database.write() as connection:
        connection.executemany(
            "insert into scene (scene_id, state, rating_key, pushed, changed_at) values (?, 'synced', ?, ?, 1.0)",
            [(number, number + 1000, f'{{"title": "Title {number}", "x": "{"y" * 200}"}}') for number in range(scenes)],
        )
    ledger.facts.put("client_identifier", "the-same-as-ever")
    huey.enqueue_many(sync_scene.s(number) for number in range(1, 101))
    sync_scene.schedule((500,), delay=60)
    with pytest.MonkeyPatch.context() as patch:
        # As if the process died: nobody renews the claim, nor gives it back.
        patch.setattr(Heartbeat, "ensure", lambda _heartbeat: None)
        assert huey.dequeue().args == (1,)
    database.close()


def task_of(huey: PlexSyncHuey) -> Any:
    def sync_scene(scene_id: int) -> None:
        raise NotImplementedError

    return huey.task()(sync_scene)


def overwrite(path: Path, at: float, length: int) -> None:
    """Put random bytes into the file; ``at`` is a share of its size."""
    with path.open("r+b") as file:
        file.seek(int(path.stat().st_size * at) // 4096 * 4096)
        file.write(os.urandom(length))


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2 // 4096 * 4096)


DAMAGES = {
    "random bytes in the middle": lambda path: overwrite(path, 0.5, 40_000),
    "a header of random bytes": lambda path: overwrite(path, 0.0, 100),
    "cut in half": truncate,
    "empty": lambda path: os.truncate(path, 0),
    "no database": lambda path: path.write_text("This is a text about something else.\n" * 100),
}


def names_in_inbox(path: Path) -> set[str]:
    folder = path.parent / event_files.FOLDER
    return {event_reading.read(str(folder / name))["name"] for name in event_reading.waiting(str(folder), 100)}


def waiting_scenes(database: Database) -> set[int]:
    huey = open_queue(database)
    task_of(huey)
    return {arguments[0] for arguments in huey.active_arguments(event_files.SYNC_SCENE)}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_set_aside_unchanged_and_every_scene_is_asked_for(path: Path, damage: str) -> None:
    filled(path)
    DAMAGES[damage](path)
    content = path.read_bytes()
    rescue = Rescue(path)
    damaged = rescue.before_start(ran_before=True)
    assert damaged is not None
    assert damaged_files(path) == [damaged]
    assert damaged.name.startswith("plexsync.db.corrupt-")
    assert not path.exists()
    assert names_in_inbox(path) == {SYNC_ALL}
    database = Database(path)
    open_queue(database)
    Ledger(database)
    rescue.salvage(damaged, database)
    assert damaged.read_bytes() == content
    with database.read() as connection:
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
    database.close()


def test_what_can_still_be_read_is_saved(path: Path) -> None:
    filled(path)
    overwrite(path, 0.6, 8192)
    rescue, database = Rescue(path), Database(path)
    damaged = rescue.before_start(ran_before=True)
    assert damaged is not None
    open_queue(database)
    ledger = Ledger(database)
    rescue.salvage(damaged, database)
    with database.read() as connection:
        saved, told = connection.execute("select count(*), count(pushed) from scene").fetchone()
    assert SCENES * 0.9 < saved < SCENES
    # What was told stays known, and is in doubt: the items are read before anything is compared with it.
    assert told == saved
    record = ledger.scenes.get(0)
    assert record is not None
    assert record.intended == record.applied
    assert ledger.facts.client_identifier() == "the-same-as-ever"
    database.close()


def test_messages_are_saved_with_those_being_worked_on_and_those_in_the_log(path: Path) -> None:
    filled(path)
    # A consumer that was killed: its last commits are in the log only.
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from tests.integration.storage.test_bad_files import *\n"
        f"database = Database(Path({str(path)!r}))\n"
        "huey = open_queue(database); sync_scene = task_of(huey)\n"
        "sync_scene(777)\n"
        "os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False, timeout=30)
    assert Path(f"{path}-wal").stat().st_size
    with path.open("r+b") as file:
        file.seek(path.stat().st_size * 6 // 10 // 4096 * 4096)
        file.write(os.urandom(4096))
    rescue, database = Rescue(path), Database(path)
    # SQLite folds the log into the file when it is looked at; either way nothing of it may be lost.
    damaged = rescue.before_start(ran_before=True)
    assert damaged is not None
    open_queue(database)
    Ledger(database)
    rescue.salvage(damaged, database)
    open_queue(database).storage.recover()
    assert waiting_scenes(database) == {*range(1, 101), 777}
    with database.read() as connection:
        assert connection.execute("select count(*) from schedule").fetchone()[0] == 1
    database.close()


def test_garbage_in_a_line_of_the_ledger_is_left_behind(path: Path) -> None:
    filled(path, 10)
    other = sqlite3.connect(path)
    other.execute("update scene set pushed = 'no json {' where scene_id = 3")
    other.execute("update scene set state = 'nonsense' where scene_id = 4")
    other.execute("update scene set rating_key = 'x' where scene_id = 5")
    other.commit()
    other.close()
    copy = path.with_name("copy")
    path.rename(copy)
    database = Database(path)
    open_queue(database)
    ledger = Ledger(database)
    Rescue(path).salvage(copy, database)
    assert sorted(ledger.scenes.states(range(10))) == [0, 1, 2, 6, 7, 8, 9]
    database.close()


def test_a_sound_file_is_left_as_it_is(path: Path) -> None:
    filled(path)
    assert Rescue(path).before_start(ran_before=True) is None
    assert names_in_inbox(path) == set()
    assert damaged_files(path) == []


def test_a_first_start_asks_for_nothing(path: Path) -> None:
    assert Rescue(path).before_start(ran_before=False) is None
    assert names_in_inbox(path) == set()


def test_a_file_that_is_gone_at_a_later_start_is_made_anew_and_every_scene_asked_for(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert Rescue(path).before_start(ran_before=True) is None
    assert names_in_inbox(path) == {SYNC_ALL}
    assert "is gone" in caplog.text


def test_a_second_damage_in_the_same_second_gets_a_name_of_its_own(path: Path) -> None:
    path.parent.mkdir()
    for _ in range(3):
        path.write_text("no database, and long enough to be looked at")
        Rescue(path).before_start(ran_before=True)
    assert len(damaged_files(path)) == 3


# --- Under a running process -----------------------------------------------------------------------------------------


@pytest.fixture
def running(path: Path) -> Iterator[tuple[Database, PlexSyncHuey]]:
    """A consumer's database in use, looked after."""
    filled(path)
    database = Database(path)
    database.keeper = Rescue(path)
    huey = open_queue(database)
    task_of(huey)
    Ledger(database)
    huey.storage.recover()
    yield database, huey
    huey.storage.close()


def test_damage_that_is_met_on_the_way_is_an_error_once_and_then_there_is_a_new_file(
    path: Path, running: tuple[Database, PlexSyncHuey], caplog: pytest.LogCaptureFixture
) -> None:
    database, _ = running
    overwrite(path, 0.3, 100_000)
    with pytest.raises(sqlite3.DatabaseError) as caught, database.read() as connection:
        connection.execute("pragma cache_size=0")
        connection.execute("select count(pushed), sum(length(reasons)) from scene").fetchall()
    assert is_damage(caught.value)
    (damaged,) = damaged_files(path)
    assert str(damaged) in caplog.text
    assert names_in_inbox(path) == {SYNC_ALL}
    with database.read() as connection:
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
        assert 0 < connection.execute("select count(*) from scene").fetchone()[0] < SCENES
    assert waiting_scenes(database) == set(range(1, 101))


def test_a_task_that_meets_damage_is_not_acknowledged(
    path: Path, running: tuple[Database, PlexSyncHuey], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, huey = running

    def malformed(*_: object) -> None:
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        with database.read():
            raise error

    task = huey.dequeue()
    monkeypatch.setattr(type(task), "execute", malformed)
    with pytest.raises(sqlite3.DatabaseError, match="malformed"):
        huey.execute(task)
    assert len(damaged_files(path)) == 1
    huey.storage.recover()
    assert task.args[0] in waiting_scenes(database)
    assert names_in_inbox(path) <= {SYNC_ALL}


@pytest.mark.parametrize("what", ["plexsync.db", "plexsync.db*"])
def test_a_file_that_is_deleted_under_a_process_is_made_anew_with_all_its_tables(
    path: Path, running: tuple[Database, PlexSyncHuey], what: str, caplog: pytest.LogCaptureFixture
) -> None:
    database, huey = running
    claimed = huey.dequeue()
    for file in path.parent.glob(what):
        file.unlink()
    event_files.put(str(path.parent / event_files.FOLDER), event_files.message(4242, "Scene.Update.Post"))
    assert 4242 in waiting_scenes(database)
    assert path.exists()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "was deleted or replaced" in caplog.text
    with database.read() as connection:
        waiting = [row[0] for row in connection.execute("select data from task")]
        # Two workers on one scene could send its pictures twice.
        assert claimed.claim_id in [row[0] for row in connection.execute("select id from claim")]
    assert any(SYNC_ALL.encode() in data for data in waiting)
    assert Ledger(database).scenes.get(1) is None
    # Another process sees the same file.
    other = Database(path)
    assert 4242 in waiting_scenes(other)
    other.close()


def another(folder: Path) -> Path:
    """A sound database that is none of this process's, as a backup is."""
    database = Database(folder / "another" / "plexsync.db")
    task_of(open_queue(database))
    Ledger(database).facts.put("which", "another")
    database.close()
    return database.path


def test_a_file_that_is_replaced_under_a_process_is_used_from_then_on(
    path: Path, running: tuple[Database, PlexSyncHuey], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database, huey = running
    claimed = huey.dequeue()
    assert database.is_same_file()
    another(tmp_path).replace(path)
    assert not database.is_same_file()
    event_files.put(str(path.parent / event_files.FOLDER), event_files.message(4242, "Scene.Update.Post"))
    assert 4242 in waiting_scenes(database)
    assert caplog.text.count("was deleted or replaced") == 1
    assert Ledger(database).facts.get("which") == "another"
    assert database.is_same_file()
    with database.read() as connection:
        assert claimed.claim_id in [row[0] for row in connection.execute("select id from claim")]
        assert any(SYNC_ALL.encode() in row[0] for row in connection.execute("select data from task"))
    # Another process sees the same file.
    other = Database(path)
    assert 4242 in waiting_scenes(other)
    other.close()


def test_a_takeover_into_a_file_that_is_being_replaced_leaves_the_inbox_as_it_was(
    path: Path, running: tuple[Database, PlexSyncHuey], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, huey = running
    new = another(tmp_path)
    laid = Path(event_files.put(str(path.parent / event_files.FOLDER), event_files.message(4242, "Scene.Update.Post")))
    join = Line.join_all

    def replace_and_join(*args: Any) -> Any:
        new.replace(path)
        return join(*args)

    monkeypatch.setattr(Line, "join_all", replace_and_join)
    with pytest.raises(sqlite3.OperationalError, match="deleted or replaced"):
        huey.dequeue()
    assert laid.exists()
    monkeypatch.undo()
    assert 4242 in waiting_scenes(database)
    assert Ledger(database).facts.get("which") == "another"


def test_a_takeover_into_a_file_that_is_being_deleted_leaves_the_inbox_as_it_was(
    path: Path, running: tuple[Database, PlexSyncHuey], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, huey = running
    laid = Path(event_files.put(str(path.parent / event_files.FOLDER), event_files.message(4242, "Scene.Update.Post")))
    join = Line.join_all

    def delete_and_join(*args: Any) -> Any:
        for file in path.parent.glob("plexsync.db*"):
            file.unlink()
        return join(*args)

    monkeypatch.setattr(Line, "join_all", delete_and_join)
    with pytest.raises(sqlite3.OperationalError, match="deleted or replaced"):
        huey.dequeue()
    assert laid.exists()
    monkeypatch.undo()
    assert 4242 in waiting_scenes(database)


def test_a_deleted_file_that_cannot_be_made_anew_is_a_fault_of_the_database_until_it_can(
    path: Path, running: tuple[Database, PlexSyncHuey], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, _ = running

    def full(_self: Database) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    for file in path.parent.glob("plexsync.db*"):
        file.unlink()
    with monkeypatch.context() as patch:
        patch.setattr(Database, "_connect", full)
        with pytest.raises(sqlite3.OperationalError, match="cannot be made anew"), database.write():
            pytest.fail("there is nothing to be written to")
    assert any(SYNC_ALL.encode() in row["data"] for row in tasks_of(database))


def tasks_of(database: Database) -> list[sqlite3.Row]:
    open_queue(database).storage.queue_size()
    with database.read() as connection:
        return connection.execute("select data from task").fetchall()


def test_without_a_keeper_a_damaged_file_is_left_alone(path: Path) -> None:
    filled(path)
    overwrite(path, 0.0, 100)
    database = Database(path)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        open_queue(database)
    assert damaged_files(path) == []
    database.close()


# --- Full, and read-only ---------------------------------------------------------------------------------------------


def test_a_full_disk_leaves_events_in_the_inbox_until_there_is_room(small_disk: Path) -> None:
    database = Database(small_disk / "plexsync.db")
    huey = open_queue(database)
    task_of(huey)
    for number in range(1, 21):
        event_files.put(str(small_disk / event_files.FOLDER), event_files.message(number, "Scene.Update.Post"))
    with (small_disk / "ballast").open("wb", buffering=0) as ballast, pytest.raises(OSError, match="No space"):
        while True:
            ballast.write(b"x" * 4096)
    with pytest.raises(sqlite3.OperationalError):
        for _ in range(50):
            huey.storage.enqueue(b'{"v": 1, "id": "x", "name": "y", "on_error": "%s"}' % (b"z" * 20_000))
    with pytest.raises(sqlite3.OperationalError):
        while huey.dequeue() is not None:
            pass
    (small_disk / "ballast").unlink()
    assert set(range(1, 21)) <= waiting_scenes(database)
    huey.storage.close()


def test_trouble_is_told_once_a_minute_and_work_rests(caplog: pytest.LogCaptureFixture) -> None:
    health = StorageHealth()
    with caplog.at_level(logging.INFO):
        for _ in range(100):
            health.note(sqlite3.OperationalError("database or disk is full"))
        assert 4 < health.remaining() <= 5
        health.over()
        health.over()
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]
    assert "disk is full" in caplog.text


def test_a_database_in_a_read_only_folder_can_be_read_and_says_so_to_writers(small_disk: Path) -> None:
    database = Database(small_disk / "plexsync.db")
    Ledger(database).facts.put("a", "b")
    database.close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    try:
        database = Database(small_disk / "plexsync.db")
        ledger = Ledger(database)
        assert ledger.facts.get("a") == "b"
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            ledger.facts.put("a", "c")
        database.close()
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)


# --- Versions of the file --------------------------------------------------------------------------------------------


def test_a_newer_file_is_refused_and_nothing_in_it_is_changed(path: Path) -> None:
    filled(path)
    database = Database(path)
    database.migrate("queue", (*queue_schema.STEPS, "create table later (id integer);"))
    database.close()
    content = path.read_bytes()
    fresh = Database(path)
    with pytest.raises(DatabaseTooNew):
        open_queue(fresh)
    fresh.close()
    assert path.read_bytes() == content


def test_a_look_through_the_file_finds_what_the_memory_of_a_process_hides(
    path: Path, running: tuple[Database, PlexSyncHuey]
) -> None:
    database, _ = running
    database.check()
    assert damaged_files(path) == []
    overwrite(path, 0.5, 100_000)
    with pytest.raises(sqlite3.DatabaseError):
        database.check()
    assert len(damaged_files(path)) == 1
    database.check()
    assert waiting_scenes(database) >= set(range(1, 101))
