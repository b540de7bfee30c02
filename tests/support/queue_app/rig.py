"""What the queue's tests share: a queue in a folder, and real consumer processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from plexsync.queue import PlexSyncHuey, open_queue
from plexsync.storage.database import Database
from tests.support import programs
from tests.support.places import ROOT
from tests.support.postgres_server import ADDRESS

#: The module of the tasks that the consumers run.
TASKS = "tests.support.queue_app.tasks"


def new_queue(folder: Path, **options: Any) -> PlexSyncHuey:
    return open_queue(Database(folder / "plexsync.db"), **options)


def sender(folder: Path) -> PlexSyncHuey:
    """The consumers' queue as another process sees it that can queue ``work`` and cannot run it."""

    def work(number: int, seconds: float = 0.0) -> int:
        raise NotImplementedError

    work.__module__ = TASKS
    huey = new_queue(folder)
    huey.task(coalesce=True)(work)
    return huey


def send(huey: PlexSyncHuey, number: int, seconds: float = 0.0) -> None:
    """Queue ``work(number, seconds)``."""
    huey.enqueue(huey.names.string_to_task(f"{TASKS}.work")((number, seconds)))


def is_empty(huey: PlexSyncHuey) -> bool:
    stats = huey.stats()
    return not stats.pending + stats.in_progress + stats.scheduled


def has_started(folder: Path, times: int = 1) -> bool:
    """Whether consumers have logged that they started, so many times."""
    return (folder / "log").read_bytes().count(b"Huey consumer started") >= times


def run_next(huey: PlexSyncHuey) -> Any:
    """Work on the next task; the task, or None where nothing is handed out."""
    task = huey.dequeue()
    if task is not None:
        huey.execute(task)
    return task


def rows(huey: PlexSyncHuey, table: str) -> list[dict[str, Any]]:
    with huey.storage.database.read() as connection:
        return [dict(row) for row in connection.execute(f"select * from {table} order by id")]


def environment(folder: Path, lease: float = 60.0) -> dict[str, str]:
    paths = {"PYTHONPATH": str(ROOT), "QUEUE_DATA_DIR": str(folder), "QUEUE_LEASE": str(lease)}
    return {**os.environ, **paths}


@contextmanager
def consumer(
    folder: Path, *arguments: str, lease: float = 60.0, hindered: str | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Huey's own consumer script on the test's tasks; it logs to a file and is killed at the end.

    :param hindered: what goes wrong in it while there is a file ``hindrance`` in the folder, see ``hindered.py``.
    """
    script = (
        ["-m", "huey.bin.huey_consumer"] if hindered is None else ["-m", "tests.support.queue_app.hindered", hindered]
    )
    command = [sys.executable, "-P", *script, f"{TASKS}.huey", *arguments]
    with (folder / "log").open("ab") as log:
        process = programs.Popen(command, env=environment(folder, lease), stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(10)


def shell(folder: Path, script: str) -> str:
    """Run a script in a Python shell that has imported the tasks; what it prints."""
    start = "from tests.support import on_postgres\non_postgres.use_if_asked()\n" if ADDRESS in os.environ else ""
    script = f"{start}from {TASKS} import *\n{script}"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environment(folder), capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def journal(folder: Path) -> list[tuple[str, int, int, int]]:
    """The journal's lines: what, number, process id, monotonic nanoseconds."""
    path = folder / "journal"
    lines = path.read_text().splitlines() if path.exists() else []
    return [(what, int(number), int(pid), int(at)) for what, number, pid, at in (line.split() for line in lines)]


def noted(folder: Path, what: str) -> list[int]:
    return [number for kind, number, _, _ in journal(folder) if kind == what]


def until(condition: Callable[[], object], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
