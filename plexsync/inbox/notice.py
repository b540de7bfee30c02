"""A word of the consumer's that the hook passes on: Stash's log is where people look, and only the hook writes there.

A small file in the data folder, there while scenes are given up on. Its time of change is when the last of them was,
so that the hook can tell news from what it has passed on already.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path

from plexsync.inbox.hook_process import NOTICE_FILE, replace
from plexsync.words import counted

log = logging.getLogger(__name__)


class Notice:
    """Keeps the file in step with the dead letters. Safe to share between threads.

    :param folder: the data folder.
    :param dead_letters: how many there are, and when the latest was written (epoch seconds; None where there is none).
    """

    def __init__(self, folder: Path, dead_letters: Callable[[], tuple[int, float | None]]) -> None:
        self._path = folder / NOTICE_FILE
        self._dead_letters = dead_letters
        self._lock = threading.Lock()

    def update(self) -> None:
        """Write what is so now, or remove the file where there is nothing to tell. Never fails: see the log then."""
        with self._lock:
            count, latest = self._dead_letters()
            try:
                if latest is None:
                    self._path.unlink(missing_ok=True)
                else:
                    self._write(count, latest)
            except OSError as error:
                log.warning("%s could not be kept up to date (%s): Stash's log may lack a warning", self._path, error)

    def _write(self, count: int, latest: float) -> None:
        what = counted(count, "scene")
        text = f"{what} could not be synced: to see why, run ./huey_consumer.sh failed list in PlexSync's folder"
        replace(str(self._path), json.dumps({"text": text, "at": latest}).encode("ascii") + b"\n")
        os.utime(self._path, (latest, latest))
