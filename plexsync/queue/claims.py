"""Claims: which process works on which message, from the moment it is handed out until it is acknowledged.

A message leaves the line in the same transaction that notes who took it, and leaves the file when the work is done and
everything that follows from it (the result, a retry) is stored. Whatever happens in between, the message is there and
goes back in line: it is delivered at least once.

Neither claim nor acknowledgement is synced to disk. After a power cut the file holds a prefix of its commits. If that
prefix lacks the acknowledgement, the task runs once more; a prefix that holds it also holds the retry and the result,
which were committed before it. Only what somebody outside relies on from the moment a call returns has to be synced:
a message that was enqueued, scheduled, or taken over from the inbox.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from plexsync.queue import schema, set_aside
from plexsync.queue.leases import Heartbeat, LeaseWatch, Owner
from plexsync.queue.line import Line
from plexsync.queue.starting import cannot_start
from plexsync.storage.database import Database
from plexsync.words import counted

#: How often a message may be handed out without ever being acknowledged. One that kills each process that works on it
#: must not kill them for ever.
MAX_DELIVERIES = 20
#: How often one may be handed out in vain by whoever could not even begin to work on it.
MAX_UNREAD = 5
#: Errors that are no message's fault.
OF_THE_MOMENT = (MemoryError, OSError, sqlite3.Error)
#: Renewals per lease: two may fail before the lease runs out.
RENEWALS_PER_LEASE = 3

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that was handed out: the claim's id, the message, how urgent it is, and when it came into the queue."""

    id: int
    data: bytes
    priority: float
    enqueued_at: float | None = None


@dataclass
class _Holder:
    """What this process holds."""

    owner: Owner
    heartbeat: Heartbeat
    in_flight: set[int]


class Claims:
    """The claims on the messages of one queue.

    Safe to share between threads; a forked child holds claims of its own.

    :param database: the file.
    :param queue: the queue's name.
    :param line: where messages go back to.
    :param lease: seconds after which a claim that is not renewed is lost, where its owner cannot be looked up.
    :param clock: seconds on a clock that nobody sets, for these.
    """

    def __init__(
        self, database: Database, queue: str, line: Line, lease: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._queue = queue
        self._line = line
        self._lease = lease
        self._watch = LeaseWatch(lease, clock)
        self._lock = threading.Lock()
        self._held: _Holder | None = None

    def claim(self, paused: Collection[str] = (), exclusive: Collection[str] = ()) -> Claimed | None:
        """Claim the message that is next, or None where there is none that may be worked on now.

        :param paused: names of tasks whose messages stay in line.
        :param exclusive: names of tasks of which one message at a time is worked on, of all of them together.
        """
        with self._database.read() as connection:
            if self._next(connection, paused, exclusive) is None:
                return None
        holder = self._holder()
        row: sqlite3.Row | None = None
        try:
            with self._database.write() as connection:
                row = self._next(connection, paused, exclusive)
                if row is None:
                    return None
                now = time.time()
                claim = {"id": row["id"], "owner": str(holder.owner), "lease_until": now + self._lease, "now": now}
                connection.execute(schema.CLAIM_TASK, claim)
                connection.execute(schema.DELETE_TASK, (row["id"],))
                # Noted before it is committed: recover(), in another thread, must not take it for lost.
                holder.in_flight.add(row["id"])
            holder.heartbeat.ensure()
            return Claimed(row["id"], row["data"], row["priority"], row["enqueued_at"])
        except BaseException:
            # Most likely no thread can be started for the heartbeat. Nobody else would ever give the message back.
            if row is not None:
                self.release(row["id"])
            raise

    def keys(self, name: str) -> list[str]:
        """The keys of the coalescing messages to the task of this name that are worked on now."""
        with self._database.read() as connection:
            return [row[0] for row in connection.execute(schema.CLAIMED_KEYS, (self._queue, *_keys_of(name)))]

    def ack(self, claim_id: int) -> None:
        """The work is done, and what follows from it is stored: the message leaves the file.

        :raises sqlite3.Error: it could not be noted; the message will be delivered again.
        """
        holder = self._holder()
        try:
            with self._database.write() as connection:
                connection.execute(schema.DELETE_CLAIM, (claim_id, str(holder.owner)))
        finally:
            holder.in_flight.discard(claim_id)

    def release(self, claim_id: int) -> None:
        """Give a message back to the line: it was not worked on to its end, through no fault of its own.

        :raises sqlite3.Error: it could not be noted; ``recover`` will.
        """
        holder = self._holder()
        try:
            with self._database.write() as connection:
                row = connection.execute(schema.HELD_CLAIM, (claim_id, str(holder.owner))).fetchone()
                if row is not None:
                    self._give_back(connection, row)
        finally:
            holder.in_flight.discard(claim_id)

    def return_unread(self, claim: Claimed, error: BaseException) -> None:
        """Give a message back that could not be worked on, as something unforeseen went wrong before that.

        It may be the message's own fault: one that this has happened to time and again is set aside.

        :raises sqlite3.Error: it could not be noted; ``recover`` will.
        """
        if not isinstance(error, Exception) or isinstance(error, OF_THE_MOMENT) or cannot_start(error):
            self.release(claim.id)
            return
        holder = self._holder()
        try:
            with self._database.write() as connection:
                row = connection.execute(schema.HELD_CLAIM, (claim.id, str(holder.owner))).fetchone()
                if row is None:
                    return
                if row["deliveries"] < MAX_UNREAD:
                    self._take_back(connection, row, row["deliveries"])
                else:
                    self._set_aside(connection, row, f"nobody can begin to work on it: {error!r:.300}", "queue")
        finally:
            holder.in_flight.discard(claim.id)

    def leave(self, claim_id: int) -> None:
        """Give up a message whose outcome could not be stored: the next ``recover`` puts it back in line.

        Not at once, or a message whose outcome can never be stored would be worked on without a pause.
        """
        self._holder().in_flight.discard(claim_id)

    def discard(self, claim: Claimed, reason: str) -> None:
        """Set a claimed message aside.

        :param reason: what is wrong with it, for a person.
        """
        holder = self._holder()
        try:
            with self._database.write() as connection:
                row = connection.execute(schema.HELD_CLAIM, (claim.id, str(holder.owner))).fetchone()
                if row is not None:
                    self._set_aside(connection, row, reason, "queue")
        finally:
            holder.in_flight.discard(claim.id)

    def release_all(self) -> None:
        """Give back everything this process holds, and end the heartbeat. The next claim starts it again."""
        with self._lock:
            holder, self._held = self._held, None
        if holder is None or holder.owner.pid != os.getpid():
            return
        holder.heartbeat.stop()
        holder.owner.retire()
        if not holder.in_flight:
            return
        try:
            with self._database.write() as connection:
                for row in connection.execute(schema.CLAIMS_OF_OWNER, (self._queue, str(holder.owner))).fetchall():
                    self._give_back(connection, row)
        except sqlite3.Error as error:
            log.warning("claimed messages could not be given back: %s; they return when the consumer starts", error)

    def recover(self) -> int:
        """Put messages back in line whose claims are lost: their owner is gone, has stopped renewing, or left them.

        :returns: how many.
        """
        with self._database.read() as connection:
            lost = self._lost(connection.execute(schema.CLAIMS, (self._queue,)).fetchall())
        if not lost:
            return 0
        with self._database.write() as connection:
            for claim in lost:
                row = connection.execute(schema.HELD_CLAIM, (claim["id"], claim["owner"])).fetchone()
                if row is None or row["lease_until"] != claim["lease_until"]:
                    continue
                if row["deliveries"] >= MAX_DELIVERIES:
                    reason = f"it was handed out {row['deliveries']} times, and each time its worker died or gave up"
                    self._set_aside(connection, row, reason, "worker")
                else:
                    self._take_back(connection, row, row["deliveries"])
        what = counted(len(lost), "message whose claim was lost is", "messages whose claims were lost are")
        log.info("%s back in the queue or set aside", what)
        return len(lost)

    def _next(
        self, connection: sqlite3.Connection, paused: Collection[str], exclusive: Collection[str]
    ) -> sqlite3.Row | None:
        if any(connection.execute(schema.IS_AT_WORK, (self._queue, *_keys_of(name))).fetchone() for name in exclusive):
            paused = {*paused, *exclusive}
        line = {"queue": self._queue, "paused": json.dumps(list(paused))}
        next_task = schema.NEXT_UNPAUSED_TASK if paused else schema.NEXT_TASK
        row: sqlite3.Row | None = connection.execute(next_task, line).fetchone()
        return row

    def _lost(self, claims: list[sqlite3.Row]) -> list[sqlite3.Row]:
        latest: dict[str, float] = {}
        for claim in claims:
            latest[claim["owner"]] = max(claim["lease_until"], latest.get(claim["owner"], claim["lease_until"]))
        self._watch.keep_only(latest)
        holder = self._holder()
        own = str(holder.owner)
        gone = {owner for owner, until in latest.items() if owner != own and self._is_gone(owner, until, holder.owner)}
        return [
            claim
            for claim in claims
            if claim["owner"] in gone or (claim["owner"] == own and claim["id"] not in holder.in_flight)
        ]

    def _is_gone(self, owner: str, lease_until: float, here: Owner) -> bool:
        parsed = Owner.parse(owner)
        alive = parsed.is_alive(here) if parsed else None
        return self._watch.has_run_out(owner, lease_until) if alive is None else not alive

    def _give_back(self, connection: sqlite3.Connection, claim: sqlite3.Row) -> None:
        self._take_back(connection, claim, claim["deliveries"] - 1)

    def _take_back(self, connection: sqlite3.Connection, claim: sqlite3.Row, deliveries: int) -> None:
        connection.execute(schema.DELETE_CLAIM, (claim["id"], claim["owner"]))
        self._line.put_back(connection, claim, deliveries)

    def _set_aside(self, connection: sqlite3.Connection, claim: sqlite3.Row, reason: str, origin: str) -> None:
        connection.execute(schema.DELETE_CLAIM, (claim["id"], claim["owner"]))
        set_aside.put(connection, self._queue, claim["data"], reason, origin)
        self._line.give_up(connection, claim["task_id"], f"set aside: {reason}")

    def _holder(self) -> _Holder:
        with self._lock:
            if self._held is None or self._held.owner.pid != os.getpid():
                self._held = self._new_holder()
            return self._held

    def _new_holder(self) -> _Holder:
        owner = Owner.here()
        in_flight: set[int] = set()

        def renew() -> None:
            with self._database.write() as connection:
                connection.execute(schema.RENEW_CLAIMS, (time.time() + self._lease, self._queue, str(owner)))

        return _Holder(owner, Heartbeat(self._lease / RENEWALS_PER_LEASE, renew, lambda: not in_flight), in_flight)


def _keys_of(name: str) -> tuple[str, str]:
    """Right before and right behind the keys of all messages to the task of this name."""
    return f'["{name}",', f'["{name}"-'
