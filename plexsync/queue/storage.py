"""Huey's storage on PlexSync's one SQLite file: at least once, in order, equal messages as one."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from huey.storage import BaseStorage, SqliteStorage

from plexsync.imports.late_dataclass import dataclass
from plexsync.queue import hook_calls, schema, set_aside
from plexsync.queue.arrivals import Arrivals
from plexsync.queue.claims import Claimed, Claims
from plexsync.queue.intake import UnusableFile
from plexsync.queue.line import DUE_BATCH, Entry, Line
from plexsync.queue.message import label
from plexsync.queue.quiet import QueueStats
from plexsync.queue.set_aside import SetAside
from plexsync.storage.database import Database
from plexsync.words import counted

#: Seconds ``dequeue`` waits for work. It then returns, for the worker to see that it should stop.
PATIENCE = 1.0
#: The same where it is woken for whatever comes, also to stop and to tidy up: one thread sees to it that no worker
#: sleeps over work.
PATIENCE_LISTENING = 600.0
#: Seconds until a claim is lost, where its owner cannot be looked up and does not renew it.
LEASE = 60.0
#: Seconds a task's result is kept.
RESULT_AGE = 24 * 3600.0
#: Seconds any other value (a lock, a revocation) is kept: whoever set it is long gone.
VALUE_AGE = 30 * 24 * 3600.0
#: Keys read at a time when all are asked for.
KEYS_PER_PAGE = 1000
#: Seconds between two prunings.
PRUNE_INTERVAL = 3600.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many messages of little urgency there are by state.

    ``lease_until`` is the latest time (since 1970) until which a worker holds any message: a consumer at work moves it.
    """

    pending: int
    scheduled: int
    in_progress: int
    lease_until: float | None


class QueueStorage(SqliteStorage):  # type: ignore[misc]  # huey has no types
    """Stores one queue's messages, results, locks and counters. Safe to share between threads, and across a fork.

    :param name: the queue's name.
    :param database: the file; everything goes through its one connection.
    :param inbox: the folder of the hook's messages; they are in the queue before anybody looks at it.
    :param coalesces: whether equal messages to the task of this name become one.
    :param exclusive: names of tasks of which one message at a time is worked on, of all of them together. May still
        grow.
    :param lease: seconds; see ``LEASE``.
    :param result_age: seconds; see ``RESULT_AGE``.
    :param clock: seconds on a clock that nobody sets, by which leases end and looks are repeated.
    """

    #: Tells Huey's worker that ``dequeue`` waits by itself.
    blocking = True

    def __init__(
        self,
        name: str,
        *,
        database: Database,
        inbox: Path,
        coalesces: Callable[[str], bool],
        exclusive: Collection[str] = (),
        lease: float = LEASE,
        result_age: float = RESULT_AGE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        BaseStorage.__init__(self, name)
        self.to_blob = memoryview
        self.database = database
        #: Whether the consumer is stopping and nothing more is to be handed out.
        self.is_stopping: Callable[[], bool] = lambda: False
        #: The names of the tasks that are paused: their messages stay in line. Asked before each claim, so it must be
        #: cheap. Call ``wake`` when they no longer are.
        self.paused: Callable[[], Collection[str]] = tuple
        self._coalesces = coalesces
        self._exclusive = exclusive
        self._result_age = result_age
        self._line = Line(name)
        self._claims = Claims(database, name, self._line, lease, clock)
        #: How many messages of one task a worker claims at once.
        self.turns = self._claims.turns
        #: What comes in, and who is woken for it.
        self.arrivals = Arrivals(
            database,
            inbox,
            self._store,
            lambda: self.is_stopping(),
            lambda: self._is_to_tidy_up() or self._claims.is_work_there(self.paused(), self._exclusive),
            clock,
        )
        self._clock = clock
        self._recover_interval = lease / 2
        self._recover_at = clock() + self._recover_interval
        self._prune_at = clock()
        database.migrate("queue", schema.STEPS)
        database.prepare(schema.PREPARED)

    @contextmanager
    def db(self, commit: bool = False, close: bool = False) -> Iterator[sqlite3.Cursor]:  # noqa: ARG002 - Huey's interface
        """The one connection, where Huey's own storage would open another."""
        with self.database.write() if commit else self.database.read() as connection:
            yield connection.cursor()

    def close(self) -> bool:
        """Give back what is still claimed, end the heartbeat and close the connection. The next use opens it again."""
        self.arrivals.close()
        self._claims.release_all()
        self.database.close()
        return True

    # --- Putting messages in -----------------------------------------------------------------------------------------

    def enqueue(
        self, data: bytes, priority: float | None = None, *, retry: bool = False, durable: bool = True
    ) -> str | None:
        """Put a message in line.

        :param data: the message, as JSON.
        :param priority: higher ones are served first; the message's own when None.
        :param retry: it is no new request but a message that is claimed, once more.
        :param durable: sync to disk before returning.
        :returns: the id of the task that will do the work: an equal one may have been there.
        """
        entry = self._entry(data, priority)
        survivor = entry.label.task_id
        with self.database.write(durable=durable) as connection:
            if retry:
                self._line.rejoin(connection, entry)
            else:
                survivor = self._line.join(connection, entry)
        self.arrivals.announce()
        return survivor

    def enqueue_many(self, messages: Sequence[bytes], priority: float | None = None) -> None:
        """Put new messages in line in one transaction, synced to disk.

        :param priority: as for ``enqueue``, of all of them.
        """
        entries = [self._entry(data, priority) for data in messages]
        with self.database.write(durable=True) as connection:
            self._line.join_all(connection, entries)
        self.arrivals.announce(len(entries))

    def add_to_schedule(
        self,
        data: bytes,
        ts: datetime,
        priority: float | None = None,
        *,
        retry: bool = False,
        durable: bool = True,
    ) -> str | None:
        """Let a message wait for its time.

        :param ts: when, in UTC.

        The other parameters and what is returned are those of ``enqueue``.
        """
        entry = self._entry(data, priority)
        with self.database.write(durable=durable) as connection:
            survivor = self._line.schedule(connection, entry, _timestamp(ts), retry=retry)
        self.arrivals.schedule_changed.set()
        self.arrivals.ring()
        return survivor

    def next_due_in(self, most: float) -> float:
        """Seconds until the next message that is scheduled is due, ``most`` at most; 0 where one is.

        :raises sqlite3.Error: the file cannot be read.
        """
        with self.database.read() as connection:
            due_at = connection.execute(schema.NEXT_DUE, (self.name,)).fetchone()[0]
        return most if due_at is None else max(0.0, min(most, due_at - time.time()))

    def read_schedule(self, ts: datetime) -> list[bytes]:
        """Move what is due by ``ts`` (UTC) from the schedule into the line, where workers find it.

        :returns: nothing that would be left to enqueue: Huey's scheduler would lose it if it died on the way.
        """
        moved = DUE_BATCH
        while moved == DUE_BATCH:
            with self.database.read() as connection:
                if not self._line.due(connection, _timestamp(ts), limit=1):
                    break
            with self.database.write() as connection:
                moved = self._line.move_due(connection, _timestamp(ts))
            self.arrivals.notify(moved)
        return []

    def take_in(self, messages: Sequence[bytes], unusable: Sequence[UnusableFile]) -> None:
        """Store messages of the hook that did not come through the inbox, synced to disk.

        :param messages: as they stand in the queue.
        :param unusable: what came and is no message: it is set aside.
        :raises sqlite3.Error: they could not be stored.
        """
        self._store(messages, unusable)

    # --- Handing messages out ----------------------------------------------------------------------------------------

    def dequeue(self) -> Claimed | None:
        """Claim the next message, waiting up to ``PATIENCE`` for one, or for longer where the doorbell wakes us.

        :raises sqlite3.Error: the file cannot be written.
        """
        arrivals = self.arrivals
        deadline = time.monotonic() + (PATIENCE_LISTENING if arrivals.is_listening else PATIENCE)
        while not self.is_stopping():
            self._keep_up()
            arrivals.rest()
            token = arrivals.token()
            arrivals.take_over(waits=not arrivals.is_listening)
            claimed = self._claims.claim(self.paused(), self._exclusive)
            if claimed is not None:
                if self._claims.has_more:
                    # Each wakes the next: so as many are awake as there is work for.
                    arrivals.notify(1)
                return claimed
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return None
            arrivals.wait(token, remaining)
        return None

    def wake(self) -> None:
        """Let whoever waits in ``dequeue`` look again at once: what rested does so no longer."""
        self.arrivals.notify()

    def waits_above(self, priority: float) -> bool:
        """Whether a message waits that is more urgent than this. Costs one look into an index."""
        with self.database.read() as db:
            return db.execute(schema.WAITS_ABOVE, (self.name, priority)).fetchone() is not None

    def newest_message(self) -> int:
        """A number that grows with each message that comes into the queue; 0 where none waits."""
        with self.database.read() as db:
            return int(db.execute("select coalesce(max(id), 0) from task").fetchone()[0])

    def ack(self, *claim_ids: int, results: Sequence[tuple[str, bytes]] = ()) -> None:
        """See ``Claims.ack``."""
        if self._claims.ack(claim_ids, self._exclusive, results):
            self.arrivals.notify(1)

    def release(self, *claim_ids: int) -> None:
        """See ``Claims.release``."""
        self._claims.release(claim_ids)
        self.arrivals.notify(1)

    def return_unread(self, claim: Claimed, error: BaseException) -> None:
        """See ``Claims.return_unread``."""
        self._claims.return_unread(claim, error)
        self.arrivals.notify(1)

    def leave(self, claim_id: int) -> None:
        """See ``Claims.leave``."""
        self._claims.leave(claim_id)

    def discard(self, claim: Claimed, reason: str) -> None:
        """See ``Claims.discard``."""
        self._claims.discard(claim, reason)
        self.arrivals.notify(1)

    def recover(self, *, begins: bool = False) -> int:
        """See ``Claims.recover``."""
        recovered = self._claims.recover(begins=begins)
        if recovered:
            self.arrivals.notify(recovered)
        return recovered

    def take_up_again(self, is_readable: Callable[[bytes], bool]) -> int:
        """Put messages back in line that were set aside because they could not be read, and can be by now.

        :param is_readable: whether a message can be worked on here.
        :returns: how many.
        """
        with self.database.write(durable=True) as connection:
            unread = set_aside.unread(connection, self.name)
            readable = [item for item in unread if is_readable(item.data) and not set_aside.is_odd_event(item)]
            for item in readable:
                self._line.join(connection, self._entry(item.data, None))
                set_aside.remove(connection, item.id)
        if readable:
            what = counted(len(readable), "message that was set aside is", "messages that were set aside are")
            log.info("%s back in the queue: this version can read what an earlier one could not", what)
            self.arrivals.announce(len(readable))
        return len(readable)

    def shift_schedule(self, seconds: float) -> None:
        """Let everything that waits for its time be due so much sooner: the clock was set back by that much."""
        with self.database.write() as connection:
            connection.execute(schema.SHIFT_SCHEDULE, (seconds, self.name))

    # --- Looking -----------------------------------------------------------------------------------------------------

    def queue_size(self) -> int:
        """How many messages wait, those in the inbox included."""
        self.arrivals.take_over_if_possible()
        return int(super().queue_size())

    def enqueued_items(self, limit: int | None = None) -> list[bytes]:
        """The messages that wait, those in the inbox included, next one first."""
        self.arrivals.take_over_if_possible()
        items: list[bytes] = super().enqueued_items(limit)
        return items

    def stats(self) -> QueueStats:
        """How many messages there are by state."""
        self.arrivals.take_over_if_possible()
        with self.database.read() as connection:
            return QueueStats(**dict(connection.execute(schema.COUNTS, {"queue": self.name}).fetchone()))

    def hook_called_at(self) -> float | None:
        """See ``hook_calls.latest``; calls whose messages are still in the inbox count."""
        self.arrivals.take_over_if_possible()
        with self.database.read() as connection:
            return hook_calls.latest(connection, self.name)

    def backlog(self, priority: float) -> Backlog:
        """How many messages of this priority or a lower one there are."""
        values = {"queue": self.name, "priority": priority}
        with self.database.read() as connection:
            return Backlog(**dict(connection.execute(schema.BACKLOG, values).fetchone()))

    def is_claimed(self, data: bytes) -> bool:
        """Whether a worker works on this message, or an equal one, at this moment."""
        wanted = label(data, self._coalesces)
        with self.database.read() as connection:
            row = connection.execute(schema.IS_CLAIMED, (self.name, wanted.key, wanted.task_id)).fetchone()
        return row is not None

    def whereabouts(self, data: bytes) -> str | None:
        """Where a message, or an equal one, is: ``in progress``, ``pending``, ``scheduled``, or None."""
        values = {"queue": self.name, "key": label(data, self._coalesces).key}
        with self.database.read() as connection:
            row = connection.execute(schema.WHEREABOUTS, values).fetchone()
        return str(row[0]) if row else None

    def due_at(self, data: bytes) -> float | None:
        """When a message, or an equal one, is to run (since 1970), where it is scheduled; else None."""
        values = {"queue": self.name, "key": label(data, self._coalesces).key}
        with self.database.read() as connection:
            row = connection.execute(schema.DUE_AT, values).fetchone()
        return None if row[0] is None else float(row[0])

    def claimed_keys(self, name: str) -> list[str]:
        """See ``Claims.keys``."""
        return self._claims.keys(name)

    def next_keys(self, name: str, count: int) -> list[str]:
        """The keys of the next messages in line to the coalescing task of this name, at most so many."""
        with self.database.read() as connection:
            return [row[0] for row in connection.execute(schema.NEXT_KEYS, (self.name, name, count))]

    def active_keys(self) -> Iterator[str]:
        """The keys of all coalescing messages that wait now or are in progress, each once."""
        self.arrivals.take_over_if_possible()
        after, page = "", [""]
        while page:
            values = {"queue": self.name, "after": after, "limit": KEYS_PER_PAGE}
            with self.database.read() as connection:
                page = [row[0] for row in connection.execute(schema.ACTIVE_KEYS, values)]
            yield from page
            after = page[-1] if page else after

    def in_the_way(self) -> list[str]:
        """See ``Intake.in_the_way``."""
        return self.arrivals.in_the_way()

    def set_aside_items(self, limit: int = set_aside.KEPT) -> list[SetAside]:
        """The messages nobody here could work on, newest first."""
        with self.database.read() as connection:
            return set_aside.newest(connection, self.name, limit)

    def worn_out(self) -> list[SetAside]:
        """The messages that were handed out until no more would be, as each worker died over them; oldest first."""
        with self.database.read() as connection:
            return set_aside.worn_out(connection, self.name)

    def remove_set_aside(self, item_id: int) -> None:
        """Remove a message that was set aside, as somebody has seen to it."""
        with self.database.write() as connection:
            set_aside.remove(connection, item_id)

    def flush_queue(self) -> None:
        """Remove every message that waits, those in the inbox and those of processes that are gone included."""
        self.arrivals.take_over(everything=True)
        self._claims.recover()
        super().flush_queue()

    # --- Results and other values ------------------------------------------------------------------------------------

    def put_data(self, key: str, value: bytes, is_result: bool = False) -> None:
        """Store a value."""
        with self.database.write() as connection:
            connection.execute(schema.PUT_VALUE, (self.name, key, value, is_result))

    def pop_data(self, key: str) -> Any:
        """The value, which stays until it is pruned: several may wait for the result of messages that became one."""
        return self.peek_data(key)

    def has_revocations(self) -> bool:
        """Whether any task is revoked. Costs one look into an index."""
        with self.database.read() as connection:
            return connection.execute(schema.ANY_REVOCATION, (self.name,)).fetchone() is not None

    def delete_data(self, key: str) -> bool:
        """Delete a value; whether there was one. Most calls find none, and cost no transaction."""
        if not self.has_data_for_key(key):
            return False
        with self.database.write() as connection:
            return connection.execute(schema.DELETE_VALUE, (self.name, key)).rowcount > 0

    def prune(self, max_age: float) -> int:
        """Delete results, and values other than results that are older than ``VALUE_AGE``.

        :param max_age: seconds; older results are deleted.
        :returns: how many were deleted.
        """
        now = time.time()
        with self.database.write() as connection:
            results = connection.execute(schema.PRUNE_VALUES, (self.name, 1, now - max_age)).rowcount
            others = connection.execute(schema.PRUNE_VALUES, (self.name, 0, now - VALUE_AGE)).rowcount
        return results + others

    # --- Inside ------------------------------------------------------------------------------------------------------

    def _entry(self, data: bytes, priority: float | None) -> Entry:
        wanted = label(data, self._coalesces)
        return Entry(data, wanted.priority if priority is None else priority, wanted)

    def _store(self, messages: Sequence[bytes], unusable: Sequence[UnusableFile]) -> None:
        with self.database.write(durable=True) as connection:
            self._line.join_all(connection, [self._entry(message, None) for message in messages])
            hook_calls.note(connection, self.name, messages)
            for item in unusable:
                set_aside.put(connection, self.name, item.data, item.reason, "inbox")

    def _is_to_tidy_up(self) -> bool:
        return self._clock() >= min(self._recover_at, self._prune_at)

    def _keep_up(self) -> None:
        now = self._clock()
        try:
            if now >= self._recover_at:
                self._recover_at = now + self._recover_interval
                self.recover()
            if now >= self._prune_at:
                self._prune_at = now + PRUNE_INTERVAL
                self.prune(self._result_age)
        except sqlite3.Error as error:
            log.warning("the queue could not be tidied up: %s; tried again later", error)


def _timestamp(moment: datetime) -> float:
    """Huey's times are UTC and do not say so: read as local times, an hour of them would be doubled each autumn."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
