"""Huey on SQLite: claims, leases and acknowledgements instead of luck, JSON instead of pickle."""

from plexsync import lean_huey as lean_huey  # isort: skip - before anything of Huey's
from plexsync.queue.consumer import QueueConsumer
from plexsync.queue.huey import PlexSyncHuey, open_queue
from plexsync.queue.message import MessageSerializer, NewerMessage, UnreadableMessage
from plexsync.queue.set_aside import SetAside
from plexsync.queue.storage import QueueStats, QueueStorage

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
