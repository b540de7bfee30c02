"""Huey on SQLite: claims, leases and acknowledgements instead of luck, JSON instead of pickle.

What is named here is imported at its first use: priorities and tables are of use without Huey.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from plexsync.imports import lean as lean

if TYPE_CHECKING:
    from plexsync.queue.consumer import QueueConsumer
    from plexsync.queue.huey import PlexSyncHuey, open_queue
    from plexsync.queue.message import MessageSerializer, NewerMessage, UnreadableMessage
    from plexsync.queue.quiet import QueueStats
    from plexsync.queue.set_aside import SetAside
    from plexsync.queue.storage import QueueStorage

__all__ = [
    "MessageSerializer",
    "NewerMessage",
    "PlexSyncHuey",
    "QueueConsumer",
    "QueueStats",
    "QueueStorage",
    "SetAside",
    "UnreadableMessage",
    "open_queue",
]

#: In which modules of this room the names are.
_PLACES = {
    "MessageSerializer": "message",
    "NewerMessage": "message",
    "PlexSyncHuey": "huey",
    "QueueConsumer": "consumer",
    "QueueStats": "quiet",
    "QueueStorage": "storage",
    "SetAside": "set_aside",
    "UnreadableMessage": "message",
    "open_queue": "huey",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
    return value
