"""Kills a process right before, and right after, each commit of a message's whole life, and finishes in a new one.

Prints a line of JSON per crash: which commit, whether before or after it, the process's end, and which scenes were
synced in the end.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from huey.exceptions import RetryTask

from plexsync.inbox import event_files
from plexsync.queue import open_queue
from plexsync.storage.database import Database
from tests.support.postgres_server import ADDRESS

SCENES = {1, 2}


def dies(database: Database, step: int, after: bool) -> Database:
    """The database, which kills its process at one commit."""
    write, commits = database.write, 0

    @contextmanager
    def deadly(*, durable: bool = False) -> Iterator[Any]:
        nonlocal commits
        outermost = not database._depth
        with write(durable=durable) as connection:
            yield connection
            commits += outermost
            if outermost and commits == step and not after:
                os.kill(os.getpid(), signal.SIGKILL)
        if outermost and commits == step:
            os.kill(os.getpid(), signal.SIGKILL)

    database.write = deadly  # type: ignore[method-assign]
    return database


def opened(folder: Path) -> Database:
    """The database of a folder: the file in it, or a schema of PostgreSQL's where tests run on one."""
    if ADDRESS not in os.environ:
        return Database(folder / "plexsync.db")
    from plexsync.storage.postgres.database import PostgresDatabase
    from tests.support import on_postgres

    # With the queue's tables alone, which are few.
    server = on_postgres.address(os.environ[ADDRESS])
    return PostgresDatabase(server, folder / "plexsync.db", "crash" + hashlib.sha256(bytes(folder)).hexdigest()[:16])


def live(folder: Path, database: Database) -> None:
    """Take both scenes from the inbox through a failed attempt, the schedule and a retry to their end."""
    huey = open_queue(database)

    def sync_scene(scene_id: int) -> str:
        if not (folder / f"failed-{scene_id}").exists():
            (folder / f"failed-{scene_id}").touch()
            raise RetryTask(delay=0)
        (folder / f"synced-{scene_id}").touch()
        return "synced"

    sync_scene.__module__ = event_files.SYNC_SCENE.rpartition(".")[0]
    huey.task()(sync_scene)
    huey.storage.recover()
    while True:
        huey.storage.read_schedule(datetime.now(UTC))
        stats = huey.stats()
        if not stats.pending + stats.scheduled + stats.in_progress:
            return
        task = huey.dequeue()
        if task is not None:
            huey.execute(task)


def in_child(folder: Path, step: int, after: bool) -> int:
    """Live in a forked process that is killed at a commit, or at none (0); how it ended."""
    pid = os.fork()
    if not pid:
        live(folder, dies(opened(folder), step, after))
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main(root: Path) -> None:
    step = 0
    died = True
    while died:
        step += 1
        for after in (False, True):
            folder = root / f"{step}-{after}"
            for scene_id in SCENES:
                event_files.put(str(folder / event_files.FOLDER), event_files.message(scene_id, "Scene.Update.Post"))
            died = in_child(folder, step, after) == -signal.SIGKILL
            end = in_child(folder, 0, after=False)
            synced = sorted(scene_id for scene_id in SCENES if (folder / f"synced-{scene_id}").exists())
            print(json.dumps({"step": step, "after": after, "died": died, "end": end, "synced": synced}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
