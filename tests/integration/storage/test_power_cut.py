"""What has to survive a power cut is synced to disk before anything follows from it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo import pictures
from plexsync.demo.compare import differences
from plexsync.demo.http import PlannedFault, Request
from plexsync.inbox import event_files, event_reading
from plexsync.ledger import Ledger
from plexsync.queue import PlexSyncHuey, open_queue
from plexsync.storage.database import DATABASE_NAME, Database
from tests.support.power_cut import Disk, disk
from tests.support.sync_bench import SyncBench, sync_bench

FUTURE = datetime(2100, 1, 1)


@pytest.fixture
def watched() -> Iterator[Disk]:
    with disk() as kept:
        yield kept


class Queue:
    """A queue on a disk, with the task a hook asks for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = Database(folder / DATABASE_NAME)
        self.huey: PlexSyncHuey = open_queue(self.database)

        def sync_scene(scene_id: int) -> None:
            raise NotImplementedError

        sync_scene.__module__ = event_files.SYNC_SCENE.rpartition(".")[0]
        self.sync_scene: Any = self.huey.task()(sync_scene)

    def scenes(self) -> list[int]:
        """The scenes that wait, now or for their time."""
        waiting = [task.args[0] for task in [*self.huey.pending(), *self.huey.scheduled()]]
        self.database.close()
        return sorted(waiting)


@pytest.fixture
def queue(watched: Disk, tmp_path: Path) -> Iterator[Queue]:
    queue = Queue(tmp_path / "data")
    yield queue
    queue.huey.storage.close()


def test_the_disk_keeps_what_is_synced_and_nothing_else(watched: Disk, tmp_path: Path) -> None:
    database = Database(tmp_path / "data" / DATABASE_NAME)
    database.migrate("room", ("create table thing (id integer primary key);",))
    with database.write(durable=True) as db:
        db.execute("insert into thing values (1)")
    with database.write() as db:
        db.execute("insert into thing values (2)")
    after = watched.cut(tmp_path / "data", tmp_path / "after")
    database.close()
    with closing(sqlite3.connect(after / DATABASE_NAME)) as left:
        assert left.execute("select id from thing").fetchall() == [(1,)]


def test_what_is_folded_back_into_the_file_survives_too(watched: Disk, tmp_path: Path) -> None:
    database = Database(tmp_path / "data" / DATABASE_NAME)
    database.migrate("room", ("create table thing (id integer primary key, text text);",))
    for number in range(300):
        with database.write(durable=number == 299) as db:
            db.execute("insert into thing values (?, ?)", (number, "x" * 20_000))
    after = watched.cut(tmp_path / "data", tmp_path / "after")
    database.close()
    with closing(sqlite3.connect(after / DATABASE_NAME)) as left:
        assert left.execute("select count(*), sum(length(text)) from thing").fetchone() == (300, 300 * 20_000)
        assert left.execute("pragma integrity_check").fetchone() == ("ok",)


def test_an_event_that_was_taken_over_from_the_inbox_survives(queue: Queue, watched: Disk, tmp_path: Path) -> None:
    folder = str(queue.folder / event_files.FOLDER)
    event_files.put(folder, event_files.message(45, "Scene.Update.Post"))
    assert queue.huey.storage.queue_size() == 1
    assert event_reading.waiting(folder, 1) == []
    assert Queue(watched.cut(queue.folder, tmp_path / "after")).scenes() == [45]


def test_a_file_of_the_inbox_that_holds_no_message_survives_where_it_is_set_aside(
    queue: Queue, watched: Disk, tmp_path: Path
) -> None:
    folder = queue.folder / event_files.FOLDER
    folder.mkdir()
    (folder / "1.json").write_bytes(b"no message\n")
    assert queue.huey.storage.queue_size() == 0
    assert event_reading.waiting(str(folder), 1) == []
    left = Queue(watched.cut(queue.folder, tmp_path / "after"))
    assert [item.data for item in left.huey.storage.set_aside_items()] == [b"no message\n"]
    left.database.close()


BY_HAND: dict[str, Callable[[Queue], object]] = {
    "one": lambda queue: queue.sync_scene(45),
    "many": lambda queue: queue.huey.enqueue_many(queue.sync_scene.s(number) for number in (45, 46)),
    "by name": lambda queue: queue.huey.enqueue_by_name(event_files.SYNC_SCENE, [(45,), (46,)]),
    "for later": lambda queue: queue.sync_scene.schedule((45,), delay=3600),
    "for later by name": lambda queue: queue.huey.schedule_by_name(event_files.SYNC_SCENE, [(45,), (46,)], FUTURE),
}


@pytest.mark.parametrize("how", BY_HAND)
def test_what_somebody_queues_survives(how: str, queue: Queue, watched: Disk, tmp_path: Path) -> None:
    BY_HAND[how](queue)
    wanted = [45, 46] if "many" in how or "by name" in how else [45]
    assert Queue(watched.cut(queue.folder, tmp_path / "after")).scenes() == wanted


def test_a_dead_letter_survives(watched: Disk, tmp_path: Path) -> None:
    database = Database(tmp_path / "data" / DATABASE_NAME)
    Ledger(database).dead_letters.put(45, "Error", "why", "", 1)
    after = Database(watched.cut(tmp_path / "data", tmp_path / "after") / DATABASE_NAME)
    database.close()
    assert Ledger(after).dead_letters.count() == 1
    after.close()


# --- what was about to be written to Plex ---------------------------------------------------------------------------


@pytest.fixture
def bench(watched: Disk, tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path / "data") as bench:
        yield bench


def _cut_at(bench: SyncBench, watched: Disk, matches: Callable[[Request], bool], folder: Path) -> list[Path]:
    """Let the power be cut at each such request, when it has come as far as Plex; what each leaves."""
    left: list[Path] = []

    def cut(request: Request) -> bool:
        if matches(request):
            left.append(watched.cut(bench.settings.data_dir, folder / f"after {len(left)}"))
        return False

    bench.plex.faults.add(PlannedFault("slow", match=cut))
    return left


def _writes(request: Request) -> bool:
    return request.method == "PUT"


def _uploads(request: Request) -> bool:
    return request.method == "POST" and request.path.endswith(("/posters", "/arts"))


def test_the_intent_to_write_survives_so_that_an_edit_can_be_taken_back(
    bench: SyncBench, watched: Disk, tmp_path: Path
) -> None:
    tags = [bench.stash.add_tag(name) for name in ("Stays", "Goes", "Comes")]
    bench.stash.edit(bench.scene, title="First", details="Of the first", tags=tags[:2], rating100=40)
    bench.sync()
    left = _cut_at(bench, watched, _writes, tmp_path)
    bench.stash.edit(bench.scene, title="Second", details="", tags=[tags[0], tags[2]], rating100=90)
    bench.sync()
    assert left
    bench.stash.edit(bench.scene, title="First", details="Of the first", tags=tags[:2], rating100=40)
    bench.restart(data_dir=left[0])
    bench.sync()
    assert differences(bench.stash, bench.scene, bench.plex, bench.key) == []


def test_the_note_of_an_upload_survives_so_that_no_picture_is_sent_twice(
    bench: SyncBench, watched: Disk, tmp_path: Path
) -> None:
    bench.sync()
    left = _cut_at(bench, watched, _uploads, tmp_path)
    bench.stash.set_screenshot(bench.scene, pictures.png(200, 100, 50))
    bench.sync()
    assert len(left) == 2
    bench.restart(data_dir=left[-1])
    bench.sync()
    assert differences(bench.stash, bench.scene, bench.plex, bench.key) == []
    for kind in ("posters", "arts"):
        held = bench.plex.pictures(bench.key, kind)
        assert len(held) == len(set(held)), f"{kind}: the same picture twice"
