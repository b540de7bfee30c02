"""The hook's messages are in the queue before anybody looks at it, and leave the inbox only then."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from plexsync.inbox import event_files, event_reading
from plexsync.queue import PlexSyncHuey
from plexsync.queue import intake as intake_module
from plexsync.queue import storage as storage_module
from plexsync.queue.claims import Claims
from tests.support.clocks import ClockAhead
from tests.support.queue_app.rig import rows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / event_files.FOLDER
    folder.mkdir()
    return folder


def lay(folder: Path, scene_id: int) -> Path:
    return Path(event_files.put(str(folder), event_files.message(scene_id, "Scene.Update.Post")))


def a_second_later(clock: ClockAhead) -> None:
    """The next look at the queue lists the folder."""
    clock.pass_by(intake_module.LIST_AT_LEAST_EVERY)


def test_messages_move_in_order_and_their_files_go(huey: PlexSyncHuey, folder: Path) -> None:
    for scene_id in (3, 1, 2):
        lay(folder, scene_id)
    assert huey.pending_count() == 3
    assert list(folder.iterdir()) == []
    data = [huey.serializer.deserialize(row["data"]).args for row in rows(huey, "task")]
    assert data == [(3,), (1,), (2,)]


def test_every_look_at_the_queue_sees_them(huey: PlexSyncHuey, folder: Path) -> None:
    done: list[int] = []

    def sync_scene(scene_id: int) -> None:
        done.append(scene_id)

    huey.task()(sync_scene)
    lay(folder, 1)
    assert [task.args for task in huey.pending()] == [(1,)]
    lay(folder, 2)
    assert huey.stats().pending == 2
    lay(folder, 3)
    while task := huey.dequeue():
        huey.execute(task)
    assert done == [1, 2, 3]


def test_more_than_a_batch_moves_at_one_look(huey: PlexSyncHuey, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_module, "BATCH", 4)
    for scene_id in range(1, 11):
        lay(folder, scene_id)
    assert huey.pending_count() == 10


def test_a_worker_gets_its_task_after_the_first_batch(
    huey: PlexSyncHuey, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_module, "BATCH", 4)
    for scene_id in range(1, 11):
        lay(folder, scene_id)
    huey.dequeue()
    assert len(list(folder.iterdir())) == 6


def test_events_within_one_tick_of_the_file_systems_clock_are_not_missed(huey: PlexSyncHuey, folder: Path) -> None:
    for scene_id in range(1, 60):
        path = lay(folder, scene_id)
        # As on a file system that keeps time to the second: the folder looks as it did.
        os.utime(folder, ns=(0, path.stat().st_mtime_ns // 10**9 * 10**9))
        huey.stats()
    time.sleep(intake_module.LIST_AT_LEAST_EVERY)
    assert huey.pending_count() == 59


def test_an_unfinished_file_waits_for_its_end(huey: PlexSyncHuey, folder: Path) -> None:
    path = lay(folder, 1)
    content = path.read_bytes()
    path.write_bytes(content[:20])
    assert huey.pending_count() == 0
    path.write_bytes(content)
    time.sleep(intake_module.TICK * 2)
    assert huey.pending_count() == 1


def test_an_unfinished_file_keeps_nobody_waiting(huey: PlexSyncHuey, folder: Path) -> None:
    unfinished = lay(folder, 1)
    unfinished.write_bytes(unfinished.read_bytes()[:20])
    lay(folder, 2)
    assert huey.pending_count() == 1
    assert huey.serializer.deserialize(rows(huey, "task")[0]["data"]).args == (2,)
    assert unfinished.exists()


def test_an_unreadable_file_is_set_aside_and_removed(huey: PlexSyncHuey, folder: Path) -> None:
    lay(folder, 1)
    (folder / "00-odd.json").write_bytes(b'{"v": 9}\n')
    assert huey.pending_count() == 1
    (item,) = huey.storage.set_aside_items()
    assert (item.data, item.origin) == (b'{"v": 9}\n', "inbox")
    assert item.reason.startswith("00-odd.json: ")
    assert list(folder.iterdir()) == []


@pytest.mark.sqlite
def test_files_stay_while_the_database_cannot_be_written(
    huey: PlexSyncHuey, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = lay(folder, 1)
    small = path.read_bytes()
    with huey.storage.database.writer() as connection:
        connection.execute("pragma max_page_count=1")  # No more pages than there are: SQLite takes the disk to be full.
    monkeypatch.setattr(event_reading, "read", lambda _path: {**json.loads(small), "id": "x" * 1_000_000})
    with pytest.raises(sqlite3.OperationalError, match="full"):
        huey.dequeue()
    assert huey.pending_count() == 0
    assert "could not be taken over" in caplog.text
    assert path.read_bytes() == small
    huey.storage.database.close()
    assert huey.pending_count() == 1


def test_a_crash_between_commit_and_removal_repeats_a_message_and_harms_nobody(
    huey: PlexSyncHuey, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(folder, 1)
    monkeypatch.setattr(event_files, "remove", _die)
    with pytest.raises(KeyboardInterrupt):
        huey.pending_count()
    monkeypatch.undo()
    assert huey.pending_count() == 1
    assert list(folder.iterdir()) == []


def _die(_path: str) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("call", ["read", "remove"])
def test_a_file_that_may_not_be_touched_is_told_of_once_and_not_worked_on_for_ever(
    huey: PlexSyncHuey,
    clock: ClockAhead,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    call: str,
) -> None:
    stuck = lay(folder, 1)
    module = event_files if call == "remove" else event_reading
    original = getattr(module, call)

    def refuse(path: str) -> Any:
        if path == str(stuck):
            raise PermissionError(13, "Permission denied")
        return original(path)

    monkeypatch.setattr(module, call, refuse)
    lay(folder, 2)
    for _ in range(3):
        a_second_later(clock)
        huey.stats()
    assert huey.pending_count() == {"read": 1, "remove": 2}[call]
    while (task := huey.storage.dequeue()) is not None:
        huey.storage.ack(task.id)
    a_second_later(clock)
    assert huey.pending_count() == 0
    assert [record.levelname for record in caplog.records].count("ERROR") == 1


def test_a_file_that_may_not_be_read_is_left_alone_for_a_while_and_forgotten_when_it_is_gone(
    huey: PlexSyncHuey, clock: ClockAhead, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, reads = lay(folder, 1), []

    def refuse(path: str) -> Any:
        reads.append(path)
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(event_reading, "read", refuse)
    for _ in range(3):
        a_second_later(clock)
        huey.stats()
    assert reads == [str(stuck)]
    assert huey.storage.in_the_way() == [stuck.name]
    stuck.unlink()
    a_second_later(clock)
    assert huey.storage.in_the_way() == []


def test_all_that_waits_is_removed_with_what_waits_in_the_inbox(
    huey: PlexSyncHuey, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_module, "BATCH", 2)
    for scene_id in range(1, 6):
        lay(folder, scene_id)
    huey.storage.flush_queue()
    assert list(folder.iterdir()) == []
    assert huey.stats().pending == 0


def test_who_waits_for_work_looks_only_now_and_then(
    huey: PlexSyncHuey, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage_module, "PATIENCE", 0.5)
    looks: list[None] = []
    claim = Claims.claim
    monkeypatch.setattr(Claims, "claim", lambda *how: looks.append(None) or claim(*how))
    assert huey.dequeue() is None
    # At first, and when the time is over; once more where the folder's time of change is a moment old.
    assert len(looks) <= 4


def test_an_inbox_that_cannot_be_listed_does_not_stop_the_queue(
    huey: PlexSyncHuey, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_folder: str, _limit: int) -> list[str]:
        raise PermissionError(13, "Permission denied")

    plain = huey.task(name="plain")(lambda: None)
    monkeypatch.setattr(event_reading, "waiting", refuse)
    plain()
    assert huey.dequeue() is not None
    huey.dequeue()
    assert caplog.text.count("events cannot be taken over: ") == 1


def test_no_inbox_is_an_empty_inbox(huey: PlexSyncHuey) -> None:
    assert huey.pending_count() == 0


@pytest.mark.sqlite
def test_what_is_stored_is_in_one_transaction(huey: PlexSyncHuey) -> None:
    with huey.storage.db(commit=True) as cursor:
        assert cursor.connection.in_transaction
    with huey.storage.db() as cursor:
        assert not cursor.connection.in_transaction


def test_who_deletes_a_value_is_told_whether_there_was_one(huey: PlexSyncHuey) -> None:
    huey.storage.put_data("key", b"value")
    assert huey.storage.delete_data("key") is True
    assert huey.storage.delete_data("key") is False
