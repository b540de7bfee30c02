"""A circuit breaker around calls that run side by side: a service that is down is not called for a while.

pybreaker keeps the rules (count failures, open, half-open, close), but holds its lock while the guarded function runs,
so that all threads would take turns. Here it is asked twice per call, for the decision and with the outcome, and not in
between. It also lets any number of calls through when it is half-open; here exactly one goes ahead as a trial, of all
threads and processes. What is decided is decided inside one transaction of the file that they share.
"""

from __future__ import annotations

import logging
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

import pybreaker

from plexsync.durations import duration
from plexsync.errors import CircuitOpen, PlexSyncError, TransientError
from plexsync.http.breaker.storage import BreakerRecord, BreakerStorage
from plexsync.redaction import redact
from plexsync.words import counted

#: Seconds to wait where another call is on trial: how long that takes is not known, but it is bounded and short.
TRIAL_WAIT = 1.0
#: The pause between trials doubles up to this many times the first one, and up to this many seconds.
LONGEST_PAUSE_TIMES = 8
LONGEST_PAUSE = 300.0
#: Pauses after the first one are shorter by up to this share, so that several installations do not ask together.
JITTER = 0.25
#: Seconds for which a service that is well is taken to be well without a look into the file. What this process finds
#: out itself counts at once; what another one finds out, after so long.
QUIET = 1.0
#: Seconds within which a refusal that comes back with the same words is not logged again.
TELL_AGAIN = 3600.0

#: Called with the old state, the new state, and the error that caused the change (None where none did).
OnChange = Callable[[str, str, TransientError | None], None]
_Changes = list[tuple[str, str]]

_log = logging.getLogger(__name__)


class Guard:
    """Decides whether a call may go to a service, and learns from how it went. Safe to share between threads.

    Only errors of the kind ``failure`` that are not ``healthy`` count. Any other error of ours is an answer of a
    healthy server. An error that is not ours (a bug, an interrupt) says nothing of the service and counts as neither.

    :param service: ``"Plex"`` or ``"Stash"``.
    :param failure: the errors that mean that the service is down.
    :param fail_max: failures in a row that open the breaker.
    :param reset_timeout: seconds it stays open before a call is let through as a trial. After each trial that fails it
        is twice as long, up to 8 times (300 s at most).
    :param storage: where the state is kept.
    :param on_change: called once for each change, outside all locks, by the thread whose call caused it.
    :param backlog: how many scenes wait, for the log.
    """

    def __init__(
        self,
        service: str,
        failure: type[TransientError],
        fail_max: int,
        reset_timeout: float,
        storage: BreakerStorage,
        on_change: OnChange | None = None,
        backlog: Callable[[], int] | None = None,
    ) -> None:
        self.service = service
        self._failure = failure
        self._reset_timeout = reset_timeout
        self._storage = storage
        self._on_change = on_change
        self._backlog = backlog
        self._changes: _Changes = []
        with storage.exclusive():
            failures = storage.counter
            self._breaker = pybreaker.CircuitBreaker(
                fail_max=fail_max,
                reset_timeout=reset_timeout,
                state_storage=storage,
                listeners=[_Listener(self._changes)],
                throw_new_error_on_trip=False,
                name=service,
            )
            # A new breaker of pybreaker's begins to count anew.
            storage.counter = failures
        self._refusals = _Told()
        self._uncounted = threading.local()
        #: When the circuit was seen to be closed with no failure counted (monotonic), and after which change.
        self._seen_well = (float("-inf"), 0)

    @property
    def state(self) -> str:
        """``closed``, ``open`` or ``half-open``."""
        return self._storage.state

    @property
    def failures(self) -> int:
        """How many calls have failed in a row."""
        return self._storage.counter

    def remaining(self) -> float:
        """Seconds until a call would be let through; 0 when one would be now."""
        return self._remaining(self._storage.record())

    def request(self) -> GuardedCall:
        """Guard the calls in the block, which count as one.

        :raises CircuitOpen: the service is not called for now; the block was not entered.
        """
        return GuardedCall(self)

    def _ended(self, trial: str | None, error: BaseException | None) -> None:
        """A call has ended, with this error."""
        if isinstance(error, self._failure):
            self._record(trial, None if error.healthy else error)
        elif error is None or isinstance(error, PlexSyncError):
            self._record(trial, None)
        elif trial is not None:
            self._storage.end_trial(trial)

    @contextmanager
    def uncounted(self) -> Iterator[None]:
        """Let this thread's calls in the block through, whatever the state, and count neither success nor failure."""
        self._uncounted.now = True
        try:
            yield
        finally:
            self._uncounted.now = False

    def trip(self, cause: TransientError) -> None:
        """Open the circuit now: the service is known to be down, whatever was counted."""
        with self._changing() as changes:
            if self._storage.state == pybreaker.STATE_CLOSED:
                self._breaker.open()
                self._opened(cause, failed_trials=0)
        self._tell(changes, cause)

    def hasten(self) -> None:
        """Let the next trial be now: something has changed, such as the service's address.

        Should it fail, the waits begin anew: it is no reason for a longer one.
        """
        with self._storage.exclusive():
            if self._storage.state != pybreaker.STATE_CLOSED:
                self._storage.plan_trial(0.0, -1)

    def forget_trial(self) -> None:
        """Whoever was on trial is gone, and another trial may begin: to be called when the only consumer starts."""
        trial = self._storage.record().trial
        if trial is not None:
            self._storage.end_trial(trial)

    # --- Access denied --------------------------------------------------------------------------------------------

    @property
    def stopped(self) -> str | None:
        """Why the service denies us access (a wrong token or key), or None."""
        return self._storage.record().stopped

    def stop(self, why: str) -> None:
        """The service denies us access: nothing can be done until that is put right. Logged once.

        :param why: what is refused and which setting to look at.
        """
        why = redact(why)
        with self._storage.exclusive():
            known = self._storage.record().stopped
            if known == why:
                return
            self._storage.stop(why)
        level = logging.ERROR if self._refusals.is_news(why) else logging.DEBUG
        _log.log(level, "nothing can be synced, all scenes wait: %s", why)

    def lift(self) -> None:
        """The service grants us access again."""
        with self._storage.exclusive():
            why = self._storage.record().stopped
            if why is None:
                return
            self._storage.stop(None)
        level = logging.INFO if self._refusals.may_end(why) else logging.DEBUG
        _log.log(level, "%s grants access again%s", self.service, self._waiting())

    # --- Admitting and recording ----------------------------------------------------------------------------------

    def _admit(self) -> str | None:
        """Let the caller through; a text that stands for the trial where it is the one on trial."""
        if self._is_well():
            return None
        known = self._look()
        if known.state == pybreaker.STATE_CLOSED:
            return None
        self._refuse_early(known)
        trial = uuid.uuid4().hex
        with self._changing() as changes:
            record = self._storage.record()
            if record.state == pybreaker.STATE_CLOSED:
                return None
            self._refuse_early(record)
            if not self._storage.claim_trial(trial):
                raise self._refusal(TRIAL_WAIT)
            if record.state == pybreaker.STATE_OPEN:
                self._breaker.half_open()
        self._tell(changes, None)
        return trial

    def _is_well(self) -> bool:
        """Whether the circuit is closed and no failure is counted, as far as was seen a moment ago."""
        at, changes = self._seen_well
        return time.monotonic() - at < QUIET and changes == self._storage.changes()

    def _look(self) -> BreakerRecord:
        """How it stands in the file."""
        # Before it is read: what changes meanwhile is looked at again.
        changes, now = self._storage.changes(), time.monotonic()
        record = self._storage.record()
        is_well = record.state == pybreaker.STATE_CLOSED and not record.failures
        self._seen_well = (now if is_well else float("-inf"), changes)
        return record

    def _refuse_early(self, record: BreakerRecord) -> None:
        remaining = self._remaining(record)
        if remaining > 0:
            raise self._refusal(remaining)

    def _refusal(self, remaining: float) -> CircuitOpen:
        return CircuitOpen(f"{self.service} has failed too often and is not called for {remaining:.0f} s", remaining)

    def _remaining(self, record: BreakerRecord) -> float:
        if record.state == pybreaker.STATE_CLOSED:
            return 0.0
        if record.on_trial:
            return TRIAL_WAIT
        if record.state == pybreaker.STATE_HALF_OPEN or record.opened_at is None:
            return 0.0
        passed = time.time() - record.opened_at
        pause = self._reset_timeout if record.pause is None else record.pause
        # Opened in the future: the clock was set back since, so nobody knows how long ago it was.
        return max(0.0, pause - passed) if passed >= 0 else 0.0

    def _record(self, trial: str | None, failure: TransientError | None) -> None:
        """Let pybreaker know how the call went."""
        # The usual case costs no look into the file, and the next one no transaction.
        if trial is None and failure is None and self._is_well():
            return
        before = self._look()
        if trial is None and (before.state != pybreaker.STATE_CLOSED or (failure is None and not before.failures)):
            return
        with self._changing() as changes:
            # A call that began before the breaker opened says nothing of the service now; only the trial does. And a
            # trial that took too long is none any more.
            counts = self._storage.end_trial(trial) if trial else self._storage.state == pybreaker.STATE_CLOSED
            lasted = self._count(failure, before) if counts else None
        self._tell(changes, failure, lasted)

    def _count(self, failure: TransientError | None, before: BreakerRecord) -> float | None:
        """Count one outcome; how many seconds the outage lasted that ended with it."""

        def outcome() -> None:
            if failure is not None:
                # Not the error itself, which would gather frames of pybreaker on its traceback.
                raise TransientError(str(failure))

        with suppress(TransientError):
            self._breaker.call(outcome)
        state = self._storage.state
        if failure is not None and state == pybreaker.STATE_OPEN:
            self._opened(failure, before.failed_trials + 1 if before.state != pybreaker.STATE_CLOSED else 0)
        if before.state != pybreaker.STATE_CLOSED and state == pybreaker.STATE_CLOSED:
            return self._storage.outages.end(self.service)
        return None

    def _opened(self, cause: TransientError, failed_trials: int) -> None:
        pause = self._reset_timeout
        if failed_trials:
            longest = max(pause, min(LONGEST_PAUSE_TIMES * pause, LONGEST_PAUSE))
            varied = random.uniform(1 - JITTER, 1)  # noqa: S311 - spreads trials, guards nothing
            pause = min(longest, pause * 2.0 ** min(failed_trials, 10)) * varied
        self._storage.plan_trial(pause, failed_trials)
        self._storage.outages.begin(self.service, redact(str(cause)))

    # --- Logging --------------------------------------------------------------------------------------------------

    @contextmanager
    def _changing(self) -> Iterator[_Changes]:
        """Change the state; the changes that were made are in the list after the block."""
        made: _Changes = []
        with self._storage.exclusive():
            # Makes pybreaker take notice of what others changed, which they have logged already.
            _ = self._breaker.state
            self._changes.clear()
            try:
                yield made
            finally:
                made += self._changes
                self._changes.clear()

    def _tell(self, changes: _Changes, cause: TransientError | None, lasted: float | None = None) -> None:
        for old, new in changes:
            if new == pybreaker.STATE_OPEN:
                again = duration(max(1, round(self.remaining())))
                if old == pybreaker.STATE_CLOSED:
                    _log.warning("%s is down, asked again in %s: %s", self.service, again, cause)
                else:
                    _log.info("%s is still down, asked again in %s: %s", self.service, again, cause)
            elif new == pybreaker.STATE_HALF_OPEN:
                _log.info("%s is asked whether it is back", self.service)
            else:
                after = "" if lasted is None else f" after {duration(lasted)}"
                _log.info("%s is back%s%s", self.service, after, self._waiting())
            if self._on_change is not None:
                self._on_change(old, new, cause)

    def _waiting(self) -> str:
        if self._backlog is None:
            return ""
        count = self._backlog()
        return f", {counted(count, 'scene waits', 'scenes wait')}"


class GuardedCall:
    """A block that is one call. Each request is in one, so it is no generator: that takes three times as long.

    :param guard: decides whether it is entered.
    """

    __slots__ = ("_counts", "_guard", "_trial")

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._counts = False
        self._trial: str | None = None

    def __enter__(self) -> None:
        guard = self._guard
        self._counts = not getattr(guard._uncounted, "now", False)
        if self._counts:
            self._trial = guard._admit()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._counts:
            self._guard._ended(self._trial, error)


class _Listener(pybreaker.CircuitBreakerListener):
    """Notes changes for the guard, which passes them on once the file is free."""

    def __init__(self, changes: _Changes) -> None:
        self._changes = changes

    def state_change(
        self,
        cb: pybreaker.CircuitBreaker,  # noqa: ARG002 - pybreaker's interface
        old_state: pybreaker.CircuitBreakerState | None,
        new_state: pybreaker.CircuitBreakerState,
    ) -> None:
        """Called by pybreaker, in the middle of the change."""
        self._changes.append((old_state.name if old_state else "", new_state.name))


class _Told:
    """Which refusal was logged last: one that comes and goes (reading is allowed, writing is not) is logged once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._why = ""
        self._at = float("-inf")
        self._ended = False

    def is_news(self, why: str) -> bool:
        """Whether this refusal has to be logged."""
        with self._lock:
            now = time.monotonic()
            if why == self._why and now - self._at < TELL_AGAIN:
                return False
            self._why, self._at, self._ended = why, now, False
            return True

    def may_end(self, why: str) -> bool:
        """Whether its end has to be logged: once for each refusal that was logged here, and always for another's."""
        with self._lock:
            if why != self._why:
                return True
            ended, self._ended = self._ended, True
            return not ended
