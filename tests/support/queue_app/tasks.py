"""The tasks that the queue's tests run in real consumers. Each run leaves lines in a journal."""

from __future__ import annotations

import os
import time
from pathlib import Path

from plexsync.inbox import event_files
from plexsync.queue import open_queue
from plexsync.storage.database import Database
from tests.support.postgres_server import ADDRESS

if ADDRESS in os.environ:
    from tests.support import on_postgres

    # A consumer that starts anew is another program than the one that the test has started.
    on_postgres.use_if_asked()

DATA = Path(os.environ["QUEUE_DATA_DIR"])
huey = open_queue(Database(DATA / "plexsync.db"), lease=float(os.environ.get("QUEUE_LEASE", "60")))


def note(what: str, number: int) -> None:
    """One line of the journal: an append of this size is atomic."""
    line = f"{what} {number} {os.getpid()} {time.monotonic_ns()}\n".encode()
    descriptor = os.open(DATA / "journal", os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    os.write(descriptor, line)
    os.close(descriptor)


@huey.task(coalesce=True)
def work(number: int, seconds: float = 0.0) -> int:
    note("start", number)
    time.sleep(seconds)
    note("end", number)
    return number


def _scene(number: int) -> int:
    note("start", number)
    return number


# Registered under the name that the hook asks for.
_scene.__module__, _, _name = event_files.SYNC_SCENE.rpartition(".")
scene = huey.task(name=_name)(_scene)
