"""Messages that nobody here can work on: kept, with the reason, so that they neither block the queue nor vanish."""

from __future__ import annotations

import logging
import sqlite3
import time
from dataclasses import dataclass

from plexsync.queue import schema

#: How many are kept; older ones make room.
KEPT = 1000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message as it came, why it was set aside, where it came from (``inbox``, ``queue``), and when (since 1970)."""

    data: bytes
    reason: str
    origin: str
    at: float


def put(connection: sqlite3.Connection, queue: str, data: bytes, reason: str, origin: str) -> None:
    """Set a message aside, inside the caller's transaction, and say so in the log."""
    connection.execute(schema.SET_ASIDE, (queue, data, reason, origin, time.time()))
    connection.execute(schema.TRIM_SET_ASIDE, (KEPT,))
    log.warning("a message from the %s was set aside: %s", origin, reason)


def newest(connection: sqlite3.Connection, queue: str, limit: int) -> list[SetAside]:
    """The newest messages that were set aside, newest first."""
    rows = connection.execute(schema.SET_ASIDE_ITEMS, (queue, limit))
    return [SetAside(row["data"], row["reason"], row["origin"], row["at"]) for row in rows]
