"""The failure policy: what each kind of failure leads to, for each kind of task.

``TABLE`` is the policy. ``carry_out`` applies it to one run of a task; ``TaskRun`` has what a kind of task does in its
own way, as far as it does. Tasks that ask neither Plex nor Stash are not under it: all that can fail them is our own
file, and the queue sees to that.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from enum import Enum
from typing import ClassVar, Generic, TypeVar

from huey.api import Task
from huey.exceptions import CancelExecution, RetryTask

from plexsync.app import App
from plexsync.errors import (
    AccessDenied,
    CircuitOpen,
    ItemHeld,
    LibraryUnread,
    NotFoundYet,
    PermanentError,
    PlexSyncError,
    PlexUnavailable,
    StashUnavailable,
    TransientError,
)
from plexsync.http.breaker import Guard
from tasks.app import huey
from tasks.retry import varied

log = logging.getLogger(__name__)

#: Seconds until a task that waits for a token or key is tried again, where its message cannot be paused.
ACCESS_RETRY = 60.0
#: Seconds between looks whether a self-test of the scene's item is over.
HELD_RETRY = 5.0
#: Seconds until what nobody else would ask for again is tried again.
WAIT = 60.0

T = TypeVar("T")


class TaskKind(Enum):
    """The kinds of tasks; the columns of ``TABLE``."""

    #: One scene.
    SCENE = 0
    #: Many scenes that are thought to need the same write.
    BATCH = 1
    #: Which scenes an edit of a performer, studio, tag or group concerns.
    RELATED = 2
    #: Queues all scenes of Stash, a page at a time.
    EVERYTHING = 3
    #: Compares everything.
    COMPARISON = 4
    #: Comes every minute or so, whatever became of its last turn.
    PERIODIC = 5


class Happened(Enum):
    """What can go wrong; the rows of ``TABLE``."""

    CIRCUIT_OPEN = "Plex or Stash has failed too often and is not called for now"
    OUTAGE = "this failure opened the breaker, or came while it was open"
    REFUSED = "a token or key is refused, a library is missing, or Stash is too old"
    LIBRARY_UNREAD = "all of Plex is being read"
    ITEM_HELD = "a self-test works on the item"
    NOT_FOUND = "Plex has no item for the scene yet"
    PASSING = "it may work in a moment"
    LASTING = "trying again will not help"
    OTHER = "any other error of ours"
    OUR_FILE = "our own database is locked, full or damaged"
    MACHINE = "no memory or disk space is left"
    FAULT = "a fault of PlexSync's, which nobody foresaw"


class Then(Enum):
    """What is done about it; the cells of ``TABLE``."""

    PAUSE = "it goes back in line, and is handed out again when what it needs is back; no attempt is used up"
    RETRY = "it is tried again with backoff, and given up when its tries are used up"
    AGAIN = "it is tried again after a while, for as long as it takes"
    PATIENT = "it is tried again on the patient schedule; then it waits for its file, or the next event"
    GIVE_UP = "it is not tried again as it is: a dead letter, each scene by itself, or an error in the log"
    SKIP = "it is left until the task's next period"
    RAISE = "it is handed to Huey, which logs it"


_PAUSE, _RETRY, _AGAIN, _GIVE_UP, _SKIP, _RAISE = (
    *(Then.PAUSE, Then.RETRY, Then.AGAIN),
    *(Then.GIVE_UP, Then.SKIP, Then.RAISE),
)

#: The policy: what happened, and what is done about it for each kind of task, in the order of ``TaskKind``.
TABLE: dict[Happened, tuple[Then, ...]] = {
    # SCENE, BATCH, RELATED, EVERYTHING, COMPARISON, PERIODIC
    Happened.CIRCUIT_OPEN: (_PAUSE, _PAUSE, _PAUSE, _PAUSE, _PAUSE, _SKIP),
    Happened.OUTAGE: (_PAUSE, _PAUSE, _PAUSE, _PAUSE, _PAUSE, _SKIP),
    Happened.REFUSED: (_PAUSE, _PAUSE, _PAUSE, _PAUSE, _PAUSE, _SKIP),
    Happened.LIBRARY_UNREAD: (_PAUSE, _GIVE_UP, _AGAIN, _AGAIN, _AGAIN, _SKIP),
    Happened.ITEM_HELD: (_PAUSE, _GIVE_UP, _AGAIN, _AGAIN, _AGAIN, _SKIP),
    Happened.NOT_FOUND: (Then.PATIENT, _GIVE_UP, _AGAIN, _AGAIN, _AGAIN, _SKIP),
    Happened.PASSING: (_RETRY, _RETRY, _RETRY, _AGAIN, _AGAIN, _SKIP),
    Happened.LASTING: (_GIVE_UP, _GIVE_UP, _GIVE_UP, _GIVE_UP, _GIVE_UP, _SKIP),
    Happened.OTHER: (_GIVE_UP, _GIVE_UP, _AGAIN, _AGAIN, _AGAIN, _SKIP),
    Happened.OUR_FILE: (_AGAIN, _AGAIN, _AGAIN, _AGAIN, _AGAIN, _RAISE),
    Happened.MACHINE: (_RETRY, _RETRY, _RETRY, _AGAIN, _AGAIN, _RAISE),
    Happened.FAULT: (_GIVE_UP, _GIVE_UP, _GIVE_UP, _RAISE, _RAISE, _RAISE),
}

#: Which errors are which; the first that fits counts.
_ERRORS: tuple[tuple[type[Exception], Happened], ...] = (
    (CircuitOpen, Happened.CIRCUIT_OPEN),
    (AccessDenied, Happened.REFUSED),
    (LibraryUnread, Happened.LIBRARY_UNREAD),
    (ItemHeld, Happened.ITEM_HELD),
    (NotFoundYet, Happened.NOT_FOUND),
    (TransientError, Happened.PASSING),
    (PermanentError, Happened.LASTING),
    (PlexSyncError, Happened.OTHER),
    # What the database cannot hold, it cannot hold a minute later either.
    (sqlite3.DataError, Happened.FAULT),
    (sqlite3.Error, Happened.OUR_FILE),
    (MemoryError, Happened.MACHINE),
    (OSError, Happened.MACHINE),
    (Exception, Happened.FAULT),
)


class Paused(RetryTask):  # type: ignore[misc]  # huey has no types
    """Nothing is wrong with the work; what it needs is away. Its message may go back in line and stay there."""


class TaskRun(Generic[T]):
    """One run of a task: how its kind does what ``TABLE`` says.

    :param app: what the task works with.
    :param task: its message, None where it runs without one.
    """

    kind: ClassVar[TaskKind]
    #: How it is told that it failed: the beginning of a sentence that the error ends.
    failed: str
    #: Seconds until it is tried again where it does not say otherwise.
    wait = WAIT

    def __init__(self, app: App, task: Task | None = None) -> None:
        self.app = app
        self.task = task

    def answer(self, error: Exception) -> T | None:
        """Do what the policy says.

        :returns: what stands in for the task's result; None for nothing.
        :raises RetryTask: it is tried again; as ``Paused`` where its message could not be paused.
        """
        happened = happened_of(error)
        if isinstance(error, AccessDenied):
            self.app.guard_of(error.service).stop(str(error))
        guard = self.outage(error) if isinstance(error, TransientError) else None
        if guard is not None:
            happened = Happened.OUTAGE
        then = TABLE[happened][self.kind.value]
        if then is Then.PAUSE:
            self.pause(error, guard.remaining() + varied(1.0) if guard else _pause(error))
            return None
        if then is Then.RETRY:
            return self.retry(_as_passing(error))
        if then is Then.AGAIN:
            level = logging.ERROR if happened is Happened.OUR_FILE else logging.WARNING
            raise self.tried_again(error, varied(self.wait), level) from error
        if then is Then.PATIENT:
            return self.wait_patiently(error)
        if then is Then.GIVE_UP:
            return self.give_up(error)
        if then is Then.SKIP:
            if happened is not Happened.REFUSED:
                self.skip(error)
            return None
        raise error

    # --- what kinds do in their own way ---------------------------------------------------------------------------

    def outage(self, error: TransientError) -> Guard | None:
        """The guard of the service that is down, where that is why the task failed."""
        if not isinstance(error, PlexUnavailable | StashUnavailable):
            return None
        guard = self.app.guard_of("Plex" if isinstance(error, PlexUnavailable) else "Stash")
        return guard if guard.state != "closed" else None

    def pause(self, error: Exception, delay: float) -> None:
        """Let the message go back to its place in line, until Plex and Stash are back.

        :param delay: seconds after which it is tried again, where it cannot stay there.
        :raises Paused: it cannot.
        """
        if self.task is None or not huey.give_back(self.task):
            raise Paused(delay=delay) from error

    def retry(self, error: TransientError) -> T | None:
        """Try again, as long as the message has tries left."""
        if self.task is not None:
            if self.task.retries < 1:
                return self.give_up(error)
            # Huey counts no retry that a task asks for by itself.
            self.task.retries -= 1
        raise self.tried_again(error, self.delay(error)) from error

    def delay(self, error: TransientError) -> float:  # noqa: ARG002 - for kinds whose waits depend on it
        """Seconds until the next try."""
        return varied(self.wait)

    def wait_patiently(self, error: Exception) -> T | None:
        """Try again on the patient schedule. Kinds for which ``TABLE`` says so have it."""
        raise NotImplementedError

    def give_up(self, error: Exception) -> T | None:
        """Do what stands in for the task. Kinds for which ``TABLE`` says so have it, all but the periodic ones."""
        raise NotImplementedError

    def skip(self, error: Exception) -> None:
        """Say why nothing came of it this time. Whoever has a scene to sync meets the same, and tells."""
        self.tell(logging.DEBUG, error)

    # --- words, all of them ----------------------------------------------------------------------------------------

    def tried_again(self, error: Exception, delay: float, level: int = logging.WARNING) -> RetryTask:
        """Say that it is tried again; what is raised for that."""
        self.tell(level, error, f"tried again in {delay:.0f} s")
        return RetryTask(delay=delay)

    def tell_given_up(self, error: Exception, instead: str) -> None:
        """Say what is done in place of trying again."""
        self.tell(logging.ERROR if happened_of(error) is Happened.FAULT else logging.WARNING, error, instead)

    def tell(self, level: int, error: Exception, then: str = "", *, trace: bool = True) -> None:
        """Log what failed, why, and what is done about it.

        :param then: the end of the sentence.
        :param trace: with a traceback where it is a fault of ours.
        """
        happened = happened_of(error)
        whose = {Happened.OUR_FILE: "our own database: ", Happened.FAULT: "a fault of PlexSync's: "}.get(happened, "")
        traced = error if trace and happened is Happened.FAULT else None
        log.log(level, "%s: %s%s%s", self.failed, whose, error, f"; {then}" if then else "", exc_info=traced)


class PeriodicRun(TaskRun[T]):
    """One turn of a task that comes again anyway.

    :param failed: see ``TaskRun.failed``.
    """

    kind = TaskKind.PERIODIC

    def __init__(self, app: App, failed: str) -> None:
        super().__init__(app)
        self.failed = failed


def carry_out(run: TaskRun[T], work: Callable[[], T | None]) -> T | None:
    """Do a task's work under the policy.

    :param run: of the task.
    :returns: what the work returns, or what stands in for that.
    :raises RetryTask: it is tried again.
    """
    try:
        return work()
    except (RetryTask, CancelExecution):
        raise
    except Exception as error:  # noqa: BLE001 - the policy knows them all
        try:
            return run.answer(error)
        except sqlite3.Error as fault:
            if fault is error:
                raise
            # What was to be noted of the first could not be.
            return run.answer(fault)


def happened_of(error: Exception) -> Happened:
    """The row of the table that an error belongs to; ``OUTAGE`` depends on the breaker as well."""
    return next(happened for kind, happened in _ERRORS if isinstance(error, kind))


def _pause(error: Exception) -> float:
    """Seconds until a task is tried again whose message cannot be paused."""
    if isinstance(error, CircuitOpen):
        return error.remaining + varied(1.0)
    if isinstance(error, LibraryUnread):
        # Not sooner: the reading is not likely to be done by then.
        return error.remaining + varied(2.0)
    if isinstance(error, ItemHeld):
        # It may be over long before.
        return min(error.remaining, HELD_RETRY) + varied(1.0)
    return varied(ACCESS_RETRY)


def _as_passing(error: Exception) -> TransientError:
    """The machine's own troubles as an error of ours."""
    if isinstance(error, TransientError):
        return error
    failure = TransientError("there was no memory left for it" if isinstance(error, MemoryError) else str(error))
    failure.__cause__ = error
    return failure
