"""A queue's file from before tasks had names of their own: its messages are worked on under today's names."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plexsync.inbox import event_files
from plexsync.queue import PlexSyncHuey, open_queue, schema
from plexsync.queue.leases import Owner
from plexsync.storage.database import Database

OLD = "tasks.scenes.sync_scene"


def message(task_id: str, name: str, args: list[object]) -> bytes:
    return json.dumps({"v": 1, "id": task_id, "name": name, "args": args, "event": "x", "at": 1.0}).encode()


def key(name: str, args: list[object]) -> str:
    return json.dumps([name, args, {}], separators=(",", ":"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file as the version before left it: two scenes in line, one scheduled, one claimed by who died."""
    path = tmp_path / "plexsync.db"
    connection = sqlite3.connect(path)
    before = Database(path)
    before.migrate("queue", schema.STEPS[:2])
    before.close()
    dead = replace(Owner.here(), pid=2**22 + 1)  # More than Linux gives: nobody's.
    rows = [(number, OLD, [number]) for number in (1, 2)]
    rows.append((3, "tasks.related.sync_related", ["tag", 9]))
    for number, name, args in rows:
        connection.execute(
            "insert into task (queue, data, key, task_id, enqueued_at) values ('plexsync', ?, ?, ?, 1)",
            (message(f"t{number}", name, args), key(name, args), f"t{number}"),
        )
    connection.execute(
        "insert into schedule (queue, data, timestamp, key, task_id) values ('plexsync', ?, 1, ?, 't4')",
        (message("t4", OLD, [4]), key(OLD, [4])),
    )
    connection.execute(
        "insert into claim (id, queue, data, priority, key, chain, task_id, deliveries, enqueued_at, owner,"
        " lease_until, claimed_at) values (100, 'plexsync', ?, 0, ?, '', 't5', 1, 1, ?, 0, 1)",
        (message("t5", OLD, [5]), key(OLD, [5]), str(dead)),
    )
    connection.execute(
        "insert into set_aside (queue, data, reason, origin, at) values ('plexsync', ?, 'unknown', 'queue', 1)",
        (message("t6", OLD, [6]),),
    )
    connection.commit()
    connection.close()
    return path


def opened(path: Path, done: list[tuple[object, ...]]) -> PlexSyncHuey:
    huey = open_queue(Database(path))

    def sync_scene(*args: object) -> None:
        done.append(("scene", *args))

    def sync_related(*args: object) -> None:
        done.append(("related", *args))

    huey.task(coalesce=True)(sync_scene)
    huey.task(coalesce=True)(sync_related)
    return huey


def work(huey: PlexSyncHuey) -> None:
    while task := huey.dequeue():
        huey.execute(task)


@pytest.mark.sqlite
def test_every_message_of_it_is_worked_on(path: Path) -> None:
    done: list[tuple[object, ...]] = []
    huey = opened(path, done)
    assert (huey.take_up_again(), huey.storage.recover()) == (1, 1)
    huey.storage.read_schedule(datetime.now(UTC))
    work(huey)
    assert sorted(done) == [("related", "tag", 9), *(("scene", number) for number in (1, 2, 4, 5, 6))]
    left = huey.stats()
    assert (left.pending, left.scheduled, left.in_progress, left.set_aside) == (0, 0, 0, 0)


@pytest.mark.sqlite
def test_one_that_something_hangs_on_is_set_aside_and_takes_no_event_with_it(path: Path) -> None:
    with_follow_up = json.loads(message("t7", OLD, [7])) | {"on_complete": {"id": "t8", "name": OLD, "args": [8]}}
    data = json.dumps(with_follow_up).encode()
    connection = sqlite3.connect(path)
    connection.execute(
        "insert into task (queue, data, key, chain, task_id, enqueued_at) values ('plexsync', ?, ?, 't7', 't7', 1)",
        (data, key(OLD, [7])),
    )
    connection.execute(
        "insert into claim (id, queue, data, priority, key, chain, task_id, deliveries, enqueued_at, owner,"
        " lease_until, claimed_at) select 101, queue, data, 0, '[\"x\",[]]', chain, 't9', 1, 1, owner, 0, 1"
        " from (select task.queue, task.data, task.chain, claim.owner from task, claim where task.task_id = 't7')"
    )
    connection.commit()
    connection.close()
    done: list[tuple[object, ...]] = []
    huey = opened(path, done)
    assert huey.enqueue_by_name("sync_scene", [(7,)]) == 1
    assert huey.enqueue_by_name("sync_scene", []) == 0
    huey.storage.recover()
    while huey.stats().pending:
        work(huey)
    assert ("scene", 7) in done
    assert ("scene", 8) not in done
    (first, second, _) = huey.storage.set_aside_items()
    assert first.data == second.data == data
    assert first.reason.startswith("it has on_complete")


@pytest.mark.sqlite
def test_a_new_event_for_a_scene_in_it_joins_its_message(path: Path) -> None:
    huey = opened(path, [])
    folder = path.parent / event_files.FOLDER
    event_files.put(str(folder), event_files.message(1, "Scene.Update.Post"))
    assert huey.stats().pending == 3
    assert sorted(map(str, huey.active_arguments(event_files.SYNC_SCENE))) == ["[1]", "[2]", "[5]"]


@pytest.mark.parametrize(
    ("name", "args"), [(OLD, [7]), ("tasks.scenes.sync_scenes", [1, 7]), ("tasks.related.sync_related", ["tag", 7])]
)
def test_a_message_of_an_older_hook_is_the_same_as_one_of_todays(tmp_path: Path, name: str, args: list[object]) -> None:
    done: list[tuple[object, ...]] = []
    huey = opened(tmp_path / "plexsync.db", done)
    huey.task(name="sync_scenes")(lambda *args: done.append(("scenes", *args)))
    folder = tmp_path / event_files.FOLDER
    for number in range(2):
        event_files.put(str(folder), event_files.message(1, "x") | {"id": f"a{number}", "name": name, "args": args})
    event_files.put(str(folder), event_files.message(1, "x") | {"name": name.rpartition(".")[2], "args": args})
    kind = name.rpartition("_")[2]
    assert huey.stats().pending == (3 if kind == "scenes" else 1)
    work(huey)
    assert set(done) == {(kind, *args)}


def test_a_task_that_moves_to_another_module_keeps_its_name(tmp_path: Path) -> None:
    done: list[tuple[object, ...]] = []
    first = opened(tmp_path / "plexsync.db", [])
    first.enqueue_by_name("sync_scene", [(1,)])
    second = open_queue(Database(tmp_path / "plexsync.db"))

    def sync_scene(scene_id: int) -> None:
        done.append((scene_id,))

    sync_scene.__module__ = "somewhere.quite.different"
    second.task(coalesce=True)(sync_scene)
    work(second)
    assert done == [(1,)]


def test_two_tasks_of_one_name_are_refused(tmp_path: Path) -> None:
    huey = opened(tmp_path / "plexsync.db", [])

    def sync_scene() -> None:
        """The same name in another module."""

    sync_scene.__module__ = "elsewhere"
    with pytest.raises(ValueError, match='"sync_scene"'):
        huey.task()(sync_scene)
