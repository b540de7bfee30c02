"""Leaving Plex alone while it is down: a circuit breaker around calls that run side by side.

pybreaker keeps the rules (count failures, open, try again after a while), but holds its lock while the guarded function
runs, so that all threads would take turns. Here it is asked twice per call, for the decision and with the outcome, and
not in between. It also lets any number of calls through when it is half-open; here exactly one goes ahead as a trial.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import pybreaker

from plexsync.errors import CircuitOpen, PlexSyncError, PlexUnavailable
from plexsync.plex.refusals import RateLimited

#: Seconds to wait where another call is on trial: how long that takes is not known, but it is bounded and short.
TRIAL_WAIT = 1.0

#: Called with the old state, the new state, and the error that caused the change (None where none did).
OnChange = Callable[[str, str, PlexUnavailable | None], None]
_Changes = list[tuple[str, str]]

_log = logging.getLogger(__name__)


class Guard:
    """Decides whether a call may go to Plex, and learns from how it went. Safe to share between threads.

    Only ``PlexUnavailable`` counts as a failure. Any other error of ours is an answer of a healthy server, and so is
    ``RateLimited``. An error that is not ours (a bug, an interrupt) says nothing about Plex and counts as neither.

    :param fail_max: failures in a row that open the breaker.
    :param reset_timeout: seconds it stays open before a call is let through as a trial.
    :param storage: where the state is kept; None for this process's memory.
    :param on_change: told once of each change, outside all locks, by the thread whose call caused it.
    """

    def __init__(
        self,
        fail_max: int,
        reset_timeout: float,
        storage: pybreaker.CircuitBreakerStorage | None = None,
        on_change: OnChange | None = None,
    ) -> None:
        self._storage = storage or pybreaker.CircuitMemoryStorage(pybreaker.STATE_CLOSED)
        self._changes: _Changes = []
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=fail_max,
            reset_timeout=reset_timeout,
            state_storage=self._storage,
            listeners=[_Listener(self._changes)],
            throw_new_error_on_trip=False,
            name="plex",
        )
        self._on_change = on_change
        self._lock = threading.Lock()
        self._on_trial = False

    @property
    def state(self) -> str:
        """``closed``, ``open`` or ``half-open``."""
        return self._breaker.current_state

    def remaining(self) -> float:
        """Seconds until a call would be let through; 0 when one would be now."""
        with self._lock:
            return self._remaining()

    @contextmanager
    def request(self) -> Iterator[None]:
        """Guard the calls to Plex in the block, which count as one.

        :raises CircuitOpen: Plex is left alone for now; the block was not entered.
        """
        trial = self._admit()
        try:
            yield
        except PlexUnavailable as error:
            self._record(trial, None if isinstance(error, RateLimited) else error)
            raise
        except PlexSyncError:
            self._record(trial, None)
            raise
        except BaseException:
            self._release(trial)
            raise
        else:
            self._record(trial, None)

    def _admit(self) -> bool:
        """Let the caller through; True when it is the one on trial."""
        with self._lock:
            state = self._breaker.current_state
            if state == pybreaker.STATE_CLOSED:
                return False
            remaining = self._remaining()
            if remaining > 0:
                raise CircuitOpen(f"Plex has failed too often and is left alone for {remaining:.0f} s", remaining)
            if state == pybreaker.STATE_OPEN:
                self._breaker.half_open()
            self._on_trial = True
            changes = self._take_changes()
        self._tell(changes, None)
        return True

    def _remaining(self) -> float:
        state = self._breaker.current_state
        if state == pybreaker.STATE_CLOSED:
            return 0.0
        if state == pybreaker.STATE_HALF_OPEN:
            return TRIAL_WAIT if self._on_trial else 0.0
        opened_at = self._storage.opened_at
        passed = (datetime.now(UTC) - opened_at).total_seconds() if opened_at else -1.0
        # Opened in the future: the clock was set back since, so nobody knows how long ago it was.
        return max(0.0, self._breaker.reset_timeout - passed) if passed >= 0 else 0.0

    def _record(self, trial: bool, failure: PlexUnavailable | None) -> None:
        """Tell pybreaker how the call went."""
        with self._lock:
            try:
                # A call that began before the breaker opened says nothing about Plex now; only the trial does.
                if trial or self._breaker.current_state == pybreaker.STATE_CLOSED:
                    self._count(failure)
            finally:
                self._on_trial = self._on_trial and not trial
            changes = self._take_changes()
        self._tell(changes, failure)

    def _count(self, failure: PlexUnavailable | None) -> None:
        def outcome() -> None:
            if failure is not None:
                # Not the error itself, which would gather frames of pybreaker on its traceback.
                raise PlexUnavailable(str(failure))

        with suppress(PlexUnavailable):
            self._breaker.call(outcome)

    def _release(self, trial: bool) -> None:
        """The trial ended without showing anything: the next call is one."""
        with self._lock:
            self._on_trial = self._on_trial and not trial

    def _take_changes(self) -> _Changes:
        changes = self._changes.copy()
        self._changes.clear()
        return changes

    def _tell(self, changes: _Changes, cause: PlexUnavailable | None) -> None:
        for old, new in changes:
            if new == pybreaker.STATE_OPEN:
                _log.warning("Plex is left alone for %g s: %s", self._breaker.reset_timeout, cause)
            else:
                _log.info("Plex breaker: %s, was %s", new, old)
            if self._on_change is not None:
                self._on_change(old, new, cause)


class _Listener(pybreaker.CircuitBreakerListener):
    """Notes changes for the guard, which passes them on once its lock is free."""

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
