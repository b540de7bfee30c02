"""Calls to one Plex server: the connections, the breaker around each call, and the line in which writes wait."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from plexsync.errors import ItemGone, PlexSyncError, PlexUnavailable
from plexsync.http.breaker import Guard, GuardedCall
from plexsync.plex.pacing import Pace, Pacer, Turn
from plexsync.plex.transport import PlexEndpoint, Transport

#: Oddities of Plex's that are told of, each once.
MOST_TOLD = 100

log = logging.getLogger(__name__)


class Calls:
    """What every call to Plex goes through. Safe to share between threads.

    The parameters are those of ``PlexClient``.
    """

    def __init__(
        self,
        endpoint: PlexEndpoint,
        *,
        breaker: Guard | None = None,
        pool_size: int = 4,
        max_writes_per_second: float = 0.0,
    ) -> None:
        self._transport = Transport(endpoint, pool_size=pool_size)
        self._breaker = breaker
        self._pacer = Pacer(pool_size, max_writes_per_second)
        self._calls: Counter[str] = Counter()
        self._calls_lock = threading.Lock()
        self._told: set[str] = set()
        self._failures = 0
        self._of_thread = threading.local()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._transport.address}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def requests(self) -> int:
        """How many requests to Plex this thread has sent so far, repeats among them."""
        return self._transport.requests

    def close(self) -> None:
        """Close the kept connections."""
        self._transport.close()

    @property
    def calls(self) -> Counter[str]:
        """Requests so far by kind, ``read``, ``write`` and ``upload``; a quick repeat is not counted again."""
        with self._calls_lock:
            return self._calls.copy()

    @property
    def failures(self) -> int:
        """How often Plex did not answer as a Plex that is well would. Where that has grown, it was away."""
        return self._failures

    @contextmanager
    def checked(self, check: Callable[[], object]) -> Iterator[None]:
        """In the block each write of this thread is sent only if ``check`` raises nothing when its turn has come.

        It may have stood in line for long.
        """
        self._of_thread.check = check
        try:
            yield
        finally:
            self._of_thread.check = None

    def ramp_up(self) -> None:
        """Begin with one write at a time again, as Plex has only just come back."""
        self._pacer.restart()

    @property
    def pace(self) -> Pace:
        """How many writes Plex is given, at once and by the second."""
        return self._pacer.pace

    # -----------------------------------------------------------------------------------------------------------------

    def _tell_once(self, text: str) -> None:
        with self._calls_lock:
            is_news = text not in self._told and len(self._told) < MOST_TOLD
            self._told.add(text)
        if is_news:
            log.warning("%s", text)

    def _reading(self, missing: Callable[[], PlexSyncError] | None = None) -> _Call:
        return _Call(self, "read", self._pacer.read(), missing)

    def _writing(self, kind: str, missing: Callable[[], PlexSyncError] | None = None) -> _Call:
        return _Call(self, kind, self._pacer.write(), missing)

    def _admit(self, kind: str, *, writes: bool) -> GuardedCall | None:
        """Let a call through whose turn it is; what its end is to be told to."""
        if writes and (check := getattr(self._of_thread, "check", None)) is not None:
            check()
        call = self._breaker.request() if self._breaker else None
        if call is not None:
            call.__enter__()
        with self._calls_lock:
            self._calls[kind] += 1
        return call

    def _count_failure(self) -> None:
        with self._calls_lock:
            self._failures += 1


class _Call:
    """One call to Plex with the checking of its answer, so that a foreign page counts as a failure of Plex.

    Every request is in such a block, so it is no generator. It waits in line first: the breaker may open meanwhile, and
    its one trial is not to wait behind others.

    :param turn: in line.
    :param missing: makes the error for a 404 where it is no item that is missing.
    """

    __slots__ = ("_calls", "_guarded", "_kind", "_missing", "_turn")

    def __init__(self, calls: Calls, kind: str, turn: Turn, missing: Callable[[], PlexSyncError] | None = None) -> None:
        self._calls = calls
        self._kind = kind
        self._turn = turn
        self._missing = missing
        self._guarded: GuardedCall | None = None

    def __enter__(self) -> Turn:
        turn = self._turn
        turn.__enter__()
        try:
            self._guarded = self._calls._admit(self._kind, writes=turn.waits)
        except BaseException as error:
            turn.__exit__(type(error), error, error.__traceback__)
            raise
        turn.begin()
        return turn

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        told = error
        if isinstance(error, ItemGone) and self._missing is not None:
            told = self._missing()
        elif isinstance(error, PlexUnavailable) and not error.healthy:
            self._calls._count_failure()
        try:
            if self._guarded is not None:
                self._guarded.__exit__(None if told is None else type(told), told, traceback)
        finally:
            self._turn.__exit__(None if told is None else type(told), told, traceback)
        if told is not None and told is not error:
            raise told from None
