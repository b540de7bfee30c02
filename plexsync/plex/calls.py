"""Calls to one Plex server: the connections, the breaker around each call, and the line in which writes wait."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from types import TracebackType
from typing import Self

from plexsync.errors import ItemGone, PlexSyncError, PlexUnavailable
from plexsync.http.breaker import Guard
from plexsync.plex.pacing import Pace, Pacer, Turn
from plexsync.plex.transport import Transport

#: Oddities of Plex's that are told of, each once.
MOST_TOLD = 100

log = logging.getLogger(__name__)


class Calls:
    """What every call to Plex goes through. Safe to share between threads.

    The parameters are those of ``PlexClient``.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        client_identifier: str,
        verify: bool | str = True,
        connect_timeout: float = 3.05,
        read_timeout: float = 10.0,
        breaker: Guard | None = None,
        pool_size: int = 4,
        max_writes_per_second: float = 0.0,
    ) -> None:
        self._transport = Transport(
            url,
            token,
            verify=verify,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            client_identifier=client_identifier,
            pool_size=pool_size,
        )
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

    @contextmanager
    def _reading(self, missing: Callable[[], PlexSyncError] | None = None) -> Iterator[None]:
        with self._pacer.read(), self._guarded("read", missing):
            yield

    @contextmanager
    def _writing(self, kind: str, missing: Callable[[], PlexSyncError] | None = None) -> Iterator[Turn]:
        # In line first: the breaker may open meanwhile, and its one trial is not to wait behind others.
        with self._pacer.write() as turn:
            if (check := getattr(self._of_thread, "check", None)) is not None:
                check()
            with self._guarded(kind, missing):
                turn.begin()
                yield turn

    @contextmanager
    def _guarded(self, kind: str, missing: Callable[[], PlexSyncError] | None = None) -> Iterator[None]:
        """One call to Plex with the checking of its answer, so that a foreign page counts as a failure of Plex.

        :param missing: makes the error for a 404 where it is no item that is missing.
        """
        with self._breaker.request() if self._breaker else nullcontext():
            with self._calls_lock:
                self._calls[kind] += 1
            try:
                yield
            except ItemGone:
                if missing is None:
                    raise
                raise missing() from None
            except PlexUnavailable as error:
                if not error.healthy:
                    with self._calls_lock:
                        self._failures += 1
                raise
