"""A consumer in which something goes wrong for as long as a file lies in the data folder.

    python -m tests.support.queue_app.hindered KIND [options of Huey's consumer]

``threads``: no thread can be started. ``dequeue``: handing a message out fails in a way that nobody foresaw.
``execute``: what Huey does right before a task runs does. ``schedule``: looking for what is due does.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from huey.bin import huey_consumer

from plexsync.queue import PlexSyncHuey, QueueStorage

HINDRANCE = Path(os.environ["QUEUE_DATA_DIR"], "hindrance")


def hinder(owner: Any, name: str, error: Exception) -> None:
    original: Callable[..., Any] = getattr(owner, name)

    def hindered(*args: Any, **how: Any) -> Any:
        if HINDRANCE.exists():
            raise error
        return original(*args, **how)

    setattr(owner, name, hindered)


KINDS: dict[str, tuple[Any, str, Exception]] = {
    "threads": (threading.Thread, "start", RuntimeError("can't start new thread")),
    "dequeue": (PlexSyncHuey, "dequeue", RuntimeError("nobody foresaw this")),
    "execute": (PlexSyncHuey, "is_revoked", MemoryError("nobody foresaw this")),
    "schedule": (QueueStorage, "read_schedule", UnicodeError("nobody foresaw this")),
}

if __name__ == "__main__":
    hinder(*KINDS[sys.argv.pop(1)])
    huey_consumer.consumer_main()
