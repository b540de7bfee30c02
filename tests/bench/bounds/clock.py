"""Time that passes only when all have said how long they wait, and servers that people stand in line for."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Generator

from plexsync.plex.concurrency import AdaptiveLimit

#: A process yields the seconds that it waits, or None to wait until it is woken.
Process = Generator[float | None, None, None]


class SimulatedClock:
    """Runs processes in the order of their times; those of one time in the order in which they began to wait."""

    def __init__(self) -> None:
        self.now = 0.0
        self._line: list[tuple[float, int, Process]] = []
        self._number = 0
        self._current: Process | None = None

    @property
    def current(self) -> Process:
        """The process that runs; for whoever makes it wait.

        :raises RuntimeError: none does.
        """
        if self._current is None:
            raise RuntimeError("no process runs")
        return self._current

    def start(self, process: Process, after: float = 0.0) -> None:
        """Let a process begin, or a waiting one go on, after so many seconds."""
        self._number += 1
        heapq.heappush(self._line, (self.now + after, self._number, process))

    def run(self, until: float) -> None:
        """Let time pass until this second, or until nobody waits for a time any more."""
        while self._line and self._line[0][0] <= until:
            self.now, _, self._current = heapq.heappop(self._line)
            try:
                wait = next(self._current)
            except StopIteration:
                continue
            if wait is not None:
                self.start(self._current, wait)
        self._current = None


class Server:
    """One that serves one at a time, first come, first served.

    :param switch: seconds after which it turns to the next in line, who is not done stands in line again; 0 for never.
    """

    def __init__(self, clock: SimulatedClock, switch: float = 0.0) -> None:
        self._clock, self._switch = clock, switch
        self._is_busy = False
        self._line: deque[Process] = deque()
        #: Seconds in which it served.
        self.served = 0.0

    def serve(self, seconds: float) -> Process:
        """Wait in line, and be served for so long."""
        while seconds > 1e-9:
            if self._is_busy:
                self._line.append(self._clock.current)
                yield None
            self._is_busy = True
            part = min(seconds, self._switch or seconds)
            yield part
            self.served += part
            seconds -= part
            if self._line:
                self._clock.start(self._line.popleft())
            else:
                self._is_busy = False


class PacedWriter:
    """Plex's one writer behind PlexSync's pace of writing, which is the program's own ``AdaptiveLimit``.

    :param seconds: of one write.
    :param ceiling: writes in flight at most.
    """

    def __init__(self, clock: SimulatedClock, seconds: float, ceiling: int) -> None:
        self._clock, self._seconds = clock, seconds
        self._writer = Server(clock)
        self._limit = AdaptiveLimit(ceiling)
        self._in_flight = 0
        self._line: deque[Process] = deque()
        self.writes = 0

    def write(self, kind: str) -> Process:
        """Wait in line until the write may be sent, and until it is done.

        :param kind: of write; those of one kind are compared.
        """
        if self._line or not self._limit.admits(self._in_flight, self._clock.now):
            self._line.append(self._clock.current)
            yield None
        else:
            self._in_flight += 1
        began = self._clock.now
        yield from self._writer.serve(self._seconds)
        self.writes += 1
        self._limit.succeeded(kind, began, self._clock.now)
        self._in_flight -= 1
        while self._line and self._limit.admits(self._in_flight, self._clock.now):
            self._in_flight += 1
            self._clock.start(self._line.popleft())
