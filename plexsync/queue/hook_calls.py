"""When Stash called the hook last. The hook pays nothing for it: its messages tell, when they are taken over."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence

from plexsync.queue.origin import OF_STASH

#: The name of the counter that holds it, in milliseconds since 1970.
COUNTER = "hook_called_at_ms"

_LATEST = "select value from counter where queue = ? and key = ?"
_NOTE = """
insert into counter (queue, key, value) values (?, ?, ?)
on conflict (queue, key) do update set value = excluded.value
"""


def note(connection: sqlite3.Connection, queue: str, messages: Sequence[bytes]) -> None:
    """Note the newest call among messages of the inbox, in the caller's transaction.

    :param messages: as they stand in the queue.
    """
    read = [json.loads(message) for message in messages]
    called = max((one["at"] for one in read if str(one.get("event", "")).endswith(OF_STASH)), default=None)
    if called is None:
        return
    known = latest(connection, queue)
    # One that is to come was noted before the clock was set back. A message that lay there for long is no news.
    if known is None or called > known or known > time.time():
        connection.execute(_NOTE, (queue, COUNTER, int(called * 1000)))


def latest(connection: sqlite3.Connection, queue: str) -> float | None:
    """When the hook was called last (epoch seconds, by the clock of Stash's machine); None for never."""
    row = connection.execute(_LATEST, (queue, COUNTER)).fetchone()
    return None if row is None else row[0] / 1000
