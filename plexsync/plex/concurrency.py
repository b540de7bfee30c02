"""How many writes Plex is given at once, found out from how long they take.

The algorithm is TCP Vegas (Brakmo and Peterson, 1995), carried over from packets to requests as Netflix's
concurrency-limits does in its ``VegasLimit``. Plex lets one write at a time into its database. What is sent beyond that
waits there, in the way of what its viewers do, and shows in the latency: of ``limit`` writes in flight
``limit * (1 - baseline / latency)`` are waiting, where the baseline is the latency of a write that is alone. Few
waiting: the limit grows by one. Many: it falls, by up to a half. A Plex that works on many writes at once keeps its
latency, and gets as many as the ceiling allows.

Two things are not from Vegas. The limit is halved, as TCP does for a loss, where Plex refuses or does not answer. And
the baseline is measured on purpose, as TCP BBR does (Cardwell and others, 2016): once a minute the limit is 1 for a
few writes. Otherwise a backlog of an hour, in which no write is ever alone, would pass its own queue off as the
baseline, and the queue would grow.
"""

from __future__ import annotations

from collections import defaultdict, deque

#: Writes waiting at Plex below which the limit grows, and above which it falls. A single writer in Plex is never idle
#: with one waiting, and these end there with 2 waiting (3 in flight), as half a write is left for chance on either
#: side. Vegas has 1 and 3, Linux 2 and 4.
FEW_WAITING = 1.5
MANY_WAITING = 2.5
#: Latencies that are looked at together, at least; with a higher limit as many as the limit. The smallest counts, as in
#: Vegas: large ones have many causes, and are large for an edit of many tags. Of fewer, chance decides.
ROUND_MIN = 5
#: Seconds: a latency below counts as this. A queue that is through in a few milliseconds is in nobody's way, and what
#: differs there is the work of threads and clocks, not of Plex's database.
LATENCY_MIN = 0.005
#: Seconds between two measurements of the baseline. One takes ``ROUND_MIN`` writes: at 200 ms a second of each minute.
MEASURE_EVERY = 60.0
#: Seconds for which the smallest baseline is believed. A Plex busy with a stream slows us down for so long; what lasts
#: longer is how it is now. BBR has 10 s, for paths that change faster than servers.
BASELINE_AGE = 600.0
#: Failures in a row after which Plex is taken to be away. One or two happen to a Plex that is there.
AWAY_AFTER = 3


class AdaptiveLimit:
    """The number of writes that may be in flight. Not safe to share between threads: the caller has a lock.

    It starts at 1. Times are seconds of one clock that never goes back; a write whose ``began`` is before the last
    change of the limit says nothing about the limit as it is now, and is ignored.

    :param ceiling: the largest limit, 1 or more.
    """

    def __init__(self, ceiling: int) -> None:
        self.ceiling = ceiling
        self.limit = 1
        self._baselines: defaultdict[str, _Baseline] = defaultdict(_Baseline)
        self._measured_at = float("-inf")
        #: The limit to go back to once the baseline is measured; None while it is not being measured on purpose.
        self._interrupted: int | None = None
        self._failures = 0
        self._settling = 0
        self._reached: bool
        self._begin_round(float("-inf"))

    def admits(self, in_flight: int, now: float) -> bool:
        """Whether one more may begin beside those in flight."""
        if self.limit > 1 and now - self._measured_at >= MEASURE_EVERY:
            self._interrupted = self.limit
            self._change(1, now)
        if in_flight < self.limit:
            # A limit that nobody reaches was not tried.
            self._reached = self._reached or in_flight + 1 == self.limit
            return True
        return False

    def succeeded(self, kind: str, began: float, now: float) -> None:
        """A write took from ``began`` until ``now``.

        :param kind: writes of one kind are compared with each other: a rating is quicker than an upload by nature.
        """
        self._failures = 0
        if began < self._round_began:
            return
        if self._settling:
            self._settling -= 1
            return
        self._samples += 1
        self._quickest[kind] = min(self._quickest[kind], max(now - began, LATENCY_MIN))
        if self._samples >= max(ROUND_MIN, self.limit):
            self._end_round(now)

    def strained(self, began: float, now: float) -> None:
        """Plex refused (429, 5xx) or did not answer what began at ``began``: half the limit.

        Once for all that were in flight together, but 1 after ``AWAY_AFTER`` with no success between them.
        """
        self._failures += 1
        if self._failures >= AWAY_AFTER:
            self.restart(now)
        if began < self._round_began:
            return
        if self._interrupted is not None:
            self._interrupted = _half(self._interrupted)
        self._change(_half(self.limit), now)

    def restart(self, now: float) -> None:
        """Plex is away: begin with 1 when it is back."""
        self._interrupted = None
        self._change(1, now)

    def _end_round(self, now: float) -> None:
        if self.limit == 1:
            self._measured_at = now
            for kind, seconds in self._quickest.items():
                self._baselines[kind].measured(now, seconds)
        if self._interrupted is not None:
            before, self._interrupted = self._interrupted, None
            self._change(before, now)
            return
        # What is not waiting: as many as Plex works on at a time.
        at_work = self.limit * min(1.0, self._speed())
        waiting = self.limit - at_work
        if waiting > MANY_WAITING:
            # One more than are worked on, so that the next one is there when Plex is done.
            self._change(max(_half(self.limit), round(at_work) + 1), now)
        elif waiting < FEW_WAITING and self._reached:
            self._change(min(self.limit + 1, self.ceiling), now)
        else:
            self._begin_round(now)

    def _speed(self) -> float:
        """Baseline by latency in this round; infinite where no kind in it has a baseline."""
        return max(self._baselines[kind].seconds / seconds for kind, seconds in self._quickest.items())

    def _change(self, limit: int, now: float) -> None:
        # The first writes under a higher limit find fewer in flight than there will be.
        self._settling = limit if limit > self.limit else 0
        self.limit = limit
        self._begin_round(now)

    def _begin_round(self, now: float) -> None:
        self._round_began = now
        self._samples = 0
        self._quickest: defaultdict[str, float] = defaultdict(lambda: float("inf"))
        self._reached = False


class _Baseline:
    """The latency of a write that is alone: the smallest that was measured in ``BASELINE_AGE`` seconds."""

    def __init__(self) -> None:
        #: Infinite as long as there is none.
        self.seconds = float("inf")
        #: When, and the smallest in the ``MEASURE_EVERY`` seconds from then on.
        self._smallest: deque[tuple[float, float]] = deque()

    def measured(self, now: float, seconds: float) -> None:
        if self._smallest and now - self._smallest[-1][0] < MEASURE_EVERY:
            since, before = self._smallest.pop()
            self._smallest.append((since, min(before, seconds)))
        else:
            self._smallest.append((now, seconds))
        while now - self._smallest[0][0] > BASELINE_AGE:
            self._smallest.popleft()
        self.seconds = min(smallest for _, smallest in self._smallest)


def _half(limit: int) -> int:
    return max(1, limit // 2)
