"""Where a message stands in line: the rules by which messages that ask for the same work become one.

An event only says *that* something changed, and a task reads what is there when it runs. So for tasks that coalesce,
one message that waits does the work of all equal ones:

- A new message joins the equal one that waits and leaves it its place in line. The higher priority wins; the retries
  are the new one's, as it is a fresh request.
- It takes the place of an equal one that is scheduled, be that a retry: now is sooner.
- What is to run later, a retry for one, is dropped when an equal message waits; of two scheduled ones the earlier
  time stays.
- One that is being worked on is no longer in line: what arrives meanwhile may be news to it, and waits on its own.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence, Set
from dataclasses import replace

from huey.utils import Error

from plexsync.imports.late_dataclass import dataclass
from plexsync.queue import schema
from plexsync.queue.message import Label, MessageSerializer, absorb
from plexsync.queue.origin import with_events_of
from plexsync.storage.many_values import VALUES_PER_STATEMENT, marks

#: Due messages moved per transaction.
DUE_BATCH = 500
#: Seconds ahead of now that a message may be due, at most. One that is to wait for longer was put there while the clock
#: was wrong, and would wait for years. To run it too early does no harm.
FARTHEST = 2 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A message on its way into the line. A higher ``priority`` is served first."""

    data: bytes
    priority: float
    label: Label


class Line:
    """The messages of one queue that wait, now or for a time. All methods work inside the caller's transaction.

    :param queue: the queue's name.
    """

    def __init__(self, queue: str) -> None:
        self._queue = queue

    def join(self, connection: sqlite3.Connection, entry: Entry) -> str | None:
        """Put a new message in line.

        :returns: the id of the task that will do its work: its own, or that of an equal one that was there.
        """
        waiting = self._equal(connection, schema.EQUAL_TASK, schema.DELETE_TASK, entry.label)
        if waiting is not None:
            data = absorb(waiting["data"], entry.data)
            connection.execute(schema.RENEW_TASK, (data, entry.priority, waiting["id"]))
            return str(waiting["task_id"])
        scheduled = self._equal(connection, schema.EQUAL_SCHEDULED, schema.DELETE_SCHEDULED, entry.label)
        if scheduled is not None:
            connection.execute(schema.DELETE_SCHEDULED, (scheduled["id"],))
            entry = Entry(
                absorb(scheduled["data"], entry.data),
                max(scheduled["priority"], entry.priority),
                replace(entry.label, task_id=scheduled["task_id"]),
            )
        self._insert(connection, entry)
        return entry.label.task_id

    def join_all(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> None:
        """Put new messages in line, as ``join`` does with each.

        Which of very many have an equal one is asked for many at a time: on a server each question is a way there and
        back.
        """
        for start in range(0, len(entries), VALUES_PER_STATEMENT):
            some = entries[start : start + VALUES_PER_STATEMENT]
            known = self._known(connection, {one.label.key for one in some if one.label.key is not None})
            for entry in some:
                if entry.label.key in known:
                    self.join(connection, entry)
                    continue
                self._insert(connection, entry)
                if entry.label.key is not None:
                    known.add(entry.label.key)

    def _known(self, connection: sqlite3.Connection, keys: Set[str]) -> set[str]:
        """Those of the keys that a message in line has."""
        found: set[str] = set()
        if not keys:
            return found
        for table in ("task", "schedule"):
            sql = f"select key from {table} where queue = ? and key in ({marks(list(keys))})"
            found.update(row[0] for row in connection.execute(sql, (self._queue, *keys)))
        return found

    def rejoin(self, connection: sqlite3.Connection, entry: Entry) -> None:
        """Put a retry, or a scheduled message whose time has come, in line; an equal one that waits takes its work."""
        waiting = self._equal(connection, schema.EQUAL_TASK, schema.DELETE_TASK, entry.label)
        if waiting is None:
            self._insert(connection, entry)
            return
        connection.execute(schema.RAISE_TASK, (entry.priority, waiting["id"]))
        self._hand_over(connection, schema.SET_TASK_DATA, entry.data, waiting)
        self.supersede(connection, entry.label.task_id, waiting["task_id"])

    def put_back(self, connection: sqlite3.Connection, claim: sqlite3.Row, deliveries: int) -> None:
        """Put a message that was claimed back to its old place; an equal one that came meanwhile moves up to it."""
        waiting = None
        if claim["key"] is not None:
            waiting = connection.execute(schema.EQUAL_TASK, (self._queue, claim["key"])).fetchone()
        if waiting is None:
            connection.execute(schema.INSERT_TASK, {**dict(claim), "deliveries": deliveries})
            return
        place = {"place": claim["id"], "id": waiting["id"], "deliveries": deliveries}
        connection.execute(
            schema.MOVE_TASK_UP, {**place, "priority": claim["priority"], "enqueued_at": claim["enqueued_at"]}
        )
        self._hand_over(connection, schema.SET_TASK_DATA, claim["data"], waiting, claim["id"])
        self.supersede(connection, claim["task_id"], waiting["task_id"])

    def schedule(self, connection: sqlite3.Connection, entry: Entry, timestamp: float, *, retry: bool) -> str | None:
        """Let a message wait for its time.

        :param timestamp: seconds since 1970.
        :param retry: somebody may hold this task's id and wait for its result.
        :returns: the id of the task that will do its work: its own, or that of an equal one that was there.
        """
        other = self._equal(connection, schema.EQUAL_TASK, schema.DELETE_TASK, entry.label)
        if other is not None:
            self._hand_over(connection, schema.SET_TASK_DATA, entry.data, other)
        else:
            other = self._equal(connection, schema.EQUAL_SCHEDULED, schema.DELETE_SCHEDULED, entry.label)
            if other is None:
                self._insert_scheduled(connection, entry, timestamp)
                return entry.label.task_id
            if timestamp < other["timestamp"]:
                data = absorb(other["data"], entry.data)
                connection.execute(schema.BRING_FORWARD, (data, timestamp, entry.priority, other["id"]))
            else:
                self._hand_over(connection, schema.SET_SCHEDULED_DATA, entry.data, other)
        if retry:
            self.supersede(connection, entry.label.task_id, other["task_id"])
        return str(other["task_id"])

    def move_due(self, connection: sqlite3.Connection, timestamp: float) -> int:
        """Put the next scheduled messages whose time has come in line.

        :param timestamp: seconds since 1970.
        :returns: how many there were; at most ``DUE_BATCH``.
        """
        rows = self.due(connection, timestamp, DUE_BATCH)
        for row in rows:
            connection.execute(schema.DELETE_SCHEDULED, (row["id"],))
            entry = Entry(row["data"], row["priority"], Label(row["task_id"], row["key"]))
            self.rejoin(connection, entry)
        return len(rows)

    def due(self, connection: sqlite3.Connection, timestamp: float, limit: int) -> list[sqlite3.Row]:
        """The next scheduled messages whose time has come, or is farther off than ``FARTHEST``."""
        values = {"queue": self._queue, "now": timestamp, "farthest": timestamp + FARTHEST, "limit": limit}
        return connection.execute(schema.DUE, values).fetchall()

    def give_up(self, connection: sqlite3.Connection, task_id: str | None, reason: str) -> None:
        """Tell whoever waits for a task's result that none will come."""
        if task_id is not None:
            error = MessageSerializer().serialize(Error({"error": reason, "task_id": task_id, "retries": 0}))
            connection.execute(schema.PUT_RESULT_IF_NONE, (self._queue, task_id, error))

    def supersede(self, connection: sqlite3.Connection, task_id: str | None, successor: str) -> None:
        """Tell whoever waits for the one task's result that another one does its work."""
        if task_id != successor:
            self.give_up(connection, task_id, f"superseded: task {successor} does the same work")

    def _equal(self, connection: sqlite3.Connection, select: str, delete: str, label: Label) -> sqlite3.Row | None:
        """The equal message that is in line. One that was revoked is taken out: it would not do the work."""
        if label.key is None:
            return None
        row: sqlite3.Row | None = connection.execute(select, (self._queue, label.key)).fetchone()
        if row is None or row["task_id"] == label.task_id:
            return row
        revocation = (self._queue, f"r:{row['task_id']}")
        if connection.execute(schema.HAS_VALUE, revocation).fetchone() is None:
            return row
        connection.execute(delete, (row["id"],))
        connection.execute(schema.DELETE_VALUE, revocation)
        self.give_up(connection, row["task_id"], "revoked")
        return None

    def _hand_over(
        self, connection: sqlite3.Connection, update: str, data: bytes, waiting: sqlite3.Row, place: int | None = None
    ) -> None:
        """The waiting message stands for the events of another one, too, whose work it does.

        :param data: the other one.
        :param place: the waiting one's id, where that has become another.
        """
        if (changed := with_events_of(waiting["data"], data)) is not None:
            connection.execute(update, (changed, waiting["id"] if place is None else place))

    def _insert(self, connection: sqlite3.Connection, entry: Entry) -> None:
        values = {**self._columns(entry), "id": None, "deliveries": 0, "enqueued_at": time.time()}
        connection.execute(schema.INSERT_TASK, values)

    def _insert_scheduled(self, connection: sqlite3.Connection, entry: Entry, timestamp: float) -> None:
        connection.execute(schema.INSERT_SCHEDULED, {**self._columns(entry), "timestamp": timestamp})

    def _columns(self, entry: Entry) -> dict[str, object]:
        label = entry.label
        return {
            "queue": self._queue,
            "data": entry.data,
            "priority": entry.priority,
            "key": label.key,
            "task_id": label.task_id,
        }
