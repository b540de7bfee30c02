"""Where an event waits: which messages in the queue stand for it."""

from __future__ import annotations

import json
from typing import Any

from plexsync.durations import iso
from plexsync.queue.origin import origin_of
from plexsync.storage.database import Database

#: Messages that are looked at, the next ones first: a person asks about one event, and mostly right after it.
LOOKED_AT = 20_000
#: Messages that are told of.
TOLD = 20

_WAITING = """
select 'in progress' as place, data, enqueued_at as since, null as due from claim
union all select 'pending', data, enqueued_at, null
from (select data, enqueued_at from task order by id limit :most) as waiting
union all select 'scheduled', data, null, timestamp
from (select data, timestamp from schedule order by id limit :most) as planned
"""


def waiting_for(database: Database, event: str) -> list[dict[str, Any]]:
    """The messages that stand for an event: what each asks for, where it is, since when, and when it is due.

    :param event: its short id.
    """
    with database.read() as db:
        rows = db.execute(
            f"select place, data, since, due from ({_WAITING}) as found where instr(data, :event) limit :told",
            {"event": event.encode("ascii", "replace"), "most": LOOKED_AT, "told": TOLD},
        ).fetchall()
    found: list[dict[str, Any]] = []
    for row in rows:
        if event in origin_of(row["data"]).ids:
            message = json.loads(bytes(row["data"]))
            found.append(
                {
                    "what": f"{message['name']} {', '.join(map(str, message.get('args', ())[:5]))}".strip(),
                    "place": row["place"],
                    "since": iso(row["since"]),
                    "due": iso(row["due"]),
                }
            )
    return found
