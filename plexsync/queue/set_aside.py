"""Messages that nobody here can work on: kept, with the reason, so that they neither block the queue nor vanish."""

from __future__ import annotations

import logging
import sqlite3
import time

from plexsync.imports.late_dataclass import dataclass
from plexsync.inbox import event_reading
from plexsync.inbox.event_files import printable
from plexsync.queue import schema

#: How many are kept; older ones make room, but for those of a newer version.
KEPT = 1000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message as it came, why it was set aside, where it came from, and when (since 1970).

    ``origin`` is ``inbox`` or ``queue`` where it could not be read, and ``worker`` where it was handed out in vain.
    """

    id: int
    data: bytes
    reason: str
    origin: str
    at: float


def put(connection: sqlite3.Connection, queue: str, data: bytes, reason: str, origin: str) -> None:
    """Set a message aside, inside the caller's transaction, and say so in the log."""
    reason = printable(reason)
    connection.execute(schema.SET_ASIDE, (queue, data, reason, origin, time.time()))
    connection.execute(schema.TRIM_SET_ASIDE, (KEPT,))
    log.warning("a message from the %s was set aside: %s", origin, reason)


def newest(connection: sqlite3.Connection, queue: str, limit: int) -> list[SetAside]:
    """The newest messages that were set aside, newest first."""
    return [SetAside(*row) for row in connection.execute(schema.SET_ASIDE_ITEMS, (queue, limit))]


def unread(connection: sqlite3.Connection, queue: str) -> list[SetAside]:
    """The messages that could not be read, oldest first."""
    return [SetAside(*row) for row in connection.execute(schema.UNREAD_ITEMS, (queue,))]


def worn_out(connection: sqlite3.Connection, queue: str) -> list[SetAside]:
    """The messages that each worker died over, oldest first."""
    return [SetAside(*row) for row in connection.execute(schema.WORN_OUT_ITEMS, (queue,))]


def remove(connection: sqlite3.Connection, item_id: int) -> None:
    """Remove a message that is set aside no longer, inside the caller's transaction."""
    connection.execute(schema.REMOVE_SET_ASIDE, (item_id,))


def is_odd_event(item: SetAside) -> bool:
    """Whether it came from the inbox and is none of the messages that may be laid there."""
    try:
        return item.origin == "inbox" and not event_reading.decode(item.data)
    except event_reading.UnreadableEvent:
        return True
