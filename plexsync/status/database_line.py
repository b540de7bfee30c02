"""Which database is used, whether it answers, and who of several consumers works: for ``status`` and the checks."""

from __future__ import annotations

import sqlite3
from typing import Any

from plexsync.durations import iso, when
from plexsync.inbox.event_files import printable
from plexsync.redaction import redact
from plexsync.storage.database import Database
from plexsync.words import counted


def figures(database: Database) -> dict[str, Any] | None:
    """The database that several consumers share, and these; None where it is a file, which only one can have.

    :raises sqlite3.Error: it does not answer.
    """
    if not database.is_shared:
        return None
    return {
        "place": database.place,
        "consumers": [
            {
                "host": printable(one.host),
                "pid": one.pid,
                "leads": one.leads,
                "since": iso(one.since),
                "seen_at": iso(one.seen_at),
            }
            for one in database.consumers()
            if one.is_there
        ],
    }


def text(found: dict[str, Any]) -> str:
    """The same, for a person."""
    leader = next((one for one in found["consumers"] if one["leads"]), None)
    waiting = sum(not one["leads"] for one in found["consumers"])
    if leader is None:
        who = "no consumer works"
    else:
        who = f"the consumer on {leader['host']} works (process {leader['pid']}, since {when(leader['since'])})"
    return f"{found['place']}: {who}, {counted(waiting, 'other waits', 'others wait')}"


def found_out(database: Database) -> tuple[bool, str]:
    """Whether it answers, and who works or what to do.

    :param database: one that is shared.
    """
    try:
        found = figures(database)
    except sqlite3.Error as error:
        return False, f"{redact(str(error))}: see that it runs, and that PLEXSYNC_DATABASE_URL is right"
    return True, text(found) if found else database.place
