"""Looking at the queue without Huey, while the inbox is empty: who only counts need not wait for its import."""

from __future__ import annotations

from plexsync.imports.late_dataclass import dataclass
from plexsync.inbox import event_files, event_reading
from plexsync.queue import hook_calls, schema
from plexsync.storage.database import Database

#: The queue's name, in its tables and in Huey.
NAME = "plexsync"


@dataclass(frozen=True, slots=True)
class QueueStats:
    """How many messages there are by state.

    ``oldest_pending_at`` is when the oldest began to wait, ``next_due_at`` when the first of those that are scheduled
    is to run (seconds since 1970).
    """

    pending: int
    scheduled: int
    in_progress: int
    set_aside: int
    oldest_pending_at: float | None
    next_due_at: float | None = None


def look(database: Database) -> tuple[QueueStats, float | None] | None:
    """The messages by state, and when Stash called the hook last (since 1970; None for never).

    :param database: with the queue's tables.
    :returns: None where something waits in the inbox, or that cannot be seen: the queue itself has to take it over.
    """
    try:
        if event_reading.waiting(str(database.path.parent / event_files.FOLDER), 1):
            return None
    except OSError:
        return None
    with database.read() as connection:
        stats = QueueStats(**dict(connection.execute(schema.COUNTS, {"queue": NAME}).fetchone()))
        return stats, hook_calls.latest(connection, NAME)
