"""Parts of different versions on the same data: an older or newer hook, an older file."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.inbox import event_files
from plexsync.ledger import Ledger, SectionFill
from plexsync.ledger.schema import STEPS as LEDGER_STEPS
from plexsync.queue import PlexSyncHuey, message, open_queue, set_aside
from plexsync.queue.schema import STEPS as QUEUE_STEPS
from plexsync.storage.database import Database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / event_files.FOLDER


@pytest.fixture
def huey(tmp_path: Path) -> Iterator[PlexSyncHuey]:
    huey = open_queue(Database(tmp_path / "plexsync.db"))
    with_tasks(huey)
    yield huey
    huey.storage.close()


def with_tasks(huey: PlexSyncHuey) -> Any:
    def sync_scene(scene_id: int) -> None:
        raise NotImplementedError

    sync_scene.__module__ = event_files.SYNC_SCENE.rpartition(".")[0]
    return huey.task()(sync_scene)


def lay(folder: Path, scene_id: int, **changes: Any) -> None:
    """A message as some other version of the hook would lay it; a change to None leaves the field out."""
    content = {**event_files.message(scene_id, "Scene.Update.Post"), **changes}
    content = {field: value for field, value in content.items() if value is not None}
    folder.mkdir(exist_ok=True)
    (folder / f"{scene_id:020d}.json").write_text(json.dumps(content) + "\n")


def update(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on this program is one that knows version 2."""
    monkeypatch.setattr(event_files, "VERSION", 2)
    monkeypatch.setattr(message, "VERSION", 2)


def pending(huey: PlexSyncHuey) -> list[int]:
    return [task.args[0] for task in huey.pending()]


def test_a_field_that_a_newer_hook_adds_is_no_fault(huey: PlexSyncHuey, folder: Path) -> None:
    lay(folder, 45, colour="blue")
    assert pending(huey) == [45]


@pytest.mark.parametrize("version", [0, -1, "1", 1.0, None])
def test_a_message_of_no_version_that_ever_was_is_set_aside(huey: PlexSyncHuey, folder: Path, version: Any) -> None:
    lay(folder, 45, v=version)
    lay(folder, 46)
    assert pending(huey) == [46]
    assert huey.stats().set_aside == 1
    assert huey.take_up_again() == 0


def test_a_newer_hooks_message_waits_for_the_update_and_is_then_worked_on(
    huey: PlexSyncHuey, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    lay(folder, 45, v=2, whatever={"is": "new"})
    lay(folder, 46)
    assert pending(huey) == [46]
    assert "newer PlexSync (version 2" in str(huey.latest_set_aside())
    assert huey.take_up_again() == 0
    update(monkeypatch)
    assert huey.take_up_again() == 1
    assert pending(huey) == [46, 45]
    assert huey.stats().set_aside == 0
    assert "back in the queue" in caplog.text
    assert huey.take_up_again() == 0


def test_a_consumer_takes_them_up_again_when_it_starts(
    huey: PlexSyncHuey, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(folder, 45, v=2)
    assert pending(huey) == []
    update(monkeypatch)
    huey.create_consumer(workers=1).tidy_up()
    assert pending(huey) == [45]


def test_two_messages_about_one_scene_come_back_as_one(
    huey: PlexSyncHuey, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(folder, 45, v=2)
    huey.pending()
    lay(folder, 45, v=2)
    huey.pending()
    assert huey.stats().set_aside == 2
    update(monkeypatch)
    assert huey.take_up_again() == 2
    assert pending(huey) == [45]


def test_messages_of_a_newer_version_never_make_room(
    huey: PlexSyncHuey, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(set_aside, "KEPT", 5)
    for number in range(1, 21):
        lay(folder, number, v=2)
    for number in range(101, 121):
        lay(folder, number, v=0)
    assert pending(huey) == []
    assert huey.stats().set_aside == 25
    update(monkeypatch)
    assert huey.take_up_again() == 20


def test_a_task_that_an_older_version_does_not_know_comes_back_too(huey: PlexSyncHuey) -> None:
    other = open_queue(huey.storage.database)
    later = other.task(name="later")(lambda: None)
    later()
    assert huey.dequeue() is None
    assert huey.stats().set_aside == 1
    assert huey.take_up_again() == 0
    assert other.take_up_again() == 1
    assert other.dequeue().name == "later"
    other.storage.close()


def test_what_killed_its_workers_stays_aside(huey: PlexSyncHuey) -> None:
    data = json.dumps(event_files.message(45, "Scene.Update.Post")).encode()
    with huey.storage.database.write() as connection:
        set_aside.put(connection, "plexsync", data, "it was handed out 20 times", "worker")
    assert huey.take_up_again() == 0
    assert huey.stats().set_aside == 1


def test_an_odd_message_that_merely_looks_like_a_task_stays_aside(huey: PlexSyncHuey, folder: Path) -> None:
    lay(folder, 45, args=["not an id"])
    assert pending(huey) == []
    assert huey.take_up_again() == 0


# --- The file --------------------------------------------------------------------------------------------------------


#: The step that made the library index what it is.
INDEX_STEP = 3


@pytest.mark.parametrize(
    ("room", "steps", "known"),
    [
        (room, steps, known)
        for room, steps in (("ledger", LEDGER_STEPS), ("queue", QUEUE_STEPS))
        for known in range(1, len(steps))
    ],
)
def test_a_file_of_each_older_version_is_brought_up_to_date_and_kept_as_it_was(
    tmp_path: Path, room: str, steps: tuple[str, ...], known: int
) -> None:
    path = tmp_path / "plexsync.db"
    old = Database(path)
    old.migrate(room, steps[:known])
    _fill(old, room)
    old.close()
    fresh = Database(path)
    huey = open_queue(fresh)
    with_tasks(huey)
    ledger = Ledger(fresh)
    if room == "ledger":
        record = ledger.scenes.get(45)
        assert record is not None
        assert record.title == "Title"
        assert ledger.dead_letters.count() == 1
        assert ledger.dead_letters.of_scene(45) is not None
        # Plex's library is read anew where the index was another one.
        assert (ledger.index.fill_state(1) == SectionFill()) == (known < INDEX_STEP)
    else:
        assert pending(huey) == [45]
    backup = sqlite3.connect(f"{path}.before-{room}-{len(steps)}")
    assert backup.execute("select version from schema where room = ?", (room,)).fetchone()[0] == known
    backup.close()
    fresh.close()


def _fill(database: Database, room: str) -> None:
    data = json.dumps({**event_files.message(45, "Scene.Update.Post")})
    with database.write() as connection:
        if room == "queue":
            connection.execute(
                "insert into task (queue, data, task_id, key, enqueued_at) values ('plexsync', ?, 'x', 'y', 1.0)",
                (data.encode(),),
            )
            return
        connection.execute("insert into scene (scene_id, state, title, changed_at) values (45, 'failed', 'Title', 1.0)")
        columns = {row["name"] for row in connection.execute("pragma table_info(dead_letter)")}
        also = ["first_failed_at"] if "first_failed_at" in columns else []
        connection.execute(
            f"insert into dead_letter ({', '.join(['scene_id, error_class, message, traceback, failed_at', *also])}, "
            f"attempts) values (45, 'PermanentError', 'no', 'trace'{', 1.0' * (1 + len(also))}, 1)"
        )
        connection.execute("insert into section (section_id, title, locations, filled_at) values (1, 'A', '[]', 1.0)")
