"""The Huey application whose tasks survive whatever happens to the consumer."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from huey import Huey, signals
from huey.api import PeriodicTask, Result, Task, chord, group
from huey.exceptions import HueyException
from huey.utils import Error

from plexsync.inbox import event_files
from plexsync.log_context import working_on
from plexsync.queue.claims import Claimed
from plexsync.queue.consumer import SHUTDOWN_TIMEOUT, QueueConsumer
from plexsync.queue.looks import QueueLooks
from plexsync.queue.message import MessageSerializer, UnreadableMessage
from plexsync.queue.origin import Origin, origin_of, with_origin
from plexsync.queue.quiet import NAME
from plexsync.queue.registry import NamedTasks
from plexsync.queue.storage import LEASE, RESULT_AGE, QueueStorage
from plexsync.queue.together import Prepare, work_together
from plexsync.redaction import redact
from plexsync.storage.database import Database

log = logging.getLogger(__name__)

#: Tasks queued in one transaction when there are many.
TASKS_PER_TRANSACTION = 500
#: Huey's eta for a task that is scheduled without one, in UTC as all its times.
_EPOCH = datetime(1970, 1, 1)


class PlexSyncHuey(QueueLooks, Huey):  # type: ignore[misc]  # huey has no types
    """Huey on SQLite that delivers at least once, in JSON.

    Tasks declared with ``@huey.task(coalesce=True)``, periodic tasks and the hook's tasks coalesce: messages with equal
    arguments that wait become one, and two of them are never worked on at the same time. Such tasks take their
    arguments by position only.

    Results are JSON, may be read any number of times, and are kept for ``result_age``. A task may run more than once.

    :param name: the queue's name.
    :param database: the file.
    :param inbox_folder: the folder of the hook's messages.
    :param lease: seconds until a message returns to the queue whose worker is in another container and silent.
    :param result_age: seconds a task's result is kept.
    :param clock: seconds on a clock that nobody sets.
    :param options: Huey's own.
    """

    def __init__(
        self,
        name: str = NAME,
        *,
        database: Database,
        inbox_folder: Path,
        lease: float = LEASE,
        result_age: float = RESULT_AGE,
        clock: Callable[[], float] = time.monotonic,
        **options: Any,
    ) -> None:
        self.result_age = result_age
        self._executing = threading.local()
        self._exclusive: set[str] = set()
        self._prepare: dict[str, Prepare] = {}
        # Whoever waits for a result wants how it ended, not how the first attempt failed.
        options.setdefault("store_intermediate_errors", False)
        super().__init__(
            name,
            serializer=MessageSerializer(),
            storage_class=QueueStorage,
            database=database,
            inbox=inbox_folder,
            coalesces=self.coalesces,
            exclusive=self._exclusive,
            lease=lease,
            result_age=result_age,
            clock=clock,
            **options,
        )
        self._registry = NamedTasks()
        self.signal(signals.SIGNAL_INTERRUPTED)(_note_interrupted)
        self.signal(signals.SIGNAL_ERROR)(_note_file_fault)

    @property
    def names(self) -> NamedTasks:
        """The tasks that messages can ask for, and their names."""
        return self._registry

    def task(
        self, *args: Any, coalesce: bool = False, exclusive: bool = False, together: int = 1, **options: Any
    ) -> Callable[[Callable[..., Any]], Any]:
        """Huey's decorator, with Huey's parameters and three more.

        :param coalesce: whether messages with equal arguments that wait become one.
        :param exclusive: whether it is bulk work, which takes long: of all such tasks together one message at a time is
            worked on, so that the other workers are there for what people do. Implies ``coalesce``.
        :param together: how many messages to it a worker may claim at once, at most; see ``together``.
        """
        declare: Callable[[Callable[..., Any]], Any] = super().task(*args, coalesce=coalesce or exclusive, **options)

        def declared(function: Callable[..., Any]) -> Any:
            wrapper = declare(function)
            name = self._registry.task_to_string(wrapper.task_class)
            if exclusive:
                self._exclusive.add(name)
            if together > 1:
                self.storage.turns.declare(name, together)
            return wrapper

        return declared

    def together(self, name: str) -> Callable[[Prepare], Prepare]:
        """A decorator for what is done for several tasks of this name that were claimed together, before each runs.

        It is given the tasks, and returns those of which nothing is left to do but to run: they run first. What it
        raises is logged, and each then runs as if nothing had been done.
        """

        def declared(prepare: Prepare) -> Prepare:
            self._prepare[name] = prepare
            return prepare

        return declared

    def coalesces(self, name: str) -> bool:
        """Whether equal messages to the task of this name become one.

        The hook's tasks do in any process, even one that has not imported them.
        """
        task = self._registry._registry.get(name)
        return name in event_files.COALESCING or (
            task is not None and (issubclass(task, PeriodicTask) or bool(getattr(task, "coalesce", False)))
        )

    def create_consumer(self, **options: Any) -> QueueConsumer:
        """A consumer with Huey's options; ``shutdown_timeout`` is ``SHUTDOWN_TIMEOUT`` seconds unless it is given."""
        if options.get("shutdown_timeout") is None:
            options["shutdown_timeout"] = SHUTDOWN_TIMEOUT
        return QueueConsumer(self, **options)

    # --- Putting tasks in --------------------------------------------------------------------------------------------

    def enqueue(self, task: Any) -> Any:
        """Queue a task or a group.

        A task inside another one's run is not synced to disk by itself: the one that runs is not acknowledged yet, and
        would queue it again. Nor is a periodic one, which comes again.

        :returns: Huey's result handle. Where an equal task waits already, the handle follows that one.
        :raises TypeError: an argument cannot be stored as JSON, or is named where equal tasks become one; or the task
            has what messages here have no room for: a chord, a follow-up, an error handler, an expiry, a time-out.
        """
        if isinstance(task, chord):
            raise TypeError("tasks here stand by themselves: a chord cannot be queued")
        if self._immediate or isinstance(task, group):
            return super().enqueue(task)
        self._check_arguments(task)
        if self.ready_to_run(task):
            self._emit(signals.SIGNAL_ENQUEUED, task)
            self._store(task, self.storage.enqueue)
        else:
            self.add_schedule(task)
        return Result(self, task) if self.results else None

    def enqueue_many(self, tasks: Iterable[Task], priority: float | None = None) -> int:
        """Queue many tasks that nobody waits for, some hundred per transaction.

        :param priority: of all of them; each one's own when None.
        :returns: how many.
        """
        count = 0
        remaining = iter(tasks)
        while batch := list(islice(remaining, TASKS_PER_TRANSACTION)):
            for task in batch:
                task.priority = task.priority if priority is None else priority
            self.storage.enqueue_many([self.serialize_task(task) for task in batch], priority)
            count += len(batch)
        return count

    def named(self, name: str, *arguments: Any) -> Any:
        """A task by the name it stands under in messages, to be queued or looked for.

        Those that the hook names need not be registered here: whoever only asks for one need not import what it does.

        :raises HueyException: there is no such task.
        """
        return self._registry.to_be_asked_for(name)(args=arguments)

    def enqueue_by_name(self, name: str, arguments: Iterable[tuple[Any, ...]], priority: float | None = None) -> int:
        """Queue a registered task many times, by the name it stands under in messages; returns how often.

        For whoever cannot import the task because it is imported by the task's module.

        :param arguments: those of each.
        :raises HueyException: there is no such task.
        """
        kind = self._registry.to_be_asked_for(name)
        return self.enqueue_many((kind(args=one) for one in arguments), priority)

    def schedule_by_name(
        self, name: str, arguments: Iterable[tuple[Any, ...]], eta: datetime, priority: float | None = None
    ) -> None:
        """Let a registered task wait for a time, as a retry does: an equal one that waits already does its work.

        :param arguments: those of each.
        :param eta: when, with its zone or in UTC.
        :raises HueyException: there is no such task.
        """
        kind = self._registry.string_to_task(name)
        for one in arguments:
            self.add_schedule(kind(args=one, eta=eta, priority=priority))

    def add_schedule(self, task: Any) -> None:
        """Let a task wait for its ``eta``."""
        if self._immediate:
            super().add_schedule(task)
            return
        eta = task.eta or _EPOCH
        self._store(task, lambda data, *args, **how: self.storage.add_to_schedule(data, eta, *args, **how))
        log.debug("scheduled %s for %s", task.id, eta)
        self._emit(signals.SIGNAL_SCHEDULED, task)

    def _check_arguments(self, task: Any) -> None:
        """Equal work has to look equal: by name, an argument would make another message of it."""
        named = [name for name in task.kwargs if name != "task"]
        if named and self.coalesces(self._registry.task_to_string(type(task))):
            raise TypeError(f"{task.name} takes its arguments by position, not by name ({', '.join(named)})")

    def _store(self, task: Any, store: Callable[..., str | None]) -> None:
        retry = getattr(task, "claim_id", None) is not None
        survivor = store(self.serialize_task(task), task.priority, retry=retry, durable=self._is_relied_on(task))
        if retry or survivor is None or survivor == task.id:
            return
        task.id, task.revoke_id = survivor, f"r:{survivor}"

    def _is_relied_on(self, task: Any) -> bool:
        """Whether a task that is queued has to survive a power cut: one that comes again in a minute has not."""
        return getattr(self._executing, "task", None) is None and not isinstance(task, PeriodicTask)

    # --- Working on tasks --------------------------------------------------------------------------------------------

    def dequeue(self) -> Any:
        """Claim the next task, waiting up to a second for one; ``execute`` it to be rid of it.

        Others may have been claimed with it, and are executed with it. A message that cannot be read is set aside.
        Whatever else goes wrong, all go back in line.
        """
        if self._immediate:
            return super().dequeue()
        claimed = self.storage.dequeue()
        if claimed is None:
            return None
        waiting, tasks = [claimed, *claimed.others], []
        try:
            while waiting:
                if (task := self._task_of(waiting.pop(0))) is not None:
                    tasks.append(task)
        except BaseException:
            for other in [*(task.claim for task in tasks), *waiting]:
                self.storage.release(other.id)
            raise
        if not tasks:
            return None
        first, *others = tasks
        first.claimed_with_it = others
        return first

    def _task_of(self, claimed: Claimed) -> Any:
        """The task of a message that was claimed; None where it was set aside, as nobody can read it."""
        try:
            task = self.deserialize_task(claimed.data)
            task.claim, task.origin = claimed, origin_of(claimed.data)
            task.claim_id = claimed.id
            # Others may have joined it, and a retry is as urgent as the most urgent of them.
            task.priority = claimed.priority
        except (UnreadableMessage, HueyException) as error:
            self.storage.discard(claimed, str(error))
            return None
        except BaseException as error:
            self.storage.return_unread(claimed, error)
            raise
        return task

    def execute(self, task: Any, timestamp: datetime | None = None) -> Any:
        """Run a task, and those that were claimed with it, and acknowledge each of their messages.

        :raises sqlite3.Error: the file cannot be used.
        """
        if getattr(task, "claim_id", None) is None:
            return super().execute(task, timestamp)
        others, task.claimed_with_it = getattr(task, "claimed_with_it", ()), ()
        if not others:
            return self.work_on(task, timestamp)
        prepare = self._prepare.get(self._registry.task_to_string(type(task)))
        return work_together(self, [task, *others], prepare, timestamp)

    def ready_to_run(self, task: Any, timestamp: datetime | None = None) -> bool:
        """Whether a task's time has come.

        That of one that was claimed has: it waited by the times of the schedule, which go back with a clock that is set
        back. The one in its message does not, and would have it wait for as long again as the clock was set back by.
        """
        if getattr(task, "claim_id", None) is not None and not getattr(task, "has_begun", False):
            return True
        return bool(super().ready_to_run(task, timestamp))

    def is_revoked(self, task: Any, timestamp: datetime | None = None, peek: bool = True) -> bool:
        """Whether a task is not to run. One that was brought along with others is done: what is left is to say so."""
        if getattr(task, "was_brought", False):
            return False
        return bool(super().is_revoked(task, timestamp, peek))

    def delete(self, key: str) -> Any:
        """Delete a value; of a task that was brought along, whoever runs all of them sees to it."""
        executing = getattr(self._executing, "task", None)
        if executing is not None and key == executing.revoke_id and getattr(executing, "was_brought", False):
            return None
        return super().delete(key)

    def work_on(self, task: Any, timestamp: datetime | None = None) -> Any:
        """Run a task that was claimed and acknowledge its message, once what follows from it is stored.

        :raises sqlite3.Error: the file cannot be used.
        """
        value = self.run(task, timestamp)
        self.settle([task])
        return value

    def run(self, task: Any, timestamp: datetime | None = None) -> Any:
        """Run a task that was claimed; whoever calls has to ``settle`` it.

        Where something kept its run from beginning, it goes back in line. One whose outcome cannot be stored does so
        after a while, and so does one that failed because of our own file, which is no fault of its own.

        :raises sqlite3.Error: the file cannot be used; there is nothing to settle.
        """
        self._executing.task, task.results = task, []
        try:
            with self.named_in_logs(task):
                value = super().execute(task, timestamp)
            if fault := getattr(task, "file_fault", None):
                raise fault
        except BaseException as error:
            if getattr(task, "has_begun", False):
                self.storage.leave(task.claim_id)
            else:
                self.storage.return_unread(task.claim, error)
            raise
        finally:
            self._executing.task = None
        return value

    def settle(self, tasks: Sequence[Any]) -> None:
        """Acknowledge the messages of tasks that have run, with their results, in one transaction.

        Those that were interrupted, or gave themselves back, go back in line.

        :raises sqlite3.Error: the file cannot be used; what is not acknowledged is delivered again.
        """
        back = [task for task in tasks if _goes_back(task)]
        done = [task for task in tasks if task not in back]
        if done:
            results = [result for task in done for result in task.results]
            self.storage.ack(*(task.claim_id for task in done), results=results)
        if back:
            self.storage.release(*(task.claim_id for task in back))

    def named_in_logs(self, task: Any) -> AbstractContextManager[None]:
        """Every line that is logged meanwhile says which task it is, and on account of which events it runs."""
        origin: Origin = getattr(task, "origin", None) or Origin()
        return working_on(origin.ids, self._registry.task_to_string(type(task)), origin.attempt)

    def serialize_task(self, task: Any) -> bytes:
        """A task as its message, which names the events that it is done for.

        A task that is queued in the run of one that looks for scenes is done for that one's events; one that is tried
        again, for its own.
        """
        data: bytes = super().serialize_task(task)
        origin: Origin | None = getattr(task, "origin", None)
        if origin is not None:
            return with_origin(data, Origin(origin.events, origin.attempt + 1))
        executing = getattr(self._executing, "task", None)
        if executing is None or self._registry.task_to_string(type(executing)) == event_files.SYNC_SCENE:
            # What one scene's turn leads to for others (a library that was read) is not on account of its edit.
            return data
        made_for: Origin = getattr(executing, "origin", None) or Origin()
        return with_origin(data, Origin(made_for.events))

    def _timeout_context(self, task: Any) -> Any:
        # Huey's last step before the task's own code.
        context = super()._timeout_context(task)
        task.has_begun = True
        return context

    def give_back(self, task: Task) -> bool:
        """Called in a task's run: its message goes back to its old place in line, as if it had not been handed out.

        :returns: False, and nothing is done, unless tasks of its name are paused: it would be handed out again at once.
        """
        if getattr(task, "claim_id", None) is None:
            return False
        if self._registry.task_to_string(type(task)) not in self.storage.paused():
            return False
        task.is_given_back = True
        return True

    def put_result(self, key: str, data: Any) -> Any:
        """Store a task's result; in place of one that JSON cannot say, an error that says so.

        That of a task that was claimed is stored with its acknowledgement.
        """
        executing = getattr(self._executing, "task", None)
        try:
            value = self.serializer.serialize(data)
        except TypeError as error:
            log.error("the result of task %s is lost: %s", key, error)  # noqa: TRY400 - the text says it all
            value = self.serializer.serialize(Error({"error": repr(error), "task_id": key, "retries": 0}))
        if executing is None:
            return self.storage.put_data(key, value, is_result=True)
        executing.results.append((key, value))
        return None

    def build_error_result(self, task: Any, exception: Exception) -> dict[str, Any]:
        """What is kept of an error, without secrets."""
        return {
            name: redact(value) if isinstance(value, str) else value
            for name, value in super().build_error_result(task, exception).items()
        }

    # --- Keeping it small -------------------------------------------------------------------------------------------

    def take_up_again(self) -> int:
        """Put messages back in line that were set aside and can be read by now, after an update of this program.

        :returns: how many.
        """
        count: int = self.storage.take_up_again(self._is_readable)
        return count

    def _is_readable(self, data: bytes) -> bool:
        try:
            self.deserialize_task(data)
        except (UnreadableMessage, HueyException):
            return False
        except Exception as error:  # noqa: BLE001 - one that nobody can read must not keep the consumer from starting
            log.debug("a message that was set aside stays so: %r", error)
            return False
        return True

    def prune(self, max_age: float | None = None) -> int:
        """Delete old results, and any other values (locks, revocations) that are older than 30 days.

        :param max_age: seconds; older results are deleted. ``result_age`` when None.
        :returns: how many were deleted.
        """
        return int(self.storage.prune(self.result_age if max_age is None else max_age))


def open_queue(database: Database, **options: Any) -> PlexSyncHuey:
    """The queue in ``database``, with the inbox beside it.

    :param options: those of ``PlexSyncHuey``.
    """
    return PlexSyncHuey(database=database, inbox_folder=database.path.parent / event_files.FOLDER, **options)


def _goes_back(task: Any) -> bool:
    """Whether its message is to be handed out again."""
    return getattr(task, "is_interrupted", False) or getattr(task, "is_given_back", False)


def _note_interrupted(_signal: str, task: Any) -> None:
    task.is_interrupted = True


def _note_file_fault(_signal: str, task: Any, error: BaseException | None = None) -> None:
    if isinstance(error, sqlite3.Error):
        task.file_fault = error
