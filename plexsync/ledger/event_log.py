"""Which outcomes an event led to, by its short id: one small table, of which the oldest rows make room."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

#: Rows that are kept. A tag that stands on ten thousand scenes makes as many of one event.
KEPT = 100_000

_NOTE_ONE = "insert into event_outcome (event, outcome_id) values (?, ?)"
_NOTE = "insert into event_outcome (event, outcome_id) select value, ? from json_each(?)"
_TRIM = "delete from event_outcome where id <= (select max(id) from event_outcome) - ?"


def note(db: sqlite3.Connection, events: Sequence[tuple[str, float]], outcome_id: int | None) -> None:
    """Note in the caller's transaction what events have led to, in one statement however many they are.

    :param events: short ids, and when each was laid.
    """
    if len(events) == 1:
        db.execute(_NOTE_ONE, (events[0][0], outcome_id))
    else:
        db.execute(_NOTE, (outcome_id, json.dumps([event for event, _ in events])))


def trim(db: sqlite3.Connection) -> None:
    """Drop the oldest rows, in the caller's transaction."""
    db.execute(_TRIM, (KEPT,))
