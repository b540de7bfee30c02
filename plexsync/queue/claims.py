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
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from plexsync.imports.late_dataclass import dataclass
from plexsync.queue import schema, set_aside
from plexsync.queue.leases import Heartbeat, LeaseWatch, Owner
from plexsync.queue.line import Line
from plexsync.queue.starting import cannot_start
from plexsync.queue.turns import Turns
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
    """A message that was handed out: the claim's id, the message, how urgent it is, and when it came into the queue.

    ``others`` were handed out with it, for the same worker to work on: messages to the same task, in their order.
    """

    id: int
    data: bytes
    priority: float
    enqueued_at: float | None = None
    others: tuple[Claimed, ...] = ()


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
        #: How many are claimed at once.
        self.turns = Turns(clock)
        #: Whether more could be claimed, as far as the latest claim showed.
        self.has_more = False

    def claim(self, paused: Collection[str] = (), exclusive: Collection[str] = ()) -> Claimed | None:
        """Claim the message that is next, or None where there is none that may be worked on now.

        :param paused: names of tasks whose messages stay in line.
        :param exclusive: names of tasks of which one message at a time is worked on, of all of them together.
        """
        if not self.has_more and not self.is_work_there(paused, exclusive):
            return None
        holder = self._holder()
        rows: list[sqlite3.Row] = []
        try:
            with self._database.write() as connection:
                rows, has_more = self._share(connection, paused, exclusive)
                now = self._database.now()
                claim = {"owner": str(holder.owner), "lease_until": now + self._lease, "now": now}
                connection.executemany(schema.CLAIM_TASK, [{**claim, "id": row["id"]} for row in rows])
                connection.executemany(schema.DELETE_TASK, [(row["id"],) for row in rows])
                self.has_more = self._is_next(connection, paused, exclusive) if has_more is None else has_more
                # Noted before it is committed: recover(), in another thread, must not take it for lost.
                holder.in_flight.update(row["id"] for row in rows)
            if not rows:
                return None
            holder.heartbeat.ensure()
            first, *others = (Claimed(row["id"], row["data"], row["priority"], row["enqueued_at"]) for row in rows)
            return replace(first, others=tuple(others))
        except BaseException:
            # Most likely no thread can be started for the heartbeat. Nobody else would ever give the message back.
            self.has_more = False
            if rows:
                self.release([row["id"] for row in rows])
            raise

    def is_work_there(self, paused: Collection[str] = (), exclusive: Collection[str] = ()) -> bool:
        """Whether there is a message that may be worked on now. Parameters as of ``claim``."""
        with self._database.read() as connection:
            return self._is_next(connection, paused, exclusive)

    def keys(self, name: str) -> list[str]:
        """The keys of the coalescing messages to the task of this name that are worked on now."""
        with self._database.read() as connection:
            return [row[0] for row in connection.execute(schema.CLAIMED_KEYS, (self._queue, *_keys_of(name)))]

    def ack(
        self, claim_ids: Sequence[int], exclusive: Collection[str] = (), results: Sequence[tuple[str, bytes]] = ()
    ) -> bool:
        """The work is done, and what follows from it is stored: the messages leave the file.

        :param exclusive: as of ``claim``.
        :param results: of their tasks, by task id, stored with it.
        :returns: whether another message may have waited for that.
        :raises sqlite3.Error: it could not be noted; the messages will be delivered again.
        """
        holder = self._holder()
        owner = str(holder.owner)
        try:
            with self._database.write() as connection:
                ends = [self._database.ask(connection, schema.WHAT_ENDS, (one, owner)) for one in claim_ids]
                connection.executemany(schema.DELETE_CLAIM, [(one, owner) for one in claim_ids])
                connection.executemany(schema.PUT_VALUE, [(self._queue, key, value, 1) for key, value in results])
        finally:
            holder.in_flight.difference_update(claim_ids)
        return any(_frees(one(), exclusive) for one in ends)

    def release(self, claim_ids: Sequence[int]) -> None:
        """Give messages back to the line: they were not worked on to their end, through no fault of their own.

        :raises sqlite3.Error: it could not be noted; ``recover`` will.
        """
        holder = self._holder()
        try:
            with self._database.write() as connection:
                for claim_id in claim_ids:
                    row = connection.execute(schema.HELD_CLAIM, (claim_id, str(holder.owner))).fetchone()
                    if row is not None:
                        self._give_back(connection, row)
        finally:
            holder.in_flight.difference_update(claim_ids)

    def return_unread(self, claim: Claimed, error: BaseException) -> None:
        """Give a message back that could not be worked on, as something unforeseen went wrong before that.

        It may be the message's own fault: one that this has happened to time and again is set aside.

        :raises sqlite3.Error: it could not be noted; ``recover`` will.
        """
        if not isinstance(error, Exception) or isinstance(error, OF_THE_MOMENT) or cannot_start(error):
            self.release([claim.id])
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

    def recover(self, *, begins: bool = False) -> int:
        """Put messages back in line whose claims are lost: their owner is gone, has stopped renewing, or left them.

        :param begins: this process has just become the only one that may claim any: all others' are lost.
        :returns: how many.
        """
        with self._database.read() as connection:
            claims = connection.execute(schema.CLAIMS, (self._queue,)).fetchall()
        own = str(self._holder().owner)
        lost = [one for one in claims if one["owner"] != own] if begins else self._lost(claims)
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

    def _share(
        self, connection: sqlite3.Connection, paused: Collection[str], exclusive: Collection[str]
    ) -> tuple[list[sqlite3.Row], bool | None]:
        """The message that is next with those that are claimed with it, and whether there is more.

        None for the latter where that is to be looked for once these are claimed.
        """
        row, has_more = self._next(connection, paused, exclusive)
        if row is None:
            return [], False
        name = row["name"]
        if row["deliveries"] or name is None or (most := self.turns.most(name, row["priority"])) == 1:
            return [row], has_more
        if has_more is False:
            return [row], False
        place = {"queue": self._queue, "name": name, "priority": row["priority"], "id": row["id"]}
        behind = connection.execute(schema.NEXT_OF_NAME, {**place, "limit": most * self.turns.workers}).fetchall()
        share = self.turns.share(name, 1 + len(behind), row["priority"])
        return [row, *behind][:share], True if share <= len(behind) else None

    def _is_next(self, connection: sqlite3.Connection, paused: Collection[str], exclusive: Collection[str]) -> bool:
        return self._next(connection, paused, exclusive)[0] is not None

    def _next(
        self, connection: sqlite3.Connection, paused: Collection[str], exclusive: Collection[str]
    ) -> tuple[sqlite3.Row | None, bool | None]:
        """The message that may be worked on now, and whether another one may be beside it; None where that is open."""
        rows = self._first(connection, paused)
        if not rows:
            return None, False
        if rows[0]["name"] in exclusive and any(
            connection.execute(schema.IS_AT_WORK, (self._queue, *_keys_of(one))).fetchone() for one in exclusive
        ):
            rows = self._first(connection, {*paused, *exclusive})
            return (rows[0], None) if rows else (None, False)
        if paused or any(row["name"] in exclusive for row in rows):
            return rows[0], None
        return rows[0], len(rows) > 1

    def _first(self, connection: sqlite3.Connection, paused: Collection[str]) -> list[sqlite3.Row]:
        line = {"queue": self._queue, "paused": json.dumps(list(paused))}
        next_task = schema.NEXT_UNPAUSED_TASK if paused else schema.NEXT_TASK
        return connection.execute(next_task, line).fetchall()

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
                connection.execute(schema.RENEW_CLAIMS, (self._database.now() + self._lease, self._queue, str(owner)))

        return _Holder(owner, Heartbeat(self._lease / RENEWALS_PER_LEASE, renew, lambda: not in_flight), in_flight)


def _keys_of(name: str) -> tuple[str, str]:
    """Right before and right behind the keys of all messages to the task of this name."""
    return f'["{name}",', f'["{name}"-'


def _frees(ended: sqlite3.Row | None, exclusive: Collection[str]) -> bool:
    """Whether another message may be worked on once this claim is over."""
    if ended is None or ended["key"] is None:
        return False
    return bool(ended["is_waited_for"]) or any(ended["key"].startswith(_keys_of(name)[0]) for name in exclusive)
