"""Asking for every scene of Stash, where what was known of them, or was asked for, may be lost."""

from __future__ import annotations

from pathlib import Path

from plexsync.inbox import event_files

#: The name of the task that queues every scene.
SYNC_ALL = "sync_all"


def ask_for_all(folder: Path) -> None:
    """Lay a message into the inbox that asks for every scene.

    :param folder: the data folder.
    :raises OSError: that could not be done.
    """
    event_files.put(str(folder / event_files.FOLDER), event_files.message(1, "Database.Lost") | {"name": SYNC_ALL})
