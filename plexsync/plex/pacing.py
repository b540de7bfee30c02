"""The pace of writing to Plex: how many at once, how many a second, and not at all for a while when Plex asks for it.

Writes (PUT, POST) stand in one line and are let through first come, first served. Reads do not: Plex answers them
beside its one writer, a worker has at most one in flight, and a scene that reads does not write meanwhile, so the
number of workers bounds them enough. What goes wrong with a read still slows the writes down.

Nobody waits here for longer than those ahead take: each call to Plex is bounded in time, and so is a pause.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from types import TracebackType

from plexsync.errors import CircuitOpen, PlexUnavailable
from plexsync.imports.late_dataclass import dataclass
from plexsync.plex.concurrency import AdaptiveLimit

#: Seconds of a pause that Plex asks for with ``Retry-After``, at most. Longer ones are cut to it: Plex can ask again.
PAUSE_MAX = 300.0
#: Seconds that a write waits for the end of a pause. Then its worker is sent away: short enough for one that is to
#: stop, long enough that a backlog does not run through the workers, each scene reading from Plex before it goes away.
PAUSE_WAITED = 10.0
#: Seconds over which writes per second are counted.
COUNTED = 60

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """The pace at one moment.

    :param limit: writes that may be in flight now.
    :param ceiling: what the limit may grow to.
    :param in_flight: writes in flight.
    :param peak_in_flight: the most there ever were.
    :param waiting: writes in line.
    :param writes_per_second: mean of the last ``COUNTED`` seconds.
    :param paused_for: seconds until writing goes on, 0 when there is no pause.
    """

    limit: int
    ceiling: int
    in_flight: int
    peak_in_flight: int
    waiting: int
    writes_per_second: float
    paused_for: float


class Turn:
    """One request, as far as its pace goes: the block sends it, and raises what came of it. Belongs to one thread.

    :param waits: it is a write, and waits in line until it may be sent.
    """

    __slots__ = ("_began", "_comparable", "_pacer", "waits")

    def __init__(self, pacer: Pacer, *, waits: bool) -> None:
        self._pacer = pacer
        self.waits = waits
        self._began = 0.0
        self._comparable = True

    def __enter__(self) -> Turn:
        if self.waits:
            self._pacer.enter()
        self._began = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if isinstance(error, CircuitOpen):
                self._pacer.restart()
            elif isinstance(error, PlexUnavailable):
                self.failed(error)
        finally:
            if self.waits:
                self._pacer.leave()

    def begin(self) -> None:
        """The request is sent now; what came before is no latency of Plex."""
        self._began = time.monotonic()

    def succeeded(self, kind: str) -> None:
        """It worked. To be left out for what Plex answers before it does it.

        :param kind: of write; those of one kind are compared.
        """
        if self._comparable:
            self._pacer.succeeded(kind, self._began)

    def repeated(self) -> None:
        """It failed in passing and is sent again soon."""
        self._comparable = False
        self._pacer.repeated(self._began)

    def failed(self, error: PlexUnavailable) -> None:
        """Plex refused it for now, or did not answer."""
        self._pacer.strained(self._began, error.retry_after)


class Pacer:
    """Lets writes through to one Plex. Safe to share between threads; no lock is held while a request runs.

    The number in flight is an ``AdaptiveLimit``. The number a second is kept by a token bucket that holds a single
    token: writes are spread evenly and never come in a burst, not even after a rest.

    :param ceiling: writes in flight at most: the number of workers.
    :param max_writes_per_second: more than 0; 0 for no such bound. A quick repeat is counted, but does not wait.
    """

    def __init__(self, ceiling: int, max_writes_per_second: float = 0.0) -> None:
        self._limit = AdaptiveLimit(ceiling)
        self._interval = 1 / max_writes_per_second if max_writes_per_second else 0.0
        self._lock = threading.Lock()
        self._line: deque[threading.Condition] = deque()
        self._in_flight = 0
        self._peak_in_flight = 0
        self._next_write_at = self._paused_until = float("-inf")
        self._counts = _Counts()

    @property
    def pace(self) -> Pace:
        """How it stands now."""
        with self._lock:
            now = time.monotonic()
            return Pace(
                limit=self._limit.limit,
                ceiling=self._limit.ceiling,
                in_flight=self._in_flight,
                peak_in_flight=self._peak_in_flight,
                waiting=len(self._line),
                writes_per_second=self._counts.total(now) / COUNTED,
                paused_for=max(0.0, self._paused_until - now),
            )

    def restart(self) -> None:
        """Begin with one write at a time, as after an outage."""
        with self._lock:
            self._limit.restart(time.monotonic())

    def write(self) -> Turn:
        """Wait in line until a write may be sent. The block sends it, and raises what came of it.

        :raises CircuitOpen: Plex asked for a pause that is not over after ``PAUSE_WAITED``; the block was not entered.
        """
        return Turn(self, waits=True)

    def read(self) -> Turn:
        """Do not wait. The block sends a read, and raises what came of it."""
        return Turn(self, waits=False)

    def succeeded(self, kind: str, began: float) -> None:
        """What ``Turn.succeeded`` says; ``began`` in seconds of the monotonic clock."""
        with self._lock:
            self._limit.succeeded(kind, began, time.monotonic())

    def repeated(self, began: float) -> None:
        """What ``Turn.repeated`` says."""
        with self._lock:
            now = time.monotonic()
            self._limit.strained(began, now)
            self._spend(now)

    def strained(self, began: float, retry_after: float | None) -> None:
        """What ``Turn.failed`` says.

        :param retry_after: seconds Plex asks to be left alone, or None.
        """
        pause = min(retry_after or 0.0, PAUSE_MAX)
        with self._lock:
            now = time.monotonic()
            self._limit.strained(began, now)
            begins = pause > 0 and self._paused_until <= now
            self._paused_until = max(self._paused_until, now + pause)
            self._call_next()
        if begins:
            _log.info("Plex asks for a pause: nothing is written to it for %.0f s", pause)

    def enter(self) -> None:
        """Wait in line, for ``Turn``."""
        with self._lock:
            patient_until = time.monotonic() + PAUSE_WAITED
            if self._line or self._until_admitted(patient_until) != 0:
                self._wait_in_line(patient_until)
            else:
                self._begin()

    def _wait_in_line(self, patient_until: float) -> None:
        place = threading.Condition(self._lock)
        self._line.append(place)
        try:
            while (seconds := self._until_turn(place, patient_until)) != 0:
                place.wait(seconds)
            self._begin()
        finally:
            # Also where the wait was interrupted: a place that nobody holds would stop all behind it.
            self._line.remove(place)
            self._call_next()

    def _begin(self) -> None:
        self._in_flight += 1
        self._peak_in_flight = max(self._peak_in_flight, self._in_flight)
        self._spend(time.monotonic())

    def leave(self) -> None:
        """A write is over, for ``Turn``."""
        with self._lock:
            self._in_flight -= 1
            self._call_next()

    def _until_turn(self, place: threading.Condition, patient_until: float) -> float | None:
        """Seconds that this place in line has to wait, None for until it is called."""
        return None if self._line[0] is not place else self._until_admitted(patient_until)

    def _until_admitted(self, patient_until: float) -> float | None:
        """Seconds until the one whose turn it is may begin, None for until a write is done."""
        now = time.monotonic()
        pause = self._paused_until - now
        if pause > 0:
            if now >= patient_until:
                raise CircuitOpen(f"Plex asked for a pause: nothing is written to it for {pause:.0f} s", pause)
            return min(pause, patient_until - now)
        if not self._limit.admits(self._in_flight, now):
            return None
        return max(0.0, self._next_write_at - now)

    def _call_next(self) -> None:
        if self._line:
            self._line[0].notify()

    def _spend(self, now: float) -> None:
        """Take a token for a request that is sent at ``now``, or soon."""
        self._next_write_at = max(self._next_write_at, now) + self._interval
        self._counts.add(now)


class _Counts:
    """How often something happened in the last ``COUNTED`` seconds, kept by the second."""

    def __init__(self) -> None:
        self._by_second: deque[list[int]] = deque()

    def add(self, now: float) -> None:
        second = int(now)
        if self._by_second and self._by_second[-1][0] == second:
            self._by_second[-1][1] += 1
        else:
            self._by_second.append([second, 1])
            self._forget(second)

    def total(self, now: float) -> int:
        self._forget(int(now))
        return sum(count for _, count in self._by_second)

    def _forget(self, second: int) -> None:
        while self._by_second and self._by_second[0][0] <= second - COUNTED:
            self._by_second.popleft()
